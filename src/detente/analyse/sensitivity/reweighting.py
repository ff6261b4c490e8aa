"""Solved draws as draws from another prior: what is forecast if a best guess were another, with nothing solved again.

Importance sampling (Kahn & Marshall 1953). A draw stands at normal scores z; where best guesses are moved the scores
are drawn around mu in place of zero, and the draw weighs as much as the ratio of the two densities there,
exp(mu' P z - mu' P mu / 2) with P the inverse of the correlations of the scores. Draws that were solved with best
guesses moved by other amounts weigh the ratio of both ratios, so that a set solved at one point serves its neighbours.
Of a quantity with a few values, and of rival structures, it is the new probability over the old one, given the draw.

Averages are divided by the sum of the weights; their errors are those of ratios, by the delta method (Hesterberg 1995;
Owen 2013, ch. 9). How many draws the weighted ones are worth is Kish's effective sample size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detente.analyse.counterfactual.whatif import METHOD as PAIRED
from detente.analyse.counterfactual.whatif import REFERENCE as COMMON
from detente.analyse.counterfactual.whatif import SPREAD, Difference
from detente.analyse.evidence.pareto import effective
from detente.analyse.finding import HIGH, LOW, Z95, Finding
from detente.analyse.forecast.claims import WILSON, wilson
from detente.arrays import Bools, Floats, Longs
from detente.draws.beliefs import PLAIN, Moved, Priors
from detente.draws.sampler import Draws
from detente.draws.structures import chances, fit
from detente.language.normal import normal_cdf, normal_quantile

REFERENCE = (
    "Owen (2013), Monte Carlo theory, methods and examples, ch. 9; Hesterberg (1995), Weighted average importance "
    "sampling and defensive mixture distributions, Technometrics 37, 185-194"
)
KISH = "Kish (1965), Survey Sampling, ch. 11.7 (effective sample size)"
WEIGHTED = "reweighted draws"
LEAST = 0.1  # the share of the draws that reweighted ones must be worth, for them not to be solved again


@dataclass(frozen=True, eq=False)
class Points:
    """Where n solved draws stand, and what was believed when they were drawn.

    `scores` [S, n] of all sources; `draws` say which values and structures were drawn.
    """

    priors: Priors
    draws: Draws
    scores: Floats
    made: Moved = PLAIN

    @property
    def n(self) -> int:
        return self.draws.n

    def covers(self, moved: Moved) -> bool:
        """Whether all that can be under these beliefs could be drawn here."""
        for name, likely in self.made.chances.items():
            wanted = moved.chances.get(name, self.priors.levels(name)[1])
            if any(p == 0 and q > 0 for p, q in zip(likely, wanted, strict=True)):
                return False
        settled = [(b, s, w) for b, known in self.made.weights.items() for s, w in known.items() if w in (0.0, 1.0)]
        return all(moved.weights.get(block, {}).get(name) == weight for block, name, weight in settled)

    def weights(self, moved: Moved) -> Floats:
        """[n] the weight of each draw under other beliefs; they sum to 1, or are 0 where none of them can be."""
        few = frozenset((*moved.chances, *self.made.chances))
        logs = self._ratio(moved, few) - self._own(few)
        most = logs.max()
        if not np.isfinite(most):
            return np.zeros(self.n)
        found = np.exp(logs - most)
        return np.asarray(found / found.sum())

    def _own(self, few: frozenset[str]) -> Floats | float:
        """[n] the logarithm of how much more likely each draw was here than under the plain prior."""
        if self.made == PLAIN:
            return 0.0
        if few not in self._owned:
            self._owned[few] = self._ratio(self.made, few)
        return self._owned[few]

    @cached_property
    def _owned(self) -> dict[frozenset[str], Floats]:
        return {}

    def _ratio(self, moved: Moved, few: frozenset[str]) -> Floats:
        """[n] the logarithm of how much more likely each draw is under some beliefs than under the plain prior. Of the
        sources in `few` it is known which value was drawn, not at which score."""
        priors = self.priors
        found, mean = np.zeros(self.n), priors.vector(moved.shifts)
        joint = [name for name in few if name in priors.sources.sampler.copula[0]]
        pull = self._pull(mean, joint)
        if (rows := np.flatnonzero(pull)).size:
            found += pull[rows] @ self.scores[rows] - pull @ mean / 2
        with np.errstate(divide="ignore"):
            for name in few:
                likely = moved.chances.get(name, priors.levels(name)[1])
                found += np.log(self._likelier(name, np.array(likely), mean))
            for name, wanted in moved.weights.items():
                there, old = self.alternatives(name)
                new = fit(old, priors.blocks[name], wanted)
                every = np.arange(self.n)
                found += np.log(new[there, every] / np.maximum(old[there, every], 1e-300))
        return found

    def _pull(self, mean: Floats, joint: Sequence[str]) -> Floats:
        """[S] by how much the logarithm of a weight rises with each score; nothing is known of those in `joint`."""
        if not joint:
            return np.asarray(self.priors.precision @ mean)
        others, inverse = self._others(joint[0])
        found = mean.copy()
        found[others] = inverse @ mean[others]
        found[self.priors.row(joint[0])] = 0.0
        return found

    def _others(self, name: str) -> tuple[Longs, Floats]:
        """The sources that are correlated with one or with each other, without it, and the inverse of their
        correlations."""
        priors = self.priors
        rows = np.array([priors.row(x) for x in priors.sources.sampler.copula[0] if x != name])
        return rows, np.linalg.pinv(priors.correlations[np.ix_(rows, rows)])

    def _likelier(self, name: str, likely: Floats, mean: Floats) -> Floats:
        """[n] the probability of the value of a source that was drawn, over that under the plain prior, given all that
        is correlated with it."""
        priors = self.priors
        values, known = priors.levels(name)
        old = np.array(known)
        value = priors.sources.read(self.draws, name)
        drawn = np.abs(value - np.array(values)[:, None]).argmin(axis=0)
        if name not in priors.sources.sampler.copula[0]:
            return np.asarray((likely / old)[drawn])
        others, inverse = self._others(name)
        slope = priors.correlations[priors.row(name), others] @ inverse
        spread = np.sqrt(max(1.0 - slope @ priors.correlations[others, priors.row(name)], 1e-12))
        here = slope @ self.scores[others]

        def between(shares: Floats, centre: Floats) -> Floats:
            ends = np.array([-np.inf, *normal_quantile(np.cumsum(shares)[:-1].clip(0.0, 1.0)), np.inf])
            below, above = ((ends[drawn + k] - centre) / spread for k in (0, 1))
            return normal_cdf(above) - normal_cdf(below)

        was = between(old, here)
        return np.asarray(between(likely, here - slope @ mean[others]) / np.where(was > 0, was, 1.0))

    def alternatives(self, block: str) -> tuple[Longs, Floats]:
        """[n] which alternative of a block was drawn, and [alternatives, n] how likely each was by the draw's own
        weights."""
        if block not in self._blocks:
            there = np.rint(self.draws.truth[block]).astype(np.int64)
            self._blocks[block] = there, chances(self.draws, self.priors.blocks[block])
        return self._blocks[block]

    @cached_property
    def _blocks(self) -> dict[str, tuple[Longs, Floats]]:
        return {}


# ---------------------------------------------------------------------- what is read off weighted draws


@dataclass(frozen=True, eq=False)
class Weighted:
    """Each of m numbers over weighted draws, [m]: its mean with its standard error, the 5th and 95th percentile, how
    many draws it is known in, and how many they are worth. `pull` [m, n]: by how much each draw pulls the mean."""

    mean: Floats
    error: Floats
    low: Floats
    high: Floats
    draws: Longs
    worth: Floats
    pull: Floats


@dataclass(frozen=True, eq=False)
class Rows:
    """m numbers in each of n draws, [m, n], nan where one is not defined; sorted once, for all weights.

    `ranged`: of how many of them, from the first, percentiles are wanted.
    """

    values: Floats
    ranged: int

    @cached_property
    def known(self) -> Bools:
        """[m, n] where they are numbers."""
        return np.asarray(~np.isnan(self.values))

    @cached_property
    def filled(self) -> Floats:
        """[m, n] the numbers, 0 where there is none."""
        return np.where(self.known, self.values, 0.0)

    @cached_property
    def counts(self) -> Longs:
        """[m] in how many draws each is known."""
        return np.asarray(self.known.sum(axis=1))

    @cached_property
    def whole(self) -> bool:
        """Whether all are numbers."""
        return bool(self.known.all())

    @cached_property
    def order(self) -> tuple[Longs, Floats]:
        """[ranged, n] the draws in ascending order of each number, and the numbers in it; what is none comes last."""
        order = np.argsort(self.values[: self.ranged], axis=1, kind="stable")
        return order, np.take_along_axis(self.values[: self.ranged], order, axis=1)

    def first(self, n: int) -> Rows:
        """The same in the first n draws."""
        return self if n == self.values.shape[1] else Rows(self.values[:, :n], self.ranged)

    def shares(self, weights: Floats) -> Floats:
        """[m, n] the share of each draw in the mean of each number; 0 where it is not defined."""
        masses = self.known * weights
        total = (self.known @ weights)[:, None]
        return np.asarray(masses / np.where(total > 0, total, 1.0))

    def weighted(self, weights: Floats) -> Weighted:
        """What the numbers come to with [n] weights."""
        shares = self.shares(weights)
        squares = _dot(shares, shares)
        there = squares > 0
        mean = np.where(there, _dot(shares, self.filled), np.nan)
        counts = self.counts
        pull = shares * (self.filled - mean[:, None])
        small = np.sqrt(counts / np.maximum(counts - 1, 1))
        error = np.where(counts > 1, np.sqrt(_dot(pull, pull)) * small, np.nan)
        worth = np.where(there, 1 / np.where(there, squares, 1.0), 0.0)
        low, high = self._percentiles(weights)
        return Weighted(mean, error, low, high, counts, worth, pull)

    def _percentiles(self, weights: Floats) -> Floats:
        """[2, ranged] the 5th and 95th percentile, linear between draws, with equal weights those of numpy.quantile."""
        order, sorted_ = self.order
        found = np.full((2, self.ranged), np.nan)
        masses = weights[order]
        if (weights == 0).any() or not self.whole:
            for k in range(self.ranged):
                some = (masses[k] > 0) & ~np.isnan(sorted_[k])
                if some.any():
                    found[:, k] = _at(sorted_[k][some], np.cumsum(masses[k][some]) - masses[k][some] / 2)
            return found
        middles = np.cumsum(masses, axis=1) - masses / 2
        for k in range(self.ranged):
            found[:, k] = _at(sorted_[k], middles[k])
        return found


def _at(values: Floats, middles: Floats) -> Floats:
    """[2] both percentiles of sorted numbers from the middles of their masses."""
    first, last = middles[0], middles[-1]
    return np.asarray(np.interp(first + np.array([LOW, HIGH]) * (last - first), middles, values))


def _dot(one: Floats, other: Floats) -> Floats:
    """[m] the sum over draws of products of [m, n] and [m, n] numbers."""
    return np.asarray(np.einsum("mn,mn->m", one, other))


def gap_error(before: Weighted, after: Weighted) -> Floats:
    """[m] the standard error of the difference between two means over paired draws, which may be the same ones, each
    with weights of its own. By the delta method."""
    n = after.pull.shape[1]
    pull = after.pull - before.pull
    return np.asarray(np.sqrt(_dot(pull, pull) * n / max(n - 1, 1)))


def best(sets: Sequence[Points], moved: Moved) -> tuple[int, Floats]:
    """Of several solved sets the number of the one that is worth most draws under some beliefs, and its weights."""
    found, most = (0, np.zeros(sets[0].n)), -1.0
    for k, points in enumerate(sets):
        if points.covers(moved):
            weights = points.weights(moved)
            if (here := effective(weights)) > most:
                found, most = (k, weights), here
    return found


def ranged(name: str, of: Weighted, k: int) -> Finding:
    """The k-th of some numbers: its mean, with its 90% interval over the draws."""
    return Finding(
        name, float(of.mean[k]), float(of.low[k]), float(of.high[k]), int(of.draws[k]), float(of.error[k]),
        method=WEIGHTED, reference=REFERENCE,
    )  # fmt: skip


def share_held(name: str, of: Weighted, k: int) -> Finding:
    """The share of draws in which the k-th condition holds, with Wilson's interval at what the draws are worth."""
    value, worth = float(of.mean[k]), float(of.worth[k])
    low, high = wilson(value, worth) if worth > 0 else (np.nan, np.nan)
    return Finding(
        name, value, low, high, int(of.draws[k]), float(of.error[k]), "95% Wilson interval of the share",
        "share of draws in which the condition holds, by their weights", WILSON,
    )  # fmt: skip


def difference(name: str, before: Finding, after: Finding, error: float, gaps: Floats | None) -> Difference:
    """Two means and their difference, whose standard error is known. `gaps`: the difference in each draw, [n], where
    draws are changed and not weighted."""
    gap = after.value - before.value
    draws = min(before.draws, after.draws)
    effect = Finding(
        name, gap, gap - Z95 * error, gap + Z95 * error, draws, error, "95% of the mean",
        WEIGHTED if gaps is None else PAIRED, REFERENCE if gaps is None else COMMON,
    )  # fmt: skip
    if gaps is None:
        spread = Finding(name, gap, np.nan, np.nan, 0, error)
    else:
        spread = Finding.of(name, gaps[~np.isnan(gaps)], SPREAD, COMMON)
    return Difference(name, before, after, effect, spread)
