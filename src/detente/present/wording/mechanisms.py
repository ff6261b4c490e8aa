"""What is said of a mechanism that is at once a brake and an engine."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.counterfactual.knockout import BothWays, Part
from detente.present.wording.numbers import points, words

NAMED = 3  # parts of each kind


def torn(found: BothWays) -> str:
    """The warning, as two sentences."""
    return (
        f"At once a brake and an engine of {words(found.of)}, which falls without {_parts(found.engines)}, and rises "
        f"without {_parts(found.brakes)}. What is told of the whole is a balance; give the two a mechanism each."
    )


def _parts(parts: Sequence[Part]) -> str:
    told = [f"{words(p.part)} ({points(p.effect.value, p.effect.error)} pt)" for p in parts[:NAMED]]
    if len(parts) > NAMED:
        told.append(f"{len(parts) - NAMED} more")
    return ", ".join(told)
