"""The flagship with all moves alike before there is a reason for one, for tests of what such a game does."""

from __future__ import annotations

from detente.model.load import load
from detente.model.schema import Model


def evenly(case: str = "ukraine-2022") -> Model:
    """A case whose stages have no rates: nothing goes on by itself."""
    model = load(case)
    bare = {"continues": "", "reconsidered": None}
    stages = {name: stage.model_copy(update=bare) for name, stage in model.stages.items()}
    quantities = {name: q for name, q in model.quantities.items() if not name.endswith(".reconsidered")}
    return model.model_copy(update={"stages": stages, "quantities": quantities})
