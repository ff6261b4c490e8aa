"""The kernels of derivatives through an equilibrium (`adjoint.cpp`), LANES draws at a time.

What is found for a draw depends on its own numbers alone, to the last bit. The draws are at t = 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats
from detente.solve.compiled.library import Kernel
from detente.solve.quantal.layout import Numbers, Plan


class Adjoints(NamedTuple):
    """Derivatives of m readings of n draws by the numbers of their games."""

    payoffs: Floats  # [m, S, P, n] as they stand in Numbers
    chance: Floats  # [m, K, n] inside the game
    offset: Floats  # [m, M, n]
    logits: Floats  # [m, A, n]
    failed: Bools  # [m, n] where the linear system was not solved


_images = Kernel("images", Plan, Numbers, Floats, Floats)
_jacobians = Kernel("belief_jacobians", Plan, Numbers, Floats, Floats, Floats)
_adjoints = Kernel("adjoints", Plan, Numbers, Floats, Floats, Floats, Adjoints)


def images(plan: Plan, numbers: Numbers, y: Floats) -> Floats:
    """[B, n] the unknowns that the unknowns y [B, n] lead to."""
    found = np.empty_like(y)
    _images(plan, numbers, y, found, draws=y.shape[1])
    return found


def belief_jacobians(plan: Plan, numbers: Numbers, y: Floats) -> tuple[Floats, Floats]:
    """[n, B, B] the derivatives of y - G(y), where G is what a sweep does to the unknowns; and G(y) [B, n]."""
    n_unknowns, n = y.shape
    matrix, found = np.empty((n, n_unknowns, n_unknowns)), np.empty_like(y)
    _jacobians(plan, numbers, y, matrix, found, draws=n)
    return matrix, found


def adjoints(plan: Plan, numbers: Numbers, y: Floats, by: Floats, inverse: Floats | None) -> Adjoints:
    """Derivatives of m readings through the fixed point y [B, n], from those by behaviour, `by` [m, A, n].

    `inverse` [n, B, B] is that of the derivative of y - G(y); without it the systems are solved by GMRES.
    """
    m, _, n = by.shape
    slots, players, _ = numbers.payoffs.shape
    found = Adjoints(
        payoffs=np.zeros((m, slots, players, n)),
        chance=np.zeros((m, len(numbers.chance), n)),
        offset=np.zeros((m, len(numbers.offset), n)),
        logits=np.zeros((m, by.shape[1], n)),
        failed=np.zeros((m, n), np.bool_),
    )
    _adjoints(plan, numbers, y, by, np.zeros((0, 0, 0)) if inverse is None else inverse, found, draws=n)
    return found
