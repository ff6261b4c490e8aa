"""What `detente run` does with its answer: beside showing it, it writes the report and the results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.present.cli.options import OUTPUT, command, end, print_json, stop, waiting

if TYPE_CHECKING:
    from detente.present.view import Shown
    from detente.study.study import Study

OPTIONS: dict[str, Any] = {
    "out": (
        Annotated[
            Path | None,
            typer.Option(help="The folder for the report and the results.", file_okay=False, rich_help_panel=OUTPUT),
        ],
        None,
    ),
    "report": (
        Annotated[
            Path | None,
            typer.Option(
                metavar="FILE.html", dir_okay=False, show_default=False, rich_help_panel=OUTPUT,
                help="Where the report goes; the results go beside it as FILE.nc, or to the folder of --out.",
            ),
        ],
        None,
    ),
    "no_report": (
        Annotated[
            bool, typer.Option("--no-report", help="Write no report and no results.", rich_help_panel=OUTPUT)
        ],
        False,
    ),
}  # fmt: skip


def begin(given: dict[str, Any]) -> None:
    """Before anything is solved: stop where options say opposite things, and say what will be needed."""
    if given["no_report"] and (given["report"] or given["out"]):
        stop("--no-report writes nothing, and --report and --out say where: give one or the other")
    if given["out"] or given["report"] or not given["as_json"]:
        follow_slopes(given)


def follow_slopes(_: dict[str, Any]) -> None:
    """Breaking points will be looked for, which follow slopes: they are compiled beside what is needed first."""
    from detente.solve.compiled import warmup

    warmup.expect("slopes")


def finish(study: Study, shown: Shown, given: dict[str, Any]) -> None:
    """Show the answers, after writing them where that is wanted, and end."""
    from detente.present.form import form
    from detente.present.report.report import write_report
    from detente.present.views.run import show_study
    from detente.study.dossier import Dossier, dossier
    from detente.study.tables import write_results

    as_json, out, report = given["as_json"], given["out"], given["report"]
    wanted = out is not None or report is not None or not as_json
    found = dossier(study, ["breaking"]) if wanted and not study.interrupted else Dossier(study)
    written: list[Path] = []
    unwritten = ""
    if wanted and not given["no_report"]:
        folder = out or (report.parent if report else Path("reports"))
        page = report or folder / f"{study.model.name}.html"
        results = folder / f"{report.stem if report and out is None else study.model.name}.nc"
        try:
            for place in (page.parent, folder):
                place.mkdir(parents=True, exist_ok=True)
            with waiting("writing the report"):
                write_report(study, page, command(), found)
                write_results(study, results)
            written = [page, results]
        except OSError as error:  # the answers are shown all the same
            unwritten = f"the report cannot be written to {report or folder}: {error.strerror or error}"
    if as_json:
        print_json(form(shown.question, study, {"case": study.model.name, "seed": given["seed"]}))
    else:
        show_study(study, written, found.turning)
    if unwritten:
        stop(unwritten)
    end(float(study.converged.mean()), study.interrupted)
