"""Tables on the terminal, and what stands below them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from detente.analyse.finding import Finding
from detente.present.terminal.console import console
from detente.study.registry import Option

TOP = Option("How many rows to show.", low=1)


def plain_table(*columns: str, words: Sequence[int] = (0,), title: str | None = None, fold: bool = False) -> Table:
    """A table without lines. `words`: the columns that hold words, to the left. `fold`: cells may go on in a next line;
    without it, names and numbers stay whole."""
    table = Table(box=None, pad_edge=False, header_style="dim", title=title, title_justify="left")
    for k, column in enumerate(columns):
        whole = not fold and (k == 0 or k not in words)
        table.add_column(column, justify="left" if k in words else "right", overflow="fold", no_wrap=whole)
    return table


def notes(notes: Sequence[str]) -> None:
    for note in notes:
        console.print(f"[dim]· {escape(note)}[/dim]")


def spread(finding: Finding, digits: int) -> str:
    """An estimate with half of its 95% interval; what lies below zero is shown as zero."""
    half = (finding.high - finding.low) / 2
    return f"{max(0.0, finding.value):.{digits}f} [dim]±{half:.{digits}f}[/dim]"


def region(where: str) -> str:
    """A condition on the draws that are looked at, as words that follow others."""
    return f" where [bold]{escape(where)}[/bold]" if where else ""
