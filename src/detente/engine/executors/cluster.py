"""Work done by the workers of a dask cluster (`dask.distributed`), in this machine or on others.

A piece is addressed by its content, and is the same whoever does it. Nothing is held by a worker that could not be done
again by another: where a worker, or the scheduler, is lost, the pieces that are not back are given out again. A piece
that takes far longer than the others is given to a second worker, and the first result is taken.
"""

from __future__ import annotations

import os
import re
import time
import warnings
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from queue import Empty, SimpleQueue
from statistics import median
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from detente.engine.executors.local import Piece, Trip
from detente.engine.surroundings import digest
from detente.errors import DetenteError, DetenteWarning, QuestionError

if TYPE_CHECKING:
    from distributed import Client, Future

    from detente.engine.executors.wire import Missing, Packed, Tree
    from detente.game.blueprint import Blueprint

Done = TypeVar("Done")
ANSWERS = 10.0  # seconds in which a scheduler has to answer at first,
RETURNS = 120.0  # and in which one that was lost has to be back
LOOKS = 0.5  # seconds between looks at what is late
LATE, LATE_TIMES = 3.0, 4.0  # a piece is late after so many seconds, and so many times what others took
_UNREACHED = (QuestionError, OSError, RuntimeError, ValueError)  # what is raised while a scheduler is lost
AHEAD = 2  # pieces that are given out for each thread of the cluster
_DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"  # an interrupt is for the process that asks
_FORMS = "write tcp://HOST:PORT for a scheduler, or local:N for N processes on this machine"


class Cluster:
    """As an Executor: pieces of work on the workers of a cluster.

    `where`: `tcp://HOST:PORT` (or `tls://`) of a scheduler, `local:N` for N processes on this machine, or a `Client` of
    dask. It is connected to when something is first to be done there. Pieces that do not travel are done here.
    """

    def __init__(self, where: str | Client) -> None:
        """Raises QuestionError for a text that says no such place, or where `dask.distributed` is not installed."""
        self.where = where
        self._client: Client | None = None if isinstance(where, str) else where
        self._local: Any = None
        if isinstance(where, str) and not re.fullmatch(r"local:[1-9]\d{0,3}|[a-z]+://\S+", where):
            raise QuestionError(f"{where!r} says no cluster; {_FORMS}")
        try:
            import distributed  # noqa: F401
        except ImportError:
            raise QuestionError(
                "a cluster needs dask.distributed, which is not installed\n    install detente[cluster]"
            ) from None

    def __repr__(self) -> str:
        return f"Cluster({self.where!r})"

    def run(self, work: Iterable[Callable[[], Done]]) -> Iterator[Done]:
        """What each piece returns, in order. One piece alone is done here. Raises what a piece raises, and DetenteError
        where the cluster is lost for good."""
        pieces = iter(work)
        first = list(islice(pieces, 2))
        if len(first) < 2:
            yield from (piece() for piece in first)
            return
        crew = _Crew[Done](self)
        try:
            yield from crew.results(chain(first, pieces))
        finally:
            crew.dismiss()

    def client(self) -> Client:
        """The client, connected. Raises QuestionError where nobody answers at first."""
        if self._client is None or (isinstance(self.where, str) and self._client.status in ("closed", "closing")):
            self._client = self._connected(str(self.where))
        return self._client

    def _connected(self, where: str) -> Client:
        import logging

        from distributed import Client, LocalCluster

        if where.startswith("local:"):
            if self._local is None:
                _track()
                processes = int(where.removeprefix("local:"))
                self._local = LocalCluster(
                    n_workers=processes, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL,
                    preload=_DEAF,
                )  # fmt: skip
            where = self._local.scheduler_address
        try:
            return Client(where, timeout=ANSWERS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise QuestionError(f"no scheduler answers at {where}: {str(error) or type(error).__name__}") from None

    def close(self) -> None:
        """Part from the cluster, and end the processes that were started for it. A client that was given is left."""
        if isinstance(self.where, str):
            for one in (self._client, self._local):
                if one is not None:
                    one.close()
            self._client = self._local = None

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(eq=False)
class _Job(Generic[Done]):
    """A piece on its way: its trip, None for one that is done here; `futures` may still bring it back."""

    piece: Callable[[], Done]
    trip: Trip[Done] | None
    sent: tuple[Packed, Packed] | None = None
    key: str = ""
    attempts: int = 0
    since: float = 0.0
    doubled: bool = False
    futures: list[Future[bytes]] = field(default_factory=list)
    back: list[Any] = field(default_factory=list)  # what it has returned, once it has


class _Crew(Generic[Done]):
    """The pieces of one call that are at work."""

    def __init__(self, cluster: Cluster) -> None:
        from detente.engine.executors import wire

        self.wire, self.cluster, self.same = wire, cluster, wire.same()
        self.jobs: deque[_Job[Done]] = deque()
        self.news: SimpleQueue[tuple[_Job[Done], Future[bytes]]] = SimpleQueue()
        self.trees: dict[str, Blueprint] = {}
        self.works: OrderedDict[int, tuple[Callable[..., Any], Packed]] = OrderedDict()
        self.equipped: set[tuple[str, str]] = set()  # compiled models, and the processes they were sent to
        self.took: deque[float] = deque(maxlen=100)
        self.ahead, self.counted, self.told = 0, 0.0, False
        self.lost_since: float | None = None

    def results(self, pieces: Iterator[Callable[[], Done]]) -> Iterator[Done]:
        more = True
        while more or self.jobs:
            while more and len(self.jobs) < self._room():
                piece = next(pieces, None)
                if piece is None:
                    more = False
                else:
                    self.jobs.append(self._begun(piece))
            if not self.jobs:
                return
            job = self.jobs[0]
            while job.trip is not None and not job.back:
                self._look()
            self.jobs.popleft()
            yield job.piece() if job.trip is None else job.trip.then(job.back[0])

    def _room(self) -> int:
        """How many pieces may be out at a time."""
        now = time.monotonic()
        if not self.ahead or now - self.counted > 10 * LOOKS:
            try:
                client = self.cluster.client()
                threads = _threads(client)
            except _UNREACHED:
                if not self.ahead:
                    raise
                return self.ahead
            self.ahead, self.counted = AHEAD * max(1, threads) + 2, now
            if not threads and not self.told:
                self.told = True
                warnings.warn(f"the cluster at {_address(client)} has no workers yet", DetenteWarning, stacklevel=2)
        return self.ahead

    def _begun(self, piece: Callable[[], Done]) -> _Job[Done]:
        trip = piece.away() if isinstance(piece, Piece) else None
        job = _Job(piece, trip)
        if trip is not None:
            job.sent = self._work(trip.work), self.wire.packed(trip.args, self.trees)
            job.key = digest(b"".join(part.raw for part in job.sent) + "".join(job.sent[0].trees).encode())
            job.since = time.monotonic()
            self._send(job)
        return job

    def _work(self, work: Callable[..., Any]) -> Packed:
        """What several pieces share, as bytes, made once."""
        if id(work) not in self.works:
            self.works[id(work)] = work, self.wire.packed(work, self.trees)
            while len(self.works) > 64:
                self.works.popitem(last=False)
        return self.works[id(work)][1]

    def _send(self, job: _Job[Done], missing: Missing | None = None) -> None:
        """Give a piece out; to a process that does not have some compiled models, and with these, if that is said."""
        assert job.sent is not None
        job.attempts += 1
        carried = self._carried(job, missing) if missing else []
        trees = tuple(self.wire.tree_of(self.trees[name]) for name in carried)
        name = "-".join(("detente", job.key, str(job.attempts), *carried))
        rather = {"workers": [missing.process], "allow_other_workers": True} if missing else {}
        try:
            client = self.cluster.client()
            future = client.submit(_there, *job.sent, self.same, trees, key=name, pure=True, **rather)
        except _UNREACHED:
            self._lost()
            return
        job.futures.append(future)
        future.add_done_callback(lambda f: self.news.put((job, f)))

    def _carried(self, job: _Job[Done], missing: Missing) -> list[str]:
        """The compiled models that go with a piece: not those that another has taken to the process before, unless they
        are missing there a second time."""
        pairs = [(name, missing.process) for name in missing.trees]
        wanted = [pair for pair in pairs if pair not in self.equipped or job.attempts > 2]
        self.equipped.update(wanted)
        return [name for name, _ in wanted]

    def _look(self) -> None:
        """Wait for news of some piece, and see to those that are late or lost."""
        try:
            job, future = self.news.get(timeout=LOOKS)
        except Empty:
            self._late()
            return
        if future not in job.futures or job.back:
            return
        job.futures.remove(future)
        try:
            status, raw = future.status, future.result() if future.status in ("finished", "error") else None
        except Exception as error:
            from distributed import KilledWorker

            if isinstance(error, KilledWorker):  # it has taken several processes with it: this one is left
                job.back.append(self._here(job))
            else:
                self._again(job)
            return
        finally:
            future.release()
        if status != "finished" or raw is None:
            self._again(job)
            return
        self.lost_since = None
        self._arrived(job, self.wire.back(raw))

    def _arrived(self, job: _Job[Done], found: object) -> None:
        wire = self.wire
        if isinstance(found, wire.Other):
            raise QuestionError(
                f"the worker at {found.process} has other code or libraries, so that its numbers might be others\n"
                "    install the same version of detente, numpy, scipy and Python there"
            )
        if isinstance(found, wire.Raised):
            raise found.error
        if isinstance(found, wire.Missing):
            self._send(job, found)
            return
        self.took.append(time.monotonic() - job.since)
        job.back.append(found)
        for other in job.futures:
            other.release()
        job.futures.clear()

    def _here(self, job: _Job[Done]) -> Any:
        assert job.trip is not None
        return job.trip.work(*job.trip.args)

    def _again(self, job: _Job[Done]) -> None:
        """Give a piece out again whose result was lost with a worker or the scheduler."""
        if job.futures:
            return  # somebody else is at it
        self._wait()
        self._send(job)

    def _late(self) -> None:
        """Give pieces that take far longer than others to a second worker; and those out again that nobody is at."""
        now, usual = time.monotonic(), median(self.took) if self.took else None
        for job in self.jobs:
            if job.trip is None or job.back:
                continue
            if not job.futures:
                self._again(job)
            elif usual is not None and not job.doubled and now - job.since > max(LATE, LATE_TIMES * usual):
                job.doubled = True
                self._send(job)

    def _wait(self) -> None:
        """Wait for a scheduler that is lost. Raises DetenteError where it does not come back."""
        while not self._reached():
            self._lost()

    def _reached(self) -> bool:
        try:
            return bool(self.cluster.client().status == "running")
        except _UNREACHED:
            return False

    def _lost(self) -> None:
        now = time.monotonic()
        self.lost_since = self.lost_since or now
        if now - self.lost_since > RETURNS:
            raise DetenteError(
                f"the scheduler at {self.cluster.where} has not answered for {RETURNS:.0f} seconds\n"
                "    what is solved is kept where there is a store: the same command goes on from there"
            )
        time.sleep(LOOKS)

    def dismiss(self) -> None:
        """Want nothing any more of what is out. What nobody else wants is not begun."""
        for job in self.jobs:
            for future in job.futures:
                future.release()


def _there(work: Packed, args: Packed, same: str, trees: tuple[Tree, ...]) -> bytes:
    """A piece of work, in a worker, and compiled models that it did not have."""
    from distributed import get_worker

    from detente.engine.executors.wire import work_there

    return work_there(work, args, same, get_worker().address, trees)


def _track() -> None:
    """Start what unlinks the semaphores of processes once this one has ended. After Ctrl-C that is no news to tell."""
    if os.name == "posix":
        from multiprocessing import resource_tracker

        before = os.environ.get("PYTHONWARNINGS")
        os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker"
        resource_tracker.ensure_running()
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


def _threads(client: Client) -> int:
    return sum(client.nthreads().values())


def _address(client: Client) -> str:
    return str(client.scheduler.address) if client.scheduler else "?"
