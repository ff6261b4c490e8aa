"""What of a model can cite a source: every part, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from detente.model.blocks import each
from detente.model.fields import Path
from detente.model.schema import Model

NAMED = ("mechanisms", "quantities", "private", "state", "stages", "outcomes", "claims", "statics")
LISTED = ("evidence", "signs", "forecasts", "base_rates")


def citing(model: Model) -> Iterator[tuple[Path, Any]]:
    """Every part that may say where it comes from, with the keys under which it stands, in the order of the schema."""
    for section in NAMED:
        for name, part in getattr(model, section).items():
            yield (section, name), part
    for name, quantity in model.quantities.items():
        for actor, view in quantity.seen_by.items():
            yield ("quantities", name, "seen_by", actor), view
    for name, stage in model.stages.items():
        for label, move in (*stage.moves.items(), *stage.chance.items()):
            yield ("stages", name, "moves" if stage.moves else "chance", label), move
    for actor, terms in model.payoffs.items():
        for name, term in terms.items():
            yield ("payoffs", actor, name), term
    for _, structure, path in each(model.structures):
        yield path, structure
    for section in LISTED:
        for k, part in enumerate(getattr(model, section)):
            yield (section, k), part
    if model.happened:
        yield ("happened",), model.happened
