"""How much of a text a case takes up, and what of it a person has yet to confirm, in words and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from detente.language.characters import plain
from detente.model.coverage import Coverage, Judgement
from detente.present.wording.numbers import counted

NAMED = 6  # judgements named in a sentence


def taken_up(found: Coverage) -> str:
    """`article: 20 of 25 sentences are taken up, 4 set aside, 1 left`."""
    cited = sum(p.taken_up for p in found.paragraphs)
    aside = sum(bool(p.aside) and not p.taken_up for p in found.paragraphs)
    left = len(found.paragraphs) - cited - aside
    told = f"{plain(found.source)}: {cited} of {counted(len(found.paragraphs), found.unit)} taken up"
    return told + (f", {aside} set aside" if aside else "") + (f", {left} left" if left else "")


def confirming(found: Sequence[Judgement]) -> str:
    """How many judgements are to be confirmed, and where the first few stand."""
    named = ", ".join(f"{plain(j.path)} (line {j.place.line})" for j in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{counted(len(found), 'judgement')} to be confirmed by a person: {named}{more}"


def covered(found: Coverage) -> dict[str, Any]:
    """As data: the numbers that are taken up, those that are set aside with the reason, and those that are left."""
    cited = [p.number for p in found.paragraphs if p.taken_up]
    aside = {str(p.number): p.aside for p in found.paragraphs if p.aside and not p.taken_up}
    left = [p.number for p in found.paragraphs if not p.taken_up and not p.aside]
    return {"source": found.source, "unit": found.unit, "taken_up": cited, "set_aside": aside, "left": left}
