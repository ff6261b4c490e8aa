"""The day that an answer names, beside the day on which play is over."""

from __future__ import annotations

import datetime as dt

import pytest

import detente
from detente.analyse.evidence.outside import deadline_of, over_by
from detente.model.catalogue import library
from detente.model.check.check import check
from detente.present.wording.names import outcome_means

CASE = """
detente: 1
title: A day
periods: {{count: 3, unit: {unit}, from: {begun}}}
actors: {{A: moves}}
answer: {{asks: "{asks}", says: "{says}"}}
stages: {{posture: {{actor: A, moves: [attack, wait], continues: wait, reconsidered: 1 per period}}}}
outcomes: {{war: {{when: posture is attack}}, peace: {{otherwise: true}}}}
payoffs: {{A: {{gain: outcome is war}}}}
"""


def told(
    says: str, unit: str = "fortnight", begun: str = "2022-02-11", asks: str = "P(posture is attack)"
) -> list[str]:
    model = detente.loads(CASE.format(says=says, unit=unit, begun=begun, asks=asks))
    return [problem.message for problem in check(model) if "the answer says" in problem.message]


@pytest.mark.parametrize(
    "says",
    [
        "A attacks by 25 March", "A attacks by 25 March 2022", "A attacks by the 25th of March", "by 2022-03-25",
        "A attacks until March 25, 2022", "A attacks before 26 March", "A attacks before 25 March",
        "A attacks by 31 potatoes", "A attacks by May", "A, after 31 March 2021, attacks",
        "A attacks by 31 February 2022", "A attacks",
    ],
)  # fmt: skip
def test_the_last_day_and_what_is_no_day_pass(says: str) -> None:
    assert told(says) == []


@pytest.mark.parametrize(
    ("says", "said"),
    [
        ("A attacks by 31 March", "by 31 March"), ("A attacks by the end of March 2022", "by the end of March 2022"),
        ("A attacks before March 31", "before March 31"), ("A attacks by 25 March 2023", "by 25 March 2023"),
        ("A attacks till 2022-04-01", "till 2022-04-01"), ("A attacks by 11 Mar", "by 11 Mar"),
    ],
)  # fmt: skip
def test_another_day_is_told(says: str, said: str) -> None:
    (message,) = told(says)
    assert f"`{said}`" in message
    assert "end on 2022-03-24" in message


def test_an_answer_about_a_period_may_end_with_it() -> None:
    first = "P(posture is attack and period == 1)"
    assert told("A attacks by 25 February", asks=first) == []
    assert len(told("A attacks by 26 February", asks=first)) == 1
    assert len(told("A attacks by 25 February")) == 1


def test_months_of_the_calendar_are_not_counted_to_the_day() -> None:
    assert told("A attacks by 31 March", unit="month", begun="2022-01-01") == []  # a mean month is 30.4 days
    assert len(told("A attacks by 15 April", unit="month", begun="2022-01-01")) == 1


@pytest.mark.parametrize("case", sorted(library()))
def test_cases_of_the_library_name_their_last_day(case: str) -> None:
    assert [problem.message for problem in check(detente.load(case)) if "the answer says" in problem.message] == []


FORD = """
title: A ford
answer: {ANSWER}
periods: {count: 3, unit: 35 days, from: 2003-01-16}
actors: {A: at the ford}
stages: {order: {actor: A, moves: [go, wait], continues: wait, reconsidered: 1 per month}}
outcomes: {over: {when: order is go}, left: {otherwise: true}}
payoffs: {A: {value: outcome is over}}
evidence: [{date: 2003-01-17, signal: boats, likelihood: {order: {go: 0.6, wait: 0.3}}}]
"""


def test_the_last_day_is_one_everywhere() -> None:
    """Three times 35 days from 16 January: to 30 April, the day before the fourth would begin."""
    last = dt.date(2003, 4, 30)
    plain = detente.loads(FORD.replace("ANSWER", "asks: P(order is go), says: it is crossed by 30 April 2003"))
    assert plain.periods.last == last
    assert plain.periods.until == dt.date(2003, 5, 1)
    assert deadline_of(plain) == over_by(plain) == last
    assert outcome_means(plain, "left") == "no resolution by 30 April 2003"
    assert [p.message for p in check(plain) if "the answer says" in p.message] == []
    (message,) = [
        p.message
        for p in check(detente.loads(FORD.replace("ANSWER", "asks: P(order is go), says: it is crossed by 3 May 2003")))
        if "the answer says" in p.message
    ]
    assert message == "the answer says `by 3 May 2003`, and 3 periods of 35 days from 2003-01-16 end on 2003-04-30"
    found = detente.update(plain, until="2003-04-10", draws=20)
    assert {s.by for s in found.signs if s.period == 3} == {last}
    stated = detente.loads(FORD.replace("ANSWER", "asks: P(order is go), says: it is crossed, deadline: 2003-05-01"))
    assert outcome_means(stated, "left") == "no resolution by 1 May 2003"  # the day that the case names for it


def test_days_after_what_came_to_pass_are_warned_of() -> None:
    def warned(as_of: str, came: str, *days: str) -> list[str]:
        answer = "asks: P(order is go), says: it is crossed"
        item = "{{date: {}, signal: boats, likelihood: {{order: {{go: 0.6, wait: 0.3}}}}}}"
        text = FORD.replace("ANSWER", answer).partition("evidence:")[0] + f"as_of: {as_of}\n"
        text += (
            f"evidence: [{', '.join(item.format(day) for day in days)}]\nhappened: {{date: {came}, outcome: over}}\n"
        )
        found = check(detente.loads(text))
        assert all(p.warning for p in found)
        return [p.message for p in found]

    assert warned("2003-01-16", "2003-03-20", "2003-01-17", "2003-03-20") == []
    assert warned("2003-03-21", "2003-03-20", "2003-01-17") == [
        "it happened on 2003-03-20, before the as-of date: the model uses nothing known later, 2003-03-21"
    ]
    assert warned("2003-01-16", "2003-03-20", "2003-01-17", "2003-03-21") == [
        "this is of 2003-03-21, after what happened on 2003-03-20"
    ]
    assert warned("2003-01-16", "2003-03-20", "2003-03-22", "2003-03-21") == [
        "this is of 2003-03-22, and 1 more, after what happened on 2003-03-20"
    ]
