"""One batch for the points of many searches, with what each of them asks: answers, and derivatives where they are
wanted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.readout import Answers, Watch
from detente.analyse.sensitivity.gradients import Gradients, gradients
from detente.analyse.thresholds.breaking import Request
from detente.analyse.thresholds.search import Points, Steep
from detente.arrays import Floats, Longs
from detente.draws.derivatives import Chain
from detente.draws.sources import Sources
from detente.engine.solved import Solved, computable, converged
from detente.errors import ModelError
from detente.language.margins import margin
from detente.study.study import Study


@dataclass(frozen=True, eq=False)
class Pool:
    """Solves the points of many requests in one batch, and answers to each only the claims it asks for."""

    study: Study
    sources: Sources
    watch: Watch
    ratios: dict[str, Question] = field(default_factory=dict)

    def __call__(self, requests: Sequence[Request]) -> list[Answers]:
        try:
            return self._answers(requests)
        except ModelError:
            return self._where_it_can(requests)

    def _where_it_can(self, requests: Sequence[Request]) -> list[Answers]:
        """The answers at those points of which a game can be made. Raises ModelError if that is not what is wrong."""
        good = [
            computable(self.study.blueprint, self.study.engine.perception, self.sources.draws(_points(asked)))
            for _, asked in requests
        ]
        if all(some.all() for some in good):
            return self._answers(requests)
        left = [
            (names, Steep(asked.points[:, some]) if isinstance(asked, Steep) else asked[:, some])
            for (names, asked), some in zip(requests, good, strict=True)
        ]
        known = iter(self._answers([request for request, some in zip(left, good, strict=True) if some.any()]))
        return [
            next(known).among(some) if some.any() else self.watch.only(names).nothing(len(some))
            for (names, _), some in zip(requests, good, strict=True)
        ]

    def _answers(self, requests: Sequence[Request]) -> list[Answers]:
        if not requests:
            return []
        points = [_points(asked) for _, asked in requests]
        steep = [k for k, (_, asked) in enumerate(requests) if isinstance(asked, Steep)]
        order = [*steep, *(k for k in range(len(requests)) if k not in steep)]  # those side by side
        ends = np.cumsum([0, *(points[k].shape[1] for k in order)])
        at = Chain.at(self.sources, np.hstack([points[k] for k in order]))
        which = np.repeat(np.arange(len(steep)), np.diff(ends[: len(steep) + 1]))
        margins = [self.ratio(requests[k][0][0]) for k in steep]
        parts: list[list[Answers]] = [[] for _ in requests]
        start = 0
        for solved in self.study.engine.bare.solve(self.study.blueprint, at.draws):
            good, n = converged(solved), solved.batch.n
            mine = which[start : start + n]
            slopes = self._slopes(margins, solved, at.part(start, start + len(mine)), mine) if len(mine) else None
            for place, k in enumerate(order):
                first, last = max(int(ends[place]) - start, 0), min(int(ends[place + 1]) - start, n)
                if first < last:
                    found = self.watch.only(requests[k][0])(solved.batch.part(first, last), good[first:last])
                    if place < len(steep) and slopes is not None:
                        name = requests[k][0][0]
                        ratio = {name: slopes.values[0, first:last]}
                        found = replace(found, margins=ratio, slopes={name: slopes.slopes.scores[:, 0, first:last]})
                    parts[k].append(found)
            start += n
        return [Answers.joined(found) for found in parts]

    def _slopes(self, margins: Sequence[Question], solved: Solved, at: Chain, which: Longs) -> Gradients | None:
        """The derivatives of the first n points, each of the claim it is asked; None where there are none at all."""
        if solved.unlimited:
            return None
        workers = self.study.engine.workers or os.cpu_count() or 1
        return gradients(margins, solved.batch.part(0, len(which)), at, workers, which)

    def ratio(self, claim: str) -> Question:
        """The margin of a claim in which probabilities are compared by their ratio."""
        if claim not in self.ratios:
            condition = self.study.model.claims[claim].holds.expression
            self.ratios[claim] = Question(self.study.blueprint, margin(condition, ratio=True))
        return self.ratios[claim]


def _points(asked: Points) -> Floats:
    """[S, m] the points that are asked for."""
    return asked.points if isinstance(asked, Steep) else asked
