"""Distributions over draws that are never all in memory: exact sums, and counts on a grid that is always the same.

Both are *mergeable* (Agarwal et al. 2013, Mergeable summaries, ACM Transactions on Database Systems 38, 26): what was
summed up of some draws and of others gives what would be summed up of all. Sums are ratios of integers and counts are
integers, so nothing is rounded on the way, and no number depends on who summed up what, nor in which order.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from detente.analyse.finding import HIGH, LOW, Finding
from detente.arrays import Floats, Ints, Longs
from detente.display import Displayed

CELLS = 2**14  # of equal width, between 0 and 1
HALF_A_CELL = 0.5 / CELLS
MANTISSA = 12  # bits of a number that is no probability, beside its exponent and sign
_CUT = np.int64(52 - MANTISSA)
REFERENCE = "Agarwal et al. (2013), Mergeable summaries, ACM Transactions on Database Systems 38, 26"


@dataclass(frozen=True)
class Distribution(Displayed):
    """A number over draws that were not kept: its mean, and the 5th, 50th and 95th percentile (`low`, `median`,
    `high`).

    `within`: each percentile is so near to that of the draws themselves. `error`: the Monte Carlo standard error of the
    mean, which more draws would shrink; the range from `low` to `high` is uncertainty of the analyst, which they would
    not. `draws` are those in which it is a number.
    """

    value: float
    error: float
    low: float
    median: float
    high: float
    within: float
    draws: int

    def finding(self, name: str) -> Finding:
        """The same as a Finding."""
        return Finding(name, self.value, self.low, self.high, self.draws, self.error)


@dataclass(frozen=True)
class Moments:
    """How many numbers there are, their sum, and the sum of their squares; each an exact sum over batches.

    `beyond`: what sums of batches come to that are not finite.
    """

    count: int
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)
    beyond: float = 0.0

    @classmethod
    def of(cls, values: Floats) -> Moments:
        """[n] numbers of one batch. Squares are taken from the mean of the batch, so that nothing is cancelled."""
        n, total = len(values), float(values.sum())
        if not n or not math.isfinite(total):
            return cls(n, beyond=total)
        with np.errstate(over="ignore"):
            away, exact = values - total / n, Fraction(total)
            squares = min(float((away * away).sum()), sys.float_info.max)
        return cls(n, exact, Fraction(squares) + exact * exact / n)

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.count + other.count, self.total + other.total, self.squares + other.squares, self.beyond + other.beyond
        )  # fmt: skip

    @property
    def mean(self) -> float:
        return float(self.total / self.count) + self.beyond if self.count else math.nan

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        n = self.count
        if n < 2 or self.beyond:
            return math.nan
        variance = max(Fraction(0), self.squares - self.total * self.total / n) / (n - 1)
        return math.sqrt(variance / n) if variance < sys.float_info.max else math.inf


@dataclass(frozen=True, eq=False)
class Sketch:
    """How many numbers lie in each cell of a grid: [c] the cells that hold any, ascending, and [c] how many; and the
    `least` and the `most` of all numbers.

    Of a probability: 0 and 1 by themselves, and 2^14 cells of equal width between. Of any other number (`probability`
    False): 0 by itself, and 2^12 cells of equal width between each power of two and the next, as its sign, its exponent
    and the first bits of its mantissa say. A percentile is then told to half of the width of a cell: 3.1e-5, or 1.2e-4
    of the number; nearer where the least or the most lies in the cell.
    """

    probability: bool
    cells: Ints
    counts: Longs
    least: float
    most: float

    @classmethod
    def of(cls, values: Floats, probability: bool) -> Sketch:
        """[n] numbers, none of which is nan."""
        cells, counts = np.unique(_cells(values, probability), return_counts=True)
        ends = (float(values.min()) + 0.0, float(values.max()) + 0.0) if len(values) else (math.inf, -math.inf)
        return cls(probability, cells.astype(np.int32), counts.astype(np.int64), *ends)

    @classmethod
    def merged(cls, parts: Sequence[Sketch]) -> Sketch:
        """What some sketches on one grid count together."""
        cells = np.concatenate([part.cells for part in parts])
        order = np.argsort(cells, kind="stable")
        cells, counts = cells[order], np.concatenate([part.counts for part in parts])[order]
        if not len(cells):
            return parts[0]
        first = np.flatnonzero(np.r_[True, cells[1:] != cells[:-1]])
        ends = min(part.least for part in parts), max(part.most for part in parts)
        return cls(parts[0].probability, cells[first], np.add.reduceat(counts, first), *ends)

    @property
    def count(self) -> int:
        return int(self.counts.sum())

    def quantile(self, share: float) -> tuple[float, float]:
        """The number that a share of all lies below, between neighbours by the line (as numpy does by default), and how
        near it is to that of the numbers themselves; nan where there are none."""
        n = self.count
        if not n:
            return math.nan, math.nan
        place = (n - 1) * share
        before = math.floor(place)
        ends = np.cumsum(self.counts)
        k = np.searchsorted(ends, [before, min(before + 1, n - 1)], side="right")
        low, high = (np.clip(end, self.least, self.most) for end in _ends(self.cells[k], self.probability))
        weights = np.array([1 - (place - before), place - before])
        if (low == high).all() and low[0] == low[1]:  # infinite ones too
            return float(low[0]), 0.0
        return float(weights @ (low + (high - low) / 2)), float(weights @ (high - low) / 2)


def _cells(values: Floats, probability: bool) -> Longs:
    """[n] the cell of each number."""
    if probability:
        inside = np.floor(values * CELLS).astype(np.int64).clip(0, CELLS - 1) + 1
        return np.where(values <= 0, 0, np.where(values >= 1, CELLS + 1, inside))
    bits = np.abs(np.asarray(values, np.float64)).view(np.int64) >> _CUT
    return np.where(values < 0, -bits, bits)


def _ends(cells: Ints, probability: bool) -> tuple[Floats, Floats]:
    """[c] the least and the largest number that a cell can hold."""
    if probability:
        return (cells - 1).clip(0) / CELLS, cells.clip(0, CELLS) / CELLS
    size = np.abs(cells.astype(np.int64))
    low, high = (size << _CUT).view(np.float64), ((size + 1) << _CUT).view(np.float64)
    high = np.where((size == 0) | ~np.isfinite(high), low, high)
    return np.where(cells < 0, -high, low), np.where(cells < 0, -low, high)


def distribution(moments: Moments, sketch: Sketch) -> Distribution:
    """What both say of the same numbers."""
    (low, a), (median, b), (high, c) = (sketch.quantile(share) for share in (LOW, 0.5, HIGH))
    return Distribution(moments.mean, moments.error, low, median, high, max(a, b, c), moments.count)
