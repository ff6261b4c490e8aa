"""Claims made up at random: verdicts, margins and structure agree about each, whatever is not a number in it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.structure import Structure
from detente.language.margins import margin
from detente.language.tolerance import tolerant
from detente.model.ask import read_question
from tests.game.test_periods import crisis

EVENTS = (
    "posture is press", "call is yes", "outcome is over", "period == 1", "alarm > 0.25", "ever(call is no)",
    "count(posture is press) == 2", "demand > 0.4", "previous(call is no)", "cost > 0.3", "log(cost - 0.3) < 1",
    "1 / (alarm - 0.1) > 2",
)  # fmt: skip
NUMBERS = ("E(A)", "E(B.x)", "U(A)", "cost", "0.2", "1.3", "0")


class Maker:
    """Writes events, numbers and conditions of a few levels."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed).choice

    def event(self, depth: int) -> str:
        if depth == 0:
            return self.pick(EVENTS)
        one, other = self.event(depth - 1), self.event(depth - 1)
        return self.pick((one, f"({one}) and ({other})", f"({one}) or ({other})", f"not ({one})"))

    def number(self, depth: int) -> str:
        event, given = self.event(1), self.event(1)
        if depth == 0:
            return self.pick((*NUMBERS, f"P({event})", f"P({event} given {given})", f"E(alarm given {given})"))
        a, b = self.number(depth - 1), self.number(depth - 1)
        forms = ("{a}", "({a} {op} {b})", "log({a})", "sqrt({a})", "min({a}, {b})", "exp({a})", "clip({a}, 0, 1)",
                 "({a} if {b} > 0.1 else {b})", "({a}) ** 0", "({a}) ** -1", "abs({a})")  # fmt: skip
        return self.pick(forms).format(a=a, b=b, op=self.pick("+-*/"))

    def condition(self, depth: int) -> str:
        if depth == 0:
            relation = self.pick(("<", "<=", ">", ">=", "==", "!="))
            return f"{self.number(2)} {relation} {self.number(1)}"
        one, other = self.condition(depth - 1), self.condition(depth - 1)
        return self.pick((one, f"({one}) and ({other})", f"({one}) or ({other})", f"not ({one})"))


@pytest.mark.parametrize("seed", range(120))
def test_verdict_margin_and_structure_agree(seed: int) -> None:
    study = crisis()
    text = f"({Maker(seed).condition(2)}) and (P(posture is press) > 0.4)"
    expression = read_question(study.model, text)
    question = Question(study.blueprint, expression, [margin(tolerant(expression))])
    [batch] = study.batches()
    held, far = question.together(batch)
    known = ~np.isnan(held)
    assert set(held[known]) <= {0.0, 1.0}
    assert not np.isnan(far[known]).any()
    assert (held[known & (far > 0)] == 1).all()
    assert (held[known & (far < 0)] == 0).all()
    low, high = Structure(question).bounds
    assert (low <= held[known]).all()
    assert (held[known] <= high).all()
