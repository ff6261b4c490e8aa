"""Work in threads: everything is done whatever their number, and what goes wrong is told."""

from __future__ import annotations

import pytest

from detente.solve.compiled.threads import each


@pytest.mark.parametrize("workers", [0, 1, 3])
@pytest.mark.parametrize("pieces", [[], [4], [3, 1, 2]])
def test_every_piece_is_done_once(workers: int, pieces: list[int]) -> None:
    done: list[int] = []
    each(done.append, pieces, workers)
    assert sorted(done) == sorted(pieces)


@pytest.mark.parametrize("workers", [1, 3])
def test_what_a_piece_raises_is_raised(workers: int) -> None:
    def work(piece: int) -> None:
        raise MemoryError(f"no room for {piece}")

    with pytest.raises(MemoryError, match="no room for 5"):
        each(work, [5, 7], workers)
