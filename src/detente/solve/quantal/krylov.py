"""Linear systems in the Jacobian of the branch, LANES draws at a time, without ever forming it (compiled).

The derivative of G, which a sweep is, has few eigenvalues that matter: beliefs answer to beliefs through few channels.
GMRES (Saad & Schultz 1986) therefore needs a handful of products with it, where a factorisation would cost the cube of
the number of unknowns. Its Hessenberg matrix also tells the sign of the determinant, since eigenvalues far from the
rest are the first that it finds.

This module imports numba; it is imported when a solver is at work and not before.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Floats, Longs
from detente.solve.compiled.kept import njit
from detente.solve.compiled.lanes import INSIDE, LANES, all_lanes, at, blank, put
from detente.solve.quantal.jacobian import Slopes, slope
from detente.solve.quantal.layout import Plan
from detente.solve.quantal.sweep import Lanes

DEPTH = 60  # most products for a system
_TINY = 1e-290


class Krylov(NamedTuple):
    """Scratch of GMRES; K products at most."""

    basis: Floats  # [K + 1, B + 1, LANES]
    along: Floats  # [B, LANES]
    upper: Floats  # [K + 1, K, LANES] Hessenberg matrix, turned upper triangular as it grows
    cosine: Floats  # [K, LANES]
    sine: Floats  # [K, LANES]
    rest: Floats  # [K + 1, LANES] the right-hand side in the basis, turned with it
    sign: Floats  # [LANES] the sign of the determinant, as far as the basis tells
    size: Floats  # [LANES]
    goal: Floats  # [LANES] the residual to be reached
    taken: Longs  # [LANES] products spent


def new_krylov(n_unknowns: int) -> Krylov:
    """Scratch for one worker."""
    size, depth = n_unknowns + 1, min(DEPTH, n_unknowns + 1)
    shapes = [(depth + 1, size), (n_unknowns,), (depth + 1, depth), (depth,), (depth,), (depth + 1,), (), (), ()]
    return Krylov._make([*(blank(*shape) for shape in shapes), np.zeros(LANES, np.int64)])


@njit(**INSIDE)
def gmres(
    plan: Plan, lanes: Lanes, d: Slopes, k: Krylov, t: Floats, border: Floats, right: Floats, within: Floats, x: Floats
) -> None:
    """Solve A x = right [B + 1, LANES] for the bordered Jacobian A = [I - dG/dy, -dG/dt; border] of each lane.

    The residual is brought below `within` [LANES] of its right-hand side, or as far as DEPTH products go; lanes with
    `within` of 1 or more are left alone. `lanes` holds a sweep at t. Afterwards `k.sign` is the sign of det A and
    `k.taken` what was spent. A lane's results do not depend on the others.
    """
    n, depth = len(x) - 1, k.upper.shape[1]
    basis, upper, rest, size = k.basis, k.upper, k.rest, k.size
    total = all_lanes(0.0)
    for i in range(n + 1):
        total += at(right, i) * at(right, i)
    put(total, size)
    for w in range(LANES):
        k.sign[w] = 1.0
        k.taken[w] = 0
        size[w] = np.sqrt(size[w])
        rest[0, w] = size[w]
        k.goal[w] = within[w] * size[w]
        size[w] = 1.0 / size[w] if size[w] > _TINY else 0.0
    scale = at(size)
    for i in range(n + 1):
        put(at(right, i) * scale, basis, 0, i)
        put(0.0, x, i)
    for j in range(depth):
        busy = False
        for w in range(LANES):
            busy |= k.taken[w] == j and abs(rest[j, w]) > k.goal[w]
        if not busy:
            break
        slope(plan, lanes, d, t, basis[j], k.along)
        product = basis[j + 1]
        for i in range(n):
            put(at(basis, j, i) - at(k.along, i), product, i)
        total = all_lanes(0.0)
        for i in range(n + 1):
            total += at(border, i) * at(basis, j, i)
        put(total, product, n)
        for m in range(j + 1):
            total = all_lanes(0.0)
            for i in range(n + 1):
                total += at(basis, m, i) * at(product, i)
            put(total, upper, m, j)
            for i in range(n + 1):
                put(at(product, i) - total * at(basis, m, i), product, i)
        total = all_lanes(0.0)
        for i in range(n + 1):
            total += at(product, i) * at(product, i)
        put(total, size)
        for w in range(LANES):
            length = np.sqrt(size[w])
            upper[j + 1, j, w] = length
            size[w] = 1.0 / length if length > 1e-13 else 0.0
        scale = at(size)
        for i in range(n + 1):
            put(at(product, i) * scale, product, i)
        for m in range(j):
            above, below = at(upper, m, j), at(upper, m + 1, j)
            put(at(k.cosine, m) * above + at(k.sine, m) * below, upper, m, j)
            put(at(k.cosine, m) * below - at(k.sine, m) * above, upper, m + 1, j)
        for w in range(LANES):
            pivot, lower = upper[j, j, w], upper[j + 1, j, w]
            length = np.sqrt(pivot * pivot + lower * lower)
            inverse = 1.0 / length if length > _TINY else 0.0
            k.cosine[j, w], k.sine[j, w] = pivot * inverse, lower * inverse
            upper[j, j, w] = length
            if k.taken[w] == j and abs(rest[j, w]) > k.goal[w]:
                k.taken[w] = j + 1
                k.sign[w] = np.sign(pivot)  # rotations do not change it, and all earlier pivots are positive
            rest[j + 1, w] = -k.sine[j, w] * rest[j, w]
            rest[j, w] *= k.cosine[j, w]
    for w in range(LANES):
        for j in range(k.taken[w] - 1, -1, -1):
            weight = rest[j, w]
            for m in range(j + 1, k.taken[w]):
                weight -= upper[j, m, w] * rest[m, w]
            rest[j, w] = weight / upper[j, j, w] if upper[j, j, w] > _TINY else 0.0
    for j in range(depth):
        busy = False
        for w in range(LANES):
            busy |= j < k.taken[w]
            size[w] = rest[j, w] if j < k.taken[w] else 0.0
        if not busy:
            break
        scale = at(size)
        for i in range(n + 1):
            put(at(x, i) + scale * at(basis, j, i), x, i)
