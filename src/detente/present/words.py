"""Numbers as people read them."""

from __future__ import annotations

import math


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
    """A number with three digits that mean something."""
    if x == 0 or math.isnan(x):
        return f"{x:g}"
    return f"{x:.3g}" if 1e-4 <= abs(x) < 1e6 else f"{x:.2e}"
