"""Compiled sweeps over a Plan, LANES draws at a time.

The draws lie innermost, so that one vector instruction serves several of them. Lanes never mix: whatever a lane
computes depends on its own draw alone, to the last bit, and not on its neighbours, its place or the time it starts.

This module imports numba; it is imported when a solver is at work and not before.
"""

# numba compiles what follows: plain loops are what it wants, and its decorators are untyped.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Floats, Longs
from detente.solve.compiled.kept import njit
from detente.solve.compiled.lanes import (
    INSIDE,
    KERNEL,
    LANES,
    all_lanes,
    at,
    blank,
    exp,
    largest,
    log,
    put,
    where_positive,
)
from detente.solve.quantal.layout import LOG_ZERO, Numbers, Plan

NEVER = -1e30  # stands in for the value of a move that cannot be made


class Lanes(NamedTuple):
    """What a sweep reads and leaves behind. Letters as in Plan."""

    value: Floats  # [rows, P, LANES] what each player expects
    chance: Floats  # [K, LANES]
    offset: Floats  # [M, LANES] log-odds of members by chance alone
    open: Floats  # [A, LANES] 1 where a move can be made, else 0; [0, LANES] if all always can
    belief: Floats  # [M, LANES] in sets of several members
    pay: Floats  # [A, LANES] what its owner expects from a move
    strategy: Floats  # [A, LANES]
    log_strategy: Floats  # [A, LANES]
    reach: Floats  # [R, LANES] strategy log-reach of histories


def new_lanes(plan: Plan, numbers: Numbers) -> Lanes:
    """Scratch for the sweeps of one worker."""
    rows, players = plan.wanted.shape
    actions, members = int(plan.action_start[-1]), len(plan.unknown)
    lengths = (len(numbers.chance), members, len(numbers.available), members, actions, actions, actions)
    return Lanes(blank(rows, players), *(blank(length) for length in (*lengths, len(plan.step) + 1)))


@njit(**KERNEL)
def load(lanes: Lanes, w: int, numbers: Numbers, j: int) -> None:
    """Put draw j on lane w."""
    for s in range(numbers.payoffs.shape[0]):
        for p in range(numbers.payoffs.shape[1]):
            lanes.value[s, p, w] = numbers.payoffs[s, p, j]
    for c in range(len(numbers.chance)):
        lanes.chance[c, w] = numbers.chance[c, j]
    for m in range(len(numbers.offset)):
        lanes.offset[m, w] = numbers.offset[m, j]
    for a in range(len(numbers.available)):
        lanes.open[a, w] = numbers.available[a, j]


@njit(**INSIDE)
def guess(plan: Plan, lanes: Lanes, c: int, y: Floats) -> None:
    """What is done at a member of a cut set, as those above it guess from the unknowns: into the rows of `chance`."""
    g, row, size = plan.chance_guess[c], plan.edge[plan.chance_edge[c], 0], plan.chance_size[c]
    highest, total = all_lanes(0.0), all_lanes(1e-300)
    for k in range(1, size):
        highest = largest(highest, at(y, plan.guess[g + k]))
    for k in range(size):
        odds = exp(at(y, plan.guess[g + k]) - highest) if k > 0 else exp(-highest)
        put(odds, lanes.chance, row + k)
        total += odds
    for k in range(size):
        put(at(lanes.chance, row + k) / total, lanes.chance, row + k)


@njit(**KERNEL)
def sweep(plan: Plan, lanes: Lanes, t: Floats, y: Floats, y_next: Floats) -> None:
    """From unknowns y [B, LANES] at t [LANES]: all strategies by one backward sweep, all unknowns by one forward.

    The fixed points y = y_next are the logit agent quantal response equilibria (McKelvey & Palfrey 1998).
    """
    value, pay, belief, strategy = lanes.value, lanes.pay, lanes.belief, lanes.strategy
    log_strategy, reach = lanes.log_strategy, lanes.reach
    n_players, sharp = value.shape[1], at(t)
    masked = len(lanes.open) > 0
    for i in range(len(plan.items) - 1, -1, -1):
        h = plan.items[i]
        if h < 0:
            c = -1 - h
            row, edge, child = plan.chance_row[c], plan.chance_edge[c], plan.chance_child[c]
            if plan.chance_guess[c] >= 0:
                guess(plan, lanes, c, y)
            for q in range(n_players):
                if plan.wanted[row, q]:
                    expected = all_lanes(0.0)
                    for k in range(plan.chance_size[c]):
                        expected += at(lanes.chance, plan.edge[edge + k, q]) * at(value, plan.child_row[child + k], q)
                    put(expected, value, row, q)
            continue
        p, a0, a1 = plan.owner[h], plan.action_start[h], plan.action_start[h + 1]
        m0, m1 = plan.member_start[h], plan.member_start[h + 1]
        top = all_lanes(NEVER)
        if m1 - m0 == 1:
            first = plan.member_child[m0] - a0
            for a in range(a0, a1):
                paid = at(value, plan.child_row[first + a], p)
                if masked:
                    paid = where_positive(at(lanes.open, a), paid, NEVER)
                put(paid, pay, a)
                top = largest(top, paid)
        else:
            highest, total = all_lanes(0.0), all_lanes(0.0)
            for m in range(m0, m1):
                odds = at(lanes.offset, m)
                b = plan.unknown[m]
                if b >= 0:
                    odds += at(y, b)
                put(odds, belief, m)
                highest = largest(highest, odds)
            for m in range(m0, m1):
                likely = exp(at(belief, m) - highest)
                put(likely, belief, m)
                total += likely
            total = 1.0 / total
            for m in range(m0, m1):
                put(at(belief, m) * total, belief, m)
            for a in range(a0, a1):
                paid = all_lanes(0.0)
                for m in range(m0, m1):
                    paid += at(belief, m) * at(value, plan.child_row[plan.member_child[m] + a - a0], p)
                if masked:
                    paid = where_positive(at(lanes.open, a), paid, NEVER)
                put(paid, pay, a)
                top = largest(top, paid)
        total = all_lanes(0.0)
        for a in range(a0, a1):
            logit = sharp * (at(pay, a) - top)
            odds = exp(logit)
            if masked:
                odds *= at(lanes.open, a)
            put(logit, log_strategy, a)
            put(odds, strategy, a)
            total += odds
        top, total = log(total), 1.0 / total
        for a in range(a0, a1):
            logit = at(log_strategy, a) - top
            if masked:
                logit = where_positive(at(lanes.open, a), logit, LOG_ZERO)
            put(logit, log_strategy, a)
            put(at(strategy, a) * total, strategy, a)
        for m in range(m0, m1):
            row, first = plan.member_row[m], plan.member_child[m] - a0
            for q in range(n_players):
                if plan.wanted[row, q]:
                    expected = all_lanes(0.0)
                    for a in range(a0, a1):
                        expected += at(strategy, a) * at(value, plan.child_row[first + a], q)
                    put(expected, value, row, q)
    for r in range(len(plan.step)):
        put(at(reach, plan.above[r]) + at(log_strategy, plan.step[r]), reach, r + 1)
    for b in range(len(plan.plus)):
        put(at(reach, plan.plus[b]) - at(reach, plan.minus[b]), y_next, b)


@njit(inline="always", **KERNEL)
def allowed(t: float, tolerance: float) -> float:
    """The error in unknowns that moves no probability by more than `tolerance`, or what rounding makes of it.

    A belief moves by a quarter of an error in its log-odds at most, and so do a payoff (they span 1) and, t times as
    much and in turn by a quarter, a probability; of which half is allowed for what errors do to one another.
    """
    return max(tolerance / max(1.0, 0.125 * t), 4e-16 * t * max(1.0, 0.125 * t))


def settle(plan: Plan, numbers: Numbers, t: Floats, y: Floats, draws: Longs) -> Floats:
    """Behaviour [A, n] of some draws from the unknowns y [B, n] at t [n]."""
    lanes, there, unknowns = new_lanes(plan, numbers), np.zeros(LANES), np.zeros((len(y), LANES))
    behaviour = np.empty((len(lanes.strategy), len(draws)))
    for first in range(0, len(draws), LANES):
        some = draws[first : first + LANES]
        for w, j in enumerate(some):
            load(lanes, w, numbers, j)
        there[: len(some)], unknowns[:, : len(some)] = t[first : first + LANES], y[:, first : first + LANES]
        sweep(plan, lanes, there, unknowns, np.empty_like(unknowns))
        behaviour[:, first : first + LANES] = lanes.strategy[:, : len(some)]
    return behaviour
