"""A mechanism switched off: the model as it would be if that part of the argument were not there.

What `off` means for each part that is tagged with the mechanism:

- a payoff term is worth nothing;
- a stage is passed over, as where its condition does not hold; or what is written as its `without:` happens there;
- a move is not there, a result does not come and its probability goes to the others;
- a private type is known to everybody; a state stays as it starts;
- a perception is gone: the actor sees the quantity as it is;
- a quantity takes its neutral value, in everybody's eyes: what is written as its `without:`; else, where it is used
  only as one branch of `a if condition else b`, the constant of the other branch, so that the condition makes no
  difference; else 0. But where somebody sees it otherwise than it is, and the perception has no other tag, the tag is
  that of the perception: the quantity is seen as it is, and keeps its value.

What must stay, stays, and is told with the reason: a stage without which something else would lead nowhere (`keep`,
found by `analyse.ablate`), with the quantities it uses; a precision; the last move; a rival structure. Outcomes, claims
and statics are not parts of the mechanism: their tag says where they belong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from pydantic import BaseModel

from detente.draws.sources import SEEN_BY
from detente.draws.structures import tagged
from detente.draws.variants import NEVER, Variant, forbidden, forced, passed_over, unchanging, with_stage, worthless
from detente.errors import QuestionError, nearest
from detente.language.expressions import Apply, Expression, Name, Number
from detente.model.fields import Formula
from detente.model.schema import Model, Outcome, Stage

IN = " in "
"""Between a quantity and the one place at which it is switched off: `quantity cost in term A.war`."""


@dataclass(frozen=True)
class Knockout:
    """A variant without a mechanism: in words, what was switched off, and what is tagged with it and stays, and why."""

    mechanism: str
    variant: Variant
    off: tuple[str, ...]
    kept: tuple[str, ...]
    stages: tuple[str, ...]  # that are passed over, or `stage.label` of moves and results taken out
    parts: tuple[str, ...] = ()  # what was switched off, each so that it can be switched off alone (`only`)


@dataclass
class _Told:
    """What is said on the way. `only`: the one part that is to be switched off (None: all)."""

    only: str | None = None
    off: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def wants(self, part: str) -> bool:
        return self.only in (None, part)

    def switched(self, part: str, how: str) -> None:
        self.off.append(f"{part} {how}" if how[0] != ":" else f"{part}{how}")
        self.parts.append(part)


def _without(member: Model, mechanism: str, keep: Mapping[str, str] | None, only: str | None) -> Model:
    """The model of a combination of rival structures without a mechanism."""
    known = mechanism in member.mechanisms
    return knock_out(Variant.of(member), mechanism, keep, only).variant.model if known else member


def knock_out(
    variant: Variant, mechanism: str, keep: Mapping[str, str] | None = None, only: str | None = None
) -> Knockout:
    """The variant without a mechanism, or without one of its parts (`only`, of `Knockout.parts` or `uses`).

    `keep` holds stages (or `stage.label`) that must stay, with the reason. Raises QuestionError for a mechanism that
    does not exist.
    """
    model = variant.model
    if mechanism not in model.mechanisms:
        hint = nearest(mechanism, model.mechanisms) or "write them under `mechanisms:` and tag the parts of the model"
        raise QuestionError(f"there is no mechanism {mechanism!r} in this model; {hint}")
    told = _Told(only, kept=tagged(model, mechanism) if only is None else [])
    model = _terms(model, mechanism, told)
    model = _stages(model, mechanism, keep or {}, told)
    model = _states_and_types(model, mechanism, told)
    theirs = misread(model, mechanism)
    model, seen = _perceptions(model, mechanism, theirs, told)
    model, fixed = _quantities(model, mechanism, theirs, keep or {}, told)
    gone = {*seen, *(f"{name}{SEEN_BY}{actor}" for name in fixed for actor in variant.model.quantities[name].seen_by)}
    if model._rivals is not None:
        members = tuple(_without(member, mechanism, keep, only) for member in model._rivals.members)
        model = model.model_copy()
        model._rivals = replace(model._rivals, members=members)
    changed = replace(
        variant,
        model=model,
        fixed={**{name: value for name, value in variant.fixed.items() if name not in gone}, **fixed},
        shifts={name: shift for name, shift in variant.shifts.items() if name not in gone},
    )
    return Knockout(mechanism, changed, tuple(told.off), tuple(told.kept), tuple(told.gone), tuple(told.parts))


def _terms(model: Model, mechanism: str, told: _Told) -> Model:
    payoffs: dict[str, Any] = {}
    for actor, terms in model.payoffs.items():
        payoffs[actor] = dict(terms)
        for name, term in terms.items():
            part = f"term {actor}.{name}"
            if term.mechanism == mechanism and told.wants(part):
                payoffs[actor][name] = worthless(term)
                told.switched(part, "is worth nothing")
    return model.model_copy(update={"payoffs": payoffs}) if told.off else model


def _stages(model: Model, mechanism: str, keep: Mapping[str, str], told: _Told) -> Model:
    for name, stage in model.stages.items():
        if stage.mechanism == mechanism:
            part = f"stage {name}"
            if not told.wants(part):
                continue
            if stage.without:
                model = with_stage(model, name, forced(stage, stage.without))
                told.switched(part, f": always {stage.without}")
                told.gone += [f"{name}.{label}" for label in stage.results if label != stage.without]
            elif name in keep:
                told.kept.append(f"{part}: {keep[name]}")
            else:
                model = with_stage(model, name, passed_over(stage))
                told.switched(part, "is passed over")
                told.gone.append(name)
            continue
        tags = {label: move.mechanism for label, move in stage.moves.items()}
        tags |= {label: result.mechanism for label, result in stage.chance.items()}
        for label in (label for label, tag in tags.items() if tag == mechanism):
            part = f"{'move' if stage.moves else 'result'} {label} of {name}"
            if not told.wants(part):
                continue
            if f"{name}.{label}" in keep:
                told.kept.append(f"{part}: {keep[f'{name}.{label}']}")
                continue
            try:
                model = with_stage(model, name, forbidden(model.stages[name], label, name))
            except QuestionError as error:
                told.kept.append(f"{part}: {error}")
                continue
            told.switched(part, "is taken out")
            told.gone.append(f"{name}.{label}")
    return model


def _states_and_types(model: Model, mechanism: str, told: _Told) -> Model:
    for name, private in model.private.items():
        if private.mechanism == mechanism and not private.public and told.wants(f"type {name}"):
            update = {"private": {**model.private, name: private.model_copy(update={"public": True})}}
            model = model.model_copy(update=update)
            told.switched(f"type {name}", "is known to all")
    for name, state in model.state.items():
        if state.mechanism == mechanism and told.wants(f"state {name}"):
            model = model.model_copy(update={"state": {**model.state, name: unchanging(name, state)}})
            told.switched(f"state {name}", "stays as it starts")
    return model


# ---------------------------------------------------------------------- perceptions


def misread(model: Model, mechanism: str) -> list[str]:
    """The quantities whose tag is that of how they are seen: tagged, and seen otherwise by a perception whose tag is
    the same, or that has none."""
    return [
        name
        for name, q in model.quantities.items()
        if q.mechanism == mechanism
        and q.without is None
        and any(view.mechanism in ("", mechanism) for view in q.seen_by.values())
    ]


def _perceptions(model: Model, mechanism: str, theirs: list[str], told: _Told) -> tuple[Model, list[str]]:
    """The model without the perceptions of a mechanism, and which those were (`cost seen by A`)."""
    gone, live = [], _counting(model)
    for name, quantity in model.quantities.items():
        tag = mechanism if name in theirs else ""
        mine = [actor for actor, view in quantity.seen_by.items() if (view.mechanism or tag) == mechanism]
        mine = [actor for actor in mine if name in live and told.wants(f"perception of {name} by {actor}")]
        if mine:
            model = seen_truly(model, name, mine)
            gone += [f"{name}{SEEN_BY}{actor}" for actor in mine]
            for actor in mine:
                told.switched(f"perception of {name} by {actor}", f": {actor} sees it as it is")
        if name in theirs and name in live and told.only is None:
            told.kept.append(
                f"quantity {name}: {' and '.join(mine)} {'see' if len(mine) > 1 else 'sees'} it otherwise than it is, "
                "so that its tag is taken for that of the perception; write its `without:` to switch the quantity off, "
                "or give the perception a mechanism of its own"
            )
    return model, gone


def seen_truly(model: Model, name: str, actors: list[str]) -> Model:
    """The model in which these actors see a quantity as it is."""
    quantity = model.quantities[name]
    views = {actor: view for actor, view in quantity.seen_by.items() if actor not in actors}
    changed = quantity.model_copy(update={"seen_by": views})
    return model.model_copy(update={"quantities": {**model.quantities, name: changed}})


def _counting(model: Model) -> set[str]:
    """The quantities that still count somewhere, by themselves or through others."""
    found = {name for f in _live(model, list(model.quantities)) for name in _names(f)}
    while True:
        made = [model.quantities[q] for q in found & model.quantities.keys()]
        more = {n for q in made for f in (q.value, *(v.value for v in q.seen_by.values())) for n in _names(f)} - found
        if not more:
            return found
        found |= more


# ---------------------------------------------------------------------- quantities


def _quantities(
    model: Model, mechanism: str, theirs: list[str], keep: Mapping[str, str], told: _Told
) -> tuple[Model, dict[str, float]]:
    tagged = [name for name, q in model.quantities.items() if q.mechanism == mechanism and name not in theirs]
    staying = [(name, model.stages[s]) for name in keep if (s := name.partition(".")[0]) in model.stages]
    held = {e: name for name, stage in staying for f in _of_stage(stage) for e in _names(f)}
    paced = {name for stage in model.stages.values() for f in _readiness(stage) for name in _names(f)}
    fixed: dict[str, float] = {}
    for name in tagged:
        part, quantity = f"quantity {name}", model.quantities[name]
        alone = bool(told.only) and str(told.only).startswith(part + IN)
        if not told.wants(part) and not alone:
            continue
        if quantity.role:
            told.kept.append(f"{part}: a precision has no neutral value")
        elif quantity.without is None and name in paced:
            told.kept.append(f"{part}: how readily something is done has no neutral value; write its `without:`")
        elif quantity.without is not None:
            fixed[name] = quantity.without
        elif name in held:
            told.kept.append(f"{part}: {held[name].partition('.')[0]} uses it and stays")
        else:
            values = {value for f in _live(model, tagged) for value in _neutral(f.expression, name)}
            if len(values) == 1:
                fixed[name] = values.pop()
            elif values:
                ways = " and ".join(f"{v:g}" for v in sorted(values))
                told.kept.append(f"{part}: it is neutral at {ways} in different places; write its `without:`")
        if name not in fixed:
            continue
        if alone:
            value = fixed.pop(name)
            place = str(told.only).removeprefix(part + IN)
            told.switched(str(told.only), f"is {value:g}")
            return _replaced_at(model, place, name, value), {}
        model = seen_truly(model, name, list(quantity.seen_by))
        told.switched(part, f"is {fixed[name]:g}")
    return model, fixed


def uses(model: Model, name: str) -> list[str]:
    """The places at which a quantity counts, as `knock_out` names them: terms, stages, types, states, quantities."""
    found = [
        f"term {actor}.{key}"
        for actor, terms in model.payoffs.items()
        for key, term in terms.items()
        if term.formula is not None and name in _names(term.formula)
    ]
    parts = {
        "stage": {key: list(_of_stage(stage)) for key, stage in model.stages.items() if stage.when is not NEVER},
        "type": {key: [f for f in private.prior.values() if f is not None] for key, private in model.private.items()},
        "state": {key: [state.start, state.next] for key, state in model.state.items()},
        "outcome": {key: list(_worth(outcome)) for key, outcome in model.outcomes.items()},
        "quantity": {key: [q.value] for key, q in model.quantities.items() if key != name},
    }
    for kind, formulas in parts.items():
        found += [f"{kind} {key}" for key, some in formulas.items() if any(name in _names(f) for f in some)]
    return found


_SECTIONS = {"stage": "stages", "type": "private", "state": "state", "outcome": "outcomes", "quantity": "quantities"}


def _replaced_at(model: Model, place: str, name: str, value: float) -> Model:
    """The model in which a quantity is a number at one place; itself where it lacks the place, as a combination may."""
    kind, _, key = place.partition(" ")
    if kind == "term":
        actor, _, term = key.partition(".")
        mine = model.payoffs.get(actor, {})
        if term not in mine:
            return model
        mine = {**mine, term: _replaced(mine[term], name, value)}
        return model.model_copy(update={"payoffs": {**model.payoffs, actor: mine}})
    section = getattr(model, _SECTIONS[kind])
    if key not in section:
        return model
    return model.model_copy(update={_SECTIONS[kind]: {**section, key: _replaced(section[key], name, value)}})


def _replaced(part: Any, name: str, value: float) -> Any:
    """A part of a model, or an expression, with a number in place of a name."""
    made: Any = part
    if isinstance(part, Name):
        made = Number(part.at, value) if part.name == name else part
    elif isinstance(part, (Expression, Formula)):
        inner = {f.name: getattr(part, f.name) for f in fields(part)}
        made = replace(part, **{key: _replaced(v, name, value) for key, v in inner.items()})
    elif isinstance(part, BaseModel):
        inner = {key: getattr(part, key) for key in type(part).model_fields}
        made = part.model_copy(update={key: _replaced(v, name, value) for key, v in inner.items() if v is not NEVER})
    elif isinstance(part, Mapping):
        made = {key: _replaced(v, name, value) for key, v in part.items()}
    elif isinstance(part, tuple):
        made = tuple(_replaced(v, name, value) for v in part)
    return made


def _names(formula: Formula) -> set[str]:
    return {e.name for e in formula.expression.walk() if isinstance(e, Name)}


def _of_stage(stage: Stage) -> Iterator[Formula]:
    for formula in (stage.when, stage.unless):
        if formula is not None:
            yield formula
    for move in stage.moves.values():
        yield from (f for f in (move.when, move.unless) if f is not None)
    yield from _readiness(stage)
    for result in stage.chance.values():
        if result.p is not None:
            yield result.p
    for signals in stage.seen_as.values():
        yield from (p for p in signals.values() if p is not None)


def _readiness(stage: Stage) -> Iterator[Formula]:
    """How readily moves are made at a stage without a reason, and how often it is reconsidered."""
    yield from (move.tendency for move in stage.moves.values() if move.tendency is not None)
    if stage.reconsidered is not None:
        yield stage.reconsidered.rate


def _worth(outcome: Outcome) -> Iterator[Formula]:
    """What going on after an outcome is worth."""
    if isinstance(outcome.continuation, Mapping):
        yield from outcome.continuation.values()


def _live(model: Model, tagged: list[str]) -> Iterator[Formula]:
    """The formulas that still count: not those of stages that are passed over or of terms that are worth nothing."""
    for stage in model.stages.values():
        if stage.when is not NEVER:
            yield from _of_stage(stage)
    for terms in model.payoffs.values():
        for term in terms.values():
            if term.formula is not None:
                yield term.formula
    for private in model.private.values():
        yield from (p for p in private.prior.values() if p is not None)
        for signals in private.seen_as.values():
            yield from (p for p in signals.values() if p is not None)
    for state in model.state.values():
        yield from (state.start, state.next)
    for outcome in model.outcomes.values():
        if outcome.when is not None:
            yield outcome.when
        yield from _worth(outcome)
    for actor in model.actors.values():
        yield actor.discount
    for name, quantity in model.quantities.items():
        if name not in tagged:
            yield quantity.value
            yield from (view.value for view in quantity.seen_by.values())


def _neutral(e: Expression, name: str) -> Iterator[float]:
    """The neutral value of a quantity at each of its uses in an expression."""
    if isinstance(e, Name):
        if e.name == name:
            yield 0.0
        return
    parts: list[Expression] = list(e.children())
    if isinstance(e, Apply) and e.op == "if":
        condition, yes, no = e.args
        for branch, other in ((yes, no), (no, yes)):
            if isinstance(branch, Name) and branch.name == name and isinstance(other, Number):
                yield other.value
                parts = [condition, other]
    for part in parts:
        yield from _neutral(part, name)
