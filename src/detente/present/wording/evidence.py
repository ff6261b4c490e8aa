"""How much evidence a model lists, in words."""

from __future__ import annotations

from detente.model.schema import Model
from detente.present.wording.numbers import counted, day


def known_when(model: Model) -> str:
    """What answers rest on: no evidence, or all that was known on a day."""
    return "before any evidence" if model._updated is None else f"as known on {day(model._updated.day)}"


def items(listed: int, late: int) -> str:
    """How much evidence there is: `4 items, 2 of them after the as-of date`; nothing where there is none."""
    if not listed:
        return ""
    which = "" if not late else "after the as-of date" if listed == 1 else f"{late} of them after the as-of date"
    return f"{counted(listed, 'item')}{which and ', '}{which}"
