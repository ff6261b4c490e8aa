"""All roots in the unit box of polynomials that are linear in each variable by itself.

Such a polynomial takes its extremes over a box at the box's corners, so that boxes without a root are told for certain.
A box is halved until it has no root, or until Newton's method from its middle is known to find the only one: bisection
with exclusion, preconditioned by the Jacobian in the middle (Kearfott 1987, Some tests of generalized bisection, ACM
Transactions on Mathematical Software 13, 197-220).

A polynomial in n variables is an array of 2**n coefficients, axis i being the power (0 or 1) of variable i.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats

_SMALLEST = 1e-5  # boxes smaller than this are not halved: the root in them, if any, is singular
_ROUNDING = 1e-12


class Roots(NamedTuple):
    points: list[Floats]
    complete: bool  # False where the budget ran out, as it does when the roots form a curve


def roots(system: Floats, limits: Floats, groups: list[list[int]], budget: int) -> Roots:
    """The roots of `system` [n, 2, ..., 2], each to machine precision.

    Only those are wanted at which no polynomial of `limits` [any, 2, ..., 2] is negative, and at which no `groups` of
    variables add up to more than one; others may or may not be found. `budget`: boxes that may be looked at.
    """
    n = len(system)
    if n == 0:
        return Roots([np.zeros(0)] if np.all(limits >= -_ROUNDING) else [], True)
    scale = np.abs(system).reshape(n, -1).max(axis=1)
    if not scale.all():
        return Roots([], False)
    system = system / scale.reshape(n, *[1] * n)
    boxes = np.stack([np.zeros((1, n)), np.ones((1, n))], axis=2)  # [boxes, n, 2]
    points: list[Floats] = []
    looked = 0
    while len(boxes):
        looked += len(boxes)
        if looked > budget:
            return Roots(points, False)
        middle = boxes.mean(axis=2)
        _, slope = _at(system, middle)
        inverse = np.linalg.pinv(slope)
        corners = _corners(system, boxes)
        plain = corners.reshape(len(boxes), n, -1)
        sharp = inverse @ plain
        noise = _ROUNDING * (1 + np.abs(inverse).sum(axis=2))
        none = _without_root(plain, np.full(plain.shape[:2], _ROUNDING)) | _without_root(sharp, noise)
        none |= _forbidden(limits, groups, boxes)
        single = _single(sharp.reshape(corners.shape), boxes)
        small = (boxes[:, :, 1] - boxes[:, :, 0]).max(axis=1) < _SMALLEST
        halved = []
        for box in np.flatnonzero(~none & (single | small)):
            root = _newton(system, middle[box])
            inside = root is not None and bool(
                np.all((root >= boxes[box, :, 0] - 1e-9) & (root <= boxes[box, :, 1] + 1e-9))
            )
            if root is not None and inside:
                root = np.clip(root, 0.0, 1.0)
                if all(np.abs(root - other).max() > 1e-7 for other in points):
                    points.append(root)
            elif root is None and not small[box]:
                halved.append(int(box))
        boxes = _halves(boxes[np.concatenate([np.flatnonzero(~none & ~single & ~small), np.array(halved, np.int64)])])
    return Roots(points, True)


def survivors(system: Floats, limits: Floats, groups: list[list[int]], most: int) -> Floats:
    """[boxes, n] the middles of boxes that may hold points where all of `system` vanish and all of `limits` are met.

    For systems of any number of equations. None are left if there are certainly no such points.
    """
    n = limits.ndim - 1
    boxes = np.stack([np.zeros((1, n)), np.ones((1, n))], axis=2)
    for _ in range(6 * n):
        corners = _corners(system, boxes).reshape(len(boxes), len(system), 2**n)
        none = _without_root(corners, np.full(corners.shape[:2], _ROUNDING)) | _forbidden(limits, groups, boxes)
        boxes = boxes[~none]
        if not 0 < 2 * len(boxes) <= most:
            break
        boxes = _halves(boxes)
    return np.asarray(boxes.mean(axis=2))


def _halves(boxes: Floats) -> Floats:
    """Each box cut in two across its longest side."""
    longest = np.argmax(boxes[:, :, 1] - boxes[:, :, 0], axis=1)
    row = np.arange(len(boxes))
    cut = boxes[row, longest].mean(axis=1)
    low, high = boxes.copy(), boxes.copy()
    low[row, longest, 1], high[row, longest, 0] = cut, cut
    return np.concatenate([low, high])


def _forbidden(limits: Floats, groups: list[list[int]], boxes: Floats) -> Bools:
    """[boxes] whether some limit is negative at all corners, or some group of variables too large."""
    corners = _corners(limits, boxes).reshape(len(boxes), len(limits), 2 ** boxes.shape[1])
    none = np.asarray((corners.max(axis=2, initial=-np.inf) < -_ROUNDING).any(axis=1))
    for group in groups:
        none |= boxes[:, group, 0].sum(axis=1) > 1 + _ROUNDING
    return none


def _corners(system: Floats, boxes: Floats) -> Floats:
    """[boxes, n, 2, ..., 2] the values of the polynomials at the corners of boxes."""
    n = system.ndim - 1
    values = np.broadcast_to(system, (len(boxes), *system.shape)).copy()
    for i in range(n):
        values = np.moveaxis(values, i + 2, -1)
        bounds = boxes[:, i].reshape(len(boxes), *[1] * n, 2)
        values = values[..., :1] + values[..., 1:] * bounds
        values = np.moveaxis(values, -1, i + 2)
    return values


def _without_root(values: Floats, noise: Floats) -> Bools:
    """[boxes] whether some polynomial has the same sign, beyond rounding, at all corners."""
    return np.asarray(
        ((values.min(axis=2, initial=np.inf) > noise) | (values.max(axis=2, initial=-np.inf) < -noise)).any(axis=1)
    )


def _single(values: Floats, boxes: Floats) -> Bools:
    """[boxes] whether the Jacobian is dominated by its diagonal everywhere in a box, so that it has one root at most.

    Derivatives, too, take their extremes at corners: they are differences of values along an edge.
    """
    n = boxes.shape[1]
    off = np.zeros((len(boxes), n))
    for j in range(n):
        width = (boxes[:, j, 1] - boxes[:, j, 0]).reshape(len(boxes), 1, 1)
        rise = np.diff(values, axis=j + 2).reshape(len(boxes), n, -1) / width
        rise = rise - (np.arange(n) == j)[None, :, None]
        off += np.abs(rise).max(axis=2)
    return np.asarray((off < 1.0).all(axis=1))


def _at(system: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Values [points, n] and Jacobians [points, n, n] of the polynomials."""
    n = len(system)

    def reduced(skipped: int) -> Floats:
        found = np.broadcast_to(system, (len(points), *system.shape))
        for i in range(n - 1, -1, -1):
            at = points[:, i].reshape(len(points), *[1] * (found.ndim - 2))
            found = found[..., 1] if i == skipped else found[..., 0] + found[..., 1] * at
        return np.asarray(found)

    return reduced(-1), np.stack([reduced(i) for i in range(n)], axis=2)


def _newton(system: Floats, start: Floats) -> Floats | None:
    """Newton's method, from a point in the box; None where it does not settle."""
    point = start.copy()
    for _ in range(60):
        value, slope = _at(system, point[None])
        try:
            step = np.linalg.solve(slope[0], value[0])
        except np.linalg.LinAlgError:
            step = np.linalg.lstsq(slope[0], value[0], rcond=None)[0]
        point = point - step
        if not np.all(np.abs(point) < 10):
            return None
        if np.abs(step).max() < 1e-15:
            return point
    return point if np.abs(_at(system, point[None])[0]).max() < 1e-13 else None
