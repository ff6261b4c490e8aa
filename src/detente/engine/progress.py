"""How far work is: one way to tell it, to a terminal, a page or another machine."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

Progress = Callable[[int, int], None]
"""Called with what is done, and of how much."""

beginning: ContextVar[Callable[[], None] | None] = ContextVar("beginning", default=None)
"""Who is told when a solver is set to work: not where everything comes from the store."""


def part(progress: Progress | None, number: int, of: int) -> Progress | None:
    """The progress of one of several parts that cost about the same, `number` counted from 0."""
    if progress is None:
        return None

    def told(done: int, total: int) -> None:
        progress(number * total + done, of * total)

    return told
