"""The range over which a quantity is looked at: its ends, its steps, and the scale that is its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Z90
from detente.arrays import Floats
from detente.draws.sources import FARTHEST, SEEN_BY, Sources
from detente.errors import QuestionError
from detente.language.distributions import BOUNDED_UNITS, interval_family
from detente.language.expressions import Apply, Expression, Name, Number, Uncertain
from detente.model.schema import Model

CLOSE = 1e-6  # of the way: how well the value is known at which a draw turns
WIDE = 10.0  # from this ratio of its ends on a range of what is uncertain by factors goes in equal ratios
SMALL = 0.1  # up to here the odds of a probability are nearly itself
RATIOS = ("lognormal", "loguniform", "gamma", "exponential")  # families of what is uncertain by factors


@dataclass(frozen=True)
class Span:
    """A range of a quantity, and its values where it has only a few. `factors`: whether it is uncertain by factors."""

    low: float
    high: float
    values: tuple[float, ...] = ()
    factors: bool = False

    @property
    def scale(self) -> str:
        """`linear` (equal steps), `log` (equal ratios) or `values` (one of a few)."""
        if self.values:
            return "values"
        near, far = sorted((abs(self.low), abs(self.high)))
        return "log" if self.factors and self.low * self.high > 0 and far / near >= WIDE else "linear"

    def grid(self, points: int) -> Floats:
        """[points] from end to end in equal steps of the scale; of a quantity with a few values these."""
        if self.values:
            return np.array(self.values)
        grid = np.geomspace if self.scale == "log" else np.linspace
        return np.asarray(grid(self.low, self.high, points))

    def parts(self, values: Floats) -> Floats:
        """[n] which part of the way along the scale values lie, 0 at `low` and 1 at `high`."""
        if self.scale == "log":
            return np.asarray(np.log(values / self.low) / np.log(self.high / self.low))
        return np.asarray((values - self.low) / (self.high - self.low))

    def at(self, parts: Floats) -> Floats:
        """[n] the values at parts of the way."""
        if self.scale == "log":
            return np.asarray(self.low * (self.high / self.low) ** parts)
        return np.asarray(self.low + (self.high - self.low) * parts)

    def known(self, parts: Floats) -> Floats:
        """[n] the values at parts of the way that are known to `CLOSE`: what is nearer to zero than that is zero."""
        values = self.at(parts)
        if self.scale != "linear":
            return values
        return np.where(np.abs(values) < CLOSE * (self.high - self.low), 0.0, values)


def span(sources: Sources, name: str, low: float | None = None, high: float | None = None) -> Span:
    """The range asked for, or the 5th to the 95th percentile. Raises QuestionError for a range that cannot be."""
    sources.known(name)
    if few := sources.support(name):
        return _among(name, few, low, high)
    model = sources.sampler.model
    floor, bottom, median, top, ceiling = (
        float(v) for v in sources.value(name, np.array([-FARTHEST, -Z90, 0.0, Z90, FARTHEST]))
    )
    quantity = model.quantities[name.partition(SEEN_BY)[0]]
    if floor == ceiling:
        if low is None or high is None:
            raise QuestionError(
                f"{name!r} is known exactly ({median:g}), so it has no range of its own; give one with --from and --to"
            )
        floor, ceiling = (0.0, 1.0) if quantity.unit in BOUNDED_UNITS else (-np.inf, np.inf)
        floor = max(floor, 0.0) if quantity.role else floor
    first, last = bottom if low is None else low, top if high is None else high
    if not first < last:
        raise QuestionError(f"the range from {first:g} to {last:g} is empty; --from is the smaller one")
    slack = 1e-9 * (last - first)
    if first < floor - slack or last > ceiling + slack:
        raise QuestionError(
            f"the range from {first:g} to {last:g} goes beyond the possible range of {name!r} ({floor:.4g} to "
            f"{ceiling:.4g}); stay inside, or widen the quantity with --set"
        )
    return Span(first, last, factors=by_factors(model, name, last))


def by_factors(model: Model, name: str, high: float) -> bool:
    """Whether a quantity or perception, looked at up to `high`, is uncertain by factors: equal ratios, then, not equal
    steps, are equally far for it.

    It is where its distribution says so (`RATIOS`, an interval of one sign, or products of these), and where it is
    known exactly and the range is the analyst's. A probability or share is on the scale of its odds, and the logarithm
    is like that only while it is small (`SMALL`).
    """
    quantity, _, actor = name.partition(SEEN_BY)
    whole = model.quantities[quantity]
    formula = whole.seen_by[actor].value if actor else whole.value
    if whole.unit in BOUNDED_UNITS and high > SMALL:
        return False
    return isinstance(formula.expression, Number) or _by_factors(model, formula.expression, whole.unit)


def _by_factors(model: Model, e: Expression, unit: str) -> bool:
    match e:
        case Uncertain(family="interval", args=(Number(value=low), Number(value=high))):
            return interval_family(low, high, unit) != "normal"
        case Uncertain(family="interval", args=ends):  # of one sign, where no end is the negative of another's
            return len({isinstance(end, Apply) and end.op == "neg" for end in ends}) == 1
        case Uncertain(family="mixture" | "choice", args=parts):
            return all(isinstance(part, Number) or _by_factors(model, part, unit) for part in parts)
        case Uncertain():
            return e.family in RATIOS
        case Name() if e.name in model.quantities:
            of = model.quantities[e.name]
            return _by_factors(model, of.value.expression, of.unit)
        case Apply(op="*" | "/" | "**" | "neg", args=parts):
            moving = [part for part in parts if any(isinstance(x, (Name, Uncertain)) for x in part.walk())]
            return bool(moving) and all(_by_factors(model, part, "") for part in moving)
    return False


def _among(name: str, few: tuple[float, ...], low: float | None, high: float | None) -> Span:
    """Those of a few values that lie in the range asked for. Raises QuestionError where it holds fewer than two."""
    first, last = few[0] if low is None else low, few[-1] if high is None else high
    slack = 1e-9 * (few[-1] - few[0])
    inside = tuple(v for v in few if first - slack <= v <= last + slack)
    if len(inside) < 2:
        known = ", ".join(f"{v:g}" for v in few)
        raise QuestionError(f"{name!r} has only the values {known}; a range holds at least two of them")
    return Span(inside[0], inside[-1], inside)
