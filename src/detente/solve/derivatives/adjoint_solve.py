"""The adjoint of a fixed point: derivatives of readings through the equilibrium, compiled, LANES draws at a time.

Each reading takes one linear system in the transposed Jacobian, solved with an inverse where there is one and by GMRES
where there is none (Saad & Schultz 1986; as in `krylov` its Hessenberg matrix tells the sign of the determinant).

This module imports numba; it is imported when derivatives are asked for and not before.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats
from detente.solve.compiled.kept import njit
from detente.solve.compiled.lanes import KERNEL, LANES, all_lanes, at, blank, put
from detente.solve.derivatives.adjoint_sweep import Pull, clear, follow, pull, seed, take_up
from detente.solve.quantal.layout import Numbers, Plan
from detente.solve.quantal.sweep import Lanes

KRYLOV = 150  # most directions of one linear system that is not solved densely
EXACT = 1e-12  # its residual, as a share of the right hand side, at which a lane is done
LONGEST = 1e8  # a solution longer than the right hand side by this factor tells of a singular system


class Krylov(NamedTuple):
    """Scratch of GMRES."""

    basis: Floats  # [KRYLOV + 1, B, LANES]
    triangle: Floats  # [KRYLOV, KRYLOV + 1, LANES] columns of the triangular factor
    turn: Floats  # [2, KRYLOV, LANES] cosines and sines of the rotations
    right: Floats  # [KRYLOV + 1, LANES]
    done: Floats  # [LANES] directions used, -1 as long as the lane is not done
    norm: Floats  # [LANES]
    sign: Floats  # [LANES] of the determinant, as far as the directions tell


def new_krylov(n_unknowns: int) -> Krylov:
    size = min(KRYLOV, n_unknowns)
    shapes = [(size + 1, n_unknowns), (size, size + 1), (2, size), (size + 1,), (), (), ()]
    arrays = [blank(*shape) for shape in shapes]
    return Krylov(arrays[0], arrays[1], arrays[2], arrays[3], arrays[4], arrays[5], arrays[6])


@njit(**KERNEL)
def gmres(plan: Plan, lanes: Lanes, d: Pull, c: Krylov, count: int) -> None:
    """Solve (I - G_y)' x = r for the right hand side r in d.y, x into d.there (Saad & Schultz 1986, without restart).

    Every lane stops by itself: what the others go on for changes nothing in it. A lane that has found no end, a
    solution beyond all length, or a determinant that is not above zero has `c.done` below zero.
    """
    basis, triangle, size = c.basis, c.triangle, len(c.turn[0])
    total = all_lanes(0.0)
    for b in range(len(d.y)):
        total += at(d.y, b) * at(d.y, b)
    put(total, c.norm)
    c.right[:] = 0.0
    c.sign[:] = 1.0
    for w in range(LANES):
        c.norm[w] = np.sqrt(c.norm[w])
        c.right[0, w] = c.norm[w]
        c.done[w] = -1.0 if w < count and c.norm[w] > 0.0 else 0.0
        d.mean[w] = 1.0 / c.norm[w] if c.norm[w] > 0.0 else 0.0
    for b in range(len(d.y)):
        put(at(d.y, b) * at(d.mean), basis, 0, b)
    for k in range(size):
        busy = False
        for w in range(LANES):
            busy |= c.done[w] < 0.0
        if not busy:
            break
        clear(d)
        follow(plan, d, basis[k])
        pull(plan, lanes, d, False)
        for b in range(len(d.y)):
            put(at(basis, k, b) - at(d.y, b), basis, k + 1, b)
        triangle[k] = 0.0
        for _ in range(2):  # Gram and Schmidt twice, so that the directions stay at right angles
            for i in range(k + 1):
                total = all_lanes(0.0)
                for b in range(len(d.y)):
                    total += at(basis, i, b) * at(basis, k + 1, b)
                for b in range(len(d.y)):
                    put(at(basis, k + 1, b) - total * at(basis, i, b), basis, k + 1, b)
                put(at(triangle, k, i) + total, triangle, k, i)
        total = all_lanes(0.0)
        for b in range(len(d.y)):
            total += at(basis, k + 1, b) * at(basis, k + 1, b)
        put(total, d.total)
        for w in range(LANES):
            length = np.sqrt(d.total[w])
            d.mean[w] = 1.0 / length if length > 0.0 else 0.0
            for i in range(k):
                cosine, sine = c.turn[0, i, w], c.turn[1, i, w]
                upper, lower = triangle[k, i, w], triangle[k, i + 1, w]
                triangle[k, i, w] = cosine * upper + sine * lower
                triangle[k, i + 1, w] = cosine * lower - sine * upper
            whole = np.sqrt(triangle[k, k, w] ** 2 + length**2)
            c.turn[0, k, w] = triangle[k, k, w] / whole if whole > 0.0 else 1.0
            c.turn[1, k, w] = length / whole if whole > 0.0 else 0.0
            triangle[k, k, w] = whole
            c.right[k + 1, w] = -c.turn[1, k, w] * c.right[k, w]
            c.right[k, w] *= c.turn[0, k, w]
            if c.done[w] < 0.0 and whole > 0.0 and abs(c.right[k + 1, w]) <= EXACT * c.norm[w]:
                c.done[w] = k + 1.0
                c.sign[w] = np.sign(c.turn[0, k, w])  # the pivot before it is turned; all earlier ones are positive
        for b in range(len(d.y)):
            put(at(basis, k + 1, b) * at(d.mean), basis, k + 1, b)
    d.there[:] = 0.0
    for w in range(count):
        for i in range(int(c.done[w]) - 1, -1, -1):
            for k in range(i + 1, int(c.done[w])):
                c.right[i, w] -= triangle[k, i, w] * c.right[k, w]
            c.right[i, w] /= triangle[i, i, w]
            for b in range(len(d.y)):
                d.there[b, w] += c.right[i, w] * basis[i, b, w]
        length = 0.0
        for b in range(len(d.y)):
            length += d.there[b, w] * d.there[b, w]
        if not np.sqrt(length) <= LONGEST * c.norm[w] or c.sign[w] <= 0.0:
            c.done[w] = -1.0


@njit(**KERNEL)
def adjoints(
    plan: Plan,
    numbers: Numbers,
    y: Floats,
    by: Floats,
    inverse: Floats,
    lanes: Lanes,
    d: Pull,
    krylov: Krylov,
    payoffs: Floats,
    chance: Floats,
    offset: Floats,
    failed: Bools,
) -> None:
    """Derivatives of m readings through the fixed point y [B, n], from those by behaviour, `by` [m, A, n].

    By the payoffs [m, S, P, n] as they stand in Numbers, chance [m, K, n] inside the game, and offset [m, M, n].
    `inverse` [n, B, B] is that of the derivative of y - G(y); empty, the systems are solved by GMRES, and `failed`
    [m, n] says where that came to no end.
    """
    dense = len(inverse) > 0
    for first in range(0, y.shape[1], LANES):
        count = take_up(plan, numbers, y, first, lanes, d)
        for k in range(len(by)):
            if len(y) > 0:
                seed(lanes, d, by[k], first, count)
                pull(plan, lanes, d, False)
                if dense:
                    d.there[:] = 0.0
                    for w in range(count):
                        for b in range(len(y)):
                            weight = d.y[b, w]
                            if weight != 0.0:
                                for c in range(len(y)):
                                    d.there[c, w] += inverse[first + w, b, c] * weight
                else:
                    gmres(plan, lanes, d, krylov, count)
                    for w in range(count):
                        failed[k, first + w] = krylov.done[w] < 0
            seed(lanes, d, by[k], first, count)
            follow(plan, d, d.there)
            pull(plan, lanes, d, True)
            for s in range(payoffs.shape[1]):
                if d.hot[s]:
                    for q in range(payoffs.shape[2]):
                        for w in range(count):
                            payoffs[k, s, q, first + w] = d.value[s, q, w]
            for c in range(chance.shape[1]):
                for w in range(count):
                    chance[k, c, first + w] = d.chance[c, w]
            for m in range(offset.shape[1]):
                for w in range(count):
                    offset[k, m, first + w] = d.offset[m, w]
