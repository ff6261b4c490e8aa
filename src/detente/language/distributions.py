"""The families an uncertain number may come from, by their quantile functions.

Everything is sampled by inverting a distribution function at a uniform number, so that one stream of uniforms per
source of uncertainty gives paired draws, rank correlation (a normal copula) and slices of equal probability alike.
Parameters may themselves be arrays over draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from detente.arrays import Bools, Floats
from detente.language.expressions import FAMILIES
from detente.language.normal import expit, logit, normal_quantile

Z90 = 1.6448536269514722  # 90% of a normal distribution lie within so many standard deviations of its mean
BOUNDED_UNITS = ("probability", "share")
POSITIVE = {
    "normal": (1,),
    "lognormal": (0, 1),
    "loguniform": (0, 1),
    "beta": (0, 1),
    "gamma": (0, 1),
    "exponential": (0,),
    "student": (0, 2),
}


class DistributionError(ValueError):
    """Parameters that make no distribution: what was found, in which draw first, and what is possible."""

    def __init__(self, message: str, hint: str = "", draw: int | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.draw = message, hint, draw


def interval_family(low: float, high: float, unit: str) -> str:
    """The family of `low to high` (5th and 95th percentiles), by sign and unit."""
    if unit in BOUNDED_UNITS:
        return "logit-normal"
    if low > 0:
        return "lognormal"
    return "mirrored lognormal" if high < 0 else "normal"


def check(family: str, params: Sequence[Floats | float], unit: str = "") -> None:
    """Raise DistributionError where the parameters (numbers, or arrays over draws) make no distribution."""
    p = [np.asarray(x, float) for x in params]
    names = ("low", "high") if family == "interval" else FAMILIES[family]

    def must(holds: Bools | np.bool_, message: str, hint: str = "") -> None:
        """`{0}`, `{1}` in the message and the hint are the parameters where they are first wrong."""
        if not np.all(holds):
            draw = int(np.argmin(holds))
            at = [float(np.broadcast_to(x, np.shape(holds)).flat[draw]) for x in p]
            raise DistributionError(message.format(*at), hint.format(*at), draw if np.ndim(holds) else None)

    for k, x in enumerate(p):
        must(np.isfinite(x), f"the {names[k]} of {family} is {{{k}:g}}", "it must be a finite number")
    if family == "interval":
        low, high = p
        must(low <= high, "the interval {0:g} to {1:g} is empty", "write the smaller number first")
        must(low < high, "the interval {0:g} to {1:g} is a point", "write a single number if it is known exactly")
        if unit in BOUNDED_UNITS:
            bounds = f"uniform({np.clip(low.min(), 0, 1):g}, {np.clip(high.max(), 0, 1):g})"
            ends = f"its ends are the 5th and 95th percentiles: write {bounds}, or 0.001 for nearly zero"
            percents = bool((low >= 1).all() and (high <= 100).all())
            must(
                (low > 0) & (high < 1),
                f"the interval {{0:g}} to {{1:g}} of a {unit} must lie strictly between 0 and 1",
                "write percentages as {0:g}% to {1:g}%" if percents else ends,
            )
        else:
            must(
                (low != 0) & (high != 0),
                "an end of the interval {0:g} to {1:g} is zero, which leaves open what lies beyond it",
                "its ends are the 5th and 95th percentiles: write uniform({0:g}, {1:g}) if zero is never passed, "
                "otherwise something small instead of 0",
            )
        return
    for k in POSITIVE.get(family, ()):
        must(p[k] > 0, f"the {names[k]} of {family} is {{{k}:g}}", "it must be above zero")
    if family in ("uniform", "loguniform"):
        must(p[0] < p[1], f"{family}({{0:g}}, {{1:g}}) is empty", "write the smaller number first")
    if family in ("triangular", "pert"):
        ordered = (p[0] <= p[1]) & (p[1] <= p[2]) & (p[0] < p[2])
        must(ordered, f"{family}({{0:g}}, {{1:g}}, {{2:g}}) is not in order", "write low, mode, high")
    if family == "bernoulli":
        must((p[0] >= 0) & (p[0] <= 1), "bernoulli({0:g}) is not a probability", "write a number between 0 and 1")


def quantile(family: str, params: Sequence[Floats | float], u: Floats, unit: str = "") -> Floats:
    """The value below which a share `u` of the distribution lies; `u` and the parameters broadcast over draws."""
    return np.asarray(_quantile(family, [np.asarray(x, float) for x in params], u, unit), float)


def _quantile(family: str, p: Sequence[Floats], u: Floats, unit: str) -> Any:
    match family:
        case "interval":
            return _interval(p[0], p[1], u, unit)
        case "normal":
            return p[0] + p[1] * normal_quantile(u)
        case "lognormal":
            return p[0] * np.exp(p[1] * normal_quantile(u))
        case "uniform":
            return p[0] + (p[1] - p[0]) * u
        case "loguniform":
            return p[0] * np.exp(np.log(p[1] / p[0]) * u)
        case "triangular":
            return _triangular(p[0], p[1], p[2], u)
        case "exponential":
            return -p[0] * np.log1p(-u)
        case "bernoulli":
            return (u > 1 - p[0]).astype(float)
    return _special(family, p, u)


def _special(family: str, p: Sequence[Floats], u: Floats) -> Any:
    """The families whose quantiles have no closed form."""
    from scipy import special  # here, because it loads slowly and few models have these families

    match family:
        case "pert":  # Malcolm et al. 1959: a beta whose mean is (low + 4 mode + high) / 6
            width = p[2] - p[0]
            a, b = 1 + 4 * (p[1] - p[0]) / width, 1 + 4 * (p[2] - p[1]) / width
            return p[0] + width * special.betaincinv(a, b, u)
        case "beta":
            return special.betaincinv(p[0], p[1], u)
        case "gamma":
            return p[1] * special.gammaincinv(p[0], u)
        case "student":
            return p[1] + p[2] * special.stdtrit(p[0], u)
    raise DistributionError(f"there is no family {family!r}")


def _interval(low: Floats, high: Floats, u: Floats, unit: str) -> Any:
    z = normal_quantile(u) / Z90
    family = interval_family(float(low.flat[0]), float(high.flat[0]), unit)
    if family == "logit-normal":
        a, b = logit(low), logit(high)
        return expit((a + b) / 2 + (b - a) / 2 * z)
    if family == "lognormal":
        a, b = np.log(low), np.log(high)
        return np.exp((a + b) / 2 + (b - a) / 2 * z)
    if family == "mirrored lognormal":
        return -_interval(-high, -low, 1 - u, unit)
    return (low + high) / 2 + (high - low) / 2 * z


def _triangular(low: Floats, mode: Floats, high: Floats, u: Floats) -> Floats:
    width = high - low
    turn = (mode - low) / width
    left = low + np.sqrt(u * width * (mode - low))
    right = high - np.sqrt((1 - u) * width * (high - mode))
    return np.where(u < turn, left, right)


def slices(family: str, params: Sequence[float], count: int) -> Floats:
    """[count] the middles (medians) of `count` equally likely slices of a distribution."""
    return quantile(family, params, (np.arange(count) + 0.5) / count)
