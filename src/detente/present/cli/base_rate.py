"""`detente base-rate`: reference classes of past cases, side by side, and the cases nearest to the one at hand."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.present.cli.complete import names_of
from detente.present.cli.options import JSON, NEGATIVE, OK, OUTPUT, print_json, say, stop, told, waiting

if TYPE_CHECKING:
    from detente.analyse.evidence.base_rates import ClassRate
    from detente.analyse.evidence.tables import Column, Table
    from detente.study.base_rates import BaseRates
    from detente.study.fetched import Fetched

TABLE, CLASSES, NEAR = "The table", "What is counted", "The nearest cases"
_NAMED = re.compile(r"\s*([^\"'=<>]*?)\s*:\s+(\S.*)", re.DOTALL)

CASE = Annotated[
    str | None,
    typer.Argument(
        help=(
            "A case whose `base_rates:` are to be recounted. [default: none; then --where and --happened say what to "
            "count]"
        ),
        show_default=False, autocompletion=names_of("cases"),
    ),
]  # fmt: skip
FILE = Annotated[
    Path | None,
    typer.Option(
        "--table", metavar="FILE.csv", help="The table: one row for each case. [default: the fetched table]",
        show_default=False, dir_okay=False, rich_help_panel=TABLE,
    ),
]  # fmt: skip
FETCH = Annotated[
    bool,
    typer.Option(
        "--fetch", help="Fetch the table of the International Crisis Behavior project first.", rich_help_panel=TABLE
    ),
]
FROM = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="ADDRESS",
        help="With --fetch: the address to fetch from. [default: the project's home]",
        rich_help_panel=TABLE,
    ),
]
COLUMNS = Annotated[
    list[str] | None,
    typer.Option("--columns", metavar="NAME", help="List the values of a column. Repeatable.", rich_help_panel=TABLE),
]
MISSING = Annotated[
    list[str] | None,
    typer.Option(
        "--missing", metavar="NAME=CODE,CODE", help="Codes of a column that mean `not known`. Repeatable.",
        rich_help_panel=TABLE,
    ),
]  # fmt: skip
WHERE = Annotated[
    list[str] | None,
    typer.Option(
        "--where", metavar="[NAME: ]CONDITION", help="A reference class. Repeatable. [default: every case]",
        show_default=False, rich_help_panel=CLASSES,
    ),
]  # fmt: skip
HAPPENED = Annotated[
    str,
    typer.Option(
        "--happened",
        metavar="CONDITION",
        help="The event to count, such as 'violence >= 3'. [default: as the case says]",
        rich_help_panel=CLASSES,
    ),
]
SINCE = Annotated[
    int | None, typer.Option(help="The first year to count. [default: the first in the table]", rich_help_panel=CLASSES)
]
UNTIL = Annotated[
    int | None, typer.Option(help="The last year to count. [default: the last in the table]", rich_help_panel=CLASSES)
]
LIKE = Annotated[
    str,
    typer.Option(
        "--like", metavar="VALUES", rich_help_panel=NEAR,
        help="Describe a case: 'column is value' and 'column == number', joined by 'and'. [default: none]",
    ),
]  # fmt: skip
NEAREST = Annotated[int, typer.Option(min=1, help="How many of the nearest cases to list.", rich_help_panel=NEAR)]
SHOW = Annotated[
    list[str] | None,
    typer.Option(
        "--show", metavar="NAME", help="A column to show for each nearest case. Repeatable.", rich_help_panel=NEAR
    ),
]
YAML = Annotated[
    bool, typer.Option("--yaml", help="Print the classes as they are written in a case.", rich_help_panel=OUTPUT)
]


def base_rate(
    case: CASE = None, table: FILE = None, where: WHERE = None, happened: HAPPENED = "", since: SINCE = None,
    until: UNTIL = None, like: LIKE = "", nearest: NEAREST = 10, show: SHOW = None, columns: COLUMNS = None,
    missing: MISSING = None, fetch: FETCH = False, from_: FROM = "", as_yaml: YAML = False, as_json: JSON = False,
) -> None:  # fmt: skip
    """Count how often something happened in classes of past cases, and list the cases most similar to a given one."""
    from detente.analyse.evidence.tables import read_table
    from detente.study.base_rates import base_rates
    from detente.study.fetched import fetched, origin

    if (from_ and not fetch) or (as_yaml and as_json) or (fetch and table):
        stop(
            "--from is the address for --fetch: give both" if from_ and not fetch
            else "--yaml and --json both say how the answer is printed: give one" if as_yaml and as_json
            else "--table names a file, and --fetch downloads one: give one"
        )  # fmt: skip
    brought = _fetched(from_) if fetch else None
    asked = bool(case or where or happened or like)
    with told():
        path = table or fetched()
        read, source = read_table(path, _codes(missing or [])), origin(path)
        listed = [read.column(name) for name in columns or ()]
        if asked and not columns:
            found = base_rates(
                read, _classes(where or []), happened, since=since, until=until, like=like, nearest=nearest,
                show=show or (), case=case,
            )  # fmt: skip
    if columns or not asked:
        _tell_columns(read, listed, source, as_json, brought)
        raise typer.Exit(OK)
    if as_json:
        print_json(_form(found, source))
    elif as_yaml:
        from detente.present.wording.base_rates import as_case

        say(as_case(found).rstrip("\n"))
    else:
        from detente.present.terminal.base_rates import show_base_rates

        show_base_rates(found, _whence(source))
    raise typer.Exit(OK if found.agrees else NEGATIVE)


def _fetched(address: str) -> Fetched:
    """Fetch the table, and say on standard error where it came from and is."""
    from detente.study.fetched import CITE, fetch_table

    with told(), waiting("fetching the table"):
        brought = fetch_table(address)
    say(f"fetched {brought.size:,} bytes from {brought.url} on {brought.date}", err=True)
    say(f"  SHA-256 {brought.sha256}", err=True)
    say(f"  kept as {brought.path}", err=True)
    if not address:
        say(f"  to be cited: {CITE}", err=True)
    return brought


def _whence(source: Fetched | None) -> str:
    return f", fetched on {source.date} from {source.url}" if source else ""


def _classes(texts: list[str]) -> dict[str, str]:
    """Conditions, by name where they are named: `military trigger: trigger is 7`."""
    named: dict[str, str] = {}
    for text in texts:
        parts = _NAMED.fullmatch(text)
        name, condition = (parts[1], parts[2]) if parts and parts[1] else ("", text)
        if (name or condition) in named:
            stop(f"two classes are called {name or condition!r}; give each its own name, `NAME: CONDITION`")
        named[name or condition] = condition
    return named


def _codes(texts: list[str]) -> dict[str, list[str]]:
    """Codes that say nothing, by column, from `NAME=CODE,CODE`."""
    found: dict[str, list[str]] = {}
    for text in texts:
        name, equals, codes = text.partition("=")
        listed = [code.strip() for code in codes.split(",") if code.strip()]
        if not equals or not name.strip() or not listed:
            stop(f"--missing {text}: write NAME=CODE, such as --missing mediation=9,99")
        found.setdefault(name.strip(), []).extend(listed)
    return found


def _tell_columns(
    table: Table, columns: list[Column], source: Fetched | None, as_json: bool, brought: Fetched | None
) -> None:
    """The columns of the table, or the values of some; after --fetch alone there is nothing more to say."""
    from detente.present.wording.base_rates import ordered

    if as_json:
        form = [
            {"column": c.name, "numbers": bool(c.numbers), "missing": c.missing}
            | {"values": [{"value": value, "count": n} for value, n in ordered(c)]}
            for c in columns or table.columns.values()
        ]
        print_json({"table": _about(table, source), "columns": form})
        return
    from detente.present.terminal.base_rates import show_overview, show_values

    if columns:
        show_values(table, columns, _whence(source))
    else:
        show_overview(table, "" if brought else _whence(source))


def _about(table: Table, source: Fetched | None) -> dict[str, Any]:
    told_ = {"file": table.file, "rows": table.rows, "sha256": table.sha256}
    told_ |= {"missing": {name: list(codes) for name, codes in table.missing.items()}}
    return told_ | ({"url": source.url, "date": source.date} if source else {})


def _form(found: BaseRates, source: Fetched | None) -> dict[str, Any]:
    """The answer as JSON."""
    from detente.present.wording.base_rates import remarks

    classes = []
    for c in found.classes:
        form = _rate(c.rate)
        if c.written:
            form |= {"written": {"count": c.written.count, "of": c.written.of}, "agrees": c.agrees}
        classes.append(form)
    near = found.nearest
    listed = near and {
        "like": near.like, "columns": list(near.columns), "cases": [asdict(case) for case in near.cases],
        "tied": near.tied, "left_out": near.left_out, "rate": _rate(near.rate),
    }  # fmt: skip
    return {
        **({"case": found.case} if found.case else {}), "table": _about(found.table, source), "classes": classes,
        "shared": found.shared, "uncounted": [rate.class_ for rate in found.unnamed], "nearest": listed,
        "remarks": remarks(found), "references": list(found.references),
    }  # fmt: skip


def _rate(rate: ClassRate) -> dict[str, Any]:
    form = asdict(rate)
    return {"class": form.pop("name"), **form}
