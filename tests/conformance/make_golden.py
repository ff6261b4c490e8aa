"""Writes golden.json: what pygambit says of the games in games/. Run it after a game is added or changed:

    uv run --no-project --with pygambit==17.0.0b2 python tests/conformance/make_golden.py

Behaviour is a list of [moves that lead to a set, probabilities of its moves]; in a table of payoffs (.nfg) the first is
the number of the player. Exact numbers are fractions. A point of the branch that is not at the precision asked is left
out, and so is what pygambit cannot do in the time it is given.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygambit

HERE = Path(__file__).parent
PRECISIONS = [0.5, 1.0, 2.0, 5.0]
SECONDS = 10


def behaviour(profile: Any, table: bool) -> list[Any]:
    """A profile as it is stored."""
    if table:
        return [[player, [number(p) for _, p in mixed]] for player, mixed in enumerate(profile, 1)]
    if hasattr(profile, "as_behavior"):
        profile = profile.as_behavior()
    return [[list(at.actions), [number(p) for _, p in mixed]] for player in profile for at, mixed in player]


def number(probability: Any) -> str | float | None:
    """A fraction as text, a decimal as such; None where a plan never leads."""
    if isinstance(probability, float):
        return probability if probability == probability else None
    return None if probability is None else str(probability)


def answers(file: Path) -> dict[str, Any]:
    """What is stored of one game."""
    found: dict[str, Any] = {"digest": hashlib.sha256(file.read_bytes()).hexdigest()[:16]}
    table = file.suffix == ".nfg"
    game = (pygambit.read_nfg if table else pygambit.read_efg)(str(file))
    middle = game.mixed_strategy_profile() if table else game.mixed_behavior_profile()
    found["uniform"] = [float(middle.payoffs[player]) for player in game.players]
    if not table and not game.is_perfect_recall:
        return found | {"forgets": True}

    def listed(solve: Callable[[Any], Any]) -> list[Any]:
        return [behaviour(e, table) for e in solve(game).equilibria]

    methods: dict[str, Callable[[], Any]] = {
        "pure": lambda: listed(pygambit.nash.enumpure_solve),
        "branch": lambda: [
            {"precision": precision, "behaviour": behaviour(point.profile, table)}
            for precision, point in zip(PRECISIONS, pygambit.qre.logit_solve_lambda(game, lam=PRECISIONS), strict=True)
            if abs(point.lam - precision) < 1e-9
        ],
    }
    if len(game.players) == 2:
        methods["extreme"] = lambda: listed(pygambit.nash.enummixed_solve)
    else:
        methods["polynomial"] = lambda: listed(pygambit.nash.enumpoly_solve)
    for name, solve in methods.items():
        if (answer := in_time(solve)) is None:
            print(f"{file.name}: no {name}")
        else:
            found[name] = answer
    return found


def in_time(solve: Callable[[], Any]) -> Any:
    """The answer of a process of its own, None where it fails or takes too long."""
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe()
    process = fork.Process(target=lambda: there.send(solve()), daemon=True)
    process.start()
    there.close()
    try:
        return here.recv() if here.poll(SECONDS) else None
    except EOFError:
        return None
    finally:
        process.kill()


def main() -> None:
    files = sorted(path for path in (HERE / "games").iterdir() if path.suffix in (".efg", ".nfg"))
    golden = {file.name: answers(file) for file in files}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(found)}" for name, found in golden.items())
    (HERE / "golden.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
