"""Derivatives of formulas, by going backwards along their tape, and of quantiles.

Where a formula has a non-differentiable point (`min`, `max`, `abs`, `clip`, `if`), the derivative is that of the branch
on which its value lies; a draw that lies exactly on the non-differentiable point is flagged, and has the derivative of
one side. Comparisons, and what is made of them, move in steps: their derivative is zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy import special

from detente.arrays import Bools, Floats
from detente.language.distributions import Z90, interval_family
from detente.language.lowering import Tape

_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
STEPS = frozenset({"bernoulli", "choice", "mixture"})
"""Families whose uniform number chooses between values: nothing can be said of a small change of it."""


def pull(tape: Tape, roots: Sequence[int], by: Floats, inputs: Mapping[str, Floats]) -> tuple[dict[str, Floats], Bools]:
    """From derivatives by some rows of a tape, [len(roots), m, n], to those by its inputs, [m, n] each.

    Also [n] the draws that lie exactly at a non-differentiable point that matters. Inputs that no derivative reaches
    are left out."""
    n = by.shape[-1]
    needed = tape.order(roots)
    value = dict(zip(needed, tape.evaluate(needed, inputs, n), strict=True))
    on_kink, reached = np.zeros(n, np.bool_), dict[int, Bools]()
    found: dict[int, Floats] = {}
    for root, slope in zip(roots, by, strict=True):
        found[root] = found[root] + slope if root in found else slope
    result: dict[str, Floats] = {}
    for row in reversed(needed):
        slope, seen = found.pop(row, None), reached.pop(row, None)
        op, args = tape.rows[row][0].removesuffix("?"), tape.rows[row][1]
        if op == "input":
            if slope is not None:
                result[tape.names[row]] = slope
            continue
        if not args:
            continue
        if slope is not None:
            felt = np.asarray((slope != 0).any(axis=0))
            seen = felt if seen is None else seen | felt
        if seen is None or not seen.any():
            continue
        given = [value[a] for a in args]
        on_kink |= seen & _on_kink(op, value[row], given)
        if slope is not None:
            with np.errstate(all="ignore"):
                for arg, part in zip(args, _partials(op, value[row], given) or (), strict=False):
                    if part is not None and tape.constant(arg) is None:
                        more = np.where(slope == 0, 0.0, slope * part)
                        found[arg] = found[arg] + more if arg in found else more
        if op in ("if", "and", "or", "not"):
            for arg in args[:1] if op == "if" else args:
                reached[arg] = reached[arg] | seen if arg in reached else seen
        if op == "if":  # a condition inside of a branch that is taken
            for arg, taken in ((args[1], given[0] != 0), (args[2], given[0] == 0)):
                reached[arg] = reached.get(arg, np.zeros(n, np.bool_)) | (seen & taken)
    return result, on_kink


def _extreme(value: Floats, *given: Floats) -> list[Floats]:
    """Of the first that is the smallest, or largest."""
    parts, left = [], np.ones(np.shape(value), np.bool_)
    for x in given:
        first = left & (x == value)
        left &= ~first
        parts.append(first.astype(float))
    return parts


def _power(value: Floats, x: Floats, y: Floats) -> list[Floats]:
    return [np.where(y == 0, 0.0, y * x ** (y - 1.0)), np.where(x > 0, value * np.log(x), 0.0)]


def _partials(op: str, value: Floats, given: Sequence[Floats]) -> Sequence[Floats | None] | None:
    """The derivatives of an operator by its arguments; None for what has none."""
    one = np.ones_like(value)
    match op, given:
        case "+", _:
            return one, one
        case "-", _:
            return one, -one
        case "*", (a, b):
            return b, a
        case "/", (_, b):
            return 1.0 / b, -value / b
        case "**", (a, b):
            return _power(value, a, b)
        case "neg", _:
            return (-one,)
        case "if", (c, _, _):
            return None, (c != 0).astype(float), (c == 0).astype(float)
        case (("min" | "max" | "least" | "most"), _):
            return _extreme(value, *given)
        case "exp", _:
            return (value,)
        case "log", (a,):
            return (1.0 / a,)
        case "sqrt", _:
            return (0.5 / value,)
        case "abs", (a,):
            return (np.sign(a),)
        case "clip", (x, low, high):
            above, below = np.maximum(x, low) > high, x < low
            return (~above & ~below).astype(float), (below & ~above).astype(float), above.astype(float)
    return None


def _on_kink(op: str, value: Floats, given: Sequence[Floats]) -> Bools:
    """Whether the arguments of an operator lie on a non-differentiable point, or on the edge of a step."""
    match op, given:
        case (("min" | "max" | "least" | "most"), _):
            return np.asarray(np.sum([x == value for x in given], axis=0) > 1)
        case "abs", (a,):
            return np.asarray(a == 0)
        case "clip", (x, low, high):
            return np.asarray((x == low) | (x == high))
        case _ if op in _COMPARISONS:
            return np.asarray(given[0] == given[1])
    return np.zeros(np.shape(value), np.bool_)


# ---------------------------------------------------------------------- quantiles


def quantile_slopes(
    family: str, params: Sequence[Floats], u: Floats, x: Floats, unit: str, moving: Sequence[bool]
) -> tuple[list[Floats], Floats]:
    """The derivatives of `distributions.quantile`, which is x [n], by its parameters and by the normal score of u.

    By parameters that do not move it is not worked out where that is dear. `family` is none of STEPS.
    """
    z = special.ndtri(u)
    with np.errstate(all="ignore"):
        by_params, by_score = _slopes(family, params, u, z, x, unit, moving)
    held = (u <= 1e-12) | (u >= 1 - 1e-12)  # sampling stops there
    return by_params, np.where(held, 0.0, by_score)


def _slopes(
    family: str, p: Sequence[Floats], u: Floats, z: Floats, x: Floats, unit: str, moving: Sequence[bool]
) -> tuple[list[Floats], Floats]:
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)  # of the score, where a derivative is worked out by u
    one = np.ones_like(u)
    match family:
        case "interval":
            return _interval(p[0], p[1], z / Z90, x, unit)
        case "normal":
            return [one, z], p[1] * one
        case "lognormal":
            return [x / p[0], x * z], x * p[1]
        case "uniform":
            return [1 - u, u], (p[1] - p[0]) * density
        case "loguniform":
            return [x * (1 - u) / p[0], x * u / p[1]], x * np.log(p[1] / p[0]) * density
        case "triangular":
            by, by_u = _triangular(p[0], p[1], p[2], u)
            return by, by_u * density
        case "pert":
            width = p[2] - p[0]
            a, b, share = 1 + 4 * (p[1] - p[0]) / width, 1 + 4 * (p[2] - p[1]) / width, (x - p[0]) / width
            steep = 1 / _beta_density(a, b, share)
            turn = np.zeros_like(u)
            if any(moving):
                turn = -steep * (_by(lambda k: special.betainc(k, b, share), a) - _by(
                    lambda k: special.betainc(a, k, share), b
                ))  # fmt: skip
            by = [1 - share - turn * 4 * (p[2] - p[1]) / width, turn * 4.0, share - turn * 4 * (p[1] - p[0]) / width]
            return by, width * steep * density
        case "beta":
            steep = 1 / _beta_density(p[0], p[1], x)
            by_a = -steep * _by(lambda k: special.betainc(k, p[1], x), p[0]) if moving[0] else 0 * u
            by_b = -steep * _by(lambda k: special.betainc(p[0], k, x), p[1]) if moving[1] else 0 * u
            return [by_a, by_b], steep * density
        case "gamma":
            share = x / p[1]
            steep = np.exp(share + special.gammaln(p[0]) - special.xlogy(p[0] - 1, share))
            shape = -steep * _by(lambda k: special.gammainc(k, share), p[0]) if moving[0] else 0 * u
            return [p[1] * shape, share], p[1] * steep * density
        case "exponential":
            return [x / p[0]], p[0] / (1 - u) * density
        case "student":
            df, share = p[0], (x - p[1]) / p[2]
            steep = np.exp(special.gammaln(df / 2) - special.gammaln((df + 1) / 2)) * np.sqrt(df * np.pi)
            steep = steep * (1 + share**2 / df) ** ((df + 1) / 2)
            free = -steep * _by(lambda k: special.stdtr(k, share), df) if moving[0] else 0 * u
            return [p[2] * free, one, share], p[2] * steep * density
    raise ValueError(f"there is no derivative of {family!r}")


def _interval(low: Floats, high: Floats, t: Floats, x: Floats, unit: str) -> tuple[list[Floats], Floats]:
    """`t` is the score in units of the 95th percentile."""
    family = interval_family(float(low.flat[0]), float(high.flat[0]), unit)
    if family == "normal":
        return [(1 - t) / 2, (1 + t) / 2], (high - low) / (2 * Z90) * np.ones_like(t)
    if family == "logit-normal":
        steep, ends = x * (1 - x), (low * (1 - low), high * (1 - high))
        wide = special.logit(high) - special.logit(low)
    else:
        steep, ends, wide = x, (low, high), np.log(high / low)
    return [steep * (1 - t) / 2 / ends[0], steep * (1 + t) / 2 / ends[1]], steep * wide / (2 * Z90)


def _triangular(low: Floats, mode: Floats, high: Floats, u: Floats) -> tuple[list[Floats], Floats]:
    width = high - low
    left, v, part = u < (mode - low) / width, 1 - u, np.where(u < (mode - low) / width, mode - low, high - mode)
    root = 2 * np.sqrt(np.where(left, u, v) * width * part)
    by = [
        np.where(left, 1 - u * (part + width) / root, v * part / root),
        np.where(left, u, v) * width / root,
        np.where(left, u * part / root, 1 - v * (part + width) / root),
    ]
    return by, width * part / root


def _beta_density(a: Floats, b: Floats, x: Floats) -> Floats:
    return np.asarray(np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)))


def _by(function: Callable[[Floats], Floats], at: Floats) -> Floats:
    """The derivative of a smooth function of a positive parameter, by central differences of the eighth order.

    Distribution functions have no closed derivative by their shapes; this is good to ten digits and more.
    """
    h = 1e-2 * at
    total = np.zeros(np.shape(at))
    for k, weight in enumerate((4 / 5, -1 / 5, 4 / 105, -1 / 280), 1):
        total = total + weight * (function(at + k * h) - function(at - k * h))
    return np.asarray(total / h)
