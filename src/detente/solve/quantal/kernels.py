"""The kernels of quantal response (`kernels.cpp`), LANES draws at a time in one thread.

The draws lie innermost, so that one vector instruction serves several of them. What is found for a draw depends on its
own numbers alone, to the last bit, and not on which draws are handed over with it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Floats, Longs
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


_climb = Kernel("climb", Plan, Numbers, Floats, Settings, Floats, Points)
_sweeps = Kernel("sweeps", Plan, Numbers, Longs, Floats, int, Floats, Floats)
_jacobian = Kernel("jacobian", Plan, Numbers, int, float, Floats, float, Floats)


def climb(
    plan: Plan, numbers: Numbers, targets: Floats, settings: Settings, near: Floats | None, found: Points
) -> None:
    """Climb with all draws of `numbers` to t = targets [T] times their scale, in rising order, and enter the points.

    Where the climb is given up, `found.t` and `found.y` hold the last point found instead. `near` [B, n] holds unknowns
    of a neighbouring game at the first target, to be tried as a prediction.
    """
    _climb(plan, numbers, targets, settings, np.zeros((0, 0)) if near is None else near, found)


def sweeps(plan: Plan, numbers: Numbers, draws: Longs, t: Floats, y: Floats, times: int = 1) -> tuple[Floats, Floats]:
    """Behaviour [A, n] of some draws [n] and the unknowns [B, n] that it leads to, after sweeps from y [B, n] at t [n].

    The fixed points of a sweep are the logit agent quantal response equilibria (McKelvey & Palfrey 1998).
    """
    behaviour, unknowns = np.empty((int(plan.action_start[-1]), len(draws))), y.copy()
    _sweeps(plan, numbers, draws, t, times, unknowns, behaviour)
    return behaviour, unknowns


def jacobian(plan: Plan, numbers: Numbers, draw: int, t: float, y: Floats, sharp: float) -> Floats:
    """[B, B] the derivative of the unknowns that a sweep of one draw yields, by those y [B] that it started from at t,
    with answers as sharp as at `sharp` (which may be less than t)."""
    matrix = np.empty((len(y), len(y)))
    _jacobian(plan, numbers, draw, t, y, sharp, matrix)
    return matrix
