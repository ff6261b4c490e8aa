"""Main effects: the share of an answer's variance that knowing one quantity would explain, and what noise would show.

Given-data: they are read off the draws that are solved, and nothing is solved again. The *first-order index* of X,
Var(E[Y|X]) / Var(Y), comes from slices of the draws along X (Plischke, Borgonovo & Smith 2013), freed of what slices of
pure noise show on average, with a bootstrap interval. This is the only estimator of it: a run's drivers and `sense`
give the same number.

The *noise floor*: some of many quantities that have nothing to do with an answer will look as if they had. The floor is
the largest index that slices as large as these get in K / 0.02 - 1 random reorderings of the answers, where K is the
number of quantities looked at. A quantity without influence is, to the answers, another random reordering, and the
largest of all with probability 0.02 / K; so the chance that any of them passes the floor is 2% at most, whatever the
answer's distribution (a Monte Carlo permutation test, Phipson & Smyth 2010, with Bonferroni's correction for the
number of quantities, as Altmann et al. 2010 do for importances). It holds for one answer at a time; of the claims of a
model, which are told side by side, for all of them together. Besides, what
explains less than half a percent of the variance is never named, however well it is known.

Letters: n draws, m answers, M slices, K quantities, R reorderings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from detente.analyse.finding import Z95, Finding
from detente.analyse.sensitivity.binning import FEWEST, SEED, Sums, cut, how_many, varies
from detente.arrays import Floats, Longs
from detente.display import Displayed
from detente.draws.sources import FEW

REFERENCE = (
    "Plischke, Borgonovo & Smith (2013), Global sensitivity measures from given data, "
    "European Journal of Operational Research 226, 536-550"
)
FLOOR_REFERENCE = (
    "Phipson & Smyth (2010), Permutation P-values should never be zero, Statistical Applications in Genetics and "
    "Molecular Biology 9, 39; Altmann et al. (2010), Permutation importance: a corrected feature importance measure, "
    "Bioinformatics 26, 1340-1347"
)
INTERVAL = "95% of the estimate (bootstrap)"
FALSE_ALARMS = 0.02  # the chance that noise names anything
FLAT = 0.005  # of a probability, or of the spread of a number: ends that differ by less are the same
LEAST = 0.005  # the share of the variance below which nothing is named
MOST = 5_000  # draws that are reordered one by one
TOGETHER = 32  # reorderings whose slices are summed together


@dataclass(frozen=True)
class Driver(Displayed):
    """What an answer owes to one quantity, more than noise would show.

    Of a quantity with a few values `ends` are the lowest and the highest of them that take the place of the fifths.
    """

    quantity: str
    index: Finding  # the first-order index, with its 95% bootstrap interval, which may reach below zero
    low: Finding  # the answer where the quantity is in its lowest fifth
    high: Finding  # ... in its highest fifth
    bounds: tuple[float, float]  # where those fifths end and begin
    floor: float  # the largest index that noise is granted
    ends: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())


def sliced(x: Floats) -> Longs:
    """[n] the slice in which each draw lies, along a quantity x [n]."""
    return cut(x, how_many(len(x)))


def drivers(
    answer: Floats, quantities: Mapping[str, Floats], slices: Mapping[str, Longs] | None = None, answers: int = 1
) -> list[Driver]:
    """The quantities that an answer owes more to than noise would show, in the order of what it owes to them.

    `answer` and each of the quantities are [n]; draws in which the answer is nan are left out. None where fewer than
    100 are left, or the answer never changes by more than rounding; a quantity at both ends of which the answer is the
    same is left out. `slices` are those of each quantity over all n draws (`sliced`), where they are at hand from
    another answer; `answers`: of how many that are told side by side this is one.
    """
    known = ~np.isnan(answer)
    y = answer[known][None]
    if y.size < FEWEST or not varies(y[0]):
        return []
    varying = {name: values[known] for name, values in quantities.items()}
    varying = {name: x for name, x in varying.items() if varies(x)}
    whole = slices or {} if known.all() else {}
    labels = [whole[name] if name in whole else sliced(x) for name, x in varying.items()]
    values = np.array([Sums.by_block(row, y, 1).whole().index() for row in labels])
    if not (values > LEAST).any():
        return []
    found = []
    floors = noise_floors(labels, y, answers)
    for (name, x), row, value, floor in zip(varying.items(), labels, values, floors, strict=True):
        if value > max(floor, LEAST):
            low, high, bounds = fifths(x, y[0])
            if _flat(low, high, y[0]):
                continue
            index, ends = _first_order(name, row, y), few_ends(x, bounds)
            found.append(Driver(name, index, low, high, bounds, float(floor), ends))
    return sorted(found, key=lambda d: -d.index.value)


def first_order(name: str, x: Floats, y: Floats) -> Finding:
    """The first-order index of a quantity x [n] on answers y [m, n], with a 95% interval by bootstrap.

    Several answers count together, each by its variance. The estimate is not cut at zero: where nothing is to be found
    it lies a little above or below.
    """
    return _first_order(name, sliced(x), y)


def _first_order(name: str, labels: Longs, y: Floats) -> Finding:
    sums = Sums.by_block(labels, y)
    value = float(sums.whole().index())
    error = float(sums.resampled().index().std(ddof=1))
    return Finding(
        name, value, value - Z95 * error, value + Z95 * error, len(labels), error, INTERVAL,
        f"first-order index from {int(labels.max()) + 1} slices of the draws", REFERENCE,
    )  # fmt: skip


def fifths(x: Floats, y: Floats) -> tuple[Finding, Finding, tuple[float, float]]:
    """An answer y [n] where a quantity x [n] is in its lowest and its highest fifth, and where those end and begin.

    Of a quantity with a few values it is the lowest and the highest of them, as many as hold a twentieth of the draws.
    """
    values = np.unique(x)
    if len(values) > FEW:
        bottom, top = (float(b) for b in np.quantile(x, [0.2, 0.8]))
    else:
        low, high = np.quantile(x, [0.05, 0.95], method="inverted_cdf")
        bottom, top = float(min(low, values[-2])), float(max(high, values[1]))
    return Finding.of("low", y[x <= bottom]), Finding.of("high", y[x >= top]), (bottom, top)


def few_ends(x: Floats, bounds: tuple[float, float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The values of a quantity x [n] up to and from some bounds, if it has only a few."""
    values = [float(v) for v in np.unique(x)]
    if len(values) > FEW:
        return (), ()
    return tuple(v for v in values if v <= bounds[0]), tuple(v for v in values if v >= bounds[1])


def _flat(low: Finding, high: Finding, y: Floats) -> bool:
    """Whether an answer y [n] is the same at both ends of a quantity, to the digits in which it is told."""
    return abs(high.value - low.value) < FLAT * (1.0 if y.min() >= 0 and y.max() <= 1 else float(y.std()))


def noise_floors(labels: Sequence[Longs], y: Floats, answers: int = 1) -> Floats:
    """[K] the noise floor of each of K quantities, whose slices are `labels` [n] each, on answers y [m, n].

    Quantities with slices of the same sizes share one. `answers`: how many are looked at side by side, so that the
    chance that noise names anything of any of them is 2%.
    """
    reorderings = int(np.ceil(len(labels) * answers / FALSE_ALARMS)) - 1
    profiles = [tuple(np.sort(np.bincount(row)).tolist()) for row in labels]
    sizes = tuple(dict.fromkeys(profiles))
    few = np.unique(y) if len(y) == 1 else np.empty(0)
    if len(few) == 2:
        floors = _of_two(sizes, y.shape[1], int((y == few[1]).sum()), reorderings)
    else:
        floors = _reordered([np.array(profile) for profile in sizes], y, reorderings)
    known = dict(zip(sizes, floors, strict=True))
    return np.array([known[profile] for profile in profiles])


@lru_cache(maxsize=256)
def _of_two(sizes: tuple[tuple[int, ...], ...], n: int, ones: int, reorderings: int) -> list[float]:
    """The floor in slices of some sizes for an answer of two values, one of which stands in so many (`ones`) of n
    draws: how many of each a slice gets says all.

    The index does not depend on what the two values are. For 0 and 1 what lies between slices (`Sums.between`) is a sum
    of squares of how many ones each slice gets, so that no mean or variance of a slice is worked out.
    """
    rng, mean, found = np.random.default_rng(SEED), ones / n, []
    for width in map(np.array, sizes):
        many = rng.multivariate_hypergeometric(width, ones, reorderings, "marginals").astype(float)
        noise = (1 - width / n) / (n * np.maximum(width - 1, 1))
        between = np.einsum("rm,rm,m->r", many, many, (1 / n + noise) / width) - np.einsum("rm,m->r", many, noise)
        found.append(float(between.max() - mean**2) / (mean * (1 - mean)))
    return found


def _reordered(sizes: Sequence[Longs], y: Floats, reorderings: int) -> list[float]:
    """The floor in slices of some sizes for any answers y [m, n], reordered one by one.

    Of more than 5,000 draws so many, picked at random, are reordered: indices of noise go with 1 / n.
    """
    rng, n = np.random.default_rng(SEED), y.shape[1]
    if (scale := min(1.0, MOST / n)) < 1:
        y = y[:, rng.choice(n, MOST, replace=False)]
    y = y - y.mean(axis=1, keepdims=True)
    order, highest = np.arange(y.shape[1]), [-np.inf] * len(sizes)
    ends = [_ends(width, scale) for width in sizes]
    for begin in range(0, reorderings, TOGETHER):
        orders = np.empty((min(TOGETHER, reorderings - begin), len(order)), np.int64)
        for row in orders:
            rng.shuffle(order)
            row[:] = order
        mixed = y.take(orders, axis=1).swapaxes(0, 1)
        squares = mixed * mixed
        for k, end in enumerate(ends):
            counts = np.diff(end, prepend=0).astype(float)
            counts, starts = np.broadcast_to(counts, (len(orders), len(end))), np.append(0, end[:-1])
            sums = Sums(counts, np.add.reduceat(mixed, starts, axis=-1), np.add.reduceat(squares, starts, axis=-1))
            highest[k] = max(highest[k], float(sums.index().max()))
    return [value * scale for value in highest]


def _ends(sizes: Longs, scale: float) -> Longs:
    """Where slices end among fewer draws; those that get none of them are left out."""
    ends = np.round(np.cumsum(sizes) * scale).astype(np.int64)
    return ends[np.diff(ends, prepend=0) > 0]
