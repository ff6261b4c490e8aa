"""Where two models differ: what of a game each has otherwise, entry by entry, and what may be taken by itself.

What changes no number (titles, meanings, reasons, sources, mechanisms, claims) is no departure. Quantities and terms
that only one of them has come with what uses them, so a quantity of one model alone is told where it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from detente.language.distributions import BOUNDED_UNITS
from detente.language.expressions import Expression, Name
from detente.model.fields import Formula
from detente.model.schema import SEEN_BY, Model, Quantity, Stage, Term

Unit = tuple[str, ...]
"""The least that can be taken from one model into the other, by its path."""

ASKED, VALUES, SEEN, TYPES, PRECISION = "what is asked", "values of quantities", "perceptions", "types", "precision"
CHANCE, OUTCOMES, STATE, PERIODS, ACTORS = "chance", "outcomes", "state", "periods", "actors"
ORDER = "the order of stages"
STRUCTURES = "structures"
_SILENT = frozenset(
    ("means", "source", "because", "mechanism", "without", "says", "prefers", "role")
)  # they change no number, or are looked at elsewhere


@dataclass(frozen=True)
class Departure:
    """One thing that two models have otherwise. `ours` and `theirs` as written, empty where a model has no such thing.

    `kind`: what sort of assumption it is (`payoffs of Russia`, `perceptions`); `what`: its path, with dots; `sources`:
    what is cited for it on either side; `mechanism`: the mechanism of the argument it belongs to.
    """

    kind: str
    what: str
    ours: str
    theirs: str
    sources: tuple[str, ...]
    mechanism: str = ""


def departures(one: Model, other: Model) -> dict[Unit, tuple[Departure, ...]]:
    """What two models have otherwise, by what can be taken by itself, in the order of a file."""
    found: dict[Unit, list[Departure]] = {}
    for unit, departure in _all(one, other):
        found.setdefault(unit, []).append(departure)
    return {unit: tuple(some) for unit, some in found.items()}


def _all(one: Model, other: Model) -> Iterator[tuple[Unit, Departure]]:
    if one.answer and other.answer and shape(one.answer.asks) != shape(other.answer.asks):
        asks = [model.answer.asks.text for model in (one, other) if model.answer]
        yield ("answer",), Departure(ASKED, "answer.asks", asks[0], asks[1], ())
    if one.periods.count != other.periods.count:
        counts = [str(model.periods.count) for model in (one, other)]
        yield ("periods",), Departure(PERIODS, "periods", counts[0], counts[1], ())
    for name in _names(one.actors, other.actors):
        decide = [model.actors.get(name) for model in (one, other)]
        if shape(decide[0]) != shape(decide[1]):
            told = [f"discount {actor.discount}" if actor else "" for actor in decide]
            yield ("actors",), Departure(ACTORS, f"actors.{name}", told[0], told[1], ())
    yield from _quantities(one, other)
    yield from _plain(one, other, "private", TYPES, _prior_told)
    for unit, departure in _plain(one, other, "state", STATE, lambda s: f"starts at {s.start}, then {s.next}"):
        yield unit[:1], departure
    yield from _stages(one, other)
    whens = [[(name, shape(outcome)) for name, outcome in model.outcomes.items()] for model in (one, other)]
    if whens[0] != whens[1]:
        named = list(_plain(one, other, "outcomes", OUTCOMES, _outcome_told))
        orders = [", ".join(model.outcomes) for model in (one, other)]
        yield from ((unit[:1], departure) for unit, departure in named)
        if not named:
            yield ("outcomes",), Departure(OUTCOMES, "outcomes", orders[0], orders[1], ())
    for actor in _names(one.payoffs, other.payoffs):
        terms = [model.payoffs.get(actor, {}) for model in (one, other)]
        for name in _names(*terms):
            sides = [side.get(name) for side in terms]
            if shape(sides[0]) != shape(sides[1]):
                told = [_term_told(term) for term in sides]
                cited, thread = _about(one, sides[0], other, sides[1])
                kind, what = f"payoffs of {actor}", f"payoffs.{actor}.{name}"
                yield ("payoffs", actor, name), Departure(kind, what, told[0], told[1], cited, thread)


def _quantities(one: Model, other: Model) -> Iterator[tuple[Unit, Departure]]:
    ours, theirs = one.quantities, other.quantities
    for name in ours:
        if name not in theirs or ours[name].role or theirs[name].role:
            continue
        x, y = ours[name], theirs[name]
        if (shape(x.value), _bounded(x)) != (shape(y.value), _bounded(y)):
            cited, thread = _about(one, x, other, y)
            departure = Departure(VALUES, f"quantities.{name}", str(x.value), str(y.value), cited, thread)
            yield ("quantities", name), departure
        for actor in _names(x.seen_by, y.seen_by):
            views = [q.seen_by.get(actor) for q in (x, y)]
            if shape(views[0]) != shape(views[1]):
                told = [str(view.value) if view else "as it is" for view in views]
                cited, thread = _about(one, views[0], other, views[1])
                cited += tuple(str(c) for c in y.source if c not in x.source)  # what is new in what the quantity cites
                what = f"{name}{SEEN_BY}{actor}"
                departure = Departure(SEEN, what, told[0], told[1], tuple(dict.fromkeys(cited)), thread)
                yield ("seen by", name, actor), departure
    if one.perception != other.perception:
        yield ("perception",), Departure(SEEN, "perception", one.perception, other.perception, ())
    sides = [{n: q for n, q in model.quantities.items() if q.role} for model in (one, other)]
    for name in _names(*sides):
        pair = [side.get(name) for side in sides]
        full = [q and (shape(q), _bounded(q), q.role) for q in pair]
        if full[0] != full[1]:
            told = [str(q.value) if q else "" for q in pair]
            cited, thread = _about(one, pair[0], other, pair[1])
            yield ("precision",), Departure(PRECISION, f"quantities.{name}", told[0], told[1], cited, thread)
    if shape(one.correlations) != shape(other.correlations):
        told = [
            ", ".join(f"{' and '.join(c.between)} {c.rank:g}" for c in model.correlations) for model in (one, other)
        ]
        yield ("correlations",), Departure(VALUES, "correlations", told[0], told[1], ())


def _bounded(q: Quantity) -> str:
    """The unit of a quantity where it counts."""
    return q.unit if q.unit in BOUNDED_UNITS else ""


def _plain(
    one: Model, other: Model, section: str, kind: str, told: Any
) -> Iterator[tuple[Unit, Departure]]:  # fmt: skip
    """What differs in a section of named entries."""
    ours, theirs = (getattr(model, section) for model in (one, other))
    for name in _names(ours, theirs):
        sides = [entries.get(name) for entries in (ours, theirs)]
        if shape(sides[0]) != shape(sides[1]):
            said = [told(side) if side else "" for side in sides]
            cited, thread = _about(one, sides[0], other, sides[1])
            of = kind if kind != TYPES else f"types of {name.partition('.')[0]}"
            yield (section, name), Departure(of, f"{section}.{name}", said[0], said[1], cited, thread)


def _stages(one: Model, other: Model) -> Iterator[tuple[Unit, Departure]]:
    both = [[name for name in a.stages if name in b.stages] for a, b in ((one, other), (other, one))]
    for (section, name), departure in _plain(one, other, "stages", CHANCE, _stage_told):
        stage = one.stages.get(name) or other.stages[name]
        kind = f"moves of {stage.actor}" if stage.actor else CHANCE
        unit = (section, name) if both[0] == both[1] else (section,)
        yield unit, replace(departure, kind=kind)
    if both[0] != both[1]:
        yield ("stages",), Departure(ORDER, "stages", ", ".join(both[0]), ", ".join(both[1]), ())


def _names(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*one, *other)))


def _about(one: Model, ours: Any, other: Model, theirs: Any) -> tuple[tuple[str, ...], str]:
    """What two entries cite (themselves, else by their mechanism), and the mechanism of the argument they belong to:
    that of the other, if it names one."""
    cited: list[str] = []
    threads = []
    for model, entry in ((one, ours), (other, theirs)):
        thread = getattr(entry, "mechanism", "")
        own = getattr(entry, "source", ()) or (model.mechanisms[thread].source if thread in model.mechanisms else ())
        cited += [str(citation) for citation in own]
        threads += [thread] if thread else []
    return tuple(dict.fromkeys(cited)), next(reversed(threads), "")


# ---------------------------------------------------------------------- what counts in the game


def shape(part: Any) -> Any:
    """What of a part of a model counts in the game, to be compared: nothing but numbers, conditions and names."""
    if isinstance(part, Formula):
        return shape(part.expression)
    if isinstance(part, Expression):
        held = {name: shape(value) for name, value in vars(part).items() if name not in ("at", "label_at")}
        return (type(part).__name__, *held.items())
    if isinstance(part, BaseModel):
        names = [name for name in type(part).model_fields if name not in _SILENT]
        if type(part).__name__ == "Quantity":
            names = ["value", "seen_by"]
        return tuple((name, shape(getattr(part, name))) for name in names)
    if isinstance(part, Mapping):
        return frozenset((key, shape(value)) for key, value in part.items())
    return tuple(map(shape, part)) if isinstance(part, (tuple, list)) else part


def formulas(part: Any) -> Iterator[Formula]:
    """Every formula in a part of a model."""
    if isinstance(part, Formula):
        yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from formulas(getattr(part, name))
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from formulas(value)
    elif isinstance(part, (tuple, list)):
        for value in part:
            yield from formulas(value)


def named(part: Any) -> set[str]:
    """The names of quantities, states and offers in the formulas of a part of a model."""
    return {e.name for formula in formulas(part) for e in formula.expression.walk() if isinstance(e, Name)}


# ---------------------------------------------------------------------- as it is written


def _term_told(term: Term | None) -> str:
    if term is None:
        return ""
    return str(term.value) if term.value is not None else f"each period: {term.each_period}"


def _prior_told(private: Any) -> str:
    told = ", ".join(f"{label} {p or 'otherwise'}" for label, p in private.prior.items())
    return told + (", known to all" if private.public else "")


def _outcome_told(outcome: Any) -> str:
    at = "" if outcome.at == "once" else f", tried at {outcome.at}"
    return ("otherwise" if outcome.otherwise or outcome.when is None else str(outcome.when)) + at


def _stage_told(stage: Stage) -> str:
    """A stage in a line: what can happen, and when."""
    if stage.chance:
        told = ", ".join(f"{label} {result.p or 'otherwise'}" for label, result in stage.chance.items())
    else:
        there = {label: _there(move) for label, move in stage.moves.items()} or dict.fromkeys(stage.offer, "")
        told = f"{stage.actor}: " + ", ".join(f"{label}{there[label]}" for label in there)
    told += _there(stage)
    told += f", periods {' '.join(map(str, stage.periods))}" if stage.periods else ""
    told += f", hidden from {', '.join(stage.hidden_from)}" if stage.hidden_from else ""
    told += f", together with {stage.together_with}" if stage.together_with else ""
    return told + (", seen as a signal" if stage.seen_as else "") + (", once" if stage.once else "")


def _there(part: Any) -> str:
    when = f" when {part.when}" if part.when is not None else ""
    return when + (f" unless {part.unless}" if part.unless is not None else "")
