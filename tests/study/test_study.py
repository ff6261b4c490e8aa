"""The conductor: one walk through the house, and its answers in every form."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import detente
from detente.engine.engine import Engine
from detente.game.tree import Game
from detente.solve.base import Solution
from detente.study.summary import summary

MODEL = """
title: A demand and a deadline
periods: {count: 2, unit: month}
actors: {Moscow: demands, Kiev: answers}
quantities:
  cost: {value: 0.3 to 1.2, unit: stake, seen_by: {Moscow: cost * (0.3 to 0.9)}}
  hazard: {value: 0.01 to 0.06, unit: probability}
  rationality: {value: 2 to 12, role: precision}
private:
  Kiev.resolve: {firm: 0.4, soft: otherwise}
stages:
  posture: {actor: Moscow, moves: [invade, press, leave]}
  incident: {chance: {war: hazard, none: otherwise}, when: posture is press}
  answer: {actor: Kiev, moves: [hold, yield], when: posture is press}
outcomes:
  occupied: {when: posture is invade}
  accident: {when: incident is war}
  conceded: {when: answer is yield}
  settled: {when: posture is leave}
  standoff: otherwise
payoffs:
  Moscow:
    prize: 1.0 * (outcome is conceded) + 0.7 * (outcome in [occupied, accident])
    war: -cost * (outcome in [occupied, accident])
  Kiev:
    land: -1.0 * (outcome is conceded) - (0.4 if Kiev.resolve is firm else 1.2) * (outcome in [occupied, accident])
claims:
  no_invasion: {says: an invasion is unlikely, holds: P(outcome is occupied) < 0.5}
  impossible: {holds: P(outcome is occupied given posture is leave and posture is invade) > 0}
statics:
  cost_deters: {raise: cost, then: P(outcome is occupied) falls}
  hazard_kills: {raise: hazard, then: P(outcome is accident) rises}
  wrong_way: {raise: cost, then: P(outcome is occupied) rises}
  forced: {force: {posture: invade}, instead_of: {posture: press}, then: P(outcome is occupied) rises}
"""


@pytest.fixture(scope="module")
def study() -> detente.Study:
    return detente.run(detente.loads(MODEL), draws=400)


def test_probabilities_of_outcomes_sum_to_one_in_every_draw(study: detente.Study) -> None:
    total = sum(study.outcome_draws(name) for name in study.model.outcomes)
    np.testing.assert_allclose(total, 1.0, atol=1e-12)


def test_ways_sum_to_their_outcomes(study: detente.Study) -> None:
    for name, finding in study.outcomes.items():
        ways = [f.value for way, f in study.ways.items() if way.outcome == name]
        assert sum(ways) == pytest.approx(finding.value, abs=1e-12)


def test_a_batch_of_many_equals_a_batch_of_few_and_any_number_of_workers(study: detente.Study) -> None:
    few = detente.run(study.model, draws=100, workers=1)
    for name in study.model.outcomes:
        np.testing.assert_array_equal(few.outcome_draws(name), study.outcome_draws(name)[:100])


def test_another_seed_gives_other_draws(study: detente.Study) -> None:
    other = detente.run(study.model, draws=100, seed=2)
    assert not np.array_equal(other.outcome_draws("occupied"), study.outcome_draws("occupied")[:100])


def test_reasons_sum_to_the_gap_and_the_gap_explains_the_odds(study: detente.Study) -> None:
    for reason in detente.why(study):
        assert sum(term.value for term in reason.terms.values()) == pytest.approx(reason.gap.value, abs=1e-12)
    single = detente.run(study.model, draws=1)
    (reason,) = detente.why(single, "posture", move="invade", against="press")
    tree, batch = single.blueprint.tree, next(single.batches())
    first = int(tree.action_start[reason.infoset])
    odds = batch.behaviour[first, 0] / batch.behaviour[first + 1, 0]
    precision = batch.game.precision[int(tree.owner[reason.infoset]), 0]
    assert np.log(odds) == pytest.approx(precision * reason.gap.value, abs=1e-6)


def test_claims_are_judged_only_where_they_can_be(study: detente.Study) -> None:
    assert study.claims["no_invasion"].unjudged == 0
    impossible = study.claims["impossible"]
    assert impossible.unjudged == study.n
    assert impossible.words == "cannot be judged"
    assert np.isnan(impossible.share.value)


def test_questions_agree_with_what_is_reported(study: detente.Study) -> None:
    np.testing.assert_allclose(study.ask("P(outcome is occupied)"), study.outcome_draws("occupied"), atol=1e-14)
    inner = study.ask("P(posture is press given posture is press)")
    np.testing.assert_allclose(inner, 1.0, atol=1e-12)
    parts = study.ask("E(Moscow.prize) + E(Moscow.war) - E(Moscow)")
    np.testing.assert_allclose(parts, 0.0, atol=1e-12)
    assert not np.allclose(study.ask("E(Moscow)"), study.ask("U(Moscow)"))  # it sees the cost smaller than it is
    np.testing.assert_allclose(study.ask("E(Kiev)"), study.ask("U(Kiev)"), atol=1e-12)
    with pytest.raises(detente.QuestionError, match="did you mean 'occupied'"):
        study.ask("P(outcome is ocupied)")


def test_the_certificate_speaks_for_every_draw(study: detente.Study) -> None:
    assert study.converged.all()
    assert study.residual.max() <= 1e-8
    assert (study.gain >= -1e-12).all()


def test_statics_hold_fail_and_force(study: detente.Study) -> None:
    results = {r.name: r for r in detente.statics(study.model, draws=200)}
    assert results["cost_deters"].holds
    assert results["cost_deters"].effect.high < 0
    assert results["hazard_kills"].holds
    assert not results["wrong_way"].holds
    assert results["forced"].after.value == pytest.approx(1.0, abs=1e-12)
    assert results["forced"].before.value < 0.5
    with pytest.raises(detente.QuestionError, match="cost_deters"):
        detente.statics(study.model, names=["cost_deter"])


def test_set_changes_one_quantity_and_keeps_the_draws_of_the_others(study: detente.Study) -> None:
    cheap = detente.run(study.model, draws=400, set={"cost": "0.05 to 0.1"})
    np.testing.assert_array_equal(cheap.draws.truth["hazard"], study.draws.truth["hazard"])
    assert cheap.outcomes["occupied"].value > study.outcomes["occupied"].value
    with pytest.raises(detente.ModelError, match="did you mean 'cost'"):
        detente.run(study.model, set={"cots": 1})


def test_a_number_may_be_set_although_a_static_moves_it(study: detente.Study) -> None:
    fixed = detente.run(study.model, draws=20, set={"cost": 0.5})
    assert fixed.draws.truth["cost"].tolist() == [0.5] * 20
    tried = {r.name for r in detente.statics(study.model, draws=20, set={"cost": 0.5})}
    assert tried == {"hazard_kills", "forced"}
    with pytest.raises(detente.QuestionError, match="known exactly"):
        detente.statics(study.model, draws=20, set={"cost": 0.5}, names=["cost_deters"])


def test_private_perception_is_a_hypergame_and_equal_perceptions_are_not(study: detente.Study) -> None:
    hyper = detente.run(study.model, draws=200, perception="private")
    assert "in its own view" in hyper.method
    assert abs(hyper.outcomes["occupied"].value - study.outcomes["occupied"].value) > 1e-4
    plain = detente.loads(MODEL.replace(", seen_by: {Moscow: cost * (0.3 to 0.9)}", ""))
    one, two = (detente.run(plain, draws=100, perception=reading) for reading in ("common", "private"))
    for name in plain.outcomes:
        np.testing.assert_allclose(one.outcome_draws(name), two.outcome_draws(name), atol=1e-9)


def test_results_as_tables(study: detente.Study, tmp_path: Path) -> None:
    import xarray

    table = detente.table(study)
    assert list(table["outcome.occupied"]) == list(study.outcome_draws("occupied"))
    detente.write_results(study, tmp_path / "results.nc")
    with xarray.open_dataset(tmp_path / "results.nc", engine="h5netcdf") as data:
        assert set(data.sizes) == {"draw", "outcome", "quantity", "perception", "claim", "actor", "action"}
        values = data["outcome_probability"].sel(outcome="occupied").to_numpy()
        np.testing.assert_array_equal(values, study.outcome_draws("occupied"))
        assert np.isnan(data["claim_holds"].sel(claim="impossible")).all()
        assert data.attrs["seed"] == 1


@pytest.mark.parametrize("case", [MODEL, MODEL.replace(", seen_by: {Moscow: cost * (0.3 to 0.9)}", "")])
def test_results_are_the_file_that_xarray_writes(case: str, tmp_path: Path) -> None:
    """Names, dimensions, attributes, types and fill values; the second case has a dimension of length 0."""
    import xarray

    study = detente.run(detente.loads(case), draws=20)
    detente.write_results(study, tmp_path / "ours.nc")
    detente.dataset(study).to_netcdf(tmp_path / "theirs.nc", engine="h5netcdf")
    for decoded in (True, False):
        opened = [
            xarray.open_dataset(tmp_path / name, engine="h5netcdf", decode_cf=decoded)
            for name in ("ours.nc", "theirs.nc")
        ]
        ours, theirs = opened
        xarray.testing.assert_identical(ours, theirs)
        assert {name: array.dtype for name, array in ours.variables.items()} == {
            name: array.dtype for name, array in theirs.variables.items()
        }
        for data in opened:
            data.close()


def test_what_returns_types_of_a_package_that_is_missing_says_what_to_install(
    study: detente.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pandas", "xarray"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(detente.QuestionError, match=r"needs pandas.*pip install 'detente\[tables\]'"):
        detente.table(study)
    with pytest.raises(detente.QuestionError, match=r"needs xarray.*pip install 'detente\[tables\]'"):
        detente.dataset(study)
    detente.write_results(study, tmp_path / "results.nc")


def test_interrupting_keeps_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    solve = Engine.solve_batch
    calls = []

    def interrupted(self: Engine, *args: object) -> object:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(1)
        return solve(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "solve_batch", interrupted)
    part = detente.run(detente.loads(MODEL), draws=5000)
    assert part.interrupted
    assert part.n == 2000
    assert summary(part).interrupted
    assert summary(part).draws == 2000


def test_drivers_find_what_matters(study: detente.Study) -> None:
    found = study.drivers(study.outcome_draws("accident"))
    assert found[0].quantity in ("hazard", "cost seen by Moscow", "rationality")
    noise = np.random.default_rng(3).random(study.n)
    assert not study.drivers(noise)


def test_no_draws_is_a_wrong_question(study: detente.Study) -> None:
    with pytest.raises(detente.QuestionError, match="at least one"):
        detente.run(study.model, draws=0)


def test_draws_that_are_all_the_same_are_solved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from detente.solve.quantal.quantal import Quantal

    solve, sizes = Quantal.solve, []

    def counted(self: Quantal, game: Game, workers: int = 1) -> Solution:
        sizes.append(game.n_draws)
        return solve(self, game, workers)

    monkeypatch.setattr(Quantal, "solve", counted)
    certain = MODEL.replace("0.3 to 1.2", "0.6").replace("(0.3 to 0.9)", "0.5").replace("0.01 to 0.06", "0.03")
    certain = certain.replace("2 to 12", "5")
    study = detente.run(detente.loads(certain[: certain.index("statics:")]), draws=40)
    assert sizes == [1]
    assert study.n == 40
    assert study.outcomes["occupied"].low == study.outcomes["occupied"].high
    assert study.converged.all()
