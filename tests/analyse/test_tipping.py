"""Tipping points against closed forms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente import QuestionError, compile_model
from detente.analyse.finding import Z90
from detente.analyse.forecast.readout import Answers, Subject
from detente.analyse.thresholds import refine
from detente.analyse.thresholds.extent import span
from detente.analyse.thresholds.matching import matched
from detente.arrays import Floats, Longs
from detente.draws.sources import Sources
from detente.present.cli.app import app
from detente.present.figures.thresholds.tipping import tip_said
from detente.present.views.map import marks
from detente.study.questions.map import tip_map
from detente.study.questions.tip import tip
from tests.analyse.crises import PRECISION, decision, deterrence
from tests.analyse.test_whatif import ASKING

DRAWS = 20


def _tips(found, what):
    return [t for t in found.tips if t.what == what]


def test_a_claim_a_move_and_the_likeliest_ending_turn_where_the_logit_says() -> None:
    found = tip(decision(), "x", low=-1, high=2, draws=DRAWS)
    exact = {"the most likely outcome": 0.3, "A: move": 0.3, "often": 0.3 + np.log(7 / 3) / PRECISION}
    for what, value in exact.items():
        (one,) = _tips(found, what)
        assert one.at.value == pytest.approx(value, abs=3e-6)
        assert one.how == "crosses"
    assert _tips(found, "often")[0].before == "fails"
    assert _tips(found, "A: move")[0].after == "go"
    assert _tips(found, "A: move")[0].at.draws == DRAWS
    assert found.converged == 1


def test_every_draw_turns_at_a_value_of_its_own_whatever_the_grid() -> None:
    model = decision(
        payoffs={"A": {"gain": "x * (move is go)", "rest": "r * (move is stay)"}},
        quantities={"r": "uniform(-0.5, 1.5)"},
    )
    rests = compile_model(model).sampler.draw(DRAWS, 1).truth["r"]
    margin = np.log(7 / 3) / PRECISION  # the claim holds from r + margin on
    for points in (4, 11):
        found = tip(model, "x", low=-1, high=2, draws=DRAWS, points=points)
        for what, own in (("A: move", rests), ("often", rests + margin)):
            (one,) = _tips(found, what)
            inside = own[own < 2]
            assert (one.at.draws, one.never, one.lost) == (len(inside), DRAWS - len(inside), 0)
            assert (one.at.low, one.at.high) == pytest.approx(tuple(np.quantile(inside, [0.05, 0.95])), abs=3e-6)


def test_a_value_that_is_the_same_in_every_draw_is_told_as_one() -> None:
    found = tip(decision(quantities={"y": "1 to 2"}), "x", low=-1, high=2, draws=DRAWS, points=5)
    (one,) = _tips(found, "the most likely outcome")
    assert (one.at.low, one.at.high) == pytest.approx((0.3, 0.3), abs=3e-6)


def test_a_jump_is_narrowed_in_every_draw() -> None:
    moves = {"go": {"when": "x > r"}, "stay": {}}
    stage = {"move": {"actor": "A", "moves": moves}}
    model = decision(stages=stage, quantities={"r": "uniform(0.7, 1.2)"})
    rests = compile_model(model).sampler.draw(DRAWS, 1).truth["r"]
    (one,) = _tips(tip(model, "x", low=0, high=1.5, draws=DRAWS, points=4), "the most likely outcome")
    assert one.at.draws == DRAWS
    assert (one.at.low, one.at.high) == pytest.approx(tuple(np.quantile(rests, [0.05, 0.95])), abs=1.5e-6)


def test_refined_values_do_not_depend_on_the_workers() -> None:
    one, other = (tip(deterrence(), "w", draws=DRAWS, points=5, workers=workers) for workers in (1, 3))
    assert one.tips == other.tips


def test_what_stands_between_is_no_turn_and_what_is_not_judged_is_lost() -> None:
    line = np.linspace(0, 1, 3)

    def look(draws: Longs, places: Floats) -> Answers:
        """Draw 0 has a third ending between the two, 1 a gap where the claim is not judged, 2 a point unsolved."""
        three = np.array([places < 0.3, (places >= 0.3) & (places < 0.4), places >= 0.4], float)
        two = np.array([places < 0.35, 0 * places, places >= 0.35], float)
        likely = np.where(draws == 0, three, two)
        claim = np.where((draws == 1) & (abs(places - 0.4) < 0.08), np.nan, (places > 0.4).astype(float))
        solved = (draws != 2) | (abs(places - 0.35) > 0.1)
        return Answers(dict(zip("abc", likely, strict=True)), {"c": claim}, {"c": claim - 0.5}, {}, solved)

    of: list[Subject] = [("outcome", ""), ("claim", "c")]
    rows = [look(np.arange(3), np.full(3, x)) for x in line]
    turned, sure = refine.found_on(rows, of, [(0, 0, 2), (1, 0, 1)], line)
    assert sure.all()
    places, lost = refine.narrowed(turned, of, look, lambda x: x)
    got = {(int(k), int(d)): (p, out) for k, d, p, out in zip(turned.subject, turned.draw, places, lost, strict=True)}
    assert got[0, 1] == (pytest.approx(0.35, abs=1e-6), False)
    assert got[1, 0] == (pytest.approx(0.4, abs=1e-6), False)
    assert np.isnan(got[0, 0][0])
    assert not got[0, 0][1]
    assert all(np.isnan(got[key][0]) and got[key][1] for key in ((1, 1), (0, 2), (1, 2)))


def test_what_is_uncertain_by_factors_goes_in_equal_ratios() -> None:
    found = tip(decision("1e-6 to 1e6"), "x", draws=DRAWS, points=13)
    assert found.scale == "log"
    assert found.grid == pytest.approx(10.0 ** np.arange(-6, 7))
    (one,) = _tips(found, "A: move")
    assert one.at.value == pytest.approx(0.3, rel=1e-6)
    assert (one.at.low, one.at.high) == pytest.approx((0.3, 0.3), rel=3e-5)
    assert tip(decision("0.2 to 1.5"), "x", draws=DRAWS, points=3).scale == "linear"
    cold = tip(decision("-100 to -0.01"), "x", draws=DRAWS, points=5)
    assert cold.grid == pytest.approx([-100, -10, -1, -0.1, -0.01])


@pytest.mark.parametrize("gain", ["1 / x", "y"])
def test_a_pole_costs_its_point_and_no_more(gain: str) -> None:
    model = decision("uniform(-1, 1)", payoffs={"A": {"gain": f"({gain}) * (move is go)"}}, quantities={"y": "1 / x"})
    found = tip(model, "x", low=-1, high=1, draws=DRAWS, points=5)
    assert [f.draws for f in found.outcomes["gone"]] == [DRAWS, DRAWS, 0, DRAWS, DRAWS]
    assert found.likeliest == ("still", "still", "not a number", "gone", "gone")
    (one,) = _tips(found, "the most likely outcome")
    assert (one.at.value, one.at.draws, one.how) == (pytest.approx(0, abs=1e-8), DRAWS, "jumps")
    assert (one.at.low, one.at.high) == pytest.approx((0, 0), abs=2e-6)
    assert found.converged == 1


def test_a_map_has_a_blank_where_the_model_is_not_a_number() -> None:
    model = decision("uniform(-1, 1)", payoffs={"A": {"gain": "(1 / x) * (move is go)"}}, quantities={"y": "0.1 to 1"})
    found = tip_map(model, "x", "y", low=-1, high=1, points=5)
    assert set(found.maps[0].legend) == {"gone", "still", "not a number"}
    assert np.isnan(found.maps[0].way.distance.value)


def test_what_turns_in_many_draws_and_not_at_the_centre_is_told() -> None:
    payoffs = {"A": {"gain": "x * (move is go)", "rest": "(r * r * 4) * (move is stay)"}}  # it costs 0 at the centre
    found = tip(decision(payoffs=payoffs, quantities={"r": "normal(0, 1)"}), "x", low=0.1, high=2, draws=100, points=5)
    assert not _tips(found, "the most likely outcome")
    (aside,) = [a for a in found.asides if a.kind == "outcome"]
    rests = compile_model(decision(quantities={"r": "normal(0, 1)"})).sampler.draw(100, 1).truth["r"] ** 2 * 4
    assert (aside.before, aside.after) == ("still", "gone")
    assert aside.draws == ((rests > 0.1) & (rests < 2)).sum()


def test_curves_are_the_logit_at_every_point() -> None:
    found = tip(decision(), "x", low=-1, high=2, draws=DRAWS, points=7)
    curve = [f.value for f in found.outcomes["gone"]]
    np.testing.assert_allclose(curve, 1 / (1 + np.exp(-PRECISION * (found.grid - 0.3))), atol=1e-9)
    assert found.likeliest == ("still", "still", "still", *["gone"] * 4)


def test_an_attack_pays_from_the_threshold_of_the_deterrence_game() -> None:
    resist = 1 / (1 + np.exp(-PRECISION * 0.3))
    found = tip(deterrence(), "w", draws=DRAWS)
    (one,) = _tips(found, "A: attack")
    assert one.at.value == pytest.approx(-(1 - resist) / resist, abs=1e-6 * (found.grid[-1] - found.grid[0]))
    assert (one.before, one.after) == ("wait", "attack")


def test_the_best_demand_changes_where_the_pencil_says() -> None:
    found = tip("take-it-or-leave-it", "c_A", low=0.01, high=0.29, draws=2, points=5)  # the best is 0.5 + (0.4 - c) / 2
    demands = _tips(found, "A: x")  # on a grid of 0.05, so two neighbours are equally good half-way
    assert [t.at.value for t in demands] == pytest.approx([0.05, 0.15, 0.25], abs=3e-7)
    assert [t.after for t in demands] == ["0.65", "0.6", "0.55"]


def test_a_move_that_appears_at_a_value_is_a_jump() -> None:
    moves = {"go": {"when": "x > 0.7"}, "stay": {}}
    found = tip(decision(stages={"move": {"actor": "A", "moves": moves}}), "x", low=0, high=1.5, draws=DRAWS)
    (one,) = _tips(found, "the most likely outcome")
    assert one.at.value == pytest.approx(0.7, abs=1.5e-6)
    assert one.how == "jumps"
    assert one.step == pytest.approx(1 / (1 + np.exp(-PRECISION * 0.4)), abs=1e-6)


def test_a_quantity_with_two_values_turns_between_them() -> None:
    found = tip(decision({"value": {"choice": {0: 0.5, 1: 0.5}}}), "x", draws=DRAWS)
    assert list(found.grid) == [0, 1]
    assert {(t.how, t.at.value, t.at.low, t.at.high) for t in found.tips} == {("between", 1.0, 1.0, 1.0)}
    assert all(np.isnan(t.score) for t in found.tips)
    assert found.centre in (0, 1)


@pytest.mark.parametrize(
    ("value", "support"),
    [
        ({"value": {"choice": {1: 0.3, 2: 0.3, 4: 0.399, 9: 0.001}}}, [1, 2, 4, 9]),
        ("1 + bernoulli(0.5) + 2 * bernoulli(0.5)", [1, 2, 3, 4]),
        ("min(2, 3 * bernoulli(0.01))", [0, 2]),
    ],
)
def test_a_quantity_with_a_few_values_is_looked_at_by_them(value: object, support: list[float]) -> None:
    found = tip(decision(value), "x", draws=DRAWS)
    assert list(found.grid) == support
    assert found.centre in support
    assert found.scale == "values"


def test_two_turns_of_the_same_claim_are_both_found() -> None:
    model = decision(claims={"middling": "abs(P(outcome is gone) - 0.5) < 0.1"})
    found = tip(model, "x", low=-1, high=2, draws=DRAWS)
    half = np.log(0.6 / 0.4) / PRECISION
    assert [t.at.value for t in _tips(found, "middling")] == pytest.approx([0.3 - half, 0.3 + half], abs=3e-6)


def test_a_perception_can_tip_what_the_truth_does_not() -> None:
    model = decision({"value": "uniform(-1, 2)", "seen_by": {"A": "x * (0.5 to 2)"}})
    found = tip(model, "x seen by A", low=-1, high=2, draws=DRAWS)
    assert _tips(found, "A: move")[0].at.value == pytest.approx(0.3, abs=3e-6)


@pytest.mark.parametrize(("rho", "exact"), [(0.0, 1 / np.sqrt(2)), (0.6, 1 / np.sqrt(3.2))])
def test_the_shortest_way_across_a_line_is_its_distance(rho: float, exact: float) -> None:
    more = {"quantities": {"y": "normal(0, 1)"}, "claims": {"line": "x + y < 1 + 0 * P(outcome is gone)"}}
    if rho:
        more["correlations"] = [{"between": ["x", "y"], "rank": 6 / np.pi * np.arcsin(rho / 2)}]
    found = tip_map(decision("normal(0, 1)", **more), "x", "y", points=9)
    claim = found.maps[1]
    assert claim.way.distance.value == pytest.approx(exact, abs=1e-3)
    assert claim.way.at == pytest.approx((0.5, 0.5), abs=0.02)
    assert found.here == pytest.approx((0, 0), abs=1e-9)
    assert all(b.x + b.y == pytest.approx(1, abs=0.03) for b in claim.border)
    assert [claim.legend[v] for v in (claim.labels[0, 0], claim.labels[-1, -1])] == ["holds", "fails"]


@pytest.mark.parametrize(
    ("claim", "exact", "close"),
    [
        ("x + 0.37 * y < 2", 2 / np.hypot(1, 0.37), 1e-5),
        ("(x - 0.7) ** 2 + 1.3 * (y + 0.4) ** 2 < 4", 1.102533, 1e-4),
        ("x ** 2 + 1.02 * y ** 2 < 4", 2 / np.sqrt(1.02), 1e-3),  # all rays turn in nearly the same place
    ],
)
def test_the_shortest_way_is_found_between_the_rays_of_the_fan(claim: str, exact: float, close: float) -> None:
    more = {"quantities": {"y": "normal(0, 1)"}, "claims": {"turns": f"{claim} + 0 * P(outcome is gone)"}}
    way = tip_map(decision("normal(0, 1)", **more), "x", "y", points=5).maps[1].way
    assert way.distance.value == pytest.approx(exact, rel=close)
    assert way.distance.low <= way.distance.value <= way.distance.low * 1.001
    assert (way.here, way.across) == ("holds", "fails")


def test_a_map_over_a_choice_stands_at_its_values_and_goes_across_along_the_other() -> None:
    flag = {"value": {"choice": {0: 0.4, 1: 0.6}}}
    more = {"quantities": {"flag": flag}, "claims": {"line": "x + flag < 2 + 0 * P(outcome is gone)"}}
    for names in (("x", "flag"), ("flag", "x")):
        found = tip_map(decision("normal(0, 1)", **more), *names, points=9)
        assert list(found.grids[names.index("flag")]) == [0, 1]
        assert found.scales == tuple("values" if name == "flag" else "linear" for name in names)
        way = found.maps[1].way
        assert way.distance.value == pytest.approx(1, abs=1e-4)
        assert way.at[names.index("flag")] == 1
        assert way.at[names.index("x")] == pytest.approx(1, abs=1e-3)
    two = {"quantities": {"flag": flag, "other": "bernoulli(0.5)"}, "claims": more["claims"]}
    found = tip_map(decision("normal(0, 1)", **two), "flag", "other")
    assert found.maps[1].labels.shape == (2, 2)
    assert np.isnan(found.maps[1].way.distance.value)


def test_a_map_without_a_boundary_says_how_far_it_looked() -> None:
    more = {"quantities": {"y": "normal(0, 1)"}, "claims": {"always": "P(outcome is gone) <= 1"}}
    way = tip_map(decision("normal(0, 0.01)", **more), "x", "y", points=5).maps[1].way
    assert np.isnan(way.distance.value)
    assert way.distance.interval == "searched to 4"


@pytest.mark.parametrize(
    ("quantity", "low", "high", "message"),
    [
        ("y", None, None, "no quantity 'y'"),
        ("lam", None, None, "known exactly"),
        ("x", 0.0, 3.0, "goes beyond the possible range"),
        ("x", 1.0, 0.5, "is empty"),
        ("lam", -1.0, 2.0, "goes beyond the possible range"),
    ],
)
def test_bad_questions_are_answered_with_what_can_be_asked(quantity, low, high, message) -> None:
    with pytest.raises(QuestionError, match=message):
        tip(decision(), quantity, low=low, high=high, draws=DRAWS)


def test_scores_and_values_of_a_quantity_are_inverse() -> None:
    sources = Sources(compile_model(deterrence()).sampler)
    scores = np.linspace(-3, 3, 13)
    np.testing.assert_allclose(sources.score("w", sources.value("w", scores)), scores, atol=1e-4)
    assert sources.value("w", np.array([-Z90]))[0] == pytest.approx(-4, rel=1e-6)


def test_free_scores_give_back_the_draws_of_the_sampler() -> None:
    more = {"quantities": {"y": "1 to 2"}, "correlations": [{"between": ["x", "y"], "rank": 0.5}]}
    model = decision({"value": "-1 to 2", "seen_by": {"A": "x + (0.1 to 0.2)"}}, **more)
    sampler = compile_model(model).sampler
    sources = Sources(sampler)
    drawn, again = sampler.draw(50, 7), sources.draws(sources.free(50, 7))
    for name in model.quantities:
        np.testing.assert_allclose(again.truth[name], drawn.truth[name], rtol=1e-9)
    np.testing.assert_allclose(again.views["A"]["x"], drawn.views["A"]["x"], rtol=1e-9)


def test_what_answers_the_question_goes_along_and_over_the_map(tmp_path: Path) -> None:
    model = detente.loads(ASKING)
    found = detente.tip(model, "odds", low=0.1, high=0.3, points=3, draws=40)
    go = 1 - found.outcomes["still"][0].value / 0.9  # the chance of harm is that of staying, times the odds
    assert [f.value for f in found.answer] == pytest.approx(
        [go + (1 - go) * odds for odds in (0.1, 0.2, 0.3)], abs=1e-9
    )
    assert found.change is not None
    assert found.change.effect.value == pytest.approx(found.answer[-1].value - found.answer[0].value, abs=1e-12)
    over = detente.tip_map(model, "x", "odds", low=0.2, high=0.8, other_low=0.1, other_high=0.3, points=3)
    assert over.answer is not None
    assert over.answer[2] - over.answer[0] == pytest.approx(0.2 * (1 - over.answer[0]) / 0.9, abs=1e-9)
    file, page = tmp_path / "die.yaml", tmp_path / "page.html"
    file.write_text(ASKING, encoding="utf-8")
    for command in (["tip", str(file), "odds", "-n", "20"], ["map", str(file), "x", "odds"]):
        told = CliRunner().invoke(app, [*command, "--points", "5", "--no-store", "--report", str(page)])
        assert told.exit_code == 0, told.output
        assert told.output.index("something happens") < told.output.index("median draw")
        said = page.read_text(encoding="utf-8").partition("The answer</h2>")[2]
        assert said.index("something happens") < said.index("<svg")


def test_a_mark_means_the_same_in_every_map() -> None:
    model = detente.loads(ASKING + "claims: {often: {says: it goes, holds: P(move is go) > 0.6}}\n")
    found = detente.tip_map(model, "x", "odds", low=0.01, high=0.99, other_low=0.1, other_high=0.3, points=5)
    told = [(v, mark) for one in found.maps for v, mark in marks(model, one).items()]
    assert {"holds", "fails", "gone"} <= {v for v, _ in told}
    assert len({mark for _, mark in told}) == len(told)
    lower = detente.tip_map(model, "x", "odds", low=0.01, high=0.02, other_low=0.1, other_high=0.3, points=5)
    assert dict(told).items() >= {(v, mark) for one in lower.maps for v, mark in marks(model, one).items()}


CUBIC = """\
title: A war that pays between two values and beyond a third
actors: {{A: strikes, B: suffers}}
quantities:
{quantities}
stages:
  act: {{actor: A, moves: [hit, wait]}}
outcomes:
  war: {{when: act is hit}}
  calm: otherwise
payoffs:
  A: {{w: ({gain}) * (outcome is war)}}
  B: {{w: 0}}
claims:
  peace: {{says: calm, holds: P(calm) > 0.5}}
"""


def _striking(gain: str, **quantities: str) -> detente.Model:
    return detente.loads(CUBIC.format(gain=gain, quantities="\n".join(f"  {k}: {v}" for k, v in quantities.items())))


@pytest.mark.parametrize("points", [3, 4, 5])
def test_turns_of_one_kind_are_told_apart_on_every_grid(points: int) -> None:
    model = _striking("x**3 - 3*x + y", x="uniform(-4, 4)", y="uniform(-0.1, 0.1)")
    slants = compile_model(model).sampler.draw(DRAWS, 1).truth["y"]
    roots = np.sort([np.roots([1, 0, -3, y]).real for y in slants], axis=1)
    for what in ("peace", "the most likely outcome", "A: act"):
        found = _tips(tip(model, "x", draws=DRAWS, points=points), what)
        assert [t.at.value for t in found] == pytest.approx([-np.sqrt(3), 0, np.sqrt(3)], abs=1e-7)
        assert [t.at.draws for t in found] == [DRAWS] * 3
        ends = np.quantile(roots, [0.05, 0.95], axis=0).T
        assert [(t.at.low, t.at.high) for t in found] == [pytest.approx(tuple(own), abs=2e-5) for own in ends]


def test_a_turn_at_zero_is_told_as_zero_with_its_draws() -> None:
    found = _tips(tip(_striking("x**3 - 3*x", x="uniform(-4, 4)"), "x", draws=DRAWS, points=3), "peace")
    assert found[1].at.value == 0
    assert [t.at.draws for t in found] == [DRAWS] * 3


def test_draws_that_turn_once_are_counted_at_the_nearest_turn_of_the_centre() -> None:
    model = _striking("x**3 - 3*x + y", x="uniform(-4, 4)", y="uniform(-4, 4)")
    slants = compile_model(model).sampler.draw(60, 1).truth["y"]
    once = (slants > 2).sum(), (slants < -2).sum()
    left, middle, right = _tips(tip(model, "x", draws=60, points=121), "peace")
    assert (left.at.draws, middle.at.draws, right.at.draws) == (60 - once[1], 60 - sum(once), 60 - once[0])
    assert left.at.high < -1 < middle.at.low < middle.at.high < 1 < right.at.low


def test_turns_within_one_step_of_the_grid_are_looked_for_in_all_draws() -> None:
    model = _striking("(x - 0.31) * (x - 0.33)", x="uniform(0, 1)")
    there, back = _tips(tip(model, "x", draws=DRAWS, points=3), "peace")
    assert [there.at.value, back.at.value] == pytest.approx([0.31, 0.33], abs=1e-7)
    assert there.at.draws == back.at.draws == DRAWS


def test_a_turn_that_no_draw_shares_says_so() -> None:
    (one,) = _tips(tip(decision(), "x", low=-1, high=2, draws=DRAWS), "often")
    nobody = replace(one, at=replace(one.at, draws=0, low=np.nan, high=np.nan))
    assert "no draw was seen to change so here" in tip_said(decision(), "x", nobody)
    assert f"{DRAWS} draws change so" in tip_said(decision(), "x", one)


@pytest.mark.parametrize(
    ("places", "central", "which"),
    [
        ([0.6, 1.6], [0.0, 1.0], [0, 1]),  # as many: in the same order
        ([1.6, 0.6], [0.0, 1.0], [1, 0]),
        ([0.6], [0.0, 1.0], [1]),
        ([-0.2, 0.1, 0.7], [0.0, 1.0], [-1, 0, 1]),  # of several at one the nearest
    ],
)
def test_which_turn_belongs_to_which(places: list[float], central: list[float], which: list[int]) -> None:
    assert matched(np.array(places), np.array(central)).tolist() == which


@pytest.mark.parametrize(
    ("value", "scale"),
    [
        ("uniform(0, 1)", "linear"),
        ("normal(5, 2.6)", "linear"),
        ("triangular(0, 0.5, 20)", "linear"),
        ("{value: beta(1, 3), unit: probability}", "linear"),
        ("{value: 1% to 60%, unit: probability}", "linear"),
        ("{value: 0.1% to 5%, unit: share}", "log"),
        ("{value: 'uniform(0, 0.09)', unit: share}", "linear"),
        ("{value: {mixture: {uniform(0, 1): 0.5, uniform(0, 2): 0.5}}}", "linear"),
        ("1 to 20", "log"),
        ("1 to 5", "linear"),
        ("-20 to -1", "log"),
        ("lognormal(1, 1)", "log"),
        ("loguniform(0.1, 10)", "log"),
        ("gamma(1, 2)", "log"),
        ("exponential(1)", "log"),
        ("2 * lognormal(1, 1)", "log"),
        ("1 + lognormal(1, 2)", "linear"),
        ("2 * other", "linear"),
    ],
)
def test_the_scale_is_that_of_the_distribution(value: str, scale: str) -> None:
    model = _striking("x - 1", other="uniform(0, 1)", x=value)
    extent = span(Sources(compile_model(model).sampler), "x")
    assert extent.scale == scale
    steps = np.diff(extent.grid(3)) if scale == "linear" else np.diff(np.log(np.abs(extent.grid(3))))
    assert steps[0] == pytest.approx(steps[1])


def test_a_range_asked_for_keeps_the_scale_of_the_distribution() -> None:
    model = _striking("x - 1", x="-5 to 100")
    assert span(Sources(compile_model(model).sampler), "x", 1, 90).scale == "linear"
    found = tip_map(_striking("x - y", x="uniform(0, 1)", y="1 to 20"), "x", "y", points=3)
    assert found.scales == ("linear", "log")
    assert found.grids[0] == pytest.approx([0.05, 0.5, 0.95])


@pytest.mark.parametrize("odds", ["{1: 0.5, 5: 0.5}", "{1: 0.25, 2: 0.25, 5: 0.5}", "{1: 0.4, 5: 0.6}"])
@pytest.mark.parametrize("first", ["k", "c"])
def test_a_choice_stays_at_its_median_on_the_way_across(odds: str, first: str) -> None:
    model = _striking("k - 3 - c", k=f"{{value: {{choice: {odds}}}}}", c="uniform(0, 1)")
    over = tip_map(model, first, "c" if first == "k" else "k", points=5)
    assert over.here[over.quantities.index("k")] == 5
    assert {one.way.here for one in over.maps} == {"war", "fails"}
    assert all(np.isnan(one.way.distance.value) for one in over.maps)  # nothing turns along c where k is 5


def test_along_the_other_quantity_the_way_across_is_found() -> None:
    model = _striking("k - 5 - c", k="{value: {choice: {1: 0.5, 5: 0.5}}}", c="normal(-1, 1)")
    for one in tip_map(model, "k", "c", points=5).maps:
        assert one.way.at == pytest.approx((5, 0), abs=1e-3)
        assert one.way.scores[0] == 0
        assert one.way.distance.value == pytest.approx(1, abs=1e-3)
