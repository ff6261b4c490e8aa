"""From a model to its tree: states, outcomes and what they pay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detente.errors import ModelError
from tests.game.small import GATED, A, B, compiled, endings, game, gates, payoff, stories


def test_outcomes_are_tried_in_order() -> None:
    blueprint = compiled({"s": A}, {"first": "s is a", "second": "s in [a, b]", "third": "s is b", "rest": "otherwise"})
    assert stories(blueprint) == {("a",): "first", ("b",): "second"}
    assert [w.message for w in blueprint.warnings] == ["the outcome 'third' can never be reached"]


def test_when_outcomes_are_tried() -> None:
    stages = {"s": A, "t": B}
    at = {"once": 2, "period end": 4, "end": 4}
    for moment, plays in at.items():
        blueprint = compiled(stages, {"war": {"when": "s is a", "at": moment}, "peace": "otherwise"})
        wars = [play for play, outcome in stories(blueprint).items() if outcome == "war"]
        assert len(stories(blueprint)) == (3 if plays == 2 else 4)
        assert all(play[0] == "a" for play in wars)
    two = compiled(stages, {"war": {"when": "s is a", "at": "period end"}, "peace": "otherwise"}, periods=2)
    assert {len(play) for play, outcome in stories(two).items() if outcome == "war"} == {2, 4}
    end = compiled(stages, {"war": {"when": "ever(s is a)", "at": "end"}, "peace": "otherwise"}, periods=2)
    assert {len(play) for play in stories(end)} == {4}
    assert sum(outcome == "peace" for outcome in stories(end).values()) == 4


@pytest.mark.parametrize("order", ["pqe", "qep", "epq", "peq"])
def test_each_moment_has_its_outcomes_whatever_the_order_of_the_file(order: str) -> None:
    """p is plain, q waits for the end of a period, e for the very end; all three hold after (a, x)."""
    when = {"p": "t is x", "q": {"when": "s is a", "at": "period end"}, "e": {"when": "ever(s is a)", "at": "end"}}
    outcomes = {**{name: when[name] for name in order}, "rest": "otherwise"}
    found = stories(compiled({"s": A, "t": B}, outcomes))
    assert found == {("a", "x"): "p", ("b", "x"): "p", ("a", "y"): "q", ("b", "y"): "rest"}
    outcomes["q"] = {"when": "s is b and t is x", "at": "period end"}
    assert stories(compiled({"s": A, "t": B}, {**outcomes, "p": "0 > 1"}))["a", "y"] == "e"


def test_among_those_of_a_moment_the_order_of_the_file_counts() -> None:
    for at in ("period end", "end"):
        one, two = {"when": "s in [a, b]", "at": at}, {"when": "s is a", "at": at}
        assert set(stories(compiled({"s": A}, {"one": one, "two": two, "rest": "otherwise"})).values()) == {"one"}
        assert stories(compiled({"s": A}, {"two": two, "one": one, "rest": "otherwise"})) == {
            ("a",): "two",
            ("b",): "one",
        }


@pytest.mark.parametrize("first", ["plain", "late"])
def test_plain_outcomes_are_tried_once_more_when_a_period_is_over(first: str) -> None:
    """In the second period nothing is played; the state it began with ends the game all the same, and first."""
    state = {"alarm": {"start": 0, "next": "alarm + (s is a)"}}
    outcomes = {"plain": "alarm >= 1", "late": {"when": "alarm >= 1 and period == 2", "at": "period end"}}
    ordered = {first: outcomes[first], **outcomes, "rest": "otherwise"}
    blueprint = compiled({"s": {**A, "periods": 1}}, ordered, state=state, periods=3)
    assert stories(blueprint) == {("a",): "plain", ("b",): "rest"}
    ended = {blueprint.scene(int(x)).outcome: blueprint.scene(int(x)).period for x in blueprint.tree.terminals}
    assert ended == {"plain": 1, "rest": 2}


def test_a_stage_that_is_passed_over_does_not_put_off_plain_outcomes() -> None:
    outcomes = {"late": {"when": "s is b", "at": "period end"}, "plain": "s is b and not (t is x)", "rest": "otherwise"}
    stages = {"s": A, "t": {**B, "when": "s is a"}}
    assert stories(compiled(stages, outcomes))[("b",)] == "plain"


def test_states_evolve_at_the_end_of_a_period() -> None:
    state = {"alarm": {"start": 1, "next": "alarm + (s is a)"}, "echo": {"start": 0, "next": "alarm"}}
    payoffs = {"A": {"alarm": "alarm", "echo": "100 * echo", "flow": {"each period": "10000 * alarm"}}}
    blueprint = compiled({"s": A}, state=state, periods=3, payoffs=payoffs)
    assert payoff(blueprint, ("a", "a", "a")) == 3 + 100 * 2 + 10000 * (1 + 2 + 3)
    assert payoff(blueprint, ("b", "a", "b")) == 2 + 100 * 1 + 10000 * (1 + 1 + 2)
    early = compiled({"s": A, "t": B}, {"high": "alarm > 1", "end": "otherwise"}, state=state, periods=2)
    assert ("a", "x", "b") in stories(early), "in the second period it is tried once something has happened"


def test_outcomes_tried_when_a_period_is_over_see_states_as_it_leaves_them() -> None:
    state = {"alarm": {"start": 0, "next": "alarm + (s is a)"}}

    def ended(condition: str, at: str) -> dict[tuple[str, ...], str]:
        outcomes = {"high": {"when": condition, "at": at}, "rest": "otherwise"}
        return stories(compiled({"s": A, "t": B}, outcomes, state=state, periods=2))

    assert {len(p) for p, o in ended("alarm >= 1", "once").items() if o == "high"} == {3}, "a period and a step later"
    assert {p[::2] for p, o in ended("alarm >= 1", "period end").items() if o == "high"} == {("a",), ("b", "a")}
    assert {p[::2] for p, o in ended("alarm >= 2", "end").items() if o == "high"} == {("a", "a")}, "the last update"
    assert {p[::2] for p, o in ended("alarm - previous(alarm) == 2", "end").items() if o == "high"} == {("a", "a")}
    assert "high" not in ended("ever(alarm >= 2)", "end").values(), "inside ever a period counts as it began"
    paid = compiled(
        {"s": A}, {"high": {"when": "alarm > 0", "at": "end"}, "rest": "otherwise"}, state=state,
        payoffs={"A": {"alarm": "alarm"}},
    )  # fmt: skip
    assert payoff(paid, ("a",)) == 0, "payoffs read the value with which the period began"


def test_a_state_that_depends_on_a_draw() -> None:
    state = {"alarm": {"start": "q", "next": "alarm * q"}}
    blueprint = compiled(
        {"s": A},
        {"high": "alarm > 1", "end": "otherwise"},
        state=state,
        periods=2,
        quantities=GATED,
        payoffs={"A": {"p": "alarm"}},
    )
    g, ends = endings(blueprint, 100)
    gates(blueprint, g)
    q = blueprint.sampler.draw(100, 1).truth["q"]
    high = [blueprint.scene(int(x)).outcome == "high" for x in blueprint.tree.terminals]
    assert ends[high].sum(axis=0) == pytest.approx((q > 1).astype(float))
    values = g.payoffs[g.tree.slot[g.tree.terminals], 0]
    mean = (ends * values).sum(axis=0)
    assert mean == pytest.approx(np.where(q > 1, q, q**2))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("s is a", {"aab": 0, "bba": 1}),
        ("ever(s is a)", {"aab": 1, "bbb": 0}),
        ("count(s is a)", {"aab": 2, "aba": 2, "bbb": 0}),
        ("previous(s is a)", {"aab": 1, "bba": 0}),
        ("first(s is a)", {"aab": 1, "bba": 3, "bbb": 0}),
        ("period", {"aab": 3}),
        ("total(period * (s is a))", {"aab": 3, "bba": 3}),
        ({"each period": "s is a"}, {"aab": 2, "bbb": 0}),
        ({"each period": "previous(s is a)"}, {"aab": 2, "aaa": 2, "abb": 1}),
        ({"each period": "ever(s is a)"}, {"aab": 3, "bab": 2}),
        ({"each period": "period"}, {"aab": 6}),
    ],
)
def test_terms(term: Any, expected: dict[str, float]) -> None:
    blueprint = compiled({"s": A}, periods=3, payoffs={"A": {"p": term}})
    for play, number in expected.items():
        assert payoff(blueprint, tuple(play)) == number, play


def test_discounting() -> None:
    actors = {"A": {"discount": "d"}, "B": {"discount": 0.25}}
    payoffs = {"A": {"end": "s is a", "flow": {"each period": "10 * (s is a)"}}, "B": {"end": 1}}
    blueprint = compiled(
        {"s": A, "t": B},
        {"war": "s is b", "end": "otherwise"},
        periods=3,
        actors=actors,
        quantities={"d": 0.5},
        payoffs=payoffs,
    )
    assert payoff(blueprint, ("a", "x", "a", "x", "a", "x")) == 0.25 + 10 * (1 + 0.5 + 0.25)
    assert payoff(blueprint, ("a", "x", "b")) == 10, "earned in the periods that were begun"
    assert payoff(blueprint, ("a", "x", "b"), "B") == 0.25
    assert payoff(blueprint, ("b",), "B") == 1


def test_payoffs_in_the_eyes_of_their_owner() -> None:
    quantities = {"q": {"value": "1 to 2", "seen_by": {"A": "q + 10"}}}
    blueprint = compiled({"s": A, "t": B}, quantities=quantities, payoffs={"A": {"p": "q"}, "B": {"p": "q"}})
    draws = blueprint.sampler.draw(10, 1)
    g = blueprint.game(draws)
    assert g.payoffs[0, 0] == pytest.approx(draws.truth["q"] + 10)
    assert g.payoffs[0, 1] == pytest.approx(draws.truth["q"])
    assert blueprint.game(draws, "A").payoffs[0, 1] == pytest.approx(draws.truth["q"] + 10), "all in A's eyes"


def test_precisions() -> None:
    quantities = {"all": {"value": 3, "role": "precision"}, "own": {"value": 7, "role": "precision of B"}}
    assert game(compiled({"s": A, "t": B}, quantities=quantities)).precision[:, 0].tolist() == [3, 7, 3]
    assert game(compiled({"s": A})).precision[:, 0].tolist() == [5, 5, 5]


def test_a_payoff_that_is_no_number() -> None:
    blueprint = compiled(
        {"s": A, "t": B}, quantities=GATED, payoffs={"A": {"good": 1, "bad": "log(q - 1) * (s is a)"}, "B": {"p": 0}}
    )
    with pytest.raises(ModelError, match="the payoff is not a number in draw"):
        game(blueprint)
    infinite = compiled({"s": A}, quantities=GATED, payoffs={"A": {"p": "exp(10000 * q)"}})
    with pytest.raises(ModelError, match="the payoff is infinite in draw"):
        game(infinite)


def test_forced_moves() -> None:
    blueprint = compiled({"s": A, "t": {"actor": "B", "moves": {"x": "", "y": {"when": "q > 1"}}}}, quantities=GATED)
    g = game(blueprint, 50)
    forced = blueprint.forced(g, {"t": "y"})
    assert forced.available is not None
    for h in range(1, 3):
        first = int(g.tree.action_start[h])
        assert (forced.available[first] == ~forced.available[first + 1]).all(), "where it is not there, choice is free"
