"""Tracing the principal branch by arclength with many draws abreast (stage B), compiled.

Points of the branch are x = (y, t) with F(x) = y - G(y, t) = 0, where G is what a sweep does to the unknowns. A step
goes along the tangent, bent as the last two tangents tell, and is corrected by Newton's method in the hyperplane across
it, so that the branch may turn back in t (Allgower & Georg 1990; Turocy 2005, 2010). Its linear systems are solved by
GMRES (`krylov`), so that no matrix is formed. The sign of the determinant of the Jacobian, bordered by the tangent,
does not change along a branch unless another crosses it: a step that changes it has jumped, and is refused. Only if
that happens however short the step is, has it met a crossing (a fork, as symmetric games have), and goes straight on.
What is equal by symmetry is kept equal on the way. A fork that is not quite symmetric looks like one from afar but is
none: the branch bends, within about the asymmetry to the power of 2/3. So that neither a rounding error nor what the
corrector leaves is taken for such an asymmetry, points are corrected as far as rounding allows from the first step on
that was refused for its sign. Elsewhere they need not be exact, but for those that are asked for.

Each lane has a draw of its own and takes the next when it is done; lanes never mix.

This module imports numba; it is imported when a draw must be traced and not before.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.solve.compiled.kept import njit
from detente.solve.compiled.lanes import INSIDE, KERNEL, LANES, blank
from detente.solve.quantal.jacobian import Slopes, new_slopes
from detente.solve.quantal.krylov import Krylov, gmres, new_krylov
from detente.solve.quantal.layout import Numbers, Plan
from detente.solve.quantal.sweep import Lanes, allowed, load, new_lanes, sweep

CORRECT, TANGENT, SIGN = 0, 1, 2  # what a lane asks of its linear system
ON, ANEW, LOOK = 0, 1, 2  # whether a draw is traced on from where it is, or from t = 0, or only looked at


class Stride(NamedTuple):
    """How carefully the branch is traced. Lengths are in the space of unknowns and t."""

    tolerance: float = 1e-10  # as in climb.Settings, where the branch starts, at targets and near forks;
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
    fork: float = 1e-6  # a step as short as this (or this share of t) that changes the sign has met a fork
    rounding: float = 1e-15  # a point is found, whatever is left of F, if its last correction was this share of t
    alike: float = 0.02  # log-odds by which moves that are equally likely may differ,
    exact: float = 1e-6  # and near a fork
    polish: int = 2  # further corrections of a point near a fork,
    clear: float = 1e-2  # until a step as long as this is made beyond it
    newton: float = 3e-3  # share of the residual that may be left of a linear system: in corrections,
    along: float = 1e-5  # in tangents,
    fine: float = 1e-9  # in both where points are to be exact,
    sure: float = 1e-3  # and where the sign of the determinant is asked for


class Trace(NamedTuple):
    """What is known of each lane: vectors in the space of unknowns and t [B + 1, LANES], and numbers [LANES]."""

    x: Floats
    here: Floats  # the last point found
    tangent: Floats  # there
    before: Floats  # the tangent at the point before
    ahead: Floats  # the tangent at x
    step: Floats
    right: Floats
    border: Floats
    y_next: Floats  # [B, LANES]
    generic: Floats  # [B + 1] a vector with a share in every direction
    within: Floats
    length: Floats  # of the next step
    tried: Floats  # length of the step to x
    gap: Floats  # length of the step to `here`, 0 if there was none
    first: Floats  # length of the first correction of x
    last: Floats  # length of the last one
    miss: Floats  # the residual before it
    draw: Longs  # -1 for an idle lane
    target: Longs
    phase: Longs
    orientation: Longs  # sign of the determinant, 0 before it is known
    corrections: Longs
    polish: Longs
    polished: Longs
    passed: Longs  # forks that lie well behind
    taken: Longs
    landing: Bools
    settled: Bools
    exact: Bools  # points are to be found exactly, not loosely
    closing: Bools  # given up: the last point is made exact


def new_trace(n_unknowns: int) -> Trace:
    """Scratch for one worker."""
    size = n_unknowns + 1
    vectors, counts = blank(8, size), np.zeros((9, LANES), np.int64)
    generic = np.random.default_rng(0).standard_normal(size)
    numbers, flags = blank(7), np.zeros((4, LANES), np.bool_)
    return Trace._make([*vectors, blank(n_unknowns), generic, *numbers, *counts, *flags])


@njit(**INSIDE)
def _begin(c: Trace, w: int, stride: Stride, forks: int) -> None:
    """Lane w stands at its first point and knows nothing yet."""
    for i in range(len(c.x)):
        c.here[i, w] = c.x[i, w]
        c.tangent[i, w] = 0.0
    c.tangent[len(c.x) - 1, w] = 1.0
    c.length[w] = c.tried[w] = stride.first
    c.gap[w] = 0.0
    c.phase[w] = CORRECT
    c.orientation[w] = c.corrections[w] = c.polish[w] = c.polished[w] = c.taken[w] = 0
    c.passed[w] = forks
    c.landing[w] = c.settled[w] = c.exact[w] = c.closing[w] = False


@njit(**INSIDE)
def _predict(c: Trace, w: int, goal: float) -> None:
    """Go one step ahead of the last point, and land on t = goal if that is within reach."""
    n = len(c.x) - 1
    c.corrections[w] = c.polished[w] = 0
    c.phase[w], c.settled[w], c.landing[w] = CORRECT, False, False
    c.tried[w] = c.length[w]
    if c.tangent[n, w] > 0.0 and c.here[n, w] + c.length[w] * c.tangent[n, w] >= goal:
        c.tried[w], c.landing[w] = (goal - c.here[n, w]) / c.tangent[n, w], True
    bend = 0.5 * c.tried[w] ** 2 / c.gap[w] if c.gap[w] > 0.1 * c.tried[w] else 0.0
    for i in range(n + 1):
        c.x[i, w] = c.here[i, w] + c.tried[w] * c.tangent[i, w] + bend * (c.tangent[i, w] - c.before[i, w])
    if c.landing[w]:
        c.x[n, w] = goal


@njit(**INSIDE)
def _stay(c: Trace, w: int) -> None:
    """Seek the last point again, so that it and its tangent are found as exactly as is now asked for."""
    c.landing[w], c.gap[w], c.tried[w] = False, 0.0, 0.0
    for i in range(len(c.x)):
        c.x[i, w] = c.here[i, w]


@njit(**INSIDE)
def _ask(c: Trace, w: int, stride: Stride, fresh: bool) -> None:
    """Choose the linear system of lane w, after a sweep at its x: a correction if the point is not found yet."""
    n = len(c.x) - 1
    if c.phase[w] == CORRECT:
        error = 0.0
        for b in range(n):
            c.right[b, w] = c.y_next[b, w] - c.x[b, w]
            error = max(error, abs(c.right[b, w])) if c.right[b, w] == c.right[b, w] else np.inf
        tight = allowed(c.x[n, w], stride.tolerance)
        if not (c.landing[w] or c.closing[w] or fresh or c.exact[w]):
            shrinks = c.corrections[w] > 0 and c.last[w] * error <= stride.loose * c.miss[w]
            tight = max(tight, stride.loose if shrinks else stride.blind)
            if c.corrections[w] > 0 and c.last[w] <= stride.still:
                tight = max(tight, stride.loose / stride.newton)
        c.miss[w] = error
        found = error <= tight or (c.settled[w] and error < stride.close)
        if found and c.polished[w] < c.polish[w]:
            found = False
            c.polished[w] += 1
        c.phase[w] = TANGENT if found else CORRECT
    for i in range(n + 1):
        c.border[i, w] = c.tangent[i, w]
    c.within[w] = stride.fine if c.exact[w] or c.corrections[w] > 1 else stride.newton
    if c.phase[w] == CORRECT:
        c.right[n, w] = 0.0
        if c.landing[w]:
            for b in range(n):
                c.border[b, w] = 0.0
            c.border[n, w] = 1.0
    elif c.phase[w] == TANGENT:
        for b in range(n):
            c.right[b, w] = 0.0
        c.right[n, w] = 1.0
        c.within[w] = stride.fine if c.exact[w] else stride.along
    else:
        for i in range(n + 1):
            c.right[i, w] = c.generic[i]
        c.within[w] = stride.sure


@njit(**INSIDE)
def _correct(c: Trace, w: int, stride: Stride, fresh: bool, goal: float) -> bool:
    """Correct x by the step that was solved for; whether the point is given up instead."""
    n = len(c.x) - 1
    size = 0.0
    for i in range(n + 1):
        size += c.step[i, w] * c.step[i, w]
    size = np.sqrt(size)
    if not size < 1e30:
        return True
    if fresh:
        if c.corrections[w] >= 4 * stride.corrections:
            return True
    else:
        limit = min(0.6 * c.tried[w], stride.far) if c.corrections[w] == 0 else 0.7 * c.last[w]
        limit = limit if c.tried[w] > 0.0 else np.inf
        if c.corrections[w] - c.polished[w] >= stride.corrections or (size > limit and size > stride.close):
            return True
    if c.corrections[w] == 0:
        c.first[w] = size
    c.last[w] = size
    c.corrections[w] += 1
    c.settled[w] = size <= stride.rounding * max(10.0, c.x[n, w])
    for i in range(n + 1):
        c.x[i, w] += c.step[i, w]
    if c.landing[w]:
        c.x[n, w] = goal
    return False


@njit(**INSIDE)
def _turn(c: Trace, w: int, stride: Stride, fresh: bool) -> bool:
    """Take the tangent that was solved for; whether it turns too sharply."""
    n = len(c.x) - 1
    size, straight = 0.0, 0.0
    for i in range(n + 1):
        size += c.step[i, w] * c.step[i, w]
        straight += c.step[i, w] * c.tangent[i, w]
    size = np.sqrt(size)
    least = stride.straight if c.tried[w] > 0.0 else 0.1  # else the last point found better
    if not size < 1e30 or (not fresh and not straight >= least * size):
        return True
    for i in range(n + 1):
        c.ahead[i, w] = c.step[i, w] / size
    c.phase[w] = SIGN
    return False


@njit(**INSIDE)
def _overshot(c: Trace, w: int, goal: float) -> bool:
    """If x lies beyond t = goal, go back there; whether it did."""
    n = len(c.x) - 1
    if c.landing[w] or not c.here[n, w] < goal <= c.x[n, w]:
        return False
    share = (goal - c.here[n, w]) / (c.x[n, w] - c.here[n, w])
    for i in range(n + 1):
        c.x[i, w] = c.here[i, w] + share * (c.x[i, w] - c.here[i, w])
    c.x[n, w] = goal
    c.phase[w], c.landing[w], c.settled[w] = CORRECT, True, False
    c.corrections[w] = c.polished[w] = 0
    c.tried[w] *= share
    return True


@njit(**INSIDE)
def _advance(c: Trace, w: int, stride: Stride, fresh: bool) -> None:
    """x is the next point of the branch: stand there, and choose the length of the next step."""
    n = len(c.x) - 1
    gap = 0.0
    for i in range(n + 1):
        gap += (c.x[i, w] - c.here[i, w]) ** 2
        c.before[i, w], c.tangent[i, w] = c.tangent[i, w], c.ahead[i, w]
        c.here[i, w] = c.x[i, w]
    if not fresh and c.tried[w] > 0.0:
        c.gap[w] = np.sqrt(gap)
        factor = 2.0
        if c.corrections[w] > 0:
            factor = min(2.0, max(0.5, (stride.aim / max(c.first[w], 1e-30)) ** (1.0 / 3.0)))
        if c.corrections[w] - c.polished[w] > 4:
            factor = min(factor, 0.6)
        longer = factor * c.tried[w]
        c.length[w] = max(c.length[w], longer) if c.landing[w] else longer
    c.length[w] = min(c.length[w], max(stride.longest, stride.share * c.x[n, w]))


@njit(**INSIDE)
def _match(x: Floats, w: int, twin: Longs, j: int) -> None:
    """Make twins in lane w alike."""
    if j < twin.shape[1]:
        for b in range(len(twin)):
            r = twin[b, j]
            x[b, w] = x[r - 1, w] if r > 0 else (-x[-1 - r, w] if r < 0 else 0.0)


@njit(**INSIDE)
def _torn(lanes: Lanes, w: int, alike: Longs, j: int, within: float) -> bool:
    """Whether moves in lane w that have the same probability all along the branch are apart, in log-odds."""
    apart = 0.0
    if j < alike.shape[1]:
        for a in range(len(alike)):
            apart = max(apart, abs(lanes.log_strategy[a, w] - lanes.log_strategy[alike[a, j], w]))
    return apart > within


@njit(**KERNEL)
def trace(
    plan: Plan,
    numbers: Numbers,
    targets: Floats,
    stride: Stride,
    draws: Longs,
    start: int,
    same: tuple[Longs, Longs],
    scratch: tuple[Lanes, Slopes, Krylov, Trace],
    where: tuple[Floats, Floats, Longs, Longs, Longs],
) -> None:
    """Trace the branch of some draws to the targets that t_found [T, n] and y_found [T, B, n] do not hold yet.

    Starts from the point they hold for the last target, or at t = 0, as `start` says. What they hold afterwards is as
    in climb.climb. Adds to `cost` [n] the sweeps and products, to `folds` [n] how often the branch turned, and to
    `forks` [n] how many forks it went straight through; these five, in this order, are `where`. To LOOK is to add to
    `forks` the points held at which the determinant is not positive, and to move nothing.

    `same` is (twin, alike). Unknowns that agree all along the branch are kept equal: `twin` [B, n] says 1 + r or -1 - r
    for an unknown that is that of row r or the opposite, 0 for one that is zero. Moves do so, too: `alike` [A, n] says
    which row has the same probability, and a step that tears them apart is refused. [B, 0] and [A, 0] ask for nothing.
    """
    (twin, alike), (lanes, d, k, c), (t_found, y_found, cost, folds, forks) = same, scratch, where
    n, n_targets, following = len(c.x) - 1, len(targets), 0
    c.draw[:] = -1
    while True:
        busy = False
        for w in range(LANES):
            if c.draw[w] < 0 and following < len(draws):
                j = draws[following]
                following += 1
                load(lanes, w, numbers, j)
                c.draw[w], c.target[w] = j, 0
                for b in range(n):
                    c.x[b, w] = 0.0 if start == ANEW else y_found[n_targets - 1, b, j]
                c.x[n, w] = 0.0 if start == ANEW else t_found[n_targets - 1, j]
                while start == ON and c.target[w] < n_targets:
                    if t_found[c.target[w], j] < targets[c.target[w]] * numbers.scale[j]:
                        break
                    c.target[w] += 1
                _begin(c, w, stride, forks[j])
            busy |= c.draw[w] >= 0
        if not busy:
            return
        for w in range(LANES):
            if start == LOOK and c.draw[w] >= 0:
                c.phase[w], c.x[n, w] = SIGN, t_found[c.target[w], c.draw[w]]
                for b in range(n):
                    c.x[b, w] = y_found[c.target[w], b, c.draw[w]]
        sweep(plan, lanes, c.x[n], c.x[:n], c.y_next)
        for w in range(LANES):
            if c.draw[w] >= 0:
                _ask(c, w, stride, c.orientation[w] == 0)
            else:
                c.within[w] = 1.0
        gmres(plan, lanes, d, k, c.x[n], c.border, c.right, c.within, c.step)
        for w in range(LANES):
            j = c.draw[w]
            if j < 0:
                continue
            fresh = c.orientation[w] == 0
            c.taken[w] += 1 + k.taken[w]
            lost = c.target[w] == n_targets
            if start == LOOK:
                forks[j] += k.sign[w] <= 0.0
                c.target[w] += 1
                if c.target[w] == n_targets:
                    c.draw[w] = -1
                continue
            if c.closing[w]:
                lost = c.phase[w] != CORRECT or c.corrections[w] > stride.corrections
                if not lost:
                    for i in range(n + 1):
                        c.x[i, w] += c.step[i, w]
                    c.corrections[w] += 1
                else:
                    for i in range(n + 1):
                        c.here[i, w] = c.x[i, w]
            elif not lost:
                goal = targets[c.target[w]] * numbers.scale[j]
                refused, next_point, exact = False, False, c.exact[w]
                if c.phase[w] == CORRECT:
                    refused = _correct(c, w, stride, fresh, goal)
                    _match(c.x, w, twin, j)
                elif c.phase[w] == TANGENT:
                    _match(c.step, w, twin, j)
                    if _torn(lanes, w, alike, j, stride.exact if c.exact[w] else stride.alike):
                        refused, c.polish[w] = not fresh, stride.polish
                    refused = refused or _turn(c, w, stride, fresh)
                else:
                    sign = int(k.sign[w])
                    flipped = not fresh and sign != c.orientation[w]
                    refused = sign == 0
                    if flipped and c.tried[w] > stride.fork * max(1.0, c.here[n, w]):
                        refused, c.polish[w] = True, stride.polish
                    if not refused and (fresh or not _overshot(c, w, goal)):
                        next_point = True
                        forks[j] += flipped
                        folds[j] += not fresh and c.ahead[n, w] * c.tangent[n, w] < 0.0
                        c.orientation[w] = sign
                        if forks[j] > c.passed[w] and c.tried[w] > stride.clear:
                            c.polish[w], c.passed[w] = 0, forks[j]
                        c.exact[w] &= c.polish[w] > 0 or c.tried[w] < 10.0 * stride.clear
                        _advance(c, w, stride, fresh)
                        while c.target[w] < n_targets and (c.landing[w] or fresh):
                            if c.x[n, w] < targets[c.target[w]] * numbers.scale[j]:
                                break
                            t_found[c.target[w], j] = c.x[n, w]
                            for b in range(n):
                                y_found[c.target[w], b, j] = c.x[b, w]
                            c.target[w] += 1
                if refused:
                    c.length[w] = 0.4 * (min(c.length[w], c.tried[w]) if c.tried[w] > 0.0 else c.length[w])
                    next_point = True
                    c.exact[w] |= c.polish[w] > 0 or c.length[w] < stride.clear
                lost = c.target[w] == n_targets or (refused and fresh)
                if not lost and (c.taken[w] >= stride.budget or c.length[w] <= stride.shortest or not c.x[n, w] > -1.0):
                    c.closing[w], c.landing[w], c.phase[w], c.corrections[w] = True, False, CORRECT, 0
                    for i in range(n + 1):
                        c.x[i, w] = c.here[i, w]
                elif next_point and not lost:
                    _predict(c, w, targets[c.target[w]] * numbers.scale[j])
                    if c.exact[w] and not exact:
                        _stay(c, w)
            if lost:
                cost[j] += c.taken[w]
                for later in range(c.target[w], n_targets):
                    t_found[later, j] = c.here[n, w]
                    for b in range(n):
                        y_found[later, b, j] = c.here[b, w]
                c.draw[w] = -1
                for i in range(n + 1):
                    c.x[i, w] = 0.0


def crossed(plan: Plan, numbers: Numbers, draws: Longs, t: Floats, y: Floats) -> Bools:
    """[len(draws)] where points y [T, B, n] at t [T, n] of some draws lie beyond a fork, or on another branch.

    The determinant of the derivative of F by y is 1 at t = 0. Wherever the branch rises it is positive, however often
    it turned before, unless it went straight through a fork.
    """
    n, draws_in_all = len(plan.plus), t.shape[1]
    none = np.zeros((n, 0), np.int64), np.zeros((int(plan.action_start[-1]), 0), np.int64)
    scratch = new_lanes(plan, numbers), new_slopes(plan), new_krylov(n), new_trace(n)
    counts = np.zeros((3, draws_in_all), np.int64)
    trace(plan, numbers, np.ones(len(t)), Stride(), draws, LOOK, none, scratch, (t, y, counts[0], counts[1], counts[2]))
    return np.asarray(counts[2, draws] > 0)
