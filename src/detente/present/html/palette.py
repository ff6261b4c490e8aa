"""Which colour stands for what: Okabe and Ito's palette, which people who see colours differently can tell apart."""

from __future__ import annotations

from detente.model.schema import Model

VERDICTS = {"holds": "o1", "mostly holds": "o5", "contested": "o0", "mostly fails": "o4", "fails": "o2"}


def colour(model: Model, outcome: str) -> str:
    """The class that holds the colour of an outcome: grey for the last resort, else in the order of the file."""
    if model.outcomes[outcome].otherwise:
        return "o0"
    ranked = [name for name, o in model.outcomes.items() if not o.otherwise]
    return f"o{ranked.index(outcome) % 8 + 1}"
