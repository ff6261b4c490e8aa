"""How time and memory of a sweep grow with its draws: one JSON line for each number of draws, each in its own process.

    uv run python benchmarks/sweep.py crisis-signalling --set precision=20 --draws 10000 100000 1000000 10000000
    uv run python benchmarks/sweep.py ukraine-2022 --draws 10000 100000 1000000 --store FOLDER

`--processes N` solves in so many processes; `peak_mb` is then that of the asking one, `child_mb` that of the largest
other. With a store a sweep that was stopped goes on from there; seconds are then those of this go alone, in which
`solved` draws were solved. `--run` asks `run` the same for comparison, which holds all draws.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from detente.engine.executors.processes import Processes
from detente.engine.store.store import Store
from detente.study.questions.sweep import sweep
from detente.study.run import run

MEGABYTE = 1e6


def measured(given: argparse.Namespace) -> None:
    """Sweep once in this process, and print what it took."""
    case, draws, store, changes = given.case, given.draws[0], given.store, dict(i.split("=", 1) for i in given.set)
    sweep(case, draws=2, set=changes)  # what is made ready once is not counted
    before, load = _peak(), os.getloadavg()[0]
    clock, processor = time.monotonic(), _processor()
    kept = Store(store, limit=20_000_000_000) if store else None
    how: dict[str, Any] = {"draws": draws, "set": changes, "workers": given.workers, "store": kept}
    how |= {"executor": Processes(given.processes)} if given.processes else {}
    if given.run:
        found = run(case, **how)
        done, solved, lost = found.n, found.n, int((~found.converged).sum())
    else:
        swept = sweep(case, **how)
        done, solved, lost = swept.draws, swept.took.solved, swept.certificate.unconverged_draws
    told = {
        "what": "run" if given.run else "sweep", "case": case, "set": changes, "draws": done, "solved": solved,
        "unconverged": lost, "seconds": round(time.monotonic() - clock, 1),
        "processor_seconds": round(_processor() - processor, 1), "before_mb": round(before, 1),
        "peak_mb": round(_peak(), 1), "child_mb": round(_peak(resource.RUSAGE_CHILDREN), 1),
        "load": [round(load, 1), round(os.getloadavg()[0], 1)], "when": time.strftime("%Y-%m-%d %H:%M"),
    }  # fmt: skip
    print(json.dumps(told), flush=True)


def _peak(whose: int = resource.RUSAGE_SELF) -> float:
    """The most memory that this process, or one that it has started, has held so far (MB)."""
    return resource.getrusage(whose).ru_maxrss * 1024 / MEGABYTE


def _processor() -> float:
    """Processor seconds of this process and those that it has started."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--draws", type=int, nargs="+", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        measured(given)
        return
    rest = [word for item in given.set for word in ("--set", item)] + [
        "--workers",
        str(given.workers),
        "--processes",
        str(given.processes),
    ]
    rest += ["--store", str(given.store)] if given.store else []
    rest += ["--run"] if given.run else []
    for draws in given.draws:
        command = [sys.executable, __file__, given.case, "--here", "--draws", str(draws), *rest]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
