"""Tables on the terminal, and what stands below them. No name is broken and no number cut, however narrow it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from detente.analyse.finding import Finding
from detente.model.schema import Model
from detente.present.terminal.console import console
from detente.present.wording.names import assumed, means
from detente.present.wording.numbers import prose
from detente.study.registry import Option

TOP = Option("How many rows to show.", low=1)
BETWEEN = 2  # spaces between columns
BAR = "█"
SMALLEST = 0.3  # a bar is drawn at so much of its size at least


class Plain(Table):
    """A table without lines that fits where it is shown: columns give way where words end; before that bars
    shrink, or are left out; where that is not enough each row becomes a paragraph with a line for each cell."""

    def __init__(self, title: str | None = None, heads: bool = True) -> None:
        super().__init__(
            box=None, pad_edge=False, header_style="dim", title=title, title_justify="left", show_header=heads
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        cells = [[console.render_str(str(c)) for c in (column.header, *column.cells)] for column in self.columns]
        measured = [[Measurement.get(console, options, cell) for cell in column] for column in cells]
        most = [max(m.maximum for m in column) for column in measured]
        least = [max(m.minimum for m in column) for column in measured]
        whole = [m if column.no_wrap else n for m, n, column in zip(most, least, self.columns, strict=True)]
        drawn = [any(c.plain for c in column) and all(not c.plain.strip(BAR) for c in column) for column in cells]
        room = options.max_width - BETWEEN * (len(cells) - 1)
        if any(drawn) and sum(most) > room:
            left = room - sum(width for width, bars in zip(most, drawn, strict=True) if not bars)
            yield self._with_bars(drawn, left / max(w for w, bars in zip(most, drawn, strict=True) if bars))
            return
        for lowest in (whole, least):
            if sum(lowest) <= room:
                for column, width in zip(self.columns, _widths(lowest, most, room), strict=True):
                    column.width, column.no_wrap, column.overflow = width, False, "fold"
                yield from super().__rich_console__(console, options)
                return
        yield from self._paragraphs(cells)

    def _with_bars(self, drawn: Sequence[bool], size: float) -> Plain:
        """The same with bars of a fraction of their size, all alike; without them where they would be too small."""
        made = Plain(str(self.title) if self.title else None, self.show_header)
        kept = [(c, bars) for c, bars in zip(self.columns, drawn, strict=True) if not bars or size >= SMALLEST]
        for column, _ in kept:
            made.add_column(column.header, justify=column.justify, no_wrap=column.no_wrap)
        for row in zip(*(column.cells for column, _ in kept), strict=True):
            made.add_row(
                *(_shrunk(str(cell), size) if bars else cell for cell, (_, bars) in zip(row, kept, strict=True))
            )
        return made

    def _paragraphs(self, cells: Sequence[Sequence[Text]]) -> Iterator[Text]:
        """Each row under its first cell."""
        if self.title:
            yield Text(str(self.title), style="italic")
        heads = [column[0].plain if self.show_header else "" for column in cells]
        for row in zip(*(column[1:] for column in cells), strict=True):
            told = [(head, cell) for head, cell in zip(heads, row, strict=True) if cell.plain.strip(BAR + " ")]
            for k, (head, cell) in enumerate(told):
                yield Text.assemble(
                    "  " if k else "", (f"{head}: " if k and head else "", "dim"), cell, overflow="fold"
                )


def _shrunk(cell: str, size: float) -> str:
    """A bar at a fraction of its size."""
    return re.sub(f"{BAR}+", lambda bar: BAR * int(len(bar[0]) * size), cell)


def _widths(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """Widths of columns: what is left of the room goes to the narrowest first, as far as they want it."""
    widths, left = list(least), room - sum(least)
    for k in sorted(range(len(most)), key=lambda k: most[k] - least[k]):
        more = min(left, most[k] - least[k])
        widths[k] += more
        left -= more
    return widths


def plain_table(*columns: str, words: Sequence[int] = (0,), title: str | None = None, fold: bool = False) -> Plain:
    """A table without lines. `words`: the columns that hold words, to the left. `fold`: cells may go on in a next line;
    without it, names and numbers stay whole as long as there is room."""
    table = Plain(title)
    for k, column in enumerate(columns):
        whole = not fold and (k == 0 or k not in words)
        table.add_column(column, justify="left" if k in words else "right", overflow="fold", no_wrap=whole)
    return table


def named(model: Model, name: str, style: str = "bold") -> str:
    """A thing of the model in the analyst's words, and what it is."""
    said = f"[{style}]{escape(' + '.join(assumed(part) for part in name.split(' + ')))}[/{style}]"
    what = means(model, name)
    return f"{said}[dim]: {escape(what)}[/dim]" if what else said


def glossary(model: Model, names: Sequence[str]) -> None:
    """What the things of a table are, a line for each that the model says it of."""
    told = [(name, what) for name in names if (what := means(model, name))]
    if not told:
        return
    table = Plain(heads=False)
    for whole in (True, False):
        table.add_column(style="dim", no_wrap=whole)
    for name, what in told:
        table.add_row(escape(assumed(name)), escape(what))
    console.print()
    console.print(table)


def notes(notes: Sequence[str]) -> None:
    for note in notes:
        console.print(f"[dim]· {escape(prose(note))}[/dim]")


def spread(finding: Finding, digits: int) -> str:
    """An estimate with half of its 95% interval; what lies below zero is shown as zero."""
    half = (finding.high - finding.low) / 2
    return f"{max(0.0, finding.value):.{digits}f} [dim]±{half:.{digits}f}[/dim]"


def region(where: str) -> str:
    """A condition on the draws that are looked at, as words that follow others."""
    return f" where [bold]{escape(where)}[/bold]" if where else ""
