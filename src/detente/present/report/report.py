"""The report: a study as one page to read and to print. It conducts; the sections are made next door."""

from __future__ import annotations

from pathlib import Path

from detente.analyse.evidence.score import scores
from detente.output import write_whole
from detente.present.html.section import Section
from detente.present.report import assumptions, closing, grounds, opening, results, whole
from detente.present.report.frame import page, version
from detente.study.dossier import Dossier
from detente.study.study import Study


def write_report(study: Study, path: Path, command: str = "", found: Dossier | None = None, options: str = "") -> None:
    """Write the report of a study to `path`, as one HTML file that needs nothing else. Equal studies give equal bytes.

    `command` is the command line that made the study. `found`, a dossier, adds everything in it; `options` of the
    command line are added to the commands that ask each part alone. Raises OSError.
    """
    write_whole(path, report(study, command, found, options).encode("utf-8", "replace"))


def report(study: Study, command: str = "", found: Dossier | None = None, options: str = "") -> str:
    """The text of the page."""
    asked = found or Dossier(study)
    tried = [result for results in asked.of("statics") for result in results]
    rated = scores(study.model, study.ask)
    methods = whole.references(asked)
    sections = [
        Section("follows", "What follows", opening.what_follows(study, rated, asked.turning)),
        Section("outcomes", "How it may end", results.outcomes(study)),
        Section("course", "The course of events", results.course_of_events(study)),
        Section("claims", "Claims and verdicts", results.claims(study)),
        Section("drivers", "Which assumptions carry it", results.drivers(study)),
        *whole.sections(asked, options, ("forecast", "thresholds", "counterfactual")),
        Section("why", "Why they act so", results.why(study)),
        *whole.sections(asked, options, ("perceptions", "sensitivity", "information")),
        Section("assumptions", "Assumptions and their sources", assumptions.assumptions(study)),
        Section("mechanisms", "Mechanisms", [whole.apart(asked, "statics", options), grounds.mechanisms(study, tried)]),
        Section("evidence", "Evidence, and what others expected", grounds.evidence(study, rated)),
        *whole.sections(asked, options, ("evidence",)),
        Section("certificate", "Certificate", [closing.certificate(study), whole.missing(asked)]),
        Section("references", "References, and how to do it again", closing.references(study, command, tried, methods)),
    ]
    return page(
        study.model.title,
        opening.head(study, asked.turning, asked.interrupted),
        sections,
        f"Made by Detente {version()}. This page loads nothing and runs nothing.",
    )
