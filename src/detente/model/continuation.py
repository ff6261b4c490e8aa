"""What going on is worth, where a game is over only because its time is: a payoff term `continuation`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from detente.language.expressions import Apply, Expression, Is, Number
from detente.model.fields import Formula
from detente.model.schema import Model, Outcome, Term

CONTINUATION = "continuation"


def terms(model: Model, actor: str) -> dict[str, Term]:
    """The payoff terms of an actor: those that are written, and what going on is worth to it."""
    written = model.payoffs.get(actor, {})
    found = going_on(model)
    if found is None or CONTINUATION in written:
        return dict(written)
    name, (outcome, going) = found
    value = _repeated(model, actor, written) if isinstance(going, str) else going.get(actor)
    if value is None:
        return dict(written)
    worth = Apply(0, "*", (value.expression, Is(0, "outcome", (name,), 0)))
    term = Term(
        value=Formula(f"{value} * (outcome is {name})", worth),
        means="what going on is worth",
        source=outcome.source,
        because="",
        mechanism="",
    )
    return {**written, CONTINUATION: term}


def going_on(model: Model) -> tuple[str, tuple[Outcome, Literal["repeated"] | Mapping[str, Formula]]] | None:
    """The outcome at which the crisis goes on, and what that is worth; None where nothing is said of it."""
    for name, outcome in model.outcomes.items():
        if outcome.otherwise and outcome.continuation is not None:
            return name, (outcome, outcome.continuation)
    return None


def _repeated(model: Model, actor: str, written: Mapping[str, Term]) -> Formula | None:
    """What the last slice earned, earned for ever after: f d / (1 - d), where d is the discount from slice to slice."""
    flow: Expression | None = None
    texts = []
    for term in written.values():
        for unit, formula in term.flows.items():
            if (length := model.periods.length(unit)) is None:
                continue
            earned = formula.expression if length == 1 else Apply(0, "*", (Number(0, length), formula.expression))
            flow = earned if flow is None else Apply(0, "+", (flow, earned))
            texts.append(f"({formula.text} each {unit})")
    if flow is None or actor not in model.actors:
        return None
    discount: Expression = model.actors[actor].discount.expression
    if model.periods.slices > 1:
        discount = Apply(0, "**", (discount, Number(0, 1.0 / model.periods.slices)))
    annuity = Apply(0, "/", (discount, Apply(0, "-", (Number(0, 1.0), discount))))
    return Formula(f"the flow of the last period for ever, {' + '.join(texts)}", Apply(0, "*", (flow, annuity)))
