"""How a map over two quantities is shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.markup import escape

from detente.analyse.thresholds.regimes import REFERENCE as ACROSS
from detente.analyse.thresholds.regimes import Map, Regimes
from detente.model.schema import Model
from detente.present.figures.thresholds.map import answer_said, answer_table, map_picture, no_way
from detente.present.terminal.console import console
from detente.present.view import Answer, Shown, view
from detente.present.wording.names import assumed, away, key_of
from detente.present.wording.numbers import counted, number, percent, words

MARKS = "ox%=*~&$+^<>!|:;"  # of outcomes, in the order of the model
JUDGED = {"holds": "#", "fails": "·", "cannot be judged": "?"}


def text(found: Regimes, shown: Shown) -> None:
    """What `detente tip CASE Q Q2` prints."""
    x, y = found.quantities
    if said := answer_said(shown.model, found):
        console.print(f"\n{escape(said)}", soft_wrap=True)
    for one in found.maps:
        console.print(f"\n[bold]{escape(words(one.what))}[/bold], all else at its median")
        console.print("  " + "   ".join(f"{mark} {escape(words(v))}" for v, mark in marks(shown.model, one).items()))
        _picture(found, one, list(marks(shown.model, one).values()))
        way = one.way
        if way.distance.value != way.distance.value:
            console.print(no_way(way))
            continue
        console.print(
            f"Here: {escape(words(way.here))}. The nearest boundary, to {escape(words(way.across))}: "
            f"[bold]{way.distance.value:.2f} prior sd[/bold], at {escape(assumed(x))} = {number(way.at[0])} "
            f"({away(way.scores[0])}) and {escape(assumed(y))} = {number(way.at[1])} ({away(way.scores[1])}).",
            soft_wrap=True,
        )
    console.print(
        f"\n[dim]{counted(found.solved, 'point')} solved, {percent(found.converged)} of them converged.[/dim]"
    )


def marks(model: Model, one: Map) -> dict[str, str]:
    """The mark of each regime of a map: the same for the same thing in every map of a case."""
    order = list(model.outcomes)
    return {
        v: JUDGED.get(v) or MARKS[order.index(v) % len(MARKS)] if v in order or v in JUDGED else " " for v in one.legend
    }


def _picture(found: Regimes, one: Map, signs: Sequence[str]) -> None:
    gx, gy = found.grids
    i, j = (int(np.abs(grid - here).argmin()) for grid, here in zip(found.grids, found.here, strict=True))
    every = max(1, -(-2 * len(gx) // max(console.width - 12, 2)))  # of the columns, as many as there is room for
    shown, i = range(i % every, len(gx), every), i // every
    console.print(f"  [dim]{escape(assumed(found.quantities[1]))}[/dim]")
    for row in reversed(range(len(gy))):
        line = "".join(signs[int(one.labels[row][k])] + " " for k in shown)
        if row == j:
            line = f"{line[: 2 * i]}[bold]@[/bold]{line[2 * i + 1 :]}"
        console.print(f"  [dim]{number(float(gy[row])):>8}[/dim] {line}")
    ends = f"{number(float(gx[0]))} to {number(float(gx[-1]))}"
    console.print(f"  {'':8} [dim]{escape(assumed(found.quantities[0]))}: {ends}; @ is the median draw[/dim]")


def page(found: Regimes, shown: Shown) -> Answer:
    """A map over two quantities."""
    model = shown.model
    title = f"Over {assumed(found.quantities[0])} and {assumed(found.quantities[1])}"
    key = key_of("map", *found.quantities)
    said = [s] if (s := answer_said(model, found)) else []
    pictures = [map_picture(model, found, one) for one in found.maps]
    return Answer(key, title, said, pictures, (), (ACROSS,), answer_table(model, found))


view(Regimes, text=text, page=page, converged=lambda found: found.converged)
