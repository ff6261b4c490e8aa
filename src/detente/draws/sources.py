"""The sources of uncertainty of a model as standard normal scores, in which distance from the centre is measured.

Every source (`hazard`, or `sanctions seen by Russia#0` for the noise in a perception) is the image of one standard
normal score. Scores of correlated quantities are correlated; `free` scores are the independent ones behind them, so
that the Euclidean length of a point in free scores is its distance from the centre in prior standard deviations, with
correlations taken into account (Mahalanobis's distance of the scores).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import special

from detente.arrays import Floats
from detente.draws.sampler import Draws, Sampler, Step, stream
from detente.errors import QuestionError, nearest

FARTHEST = 7.0  # the score at which sampling stops (a probability of 1e-12)
SEEN_BY = " seen by "
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
            return np.zeros(1)

        replace(self.sampler, scores=note).draw(1, 0)
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
        """The draws at n points given in free scores, [S, n]. `fixed` as for `Sampler.draw`, `trail` as in Sampler."""
        scores = dict(zip(self.names, self.mixing @ free, strict=True))
        return replace(self.sampler, scores=scores.__getitem__, trail=trail).draw(free.shape[1], 0, fixed)

    def centre(self, fixed: Mapping[str, Floats | float] | None = None, n: int = 1) -> Draws:
        """n times the central draw, every source at its median, apart from what is `fixed`."""
        return self.draws(np.zeros((len(self.names), n)), fixed)

    def free(self, n: int, seed: int) -> Floats:
        """[S, n] the free scores behind `sampler.draw(n, seed)`."""
        return np.asarray(special.ndtri(np.array([stream(name, n, seed) for name in self.names]).reshape(-1, n)))

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
        several sources is read off its distribution in 4,001 draws.
        """
        if name in self.names:
            k = self.names.index(name)
            points = dict.fromkeys(self.names, np.zeros(len(scores))) | {self.names[k]: scores}
            found = replace(self.sampler, scores=points.__getitem__).draw(len(scores), 0)
            return self.read(found, name)
        return np.asarray(np.quantile(self._sample(name), special.ndtr(scores)))

    def score(self, name: str, values: Floats) -> Floats:
        """[n] the score at which a quantity or perception has given values; nan where no uncertainty leads there."""
        table = np.linspace(-FARTHEST, FARTHEST, 2801)
        known = self.value(name, table)
        if known[0] == known[-1]:
            return np.full(len(values), np.nan)
        found = np.interp(values, known, table)
        return np.where((values < known[0]) | (values > known[-1]), np.nan, found)

    def correlation(self, one: str, other: str) -> float:
        """The correlation of the scores of two quantities or perceptions."""
        if one in self.names and other in self.names:
            matrix = self.mixing @ self.mixing.T
            return float(matrix[self.names.index(one), self.names.index(other)])
        ranks = [special.ndtri((np.argsort(np.argsort(self._sample(x))) + 0.5) / _SAMPLE) for x in (one, other)]
        return float(np.corrcoef(ranks)[0, 1])

    def _sample(self, name: str) -> Floats:
        return self.read(self._drawn, name)

    @cached_property
    def _drawn(self) -> Draws:
        return self.sampler.draw(_SAMPLE, 1)
