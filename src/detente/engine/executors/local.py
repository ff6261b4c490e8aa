"""Where batches are solved: what an executor is, and the one that uses this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

Done = TypeVar("Done")


class Executor(Protocol):
    """Does pieces of work that do not depend on each other. No number may depend on where they are done."""

    def run(self, work: Iterable[Callable[[], Done]]) -> Iterator[Done]:
        """What each piece returns, in the order of the pieces, as soon as it and those before it are done."""
        ...


@dataclass(frozen=True)
class Local:
    """One piece after another, each on as many threads as its engine has."""

    def run(self, work: Iterable[Callable[[], Done]]) -> Iterator[Done]:
        for piece in work:
            yield piece()
