"""What the numbers of a game are read from: rows of the tape, and the quantities that those depend on."""

from __future__ import annotations

import hashlib

import numpy as np

from detente.draws.sampler import Draws
from detente.game.blueprint import Blueprint
from detente.remembered import remembered


@remembered
def rows(blueprint: Blueprint) -> tuple[int, ...]:
    """The rows of the tape that the numbers of the game are read from; questions add others, which do not count."""
    paid = [row for player in blueprint.payoff_terms for term in player for row in term]
    chance = [row for row, _ in blueprint.chance_rows]
    return tuple(dict.fromkeys([*paid, *chance, *blueprint.action_there, *blueprint.log_default]))


@remembered
def needed(blueprint: Blueprint) -> tuple[str, ...]:
    """The quantities that the numbers of the game depend on, precisions among them, in the order of their names."""
    precisions = {blueprint.model.precision_of(player) for player in blueprint.tree.players} - {None}
    return tuple(sorted({str(name) for name in blueprint.tape.inputs_of(rows(blueprint)) | precisions}))


def digest(blueprint: Blueprint, draws: Draws, eyes: str | None) -> bytes:
    """The digest of all quantities that the game depends on, as an actor sees them (None: as they are)."""
    seen, whole = draws.seen_by(eyes), hashlib.blake2b(str(draws.n).encode(), digest_size=16)
    for name in needed(blueprint):
        whole.update(np.ascontiguousarray(seen[name], float).tobytes())
    return whole.digest()
