"""Solving for the questions that solve again: draws, or the same draws along a line, and what is read off them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from detente.analyse.forecast.readout import Answers, Watch
from detente.arrays import Bools
from detente.draws.sampler import Draws
from detente.engine.engine import Solving
from detente.engine.progress import Progress
from detente.engine.solved import converged, eyes
from detente.engine.store.store import Store
from detente.errors import ModelError
from detente.game.blueprint import Blueprint
from detente.solve.quantal.neighbours import STRETCH
from detente.study.memo.findings import Readings
from detente.study.settings import Ready


@dataclass(frozen=True, eq=False)
class Bench:
    """Solves draws of a compiled model and reads the answers off them: an `Ask`.

    Where there is a store, what is read is kept there batch by batch, and taken from there; `kept` lists where.
    """

    blueprint: Blueprint
    engine: Solving
    store: Store | None
    watch: Watch
    forced: Mapping[str, str] = field(default_factory=dict)
    kept: list[Readings] = field(default_factory=list)

    @classmethod
    def of(
        cls, blueprint: Blueprint, ready: Ready, claims: Sequence[str] | None = None, moves: Sequence[int] = ()
    ) -> Bench:
        return cls(blueprint, ready.engine, ready.store, Watch(blueprint, claims, moves))

    def __call__(self, draws: Draws) -> Answers:
        try:
            return self._answers(draws)
        except ModelError:
            good = computable(self.blueprint, self.engine, draws)
            if good.all():
                raise
            if not good.any():
                return self.watch.nothing(draws.n)
            return self._answers(draws.taken(np.flatnonzero(good))).among(good)

    def _answers(self, draws: Draws) -> Answers:
        where, parts = self._readings([draws], "draws"), []
        for start, stop, solve in self.engine.batches(self.blueprint, draws, self.forced, keeps=False):
            found = where.get(start, stop, Answers, partial(self._are_ours, stop - start))
            if found is None:
                solved = solve()
                found = self.watch(solved.batch, converged(solved))
                where.put(start, stop, found)
            elif where.store:
                where.store.reused += stop - start
            parts.append(found)
        return Answers.joined(parts)

    def line(self, points: Sequence[Draws], progress: Progress) -> list[Answers]:
        """The answers for the same draws at neighbouring points."""
        try:
            return self._along(points, progress)
        except ModelError:  # at some points there is no game
            return [self(draws) for draws in points]

    def _along(self, points: Sequence[Draws], progress: Progress) -> list[Answers]:
        n, size = points[0].n, self.engine.line_size(self.blueprint, points[0].n)
        parts: list[list[Answers]] = []
        total = len(points) * -(-n // size)
        for start in range(0, n, size):
            some = [draws.part(start, start + size) for draws in points]
            before = len(parts) * len(points)
            parts.append(self._stretches(some, partial(_advanced, progress, before, total)))
        return [Answers.joined(found) for found in zip(*parts, strict=True)]

    def _stretches(self, points: Sequence[Draws], told: Callable[[int], None]) -> list[Answers]:
        """The answers of one batch along a line, kept stretch by stretch, so that it can go on where it was stopped."""
        where, rows = self._readings(points, "line"), []
        ends = [*range(STRETCH + 1, len(points), STRETCH), len(points)]
        for begin, end in zip([0, *ends], ends, strict=False):
            if (
                found := where.get(begin, end, list[Answers], partial(self._are_rows, end - begin, points[0].n))
            ) is None:
                break
            rows += found
            told(len(rows))
        known = len(rows)
        if known < len(points):
            for k, solved in self.engine.solve_line(self.blueprint, points, max(known - 1, 0)):
                if k < known:
                    continue
                rows.append(self.watch(solved.batch, converged(solved)))
                if (end := len(rows)) in ends:
                    where.put(known, end, rows[known:])
                    known = end
                told(end)
        return rows

    def _are_ours(self, n: int, found: Answers) -> bool:
        """Whether answers that were kept speak of n draws of this model."""
        model, rows = self.blueprint.model, (found.outcomes, found.claims, found.answer)
        good = all(array.shape == (n,) for named in rows for array in named.values()) and found.converged.shape == (n,)
        good = good and found.outcomes.keys() == model.outcomes.keys() and found.claims.keys() <= model.claims.keys()
        return good and found.answer.keys() == self.watch.answer.keys()

    def _are_rows(self, count: int, n: int, found: list[Answers]) -> bool:
        return len(found) == count and all(self._are_ours(n, answers) for answers in found)

    def _readings(self, points: Sequence[Draws], how: str) -> Readings:
        watched = (how, tuple(self.watch.claims), self.watch.moves)
        where = Readings.of_draws(self.store, self.engine, self.blueprint, points, self.forced, watched)
        self.kept.append(where)
        return where

    def drop(self) -> None:
        """Remove what was kept on the way: where the whole is kept, nobody asks for it again."""
        for where in self.kept:
            where.drop()


def computable(blueprint: Blueprint, engine: Solving, draws: Draws) -> Bools:
    """[n] whether a game can be made of a draw, in every view that is solved; of rival structures, that of the
    combination it has."""
    if blueprint.members is not None:
        which, found = blueprint.members.which(blueprint.tape, draws), np.ones(draws.n, bool)
        for k, member in enumerate(blueprint.members.blueprints):
            if (where := np.flatnonzero(which == k)).size:
                found[where] = computable(member, engine, draws.taken(where))
        return found
    private = eyes(blueprint.tree, draws) if engine.perception != "common" else []
    return blueprint.computable(draws, (None, *private))


def _advanced(progress: Progress, before: int, total: int, done: int) -> None:
    progress(before + done, total)
