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
from scipy.optimize import linprog

from detente.arrays import Bools, Floats, Longs
from detente.game.tree import CHANCE, DECISION, Game, Tree

_NEVER = 1e-12  # a probability below this is none
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


class _Trembles(NamedTuple):
    powers: Longs  # [A]
    factors: Floats  # [A]


def refine(game: Game, draw: int, behaviour: Floats, reached: Bools, tries: int = 60) -> tuple[Floats, Refinement]:
    """What kind of equilibrium a behaviour [A] is, and the behaviour that shows it.

    Sets that are not `reached` [H] by their owner's own plan are filled anew with best responses, which changes nothing
    for anybody; everything else is left as it is. `tries`: how many trembles are sampled, always the same ones.
    """
    tree = game.tree
    paid = game.payoffs[np.unique(tree.slot[tree.terminals]), :, draw]
    view = _View(
        tree,
        game.payoffs[:, :, draw],
        game.chance[tree.chance_row[:, : tree.n_players], draw],
        np.ones(tree.n_actions, np.bool_) if game.available is None else game.available[:, draw],
        1e-9 * np.ptp(paid, axis=0),
    )
    rng = np.random.default_rng(1982)
    calm = _Trembles(np.ones(tree.n_actions, np.int64), np.ones(tree.n_actions))
    first = behaviour
    for k in range(tries):
        trembles = calm
        if k:
            wide = rng.random() < 0.5
            trembles = _Trembles(
                rng.integers(1, 4, tree.n_actions) if wide else calm.powers, np.exp(2 * rng.normal(size=tree.n_actions))
            )
        filled, holds = _settle(view, behaviour, reached, trembles)
        if k == 0:
            first = filled
        if holds:
            return filled, Refinement.SEQUENTIAL
    borne_out = all(_some_belief(view, first, h) for h in _doubtful(view, first, calm))
    return first, Refinement.WEAKLY_SEQUENTIAL if borne_out else Refinement.NASH


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


def _backwards(view: _View, behaviour: Floats, beliefs: Floats, reached: Bools) -> list[int]:
    """Backwards: fill sets that are not reached, in place, and list those whose moves are not best."""
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
