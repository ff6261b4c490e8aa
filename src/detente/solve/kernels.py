"""Compiled sweeps over a Plan, LANES draws at a time, and the climb along the principal branch (stage A).

The draws lie innermost, so that one vector instruction serves several of them. Lanes never mix: whatever a lane
computes depends on its own draw alone, to the last bit, and not on its neighbours, its place or the time it starts.

This module imports numba; it is imported when a solver is at work and not before.
"""

# numba compiles what follows: plain loops are what it wants, and its decorators are untyped.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from detente.game.tree import Floats
from detente.solve.plan import LOG_ZERO, Longs, Numbers, Plan

LANES = 16
MEMORY = 5  # differences remembered by Anderson's method
NEVER = -1e30  # stands in for the value of a move that cannot be made
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


class Settings(NamedTuple):
    """How carefully the branch is climbed. t and the unknowns have no unit (see plan.Numbers)."""

    tolerance: float = 1e-9  # largest change of a probability, estimated, at which a point counts as found
    budget: int = 500  # sweeps for a draw
    patience: int = 25  # sweeps for a point
    jump: float = 0.5  # largest distance of a point from its prediction, in log-odds
    first: float = 1.0  # first step in t
    grow: float = 1.6  # factor after an easy step
    share: float = 0.3  # largest step, as a share of t
    least: float = 1e-3  # smallest step, as a share of t
    clip: float = 2.0  # largest change of an unknown at once


class Climb(NamedTuple):
    """What the climb knows of each lane: unknowns [B, LANES] and numbers [LANES]."""

    y: Floats
    y_next: Floats  # the unknowns that y leads to
    f: Floats  # y_next - y
    f_before: Floats
    step: Floats
    y_here: Floats  # at the last point found
    y_behind: Floats  # at the point before
    y_guess: Floats  # predicted for the point sought
    df: Floats  # [MEMORY, B, LANES] Anderson's memory: differences of f,
    dy: Floats  # [MEMORY, B, LANES] differences of y,
    gram: Floats  # [MEMORY, MEMORY, LANES] inner products of the former
    system: Floats  # [MEMORY, MEMORY + 1, LANES]
    t: Floats
    t_here: Floats
    t_behind: Floats
    length: Floats  # of the step in t
    residual: Floats
    distance: Floats  # between y and y_guess
    shrink: Floats  # factor on the step
    memory: Floats  # 1 if the last sweep belongs to the point sought now, else 0
    factor: Floats
    draw: Longs  # -1 for an idle lane
    target: Longs
    tries: Longs  # sweeps for the point sought
    sweeps: Longs  # sweeps for the draw


def new_climb(n_unknowns: int) -> Climb:
    sizes = [(n_unknowns,)] * 8 + [(MEMORY, size) for size in (n_unknowns, n_unknowns, MEMORY, MEMORY + 1)] + [()] * 9
    counters = [np.full(LANES, -1), *(np.zeros(LANES, np.int64) for _ in range(3))]
    return Climb(*[np.zeros((*size, LANES)) for size in sizes], *counters)


@njit(inline="always")
def allowed(t: float, tolerance: float) -> float:
    """The error in unknowns that moves no probability by more than `tolerance`, or what rounding makes of it.

    A belief moves by a quarter of an error in its log-odds at most, and so do a payoff (they span 1) and, t times as
    much and in turn by a quarter, a probability; of which half is allowed for what errors do to one another.
    """
    return max(tolerance / max(1.0, 0.125 * t), 4e-16 * t * max(1.0, 0.125 * t))


@njit(cache=True, nogil=True)
def keep(to: Floats, column: int, source: Floats, lane: int) -> None:
    """to[:, column] = source[:, lane], which compiles faster than it reads."""
    for b in range(len(to)):
        to[b, column] = source[b, lane]


@njit(cache=True, nogil=True)
def forget(c: Climb, w: int) -> None:
    """Empty the memory of lane w."""
    for m in range(MEMORY):
        for b in range(len(c.y)):
            c.df[m, b, w] = 0.0
            c.dy[m, b, w] = 0.0
        for other in range(MEMORY):
            c.gram[m, other, w] = 0.0


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def anderson(c: Climb, newest: int) -> None:
    """Set `step` to Anderson's step for the residual f (Anderson 1965; Walker & Ni 2011), shrunk where it is long.

    The past is taken in order of age, so that a lane does not notice which place of the ring it started at.
    """
    df, dy, gram, system, f, step, factor = c.df, c.dy, c.gram, c.system, c.f, c.step, c.factor
    n_unknowns = len(f)
    for m in range(MEMORY):
        for w in range(LANES):
            gram[m, newest, w] = 0.0
        for b in range(n_unknowns):
            for w in range(LANES):
                gram[m, newest, w] += df[m, b, w] * df[newest, b, w]
        for w in range(LANES):
            gram[newest, m, w] = gram[m, newest, w]
    for w in range(LANES):
        factor[w] = 1e-30
    for age in range(MEMORY):
        m = (newest - age) % MEMORY
        for other in range(MEMORY):
            for w in range(LANES):
                system[age, other, w] = gram[m, (newest - other) % MEMORY, w]
        for w in range(LANES):
            factor[w] += 1e-10 * gram[m, m, w]
            system[age, MEMORY, w] = 0.0
        for b in range(n_unknowns):
            for w in range(LANES):
                system[age, MEMORY, w] += df[m, b, w] * f[b, w]
    for m in range(MEMORY):
        for w in range(LANES):
            system[m, m, w] += factor[w]
    for m in range(MEMORY):  # Gauss without pivots: the matrix is positive definite
        for r in range(m + 1, MEMORY):
            for w in range(LANES):
                factor[w] = system[r, m, w] / system[m, m, w]
            for k in range(m, MEMORY + 1):
                for w in range(LANES):
                    system[r, k, w] -= factor[w] * system[m, k, w]
    for m in range(MEMORY - 1, -1, -1):
        for k in range(m + 1, MEMORY):
            for w in range(LANES):
                system[m, MEMORY, w] -= system[m, k, w] * system[k, MEMORY, w]
        for w in range(LANES):
            system[m, MEMORY, w] /= system[m, m, w]
    for w in range(LANES):
        c.shrink[w] = 0.0
    for b in range(n_unknowns):
        for w in range(LANES):
            step[b, w] = f[b, w]
        for age in range(MEMORY):
            m = (newest - age) % MEMORY
            for w in range(LANES):
                step[b, w] -= system[age, MEMORY, w] * (dy[m, b, w] + df[m, b, w])
        for w in range(LANES):
            c.shrink[w] = max(c.shrink[w], abs(step[b, w]))


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def climb(
    plan: Plan,
    numbers: Numbers,
    targets: Floats,
    settings: Settings,
    lanes: Lanes,
    c: Climb,
    t_found: Floats,
    y_found: Floats,
    behaviour: Floats,
    cost: Longs,
) -> None:
    """Stage A: natural continuation in t, with a secant predictor and Anderson's method as corrector, lane by lane.

    Draw j is wanted at t = targets[k] * scale[j] for every k, in rising order; t_found [T, n], y_found [T, B, n] and
    behaviour [T, A, n] receive the points. Where the climb is given up, t_found and y_found receive the last point
    found instead. A point is refused, and the step shortened, if it lies too far from its prediction: beyond a fold
    the corrector would land on another branch.
    """
    n_targets, n_draws = t_found.shape
    following, newest = 0, 0
    while True:
        busy = False
        for w in range(LANES):
            if c.draw[w] < 0 and following < n_draws:
                load(lanes, w, numbers, following)
                c.draw[w] = following
                c.t[w], c.length[w], c.memory[w] = 0.0, settings.first, 0.0
                c.target[w], c.tries[w], c.sweeps[w] = 0, 0, 0
                following += 1
            busy |= c.draw[w] >= 0
        if not busy:
            return
        sweep(plan, lanes, c.t, c.y, c.y_next)
        newest = (newest + 1) % MEMORY
        for w in range(LANES):
            c.residual[w] = 0.0
            c.distance[w] = 0.0
        for b in range(len(c.y)):
            for w in range(LANES):
                c.f[b, w] = c.y_next[b, w] - c.y[b, w]
                c.residual[w] = max(c.residual[w], abs(c.f[b, w]))
                c.distance[w] = max(c.distance[w], abs(c.y[b, w] - c.y_guess[b, w]))
                c.df[newest, b, w] = c.f[b, w] - c.f_before[b, w]
                c.dy[newest, b, w] = c.step[b, w]
                c.f_before[b, w] = c.f[b, w]
        for w in range(LANES):
            if c.memory[w] == 0.0:
                forget(c, w)
        anderson(c, newest)
        for w in range(LANES):
            c.shrink[w] = settings.clip / max(c.shrink[w], settings.clip)
            c.memory[w] = 1.0
            j = c.draw[w]
            if j < 0:
                continue
            c.sweeps[w] += 1
            c.tries[w] += 1
            if c.sweeps[w] == 1:  # at t = 0 every strategy is uniform, whatever the beliefs
                found, lost = True, False
                keep(c.y, w, c.y_next, w)
                keep(c.y_here, w, c.y_next, w)
                c.t_here[w] = -1.0
            else:
                small = c.residual[w] <= allowed(c.t[w], settings.tolerance)
                found = small and c.distance[w] <= settings.jump
                lost = small or c.tries[w] >= settings.patience or c.distance[w] > 3.0 * settings.jump
                if c.sweeps[w] >= settings.budget:
                    lost, c.length[w] = True, 0.0
            if found:
                keep(c.y_behind, w, c.y_here, w)
                keep(c.y_here, w, c.y, w)
                c.t_behind[w], c.t_here[w] = c.t_here[w], c.t[w]
                while c.target[w] < n_targets and c.t[w] >= targets[c.target[w]] * numbers.scale[j]:
                    t_found[c.target[w], j] = c.t[w]
                    keep(y_found[c.target[w]], j, c.y, w)
                    keep(behaviour[c.target[w]], j, lanes.strategy, w)
                    c.target[w] += 1
                if c.tries[w] <= 8:
                    c.length[w] *= settings.grow
                elif c.tries[w] > 16:
                    c.length[w] *= 0.7
                c.length[w] = min(c.length[w], max(settings.share * c.t[w], settings.first))
            elif lost:
                c.length[w] = 0.35 * min(c.length[w], c.t[w] - c.t_here[w])
            else:
                continue
            c.tries[w], c.memory[w], c.shrink[w] = 0, 0.0, 0.0
            if c.target[w] == n_targets or c.length[w] < settings.least * max(c.t_here[w], settings.first):
                for k in range(c.target[w], n_targets):
                    t_found[k, j] = c.t_here[w]
                    keep(y_found[k], j, c.y_here, w)
                cost[j] = c.sweeps[w]
                c.draw[w], c.t[w] = -1, 0.0
                continue
            c.t[w] = min(c.t_here[w] + c.length[w], targets[c.target[w]] * numbers.scale[j])
            forward = (c.t[w] - c.t_here[w]) / (c.t_here[w] - c.t_behind[w])
            for b in range(len(c.y)):
                c.y[b, w] = c.y_here[b, w] + forward * (c.y_here[b, w] - c.y_behind[b, w])
                c.y_guess[b, w] = c.y[b, w]
        for b in range(len(c.y)):
            for w in range(LANES):
                c.step[b, w] *= c.shrink[w]
                c.y[b, w] += c.step[b, w]


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
