"""Runs inside an environment of its own that holds the peers, and answers one request a line on standard input.

A request is {"do": ..., "files": [.efg, ...], ...}; the answer holds CPU seconds of solving alone, reading not counted.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Any

READ: dict[tuple[str, str], Any] = {}


def peers() -> dict[str, str]:
    """Which peers are installed, with their versions."""
    found = {}
    for name in ("pygambit", "open_spiel", "LiteEFG"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def gambit(files: list[str], precisions: list[float]) -> dict[str, Any]:
    """The logit branch at each precision: CPU seconds for each file, and behaviour by player and set."""
    import pygambit

    seconds, behaviour = [], []
    for file in files:
        if ("gambit", file) not in READ:
            READ["gambit", file] = pygambit.read_efg(file)
        game = READ["gambit", file]
        start = time.process_time()
        points = pygambit.qre.logit_solve_lambda(game, lam=precisions)
        seconds.append(time.process_time() - start)
        behaviour.append([[mixed(action) for player in point.profile for _, action in player] for point in points])
    return {"seconds": seconds, "behaviour": behaviour}


def mixed(action: Any) -> list[float]:
    return [float(probability) for _, probability in action]


def openspiel(files: list[str], iterations: int) -> dict[str, Any]:
    """C++ CFR+: CPU seconds for an iteration."""
    import pyspiel

    (file,) = files
    key = ("openspiel", file)
    if key not in READ:
        READ[key] = pyspiel.CFRPlusSolver(pyspiel.load_game(f"efg_game(filename={file})"))
        READ[key].evaluate_and_update_policy()
    start = time.process_time()
    for _ in range(iterations):
        READ[key].evaluate_and_update_policy()
    return {"seconds": [(time.process_time() - start) / iterations]}


def liteefg(files: list[str], iterations: int, players: int) -> dict[str, Any]:
    """CFR+ as a graph of operations, all players updated in turn: CPU seconds for an iteration."""
    import LiteEFG
    import pyspiel
    from LiteEFG.baselines import CFRplus

    (file,) = files
    key = ("liteefg", file)
    if key not in READ:
        environment = LiteEFG.OpenSpielEnv(pyspiel.load_game(f"efg_game(filename={file})"), regenerate=True)
        graph = CFRplus.graph()
        environment.set_graph(graph)
        READ[key] = environment, graph
    environment, graph = READ[key]
    start = time.process_time()
    for _ in range(iterations):
        for player in range(players):
            environment.update(graph.current_strategy(), upd_player=player + 1)
    return {"seconds": [(time.process_time() - start) / iterations]}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # some peers print
    known = {"gambit": gambit, "openspiel": openspiel, "liteefg": liteefg, "peers": peers}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = known[request.pop("do")](**request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
