"""Schedulers and workers of a cluster as processes that can be killed.

    python -m tests.engine.machines

It reads all code once, and then starts a process for each line it is given, `scheduler PORT` or `worker ADDRESS`, and
writes its number: each is there at once, which one that read the code for itself would be after some seconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Machines:
    """A scheduler and workers, in the folder they may write to."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DASK_TEMPORARY_DIRECTORY": str(folder),
            "OPENBLAS_NUM_THREADS": "1",
        }
        self._starts = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.machines"], cwd=folder, env=env, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.started: list[int] = []
        self.scheduler = self.serve()

    def _start(self, line: str) -> int:
        assert self._starts.stdin is not None
        assert self._starts.stdout is not None
        self._starts.stdin.write(line + "\n")
        found = int(self._starts.stdout.readline())
        self.started.append(found)
        return found

    def serve(self) -> int:
        """The scheduler, at the same address each time."""
        self.scheduler = self._start(f"scheduler {self.port}")
        return self.scheduler

    def work(self) -> int:
        """One more worker."""
        return self._start(f"worker {self.address}")

    def end(self) -> None:
        for process in self.started:
            kill(process)
        self._starts.communicate()


def kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def lives(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def in_group(group: int) -> bool:
    """Whether any process of a group is left."""
    with suppress(ProcessLookupError):
        os.killpg(group, 0)
        return True
    return False


def free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def _serve(kind: str, where: str) -> None:
    from distributed import Scheduler, Worker

    if kind == "scheduler":
        async with Scheduler(host="127.0.0.1", port=int(where), dashboard=False) as scheduler:
            await scheduler.finished()
    else:
        async with Worker(where, nthreads=1, memory_limit=0, dashboard=False) as worker:
            await worker.finished()


def main() -> None:
    import dask
    import distributed  # noqa: F401

    import detente
    from detente.engine.executors import wire
    from tests.engine import demand, test_cluster  # noqa: F401

    wire.same()
    detente.run(detente.loads(demand.MODEL), draws=20, workers=1)  # which reads what is read late
    dask.config.set({"logging.distributed": "critical"})
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        process = os.fork()
        if not process:
            os.close(0)
            asyncio.run(_serve(*line.split()))
            os._exit(0)
        print(process, flush=True)


if __name__ == "__main__":
    main()
