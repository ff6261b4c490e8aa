"""A design that solves again to tell what an answer owes to each factor: first-order and total effects.

Two base samples A and B of N points; for every factor i a third, AB_i: the points of A with the coordinates of factor i
taken from B. That is N (k + 2) solutions for k factors. First-order effects by Saltelli et al. (2010), total effects by
Jansen (1999), with a bootstrap over the base points; the points are Sobol' points, scrambled (Owen 1998).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Z95, Finding
from detente.arrays import Floats

SALTELLI = (
    "Saltelli et al. (2010), Variance based sensitivity analysis of model output: design and estimator for the total "
    "sensitivity index, Computer Physics Communications 181, 259-270"
)
JANSEN = "Jansen (1999), Analysis of variance designs for model output, Computer Physics Communications 117, 35-43"
OWEN = "Owen (1998), Scrambling Sobol' and Niederreiter-Xing points, Journal of Complexity 14, 466-489"
INTERVAL = "95% of the estimate (bootstrap)"
RESAMPLES = 1000
FEWEST = 16  # base points
LARGEST_SHARE_LOST = 0.1  # of base points at which an answer is not a number


@dataclass(frozen=True, eq=False)
class Design:
    """The points of a design as uniform numbers, [d, N (k + 2)]: A, B, then AB_1 to AB_k."""

    points: Floats
    n: int
    factors: int


@dataclass(frozen=True, eq=False)
class Effects:
    """[k] first-order and total effects with standard errors; `variance` [m] of the answers, `lost` base points."""

    first: Floats
    total: Floats
    first_error: Floats
    total_error: Floats
    mean: Floats
    variance: Floats
    n: int
    lost: int

    def finding(self, name: str, k: int, total: bool) -> Finding:
        """The effect of factor k as a Finding."""
        value, error = (self.total[k], self.total_error[k]) if total else (self.first[k], self.first_error[k])
        how, reference = ("total effect", JANSEN) if total else ("first-order effect", SALTELLI)
        return Finding(
            name, float(value), float(value - Z95 * error), float(value + Z95 * error), self.n, float(error),
            INTERVAL, f"{how} from a Sobol' design of {self.n} base points", reference,
        )  # fmt: skip


def base_points(solves: int, factors: int) -> int:
    """The largest power of two of base points that costs at most `solves` solutions, and 16 at least."""
    return int(2 ** max(np.log2(FEWEST), np.floor(np.log2(max(1, solves) / (factors + 2)))))


def design(groups: Sequence[Sequence[int]], dimension: int, n: int, seed: int) -> Design:
    """The design for factors that are groups of the `dimension` coordinates, from n base points."""
    from scipy.stats import qmc  # here, because it takes a second to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy's remark on numbers of points that are no power of two
        sample = qmc.Sobol(2 * dimension, scramble=True, rng=np.random.default_rng(seed)).random(n)
    sample = np.clip(sample, 1e-12, 1 - 1e-12)
    a, b = sample[:, :dimension].T, sample[:, dimension:].T
    parts = [a, b]
    for rows in groups:
        mixed = a.copy()
        mixed[list(rows)] = b[list(rows)]
        parts.append(mixed)
    return Design(np.concatenate(parts, axis=1), n, len(groups))


def estimate(answers: Floats, n: int, factors: int, seed: int = 1998) -> Effects:
    """First-order and total effects from the answers [m, N (k + 2)] at the points of a design.

    Several answers count together, each by its variance (Lamboni, Monod & Makowski 2011). Base points at which some
    answer is not a number are left out; raises ValueError where these are more than a tenth of all.
    """
    cube = answers.reshape(len(answers), factors + 2, n)
    known = ~np.isnan(cube).any(axis=(0, 1))
    lost = int(n - known.sum())
    if lost > LARGEST_SHARE_LOST * n:
        raise ValueError(f"the answer cannot be judged at {lost} of {n} base points")
    cube = cube[:, :, known]
    cube = cube - cube.mean(axis=(1, 2), keepdims=True)
    a, b, mixed = cube[:, 0], cube[:, 1], cube[:, 2:]
    first = (b[:, None] * (mixed - a[:, None])).sum(axis=0)  # [k, n], summed over answers
    total = 0.5 * ((a[:, None] - mixed) ** 2).sum(axis=0)
    pair = np.stack([(a + b).T, (a * a + b * b).T])  # [2, n, m]
    kept = first.shape[1]
    weights = np.random.default_rng(seed).multinomial(kept, np.full(kept, 1 / kept), RESAMPLES).astype(float) / kept

    def indices(w: Floats) -> tuple[Floats, Floats]:
        mean, square = (w @ pair[0]) / 2, (w @ pair[1]) / 2
        variance = (square - mean**2).sum(axis=-1, keepdims=True)
        safe = np.where(variance > 1e-30, variance, np.inf)
        return (w @ first.T) / safe, (w @ total.T) / safe

    one, all_ = indices(np.full((1, kept), 1 / kept))
    ones, alls = indices(weights)
    values = answers.reshape(len(answers), factors + 2, n)[:, :2, known]
    return Effects(
        one[0], all_[0], ones.std(axis=0, ddof=1), alls.std(axis=0, ddof=1),
        values.mean(axis=(1, 2)), values.var(axis=(1, 2)), kept, lost,
    )  # fmt: skip


Solve = Callable[[Floats], Floats]
"""Uniform numbers [d, n] to answers [m, n]."""
