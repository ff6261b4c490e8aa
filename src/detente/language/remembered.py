"""What was read lately, for whoever reads nearly the same text again and again, as an editor does.

    memory = Memory()
    with remembering(memory):
        ...                 # expressions and parts of files that were read before are not read again

Nothing depends on it but time. What it gives is shared by all who ask, so that nobody may change it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

MOST = {"expression": 20_000, "section": 6_000}  # things of a kind that are remembered; then the oldest are forgotten
Made = TypeVar("Made")


@dataclass(eq=False)
class Memory:
    """What was read, by its kind and what it was read from. Threads may share it."""

    known: dict[str, dict[Hashable, Any]] = field(default_factory=lambda: {kind: {} for kind in MOST})
    lock: Lock = field(default_factory=Lock)

    def once(self, kind: str, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is remembered under a key, or is made now. What raises is not remembered."""
        with self.lock:
            if key in (known := self.known[kind]):
                found: Made = known[key]
                known[key] = known.pop(key)  # asked for last
                return found
        made = make()
        with self.lock:
            known[key] = made
            while len(known) > MOST[kind]:
                del known[next(iter(known))]
        return made


_memory: ContextVar[Memory | None] = ContextVar("remembered", default=None)


def memory() -> Memory | None:
    """What remembers here, if anything does."""
    return _memory.get()


@contextmanager
def remembering(memory: Memory) -> Iterator[None]:
    """Remember what is read in this context."""
    token = _memory.set(memory)
    try:
        yield
    finally:
        _memory.reset(token)
