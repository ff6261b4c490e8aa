"""The file that a batch of solved draws is kept in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_type_hints

import numpy as np

from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.engine.kept import BELIEVED, Kept, field_names
from detente.engine.solved import eyes
from detente.engine.store.codec import decode, encode, fits
from detente.game.tree import Tree
from detente.solve.base import Certificate, Solution


@dataclass(frozen=True, eq=False)
class Written:
    """What a file of behaviour holds: a batch, [n] each the quantities it was solved for, and what it is about."""

    kept: Kept
    asked: Mapping[str, Floats]
    about: Mapping[str, Any]


def written(kept: Kept, asked: Mapping[str, Floats], about: Mapping[str, Any]) -> bytes:
    """A batch as the bytes of its file, the same bytes whenever it is written (see `Written`)."""
    return encode(Written(kept, dict(asked), dict(about)))


def read(raw: bytes) -> tuple[Kept, dict[str, Floats]]:
    """A batch from the bytes of its file, and the quantities it was solved for, [n] each.

    Raises ValueError for a file that holds no batch.
    """
    found = decode(raw, (Written, Kept))
    if not isinstance(found, Written) or not isinstance(found.kept, Kept) or not _whole(found.kept):
        raise ValueError("the file holds no solved draws")
    return found.kept, dict(found.asked)


def _whole(kept: Kept) -> bool:
    """Whether everything is there and of its type, for equally many draws."""
    values, types = {**kept.arrays, **kept.words}, _types()
    if values.keys() != types.keys() or not all(fits(values[name], hint) for name, hint in types.items()):
        return False
    axes = {name: 3 if name == BELIEVED else 2 if name in ("gain", "value") else 1 for name in kept.arrays}
    sizes = {array.shape[-1:] for array in kept.arrays.values()}
    return len(sizes) == 1 and all(kept.arrays[name].ndim == count for name, count in axes.items())


@lru_cache(maxsize=1)
def _types() -> Mapping[str, Any]:
    """What a batch is kept as, by name."""
    hints = {"reason": str, "unlimited": bool, BELIEVED: Floats}
    for kind in (Solution, Certificate):
        known = get_type_hints(kind, include_extras=True)
        hints |= {name: known[name] for name in field_names(kind)}
    return hints


def suits(kept: Kept, tree: Tree, perception: str, draws: Draws, values: Mapping[str, Floats]) -> bool:
    """Whether a batch can be one of this game, as these draws are read; `values`: what it was solved for."""
    views = 1 if perception == "common" else len(set(eyes(tree, draws)))
    rows = (*kept.arrays[BELIEVED].shape[:2], len(kept.arrays["gain"]), len(kept.arrays["value"]))
    told = all(isinstance(value, np.ndarray) and value.shape == (kept.n,) for value in values.values())
    return told and rows == (views, tree.n_actions, tree.n_players, tree.n_players)
