"""Numbers on a page, with the number itself for machines."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.finding import Finding
from detente.present.html.markup import Content, Html, join, tag
from detente.present.wording.numbers import counted as counted
from detente.present.wording.numbers import (
    end,
    percent,
)


def data(value: float, shown: str) -> Html:
    """A number as people read it, with the number itself for machines."""
    return tag("data", shown, value=f"{value:.12g}")


def chance(f: Finding) -> Html:
    """The value of a probability."""
    return data(f.value, percent(f.value, f.error))


def along(f: Finding) -> Html:
    """The value of a probability on a way through paired draws, where what differs from step to step must show."""
    return data(f.value, percent(f.value))


def interval(f: Finding) -> Html:
    """The interval of a probability, with the numbers themselves for machines."""
    low, high = (end(p, f) for p in (f.low, f.high))
    return join([data(f.low, low), " to ", data(f.high, high)])


def listed(parts: Sequence[Content]) -> Html:
    """Things in a sentence."""
    return join(parts) if len(parts) < 2 else join([join(parts[:-1], ", "), " and ", parts[-1]])
