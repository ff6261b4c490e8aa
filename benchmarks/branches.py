"""How often the solver finishes, and how often elsewhere: `uv run python benchmarks/branches.py [NAME=DRAWS ...]`.

Draws of the games of `benchmarks/games.py` are solved at precisions 0.5 to 20 as a user would, and again with every
draw traced by arclength from precision zero (`Quantal(trace=True)`), which is what "full continuation" means here.
Counted are draws that reach the last precision with a residual of 1e-8 or less, draws that differ from full
continuation by more than 1e-6 at any precision, and folds. Draws that did not finish are listed with the seed and the
number that make them again.
"""

from __future__ import annotations

import os
import sys

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import time  # noqa: E402 (threads are settled before numpy is imported)
from dataclasses import replace  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import NamedTuple  # noqa: E402

import numpy as np  # noqa: E402

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from detente.game.tree import Game  # noqa: E402
from detente.solve.base import TOLERANCE  # noqa: E402
from detente.solve.certificate.certify import certify  # noqa: E402
from detente.solve.quantal.quantal import Quantal  # noqa: E402
from games import PRECISIONS, sized  # noqa: E402

DEFAULT = {"15": 100_000, "29": 100_000, "409": 100_000, "1905": 10_000, "29 random": 100_000, "409 random": 4_000}
CHUNK = 4_000  # draws drawn and solved at a time; chunk k has seed SEED + k
SEED = 1_000
APART = 1e-6  # in probability, at any precision
WORKERS = os.cpu_count() or 1


class Count(NamedTuple):
    draws: int
    finished: int
    elsewhere: int  # finished, on another branch than full continuation
    folded: int
    traced: int
    continued: int  # finished by full continuation
    seconds: float
    seconds_traced: float
    unfinished: list[tuple[int, int, float]]  # seed, draw, share of the precision reached


def drawn(name: str, draws: int, seed: int) -> Game:
    """A game by its name; `random`: all payoffs uniform on [-1, 1], with nothing in common."""
    size, _, kind = name.partition(" ")
    game = sized(size, draws, seed)
    if not kind:
        return game
    payoffs = np.random.default_rng(seed).uniform(-1, 1, game.payoffs.shape)
    return replace(game, payoffs=payoffs)


def count(name: str, draws: int) -> Count:
    done, unfinished = np.zeros(7), []
    for k, first in enumerate(range(0, draws, CHUNK)):
        n = min(CHUNK, draws - first)
        game = drawn(name, n, SEED + k)
        start = time.process_time()
        quick = Quantal().path(game, PRECISIONS, WORKERS)
        middle = time.process_time()
        full = Quantal(trace=True).path(game, PRECISIONS, WORKERS)
        stop = time.process_time()
        at = replace(game, precision=np.full_like(game.precision, PRECISIONS[-1]))
        settled, apart = [], np.zeros(n)
        for path in (quick, full):
            good = (path[-1].reached >= 1) & (certify(at, path[-1].behaviour).residual <= TOLERANCE)
            settled.append(good)
        for one, other in zip(quick, full, strict=True):
            apart = np.maximum(apart, np.abs(one.behaviour - other.behaviour).max(axis=0))
        elsewhere = settled[0] & settled[1] & (apart > APART)
        traced = quick[-1].status == 1
        counts = [settled[0], elsewhere, full[-1].folded, traced, settled[1]]
        done += [*(array.sum() for array in counts), middle - start, stop - middle]
        unfinished += [(SEED + k, int(j), float(quick[-1].reached[j])) for j in np.flatnonzero(~settled[0])]
        if sys.stderr.isatty():
            print(f"{name}: {first + n:,} of {draws:,}", end="\r", file=sys.stderr, flush=True)
    return Count(draws, *(int(c) for c in done[:5]), done[5], done[6], unfinished)


def main() -> None:
    asked = dict(part.split("=") for part in sys.argv[1:]) or DEFAULT
    print(
        "| game | draws | finished | another branch | branch folds | by arclength | full continuation | per draw "
        "| traced |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    left: list[str] = []
    for name, draws in asked.items():
        c = count(name.replace("-", " "), int(draws))
        shares = [c.finished, c.elsewhere, c.folded, c.traced, c.continued]
        cells = " | ".join(f"{share / c.draws:.3%}" for share in shares)
        times = f"{c.seconds / c.draws * 1e6:,.0f} us | {c.seconds_traced / c.draws * 1e6:,.0f} us"
        print(f"| {name} | {c.draws:,} | {cells} | {times} |", flush=True)
        left += [
            f"{name}: seed {seed}, draw {j}, reached {reached:.3f} of the precision"
            for seed, j, reached in c.unfinished
        ]
    if left:
        print(
            "\nNot finished. A larger `Quantal(budget=...)` follows the branch further; "
            "lower precisions are reached as they are.\n"
        )
        print("\n".join(f"- {line}" for line in left))


if __name__ == "__main__":
    main()
