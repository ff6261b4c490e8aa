"""Quantities that are written where they are used: an uncertain rate of a stage.

They are lifted out of the data of a model before it is shaped, `posture: {reconsidered: 0.5 to 2 per month}` into the
quantity `posture.reconsidered`, so that sampling, ranges, sources and every question know one kind of quantity only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from detente.errors import Place, Problem
from detente.language.expressions import ExpressionError, Name, Number, Uncertain
from detente.language.parsing import parse
from detente.model import yaml
from detente.model.fields import Path, placed
from detente.model.periods import PERIOD, per, rate
from detente.model.schema import Model, Stage

VALUES = ("value", "mixture", "choice")


@dataclass(frozen=True)
class Lifted:
    """A place at which a quantity may be implied: `section: {NAME: {key: value}}`; it is called NAME.key.

    `unit`: what it is counted in, nothing for a rate, which says so itself; `means`: what it is, of NAME.
    """

    section: str
    key: str
    unit: str
    means: str


IMPLIED = (Lifted("stages", "reconsidered", "", "how often {} is reconsidered"),)


def implied(model: Model, name: str) -> bool:
    """Whether a quantity is called as one that is written where it is used."""
    owner, _, key = name.rpartition(".")
    return any(key == place.key and owner in getattr(model, place.section, {}) for place in IMPLIED)


def lift(written: yaml.Written) -> None:
    """Make quantities of the uncertain values and the numbers that are written at the places of IMPLIED."""
    data = written.data
    if not isinstance(data, dict) or not isinstance(data.get("quantities") or {}, dict):
        return
    quantities: dict[str, Any] = data["quantities"].copy() if data.get("quantities") else {}
    for place in IMPLIED:
        section = data.get(place.section)
        for owner, part in list(section.items()) if isinstance(section, dict) else ():
            if not isinstance(part, dict) or (found := _quantity(part.get(place.key), place)) is None:
                continue
            quantity, unit = found
            path: Path = (place.section, owner, place.key)
            name = f"{owner}.{place.key}"
            if name in quantities:
                told = f"the quantity {name!r} is written twice: among the quantities, and at {owner!r}"
                written.problems.append(Problem(placed(written.places, path), told, "write it in one place"))
            else:
                quantities[name] = {"means": place.means.format(str(owner).replace("_", " "))} | quantity
                _place(written.places, path, ("quantities", name), not _long(part[place.key]))
            part = {**part, place.key: f"{name} per {unit}" if unit else name}
            section = dict(section or {}) | {owner: part}
        if section is not None:
            data = {**data, place.section: section}
    if quantities:
        written.data = {**data, "quantities": quantities}


def _quantity(value: Any, place: Lifted) -> tuple[dict[str, Any], str] | None:
    """The quantity that is written at a place, and the unit of time it is for; None where there is none."""
    long = _long(value)
    quantity: dict[str, Any] = dict(value) if long else {"value": value}
    unit = str(quantity.pop("per", ""))
    inner = quantity["value"]
    if isinstance(inner, str) and not place.unit:
        quantity["value"], told = rate(inner)
        unit = told or unit
    if not long and not (isinstance(inner, dict) and inner.keys() <= {*VALUES}) and not _known(quantity["value"]):
        return None
    if place.unit or unit:
        quantity.setdefault("unit", place.unit or f"per {unit}")
    return quantity, unit


def _long(value: Any) -> bool:
    """Whether this is a quantity with all that is said of it, and not its value alone."""
    return isinstance(value, dict) and "value" in value


def _known(value: Any) -> bool:
    """Whether this is a number or an uncertain value, and no formula in quantities alone."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return False
    try:
        expression = parse(str(value))
    except ExpressionError:
        return False
    return isinstance(expression, Number) or any(isinstance(e, Uncertain) for e in expression.walk())


def _place(places: dict[Path, Place], old: Path, new: Path, short: bool) -> None:
    """Where the parts of a lifted quantity are written; in short form its value is the whole."""
    steps = len(old)
    for path, place in list(places.items()):
        if path[:steps] == old:
            inner = path[steps:]
            places[(*new, "value", *inner) if short and inner != ("@key",) else (*new, *inner)] = place
    if old in places:
        places[new] = places[old]


def unit_of_rate(model: Model, stage: Stage) -> str:
    """The unit of time of a stage's rate: as it is written, or that of the quantity that it names; else the period."""
    if stage.reconsidered is None:
        return PERIOD
    return stage.reconsidered.per or per(unit_named(model, stage)) or PERIOD


def unit_named(model: Model, stage: Stage) -> str:
    """The unit of the quantity that a stage's rate is, where it is one."""
    e = stage.reconsidered.rate.expression if stage.reconsidered else None
    return model.quantities[e.name].unit if isinstance(e, Name) and e.name in model.quantities else ""
