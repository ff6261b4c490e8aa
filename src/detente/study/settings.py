"""What is asked of every question: how it is to be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.engine.engine import Engine
from detente.errors import QuestionError, nearest
from detente.model.load import changed, load
from detente.model.schema import Model
from detente.solve.base import Solver

if TYPE_CHECKING:
    from detente.engine.store.store import Store


def _ready(
    case: str | Path | Model,
    changes: Mapping[str, Any] | None,
    perception: str | None,
    method: str | Solver | None,
    workers: int,
    store: Store | None,
) -> tuple[Model, Engine]:
    model = case if isinstance(case, Model) else load(case)
    model = changed(model, changes) if changes else model
    return model, Engine(perception or model.perception, method, workers, store)


def _enough(draws: int) -> None:
    if draws < 2:
        raise QuestionError(f"{draws} draws were asked for; an interval needs at least two")


def _claims(model: Model, names: Sequence[str]) -> list[str]:
    for name in names:
        if name not in model.claims:
            raise QuestionError(f"there is no claim {name!r}; {nearest(name, model.claims) or 'this model makes none'}")
    return [name for name in model.claims if not names or name in names]
