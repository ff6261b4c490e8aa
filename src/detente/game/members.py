"""The combinations of rival structures whose trees are joined in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from detente.arrays import Longs
from detente.draws.sampler import Draws
from detente.game.tree import Tree
from detente.language.lowering import Tape
from detente.model.schema import Model

if TYPE_CHECKING:
    from detente.game.blueprint import Blueprint


@dataclass(frozen=True, eq=False)
class Members:
    """The combinations of structures behind the gates of a joined tree.

    `gates`: the row of the tape of each, 1 in draws that have it; `nodes` and `actions`: the numbers in the whole tree
    of the nodes and actions of each; `players`: those of its players.
    """

    blueprints: tuple[Blueprint, ...]
    names: tuple[str, ...]
    gates: tuple[int, ...]
    nodes: tuple[Longs, ...]
    actions: tuple[Longs, ...]
    players: tuple[Longs, ...]

    def which(self, tape: Tape, draws: Draws) -> Longs:
        """[n] the number of the combination of each draw."""
        return np.asarray(tape.evaluate(self.gates, draws.truth, draws.n).argmax(axis=0))

    def of_infoset(self, tree: Tree, infoset: int) -> int:
        """The number of the combination in which an information set stands."""
        first = int(tree.action_start[infoset])
        return next(k for k, actions in enumerate(self.actions) if first in actions)

    def each(self, change: Callable[[Blueprint], Blueprint]) -> Members:
        """The same combinations with other blueprints of the same trees."""
        return replace(self, blueprints=tuple(change(blueprint) for blueprint in self.blueprints))


def only_elsewhere(model: Model, name: str) -> bool:
    """Whether a state, an offer or a type is there in another combination of structures, and not in this one."""
    other = model._elsewhere
    sections = ("state", "stages", "private")
    return other is not None and any(name in getattr(other, s) and name not in getattr(model, s) for s in sections)
