"""Where the quantities of a picture lie in it, for who wants to point at a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from detente.present.figures.drawing.panels import Within


@dataclass(frozen=True)
class Axis:
    """A quantity along one side of a picture: `low` stands at `left`, `high` at `right`, in the units of its drawing,
    with equal steps, or equal ratios (`log`), in between. `values`: those that were looked at; where `few`, there are
    no others."""

    name: str
    left: float
    right: float
    low: float
    high: float
    log: bool
    values: tuple[float, ...]
    few: bool = False


@dataclass(frozen=True)
class Frame:
    """The axes of a picture. `up` is that of the second quantity, if there is one; its `left` is the lower end."""

    across: Axis
    up: Axis | None = None


def axis_of(name: str, scale: Within, values: Iterable[float], kind: str) -> Axis:
    """A quantity along a scale, with the values that were looked at; `kind`: `linear`, `log` or `values`."""
    return Axis(name, scale.left, scale.right, *scale.ends, scale.log, tuple(map(float, values)), kind == "values")
