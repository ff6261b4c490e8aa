"""Curves along a line, in panels above each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from detente.analyse.finding import Finding
from detente.present.figures.drawing.axes import Row, Scale, percents
from detente.present.figures.drawing.svg import label, line, path
from detente.present.html.markup import Html, coordinate, tag

PANEL = 78.0
MOST_PANELS = 5
LEAST = 0.005  # the range of a curve worth a panel
RIGHT = 16.0


@dataclass(frozen=True)
class Curve:
    """A line in a panel, with the band about it."""

    findings: Sequence[Finding]
    class_: str
    said: str = ""
    banded: bool = True


@dataclass(frozen=True)
class Panel:
    """One thing along the axis: its words and the curves that show it. Panels of a `kind` share one scale."""

    row: Row
    curves: Sequence[Curve]
    kind: str = ""


def drawn(
    panels: Sequence[Panel], at: Sequence[float], scale: Scale, gutter: float, top: float
) -> tuple[list[Html], float]:
    """Panels one below the other, with one scale of probability for all of a kind; and where they end."""
    parts: list[Html] = []
    tallest = max((panel.row.height(gutter) for panel in panels), default=0.0)
    tall = max(PANEL, tallest)
    scales = {kind: _up([p for p in panels if p.kind == kind], tall - 8) for kind in {p.kind for p in panels}}
    for panel in panels:
        bottom = top + tall
        up = scales[panel.kind]
        parts += panel.row.drawn(top + (tall - panel.row.height(gutter)) / 2, gutter - 34)
        shown = percents(up.marks)
        for mark in (up.marks[0], up.marks[-1]):
            y = bottom - up(mark)
            parts += [
                line(scale.left, y, scale.right, y),
                label(scale.left - 6, y + 4, shown(mark), "muted", "end", 10.5),
            ]
        for curve in panel.curves:
            parts += _curve(curve, at, scale, up, bottom, panel.row.name)
        top = bottom + 14
    return parts, top - 6


def _up(panels: Sequence[Panel], tall: float) -> Scale:
    """The scale of probability of some panels."""
    known = [v for p in panels for c in p.curves for f in c.findings for v in _extent(f, c.banded) if v == v]
    return Scale.over([0.0, *known], 0.0, tall, (0.0, 1.0))


def _extent(f: Finding, banded: bool) -> tuple[float, ...]:
    return (f.value, f.low, f.high) if banded else (f.value,)


def _curve(curve: Curve, at: Sequence[float], scale: Scale, up: Scale, bottom: float, name: str) -> list[Html]:
    points = [(scale(x), f) for x, f in zip(at, curve.findings, strict=True) if f.value == f.value]
    if not points:
        return []
    parts = []
    if curve.banded and len(points) > 1:
        ring = [(x, bottom - up(f.high)) for x, f in points] + [(x, bottom - up(f.low)) for x, f in reversed(points)]
        parts.append(path(f"M{_through(ring)}Z", f"{curve.class_}", f"{name}: 90% of draws", 0.22))
    through = _through([(x, bottom - up(f.value)) for x, f in points])
    parts.append(
        tag("path", tag("title", curve.said or f"{name}: mean"), d=f"M{through}", class_=f"curve s{curve.class_}")
    )
    return parts


def _through(points: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points)


def _range(curve: Sequence[Finding]) -> float:
    known = [f.value for f in curve if f.value == f.value]
    return max(known) - min(known) if known else 0.0


@dataclass(frozen=True)
class Within(Scale):
    """A scale whose ends are not its first and last mark. In logarithms both ends have one sign."""

    ends: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def of(
        cls, low: float, high: float, left: float, right: float, kind: str = "linear", values: Sequence[float] = ()
    ) -> Within:
        """From `low` to `high`, with the round marks that lie between.

        `kind`: `linear`, `log`, or `values`, with marks at these `values` alone.
        """
        high = high if high > low else low + 1.0
        marks = _powers(low, high) if kind == "log" else cls.over([low, high], 0, 1).marks
        between = [float(m) for m in (values if kind == "values" else marks) if low <= m <= high]
        return cls(left, right, between, kind == "log", (low, high))

    def __call__(self, value: float) -> float:
        low, high = self.ends
        part = math.log(value / low) / math.log(high / low) if self.log else (value - low) / (high - low)
        return self.left + (self.right - self.left) * min(max(part, -0.01), 1.01)


def _powers(low: float, high: float) -> list[float]:
    """Round numbers of one sign: powers of ten, with twice and five times them where that leaves no more than nine."""
    sign = math.copysign(1.0, low)
    near, far = sorted((abs(low), abs(high)))
    powers = range(math.floor(math.log10(near)), math.ceil(math.log10(far)) + 1)
    for bases in ((1.0, 2.0, 5.0), (1.0,)):
        found = [sign * b * 10.0**p for p in powers for b in bases if near <= b * 10.0**p <= far]
        if len(found) <= 9:
            break
    return sorted(found)
