"""Draws renewed where evidence has left too few of them: tempering, resampling, and Metropolis moves on the sources.

Sequential Monte Carlo (Del Moral, Doucet & Jasra 2006) from what was known to what is known now. Draws are points in
free scores, independent standard normal numbers; a proposal of Crank and Nicolson's kind, u' = sqrt(1 - b^2) u + b z,
leaves these alone, so that whether it is accepted depends on the likelihood of what is known only, however many sources
there are (Cotter, Roberts, Stuart & White 2013). That likelihood is the solved game's: every proposal is solved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detente.analyse.evidence.pareto import effective
from detente.arrays import Floats, Longs

SMC = "Del Moral, Doucet & Jasra (2006), Sequential Monte Carlo samplers, JRSS B 68, 411-436"
PCN = "Cotter, Roberts, Stuart & White (2013), MCMC methods for functions, Statistical Science 28, 424-446"
LEFT = 0.5  # the share of draws that a step of tempering leaves effective
MOVED = 3.0  # moves that a draw is to be given on average, at each step
MOST_SWEEPS, MOST_STEPS = 12, 40
WIDEST, NARROWEST = 1.0, 0.05
AIM = 0.35  # the share of proposals to be accepted

Evaluate = Callable[[Floats], tuple[Floats, Floats]]
"""[n] the logarithm of the likelihood of what was known, and of what is known now, at [S, n] points."""


@dataclass(frozen=True, eq=False)
class Renewed:
    """Draws as points in free scores, [S, n], all of equal weight; the steps and sweeps it took, and the share of
    proposals that were accepted in the last."""

    free: Floats
    steps: int
    sweeps: int
    accepted: float


def renewed(
    free: Floats, before: Floats, after: Floats, evaluate: Evaluate, rng: np.random.Generator, wanted: float = MOVED
) -> Renewed:
    """Draws from what is known now, from [S, n] draws from what was known: [n] the logarithms of both likelihoods.

    `wanted`: how many moves a draw is given on average, at each step.
    """
    at, steps, sweeps, width, share = 0.0, 0, 0, 0.6, float("nan")
    free, before, after = free.copy(), before.copy(), after.copy()
    while at < 1.0:
        step = _step(_difference(after, before), 1.0 - at) if steps < MOST_STEPS - 1 else 1.0 - at
        kept = resampled(np.exp(_over(_part(_difference(after, before), step))), rng)
        free, before, after = free[:, kept], before[kept], after[kept]
        at, steps, moved = at + step, steps + 1, 0.0
        for _ in range(MOST_SWEEPS):
            tried = np.sqrt(1 - width**2) * free + width * rng.standard_normal(free.shape)
            old, new = evaluate(tried)
            taken = np.log(rng.random(free.shape[1])) < _at(old, new, at) - _at(before, after, at)
            free[:, taken], before[taken], after[taken] = tried[:, taken], old[taken], new[taken]
            share, sweeps = float(taken.mean()), sweeps + 1
            moved += share * width**2 / 0.36
            width = float(np.clip(width * np.exp(share - AIM), NARROWEST, WIDEST))
            if moved >= wanted:
                break
    return Renewed(free, steps, sweeps, share)


def _difference(after: Floats, before: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.where(np.isneginf(after), -np.inf, after - before)


def _at(before: Floats, after: Floats, at: float) -> Floats:
    """The logarithm of the likelihood on the way, `at` of it gone."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isneginf(before) | np.isneginf(after), -np.inf, (1 - at) * before + at * after)


def _over(logs: Floats) -> Floats:
    return np.asarray(logs - logs.max())


def _part(gap: Floats, step: float) -> Floats:
    """A part of the way in logarithms; what is impossible stays so."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isneginf(gap), -np.inf, step * gap)


def _step(gap: Floats, most: float) -> float:
    """How far tempering may go, so that half of the draws stay effective; found by halving."""

    def left(step: float) -> float:
        return effective(np.exp(_over(_part(gap, step))))

    if left(most) >= LEFT * len(gap):
        return most
    low, high = 0.0, most
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if left(middle) >= LEFT * len(gap) else (low, middle)
    return max(low, 1e-3 * most)


def resampled(weights: Floats, rng: np.random.Generator) -> Longs:
    """[n] the draws that are kept, by number: systematic resampling (Carpenter, Clifford & Fearnhead 1999)."""
    n = len(weights)
    ends = np.cumsum(weights) / weights.sum()
    return np.searchsorted(ends, (rng.random() + np.arange(n)) / n).clip(0, n - 1)
