"""Solved draws reweighted for another best guess: against closed forms, and with errors that say what they should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from detente import Model, QuestionError
from detente.analyse.evidence.pareto import effective
from detente.analyse.finding import Z95
from detente.analyse.sensitivity.reweighting import Points, Rows, best, gap_error
from detente.arrays import Floats
from detente.draws.beliefs import Priors, read, written
from detente.draws.sampler import Sampler
from detente.draws.sources import Sources
from detente.language.normal import normal_cdf, normal_quantile
from tests.analyse.crises import decision

N = 20_000
NODES, MASSES = np.polynomial.hermite_e.hermegauss(80)
MASSES = MASSES / MASSES.sum()


def priors(model: Model) -> Priors:
    return Priors(Sources(Sampler(model)))


def solved(of: Priors, beliefs: dict[str, Any] | None = None, n: int = N, seed: int = 1) -> Points:
    """Draws as they would be solved under some beliefs."""
    moved = of.moved(beliefs or {})
    return Points(of, of.draws(moved, n, seed), of.scores(moved, n, seed), moved)


def go(x: Floats) -> Floats:
    """The probability of `go` in `decision`."""
    return np.asarray(1 / (1 + np.exp(-4 * (x - 0.3))))


def mean(values: Floats, weights: Floats) -> tuple[float, float]:
    found = Rows(values[None], 1).weighted(weights)
    return float(found.mean[0]), float(found.error[0])


FAMILIES: dict[str, tuple[str, Callable[[Floats], Floats]]] = {  # as written, and the value at a normal score
    "uniform": ("uniform(-1, 2)", lambda z: -1 + 3 * normal_cdf(z)),
    "normal": ("normal(0.2, 0.5)", lambda z: 0.2 + 0.5 * z),
    "lognormal": ("lognormal(0.4, 0.7)", lambda z: 0.4 * np.exp(0.7 * z)),
    "interval": ("0.1 to 0.9", lambda z: 0.3 * np.exp(np.log(3) / 1.6448536269514722 * z)),
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("d", [-0.9, 0.35, 1.1])
def test_means_shares_percentiles_and_worth_are_those_on_paper(family: str, d: float) -> None:
    text, quantile = FAMILIES[family]
    of = priors(decision(text))
    points = solved(of)
    target = float(quantile(np.array([d]))[0])
    moved = of.moved({"x": target})
    assert moved.shifts["x"] == pytest.approx(d, abs=1e-7)
    weights = points.weights(moved)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    exact = float(MASSES @ go(quantile(NODES + d)))
    rows = Rows(np.array([go(points.draws.truth["x"]), points.draws.truth["x"] > target]).astype(float), 1)
    found = rows.weighted(weights)
    assert abs(found.mean[0] - exact) < 4 * found.error[0]
    assert abs(found.mean[1] - 0.5) < 4 * found.error[1]  # half lies above the new best guess
    spread = np.exp(d**2) * (MASSES @ (go(quantile(NODES + 2 * d)) - exact) ** 2)  # of weight times deviation
    assert found.error[0] == pytest.approx(np.sqrt(spread / N), rel=0.1)
    for low, at in ((found.low[0], 0.05), (found.high[0], 0.95)):
        wanted = go(quantile(normal_quantile(np.array([at])) + d))[0]
        assert low == pytest.approx(wanted, abs=0.03)
    assert effective(weights) / N == pytest.approx(np.exp(-(d**2)), rel=0.12)


def test_an_interval_of_the_difference_holds_the_truth_as_often_as_it_says() -> None:
    of = priors(decision())
    moved = of.moved({"x": 1.1})
    d, exact = moved.shifts["x"], {}
    for name, at in (("plain", 0.0), ("moved", d)):
        exact[name] = float(MASSES @ go(-1 + 3 * normal_cdf(NODES + at)))
    truth, held, n = exact["moved"] - exact["plain"], 0, 400
    for seed in range(300):
        points = solved(of, n=n, seed=seed)
        rows, weights = Rows(go(points.draws.truth["x"])[None], 1), points.weights(moved)
        before, after = rows.weighted(np.full(n, 1 / n)), rows.weighted(weights)
        held += abs(after.mean[0] - before.mean[0] - truth) < Z95 * gap_error(before, after)[0]
    assert 0.92 < held / 300 < 0.98


def test_nothing_supposed_changes_nothing() -> None:
    of = priors(decision())
    points = solved(of, n=500)
    plain = of.sources.sampler.draw(500, 1)
    np.testing.assert_allclose(points.draws.truth["x"], plain.truth["x"], atol=1e-12)
    weights = points.weights(of.moved({"x": of.guess("x")}))
    np.testing.assert_array_equal(weights, np.full(500, 1 / 500))
    values = go(plain.truth["x"])
    found = Rows(values[None], 1).weighted(weights)
    assert found.mean[0] == pytest.approx(values.mean(), abs=1e-14)
    assert found.error[0] == pytest.approx(values.std(ddof=1) / np.sqrt(500), rel=1e-12)
    np.testing.assert_allclose([found.low[0], found.high[0]], np.quantile(values, [0.05, 0.95]), rtol=1e-12)


CORRELATED: dict[str, Any] = {
    "quantities": {"y": "0.5 to 1.5", "z": "1 to 3", "coin": {"value": {"choice": {"0": 0.6, "1": 0.4}}}},
    "correlations": [{"between": ["x", "y"], "rank": 0.6}, {"between": ["x", "coin"], "rank": 0.4}],
}


def test_what_is_correlated_keeps_its_distribution_and_its_correlation() -> None:
    of = priors(decision("normal(0.2, 0.5)", **CORRELATED))
    points = solved(of)
    weights = points.weights(of.moved({"x": 0.6}))
    for name, exact in (("x", 0.6), ("y", None), ("z", None), ("coin", 0.4)):
        values = points.draws.truth[name]
        value, error = mean(values, weights)
        assert abs(value - (values.mean() if exact is None else exact)) < 5 * error, name
    rows = [of.row(name) for name in ("x", "y")]
    x, y = (points.scores[row] - float(weights @ points.scores[row]) for row in rows)
    latent = float(of.correlations[rows[0], rows[1]])
    assert weights @ (x * y) / np.sqrt((weights @ x**2) * (weights @ y**2)) == pytest.approx(latent, abs=0.03)
    again = solved(of, {"x": 0.6})
    np.testing.assert_allclose(again.draws.truth["y"], points.draws.truth["y"], atol=1e-12)  # it is not moved along


@pytest.mark.parametrize(
    "beliefs", [{"coin": {1.0: 0.7}}, {"coin": {1.0: 0.7}, "x": 0.5}, {"coin": {1.0: 0.2}, "y": 1.1}]
)
def test_a_correlated_choice_is_moved_by_itself_and_with_others(beliefs: dict[str, Any]) -> None:
    """Against draws made with these beliefs, in the moments of all and in those across."""
    of = priors(decision("normal(0.2, 0.5)", **CORRELATED))
    points, made = solved(of), solved(of, beliefs, seed=2)
    weights = points.weights(of.moved(beliefs))
    assert abs(mean(points.draws.truth["coin"], weights)[0] - beliefs["coin"][1.0]) < 0.02

    def read_off(p: Points) -> list[Floats]:
        x, y, coin = (p.draws.truth[name] for name in ("x", "y", "coin"))
        return [x, y, coin, x * coin, x * y, y * coin, x * y * coin]

    for k, (one, other) in enumerate(zip(read_off(points), read_off(made), strict=True)):
        value, error = mean(one, weights)
        assert abs(value - other.mean()) < 4 * np.hypot(error, other.std() / np.sqrt(N)), k


def test_a_choice_listed_in_any_order_is_paired_with_its_draws() -> None:
    model = decision("uniform(-1, 2)", quantities={"step": {"value": {"choice": {"3": 0.5, "1": 0.2, "2": 0.3}}}})
    of = priors(model)
    assert of.levels("step") == ((3.0, 1.0, 2.0), (0.5, 0.2, 0.3))
    same = solved(of, {"step": {3.0: 0.5, 1.0: 0.2, 2.0: 0.3}}, n=1000)
    np.testing.assert_array_equal(same.draws.truth["step"], of.sources.sampler.draw(1000, 1).truth["step"])
    moved = of.moved({"step": {1.0: 0.6}})
    assert moved.chances["step"] == pytest.approx((0.25, 0.6, 0.15))  # the others share the rest as they did
    points = solved(of)
    weights = points.weights(moved)
    for value, p in ((1.0, 0.6), (2.0, 0.15), (3.0, 0.25)):
        share, error = mean((points.draws.truth["step"] == value).astype(float), weights)
        assert abs(share - p) < 4 * error
    drawn = solved(of, {"step": {1.0: 0.6}})
    assert (drawn.draws.truth["step"] == 1).mean() == pytest.approx(0.6, abs=0.015)


@pytest.mark.parametrize("proposal", [{}, {"x": 0.9}, {"x": 0.4, "coin": {1.0: 0.55}}, {"y": 1.2, "coin": {1.0: 0.6}}])
@pytest.mark.parametrize("target", [{"x": 0.7}, {"x": 0.6, "coin": {1.0: 0.7}}, {"y": 1.0}])
def test_a_set_solved_at_one_point_serves_its_neighbours(proposal: dict[str, Any], target: dict[str, Any]) -> None:
    of = priors(decision("normal(0.2, 0.5)", **CORRELATED))
    points, made = solved(of, proposal), solved(of, target, seed=5)
    weights = points.weights(of.moved(target))

    def value(p: Points) -> Floats:
        return go(p.draws.truth["x"]) * (1 + p.draws.truth["coin"]) * p.draws.truth["y"]

    found, error = mean(value(points), weights)
    other = value(made)
    assert abs(found - other.mean()) < 4 * np.hypot(error, other.std() / np.sqrt(N))


def test_the_weights_of_a_proposal_are_ratios_of_shifted_normals() -> None:
    """exp((delta - delta_p).f - |delta - delta_p|^2 / 2) in the free scores f that the draws were made of."""
    correlated = {**CORRELATED, "correlations": CORRELATED["correlations"][:1]}
    of = priors(decision("normal(0.2, 0.5)", **correlated))
    proposal, target = {"x": 0.9, "z": 2.0}, {"x": 0.5, "y": 1.3}
    points = solved(of, proposal, n=300)
    free = of.sources.free(300, 1)
    one, other = (of.sources.unmixing @ of.vector(of.moved(b).shifts) for b in (target, proposal))
    gap = one - other
    exact = np.exp(gap @ free - gap @ gap / 2)
    np.testing.assert_allclose(points.weights(of.moved(target)), exact / exact.sum(), rtol=1e-9)


def test_of_several_sets_the_one_is_taken_that_is_worth_most() -> None:
    of = priors(decision())
    sets = [solved(of, n=2000), solved(of, {"x": 1.8}, n=500)]
    assert best(sets, of.moved({"x": 0.6}))[0] == 0
    chosen, weights = best(sets, of.moved({"x": 1.85}))
    assert chosen == 1
    assert effective(weights) > 0.9 * 500


def test_a_set_without_a_value_cannot_stand_for_beliefs_that_hold_it_possible() -> None:
    of = priors(decision(quantities={"coin": "bernoulli(0.5)"}))
    settled = solved(of, {"coin": {1.0: 1.0}}, n=500)
    assert settled.draws.truth["coin"].all()
    assert settled.covers(of.moved({"coin": {0.0: 0.0}, "x": 1.0}))
    assert not settled.covers(of.moved({"x": 1.0}))
    sets = [solved(of, n=500), settled]
    assert best(sets, of.moved({}))[0] == 0


def test_where_an_answer_is_not_defined_the_others_are_averaged() -> None:
    values = np.array([[1.0, np.nan, 3.0, 5.0], [0.0, 1.0, 1.0, 0.0]])
    rows = Rows(values, 2)
    found = rows.weighted(np.array([0.4, 0.3, 0.2, 0.1]))
    assert found.mean == pytest.approx([(0.4 + 0.6 + 0.5) / 0.7, 0.5])
    assert found.draws.tolist() == [3, 4]
    assert found.worth[0] == pytest.approx(0.7**2 / (0.16 + 0.04 + 0.01))
    nothing = rows.weighted(np.array([0.0, 1.0, 0.0, 0.0]))
    assert np.isnan(nothing.mean[0])
    assert nothing.mean[1] == 1


WRONG = [
    ("cion=1", "no quantity 'cion'; did you mean 'coin'"),
    ("x=2.5", r"2.5 lies outside of the possible range of 'x' \(-1 to 2\)"),
    ("lam=3", "'lam' is known exactly; give it another value with --set"),
    ("both=3", "made of several sources of uncertainty; suppose one of these instead: x, z"),
    ("half=3", "not one source of uncertainty but a formula around some"),
    ("blend=0.3", "not one source of uncertainty"),
    ("coin=0.5", r"'coin' has only a few values; write how likely they are, coin=0:0.6,1:0.4"),
    ("coin=2:0.5", "2 is none of the values of 'coin'"),
    ("coin=0:0.5,1:0.6", "the probabilities of 'coin' sum to 1.1"),
    ("x=0:0.5", "'x' has no few values"),
    ("x=much", "'much' is not a number; write a new best guess"),
    ("x=nan", "'nan' is not a number"),
    ("x", "'x' does not say what to believe about what"),
    ("coin=0:0.5,0:0.5", "gives one value two probabilities"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_cannot_be_supposed_is_told_with_what_can(text: str, message: str) -> None:
    model = decision(
        quantities={
            "z": "1 to 2", "both": "x * z", "half": "2 * (1 to 3)", "coin": {"value": {"choice": {"0": 0.6, "1": 0.4}}},
            "blend": {"value": {"mixture": {"uniform(0, 1)": 0.5, "2 to 3": 0.5}}},
        }
    )  # fmt: skip
    with pytest.raises(QuestionError, match=message):
        priors(model).moved(read([text]))


def test_a_perfectly_correlated_quantity_is_not_moved_by_itself() -> None:
    model = decision("normal(0, 1)", quantities={"y": "1 to 2"}, correlations=[{"between": ["x", "y"], "rank": 1.0}])
    with pytest.raises(QuestionError, match="perfectly correlated"):
        priors(model).moved({"x": 0.5})


def test_beliefs_are_read_as_they_are_written() -> None:
    found = read(["x = 40%", "coin=0:70%, 1:0.3", "x seen by A=-2e-1"])
    assert found == {"x": 0.4, "coin": {0.0: 0.7, 1.0: 0.3}, "x seen by A": -0.2}
    assert read(written(found)) == found
    with pytest.raises(QuestionError, match="two best guesses"):
        read(["x=1", "x=2"])


def test_ends_of_all_ranges_are_found_at_once() -> None:
    of = priors(decision("normal(0.2, 0.5)", **CORRELATED))
    at = np.array([-2.0, 0.0, 1.5])
    found = of.along(at)
    assert set(found) == {"x", "y", "z"}
    for name, values in found.items():
        np.testing.assert_allclose(values, of.sources.value(name, at), rtol=1e-14)
