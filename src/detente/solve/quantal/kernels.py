"""The kernels of quantal response (`kernels.cpp`), LANES draws at a time in one thread.

The draws lie innermost, so that one vector instruction serves several of them. What is found for a draw depends on its
own numbers alone, to the last bit, and not on which draws are handed over with it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.solve.compiled.library import Kernel
from detente.solve.quantal.layout import Numbers, Plan


class Settings(NamedTuple):
    """How carefully the branch is climbed (stage A, `climb.hpp`). t and the unknowns have no unit (see Numbers)."""

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


class Points(NamedTuple):
    """The points found for n draws of a block at T targets."""

    t: Floats  # [T, n]
    y: Floats  # [T, B, n]
    behaviour: Floats  # [T, A, n]
    early: Floats  # [A, n] behaviour at the first point after precision zero
    cost: Longs  # [n]

    @classmethod
    def blank(cls, n_targets: int, plan: Plan, n: int) -> Points:
        n_actions, n_unknowns = int(plan.action_start[-1]), len(plan.plus)
        return cls(
            t=np.zeros((n_targets, n)),
            y=np.zeros((n_targets, n_unknowns, n)),
            behaviour=np.zeros((n_targets, n_actions, n)),
            early=np.zeros((n_actions, n)),
            cost=np.zeros(n, np.int64),
        )


class Stride(NamedTuple):
    """How carefully the branch is traced (stage B, `arclength.hpp`). Lengths are in the space of unknowns and t."""

    tolerance: float = 1e-10  # as in Settings, where the branch starts, at targets and near bifurcations;
    loose: float = 1e-3  # elsewhere: the largest residual in log-odds at which a point counts as found,
    still: float = 1e-5  # (or more than that after a correction as short as this, where answers are sharp)
    blind: float = 1e-6  # if the next correction can be expected to be as short; or else this
    budget: int = 20000  # sweeps, and products with the Jacobian, for a draw
    first: float = 0.5  # first step
    longest: float = 8.0  # longest step,
    share: float = 0.2  # or this share of t, if that is longer
    shortest: float = 1e-10
    aim: float = 0.6  # length of the first correction that is aimed at
    straight: float = 0.85  # smallest cosine of the angle between successive tangents
    corrections: int = 7  # of a point
    far: float = 3.0  # longest first correction
    close: float = 1e-3  # corrections shorter than this need not shrink
    fork: float = 1e-6  # a step as short as this (or this share of t) that changes the sign has met a bifurcation
    rounding: float = 1e-15  # a point is found, whatever is left of F, if its last correction was this share of t
    alike: float = 0.02  # log-odds by which moves that are equally likely may differ,
    exact: float = 1e-6  # and near a bifurcation
    polish: int = 2  # further corrections of a point near a bifurcation,
    clear: float = 1e-2  # until a step as long as this is made beyond it
    newton: float = 3e-3  # share of the residual that may be left of a linear system: in corrections,
    along: float = 1e-5  # in tangents,
    fine: float = 1e-9  # in both where points are to be exact,
    sure: float = 1e-3  # and where the sign of the determinant is asked for


class Twins(NamedTuple):
    """What agrees all along the branch of each of n draws, and is kept equal where it is traced."""

    unknowns: Longs  # [B, n] 1 + r or -1 - r for an unknown that is that of row r or the opposite, 0 for one that is 0
    moves: Longs  # [A, n] the row that has the same probability; a step that tears them apart is refused

    @classmethod
    def none(cls, plan: Plan) -> Twins:
        """[B, 0] and [A, 0], which ask for nothing."""
        return cls(np.zeros((len(plan.plus), 0), np.int64), np.zeros((int(plan.action_start[-1]), 0), np.int64))


class Traced(NamedTuple):
    """What tracing finds for n draws at T targets."""

    t: Floats  # [T, n]
    y: Floats  # [T, B, n]
    cost: Longs  # [n] sweeps, and products with the Jacobian
    folds: Longs  # [n] how often the branch turned
    forks: Longs  # [n] how many bifurcations it went straight through


_climb = Kernel("climb", Plan, Numbers, Floats, Settings, Longs, Floats, Points)
_trace = Kernel("trace", Plan, Numbers, Floats, Stride, Longs, int, Twins, Floats, Traced)
_crossed = Kernel("crossed", Plan, Numbers, Longs, Floats, Floats, Floats, float, Bools)
_sweeps = Kernel("sweeps", Plan, Numbers, Longs, Floats, int, Floats, Floats)
_jacobian = Kernel("jacobian", Plan, Numbers, int, float, Floats, float, Floats)


def climb(
    plan: Plan, numbers: Numbers, targets: Floats, settings: Settings, near: Floats | None, found: Points
) -> None:
    """Climb with all draws of `numbers` to t = targets [T] times their scale, in rising order, and enter the points.

    Where the climb is given up, `found.t` and `found.y` hold the last point before any was refused instead. `near`
    [B, n] holds unknowns of a neighbouring game at the first target, to be tried as a prediction.

    Draws that have far to climb go first, so that no lane is left alone with one at the end; no number depends on it.
    """
    order = np.argsort(-numbers.scale, kind="stable")
    tried = np.zeros((0, 0)) if near is None else near
    _climb(plan, numbers, targets, settings, order, tried, found, draws=len(numbers.scale))


def trace(
    plan: Plan,
    numbers: Numbers,
    targets: Floats,
    stride: Stride,
    draws: Longs,
    anew: bool,
    twins: Twins,
    found: Traced,
) -> None:
    """Trace the branch of some draws by arclength to the targets [T] that `found` does not hold yet.

    Starts at t = 0 if `anew`, or else from the point that is held for the last target. Adds to costs, folds and
    bifurcations; where the branch is given up, `found.t` and `found.y` hold the last point found afterwards."""
    _trace(plan, numbers, targets, stride, draws, anew, twins, _generic(plan), found, draws=len(draws))


def crossed(plan: Plan, numbers: Numbers, draws: Longs, t: Floats, y: Floats) -> Bools:
    """[len(draws)] where points y [T, B, n] at t [T, n] of some draws lie beyond a bifurcation, or on another
    branch."""
    beyond = np.zeros(len(draws), np.bool_)
    _crossed(plan, numbers, draws, t, y, _generic(plan), Stride().sure, beyond, draws=len(draws))
    return beyond


def _generic(plan: Plan) -> Floats:
    """[B + 1] a vector with a share in every direction."""
    return np.random.default_rng(0).standard_normal(len(plan.plus) + 1)


def sweeps(plan: Plan, numbers: Numbers, draws: Longs, t: Floats, y: Floats, times: int = 1) -> tuple[Floats, Floats]:
    """Behaviour [A, n] of some draws [n] and the unknowns [B, n] that it leads to, after sweeps from y [B, n] at t [n].

    The fixed points of a sweep are the logit agent quantal response equilibria (McKelvey & Palfrey 1998).
    """
    behaviour, unknowns = np.empty((int(plan.action_start[-1]), len(draws))), y.copy()
    _sweeps(plan, numbers, draws, t, times, unknowns, behaviour, draws=len(draws))
    return behaviour, unknowns


def jacobian(plan: Plan, numbers: Numbers, draw: int, t: float, y: Floats, sharp: float) -> Floats:
    """[B, B] the derivative of the unknowns that a sweep of one draw yields, by those y [B] that it started from at t,
    with answers as sharp as at `sharp` (which may be less than t)."""
    matrix = np.empty((len(y), len(y)))
    _jacobian(plan, numbers, draw, t, np.ascontiguousarray(y), sharp, matrix, draws=len(y))
    return matrix
