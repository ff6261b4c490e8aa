"""From rank correlations to the correlations of the normal scores behind them (a normal copula, NORTA).

Between two continuous quantities Spearman's correlation r belongs to scores correlated by 2 sin(pi r / 6) (Pearson
1907). A quantity of two values, `bernoulli(p)`, has ties, whose rank is their mean; with them r comes from an integral
over the bivariate normal density, and is inverted (Cario & Nelson 1997, Modeling and generating random vectors with
arbitrary marginal distributions and correlation matrix, Northwestern University).
"""

from __future__ import annotations

import numpy as np

from detente.language.expressions import Expression, Number, Uncertain

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
HALVINGS = 60


def two_valued(value: Expression) -> float | None:
    """The probability of the upper of two values, if that is what a quantity is, and known; None for any other."""
    if isinstance(value, Uncertain) and value.family == "bernoulli" and isinstance(value.args[0], Number):
        p = float(value.args[0].value)
        return p if 0 < p < 1 else None
    return None


def latent(rank: float, p: float | None = None, q: float | None = None) -> float:
    """The correlation of the scores that gives a rank correlation; p and q as `two_valued` says of both quantities.

    The nearest there is where `reach` is passed.
    """
    if p is None and q is None:
        return float(2 * np.sin(np.pi * rank / 6))
    low, high = -1.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if spearman(middle, p, q) < rank else (low, middle)
    return (low + high) / 2


def reach(p: float | None, q: float | None) -> tuple[float, float]:
    """The lowest and the highest rank correlation that there can be."""
    return spearman(-1.0, p, q), spearman(1.0, p, q)


def spearman(scores: float, p: float | None, q: float | None) -> float:
    """Spearman's correlation (ties by their mean rank) where the scores are correlated by `scores`."""
    if p is None and q is None:
        return float(6 / np.pi * np.arcsin(scores / 2))
    if p is None:
        p, q = q, p
    assert p is not None
    from scipy import special  # it loads slowly, and reading a model does without it

    here = float(special.ndtri(1 - p))
    if q is None:  # the rank of a continuous quantity is the chance to exceed another like it
        covariance, other = _covariance(here, 0.0, scores / np.sqrt(2)), 1 / 12
    else:
        covariance, other = _covariance(here, float(special.ndtri(1 - q)), scores), q * (1 - q)
    return float(covariance / np.sqrt(p * (1 - p) * other))


def _covariance(h: float, k: float, correlation: float) -> float:
    """The covariance of X > h and Y > k, of standard normal X and Y: the density integrated over the correlation, which
    is the sine of the angle gone along (Drezner & Wesolowsky 1990)."""
    end = np.arcsin(np.clip(correlation, -1.0, 1.0))
    angle = end * (_NODES + 1) / 2
    with np.errstate(divide="ignore", over="ignore"):
        density = np.exp(-(h * h + k * k - 2 * h * k * np.sin(angle)) / (2 * np.cos(angle) ** 2)) / (2 * np.pi)
    return float(end / 2 * (_WEIGHTS * density).sum())
