"""Breaking points against known distances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from detente import QuestionError, run
from detente.analyse.finding import Z90
from detente.analyse.thresholds.hlrf import least
from detente.present.figures.thresholds.breaking import distances_picture, nearness
from detente.study.dossier import dossier
from detente.study.questions.breaking import breaking
from detente.study.questions.gradients import gradients
from tests.analyse.crises import decision, deterrence

DRAWS = 400


def _linear(claim: str, correlation: float = 0.0, **quantities):
    """The breaking point of a claim about normal quantities a and b that the game has no part in."""
    more = {"quantities": {"a": "normal(0, 1)", "b": "normal(0, 1)", **quantities}, "claims": {"c": claim}}
    if correlation:
        more["correlations"] = [{"between": ["a", "b"], "rank": 6 / np.pi * np.arcsin(correlation / 2)}]
    (found,) = breaking(run(decision(0.5, **more), draws=DRAWS))
    return found


def test_a_linear_claim_breaks_at_its_distance() -> None:
    found = _linear("a + 2 * b < 3 + 0 * P(outcome is gone)")
    assert found.holds is True
    assert found.distance.value == pytest.approx(3 / np.sqrt(5), abs=1e-5)
    assert {c.name: c.value for c in found.changes} == pytest.approx({"a": 3 / 5, "b": 6 / 5}, abs=1e-2)
    assert sum(c.share for c in found.changes) == pytest.approx(1)
    assert {s.change.name: s.distance.value for s in found.singles} == pytest.approx({"b": 1.5, "a": 3.0}, abs=1e-3)
    assert found.singles[0].change.name == "b"


@pytest.mark.parametrize("rho", [0.5, -0.5])
def test_correlation_makes_a_joint_change_nearer_or_farther(rho: float) -> None:
    found = _linear("a + b < 2 + 0 * P(outcome is gone)", rho)
    assert found.distance.value == pytest.approx(2 / np.sqrt(2 + 2 * rho), abs=1e-5)
    alone = found.singles[0]
    assert alone.change.score == pytest.approx(2, abs=1e-3)  # in its own prior
    assert alone.distance.value == pytest.approx(2 / np.sqrt(1 - rho**2), abs=2e-3)  # against the correlation
    assert alone.distance.value >= found.distance.value


def test_a_claim_that_fails_at_the_centre_breaks_where_it_holds() -> None:
    found = _linear("a - b > 1 + 0 * P(outcome is gone)")
    assert found.holds is False
    assert found.distance.value == pytest.approx(1 / np.sqrt(2), abs=1e-5)
    assert found.among == pytest.approx(special.ndtr(-1 / np.sqrt(2)), abs=0.08)


POLE = {"A": {"gain": "(1 / x) * (move is go)"}}


def test_without_a_centre_nothing_is_searched_and_the_reason_told() -> None:
    for more in ({"payoffs": POLE}, {"payoffs": {"A": {"gain": "y * (move is go)"}}, "quantities": {"y": "1 / x"}}):
        study = run(decision("uniform(-1, 1)", **more), draws=50)
        (found,) = breaking(study)
        assert found.holds is None
        assert "every quantity at its median the model is not a number" in found.searched
        with pytest.raises(QuestionError, match="derivatives are taken at the median draw"):
            gradients(study)


def test_a_pole_on_the_way_is_gone_round() -> None:
    (found,) = breaking(run(decision("uniform(-1, 1.2)", payoffs=POLE), draws=50))  # the pole is 0.11 sd away
    assert found.holds is True
    assert found.distance.value == pytest.approx(-special.ndtri(1 / 2.2), abs=1e-3)


def test_a_curved_claim_breaks_at_its_nearest_point() -> None:
    found = _linear("(a - 0.5) ** 2 + b ** 2 < 4 + 0 * P(outcome is gone)")
    assert found.distance.value == pytest.approx(1.5, abs=1e-4)


def test_bounded_quantities_break_at_their_known_distance() -> None:
    """P(a) + P(b) = 1.6 is nearest where both scores are alike, since z / phi(z) rises."""
    both = {"a": "uniform(0, 1)", "b": {"value": "uniform(0, 1)", "unit": "share"}}
    found = _linear("a + b < 1.6 + 0 * P(outcome is gone)", **both)
    assert found.distance.value == pytest.approx(np.sqrt(2) * special.ndtri(0.8), abs=1e-5)
    assert {c.name: c.value for c in found.changes} == pytest.approx({"a": 0.8, "b": 0.8}, abs=1e-2)
    probable = {"a": {"value": "0.1 to 0.4", "unit": "probability"}}
    found = _linear("a < 0.45 + 0 * P(outcome is gone)", **probable)
    low, high, at = special.logit([0.1, 0.4, 0.45])
    exact = (at - (low + high) / 2) / ((high - low) / 2) * Z90
    assert found.distance.value == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize("rho", [0.0, 0.6, -0.6])
def test_correlated_products_break_at_their_known_distance(rho: float) -> None:
    positive = {"a": "lognormal(1, 0.5)", "b": "lognormal(2, 0.3)"}
    found = _linear("a * b < 5 + 0 * P(outcome is gone)", rho, **positive)
    exact = np.log(2.5) / np.sqrt(0.5**2 + 0.3**2 + 2 * rho * 0.5 * 0.3)
    assert found.distance.value == pytest.approx(exact, abs=1e-5)
    assert sum(c.share for c in found.changes) == pytest.approx(1)


@pytest.mark.parametrize(
    ("claim", "distance"),
    [
        ("a < 1 or b < 1", np.sqrt(2)),
        ("a < 1 or b < 2", np.sqrt(5)),
        ("a < 2 and b < 1", 1.0),
        ("a < 2 and b < 1 or a + b < 0", 1.0),
        ("max(a, b) < 1.5", 1.5),
        ("min(a, 2 * b) < 1", np.sqrt(1.25)),
        ("abs(a - b) < 2", np.sqrt(2)),
    ],
)
def test_a_claim_with_a_kink_breaks_at_its_nearest_corner(claim: str, distance: float) -> None:
    found = _linear(f"({claim}) and P(outcome is gone) <= 1")
    assert found.distance.value == pytest.approx(distance, abs=1e-4)


def test_the_nearest_point_to_some_half_spaces() -> None:
    zero = np.zeros(2)
    one = (zero, 1.0, np.array([-1.0, 0.0]))  # x >= 1
    other = (zero, 2.0, np.array([0.0, -1.0]))  # y >= 2
    assert least([one]) == pytest.approx([1, 0])
    assert least([one, other]) == pytest.approx([1, 2])
    assert least([one, (zero, 1.0, np.array([1.0, 0.0]))]) is None  # x <= -1 as well


def test_a_claim_that_jumps_breaks_at_the_jump() -> None:
    found = _linear("min(1, max(-1, a * 1e9)) < 0.5 + 0 * P(outcome is gone)", a="normal(-1.5, 1)")
    assert found.distance.value == pytest.approx(1.5, abs=1e-5)
    assert found.changes[0].value == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("odds", [0.5, 0.3, 0.9])
def test_a_choice_is_a_switch_and_no_distance(odds: float) -> None:
    claim = "b + 3 * a < 2 + 0 * P(outcome is gone)"
    found = _linear(claim, a={"value": {"choice": {0: odds, 1: 1 - odds}}})
    here = float(odds <= 0.5)  # at equal odds the median is the upper one
    (only,) = found.switches
    assert (only.name, only.median, only.value) == ("a", here, 1 - here)
    assert np.isnan(only.score)
    assert found.distance.value == pytest.approx(1.0 if here else 2.0, abs=1e-5)  # of b, the choice where it stands
    assert [c.name for c in found.changes] == ["b"]
    assert [s.change.name for s in found.singles] == ["b"]


def test_beside_a_switch_that_is_not_enough_less_is_needed() -> None:
    flag = {"value": {"choice": {0: 0.7, 1: 0.3}}}
    found = _linear("b + 1.5 * a < 2 + 0 * P(outcome is gone)", a=flag)
    assert found.switches == ()
    assert found.distance.value == pytest.approx(2, abs=1e-5)
    assert found.beside is not None
    assert (found.beside.switch.name, found.beside.switch.median, found.beside.switch.value) == ("a", 0, 1)
    assert found.beside.distance.value == pytest.approx(0.5, abs=1e-5)
    assert [c.name for c in found.beside.changes] == ["b"]
    farther = _linear("b - 1.5 * a < 2 + 0 * P(outcome is gone)", a=flag)
    assert farther.beside is None


def test_claims_are_ranked_by_the_least_that_flips_them() -> None:
    """With a choice made otherwise, if that is less: 0.5 against 1, though by degrees it takes 2."""
    flag = {"value": {"choice": {0: 0.7, 1: 0.3}}}
    beside = replace(_linear("b + 1.5 * a < 2 + 0 * P(outcome is gone)", a=flag), claim="beside")
    plain = replace(_linear("b < 1 + 0 * P(outcome is gone)", a=flag), claim="plain")
    assert plain.beside is None
    assert (nearness(beside)[2], nearness(plain)[2]) == (pytest.approx(0.5, abs=1e-5), pytest.approx(1, abs=1e-5))
    picture = distances_picture(run(decision(0.5), draws=2).model, [plain, beside])
    text = picture.standalone()
    assert text.index(">beside<") < text.index(">plain<")
    assert "0.50 with a choice switched" in text


def test_what_if_makes_the_switch_where_nothing_else_turns_the_conclusion() -> None:
    flag = {"value": {"choice": {0: 0.3, 1: 0.7}}}
    payoffs = {"A": {"gain": "(flag - 0.5) * (move is go)"}}
    claims = {"often": "P(outcome is gone) > 0.5"}
    study = run(decision("0.1 to 0.2", quantities={"flag": flag}, payoffs=payoffs, claims=claims), draws=100)
    found = dossier(study, ["breaking", "what-if"])
    (made,) = found.of("what-if")
    assert any("flag" in step.change for step in made.steps)
    assert found.carrying(1) == ["flag"]


def test_every_value_of_a_choice_is_tried_and_one_that_is_all_there_is_has_no_distance() -> None:
    many = {"value": {"choice": {0: 0.1, 1: 0.2, 2: 0.4, 3: 0.2, 4: 0.1}}}
    quantities = {"a": many, "b": "1 + bernoulli(0.25)"}
    claims = {"c": "abs(a - 2) < 1.5 + 0 * P(outcome is gone)", "d": "b < 2 + 0 * P(outcome is gone)"}
    found = {b.claim: b for b in breaking(run(decision(0.5, quantities=quantities, claims=claims), draws=50))}
    assert [(c.name, c.median, c.value) for c in found["c"].switches] == [("a", 2, 0), ("a", 2, 4)]
    assert [(c.name, c.median, c.value) for c in found["d"].switches] == [("b", 1, 2)]
    assert np.isnan(found["c"].distance.value)


def test_a_choice_that_is_correlated_leaves_the_distances_of_the_others_alone() -> None:
    more = {
        "quantities": {"a": "bernoulli(0.4)", "b": "normal(0, 1)", "c": "normal(0, 1)"},
        "correlations": [{"between": ["a", "b"], "rank": 0.5}],
        "claims": {"turns": "b + c < 2 + 0 * P(outcome is gone)"},
    }
    (found,) = breaking(run(decision(0.5, **more), draws=DRAWS))
    assert found.distance.value == pytest.approx(np.sqrt(2), abs=1e-5)
    assert {c.name: c.value for c in found.changes} == pytest.approx({"b": 1, "c": 1}, abs=1e-3)


def test_the_game_itself_is_solved_at_the_point() -> None:
    found = breaking(run(deterrence(), draws=DRAWS))[0]
    resist = 1 / (1 + np.exp(-4 * 0.3))
    exact = -(1 - resist) / resist
    assert found.changes[0].name == "w"
    assert found.changes[0].value == pytest.approx(exact, rel=1e-4)
    assert found.distance.error < 1e-5


@pytest.mark.parametrize("method", [None, "backward"])
def test_without_gradients_the_search_goes_by_rays(method: str | None) -> None:
    """At precision 4 P(go) = 0.7 where x = 0.3 + ln(7/3)/4; without limit it jumps at x = 0.3."""
    study = run(decision("normal(0.9, 0.2)"), draws=DRAWS, method=method)
    found = breaking(study)[0]
    turn = 0.3 if method else 0.3 + np.log(7 / 3) / 4
    assert found.distance.value == pytest.approx((0.9 - turn) / 0.2, abs=1e-4)


def test_a_perception_is_an_assumption_like_any_other() -> None:
    model = decision(0.8, quantities={"x": {"value": 0.8, "seen_by": {"A": "x * (0.5 to 1.5)"}}})
    found = breaking(run(model, draws=DRAWS))[0]
    assert found.changes[0].name == "x seen by A"
    assert found.changes[0].value == pytest.approx(0.3 + np.log(7 / 3) / 4, rel=1e-4)


def test_what_nothing_breaks_is_told_with_how_far_was_searched() -> None:
    found = _linear("P(outcome is gone) <= 1 + 0 * a")
    assert np.isnan(found.distance.value)
    assert found.singles == ()
    assert found.searched == f"{DRAWS:,} solved draws, each assumption alone up to 4 sd, all together up to 8"


def test_a_claim_that_cannot_be_judged_at_the_centre_is_not_searched() -> None:
    found = _linear("P(outcome is gone given outcome is still and outcome is gone) > 0.5 + 0 * a")
    assert found.holds is None
    assert "cannot be judged" in found.searched


def test_bad_questions_are_told() -> None:
    with pytest.raises(QuestionError, match="makes no claims"):
        breaking(run(decision(claims={}), draws=10))
    with pytest.raises(QuestionError, match="known exactly"):
        breaking(run(decision(0.5), draws=10))
    with pytest.raises(QuestionError, match="did you mean 'often'"):
        breaking(run(decision(), draws=10), ["oftn"])


@pytest.mark.parametrize("odds", [{1: 0.25, 2: 0.25, 5: 0.5}, {1: 0.4, 5: 0.6}])
def test_a_correlated_choice_stays_at_its_median_while_others_move(odds: dict[float, float]) -> None:
    quantities = {"k": {"value": {"choice": odds}}, "c": "uniform(0, 1)"}
    model = decision(
        quantities=quantities,
        payoffs={"A": {"gain": "(k - 3 - c) * (move is go)"}},
        claims={"stays": "P(move is go) < 0.5"},
        correlations=[{"between": ["k", "c"], "rank": 0.6}],
    )
    (found,) = breaking(run(model, draws=60))
    assert found.holds is False
    assert not found.changes  # where k is 5 nothing turns along c
    assert {s.name for s in found.switches} == {"k"}
