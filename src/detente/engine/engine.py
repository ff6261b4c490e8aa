"""Solving draws, whatever the reading of perception: one game for everybody, or one for each pair of eyes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from detente.draws.sampler import Draws
from detente.engine.batch import Batch
from detente.engine.solved import HYPERGAME, Solved, _own, _parts, eyes
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.game.tree import Game
from detente.solve.base import Certificate, Follower, Solution, Solver
from detente.solve.certificate.certify import certify
from detente.solve.choose import choose

if TYPE_CHECKING:
    from detente.engine.store.batch_file import Kept
    from detente.engine.store.store import Store

LARGEST_BATCH = 1000
IN_A_LINE = 2  # batches are so many times smaller along a line
NUMBERS_AT_ONCE = 4_000_000  # of one array over the nodes of a tree

beginning: ContextVar[Callable[[], None] | None] = ContextVar("beginning", default=None)
"""Who is told when a solver is set to work: not where everything comes from the store."""


@dataclass(frozen=True)
class Engine:
    """How draws are solved. `method` None: chosen by what the game is. No result depends on `workers` or `store`."""

    perception: str = "common"
    method: str | Solver | None = None
    workers: int = 0
    store: Store | None = field(default=None, compare=False, repr=False)

    def solve(self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str] | None = None) -> Iterator[Solved]:
        """Solve draws batch by batch, so that the work can be watched, and stopped without losing what is done."""
        for _, _, solve in self.batches(blueprint, draws, forced):
            yield solve()

    def batches(
        self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str] | None = None, keeps: bool = True
    ) -> Iterator[tuple[int, int, Callable[[], Solved]]]:
        """The batches of some draws: the first, one past the last, and what solves them.

        `keeps`: whether behaviour is put into the store, and not only taken from it.
        """
        size = self.batch_size(blueprint)
        shelf = self.store.shelf(self, blueprint, draws, forced or {}, keeps) if self.store else None
        for start in range(0, draws.n, size):
            part = draws.part(start, start + size)
            if shelf:
                yield start, start + part.n, partial(shelf.solve, part, start)
            else:
                yield start, start + part.n, partial(self.solve_batch, blueprint, part, forced or {})

    def batch_size(self, blueprint: Blueprint) -> int:
        """How many draws are solved at once."""
        return max(16, min(LARGEST_BATCH, NUMBERS_AT_ONCE // blueprint.tree.n_nodes))

    def line_size(self, blueprint: Blueprint, n: int) -> int:
        """How many of n draws go along a line at once: fewer than in a batch, since the games of a whole stretch are
        held. Parts are of like size: numpy adds up a single draw in another order."""
        most = -(-self.batch_size(blueprint) // IN_A_LINE)
        return -(-n // -(-n // most))

    def solve_batch(self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str]) -> Solved:
        """Solve some draws at once."""
        truth = blueprint.forced(blueprint.game(draws), forced)
        if self.perception == "common":
            solution, certificate, reason, unlimited = self._one(truth)
            views = [(truth, solution.behaviour)] * truth.tree.n_players
            return Solved(
                Batch(blueprint, draws, truth, solution.behaviour, views), solution, certificate, reason, unlimited
            )
        return self._private(blueprint, draws, truth, forced)

    def solve_line(self, blueprint: Blueprint, points: Sequence[Draws], since: int = 0) -> Iterator[tuple[int, Solved]]:
        """Solve a few draws (`line_size`) at neighbouring points: for each point its number and the batch there.

        `since`: the first point that is wanted, a multiple of `STRETCH`, where the line starts anew in any case. The
        answers are those of `solve` at each point, within its tolerance (see `Follower`).
        """
        first = blueprint.game(points[0])
        solver, reason = self._choice(first)
        if self.perception != "common" or not isinstance(solver, Follower) or _alike(first):
            yield from ((k, self.solve_batch(blueprint, points[k], {})) for k in range(since, len(points)))
            return
        games = [partial(blueprint.game, part) for part in points[since:]]
        for k, (game, solution) in enumerate(solver.follow(games, self._threads), since):
            certificate = certify(game, solution.behaviour, self._threads)
            views = [(game, solution.behaviour)] * game.tree.n_players
            batch = Batch(blueprint, points[k], game, solution.behaviour, views)
            yield k, Solved(batch, solution, certificate, reason)

    @property
    def _threads(self) -> int:
        return self.workers or os.cpu_count() or 1

    def _choice(self, game: Game) -> tuple[Solver, str]:
        """The solver for a game, which is now set to work, and why."""
        if tell := beginning.get():
            tell()
        if self.method is None or isinstance(self.method, str):
            return choose(game, self.method)
        if refusal := self.method.refuses(game):
            raise QuestionError(refusal)
        return self.method, f"{self.method.name}, because it was asked for"

    def _one(self, game: Game) -> tuple[Solution, Certificate, str, bool]:
        solver, reason = self._choice(game)
        unlimited = not solver.uses_precision or bool(np.isposinf(game.precision).all())
        if unlimited:  # the precision of the model plays no part
            game = replace(game, precision=np.full_like(game.precision, np.inf))
        alike = game.n_draws > 1 and _alike(game)
        solved = game.part(0, 1) if alike else game
        solution = solver.solve(solved, workers=self._threads)
        certificate = certify(solved, solution.behaviour, self._threads)
        if alike:
            solution, certificate = _repeated(solution, game.n_draws), _repeated(certificate, game.n_draws)
        return solution, certificate, reason, unlimited

    def _private(self, blueprint: Blueprint, draws: Draws, truth: Game, forced: Mapping[str, str]) -> Solved:
        """Each actor solves the game as it sees it and plays its part of it (Bennett 1977)."""
        tree = blueprint.tree
        found: dict[str, tuple[Game, Solution, Certificate, str, bool]] = {}
        seen = eyes(tree, draws)
        for view in dict.fromkeys(seen):
            game = blueprint.forced(blueprint.game(draws, view), forced)
            found[view] = (game, *self._one(game))
        behaviour = _parts(tree, seen, {view: found[view][1].behaviour for view in found})
        solutions = [found[view][1] for view in found]
        certificates = [found[view][2] for view in found]
        position = {view: k for k, view in enumerate(found)}
        solution = Solution(
            behaviour=behaviour,
            status=np.max([s.status for s in solutions], axis=0),
            reached=np.min([s.reached for s in solutions], axis=0),
            method=f"{solutions[0].method}, each actor in its own view",
            references=tuple(dict.fromkeys((*(r for s in solutions for r in s.references), HYPERGAME))),
            evaluations=np.sum([s.evaluations for s in solutions], axis=0),
            folded=np.any([s.folded for s in solutions], axis=0),
            forked=np.any([s.forked for s in solutions], axis=0),
        )
        certificate = Certificate(
            residual=np.max([c.residual for c in certificates], axis=0),
            gain=_own([c.gain for c in certificates], [position[v] for v in seen]),
            value=_own([c.value for c in certificates], [position[v] for v in seen]),
        )
        views = [(found[view][0], found[view][1].behaviour) for view in seen]
        return Solved(
            Batch(blueprint, draws, truth, behaviour, views), solution, certificate, *next(iter(found.values()))[3:]
        )


def assembled(engine: Engine, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], kept: Kept) -> Solved:
    """What `solve_batch` returned, from what was kept of it."""
    tree, believed = blueprint.tree, kept.believed
    truth = blueprint.forced(blueprint.game(draws), forced)
    behaviour, views = believed[0], [(truth, believed[0])] * tree.n_players
    if engine.perception != "common":
        seen = eyes(tree, draws)
        found = dict(zip(dict.fromkeys(seen), believed, strict=True))
        games = {view: blueprint.forced(blueprint.game(draws, view), forced) for view in found}
        behaviour, views = _parts(tree, seen, found), [(games[view], found[view]) for view in seen]
    solution = replace(kept.solution, behaviour=behaviour)
    batch = Batch(blueprint, draws, truth, behaviour, views)
    return Solved(batch, solution, kept.certificate, kept.words["reason"], kept.words["unlimited"])


def _alike(game: Game) -> bool:
    """Whether all draws are the same game, as in a model in which nothing is uncertain."""
    arrays = (game.precision, game.chance, game.payoffs, *(() if game.available is None else (game.available,)))
    return all(bool((array == array[..., :1]).all()) for array in arrays)


Answer = TypeVar("Answer", Solution, Certificate)


def _repeated(answer: Answer, n: int) -> Answer:
    """A solution or certificate of one draw, for n draws that are the same."""
    held: dict[str, Any] = {f.name: getattr(answer, f.name) for f in fields(answer)}
    for name, value in held.items():
        if isinstance(value, np.ndarray):
            held[name] = np.repeat(value, n, axis=-1)
    return replace(answer, **held)
