"""Base rates, the nearest cases and the columns of a table, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from detente.analyse.evidence.base_rates import Nearest
from detente.analyse.evidence.outside import SMOOTHED
from detente.analyse.evidence.tables import Column, Table
from detente.present.terminal.console import console
from detente.present.terminal.tables import plain_table
from detente.present.wording.base_rates import holds, interval, ordered, remarks, share
from detente.present.wording.numbers import counted
from detente.study.base_rates import BaseRates

CAME = {True: "yes", False: "no", None: "not known"}
MOST = 60  # values of a column


def show_base_rates(found: BaseRates, whence: str) -> None:
    """What `detente base-rate` prints."""
    show_head(found.table, whence)
    console.print()
    checked = any(c.written for c in found.classes)
    if found.classes:
        heads = ["class", *["in the case"] * checked, "happened", "share", "Wilson 95%", "next case", "Jeffreys 95%"]
        table = plain_table(*heads, fold=True)
        for c in found.classes:
            r = c.rate
            said = [f"{c.written.count:,} of {c.written.of:,}" if c.written else ""] if checked else []
            table.add_row(
                f"[bold]{escape(r.name)}[/bold]", *said, f"{r.k:,} of {r.n:,}", share(r.share),
                interval(r.wilson_low, r.wilson_high), share(r.mean), interval(r.low, r.high),
            )  # fmt: skip
        console.print(table)
        console.print(f"[dim]next case: k of n, {SMOOTHED}, is (k + 1/2) / (n + 1)[/dim]", soft_wrap=True)
    for event in dict.fromkeys(c.rate.happened for c in found.classes):
        console.print(f"[dim]happened: {escape(event)}[/dim]", soft_wrap=True)
    if found.nearest:
        if found.classes:
            console.print()
        _show_nearest(found.nearest)
    if said := remarks(found):
        console.print()
    for remark in said:
        console.print(f"[dim]· {escape(remark)}[/dim]")


def show_head(table: Table, whence: str) -> None:
    """The table that is read: its file, size and digest, and the codes that count as missing."""
    console.print(
        f"{escape(table.file)}: {counted(table.rows, 'case')}, {counted(len(table.columns), 'column')}, "
        f"SHA-256 {table.sha256[:12]}{escape(whence)}",
        soft_wrap=True,
    )
    for name, codes in table.missing.items():
        console.print(f"[dim]missing in {escape(name)}: {escape(', '.join(codes))}[/dim]", soft_wrap=True)


def _show_nearest(near: Nearest) -> None:
    r = near.rate
    console.print(f"Nearest to a case with {escape(near.like)}", soft_wrap=True)
    told = list(near.cases[0].values) if near.cases else []
    partly = ["compared"] * any(case.compared < len(near.columns) for case in near.cases)
    heads = ["case", "distance", *partly, "happened", *told]
    table = plain_table(*heads, words=(0, *range(2 + len(partly), len(heads))), fold=True)
    for case in near.cases:
        table.add_row(
            f"[bold]{escape(case.name)}[/bold]", f"{case.distance:.3f}",
            *(f"{case.compared} of {len(near.columns)}" for _ in partly), CAME[case.happened],
            *(escape(case.values[name] or "not known") for name in told),
        )  # fmt: skip
    console.print(table)
    if r.n:
        console.print(
            f"Happened in {r.k:,} of the {r.n:,} nearest: {share(r.share)} (Wilson 95%: "
            f"{interval(r.wilson_low, r.wilson_high)})"
        )
    console.print("[dim]distance: 0 is alike in all that was compared, 1 in nothing (Gower 1971)[/dim]", soft_wrap=True)


def show_overview(table: Table, whence: str) -> None:
    """The columns of a table, and what they hold."""
    show_head(table, whence)
    shown = plain_table("column", "holds", "missing", words=(0, 1), fold=True)
    for name, column in table.columns.items():
        shown.add_row(f"[bold]{escape(name)}[/bold]", escape(holds(column)), f"{column.missing:,}")
    console.print(shown)


def show_values(table: Table, columns: Sequence[Column], whence: str) -> None:
    """The values of some columns with their counts."""
    show_head(table, whence)
    for column in columns:
        console.print()
        shown = plain_table(column.name, "cases")
        values = ordered(column)
        for value, n in values[:MOST]:
            shown.add_row(escape(value), f"{n:,}")
        if len(values) > MOST:
            rest = sum(n for _, n in values[MOST:])
            shown.add_row(f"[dim]{counted(len(values) - MOST, 'more value')}; --json has them all[/dim]", f"{rest:,}")
        if column.missing:
            shown.add_row("[dim]missing[/dim]", f"{column.missing:,}")
        console.print(shown)
