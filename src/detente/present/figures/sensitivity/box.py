"""The picture of the region of the quantities in which an event is concentrated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from detente.analyse.sensitivity.discovery import Box, Discovery
from detente.analyse.sensitivity.discovery import Restriction as Limit
from detente.analyse.thresholds.extent import Span, by_factors
from detente.arrays import Floats
from detente.model.schema import Model
from detente.present.figures.drawing.axes import Scale, gutter_of, percents, stacked
from detente.present.figures.drawing.svg import WIDTH, Picture, box, dot, label, line, path
from detente.present.figures.sensitivity.variance import (
    factor_row,
)
from detente.present.html.markup import Content, Html, table, tag
from detente.present.html.numbers import data
from detente.present.wording.names import amount, assumed, unit
from detente.present.wording.numbers import number, percent, words


def box_picture(model: Model, found: Discovery, quantities: Mapping[str, Floats], which: int = 0) -> Picture:
    """The limits of a box beside the range of each quantity, and the trajectory it was taken from."""
    one = found.boxes[which]
    rows = [factor_row(model, limit.quantity) for limit in one.limits]
    gutter, right = gutter_of(rows, 250.0), 150.0
    places, bottom = stacked(rows, gutter, 26.0)
    left, end_ = gutter + 8, WIDTH - right
    parts: list[Html] = [label(WIDTH, 14, "limit; reproduced in", "muted", "end", 11)]
    for row, (y, height), limit in zip(rows, places, one.limits, strict=True):
        parts += row.drawn(y - height / 2, gutter)
        parts += _limit(model, limit, quantities[limit.quantity], y, left, end_)
    drawn, end = _trajectory(one, bottom + 34)
    reading = (
        f"{percent(one.density.value)} of the draws inside have it ({percent(one.left_out.value)} in draws that took "
        f"no part in finding the box; {percent(found.share.value)} of all {found.draws:,}); inside are "
        f"{percent(one.mass)} of all draws and {percent(one.coverage.value)} of those that have it. Grey: 99% of the "
        "draws of each quantity, ticks at the 5th, 50th and 95th percentile; blue: inside the box."
    )
    key = "box" if len(found.boxes) == 1 else f"box-{which + 1}"
    return Picture(key, f"Where {event_said(found)}", reading, [*parts, *drawn], end, box_table(model, one))


def event_said(found: Discovery) -> str:
    """The event looked for, in words."""
    return words(found.words.removeprefix("whether "))


def limit_said(model: Model, limit: Limit) -> str:
    """A limit in words."""
    if limit.values:
        return f"is {choices(limit.values)} {unit(model, limit.quantity)}".rstrip()
    if limit.low is not None and limit.high is not None:
        return f"{number(limit.low)} to {amount(model, limit.quantity, limit.high)}"
    if limit.low is not None:
        return f"above {amount(model, limit.quantity, limit.low)}"
    return f"below {amount(model, limit.quantity, limit.high or 0.0)}"


def choices(values: Sequence[float]) -> str:
    """Some of a few values: `1`, `1 or 2`, `1, 2 or 3`."""
    said = [number(v) for v in values]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"


def _limit(model: Model, limit: Limit, values: Floats, y: float, left: float, right: float) -> list[Html]:
    low, bottom, middle, top, high = (float(q) for q in np.quantile(values, [0.005, 0.05, 0.5, 0.95, 0.995]))
    first = min(low, *(v for v in (limit.low, limit.high) if v is not None))
    last = max(high, *(v for v in (limit.low, limit.high) if v is not None))

    extent = Span(first, last, factors=by_factors(model, limit.quantity, last))

    def at(value: float) -> float:
        return left + (right - left) * (float(extent.parts(np.array(value))) if last > first else 0.5)

    if limit.values:
        return [*_few(model, limit, values, y, at), *_said(model, limit, y)]
    start, stop = at(first if limit.low is None else limit.low), at(last if limit.high is None else limit.high)
    parts: list[Html] = [box(left, y - 3, right - left, 6, "k4", "", 0, 0.6),
                         box(start, y - 7, stop - start, 14, "k1", limit_said(model, limit), 0, 0.8)]  # fmt: skip
    parts += [line(at(q), y - 10, at(q), y + 10, "axis") for q in (bottom, middle, top)]
    parts.append(label(left, y + 19, number(first), "muted", size=9.5))
    parts.append(label(right, y + 19, number(last), "muted", "end", 9.5))
    return [*parts, *_said(model, limit, y)]


def _said(model: Model, limit: Limit, y: float) -> list[Html]:
    """A limit and how often it was reproduced, beside its row."""
    again = percent(limit.frequency, 0.01)
    return [label(WIDTH, y - 1, limit_said(model, limit), "bold", "end", 11),
            label(WIDTH, y + 12, again, "muted", "end", 10.5)]  # fmt: skip


def _few(model: Model, limit: Limit, values: Floats, y: float, at: Callable[[float], float]) -> list[Html]:
    """The values of a quantity that has only a few, those inside the box filled."""
    there = [float(v) for v in np.unique(values)]
    parts = [box(at(there[0]), y - 3, at(there[-1]) - at(there[0]), 6, "k5", "", 0, 0.8)]
    for value in there:
        inside = value in limit.values
        said = f"{amount(model, limit.quantity, value)}: {'inside' if inside else 'outside'}"
        parts.append(box(at(value) - 5, y - 7, 10, 14, "k1" if inside else "k4", said, 0, 0.8))
        parts.append(label(at(value), y + 19, number(value), "muted", "middle", 9.5))
    return parts


def _trajectory(one: Box, top: float) -> tuple[list[Html], float]:
    """Density against coverage along the trajectory of the search."""
    tall, left = 130.0, 80.0
    across = Scale(left, left + 260, [0.0, 0.25, 0.5, 0.75, 1.0])
    up = Scale(0.0, tall, [0.0, 0.5, 1.0])
    bottom = top + 12 + tall
    parts = [label(0, top, "what a smaller or larger box would hold", "muted", size=11)]
    parts += across.ruled(top + 12, bottom, percents(across.marks), "coverage: of the draws that have it", left + 320)
    for mark in up.marks:
        y = bottom - up(mark)
        parts += [line(left, y, across.right, y), label(left - 6, y + 4, f"{mark:.0%}", "muted", "end", 10.5)]
    spots = [(across(p.coverage), bottom - up(p.density)) for p in one.trajectory]
    through = "L".join(f"{x:.2f} {y:.2f}" for x, y in spots)
    parts.append(path(f"M{through}", "curve sk1"))
    x, y = spots[one.chosen]
    parts.append(dot(x, y, 6, "ring", f"this box: coverage {one.coverage.value:.2f}, density {one.density.value:.2f}"))
    parts.append(label(x + 10, y - 6, "this box", "bold", size=11))
    parts.append(label(across.right + 12, bottom - tall + 10, "↑ density: of the draws inside,", "muted", size=11))
    parts.append(label(across.right + 12, bottom - tall + 24, "those that have it", "muted", size=11))
    return parts, bottom + Scale.foot("x") + 6


def box_table(model: Model, one: Box) -> Html:
    """The limits, and the trajectory."""
    rows: list[list[Content]] = []
    for limit in one.limits:
        p = f"{limit.quasi_p:.2g}" if limit.quasi_p >= 1e-4 else "<0.0001"
        ends = [data(v, amount(model, limit.quantity, v)) if v is not None else "" for v in (limit.low, limit.high)]
        ends = [limit_said(model, limit), ""] if limit.values else ends
        rows.append(
            [
                tag("b", assumed(limit.quantity)),
                *ends,
                data(limit.quasi_p, p),
                data(limit.frequency, percent(limit.frequency, 0.01)),
            ]
        )
    limits = table(
        "The limits of the box.", ["quantity", "above", "below", "quasi-p", "reproduced in"], rows, range(1, 5)
    )
    steps: list[list[Content]] = [
        [f"{p.step}{' (this box)' if p.step == one.chosen else ''}", data(p.coverage, f"{p.coverage:.2f}"),
         data(p.density, f"{p.density:.2f}"), data(p.mass, percent(p.mass)), str(p.limited), words(p.moved)]
        for p in one.trajectory
    ]  # fmt: skip
    head = ["point", "coverage", "density", "of all draws", "limits", "moved"]
    return Html(limits + table("The trajectory of the search.", head, steps, range(1, 5)))
