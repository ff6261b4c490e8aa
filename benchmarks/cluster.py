"""What a cluster costs beside the solving: bytes, seconds and pieces a second, on this machine, as one JSON line each.

    uv run python benchmarks/cluster.py                      # the demand of a small game and the flagship, local:2
    uv run python benchmarks/cluster.py --plan MEASURED.jsonl --workers 1000

The plan is worked out from the lines that were measured, and says which number limits it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from functools import partial
from pathlib import Path
from typing import Any

from detente.analyse.forecast.claims import Question, beside
from detente.engine.engine import Engine
from detente.engine.executors import wire
from detente.engine.executors.cluster import Cluster
from detente.engine.executors.local import Piece, Trip
from detente.engine.travelling import away
from detente.game.compile import compile_model
from detente.model.load import load
from detente.study.memo.parts import Part

NETWORK = 1.25e9  # bytes a second: ten gigabits, an assumption and no measurement


def nothing(x: int) -> int:
    """The least work there is."""
    return x


def anatomy(case: str) -> dict[str, Any]:
    """One batch of a case: processor seconds to solve and to read it, and bytes there and back, in this process."""
    model = load(case)
    blueprint, engine = compile_model(model), Engine(workers=1)
    asked = {name: Question(blueprint, c.holds.expression, beside(c.holds)) for name, c in model.claims.items()}
    read = partial(Part.of, claims=asked, asked={})
    tree = wire.tree_of(blueprint)
    start = time.process_time()
    wire.take(tree)
    took = time.process_time() - start
    size = engine.batch_size(blueprint)
    trees: dict[str, Any] = {}
    work = wire.packed(away(engine, blueprint, {}, read).reads, trees)
    seconds = []
    for seed in (1, 2):  # the first makes the claims ready; others, since the same draws would be remembered
        args = wire.packed((blueprint.sampler.draw(size, seed),), trees)
        start = time.process_time()
        raw = wire.work_there(work, args, wire.same(), "here")
        seconds.append(time.process_time() - start)
    start = time.process_time()
    wire.back(raw)
    return {
        "what": "batch", "case": case, "nodes": blueprint.tree.n_nodes, "draws": size, "tree_bytes": len(tree.raw),
        "tree_seconds": took, "work_bytes": len(work.raw), "there_bytes": len(args.raw), "back_bytes": len(raw),
        "first_seconds": seconds[0], "seconds": seconds[1], "unpack_seconds": time.process_time() - start,
    }  # fmt: skip


def pieces(cluster: Cluster, n: int) -> dict[str, Any]:
    """Pieces that do nothing, to the end: how many a second the scheduler and the asking process can take."""
    empty = [Piece(lambda: 0, lambda x=x: Trip(nothing, (x,), int)) for x in range(n)]
    clock, processor = time.monotonic(), time.process_time()
    assert list(cluster.run(empty)) == list(range(n))
    clock, processor = time.monotonic() - clock, time.process_time() - processor
    return {"what": "pieces", "pieces": n, "seconds": clock, "client_seconds": processor}


def most_bytes() -> int:
    """The most memory that this process has held so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def plan(measured: list[dict[str, Any]], workers: int) -> list[dict[str, Any]]:
    """What so many workers need, from what was measured of a batch and of empty pieces."""
    empty = next(one for one in measured if one["what"] == "pieces")
    each = empty["client_seconds"] / empty["pieces"]  # of the asking process, with the scheduler elsewhere
    found = []
    for one in (one for one in measured if one["what"] == "batch"):
        a_piece, million = one["seconds"], 1e6 / one["draws"]
        client = each + one["unpack_seconds"]
        moved = one["work_bytes"] + one["there_bytes"] + one["back_bytes"]
        limits = {
            "the asking process": a_piece / client,
            "the network of the scheduler": a_piece / (moved / NETWORK),
        }
        first = min(limits, key=lambda name: limits[name])
        used = min(workers, limits[first])
        found.append({
            "case": one["case"], "workers": workers, "core_hours_per_million": million * a_piece / 3600,
            "gigabytes_moved_per_million": million * moved / 1e9,
            "trees_sent_gigabytes": workers * one["tree_bytes"] / 1e9,
            "workers_at_which_each_saturates": {name: round(at) for name, at in limits.items()}, "limit": first,
            "seconds_per_million": million * a_piece / used + one["first_seconds"] - a_piece,
        })  # fmt: skip
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--case", nargs="*", default=["crisis-signalling", "ukraine-2022"])
    asked.add_argument("--pieces", type=int, default=1000)
    asked.add_argument("--cluster", default="local:2")
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
        print(json.dumps(anatomy(case)), flush=True)
    with Cluster(told.cluster) as cluster:
        list(cluster.run([Piece(lambda: 0, lambda x=x: Trip(nothing, (x,), int)) for x in range(10)]))
        print(json.dumps(pieces(cluster, told.pieces)), flush=True)
    print(json.dumps({"what": "memory", "bytes": most_bytes()}))


if __name__ == "__main__":
    main()
