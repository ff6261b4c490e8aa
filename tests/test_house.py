"""The house keeps its measures: small modules, and few parameters for whoever calls from outside."""

from __future__ import annotations

import inspect
import statistics
from pathlib import Path

import detente

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "detente"
MOST_PARAMETERS = 10


def lines() -> dict[str, int]:
    return {str(p.relative_to(SOURCE)): len(p.read_text("utf-8").splitlines()) for p in SOURCE.rglob("*.py")}


def test_modules_are_small_and_the_few_large_ones_have_a_reason() -> None:
    counted = lines()
    assert statistics.median(counted.values()) <= 150
    reasons = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    large = [name for name, count in counted.items() if count > 400]
    assert [name for name in large if f"`{name}`" not in reasons] == []


def test_public_functions_take_few_parameters() -> None:
    """Settings are one value, however they are given."""
    for name in detente.__all__:
        thing = getattr(detente, name)
        if inspect.isfunction(thing):
            assert len(inspect.signature(thing).parameters) <= MOST_PARAMETERS, name
