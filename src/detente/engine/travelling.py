"""Batches that are solved in another process: what is sent there, what comes back, and what is made of it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from detente.draws.sampler import Draws
from detente.engine.batch import World
from detente.engine.executors.local import Trip
from detente.engine.kept import Kept, assembled
from detente.engine.progress import beginning
from detente.engine.rivals import with_worlds
from detente.engine.solved import Read, Solved, whole
from detente.game.blueprint import Blueprint
from detente.language.expressions import Forced

if TYPE_CHECKING:
    from detente.engine.engine import Engine

Done = TypeVar("Done")
Worlds = Callable[[Forced], World]


@dataclass(frozen=True, eq=False)
class Returned(Generic[Done]):
    """What comes back of a batch: what was read off it, or what solving found, or both."""

    read: Done | None
    kept: Kept | None


@dataclass(frozen=True, eq=False)
class Away(Generic[Done]):
    """How batches of one compiled model are solved and read in another process. A whole batch comes back as what
    solving found, and is put together here.

    `reads` and `solves` are what is sent; both are made once, so that they are sent once.
    """

    engine: Engine
    blueprint: Blueprint
    forced: Mapping[str, str]
    read: Read[Done]
    reads: Callable[[Draws], Returned[Done]]

    def __call__(self, draws: Draws, worlds: Worlds) -> Trip[Done] | None:
        """The trip of a batch. `worlds` solves it again under interventions, here. A model that is asked as of a day
        stays here, since what was known on it leads to all draws that were followed up to it."""
        if self.blueprint.model._updated is not None:
            return None
        if tell := beginning.get():
            tell()
        return Trip(self.reads, (draws,), partial(self.unpacked, draws, worlds))

    def unpacked(self, draws: Draws, worlds: Worlds, found: Returned[Done]) -> Done:
        """What was read off a batch."""
        if self.read is not whole:
            return cast("Done", found.read)
        assert found.kept is not None
        solved = assembled(self.engine.perception, self.blueprint, draws, self.forced, found.kept)
        return self.read(replace(solved, batch=with_worlds(solved.batch, worlds)))


def away(
    engine: Engine, blueprint: Blueprint, forced: Mapping[str, str], read: Read[Done], keeps: bool = False
) -> Away[Done]:
    """`keeps`: what solving found comes back too, to be kept."""
    there: Any = None if read is whole else read
    wanted = keeps or read is whole
    return Away(engine, blueprint, forced, read, partial(_solved_there, engine, blueprint, dict(forced), there, wanted))


def _solved_there(
    engine: Engine, blueprint: Blueprint, forced: Mapping[str, str], read: Read[Done] | None, keeps: bool, draws: Draws
) -> Returned[Done]:
    solved: Solved = engine.solve_batch(blueprint, draws, forced)
    kept = Kept.of(solved, engine.perception) if keeps else None
    return Returned(None if read is None else read(solved), kept)
