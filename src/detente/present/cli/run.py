"""What `detente run` does with its answer: beside showing it, it writes the report and the results."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.output import is_special
from detente.present.cli.interrupts import answerable
from detente.present.cli.options import (
    OUTPUT,
    SLIDERS,
    VARY,
    command,
    end,
    print_json,
    progress,
    stop,
    told,
    varied,
    waiting,
)

if TYPE_CHECKING:
    from detente.analyse.thresholds.breaking import Breaking
    from detente.present.view import Shown
    from detente.study.dossier import Part
    from detente.study.study import Study

REPORT, RESULTS = "the report", "the results"
OPTIONS: dict[str, Any] = {
    "out": (
        Annotated[
            Path | None,
            typer.Option(
                help="The folder for the report and the results. [default: reports]", file_okay=False,
                show_default=False, rich_help_panel=OUTPUT,
            ),
        ],
        None,
    ),
    "report": (
        Annotated[
            Path | None,
            typer.Option(
                metavar="[FILE.html]", dir_okay=False, show_default=False, rich_help_panel=OUTPUT,
                help="Where the report goes. The results go beside it as FILE.nc, or to the folder of --out. "
                "[default: reports/CASE.html; with --json: no report]",
            ),
        ],
        None,
    ),
    "no_report": (
        Annotated[
            bool, typer.Option("--no-report", help="Write neither report nor results.", rich_help_panel=OUTPUT)
        ],
        False,
    ),
    **SLIDERS,
    **VARY,
}  # fmt: skip


def begin(given: dict[str, Any]) -> None:
    """Before anything is solved: stop where options say opposite things."""
    if given["no_report"] and (given["report"] or given["out"]):
        stop("--no-report writes nothing, and --report and --out say where: give one or the other")
    if given["sliders"] and (given["no_report"] or (given["as_json"] and not given["report"] and not given["out"])):
        stop("--sliders stand in the report, and none is written: give --report or --out, or leave it out")
    varied(given)


def outputs(name: str, given: dict[str, Any]) -> dict[str, Path | None]:
    """Where the report and the results of a case go. A report that goes into a pipe has no results beside it."""
    out, report = given["out"], given["report"]
    if given["no_report"] or (out is None and report is None and given["as_json"]):
        return {}
    folder = out or (report.parent if report else Path("reports"))
    results = folder / f"{report.stem if report and out is None else name}.nc"
    piped = report is not None and out is None and is_special(report)
    return {REPORT: report or folder / f"{name}.html", RESULTS: None if piped else results}


def finish(study: Study, shown: Shown, given: dict[str, Any]) -> None:
    """Show the answers, after writing them where that is wanted, and end.

    Interrupted on the way there, the draws are solved all the same: their answers are shown, and nothing slow is begun.
    """
    from detente.present.form import form
    from detente.study.dossier import Part
    from detente.study.questions.variants import variants
    from detente.study.registry import find

    as_json, places, made = given["as_json"], outputs(study.model.name, given), Made()
    try:
        with answerable():
            if (asked := varied(given)) and not study.interrupted:
                with told(), progress("draws", study.how.store) as watch:
                    made.beside.append(Part("variants", asked, variants(study, **asked, progress=watch)))
            if not study.interrupted and (places or not as_json):  # what is there is worth more than a part
                make(study, places, made, given["sliders"])
    except KeyboardInterrupt:
        study = replace(study, interrupted=True)
    head = {"case": study.model.name, "seed": given["seed"]}
    if as_json and made.beside:
        print_json(form(find("variants"), made.beside[0].answer, head))
    elif as_json:
        print_json(form(shown.question, study, head))
    else:
        from detente.present.views.run import show_study

        show_study(study, made.written, made.turning, [part.answer for part in made.beside])
    if made.unwritten:
        stop("\n".join(made.unwritten))
    end(float(study.converged.mean()), study.interrupted)


@dataclass
class Made:
    """What was found and written beside the answers."""

    turning: list[Breaking] = field(default_factory=list)
    beside: list[Part] = field(default_factory=list)  # what else was asked
    written: list[Path] = field(default_factory=list)
    unwritten: list[str] = field(default_factory=list)  # why not


def make(study: Study, places: dict[str, Path | None], made: Made, sliders: bool = False) -> None:
    """Find what would flip the claims, and write what is wanted. Raises KeyboardInterrupt."""
    from detente.present.report.report import write_report
    from detente.study.dossier import dossier
    from detente.study.tables import write_results

    found = dossier(study, ["breaking"], beside=made.beside)
    if found.interrupted:
        raise KeyboardInterrupt
    made.turning += found.turning
    writers = {REPORT: lambda place: write_report(study, place, command(), found, sliders=sliders),
               RESULTS: lambda place: write_results(study, place)}  # fmt: skip
    for what, place in places.items():
        if place is None:
            continue
        try:  # the answers are shown all the same
            place.parent.mkdir(parents=True, exist_ok=True)
            with waiting(f"writing {what}"):
                writers[what](place)
            made.written.append(place)
        except OSError as error:
            made.unwritten.append(f"{what} cannot be written to {place}: {error.strerror or error}")
