"""`detente report`: everything that can be asked of a case, on one page."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.present.options import (
    INTERRUPTED,
    OK,
    UNCONVERGED,
    AsJson,
    Case,
    Draws,
    Keep,
    Method,
    Perception,
    Seed,
    Set,
    Workers,
    changes,
    command,
    kept,
    print_json,
    progress,
    stop,
    told,
)

if TYPE_CHECKING:
    from detente.study.dossier import Dossier
    from detente.study.study import Study


def report(
    case: Case,
    file: Annotated[
        Path | None,
        typer.Argument(help="The page [default: reports/CASE-whole.html].", show_default=False, dir_okay=False),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="PART", help="Only this part beside the answers of run. May be repeated."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="CASE", help="Another case or file to compare with.", show_default=False)
    ] = None,
    draws: Draws = 2000,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    as_json: AsJson = False,
) -> None:
    """Ask a case everything, and write one page with all the answers, pictures and tables. Takes minutes.

    The page is written anew after each part, so that Ctrl-C leaves a page with what is done. Parts: breaking, tip, map,
    what-if, statics, sense, local, discover, learn, worth, perceptions, ablate, compare, claims (how near each is to
    turning).
    """
    from detente.study.dossier import dossier
    from detente.study.run import run

    shelf = kept(store)
    with told(), progress("draws", shelf) as advance:
        study = run(
            case, draws, seed, set=changes(set_), workers=workers, store=shelf, method=method,
            perception=perception.value if perception else None, progress=advance,
        )  # fmt: skip
    page = file or Path("reports") / f"{study.model.name}-whole.html"
    options = shlex.join(_options(set_, perception.value if perception else None, method))
    keep = _keeper(study, page, options)
    with told(), _watched() as watch:
        found = dossier(study, only or (), against=against, progress=watch, keep=keep)
    if as_json:
        print_json({"case": study.model.name, "written": str(page), **form(found)})
    else:
        _show(found, page)
    if found.interrupted or study.interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(OK if study.converged.mean() >= 0.99 else UNCONVERGED)


def _keeper(study: Study, page: Path, options: str) -> Callable[[Dossier], None]:
    """Writes the page anew with what is found so far."""
    from detente.present.report.report import write_report

    made = command()

    def keep(found: Dossier) -> None:
        try:
            page.parent.mkdir(parents=True, exist_ok=True)
            aside = page.with_name(f".{page.name}.part")
            write_report(study, aside, made, found=found, options=options)
            aside.replace(page)
        except OSError as error:
            stop(f"the report cannot be written to {page}: {error.strerror or error}")

    return keep


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

    from detente.present.report.whole import KNOWS
    from detente.present.terminal.console import screen

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=screen(stderr=True), transient=True) as bar:
        task = bar.add_task("asking", total=None)

        def advance(part: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=KNOWS[part])

        yield advance


def form(found: Dossier) -> dict[str, Any]:
    """The answers as the commands for single parts give them in JSON, and what is missing."""
    from detente.present import forms, perceptions, questions_forms, uncertainty_forms

    study = found.study
    made: dict[str, Any] = {"run": study.as_dict()}
    made["breaking"] = questions_forms.breaking(found.all_claims or found.breaking)
    made["tip"] = [questions_forms.tipping(t) for t in found.tips]
    made["map"] = questions_forms.regimes(found.map) if found.map else None
    made["what_if"] = questions_forms.what_if(found.what_if) if found.what_if else None
    made["statics"] = forms.statics(found.statics)["statics"]
    made["sense"] = [uncertainty_forms.sense(s) for s in found.senses]
    made["local"] = uncertainty_forms.local(found.local) if found.local else None
    made["discover"] = uncertainty_forms.discover(found.discovery) if found.discovery else None
    made["learn"] = uncertainty_forms.learn(found.learning) if found.learning else None
    made["worth"] = [uncertainty_forms.worths(w) for w in found.worths]
    made["perceptions"] = perceptions.form(found.perceptions) if found.perceptions else None
    made["ablate"] = questions_forms.ablations(found.ablations) if found.ablations else None
    made["compare"] = questions_forms.what_if(found.comparison) if found.comparison else None
    return {"answers": made, "left_out": dict(found.left_out), "interrupted": found.interrupted}


def _show(found: Dossier, page: Path) -> None:
    """What `detente report` prints."""
    from rich.markup import escape

    from detente.present import text
    from detente.present.report.whole import KNOWS
    from detente.present.terminal.console import console

    text.show_study(found.study, [page], found.breaking)
    for part, why in found.left_out.items():
        console.print(f"[dim]left out: {KNOWS.get(part, part).lower()}: {escape(why)}[/dim]", soft_wrap=True)
