"""Forecasts of many cases against what came: calibration, discrimination, and which differences can be told.

Cases are few, so each number has an interval that is honest with few: Jeffreys' for shares, Newcombe's for the area
under the ROC curve, Student's t for paired differences of scores.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri, stdtrit

from detente.analyse.evidence.base_rates import TAIL, jeffreys
from detente.analyse.finding import Z95
from detente.display import Displayed

AREA = (
    "Newcombe (2006), Confidence intervals for an effect size measure based on the Mann-Whitney statistic, part 2, "
    "Statistics in Medicine 25, 559-573 (method 5)"
)
RELIABILITY = "Murphy & Winkler (1977), Reliability of subjective probability forecasts, Applied Statistics 26, 41-47"
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
POWER = 0.8
FEWEST = 5  # cases, for the spread of differences to be read off them
TYPICAL = 0.2  # the spread of differences where there are fewer: see `told_apart`
TINY = 1e-12
SMALL = 0.05  # a difference of Brier scores that people argue about


@dataclass(frozen=True)
class Bin(Displayed):
    """Forecasts from `low` to below `high` (the last bin has its end as well): n of them, `mean` on average, and in k
    cases the event happened, with the middle 95% of Jeffreys' posterior of that share."""

    low: float
    high: float
    n: int
    mean: float
    k: int
    share_low: float
    share_high: float


@dataclass(frozen=True)
class Area(Displayed):
    """The chance that of two cases, one in which the event happened and one in which it did not, the first had the
    higher forecast (the area under the ROC curve; ties count half), with Newcombe's 95% interval."""

    value: float
    low: float
    high: float
    came: int
    did_not: int


@dataclass(frozen=True)
class Difference(Displayed):
    """The mean difference of two scores over the same n cases, this model's minus the other's (below 0: this model's is
    the better), with its 95% interval by Student's t; `ours` and `theirs` are the means. The interval is missing for
    fewer than two cases."""

    n: int
    ours: float
    theirs: float
    mean: float
    low: float | None
    high: float | None


def calibration(forecasts: Sequence[float], came: Sequence[bool]) -> list[Bin]:
    """How often the event happened where forecasts were alike: bins of a fifth that have any. Murphy & Winkler."""
    p, happened = np.asarray(forecasts, float), np.asarray(came, bool)
    found = []
    for low, high in pairwise(EDGES):
        inside = (p >= low) & ((p < high) | (high == EDGES[-1]))
        if n := int(inside.sum()):
            k = int(happened[inside].sum())
            found.append(Bin(low, high, n, float(p[inside].mean()), k, *jeffreys(k, n)[1:]))
    return found


def discrimination(forecasts: Sequence[float], came: Sequence[bool]) -> Area | None:
    """The area under the ROC curve; None where the event happened in all cases, or in none.

    The interval has the ends at which |area - found| = 1.96 sd(area), where the variance, of m and n cases, is
    area (1 - area) (1 + (N - 1) ((1 - area) / (2 - area) + area / (1 + area))) / (m n) with N = (m + n) / 2.
    """
    p, happened = np.asarray(forecasts, float), np.asarray(came, bool)
    yes, no = p[happened], p[~happened]
    m, n = len(yes), len(no)
    if not m or not n:
        return None
    above = yes[:, None] - no[None, :]
    found = float(((above > 0) + 0.5 * (above == 0)).mean())

    def gap(area: float) -> float:
        more = ((m + n) / 2 - 1) * ((1 - area) / (2 - area) + area / (1 + area))
        return (area - found) ** 2 - Z95**2 * area * (1 - area) * (1 + more) / (m * n)

    low = 0.0 if found == 0 else float(brentq(gap, TINY, min(found, 1 - TINY)))
    high = 1.0 if found == 1 else float(brentq(gap, max(found, TINY), 1 - TINY))
    return Area(found, low, high, m, n)


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Difference | None:
    """The mean difference of two scores over the same cases; None without any."""
    n = len(ours)
    if not n:
        return None
    gap = np.asarray(ours, float) - np.asarray(theirs, float)
    mean, half = float(gap.mean()), None
    if n > 1:
        half = float(-stdtrit(n - 1, TAIL) * gap.std(ddof=1) / math.sqrt(n))
    low, high = (None, None) if half is None else (mean - half, mean + half)
    return Difference(n, float(np.mean(ours)), float(np.mean(theirs)), mean, low, high)


def spread(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The standard deviation of paired differences of scores; `TYPICAL` where there are fewer than five."""
    gap = np.asarray(ours, float) - np.asarray(theirs, float)
    return float(gap.std(ddof=1)) if len(gap) >= FEWEST else TYPICAL


def told_apart(n: int, sd: float) -> float:
    """The difference of mean Brier scores that n cases tell from none: (1.96 + 0.84) sd / sqrt(n), so that a test at 5%
    finds it in 80% of such sets of cases; `sd` is that of the paired differences.

    Two forecasts of an event, p and q, differ by (p - q)(p + q - 2) where it happens, by (p - q)(p + q) where it
    does not: where it is as likely as not, with a standard deviation of |p - q|.
    """
    return (Z95 + float(ndtri(POWER))) * sd / math.sqrt(n)


def needed(difference: float, sd: float) -> int:
    """How many cases tell a difference of mean Brier scores from none (`told_apart`)."""
    return math.ceil(((Z95 + float(ndtri(POWER))) * sd / difference) ** 2)
