"""`detente report`: everything that can be asked of a case, on one page."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.present.cli.interrupts import answerable, keeps
from detente.present.cli.options import OUTPUT, SLIDERS, VARY, command, end, print_json, stop, told, varied

if TYPE_CHECKING:
    from detente.present.view import Shown
    from detente.study.dossier import Dossier
    from detente.study.study import Study

SAYS = """Answer every question about a case in one report, with pictures and tables. Takes minutes.

The file is rewritten after each question, so that Ctrl-C leaves a report of what has been done so far.
"""
OPTIONS: dict[str, Any] = {
    "file": (
        Annotated[
            Path | None,
            typer.Argument(
                help="The file to write. [default: reports/CASE-whole.html]", show_default=False, dir_okay=False,
            ),
        ],
        None,
    ),
    "only": (
        Annotated[
            list[str] | None,
            typer.Option(
                "--only", metavar="QUESTION", rich_help_panel=OUTPUT,
                help=(
                    "Besides the answers of run, ask only this question (tip, sense, ...). Repeatable. [default: every "
                    "question]"
                ),
            ),
        ],
        None,
    ),
    "against": (
        Annotated[
            str | None,
            typer.Option(
                metavar="CASE", help="Another case or file to compare with. [default: none]", show_default=False,
                rich_help_panel=OUTPUT,
            ),
        ],
        None,
    ),
    **SLIDERS,
    **VARY,
}  # fmt: skip


def outputs(name: str, given: dict[str, Any]) -> dict[str, Path | None]:
    """Where the page of a case goes."""
    return {"the page": given["file"] or Path("reports") / f"{name}-whole.html"}


def finish(study: Study, _: Shown, given: dict[str, Any]) -> None:
    """Ask what is wanted, write the page, say what was found, and end."""
    from detente.study.dossier import Part, dossier
    from detente.study.questions.variants import variants

    page = outputs(study.model.name, given)["the page"]
    assert page is not None
    options = shlex.join(_options(given["set"], given["perception"], given["method"]))
    keep, unwritten = _keeper(study, page, options, given["sliders"]), ""
    with told(), answerable(), _watched() as watch:
        try:
            beside = [Part("variants", asked, variants(study, **asked))] if (asked := varied(given)) else []
            found = dossier(
                study, given["only"] or (), against=given["against"], beside=beside, progress=watch, keep=keep
            )
        except _Unwritten as error:  # what was found is shown all the same
            found, unwritten = error.found, str(error)
    if given["as_json"]:
        written = None if unwritten else str(page)
        print_json({"case": study.model.name, "written": written, **forms(found, given["seed"])})
    else:
        _show(found, [] if unwritten else [page])
    if unwritten:
        stop(unwritten)
    end(float(study.converged.mean()), found.interrupted or study.interrupted)


def forms(found: Dossier, seed: int) -> dict[str, Any]:
    """The answers as the commands for single questions give them in JSON, and what is missing."""
    from detente.present.form import form
    from detente.study.registry import find

    study = found.study
    made: dict[str, list[Any]] = {"run": [form(find("run"), study, {})]}
    for part in found.parts:
        arguments = {name: value if isinstance(value, (int, float)) else str(value) for name, value in
                     part.arguments.items()}  # fmt: skip
        made.setdefault(part.question, []).append(form(find(part.question), part.answer, {"asked": arguments}))
    return {"seed": seed, "answers": made, "left_out": dict(found.left_out), "interrupted": found.interrupted}


def _keeper(study: Study, page: Path, options: str, sliders: bool) -> Callable[[Dossier], None]:
    """Writes the page again with what is found so far."""
    from detente.present.report.report import Report

    report, written = Report(study, command(), options, sliders=sliders), [0]
    keeps(lambda: f"{page} has what was found" if written[0] else "")

    def keep(found: Dossier) -> None:
        try:
            page.parent.mkdir(parents=True, exist_ok=True)
            report.write(page, found)
            written[0] += 1
        except OSError as error:
            raise _Unwritten(f"the report cannot be written to {page}: {error.strerror or error}", found) from error

    return keep


class _Unwritten(Exception):
    """The page cannot be written, so that nothing more is asked for it; what was found by then."""

    def __init__(self, message: str, found: Dossier) -> None:
        super().__init__(message)
        self.found = found


def _options(set_: list[str] | None, perception: str | None, method: str | None) -> list[str]:
    """The options that the commands for single parts share with this one."""
    made = [part for item in set_ or () for part in ("--set", item)]
    made += ["--perception", perception] if perception else []
    return made + (["--method", method] if method else [])


@contextmanager
def _watched() -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar on standard error with the name of what is asked, where somebody is watching."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars

    from detente.present.terminal.console import screen
    from detente.study.registry import find

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=screen(stderr=True), transient=True) as bar:
        task = bar.add_task("asking", total=None)

        def advance(part: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=find(part).summary.partition(":")[0])

        yield advance


def _show(found: Dossier, written: list[Path]) -> None:
    """What `detente report` prints."""
    from rich.markup import escape

    from detente.present.terminal.console import console
    from detente.present.views.run import show_study

    show_study(found.study, written, found.turning)
    for name, why in found.left_out.items():
        console.print(f"[dim]left out: {escape(name)}: {escape(why)}[/dim]", soft_wrap=True)
