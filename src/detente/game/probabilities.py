"""Whether what formulas give as the probabilities of chance can be probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detente.arrays import Bools, Floats
from detente.draws.sampler import Draws
from detente.errors import Place, Problem

if TYPE_CHECKING:
    from detente.game.blueprint import Blueprint


def improbable(blueprint: Blueprint, values: Floats, draws: Draws) -> list[Problem]:
    """What no probabilities can be, of those [K, n] that the formulas of chance give, each with its place."""
    tree, problems = blueprint.tree, []
    wrong: Bools = np.asarray(~((values >= -1e-9) & (values <= 1 + 1e-9)), bool)
    seen: set[Place] = set()
    for edge in np.flatnonzero(np.asarray(wrong.any(axis=1))[tree.chance_row].any(axis=1)).tolist():
        k = int(next(k for k in tree.chance_row[edge] if wrong[k].any()))
        place, draw = blueprint.edge_place(edge), int(np.flatnonzero(wrong[k])[0])
        if place not in seen:
            seen.add(place)
            where = blueprint.where(draws, draw, blueprint.chance_rows[k][0])
            problems.append(
                Problem(
                    place,
                    f"the probability is {values[k, draw]:.4g} in draw {draw}{where}",
                    "probabilities lie between 0 and 1, and those beside `otherwise` sum to at most 1",
                )
            )
    for rows, place in () if problems else blueprint.unresting:
        total = values[rows].sum(axis=0)
        if (off := np.abs(total - 1) > 1e-6).any():
            draw = int(np.flatnonzero(off)[0])
            told = f"the probabilities sum to {total[draw]:.6g} in draw {draw}"
            return [Problem(place, told, "write `otherwise` for one of them")]
    return problems
