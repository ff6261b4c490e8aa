"""The sources of uncertainty of a model as standard normal scores, in which distance from the median draw is measured.

Every source (`hazard`, or `sanctions seen by Russia#0` for the noise in a perception) is the image of one standard
normal score. Scores of correlated quantities are correlated; `free` scores are the independent ones behind them, so
that the Euclidean length of a point in free scores is its distance from the median draw in prior standard deviations,
with correlations taken into account (Mahalanobis's distance of the scores)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from detente.arrays import Floats, Longs
from detente.draws.formulas import Step
from detente.draws.sampler import MEDIAN, Draws, Sampler
from detente.errors import QuestionError, nearest
from detente.language.normal import normal_cdf, normal_quantile
from detente.model.schema import SEEN_BY as SEEN_BY

FARTHEST = 7.0  # the score at which sampling stops (a probability of 1e-12)
FEW = 21  # values, that a quantity may have to be told by them
ROUNDING = 1e-12  # of a score
_SAMPLE = 4001


@dataclass(frozen=True, eq=False)
class Sources:
    """The sources behind a sampler. Axis S: sources, in the order in which they are first drawn."""

    sampler: Sampler

    @cached_property
    def names(self) -> tuple[str, ...]:
        """[S] the sources by name."""
        asked: dict[str, None] = {}

        def note(name: str) -> Floats:
            asked[name] = None
            return MEDIAN

        replace(self.sampler, scores=note, lenient=True).draw(1, 0)
        return tuple(dict.fromkeys((*asked, *self.sampler.copula[0])))

    @cached_property
    def mixing(self) -> Floats:
        """[S, S] the factor that turns free scores into the scores of the sources."""
        correlated, factor = self.sampler.copula
        matrix = np.eye(len(self.names))
        rows = [self.names.index(name) for name in correlated]
        matrix[np.ix_(rows, rows)] = factor
        return matrix

    @cached_property
    def unmixing(self) -> Floats:
        """[S, S] the way back: the shortest free scores that give some scores."""
        return np.asarray(np.linalg.pinv(self.mixing))

    def draws(
        self, free: Floats, fixed: Mapping[str, Floats | float] | None = None, trail: list[Step] | None = None
    ) -> Draws:
        """The draws at n points given in free scores, [S, n]. `fixed` as for `Sampler.draw`, `trail` as in Sampler.

        A quantity that is not a number there (at a pole, say) is nan or infinite.
        """
        mixed = self.mixing @ free
        mixed = np.where(np.abs(mixed) < ROUNDING, 0.0, mixed)  # a choice may jump at the median
        scores = dict(zip(self.names, mixed, strict=True))
        return replace(self.sampler, scores=scores.__getitem__, trail=trail, lenient=True).draw(free.shape[1], 0, fixed)

    def centre(self, fixed: Mapping[str, Floats | float] | None = None, n: int = 1) -> Draws:
        """n times the median draw, every source at its median, apart from what is `fixed`."""
        return replace(self.sampler, scores=lambda _: MEDIAN, lenient=True).draw(n, 0, fixed)

    def free(self, n: int, seed: int) -> Floats:
        """[S, n] the free scores behind `sampler.draw(n, seed)`."""
        return normal_quantile(np.array([self.sampler.stream(name, n, seed) for name in self.names]).reshape(-1, n))

    # ------------------------------------------------------------------ quantities and perceptions

    def known(self, name: str) -> None:
        """Raise QuestionError unless `name` is a quantity, or a perception written as `x seen by A`."""
        names = [*self.sampler.model.quantities, *self.perceptions]
        if name not in names:
            raise QuestionError(f"there is no quantity {name!r}; {nearest(name, names) or 'this model has none'}")

    @property
    def perceptions(self) -> tuple[str, ...]:
        """The perceptions of the model, as `x seen by A`."""
        quantities = self.sampler.model.quantities
        return tuple(f"{name}{SEEN_BY}{actor}" for name, q in quantities.items() for actor in q.seen_by)

    @staticmethod
    def read(draws: Draws, name: str) -> Floats:
        """[n] a quantity, or a perception of one, in each draw."""
        if name in draws.truth:
            return draws.truth[name]
        quantity, _, actor = name.partition(SEEN_BY)
        return draws.views[actor][quantity]

    def value(self, name: str, scores: Floats) -> Floats:
        """[n] the value of a quantity or perception at given scores of its own.

        A quantity that is one source of uncertainty is moved by it, all others at their medians; what is made of
        several sources is read off its distribution in 4,001 draws. One that has only a few values has one of them.
        """
        if name in self.names:
            sampler = replace(self.sampler, scores=lambda source: scores if source == name else MEDIAN, lenient=True)
            found = sampler.draw(len(scores), 0)
            return self.read(found, name)
        method: Literal["inverted_cdf", "linear"] = "inverted_cdf" if self.support(name) else "linear"
        return np.asarray(np.quantile(self._sample(name), normal_cdf(scores), method=method))

    def support(self, name: str) -> tuple[float, ...]:
        """The values of a quantity or perception that has only a few, in order (a choice, a count); else none."""
        if name not in self._supports:
            seen = self._sample(name)
            if name in self.names:
                seen = np.concatenate([seen, self.table(name)[1]])
            values = np.unique(seen)
            few = 1 < len(values) <= FEW
            self._supports[name] = tuple(float(v) for v in values) if few else ()
        return self._supports[name]

    def score(self, name: str, values: Floats) -> Floats:
        """[n] the score at which a quantity or perception has given values, to 1e-8; of several the nearest to zero.

        This is what *prior standard deviations* means everywhere. It is nan where the quantity is known exactly, and
        -inf or inf for what lies beyond the scores of -7 and 7, or for what is made of several sources beyond all of
        4,001 draws: it is outside of what is held possible.
        """
        scores, known = self.table(name)
        values = np.asarray(values, float)
        if known[0] == known[-1]:
            return np.full(len(values), np.nan)
        if known[0] > known[-1]:
            scores, known = scores[::-1], known[::-1]
        first, last = known[0] - 1e-9 * abs(known[0]), known[-1] + 1e-9 * abs(known[-1])
        inside = np.clip(values, known[0], known[-1])
        low, high = np.searchsorted(known, inside, "left"), np.searchsorted(known, inside, "right") - 1
        ends = np.sort([scores[low], scores[np.maximum(high, low)]], axis=0)
        found = np.where(known[low] == inside, np.clip(0.0, *ends), _between(scores, known, inside, low))
        beyond = np.sign(scores[-1]) * np.where(values < first, -np.inf, np.inf)
        return np.asarray(np.where((values < first) | (values > last), beyond, found))

    def distance(self, name: str, one: Floats | float, other: Floats | float) -> Floats:
        """[n] from one value of a quantity to another in prior standard deviations, signed; 0 from one to itself.

        nan and infinite as for `score`.
        """
        a, b = np.broadcast_arrays(np.atleast_1d(np.asarray(one, float)), np.atleast_1d(np.asarray(other, float)))
        with np.errstate(invalid="ignore"):
            return np.where(a == b, 0.0, self.score(name, b) - self.score(name, a))

    def table(self, name: str) -> tuple[Floats, Floats]:
        """The scores from -7 to 7 in steps of 0.005, and the values of a quantity or perception there."""
        if name not in self._tables:
            scores = np.linspace(-FARTHEST, FARTHEST, 2801)
            self._tables[name] = scores, self.value(name, scores)
        return self._tables[name]

    @cached_property
    def _tables(self) -> dict[str, tuple[Floats, Floats]]:
        """By name, what `table` has made."""
        return {}

    @cached_property
    def _supports(self) -> dict[str, tuple[float, ...]]:
        """By name, what `support` has found."""
        return {}

    def correlation(self, one: str, other: str) -> float:
        """The correlation of the scores of two quantities or perceptions."""
        if one in self.names and other in self.names:
            matrix = self.mixing @ self.mixing.T
            return float(matrix[self.names.index(one), self.names.index(other)])
        ranks = [normal_quantile(_middle_ranks(self._sample(x)) / _SAMPLE) for x in (one, other)]
        return float(np.asarray(np.corrcoef(ranks))[0, 1])

    def _sample(self, name: str) -> Floats:
        return self.read(self._drawn, name)

    @cached_property
    def _drawn(self) -> Draws:
        return self.sampler.prior.draw(_SAMPLE, 1)


def _middle_ranks(values: Floats) -> Floats:
    """[n] the ranks of numbers less a half, equal ones at their mean."""
    ordered = np.sort(values)
    return np.asarray((np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2)


def _between(scores: Floats, known: Floats, values: Floats, after: Longs) -> Floats:
    """[n] the scores of values between rows `after` - 1 and `after` of a table, by its derivative and curvature
    there."""
    k = np.clip(after, 1, len(known) - 1)
    start, width = known[k - 1], known[k] - known[k - 1]
    width = np.where(width > 0, width, 1.0)
    bend = np.gradient(np.diff(known), axis=0)[k - 1]
    bend = np.where(np.abs(bend) < 0.2 * width, bend, 0.0)  # not where it jumps
    t = (values - start) / width
    for _ in range(4):
        t = (values - start - bend * t * (t - 1) / 2) / width
    return np.asarray(scores[k - 1] + np.clip(t, 0.0, 1.0) * (scores[k] - scores[k - 1]))
