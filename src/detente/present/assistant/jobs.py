"""What an assistant may use of this machine, and the threads in which its questions are answered.

A question is stopped at its next step once nobody waits for it, or once its time is up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from detente.engine.progress import beginning
from detente.errors import QuestionError
from detente.present.web.memory import give_back
from detente.present.web.state import Reply
from detente.present.web.workspace import Superseded, Unknown, Work, Workspace

EVERY = 0.25  # seconds between two notes of progress
LONG = 1.0  # seconds, after which a question has used memory that is worth giving back
Made = TypeVar("Made")
Note = tuple[int, int, str]
Told = Callable[[float, float, str], Awaitable[None]]


@dataclass(frozen=True)
class Budget:
    """`draws` and `seconds` of one question, `nodes` of a tree, characters of a `text` that is sent and of an `answer`;
    how many questions are answered `at_once`, and how many more may be `waiting`."""

    draws: int = 2000
    seconds: float = 120.0
    nodes: int = 100_000
    text: int = 200_000
    answer: int = 60_000
    at_once: int = 2
    waiting: int = 16


class Refused(QuestionError):
    """A question that is not answered, whatever it asks."""


@dataclass(eq=False)
class Jobs:
    """The questions that are answered, and those that wait."""

    space: Workspace
    budget: Budget
    pool: ThreadPoolExecutor = field(init=False)
    _open: int = 0
    _ended: bool = False

    def __post_init__(self) -> None:
        self.pool = ThreadPoolExecutor(self.budget.at_once, thread_name_prefix="question")

    def end(self) -> None:
        """Stop all that is being answered at its next step."""
        self._ended = True
        self.pool.shutdown(wait=False, cancel_futures=True)

    async def run(self, make: Callable[[Work], Made], told: Told) -> Made:
        """What is made in a thread, with its progress told. Raises Refused, and what `make` raises."""
        if self._open >= self.budget.at_once + self.budget.waiting:
            raise Refused(f"{self._open} questions are being answered or wait already; ask again in a moment")
        loop, gone = asyncio.get_running_loop(), [False]
        notes: asyncio.Queue[Note] = asyncio.Queue(1)

        def post(note: Note) -> None:
            with suppress(asyncio.QueueFull):
                notes.put_nowait(note)

        def answer() -> Made:
            began, last = time.monotonic(), [0.0]

            def stale() -> bool:
                return gone[0] or self._ended or time.monotonic() - began > self.budget.seconds

            def send(reply: Reply) -> None:
                if reply.progress and time.monotonic() - last[0] >= EVERY:
                    last[0] = time.monotonic()
                    loop.call_soon_threadsafe(post, reply.progress)

            work = Work(self.space, stale, send)
            token = beginning.set(work.alive)  # each time a solver is set to work
            try:
                work.alive()
                return make(work)
            except Superseded:
                late = f"this took more than {self.budget.seconds:.0f} seconds, and was stopped"
                raise Refused(f"{late}; ask for fewer draws or points, or make the model smaller") from None
            except MemoryError:
                raise Refused("there is not enough memory for this; ask for fewer draws") from None
            except Unknown:
                raise Refused("the text of this case is not at hand any more; send it again as `text`") from None
            finally:
                beginning.reset(token)
                if time.monotonic() - began > LONG:
                    give_back()

        self._open += 1
        job = loop.run_in_executor(self.pool, answer)
        job.add_done_callback(self._done)
        teller = asyncio.create_task(_tell(notes, told))
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            gone[0] = True
            raise
        finally:
            teller.cancel()

    def _done(self, job: asyncio.Future[Made]) -> None:
        self._open -= 1
        if not job.cancelled():
            job.exception()  # so that nobody is told of one that nobody waits for


async def _tell(notes: asyncio.Queue[Note], told: Told) -> None:
    """Pass on how far a question is. What is told only grows: of parts that count from their own beginning, only the
    one that is furthest is told."""
    most = 0.0
    while True:
        done, total, what = await notes.get()
        if total and done / total > most:
            most = done / total
            await told(100 * most, 100.0, f"{done:,} of {total:,} {what}")
