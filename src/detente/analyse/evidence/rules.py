"""Scoring rules for probabilities, skill against a reference, and what a stated hazard makes of another deadline.

Each score is strictly proper: on average it is best for whoever says what is believed. 0 is best.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

BRIER = "Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1-3"
LOG = "Good (1952), Rational decisions, Journal of the Royal Statistical Society B 14, 107-114"
RANKED = (
    "Epstein (1969), A scoring system for probability forecasts of ranked categories, Journal of Applied Meteorology "
    "8, 985-987"
)
SKILL = "Murphy (1973), Hedging and skill scores for probability forecasts, Journal of Applied Meteorology 12, 215-223"
COIN = 0.5


def brier(p: float, came: bool) -> float:
    """(p - 1)^2 or p^2: 0 is best, 1 is worst. Brier (1950), of the two possibilities the one."""
    return (p - came) ** 2


def surprise(p: float, came: bool) -> float:
    """The log score, -ln of the probability given to what happened: 0 is best. Good (1952)."""
    chance = p if came else 1 - p
    return -math.log(chance) if chance > 0 else math.inf


def ranked(forecast: Sequence[float], came: int) -> float:
    """The ranked probability score of probabilities of K classes in their order, of which number `came` happened.

    The sum over k of (probability of the first k classes - whether one of them came)^2, over K - 1: 0 is best, 1 is
    worst, and of two classes it is the Brier score. Epstein (1969). Raises ValueError for fewer than two classes.
    """
    if len(forecast) < 2:
        raise ValueError("classes are ranked where there are two at least")
    below, total = 0.0, 0.0
    for k, p in enumerate(forecast[:-1]):
        below += p
        total += (below - (came <= k)) ** 2
    return total / (len(forecast) - 1)


def skill(score: float | None, reference: float | None) -> float | None:
    """1 - score / reference: 1 is perfect, 0 no better than the reference, below 0 worse. Murphy (1973).

    None where one of them is not known, or the reference is perfect, which none can better.
    """
    if score is None or reference is None or not reference > 0 or not math.isfinite(score):
        return None
    return 1 - score / reference


def over(p: float, days: int, other: int) -> float:
    """A probability over some days as one over others (both above 0), where the hazard is the same on every day.

    1 - (1 - p)^(other / days): of a constant hazard h it is 1 - exp(-h t). Raises ValueError for no days.
    """
    if days <= 0 or other <= 0:
        raise ValueError(f"a hazard is spread over days, and here are {days} and {other}")
    return 1.0 if p >= 1 else -math.expm1(other / days * math.log1p(-p))


def by_day(series: Sequence[tuple[dt.date, float]], last: dt.date, came: bool) -> tuple[float, float, int] | None:
    """The mean Brier and log scores over the days from the first forecast to the last day, and how many days these are.

    Each forecast stands until the next; of two on one day the later in the list counts. None where the first is after
    the last day.
    """
    standing = dict(sorted(series, key=lambda one: one[0]))
    starts = [day for day in standing if day <= last]
    if not starts:
        return None
    ends = [*starts[1:], last + dt.timedelta(days=1)]
    days = [(end - start).days for start, end in zip(starts, ends, strict=True)]
    total = sum(days)
    parts = [(standing[start], n / total) for start, n in zip(starts, days, strict=True)]
    return sum(n * brier(p, came) for p, n in parts), sum(n * surprise(p, came) for p, n in parts), total
