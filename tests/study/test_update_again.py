"""A record that was worked through is asked again of any of its days, and of each without some items."""

from __future__ import annotations

import datetime as dt

import pytest

from detente.study import following
from detente.study.questions.update import Updating, update
from detente.study.settings import How
from tests.study.test_renewal import SEEN, SIGN, WAITED
from tests.study.test_update import HUNT, told

DRAWS = 200
FACT = "date: 2024-01-10, fact: a minister resigns"


def worked(*items: str) -> Updating:
    made = Updating(How(draws=DRAWS).ready(told(HUNT, *items)), dt.date(2024, 1, 31), kept=True)
    assert len(list(made.walk())) == len(made.days)
    assert list(made.walk()) == []  # nothing is left
    return made


@pytest.mark.parametrize("renewed", [False, True])
@pytest.mark.parametrize("day", ["2024-01-05", "2024-01-15", "2024-01-20", "2024-01-31"])
def test_each_day_is_update_until_it(renewed: bool, day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if renewed:
        monkeypatch.setattr(following, "FEWEST", 1.0)  # on every day
    items = (SEEN, FACT, SIGN, WAITED)
    again, alone = worked(*items).at(dt.date.fromisoformat(day)), update(told(HUNT, *items), draws=DRAWS, until=day)
    assert any(one.renewed for one in again.dates) is renewed
    assert again.as_of == alone.as_of
    mine, theirs = again.dates[-1].answer, alone.dates[-1].answer
    assert mine
    assert theirs
    if not renewed or day in ("2024-01-05", "2024-01-20", "2024-01-31"):  # else the other renews once more, on that day
        assert again.dates[-1].date == alone.dates[-1].date
        assert mine == theirs
        assert again.pulls == alone.pulls
        assert [sign.says for sign in again.signs] == [sign.says for sign in alone.signs]
        assert [s.p for s in again.signs] == pytest.approx([s.p for s in alone.signs])
    assert again.later == alone.later


def test_days_before_an_item_owe_nothing_to_it() -> None:
    record = worked(SEEN, FACT, SIGN, WAITED)
    rows = dict(record.without({2}))
    for stop in record.stops:
        left = rows[stop.found.date]
        if stop.found.date < dt.date(2024, 1, 20):
            assert left.main == stop.found.answer
            assert (left.pull, left.error) == (0.0, 0.0)
        else:
            assert left.pull > 5 * left.error > 0  # the sign is telling


def test_a_record_stops_where_a_period_begins() -> None:
    case = told(HUNT, SEEN, "date: 2024-02-20, signal: s, ratio: {A.will: {keen: 3, slack: 2}}")
    made = Updating(How(draws=DRAWS).ready(case), dt.date(2024, 2, 20), kept=True)
    begun = case.periods.begins(1)
    assert made.days == [dt.date(2024, 1, 5), begun, dt.date(2024, 2, 20)]
    held = {stop.found.date: stop.found for stop in made.walk()}
    alone = update(case, draws=DRAWS, until=begun).dates[-1]
    assert held[begun].answer == alone.answer
    assert (held[begun].period, alone.period) == (2, 2)
