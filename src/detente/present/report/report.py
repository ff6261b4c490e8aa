"""The report: a study as one page to read and to print. It conducts; the sections are made next door."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from detente.analyse.evidence.score import Score, scores
from detente.output import write_whole
from detente.present.html.section import Section
from detente.present.report import assumptions, closing, grounds, opening, results, whole
from detente.present.report.frame import page, set_otherwise, version
from detente.present.report.sliders import Sliders, script
from detente.study.dossier import Dossier
from detente.study.study import Study

RUNS = "This page loads and sends nothing; it runs one script, for its sliders, which its policy allows by its hash."


@dataclass(frozen=True, eq=False)
class Report:
    """The page of a study, to be written again as more is found: what does not change is made once.

    `command` is the command line that made the study; `options` of it are added to the commands that ask each part
    alone. `otherwise`: what the study has otherwise than its case, in words. `sliders`: whether best guesses can be
    moved in the page. Equal studies give equal text.
    """

    study: Study
    command: str = ""
    options: str = ""
    otherwise: tuple[str, ...] = ()
    sliders: bool = False
    _answers: whole.Answers = field(default_factory=dict, init=False, repr=False)

    def text(self, found: Dossier | None = None) -> str:
        """The page with everything in a dossier, if there is one."""
        study, asked, of_study = self.study, found or Dossier(self.study), self._of_study
        answers = whole.answers(asked, self._answers)
        tried = [result for results in asked.of("statics") for result in results]
        methods = [reference for _, a in answers for reference in a.references]

        def on(*topics: str) -> list[Section]:
            return whole.sections(asked, answers, self.options, topics)

        statics = whole.apart(asked, answers, "statics", self.options)
        sections = [
            Section("follows", "What follows", opening.what_follows(study, self._rated, asked.turning)),
            *self._moved,
            *(of_study[key] for key in ("outcomes", "course", "claims", "drivers")),
            *on("forecast", "thresholds", "counterfactual"),
            of_study["why"],
            *on("perceptions", "sensitivity", "information"),
            of_study["assumptions"],
            Section("mechanisms", "Mechanisms", [statics, grounds.mechanisms(study, tried)]),
            of_study["evidence"],
            *on("evidence"),
            Section(
                "certificate", "Certificate",
                [closing.certificate(study), whole.within(answers, "variants"), whole.missing(asked)],
            ),
            Section(
                "references", "References, and how to reproduce this",
                closing.references(study, self.command, tried, methods),
            ),
        ]  # fmt: skip
        return page(
            study.model.title,
            [opening.head(study, asked.turning, asked.interrupted), set_otherwise(self.otherwise)],
            sections,
            f"Made by Detente {version()}. {RUNS if self.sliders else 'This page loads nothing and runs nothing.'}",
            script() if self.sliders else "",
        )

    def write(self, path: str | Path, found: Dossier | None = None) -> None:
        """Write the page as one HTML file that needs nothing else. Raises OSError."""
        write_whole(path, self.text(found).encode("utf-8", "replace"))

    @cached_property
    def _moved(self) -> list[Section]:
        """The sliders, where they are wanted."""
        return [Sliders(self.study, self.command).section] if self.sliders else []

    @cached_property
    def _rated(self) -> list[Score]:
        return scores(self.study.model, self.study.ask)

    @cached_property
    def _of_study(self) -> dict[str, Section]:
        """The sections that tell of nothing but the study."""
        study = self.study
        made = [
            Section("outcomes", "How it may end", results.outcomes(study)),
            Section("course", "The course of events", results.course_of_events(study)),
            Section("claims", "Claims and verdicts", results.claims(study)),
            Section("drivers", "Which assumptions matter most", results.drivers(study)),
            Section("why", "Why they act as they do", results.why(study)),
            Section("assumptions", "Assumptions and their sources", assumptions.assumptions(study)),
            Section("evidence", "Evidence, and what others expected", grounds.evidence(study, self._rated)),
        ]
        return {section.key: section for section in made}


def report(study: Study, command: str = "", found: Dossier | None = None, options: str = "") -> str:
    """The text of a page that is made once."""
    return Report(study, command, options).text(found)


def write_report(
    study: Study,
    path: str | Path,
    command: str = "",
    found: Dossier | None = None,
    options: str = "",
    *,
    sliders: bool = False,
) -> None:
    """Write the report of a study to `path`, as one HTML file that needs nothing else. Equal studies give equal bytes.

    `command` is the command line that made the study. `found`, a dossier, adds everything in it; `options` of the
    command line are added to the commands that ask each part alone. `sliders`: with the best guesses that the answer
    depends on most as sliders, which reweight up to 2,000 of the draws in the page, offline. Raises OSError.
    """
    Report(study, command, options, sliders=sliders).write(path, found)
