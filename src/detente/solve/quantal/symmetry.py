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

from detente.arrays import Bools, Floats, Longs
from detente.solve.compiled import warmup as ready
from detente.solve.compiled import warmup_game as rehearsal
from detente.solve.compiled.lanes import LANES
from detente.solve.quantal.jacobian import jacobian, new_slopes
from detente.solve.quantal.layout import Numbers, Plan, fill, lay_out
from detente.solve.quantal.sweep import load, new_lanes, sweep

START = 1.0  # t at which twins are told: half of what the smallest games need for a fork, or less
_SWEEPS = 24  # that settle all unknowns there, to rounding
_ROUNDING = 1e-12  # in probability
_FEW = 32  # most unknowns for which it is worth while to look for forks with several pairs of prongs
_APART = 1e-3  # in probability: less is what weak dependence can do


def torn(plan: Plan, early: Floats, behaviour: Floats) -> tuple[Bools, Bools]:
    """[n] whether twins were torn apart on the way; [n] whether there are twins by symmetry.

    `early` [A, n] is behaviour at t = START or below, to rounding; `behaviour` [T, A, n] is what the branch was
    followed to.
    """
    return _told(plan, early, behaviour, _ROUNDING)


def start(plan: Plan, numbers: Numbers, draws: Longs) -> tuple[Floats, Floats]:
    """[A, n] behaviour and [B, n] unknowns of some draws at t = START, or at their own precision if that is less, to
    rounding."""
    lanes, y = new_lanes(plan, numbers), np.zeros((2, len(plan.plus), LANES))
    t, found = np.zeros(LANES), np.empty((int(plan.action_start[-1]), len(draws)))
    unknowns = np.empty((len(plan.plus), len(draws)))
    for first in range(0, len(draws), LANES):
        some = draws[first : first + LANES]
        for w, j in enumerate(some):
            load(lanes, w, numbers, j)
        t[: len(some)] = np.minimum(numbers.scale[some], START)
        y[:] = 0.0
        for k in range(_SWEEPS):
            sweep(plan, lanes, t, y[k % 2], y[1 - k % 2])
        found[:, first : first + LANES] = lanes.strategy[:, : len(some)]
        unknowns[:, first : first + LANES] = y[_SWEEPS % 2, :, : len(some)]
    return found, unknowns


def pairs(plan: Plan, numbers: Numbers, which: Bools) -> tuple[Longs, Longs]:
    """What `arclength.trace` calls twin [B, n] and alike [A, n], for the draws that are asked for; others have none."""
    n, draws = len(which), np.flatnonzero(which)
    behaviour, unknowns = start(plan, numbers, draws)
    same, found = _classes(np.abs(unknowns)), np.arange(1, len(unknowns) + 1)[:, None].repeat(n, axis=1)
    found[:, draws] = (1 + same) * np.sign(unknowns * np.take_along_axis(unknowns, same, axis=0)).astype(np.int64)
    found[:, draws] *= np.abs(unknowns) > _ROUNDING
    alike = np.arange(len(behaviour))[:, None].repeat(n, axis=1)
    alike[:, draws] = _classes(behaviour)
    return found, alike


def _classes(values: Floats) -> Longs:
    """For each entry of a column [R, n] the row of one that it equals, to rounding, the same for all of them."""
    order = np.argsort(values, axis=0, kind="stable")
    ranked = np.take_along_axis(values, order, axis=0)
    opens = np.ones(values.shape, np.bool_)
    opens[1:] = ranked[1:] - ranked[:-1] > _ROUNDING
    rank = np.maximum.accumulate(np.where(opens, np.arange(len(values))[:, None], 0), axis=0)
    found = np.empty(values.shape, np.int64)
    np.put_along_axis(found, order, np.take_along_axis(order, rank, axis=0), axis=0)
    return found


def apart(plan: Plan, numbers: Numbers, draws: Longs, behaviour: Floats) -> Bools:
    """[len(draws)] whether twins are torn apart in the behaviour [T, A, n] of some draws."""
    return _told(plan, start(plan, numbers, draws)[0], behaviour[:, :, draws], _ROUNDING)[0]


def symmetric(plan: Plan, numbers: Numbers) -> Bools:
    """[n] whether there are twins by symmetry."""
    exact, _ = start(plan, numbers, np.arange(len(numbers.scale)))
    return _told(plan, exact, exact[None][:0], _ROUNDING)[1]


def crossed(plan: Plan, numbers: Numbers, which: Bools, t: Floats, y: Floats) -> Bools:
    """[n] whether points y [B, n] at t [n] lie beyond a fork, in the draws that are asked for.

    Unlike the sign of the determinant, this also tells of forks at which several pairs of prongs part at once, as they
    do where more than two players are interchangeable. Beyond a fork the point would be one if everybody answered more
    weakly by some share, so that the derivative of F would be singular.
    """
    if which.any():
        ready.wait("symmetry")
    n = len(plan.plus)
    lanes, d, sharp, next_y = new_lanes(plan, numbers), new_slopes(plan), np.empty(LANES), np.empty((n, LANES))
    found = np.zeros_like(which)
    for j in np.flatnonzero(which).tolist():
        for w in range(LANES):
            load(lanes, w, numbers, j)
        sharp[:] = t[j]
        sweep(plan, lanes, sharp, np.repeat(y[:, j, None], LANES, axis=1), next_y)

        def roots(share: float, full: float = t[j]) -> npt.NDArray[np.complex128]:
            """The eigenvalues of the derivative of G, were all answers weaker by a share."""
            return np.linalg.eigvals(jacobian(plan, lanes, d, share * full)).astype(np.complex128)

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
    by_draw = np.ascontiguousarray(low.T)  # along what lies together in memory
    ranked = np.sort(by_draw, axis=1)
    close = (ranked[:, 1:] - ranked[:, :-1] <= within) & (ranked[:, :-1] > 0) & (ranked[:, 1:] < 1)
    apart, mirrored = np.zeros((2, low.shape[1]), np.bool_)
    which = np.flatnonzero(close.any(axis=1))
    if len(which):
        close, order = close[which], np.argsort(by_draw[which], axis=1)
        owner = plan.owner[sets][order]
        mirrored[which] = np.any(close & (owner[:, 1:] != owner[:, :-1]), axis=1)
        for there in behaviour:
            moved = np.take_along_axis(np.ascontiguousarray(there.T[which]), order, axis=1)
            apart[which] |= np.any(close & (np.abs(moved[:, 1:] - moved[:, :-1]) > _APART), axis=1)
        some = low[:, which]
        for lag in range(1, int(np.diff(plan.action_start).max())):
            near = (
                (np.abs(some[lag:] - some[:-lag]) <= within) & (some[lag:] > 0) & (sets[lag:] == sets[:-lag])[:, None]
            )
            mirrored[which] |= np.any(near, axis=0)
    return apart, mirrored


def rehearse() -> None:
    """Have what symmetric games need compiled (see `ready`)."""
    game = rehearsal.game()
    layout = lay_out(game.tree)
    crossed(
        layout.plan, fill(layout, game, slice(0, 1)), np.ones(1, np.bool_), np.ones(1), np.zeros((layout.n_unknowns, 1))
    )
