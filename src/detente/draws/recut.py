"""Variants of a model in how time is cut, how sharply its actors choose, and how long it lasts.

Each keeps the draws of everything it leaves alone, as all variants do.
"""

from __future__ import annotations

from detente.draws.variants import NEVER
from detente.errors import ModelError, QuestionError
from detente.model.check.check import check
from detente.model.load import changed
from detente.model.schema import Model, Quantity

PRECISION = "precision"


def cut(model: Model, slices: int) -> Model:
    """The model with every period cut into so many slices. Raises QuestionError, ModelError."""
    return _checked(model, _with_periods(model, slices=slices))


def lasting(model: Model, count: int) -> Model:
    """The model with so many periods; stages that were played in others only are passed over.

    Raises QuestionError, ModelError.
    """
    made = _with_periods(model, count=count)
    stages = dict(model.stages)
    for name, stage in model.stages.items():
        if stage.periods and (left := tuple(p for p in stage.periods if p <= count)) != stage.periods:
            update = {"periods": left} if left else {"periods": (), "when": NEVER, "unless": None}
            stages[name] = stage.model_copy(update=update)
    return _checked(model, made.model_copy(update={"stages": stages}))


def sharp(model: Model, precision: float) -> Model:
    """The model in which everybody chooses with one precision, in every draw. Raises ModelError."""
    roles = [name for name, quantity in model.quantities.items() if quantity.role]
    if (roles and any(model.precision_of(actor) is None for actor in model.actors)) or not roles:
        name = PRECISION
        while name in {*model.quantities, *model.actors, *model.state, *model.stages}:
            name += "_"
        quantity = Quantity.model_validate({"value": precision, "unit": "1/stake", "role": PRECISION})
        model = model.model_copy(update={"quantities": {**model.quantities, name: quantity}})
    return changed(model, dict.fromkeys(roles, precision)) if roles else model


def _with_periods(model: Model, **update: int) -> Model:
    for name, value in update.items():
        if value < 1:
            raise QuestionError(f"{value} {'periods' if name == 'count' else 'slices'} cannot be: 1 at least")
    return model.model_copy(update={"periods": model.periods.model_copy(update=update)})


def _checked(before: Model, model: Model) -> Model:
    """The model, where it makes sense. Raises ModelError."""
    if wrong := [problem for problem in check(model) if not problem.warning]:
        raise ModelError(wrong)
    model._places, model._name, model._files = before._places, before._name, before._files
    return model
