"""The sequence form of an extensive game: as large as its tree, where the normal form is exponentially larger.

A *sequence* of a player is what it does along one path of the tree: its own moves, one after another. With perfect
recall a sequence is named by its last move. A *realisation plan* gives each sequence the probability that its owner's
moves contribute to the plays that carry it; plans are the points of a polytope with one equation for each information
set, and a player's expected payoff is linear in its own plan (von Stengel 1996, Efficient computation of behavior
strategies, Games and Economic Behavior 14, 220-246; Koller, Megiddo & von Stengel 1994).

Letters used here: Q(p) sequences of player p, the empty one included · H(p) its information sets · T terminal nodes ·
K cells, which are the distinct combinations of sequences, one for each player, that meet at some terminal node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from detente.arrays import Bools, Floats, Ints, Longs
from detente.errors import QuestionError
from detente.game.tree import Game, Tree, forgetful

if TYPE_CHECKING:
    from scipy.sparse import csr_array


REFERENCE = "von Stengel (1996), Efficient computation of behavior strategies, Games and Economic Behavior 14, 220-246"


@dataclass(frozen=True, eq=False)
class Sequences:
    """The sequences of all players of a tree of perfect recall; no numbers of any draw.

    Sequence 0 of every player is the empty one, and each sequence comes after those it continues.
    """

    tree: Tree
    sizes: tuple[int, ...]  # [P] Q(p)
    sets: tuple[Longs, ...]  # by player [H(p)], each set after those above it
    actions: tuple[Longs, ...]  # by player [Q(p) - 1], the action that sequences 1, 2, ... end with
    number: Longs  # [A] the sequence of its owner that ends with an action
    before: Longs  # [H] the owner's sequence that leads to a set
    layers: tuple[tuple[Longs, ...], ...]  # by player: actions by the number of own moves before them
    edge_rows: Ints  # [N, P] row of chance probabilities of the step to a node, -1 after a move
    levels: tuple[slice, ...]  # nodes by depth
    cells: Longs  # [K, P] sequences that meet
    cell: Longs  # [T] the cell of each terminal node

    def constraints(self, player: int) -> tuple[csr_array, Floats]:
        """The matrix [1 + H(p), Q(p)] and right-hand side of the equations that make a vector a realisation plan.

        The first row says that the empty sequence has weight 1; each other row says that the moves of a set share the
        weight of the sequence that leads to it.
        """
        from scipy.sparse import coo_array, csr_array  # here and below, because not every solver needs scipy

        sets, moves = self.sets[player], self.actions[player]
        position = np.zeros(self.tree.n_infosets, np.int64)
        position[sets] = 1 + np.arange(len(sets))
        rows = np.concatenate([[0], position[sets], position[self.tree.action_infoset[moves]]])
        columns = np.concatenate([[0], self.before[sets], self.number[moves]])
        values = np.concatenate([[1.0], np.full(len(sets), -1.0), np.ones(len(moves))])
        right = np.zeros(1 + len(sets))
        right[0] = 1.0
        return csr_array(coo_array((values, (rows, columns)), (1 + len(sets), self.sizes[player]))), right

    def weights(self, game: Game, draw: int) -> Floats:
        """[K, P] payoffs of cells, each terminal node weighted by chance as the player sees it.

        The expected payoff of p is the sum over cells of its weight times the product of all players' plans there.
        """
        tree = self.tree
        chance = np.ones((tree.n_nodes, tree.n_players))
        drawn = self.edge_rows[:, 0] >= 0
        chance[drawn] = game.chance[self.edge_rows[drawn], draw]
        for level in self.levels[1:]:
            chance[level] *= chance[tree.parent[level]]
        paid = chance[tree.terminals] * game.payoffs[tree.slot[tree.terminals], :, draw]
        return np.stack([np.bincount(self.cell, paid[:, p], len(self.cells)) for p in range(tree.n_players)], axis=1)

    def matrix(self, weights: Floats, player: int) -> csr_array:
        """[Q(0), Q(1)] the payoff matrix of a player of two."""
        from scipy.sparse import coo_array, csr_array

        places = (self.cells[:, 0], self.cells[:, 1])
        return csr_array(coo_array((weights[:, player], places), (self.sizes[0], self.sizes[1])))

    def plan(self, player: int, behaviour: Floats) -> Floats:
        """[Q(p)] the realisation plan of a behaviour [A]."""
        plan = np.ones(self.sizes[player])
        for actions in self.layers[player]:
            plan[self.number[actions]] = plan[self.before[self.tree.action_infoset[actions]]] * behaviour[actions]
        return plan

    def plans(self, behaviour: Floats) -> list[Floats]:
        """The realisation plans of all players."""
        return [self.plan(p, behaviour) for p in range(self.tree.n_players)]

    def behaviour(self, plans: Sequence[Floats], available: Bools | None = None) -> tuple[Floats, Bools]:
        """The behaviour [A] of realisation plans, and which sets [H] their owner's plan leads to.

        Where a plan does not lead the moves that can be made are equally likely; see `unreached` for better.
        """
        tree = self.tree
        behaviour, reached = np.empty(tree.n_actions), np.zeros(tree.n_infosets, np.bool_)
        for plan, sets, actions in zip(plans, self.sets, self.actions, strict=True):
            reached[sets] = plan[self.before[sets]] > 0
            behaviour[actions] = plan[1:]
        starts, belongs = tree.action_start[:-1], tree.action_infoset
        can = np.ones(tree.n_actions, np.bool_) if available is None else available
        share = np.where(reached[belongs], np.where(can, np.maximum(behaviour, 0.0), 0.0), can)
        if len(starts):
            share = share / np.add.reduceat(share, starts)[belongs]
        return share, reached

    def slope(self, weights: Floats, plans: Sequence[Floats], player: int) -> Floats:
        """[Q(p)] what each sequence adds to its owner's expected payoff, which is slope @ plan."""
        product = weights[:, player].copy()
        for q, plan in enumerate(plans):
            if q != player:
                product *= plan[self.cells[:, q]]
        return np.bincount(self.cells[:, player], product, self.sizes[player]).astype(np.float64)

    def worth(self, slope: Floats, player: int, available: Bools | None = None) -> Floats:
        """[Q(p)] the most each sequence leads to: its own derivative and the best of every set that follows it.

        Entry 0 is the payoff of a best response. A move that is not available counts as minus infinity.
        """
        worth = slope.copy()
        for actions in reversed(self.layers[player]):
            own = worth[self.number[actions]]
            if available is not None:
                own = np.where(available[actions], own, -np.inf)
            sets = self.tree.action_infoset[actions]
            starts = np.flatnonzero(np.diff(sets, prepend=-1))
            np.add.at(worth, self.before[sets[starts]], np.maximum.reduceat(own, starts))
        return worth

    def gains(self, weights: Floats, plans: Sequence[Floats], available: Bools | None = None) -> Floats:
        """[P] what each player would win by its best response. The certificate's gain is computed apart from this."""
        slopes = [self.slope(weights, plans, p) for p in range(len(plans))]
        best = [self.worth(slope, p, available)[0] for p, slope in enumerate(slopes)]
        return np.array([b - slope @ plan for b, slope, plan in zip(best, slopes, plans, strict=True)])


def recall(tree: Tree) -> str:
    """Why a tree has no sequence form: which sets are of imperfect recall, by name; empty if none is."""
    try:
        sequences(tree)
    except QuestionError as error:
        return str(error)
    return ""


def _forgotten(tree: Tree) -> str:
    """Who has forgotten what, and where."""
    found = forgetful(tree)
    told = [f"{tree.infosets[h].name!r} (its owner has forgotten {what})" for h, what in found[:5]]
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f"somebody forgets what it did or knew, at {', '.join(told)}{more}; this method needs perfect recall"


@lru_cache(maxsize=16)
def sequences(tree: Tree) -> Sequences:
    """The sequences of a tree, made once. Raises QuestionError where somebody forgets."""
    n_players, belongs = tree.n_players, tree.action_infoset
    levels, stop = [slice(0, 1)], 1
    while width := int(tree.children[levels[-1]].sum()):
        levels.append(slice(stop, stop := stop + width))
    number = np.zeros(tree.n_actions, np.int64)
    for p in range(n_players):
        own = np.flatnonzero(tree.owner[belongs] == p)
        number[own] = 1 + np.arange(len(own))

    edge = tree.edge_action
    moved = edge >= 0
    mover = np.full(tree.n_nodes, -1, np.int64)
    mover[moved] = tree.owner[belongs[edge[moved]]]
    last = np.zeros((n_players, tree.n_nodes), np.int64)
    depth = np.zeros((n_players, tree.n_nodes), np.int64)
    for level in levels[1:]:
        above = tree.parent[level]
        last[:, level], depth[:, level] = last[:, above], depth[:, above]
        for p in range(n_players):
            own = level.start + np.flatnonzero(mover[level] == p)
            last[p, own] = number[edge[own]]
            depth[p, own] += 1
    owners = np.repeat(tree.owner, np.diff(tree.member_start))
    at_members = last[owners, tree.members]
    first = tree.member_start[:-1]
    if not np.array_equal(at_members, np.repeat(at_members[first], np.diff(tree.member_start))):
        raise QuestionError(_forgotten(tree))

    depth_of_set = depth[tree.owner, tree.members[first]]
    edge_rows = np.full((tree.n_nodes, n_players), -1, np.int32)
    drawn = tree.edge_chance >= 0
    edge_rows[drawn] = tree.chance_row[tree.edge_chance[drawn], :n_players]
    cells, cell = _cells(last[:, tree.terminals])
    actions = [np.flatnonzero(tree.owner[belongs] == p) for p in range(n_players)]
    steps = [depth_of_set[belongs[own]] for own in actions]
    return Sequences(
        tree=tree,
        sizes=tuple(1 + len(own) for own in actions),
        sets=tuple(np.flatnonzero(tree.owner == p) for p in range(n_players)),
        actions=tuple(actions),
        number=number,
        before=at_members[first],
        layers=tuple(tuple(own[s == d] for d in np.unique(s)) for own, s in zip(actions, steps, strict=True)),
        edge_rows=edge_rows,
        levels=tuple(levels),
        cells=cells,
        cell=cell,
    )


def _cells(ends: Longs) -> tuple[Longs, Longs]:
    """From sequences [P, T] at terminal nodes: distinct combinations [K, P], and which each node has [T]."""
    key = np.zeros(ends.shape[1], np.int64)
    for own in ends:  # squeezed after each player, so that keys stay below T times Q(p)
        key = np.unique(key * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1].reshape(-1)
    _, where = np.unique(key, return_index=True)
    return np.ascontiguousarray(ends[:, where].T), key
