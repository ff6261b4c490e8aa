"""One pass from the terminal nodes to the root: all there is to do where everybody always knows where the game stands.

With perfect information a mover's payoff from each move does not depend on any belief, so that whatever rule turns
those payoffs into behaviour (the best move, or a logit response) is applied once to each node, from the bottom up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Ints, Longs
from detente.game.default import log_default
from detente.game.tree import DECISION, TERMINAL, Game, Tree
from detente.solve.compiled.threads import each

Respond = Callable[[Floats, Ints, "Bools | None", "Floats | None", slice], Floats]
"""From payoffs of moves [G, k, n], their owners [G], what is available [G, k, n], the logarithms of the default
[G, k, n] (see `game.default`) and which draws: probabilities."""

_FLOATS_AT_ONCE = 1_000_000  # of the values of a chunk of draws, so that they stay near the processor


class _Layer(NamedTuple):
    """Inner nodes of one kind, one number of children and one distance from the terminal nodes."""

    nodes: Longs  # [G]
    children: Longs  # [G, k]
    decision: bool


@lru_cache(maxsize=16)
def _layers(tree: Tree) -> tuple[_Layer, ...]:
    """Layers of a tree, children before their parents."""
    height = np.zeros(tree.n_nodes, np.int64)
    for x in range(tree.n_nodes - 1, 0, -1):
        height[tree.parent[x]] = max(height[tree.parent[x]], height[x] + 1)
    groups: dict[tuple[int, int, int], list[int]] = {}
    for x in np.flatnonzero(tree.kind != TERMINAL).tolist():
        groups.setdefault((int(height[x]), int(tree.kind[x]), int(tree.children[x])), []).append(x)
    layers = []
    for (_, kind, size), nodes in sorted(groups.items()):
        where = np.array(nodes)
        layers.append(_Layer(where, tree.first_child[where, None] + np.arange(size), kind == DECISION))
    return tuple(layers)


def behave(game: Game, respond: Respond, workers: int) -> Floats:
    """Behaviour [A, n] where every mover applies `respond` to what its moves lead to."""
    behaviour = np.empty((game.tree.n_actions, game.n_draws))
    size = max(1, _FLOATS_AT_ONCE // (game.tree.n_nodes * game.tree.n_players))
    blocks = [slice(first, min(first + size, game.n_draws)) for first in range(0, game.n_draws, size)]
    each(lambda draws: _sweep(game, respond, draws, behaviour), blocks, workers)
    return behaviour


def _sweep(game: Game, respond: Respond, draws: slice, behaviour: Floats) -> None:
    """Sums go child by child and not by numpy's own reduction, whose order depends on the number of draws."""
    tree = game.tree
    value = np.empty((tree.n_nodes, tree.n_players, draws.stop - draws.start))
    value[tree.terminals] = game.payoffs[:, :, draws][tree.slot[tree.terminals]]
    default = log_default(game, draws)
    for nodes, children, decision in _layers(tree):
        below = value[children]  # [G, k, P, n]
        if decision:
            sets = tree.infoset[nodes]
            owners = tree.owner[sets]
            actions = tree.action_start[sets, None] + np.arange(children.shape[1])
            pay = below[np.arange(len(nodes)), :, owners]
            available = None if game.available is None else game.available[actions, draws]
            chosen = respond(pay, owners, available, None if default is None else default[actions], draws)
            behaviour[actions, draws] = chosen
            weight = chosen[:, :, None]
        else:
            edges = tree.chance_start[nodes, None] + np.arange(children.shape[1])
            weight = game.chance[tree.chance_row[edges, : tree.n_players], draws]
        above = weight[:, 0] * below[:, 0]
        for k in range(1, children.shape[1]):
            above += weight[:, k] * below[:, k]
        value[nodes] = above
