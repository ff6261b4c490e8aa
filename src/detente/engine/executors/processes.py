"""Work done side by side in processes that are forked from this one, so that they know all that it knows."""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from detente.engine.executors.local import Local
from detente.engine.progress import beginning

Done = TypeVar("Done")


@dataclass(frozen=True)
class Processes:
    """As many pieces at once as there are `workers`, each in a process of its own that does one after another.

    What a piece returns, or raises, is pickled; nothing else that it does is seen here. A piece whose process is lost
    (killed for memory) is done in this one. Where processes cannot be forked safely (anywhere but on Linux), all are.
    """

    workers: int

    def run(self, work: Iterable[Callable[[], Done]]) -> Iterator[Done]:
        pieces = list(work)
        workers = min(self.workers, len(pieces))
        if workers <= 1 or sys.platform != "linux":
            yield from Local().run(pieces)
            return
        crew = _Crew(pieces)
        try:
            for _ in range(workers):
                crew.hire()
            for k in range(len(pieces)):
                yield crew.result(k)
        finally:
            crew.dismiss()


class _Crew(Generic[Done]):
    """The processes at work, the numbers of their pieces, and what is done."""

    def __init__(self, pieces: Sequence[Callable[[], Done]]) -> None:
        self.pieces = pieces
        self.following = iter(range(len(pieces)))
        self.at_work: dict[Connection, int] = {}
        self.processes: list[BaseProcess] = []
        self.done: dict[int, Done | Exception] = {}

    def hire(self) -> None:
        """Start one more process. An interrupt is for this one alone, from the first moment on."""
        context = get_context("fork")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(self.pieces, ours, theirs), daemon=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # other threads only show how far the work is
                process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        theirs.close()
        self.processes.append(process)
        self._give(ours)

    def _give(self, line: Connection) -> None:
        """Give a process its next piece, if there is one."""
        k = next(self.following, None)
        if k is not None:
            self.at_work[line] = k
            with suppress(OSError):  # that it is lost shows where its result is waited for
                line.send(k)

    def result(self, k: int) -> Done:
        """What a piece returns, once it is done; raises what it raises."""
        while k not in self.done:
            if not self.at_work:  # all were lost
                return self.pieces[k]()
            for line in wait(list(self.at_work)):
                assert isinstance(line, Connection)
                piece = self.at_work.pop(line)
                try:
                    self.done[piece] = line.recv()
                except (EOFError, OSError):
                    self.done[piece] = self.pieces[piece]()
                else:
                    self._give(line)
        found = self.done.pop(k)
        if isinstance(found, Exception):
            raise found
        return found

    def dismiss(self) -> None:
        """Stop all processes, whatever they are at."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join()


def _serve(pieces: Sequence[Callable[[], object]], ours: Connection, theirs: Connection) -> None:
    """Do the pieces whose numbers come along a line, and send back what they return."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    ours.close()
    beginning.set(None)
    with suppress(EOFError, BrokenPipeError):
        while True:
            k = theirs.recv()
            try:
                theirs.send(pieces[k]())
            except Exception as error:
                theirs.send(error)
