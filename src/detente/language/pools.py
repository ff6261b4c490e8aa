"""What several people believe about one number, pooled into one distribution, in the words of the language.

A linear pool is a `mixture`. A logarithmic pool is written with the families of the language where it belongs to one:
what is normal on the same scale, beta, gamma, exponential, uniform, and distributions given by three percentiles, which
are uniform between them and the ends of an intrinsic range (Cooke 1991).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from detente.arrays import Floats
from detente.language.distributions import BOUNDED_UNITS, Z90, interval_family, quantile
from detente.language.expressions import Expression, Number, Uncertain
from detente.language.normal import expit, logit, normal_cdf
from detente.language.writing import written

PERCENTILES = (0.05, 0.5, 0.95)
MASSES = (0.05, 0.45, 0.45, 0.05)
OVERSHOOT = 0.1  # of the range from the 5th to the 95th percentile, at either side
REFERENCES = (
    "Stone (1961), The opinion pool, Annals of Mathematical Statistics 32, 1339-1342",
    "Genest & Zidek (1986), Combining probability distributions, Statistical Science 1, 114-148",
    "Cooke (1991), Experts in Uncertainty, Oxford University Press",
)
Value = str | dict[str, dict[str, float]]
"""A value as a file has it: an expression, or `{mixture: {expression: weight}}`."""
_SCORES = np.linspace(-7.0, 7.0, 2801)
_SHARES = normal_cdf(_SCORES)
HALVINGS = 100


class Unpoolable(ValueError):
    """Beliefs whose logarithmic pool the language cannot write, and why."""


def of_percentiles(low: float, middle: float, high: float, unit: str = "") -> Uncertain:
    """The distribution that is told by its 5th, 50th and 95th percentile and least informative beside that: uniform
    between them and the ends of the intrinsic range, a tenth of its width beyond (Cooke 1991, section 8.3)."""
    beyond = OVERSHOOT * (high - low)
    bottom, top = low - beyond, high + beyond
    if unit in BOUNDED_UNITS:
        bottom, top = max(bottom, 0.0), min(top, 1.0)
    elif low > 0:
        bottom = max(bottom, low * OVERSHOOT)  # what is above zero at 5% is not told to be below it
    elif high < 0:
        top = min(top, high * OVERSHOOT)
    return _pieces((bottom, low, middle, high, top), MASSES)


def _pieces(edges: Sequence[float], masses: Sequence[float]) -> Uncertain:
    """A density that is constant between some edges, with so much probability in each; what has no width is a point."""
    parts: list[Expression] = []
    weights = []
    for (low, high), mass in zip(pairwise(edges), masses, strict=True):
        if mass > 0:
            ends = Number(0, low), Number(0, high)
            parts.append(Uncertain(0, "uniform", ends) if high > low else ends[0])
            weights.append(mass)
    return Uncertain(0, "mixture", tuple(parts), tuple(w / math.fsum(weights) for w in weights))


def parts_of(belief: Expression) -> list[tuple[Expression, float]]:
    """The parts of a belief that are no mixture themselves, each with its weight; yes or no is 1 and 0."""
    match belief:
        case Uncertain(family="mixture" | "choice", args=args, weights=weights):
            return [(part, w * v) for arg, w in zip(args, weights, strict=True) for part, v in parts_of(arg)]
        case Uncertain(family="bernoulli", args=(Number(value=p),)):
            return [(Number(0, 1.0), p), (Number(0, 0.0), 1 - p)]
    return [(belief, 1.0)]


def linear(beliefs: Sequence[Expression], weights: Sequence[float]) -> Expression:
    """The linear pool (Stone 1961): the mean of the distributions by weight. The same part is written once."""
    found: dict[str, tuple[Expression, float]] = {}
    for belief, weight in zip(beliefs, weights, strict=True):
        for part, share in parts_of(belief):
            if weight * share > 0:
                key = written(part)
                found[key] = part, found.get(key, (part, 0.0))[1] + weight * share
    if len(found) == 1:
        return next(iter(found.values()))[0]
    total = math.fsum(w for _, w in found.values())
    parts = tuple(part for part, _ in found.values())
    return Uncertain(0, "mixture", parts, tuple(w / total for _, w in found.values()))


def logarithmic(beliefs: Sequence[Expression], weights: Sequence[float], unit: str = "") -> Expression:
    """The logarithmic pool (Genest & Zidek 1986): a density in proportion to the product of the densities, each to the
    power of its weight.

    On one scale (as it is, its logarithm, its logit) the pool of normals is normal, with the precision that is the mean
    of the precisions. Raises Unpoolable where the language has no word for what comes out.
    """
    some = [(b, w) for b, w in zip(beliefs, weights, strict=True) if w > 0]
    total = math.fsum(w for _, w in some)
    shares = [w / total for _, w in some]
    kept = [b for b, _ in some]
    if all(written(b) == written(kept[0]) for b in kept):
        return kept[0]
    kinds = {_kind(b, unit) for b in kept}
    if kinds <= {"uniform", "pieces"}:
        return _of_pieces([_as_pieces(b) for b in kept], shares)
    if len(kinds) != 1 or "" in kinds:
        told = " and ".join(sorted({_called(b, unit) for b in kept}))
        raise Unpoolable(f"the language has no word for the logarithmic pool of {told}")
    kind = next(iter(kinds))
    if kind in ("beta", "gamma", "exponential"):
        return _of_family(kind, [_numbers(b) for b in kept], shares)
    places = [_place(b, unit) for b in kept]
    precision = math.fsum(w / s**2 for (_, s), w in zip(places, shares, strict=True))
    mean = math.fsum(w * m / s**2 for (m, s), w in zip(places, shares, strict=True)) / precision
    return _normal(kind, mean, precision**-0.5)


def _kind(belief: Expression, unit: str) -> str:
    """What the pool of beliefs like this one is like; nothing where there is no word for it."""
    if not isinstance(belief, Uncertain):
        return ""
    if belief.family == "mixture":
        return "pieces" if _as_pieces(belief) else ""
    if belief.family == "interval":
        low, high = _numbers(belief)
        return interval_family(low, high, unit)
    known = ("normal", "lognormal", "uniform", "beta", "gamma", "exponential")
    cut = unit in BOUNDED_UNITS and belief.family not in ("uniform", "beta")  # what lies beyond 0 and 1 is put there
    return belief.family if belief.family in known and not cut else ""


def _called(belief: Expression, unit: str) -> str:
    if isinstance(belief, Number):
        return "a number known exactly"
    kind = _kind(belief, unit)
    return "three percentiles" if kind == "pieces" else kind or getattr(belief, "family", "an expression")


def _numbers(belief: Expression) -> list[float]:
    return [arg.value for arg in belief.children() if isinstance(arg, Number)]


def _place(belief: Expression, unit: str) -> tuple[float, float]:
    """Mean and standard deviation on the scale on which a belief is normal."""
    assert isinstance(belief, Uncertain)
    a, b = _numbers(belief)
    if belief.family == "normal":
        return a, b
    if belief.family == "lognormal":
        return math.log(a), b
    kind = interval_family(a, b, unit)
    if kind == "logit-normal":
        low, high = (float(logit(np.array(x))) for x in (a, b))
    elif kind == "normal":
        low, high = a, b
    else:  # of what is below zero, its mirror image
        low, high = sorted((math.log(abs(a)), math.log(abs(b))))
    return (low + high) / 2, (high - low) / 2 / Z90


def _normal(kind: str, mean: float, sd: float) -> Uncertain:
    """What is normal on a scale, as the language writes it."""
    if kind == "normal":
        return Uncertain(0, "normal", (Number(0, mean), Number(0, sd)))
    if kind == "lognormal":
        return Uncertain(0, "lognormal", (Number(0, math.exp(mean)), Number(0, sd)))
    ends = mean - Z90 * sd, mean + Z90 * sd
    if kind == "logit-normal":
        low, high = (float(expit(np.array(x))) for x in ends)
    else:
        low, high = -math.exp(ends[1]), -math.exp(ends[0])
    return Uncertain(0, "interval", (Number(0, low), Number(0, high)))


def _of_family(family: str, parameters: Sequence[Sequence[float]], weights: Sequence[float]) -> Uncertain:
    """The pool of betas, gammas or exponentials is one again: exponents of the density are averaged."""
    if family == "gamma":  # shape and scale, of which 1/scale is averaged
        parameters = [(shape, 1 / scale) for shape, scale in parameters]
    elif family == "exponential":
        parameters = [(1 / mean,) for (mean,) in parameters]
    means = [math.fsum(w * p[k] for p, w in zip(parameters, weights, strict=True)) for k in range(len(parameters[0]))]
    if family == "gamma":
        means[1] = 1 / means[1]
    elif family == "exponential":
        means = [1 / means[0]]
    return Uncertain(0, family, tuple(Number(0, x) for x in means))


def _as_pieces(belief: Expression) -> list[tuple[float, float, float]]:
    """(low, high, density) of a belief that is constant piece by piece; nothing of any other."""
    found = []
    for part, weight in parts_of(belief):
        if not isinstance(part, Uncertain) or part.family != "uniform":
            return []
        low, high = _numbers(part)
        found.append((low, high, weight / (high - low)))
    return found


def _of_pieces(beliefs: Sequence[Sequence[tuple[float, float, float]]], weights: Sequence[float]) -> Uncertain:
    edges = sorted({edge for belief in beliefs for low, high, _ in belief for edge in (low, high)})
    masses = []
    for low, high in pairwise(edges):
        middle = (low + high) / 2
        densities = [math.fsum(d for a, b, d in belief if a <= middle < b) for belief in beliefs]
        logs = [w * math.log(d) for d, w in zip(densities, weights, strict=True)] if all(densities) else None
        masses.append((high - low) * math.exp(math.fsum(logs)) if logs is not None else 0.0)
    if not any(masses):
        raise Unpoolable("the ranges have nothing in common, so that their logarithmic pool is empty")
    return _pieces(edges, masses)


# ------------------------------------------------------------------------------------------------- what a belief says


def cdf(belief: Expression, x: float, unit: str = "") -> float:
    """The probability that a belief without names gives to what is at most `x`, to about 1e-6."""
    return math.fsum(w * _below(part, x, unit) for part, w in parts_of(belief))


def _below(part: Expression, x: float, unit: str) -> float:
    if isinstance(part, Number):
        return float(part.value <= x)
    assert isinstance(part, Uncertain)
    values = _table(part, unit)
    return float(np.interp(x, values, _SHARES, left=0.0, right=1.0))


@lru_cache(maxsize=256)
def _table(part: Uncertain, unit: str) -> Floats:
    return quantile(part.family, _numbers(part), _SHARES, unit)


def quantiles(belief: Expression, shares: Sequence[float] = PERCENTILES, unit: str = "") -> list[float]:
    """The values below which some shares of a belief without names lie; a probability or share is kept to 0 and 1."""
    parts = parts_of(belief)
    if len(parts) == 1 and isinstance(parts[0][0], Uncertain):
        part = parts[0][0]
        found = quantile(part.family, _numbers(part), np.asarray(shares, float), unit).tolist()
    else:
        ends = [e for p, _ in parts for e in ([p.value] if isinstance(p, Number) else _table_ends(p, unit))]
        found = [_inverse(belief, share, min(ends), max(ends), unit) for share in shares]
    return [min(max(x, 0.0), 1.0) for x in found] if unit in BOUNDED_UNITS else found


def _table_ends(part: Expression, unit: str) -> list[float]:
    assert isinstance(part, Uncertain)
    return [float(_table(part, unit)[k]) for k in (0, -1)]


def _inverse(belief: Expression, share: float, low: float, high: float, unit: str) -> float:
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if cdf(belief, middle, unit) >= share else (middle, high)
    return high


def value_of(belief: Expression) -> Value:
    """A belief as a file has it."""
    if isinstance(belief, Uncertain) and belief.family in ("mixture", "choice"):
        weights: Mapping[str, float] = {
            written(part): float(f"{w:.10g}") for part, w in zip(belief.args, belief.weights, strict=True)
        }
        return {belief.family: dict(weights)}
    return written(belief)
