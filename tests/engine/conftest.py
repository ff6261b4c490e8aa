"""A demand, and the batches of it that are really solved."""

from __future__ import annotations

import pytest

import detente
from detente.engine.engine import Engine
from tests.engine.demand import BATCH, MODEL


@pytest.fixture
def solves(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that are really solved, batches being small."""
    monkeypatch.setattr("detente.engine.engine.LARGEST_BATCH", BATCH)
    solve, sizes = Engine.solve_batch, []

    def counted(self: Engine, blueprint: object, draws: object, forced: object) -> object:
        sizes.append(draws.n)  # type: ignore[attr-defined]
        return solve(self, blueprint, draws, forced)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "solve_batch", counted)
    return sizes


@pytest.fixture(scope="module")
def model() -> detente.Model:
    return detente.loads(MODEL, "demand.yaml")
