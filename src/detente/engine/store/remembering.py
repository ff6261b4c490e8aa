"""An engine that remembers: batches are taken from a store as far as they are there, and put there when solved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.engine.batch import World
from detente.engine.engine import Engine, Piece
from detente.engine.rivals import with_worlds
from detente.engine.solved import Solved, converged
from detente.engine.store.batch_file import Kept, assembled, read, suits, written
from detente.engine.store.files import BEHAVIOUR, files_in, named
from detente.engine.store.fingerprint import address, inputs
from detente.game.blueprint import Blueprint
from detente.game.interventions import under
from detente.language.expressions import Forced
from detente.solve.base import Solver

if TYPE_CHECKING:
    from detente.engine.store.store import Store

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
        return self.engine.executor.run(solve for _, _, solve in self.batches(blueprint, draws, forced))

    def batches(
        self, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str] | None = None, keeps: bool = True
    ) -> Iterator[Piece]:
        shelf = self._shelf(blueprint, draws, forced or {}, keeps)
        for start, part in self.engine.cut(blueprint, draws):
            stop = start + part.n
            worlds = partial(self._world, blueprint, draws, forced or {}, (start, stop), keeps)
            yield start, stop, partial(_with_worlds, shelf, part, start, worlds)

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


def _with_worlds(shelf: Shelf, draws: Draws, start: int, worlds: Callable[[Forced], World]) -> Solved:
    """A batch from a shelf, whose worlds under interventions come from the store as well."""
    solved = shelf.solve(draws, start)
    return replace(solved, batch=with_worlds(solved.batch, worlds))


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

    def solve(self, draws: Draws, start: int) -> Solved:
        """A batch of draws, of which `start` is the number of the first: from the shelf as far as it is there."""
        if self.folder is None or draws.n < FEWEST:
            self.store.solved += draws.n
            return self.engine.solve_batch(self.blueprint, draws, self.forced)
        asked = inputs(self.blueprint, draws)
        found = self._find(self.folder, start, draws, asked)
        if found is not None and found[0].n == draws.n:
            self.store.reused += draws.n
            return self._solved(found[0], draws)
        known = min(found[0].n, draws.n - FEWEST) if found else 0
        solved = self.engine.solve_batch(self.blueprint, draws.part(known, draws.n), self.forced)
        kept = Kept.of(solved, self.engine.perception)
        if found is not None and known > 0:
            kept = found[0].part(known).then(kept)
            solved = self._solved(kept, draws)
        self.store.reused += known
        self.store.solved += draws.n - known
        self._keep(self.folder, start, kept, asked, found[1] if found else None)
        return solved

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
