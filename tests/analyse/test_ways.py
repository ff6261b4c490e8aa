"""A path to an outcome names the step with which the outcome's condition came to hold."""

from __future__ import annotations

import pytest

import detente

HEAD = """
title: T
periods: {{count: 2, unit: week}}
actors: {{A: a, B: b}}
quantities: {{gain: 0.5 to 2, mark: 0.1 to 0.9}}
state: {{alarm: {{start: 0.2, next: alarm + 0.3 * (t is c)}}}}
stages:
  s: {{actor: A, moves: [a, b], {s}}}
  t: {{actor: B, moves: [c, d]}}
outcomes:
  one: {{{one}}}
  rest: otherwise
payoffs: {{A: {{x: gain * (outcome is one)}}, B: {{x: -1.0 * (outcome is one) + 0.1 * (t is c)}}}}
"""


def ways(one: str, s: str = "means: first") -> set[tuple[str, int]]:
    study = detente.run(detente.loads(HEAD.format(one=one, s=s)), draws=20)
    mine = {w: f.value for w, f in study.ways.items() if w.outcome == "one"}
    assert sum(mine.values()) == pytest.approx(study.outcomes["one"].value, abs=1e-12)
    return {(w.trigger, w.period) for w in mine}


@pytest.mark.parametrize(
    ("one", "s", "triggers"),
    [
        ("when: s is a", "means: first", {("s: a", 1), ("s: a", 2)}),
        # a signal follows the move, and stages are played on to the end of the period: neither ended the game
        ("when: s is a", "seen_as: {a: {loud: 0.9, quiet: 0.1}, b: {quiet: 1}}", {("s: a", 1), ("s: a", 2)}),
        ("when: s is a, at: period end", "means: first", {("s: a", 1), ("s: a", 2)}),
        ("when: s.seen is loud, at: period end", "seen_as: {a: {loud: 0.9, quiet: 0.1}, b: {quiet: 1}}",
         {("s.seen: loud", 1), ("s.seen: loud", 2)}),
        # the last of two that are needed; the first of two that would do
        ("when: s is a and t is c", "means: first", {("t: c", 1), ("t: c", 2)}),
        ("when: 's is a or t is c', at: period end", "means: first",
         {("s: a", 1), ("t: c", 1), ("s: a", 2), ("t: c", 2)}),
        ("when: count(s is a) == 2, at: period end", "means: first", {("s: a", 2)}),
        ("when: not (t is c), at: period end", "means: first", {("t: d", 1), ("t: d", 2)}),
            # what hangs on the draw counts as well
        ("when: s is a and alarm > mark, at: period end", "means: first", {("s: a", 1), ("s: a", 2)}),
        ("when: alarm > mark", "means: first", {("the state of alarm", 1), ("the state of alarm", 2)}),
        ("when: period == 2", "means: first", {("the period", 2)}),
        ("when: ever(s is a), at: end", "means: first", {("the time is over", 0)}),
    ],
)  # fmt: skip
def test_a_way_names_the_step_that_mattered(one: str, s: str, triggers: set[tuple[str, int]]) -> None:
    assert ways(one, s) == triggers
