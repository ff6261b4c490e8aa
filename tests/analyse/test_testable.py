"""`check` tells of formulas that are a number in no draw, and of claims that no numbers could make fail or hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detente import check, define, load, run
from detente.analyse.forecast import testable
from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.structure import Structure
from detente.analyse.forecast.unsolved import at_random
from detente.game.compile import compile_model
from detente.model.ask import read_question
from detente.present.wording.answer import spread
from tests.analyse.crises import argument, deterrence

CASE = """
title: A word and a blow
actors: {{A: one, B: two}}
quantities:
  cost: 0.3 to 2.5
stages:
  act: {{actor: A, moves: [hit, wait]}}
  reply: {{actor: B, moves: [fight, bow], when: act is hit}}
outcomes: {{war: reply is fight, win: reply is bow, calm: otherwise}}
payoffs:
  A: {{war: -cost * (outcome is war), win: 1 * (outcome is win)}}
  B: {{war: -0.5 * (outcome is war), loss: -0.4 * (outcome is win)}}
{}
"""


def told(tmp_path: Path, text: str) -> list[tuple[bool, str, str]]:
    """What `check` says: whether it is a warning, the text at the place it names, and the message."""
    path = tmp_path / "case.yaml"
    path.write_text(CASE.format(text), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    problems = check(path).problems
    return [(p.warning, lines[p.place.line - 1][p.place.column - 1 :], p.message) for p in problems]


@pytest.mark.parametrize(
    ("formula", "where", "message"),
    [
        ("not (P(outcome is war) < log(0 - cost))", "log(0", "this is the logarithm of what is not above zero"),
        ("P(outcome is war) < sqrt(-1 * cost) or P(outcome is win) > 2", "sqrt(", "this is the square root"),
        ("P(outcome is war) < 1 / 0", "/ 0", "this divides by zero"),
        ("min(1 / (cost - cost), 1) > P(outcome is war)", "/ (cost", "this divides by zero"),
        ("P(outcome is war) / (P(act is hit) - P(act is hit)) > 1", "/ (P", "this divides by zero"),
        ("P(act is hit and log(0 - cost) > 1) > 0.1", "log(", "this is the logarithm"),
    ],
)
def test_a_formula_that_is_never_a_number_is_an_error_with_its_place(
    tmp_path: Path, formula: str, where: str, message: str
) -> None:
    [(warning, at, said)] = told(tmp_path, f"claims: {{it: {{holds: '{formula}'}}}}")
    assert not warning
    assert at.startswith(where)
    assert said.startswith(message)
    assert not check(tmp_path / "case.yaml").good
    assert run(tmp_path / "case.yaml", draws=5).claims["it"].unjudged == 5  # which is no reason to judge nothing else


def untested(tmp_path: Path, formula: str) -> list[tuple[bool, str, str]]:
    """What is told of a claim, apart from its conditioning on a choice."""
    found = told(tmp_path, f"claims: {{it: {{holds: '{formula}'}}}}")
    return [one for one in found if "conditions on what is chosen" not in one[2]]


def test_statics_and_events_of_evidence_are_looked_at_as_well(tmp_path: Path) -> None:
    text = """statics: {more: {raise: cost, then: P(outcome is war) / (1 - 1) falls}}
evidence: [{date: 2022-01-01, seen: act is hit and log(cost - cost) > 1}]
forecasts: [{who: X, date: 2022-01-01, p: 0.5, event: none, like: act is wait and outcome is war}]"""
    found = told(tmp_path, text)
    assert [(warning, said.partition(" in ")[0]) for warning, _, said in found] == [
        (False, "this divides by zero"),
        (False, "this is the logarithm of what is not above zero"),
        (True, "no history has this event"),
    ]


def test_the_answer_base_rates_and_preferences_are_looked_at_as_well(tmp_path: Path) -> None:
    text = """answer: {asks: log(P(war) - 2), says: War}
base_rates: [{class: x, count: 1, of: 2, like: act is wait and outcome is war}]
private: {B.kind: {prior: {meek: 0.5, bold: 0.5}, prefers: {meek: 'sqrt(0 - cost) > P(act is hit)'}}}"""
    found = [(warning, at[:5], said.partition(" in ")[0]) for warning, at, said in told(tmp_path, text)]
    assert [one for one in found if "prefers" not in one[2]] == [
        (False, "log(P", "this is the logarithm of what is not above zero"),
        (False, "sqrt(", "this is the square root of something negative"),
        (True, "and o", "no history has this event"),
    ]
    solved = run(tmp_path / "case.yaml", draws=5)
    assert solved.answer is not None
    assert spread(solved.answer) == "it is undefined in every draw"


def test_draws_in_which_the_answer_is_no_number_are_counted_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(CASE.format("answer: {asks: 0 * P(war) + sqrt(cost - 1.4), says: Root}"), encoding="utf-8")
    study = run(path, draws=100)
    answer = study.answer
    assert answer is not None
    assert answer.unjudged == (study.draws.truth["cost"] < 1.4).sum() == 100 - answer.draws
    assert 0 < answer.mean < 1.1
    assert spread(answer).endswith(f"in 90% of draws; it is undefined in {answer.unjudged} of 100")


def test_forcing_what_is_never_played_is_told_where_it_is_forced(tmp_path: Path) -> None:
    never = "  reply: {{actor: B, moves: [fight, bow], when: act is hit}}\n"
    text = CASE.replace(never, never + "  never: {{actor: A, moves: [x, y], when: act is hit and act is wait}}\n")
    path = tmp_path / "case.yaml"
    path.write_text(text.format("claims: {it: 'P(war | do(never is x)) > P(war | do(act is hit)) + 0.1'}"), "utf-8")
    told = [p.message for p in check(path).problems if p.warning and p.path.startswith("claims")]
    assert told[0] == "`never is x` is forced here, and no history ever comes to it: do() changes nothing"
    assert not any("act is hit" in one for one in told)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("P(act is hit) + P(act is wait) >= 1", "this claim can never fail"),
        ("P(act is hit) + P(reply is fight) <= 2 * P(act is hit)", "this claim can never fail"),
        ("P(outcome is war) <= 1", "this claim can never fail"),
        ("not (P(outcome is war) > 1)", "this claim can never fail"),
        ("P(outcome is war) <= 1 or P(act is hit) > 0.5", "this claim can never fail"),
        ("P(outcome is war) >= 1.2", "this claim can never hold"),
        ("P(outcome is war) < 0 and P(act is hit) > 0.5", "this claim can never hold"),
        ("min(P(outcome is war), 0.3) > 0.4", "this claim can never hold"),
        ("P(act is wait and outcome is war) > 0.2", "no history has this event"),
        ("P(act is hit given outcome is war) > 0.2", "every history that is given has this event"),
        ("P(act is hit given act is wait and reply is fight) > 0.2", "no history has what is given here"),
    ],
)
def test_a_claim_that_tests_nothing_is_warned_of(tmp_path: Path, formula: str, message: str) -> None:
    found = untested(tmp_path, formula)
    assert found
    assert all(warning for warning, _, _ in found)
    assert found[0][2] == message


@pytest.mark.parametrize(
    "formula",
    [
        "P(outcome is war) > 0.5", "P(outcome is war) > 0", "P(act is hit) > P(outcome is war)", "E(A) > E(B)",
        "P(outcome is war) < cost", "P(outcome is war given act is hit) < 1", "U(A given act is hit) > 0",
        "cost > 1 and log(cost - 1) < P(outcome is war)", "sqrt(cost - 2) > P(outcome is war)",
    ],
)  # fmt: skip
def test_a_claim_that_may_go_either_way_is_not(tmp_path: Path, formula: str) -> None:
    assert untested(tmp_path, formula) == []


def test_the_bounds_of_a_question_hold_whatever_is_played() -> None:
    """In solved draws of two crises, and sharp where the play decides."""
    for model in (deterrence(), argument()):
        blueprint = run(model, draws=30).blueprint
        first, second = list(model.outcomes)[:2]
        for text in (
            f"P(outcome is {first}) - 2 * P(outcome is {second})", f"abs(P(outcome is {first}) - 0.5)",
            f"max(P(outcome is {first}), P(outcome is {second})) / 2", f"exp(P(outcome is {first})) * -1",
        ):  # fmt: skip
            low, high = Structure(Question(blueprint, read_question(model, text))).bounds
            values = run(model, draws=30).ask(text)
            assert low <= values.min() <= values.max() <= high
            assert high - low < 4


def test_what_is_never_a_number_is_never_settled() -> None:
    blueprint = run(define(**_parts()), draws=2).blueprint
    for text in ("P(move is go) < 1 / 0", "P(move is go) < log(-1)", "not (P(move is go) < 1 / 0)"):
        assert Structure(Question(blueprint, read_question(blueprint.model, text))).bounds not in ((0, 0), (1, 1))


def test_what_depends_on_payoffs_has_no_bounds() -> None:
    blueprint = run(define(**_parts()), draws=2).blueprint
    low, high = Structure(Question(blueprint, read_question(blueprint.model, "E(A)"))).bounds
    assert (low, high) == (float("-inf"), float("inf"))


def _parts() -> dict[str, object]:
    return {
        "title": "x", "actors": {"A": ""}, "quantities": {"x": "1 to 2"},
        "stages": {"move": {"actor": "A", "moves": ["go", "stay"]}},
        "outcomes": {"gone": "move is go", "still": "otherwise"}, "payoffs": {"A": {"x": "x * (move is go)"}},
    }  # fmt: skip


def test_what_is_not_looked_for_among_draws_is_a_number() -> None:
    tried = 0
    for case in ("korea-2017", "cuba-1962", "crisis-signalling"):
        blueprint = compile_model(load(case))
        batches = list(at_random(blueprint, blueprint.sampler.draw(20, 1), 1))
        for path, formula in testable._asked(blueprint):
            told = testable._Told(blueprint, path, batches, formula.expression, payoffs_may_fail=False)
            if told._always():
                tried += 1
                assert not np.isnan(told.question(batches[0])).any(), formula
    assert tried > 40


@pytest.mark.parametrize("asked", ["E(A) > 0", "P(outcome is war) > 0 and E(A) > -9"])
def test_payoffs_that_are_no_number_but_in_the_eyes_of_actors_are_found(tmp_path: Path, asked: str) -> None:
    path = tmp_path / "case.yaml"
    text = CASE.format(f"claims: {{it: {{holds: '{asked}'}}}}").replace("war: -cost *", "war: -log(cost) *")
    path.write_text(text.replace("cost: 0.3 to 2.5", "cost: {value: -1, seen_by: {A: 2, B: 2}}"), encoding="utf-8")
    errors = [p for p in check(path).problems if not p.warning]
    assert [p.path for p in errors] == ["claims.it.holds"]
    assert "logarithm" in errors[0].message or "number in no draw" in errors[0].message
