"""Whether weights can be trusted: the effective number of draws, and the shape of the tail of the weights."""

from __future__ import annotations

import numpy as np

from detente.arrays import Floats

ESS = "Kong, Liu & Wong (1994), Sequential imputations and Bayesian missing data problems, JASA 89, 278-288"
PSIS = "Vehtari, Simpson, Gelman, Yao & Gabry (2024), Pareto smoothed importance sampling, JMLR 25 (72), 1-58"
FEWEST = 5  # weights of a tail, for a shape to be told
ONE_IN = 10  # too few are left where fewer than one draw in so many is effective
LEAST = 50  # effective draws, however few there are


def effective(weights: Floats) -> float:
    """The effective number of draws, (sum of weights)^2 / sum of squares, of [n] weights. Kong, Liu & Wong (1994)."""
    total, squares = float(weights.sum()), float((weights**2).sum())
    return total**2 / squares if squares > 0 else 0.0


def tail_shape(weights: Floats) -> float | None:
    """The shape k of the generalized Pareto distribution that fits the largest of [n] weights; None where they are all
    alike, or too few.

    An average with weights converges as the square root of n where k is below 1/2, slowly up to 0.7, and cannot be
    trusted above it. Fitted to the largest min(n / 5, 3 sqrt n) by the empirical Bayes method of Zhang & Stephens
    (2009, Technometrics 51, 316-325), drawn to 1/2 as in Vehtari et al. (2024, appendix C).
    """
    n = len(weights)
    many = int(np.ceil(min(n / 5, 3 * np.sqrt(n))))
    if many < FEWEST or n <= many or weights.max() <= 0:
        return None
    ordered = np.sort(weights / weights.max())
    beyond = ordered[-many:] - ordered[-many - 1]
    beyond = beyond[beyond > 1e-12]
    if len(beyond) < FEWEST:
        return None
    shape = _fitted(beyond)
    return float((len(beyond) * shape + 10 * 0.5) / (len(beyond) + 10))


def _fitted(x: Floats) -> float:
    """The shape of a generalized Pareto distribution above 0 fitted to [m] sorted numbers (Zhang & Stephens 2009)."""
    m = len(x)
    many = 30 + int(np.sqrt(m))
    b = 1 - np.sqrt(many / (np.arange(1, many + 1) - 0.5))
    b = b / (3 * x[int(m / 4 + 0.5) - 1]) + 1 / x[-1]
    with np.errstate(all="ignore"):
        shapes = np.log1p(-b[:, None] * x).mean(axis=1)
        likelihood = m * (np.log(-b / shapes) - shapes - 1)
    likelihood = np.where(np.isfinite(likelihood), likelihood, -np.inf)
    weights = np.exp(likelihood - likelihood.max())
    best = float((b * weights).sum() / weights.sum())
    return float(np.log1p(-best * x).mean())


def too_few(weights: Floats, one_in: float = ONE_IN, least: float = LEAST) -> bool:
    """Whether so few of [n] weighted draws are effective, or the tail of their weights is so heavy, that averages over
    them are not to be told until they are renewed: fewer than one `one_in` so many, or than `least`, of n."""
    left, shape, n = effective(weights), tail_shape(weights), len(weights)
    heavy = shape is not None and shape > reliable(n) and left < n / 2
    return left < max(n / one_in, min(n / 2, least)) or heavy


def reliable(n: int) -> float:
    """The shape up to which averages over n draws can be trusted: min(1 - 1 / log10 n, 0.7), Vehtari et al. (2024)."""
    return float(min(1 - 1 / np.log10(max(n, 11)), 0.7))


def quantile(values: Floats, weights: Floats, at: float) -> float:
    """The weighted quantile of [n] values, linear between them; with equal weights that of `numpy.quantile`."""
    order = np.argsort(values, kind="stable")
    x, w = values[order], weights[order]
    some = w > 0
    x, w = x[some], w[some]
    if len(x) == 0:
        return float("nan")
    if len(x) == 1:
        return float(x[0])
    middles = np.cumsum(w) - w / 2
    at_ = middles[0] + at * (middles[-1] - middles[0])
    return float(np.interp(at_, middles, x))
