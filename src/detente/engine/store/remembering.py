"""An engine that remembers: batches are taken from a store as far as they are there, and put there when solved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.engine.batch import World
from detente.engine.engine import Engine
from detente.engine.executors.local import Piece, Trip
from detente.engine.kept import Kept, assembled
from detente.engine.rivals import with_worlds
from detente.engine.solved import Read, Solved, converged, whole
from detente.engine.store.batch_file import read, suits, written
from detente.engine.store.files import BEHAVIOUR, files_in, named
from detente.engine.store.fingerprint import address, inputs
from detente.engine.travelling import Away, Returned, away
from detente.game.blueprint import Blueprint
from detente.game.interventions import under
from detente.language.expressions import Forced
from detente.solve.base import Solver

if TYPE_CHECKING:
    from detente.engine.store.store import Store

Done = TypeVar("Done")
FEWEST = 16  # draws: fewer are solved faster than kept, and numpy adds up a single column in another order


@dataclass(frozen=True)
class Remembering:
    """An engine and the store it is wrapped in: as an `Engine` to whoever uses it, with the same numbers."""

    engine: Engine
    store: Store

    @property
    def perception(self) -> str:
        return self.engine.perception

    @property
    def method(self) -> str | Solver | None:
        return self.engine.method

    @property
    def workers(self) -> int:
        return self.engine.workers

    @property
    def bare(self) -> Engine:
        return self.engine

    def seeing(self, perception: str) -> Remembering:
        return replace(self, engine=self.engine.seeing(perception))

    def on(self, workers: int) -> Remembering:
        return replace(self, engine=self.engine.on(workers))

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
        shelf = self._shelf(blueprint, draws, forced or {}, keeps)
        there = away(self.engine, blueprint, forced or {}, read, shelf.keeps_here)
        for start, part in self.engine.cut(blueprint, draws):
            stop = start + part.n
            worlds = partial(self._world, blueprint, draws, forced or {}, (start, stop), keeps)
            here = partial(_read, shelf, part, start, worlds, read)
            yield start, stop, Piece(here, partial(shelf.trip, part, start, worlds, there))

    def run(self, work: Iterable[Callable[[], Done]]) -> Iterator[Done]:
        return self.engine.run(work)

    def solve_batch(self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str]) -> Solved:
        return self.engine.solve_batch(blueprint, draws, forced)

    def solve_line(self, blueprint: Blueprint, points: Sequence[Draws], since: int = 0) -> Iterator[tuple[int, Solved]]:
        return self.engine.solve_line(blueprint, points, since)

    def worlds(
        self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], span: tuple[int, int]
    ) -> Callable[[Forced], World]:
        return partial(self._world, blueprint, draws, forced, span, True)

    def _world(
        self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], span: tuple[int, int], keeps: bool,
        do: Forced,
    ) -> World:  # fmt: skip
        """Some draws with more moves and results forced, from the store as far as they are there."""
        counted = self.store.reused, self.store.solved
        shelf = self._shelf(under(blueprint, do), draws, {**forced, **dict(do)}, keeps)
        solved = shelf.solve(draws.part(*span), span[0])
        self.store.reused, self.store.solved = counted  # these draws are counted already
        return World(solved.batch, converged(solved))

    def batch_size(self, blueprint: Blueprint) -> int:
        return self.engine.batch_size(blueprint)

    def line_size(self, blueprint: Blueprint, n: int) -> int:
        return self.engine.line_size(blueprint, n)

    def _shelf(self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], keeps: bool) -> Shelf:
        """The place for batches of these draws, solved by this engine. A solver that cannot be named has none."""
        name = address(self.engine, blueprint, draws.part(0, FEWEST), forced) if draws.n >= FEWEST else None
        about = self.store.about(self.engine, blueprint.model, draws.seed)
        where = self.store.place(name) if name else None
        return Shelf(self.store, self.engine, blueprint, dict(forced), where, about, keeps)


def _read(shelf: Shelf, draws: Draws, start: int, worlds: Callable[[Forced], World], read: Read[Done]) -> Done:
    """What is read off a batch from a shelf, whose worlds under interventions come from the store as well."""
    solved = shelf.solve(draws, start)
    return read(replace(solved, batch=with_worlds(solved.batch, worlds)))


class _Found(NamedTuple):
    """The first draws of a batch that are on a shelf, how many, where they lie, and the quantities it is asked for."""

    n: int
    kept: Kept | None
    path: Path | None
    asked: Mapping[str, Floats]

    @property
    def kept_so_far(self) -> Kept:
        assert self.kept is not None
        return self.kept


@dataclass(frozen=True, eq=False)
class Shelf:
    """The batches of one way of drawing and solving one game. `folder` is None where nothing can be kept."""

    store: Store
    engine: Engine
    blueprint: Blueprint
    forced: Mapping[str, str]
    folder: Path | None
    about: Mapping[str, Any]
    keeps: bool = True

    @property
    def keeps_here(self) -> bool:
        """Whether what is solved is kept."""
        return self.keeps and self.folder is not None and self.store.writes

    def solve(self, draws: Draws, start: int) -> Solved:
        """A batch of draws, of which `start` is the number of the first: from the shelf as far as it is there."""
        found = self._look(draws, start)
        if found.n == draws.n:
            self.store.reused += draws.n
            return self._solved(found.kept_so_far, draws)
        solved = self.engine.solve_batch(self.blueprint, draws.part(found.n, draws.n), self.forced)
        if self.folder is None or draws.n < FEWEST:
            self.store.solved += draws.n
            return solved
        kept = self._taken(draws, start, found, Kept.of(solved, self.engine.perception))
        return self._solved(kept, draws) if found.n else solved

    def trip(self, draws: Draws, start: int, worlds: Callable[[Forced], World], there: Away[Done]) -> Trip[Done] | None:
        """How a batch is solved elsewhere; None where some of its draws are on the shelf, or it is not to be."""
        found = self._look(draws, start)
        trip = None if found.n else there(draws, worlds)
        return trip and replace(trip, then=partial(self._arrived, draws, start, found, trip.then))

    def _arrived(
        self, draws: Draws, start: int, found: _Found, then: Callable[[Returned[Done]], Done], back: Returned[Done]
    ) -> Done:
        """What was read off a batch that was solved elsewhere, once it is kept."""
        if back.kept is not None and self.keeps_here and draws.n >= FEWEST:
            self._taken(draws, start, found, back.kept)
        else:
            self.store.solved += draws.n
        return then(back)

    def _look(self, draws: Draws, start: int) -> _Found:
        """What is on the shelf of these draws."""
        if self.folder is None or draws.n < FEWEST:
            return _Found(0, None, None, {})
        asked = inputs(self.blueprint, draws)
        found = self._find(self.folder, start, draws, asked)
        if found is None:
            return _Found(0, None, None, asked)
        n = found[0].n if found[0].n == draws.n else min(found[0].n, draws.n - FEWEST)
        return _Found(n, *found, asked)

    def _taken(self, draws: Draws, start: int, found: _Found, new: Kept) -> Kept:
        """What was known of a batch and what was solved of it since, put on the shelf."""
        assert self.folder is not None
        kept = found.kept_so_far.part(found.n).then(new) if found.n > 0 else new
        self.store.reused += found.n
        self.store.solved += draws.n - found.n
        self._keep(self.folder, start, kept, found.asked, found.path)
        return kept

    def _solved(self, kept: Kept, draws: Draws) -> Solved:
        return assembled(self.engine.perception, self.blueprint, draws, self.forced, kept)

    def _find(self, folder: Path, start: int, draws: Draws, asked: Mapping[str, Floats]) -> tuple[Kept, Path] | None:
        """What is kept of these very draws, the longest, and where."""
        n = len(next(iter(asked.values()))) if asked else 0
        tree = self.blueprint.tree
        for file in sorted((f for f in files_in(folder) if f.start == start), key=lambda f: -f.stop):
            if (raw := self.store.whole(file)) is None:
                continue
            try:
                kept, values = read(raw)
                good = suits(kept, tree, self.engine.perception, draws, values)
            except ValueError:
                good = False
            if not good:
                self.store.damaged(file)
                continue
            common = min(n, kept.n)
            if values.keys() != asked.keys() or any(
                not np.array_equal(values[name][:common], asked[name][:common]) for name in asked
            ):
                continue
            part = kept.part(common)
            if set(part.arrays["status"]) != set(kept.arrays["status"]):
                continue  # the references of the whole may not be those of the part
            with suppress(OSError):
                os.utime(file.path)
            return part, file.path
        return None

    def _keep(self, folder: Path, start: int, kept: Kept, asked: Mapping[str, Floats], shorter: Path | None) -> None:
        """Keep a batch; then the shorter one that it replaces can go."""
        if not (self.keeps and self.store.writes):
            return
        path = self.store.put(folder, (start, start + kept.n), BEHAVIOUR, written(kept, asked, self.about), self.about)
        if path and shorter is not None and shorter != path and named(shorter).stop <= start + kept.n:
            with suppress(OSError):
                shorter.unlink(missing_ok=True)
