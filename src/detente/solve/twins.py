"""Moves that are equally likely at low precision, and what they tell of forks of the principal branch.

A branch is an analytic curve. Two probabilities that agree along a stretch of it therefore agree all along it, also
straight through the forks that symmetric games have. Moves that interchangeable players share, or that mirror each
other, are such twins: if they agree where the branch starts and differ where it was followed to, rounding has chosen a
prong of a fork. Nothing needs to be known of the symmetry itself, and other twins (copies of one situation) do no harm.

This module imports numba through `kernels`; it is imported when a solver is at work and not before.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from detente.game.tree import Bools, Floats
from detente.solve import arclength
from detente.solve.kernels import LANES, load, new_lanes, sweep
from detente.solve.plan import Longs, Numbers, Plan

START = 1.0  # t at which twins are told: half of what the smallest games need for a fork, or less
_SWEEPS = 24  # that settle all unknowns there, to rounding
_ROUNDING = 1e-12  # in probability
_FEW = 32  # most unknowns for which it is worth while to look for forks with several pairs of prongs
_APART = 1e-3  # in probability: less is what weak dependence can do


def torn(plan: Plan, numbers: Numbers, early: Floats, behaviour: Floats, tolerance: float) -> tuple[Bools, Bools]:
    """[n] whether twins were torn apart on the way; [n] whether there are twins by symmetry.

    `early` [A, n] is behaviour at t = START or below, with errors up to `tolerance`; `behaviour` [T, A, n] is what the
    branch was followed to.
    """
    apart, mirrored = _told(plan, early, behaviour, 10 * tolerance)
    unsure = np.flatnonzero(apart | mirrored)
    if len(unsure):
        exact = start(plan, numbers, unsure)
        apart[unsure], mirrored[unsure] = _told(plan, exact, behaviour[:, :, unsure], _ROUNDING)
    return apart, mirrored


def start(plan: Plan, numbers: Numbers, draws: Longs) -> Floats:
    """[A, n] behaviour of some draws at t = START, or at their own precision if that is less, to rounding."""
    lanes, y = new_lanes(plan, numbers), np.zeros((2, len(plan.plus), LANES))
    t, found = np.zeros(LANES), np.empty((int(plan.action_start[-1]), len(draws)))
    for first in range(0, len(draws), LANES):
        some = draws[first : first + LANES]
        for w, j in enumerate(some):
            load(lanes, w, numbers, j)
        t[: len(some)] = np.minimum(numbers.scale[some], START)
        y[:] = 0.0
        for k in range(_SWEEPS):
            sweep(plan, lanes, t, y[k % 2], y[1 - k % 2])
        found[:, first : first + LANES] = lanes.strategy[:, : len(some)]
    return found


def apart(plan: Plan, numbers: Numbers, draws: Longs, behaviour: Floats) -> Bools:
    """[len(draws)] whether twins are torn apart in the behaviour [T, A, n] of some draws."""
    return _told(plan, start(plan, numbers, draws), behaviour[:, :, draws], _ROUNDING)[0]


def symmetric(plan: Plan, numbers: Numbers) -> Bools:
    """[n] whether there are twins by symmetry."""
    exact = start(plan, numbers, np.arange(len(numbers.scale)))
    return _told(plan, exact, exact[None][:0], _ROUNDING)[1]


def crossed(plan: Plan, numbers: Numbers, which: Bools, t: Floats, y: Floats) -> Bools:
    """[n] whether points y [B, n] at t [n] lie beyond a fork, in the draws that are asked for.

    Unlike the sign of the determinant, this also tells of forks at which several pairs of prongs part at once, as they
    do where more than two players are interchangeable. Beyond a fork the point would be one if everybody answered more
    weakly by some share, so that the derivative of F would be singular.
    """
    n = len(plan.plus)
    lanes, slopes, trace = new_lanes(plan, numbers), arclength.new_slopes(plan), arclength.new_trace(n)
    found = np.zeros_like(which)
    for j in np.flatnonzero(which).tolist():
        load(lanes, 0, numbers, j)
        trace.x[:n], trace.x[n] = y[:, j], t[j]
        arclength.linearise(plan, lanes, slopes, trace)

        def roots(share: float, full: float = t[j]) -> npt.NDArray[np.complex128]:
            """The eigenvalues of the derivative of G, were all answers weaker by a share."""
            for first in range(0, n + 1, arclength.WIDTH):
                arclength.slopes(plan, lanes, slopes, share * full, first, trace.matrix)
            return np.linalg.eigvals(trace.matrix[:n, :n]).astype(np.complex128)

        now = roots(1.0)
        found[j] = np.any((now.real > 1) & (now.imag == 0)) or (n <= _FEW and np.any(np.abs(now) > 1) and _meets(roots))
    return found


def _meets(roots: Callable[[float], npt.NDArray[np.complex128]]) -> bool:
    """Whether one of the roots is 1, to rounding, for some share between 0 and 1."""

    def distance(share: float) -> float:
        return float(np.abs(roots(share) - 1).min())

    grid = np.linspace(0, 1, 41) ** 2  # finer where answers are sharp
    heights = [distance(share) for share in grid]
    for k in range(1, len(grid) - 1):
        if heights[k] <= min(heights[k - 1], heights[k + 1]):
            low, high = grid[k - 1], grid[k + 1]
            for _ in range(60):
                third = (high - low) / 3
                if distance(low + third) < distance(high - third):
                    high -= third
                else:
                    low += third
            if distance((low + high) / 2) < 1e-5:
                return True
    return False


def _told(plan: Plan, low: Floats, behaviour: Floats, within: float) -> tuple[Bools, Bools]:
    """[n] whether moves that are within so much of each other in `low` are apart in `behaviour`; [n] whether some are
    by symmetry, that is moves of two players, or two moves at one information set."""
    sets = np.repeat(np.arange(len(plan.owner)), np.diff(plan.action_start))
    order = np.argsort(low, axis=0)
    ranked = np.take_along_axis(low, order, axis=0)
    close = (ranked[1:] - ranked[:-1] <= within) & (ranked[:-1] > 0) & (ranked[1:] < 1)
    owner = plan.owner[sets][order]
    mirrored = np.any(close & (owner[1:] != owner[:-1]), axis=0)
    apart = np.zeros_like(mirrored)
    if close.any():
        for there in behaviour:
            moved = np.take_along_axis(there, order, axis=0)
            apart |= np.any(close & (np.abs(moved[1:] - moved[:-1]) > _APART), axis=0)
        for lag in range(1, int(np.diff(plan.action_start).max())):
            near = (np.abs(low[lag:] - low[:-lag]) <= within) & (low[lag:] > 0) & (sets[lag:] == sets[:-lag])[:, None]
            mirrored |= np.any(near, axis=0)
    return apart, mirrored
