"""A model with some of its parts as another has them; and outcomes of a model under other names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from detente.errors import NOWHERE, ModelError, Problem
from detente.language.expressions import Expression, Is, Name
from detente.language.writing import written
from detente.model.check.check import check, check_question
from detente.model.departures import Unit, departures, named, shape
from detente.model.fields import Formula
from detente.model.record import Answer, Claim
from detente.model.schema import Model, Quantity

_NOTHING: Mapping[str, Any] = {
    "claims": {}, "statics": {}, "evidence": (), "signs": (), "forecasts": (), "base_rates": (), "happened": None,
    "structures": {},
}  # fmt: skip


class Hybrids:
    """The models between two: the one, with some units (`departures`) as the other has them.

    A hybrid has the quantities that both models have and those that what it holds speaks of, so that a term or stage
    brings its own quantities along; it says nothing but what answers the question, and the claims that both make.
    """

    def __init__(self, one: Model, other: Model, claims: Mapping[str, Claim]) -> None:
        self.one, self.other, self.claims = one, other, claims
        self.units = frozenset(departures(one, other))

    def model(self, taken: frozenset[Unit]) -> Model:
        """The hybrid. Raises ModelError where it is no valid model: it speaks of something that it does not have."""
        one, other = self.one, self.other
        changes: dict[str, Any] = dict(_NOTHING)
        changes["sources"] = {**other.sources, **one.sources}
        changes["mechanisms"] = {**other.mechanisms, **one.mechanisms}
        for section in ("periods", "actors", "state", "outcomes", "correlations", "perception"):
            if (section,) in taken:
                changes[section] = getattr(other, section)
        for section in ("private", "stages"):
            changes[section] = self._mixed(section, taken)
        if any(unit[0] == "payoffs" for unit in taken):
            changes["payoffs"] = self._payoffs(taken)
        asking = other if ("answer",) in taken else one
        asks = asking.answer.asks if asking.answer else None
        changes["answer"] = Answer(asks=asks, says="", deadline=None, groups={}) if asks else None
        changes["claims"] = dict(self.claims)
        made = one.model_copy(update=changes)
        made = made.model_copy(update={"quantities": self._quantities(made, taken)})
        problems = [p for p in check(made) if not p.warning]
        lost = {p.path.split(".")[1] for p in problems if p.path.startswith("claims.")}
        if wrong := [p for p in problems if not p.path.startswith("claims.")]:
            raise ModelError(wrong)
        kept = {name: claim for name, claim in made.claims.items() if name not in lost}
        return made.model_copy(update={"claims": kept}) if lost else made

    def _mixed(self, section: str, taken: frozenset[Unit]) -> Any:
        """The entries of a section in an order that suits both; that of the one as it is, where nothing is taken."""
        ours, theirs = getattr(self.one, section), getattr(self.other, section)
        if (section,) in taken:
            return theirs
        names = {unit[1] for unit in taken if unit[0] == section and len(unit) > 1}
        if not names:
            return ours
        found = {}
        for name in _in_order(list(ours), list(theirs)):
            side = theirs if name in names else ours
            if name in side:
                found[name] = side[name]
        return found

    def _payoffs(self, taken: frozenset[Unit]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for actor in dict.fromkeys((*self.one.payoffs, *self.other.payoffs)):
            ours, theirs = self.one.payoffs.get(actor, {}), self.other.payoffs.get(actor, {})
            terms = {}
            for name in dict.fromkeys((*ours, *theirs)):
                side = theirs if ("payoffs", actor, name) in taken else ours
                if name in side:
                    terms[name] = side[name]
            if terms or actor in (self.other if ("actors",) in taken else self.one).payoffs:
                found[actor] = terms
        return found

    def _quantities(self, made: Model, taken: frozenset[Unit]) -> dict[str, Quantity]:
        ours, theirs = self.one.quantities, self.other.quantities
        judging = self.other if ("precision",) in taken else self.one
        judges = judging.quantities
        found: dict[str, Quantity] = {}
        for name, q in ours.items():
            if name in theirs and not q.role and not theirs[name].role:
                found[name] = self._shared(name, taken)
        found |= {name: q for name, q in judges.items() if q.role}
        wanted = named([made.private, made.state, made.stages, made.outcomes, made.payoffs, made.actors])
        wanted |= {name for c in made.correlations for name in c.between}
        wanted |= named([made.answer, made.claims]) | named(list(found.values()))
        while missing := [n for n in sorted(wanted - found.keys()) if n in ours or n in theirs]:
            for name in missing:
                if name in made.state or name in made.stages:
                    wanted.discard(name)
                    continue
                found[name] = _brought(min((s[name] for s in (ours, theirs) if name in s), key=_judges), made)
                wanted |= named(found[name])
        for name in sorted(wanted & found.keys()):  # one name for a precision, and for a number of the other model
            if found[name].role and name not in self._numbers(judging):
                told = f"{name!r} is a precision here, and another number where it is spoken of"
                raise ModelError([Problem(NOWHERE, told, "", f"quantities.{name}")])
        return found

    @staticmethod
    def _numbers(model: Model) -> set[str]:
        """The quantities that a model itself takes for numbers in its formulas."""
        return named([model.private, model.state, model.stages, model.outcomes, model.payoffs, model.quantities])

    def _shared(self, name: str, taken: frozenset[Unit]) -> Quantity:
        """A quantity that both have, with value and perceptions from where they are taken."""
        ours, theirs = self.one.quantities[name], self.other.quantities[name]
        changes: dict[str, Any] = {}
        if ("quantities", name) in taken:
            changes |= {"value": theirs.value, "unit": theirs.unit}
        seen = {}
        for actor in dict.fromkeys((*ours.seen_by, *theirs.seen_by)):
            views = theirs.seen_by if ("seen by", name, actor) in taken else ours.seen_by
            if actor in views:
                seen[actor] = views[actor]
        if seen != ours.seen_by:
            changes["seen_by"] = seen
        return ours.model_copy(update=changes) if changes else ours


def _judges(q: Quantity) -> bool:
    return bool(q.role)


def _brought(q: Quantity, made: Model) -> Quantity:
    """A quantity that a model takes over as a number, seen by those who are there; it is nobody's precision there."""
    seen = {actor: view for actor, view in q.seen_by.items() if actor in made.actors}
    return q if not q.role and len(seen) == len(q.seen_by) else q.model_copy(update={"seen_by": seen, "role": ""})


def _in_order(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """The names of two sequences in one order that is that of either, where what both have stands alike in both."""
    order = list(other)
    for k, name in enumerate(one):
        if name not in order:
            order.insert(order.index(one[k - 1]) + 1 if k else 0, name)
    return order


def alike(one: Mapping[str, Claim], other: Mapping[str, Claim]) -> dict[str, Claim]:
    """The claims that two models word with the same formula under one name."""
    return {
        name: claim for name, claim in one.items()
        if name in other and shape(claim.holds) == shape(other[name].holds)
    }  # fmt: skip


def claiming(model: Model, claims: Mapping[str, Claim]) -> Model:
    """The model with those claims of another that can be asked of it, after its own; itself where there are none."""
    new = {name: claim for name, claim in claims.items() if name not in model.claims}
    if not new:
        return model
    plain = {name: claim.model_copy(update={"source": (), "mechanism": ""}) for name, claim in new.items()}
    tried = model.model_copy(update={"claims": {**model.claims, **plain}})
    if model._rivals is None:
        lost = {p.path.split(".")[1] for p in check(tried) if not p.warning and p.path.startswith("claims.")}
    else:  # it is asked of all structures at once
        lost = {name for name, claim in new.items() if check_question(model, claim.holds.expression, NOWHERE)}
    kept = {name: claim for name, claim in tried.claims.items() if name not in lost or name in model.claims}
    return model.model_copy(update={"claims": kept}) if len(kept) > len(model.claims) else model


# ---------------------------------------------------------------------- names


def renamed(model: Model, names: Mapping[str, str]) -> Model:
    """The model with outcomes under other names, {old: new}, wherever it speaks of them; itself if none are given."""
    if not names:
        return model
    others = {*model.quantities, *model.state, *model.stages, *model.actors}
    happens = {*others, *(result for stage in model.stages.values() for result in stage.results)}

    def one(e: Expression) -> Expression | None:
        if isinstance(e, Is) and e.subject == "outcome":
            return Is(e.at, e.subject, tuple(names.get(label, label) for label in e.labels), e.label_at)
        if isinstance(e, Name) and e.name in names and e.name not in others:  # `P(war)` for `P(outcome is war)`
            new = names[e.name]
            return Is(e.at, "outcome", (new,), e.at) if new in happens else Name(e.at, new)
        return None

    def formula(given: Formula) -> Formula:
        made = given.expression.rewritten(one)
        return given if made == given.expression else Formula(written(made), made)

    made: Model = _each(model, formula)
    changes: dict[str, Any] = {"outcomes": _keyed(made.outcomes, names)}
    if made.answer:
        groups = {name: _listed(of, names) for name, of in made.answer.groups.items()}
        changes["answer"] = made.answer.model_copy(update={"groups": groups})
    if made.happened and made.happened.outcome in names:
        changes["happened"] = made.happened.model_copy(update={"outcome": names[made.happened.outcome]})
    found = made.model_copy(update=changes)
    if model._rivals is not None:
        members = tuple(renamed(member, names) for member in model._rivals.members)
        found._rivals = replace(model._rivals, members=members)
    return found


def _keyed(entries: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): entry for name, entry in entries.items()}


def _listed(of: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names.get(name, name) for name in of)


def _each(part: Any, change: Callable[[Formula], Formula]) -> Any:
    """A part of a model with every formula changed; itself where none is."""
    if isinstance(part, Formula):
        return change(part)
    if isinstance(part, BaseModel):
        held = {name: getattr(part, name) for name in type(part).model_fields}
        made = {name: _each(value, change) for name, value in held.items()}
        changes = {name: value for name, value in made.items() if value is not held[name]}
        return part.model_copy(update=changes) if changes else part
    if isinstance(part, Mapping):
        made = {key: _each(value, change) for key, value in part.items()}
        return made if any(made[key] is not part[key] for key in made) else part
    if isinstance(part, (tuple, list)) and not isinstance(part, str):
        items = [_each(value, change) for value in part]
        return type(part)(items) if any(a is not b for a, b in zip(items, part, strict=True)) else part
    return part
