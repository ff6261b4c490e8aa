"""What the operators and functions of expressions do with numbers, [n] of them or one.

The strict ones, written with a question mark, are those of questions (`language.strict`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from detente.arrays import Bools, Floats

OPERATORS: dict[str, Callable[..., Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "neg": np.negative,
    "<": lambda a, b: np.less(a, b).astype(float),
    "<=": lambda a, b: np.less_equal(a, b).astype(float),
    ">": lambda a, b: np.greater(a, b).astype(float),
    ">=": lambda a, b: np.greater_equal(a, b).astype(float),
    "==": lambda a, b: np.equal(a, b).astype(float),
    "!=": lambda a, b: np.not_equal(a, b).astype(float),
    "and": lambda a, b: ((a != 0) & (b != 0)).astype(float),
    "or": lambda a, b: ((a != 0) | (b != 0)).astype(float),
    "not": lambda a: (a == 0).astype(float),
    "if": lambda c, a, b: np.asarray(np.where(c != 0, a, b)),
    "min": lambda *args: np.minimum.reduce(np.broadcast_arrays(*args)),
    "max": lambda *args: np.maximum.reduce(np.broadcast_arrays(*args)),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
}


def _strictly(operator: Callable[..., Floats]) -> Callable[..., Floats]:
    """An operator whose value is not a number (nan) where an argument or the value itself is none, or is infinite."""

    def value(*args: Floats) -> Floats:
        found = np.asarray(operator(*args), float)
        good = np.isfinite(found)
        for arg in args:
            good = good & np.isfinite(arg)
        return np.where(good, found, np.nan)

    return value


def _known(true: Bools, false: Bools) -> Floats:
    """1, 0, or nan where neither is known."""
    return np.where(true, 1.0, np.where(false, 0.0, np.nan))


OPERATORS |= {f"{op}?": _strictly(operator) for op, operator in OPERATORS.items()}
OPERATORS |= {  # Kleene's logic, and the margins of it: the side that decides is enough
    "and?": lambda a, b: _known(_true(a) & _true(b), (a == 0) | (b == 0)),
    "or?": lambda a, b: _known(_true(a) | _true(b), (a == 0) & (b == 0)),
    "not?": lambda a: _known(a == 0, _true(a)),
    "if?": lambda c, a, b: np.where(_true(c), a, np.where(c == 0, b, np.nan)),
    "least": lambda a, b: np.where((np.fmin(a, b) < 0) | ~np.isnan(a + b), np.fmin(a, b), np.nan),
    "most": lambda a, b: np.where((np.fmax(a, b) > 0) | ~np.isnan(a + b), np.fmax(a, b), np.nan),
}


def _true(a: Floats) -> Bools:
    return np.asarray((a != 0) & ~np.isnan(a))
