"""What users feel: whole processes of the commands, on the flagship or another case at its default draws.

    uv run python benchmarks/feel.py [--against CHECKOUT] [--rounds 3] [--only check report] [--first] [--case FILE]

Every command runs in a process of its own, in 80 columns and on two cores: the first time (nothing is kept of the
case), again (its answer, or its solved draws, are kept), and the first time where Python has no bytecode and may write
none; with `--first` only the first of these. CPU seconds (user and system), wall seconds and the most memory, medians
over the rounds, as a Markdown table. With `--against`, another checkout that is installed (`uv sync`) takes turns with
this one, process by process; the ratio is its CPU time over ours. `IN PROCESS` is a Python session that changes one
quantity and runs the case again, 200 draws, after it has run it once. `--case tests/cases/first_edition.yaml` is the
flagship as it first was, one tree of 2,187 nodes, on which the goals of speed were set.
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
    "check": ["check", "{case}"],
    "run --json": ["run", "{case}", "--json"],
    "run, with its report": ["run", "{case}"],
    "statics": ["statics", "{case}"],
    "ablate": ["ablate", "{case}"],
    "tip": ["tip", "{case}", "sanctions"],
    "perceptions": ["perceptions", "{kremlin}"],
    "claims --breaking": ["claims", "{case}", "--breaking"],
    "report": ["report", "{case}"],
}
IN_PROCESS = "one changed quantity, in process"
CHANGING = """
import sys, time
import detente
case = sys.argv[1]
detente.run(case, draws=200)
spent = []
for value in (0.9, 1.1, 1.2):
    start = time.process_time()
    detente.run(case, draws=200, set={"sanctions": value})
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


def thrice(command: list[str], once: bool = False) -> tuple[Spent, ...]:
    """A command the first time and, unless `once`, again, and the first time without bytecode."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first = measured(command, Path(one))
        if once:
            return (first,)
        return first, measured(command, Path(one)), measured(command, Path(other), bytecode=False)


def words(name: str, case: str) -> list[str]:
    """The arguments of a command of the table; a file's variant with perceptions stands beside it."""
    path = Path(case)
    kremlin = str(path.with_name(f"{path.stem}_kremlin{path.suffix}")) if path.suffix else f"{case}-kremlin"
    return [word.format(case=case, kremlin=kremlin) for word in COMMANDS[name]]


def row(name: str, case: str, folders: list[Path], rounds: int, once: bool) -> list[str]:
    """The cells of a command: ours, and where there is another checkout its CPU seconds and the ratios."""
    found: list[list[tuple[Spent, ...]]] = [[] for _ in folders]
    for _ in range(rounds):
        for folder, so_far in zip(folders, found, strict=True):
            so_far.append(thrice([str(folder / "detente"), *words(name, case)], once))
    first, *more = ([median(spent[k].cpu for spent in each) for each in found] for k in range(len(found[0][0])))
    ours = found[0]
    cells = [name, f"{first[0]:.2f}", f"{median(spent[0].wall for spent in ours):.2f}"]
    cells += [f"{max(spent[0].memory for spent in ours):.0f}", *(f"{each[0]:.2f}" for each in more)]
    cells += [""] * (6 - len(cells))
    for k in range(1, len(folders)):
        cells += [f"{first[k]:.2f}", f"{first[k] / first[0]:.2f}"]
        cells += [f"{more[0][k]:.2f}", f"{more[0][k] / more[0][0]:.2f}"] if more else ["", ""]
    return cells


def changing(case: str, folders: list[Path], rounds: int) -> list[str]:
    """The cells of a changed quantity: CPU seconds, printed by the process itself."""
    found: list[list[float]] = [[] for _ in folders]
    for _ in range(rounds):
        for folder, so_far in zip(folders, found, strict=True):
            with tempfile.TemporaryDirectory() as store:
                changed = measured([str(folder / "python"), "-c", CHANGING, case], Path(store))
                so_far.append(float(changed.printed or "nan"))
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
    parser.add_argument("--first", action="store_true", help="only the first time, with an empty store")
    parser.add_argument("--case", default=CASE, help="another case, or the file of one")
    chosen = parser.parse_args()
    case = str(Path(chosen.case).resolve()) if Path(chosen.case).suffix else chosen.case
    folders = [Path(sys.executable).parent, *([chosen.against.resolve() / ".venv" / "bin"] if chosen.against else [])]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    load = f"load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    print(f"Medians of {chosen.rounds} rounds, {Path(case).stem}, two of {os.cpu_count()} cores; {load}\n")
    head = ["command", "CPU (s)", "wall (s)", "memory (MB)", "again: CPU (s)", "no bytecode: CPU (s)"]
    head += ["before: CPU (s)", "ratio", "before, again: CPU (s)", "ratio"] if chosen.against else []
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for folder in folders:
        measured([str(folder / "detente"), "check", case], Path(tempfile.mkdtemp()))  # its bytecode is written
    for name in chosen.only or [*COMMANDS, IN_PROCESS]:
        if name == IN_PROCESS:
            cells = changing(case, folders, chosen.rounds)
        else:
            cells = row(name, case, folders, chosen.rounds, chosen.first)
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
