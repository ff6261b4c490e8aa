"""`detente record`: all cases whose outcome is known, scored at fixed lead times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detente.present.cli.complete import names_of
from detente.present.cli.options import (
    JSON,
    KEEP,
    OK,
    OUTPUT,
    SEED,
    SOLVING,
    WORKERS,
    command,
    kept,
    print_json,
    progress,
    say,
    stop,
    told,
)

if TYPE_CHECKING:
    from detente.analyse.evidence.track_record import TrackRecord

CASES = Annotated[
    list[str] | None,
    typer.Argument(
        help="Cases of the library, or files. [default: one case for each crisis of the library]",
        metavar="[CASE]...", show_default=False, autocompletion=names_of("cases"),
    ),
]  # fmt: skip
LEADS = Annotated[
    str, typer.Option("--leads", metavar="30,14,7,1", help="Lead times: days before the event or the deadline.")
]
DRAWS = Annotated[
    int,
    typer.Option(
        "--draws", "-n", min=2, max=10_000_000, help="Number of draws of the uncertain quantities.",
        rich_help_panel=SOLVING,
    ),
]  # fmt: skip
SENSITIVITY = Annotated[
    bool,
    typer.Option(
        "--sensitivity", help="Also vary precision and solve rival models of the same crises. Takes minutes.",
        rich_help_panel=SOLVING,
    ),
]  # fmt: skip
PAGE = Annotated[
    Path | None,
    typer.Option(
        "--page", metavar="FILE.md", dir_okay=False, rich_help_panel=OUTPUT,
        help="Also write the record to this Markdown file. [default: none]",
    ),
]  # fmt: skip


def record(
    cases: CASES = None, leads: LEADS = "30,14,7,1", draws: DRAWS = 1000, seed: SEED = 1,
    sensitivity: SENSITIVITY = False, workers: WORKERS = 0, store: KEEP = True, page: PAGE = None,
    as_json: JSON = False,
) -> None:  # fmt: skip
    """Score decided cases at fixed lead times, beside base rates, others and an uninformed model."""
    from detente.study.record import record as scored

    days = _days(leads)
    keeping = kept(store)
    with told(), progress("cases", keeping) as watch:
        found = scored(
            cases or (), leads=days, sensitivity=sensitivity, draws=draws, seed=seed, workers=workers, store=keeping,
            progress=watch,
        )  # fmt: skip
    if as_json:
        from pydantic import TypeAdapter

        from detente.analyse.evidence.track_record import TrackRecord

        print_json(json.loads(TypeAdapter(TrackRecord).dump_json(found)))
    else:
        from detente.present.terminal.record import show_record

        show_record(found)
    if page is not None:
        from detente.output import write_whole
        from detente.present.report.record_page import PICTURES, record_page, record_pictures

        try:
            pictures = page.parent / PICTURES
            pictures.mkdir(parents=True, exist_ok=True)
            for case, picture in record_pictures(found).items():
                write_whole(pictures / f"{case}.svg", picture.encode())
            text = record_page(found, command().replace(str(page), page.name), _pages(page.parent, found))
            write_whole(page, text.encode())
        except OSError as error:
            stop(f"the page cannot be written to {page}: {error.strerror or error}")
        say(f"written: {page}", err=True)
    raise typer.Exit(OK)


def _pages(folder: Path, found: TrackRecord) -> dict[str, str]:
    """The page of each case beside this one: `cases/NAME.md` or `NAME.md`."""
    there: dict[str, str] = {}
    for case in dict.fromkeys(row.case for row in found.cases):
        for name in (f"cases/{case}.md", f"{case}.md"):
            if (folder / name).is_file():
                there.setdefault(case, name)
    return there


def _days(text: str) -> list[int]:
    """Days from a list such as `30,14,7,1`."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() for part in parts):
        stop(f"--leads {text}: write days, such as --leads 30,14,7,1")
    return [int(part) for part in parts]
