"""Reverse-mode derivatives of the sweep of a quantal solver, compiled, LANES draws at a time.

A sweep (`kernels.sweep`) goes from the endings to the root for the strategies and then along the histories for the
unknowns. `pull` goes through it the other way: from derivatives of anything by the log-strategies to derivatives by
the unknowns, the payoffs, the probabilities of chance and the log-odds that chance alone gives to members. What no
derivative reaches is left out, which the structure of the game alone decides; lanes never mix.

This module imports numba; it is imported when derivatives are asked for and not before.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from detente.arrays import Bools, Floats
from detente.solve.compiled.kept import njit
from detente.solve.compiled.lanes import INSIDE, KERNEL, LANES, all_lanes, at, blank, put
from detente.solve.quantal.layout import Numbers, Plan
from detente.solve.quantal.sweep import Lanes, load, sweep


class Pull(NamedTuple):
    """Derivatives by what a sweep reads and computes. Letters as in Plan."""

    value: Floats  # [rows, P, LANES]
    hot: Bools  # [rows] whether a derivative has come to the row
    log_strategy: Floats  # [A, LANES]; where `pull` has passed, by the logits
    lit: Bools  # [A] whether a derivative has come to the action
    reach: Floats  # [R, LANES]
    chance: Floats  # [K, LANES]
    offset: Floats  # [M, LANES]
    y: Floats  # [B, LANES]
    total: Floats  # [LANES]
    mean: Floats  # [LANES]
    ones: Floats  # [LANES]
    here: Floats  # [B, LANES]
    there: Floats  # [B, LANES]


def new_pull(plan: Plan, numbers: Numbers) -> Pull:
    rows, players = plan.wanted.shape
    actions, members, unknowns = int(plan.action_start[-1]), len(plan.unknown), len(plan.plus)
    return Pull(
        value=blank(rows, players),
        hot=np.zeros(rows, np.bool_),
        log_strategy=blank(actions),
        lit=np.zeros(actions, np.bool_),
        reach=blank(len(plan.step) + 1),
        chance=blank(len(numbers.chance)),
        offset=blank(members),
        y=blank(unknowns),
        total=np.zeros(LANES),
        mean=np.zeros(LANES),
        ones=np.ones(LANES),
        here=blank(unknowns),
        there=blank(unknowns),
    )


@njit(**KERNEL)
def clear(d: Pull) -> None:
    """Forget all derivatives."""
    d.hot[:] = False
    d.lit[:] = False
    d.log_strategy[:] = 0.0
    d.chance[:] = 0.0
    d.offset[:] = 0.0
    d.y[:] = 0.0


@njit(**KERNEL)
def warm(d: Pull, row: int) -> None:
    """Make a row ready to be added to."""
    if not d.hot[row]:
        d.hot[row] = True
        d.value[row] = 0.0


@njit(**INSIDE)
def more(x: Any, to: Floats, row: int, player: int) -> None:
    """Add a vector to [row, player] of an array."""
    put(at(to, row, player) + x, to, row, player)


@njit(**KERNEL)
def pull(plan: Plan, lanes: Lanes, d: Pull, deep: bool) -> None:
    """From derivatives by log-strategies, in `d`, to those by the unknowns; if `deep`, by all numbers of the game.

    `lanes` are as a sweep at t = 1 has left them.
    """
    value, strategy, n_players = lanes.value, lanes.strategy, plan.wanted.shape[1]
    first_inner = plan.wanted.shape[0] - len(plan.member_row) - len(plan.chance_row)
    masked = len(lanes.open) > 0
    for i in range(len(plan.items)):
        h = plan.items[i]
        if h < 0:
            c = -1 - h
            row, edge, child = plan.chance_row[c], plan.chance_edge[c], plan.chance_child[c]
            guess = plan.chance_guess[c]
            if not d.hot[row]:
                continue
            for k in range(plan.chance_size[c]):
                below = plan.child_row[child + k]
                if guess >= 0 and k > 0:  # what is guessed of a cut set hangs on unknowns
                    b, likely = plan.guess[guess + k], at(lanes.chance, plan.edge[edge + k, 0])
                    for q in range(n_players):
                        if plan.wanted[row, q]:
                            gap = at(value, below, q) - at(value, row, q)
                            put(at(d.y, b) + likely * gap * at(d.value, row, q), d.y, b)
                if below < first_inner and not deep:
                    continue
                warm(d, below)
                for q in range(n_players):
                    if plan.wanted[row, q]:
                        probability, here = plan.edge[edge + k, q], at(d.value, row, q)
                        more(at(lanes.chance, probability) * here, d.value, below, q)
                        if deep and guess < 0:
                            put(at(d.chance, probability) + at(value, below, q) * here, d.chance, probability)
            continue
        p, a0, a1 = plan.owner[h], plan.action_start[h], plan.action_start[h + 1]
        m0, m1 = plan.member_start[h], plan.member_start[h + 1]
        hot = False
        for a in range(a0, a1):
            hot |= d.lit[a]
        for m in range(m0, m1):
            hot |= d.hot[plan.member_row[m]]
        if not hot:
            continue
        for m in range(m0, m1):
            row = plan.member_row[m]
            if not d.hot[row]:
                continue
            for a in range(a0, a1):
                below, chosen = plan.child_row[plan.member_child[m] + a - a0], at(strategy, a)
                total = at(d.log_strategy, a)
                for q in range(n_players):
                    if plan.wanted[row, q]:
                        total += chosen * at(value, below, q) * at(d.value, row, q)
                put(total, d.log_strategy, a)
                if below >= first_inner or deep:
                    warm(d, below)
                    for q in range(n_players):
                        if plan.wanted[row, q]:
                            more(chosen * at(d.value, row, q), d.value, below, q)
        total = all_lanes(0.0)
        for a in range(a0, a1):
            if masked:
                put(at(d.log_strategy, a) * at(lanes.open, a), d.log_strategy, a)
            total += at(d.log_strategy, a)
        for a in range(a0, a1):
            put(at(d.log_strategy, a) - at(strategy, a) * total, d.log_strategy, a)
        if m1 - m0 == 1:
            for a in range(a0, a1):
                below = plan.child_row[plan.member_child[m0] + a - a0]
                if below >= first_inner or deep:
                    warm(d, below)
                    more(at(d.log_strategy, a), d.value, below, p)
            continue
        mean = all_lanes(0.0)
        for a in range(a0, a1):
            mean += at(d.log_strategy, a) * at(lanes.pay, a)
        for m in range(m0, m1):
            total, belief = all_lanes(0.0), at(lanes.belief, m)
            for a in range(a0, a1):
                below = plan.child_row[plan.member_child[m] + a - a0]
                total += at(d.log_strategy, a) * at(value, below, p)
                if below >= first_inner or deep:
                    warm(d, below)
                    more(belief * at(d.log_strategy, a), d.value, below, p)
            b = plan.unknown[m]
            if b >= 0:
                put(at(d.y, b) + belief * (total - mean), d.y, b)
            if deep:
                put(belief * (total - mean), d.offset, m)


@njit(**KERNEL)
def walk(plan: Plan, d: Pull, history: int, weight: float) -> None:
    """Give the log-reach of one history the derivative `weight`, in all lanes."""
    while history > 0:
        a = plan.step[history - 1]
        d.lit[a] = True
        put(at(d.log_strategy, a) + weight, d.log_strategy, a)
        history = plan.above[history - 1]


@njit(**KERNEL)
def follow(plan: Plan, d: Pull, by: Floats) -> None:
    """Add the derivatives `by` [B, LANES] by the unknowns that a sweep leads to."""
    d.reach[:] = 0.0
    for b in range(len(plan.plus)):
        put(at(d.reach, plan.plus[b]) + at(by, b), d.reach, plan.plus[b])
        put(at(d.reach, plan.minus[b]) - at(by, b), d.reach, plan.minus[b])
    for r in range(len(plan.step) - 1, -1, -1):
        above, a, here = plan.above[r], plan.step[r], at(d.reach, r + 1)
        d.lit[a] = True
        put(at(d.reach, above) + here, d.reach, above)
        put(at(d.log_strategy, a) + here, d.log_strategy, a)


@njit(**KERNEL)
def take_up(plan: Plan, numbers: Numbers, y: Floats, first: int, lanes: Lanes, d: Pull) -> int:
    """Put the draws from `first` on their lanes and sweep them at y [B, n]; how many there are."""
    count: int = min(LANES, y.shape[1] - first)
    for w in range(LANES):
        j = first + min(w, count - 1)  # idle lanes repeat the last draw
        load(lanes, w, numbers, j)
        for b in range(len(y)):
            d.here[b, w] = y[b, j]
    sweep(plan, lanes, d.ones, d.here, d.there)
    return count


@njit(**KERNEL)
def images(plan: Plan, numbers: Numbers, y: Floats, lanes: Lanes, d: Pull, found: Floats) -> None:
    """Set `found` [B, n] to the unknowns that the unknowns y [B, n] lead to."""
    for first in range(0, y.shape[1], LANES):
        count = take_up(plan, numbers, y, first, lanes, d)
        for b in range(len(y)):
            for w in range(count):
                found[b, first + w] = d.there[b, w]


@njit(**KERNEL)
def jacobian(plan: Plan, numbers: Numbers, y: Floats, lanes: Lanes, d: Pull, matrix: Floats) -> None:
    """Set `matrix` [n, B, B] to the derivatives of y - G(y), where G is what a sweep does to the unknowns."""
    for first in range(0, y.shape[1], LANES):
        count = take_up(plan, numbers, y, first, lanes, d)
        for b in range(len(y)):
            clear(d)
            walk(plan, d, plan.plus[b], 1.0)
            walk(plan, d, plan.minus[b], -1.0)
            pull(plan, lanes, d, False)
            for w in range(count):
                for k in range(len(y)):
                    matrix[first + w, b, k] = -d.y[k, w]
                matrix[first + w, b, b] += 1.0


@njit(**KERNEL)
def seed(lanes: Lanes, d: Pull, by: Floats, first: int, count: int) -> None:
    """Start from derivatives `by` [A, n] by the behaviour of the draws from `first` on."""
    clear(d)
    for a in range(len(by)):
        for w in range(count):
            d.log_strategy[a, w] = by[a, first + w] * lanes.strategy[a, w]
            d.lit[a] |= by[a, first + w] != 0.0
