"""Whether private types prefer what their names say: against closed forms, and wherever it is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente import Model, load, loads, run
from detente.present.cli.app import app
from detente.present.report.report import report
from detente.study.beside import preferred
from detente.study.checking import check
from detente.study.questions.claims import claims

DRAWS = 200
TAKING = """
title: To take or to leave
actors: {A: decides, B: watches}
quantities:
  lam: {value: 3, role: precision}
  worth: {value: "uniform(0, 1)", seen_by: {A: worth + 0.1}}
private:
  A.kind:
    prior: {hungry: 0.1, full: otherwise}
    prefers: {hungry: "U(A, move is take) > U(A, move is leave)", full: "U(A, move is leave) > U(A, move is take)"}
stages:
  move: {actor: A, moves: [take, leave]}
  look: {actor: B, moves: [stay, go]}
outcomes: {over: otherwise}
payoffs:
  A: {meal: "(worth - 0.3) * (move is take) * (A.kind is hungry) - 2 * (move is take) * (A.kind is full)"}
  B: {nothing: 0}
"""


@pytest.fixture
def taking() -> Model:
    return loads(TAKING, "taking.yaml")


def test_a_preference_is_judged_within_the_type_and_in_its_own_eyes(taking: Model) -> None:
    """The hungry see worth - 0.2 in taking and 0 in leaving, whatever nine out of ten would rather do."""
    study = run(taking, draws=DRAWS)
    hungry, full = preferred(study)
    assert (hungry.type, hungry.label, hungry.unjudged_draws) == ("A.kind", "hungry", 0)
    assert hungry.share.value == (study.draws.truth["worth"] > 0.2).mean()
    assert full.share.value == 1
    assert not full.weak


def test_a_type_that_cannot_be_leaves_the_draw_unjudged() -> None:
    prior = TAKING.replace("hungry: 0.1", "hungry: worth < 0.5")
    (hungry, _) = preferred(run(loads(prior, "taking.yaml"), draws=DRAWS))
    assert hungry.share.draws + hungry.unjudged_draws == DRAWS
    assert 0.3 < hungry.unjudged_draws / DRAWS < 0.7


def test_a_type_may_prefer_what_a_forced_move_brings(taking: Model) -> None:
    forced = "U(A | do(move is take)) > U(A | do(move is leave))"
    text = TAKING.replace("U(A, move is take) > U(A, move is leave)", forced)
    assert preferred(run(loads(text, "t.yaml"), draws=DRAWS))[0].share == preferred(run(taking, draws=DRAWS))[0].share


def test_check_and_claims_and_the_report_tell_it(tmp_path: Path) -> None:
    path = tmp_path / "taking.yaml"
    path.write_text(TAKING.replace("worth + 0.1", "worth * 0.32"), encoding="utf-8")
    env = {"COLUMNS": "200"}
    checked = CliRunner().invoke(app, ["check", str(path)], env=env)
    assert checked.exit_code == 0
    said = " ".join(checked.stdout.split())
    assert "taking.yaml:10:24: the type 'hungry' of A.kind prefers what its name says in" in said
    assert "the type full of A (kind) prefers what its name says in 100% of draws" in said
    assert checked.stdout.rstrip().endswith("quantities)")  # that it is good comes last
    variant = tmp_path / "variant.yaml"
    variant.write_text("extends: taking.yaml\ntitle: Variant\n", encoding="utf-8")
    said = " ".join(CliRunner().invoke(app, ["check", str(variant)], env=env).stdout.split())
    assert "taking.yaml:10:24: the type 'hungry' of A.kind" in said
    assert "of 100 draws of variant, which extends this file" in said
    told = json.loads(CliRunner().invoke(app, ["check", str(path), "--json"]).stdout)
    assert [(p["label"], p["draws"]) for p in told["preferences"]] == [("hungry", 100), ("full", 100)]
    assert told["preferences"][0]["share"] < 0.1
    shown = " ".join(CliRunner().invoke(app, ["claims", str(path), "--draws", "50"], env=env).stdout.split())
    assert "A’s kind is hungry: U(A, move is take) > U(A, move is leave)" in shown
    assert "warning the type hungry of A (kind) prefers what its name says in" in shown
    assert "warning the type full" not in shown
    data = json.loads(CliRunner().invoke(app, ["claims", str(path), "--draws", "50", "--json"]).stdout)
    assert [p["type"] for p in data["preferences"]] == ["A.kind", "A.kind"]
    page = report(run(path, draws=50))
    assert "Whether types mean what they say" in page
    assert "The type hungry of A (kind) prefers what its name says in" in page


def test_the_flagship_says_how_often_each_type_prefers_what_its_name_says() -> None:
    found = preferred(run("ukraine-2022", draws=DRAWS))
    assert [(one.type, one.label) for one in found] == [("Russia.aim", "subjugate"), ("Russia.aim", "bargain")]
    assert all(one.share.value > 0.9 for one in found)


def test_check_tells_how_far_it_is_where_it_solves(taking: Model) -> None:
    seen: list[tuple[int, int]] = []
    check(taking, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (100, 100)
    seen.clear()
    check(load("crisis-signalling"), lambda done, total: seen.append((done, total)))
    assert seen == []


def test_a_model_that_declares_none_is_not_solved_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load("crisis-signalling")
    study = run(model, draws=20)
    monkeypatch.setattr("detente.engine.engine.Engine.solve_batch", None)
    assert check(model).preferences == ()
    assert preferred(study) == []


def test_the_rest_of_the_answers_are_what_they_were(taking: Model) -> None:
    bare = loads(TAKING.replace("prefers:", "# prefers:"), "taking.yaml")
    one, other = (run(model, draws=50) for model in (taking, bare))
    assert np.array_equal(one.outcome_draws("over"), other.outcome_draws("over"))
    assert detente.compile_model(taking).tree.labels == detente.compile_model(bare).tree.labels
    assert claims(other).preferences == ()
