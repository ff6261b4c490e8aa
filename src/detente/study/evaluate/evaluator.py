"""Solving for the questions that solve again: draws, or the same draws along a line, and what is read off them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise

import numpy as np

from detente.analyse.forecast.readout import Answers, Watch
from detente.draws.sampler import Draws
from detente.engine.engine import Engine, Solving
from detente.engine.executors.local import Piece, Trip
from detente.engine.progress import Progress
from detente.engine.solved import Solved, computable, converged
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
            good = computable(self.blueprint, self.engine.perception, draws)
            if good.all():
                raise
            if not good.any():
                return self.watch.nothing(draws.n)
            return self._answers(draws.taken(np.flatnonzero(good))).among(good)

    def _answers(self, draws: Draws) -> Answers:
        where, read = self._readings([draws], "draws"), partial(_watched, self.watch)
        batches = self.engine.batches(self.blueprint, draws, read, self.forced, keeps=False)
        return Answers.joined(
            self.engine.run(
                where.piece(start, stop, Answers, partial(self._are_ours, stop - start), piece)
                for start, stop, piece in batches
            )
        )

    def line(self, points: Sequence[Draws], progress: Progress) -> list[Answers]:
        """The answers for the same draws at neighbouring points."""
        try:
            return self._along(points, progress)
        except ModelError:  # at some points there is no game
            return [self(draws) for draws in points]

    def _along(self, points: Sequence[Draws], progress: Progress) -> list[Answers]:
        n, size = points[0].n, self.engine.line_size(self.blueprint, points[0].n)
        pieces: list[Piece[list[Answers]]] = []
        total = len(points) * -(-n // size)
        for k, start in enumerate(range(0, n, size)):
            some = [draws.part(start, start + size) for draws in points]
            along = _Along(
                self, some, self._readings(some, "line"), partial(_advanced, progress, k * len(points), total)
            )
            pieces.append(Piece(along.here, along.trip))
        parts = list(self.engine.run(pieces))
        return [Answers.joined(found) for found in zip(*parts, strict=True)]

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

    @cached_property
    def follows(self) -> Callable[[Sequence[Draws], int], list[Answers]]:
        """What follows some draws along a line in another process."""
        return partial(_followed_there, self.engine.bare, self.blueprint, self.watch)

    def drop(self) -> None:
        """Remove what was kept on the way: where the whole is kept, nobody asks for it again."""
        for where in self.kept:
            where.drop()


def _watched(watch: Watch, solved: Solved) -> Answers:
    return watch(solved.batch, converged(solved))


@dataclass(frozen=True, eq=False)
class _Along:
    """Some draws along a line, kept stretch by stretch, so that it can go on where it was stopped."""

    bench: Bench
    points: Sequence[Draws]
    where: Readings
    told: Callable[[int], None]

    @property
    def ends(self) -> list[int]:
        return [*range(STRETCH + 1, len(self.points), STRETCH), len(self.points)]

    def known(self) -> list[Answers]:
        """The answers of the stretches that are kept, from the first on."""
        rows: list[Answers] = []
        for begin, end in pairwise([0, *self.ends]):
            good = partial(self.bench._are_rows, end - begin, self.points[0].n)
            if (found := self.where.get(begin, end, list[Answers], good)) is None:
                break
            rows += found
        return rows

    def here(self) -> list[Answers]:
        """The answers at each point."""
        known = self.known()
        if known:
            self.told(len(known))
        engine, blueprint = self.bench.engine, self.bench.blueprint
        return self._kept(known, _followed(engine.bare, blueprint, self.bench.watch, self.points, len(known)))

    def trip(self) -> Trip[list[Answers]] | None:
        known, model = self.known(), self.bench.blueprint.model
        if len(known) == len(self.points) or model._updated is not None:
            return None
        return Trip(self.bench.follows, (self.points, len(known)), lambda rows: self._kept(known, rows))

    def _kept(self, known: Sequence[Answers], new: Iterable[Answers]) -> list[Answers]:
        """What was known and what is new, which is put beside it."""
        rows, since = list(known), len(known)
        for answers in new:
            rows.append(answers)
            if (end := len(rows)) in self.ends:
                self.where.put(since, end, rows[since:])
                since = end
            self.told(end)
        return rows


def _followed(
    engine: Engine, blueprint: Blueprint, watch: Watch, points: Sequence[Draws], known: int
) -> Iterator[Answers]:
    """The answers at the points of a line from a certain one on."""
    if known == len(points):
        return
    for k, solved in engine.solve_line(blueprint, points, max(known - 1, 0)):
        if k >= known:
            yield _watched(watch, solved)


def _followed_there(
    engine: Engine, blueprint: Blueprint, watch: Watch, points: Sequence[Draws], known: int
) -> list[Answers]:
    return list(_followed(engine, blueprint, watch, points, known))


def _advanced(progress: Progress, before: int, total: int, done: int) -> None:
    progress(before + done, total)
