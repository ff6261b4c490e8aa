"""Games that differ in nothing but their numbers, as draws of one game: a batch of many costs less per draw."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from detente.game.tree import Game, Tree
from detente.remembered import remembered


@remembered
def shape(tree: Tree) -> bytes:
    """A digest of all of a tree but names and places: what is solved depends on nothing else of it."""
    whole = blake2b(repr(tree.players).encode(), digest_size=16)
    for array in (
        tree.kind, tree.parent, tree.infoset, tree.slot, tree.chance_row, tree.owner, tree.action_start, tree.order,
    ):  # fmt: skip
        whole.update(np.array([*array.shape, *array.ravel()], np.int64).tobytes())
    return whole.digest()


def form(game: Game) -> tuple[Hashable, ...]:
    """What games agree in that can be put together."""
    rows = game.payoffs.shape[0], game.chance.shape[0]
    return shape(game.tree), *rows, game.available is None, game.default is None


def batched(games: Sequence[Game]) -> Game:
    """The draws of several games of one form, one after another."""
    first = games[0]
    if len(games) == 1:
        return first

    def whole(name: str) -> Any:
        parts = [getattr(game, name) for game in games]
        return None if parts[0] is None else np.concatenate(parts, axis=-1)

    return Game(first.tree, *map(whole, ("payoffs", "chance", "precision", "available", "default")))
