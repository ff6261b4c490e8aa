"""Games of our own with what pygambit says of them, read from `games/` and `golden.json`."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from detente.arrays import Floats
from detente.game.files.efg import read_efg
from detente.game.files.nfg import read_nfg
from detente.game.tree import TERMINAL, Game

HERE = Path(__file__).parent
GOLDEN: dict[str, dict[str, Any]] = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))
REFUSED = {"absent.efg": "'exit?': its owner has forgotten that it was there", "forgets.efg": "'which?': its owner has"}
NAMES = sorted(set(GOLDEN) - set(REFUSED))
REFUSALS = {
    "backward": r"needs perfect information, and here somebody cannot tell two situations apart$",
    "nash": r"^the game is too large to list all its equilibria: .*ask for 'limit' or 'regret' instead$",
    "zero-sum": r"^a zero-sum game has two players, and this one has \d$"
    r"|^the payoffs of the two players do not add up to the same in every outcome: .*ask for 'nash' or 'regret' "
    r"instead$"
    r"|^the two players see chance differently",
}
"""What solvers may say against a standard game; who is not named here takes them all."""


def read(name: str) -> Game:
    text = (HERE / "games" / name).read_bytes().decode("utf-8")
    return (read_nfg if name.endswith(".nfg") else read_efg)(text, file=name)


def stored(game: Game, profile: list[Any]) -> Floats:
    """[A] a stored behaviour; where its owner's plan never leads, which it does not say, all moves alike."""
    tree, found = game.tree, 1.0 / np.diff(game.tree.action_start)[game.tree.action_infoset]
    for where, probabilities in profile:
        if isinstance(where, int):
            h = int(np.flatnonzero(tree.owner == where - 1)[0])
        else:
            x = 0
            for label in where:
                x = next(x for x in range(tree.first_child[x], tree.first_child[x] + tree.children[x])
                         if tree.labels[x] == label)  # fmt: skip
            h = int(tree.infoset[x])
        if None not in probabilities:
            found[tree.action_start[h] : tree.action_start[h + 1]] = [float(Fraction(p)) for p in probabilities]
    return found


def endings(game: Game, behaviour: Floats) -> Floats:
    """The probabilities of the outcomes, in preorder."""
    tree, found, waiting = game.tree, [], [(0, 1.0)]
    while waiting:
        x, reach = waiting.pop()
        if tree.kind[x] == TERMINAL:
            found.append(reach)
        for y in range(int(tree.first_child[x] + tree.children[x]) - 1, int(tree.first_child[x]) - 1, -1):
            a, e = tree.edge_action[y], tree.edge_chance[y]
            waiting.append((y, reach * (behaviour[a] if a >= 0 else game.chance[tree.chance_row[e, -1], 0])))
    return np.array(found)
