"""Solving draws, whatever the reading of perception: one game for everybody, or one for each pair of eyes."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from detente.arrays import Longs
from detente.draws.sampler import Draws
from detente.engine.batch import Batch, World
from detente.engine.executors.local import Executor, Local, Piece
from detente.engine.inputs import digest
from detente.engine.progress import beginning
from detente.engine.recent import Found, Recent
from detente.engine.rivals import solve_apart, together
from detente.engine.solved import HYPERGAME, Read, Solved, converged, eyes, own_parts, own_rows, whole
from detente.engine.travelling import away
from detente.errors import QuestionError
from detente.game.batched import batched, form
from detente.game.blueprint import Blueprint
from detente.game.interventions import under
from detente.game.tree import Game
from detente.language.expressions import Forced
from detente.solve.base import Certificate, Follower, Solution, Solver
from detente.solve.certificate.certify import certify
from detente.solve.choose import choose
from detente.solve.registry import is_ours

LARGEST_BATCH = 1000
IN_A_LINE = 2  # batches are so many times smaller along a line
NUMBERS_AT_ONCE = 4_000_000  # of one array over the nodes of a tree
Done = TypeVar("Done")


class Solving(Protocol):
    """Draws in, solved batches out: an `Engine`, or one that remembers what it has solved (`Store.wrap`).

    No result depends on `workers`, on the executor or on what is remembered.
    """

    @property
    def perception(self) -> str: ...
    @property
    def method(self) -> str | Solver | None: ...
    @property
    def workers(self) -> int: ...
    @property
    def bare(self) -> Engine:
        """The same, remembering nothing."""
        ...

    def seeing(self, perception: str) -> Solving:
        """The same with another reading of perception."""
        ...

    def on(self, workers: int) -> Solving:
        """The same with another number of threads."""
        ...

    def solve(self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str] | None = None) -> Iterator[Solved]:
        """Solve draws batch by batch, so that the work can be watched, and stopped without losing what is done."""
        ...

    def read(
        self, blueprint: Blueprint, draws: Draws, read: Read[Done], forced: Mapping[str, str] | None = None
    ) -> Iterator[Done]:
        """The same, and what is read off each batch, where it is solved: `read` and what it returns may be pickled."""
        ...

    def batches(
        self, blueprint: Blueprint, draws: Draws, read: Read[Done], forced: Mapping[str, str] | None = None,
        keeps: bool = True,
    ) -> Iterator[tuple[int, int, Piece[Done]]]:  # fmt: skip
        """The batches of some draws: the first, one past the last, and what solves and reads them, for `run`.

        `keeps`: whether behaviour is remembered, and not only recalled.
        """
        ...

    def run(self, work: Iterable[Callable[[], Done]]) -> Iterator[Done]:
        """Do pieces of work where this engine solves (see `Executor`)."""
        ...

    def solve_batch(self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str]) -> Solved:
        """Solve some draws at once."""
        ...

    def solve_line(self, blueprint: Blueprint, points: Sequence[Draws], since: int = 0) -> Iterator[tuple[int, Solved]]:
        """Solve a few draws (`line_size`) at neighbouring points: for each point its number and the batch there."""
        ...

    def worlds(
        self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], span: tuple[int, int]
    ) -> Callable[[Forced], World]:
        """What solves the draws of a span, from its first up to its second number, under an intervention."""
        ...

    def batch_size(self, blueprint: Blueprint) -> int:
        """How many draws are solved at once."""
        ...

    def line_size(self, blueprint: Blueprint, n: int) -> int:
        """How many of n draws go along a line at once."""
        ...


@dataclass(frozen=True)
class Engine:
    """How draws are solved. `method` None: chosen by what the game is. No result depends on `workers` or `executor`."""

    perception: str = "common"
    method: str | Solver | None = None
    workers: int = 0
    executor: Executor = field(default=Local(), compare=False, repr=False)
    recent: Recent = field(default_factory=Recent, compare=False, repr=False)

    @property
    def bare(self) -> Engine:
        return self

    def seeing(self, perception: str) -> Engine:
        return replace(self, perception=perception)

    def on(self, workers: int) -> Engine:
        return replace(self, workers=workers)

    def solve(self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str] | None = None) -> Iterator[Solved]:
        return self.read(blueprint, draws, whole, forced)

    def read(
        self, blueprint: Blueprint, draws: Draws, read: Read[Done], forced: Mapping[str, str] | None = None
    ) -> Iterator[Done]:
        return self.run(piece for _, _, piece in self.batches(blueprint, draws, read, forced))

    def batches(
        self, blueprint: Blueprint, draws: Draws, read: Read[Done], forced: Mapping[str, str] | None = None,
        keeps: bool = True,
    ) -> Iterator[tuple[int, int, Piece[Done]]]:  # fmt: skip
        del keeps  # there is nothing that could keep it
        there = away(self, blueprint, forced or {}, read)
        for start, part in self.cut(blueprint, draws):
            here = partial(self._read_batch, blueprint, part, forced or {}, read)
            worlds = partial(self._world, blueprint, part, forced or {})
            yield start, start + part.n, Piece(here, partial(there, part, worlds))

    def run(self, work: Iterable[Callable[[], Done]]) -> Iterator[Done]:
        return self.executor.run(work)

    def _read_batch(self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], read: Read[Done]) -> Done:
        return read(self.solve_batch(blueprint, draws, forced))

    def __reduce__(self) -> tuple[type[Engine], tuple[str, str | Solver | None, int]]:
        """In another process on one thread: as many pieces of work are done there at a time as there are cores."""
        return Engine, (self.perception, self.method, 1)

    def cut(self, blueprint: Blueprint, draws: Draws) -> Iterator[tuple[int, Draws]]:
        """Draws in parts of the size of a batch, with the number of the first of each."""
        size = self.batch_size(blueprint)
        for start in range(0, draws.n, size):
            yield start, draws.part(start, start + size)

    def batch_size(self, blueprint: Blueprint) -> int:
        """How many draws are solved at once. Those of rival structures are solved each in the tree of its combination,
        and some of what is found is held for the whole tree."""
        nodes = blueprint.tree.n_nodes
        if blueprint.members:
            nodes = (nodes + max(own.tree.n_nodes for own in blueprint.members.blueprints)) // 2
        return max(16, min(LARGEST_BATCH, NUMBERS_AT_ONCE // nodes))

    def line_size(self, blueprint: Blueprint, n: int) -> int:
        """How many of n draws go along a line at once: fewer than in a batch, since the games of a whole stretch are
        held. Parts are of like size: numpy adds up a single draw in another order."""
        most = -(-self.batch_size(blueprint) // IN_A_LINE)
        return -(-n // -(-n // most))

    def solve_batch(self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str]) -> Solved:
        """Solve some draws at once."""
        worlds = self.worlds(blueprint, draws, forced, (0, draws.n))
        if blueprint.members is not None:
            parts = solve_apart(blueprint, draws, partial(self._each, forced=forced))
            return together(blueprint, draws, partial(_seen, blueprint, draws, forced), parts, worlds)
        return self._each([(blueprint, draws)], forced)[0]

    def _each(self, pieces: Sequence[tuple[Blueprint, Draws]], forced: Mapping[str, str]) -> list[Solved]:
        """Solve draws of several compiled models."""
        truths = [_seen(blueprint, draws, forced, None) for blueprint, draws in pieces]
        if self.perception != "common":
            pairs = zip(pieces, truths, strict=True)
            return [self._private(blueprint, draws, truth, forced) for (blueprint, draws), truth in pairs]
        keys = [self._key(b, own, forced, (*(p or None for p in eyes(b.tree, own)), None)) for b, own in pieces]
        solved, worlds = [], _Worlds(self, pieces, forced)
        for k, ((blueprint, draws), found) in enumerate(zip(pieces, self._once(truths, keys), strict=True)):
            solution, certificate, reason, unlimited = found
            batch = Batch(blueprint, draws, truths[k], solution.behaviour, None, partial(worlds.under, k))
            solved.append(Solved(batch, solution, certificate, reason, unlimited))
        return solved

    def solve_line(self, blueprint: Blueprint, points: Sequence[Draws], since: int = 0) -> Iterator[tuple[int, Solved]]:
        """Solve a few draws (`line_size`) at neighbouring points: for each point its number and the batch there.

        `since`: the first point that is wanted, a multiple of `STRETCH`, where the line starts again in any case. The
        answers are those of `solve` at each point, within its tolerance (see `Follower`).
        """
        if blueprint.members is not None:
            yield from ((k, self.solve_batch(blueprint, points[k], {})) for k in range(since, len(points)))
            return
        first = blueprint.game(points[0])
        solver, reason = self._choice(first)
        if self.perception != "common" or not isinstance(solver, Follower) or _alike(first):
            yield from ((k, self.solve_batch(blueprint, points[k], {})) for k in range(since, len(points)))
            return
        games = [partial(blueprint.game, part) for part in points[since:]]
        for k, (game, solution) in enumerate(solver.follow(games, self._threads), since):
            certificate = certify(game, solution.behaviour, self._threads)
            worlds = self.worlds(blueprint, points[k], {}, (0, points[k].n))
            batch = Batch(blueprint, points[k], game, solution.behaviour, None, worlds)
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

    def _key(
        self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], seen: Sequence[str | None]
    ) -> Hashable:
        """All that a game is made of: `seen` are the eyes of each player and those in which it happens."""
        views = {view: digest(blueprint, draws, view) for view in dict.fromkeys(seen)}
        return blueprint, self.method, tuple(sorted(forced.items())), tuple(views[view] for view in seen)

    def _once(self, games: Sequence[Game], keys: Sequence[Hashable]) -> list[Found]:
        """Games solved, or found solved already."""
        if not is_ours(self.method):
            return self._all(games)
        return self.recent.each(keys, lambda new: self._all([games[k] for k in new]))

    def _all(self, games: Sequence[Game]) -> list[Found]:
        """Games solved: those that differ in their numbers alone as draws of one, since few draws leave lanes empty."""
        chosen = [self._choice(game) for game in games]
        groups: dict[Hashable, list[int]] = {}
        for k, (game, (solver, _)) in enumerate(zip(games, chosen, strict=True)):
            joins = len(games) > 1 and isinstance(solver, Follower) and not _alike(game)
            groups.setdefault((form(game), type(solver)) if joins else k, []).append(k)
        found: dict[int, Found] = {}
        for places in groups.values():
            found |= zip(places, self._solved([games[k] for k in places], *chosen[places[0]]), strict=True)
        return [found[k] for k in range(len(games))]

    def _solved(self, games: Sequence[Game], solver: Solver, reason: str) -> list[Found]:
        """Games of one form, solved as one."""
        game = batched(games)
        unlimited = not solver.uses_precision or bool(np.isposinf(game.precision).all())
        if unlimited:  # the precision of the model plays no part
            game = replace(game, precision=np.full_like(game.precision, np.inf))
        alike = game.n_draws > 1 and _alike(game)
        solved = game.part(0, 1) if alike else game
        solution = solver.solve(solved, workers=self._threads)
        certificate = certify(solved, solution.behaviour, self._threads)
        if alike:
            whole = partial(np.repeat, repeats=game.n_draws, axis=-1)
            solution, certificate = _made_of(solution, whole), _made_of(certificate, whole)
        if len(games) == 1:
            return [(solution, certificate, reason, unlimited)]
        ends = np.cumsum([one.n_draws for one in games])[:-1]
        ours = [partial(_own, ends, k) for k in range(len(games))]
        return [(_made_of(solution, own), _made_of(certificate, own), reason, unlimited) for own in ours]

    def worlds(
        self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], span: tuple[int, int]
    ) -> Callable[[Forced], World]:
        return partial(self._world, blueprint, draws.part(*span), forced)

    def _world(self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], do: Forced) -> World:
        """Some draws solved with more moves and results forced."""
        solved = self.solve_batch(under(blueprint, do), draws, {**forced, **dict(do)})
        return World(solved.batch, converged(solved))

    def _private(self, blueprint: Blueprint, draws: Draws, truth: Game, forced: Mapping[str, str]) -> Solved:
        """Each actor solves the game as it sees it and plays its part of it (Bennett 1977)."""
        tree = blueprint.tree
        found: dict[str, tuple[Game, Solution, Certificate, str, bool]] = {}
        seen = eyes(tree, draws)
        for view in dict.fromkeys(seen):
            game = blueprint.forced(blueprint.game(draws, view), forced)
            everybody = (view,) * (tree.n_players + 1)
            (solved,) = self._once([game], [self._key(blueprint, draws, forced, everybody)])
            found[view] = (game, *solved)
        behaviour = own_parts(tree, seen, {view: found[view][1].behaviour for view in found})
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
            gain=own_rows([c.gain for c in certificates], [position[v] for v in seen]),
            value=own_rows([c.value for c in certificates], [position[v] for v in seen]),
        )
        views = [(found[view][0], found[view][1].behaviour) for view in seen]
        batch = Batch(blueprint, draws, truth, behaviour, views, self.worlds(blueprint, draws, forced, (0, draws.n)))
        return Solved(batch, solution, certificate, *next(iter(found.values()))[3:])


@dataclass(frozen=True, eq=False)
class _Worlds:
    """Draws of several compiled models whose worlds under an intervention are solved together."""

    engine: Engine
    pieces: Sequence[tuple[Blueprint, Draws]]
    forced: Mapping[str, str]
    found: dict[Forced, list[World]] = field(default_factory=dict)

    def under(self, k: int, do: Forced) -> World:
        """The draws of the k-th model with these moves and results forced."""
        if do not in self.found:
            there = [(under(blueprint, do), draws) for blueprint, draws in self.pieces]
            solved = self.engine._each(there, {**self.forced, **dict(do)})
            self.found[do] = [World(one.batch, converged(one)) for one in solved]
        return self.found[do][k]


def _seen(blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], view: str | None) -> Game:
    """The game as somebody believes it to be."""
    return blueprint.forced(blueprint.game(draws, view), forced)


def _alike(game: Game) -> bool:
    """Whether all draws are the same game, as in a model in which nothing is uncertain."""
    arrays = (game.precision, game.chance, game.payoffs, game.available, game.default)
    return all(array is None or bool((array == array[..., :1]).all()) for array in arrays)


Answer = TypeVar("Answer", Solution, Certificate)


def _made_of(answer: Answer, change: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> Answer:
    """A solution or certificate, its arrays changed."""
    arrays = {f.name: value for f in fields(answer) if isinstance(value := getattr(answer, f.name), np.ndarray)}
    changed: dict[str, Any] = {name: change(array) for name, array in arrays.items()}
    return replace(answer, **changed)


def _own(ends: Longs, k: int, whole: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The draws of the k-th of several games, of all of them."""
    return np.ascontiguousarray(np.split(whole, ends, axis=-1)[k])
