"""Numbers as people read them."""

from __future__ import annotations

import math

NOISE = 1e-12  # of any number: rounding
UNNOTICED = 5e-7  # of a difference in stakes or of probabilities


def percent(p: float) -> str:
    """A probability: whole percents in the middle, more digits near the ends, never a false 0% or 100%."""
    if math.isnan(p):
        return "not defined"
    if p in (0.0, 1.0):
        return f"{p:.0%}"
    if p < 0.001:
        return "<0.1%"
    if p > 0.999:
        return ">99.9%"
    return f"{p:.1%}" if p < 0.0995 or p > 0.9905 else f"{p:.0%}"


def share(p: float) -> str:
    """A share of draws."""
    return percent(p)


def number(x: float) -> str:
    """A number with three digits that mean something; what is left of rounding is 0."""
    if math.isnan(x):
        return f"{x:g}"
    if abs(x) <= NOISE:
        return "0"
    return f"{x:.3g}" if 1e-4 <= abs(x) < 1e6 else f"{x:.2e}"


def signed(x: float) -> str:
    """A difference in stakes or of probabilities, with its sign; what nobody would ever notice is 0."""
    if math.isnan(x):
        return "not defined"
    return "0" if abs(x) < UNNOTICED else f"{x:+.3g}"


def counted(n: float, one: str, many: str = "") -> str:
    """A number of things: `1 period`, `2 periods`; `many` where the plural is not made by an s."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
