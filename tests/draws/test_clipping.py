"""Probabilities that would leave their bounds are warned of, with the share of draws."""

from __future__ import annotations

import numpy as np
import pytest

import detente
from detente.draws.clipping import clipped

MODEL = """title: T
actors: {A: one, B: two}
quantities:
  pr: {value: 0.3 to 0.6, unit: probability, seen_by: {A: VIEW}}
  twice: {value: TWICE, unit: share}
stages:
  luck: {chance: {bad: pr, good: otherwise}}
  move: {actor: A, moves: [press, rest]}
outcomes: {quiet: {when: move is rest}, war: otherwise}
payoffs: {A: {good: twice * (outcome is war) * (luck is bad)}}
"""


def told(view: str, twice: str = "0.5") -> list[str]:
    model = detente.loads(MODEL.replace("VIEW", view).replace("TWICE", twice))
    return [f"{problem.path}: {problem.message}" for problem in clipped(model, 4000, 1)]


@pytest.mark.parametrize("view", ["pr * 2", "pr - 0.4", "normal(pr, 0.3)"])
def test_a_view_that_leaves_its_bounds_is_warned_of(view: str) -> None:
    """The share is that of the draws in which the bound is what somebody sees."""
    model = detente.loads(MODEL.replace("VIEW", view).replace("TWICE", "0.5"))
    seen = detente.compile_model(model).sampler.draw(4000, 1).views["A"]["pr"]
    shares = {"above 1": np.mean(seen == 1), "below 0": np.mean(seen == 0)}
    expected = [
        f"quantities.pr.seen_by.A: 'pr' as A sees it would lie {where} in {share:.0%} of draws, "
        "and is cut to its bound there"
        for where, share in shares.items()
        if share > 0.05
    ]
    assert expected
    assert told(view) == expected


def test_a_quantity_that_leaves_its_bounds_is_warned_of_as_well() -> None:
    (message,) = told("pr", "pr * 2")
    assert message.startswith("quantities.twice.value: 'twice' would lie above 1 in ")


@pytest.mark.parametrize("view", ["pr", "pr * 1.2", "0.1 to 0.9", "0", "1"])
def test_what_stays_within_is_not(view: str) -> None:
    assert told(view) == []


def test_check_tells_it() -> None:
    problems = detente.check(detente.loads(MODEL.replace("VIEW", "pr * 2").replace("TWICE", "0.5"))).problems
    assert [problem.place.line for problem in problems if problem.warning] == [4]
