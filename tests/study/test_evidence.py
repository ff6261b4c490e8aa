"""What may be said as evidence: kinds of events of past crises, mistakes, days and periods, weights that are told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

import detente
from detente.analyse.evidence.known import Known, Record
from detente.analyse.evidence.pareto import effective, quantile, tail_shape
from detente.errors import ModelError, QuestionError
from detente.model.escalation import kinds
from tests.study.test_update import ALERT, asked, bayes, close, told


def test_a_kind_of_event_has_the_likelihood_of_past_crises() -> None:
    known = kinds()["ultimatum"]
    violent, calm = (known.before + 0.5) / (known.of_before + 1), (known.never + 0.5) / (known.of_never + 1)
    found = asked(ALERT, "date: 2024-01-02, signal: an ultimatum, escalation: {ultimatum: outcome is strike}")
    assert found.before.answer is not None
    assert found.dates[-1].answer is not None
    assert close(found.dates[-1].answer.mean, bayes(found.before.answer.mean, violent / calm))
    for wrong, message in (
        ("escalation: {ultimatums: outcome is strike}", "there is no kind of event 'ultimatums'"),
        (
            "escalation: {ultimatum: outcome is strike}, ratio: {A.plan: {strike: 2, bluff: 1}}",
            "a likelihood of its own",
        ),
        ("escalation: {ultimatum: outcome is struck}", "there is no outcome 'struck'"),
    ):
        with pytest.raises(ModelError, match=message):
            told(ALERT, f"date: 2024-01-02, signal: x, {wrong}")


def test_the_page_tells_the_ratios_of_past_crises() -> None:
    page = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text("utf-8")
    missing = [name for name, kind in kinds().items() if f"| {name} | {kind.ratio:.2f} |" not in page]
    assert not missing


def test_weights_and_their_tail() -> None:
    assert effective(np.ones(7)) == 7
    assert effective(np.array([1.0, 0, 0])) == 1
    assert tail_shape(np.ones(1000)) is None
    u = (np.arange(20000) + 0.5) / 20000
    assert tail_shape((1 - u) ** -0.8) == pytest.approx(0.8, abs=0.06)
    assert tail_shape((1 - u) ** -0.3) == pytest.approx(0.3, abs=0.06)
    x = np.array([3.0, 1.0, 2.0, 5.0])
    for at in (0.05, 0.5, 0.9):
        assert quantile(x, np.ones(4), at) == pytest.approx(float(np.quantile(x, at)))
    assert quantile(x, np.array([0.0, 1.0, 0.0, 1e-9]), 0.05) == pytest.approx(1.2, abs=0.25)


def test_what_was_seen_cannot_be_unseen_later() -> None:
    seen, unseen = "date: 2024-01-02, seen: drill is loud", "by: 2024-01-03, not seen: drill is loud"
    with pytest.raises(QuestionError, match=r"<text>:\d+:\d+: 2024-01-03: `drill is loud` cannot happen"):
        asked(ALERT, seen, unseen)
    before = "by: 2024-01-01, not seen: drill is loud"
    assert close(asked(ALERT, before, seen).dates[-1].types["A.plan"]["strike"], bayes(0.3, 2))


def test_what_falls_after_the_last_period_is_told_and_ends_nothing() -> None:
    found = asked(ALERT, "date: 2024-01-02, seen: drill is loud", "date: 2025-01-03, seen: drill is quiet")
    assert found.as_of == dt.date(2024, 1, 2)
    assert found.unheard == 0
    later = asked(ALERT, "date: 2024-01-02, seen: drill is loud", "date: 2025-01-03, seen: drill is quiet",
                  until="2025-01-03")  # fmt: skip
    assert later.unheard == 1
    told_ = [p.message for p in detente.check(told(ALERT, "date: 2025-01-03, seen: drill is quiet")).problems]
    assert any("the last period ends on 2024-01-21" in message for message in told_)
    early = detente.check(told(ALERT, "date: 2023-12-20, seen: drill is loud")).problems
    assert any("the first period begins on 2024-01-01" in problem.message for problem in early)


def test_a_formula_that_is_no_likelihood_is_told_with_its_line() -> None:
    with pytest.raises(QuestionError, match=r"<text>:\d+:\d+: 2024-01-02: the likelihood of `x` is below 0"):
        asked(ALERT, "date: 2024-01-02, signal: x, likelihood: 0.2 - 0.4 * (A.plan is strike)")


def test_the_page_of_a_day_says_as_of_which_it_is(tmp_path: Path) -> None:
    case = told(ALERT, "date: 2024-01-02, seen: drill is loud", "by: 2024-01-04, not seen: move is strike")
    page = tmp_path / "page.html"
    detente.write_report(detente.run(case, draws=20, as_of="2024-01-03"), page)
    text = page.read_text("utf-8")
    assert "as known on 3 January 2024" in text
    assert "before any evidence" not in text
    assert "do not use it" not in text
    plain = tmp_path / "plain.html"
    detente.write_report(detente.run(case, draws=20), plain)
    text = plain.read_text("utf-8")
    assert "before any evidence" in text
    assert "which it had expected with" in text  # of what was seen; of what was not, it says nothing


def test_the_tree_of_a_day_has_what_was_seen() -> None:
    case = told(ALERT, "date: 2024-01-02, seen: drill is loud")
    found = detente.tree(case, draws=4, as_of="2024-01-02")
    drills = [branch for types in found.branches for branch in types.branches if branch.event == "drill"]
    assert {branch.what for branch in drills} == {"loud"}
    assert all(close(branch.odds, 1.0) for branch in drills)


WRONG = {
    'date: 2024-01-02, signal: x, likelihood: {care: {"> 1": 0.5, "> 2": 0.6, otherwise: 0}}': "is never reached",
    "date: 2024-01-03, seen: drill is loud, period: 2": "period 2 begins on 2024-01-08",
    "date: 2024-01-02, signal: x, likelihood: {A.plan: {strik: 0.5, bluff: 0.1}}": "there is no 'strik' of A.plan",
    "date: 2024-01-02, signal: x, likelihood: {A.plan: {strike: 5, bluff: 0.1}}": "5 is not a probability",
    "date: 2024-01-02, signal: x, likelihood: {A.plan: {strike: 0.5}}": "is none of these is not said",
    "date: 2024-01-02, signal: x, likelihood: {A.plan: {strike: probably, bluff: 0}}": "'probably' is not a likelihood",
    "date: 2024-01-02, signal: x, likelihood: {A.plans: {strike: 0.5, bluff: 0.1}}": "there is no private type, stage",
    "by: 2024-01-02, seen: drill is loud": "`by` goes with `not seen`",
    "date: 2024-01-02, by: 2024-01-03, not seen: drill is loud": "has a `date` and a `by`",
    "seen: drill is loud": "this evidence has no date",
    "date: 2024-01-02, signal: x": "has no `likelihood`",
    "date: 2024-01-02, seen: drill is loud, period: 4": "there is no period 4",
    "date: 2024-01-02, signal: x, likelihood: {care: 3 to 2}": "is not a range",
    "date: 2024-01-02, seen: drill is loud, ratio: {A.plan: {strike: 2, bluff: 1}}": "has a `likelihood` as well",
}


@pytest.mark.parametrize("item", WRONG)
def test_mistakes_in_evidence_are_told(item: str) -> None:
    with pytest.raises(ModelError) as error:
        told(ALERT, item)
    assert any(WRONG[item] in problem.message for problem in error.value.problems), str(error.value)


def test_days_fall_into_periods_of_the_calendar() -> None:
    case = ALERT.replace("unit: week, from: 2024-01-01", "unit: month, from: 2024-01-31")
    periods = detente.loads(case).periods
    assert [periods.begins(k) for k in range(4)] == [
        dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2024, 3, 31), dt.date(2024, 4, 30),
    ]  # fmt: skip
    assert periods.until == dt.date(2024, 4, 30)
    assert periods.moment(dt.date(2024, 2, 28)) == (0, 1.0)
    assert periods.moment(dt.date(2024, 2, 29)) == (1, 1 / 31)
    assert periods.moment(dt.date(2023, 1, 1)) == (0, 0.0)
    assert periods.moment(dt.date(2024, 4, 30)) == (3, 0.0)
    record = Record(told(case, "date: 2024-03-05, seen: drill is loud"))
    assert Known.on(record, dt.date(2024, 3, 5)).step == 1
    assert record.items[0].steps == (1,)


def test_signs_to_look_for_are_told_with_what_they_would_do() -> None:
    loud = "date: 2024-01-02, seen: drill is loud"
    listed = """signs:
  - {sign: wards are cleared, likelihood: {A.plan: {strike: 0.6, bluff: 0.1}}, cost: 2}
  - {sign: a rumour, likelihood: {A.plan: {strike: 0.5, bluff: 0.4}}}
"""
    case = detente.loads(ALERT + listed + f"evidence: [{{{loud}}}]\n")
    found = {s.says: s for s in detente.update(case, draws=20).signs if not s.stage}
    striker = bayes(0.3, 2)
    cleared = found["wards are cleared"]
    assert close(cleared.p, striker * 0.6 + (1 - striker) * 0.1)
    seen = asked(ALERT, loud, "date: 2024-01-02, signal: x, likelihood: {A.plan: {strike: 0.6, bluff: 0.1}}").dates[-1]
    assert seen.answer is not None
    assert close(cleared.seen.mean, seen.answer.mean)
    unseen = asked(ALERT, loud, "date: 2024-01-02, signal: x, likelihood: {A.plan: {strike: 0.4, bluff: 0.9}}").dates[
        -1
    ]
    assert unseen.answer is not None
    assert close(cleared.unseen.mean, unseen.answer.mean)
    assert (cleared.cost, found["a rumour"].cost) == (2.0, None)
    assert cleared.bits > found["a rumour"].bits > 0
    with pytest.raises(ModelError, match="does not say how likely it is"):
        detente.loads(ALERT + "signs: [{sign: a rumour}]\n")
