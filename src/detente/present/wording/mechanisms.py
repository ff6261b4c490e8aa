"""What is said of a mechanism that is both a brake and an engine."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.counterfactual.knockout import BothWays, Part
from detente.present.wording.numbers import points, words

NAMED = 3  # parts of each kind


def torn(found: BothWays) -> str:
    """The warning, as two sentences."""
    return (
        f"Both a brake and an engine of {words(found.of)}, which falls without {_parts(found.engines)}, and rises "
        f"without {_parts(found.brakes)}. The effect of the whole is a balance of the two; give each a "
        "mechanism of its own."
    )


def _parts(parts: Sequence[Part]) -> str:
    told = [f"{words(p.part)} ({points(p.effect.value, p.effect.error)} pt)" for p in parts[:NAMED]]
    if len(parts) > NAMED:
        told.append(f"{len(parts) - NAMED} more")
    return ", ".join(told)
