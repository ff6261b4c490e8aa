"""Writes high_precision.json: what pygambit says of games of the textbooks at high precision. To be run as

    uv run --no-project --with pygambit==17.0.0b2 python tests/solve/make_high_precision.py

For each game and precision the probabilities of all moves, players and their information sets in the order of their
numbers. A point that pygambit does not reach is left out.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pygambit

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.textbook import GAMES  # noqa: E402

PRECISIONS = [50.0, 200.0, 1000.0]


def points(text: str) -> dict[str, list[float]]:
    with tempfile.NamedTemporaryFile("w", suffix=".efg", delete=False) as file:
        file.write(text)
    game = pygambit.read_efg(file.name)
    found = {}
    for precision in PRECISIONS:
        (point,) = pygambit.qre.logit_solve_lambda(game, lam=[precision])
        if abs(point.lam - precision) < 1e-9:
            found[f"{precision:g}"] = [float(p) for player in point.profile for _, mixed in player for _, p in mixed]
    return found


def main() -> None:
    golden = {name: points(text) for name, text in GAMES.items()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(found)}" for name, found in golden.items())
    (HERE / "high_precision.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
