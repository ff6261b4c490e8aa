"""A mechanism switched off: the model as it would be if that thread of the argument were not there.

What `off` means for each part that is tagged with the mechanism:

- a payoff term is worth nothing;
- a stage is passed over, as where its condition does not hold; or what is written as its `without:` happens there;
- a move is not there, a result does not come and its probability goes to the others;
- a private type is known to everybody; a state stays as it starts;
- a quantity takes its neutral value: what is written as its `without:`; else, where it is used only as one branch of
  `a if condition else b`, the constant of the other branch, so that the condition makes no difference; else 0.

What must stay, stays, and is told with the reason: a stage without which something else would lead nowhere (`keep`,
found by `analyse.ablate`), with the quantities it uses; a precision; the last move. Outcomes, claims and statics are
not parts of the mechanism: their tag says where they belong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detente.draws.variants import NEVER, Variant, forbidden, forced, with_stage
from detente.errors import QuestionError, nearest
from detente.language.expressions import Apply, Expression, Name, Number
from detente.model.fields import Formula
from detente.model.schema import Model, Stage


@dataclass(frozen=True)
class Knockout:
    """A variant without a mechanism: in words, what was switched off, and what is tagged with it and stays, and why."""

    mechanism: str
    variant: Variant
    off: tuple[str, ...]
    kept: tuple[str, ...]
    stages: tuple[str, ...]  # that are passed over, or `stage.label` of moves and results taken out


def knock_out(variant: Variant, mechanism: str, keep: Mapping[str, str] | None = None) -> Knockout:
    """The variant without a mechanism. `keep` holds stages (or `stage.label`) that must stay, with the reason.

    Raises QuestionError for a mechanism that there is not.
    """
    model = variant.model
    if mechanism not in model.mechanisms:
        hint = nearest(mechanism, model.mechanisms) or "write them under `mechanisms:` and tag the parts of the model"
        raise QuestionError(f"there is no mechanism {mechanism!r} in this model; {hint}")
    off: list[str] = []
    kept: list[str] = []
    gone: list[str] = []
    model = _terms(model, mechanism, off)
    model = _stages(model, mechanism, keep or {}, off, kept, gone)
    model = _states_and_types(model, mechanism, off)
    fixed = _quantities(model, mechanism, keep or {}, off, kept)
    changed = replace(variant, model=model, fixed={**variant.fixed, **fixed})
    return Knockout(mechanism, changed, tuple(off), tuple(kept), tuple(gone))


def _terms(model: Model, mechanism: str, off: list[str]) -> Model:
    payoffs: dict[str, Any] = {}
    for actor, terms in model.payoffs.items():
        payoffs[actor] = dict(terms)
        for name, term in terms.items():
            if term.mechanism == mechanism:
                payoffs[actor][name] = term.model_copy(update={"value": NEVER, "each_period": None})
                off.append(f"term {actor}.{name} is worth nothing")
    return model.model_copy(update={"payoffs": payoffs}) if off else model


def _stages(
    model: Model, mechanism: str, keep: Mapping[str, str], off: list[str], kept: list[str], gone: list[str]
) -> Model:
    for name, stage in model.stages.items():
        if stage.mechanism == mechanism:
            if stage.without:
                model = with_stage(model, name, forced(stage, stage.without))
                off.append(f"stage {name}: always {stage.without}")
                gone += [f"{name}.{label}" for label in stage.results if label != stage.without]
            elif name in keep:
                kept.append(f"stage {name}: {keep[name]}")
            else:
                model = with_stage(model, name, stage.model_copy(update={"when": NEVER, "unless": None}))
                off.append(f"stage {name} is passed over")
                gone.append(name)
            continue
        tags = {label: move.mechanism for label, move in stage.moves.items()}
        tags |= {label: result.mechanism for label, result in stage.chance.items()}
        for label in (label for label, tag in tags.items() if tag == mechanism):
            what = f"{'move' if stage.moves else 'result'} {label} of {name}"
            if f"{name}.{label}" in keep:
                kept.append(f"{what}: {keep[f'{name}.{label}']}")
                continue
            try:
                model = with_stage(model, name, forbidden(model.stages[name], label, name))
            except QuestionError as error:
                kept.append(f"{what}: {error}")
                continue
            off.append(f"{what} is taken out")
            gone.append(f"{name}.{label}")
    return model


def _states_and_types(model: Model, mechanism: str, off: list[str]) -> Model:
    for name, private in model.private.items():
        if private.mechanism == mechanism and not private.public:
            update = {"private": {**model.private, name: private.model_copy(update={"public": True})}}
            model = model.model_copy(update=update)
            off.append(f"type {name} is known to all")
    for name, state in model.state.items():
        if state.mechanism == mechanism:
            still = state.model_copy(update={"next": Formula(name, Name(0, name))})
            model = model.model_copy(update={"state": {**model.state, name: still}})
            off.append(f"state {name} stays as it starts")
    return model


# ---------------------------------------------------------------------- quantities


def _quantities(
    model: Model, mechanism: str, keep: Mapping[str, str], off: list[str], kept: list[str]
) -> dict[str, float]:
    tagged = [name for name, q in model.quantities.items() if q.mechanism == mechanism]
    staying = [(name, model.stages[name.partition(".")[0]]) for name in keep]
    held = {e: name for name, stage in staying for f in _of_stage(stage) for e in _names(f)}
    fixed: dict[str, float] = {}
    for name in tagged:
        quantity = model.quantities[name]
        if quantity.role:
            kept.append(f"quantity {name}: a precision has no neutral value")
        elif quantity.without is not None:
            fixed[name] = quantity.without
        elif name in held:
            kept.append(f"quantity {name}: {held[name].partition('.')[0]} uses it and stays")
        else:
            values = {value for f in _live(model, tagged) for value in _neutral(f.expression, name)}
            if len(values) == 1:
                fixed[name] = values.pop()
            elif values:
                ways = " and ".join(f"{v:g}" for v in sorted(values))
                kept.append(f"quantity {name}: it is neutral at {ways} in different places; write its `without:`")
        if name in fixed:
            off.append(f"quantity {name} is {fixed[name]:g}")
    return fixed


def _names(formula: Formula) -> set[str]:
    return {e.name for e in formula.expression.walk() if isinstance(e, Name)}


def _of_stage(stage: Stage) -> Iterator[Formula]:
    for formula in (stage.when, stage.unless):
        if formula is not None:
            yield formula
    for move in stage.moves.values():
        yield from (f for f in (move.when, move.unless) if f is not None)
    for result in stage.chance.values():
        if result.p is not None:
            yield result.p
    for signals in stage.seen_as.values():
        yield from (p for p in signals.values() if p is not None)


def _live(model: Model, tagged: list[str]) -> Iterator[Formula]:
    """The formulas that still count: not those of stages that are passed over or of terms that are worth nothing."""
    for stage in model.stages.values():
        if stage.when is not NEVER:
            yield from _of_stage(stage)
    for terms in model.payoffs.values():
        for term in terms.values():
            yield from (f for f in (term.value, term.each_period) if f is not None)
    for private in model.private.values():
        yield from (p for p in private.prior.values() if p is not None)
        for signals in private.seen_as.values():
            yield from (p for p in signals.values() if p is not None)
    for state in model.state.values():
        yield from (state.start, state.next)
    for outcome in model.outcomes.values():
        if outcome.when is not None:
            yield outcome.when
    for actor in model.actors.values():
        yield actor.discount
    for name, quantity in model.quantities.items():
        if name not in tagged:
            yield quantity.value
            yield from quantity.seen_by.values()


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
