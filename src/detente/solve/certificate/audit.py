"""The certifier's kernel (`audit.cpp`), and what it takes: a tree as index arrays, and the numbers of its draws.

It is kept apart from the kernels of the solvers, and shares nothing with them but vectors' sums and products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.game.tree import Game
from detente.solve.compiled.library import Kernel


@dataclass(frozen=True, eq=False)
class Walk:
    """A Tree as index arrays. Letters as there; I inner nodes, by their numbers; T terminal ones; M members of sets.

    What is expected is kept in rows: one for each payoff slot, then one for each inner node. The steps that lead to
    nodes are rows, too: one for each action, then one for each row of chance probabilities.
    """

    row: Longs  # [N] row of expectations
    step: Longs  # [N, P] the step to a node as each player sees it (the root: 0)
    mine: Bools  # [N, P] whether that step is a move of the player's own
    inner: Longs  # [I]
    inner_above: Longs  # [I] where the parent stands in `inner`
    first: Longs  # [I] the first child
    size: Longs  # [I] number of children
    terminals: Longs  # [T]
    terminal_above: Longs  # [T] where the parent stands in `inner`, 0 for the root
    owner: Longs  # [H]
    member_start: Longs  # [H + 1]
    member: Longs  # [M] where a member stands in `inner`
    action_start: Longs  # [H + 1]
    own: Longs  # [P, T] the last move of its own before each end: 0 none, a + 1 action a; -1 if the player forgets
    sets: Longs  # [H] information sets by owner; of each those after most of its own moves first
    sets_start: Longs  # [P + 1]
    before: Longs  # [H] the last move of its owner's own before each set, as in `own`


class Numbers(NamedTuple):
    """The numbers of n draws, each array contiguous."""

    payoffs: Floats  # [S, P, n]
    chance: Floats  # [K, n]
    precision: Floats  # [P, n]
    available: Bools  # [A, n], or [0, n] where every move is available
    behaviour: Floats  # [A, n]
    log_step: Floats  # [A + K, n] logarithms of steps, a tremble for what is zero
    spread: Floats  # [P, n] of the payoffs at terminal nodes
    log_default: Floats  # [A, n] logarithms of the default, or [0, n] if there is none


_audit = Kernel("audit", Walk, Numbers, int, float, float, Floats, Floats, Floats)


def audit(walk: Walk, depth: int, numbers: Numbers, tremble: float, slack: float) -> tuple[Floats, Floats, Floats]:
    """The residual [n], gain [P, n] and value [P, n] of the behaviour in `numbers`.

    `depth` is the number of nodes on the tree's longest play. `tremble`, `slack`: see `certify`.
    """
    players, n = numbers.precision.shape
    residual, gain, value = np.empty(n), np.empty((players, n)), np.empty((players, n))
    _audit(walk, numbers, depth, tremble, slack, residual, gain, value, draws=n)
    return residual, gain, value


def numbers(game: Game, behaviour: Floats, draws: slice, tremble: float) -> Numbers:
    """The numbers of some draws of a game."""
    tree = game.tree
    n_rows, n = int(tree.chance_row.max(initial=-1)) + 1, draws.stop - draws.start
    chance, behaviour = game.chance[:n_rows, draws], behaviour[:, draws]
    payoffs, precision = game.payoffs[: int(tree.slot.max()) + 1, :, draws], game.precision[:, draws]
    available = np.zeros((0, n), np.bool_) if game.available is None else game.available[:, draws]
    spread = np.zeros_like(precision)
    if np.isinf(precision).any():
        spread = np.ptp(payoffs[tree.slot[tree.terminals]], axis=0)
    log_step = np.log(np.maximum(np.concatenate([behaviour, chance]), tremble))
    log_default = np.zeros((0, n))
    if game.default is not None:
        weights = game.default[:, draws] if game.available is None else np.where(available, game.default[:, draws], 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_default = np.log(weights)
    arrays = (payoffs, chance, precision, available, behaviour, log_step, spread, log_default)
    return Numbers(*(np.ascontiguousarray(array) for array in arrays))
