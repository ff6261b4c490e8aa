"""A claim that comes out the same whatever the numbers is built in; one that nobody's behaviour changes restates its
inputs, which is said of enough draws and tries only."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from detente import claims, define, run
from detente.engine.batch import Batch
from detente.model.schema import Model
from detente.study.study import Study
from tests.present.test_cli import invoke

CASE = """
title: What is built in
actors: {A: attacks}
quantities:
  odds: {value: 0.6 to 0.8, unit: probability, means: that an attack succeeds}
  cost: normal(0, 1)
  price: normal(1, 0.3)
stages:
  move: {actor: A, moves: [attack, wait]}
  battle: {chance: {won: odds, lost: otherwise}, when: move is attack}
outcomes: {victory: battle is won, defeat: battle is lost, peace: otherwise}
payoffs:
  A: {spoils: 1 * (outcome is victory), defeat: -price * (outcome is defeat)}
claims:
  sums_to_one: {holds: P(move is attack) + P(move is wait) >= 1}
  never: {holds: P(outcome is victory) > 1}
  rare_in_the_tail: {holds: P(move is attack) > 0 and abs(cost) < 3.4}
  better_won: {holds: E(A given outcome is victory) > E(A given outcome is defeat) - 9}
  easy: {holds: P(battle is won given move is attack) > 0.65}
  never_a_number: {holds: P(outcome is victory) < 1 / 0}
  attacks: {holds: P(move is attack) > 0.55}
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("settled") / "built.yaml"
    path.write_text(CASE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def study(case: Path) -> Study:
    return run(case, draws=400, seed=2)


def test_claims_are_built_in_by_structure_or_by_ranges_or_not(study: Study) -> None:
    found = study.settled
    assert {name: s.built_in for name, s in found.items()} == {
        "sums_to_one": "structure", "never": "structure", "rare_in_the_tail": "", "better_won": "ranges",
        "easy": "", "attacks": "", "never_a_number": "",
    }  # fmt: skip
    assert study.claims["rare_in_the_tail"].share.value == 1  # which its own draws cannot tell apart
    assert found["rare_in_the_tail"].widened == pytest.approx(math.erf(1.7 / math.sqrt(2)), abs=0.04)
    assert found["better_won"].widened == 1


def test_what_nobody_changes_restates_its_inputs(study: Study) -> None:
    found = study.settled
    assert {name for name, s in found.items() if s.restates} == {"easy", "rare_in_the_tail"}
    assert found["easy"].alike == 1
    assert found["attacks"].alike < 0.9
    assert study.claims["easy"].share.value < 0.9  # though it is no foregone conclusion


def test_verdicts_say_so_in_text_page_and_json(case: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    for command in ("run", "claims"):
        text = " ".join(invoke(command, str(case), "-n", "100", "--report", str(page)).output.split())
        if command == "run":  # why it is so, `claims` and pages say
            assert "built in" in text
            assert "restates inputs" in text
        else:
            assert "built in: so by the structure of the game" in text
            assert "restates inputs: the same in 100% of 800 tries with behaviour drawn at random" in text
        assert "built in: the same in 100% of draws with every range doubled" in page.read_text(encoding="utf-8")
    told = json.loads(invoke("claims", str(case), "-n", "100", "--json").stdout)["claims"]
    assert [name for name, claim in told.items() if claim["built_in"]] == ["sums_to_one", "never", "better_won"]
    assert told["never"]["settled"] == {
        "built_in": "structure", "widened": None, "alike": 1.0, "restates": False, "tries": 0
    }  # fmt: skip
    assert told["easy"]["settled"]["tries"] == 800
    told = json.loads(invoke("run", str(case), "-n", "100", "--json").stdout)["claims"]
    assert [name for name, claim in told.items() if claim["built_in"]] == ["sums_to_one", "never", "better_won"]


def test_ranges_that_cannot_be_doubled_settle_nothing() -> None:
    """Twice as wide, the probability would be above 1 in some draws."""
    [settled] = run(_lottery("0.8 to 1.2"), draws=300).settled.values()
    assert settled.built_in == ""
    assert math.isnan(settled.widened)
    [settled] = run(_lottery("0.98 to 1.02"), draws=300).settled.values()
    assert settled.built_in == "ranges"


def test_a_large_tree_is_solved_again_only_where_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    study = run(_lottery("0.98 to 1.02"), draws=50)
    monkeypatch.setattr("detente.study.memo.settled.LARGEST", 1)
    assert [s.built_in for s in study.settled.values()] == [""]
    assert [s.settled.built_in for s in claims(study).claims.values()] == ["ranges"]


def test_arbitrary_behaviour_keeps_to_the_moves_that_are_there(study: Study) -> None:
    from detente.analyse.forecast.unsolved import at_random

    first: Batch = next(study.batches())
    sums = [batch.endings.sum(axis=0) for batch in at_random(study.blueprint, first.draws)]
    assert len(sums) == 8
    for total in sums:
        assert total == pytest.approx(1)


@pytest.mark.parametrize(("draws", "said"), [(1, False), (60, False), (100, True)])
def test_few_draws_do_not_say_that_inputs_are_restated(case: Path, draws: int, said: bool) -> None:
    assert run(case, draws=draws).settled["easy"].restates is said


def test_behaviour_close_to_pure_strategies_is_tried_too(study: Study) -> None:
    from detente.analyse.forecast.unsolved import at_random

    first: Batch = next(study.batches())
    pure = [bool(batch.behaviour.max(axis=0).mean() > 0.9) for batch in at_random(study.blueprint, first.draws)]
    assert pure == [False, True] * 4
    corner = run(_corner(), draws=100).settled["not_nearly_pure"]
    assert corner.alike < 0.98  # though mixtures as such nearly never come so close to a pure strategy
    assert not corner.restates


def _lottery(factor: str) -> Model:
    return define(
        title="Lottery",
        actors={"A": ""},
        quantities={"factor": factor},
        stages={
            "move": {"actor": "A", "moves": ["go", "stay"]},
            "shot": {"chance": {"hit": "0.6 * factor", "miss": "otherwise"}, "when": "move is go"},
        },
        outcomes={"gone": "shot is hit", "still": "otherwise"},
        payoffs={"A": {"gain": "1 * (outcome is gone)"}},
        claims={"likely": {"holds": "P(shot is hit given move is go) > 0.2"}},
    )


def _corner() -> Model:
    return define(
        title="Corner",
        actors={"A": ""},
        quantities={"gain": "0.01 to 0.1"},
        stages={"move": {"actor": "A", "moves": ["go", "stay"]}},
        outcomes={"gone": "move is go", "still": "otherwise"},
        payoffs={"A": {"gain": "gain * (outcome is gone)"}},
        claims={"not_nearly_pure": {"holds": "P(move is go) < 0.99 or P(move is go) > 0.999999"}},
    )
