"""Forecasts of open questions, written down: what is registered, what is refused, and how it stands afterwards."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import detente
from detente.errors import QuestionError
from detente.present.cli.app import app
from detente.study.registration import read, register, standing, written

OPEN = """
detente: 1
title: A strait
question: Will it be closed?
as_of: 2020-01-01
periods: {count: 1, unit: year, from: 2020-01-01}
answer: {asks: P(order is close), says: the strait is closed, deadline: 2099-12-31}
actors: {A: holds the shore}
quantities: {cost: {value: 0.1 to 0.9, unit: stake, source: judgement}}
stages: {order: {actor: A, moves: [close, leave]}}
outcomes: {closed: order is close, open: otherwise}
payoffs: {A: {gain: 0.5 * (outcome is closed), paid: -cost * (outcome is closed)}}
sources: {judgement: {title: the author, kind: judgement}}
"""
TODAY = dt.date(2026, 11, 30)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    file = tmp_path / "strait.yaml"
    file.write_text(OPEN)
    return file


def test_what_is_registered_is_what_the_case_says(case: Path) -> None:
    made = register(str(case), TODAY, draws=200)
    answer = detente.run(str(case), draws=200).answer
    assert answer
    assert (made.p, made.low, made.high) == (answer.mean, answer.low, answer.high)
    assert (made.case, made.deadline, made.registered) == ("strait", dt.date(2099, 12, 31), TODAY)
    file = case.with_suffix(".json")
    file.write_text(written(made))
    assert read(file) == made


def test_a_case_that_changes_is_not_what_was_registered(case: Path) -> None:
    made = register(str(case), TODAY, draws=50)
    assert standing(made, str(case), TODAY).unchanged
    case.write_text(OPEN.replace("0.1 to 0.9", "0.1 to 0.8"))
    assert not standing(made, str(case), TODAY).unchanged


def test_a_base_that_changes_is_told_too(case: Path) -> None:
    other = case.with_name("variant.yaml")
    other.write_text("extends: strait.yaml\nquantities: {cost: {value: 0.2 to 0.9, source: judgement}}\n")
    made = register(str(other), TODAY, draws=50)
    assert standing(made, str(other), TODAY).unchanged
    case.write_text(OPEN.replace("0.5 *", "0.6 *"))
    assert not standing(made, str(other), TODAY).unchanged


@pytest.mark.parametrize(("outcome", "came"), [("closed", True), ("open", False)])
def test_it_is_scored_when_the_case_says_what_happened(case: Path, outcome: str, came: bool) -> None:
    made = register(str(case), TODAY, draws=100)
    case.write_text(f"{OPEN}happened: {{date: 2027-01-05, outcome: {outcome}}}\n")
    found = standing(made, str(case), dt.date(2100, 1, 1))
    assert (found.happened, found.over) == (came, True)
    assert found.brier == pytest.approx((made.p - came) ** 2)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2099-12-31", "2021-01-01", "is not ahead"),
        ("as_of: 2020-01-01\n", "", "`as_of`"),
        ("sources:", "happened: {date: 2020-05-05, outcome: open}\nsources:", "what happened"),
        ("P(order is close)", "E(cost)", "probability of an event"),
    ],
)
def test_what_is_no_open_question_is_refused(case: Path, old: str, new: str, said: str) -> None:
    assert old in OPEN
    case.write_text(OPEN.replace(old, new))
    with pytest.raises(QuestionError, match=said):
        register(str(case), TODAY, draws=20)


def test_the_command_writes_once_and_tells_how_it_stands(case: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "registered")
    ask = ["register", str(case), "--into", folder, "-n", "50"]
    first = CliRunner().invoke(app, [*ask, "--json"])
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["event"] == "the strait is closed"
    again = CliRunner().invoke(app, ask)
    assert again.exit_code == 2
    assert "not written twice" in again.output
    told = CliRunner().invoke(app, ["register", str(case), "--check", "--into", folder])
    assert told.exit_code == 0
    assert "as registered" in " ".join(told.output.split())
    case.write_text(OPEN.replace("0.5 *", "0.6 *"))
    told = CliRunner().invoke(app, ["register", str(case), "--check", "--into", folder, "--json"])
    assert told.exit_code == 1
    assert json.loads(told.stdout)["registered"][0]["unchanged"] is False
    Path(folder, "x.json").write_text("{}")
    assert CliRunner().invoke(app, ["register", "--check", "--into", folder]).exit_code == 2
