"""Compiled sweeps over a Plan, LANES draws at a time.

The draws lie innermost, so that one vector instruction serves several of them. Lanes never mix: whatever a lane
computes depends on its own draw alone, to the last bit, and not on its neighbours, its place or the time it starts.

This module imports numba; it is imported when a solver is at work and not before. Compiled code is kept beside it, and
numba looks at one file only to see whether that is stale: after a change here, touch what imports it, too.
"""

# numba compiles what follows: plain loops are what it wants, and its decorators are untyped.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from detente.game.tree import Floats
from detente.solve.plan import LOG_ZERO, Longs, Numbers, Plan

LANES = 16
NEVER = -1e30  # stands in for the value of a move that cannot be made
INSIDE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # called by compiled functions only
FAST = {"contract", "nnan", "ninf", "nsz"}  # no reassociation: `exp` rounds by adding and taking away a large number


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
    top: Floats  # [LANES]
    total: Floats  # [LANES]


@njit(inline="always", fastmath=FAST)
def exp(x: float) -> float:
    """e**x, exactly 0 below -708: reduction by ln 2 in two parts, then the Taylor series (error below one ulp)."""
    clipped = min(max(x, -708.0), 708.0)
    shifted = clipped * 1.4426950408889634 + 6755399441055744.0  # 1.5 * 2**52: rounds to an integer in the low bits
    k = shifted - 6755399441055744.0
    r = clipped - k * 0.693147180369123816490
    r -= k * 1.90821492927058770002e-10
    p = 1.6059043836821613e-10
    p = p * r + 2.08767569878681e-9
    p = p * r + 2.505210838544172e-8
    p = p * r + 2.755731922398589e-7
    p = p * r + 2.7557319223985893e-6
    p = p * r + 2.48015873015873e-5
    p = p * r + 1.984126984126984e-4
    p = p * r + 1.388888888888889e-3
    p = p * r + 8.333333333333333e-3
    p = p * r + 4.1666666666666664e-2
    p = p * r + 1.6666666666666666e-1
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    power = np.int64((np.float64(shifted).view(np.int64) + 1023) << 52).view(np.float64)
    return p * power if x >= -708.0 else 0.0


@njit(inline="always", fastmath=FAST)
def log(x: float) -> float:
    """ln x for normal x > 0: x = 2**k m with m about 1, and ln m = 2 artanh((m - 1)/(m + 1)) by its series."""
    bits = np.float64(x).view(np.int64)
    k = (bits - 0x3FE6A09E667F3BCD) >> 52
    m = np.int64(bits - (k << 52)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    p = 1.0 / 21
    p = p * q + 1.0 / 19
    p = p * q + 1.0 / 17
    p = p * q + 1.0 / 15
    p = p * q + 1.0 / 13
    p = p * q + 1.0 / 11
    p = p * q + 1.0 / 9
    p = p * q + 1.0 / 7
    p = p * q + 1.0 / 5
    p = p * q + 1.0 / 3
    p = p * q + 1.0
    return 2.0 * s * p + np.float64(k) * 0.6931471805599453


def new_lanes(plan: Plan, numbers: Numbers) -> Lanes:
    """Scratch for the sweeps of one worker."""
    rows, players = plan.wanted.shape
    actions, members = int(plan.action_start[-1]), len(plan.unknown)
    lengths = (len(numbers.chance), members, len(numbers.available), members, actions, actions, actions)
    return Lanes(
        np.zeros((rows, players, LANES)),
        *(np.zeros((length, LANES)) for length in (*lengths, len(plan.step) + 1)),
        *(np.zeros(LANES) for _ in range(2)),
    )


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", **INSIDE)
def guess(plan: Plan, lanes: Lanes, c: int, y: Floats) -> None:
    """What is done at a member of a cut set, as those above it guess from the unknowns: into the rows of `chance`."""
    g, row, size = plan.chance_guess[c], plan.edge[plan.chance_edge[c], 0], plan.chance_size[c]
    for w in range(LANES):
        highest, total = 0.0, 0.0
        for k in range(1, size):
            highest = max(highest, y[plan.guess[g + k], w])
        for k in range(size):
            lanes.chance[row + k, w] = exp((y[plan.guess[g + k], w] if k > 0 else 0.0) - highest)
            total += lanes.chance[row + k, w]
        for k in range(size):
            lanes.chance[row + k, w] /= total


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def sweep(plan: Plan, lanes: Lanes, t: Floats, y: Floats, y_next: Floats) -> None:
    """From unknowns y [B, LANES] at t [LANES]: all strategies by one backward sweep, all unknowns by one forward.

    The fixed points y = y_next are the logit agent quantal response equilibria (McKelvey & Palfrey 1998).
    """
    value, pay, belief, top, total = lanes.value, lanes.pay, lanes.belief, lanes.top, lanes.total
    strategy, log_strategy = lanes.strategy, lanes.log_strategy
    n_players = value.shape[1]
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
                    for w in range(LANES):
                        value[row, q, w] = 0.0
                    for k in range(plan.chance_size[c]):
                        probability, below = plan.edge[edge + k, q], plan.child_row[child + k]
                        for w in range(LANES):
                            value[row, q, w] += lanes.chance[probability, w] * value[below, q, w]
            continue
        p, a0, a1 = plan.owner[h], plan.action_start[h], plan.action_start[h + 1]
        m0, m1 = plan.member_start[h], plan.member_start[h + 1]
        if m1 - m0 == 1:
            for a in range(a0, a1):
                below = plan.child_row[plan.member_child[m0] + a - a0]
                for w in range(LANES):
                    pay[a, w] = value[below, p, w]
        else:
            for w in range(LANES):
                top[w] = 0.0
                total[w] = 0.0
            for m in range(m0, m1):
                for w in range(LANES):
                    belief[m, w] = lanes.offset[m, w]
                b = plan.unknown[m]
                if b >= 0:
                    for w in range(LANES):
                        belief[m, w] += y[b, w]
                for w in range(LANES):
                    top[w] = max(top[w], belief[m, w])
            for m in range(m0, m1):
                for w in range(LANES):
                    belief[m, w] = exp(belief[m, w] - top[w])
                    total[w] += belief[m, w]
            for w in range(LANES):
                total[w] = 1.0 / total[w]
            for a in range(a0, a1):
                for w in range(LANES):
                    pay[a, w] = 0.0
            for m in range(m0, m1):
                for w in range(LANES):
                    belief[m, w] *= total[w]
                for a in range(a0, a1):
                    below = plan.child_row[plan.member_child[m] + a - a0]
                    for w in range(LANES):
                        pay[a, w] += belief[m, w] * value[below, p, w]
        if masked:
            for a in range(a0, a1):
                for w in range(LANES):
                    pay[a, w] = pay[a, w] if lanes.open[a, w] > 0.0 else NEVER
        for w in range(LANES):
            top[w] = pay[a0, w]
            total[w] = 0.0
        for a in range(a0 + 1, a1):
            for w in range(LANES):
                top[w] = max(top[w], pay[a, w])
        for a in range(a0, a1):
            for w in range(LANES):
                log_strategy[a, w] = t[w] * (pay[a, w] - top[w])
                strategy[a, w] = exp(log_strategy[a, w])
            if masked:
                for w in range(LANES):
                    strategy[a, w] *= lanes.open[a, w]
            for w in range(LANES):
                total[w] += strategy[a, w]
        for w in range(LANES):
            top[w] = log(total[w])
            total[w] = 1.0 / total[w]
        for a in range(a0, a1):
            for w in range(LANES):
                strategy[a, w] *= total[w]
                log_strategy[a, w] -= top[w]
            if masked:
                for w in range(LANES):
                    log_strategy[a, w] = log_strategy[a, w] if lanes.open[a, w] > 0.0 else LOG_ZERO
        for m in range(m0, m1):
            row = plan.member_row[m]
            for q in range(n_players):
                if plan.wanted[row, q]:
                    for w in range(LANES):
                        value[row, q, w] = 0.0
                    for a in range(a0, a1):
                        below = plan.child_row[plan.member_child[m] + a - a0]
                        for w in range(LANES):
                            value[row, q, w] += strategy[a, w] * value[below, q, w]
    for r in range(len(plan.step)):
        above, a = plan.above[r], plan.step[r]
        for w in range(LANES):
            lanes.reach[r + 1, w] = lanes.reach[above, w] + log_strategy[a, w]
    for b in range(len(plan.plus)):
        here, there = plan.plus[b], plan.minus[b]
        for w in range(LANES):
            y_next[b, w] = lanes.reach[here, w] - lanes.reach[there, w]


@njit(inline="always")
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
