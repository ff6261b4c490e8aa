"""What private types are said to prefer, in words."""

from __future__ import annotations

from detente.analyse.forecast.preferences import Preference
from detente.present.wording.numbers import percent, words


def misnamed(p: Preference) -> str:
    """The warning of a type that does not mean what it says; nothing for others."""
    return f"{preferred(p)}: look at its payoffs, or give it another name" if p.weak else ""


def preferred(p: Preference) -> str:
    """In what share of draws a type means what it says."""
    actor, _, kind = p.type.partition(".")
    of = f"the type {words(p.label)} of {words(actor)} ({words(kind)})"
    if not p.share.draws:
        return f"whether {of} prefers what its name says can be judged in no draw"
    return f"{of} prefers what its name says in {percent(p.share.value, p.share.error)} of draws"
