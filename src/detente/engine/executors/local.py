"""Where batches are solved: what a piece of work and an executor are, and the executor that uses this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

Done = TypeVar("Done")


@dataclass(frozen=True, eq=False)
class Trip(Generic[Done]):
    """How a piece of work is done in another process: `work(*args)` there, and here `then` of what it returns.

    `work` is one object for all pieces that share it, and is sent once; its result depends on nothing but itself and
    `args`. All three are pickled, but for `then`.
    """

    work: Callable[..., Any]
    args: tuple[Any, ...]
    then: Callable[[Any], Done]


@dataclass(frozen=True, eq=False)
class Piece(Generic[Done]):
    """A piece of work that can be done elsewhere. Called, it is done in this process.

    `away` says how it is done elsewhere; None where that is not worth it, as for what a store holds.
    """

    here: Callable[[], Done]
    away: Callable[[], Trip[Done] | None]

    def __call__(self) -> Done:
        return self.here()


class Executor(Protocol):
    """Does pieces of work that do not depend on each other. No number may depend on where they are done."""

    def run(self, work: Iterable[Callable[[], Done]]) -> Iterator[Done]:
        """What each piece returns, in the order of the pieces, as soon as it and those before it are done.

        Whether a callable that is no `Piece` leaves this process is for the executor to say.
        """
        ...


@dataclass(frozen=True)
class Local:
    """One piece after another, each on as many threads as its engine has."""

    def run(self, work: Iterable[Callable[[], Done]]) -> Iterator[Done]:
        for piece in work:
            yield piece()
