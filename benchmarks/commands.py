"""How long every command takes on every case of the library: `uv run python benchmarks/commands.py [--draws 10000]`.

Each command runs in a process of its own, as an analyst starts it: with an empty store of solved draws, once more, and
(`sense`, `claims`, `learn`) after a `run`. Wall and CPU seconds of whole processes, start and imports included, and the
largest memory they held, as a Markdown table; first what a process costs that only shows its help. `--keep FOLDER`
keeps the answers (JSON), so that those of two versions can be compared. Wall times depend on what else the machine
does; the load is told.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from detente.language.expressions import Number
from detente.model.catalogue import library
from detente.model.load import load

PARTNER = {"ukraine-2022": "ukraine-2022-kremlin"}
START = "from detente.present.cli.app import main; main()"
LIMIT = 60.0  # seconds that a command may take


def commands(case: str) -> dict[str, list[str]]:
    """Every command that solves, by what it is called in the table. All but `map` take --draws."""
    model = load(case)
    actors = dict.fromkeys(stage.actor for stage in model.stages.values() if stage.actor)
    uncertain = [n for n, q in model.quantities.items() if not q.role and not isinstance(q.value.expression, Number)]
    first, second = (uncertain * 2)[:2] if uncertain else ("", "")
    change = ["--shift", f"{first}=*1.1"] if first else ["--set", f"{next(iter(model.quantities))}=0.4"]
    found = {
        "run, with its report": ["run", case],
        "run --json": ["run", case, "--json"],
        "sense": ["sense", case, "--json"],
        "claims": ["claims", case, "--json"],
        "breaking": ["breaking", case, "--json"],
        "why": ["why", case, "--json"],
        "tree": ["tree", case, "--json"],
        "learn": ["learn", case, "--json"],
        **{f"worth {actor}": ["worth", case, actor, "--json"] for actor in actors},
        "discover": ["discover", case, f"likeliest is {next(iter(model.outcomes))}", "--json"],
        "design": ["design", case, "--json"],
        "what-if": ["what-if", case, *change, "--json"],
        "compare": ["compare", case, PARTNER.get(case, case), "--json"],
        "gradients": ["gradients", case, "--json"],
        "report, everything on one page": ["report", case, "whole.html", "--json"],
    }
    if first:
        found["tip Q"] = ["tip", case, first, "--json"]
    if first != second:
        found["map Q Q2"] = ["map", case, first, second, "--json"]
    if model.claims:
        found["sense --of CLAIM"] = ["sense", case, "--of", next(iter(model.claims)), "--json"]
    if model.statics:
        found["statics"] = ["statics", case, "--json"]
    if model.mechanisms:
        found["ablate"] = ["ablate", case, "--json"]
    if any(q.seen_by for q in model.quantities.values()):
        found["perceptions"] = ["perceptions", case, "--json"]
    return found


class Cost(NamedTuple):
    """What a process cost: seconds, the largest memory it held in MB, its exit code and its last line of complaint."""

    wall: float
    cpu: float
    memory: float
    code: int
    said: str


def timed(arguments: list[str], store: Path, kept: Path) -> Cost:
    """What `detente ARGUMENTS` costs; its answer goes to `kept`."""
    environment = {**os.environ, "DETENTE_STORE": str(store)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or every process would compile what it imports
    start = time.perf_counter()
    with kept.open("w") as out, tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", START, *arguments], stdout=out, stderr=said, env=environment, cwd=store
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = said.read().strip().splitlines()
    wall, cpu = time.perf_counter() - start, used.ru_utime + used.ru_stime
    return Cost(wall, cpu, used.ru_maxrss / 1024, process.returncode, (lines or [""])[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--cases", nargs="*", default=list(library()))
    parser.add_argument("--only", nargs="*", default=[], help="commands, as in the table")
    parser.add_argument("--keep", type=Path, default=None, help="a folder for the answers")
    parser.add_argument("--once", action="store_true", help="with an empty store only")
    chosen = parser.parse_args()
    answers = chosen.keep or Path(tempfile.mkdtemp())
    answers.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shown = timed(["--help"], Path(folder), Path(folder) / "help")
    print(f"{chosen.draws:,} draws; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at the start; ", end="")
    print(f"`detente --help`: {shown.wall:.2f} s wall, {shown.cpu:.2f} s CPU\n")
    columns = ("empty store: wall (s)", "CPU (s)", "memory (MB)", "again: wall (s)", "CPU (s)", "after `run`: wall (s)")
    print(f"| case | command | {' | '.join(columns)} |")
    print("|---" * (2 + len(columns)) + "|")
    over = []
    for case in chosen.cases:
        for name, arguments in commands(case).items():
            if chosen.only and name not in chosen.only:
                continue
            whole = [*arguments, *([] if name == "map Q Q2" else ["--draws", str(chosen.draws)])]
            kept = answers / f"{case} {name}.json"
            with tempfile.TemporaryDirectory() as folder:
                cold = timed(whole, Path(folder), kept)
                warm = cold if chosen.once else timed(whole, Path(folder), kept.with_suffix(".again"))
            cells = [
                *(f"{cold.wall:.1f}", f"{cold.cpu:.1f}", f"{cold.memory:.0f}"),
                *(["", ""] if chosen.once else [f"{warm.wall:.1f}", f"{warm.cpu:.1f}"]),
            ]
            with tempfile.TemporaryDirectory() as folder:
                if name in ("sense", "claims", "learn") and not chosen.once:
                    timed(["run", case, "--json", "--draws", str(chosen.draws)], Path(folder), Path(folder) / "run")
                    cells.append(f"{timed(whole, Path(folder), kept.with_suffix('.after')).wall:.1f}")
                else:
                    cells.append("")
            if cold.code not in (0, 1, 3):
                cells.append(f"exit code {cold.code}: {cold.said}")
            print(f"| {case} | {name} | {' | '.join(cells)} |", flush=True)
            if cold.wall > LIMIT:
                over.append(f"{name} of {case}")
    print(f"\nOver {LIMIT:.0f} s: {', '.join(over) or 'none'}.")


if __name__ == "__main__":
    main()
