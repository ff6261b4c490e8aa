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

from detente.arrays import Floats
from detente.solve.compiled.kept import njit
from detente.solve.compiled.lanes import INSIDE, KERNEL, LANES, all_lanes, at, blank, put, where_positive
from detente.solve.quantal.layout import Plan
from detente.solve.quantal.sweep import Lanes


class Slopes(NamedTuple):
    """Derivatives of what a sweep computes, in a direction of each lane. Letters as in Plan."""

    value: Floats  # [inner rows, P, LANES]
    belief: Floats  # [largest set, LANES]
    log_strategy: Floats  # [A, LANES]
    reach: Floats  # [R, LANES]


def new_slopes(plan: Plan) -> Slopes:
    """Scratch for one worker."""
    inner, players = len(plan.member_row) + len(plan.chance_row), plan.wanted.shape[1]
    largest = int(np.diff(plan.member_start).max(initial=1))
    lengths = (largest, int(plan.action_start[-1]), len(plan.step) + 1)
    return Slopes(blank(inner, players), *(blank(length) for length in lengths))


@njit(**INSIDE)
def slope(plan: Plan, lanes: Lanes, d: Slopes, t: Floats, direction: Floats, along: Floats) -> None:
    """along [B, LANES] is the derivative of the unknowns that a sweep yields, in `direction` [B + 1, LANES]: first by
    the unknowns it starts from, last by t. The lanes hold what the sweep at t [LANES] left behind."""
    value, belief, strategy, log_strategy = lanes.value, lanes.belief, lanes.strategy, d.log_strategy
    n_players, n_unknowns = plan.wanted.shape[1], len(plan.plus)
    first_inner = plan.wanted.shape[0] - len(d.value)  # rows below it hold payoffs, which do not change
    masked, sharp, sharper = len(lanes.open) > 0, at(t), at(direction, n_unknowns)
    for i in range(len(plan.items) - 1, -1, -1):
        h = plan.items[i]
        if h < 0:
            c = -1 - h
            row, edge, child = plan.chance_row[c], plan.chance_edge[c], plan.chance_child[c]
            guessed = plan.chance_guess[c]
            for q in range(n_players):
                if plan.wanted[row, q]:
                    moved = all_lanes(0.0)
                    for k in range(plan.chance_size[c]):
                        below, probability = plan.child_row[child + k], at(lanes.chance, plan.edge[edge + k, q])
                        if below >= first_inner:
                            moved += probability * at(d.value, below - first_inner, q)
                        if guessed >= 0 and k > 0:
                            more = at(value, below, q) - at(value, row, q)
                            moved += probability * at(direction, plan.guess[guessed + k]) * more
                    put(moved, d.value, row - first_inner, q)
            continue
        p, a0, a1 = plan.owner[h], plan.action_start[h], plan.action_start[h + 1]
        m0, m1 = plan.member_start[h], plan.member_start[h + 1]
        if m1 - m0 > 1:
            mean = all_lanes(0.0)
            for m in range(m0, m1):
                b = plan.unknown[m]
                if b >= 0:
                    mean += at(belief, m) * at(direction, b)
            for m in range(m0, m1):
                b, moved = plan.unknown[m], -mean
                if b >= 0:
                    moved += at(direction, b)
                put(moved * at(belief, m), d.belief, m - m0)
        mean = all_lanes(0.0)
        for a in range(a0, a1):
            paid = all_lanes(0.0)
            if m1 - m0 == 1:
                below = plan.child_row[plan.member_child[m0] + a - a0] - first_inner
                if below >= 0:
                    paid = at(d.value, below, p)
            else:
                for m in range(m0, m1):
                    row = plan.child_row[plan.member_child[m] + a - a0]
                    paid += at(d.belief, m - m0) * at(value, row, p)
                    if row >= first_inner:
                        paid += at(belief, m) * at(d.value, row - first_inner, p)
            moved = sharp * paid + sharper * at(lanes.pay, a)
            if masked:
                moved = where_positive(at(lanes.open, a), moved, 0.0)
            put(moved, log_strategy, a)
            mean += at(strategy, a) * moved
        for a in range(a0, a1):
            moved = at(log_strategy, a) - mean
            if masked:
                moved = where_positive(at(lanes.open, a), moved, 0.0)
            put(moved, log_strategy, a)
        for m in range(m0, m1):
            row, first = plan.member_row[m], plan.member_child[m] - a0
            for q in range(n_players):
                if plan.wanted[row, q]:
                    moved = all_lanes(0.0)
                    for a in range(a0, a1):
                        below = plan.child_row[first + a]
                        more = at(log_strategy, a) * at(value, below, q)
                        if below >= first_inner:
                            more += at(d.value, below - first_inner, q)
                        moved += at(strategy, a) * more
                    put(moved, d.value, row - first_inner, q)
    for r in range(len(plan.step)):
        put(at(d.reach, plan.above[r]) + at(log_strategy, plan.step[r]), d.reach, r + 1)
    for b in range(n_unknowns):
        put(at(d.reach, plan.plus[b]) - at(d.reach, plan.minus[b]), along, b)


@njit(**KERNEL)
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
