"""Private types that say what they prefer: in what share of draws a type's own utilities bear its name out.

A type is called something, `would rather take it than bargain over it`; what it does follows from payoffs in which its
name does not appear. `prefers:` says what the name means, and it is judged within the type: everything is conditioned
on it, by Bayes' rule, and utilities are those as seen by the actor who is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Question, judge
from detente.arrays import Floats
from detente.display import Displayed
from detente.engine.batch import Batch
from detente.game.blueprint import Blueprint
from detente.language.expressions import Ask, Expression, Is
from detente.model.check.conditioning import both

FEWEST = 0.5  # a type that means what it says in fewer draws is warned of


@dataclass(frozen=True)
class Preference(Displayed):
    """What a private type is said to prefer, and the share of draws in which it does, among those that can tell."""

    type: str
    label: str
    prefers: str
    share: Finding
    unjudged_draws: int

    @property
    def weak(self) -> bool:
        """Whether the type does not mean what it says in most draws."""
        return not self.share.value >= FEWEST


def preferences(blueprint: Blueprint, batches: Iterable[Batch]) -> list[Preference]:
    """Every declared preference, in solved draws. There is nothing to solve where none is declared."""
    kinds = blueprint.model.private.items()
    declared = [(name, label, prefers) for name, kind in kinds for label, prefers in kind.prefers.items()]
    if not declared:
        return []
    asked = [Question(blueprint, within(prefers.expression, name, label)) for name, label, prefers in declared]
    values: list[list[Floats]] = [[] for _ in asked]
    for batch in batches:
        for question, parts in zip(asked, values, strict=True):
            parts.append(question(batch))
    found = []
    for (name, label, prefers), parts in zip(declared, values, strict=True):
        verdict = judge(f"{name} is {label}", "", np.concatenate(parts))
        found.append(Preference(name, label, prefers.text, verdict.share, verdict.unjudged))
    return found


def within(e: Expression, kind: str, label: str) -> Expression:
    """An expression in which every question is asked given that somebody is of a type."""

    def conditioned(part: Expression) -> Expression | None:
        if not isinstance(part, Ask):
            return None
        given = both(part.given, Is(part.at, kind, (label,), part.at))
        return Ask(part.at, part.what, part.arg, given, part.do)

    return e.rewritten(conditioned)
