"""Compiled walks over a tree that put a certificate to behaviour, LANES draws at a time.

The draws lie innermost, so that one vector instruction serves several of them; what a lane computes depends on its own
draw alone. What is computed is said in `certify`, which imports this module when there is something to certify. It is
kept apart from the sweeps of the solvers, and shares nothing with them but vectors' sums and products.
"""

# numba compiles what follows: plain loops are what it wants, and its decorators are untyped.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.game.tree import Game
from detente.solve.compiled.kept import njit
from detente.solve.compiled.lanes import INSIDE, KERNEL, LANES, all_lanes, at, blank, put


class Walk(NamedTuple):
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
    depth: int  # of the tree


class Numbers(NamedTuple):
    """The numbers of n draws, each array contiguous."""

    payoffs: Floats  # [S, P, n]
    chance: Floats  # [K, n]
    precision: Floats  # [P, n]
    available: Bools  # [A, n], or [0, n] where every move is available
    behaviour: Floats  # [A, n]
    log_step: Floats  # [A + K, n] logarithms of steps, a tremble for what is zero
    spread: Floats  # [P, n] of the payoffs at terminal nodes


class Lanes(NamedTuple):
    """The numbers of LANES draws, and what is made of them."""

    worth: Floats  # [S + I, P, LANES] what each player expects
    step: Floats  # [A + K, LANES]
    log_step: Floats  # [A + K, LANES]
    open: Bools  # [A, LANES]
    precision: Floats  # [P, LANES]
    spread: Floats  # [P, LANES]
    reach: Floats  # [I, LANES]
    log_reach: Floats  # [M, LANES] of members, in their owners' eyes
    pay: Floats  # [A, LANES] what the owner of a move expects from it
    logit: Floats  # [A, LANES] logarithm of the response, where a move is there
    best: Floats  # [A + 1, LANES]
    top: Floats  # [LANES]
    total: Floats  # [LANES]


@njit(**INSIDE)
def _load(numbers: Numbers, first: int, lanes: Lanes) -> None:
    """Put the draws from `first` on the lanes; the last draw also on those that are left over."""
    last, n_actions = numbers.behaviour.shape[1] - 1, len(numbers.behaviour)
    for s in range(numbers.payoffs.shape[0]):
        for p in range(numbers.payoffs.shape[1]):
            for w in range(LANES):
                lanes.worth[s, p, w] = numbers.payoffs[s, p, min(first + w, last)]
    for a in range(n_actions):
        for w in range(LANES):
            lanes.step[a, w] = numbers.behaviour[a, min(first + w, last)]
            lanes.open[a, w] = len(numbers.available) == 0 or numbers.available[a, min(first + w, last)]
    for k in range(len(numbers.chance)):
        for w in range(LANES):
            lanes.step[n_actions + k, w] = numbers.chance[k, min(first + w, last)]
    for s in range(len(numbers.log_step)):
        for w in range(LANES):
            lanes.log_step[s, w] = numbers.log_step[s, min(first + w, last)]
    for p in range(len(numbers.precision)):
        for w in range(LANES):
            lanes.precision[p, w] = numbers.precision[p, min(first + w, last)]
            lanes.spread[p, w] = numbers.spread[p, min(first + w, last)]


@njit(**INSIDE)
def _expect(walk: Walk, lanes: Lanes) -> None:
    """What each player expects at each inner node."""
    worth, step = lanes.worth, lanes.step
    for i in range(len(walk.inner) - 1, -1, -1):
        here = walk.row[walk.inner[i]]
        for p in range(worth.shape[1]):
            total = all_lanes(0.0)
            for x in range(walk.first[i], walk.first[i] + walk.size[i]):
                total += at(step, walk.step[x, p]) * at(worth, walk.row[x], p)
            put(total, worth, here, p)


@njit(**INSIDE)
def _pay(walk: Walk, lanes: Lanes) -> None:
    """What the owner of a set expects from each move, given that the set is reached: Bayes' beliefs by logarithms."""
    reach, log_reach, pay, top, total = lanes.reach, lanes.log_reach, lanes.pay, lanes.top, lanes.total
    for p in range(lanes.worth.shape[1]):
        put(0.0, reach, 0)
        for i in range(1, len(walk.inner)):
            put(at(reach, walk.inner_above[i]) + at(lanes.log_step, walk.step[walk.inner[i], p]), reach, i)
        for h in range(len(walk.owner)):
            if walk.owner[h] == p:
                for m in range(walk.member_start[h], walk.member_start[h + 1]):
                    put(at(reach, walk.member[m]), log_reach, m)
    for h in range(len(walk.owner)):
        p, m0, m1 = walk.owner[h], walk.member_start[h], walk.member_start[h + 1]
        a0, a1 = walk.action_start[h], walk.action_start[h + 1]
        for w in range(LANES):
            top[w] = log_reach[m0, w]
            total[w] = 0.0
        for m in range(m0 + 1, m1):
            for w in range(LANES):
                top[w] = max(top[w], log_reach[m, w])
        for m in range(m0, m1):
            for w in range(LANES):
                log_reach[m, w] = np.exp(log_reach[m, w] - top[w]) if m1 > m0 + 1 else 1.0
                total[w] += log_reach[m, w]
        for m in range(m0, m1):
            put(at(log_reach, m) / at(total), log_reach, m)
        for a in range(a0, a1):
            paid = all_lanes(0.0)
            for m in range(m0, m1):
                below = walk.row[walk.first[walk.member[m]] + a - a0]
                paid += at(log_reach, m) * at(lanes.worth, below, p)
            put(paid, pay, a)


@njit(**INSIDE)
def _respond(walk: Walk, lanes: Lanes) -> None:
    """How far each move is behind the best one, in place of what it pays, and the logarithm of the logit response."""
    pay, logit, top, total = lanes.pay, lanes.logit, lanes.top, lanes.total
    for h in range(len(walk.owner)):
        p, a0, a1 = walk.owner[h], walk.action_start[h], walk.action_start[h + 1]
        for w in range(LANES):
            top[w] = -np.inf
            total[w] = 0.0
        for a in range(a0, a1):
            for w in range(LANES):
                if lanes.open[a, w] and pay[a, w] > top[w]:
                    top[w] = pay[a, w]
        for a in range(a0, a1):
            for w in range(LANES):
                precision = lanes.precision[p, w]
                pay[a, w] = top[w] - pay[a, w] if lanes.open[a, w] else 0.0
                logit[a, w] = -precision * pay[a, w] if precision < np.inf else 0.0
                total[w] += np.exp(logit[a, w]) if lanes.open[a, w] else 0.0
        for w in range(LANES):
            total[w] = np.log(total[w])
        for a in range(a0, a1):
            for w in range(LANES):
                logit[a, w] -= total[w]


@njit(**INSIDE)
def _fill(walk: Walk, lanes: Lanes, tremble: float) -> bool:
    """Give moves that are too unlikely for a number the logarithm of their logit response; False if none changes."""
    low, changed, any_changed = np.log(tremble), lanes.top, False
    for w in range(LANES):
        changed[w] = 0.0
    for h in range(len(walk.owner)):
        for a in range(walk.action_start[h], walk.action_start[h + 1]):
            for w in range(LANES):
                if lanes.step[a, w] < tremble and lanes.open[a, w] and lanes.precision[walk.owner[h], w] < np.inf:
                    filled = min(lanes.logit[a, w], low)
                    if abs(filled - lanes.log_step[a, w]) > 1e-9 * abs(filled):
                        changed[w] = 1.0
                        any_changed = True
    if not any_changed:
        return False
    for h in range(len(walk.owner)):
        for a in range(walk.action_start[h], walk.action_start[h + 1]):
            for w in range(LANES):
                unlikely = lanes.step[a, w] < tremble and lanes.open[a, w]
                if changed[w] > 0 and unlikely and lanes.precision[walk.owner[h], w] < np.inf:
                    lanes.log_step[a, w] = min(lanes.logit[a, w], low)
    return True


@njit(**INSIDE)
def _residual(walk: Walk, lanes: Lanes, slack: float) -> None:
    """The largest distance between the behaviour and the response to it, into `top`; what is no number stays so."""
    worst, total = lanes.top, lanes.total
    for w in range(LANES):
        worst[w] = 0.0
    for h in range(len(walk.owner)):
        p = walk.owner[h]
        for w in range(LANES):
            total[w] = -1.0
        for a in range(walk.action_start[h], walk.action_start[h + 1]):
            for w in range(LANES):
                made = lanes.step[a, w]
                wrong = made
                if lanes.open[a, w]:
                    if lanes.precision[p, w] < np.inf:
                        wrong = abs(made - np.exp(lanes.logit[a, w]))
                    elif not lanes.pay[a, w] > slack * lanes.spread[p, w]:
                        wrong = 0.0
                total[w] += made
                if wrong > worst[w] or wrong != wrong:
                    worst[w] = wrong
        for w in range(LANES):
            wrong = abs(total[w])
            if wrong > worst[w] or wrong != wrong:
                worst[w] = wrong


@njit(**INSIDE)
def _best(walk: Walk, lanes: Lanes, p: int) -> None:
    """The most player p can have against the others, into the first row of `best`."""
    reach, best, top = lanes.reach, lanes.best, lanes.top
    for s in range(len(best)):
        put(0.0, best, s)
    put(1.0, reach, 0)
    for i in range(1, len(walk.inner)):
        x, there = walk.inner[i], at(reach, walk.inner_above[i])
        if not walk.mine[x, p]:
            there *= at(lanes.step, walk.step[x, p])
        put(there, reach, i)
    for k in range(len(walk.terminals)):
        x, there, own = walk.terminals[k], at(reach, walk.terminal_above[k]), walk.own[p, k]
        if not walk.mine[x, p]:
            there *= at(lanes.step, walk.step[x, p])
        put(at(best, own) + there * at(lanes.worth, walk.row[x], p), best, own)
    for k in range(walk.sets_start[p], walk.sets_start[p + 1]):
        h = walk.sets[k]
        for w in range(LANES):
            top[w] = -np.inf
        for a in range(walk.action_start[h], walk.action_start[h + 1]):
            for w in range(LANES):
                if lanes.open[a, w] and best[a + 1, w] > top[w]:
                    top[w] = best[a + 1, w]
        put(at(best, walk.before[h]) + at(top), best, walk.before[h])


@njit(**KERNEL)
def _audit(
    walk: Walk, numbers: Numbers, tremble: float, slack: float, lanes: Lanes, residual: Floats, gain: Floats,
    value: Floats,
) -> None:  # fmt: skip
    for first in range(0, len(residual), LANES):
        draws = min(LANES, len(residual) - first)
        _load(numbers, first, lanes)
        _expect(walk, lanes)
        for _ in range(walk.depth):
            _pay(walk, lanes)
            _respond(walk, lanes)
            if not _fill(walk, lanes, tremble):
                break
        _residual(walk, lanes, slack)
        for w in range(draws):
            residual[first + w] = lanes.top[w]
        for p in range(lanes.worth.shape[1]):
            forgets = walk.own[p, 0] < 0
            if not forgets:
                _best(walk, lanes, p)
            for w in range(draws):
                value[p, first + w] = lanes.worth[walk.row[0], p, w]
                more = lanes.best[0, w] - value[p, first + w]
                gain[p, first + w] = np.nan if forgets else 0.0 if more < 0.0 else more  # below 0 by rounding


def audit(
    walk: Walk, numbers: Numbers, tremble: float, slack: float, residual: Floats, gain: Floats, value: Floats
) -> None:
    """Enter the residual [n], and gain and value [P, n]. `tremble`, `slack`: see `certify`."""
    slots, players, _ = numbers.payoffs.shape
    actions, steps, inner, members = len(numbers.behaviour), len(numbers.log_step), len(walk.inner), len(walk.member)
    lanes = Lanes(
        worth=blank(slots + inner, players),
        step=blank(steps),
        log_step=blank(steps),
        open=np.zeros((actions, LANES), np.bool_),
        precision=blank(players),
        spread=blank(players),
        reach=blank(max(inner, 1)),
        log_reach=blank(members),
        pay=blank(actions),
        logit=blank(actions),
        best=blank(actions + 1),
        top=blank(),
        total=blank(),
    )
    _audit(walk, numbers, tremble, slack, lanes, residual, gain, value)


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
    arrays = (payoffs, chance, precision, available, behaviour, log_step, spread)
    return Numbers(*(np.ascontiguousarray(array) for array in arrays))
