"""Sensitivity against functions with known indices, against SALib, and on small models with answers on paper."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import special
from typer.testing import CliRunner

import detente
from detente.analyse.forecast.subject import event, reading
from detente.analyse.sensitivity import sobol
from detente.analyse.sensitivity.binning import SEED, Sums, cut, how_many
from detente.analyse.sensitivity.chaos import fit
from detente.analyse.sensitivity.factors import factors
from detente.analyse.sensitivity.main_effects import drivers, first_order, noise_floors, sliced
from detente.arrays import Floats
from detente.draws.sources import Sources
from detente.errors import QuestionError
from detente.present.cli.app import app
from tests.analyse.crises import argument, decision, deterrence

GOLDEN = json.loads((Path(__file__).parent / "golden" / "uncertainty.json").read_text())


def ishigami(x: Floats) -> Floats:
    z = 2 * np.pi * x - np.pi
    return np.sin(z[0]) + 7 * np.sin(z[1]) ** 2 + 0.1 * z[2] ** 4 * np.sin(z[0])


A = np.array([0, 1, 4.5, 9, 99, 99, 99, 99.0])


def g_function(x: Floats) -> Floats:
    return np.prod((np.abs(4 * x - 2) + A[:, None]) / (1 + A[:, None]), axis=0)


_V1, _V2, _V13 = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
_V = _V1 + _V2 + _V13
ISHIGAMI = (np.array([_V1, _V2, 0]) / _V, np.array([_V1 + _V13, _V2, _V13]) / _V)
_PARTS = 1 / (3 * (1 + A) ** 2)
_WHOLE = np.prod(1 + _PARTS) - 1
G = (_PARTS / _WHOLE, _PARTS * np.prod(1 + _PARTS) / (1 + _PARTS) / _WHOLE)


@pytest.mark.parametrize(
    ("name", "function", "d"), [("ishigami", ishigami, 3), ("g_function", g_function, 8)]
)  # fmt: skip
def test_the_estimators_of_a_design_are_those_of_salib(name: str, function, d: int) -> None:  # type: ignore[no-untyped-def]
    told = GOLDEN[name]
    rng = np.random.default_rng(told["seed"])
    a, b = rng.random((d, told["n"])), rng.random((d, told["n"]))
    parts = [a, b]
    for i in range(d):
        mixed = a.copy()
        mixed[i] = b[i]
        parts.append(mixed)
    found = sobol.estimate(function(np.concatenate(parts, axis=1))[None], told["n"], d)
    np.testing.assert_allclose(found.first, told["first"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.total, told["total"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("function", "d", "known"), [(ishigami, 3, ISHIGAMI), (g_function, 8, G)])
def test_a_design_finds_known_indices_within_its_intervals(function, d: int, known) -> None:  # type: ignore[no-untyped-def]
    n, held = 1024, []
    for seed in range(1, 9):
        plan = sobol.design([[i] for i in range(d)], d, n, seed)
        found = sobol.estimate(function(plan.points)[None], n, d)
        for k in range(d):
            for total, value in ((False, known[0][k]), (True, known[1][k])):
                finding = found.finding("x", k, total)
                held.append(finding.low <= value <= finding.high)
                assert held[-1] or value < 0.05
                assert finding.high - finding.low < 0.25
    assert np.mean(held) >= 0.95


def test_groups_of_a_design_are_closed_and_several_answers_count_by_their_variance() -> None:
    n = 2048
    plan = sobol.design([[0, 2], [1]], 3, n, 3)
    found = sobol.estimate(ishigami(plan.points)[None], n, 2)
    assert found.first[0] == pytest.approx(ISHIGAMI[0][0] + ISHIGAMI[1][2], abs=0.03)
    assert found.total[1] == pytest.approx(ISHIGAMI[1][1], abs=0.03)
    plan = sobol.design([[0], [1]], 2, n, 3)
    both = sobol.estimate(np.stack([plan.points[0], 2 * plan.points[1]]), n, 2)  # variances 1/12 and 4/12
    np.testing.assert_allclose(both.first, [0.2, 0.8], atol=0.02)


def test_a_design_leaves_out_what_cannot_be_judged_and_refuses_where_that_is_too_much() -> None:
    n = 256
    plan = sobol.design([[0], [1]], 2, n, 1)
    y = plan.points.sum(axis=0)
    y[5] = np.nan
    assert sobol.estimate(y[None], n, 2).lost == 1
    y[: n // 4] = np.nan
    with pytest.raises(ValueError, match="cannot be judged at 64 of 256"):
        sobol.estimate(y[None], n, 2)


def test_base_points_are_a_power_of_two_that_the_solutions_pay_for() -> None:
    assert sobol.base_points(20_000, 63) == 256
    assert sobol.base_points(10, 63) == sobol.FEWEST


def test_given_data_finds_the_indices_of_ishigami_as_rbd_fast_does() -> None:
    told = GOLDEN["rbd_fast"]
    x = np.random.default_rng(told["seed"]).random((3, told["n"]))
    y = ishigami(x)[None]
    for k in range(3):
        found = first_order(f"x{k}", x[k], y)
        assert found.low <= ISHIGAMI[0][k] <= found.high
        assert found.value == pytest.approx(told["first"][k], abs=0.03)


def test_given_data_intervals_hold_as_often_as_they_say_and_noise_shows_nothing() -> None:
    rng = np.random.default_rng(2)
    held, noise = [], []
    for _ in range(60):
        x = rng.random((2, 1000))
        y = (x[0] + 0.5 * rng.normal(size=1000))[None]
        finding = first_order("x", x[0], y)
        held.append(finding.low <= (1 / 12) / (1 / 12 + 0.25) <= finding.high)
        noise.append(first_order("x", x[1], y).value)
    assert np.mean(held) >= 0.88
    assert abs(np.mean(noise)) < 3 * np.std(noise) / np.sqrt(60)


ANSWERS = {
    "probability": lambda rng, n: rng.random(n),
    "often": lambda rng, n: (rng.random(n) < 0.3).astype(float),
    "rare": lambda rng, n: (rng.random(n) < 0.01).astype(float),
    "heavy tails": lambda rng, n: rng.standard_cauchy(n),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_noise_names_no_driver_and_what_is_real_is_named(kind: str) -> None:
    n, trials, quiet = 600, 60, 0
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        quantities = {f"q{k}": rng.random(n) if k % 4 else np.floor(3 * rng.random(n)) for k in range(16)}
        quiet += not drivers(ANSWERS[kind](rng, n), quantities)
        if kind != "heavy tails":
            found = drivers(np.where(quantities["q3"] > 0.8, 1.0, ANSWERS[kind](rng, n)), quantities)
            assert found[0].quantity == "q3"
            assert found[0].index.value > found[0].floor > 0
    assert quiet >= 0.95 * trials


def test_floors_grow_with_the_number_of_quantities_and_fall_with_that_of_draws() -> None:
    rng = np.random.default_rng(5)

    def floor(n: int, count: int) -> float:
        y = rng.random(n)
        return max(noise_floors([sliced(rng.random(n)) for _ in range(count)], y[None]))

    assert floor(1000, 2) < floor(1000, 64)
    assert floor(8000, 16) < 0.35 * floor(1000, 16)


@pytest.mark.parametrize("values", [2, 9])
def test_the_noise_floor_is_the_largest_index_of_reorderings(values: int) -> None:
    """Against one index after another. Of 20,000 draws, 5,000 are reordered, so that one slice is left empty."""
    rng = np.random.default_rng(3)
    n, count = (400, 60) if values == 2 else (20_000, 2)
    y = 3.0 + 0.5 * rng.integers(0, values, n)
    x = np.append(np.zeros(1), rng.choice([1.0, 2.0, 3.0], n - 1, p=[0.1, 0.2, 0.7]))
    labels, reorderings = sliced(x), round(count / 0.02) - 1
    sizes, rng = np.sort(np.bincount(labels)), np.random.default_rng(SEED)
    found = []
    if values == 2:
        for ones in rng.multivariate_hypergeometric(sizes, int((y > 3).sum()), reorderings, "marginals"):
            each = np.concatenate([np.repeat([3.0, 3.5], [k - m, m]) for k, m in zip(sizes, ones, strict=True)])
            found.append(Sums.by_block(np.repeat(np.arange(4), sizes), each[None], 1).whole().index())
    else:
        some, order = y[rng.choice(n, 5_000, replace=False)], np.arange(5_000)
        kept = np.diff(np.round(np.cumsum(sizes) / 4).astype(int), prepend=0)
        for _ in range(reorderings):
            rng.shuffle(order)
            found.append(Sums.by_block(np.repeat(np.arange(4), kept), some[None, order], 1).whole().index() / 4)
    assert kept[0] == 0 if values > 2 else sizes[0] == 1
    np.testing.assert_allclose(noise_floors([labels] * count, y[None]), max(found))


def test_nothing_hangs_on_rounding_or_on_what_is_the_same_at_both_ends() -> None:
    x = np.random.default_rng(2).random(1000)
    y = np.linspace(0, 1, 1000)
    assert drivers(0.3 + 1e-16 * np.round(3 * x), {"x": x}) == []
    assert drivers(y, {"rounding": 0.1 + 1e-17 * y, "x": y})[0].quantity == "x"
    assert [d.quantity for d in drivers(y, {"rounding": 0.1 + 3e-17 * np.round(9 * y), "x": y})] == ["x"]
    between = ((x > 0.45) & (x < 0.55)).astype(float)  # 0% at both ends
    assert drivers(between, {"x": x}) == []
    assert drivers((x > 0.9).astype(float), {"x": x}) != []


def test_the_ends_of_a_choice_are_its_values() -> None:
    rng = np.random.default_rng(6)
    rare = (rng.random(1000) < 0.9).astype(float)
    (found,) = drivers((rare == 0).astype(float), {"rare": rare})
    assert (found.low.value, found.high.value) == (1, 0)  # the lowest fifth would hold both
    assert found.ends == ((0,), (1,))
    many = rng.choice([1.0, 2.0, 3.0, 4.0], 1000, p=[0.01, 0.09, 0.5, 0.4])
    (found,) = drivers((many < 3).astype(float), {"many": many})
    assert found.ends == ((1, 2), (4,))


def test_claims_told_side_by_side_share_one_chance_of_a_false_alarm() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.random(400), (rng.random(400) < 0.4).astype(float)
    one, many = (noise_floors([sliced(x)] * 10, y[None], answers)[0] for answers in (1, 20))
    assert many > one
    quantities = {f"q{k}": rng.random(400) for k in range(40)}
    answers = [rng.permutation(np.arange(400) < ones).astype(float) for ones in (40, 130, 200, 270, 360) * 20]
    assert sum(bool(drivers(a, quantities, None, 100)) for a in answers) == 0


def test_drivers_and_sense_are_one_estimate() -> None:
    study = detente.run(deterrence(), draws=600)
    for name in ("quiet", "peace"):
        told = {e.name: e for e in detente.sense(study, name).effects}
        assert study.drivers(name)
        for driver in study.drivers(name):
            effect = told[driver.quantity]
            assert (effect.first, effect.low, effect.high, effect.bounds, effect.floor) == (
                driver.index, driver.low, driver.high, driver.bounds, driver.floor,
            )  # fmt: skip
            assert effect.told


def test_slices_are_full_alike_and_hold_equal_values_together() -> None:
    rng = np.random.default_rng(4)
    for x in (rng.random(1000), np.floor(50 * rng.random(1000) ** 3), np.floor(5 * rng.random(1000))):
        label = cut(x, 15)
        assert sorted(set(label)) == list(range(label.max() + 1))
        assert all(len(set(label[x == v])) == 1 for v in set(x))
        assert (np.diff(label[np.argsort(x)]) >= 0).all()
    assert set(np.bincount(cut(rng.random(1500), 15))) == {100}


def test_given_data_of_a_yes_or_no_answer() -> None:
    x = np.random.default_rng(1).random((2, 20_000))
    y = (x.sum(axis=0) > 1).astype(float)[None]  # E(y | x) = x: a third each, two thirds in all
    for row in x:
        finding = first_order("x", row, y)
        assert finding.low <= 1 / 3 <= finding.high
        assert finding.high - finding.low < 0.05


def test_slices_keep_equal_values_together() -> None:
    x = np.repeat([1.0, 2.0, 3.0], [500, 30, 470])
    assert cut(x, 20).max() == 2
    mixed = np.concatenate([np.zeros(600), np.random.default_rng(1).random(400)])
    labels = cut(mixed, 10)
    assert len(set(labels[:600])) == 1
    assert how_many(2000) == 19
    sums = Sums.by_block(cut(x, 20), x[None]).whole()
    assert sums.index() == pytest.approx(1.0)


def test_the_polynomial_finds_interactions_and_says_what_it_explains() -> None:
    z = np.random.default_rng(4).normal(size=(12, 3000))
    clean = fit(z, (z[0] + z[1] * z[2])[None])
    assert clean.explained > 0.999
    for rows, alone, in_all in (([0], 0.5, 0.5), ([1], 0.0, 0.5), ([1, 2], 0.5, 0.5), ([5], 0.0, 0.0)):
        assert clean.effect("x", rows, False).value == pytest.approx(alone, abs=0.03)
        assert clean.effect("x", rows, True).value == pytest.approx(in_all, abs=0.03)
    noisy = fit(z, (z[0] + np.random.default_rng(5).normal(size=3000))[None])
    assert noisy.explained == pytest.approx(0.5, abs=0.06)
    assert noisy.effect("x", [0], True).value == pytest.approx(0.5, abs=0.05)
    with pytest.raises(ValueError, match="too few"):
        fit(z[:, :100], z[:1, :100])


# ---------------------------------------------------------------------- models


@pytest.fixture(scope="module")
def study() -> detente.Study:
    return detente.run(decision("normal(0.3, 0.5)", quantities={"idle": "uniform(0, 1)"}), draws=1200)


def test_sense_gives_everything_to_the_only_quantity_that_matters(study: detente.Study) -> None:
    found = detente.sense(study, "gone")
    assert [e.name for e in found.effects] == ["x", "idle"]
    assert found.effects[0].first.value == pytest.approx(1.0, abs=0.02)
    assert found.effects[0].total is not None
    assert found.effects[0].total.value == pytest.approx(1.0, abs=0.05)
    assert not found.effects[1].told
    assert found.mean.value == pytest.approx(study.outcomes["gone"].value)
    low, high = found.effects[0].low, found.effects[0].high
    assert low is not None
    assert high is not None
    assert low.value < 0.2 < 0.8 < high.value
    forecast = detente.sense(study)
    assert forecast.effects[0].first.value == pytest.approx(found.effects[0].first.value, abs=1e-9)


def test_sense_by_a_design_agrees_with_the_draws() -> None:
    model = decision("normal(0.3, 0.2) + y", quantities={"y": "normal(0, 0.2)"})
    found = detente.design(model, "P(outcome is gone)", draws=2048)
    assert found.solved == 512 * 4
    assert {e.name for e in found.effects} == {"x, apart from y", "y"}
    for effect in found.effects:
        assert effect.first.value == pytest.approx(0.5, abs=0.05)
        assert effect.total is not None
        assert effect.total.value == pytest.approx(0.5, abs=0.05)
    assert found.converged == 1.0
    given = detente.sense(detente.run(model, draws=2000), "gone")
    shares = {e.name: e.first.value for e in given.effects}
    assert shares["y"] == pytest.approx(0.5, abs=0.05)
    assert shares["x"] == pytest.approx(1.0, abs=0.02)  # it is made of y


def test_correlated_quantities_are_one_factor() -> None:
    more = {"y": "uniform(0, 1)", "z": "uniform(0, 1)"}
    model = decision("normal(0, 1)", quantities=more, correlations=[{"between": ["x", "y"], "rank": 0.6}])
    found = factors(Sources(detente.compile_model(model).sampler))
    assert [f.name for f in found] == ["x + y", "z"]
    assert found[0].correlated
    sensed = detente.sense(detente.run(model, draws=600), "gone")
    assert [e.name for e in sensed.joint] == ["x + y"]
    assert next(e for e in sensed.effects if e.name == "x").total is None
    assert "x + y" in sensed.notes[-1]
    with pytest.raises(QuestionError, match="did you mean 'mechanism'"):
        factors(Sources(detente.compile_model(model).sampler), "mechanisms")


def test_effects_of_mechanisms() -> None:
    found = detente.design(argument(), draws=1500, by="mechanism")
    names = {e.name for e in found.effects}
    assert {"prize", "trigger", "lottery"} <= names
    assert sum(e.first.value for e in found.effects) < 1.2


def test_regions_are_honoured_and_too_small_ones_refused(study: detente.Study) -> None:
    inside = detente.sense(study, "gone", where="x > 0.3")
    assert inside.draws == int((study.draws.truth["x"] > 0.3).sum())
    assert inside.mean.value > study.outcomes["gone"].value
    assert all(e.total is None for e in inside.effects)
    with pytest.raises(QuestionError, match=r"only \d+ of 1,200 draws lie in the region.*\n.*--draws \d+"):
        detente.sense(study, "gone", where="x > 1.3")
    with pytest.raises(QuestionError, match="no draw does"):
        detente.sense(study, "gone", where="P(outcome is gone) > 1")
    with pytest.raises(QuestionError, match="`detente sense`"):
        detente.design(study.model, "gone", where="x > 0.3")


def test_bad_questions_teach(study: detente.Study) -> None:
    model = study.model
    with pytest.raises(QuestionError, match="did you mean 'gone'"):
        reading(model, "gon")
    with pytest.raises(QuestionError, match=r"likeliest is gone.*P\(outcome is gone\) > 0.5"):
        event(model, "gone")
    with pytest.raises(QuestionError, match=r"no draw is inside or outside.*\n.*E\(A\) > "):
        event(model, "E(A)")
    with pytest.raises(QuestionError, match="did you mean 'still'"):
        reading(model, "likeliest is stil")
    with pytest.raises(QuestionError, match="the same in all 1,200 draws"):
        detente.sense(study, "P(outcome is gone) > 1")
    with pytest.raises(QuestionError, match="known exactly"):
        detente.sense(detente.run(decision(1.0), draws=200))


def test_readings_agree_with_the_study(study: detente.Study) -> None:
    gone = study.outcome_draws("gone")
    for text, wanted in {
        "gone": gone,
        "P(move is go)": gone,
        "likeliest is gone": (gone > 0.5).astype(float),
        "likeliest is not gone": (gone <= 0.5).astype(float),
        "often": study.claim_draws("often"),
        "not often": 1 - study.claim_draws("often"),
        "P(outcome is gone) > 0.7 and x > 0": ((gone > 0.7) & (study.draws.truth["x"] > 0)).astype(float),
        "x < 0.2": (study.draws.truth["x"] < 0.2).astype(float),
    }.items():
        np.testing.assert_allclose(study.reading(reading(study.model, text))[0], wanted, atol=1e-12)
        fresh = np.concatenate([reading(study.model, text)(batch)[0] for batch in study.batches()])
        np.testing.assert_allclose(fresh, wanted, atol=1e-12)


def test_free_scores_are_those_of_the_draws(study: detente.Study) -> None:
    z = Sources(study.blueprint.sampler).free(study.n, 1)
    place = Sources(study.blueprint.sampler).names.index("x")
    np.testing.assert_allclose(special.ndtr(z[place]), special.ndtr((study.draws.truth["x"] - 0.3) / 0.5), atol=1e-9)


# ---------------------------------------------------------------------- commands


def invoke(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*arguments, "--no-store"])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_prints_and_gives_json() -> None:
    code, out, _ = invoke("sense", "crisis-signalling", "-n", "400", "--of", "war")
    assert code == 0, out
    assert "resolute p" in out
    assert "first-order" in out
    code, out, _ = invoke("sense", "crisis-signalling", "-n", "400", "--of", "war", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["effects"][0]["name"] == "resolute_p"
    assert set(told["effects"][0]["first"]) == {"value", "low", "high", "error", "draws", "interval"}
    code, out, _ = invoke("sense", "crisis-signalling", "-n", "100", "--design", "sobol", "--json")
    assert json.loads(out)["solved"] == 16 * 6
    code, _, error = invoke("sense", "crisis-signalling", "-n", "200", "--of", "wor")
    assert code == 2
    assert "did you mean 'war'" in error
