"""Commands on a cluster whose machines are in trouble, and whether each prints the bytes of one process.

    uv run python benchmarks/cluster_same.py                       # all commands in all troubles: half an hour
    uv run python benchmarks/cluster_same.py --trouble killed --command sense

A scheduler and workers are processes of `dask` on this machine. One JSON line is printed for each command in each
trouble: whether its bytes are the same, how many pieces of work came back from workers, and what was done to these.
Exit code 1 if anything differs, or if a command sent nothing.

killed      a worker is killed whenever something has come back and another is left, and one more is started
restarted   the scheduler is killed when pieces have come back, and started again, with other workers
slow        one worker stands still for six seconds of every seven
users       two users ask the same, and a third with another seed, at once
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

COMMANDS = {
    "run": ("run", "crisis-signalling", "--draws", "{draws}"),
    "tip": ("tip", "ukraine-2022", "firmness", "--draws", "{few}", "--points", "5"),
    "statics": ("statics", "ukraine-2022", "--draws", "{few}"),
    "sense": ("sense", "ukraine-2022", "--draws", "{some}"),
    "redteam": ("redteam", "crisis-signalling", "--draws", "200"),
}
COUNTS = """
from distributed.diagnostics.plugin import SchedulerPlugin

class Count(SchedulerPlugin):
    def transition(self, key, start, finish, *args, **kwargs):
        if finish == "memory" and str(key).startswith("detente-"):
            with open({path!r}, "a") as file:
                file.write(".")

    def add_worker(self, scheduler, worker):
        self.told(scheduler)

    def remove_worker(self, scheduler, worker, **kwargs):
        self.told(scheduler)

    def told(self, scheduler):
        with open({there!r}, "w") as file:
            file.write(" ".join(str(state.pid) for state in scheduler.workers.values()))

def dask_setup(scheduler):
    scheduler.add_plugin(Count())
"""
Log = list[str]


class Place:
    """A scheduler and workers, and what has come back from them."""

    def __init__(self, folder: Path, workers: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.address = folder, f"tcp://127.0.0.1:{self.port}"
        self.done, self.counts = folder / "done", folder / "counts.py"
        self.counts.write_text(COUNTS.format(path=str(self.done), there=str(folder / "there")))
        self.workers: list[subprocess.Popen[bytes]] = []
        self.wanted = workers
        self.serve()

    def _start(self, what: str, *words: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "DASK_LOGGING__DISTRIBUTED": "critical"}
        command = [sys.executable, "-m", f"distributed.cli.{what}", *words]
        out = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=self.folder, env=env, stdout=out, stderr=out)

    def serve(self) -> None:
        """Start the scheduler and as many workers as are wanted."""
        self.scheduler = self._start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard", "--no-show",
            "--preload", str(self.counts),
        )  # fmt: skip
        for _ in range(self.wanted):
            self.work()

    def work(self) -> None:
        """One more worker."""
        self.workers.append(self._start("dask_worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard"))

    def back(self) -> int:
        """How many pieces have come back."""
        return self.done.stat().st_size if self.done.exists() else 0

    def there(self) -> list[subprocess.Popen[bytes]]:
        """The workers that the scheduler knows."""
        with suppress(FileNotFoundError):
            known = (self.folder / "there").read_text().split()
            return [worker for worker in self.workers if str(worker.pid) in known and worker.poll() is None]
        return []

    def end(self) -> None:
        for process in (self.scheduler, *self.workers):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


def killed(place: Place, going: Callable[[], bool], log: Log) -> None:
    chance = random.Random(7)
    begun = place.back()
    while going():
        time.sleep(chance.uniform(0.1, 0.5))
        there = place.there()
        if place.back() > begun and len(there) > 1:
            chance.choice(there).kill()
            place.work()
            begun = place.back()
            log.append("a worker killed")


def restarted(place: Place, going: Callable[[], bool], log: Log) -> None:
    begun = place.back()
    while going() and place.back() < begun + 2:
        time.sleep(0.05)
    place.scheduler.kill()
    place.scheduler.wait()
    place.serve()
    log.append("the scheduler killed and started")


def slow(place: Place, going: Callable[[], bool], log: Log) -> None:
    begun = place.back()
    while going() and place.back() == begun:
        time.sleep(0.05)
    victim = place.there()[0]
    while going():
        victim.send_signal(signal.SIGSTOP)
        log.append("a worker stands still")
        until = time.monotonic() + 6
        while going() and time.monotonic() < until:
            time.sleep(0.1)
        victim.send_signal(signal.SIGCONT)
        time.sleep(1)


TROUBLES: dict[str, Callable[[Place, Callable[[], bool], Log], None] | None] = {
    "none": None, "killed": killed, "restarted": restarted, "slow": slow, "users": None,
}  # fmt: skip


def begun(words: tuple[str, ...], *more: str) -> subprocess.Popen[bytes]:
    code = "import sys; sys.argv[0] = 'detente'; from detente.present.cli.start import main; main()"
    command = [sys.executable, "-c", code, *words, "--json", "--no-store", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@contextmanager
def trouble(place: Place, name: str, log: Log) -> Iterator[None]:
    """Trouble from the first piece that comes back until the commands have ended."""
    over = threading.Event()
    make = TROUBLES[name]
    thread = threading.Thread(target=make, args=(place, lambda: not over.is_set(), log)) if make else None
    if thread:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if thread:
            thread.join()


def tried(name: str, words: tuple[str, ...], known: dict[tuple[str, ...], bytes], workers: int, told_in: float) -> bool:
    """Run a command on a cluster in trouble; whether its bytes are those of one process, and something was sent."""
    asked = [words, words, (*words, "--seed", "2")] if name == "users" else [words]
    for one in asked:
        if one not in known:
            out, error = begun(one, "--workers", "1").communicate()
            assert out, error.decode()
            known[one] = out
    log: Log = []
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), workers)
        try:
            clock = time.monotonic()
            with trouble(place, name, log):
                users = [begun(one, "--cluster", place.address) for one in asked]
                told = [user.communicate(timeout=told_in) for user in users]
            clock = time.monotonic() - clock
        finally:
            place.end()
        same = [out == known[one] for one, (out, _) in zip(asked, told, strict=True)]
        line = {
            "command": " ".join(words), "trouble": name, "same": all(same), "users": len(users),
            "pieces_back": place.back(), "seconds": round(clock, 1), "done_to_it": dict.fromkeys(log, 0),
            "load": round(os.getloadavg()[0], 1),
        }  # fmt: skip
        line["done_to_it"] = {what: log.count(what) for what in log}
        if not all(same):
            line["error"] = [error.decode()[-500:] for _, error in told]
        print(json.dumps(line), flush=True)
        return all(same) and place.back() > 0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--command", nargs="*", choices=COMMANDS, default=list(COMMANDS))
    asked.add_argument("--trouble", nargs="*", choices=TROUBLES, default=list(TROUBLES))
    asked.add_argument("--draws", default="4000", help="of the run of crisis-signalling")
    asked.add_argument("--few", default="460", help="draws of tip and statics of the flagship")
    asked.add_argument("--some", default="902", help="draws of sense of the flagship")
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--limit", type=float, default=600, help="seconds that a command may take")
    told = asked.parse_args()
    known: dict[tuple[str, ...], bytes] = {}
    good = True
    for command in told.command:
        words = tuple(w.format(draws=told.draws, few=told.few, some=told.some) for w in COMMANDS[command])
        for name in told.trouble:
            good &= tried(name, words, known, told.workers, told.limit)
    with suppress(BrokenPipeError):
        sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
