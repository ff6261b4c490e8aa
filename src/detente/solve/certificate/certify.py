"""Certificates: what can be said about behaviour without trusting whoever found it.

Nothing here is shared with any solver. The walks over the tree are compiled (`audit`), many draws at a time.

Beliefs are Bayes' own, from the reach of the members of a set: the behaviour of all players, and chance as the set's
owner sees it. They are formed from logarithms. A probability that is exactly zero counts as 1e-300 there (and as zero
in values), so that a set that is never reached has the belief that such trembles lead to. A move that could be made
but is so unlikely that its probability is below 1e-300 counts with the probability that the logit response gives it.

The best response of a player: weighted by what the others and chance do, the payoff of a plan is a sum over its
terminal nodes; with perfect recall the sets that follow a sequence of own moves (von Stengel 1996) can be settled one
by one, the last first.
"""

from __future__ import annotations

import numpy as np

from detente.arrays import Bools, Floats, Ints
from detente.game.tree import TERMINAL, Game, Tree, forgetful
from detente.remembered import remembered
from detente.solve.base import Certificate
from detente.solve.certificate.audit import Walk, audit, numbers
from detente.solve.compiled.threads import each

TREMBLE = 1e-300
SLACK = 1e-9
"""At infinite precision a move counts as worse than the best if it pays less by this share of its owner's spread."""

_DRAWS_AT_ONCE = 256  # handed to a worker at once; no result depends on it


def certify(game: Game, behaviour: Floats, workers: int = 1) -> Certificate:
    """The certificate of a behaviour [A, n]. No number depends on `workers`, the threads.

    The residual compares it with the logit response to it at the precision of the game, in which each move counts by
    its default if the game has one (`game.default`). For a player whose precision
    is infinite, it is the largest probability given to a move that is worse than the best one. The gain of a player who
    forgets what it did or knew is not a number: its best response is no matter of going backwards.
    """
    tree, walk, depth, n = game.tree, _walk(game.tree), _depth(game.tree), game.n_draws
    residual, gain, value = np.empty(n), np.empty((tree.n_players, n)), np.empty((tree.n_players, n))

    def work(draws: slice) -> None:
        found = audit(walk, depth, numbers(game, behaviour, draws, TREMBLE), TREMBLE, SLACK)
        residual[draws], gain[:, draws], value[:, draws] = found

    each(work, [slice(first, min(first + _DRAWS_AT_ONCE, n)) for first in range(0, n, _DRAWS_AT_ONCE)], workers)
    return Certificate(residual, gain, value)


@remembered
def _walk(tree: Tree) -> Walk:
    """The tree as the compiled walks take it."""
    inner, terminals = np.flatnonzero(tree.kind != TERMINAL), tree.terminals.astype(np.int64)
    place = np.full(tree.n_nodes + 1, -1, np.int64)  # the last for the parent of the root
    place[inner] = np.arange(len(inner))
    row = tree.slot.astype(np.int64)
    row[inner] = int(tree.slot.max()) + 1 + np.arange(len(inner))

    moved, happened = tree.edge_action >= 0, tree.edge_chance >= 0
    step = np.zeros((tree.n_nodes, tree.n_players), np.int64)
    step[moved] = tree.edge_action[moved, None]
    step[happened] = tree.n_actions + tree.chance_row[tree.edge_chance[happened], : tree.n_players]
    mine = np.zeros((tree.n_nodes, tree.n_players), np.bool_)
    mine[0] = True  # no step leads to the root
    mine[moved, tree.owner[tree.action_infoset[tree.edge_action[moved]]]] = True

    careless = {int(tree.owner[h]) for h, _ in forgetful(tree)}
    own = np.full((tree.n_players, len(terminals)), -1, np.int64)
    before = np.zeros(tree.n_infosets, np.int64)
    moves = np.zeros(tree.n_infosets, np.int64)
    firsts = tree.members[tree.member_start[:-1]]
    for p in range(tree.n_players):
        last, made = _own_moves(tree, mine[:, p])
        if p not in careless:
            own[p] = last[terminals]
        before[tree.owner == p], moves[tree.owner == p] = (some[firsts[tree.owner == p]] for some in (last, made))
    return Walk(
        row=row,
        step=step,
        mine=mine,
        inner=inner,
        inner_above=place[tree.parent[inner]],
        first=tree.first_child[inner].astype(np.int64),
        size=tree.children[inner].astype(np.int64),
        terminals=terminals,
        terminal_above=np.maximum(place[tree.parent[terminals]], 0),
        owner=tree.owner.astype(np.int64),
        member_start=tree.member_start.astype(np.int64),
        member=place[tree.members],
        action_start=tree.action_start.astype(np.int64),
        own=own,
        sets=np.lexsort((-moves, tree.owner)),
        sets_start=np.searchsorted(np.sort(tree.owner), np.arange(tree.n_players + 1)),
        before=before,
    )


def _own_moves(tree: Tree, mine: Bools) -> tuple[Ints, Ints]:
    """[N] the last move of a player's own on the way to each node (0 none, a + 1 action a), and how many it made."""
    last, made = np.zeros((2, tree.n_nodes), np.int32)
    for x in range(1, tree.n_nodes):
        above = tree.parent[x]
        last[x] = tree.edge_action[x] + 1 if mine[x] else last[above]
        made[x] = made[above] + mine[x]
    return last, made


@remembered
def _depth(tree: Tree) -> int:
    """How many nodes the longest play has."""
    depth = np.ones(tree.n_nodes, np.int64)
    for x in range(1, tree.n_nodes):
        depth[x] = depth[tree.parent[x]] + 1
    return int(depth[-1])
