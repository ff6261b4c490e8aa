"""Scores: rules against scoringrules and by hand, which forecasts are compared, deadlines, days, groups."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path

import numpy as np
import pytest
import scoringrules
from hypothesis import assume, given
from hypothesis import strategies as st
from typer.testing import CliRunner

import detente
from detente.analyse.evidence.rules import brier, by_day, over, ranked, skill, surprise
from detente.analyse.evidence.score import Score
from detente.present.cli.app import app
from detente.present.wording.scores import refusals
from detente.study.questions.score import Scores

CASE = """
title: A strait
as_of: 2020-01-10
periods: {count: 2, unit: month, from: 2020-01-01}
answer:
  asks: P(order is close)
  says: the strait is closed
  deadline: 2020-02-28
  groups: {closed: shut, tense: quarrel, calm: otherwise}
actors: {A: holds the shore}
quantities:
  lam: {value: 1, role: precision}
  gain: {value: uniform(0.1, 0.9), unit: stake}
private: {A.aim: {bold: 0.4, shy: otherwise}}
stages:
  order: {actor: A, moves: [close, wait]}
  luck: {chance: {quarrel: 0.2, none: otherwise}, when: order is wait}
outcomes:
  shut: order is close
  quarrel: luck is quarrel
  open: otherwise
payoffs:
  A: {gain: (gain if A.aim is bold else -2 * gain) * (outcome is shut)}
evidence:
  - {date: 2020-01-20, signal: guns are moved, likelihood: {A.aim: {bold: 0.8, shy: 0.2}}}
forecasts:
  - {who: A crowd, date: 2020-01-05, p: 0.3, event: closing, deadline: 2020-02-28, like: order is close}
  - {who: A crowd, date: 2020-01-25, p: 0.6, event: closing, deadline: 2020-02-28, like: order is close}
  - {who: A sage, date: 2020-01-20, p: 80%, event: closing, deadline: 2020-02-28, like: order is  close}
  - {who: The paper, date: 2020-01-10, p: 0.1, event: closing, deadline: 2020-02-28, like: order is close,
     argument: true}
  - {who: A patient one, date: 2020-01-10, p: 0.5, event: closing, deadline: 2020-12-31, like: order is close}
  - {who: A steady one, date: 2020-01-10, p: 0.5, event: closing, deadline: 2020-12-31, like: order is close,
     hazard: constant}
  - {who: A stranger, date: 2020-01-10, p: 0.4, event: a quarrel, deadline: 2020-02-28, like: outcome is quarrel}
  - {who: 100 captains, date: 2020-01-12, share: 0.7, event: closing, deadline: 2020-02-28, like: order is close}
base_rates:
  - {class: straits, count: 1, of: 4}
  - {class: straits with guns, count: 2, of: 4}
happened: {date: 2020-02-05, outcome: shut}
"""
OWN = ("orderisclose", dt.date(2020, 2, 28))


@pytest.fixture(scope="module")
def model() -> detente.Model:
    return detente.loads(CASE)


@pytest.fixture(scope="module")
def found(model: detente.Model) -> Scores:
    return detente.score(model, draws=60)


def row(found: Scores, who: str, date: dt.date | None = None, converted: bool = False) -> Score:
    (one,) = [
        s for s in found.forecasts
        if s.who == who and s.converted == converted and (date is None or s.date == date) and s.question == OWN
    ]  # fmt: skip
    return one


# ------------------------------------------------------------------ rules


@given(st.floats(0.001, 0.999), st.booleans())
def test_brier_and_log_scores_are_those_of_scoringrules(p: float, came: bool) -> None:
    assert brier(p, came) == pytest.approx(float(scoringrules.brier_score(int(came), p)), abs=1e-12)
    assert surprise(p, came) == pytest.approx(float(scoringrules.log_score(int(came), p)), abs=1e-9)


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=6), st.data())
def test_ranked_scores_are_those_of_scoringrules(shares: list[float], data: st.DataObject) -> None:
    p = np.array(shares) / sum(shares)
    came = data.draw(st.integers(0, len(p) - 1))
    theirs = float(scoringrules.rps_score(np.array([came + 1]), p[None])[0])
    assert ranked(p.tolist(), came) == pytest.approx(theirs / (len(p) - 1), abs=1e-12)


def test_ranked_scores_by_hand() -> None:
    assert ranked([0.2, 0.3, 0.5], 2) == pytest.approx((0.2**2 + 0.5**2) / 2)
    assert ranked([0.2, 0.3, 0.5], 0) == pytest.approx((0.8**2 + 0.5**2) / 2)
    assert ranked([0.3, 0.7], 0) == pytest.approx(brier(0.3, True))  # two classes: the Brier score
    assert ranked([0, 1, 0], 0) < ranked([0, 0, 1], 0)  # a near miss is the smaller one
    with pytest.raises(ValueError, match="two at least"):
        ranked([1.0], 0)


def test_a_sure_forecast_that_fails_is_infinitely_surprised() -> None:
    assert surprise(0.0, True) == surprise(1.0, False) == math.inf
    assert surprise(1.0, True) == 0.0


def test_skill_is_told_where_it_is_defined() -> None:
    assert skill(0.1, 0.25) == pytest.approx(0.6)
    assert skill(0.25, 0.25) == 0.0
    assert skill(0.5, 0.25) == -1.0
    for score, reference in ((None, 0.2), (0.2, None), (0.2, 0.0), (math.inf, 0.2)):
        assert skill(score, reference) is None


@given(st.floats(0, 0.999), st.integers(1, 900), st.integers(1, 900), st.integers(1, 900))
def test_a_constant_hazard_over_days(p: float, a: int, b: int, c: int) -> None:
    assert over(p, a, a) == pytest.approx(p, abs=1e-12)
    assume(over(p, a, b) < 1 - 1e-6)  # nearer to 1 nothing is left of the hazard
    assert over(over(p, a, b), b, c) == pytest.approx(over(p, a, c), abs=1e-6)
    assert 1 - over(p, a, a + b) == pytest.approx((1 - p) * (1 - over(p, a, b)), abs=1e-9)


def test_a_hazard_needs_days() -> None:
    assert over(0.75, 2, 1) == pytest.approx(0.5)
    assert over(1.0, 10, 3) == 1.0
    with pytest.raises(ValueError, match="0 and 3"):
        over(0.5, 0, 3)


def test_averages_over_days_hold_each_forecast_until_the_next() -> None:
    day = dt.date(2020, 1, 1)
    series = [(day + dt.timedelta(days=3), 0.8), (day, 0.4), (day + dt.timedelta(days=20), 0.9)]
    mean, log, days = by_day(series, day + dt.timedelta(days=9), True) or (0, 0, 0)
    assert days == 10
    assert mean == pytest.approx((3 * 0.36 + 7 * 0.04) / 10)
    assert log == pytest.approx(-(3 * math.log(0.4) + 7 * math.log(0.8)) / 10)
    assert by_day(series, day - dt.timedelta(days=1), True) is None
    assert by_day([(day, 0.2), (day, 0.5)], day, False) == (0.25, pytest.approx(math.log(2)), 1)  # the later of a day


# ------------------------------------------------------------------ what is compared


def test_only_forecasts_of_one_event_and_deadline_are_compared(found: Scores) -> None:
    questions = {s.question for s in found.forecasts}
    assert questions == {
        OWN, ("orderisclose", dt.date(2020, 12, 31)), ("outcomeisquarrel", dt.date(2020, 2, 28))
    }  # fmt: skip
    crowd = row(found, "A crowd", dt.date(2020, 1, 25))
    assert crowd.brier == pytest.approx(0.16)
    assert crowd.log == pytest.approx(-math.log(0.6))
    rate = (1.5 / 5 + 2.5 / 5) / 2  # Jeffreys' means of two classes, averaged
    assert crowd.skill == {
        "base_rate": pytest.approx(1 - 0.16 / (1 - rate) ** 2),
        "others": pytest.approx(1 - 0.16 / (1 - (0.8 + row(found, "A steady one", converted=True).p) / 2) ** 2),
        "argument": pytest.approx(1 - 0.16 / 0.81),
        "coin": pytest.approx(1 - 0.16 / 0.25),
    }
    patient = next(s for s in found.forecasts if s.who == "A patient one")
    assert patient.skill["base_rate"] is None
    assert patient.skill["argument"] is None
    assert patient.skill["coin"] == 0.0


def test_contemporaries_are_the_last_forecasts_of_others_by_the_day(found: Scores) -> None:
    early = row(found, "A crowd", dt.date(2020, 1, 5))
    assert early.skill["others"] is None  # nobody had spoken
    sage = row(found, "A sage")
    steady = row(found, "A steady one", converted=True).p
    assert steady is not None
    assert sage.skill["others"] == pytest.approx(1 - 0.04 / (1 - (0.3 + steady) / 2) ** 2)
    paper = row(found, "The paper")
    assert paper.skill["argument"] is None  # not against itself


def test_a_stated_hazard_converts_a_deadline_and_nothing_else_does(found: Scores) -> None:
    converted = [s for s in found.forecasts if s.converted]
    assert [s.who for s in converted] == ["A steady one"]
    days, mine = (dt.date(2020, 12, 31) - dt.date(2020, 1, 10)).days, (dt.date(2020, 2, 28) - dt.date(2020, 1, 10)).days
    assert converted[0].p == pytest.approx(1 - 0.5 ** (mine / days))
    assert converted[0].question == OWN
    assert {s.deadline for s in found.forecasts if s.who == "A patient one"} == {dt.date(2020, 12, 31)}


def test_shares_of_people_are_listed_and_never_scored(model: detente.Model, found: Scores) -> None:
    captains = row(found, "100 captains")
    assert (captains.kind, captains.share) == ("share", 0.7)
    assert captains.p is captains.brier is captains.log is None
    assert captains.skill == {}
    assert any("100 captains 70%" in said for said in refusals(model, found))
    assert all(said.who != "100 captains" for check in detente.run(model, draws=20).checks for said in check.said)


def test_this_model_is_scored_before_and_after_its_evidence(model: detente.Model, found: Scores) -> None:
    prior = row(found, "This model, before any evidence")
    assert prior.p is not None
    assert prior.date == dt.date(2020, 1, 10)
    assert prior.low is not None
    assert prior.low < prior.p < (prior.high or 0)
    updated = [s for s in found.forecasts if s.kind == "updated" and s.question == OWN]
    days = [dt.date(2020, 1, 20), dt.date(2020, 1, 25), dt.date(2020, 2, 1)]  # none before the evidence
    assert [s.date for s in updated] == days
    for s in updated:
        told = detente.update(model, until=s.date, draws=60).dates[-1].answer
        assert told is not None
        assert s.p == pytest.approx(told.mean, abs=1e-12)
    assert (updated[0].p or 0) > prior.p


def test_averages_are_over_the_days_until_it_came_to_pass(found: Scores) -> None:
    crowd = next(a for a in found.averages if a.who == "A crowd")
    assert (crowd.since, crowd.until, crowd.days, crowd.forecasts) == (dt.date(2020, 1, 5), dt.date(2020, 2, 4), 31, 2)
    assert crowd.brier == pytest.approx((20 * 0.49 + 11 * 0.16) / 31)
    assert crowd.skill["coin"] == pytest.approx(1 - crowd.brier / 0.25)
    ours = next(a for a in found.averages if a.who == "This model, as updated")
    first, _, last = (s.brier or 0 for s in found.forecasts if s.kind == "updated" and s.question == OWN)
    assert (ours.since, ours.days) == (dt.date(2020, 1, 20), 16)
    assert ours.brier == pytest.approx((12 * first + 4 * last) / 16)  # February begins, and the strait is open


def test_groups_are_ranked_in_their_order(model: detente.Model, found: Scores) -> None:
    before, after = found.ranked
    study = detente.run(model, draws=60)
    assert study.answer is not None
    groups = [study.answer.groups[name].value for name in ("closed", "tense", "calm")]
    assert before.score == pytest.approx(ranked(groups, 0))
    assert before.skill == pytest.approx(1 - before.score / ranked([1 / 3] * 3, 0))
    assert after.date == dt.date(2020, 2, 1)
    told = detente.update(model, until=after.date, draws=60).dates[-1].groups
    assert after.score == pytest.approx(ranked([told[name].mean for name in ("closed", "tense", "calm")], 0))


def test_what_did_not_come_by_its_deadline_is_judged_so() -> None:
    late = CASE.replace("happened: {date: 2020-02-05", "happened: {date: 2020-02-29")
    found = detente.score(detente.loads(late), draws=30)
    assert row(found, "A sage").came is False
    assert row(found, "A sage").brier == pytest.approx(0.64)
    assert next(s for s in found.forecasts if s.who == "A patient one").came is True
    crowd = next(a for a in found.averages if a.who == "A crowd")
    assert crowd.until == dt.date(2020, 2, 28)  # the deadline


def test_what_is_not_decided_has_no_score() -> None:
    found = detente.score(detente.loads(CASE.partition("happened:")[0]), draws=30)
    assert all(s.brier is None and s.log is None for s in found.forecasts)
    assert all(value is None for s in found.forecasts for value in s.skill.values())
    assert all(s.kind != "coin" for s in found.forecasts)
    assert not found.averages
    assert not found.ranked


def test_each_reason_for_refusing_is_told_once(model: detente.Model, found: Scores) -> None:
    told = " ".join(refusals(model, found))
    assert told.count("By a deadline other than this model’s own (28 February 2020)") == 1
    assert "A patient one (31 December 2020)" in told
    assert "A steady one" not in told  # it is compared, converted
    assert "Of an event other than the one this case asks about: A stranger" in told


def test_evidence_that_cannot_be_leaves_the_other_scores() -> None:
    seen = "evidence:\n  - {date: 2020-01-15, seen: order is close, period: 1}\n"
    seen += "  - {date: 2020-02-02, seen: luck is none, period: 2}\n"
    text = CASE.partition("evidence:")[0] + seen + "forecasts:" + CASE.partition("forecasts:")[2]
    found = detente.score(detente.loads(text), draws=30)
    assert "cannot happen" in found.unread
    assert row(found, "A sage").brier == pytest.approx(0.04)


def test_a_case_without_anything_to_score_is_refused() -> None:
    bare = CASE.partition("evidence:")[0].replace("asks: P(order is close)", "asks: E(A)")
    with pytest.raises(detente.QuestionError, match="write `forecasts:`"):
        detente.score(detente.loads(bare), draws=5)
    with pytest.raises(detente.QuestionError, match="by itself"):
        detente.score(detente.loads(CASE), as_of="2020-01-20", draws=5)


def test_the_command_prints_and_gives_json(tmp_path: Path) -> None:
    path = tmp_path / "strait.yaml"
    path.write_text(CASE)
    told = json.loads(CliRunner().invoke(app, ["score", str(path), "-n", "40", "--json"]).output)
    first = told["forecasts"][0]
    assert {"who", "date", "event", "deadline", "p", "brier", "log", "skill"} <= first.keys()
    assert (first["who"], first["date"]) == ("This model, before any evidence", "2020-01-10")
    assert set(first["skill"]) == {"base_rate", "others", "argument", "coin"}
    shown = CliRunner().invoke(
        app, ["score", str(path), "-n", "40", "--report", str(tmp_path / "r.html")], env={"COLUMNS": "120"}
    )
    assert shown.exit_code == 0, shown.output
    page = (tmp_path / "r.html").read_text()
    for text in (shown.output, page):
        text = " ".join(text.split())
        assert "The strait is closed (by 28 February 2020), which happened" in text
        assert "The paper (the argument’s" in text
        assert "Over the days, each forecast standing until the next" in text
        assert "Ranked probability score" in text
