"""What a page asks, answered in threads: of each key only the latest question to its end.

A page that moves a slider asks sixty times a second. What is asked under a key takes the place of what was asked under
it before: an answer that nobody waits for is stopped at its next step, and never sent. How messages come and go is left
to who holds the page: a socket (`web.socket`), or a notebook (`notebook.widget`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from detente.engine.progress import beginning
from detente.errors import DetenteError, ModelError, nearest
from detente.model.yaml import LARGEST_FILE
from detente.present.web.memory import give_back
from detente.present.web.screens.registry import screens
from detente.present.web.state import Asked, Cancel, Mistake, Put, Reply, read
from detente.present.web.workspace import Superseded, Unknown, Work, Workspace, problems

LARGEST = 4 * LARGEST_FILE  # bytes of a message
MOST_A_SECOND, BURST = 120.0, 240.0  # messages of a page
LONGEST = 600.0  # seconds, for one answer
LONG = 1.0  # seconds, after which an answer has used memory that is worth giving back
THREADS = 6
log = logging.getLogger("detente.web")
pool = ThreadPoolExecutor(THREADS, thread_name_prefix="screen")


@dataclass(eq=False)
class Job:
    """One question while it is answered."""

    asked: Asked
    began: float = field(default_factory=time.monotonic)
    stopped: bool = False

    def stale(self) -> bool:
        return self.stopped or time.monotonic() - self.began > LONGEST


@dataclass(eq=False)
class Allowance:
    """How many messages a page may still send: so many a second, and some at once."""

    left: float = BURST
    at: float = field(default_factory=time.monotonic)

    def taken(self) -> bool:
        """Whether one more is allowed, which is then taken."""
        now = time.monotonic()
        self.left, self.at = min(BURST, self.left + MOST_A_SECOND * (now - self.at)), now
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(eq=False)
class Answering(ABC):
    """A page that is open, however its messages come."""

    space: Workspace
    jobs: dict[str, Job] = field(default_factory=dict, kw_only=True)
    allowance: Allowance = field(default_factory=Allowance, kw_only=True)

    @abstractmethod
    def post(self, text: str) -> None:
        """Send a message to the page."""

    def looked_at(self, asked: Asked) -> None:  # noqa: B027  a page by itself keeps nothing of it
        """Something is asked, before it is answered."""

    def failed(self, screen: str) -> str:
        """Keep what has just been raised where it can be read; what a page is told of it."""
        return logged(screen)

    def stop(self) -> None:
        """Answer nothing any more."""
        for job in self.jobs.values():
            job.stopped = True

    def _post(self, reply: Reply) -> None:
        self.post(reply.model_dump_json(exclude_defaults=True))

    def take(self, text: str) -> None:
        """One message of the page, within a loop of events."""
        said: object = None
        try:
            if len(text) > LARGEST:
                raise DetenteError("this is too large for the workbench")
            if not self.allowance.taken():
                raise DetenteError("this page asks too often; wait a second")
            try:
                said = json.loads(text)
            except ValueError:
                raise DetenteError("this is not JSON") from None
            self._act(said)
        except DetenteError as error:
            told = said if isinstance(said, dict) else {}
            number, key = told.get("id"), told.get("key")
            self._post(Reply(
                id=number if isinstance(number, int) else 0, key=key if isinstance(key, str) else "",
                mistakes=[Mistake(message=str(error))],
            ))  # fmt: skip

    def _act(self, said: object) -> None:
        told = said if isinstance(said, dict) else {}
        if "cancel" in told:
            self._stop(read(Cancel, told).cancel)
        elif "put" in told:
            put = read(Put, told)
            self._post(Reply(key="put", data={"case": self.space.put(put.put, put.name)}))
        else:
            asked: Asked = read(Asked, told)
            if asked.screen not in screens():
                raise DetenteError(f"there is no screen {asked.screen!r}; {nearest(asked.screen, screens())}")
            self.looked_at(asked)
            self._stop(asked.key)
            job = self.jobs[asked.key] = Job(asked)
            asyncio.get_running_loop().run_in_executor(pool, self._answer, job, asyncio.get_running_loop())

    def _stop(self, key: str) -> None:
        if (job := self.jobs.pop(key, None)) is not None:
            job.stopped = True

    def _answer(self, job: Job, loop: asyncio.AbstractEventLoop) -> None:
        """Answer a question step by step, in a thread."""

        def send(reply: Reply) -> None:
            whole = reply.model_copy(update={
                "id": job.asked.id, "key": job.asked.key,
                "milliseconds": round(1000 * (time.monotonic() - job.began), 1),
            })  # fmt: skip
            if not job.stopped:
                loop.call_soon_threadsafe(self._post_of, job, whole)

        def alive() -> None:
            if job.stale():
                raise Superseded

        token = beginning.set(alive)  # each time a solver is set to work
        try:
            for reply in answered(self.space, job, send, self.failed):
                send(reply)
        finally:
            beginning.reset(token)
            if time.monotonic() - job.began > LONG:
                give_back()

    def _post_of(self, job: Job, reply: Reply) -> None:
        if not job.stopped:
            self._post(reply)


def logged(screen: str) -> str:
    """Write what has just been raised into the log; what a page is told of it."""
    log.exception("the screen %s failed", screen)
    return "the workbench failed here; the terminal that it runs in shows where"


def answered(
    space: Workspace, job: Job, send: Callable[[Reply], None], failed: Callable[[str], str] = logged
) -> Iterator[Reply]:
    """The steps of an answer; what is wrong with the question or its model is a step, too. `failed`: what is told of
    an error that nobody foresaw."""
    asked = job.asked
    work = Work(space, job.stale, send)
    try:
        for reply in screens()[asked.screen].answer(work, asked.state, asked.options):
            yield reply
            work.alive()
    except Superseded:
        if not job.stopped:
            yield Reply(mistakes=[Mistake(message=f"this took more than {LONGEST:.0f} seconds, and was stopped")])
    except Unknown as missing:
        yield Reply(need=str(missing.args[0]))
    except ModelError as error:
        yield Reply(mistakes=problems(error))
    except (DetenteError, OSError, UnicodeDecodeError) as error:
        yield Reply(mistakes=[Mistake(message=str(error))])
    except Exception:
        yield Reply(mistakes=[Mistake(message=failed(asked.screen))])
