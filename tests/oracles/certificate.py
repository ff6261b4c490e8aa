"""Certificates by plain numpy, over all nodes of a depth and all draws at once: what `solve.certify` must agree with.

Beliefs are Bayes' own, from the reach of the members of a set: the behaviour of all players, and chance as the set's
owner sees it. They are formed from logarithms. A probability that is exactly zero counts as 1e-300 there (and as zero
in values), so that a set that is never reached has the belief that such trembles lead to. A move that could be made
but is so unlikely that its probability is below 1e-300 counts with the probability that the logit response gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from detente.arrays import Bools, Floats, Ints, Longs
from detente.game.tree import TERMINAL, Game, Tree, forgetful
from detente.solve.base import Certificate
from detente.solve.certificate.certify import SLACK, TREMBLE


def plain(game: Game, behaviour: Floats) -> Certificate:
    """The certificate of a behaviour [A, n]."""
    chunk = _Chunk.cut(_shape(game.tree), game, behaviour, slice(0, game.n_draws))
    worth = chunk.worth()
    best = [chunk.best_response(p) for p in range(game.tree.n_players)]
    return Certificate(chunk.residual(worth), np.maximum(np.array(best) - worth[0], 0.0), worth[0])


@dataclass(frozen=True, eq=False)
class _Shape:
    """A Tree as index arrays. Nodes are numbered breadth first, so that those of one depth are neighbours."""

    tree: Tree
    levels: list[slice]  # nodes by depth
    inner: list[Longs]  # inner nodes by depth
    starts: list[Longs]  # where the children of each of those start, within the next depth
    edge_action: Ints  # [N]
    edge_row: Ints  # [N, P] row of chance probabilities in each player's eyes, -1 except after chance
    member_set: Longs  # [M]
    entry_child: Longs  # [M x moves, by action] the node an action leads to from a member
    entry_member: Longs  # [M x moves, by action]
    entry_start: Longs  # [A]
    sequences: list[_Sequences | None]  # for each player, None if it forgets


@dataclass(frozen=True, eq=False)
class _Sequences:
    """A player's own moves in order (von Stengel 1996): sequence 0 is empty, a + 1 ends with action a."""

    of_terminal: Longs  # [T] the last move of its own on the way to each terminal node
    layers: list[list[tuple[slice, int]]]  # its sets, those after most of its own first: (actions, sequence before)


@dataclass(frozen=True, eq=False)
class _Chunk:
    """The numbers of some draws."""

    shape: _Shape
    paid: Floats  # [T, P, n] payoffs of terminal nodes
    spread: Floats  # [P, n]
    chance: Floats  # [K, n]
    precision: Floats  # [P, n]
    available: Bools  # [A, n]
    default: Floats  # [A, n] weights
    behaviour: Floats  # [A, n]

    @classmethod
    def cut(cls, shape: _Shape, game: Game, behaviour: Floats, draws: slice) -> _Chunk:
        tree = game.tree
        paid = game.payoffs[:, :, draws][tree.slot[tree.terminals]]
        available = np.ones((tree.n_actions, paid.shape[2]), np.bool_)
        if game.available is not None:
            available = game.available[:, draws]
        return cls(
            shape,
            paid,
            np.ptp(paid, axis=0),
            game.chance[:, draws],
            game.precision[:, draws],
            available,
            np.ones_like(behaviour[:, draws]) if game.default is None else game.default[:, draws],
            behaviour[:, draws],
        )

    def steps(self, player: int, own: bool) -> Floats:
        """[N, n] the probability of the step to each node as a player sees it; 1 for its own moves unless `own`."""
        tree, shape = self.shape.tree, self.shape
        probability = np.ones((tree.n_nodes, self.behaviour.shape[1]))
        row = shape.edge_row[:, player]
        probability[row >= 0] = self.chance[row[row >= 0]]
        moved = shape.edge_action >= 0
        if not own:
            moved[moved] = tree.owner[tree.action_infoset[shape.edge_action[moved]]] != player
        probability[moved] = self.behaviour[shape.edge_action[moved]]
        return probability

    def worth(self) -> Floats:
        """[N, P, n] what each player expects at each node."""
        tree, shape = self.shape.tree, self.shape
        worth = np.empty((tree.n_nodes, tree.n_players, self.behaviour.shape[1]))
        worth[tree.terminals] = self.paid
        step = np.stack([self.steps(p, own=True) for p in range(tree.n_players)], axis=1)
        for level, inner, starts in zip(shape.levels[:0:-1], shape.inner[-2::-1], shape.starts[-2::-1], strict=True):
            worth[inner] = np.add.reduceat(step[level] * worth[level], starts, axis=0)
        return worth

    def reach(self, log_behaviour: Floats) -> Floats:
        """[M, n] logarithm of the reach of the members of all sets, each in its owner's eyes."""
        tree, shape = self.shape.tree, self.shape
        owner = tree.owner[shape.member_set]
        reach = np.empty((len(tree.members), self.behaviour.shape[1]))
        log_chance = np.log(np.maximum(self.chance, TREMBLE))
        moved = shape.edge_action >= 0
        for p in range(tree.n_players):
            step = np.zeros((tree.n_nodes, reach.shape[1]))
            row = shape.edge_row[:, p]
            step[row >= 0] = log_chance[row[row >= 0]]
            step[moved] = log_behaviour[shape.edge_action[moved]]
            for level in shape.levels[1:]:
                step[level] += step[tree.parent[level]]
            reach[owner == p] = step[tree.members[owner == p]]
        return reach

    def move_payoffs(self, worth: Floats, log_behaviour: Floats) -> Floats:
        """[A, n] what the owner of a set expects from each move, given that the set is reached."""
        tree, shape = self.shape.tree, self.shape
        starts = tree.member_start[:-1]
        reach = self.reach(log_behaviour)
        belief = np.exp(reach - np.maximum.reduceat(reach, starts, axis=0)[shape.member_set])
        belief /= np.add.reduceat(belief, starts, axis=0)[shape.member_set]
        owner = tree.owner[shape.member_set[shape.entry_member]]
        return np.asarray(
            np.add.reduceat(belief[shape.entry_member] * worth[shape.entry_child, owner], shape.entry_start, axis=0)
        )

    def residual(self, worth: Floats) -> Floats:
        """[n] the largest distance between the behaviour and the response to it."""
        tree = self.shape.tree
        sets, starts = tree.action_infoset, tree.action_start[:-1]
        precision = self.precision[tree.owner[sets]]
        finite = np.isfinite(precision)
        log_behaviour = np.log(np.maximum(self.behaviour, TREMBLE))
        unlikely = self.available & finite & (self.behaviour < TREMBLE)
        for _ in self.shape.levels:
            pay = np.where(self.available, self.move_payoffs(worth, log_behaviour), -np.inf)
            behind = np.where(self.available, np.maximum.reduceat(pay, starts, axis=0)[sets] - pay, 0.0)
            logits = -np.where(finite, precision, 0.0) * behind
            logits = logits + np.where(finite, np.log(self.default), 0.0)
            logits -= np.maximum.reduceat(np.where(self.available, logits, -np.inf), starts, axis=0)[sets]
            logits = np.where(self.available, logits, 0.0)
            total = np.add.reduceat(np.exp(logits) * self.available, starts, axis=0)[sets]
            filled = np.where(unlikely, np.minimum(logits - np.log(total), np.log(TREMBLE)), log_behaviour)
            if not np.any(np.abs(filled - log_behaviour) > 1e-9 * np.abs(filled)):
                break
            log_behaviour = filled
        response = np.exp(logits) / total * self.available
        worse = behind > SLACK * self.spread[tree.owner[sets]]
        wrong = np.where(finite | ~self.available, np.abs(self.behaviour - response), self.behaviour * worse)
        sums = np.abs(np.add.reduceat(self.behaviour, starts, axis=0) - 1.0)
        return np.asarray(np.maximum(wrong.max(axis=0, initial=0.0), sums.max(axis=0, initial=0.0)))

    def best_response(self, player: int) -> Floats:
        """[n] the most a player can have, as it sees the game, when the others behave as they do.

        Weighted by what the others and chance do, the payoff of a plan is a sum over its terminal nodes; with
        perfect recall the sets that follow a sequence of own moves can be settled one by one, the last first.
        """
        shape = self.shape
        sequences = shape.sequences[player]
        if sequences is None:
            return np.full(self.behaviour.shape[1], np.nan)
        reach = self.steps(player, own=False)
        for level in shape.levels[1:]:
            reach[level] *= reach[shape.tree.parent[level]]
        best = np.zeros((shape.tree.n_actions + 1, reach.shape[1]))
        order = np.argsort(sequences.of_terminal, kind="stable")
        ends, starts = np.unique(sequences.of_terminal[order], return_index=True)
        weighted = (reach[shape.tree.terminals] * self.paid[:, player])[order]
        best[ends] = np.add.reduceat(weighted, starts, axis=0)
        for layer in sequences.layers:
            for actions, before in layer:
                plans = best[actions.start + 1 : actions.stop + 1]
                best[before] += np.where(self.available[actions], plans, -np.inf).max(axis=0)
        return np.asarray(best[0])


@lru_cache(maxsize=16)
def _shape(tree: Tree) -> _Shape:
    depth = np.zeros(tree.n_nodes, np.int64)
    for x in range(1, tree.n_nodes):
        depth[x] = depth[tree.parent[x]] + 1
    bounds = np.searchsorted(depth, np.arange(depth[-1] + 2))
    levels = [slice(int(a), int(b)) for a, b in pairwise(bounds)]
    inner = [level.start + np.flatnonzero(tree.kind[level] != TERMINAL) for level in levels]
    starts = [tree.first_child[x].astype(np.int64) - level.stop for x, level in zip(inner, levels, strict=True)]

    edge_row = np.full((tree.n_nodes, tree.n_players), -1, np.int32)
    after_chance = tree.edge_chance >= 0
    edge_row[after_chance] = tree.chance_row[tree.edge_chance[after_chance], : tree.n_players]

    member_set = np.repeat(np.arange(tree.n_infosets), np.diff(tree.member_start))
    entries = [
        (int(tree.first_child[tree.members[m]]) + k, m)
        for h in range(tree.n_infosets)
        for k in range(int(tree.action_start[h + 1] - tree.action_start[h]))
        for m in range(int(tree.member_start[h]), int(tree.member_start[h + 1]))
    ]
    child, member = np.array(entries, np.int64).reshape(-1, 2).T
    sizes = np.diff(tree.member_start)[tree.action_infoset]
    careless = {int(tree.owner[h]) for h, _ in forgetful(tree)}
    return _Shape(
        tree=tree,
        levels=levels,
        inner=inner,
        starts=starts,
        edge_action=tree.edge_action,
        edge_row=edge_row,
        member_set=member_set,
        entry_child=child,
        entry_member=member,
        entry_start=np.cumsum(sizes) - sizes,
        sequences=[None if p in careless else _sequences(tree, p) for p in range(tree.n_players)],
    )


def _sequences(tree: Tree, player: int) -> _Sequences:
    last = np.zeros(tree.n_nodes, np.int64)
    own_moves = np.zeros(tree.n_nodes, np.int64)
    for x in range(1, tree.n_nodes):
        above, action = tree.parent[x], tree.edge_action[x]
        mine = action >= 0 and tree.owner[tree.infoset[above]] == player
        last[x] = action + 1 if mine else last[above]
        own_moves[x] = own_moves[above] + mine
    own = np.flatnonzero(tree.owner == player)
    first = tree.members[tree.member_start[own]]
    layers: list[list[tuple[slice, int]]] = [[] for _ in range(int(own_moves.max()) + 1)]
    for h, x in zip(own.tolist(), first.tolist(), strict=True):
        actions = slice(int(tree.action_start[h]), int(tree.action_start[h + 1]))
        layers[own_moves[x]].append((actions, int(last[x])))
    return _Sequences(last[tree.terminals], layers[::-1])
