"""Work in threads: kernels let other threads run while they are at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Piece = TypeVar("Piece")


def each(work: Callable[[Piece], object], pieces: Sequence[Piece], workers: int) -> None:
    """Do `work` for every piece, in as many threads as there are workers and pieces; raises what a piece raises."""
    if min(workers, len(pieces)) <= 1:
        for piece in pieces:
            work(piece)
        return
    from concurrent.futures import ThreadPoolExecutor  # here, because a single piece needs none of it

    with ThreadPoolExecutor(min(workers, len(pieces))) as pool:
        list(pool.map(work, pieces))
