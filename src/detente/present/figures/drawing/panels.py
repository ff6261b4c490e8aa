"""Curves along a line, in panels above each other."""

from __future__ import annotations

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
    """One thing along the axis: its words and the curves that show it."""

    row: Row
    curves: Sequence[Curve]


def drawn(
    panels: Sequence[Panel], at: Sequence[float], scale: Scale, gutter: float, top: float
) -> tuple[list[Html], float]:
    """Panels one below the other, each with its own scale of probability; and where they end."""
    parts: list[Html] = []
    for panel in panels:
        tall = max(PANEL, panel.row.height(gutter))
        bottom = top + tall
        known = [v for c in panel.curves for f in c.findings for v in _extent(f, c.banded) if v == v]
        up = Scale.over([0.0, *known], 0.0, tall - 8, (0.0, 1.0))
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
    """A scale whose ends are not its first and last mark."""

    ends: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def of(cls, low: float, high: float, left: float, right: float) -> Within:
        """From `low` to `high`, with the round marks that lie between."""
        high = high if high > low else low + 1.0
        marks = [m for m in cls.over([low, high], 0, 1).marks if low <= m <= high]
        return cls(left, right, marks, ends=(low, high))

    def __call__(self, value: float) -> float:
        low, high = self.ends
        return self.left + (self.right - self.left) * min(max((value - low) / (high - low), -0.01), 1.01)
