"""Moves that are equally likely at low precision, and what they tell of bifurcations of the principal branch.

A branch is an analytic curve. Two probabilities that agree along a stretch of it therefore agree all along it, also
straight through the bifurcations that symmetric games have. Moves that interchangeable players share, or that mirror
each other, are such twins: if they agree where the branch starts and differ where it was followed to, rounding has
chosen a branch of a bifurcation. Nothing needs to be known of the symmetry itself, and other twins (copies of one
situation) do no harm."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from detente.arrays import Bools, Floats, Longs
from detente.solve.quantal.kernels import Twins, jacobian, sweeps
from detente.solve.quantal.layout import Numbers, Plan

START = 1.0  # t at which twins are told: half of what the smallest games need for a bifurcation, or less
_SWEEPS = 24  # that settle all unknowns there, to rounding
_ROUNDING = 1e-12  # in probability,
_COMMON = 1e3  # and so many times the probability where that is less, as only a default makes it
_FEW = (
    32  # most unknowns for which it is worth while to look for bifurcations with several pairs of bifurcating branches
)
_SQUARES = 6  # of the derivative, by which it is told to contract
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
    t, y = np.minimum(numbers.scale[draws], START), np.zeros((len(plan.plus), len(draws)))
    if len(numbers.log_default):
        y = sweeps(plan, numbers, draws, np.zeros_like(t), y)[1]
    return sweeps(plan, numbers, draws, t, y, _SWEEPS)


def pairs(plan: Plan, numbers: Numbers, which: Bools) -> Twins:
    """What agrees where the branch starts, in the draws that are asked for [n]; others have no twins."""
    n, draws = len(which), np.flatnonzero(which)
    behaviour, unknowns = start(plan, numbers, draws)
    same, found = _classes(np.abs(unknowns), np.inf), np.arange(1, len(unknowns) + 1)[:, None].repeat(n, axis=1)
    found[:, draws] = (1 + same) * np.sign(unknowns * np.take_along_axis(unknowns, same, axis=0)).astype(np.int64)
    found[:, draws] *= np.abs(unknowns) > _ROUNDING
    alike = np.arange(len(behaviour))[:, None].repeat(n, axis=1)
    alike[:, draws] = _classes(behaviour)
    return Twins(found, alike)


def _classes(values: Floats, common: float = _COMMON) -> Longs:
    """For each entry of a column [R, n] the row of one that it equals, to rounding, the same for all of them.

    Rounding is that of numbers about one, and less for those below 1 / `common`.
    """
    order = np.argsort(values, axis=0, kind="stable")
    ranked = np.take_along_axis(values, order, axis=0)
    opens = np.ones(values.shape, np.bool_)
    size = 1.0 if common == np.inf else np.minimum(1.0, common * ranked[1:])
    opens[1:] = ranked[1:] - ranked[:-1] > _ROUNDING * size
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
    """[n] whether points y [B, n] at t [n] lie beyond a bifurcation, in the draws that are asked for.

    Unlike the sign of the determinant, this also tells of bifurcations at which several pairs of bifurcating branches
    part at once, as they do where more than two players are interchangeable. Beyond a bifurcation the point would be
    one if everybody answered more weakly by some share, so that the derivative of F would be singular."""
    n, found = len(plan.plus), np.zeros_like(which)
    for j in np.flatnonzero(which).tolist():

        def derivative(share: float, j: int = j) -> Floats:
            """That of G, were all answers weaker by a share."""
            return jacobian(plan, numbers, j, t[j], y[:, j], share * t[j])

        def roots(share: float, of: Callable[[float], Floats] = derivative) -> npt.NDArray[np.complex128]:
            return np.linalg.eigvals(of(share)).astype(np.complex128)

        if _contracts(derivative(1.0)):
            continue
        now = roots(1.0)
        found[j] = np.any((now.real > 1) & (now.imag == 0)) or (n <= _FEW and np.any(np.abs(now) > 1) and _meets(roots))
    return found


def _contracts(matrix: Floats) -> bool:
    """Whether all eigenvalues are below 1 in size, as the norm of a power tells, at a seventh of what they would cost.

    No matrix has an eigenvalue whose power is larger than the norm of that power. False where none of the first tells.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(_SQUARES):
            if np.linalg.norm(matrix) < 1:
                return True
            matrix = matrix @ matrix
    return False


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
    near = within * np.minimum(1.0, _COMMON * ranked[:, 1:])
    close = (ranked[:, 1:] - ranked[:, :-1] <= near) & (ranked[:, :-1] > 0) & (ranked[:, 1:] < 1)
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
            near = within * np.minimum(1.0, _COMMON * some[lag:])
            near = (np.abs(some[lag:] - some[:-lag]) <= near) & (some[lag:] > 0) & (sets[lag:] == sets[:-lag])[:, None]
            mirrored[which] |= np.any(near, axis=0)
    return apart, mirrored
