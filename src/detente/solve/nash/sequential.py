"""Is an equilibrium sequential: would everybody, at every information set, want to do what the equilibrium says?

Sequential (Kreps & Wilson 1982, Sequential equilibria, Econometrica 50, 863-894): moves are best at every set, under
beliefs that are the limit of Bayes' rule as hands tremble less and less. Weakly sequential (Myerson 1991, Game Theory,
section 4.3): the same with whatever beliefs one likes where nobody expects to be.

A tremble gives each move that is not made the probability c * e**k, where e goes to zero. The limit of beliefs is then
known exactly: the members of a set that take the fewest powers of e share the belief. If such beliefs bear out the
moves, the equilibrium is sequential, and that is proved. The powers and factors that might do so are only sampled, so
that where none is found nothing is proved; but that no belief whatever bears out a move is told for certain.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog, root

from detente.arrays import Bools, Floats, Longs
from detente.game.tree import CHANCE, DECISION, Game, Tree

_NEVER = 1e-12  # a probability below this is none
_POSITIVE = 1e-3  # a probability below this is taken to be none, near an equilibrium,
_NEARBY = 0.05  # and none is moved by more than this
_UNTHINKABLE = 1000  # powers of e that a move takes which cannot be made, or an event which cannot happen


class Refinement(StrEnum):
    """What is known of an equilibrium. Judged for the behaviour as it is listed, threats and all."""

    SEQUENTIAL = "sequential"  # proved: trembles are known whose beliefs bear out every move
    WEAKLY_SEQUENTIAL = "weakly sequential"  # at every set some belief bears out its moves; no trembles were found
    NASH = "Nash only"  # proved: at some set that is not reached no belief bears out the moves


class _View(NamedTuple):
    """One draw of a game, with what is never made and what is left to choose."""

    tree: Tree
    payoffs: Floats  # [S, P]
    chance: Floats  # [E, P]
    can: Bools  # [A]
    slack: Floats  # [P] differences of payoff below this are none

    @classmethod
    def of(cls, game: Game, draw: int) -> _View:
        tree = game.tree
        paid = game.payoffs[np.unique(tree.slot[tree.terminals]), :, draw]
        can = np.ones(tree.n_actions, np.bool_) if game.available is None else game.available[:, draw]
        chance = game.chance[tree.chance_row[:, : tree.n_players], draw]
        return cls(tree, game.payoffs[:, :, draw], chance, can, 1e-9 * np.ptp(paid, axis=0))


class _Trembles(NamedTuple):
    powers: Longs  # [A]
    factors: Floats  # [A]

    @classmethod
    def calm(cls, tree: Tree) -> _Trembles:
        return cls(np.ones(tree.n_actions, np.int64), np.ones(tree.n_actions))

    @classmethod
    def at_random(cls, tree: Tree, rng: np.random.Generator) -> _Trembles:
        wide = rng.random() < 0.5
        powers = rng.integers(1, 4, tree.n_actions) if wide else np.ones(tree.n_actions, np.int64)
        return cls(powers, np.exp(2 * rng.normal(size=tree.n_actions)))


def refine(game: Game, draw: int, behaviour: Floats, reached: Bools, tries: int = 60) -> tuple[Floats, Refinement]:
    """What kind of equilibrium a behaviour [A] is, and the behaviour that shows it.

    Sets that are not `reached` [H] by their owner's own plan are filled again with best responses, which changes
    nothing for anybody; everything else is left as it is. `tries`: how many trembles are sampled, always the same ones.
    """
    tree, view = game.tree, _View.of(game, draw)
    rng = np.random.default_rng(1982)
    calm = _Trembles.calm(tree)
    first = behaviour
    for k in range(tries):
        trembles = _Trembles.at_random(tree, rng) if k else calm
        filled, holds = _settle(view, behaviour, reached, trembles)
        if k == 0:
            first = filled
        if holds:
            return filled, Refinement.SEQUENTIAL
    borne_out = all(_some_belief(view, first, h) for h in _doubtful(view, first, calm))
    return first, Refinement.WEAKLY_SEQUENTIAL if borne_out else Refinement.NASH


def sequential_near(game: Game, draw: int, behaviour: Floats, tries: int = 20) -> Floats | None:
    """A sequential equilibrium [A] near a behaviour [A], threats and all, proved by trembles; None if none is found.

    What is near zero is taken to be zero; at every set, reached or not, the moves that are left must pay alike under
    the beliefs that trembles lead to: as many equations as there are probabilities.
    """
    tree, view, sets = game.tree, _View.of(game, draw), game.tree.action_infoset
    positive = (behaviour > _POSITIVE) & view.can
    base = np.where(positive, behaviour, 0.0)
    base /= np.add.reduceat(base, tree.action_start[:-1])[sets]
    mixed = positive & (np.add.reduceat(positive.astype(np.int64), tree.action_start[:-1])[sets] > 1)
    lasts = np.append(np.diff(sets[mixed]) != 0, True)  # in place of their equations probabilities add up to one
    everywhere = np.ones(tree.n_infosets, np.bool_)
    rng = np.random.default_rng(1982)
    for k in range(tries):
        trembles = _Trembles.at_random(tree, rng) if k else _Trembles.calm(tree)

        def whole(shares: Floats) -> Floats:
            found = base.copy()
            found[mixed] = shares
            return found

        def unlike(shares: Floats, trembles: _Trembles = trembles) -> Floats:
            found = whole(np.maximum(shares, 1e-9))
            pay = np.zeros(tree.n_actions)
            _backwards(view, found, _beliefs(view, found, trembles), everywhere, pay)
            apart = np.append(np.diff(pay[mixed]), 0.0)
            total = np.add.reduceat(whole(shares), tree.action_start[:-1])[sets][mixed] - 1.0
            return np.where(lasts, total, apart)

        shares = base[mixed]
        if len(shares):
            solution = root(unlike, shares, tol=1e-13)
            if not np.abs(unlike(solution.x)).max() < 1e-10 or np.abs(solution.x - shares).max() > _NEARBY:
                continue
            shares = solution.x
        if np.all(shares > 0):
            found = whole(shares)
            if not _backwards(view, found, _beliefs(view, found, trembles), everywhere):
                return found
    return None


def _settle(view: _View, behaviour: Floats, reached: Bools, trembles: _Trembles) -> tuple[Floats, bool]:
    """Fill the sets that are not reached until nothing changes; whether every move is then a best one."""
    for _ in range(8):
        beliefs = _beliefs(view, behaviour, trembles)
        following = behaviour.copy()
        wrong = _backwards(view, following, beliefs, reached)
        if np.array_equal(following, behaviour):
            return behaviour, not wrong
        behaviour = following
    return behaviour, False


def _doubtful(view: _View, behaviour: Floats, trembles: _Trembles) -> list[int]:
    """Sets whose moves are not best under the beliefs of some trembles."""
    everything = np.ones(view.tree.n_infosets, np.bool_)
    return _backwards(view, behaviour.copy(), _beliefs(view, behaviour, trembles), everything)


def _beliefs(view: _View, behaviour: Floats, trembles: _Trembles) -> Floats:
    """[M] the limit of beliefs at every set."""
    tree, n = view.tree, view.tree.n_nodes
    powers, logs = np.zeros((n, tree.n_players), np.int64), np.zeros((n, tree.n_players))
    made = behaviour > _NEVER
    power = np.where(made, 0, np.where(view.can, trembles.powers, _UNTHINKABLE))
    log = np.log(np.where(made, behaviour, trembles.factors))
    for x in range(1, n):
        above, a, e = tree.parent[x], tree.edge_action[x], tree.edge_chance[x]
        powers[x], logs[x] = powers[above], logs[above]
        if a >= 0:
            powers[x] += power[a]
            logs[x] += log[a]
        else:
            happens = view.chance[e] > 0
            powers[x] += np.where(happens, 0, _UNTHINKABLE)
            logs[x] += np.log(np.where(happens, view.chance[e], 1.0))
    owner = np.repeat(tree.owner, np.diff(tree.member_start))
    belief = np.zeros(len(tree.members))
    for h in range(tree.n_infosets):
        some = slice(int(tree.member_start[h]), int(tree.member_start[h + 1]))
        members = tree.members[some]
        fewest = powers[members, owner[some]]
        log_share = np.where(fewest == fewest.min(), logs[members, owner[some]], -np.inf)
        weight = np.exp(log_share - log_share.max())
        belief[some] = weight / weight.sum()
    return belief


def _worth_of_moves(view: _View, worth: Floats, h: int) -> Floats:
    """[members, moves] what a set's owner expects from each move at each member."""
    tree = view.tree
    some = tree.members[tree.member_start[h] : tree.member_start[h + 1]]
    moves = np.arange(int(tree.action_start[h + 1] - tree.action_start[h]))
    return np.asarray(worth[tree.first_child[some][:, None] + moves, tree.owner[h]])


def _backwards(
    view: _View, behaviour: Floats, beliefs: Floats, reached: Bools, paid: Floats | None = None
) -> list[int]:
    """Backwards: fill sets that are not reached, in place, and list those whose moves are not best; what moves pay
    goes into `paid` [A], if that is given."""
    tree = view.tree
    worth = np.zeros((tree.n_nodes, tree.n_players))
    worth[tree.terminals] = view.payoffs[tree.slot[tree.terminals]]
    wrong = []
    for item in tree.order[::-1].tolist():
        if item < 0:
            _enter(view, worth, -1 - item, behaviour)
            continue
        members = slice(int(tree.member_start[item]), int(tree.member_start[item + 1]))
        actions = slice(int(tree.action_start[item]), int(tree.action_start[item + 1]))
        can = view.can[actions]
        pay = np.where(can, beliefs[members] @ _worth_of_moves(view, worth, item), -np.inf)
        if paid is not None:
            paid[actions] = pay
        best = pay >= pay.max() - view.slack[tree.owner[item]]
        if not reached[item]:
            behaviour[actions] = best / best.sum()
        elif np.any(behaviour[actions][~best] > _NEVER):
            wrong.append(item)
        for x in tree.members[members].tolist():
            _enter(view, worth, x, behaviour)
    return wrong


def _enter(view: _View, worth: Floats, x: int, behaviour: Floats) -> None:
    """What everybody expects at an inner node, from its children."""
    tree = view.tree
    below = worth[tree.first_child[x] : tree.first_child[x] + tree.children[x]]
    if tree.kind[x] == CHANCE:
        weight = view.chance[tree.chance_start[x] : tree.chance_start[x] + tree.children[x]]
        worth[x] = (weight * below).sum(axis=0)
    elif tree.kind[x] == DECISION:
        start = tree.action_start[tree.infoset[x]]
        worth[x] = behaviour[start : start + tree.children[x]] @ below


def _some_belief(view: _View, behaviour: Floats, h: int) -> bool:
    """Whether there is any belief under which the moves made at a set are best ones.

    Sets that are reached need not be asked about: in equilibrium Bayes' own beliefs bear out what is done there.
    """
    tree = view.tree
    worth = np.zeros((tree.n_nodes, tree.n_players))
    worth[tree.terminals] = view.payoffs[tree.slot[tree.terminals]]
    for x in range(tree.n_nodes - 1, -1, -1):
        if tree.children[x]:
            _enter(view, worth, x, behaviour)
    pay = _worth_of_moves(view, worth, h)
    actions = slice(int(tree.action_start[h]), int(tree.action_start[h + 1]))
    made, can = behaviour[actions] > _NEVER, view.can[actions]
    slack = float(view.slack[tree.owner[h]])
    gaps = np.array([pay[:, b] - pay[:, a] for a in np.flatnonzero(made) for b in np.flatnonzero(can)])
    if len(pay) == 1:
        return bool(gaps.max() <= slack)
    found = linprog(np.zeros(len(pay)), gaps, np.full(len(gaps), slack), np.ones((1, len(pay))), [1.0], method="highs")
    return bool(found.status == 0)
