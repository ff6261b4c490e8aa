"""Derivatives of a sweep, LANES draws at a time, compiled.

What `kernels.sweep` computes is differentiated exactly along one direction for each lane, by the chain rule alongside
the sweep. A product of the Jacobian with a vector costs about as much as a sweep and a half; the Jacobian itself is
hardly ever needed.

This module imports numba; it is imported when a solver is at work and not before.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from detente.game.tree import Floats
from detente.solve.kernels import FAST, INSIDE, LANES, Lanes
from detente.solve.plan import Plan


class Slopes(NamedTuple):
    """Derivatives of what a sweep computes, in a direction of each lane. Letters as in Plan."""

    value: Floats  # [inner rows, P, LANES]
    belief: Floats  # [largest set, LANES]
    log_strategy: Floats  # [A, LANES]
    reach: Floats  # [R, LANES]
    mean: Floats  # [LANES]


def new_slopes(plan: Plan) -> Slopes:
    """Scratch for one worker."""
    inner, players = len(plan.member_row) + len(plan.chance_row), plan.wanted.shape[1]
    largest = int(np.diff(plan.member_start).max(initial=1))
    lengths = (largest, int(plan.action_start[-1]), len(plan.step) + 1)
    values = np.zeros((inner, players, LANES))
    return Slopes._make([values, *(np.zeros((length, LANES)) for length in lengths), np.zeros(LANES)])


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", **INSIDE)
def slope(plan: Plan, lanes: Lanes, d: Slopes, t: Floats, direction: Floats, along: Floats) -> None:
    """along [B, LANES] is the derivative of the unknowns that a sweep yields, in `direction` [B + 1, LANES]: first by
    the unknowns it starts from, last by t. The lanes hold what the sweep at t [LANES] left behind."""
    value, belief, strategy, pay, mean = lanes.value, lanes.belief, lanes.strategy, lanes.pay, d.mean
    n_players, n_unknowns = plan.wanted.shape[1], len(plan.plus)
    first_inner = plan.wanted.shape[0] - len(d.value)  # rows below it hold payoffs, which do not change
    masked = len(lanes.open) > 0
    for i in range(len(plan.items) - 1, -1, -1):
        h = plan.items[i]
        if h < 0:
            c = -1 - h
            row, edge, child = plan.chance_row[c], plan.chance_edge[c], plan.chance_child[c]
            for q in range(n_players):
                if plan.wanted[row, q]:
                    for w in range(LANES):
                        d.value[row - first_inner, q, w] = 0.0
                    for k in range(plan.chance_size[c]):
                        probability, below = plan.edge[edge + k, q], plan.child_row[child + k] - first_inner
                        if below >= 0:
                            for w in range(LANES):
                                d.value[row - first_inner, q, w] += lanes.chance[probability, w] * d.value[below, q, w]
                        if plan.chance_guess[c] >= 0 and k > 0:
                            odds = plan.guess[plan.chance_guess[c] + k]
                            for w in range(LANES):
                                more = value[below + first_inner, q, w] - value[row, q, w]
                                d.value[row - first_inner, q, w] += (
                                    lanes.chance[probability, w] * direction[odds, w] * more
                                )
            continue
        p, a0, a1 = plan.owner[h], plan.action_start[h], plan.action_start[h + 1]
        m0, m1 = plan.member_start[h], plan.member_start[h + 1]
        for a in range(a0, a1):
            for w in range(LANES):
                d.log_strategy[a, w] = 0.0
        if m1 - m0 == 1:
            for a in range(a0, a1):
                below = plan.child_row[plan.member_child[m0] + a - a0] - first_inner
                if below >= 0:
                    for w in range(LANES):
                        d.log_strategy[a, w] = d.value[below, p, w]
        else:
            for w in range(LANES):
                mean[w] = 0.0
            for m in range(m0, m1):
                b = plan.unknown[m]
                if b >= 0:
                    for w in range(LANES):
                        mean[w] += belief[m, w] * direction[b, w]
            for m in range(m0, m1):
                b = plan.unknown[m]
                for w in range(LANES):
                    d.belief[m - m0, w] = -mean[w]
                if b >= 0:
                    for w in range(LANES):
                        d.belief[m - m0, w] += direction[b, w]
                for w in range(LANES):
                    d.belief[m - m0, w] *= belief[m, w]
                for a in range(a0, a1):
                    row = plan.child_row[plan.member_child[m] + a - a0]
                    for w in range(LANES):
                        d.log_strategy[a, w] += d.belief[m - m0, w] * value[row, p, w]
                    if row >= first_inner:
                        for w in range(LANES):
                            d.log_strategy[a, w] += belief[m, w] * d.value[row - first_inner, p, w]
        for w in range(LANES):
            mean[w] = 0.0
        for a in range(a0, a1):
            for w in range(LANES):
                d.log_strategy[a, w] = t[w] * d.log_strategy[a, w] + direction[n_unknowns, w] * pay[a, w]
            if masked:
                for w in range(LANES):
                    d.log_strategy[a, w] = d.log_strategy[a, w] if lanes.open[a, w] > 0.0 else 0.0
            for w in range(LANES):
                mean[w] += strategy[a, w] * d.log_strategy[a, w]
        for a in range(a0, a1):
            for w in range(LANES):
                d.log_strategy[a, w] -= mean[w]
            if masked:
                for w in range(LANES):
                    d.log_strategy[a, w] = d.log_strategy[a, w] if lanes.open[a, w] > 0.0 else 0.0
        for m in range(m0, m1):
            row = plan.member_row[m]
            for q in range(n_players):
                if plan.wanted[row, q]:
                    for w in range(LANES):
                        d.value[row - first_inner, q, w] = 0.0
                    for a in range(a0, a1):
                        below = plan.child_row[plan.member_child[m] + a - a0]
                        for w in range(LANES):
                            d.value[row - first_inner, q, w] += (
                                strategy[a, w] * d.log_strategy[a, w] * value[below, q, w]
                            )
                        if below >= first_inner:
                            for w in range(LANES):
                                d.value[row - first_inner, q, w] += strategy[a, w] * d.value[below - first_inner, q, w]
    for r in range(len(plan.step)):
        above, a = plan.above[r], plan.step[r]
        for w in range(LANES):
            d.reach[r + 1, w] = d.reach[above, w] + d.log_strategy[a, w]
    for b in range(n_unknowns):
        here, there = plan.plus[b], plan.minus[b]
        for w in range(LANES):
            along[b, w] = d.reach[here, w] - d.reach[there, w]


@njit(cache=True, nogil=True)
def jacobian(plan: Plan, lanes: Lanes, d: Slopes, t: float) -> Floats:
    """[B, B] the derivative of the unknowns by those the sweep started from, of the draw that is on every lane, with
    answers as sharp as at t (which may be less than the t of the sweep)."""
    n = len(plan.plus)
    found = np.empty((n, n))
    direction, along, there = np.zeros((n + 1, LANES)), np.empty((n, LANES)), np.full(LANES, t)
    for first in range(0, n, LANES):
        some = np.arange(first, min(first + LANES, n))
        direction[:] = 0.0
        direction[some, some - first] = 1.0
        slope(plan, lanes, d, there, direction, along)
        found[:, some] = along[:, : len(some)]
    return found
