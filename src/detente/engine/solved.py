"""A batch of solved draws, how it was solved, and what can be certified of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from detente.arrays import Bools, Floats
from detente.draws.sampler import Draws
from detente.engine.batch import Batch
from detente.game.blueprint import Blueprint
from detente.game.tree import Tree
from detente.solve.base import Certificate, Solution

Done = TypeVar("Done")


@dataclass(frozen=True, eq=False)
class Solved:
    """A batch of solved draws, how it was solved, and what can be certified of it."""

    batch: Batch
    solution: Solution
    certificate: Certificate
    reason: str
    unlimited: bool = False  # precision played no part


Read = Callable[[Solved], Done]
"""Reads something off a batch."""


def whole(solved: Solved) -> Solved:
    """All of a batch, where nothing else is read off it."""
    return solved


def converged(solved: Solved) -> Bools:
    """[n] whether each draw is what was asked for (see `Certificate.converged`)."""
    return solved.certificate.converged(solved.solution.status, solved.unlimited)


def computable(blueprint: Blueprint, perception: str, draws: Draws) -> Bools:
    """[n] whether a game can be made of a draw, in every view that is solved; of rival structures, that of the
    combination it has."""
    if blueprint.members is not None:
        which, found = blueprint.members.which(blueprint.tape, draws), np.ones(draws.n, bool)
        for k, member in enumerate(blueprint.members.blueprints):
            if (where := np.flatnonzero(which == k)).size:
                found[where] = computable(member, perception, draws.taken(where))
        return found
    private = eyes(blueprint.tree, draws) if perception != "common" else []
    return blueprint.computable(draws, (None, *private))


def eyes(tree: Tree, draws: Draws) -> list[str]:
    """[P] whose view each player has of everything: its own, or "" for the truth."""
    return [player if draws.views.get(player) else "" for player in tree.players]


def own_parts(tree: Tree, seen: list[str], believed: Mapping[str, Floats]) -> Floats:
    """[A, n] each player's own part of what it believes that all will do."""
    behaviour = np.empty_like(next(iter(believed.values())))
    for player, view in enumerate(seen):
        mine = tree.owner[tree.action_infoset] == player
        behaviour[mine] = believed[view][mine]
    return behaviour


HYPERGAME = "Bennett (1977), Toward a theory of hypergames, Omega 5, 749-751"


def own_rows(arrays: list[Floats], which: list[int]) -> Floats:
    """[P, n] each player's row from the array of its own view."""
    return np.array([arrays[k][player] for player, k in enumerate(which)])
