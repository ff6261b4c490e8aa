"""Ours and the peers side by side: `uv run python benchmarks/run.py [--quick] [--peers PYTHON]`.

Everything is timed in one run on one thread, in CPU seconds, the contenders taking turns; medians over the rounds are
shown, and ratios of those. `--peers` is the Python of an environment that holds peers, such as

    python -m venv /tmp/peers && /tmp/peers/bin/pip install pygambit==17.0.0b2 open_spiel LiteEFG

Peers that are not there are named and left out. Results are printed as Markdown.
"""

from __future__ import annotations

import os
import sys

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import argparse  # noqa: E402 (threads are settled before numpy is imported)
import json  # noqa: E402
import re  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from dataclasses import replace  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from reference import build, sweeps  # noqa: E402

from detente.game.files.efg import write_efg  # noqa: E402
from detente.game.tree import Game  # noqa: E402
from detente.solve.base import Status  # noqa: E402
from detente.solve.certificate.certify import certify  # noqa: E402
from detente.solve.quantal.layout import fill, lay_out  # noqa: E402
from detente.solve.quantal.quantal import Quantal  # noqa: E402
from detente.solve.sequence_form.sequences import sequences  # noqa: E402
from detente.solve.sequence_form.zero_sum import ZeroSum  # noqa: E402
from games import PRECISIONS, flagship, sized  # noqa: E402

PARTS = ("quantal", "single", "derivatives", "kernel", "regret", "programme", "growth", "cold")


class Peers:
    """The process that holds the peers, if there is one."""

    def __init__(self, python: str | None) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.versions: dict[str, str] = {}
        if python:
            command = [python, str(HERE / "peer.py")]
            where = tempfile.mkdtemp()
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=where
            )
            self.versions = self.ask(do="peers")

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return dict(json.loads(self.process.stdout.readline()))


def timed(call: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """CPU seconds of a call, and what it returns."""
    start = time.process_time()
    result = call(*arguments)
    return time.process_time() - start, result


def per_sweep(sweep: Callable[[int], None], seconds: float = 0.05) -> float:
    """CPU seconds of one sweep, from as many as take `seconds`."""
    times = 1
    while (spent := timed(sweep, times)[0]) < seconds:
        times *= 2
    return spent / times


def written(game: Game, draws: int, decimals: bool = False) -> list[str]:
    """Files with some draws of a game; in `decimals` for readers that know no fractions."""
    folder = Path(tempfile.mkdtemp())
    files = []
    for j in range(draws):
        files.append(str(folder / f"{j}.efg"))
        text = write_efg(game, j)
        if decimals:
            text = re.sub(r" (\d+)/(\d+)", lambda found: f" {int(found[1]) / int(found[2])!r}", text)
        Path(files[-1]).write_text(text)
    return files


def unit(seconds: float) -> str:
    """A time with a unit that suits it."""
    for factor, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= factor:
            return f"{seconds / factor:.3g} {name}"
    return f"{seconds * 1e9:.3g} ns"


def table(title: str, head: list[str], rows: list[list[str]]) -> None:
    print(f"\n### {title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()


def quantal(peers: Peers, rounds: int, quick: bool) -> None:
    """All six precisions on the principal branch, per draw."""
    rows: list[list[str]] = []
    bare: list[list[str]] = []
    plan = {"15": (4000, 20), "29": (4000, 20), "409": (1000, 2), "1905": (256, 0), "8693": (128, 0)}
    for name, (n, theirs) in plan.items():
        n = n // 4 if quick else n
        game = sized(name, n)
        first = Quantal()
        first.path(sized(name, 16), PRECISIONS)  # compiled, and its layout made
        files = written(game, theirs) if "pygambit" in peers.versions else []
        ours, alone, gambit, agree = [], [], [], ""
        for _ in range(rounds if theirs else 1):
            spent, found = timed(first.path, game, PRECISIONS)
            ours.append(spent / n)
            spent, settled = ladder(game)
            alone.append(spent / n)
            if files:
                answer = peers.ask(do="gambit", files=files, precisions=list(PRECISIONS))
                gambit.append(sum(answer["seconds"]) / len(files))
        if gambit:
            agree = f"{difference(game, found, answer['behaviour']):.1g}"
        last = found[-1]
        done = np.mean(last.status != Status.STOPPED)
        traced = np.mean(last.status == Status.TRACED)
        at = replace(game, precision=np.full_like(game.precision, PRECISIONS[-1]))
        residual = certify(at, last.behaviour).residual[last.status != Status.STOPPED].max(initial=0.0)
        ratio = f"**{median(gambit) / median(ours):,.0f}**" if gambit else ""
        peer = unit(median(gambit)) if gambit else "not run"
        shares = [f"{done:.1%}", f"{traced:.1%}", f"{residual:.0e}"]
        rows.append([name, unit(median(ours)), *shares, peer, ratio, agree])
        faster = f"**{median(gambit) / median(alone):,.0f}**" if gambit else ""
        bare.append([name, unit(median(alone)), f"{settled:.1%}", faster])
    head = ["nodes", "ours, per draw", "finished", "by arclength", "residual", "pygambit", "ratio", "difference"]
    table("Logit equilibrium at precisions 0.5, 1, 2, 5, 10 and 20", head, rows)
    table("The ladder alone, which checks no branch", ["nodes", "per draw", "settled at 20", "pygambit / ladder"], bare)


def ladder(game: Game) -> tuple[float, float]:
    """CPU seconds to go from precision to precision with nothing but Anderson's method, and the share that settled."""
    from detente.solve.quantal.kernels import Points, Settings, climb

    targets = np.array(PRECISIONS)
    far = 1e9
    settings = Settings(jump=far, bend=far, slack=far, share=far, grow=far)

    def go() -> Points:
        layout = lay_out(game.tree)
        numbers = fill(layout, game, slice(0, game.n_draws))
        found = Points.blank(len(targets), layout.plan, game.n_draws)
        climb(layout.plan, numbers, targets, settings, None, found)
        found.t[-1] /= numbers.scale * targets[-1]
        return found

    spent, found = timed(go)
    return spent, float(np.mean(found.t[-1] >= 1 - 1e-12))


def difference(game: Game, ours: list[Any], theirs: list[Any]) -> float:
    """The largest difference in any probability at any precision, over the draws that the peer solved."""
    tree = game.tree
    widest = 0.0
    order = sorted(range(tree.n_infosets), key=lambda h: (tree.owner[h], file_number(game)[h]))
    for j, points in enumerate(theirs):
        for solution, point in zip(ours, points, strict=True):
            for h, probabilities in zip(order, point, strict=True):
                own = solution.behaviour[tree.action_start[h] : tree.action_start[h + 1], j]
                widest = max(widest, float(np.abs(own - probabilities).max()))
    return widest


def file_number(game: Game) -> list[int]:
    """The number that each set has in a file: in the order of first visit, depth first."""
    tree, found, waiting = game.tree, [0] * game.tree.n_infosets, [0]
    seen = 0
    while waiting:
        x = waiting.pop()
        if (h := int(tree.infoset[x])) >= 0 and not found[h]:
            seen += 1
            found[h] = seen
        waiting.extend(range(int(tree.first_child[x] + tree.children[x]) - 1, int(tree.first_child[x]) - 1, -1))
    return found


def single(peers: Peers, rounds: int, quick: bool) -> None:
    """One solve to precision 20, in a batch of draws and of one game alone: Gambit pays three to four such solves for
    the list of six precisions, and we one or two, so that a ratio holds for its question only."""
    rows = []
    for name, (n, games) in {"15": (4000, 20), "29": (4000, 20), "409": (1000, 5)}.items():
        game = sized(name, n // 4 if quick else n)
        alone = [game.part(k, k + 1) for k in range(games)]
        files = written(game, games) if "pygambit" in peers.versions else []
        first = Quantal()
        first.path(alone[0], PRECISIONS[-1:])  # its layout is made
        batch, one, gambit = [], [], []
        for _ in range(rounds):
            batch.append(timed(first.path, game, PRECISIONS[-1:])[0] / game.n_draws)
            one.append(median([timed(first.path, each, PRECISIONS[-1:])[0] for each in alone]))
            if files:
                answer = peers.ask(do="gambit", files=files, precisions=list(PRECISIONS[-1:]))
                gambit.append(median(answer["seconds"]))
        theirs = median(gambit) if gambit else 0.0
        ratios = [f"**{theirs / median(ours):,.1f}**" if gambit else "" for ours in (batch, one)]
        peer = unit(theirs) if gambit else "not run"
        rows.append([name, unit(median(batch)), unit(median(one)), peer, *ratios])
    head = ["nodes", "ours, per draw", "ours, one game alone", "pygambit", "pygambit / per draw", "pygambit / alone"]
    table("One solve to precision 20", head, rows)


def slopes(rounds: int) -> None:
    """Derivatives of a reading through the equilibrium of 10,000 draws, at precision 1."""
    from detente.solve.derivatives.implicit import derivatives

    rows = []
    for name in ("7", "29"):
        behaviour = Quantal().solve(game := sized(name, 10_000)).behaviour
        reading = np.random.default_rng(0).normal(size=(1, *behaviour.shape))
        rows.append([name, unit(median(timed(derivatives, game, behaviour, reading)[0] for _ in range(rounds)))])
    table("Derivatives of 10,000 draws", ["nodes", "CPU time"], rows)


def kernel(rounds: int) -> None:
    """One sweep: backwards all strategies, forwards all beliefs."""
    library, rows = build(), []
    for name in ("15", "29", "409", "1905", "8693"):
        game = sized(name, 16)
        layout = lay_out(game.tree)
        calls = sweeps(library, layout.plan, fill(layout, game, slice(0, 16)), 2.0)
        spent: dict[str, list[float]] = {who: [] for who in calls}
        for _ in range(rounds):
            for who, call in calls.items():
                spent[who].append(per_sweep(call) / 16)
        c = median(spent["c"]) if "c" in spent else 0.0
        ratio = f"{median(spent['ours']) / c:.2f}" if c else ""
        rows.append([name, unit(median(spent["ours"])), unit(c) if c else "no gcc", ratio])
    table("One sweep of the kernel, per draw", ["nodes", "ours", "C, gcc -O3", "ours / C"], rows)


def regret(peers: Peers, rounds: int, quick: bool) -> None:
    """Iterations of CFR+ in which every player learns once."""
    from detente.solve.sequence_form import regret as kernels

    rows = []
    for name in ("881", "8693", "72913") if quick else ("881", "8693", "72913", "1279649"):
        game = sized(name, 1)
        form = sequences(game.tree)
        setup = time.process_time()
        field = kernels.lay_out(form, form.weights(game, 0), np.ones(game.tree.n_actions, np.bool_))
        setup = time.process_time() - setup
        state = kernels.begin(field)
        kernels.iterate(field, state, 0, 2, False)
        count = max(3, int(3e7 / len(field.weight)))
        found: dict[str, list[float]] = {"ours": [], "openspiel": [], "liteefg": []}
        large = int(name) > 100_000
        files = [] if large or not peers.versions else written(game, 1, decimals=True)
        for _ in range(3 if large else rounds):
            found["ours"].append(timed(kernels.iterate, field, state, 2, count, False)[0] / count)
            few = max(2, count // 200)
            if files and "open_spiel" in peers.versions:
                found["openspiel"] += peers.ask(do="openspiel", files=files, iterations=few).get("seconds", [])
            if files and "LiteEFG" in peers.versions:
                request = {"do": "liteefg", "files": files, "iterations": few, "players": game.tree.n_players}
                found["liteefg"] += peers.ask(**request).get("seconds", [])
        own = median(found["ours"])
        row = [f"{game.tree.n_nodes:,}", f"{1 / own:,.0f}", unit(setup)]
        for who in ("openspiel", "liteefg"):
            there = found[who]
            row += [
                f"{1 / median(there):,.1f}" if there else "not run",
                f"**{median(there) / own:,.0f}**" if there else "",
            ]
        rows.append(row)
    head = ["histories", "ours, iterations/s", "set up", "OpenSpiel", "ratio", "LiteEFG", "ratio"]
    table("CFR+, three players, iterations per CPU second", head, rows)


def programme(quick: bool) -> None:
    """The zero-sum linear programme, on the crises made zero-sum between two of the powers."""
    rows = []
    for stages in (4, 6, 8) if quick else (4, 6, 8, 10, 12):
        spent, solution = timed(ZeroSum().solve, game := duel(stages))
        gain = certify(game, solution.behaviour).gain.max()
        rows.append([f"{game.tree.n_nodes:,}", unit(spent), f"{gain:.0e}"])
    table("Zero-sum linear programme through HiGHS", ["histories", "CPU time", "largest gain"], rows)


def duel(stages: int) -> Game:
    """Two powers of two types each, who in turn raise, wait or give in; what one wins the other loses."""
    from tests.games import Drawing

    drawing = Drawing(2)

    def build(types: tuple[int, int], history: str) -> Any:
        p = len(history) % 2
        if len(history) == stages:
            return drawing.end((types, history.count("r")))
        giving_in = drawing.end((p, len(history), history.count("r")))
        moves = {"raise": build(types, history + "r"), "wait": build(types, history + "w"), "give in": giving_in}
        return drawing.move(p, (types[p], history), moves)

    kinds = [(a, b) for a in range(2) for b in range(2)]
    tree = drawing.grow(drawing.chance({kind: build(kind, "") for kind in kinds}))
    first = np.random.default_rng(3).uniform(-1, 1, len(drawing.slots))
    return Game(tree, np.stack([first, -first], axis=1)[:, :, None], np.full((4, 1), 0.25), np.ones((2, 1)))


def growth(quick: bool) -> None:
    """How the cost of a solution at precision 5 grows with draws and with types, and the flagship."""
    rows = []
    Quantal().solve(sized("29", 16))
    for n in (100, 1000, 10_000) if quick else (100, 1000, 10_000, 100_000):
        game = replace(sized("29", n), precision=np.full((2, n), 5.0))
        spent, _ = timed(Quantal().solve, game)
        rows.append([f"29 nodes, {n:,} draws", unit(spent), unit(spent / n)])
    from tests.games import escalation

    for typed in ((), (0,), (0, 1), (0, 1, 2)):
        spent, _ = timed(Quantal().solve, game := escalation(64, 5.0, 0, 6, typed))
        rows.append([f"{2 ** len(typed)} types, {game.tree.n_nodes:,} nodes, 64 draws", unit(spent), unit(spent / 64)])
    spent, _ = timed(Quantal().solve, game := flagship(64 if quick else 512))
    label = f"ukraine-2022, {game.tree.n_nodes:,} nodes, {game.n_draws} draws at their own precision"
    rows.append([label, unit(spent), unit(spent / game.n_draws)])
    table("Growth", ["what", "CPU time", "per draw"], rows)


def cold() -> None:
    """A fresh process, and the memory it takes."""
    code = (
        "import sys, time; sys.path[:0] = [{here!r}, {root!r}]; from games import sized; "
        "from detente.solve.{module} import {solver}; g = sized('409', 64); {solver}().solve(g); "
        "held = [line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')] or ['nan']; "
        "print(time.process_time(), float(held[0]) / 1024)"
    )
    rows = []
    for module, solver in (("quantal.quantal", "Quantal"), ("sequence_form.cfr", "Regret")):
        program = code.format(here=str(HERE), root=str(HERE.parent), module=module, solver=solver)
        start = time.monotonic()
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        wall = time.monotonic() - start
        spent, memory = map(float, done.stdout.split())
        rows.append([solver, unit(spent), unit(wall), f"{memory:.0f} MB"])
    table("A fresh process: 64 draws of 409 nodes", ["what", "CPU time", "wall time", "memory"], rows)


def machine() -> str:
    """The processor, its cores, and what is installed."""
    from importlib.metadata import version

    model = "unknown processor"
    if (file := Path("/proc/cpuinfo")).exists():
        lines = [line for line in file.read_text().splitlines() if line.startswith("model name")]
        model = lines[0].partition(":")[2].strip() if lines else model
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    return f"{os.cpu_count()} x {model}; Python {sys.version.split()[0]}, {versions}; {time.strftime('%Y-%m-%d')}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer draws and rounds")
    parser.add_argument("--peers", metavar="PYTHON", default=os.environ.get("DETENTE_PEERS"))
    parser.add_argument("--only", nargs="*", choices=PARTS)
    asked = parser.parse_args()
    peers = Peers(asked.peers)
    print(machine())
    for name in ("pygambit", "open_spiel", "LiteEFG"):
        print(f"{name}: {peers.versions.get(name, 'not there (see --peers)')}")
    rounds = 3 if asked.quick else 5
    parts: dict[str, Callable[[], None]] = {
        "kernel": lambda: kernel(rounds),
        "quantal": lambda: quantal(peers, rounds, asked.quick),
        "single": lambda: single(peers, rounds, asked.quick),
        "derivatives": lambda: slopes(rounds),
        "regret": lambda: regret(peers, rounds, asked.quick),
        "programme": lambda: programme(asked.quick),
        "growth": lambda: growth(asked.quick),
        "cold": cold,
    }
    for part, run in parts.items():
        if not asked.only or part in asked.only:
            run()


if __name__ == "__main__":
    main()
