"""What a sweep keeps of draws once they are solved and read: a `Tally`, which is small however many draws it is of.

What is read off a batch is what `run` reads (`Part.of`). Tallies of draws that follow each other are put together, and
nothing that comes out depends on where they were cut (`analyse.forecast.sketches`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Comparison, Verdict, concluded, weighed_up
from detente.analyse.forecast.sketches import Distribution, Moments, Sketch, distribution
from detente.arrays import Floats
from detente.language.comparisons import Compared, comparisons
from detente.language.expressions import Ask
from detente.model.schema import Model
from detente.solve.base import Status
from detente.study.memo.parts import Part

Key = tuple[str, ...]
"""`outcome war`, `group peace`, `answer`; `claim NAME`, and of its k-th comparison `claim NAME k left` and so on; `way
OUTCOME HOW`, `mechanism NAME OUTCOME`."""
OUTCOME, GROUP, ANSWER, CLAIM, WAY, MECHANISM = "outcome", "group", "answer", "claim", "way", "mechanism"
LEFT, RIGHT, GAP, SIZE, HOLDS = "left", "right", "gap", "size", "holds"


@dataclass(frozen=True, eq=False)
class Tally:
    """Some draws in few numbers: of each number that is read off them its moments, of some their sketch too.

    A number is counted in the draws in which it is one. `statuses`: how many draws came to each `Status`; `residual`
    and `gain` [P] are the largest.
    """

    draws: int
    moments: Mapping[Key, Moments]
    sketches: Mapping[Key, Sketch]
    statuses: Mapping[int, int]
    unconverged: int
    stopped: int  # of those that did not converge, by the solver itself
    forked: int
    residual: float
    gain: Floats
    method: str
    reason: str
    references: tuple[str, ...]

    @classmethod
    def of(cls, part: Part, model: Model) -> Tally:
        """What is kept of a batch."""
        moments, sketches = {}, {}
        for key, values, grid in _numbers(part, model):
            known = values[~np.isnan(values)]
            moments[key] = Moments.of(known)
            if grid is not None:
                sketches[key] = Sketch.of(known, grid)
        lost = ~part.converged
        statuses, counts = np.unique(part.status, return_counts=True)
        return cls(
            part.n, moments, sketches, dict(zip(statuses.tolist(), counts.tolist(), strict=True)), int(lost.sum()),
            int((part.status[lost] == Status.STOPPED).sum()), int(part.forked.sum()), float(part.residual.max()),
            part.gain.max(axis=1), part.method, part.reason, part.references,
        )  # fmt: skip

    @classmethod
    def merged(cls, tallies: Sequence[Tally]) -> Tally:
        """The tally of draws that follow each other."""
        first = tallies[0]
        if len(tallies) == 1:
            return first
        return cls(
            sum(t.draws for t in tallies),
            {key: reduce(add, (t.moments[key] for t in tallies)) for key in first.moments},
            {key: Sketch.merged([t.sketches[key] for t in tallies]) for key in first.sketches},
            {s: n for s in Status if (n := sum(t.statuses.get(s, 0) for t in tallies))},
            sum(t.unconverged for t in tallies),
            sum(t.stopped for t in tallies),
            sum(t.forked for t in tallies),
            max(t.residual for t in tallies),
            np.max([t.gain for t in tallies], axis=0),
            first.method,
            first.reason,
            tuple(dict.fromkeys(r for t in tallies for r in t.references)),
        )

    # ------------------------------------------------------------------ what it says

    def distribution(self, *key: str) -> Distribution:
        """A number of which the sketch is kept."""
        return distribution(self.moments[key], self.sketches[key])

    def distributions(self, kind: str) -> dict[str, Distribution]:
        """All outcomes, or all groups, by name."""
        return {key[1]: self.distribution(*key) for key in self.moments if key[0] == kind}

    def means(self, kind: str) -> dict[str, dict[str, float]]:
        """The means of all ways by outcome, or of all mechanisms and the outcomes that come with them."""
        found: dict[str, dict[str, float]] = {}
        for key, moments in self.moments.items():
            if key[0] == kind:
                found.setdefault(key[1], {})[key[2]] = moments.mean
        return found

    def finding(self, *key: str) -> Finding:
        """A number of which only mean and error are known."""
        moments = self.moments[key]
        return Finding(key[-1], moments.mean, np.nan, np.nan, moments.count, moments.error)

    def verdict(self, model: Model, name: str) -> Verdict:
        """What became of a claim."""
        claim, share = model.claims[name], self.finding(CLAIM, name)
        compared = tuple(self._comparison(model, name, k) for k in range(len(_compared(model, name))))
        return concluded(name, claim.says, share, self.draws - share.draws, compared)

    def _comparison(self, model: Model, name: str, k: int) -> Comparison:
        compared, key = _compared(model, name)[k], (CLAIM, name, str(k))
        texts = zip(compared.texts, (LEFT, RIGHT), strict=True)
        sides = [self.distribution(*key, side).finding(text) for text, side in texts]
        size = self.moments[*key, SIZE].mean
        return weighed_up(compared, sides, self.finding(*key, GAP), size, self.finding(*key, HOLDS))


def _compared(model: Model, name: str) -> tuple[Compared, ...]:
    """The comparisons of a claim."""
    holds = model.claims[name].holds
    return comparisons(holds.text, holds.expression)


def _numbers(part: Part, model: Model) -> Iterator[tuple[Key, Floats, bool | None]]:
    """[n] each number that is kept of a batch, and whether its sketch is that of a probability; None for no sketch."""
    for name, values in part.outcomes.items():
        yield (OUTCOME, name), values, True
    for name, members in model.groups.items():
        if members:
            yield (GROUP, name), np.sum([part.outcomes[o] for o in members], axis=0), True
    if model.answer:
        asks = model.answer.asks
        yield (ANSWER,), part.asked[asks.text], isinstance(asks.expression, Ask) and asks.expression.what == "P"
    by_name: dict[Key, list[Floats]] = {}
    for way, values in part.ways.items():  # some differ in their mechanism alone
        by_name.setdefault((WAY, way.outcome, str(way)), []).append(values)
    for (mechanism, outcome), values in part.mechanisms.items():
        by_name[MECHANISM, mechanism, outcome] = [values]
    for key, several in by_name.items():
        yield key, np.sum(several, axis=0), None
    for name, values in part.claims.items():
        yield (CLAIM, name), np.where(np.isnan(values), np.nan, values != 0), None
        for k in range(len(part.beside[name]) // 3):
            left, right, holds = part.beside[name][3 * k : 3 * k + 3]
            key, known = (CLAIM, name, str(k)), ~np.isnan(holds)
            left, right = left[known], right[known]
            yield (*key, LEFT), left, False
            yield (*key, RIGHT), right, False
            yield (*key, GAP), left - right, None
            yield (*key, SIZE), np.abs(left) + np.abs(right), None
            yield (*key, HOLDS), holds, None
