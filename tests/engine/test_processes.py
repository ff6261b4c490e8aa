"""Work in forked processes: the same results in the same order, what a piece raises, and a process that is lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from functools import partial

import pytest

from detente.engine.executors.processes import Processes


def square(x: int) -> tuple[int, int]:
    time.sleep(0.02 * (x % 3))
    return x * x, os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_the_order_of_the_pieces(workers: int) -> None:
    found = list(Processes(workers).run(partial(square, x) for x in range(8)))
    assert [value for value, _ in found] == [x * x for x in range(8)]
    assert len({process for _, process in found}) <= workers
    assert (os.getpid() in {process for _, process in found}) == (workers == 1)
    assert not multiprocessing.active_children()


def test_what_a_piece_raises_is_raised_here() -> None:
    def wrong() -> int:
        raise ValueError("no such number")

    run = Processes(2).run([partial(pow, 2, 3), wrong, partial(pow, 2, 4)])
    assert next(run) == 8
    with pytest.raises(ValueError, match="no such number"):
        next(run)
    assert not multiprocessing.active_children()


def test_a_piece_whose_process_is_lost_is_done_in_this_one() -> None:
    here = os.getpid()

    def lost(x: int) -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return x

    assert list(Processes(2).run([partial(lost, x) for x in range(5)])) == [0, 1, 2, 3, 4]


def test_whoever_stops_early_leaves_no_process_behind() -> None:
    run = Processes(2).run([partial(pow, 2, 3), *[partial(time.sleep, 60)] * 3])
    assert next(run) == 8
    del run
    assert not multiprocessing.active_children()
