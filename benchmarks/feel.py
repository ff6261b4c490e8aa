"""What users feel: whole processes of the commands, on the flagship at its default draws.

    uv run python benchmarks/feel.py [--against CHECKOUT] [--rounds 3] [--only check "run --json"]

Every command runs in a process of its own, in 80 columns and on two cores: the first time (nothing is kept of the
case), again (its answer, or its solved draws, are kept), and the first time where Python has no bytecode and may write
none. CPU seconds (user and system), wall seconds and the most memory, medians over the rounds, as a Markdown table.
With `--against`, another checkout that is installed (`uv sync`) takes turns with this one, process by process; the
ratio is its CPU time over ours. `IN PROCESS` is a Python session that changes one quantity and runs the case again, 200
draws, after it has run it once.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CASE = "ukraine-2022"
COMMANDS = {
    "help": ["--help"],
    "check": ["check", CASE],
    "run --json": ["run", CASE, "--json"],
    "run, with its report": ["run", CASE],
    "statics": ["statics", CASE],
    "ablate": ["ablate", CASE],
    "tip": ["tip", CASE, "sanctions"],
    "perceptions": ["perceptions", f"{CASE}-kremlin"],
    "claims --breaking": ["claims", CASE, "--breaking"],
    "report": ["report", CASE],
}
IN_PROCESS = "one changed quantity, in process"
CHANGING = f"""
import sys, time
import detente
detente.run({CASE!r}, draws=200)
spent = []
for value in (0.9, 1.1, 1.2):
    start = time.process_time()
    detente.run({CASE!r}, draws=200, set={{"sanctions": value}})
    spent.append(time.process_time() - start)
print(sorted(spent)[1])
"""
FINE = (0, 1, 3)  # exit codes: done; done, and something does not hold; done, and some draws did not converge


@dataclass(frozen=True)
class Spent:
    """What a process took: CPU and wall seconds, MB of memory at most; its exit code and what it printed."""

    cpu: float
    wall: float
    memory: float
    code: int
    printed: str


def measured(command: list[str], store: Path, bytecode: bool = True) -> Spent:
    """Run a command in the folder of its store. Without `bytecode`, Python finds none and writes none."""
    environment = {**os.environ, "DETENTE_STORE": str(store), "COLUMNS": "80"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if not bytecode:
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(store / "none")}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as complaints:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=complaints, env=environment, cwd=store)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in FINE:
            complaints.seek(0)
            print(f"{' '.join(command)}: exit code {process.returncode}\n{complaints.read()}", file=sys.stderr)
        out.seek(0)
        memory = used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
        return Spent(used.ru_utime + used.ru_stime, wall, memory, process.returncode, out.read())


def thrice(command: list[str]) -> tuple[Spent, Spent, Spent]:
    """A command the first time, again, and the first time without bytecode."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first = measured(command, Path(one))
        return first, measured(command, Path(one)), measured(command, Path(other), bytecode=False)


def row(name: str, folders: list[Path], rounds: int) -> list[str]:
    """The cells of a command: ours, and where there is another checkout its CPU seconds and the ratios."""
    found: list[list[tuple[Spent, Spent, Spent]]] = [[] for _ in folders]
    for _ in range(rounds):
        for folder, so_far in zip(folders, found, strict=True):
            so_far.append(thrice([str(folder / "detente"), *COMMANDS[name]]))
    first, again, bare = ([median(spent[k].cpu for spent in each) for each in found] for k in range(3))
    ours = found[0]
    cells = [name, f"{first[0]:.2f}", f"{median(spent[0].wall for spent in ours):.2f}"]
    cells += [f"{max(spent[0].memory for spent in ours):.0f}", f"{again[0]:.2f}", f"{bare[0]:.2f}"]
    for k in range(1, len(folders)):
        cells += [f"{first[k]:.2f}", f"{first[k] / first[0]:.2f}", f"{again[k]:.2f}", f"{again[k] / again[0]:.2f}"]
    return cells


def changing(folders: list[Path], rounds: int) -> list[str]:
    """The cells of a changed quantity: CPU seconds, printed by the process itself."""
    found: list[list[float]] = [[] for _ in folders]
    for _ in range(rounds):
        for folder, so_far in zip(folders, found, strict=True):
            with tempfile.TemporaryDirectory() as store:
                so_far.append(float(measured([str(folder / "python"), "-c", CHANGING], Path(store)).printed or "nan"))
    ours, *others = map(median, found)
    cells = [IN_PROCESS, f"{ours:.3f}", "", "", "", ""]
    for other in others:
        cells += [f"{other:.3f}", f"{other / ours:.2f}", "", ""]
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout, installed by `uv sync`")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=[*COMMANDS, IN_PROCESS], default=[], help="as in the table")
    chosen = parser.parse_args()
    folders = [Path(sys.executable).parent, *([chosen.against.resolve() / ".venv" / "bin"] if chosen.against else [])]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    load = f"load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    print(f"Medians of {chosen.rounds} rounds, {CASE}, two of {os.cpu_count()} cores; {load}\n")
    head = ["command", "CPU (s)", "wall (s)", "memory (MB)", "again: CPU (s)", "no bytecode: CPU (s)"]
    head += ["before: CPU (s)", "ratio", "before, again: CPU (s)", "ratio"] if chosen.against else []
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for folder in folders:
        measured([str(folder / "detente"), "check", CASE], Path(tempfile.mkdtemp()))  # its bytecode is written
    for name in chosen.only or [*COMMANDS, IN_PROCESS]:
        cells = changing(folders, chosen.rounds) if name == IN_PROCESS else row(name, folders, chosen.rounds)
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
