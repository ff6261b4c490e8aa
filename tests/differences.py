"""Derivatives as they are told without calculus."""

from __future__ import annotations

from collections.abc import Callable

from detente.arrays import Floats


def differences(f: Callable[[Floats], Floats], x: Floats, h: float = 1e-4) -> Floats:
    """The derivative of f at x, elementwise: central differences of the fourth order."""
    return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)
