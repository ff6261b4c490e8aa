"""What a cluster costs beside the solving: processor seconds, bytes and pieces a second on this machine, as JSON lines.

    uv run python benchmarks/cluster.py > MEASURED.jsonl     # crisis-signalling and the flagship
    uv run python benchmarks/cluster.py --plan MEASURED.jsonl --workers 1000

The plan is worked out from the lines that were measured, and says which number limits it.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from cluster_same import Place

from detente.analyse.forecast.claims import Question, beside
from detente.analyse.forecast.readout import Watch
from detente.engine.engine import Engine
from detente.engine.executors import wire
from detente.engine.executors.cluster import Cluster
from detente.engine.executors.local import Piece, Trip
from detente.engine.store.store import Store
from detente.game.compile import compile_model
from detente.model.load import load
from detente.study.evaluate.evaluator import _watched
from detente.study.memo.parts import Part

NETWORK = 1.25e9  # bytes a second, each way: ten gigabits, an assumption and no measurement
BATCHES = 6  # of which the first is told apart: it makes ready what the others find
LARGE = 1_000_000  # bytes of pieces by which the cost of a byte is measured


def nothing(size: int, x: int) -> bytes:
    """The least work there is, with a result of some size."""
    return bytes(size - 8) + x.to_bytes(8, "big")


def batches(case: str) -> Iterator[dict[str, Any]]:
    """What a batch of a case takes, in processor seconds and bytes, all in this process.

    `run`: read and kept in a store, with behaviour, as a run is. `answers`: what questions that solve again read.
    """
    model = load(case)
    blueprint, engine = compile_model(model), Engine(workers=1)
    claims = {name: Question(blueprint, c.holds.expression, beside(c.holds)) for name, c in model.claims.items()}
    tree = wire.tree_of(blueprint)
    start = time.process_time()
    wire.take(tree)
    taken = time.process_time() - start
    size = engine.batch_size(blueprint)
    kinds: dict[str, tuple[Any, bool]] = {
        "run": (partial(Part.of, claims=claims, asked={}), True),
        "answers": (partial(_watched, Watch(blueprint)), False),
    }
    for kind, (read, keeps) in kinds.items():
        with tempfile.TemporaryDirectory() as folder:
            solving = Store(Path(folder)).wrap(engine)
            draws = blueprint.sampler.draw(BATCHES * size, 1)
            found = [_batch(piece) for _, _, piece in solving.batches(blueprint, draws, read, keeps=keeps)]
        told = {name: median(one[name] for one in found[1:]) for name in found[0]}
        yield {
            "what": "batch", "case": case, "kind": kind, "nodes": blueprint.tree.n_nodes, "draws": size,
            "tree_bytes": len(tree.raw), "tree_seconds": taken, "first_seconds": found[0]["seconds"], **told,
        }  # fmt: skip


def _batch(piece: Piece[Any]) -> dict[str, float]:
    """A batch sent, solved, and taken: the seconds of the worker and of the asking process."""
    clock = [time.process_time()]
    trip = piece.away()
    assert trip is not None
    work, args = wire.packed(trip.work, {}), wire.packed(trip.args, {})
    clock.append(time.process_time())
    raw = wire.work_there(work, args, wire.same(), "here")
    clock.append(time.process_time())
    trip.then(wire.back(raw))
    clock.append(time.process_time())
    pack, seconds, take = (b - a for a, b in pairwise(clock))
    sent = {"there_bytes": len(work.raw) + len(args.raw), "back_bytes": len(raw)}
    return {"seconds": seconds, "asking_seconds": pack + take, **sent}


def pieces(cluster: Cluster, n: int, size: int) -> dict[str, Any]:
    """Pieces that only return some bytes: seconds by the clock, and of the asking process and the scheduler."""
    work = partial(nothing, size)
    some = [Piece(lambda: 0, lambda x=x: Trip(work, (x,), len)) for x in range(n)]
    clock, mine = time.monotonic(), time.process_time()
    there = cluster.client().run_on_scheduler(time.process_time)
    assert list(cluster.run(some)) == [size] * n
    mine, clock = time.process_time() - mine, time.monotonic() - clock
    there = cluster.client().run_on_scheduler(time.process_time) - there
    return {
        "what": "pieces", "pieces": n, "bytes": size, "seconds": clock, "asking_seconds": mine,
        "scheduler_seconds": there, "load": os.getloadavg()[0],
    }  # fmt: skip


@contextmanager
def machines(workers: int) -> Iterator[Cluster]:
    """A scheduler in a process of its own, and workers."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), workers)
        try:
            time.sleep(1)
            with Cluster(place.address) as cluster:
                cluster.client().wait_for_workers(workers)
                yield cluster
        finally:
            place.end()


def plan(measured: list[dict[str, Any]], workers: int) -> list[dict[str, Any]]:
    """What so many workers need, from what was measured of batches and of pieces."""
    small, large = (
        next(one for one in measured if one["what"] == "pieces" and (one["bytes"] > LARGE / 2) is big)
        for big in (False, True)
    )

    def each(whose: str) -> tuple[float, float]:
        """The seconds for a piece, and for a byte of it."""
        a, b = small[whose] / small["pieces"], large[whose] / large["pieces"]
        return a, max(0.0, b - a) / (large["bytes"] - small["bytes"])

    found = []
    for one in (one for one in measured if one["what"] == "batch"):
        moved = one["there_bytes"] + one["back_bytes"]
        a_piece, byte = each("asking_seconds")
        own = one["asking_seconds"]
        limits = {
            "asking process": a_piece + byte * moved + own,
            "scheduler": each("scheduler_seconds")[0] + each("scheduler_seconds")[1] * moved,
            "network": moved / NETWORK,  # all of it goes through the scheduler, in and out
        }
        slowest = max(limits, key=lambda name: limits[name])
        million = 1e6 / one["draws"]
        a_batch = max(one["seconds"] / workers, limits[slowest])
        found.append({
            "case": one["case"], "kind": one["kind"], "workers": workers,
            "core_hours_per_million_draws": million * one["seconds"] / 3600,
            "gigabytes_per_million_draws": million * moved / 1e9,
            "workers_at_which_it_saturates": {name: round(one["seconds"] / s, 1) for name, s in limits.items()},
            "first": slowest, "seconds_per_million_draws": million * a_batch,
            "share_of_workers_used": min(1.0, one["seconds"] / workers / limits[slowest]),
            "models_sent_gigabytes": workers * one["tree_bytes"] / 1e9,
            "ready_seconds_of_each_worker": one["tree_seconds"] + one["first_seconds"],
        })  # fmt: skip
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--case", nargs="*", default=["crisis-signalling", "ukraine-2022"])
    asked.add_argument("--pieces", type=int, default=500)
    asked.add_argument("--plan", type=Path)
    asked.add_argument("--workers", type=int, default=1000)
    told = asked.parse_args()
    if told.plan:
        lines = [json.loads(line) for line in told.plan.read_text("utf-8").splitlines() if line.startswith("{")]
        for one in plan(lines, told.workers):
            print(json.dumps(one))
        return
    print(json.dumps({"what": "machine", "cores": os.cpu_count(), "load": os.getloadavg()[0]}), flush=True)
    for case in told.case:
        for one in batches(case):
            print(json.dumps(one), flush=True)
    with machines(2) as cluster:
        pieces(cluster, 20, 8)  # which are not counted
        for n, size in ((told.pieces, 8), (told.pieces // 5, LARGE)):
            print(json.dumps(pieces(cluster, n, size)), flush=True)


if __name__ == "__main__":
    main()
