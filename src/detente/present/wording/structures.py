"""Rival structures in words."""

from __future__ import annotations

from detente.analyse.finding import Finding
from detente.analyse.forecast.structures import Presence
from detente.model.schema import Model
from detente.present.wording.answer import in_words
from detente.present.wording.answer import level as answer_level
from detente.present.wording.numbers import counted, percent, words
from detente.study.study import Study


def trees_told(study: Study) -> str:
    """How many trees there are, and how large: `4 structures, trees of 7 to 8 nodes, 31 in all`; empty for one."""
    sizes = [c.nodes for c in study.combinations.values()]
    if not sizes:
        return ""
    between = f"{min(sizes):,} to {max(sizes):,}" if min(sizes) < max(sizes) else f"{sizes[0]:,}"
    return f"{counted(len(sizes), 'combination')} of rival structures, trees of {between} nodes, {sum(sizes):,} in all"


def share_told(study: Study) -> str:
    """What structure explains of the answer; empty where there is one structure."""
    found = study.structure
    if found is None or found.value != found.value:
        return ""
    of = "the answer" if study.answer else "the most likely outcome"
    return (
        f"Rival structures explain by themselves {percent(found.value, found.error)} of the variance of {of} "
        f"between draws (95%: {percent(found.low, found.error)} to {percent(found.high, found.error)})"
    )


def subject(study: Study) -> str:
    """What structures are compared by: the answer, or else the outcome that one of them moves most."""
    if study.answer:
        return ""
    found = study.structures.values()

    def moved(name: str) -> float:
        return max(abs(p.outcomes[name].value - p.without[name].value) for p in found)

    return max(study.model.outcomes, key=moved)


def subject_words(model: Model, of: str) -> str:
    """The same in words."""
    return words(of) if of else in_words(model)


def sides(presence: Presence, of: str) -> tuple[Finding | None, Finding | None]:
    """What is forecast with a structure, and without it."""
    if of:
        return presence.outcomes[of], presence.without[of]
    return presence.answer, presence.answer_without


def level(model: Model, of: str, finding: Finding | None) -> str:
    """A forecast on one side."""
    if finding is None or not finding.draws:
        return "no draw"
    return percent(finding.value, finding.error) if of else answer_level(model, finding)


def held(counts: tuple[int, int] | None) -> str:
    """In how many combinations a claim holds: `in 3 of 4 combinations`; empty where there is one structure."""
    return "" if counts is None or counts[1] < 2 else f"in {counts[0]} of {counts[1]} combinations"
