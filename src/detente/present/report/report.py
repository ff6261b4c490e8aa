"""The report: a study as one page to read and to print. It conducts; the sections are made next door."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from detente.analyse.counterfactual.statics import StaticResult
from detente.analyse.thresholds.breaking import Breaking
from detente.present.report import assumptions, closing, grounds, opening, results, whole
from detente.present.report.frame import Section, page, version
from detente.study.dossier import Dossier
from detente.study.study import Study


def write_report(
    study: Study,
    path: Path,
    command: str,
    statics: list[StaticResult] | None = None,
    turning: Sequence[Breaking] = (),
    found: Dossier | None = None,
    options: str = "",
) -> None:
    """Write the report of a study to `path`, as one HTML file that needs nothing else. Equal studies give equal bytes.

    `command` is the command line that made the study; `statics` adds the results of its comparative statics,
    `turning` the smallest changes of assumptions that turn claims. `found`, a dossier, adds everything in it, these two
    included; `options` of the command line are added to the commands that ask each part alone.
    """
    path.write_bytes(report(study, command, statics, turning, found, options).encode("utf-8", "replace"))


def report(
    study: Study,
    command: str,
    statics: Sequence[StaticResult] | None = None,
    turning: Sequence[Breaking] = (),
    found: Dossier | None = None,
    options: str = "",
) -> str:
    """The text of the page."""
    asked = found or Dossier(study)
    statics, turning = statics or asked.statics, turning or asked.breaking
    rated = study.scores
    methods = whole.references(asked)
    sections = [
        Section("follows", "What follows", opening.what_follows(study, rated, turning)),
        Section("outcomes", "How it may end", results.outcomes(study)),
        Section("course", "The course of events", results.course_of_events(study)),
        Section("claims", "Claims and verdicts", results.claims(study)),
        Section("drivers", "Which assumptions carry it", results.drivers(study)),
        *whole.flips(asked, options),
        *whole.threads(asked, options),
        Section("why", "Why they act so", results.why(study)),
        *whole.views(asked, options),
        *whole.unknowns(asked, options),
        Section("assumptions", "Assumptions and their sources", assumptions.assumptions(study)),
        Section("mechanisms", "Mechanisms", [whole.tried(asked, options), grounds.mechanisms(study, statics)]),
        Section("evidence", "Evidence, and what others expected", grounds.evidence(study, rated)),
        Section("certificate", "Certificate", [closing.certificate(study), whole.missing(asked)]),
        Section(
            "references", "References, and how to do it again", closing.references(study, command, statics, methods)
        ),
    ]
    return page(
        study.model.title,
        opening.head(study, turning, asked.interrupted),
        sections,
        f"Made by Detente {version()}. This page loads nothing and runs nothing.",
    )
