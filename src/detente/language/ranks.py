"""From rank correlations to the correlations of the normal scores behind them (a normal copula, NORTA).

Between two continuous quantities Spearman's correlation r belongs to scores correlated by 2 sin(pi r / 6) (Pearson
1907). A quantity of a few values, `bernoulli(p)` or a choice, has ties, whose rank is their mean; with them r comes
from integrals over the bivariate normal density, and is inverted (Cario & Nelson 1997, Modeling and generating random
vectors with arbitrary marginal distributions and correlation matrix, Northwestern University).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from detente.language.expressions import Expression, Number, Uncertain

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
HALVINGS = 50
Levels = tuple[float, ...]
"""The probabilities of the values of a quantity that has a few, in ascending order; none for a continuous one."""


def ascending(value: Uncertain) -> Uncertain:
    """A choice between numbers with these in ascending order, so that a higher score never means a smaller one."""
    order = sorted(range(len(value.args)), key=lambda k: _number(value.args[k]))
    return replace(value, args=tuple(value.args[k] for k in order), weights=tuple(value.weights[k] for k in order))


def levels(value: Expression) -> Levels:
    """The probabilities of the values of a quantity that has a few, and known ones; none for any other."""
    if not isinstance(value, Uncertain):
        return ()
    if value.family == "bernoulli" and isinstance(value.args[0], Number):
        p = float(value.args[0].value)
        return (1 - p, p) if 0 < p < 1 else ()
    if value.family != "choice":
        return ()
    known: dict[float, float] = {}
    for part, weight in zip(value.args, value.weights, strict=True):
        known[_number(part)] = known.get(_number(part), 0.0) + weight
    return tuple(known[x] for x in sorted(known) if known[x] > 0)


def _number(part: Expression) -> float:
    assert isinstance(part, Number)  # a choice is between numbers
    return float(part.value)


def latent(rank: float, p: Levels = (), q: Levels = ()) -> float:
    """The correlation of the scores that gives a rank correlation; p and q are the `levels` of both quantities.

    The nearest there is where `reach` is passed.
    """
    if not p and not q:
        return float(2 * np.sin(np.pi * rank / 6))
    low, high = -1.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if spearman(middle, p, q) < rank else (low, middle)
    return (low + high) / 2


def reach(p: Levels, q: Levels) -> tuple[float, float]:
    """The lowest and the highest rank correlation that there can be."""
    return spearman(-1.0, p, q), spearman(1.0, p, q)


def spearman(scores: float, p: Levels, q: Levels) -> float:
    """Spearman's correlation (ties by their mean rank) where the scores are correlated by `scores`.

    The rank of a quantity with a few values rises by a step at each threshold of its score.
    """
    if not p and not q:
        return float(6 / np.pi * np.arcsin(scores / 2))
    if not p:
        p, q = q, p
    here, rises, own = _steps(p)
    if not q:  # the rank of a continuous quantity is the chance to exceed another like it
        other = 1 / 12
        both = [rise * _covariance(h, 0.0, scores / np.sqrt(2)) for h, rise in zip(here, rises, strict=True)]
    else:
        there, more, other = _steps(q)
        both = [
            rise * step * _covariance(h, k, scores)
            for h, rise in zip(here, rises, strict=True)
            for k, step in zip(there, more, strict=True)
        ]
    return float(sum(both) / np.sqrt(own * other))


def _steps(p: Levels) -> tuple[list[float], list[float], float]:
    """The thresholds of the score, the rise of the mean rank (from 0 to 1) at each, and the variance of the rank."""
    from scipy import special  # it loads slowly, and reading a model does without it

    weights = np.array(p)
    ranks = np.cumsum(weights) - weights / 2
    thresholds = special.ndtri(np.cumsum(weights)[:-1])
    return thresholds.tolist(), np.diff(ranks).tolist(), float(weights @ (ranks - weights @ ranks) ** 2)


def _covariance(h: float, k: float, correlation: float) -> float:
    """The covariance of X > h and Y > k, of standard normal X and Y: the density integrated over the correlation, which
    is the sine of the angle gone along (Drezner & Wesolowsky 1990)."""
    end = np.arcsin(np.clip(correlation, -1.0, 1.0))
    angle = end * (_NODES + 1) / 2
    with np.errstate(divide="ignore", over="ignore"):
        density = np.exp(-(h * h + k * k - 2 * h * k * np.sin(angle)) / (2 * np.cos(angle) ** 2)) / (2 * np.pi)
    return float(end / 2 * (_WEIGHTS * density).sum())
