"""The equations whose solutions are a branch of logit equilibria, for one draw: F(x) = 0 at points x = (unknowns, t).

They can be written in beliefs (`Beliefs`), of which there are few, or in the logarithms of all probabilities (`Logs`,
as Turocy 2010 does). With beliefs every strategy is an answer to them, and strategies further up answer to those below:
what rounding does to an answer is t times as large in the next one up. Where several sets above each other are mixed,
as in games of reputation, that leaves no figure at high precision. With logarithms each probability is an unknown of
its own, and an error in it enters every equation once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.game.tree import CHANCE, DECISION, TERMINAL, Game, Tree
from detente.solve.quantal import kernels
from detente.solve.quantal.layout import LOG_ZERO, Numbers, fill, lay_out

SHARP = 200.0  # t below which beliefs are exact enough
_AROUND = 1e-3 * np.array([0.0, -2.0, -1.0, 1.0, 2.0])  # distances from t, for the derivative by it
_ROUNDING = 1e-13  # of an equation in logarithms, or this share of t: there is nothing left to correct


class System(Protocol):
    """Equations for n unknowns and t."""

    n: int
    scale: float  # t at a precision of one
    start: Floats  # [n] the unknowns at t = 0

    def derivative(self, x: Floats) -> tuple[Floats, Floats]:
        """F [n], and its derivative [n, n + 1], at x [n + 1]."""
        ...

    def behaviour(self, x: Floats) -> Floats:
        """[A] the probabilities of all moves at x."""
        ...

    def longest(self, x: Floats) -> float:
        """The longest step to be made from x."""
        ...


class Beliefs:
    """The equations in beliefs (see `layout`), for a game of one draw."""

    def __init__(self, game: Game) -> None:
        layout = lay_out(game.tree)
        self.plan, self.numbers, self.n = layout.plan, fill(layout, game, slice(0, 1)), layout.n_unknowns
        self.scale = float(self.numbers.scale[0])
        self.start = np.zeros(self.n)

    def behaviour(self, x: Floats) -> Floats:
        first = np.zeros(1, np.int64)
        return kernels.sweeps(self.plan, self.numbers, first, x[-1:], x[:-1, None])[0][:, 0]

    def derivative(self, x: Floats) -> tuple[Floats, Floats]:
        y, t = x[:-1], float(x[-1])
        around = np.repeat(y[:, None], len(_AROUND), axis=1)
        _, swept = kernels.sweeps(self.plan, self.numbers, np.zeros(len(_AROUND), np.int64), t + _AROUND, around)
        by_t = swept[:, 1:] @ (np.array([1.0, -8.0, 8.0, -1.0]) / 12e-3)
        by_y = kernels.jacobian(self.plan, self.numbers, 0, t, y, t)
        return y - swept[:, 0], np.hstack([np.eye(self.n) - by_y, -by_t[:, None]])

    def longest(self, x: Floats) -> float:
        return max(1.0, 0.1 * float(x[-1]))


class _Level(NamedTuple):
    """The inner nodes of one depth and their children, which are all nodes of the next depth, in order."""

    inner: Longs  # [I]
    children: slice  # [C]
    starts: Longs  # [I] where those of each inner node start
    moved: Longs  # [K] of the children those to which a move leads
    action: Longs  # [K] that move
    happened: Longs  # [C - K] of the children those to which chance leads
    row: Longs  # [C - K, P] its row of chance probabilities, as each player sees it


class _Shape(NamedTuple):
    """A Tree as arrays that whole levels can be worked on with."""

    levels: list[_Level]  # from the root down
    sets: Longs  # [A] the set of a move
    paths: Floats  # [M, A] 1 where a move leads to a member
    owner: Longs  # [M]
    entry_child: Longs  # [E] for every move and member, by move, the node that it leads to
    entry_member: Longs  # [E]
    entry_owner: Longs  # [E]
    entry_start: Longs  # [A]


@lru_cache(maxsize=4)
def _shape(tree: Tree) -> _Shape:
    depth = np.zeros(tree.n_nodes, np.int64)
    for x in range(1, tree.n_nodes):
        depth[x] = depth[tree.parent[x]] + 1
    below = np.searchsorted(depth, np.arange(int(depth[-1]) + 2))
    levels = []
    for d in range(int(depth[-1])):
        inner = below[d] + np.flatnonzero(tree.kind[below[d] : below[d + 1]] != TERMINAL)
        children = slice(int(below[d + 1]), int(below[d + 2]) if d + 2 < len(below) else tree.n_nodes)
        above = tree.kind[tree.parent[children]]
        moved, happened = np.flatnonzero(above == DECISION), np.flatnonzero(above == CHANCE)
        levels.append(
            _Level(
                inner,
                children,
                tree.first_child[inner].astype(np.int64) - children.start,
                moved,
                tree.edge_action[children][moved].astype(np.int64),
                happened,
                tree.chance_row[tree.edge_chance[children][happened], : tree.n_players].astype(np.int64),
            )
        )
    paths = np.zeros((tree.n_nodes, tree.n_actions))
    for x in range(1, tree.n_nodes):
        paths[x] = paths[tree.parent[x]]
        if tree.edge_action[x] >= 0:
            paths[x, tree.edge_action[x]] = 1.0
    counts, sizes = np.diff(tree.member_start), np.diff(tree.action_start)
    spans = zip(tree.member_start[:-1].tolist(), counts.tolist(), sizes.tolist(), strict=True)
    pairs = [(m, k) for first, many, size in spans for k in range(size) for m in range(first, first + many)]
    member, move = np.array(pairs, np.int64).reshape(-1, 2).T
    owner = np.repeat(tree.owner, counts).astype(np.int64)
    return _Shape(
        levels=levels,
        sets=tree.action_infoset.astype(np.int64),
        paths=paths[tree.members],
        owner=owner,
        entry_child=tree.first_child[tree.members[member]] + move,
        entry_member=member,
        entry_owner=owner[member],
        entry_start=np.cumsum([0, *np.repeat(counts, sizes)])[:-1],
    )


class Logs:
    """The equations in logarithms of probabilities: each is that of the logit response to all of them.

    x [A] holds the logarithms; a move that cannot be made has that of a tremble, for beliefs, and probability zero. On
    the way to a solution probabilities are made to add up to one before they are used, so that players who are
    interchangeable are so everywhere, whatever their place in the tree.
    """

    def __init__(self, tree: Tree, numbers: Numbers, draw: int) -> None:
        self.tree, self.shape, self.n = tree, _shape(tree), tree.n_actions
        self.scale = float(numbers.scale[draw])
        self.payoffs, self.chance = numbers.payoffs[:, :, draw], numbers.chance[:, draw]
        self.log_chance = np.log(np.maximum(self.chance, np.exp(LOG_ZERO)))
        self.open: Bools = np.ones(self.n, np.bool_)
        if len(numbers.available):
            self.open = numbers.available[:, draw].astype(np.bool_)
        moves = np.add.reduceat(self.open.astype(np.float64), tree.action_start[:-1])
        self.start = np.where(self.open, -np.log(moves[self.shape.sets]), LOG_ZERO)
        self.log_default = None
        if len(numbers.log_default):
            self.log_default = numbers.log_default[:, draw]
            self.start = self._whole(self.log_default)

    def behaviour(self, x: Floats) -> Floats:
        return np.where(self.open, np.exp(self._whole(x[: self.n])), 0.0)

    def longest(self, x: Floats) -> float:
        return max(1.0, 0.1 * float(np.linalg.norm(x[np.append(self.open, True)])))

    def logs(self, behaviour: Floats, t: float) -> Floats:
        """[A] logarithms of a behaviour; those of moves too unlikely for a number are the responses'."""
        faint = self.open & (behaviour < np.exp(LOG_ZERO))
        x = np.where(self.open & ~faint, np.log(np.maximum(behaviour, np.exp(LOG_ZERO))), LOG_ZERO)
        for _ in self.shape.levels if faint.any() else ():
            filled = np.where(faint, self.response(x, t)[0], x)
            if np.all(np.abs(filled - x) <= 1e-12 * np.abs(x)):
                break
            x = filled
        return np.asarray(x)

    def response(self, x: Floats, t: float) -> tuple[Floats, Floats, Floats, Floats]:
        """[A] logarithms of the response at t, [A] what moves pay, [M] beliefs, and [N, P] what is expected."""
        tree, shape, x = self.tree, self.shape, self._whole(x)
        made = self.behaviour(x)
        worth, reach = np.zeros((tree.n_nodes, tree.n_players)), np.zeros((tree.n_nodes, tree.n_players))
        worth[tree.terminals] = self.payoffs[tree.slot[tree.terminals]]
        for level in shape.levels[::-1]:
            worth[level.inner] = np.add.reduceat(self._weights(level, made) * worth[level.children], level.starts)
        for level in shape.levels:
            step = np.empty((level.children.stop - level.children.start, tree.n_players))
            step[level.moved], step[level.happened] = x[level.action, None], self._seen(self.log_chance, level)
            reach[level.children] = reach[tree.parent[level.children]] + step
        log = reach[tree.members, shape.owner]
        starts, counts = tree.member_start[:-1], np.diff(tree.member_start)
        odds = np.exp(log - np.repeat(np.maximum.reduceat(log, starts), counts))
        belief = odds / np.repeat(np.add.reduceat(odds, starts), counts)
        paid = belief[shape.entry_member] * worth[shape.entry_child, shape.entry_owner]
        pay = np.add.reduceat(paid, shape.entry_start)
        firsts, sets = tree.action_start[:-1], shape.sets
        logit = np.where(self.open, t * (pay - np.maximum.reduceat(np.where(self.open, pay, -np.inf), firsts)[sets]), 0)
        if self.log_default is not None:
            logit = np.where(self.open, logit + self.log_default, -np.inf)
            logit = np.where(self.open, logit - np.maximum.reduceat(logit, firsts)[sets], 0)
        total = np.add.reduceat(np.where(self.open, np.exp(logit), 0.0), firsts)
        return np.where(self.open, logit - np.log(total)[sets], LOG_ZERO), pay, belief, worth

    def derivative(self, x: Floats) -> tuple[Floats, Floats]:
        tree, shape, n, t = self.tree, self.shape, self.n, float(x[-1])
        made, firsts, sets = self.behaviour(x), tree.action_start[:-1], shape.sets
        log, pay, belief, worth = self.response(x[:n], t)
        moves = np.zeros((tree.n_nodes, tree.n_players, n))  # of what is expected at a node
        for level in shape.levels[::-1]:
            weights, below = self._weights(level, made), level.children
            moves[level.inner] = np.add.reduceat(weights[:, :, None] * moves[below], level.starts)
            here = tree.parent[below][level.moved]
            moves[here, :, level.action] += (weights * worth[below])[level.moved]
        weighed = belief[:, None] * shape.paths
        mean = np.add.reduceat(weighed, tree.member_start[:-1])
        shift = weighed - belief[:, None] * np.repeat(mean, np.diff(tree.member_start), axis=0)
        member, child, owner = shape.entry_member, shape.entry_child, shape.entry_owner
        by_entry = belief[member, None] * moves[child, owner] + worth[child, owner][:, None] * shift[member]
        by = np.add.reduceat(by_entry, shape.entry_start)
        answer = np.where(self.open, np.exp(log), 0.0)
        more = by - np.add.reduceat(answer[:, None] * by, firsts)[sets]
        by_t = pay - np.add.reduceat(answer * pay, firsts)[sets]
        more[~self.open], by_t[~self.open] = 0.0, 0.0
        more -= made * np.add.reduceat(more, firsts, axis=1)[:, sets]
        return x[:n] - log, np.hstack([np.eye(n) - t * more, -by_t[:, None]])

    def off(self, x: Floats, t: float) -> float:
        """The largest distance, in probability, between behaviour and the response to it."""
        answer = np.where(self.open, np.exp(self.response(x, t)[0]), 0.0)
        return float(np.abs(self.behaviour(x) - answer).max(initial=0.0))

    def polish(self, x: Floats, t: float, most: int = 12) -> Floats:
        """[A] the point at t near x, by Newton's method as far as rounding allows; x itself if that leads nowhere."""
        best, least = x, np.inf
        for _ in range(most):
            with np.errstate(all="ignore"):  # far away nothing is a number
                value, by = self.derivative(np.append(x, t))
            size = float(np.abs(value).max(initial=0.0))
            if not size < 0.5 * least:
                break
            best, least = x, size
            if size <= _ROUNDING * max(1.0, 1e-2 * t):
                break
            try:
                x = x - np.linalg.solve(by[:, :-1], value)
            except np.linalg.LinAlgError:
                break
        return best

    def _whole(self, x: Floats) -> Floats:
        """[A] logarithms of probabilities that add up to one at every set."""
        firsts, sets = self.tree.action_start[:-1], self.shape.sets
        top = np.maximum.reduceat(np.where(self.open, x, -np.inf), firsts)[sets]
        total = np.add.reduceat(np.where(self.open, np.exp(np.where(self.open, x - top, 0.0)), 0.0), firsts)
        return np.where(self.open, x - top - np.log(total)[sets], LOG_ZERO)

    def _weights(self, level: _Level, made: Floats) -> Floats:
        """[C, P] the probabilities of the steps to children, as seen by each player."""
        found = np.empty((level.children.stop - level.children.start, self.tree.n_players))
        found[level.moved], found[level.happened] = made[level.action, None], self._seen(self.chance, level)
        return found

    def _seen(self, chance: Floats, level: _Level) -> Floats:
        return chance[level.row]
