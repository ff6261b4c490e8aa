"""`detente register`: the forecast of an open question, written down before anybody knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detente.present.cli.complete import names_of
from detente.present.cli.options import JSON, KEEP, NEGATIVE, OK, SEED, kept, print_json, progress, say, stop, told

if TYPE_CHECKING:
    from detente.study.registration import Standing

FOLDER = Path("registered")


def register(
    case: Annotated[
        str | None,
        typer.Argument(
            help="A case of the library, or the path of a file. [default: none; needed unless --check]",
            show_default=False,
            autocompletion=names_of("cases"),
        ),
    ] = None,
    folder: Annotated[Path, typer.Option("--into", help="The folder of registrations.", file_okay=False)] = FOLDER,
    check: Annotated[bool, typer.Option("--check", help="Show how the registered forecasts stand.")] = False,
    draws: Annotated[
        int, typer.Option("--draws", "-n", min=2, max=1_000_000, help="Number of draws of the uncertain quantities.")
    ] = 2000,
    seed: SEED = 1,
    store: KEEP = True,
    as_json: JSON = False,
) -> None:
    """Register the forecast of an open question with the digest of its case, or show how the registered ones stand."""
    from detente.output import write_whole
    from detente.present.wording.numbers import day, percent
    from detente.study import registration as told_of

    if check:
        _stand(folder, case, as_json)
    if case is None:
        stop("name a case whose question is open, or give --check")
    keeping = kept(store)
    with told(), progress("draws", keeping) as watch:
        made = told_of.register(case, dt.date.today(), draws=draws, seed=seed, store=keeping, progress=watch)
    file = folder / f"{made.case}-{made.registered}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if file.exists():
            stop(f"{file} exists already, and a registration is not written twice")
        write_whole(file, told_of.written(made).encode())
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror}")
    if as_json:
        print_json({"written": str(file), **told_of.data(made)})
    else:
        say(
            f"{made.event}: {percent(made.p, 0.005)} ({percent(made.low, 0.005)} to {percent(made.high, 0.005)} in 90% "
            f"of draws), as known on {day(made.as_of)}, judged by {day(made.deadline)}.\n{file} is written. Commit it: "
            "its day is that of the commit."
        )


def _stand(folder: Path, case: str | None, as_json: bool) -> None:
    """How every registration of a folder stands, or those of a case; and end."""
    from detente.study.registration import data, read, standing

    found: list[tuple[Path, Standing]] = []
    with told():
        for file in sorted(folder.glob("*.json")):
            one = read(file)
            if case is None or one.case == Path(case).stem:
                found.append((file, standing(one, case or one.case, dt.date.today())))
    if not found:
        stop(f"nothing is registered in {folder}")
    if as_json:
        print_json({"registered": [{"file": str(file), **data(s)} for file, s in found]})
    else:
        _show(found)
    raise typer.Exit(OK if all(s.unchanged for _, s in found) else NEGATIVE)


def _show(found: Sequence[tuple[Path, Standing]]) -> None:
    from detente.present.terminal.console import console
    from detente.present.terminal.tables import plain_table
    from detente.present.wording.numbers import day, percent
    from detente.present.wording.record import HAPPENED, score

    heads = ("registered", "event", "forecast", "90% of draws", "judged by", "happened", "Brier", "case")
    table = plain_table(*heads, fold=True)
    for _, s in found:
        r = s.registration
        open_ = "over, not said" if s.over and s.happened is None else HAPPENED[s.happened]
        table.add_row(
            day(r.registered), r.event, percent(r.p, 0.005), f"{percent(r.low, 0.005)} to {percent(r.high, 0.005)}",
            day(r.deadline), open_, score(s.brier), "as registered" if s.unchanged else "changed since",
        )  # fmt: skip
    console.print(table)
