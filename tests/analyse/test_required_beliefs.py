"""What an actor must believe to act as it does, in models whose answers are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

import detente
from detente.analyse.perceptions.required_beliefs import Conviction
from detente.language.distributions import Z90
from detente.present.wording.perceptions import said
from detente.study.questions.perceptions import Perceptions, perceptions
from tests.cases.editions import FIRST_KREMLIN


def only(found: Perceptions, way: str, reading: str = "common") -> Conviction:
    (one,) = [c for c in found.needs[0].convictions[reading] if c.way == way]
    return one


def test_what_must_be_believed_of_one_cost(choice: Perceptions) -> None:
    need = choice.needs[0]
    assert (need.actor, need.stage, need.move) == ("Moscow", "posture", "go")
    line, alone = only(choice, "line"), only(choice, "cost")
    assert line.found
    assert line.s == pytest.approx(0.5, abs=1e-7)
    assert line.beliefs["cost"] == pytest.approx(0.7, abs=1e-6)
    assert line.factors["cost"] == pytest.approx(0.7, abs=1e-6)
    sd = np.log(2) / Z90
    assert line.distance == pytest.approx(-np.log(0.7) / sd, abs=1e-6)
    assert alone.distance == pytest.approx(line.distance, abs=1e-6)
    assert need.view_distance == pytest.approx(-np.log(0.4) / sd, abs=1e-7)
    assert line.before < 0 <= line.after < 1e-6  # solved at the point
    assert line.residual <= 1e-8
    words = said(need, "common")
    assert "cost at 0.7 (truth 1)" in words
    assert "50.0% of it on" in words


PLANE = """
title: Two fears
actors: {Moscow: goes or stays}
quantities:
  one: {value: -1 to 3, seen_by: {Moscow: one - 2}}
  two: {value: -2 to 6, seen_by: {Moscow: two - 1}}
stages:
  posture: {actor: Moscow, moves: [go, stay]}
outcomes: {gone: {when: posture is go}, stayed: otherwise}
payoffs:
  Moscow: {all: (1 - one - two) * (outcome is gone)}
"""


def test_the_nearest_view_is_the_foot_of_the_perpendicular() -> None:
    found = perceptions(detente.loads(PLANE), draws=200, swept=16, steps=2)
    sd = [2 / Z90, 4 / Z90]
    near = only(found, "nearest")
    assert near.found
    assert near.distance == pytest.approx(2 / np.hypot(*sd), rel=1e-4)  # 1 + 2 must shrink by 2
    shares = np.array(sd) ** 2 / (sd[0] ** 2 + sd[1] ** 2)
    assert [near.beliefs["one"], near.beliefs["two"]] == pytest.approx([1 - 2 * shares[0], 2 - 2 * shares[1]], abs=1e-3)
    line = only(found, "line")
    assert line.s == pytest.approx(2 / 3, abs=1e-6)
    assert line.distance == pytest.approx(np.hypot(4 / 3 / sd[0], 2 / 3 / sd[1]), rel=1e-6)
    assert only(found, "one").distance == pytest.approx(2 / sd[0], rel=1e-6)
    assert only(found, "two").beliefs == pytest.approx({"one": 1.0, "two": 0.0}, abs=1e-6)
    assert near.distance < min(line.distance, only(found, "one").distance, only(found, "two").distance)


def one_quantity(payoff: str, view: str, **how: object) -> Perceptions:
    text = PLANE.replace("  two: {value: -2 to 6, seen_by: {Moscow: two - 1}}\n", "").replace("one - 2", view)
    return perceptions(
        detente.loads(text.replace("(1 - one - two)", f"({payoff})")),
        draws=50,
        swept=16,
        steps=2,
        **how,  # type: ignore[arg-type]
    )


def test_a_move_can_stop_being_the_best_again() -> None:
    found = one_quantity("0.01 - (one - 1.5) ** 2", "one + 1", move="posture is go")
    line = only(found, "line")
    assert line.s == pytest.approx(0.4, abs=1e-6)  # the median is 1: best from 1.4 to 1.6
    assert line.until == pytest.approx(0.6, abs=1e-6)
    assert "until 60.0%" in said(found.needs[0], "common")


def test_where_no_view_is_enough_it_is_said_how_far_was_searched() -> None:
    found = one_quantity("-1 - exp(-one)", "one + 1", move="posture is go")
    line, alone = only(found, "line"), only(found, "one")
    assert not line.found
    assert not alone.found
    assert -1.5 < alone.after < -1
    assert "6 prior standard deviations" in alone.searched
    words = said(found.needs[0], "common")
    assert "No single misperception is enough" in words
    assert "short by" in words


def test_a_move_that_is_best_in_truth_needs_no_misperception() -> None:
    found = one_quantity("5 + 0 * one + one", "one + 1", move="posture is go")
    assert only(found, "line").found
    assert only(found, "line").distance == 0
    assert "Nothing needs to be believed" in said(found.needs[0], "common")


def test_the_kremlin_variant_answers_its_question() -> None:
    found = perceptions(FIRST_KREMLIN, "Russia", draws=64, swept=16, steps=2)
    (need,) = found.needs
    assert (need.stage, need.move) == ("posture", "invade")
    assert {a.quantity for a in need.axes} == {b.quantity for b in found.portraits["Russia"].beliefs}
    assert found.portraits["Russia"].payoff.cost.value > 0
    for reading, convictions in need.convictions.items():
        types = {c.decision.own for c in convictions}
        assert types == {"aim is subjugate", "aim is bargain"}
        some = [c for c in convictions if c.found]
        assert some, reading
        for c in some:
            assert c.before < 0 <= c.after < 1e-4
            assert c.residual <= 1e-8
        assert all(c.decision.own == "aim is subjugate" for c in some if c.distance < 3)
        assert "prior standard deviations" in said(need, reading)
