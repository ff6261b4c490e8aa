"""Tracing the principal branch by arclength, one draw at a time (stage B).

Points of the branch are x = (y, t) with F(x) = y - G(y, t) = 0, where G is what a sweep does to the unknowns. A step
goes along the tangent and is corrected by Newton's method in the hyperplane across it, so that the branch may turn
back in t (Allgower & Georg 1990; Turocy 2005, 2010). The sign of the determinant of the Jacobian, bordered by the
tangent, does not change along a branch unless another crosses it: a step that changes it has jumped, and is refused.
Only if that happens however short the step is, has it met a crossing (a fork, as symmetric games have), and goes
straight on. A fork that is not quite symmetric looks like one from afar but is none: the branch bends, within about
the asymmetry to the power of 2/3. So that neither a rounding error nor what the corrector leaves is taken for such an
asymmetry, points are corrected as far as rounding allows from the first step on that was refused for its sign.

Derivatives are exact: tangents of G in WIDTH directions at once, alongside the sweep.

This module imports numba; it is imported when a draw must be traced and not before.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from detente.game.tree import Bools, Floats
from detente.solve.kernels import FAST, LANES, Lanes, allowed, load, sweep
from detente.solve.plan import Longs, Numbers, Plan

WIDTH = 8


class Stride(NamedTuple):
    """How carefully the branch is traced. Lengths are in the space of unknowns and t."""

    tolerance: float = 1e-10  # as in climb.Settings
    budget: int = 4000  # sweeps for a draw
    first: float = 0.5  # first step
    longest: float = 8.0  # longest step,
    share: float = 0.2  # or this share of t, if that is longer
    shortest: float = 1e-10
    straight: float = 0.9  # smallest cosine of the angle between successive tangents
    corrections: int = 7  # of a point
    close: float = 1e-3  # corrections shorter than this need not shrink
    fork: float = 1e-6  # a step as short as this (or this share of t) that changes the sign has met a fork
    rounding: float = 1e-15  # a point is found, whatever is left of F, if its last correction was this share of t
    polish: int = 2  # further corrections of a point near a fork,
    clear: float = 1e-2  # until a step as long as this is made beyond it


class Slopes(NamedTuple):
    """Derivatives of what a sweep computes, in WIDTH directions."""

    value: Floats  # [rows, P, WIDTH]
    hot: Bools  # [rows] whether the values of a row change at all
    log_strategy: Floats  # [A, WIDTH]
    reach: Floats  # [R, WIDTH]
    mean: Floats  # [WIDTH]


class Trace(NamedTuple):
    """Points and directions in the space of unknowns and t [B + 1], and the bordered Jacobian."""

    x: Floats
    here: Floats  # the last point found
    tangent: Floats
    step: Floats
    matrix: Floats  # [B + 1, B + 1]
    y: Floats  # [B, LANES]
    y_next: Floats  # [B, LANES]
    t: Floats  # [LANES]


def new_slopes(plan: Plan) -> Slopes:
    rows, players = plan.wanted.shape
    actions = int(plan.action_start[-1])
    return Slopes(
        np.zeros((rows, players, WIDTH)),
        np.zeros(rows, np.bool_),
        np.zeros((actions, WIDTH)),
        np.zeros((len(plan.step) + 1, WIDTH)),
        np.zeros(WIDTH),
    )


def new_trace(n_unknowns: int) -> Trace:
    size = n_unknowns + 1
    lanes = np.zeros((2, n_unknowns, LANES))
    points = [np.zeros(size) for _ in range(4)]
    return Trace(
        points[0], points[1], points[2], points[3], np.zeros((size, size)), lanes[0], lanes[1], np.zeros(LANES)
    )


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def slopes(plan: Plan, lanes: Lanes, d: Slopes, t: float, first: int, jacobian: Floats) -> None:
    """Columns first .. first + WIDTH of the derivative of G by (y, t), after a sweep with the draw on lane 0."""
    n_unknowns, n_players = len(plan.plus), plan.wanted.shape[1]
    by_t = n_unknowns - first  # the direction that moves t, if it is among them
    value, masked = lanes.value, len(lanes.open) > 0
    for i in range(len(plan.items) - 1, -1, -1):
        h = plan.items[i]
        if h < 0:
            c = -1 - h
            row, edge, child = plan.chance_row[c], plan.chance_edge[c], plan.chance_child[c]
            guess, d.hot[row] = plan.chance_guess[c], False
            for k in range(plan.chance_size[c]):
                d.hot[row] |= d.hot[plan.child_row[child + k]]
                d.hot[row] |= guess >= 0 and first <= plan.guess[guess + k] < first + WIDTH
            if d.hot[row]:
                for q in range(n_players):
                    for e in range(WIDTH):
                        d.value[row, q, e] = 0.0
                    for k in range(plan.chance_size[c]):
                        below = plan.child_row[child + k]
                        if d.hot[below]:
                            probability = lanes.chance[plan.edge[edge + k, q], 0]
                            for e in range(WIDTH):
                                d.value[row, q, e] += probability * d.value[below, q, e]
                        if guess >= 0 and first <= plan.guess[guess + k] < first + WIDTH:
                            odds, more = plan.guess[guess + k] - first, value[below, q, 0] - value[row, q, 0]
                            d.value[row, q, odds] += lanes.chance[plan.edge[edge + k, q], 0] * more
            continue
        p, a0, a1 = plan.owner[h], plan.action_start[h], plan.action_start[h + 1]
        m0, m1 = plan.member_start[h], plan.member_start[h + 1]
        hot = by_t < WIDTH
        for m in range(m0, m1):
            hot |= first <= plan.unknown[m] < first + WIDTH
            for a in range(a0, a1):
                hot |= d.hot[plan.child_row[plan.member_child[m] + a - a0]]
        for m in range(m0, m1):
            d.hot[plan.member_row[m]] = hot
        if not hot:
            for a in range(a0, a1):
                for e in range(WIDTH):
                    d.log_strategy[a, e] = 0.0
            continue
        mean = 0.0
        for a in range(a0, a1):
            mean += lanes.strategy[a, 0] * lanes.pay[a, 0]
        d.mean[:] = 0.0
        for a in range(a0, a1):
            for e in range(WIDTH):
                d.log_strategy[a, e] = 0.0
            if masked and lanes.open[a, 0] == 0.0:
                continue
            if by_t < WIDTH:
                d.log_strategy[a, by_t] = lanes.pay[a, 0] - mean
            for m in range(m0, m1):
                below = plan.child_row[plan.member_child[m] + a - a0]
                weight = t * lanes.belief[m, 0] if m1 - m0 > 1 else t
                if d.hot[below]:
                    for e in range(WIDTH):
                        d.log_strategy[a, e] += weight * d.value[below, p, e]
                b = plan.unknown[m]
                if first <= b < first + WIDTH:
                    d.log_strategy[a, b - first] += weight * (value[below, p, 0] - lanes.pay[a, 0])
            for e in range(WIDTH):
                d.mean[e] += lanes.strategy[a, 0] * d.log_strategy[a, e]
        for a in range(a0, a1):
            if not masked or lanes.open[a, 0] > 0.0:
                for e in range(WIDTH):
                    d.log_strategy[a, e] -= d.mean[e]
        for m in range(m0, m1):
            row = plan.member_row[m]
            for q in range(n_players):
                if plan.wanted[row, q]:
                    for e in range(WIDTH):
                        d.value[row, q, e] = 0.0
                    for a in range(a0, a1):
                        below = plan.child_row[plan.member_child[m] + a - a0]
                        s, v = lanes.strategy[a, 0], value[below, q, 0]
                        for e in range(WIDTH):
                            d.value[row, q, e] += s * v * d.log_strategy[a, e]
                        if d.hot[below]:
                            for e in range(WIDTH):
                                d.value[row, q, e] += s * d.value[below, q, e]
    for r in range(len(plan.step)):
        for e in range(WIDTH):
            d.reach[r + 1, e] = d.reach[plan.above[r], e] + d.log_strategy[plan.step[r], e]
    for b in range(n_unknowns):
        for e in range(min(WIDTH, n_unknowns + 1 - first)):
            jacobian[b, first + e] = d.reach[plan.plus[b], e] - d.reach[plan.minus[b], e]


@njit(cache=True, nogil=True, error_model="numpy")
def eliminate(a: Floats, x: Floats) -> int:
    """Solve a x = x in place by Gauss with row pivots; the sign of the determinant of a, 0 if a is singular."""
    n, sign = len(x), 1
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[pivot, k]):
                pivot = i
        if not abs(a[pivot, k]) > 1e-300:
            return 0
        if pivot != k:
            sign = -sign
            for j in range(k, n):
                a[k, j], a[pivot, j] = a[pivot, j], a[k, j]
            x[k], x[pivot] = x[pivot], x[k]
        if a[k, k] < 0.0:
            sign = -sign
        for i in range(k + 1, n):
            if a[i, k] != 0.0:
                factor = a[i, k] / a[k, k]
                for j in range(k + 1, n):
                    a[i, j] -= factor * a[k, j]
                x[i] -= factor * x[k]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            x[k] -= a[k, j] * x[j]
        x[k] /= a[k, k]
    return sign


@njit(cache=True, nogil=True, error_model="numpy")
def linearise(plan: Plan, lanes: Lanes, d: Slopes, c: Trace) -> float:
    """A sweep at x: -F into `step`, the Jacobian of F into the upper rows of `matrix`; the largest |F|."""
    n = len(c.x) - 1
    for b in range(n):
        c.y[b, 0] = c.x[b]
    c.t[0] = c.x[n]
    sweep(plan, lanes, c.t, c.y, c.y_next)
    largest = 0.0
    for b in range(n):
        c.step[b] = c.y_next[b, 0] - c.x[b]
        largest = max(largest, abs(c.step[b])) if c.step[b] == c.step[b] else np.inf
    for first in range(0, n + 1, WIDTH):
        slopes(plan, lanes, d, c.x[n], first, c.matrix)
    for b in range(n):
        for k in range(n + 1):
            c.matrix[b, k] = -c.matrix[b, k]
        c.matrix[b, b] += 1.0
    return largest


@njit(cache=True, nogil=True, error_model="numpy")
def trace(
    plan: Plan,
    numbers: Numbers,
    targets: Floats,
    stride: Stride,
    draws: Longs,
    start: bool,
    lanes: Lanes,
    d: Slopes,
    c: Trace,
    t_found: Floats,
    y_found: Floats,
    cost: Longs,
    folds: Longs,
    forks: Longs,
) -> None:
    """Trace the branch of some draws to the targets that t_found [T, n] and y_found [T, B, n] do not hold yet.

    Starts from the point they hold for the last target, or at t = 0 if `start`. What they hold afterwards is as in
    climb.climb. Adds to `cost` [n] the sweeps, to `folds` [n] how often the branch turned, and to `forks` [n] how many
    forks it went straight through.
    """
    n, n_targets = len(c.x) - 1, len(targets)
    for j in draws:
        scale = numbers.scale[j]
        load(lanes, 0, numbers, j)
        target = 0
        if start:
            c.x[:] = 0.0
            linearise(plan, lanes, d, c)
            for b in range(n):
                c.x[b] = c.y_next[b, 0]
            while target < n_targets and targets[target] <= 0.0:
                t_found[target, j] = 0.0
                y_found[target, :, j] = c.x[:n]
                target += 1
        else:
            c.x[:n] = y_found[n_targets - 1, :, j]
            c.x[n] = t_found[n_targets - 1, j]
            while target < n_targets and t_found[target, j] >= targets[target] * scale:
                target += 1
        c.here[:] = c.x
        c.tangent[:] = 0.0
        c.tangent[n] = 1.0
        length, tried, before = stride.first, stride.first, 0.0
        orientation, corrections, sweeps, landing, fresh = 0, 0, 0, False, True
        polish, polished, passed, settled = 0, 0, forks[j], False
        while sweeps < stride.budget and target < n_targets and length > stride.shortest and c.x[n] > -1.0:
            error = linearise(plan, lanes, d, c)
            sweeps += 1
            found = error <= allowed(c.x[n], stride.tolerance) or (settled and error < stride.close)
            if found and polished < polish:
                found, polished = False, polished + 1
            if found:  # solve for the tangent
                c.step[:] = 0.0
            c.step[n] = 1.0 if found else 0.0
            for k in range(n + 1):
                c.matrix[n, k] = c.tangent[k]
            if landing and not found:
                c.matrix[n, :] = 0.0
                c.matrix[n, n] = 1.0
            sign = eliminate(c.matrix, c.step)
            size = np.sqrt(np.sum(c.step * c.step))
            refused = sign == 0 or not size < 1e30
            if found and not refused:
                straight = np.sum(c.step * c.tangent) / size
                refused = not fresh and straight < stride.straight
                if not fresh and sign != orientation and tried > stride.fork * max(1.0, c.here[n]):
                    refused, polish = True, stride.polish
                if not refused:
                    goal = targets[target] * scale
                    if not landing and not fresh and c.here[n] < goal <= c.x[n]:
                        share = (goal - c.here[n]) / (c.x[n] - c.here[n])  # overshot: land on the target
                        for k in range(n + 1):
                            c.x[k] = c.here[k] + share * (c.x[k] - c.here[k])
                        c.x[n], landing, corrections, polished, settled, tried = goal, True, 0, 0, False, tried * share
                        continue
                    forks[j] += not fresh and sign != orientation
                    orientation = sign
                    folds[j] += not fresh and c.step[n] * c.tangent[n] < 0.0
                    for k in range(n + 1):
                        c.tangent[k] = c.step[k] / size
                    c.here[:] = c.x
                    while landing and target < n_targets and c.x[n] >= targets[target] * scale:
                        t_found[target, j] = c.x[n]
                        y_found[target, :, j] = c.x[:n]
                        target += 1
                    if not fresh:
                        easy = corrections - polished
                        length *= (2.0, 2.0, 2.0, 1.4, 1.0)[easy] if easy <= 4 else 0.6
                        if forks[j] > passed and tried > stride.clear:
                            polish, passed = 0, forks[j]
                    length = min(length, max(stride.longest, stride.share * c.x[n]))
                    fresh = False
            elif not refused:
                if not fresh:
                    limit = 0.6 * tried if corrections == 0 else 0.7 * before
                    refused = corrections - polished >= stride.corrections or (size > limit and size > stride.close)
                elif corrections >= 4 * stride.corrections:
                    break
                if not refused:
                    before = size
                    corrections += 1
                    settled = size <= stride.rounding * max(10.0, c.x[n])
                    for k in range(n + 1):
                        c.x[k] += c.step[k]
                    if landing:
                        c.x[n] = targets[target] * scale
                    continue
            if refused:
                if fresh:
                    break
                length = 0.4 * min(length, tried)
            corrections, polished, settled, landing, tried = 0, 0, False, False, length
            if target < n_targets and c.tangent[n] > 0.0:
                goal = targets[target] * scale
                if c.here[n] + length * c.tangent[n] >= goal:
                    tried, landing = (goal - c.here[n]) / c.tangent[n], True
            for k in range(n + 1):
                c.x[k] = c.here[k] + tried * c.tangent[k]
            if landing:
                c.x[n] = goal
        cost[j] += sweeps
        for k in range(target, n_targets):
            t_found[k, j] = c.here[n]
            y_found[k, :, j] = c.here[:n]


@njit(cache=True, nogil=True, error_model="numpy")
def crossed(
    plan: Plan, numbers: Numbers, draws: Longs, t: Floats, y: Floats, lanes: Lanes, d: Slopes, c: Trace, found: Bools
) -> None:
    """Set `found` [n] where the points y [B, n] at t [n] of some draws lie beyond a fork, or on another branch.

    The determinant of the derivative of F by y is 1 at t = 0. Wherever the branch rises it is positive, however often
    it turned before, unless it went straight through a fork.
    """
    n = len(c.x) - 1
    for j in draws:
        load(lanes, 0, numbers, j)
        c.x[:n] = y[:, j]
        c.x[n] = t[j]
        linearise(plan, lanes, d, c)
        c.matrix[n, :] = 0.0
        c.matrix[n, n] = 1.0
        c.step[:] = 0.0
        found[j] |= eliminate(c.matrix, c.step) <= 0
