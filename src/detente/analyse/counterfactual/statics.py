"""Comparative statics: change one thing, hold every draw, and see which way a probability goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Z95, Finding
from detente.arrays import Floats
from detente.display import Displayed
from detente.draws.sampler import Draws
from detente.language.tolerance import TOLERANCE
from detente.model.record import Static
from detente.model.schema import Model

DOWN, UP = 0.10, 0.90
METHOD = "paired draws: the same draws twice, apart from what is changed; 95% interval of the mean difference"


@dataclass(frozen=True)
class Arm:
    """One side of a comparison: quantities at given values, and moves that are forced."""

    fixed: Mapping[str, float]
    forced: Mapping[str, str]


@dataclass(frozen=True)
class StaticResult(Displayed):
    """What a comparative static came to. `effect` is the mean of the paired differences."""

    name: str
    says: str
    mechanism: str
    expected: str
    effect: Finding
    before: Finding
    after: Finding
    share: float  # of draws in which the difference has the expected sign
    holds: bool | None  # None where no draw can judge it
    change: str
    unjudged: int = 0  # draws in which the question is not a number on one side


def arms(static: Static, draws: Draws) -> tuple[Arm, Arm]:
    """The two sides of a static: before and after."""
    names = (*static.raise_, *static.lower)
    before, after = {}, {}
    for name in names:
        low, high = (float(v) for v in np.quantile(draws.truth[name], [DOWN, UP]))
        if static.from_ is not None and static.to is not None:
            before[name], after[name] = static.from_, static.to
        elif name in static.lower:
            before[name], after[name] = high, low
        else:
            before[name], after[name] = low, high
    return Arm(before, static.instead_of), Arm(after, static.force)


def conclude(model: Model, name: str, before: Floats, after: Floats, sides: tuple[Arm, Arm]) -> StaticResult:
    """The result of a static from the value of its question in every draw, before and after."""
    static = model.statics[name]
    known = ~(np.isnan(before) | np.isnan(after))
    difference = (after - before)[known]
    difference[np.abs(difference) <= TOLERANCE * (np.abs(before) + np.abs(after))[known]] = (
        0.0  # rounding moves nothing
    )
    n = len(difference)
    mean = float(difference.mean()) if n else np.nan
    error = float(difference.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    low, high = mean - Z95 * error, mean + Z95 * error
    expected = static.then.effect
    if expected == "stays":
        holds, sign = bool(-static.within <= low and high <= static.within), np.abs(difference) <= static.within
    elif expected == "rises":
        holds, sign = bool(low > 0), difference > 0
    else:
        holds, sign = bool(high < 0), difference < 0
    effect = Finding(name, mean, low, high, n, error, "95% of the mean", METHOD)
    says = static.says or f"{static.then.what} {expected}"
    return StaticResult(
        name,
        says,
        static.mechanism,
        expected,
        effect,
        Finding.of("before", before[known]),
        Finding.of("after", after[known]),
        float(sign.mean()) if n else np.nan,
        holds if n else None,
        change_of(sides),
        len(known) - n,
    )


def change_of(sides: tuple[Arm, Arm]) -> str:
    """What is changed between two sides, in words."""
    before, after = sides
    parts = [f"{name} from {before.fixed[name]:.3g} to {after.fixed[name]:.3g}" for name in after.fixed]
    if after.forced:
        made = ", ".join(f"{stage} is {move}" for stage, move in after.forced.items())
        free = ", ".join(f"{stage} is {move}" for stage, move in before.forced.items()) or "a free choice"
        parts.append(f"{made} instead of {free}")
    return " and ".join(parts)
