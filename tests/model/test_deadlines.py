"""The day that an answer names, beside the day on which play is over."""

from __future__ import annotations

import pytest

import detente
from detente.model.catalogue import library
from detente.model.check.check import check

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
    assert "over on 2022-03-25" in message


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
