"""Climbing along the principal branch with many draws abreast (stage A), compiled.

Natural continuation in t: a secant predictor, and Anderson's method as corrector of the unknowns. Each lane has a draw,
a point and a step length of its own, and takes the next draw when it is done. As in `kernels`, nothing a lane computes
depends on the others.

This module imports numba; it is imported when a solver is at work and not before.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Floats, Longs
from detente.solve.compiled.kept import njit
from detente.solve.compiled.lanes import INSIDE, KERNEL, LANES, absolute, all_lanes, at, blank, largest, put
from detente.solve.quantal.layout import Numbers, Plan
from detente.solve.quantal.sweep import Lanes, allowed, load, sweep

MEMORY = 5  # most differences remembered by Anderson's method; there is no use for more than unknowns


class Settings(NamedTuple):
    """How carefully the branch is climbed. t and the unknowns have no unit (see plan.Numbers)."""

    tolerance: float = 1e-9  # largest change of a probability, estimated, at which a point counts as found
    early: float = 1e-13  # largest residual in log-odds of the first point, if rounding allows
    loose: float = 1e-4  # largest residual in log-odds that will do where nothing is asked for
    budget: int = 500  # sweeps for a draw
    patience: int = 25  # sweeps for a point
    jump: float = 0.5  # largest distance of a point from its prediction, in log-odds;
    bend: float = 0.5  # or this share of the distance predicted,
    slack: float = 0.05  # and this, if that is less
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
    moved: Floats  # [MEMORY, B, LANES] differences of y, and of f with them,
    gram: Floats  # [MEMORY, MEMORY, LANES] inner products of the former
    system: Floats  # [MEMORY, MEMORY + 1, LANES]
    t: Floats
    t_here: Floats
    t_behind: Floats
    length: Floats  # of the step in t
    residual: Floats
    distance: Floats  # between y and y_guess
    leash: Floats  # the largest distance allowed
    shrink: Floats  # factor on the step
    memory: Floats  # 1 if the last sweep belongs to the point sought now, else 0
    resume: Floats  # the step to go on with where what is near is refused
    draw: Longs  # -1 for an idle lane
    target: Longs
    tries: Longs  # sweeps for the point sought
    sweeps: Longs  # sweeps for the draw
    trial: Longs  # 0: not tried what is near, 1: trying it, 2: done with it


def new_climb(n_unknowns: int) -> Climb:
    depth = max(1, min(MEMORY, n_unknowns))
    sizes = [(n_unknowns,)] * 8 + [(depth, size) for size in (n_unknowns, n_unknowns, depth, depth + 1)] + [()] * 10
    counters = [np.full(LANES, -1), *(np.zeros(LANES, np.int64) for _ in range(4))]
    return Climb._make([*(blank(*size) for size in sizes), *counters])


@njit(**INSIDE)
def keep(to: Floats, column: int, source: Floats, lane: int) -> None:
    """to[:, column] = source[:, lane], which compiles faster than it reads."""
    for b in range(len(to)):
        to[b, column] = source[b, lane]


@njit(**INSIDE)
def forget(c: Climb, w: int) -> None:
    """Empty the memory of lane w."""
    memory = len(c.df)
    for m in range(memory):
        for b in range(len(c.y)):
            c.df[m, b, w] = 0.0
            c.moved[m, b, w] = 0.0
        for other in range(memory):
            c.gram[m, other, w] = 0.0


@njit(**INSIDE)
def anderson(c: Climb, newest: int) -> None:
    """Set `step` to Anderson's step for the residual f (Anderson 1965; Walker & Ni 2011), shrunk where it is long.

    The past is taken in order of age, so that a lane does not notice which place of the ring it started at.
    """
    df, moved, gram, system, f, step = c.df, c.moved, c.gram, c.system, c.f, c.step
    n_unknowns, memory = len(f), len(df)
    for age in range(memory):
        m = (newest - age) % memory
        total, right = all_lanes(0.0), all_lanes(0.0)
        for b in range(n_unknowns):
            change = at(df, m, b)
            total += change * at(df, newest, b)
            right += change * at(f, b)
        put(total, gram, m, newest)
        put(total, gram, newest, m)
        put(right, system, age, memory)
    ridge = all_lanes(1e-30)
    for age in range(memory):
        m = (newest - age) % memory
        for other in range(memory):
            put(at(gram, m, (newest - other) % memory), system, age, other)
        ridge += 1e-10 * at(gram, m, m)
    for m in range(memory):
        put(at(system, m, m) + ridge, system, m, m)
    for m in range(memory):  # Gauss without pivots: the matrix is positive definite
        for r in range(m + 1, memory):
            factor = at(system, r, m) / at(system, m, m)
            for k in range(m, memory + 1):
                put(at(system, r, k) - factor * at(system, m, k), system, r, k)
    for m in range(memory - 1, -1, -1):
        total = at(system, m, memory)
        for k in range(m + 1, memory):
            total -= at(system, m, k) * at(system, k, memory)
        put(total / at(system, m, m), system, m, memory)
    longest = all_lanes(0.0)
    for b in range(n_unknowns):
        made = at(f, b)
        for age in range(memory):
            m = (newest - age) % memory
            made -= at(system, age, memory) * at(moved, m, b)
        put(made, step, b)
        longest = largest(longest, absolute(made))
    put(longest, c.shrink)


@njit(**KERNEL)
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
    early: Floats,
    cost: Longs,
    near: Floats,
) -> None:
    """Stage A: natural continuation in t, with a secant predictor and Anderson's method as corrector, lane by lane.

    Draw j is wanted at t = targets[k] * scale[j] for every k, in rising order; t_found [T, n], y_found [T, B, n] and
    behaviour [T, A, n] receive the points. Where the climb is given up, t_found and y_found receive the last point
    found instead. `early` [A, n] receives the behaviour at the first point after t = 0. A point is refused, and the
    step shortened, if it lies too far from its prediction: beyond a fold the corrector would land on another branch.

    `near` [B, n] (or [0, 0]) holds unknowns of a neighbouring game at the first target, which are tried there as a
    prediction once a first point after t = 0 is found; where that is refused, the climb goes on as if it had not been.
    """
    n_targets, n_draws = t_found.shape
    first: int = np.int64(0)  # type: ignore[assignment]  # no literal: what takes it is compiled for one type only
    following, newest = first, first
    while True:
        busy = False
        for w in range(LANES):
            if c.draw[w] < 0 and following < n_draws:
                load(lanes, w, numbers, following)
                c.draw[w] = following
                c.t[w], c.length[w], c.memory[w] = 0.0, settings.first, 0.0
                c.target[w], c.tries[w], c.sweeps[w], c.trial[w] = 0, 0, 0, 0
                following += 1
            busy |= c.draw[w] >= 0
        if not busy:
            return
        sweep(plan, lanes, c.t, c.y, c.y_next)
        newest = (newest + 1) % len(c.df)
        residual, distance = all_lanes(0.0), all_lanes(0.0)
        for b in range(len(c.y)):
            y = at(c.y, b)
            f = at(c.y_next, b) - y
            residual = largest(residual, absolute(f))
            distance = largest(distance, absolute(y - at(c.y_guess, b)))
            put(f, c.f, b)
            change = f - at(c.f_before, b)
            put(change, c.df, newest, b)
            put(f, c.f_before, b)
            put(at(c.step, b) + change, c.moved, newest, b)
        put(residual, c.residual)
        put(distance, c.distance)
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
                if c.t_here[w] == 0.0:
                    small &= c.residual[w] <= settings.early or c.tries[w] > 12
                elif c.t[w] < targets[c.target[w]] * numbers.scale[j]:
                    small |= c.residual[w] <= settings.loose
                found = small and c.distance[w] <= c.leash[w]
                lost = small or c.tries[w] >= settings.patience or c.distance[w] > 3.0 * c.leash[w]
                if c.sweeps[w] >= settings.budget:
                    lost, c.length[w] = True, 0.0
            if found:
                keep(c.y_behind, w, c.y_here, w)
                keep(c.y_here, w, c.y, w)
                if c.t_here[w] == 0.0:
                    keep(early, j, lanes.strategy, w)
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
            elif lost and c.trial[w] == 1:
                c.length[w] = c.resume[w]
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
            if len(near) and c.trial[w] == 0 and c.t_here[w] > 0.0:
                c.resume[w] = c.length[w]
                c.trial[w], c.t[w], c.leash[w] = 1, targets[c.target[w]] * numbers.scale[j], settings.jump
                keep(c.y_guess, w, near, j)
                keep(c.y, w, near, j)
                continue
            if c.trial[w] == 1:
                c.trial[w] = 2
            c.t[w] = min(c.t_here[w] + c.length[w], targets[c.target[w]] * numbers.scale[j])
            forward = (c.t[w] - c.t_here[w]) / (c.t_here[w] - c.t_behind[w])
            c.leash[w] = 0.0
            for b in range(len(c.y)):
                c.y_guess[b, w] = c.y_here[b, w] + forward * (c.y_here[b, w] - c.y_behind[b, w])
                c.y[b, w] = c.y_guess[b, w]
                c.leash[w] = max(c.leash[w], abs(c.y[b, w] - c.y_here[b, w]))
            c.leash[w] = min(settings.jump, settings.slack + settings.bend * c.leash[w])
        shrink = at(c.shrink)
        for b in range(len(c.y)):
            step = at(c.step, b) * shrink
            put(step, c.step, b)
            put(at(c.y, b) + step, c.y, b)
