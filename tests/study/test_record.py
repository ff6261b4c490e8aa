"""The record: numbers of few cases by closed forms, which cases count, lead times, the uninformed model, the page."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from typer.testing import CliRunner

import detente
from detente.analyse.evidence.calibration import (
    Difference,
    calibration,
    discrimination,
    needed,
    paired,
    spread,
    told_apart,
)
from detente.analyse.evidence.track_record import TrackRecord, summed
from detente.present.cli.app import app
from detente.present.report.record_page import record_page, record_pictures
from detente.present.wording.record import headline, remarks
from detente.present.wording.record import row as line
from detente.study.questions.score import known_until, within
from detente.study.record import _of_library, _root, _unfit, record

CASE = """
title: A strait
as_of: {as_of}
periods: {{count: 1, unit: quarter, from: 2020-01-01}}
answer: {{asks: P(order is close), says: the strait is closed}}
actors: {{A: holds the shore}}
quantities:
  lam: {{value: {lam}, role: precision}}
  gain: {{value: uniform(0.1, 0.9), unit: stake}}
private: {{A.aim: {{bold: 0.4, shy: otherwise}}}}
stages:
  order: {{actor: A, moves: [close, wait, talk]}}
outcomes: {{shut: order is close, open: otherwise}}
payoffs:
  A: {{gain: (gain if A.aim is bold else -2 * gain) * (outcome is shut)}}
evidence:
  - {{date: 2020-02-10, signal: guns are moved, likelihood: {{A.aim: {{bold: 0.8, shy: 0.2}}}}}}
forecasts:
  - {{who: A crowd, date: 2020-01-05, p: 0.3, event: closing, deadline: 2020-03-31, like: order is close}}
  - {{who: A crowd, date: 2020-02-20, p: 0.6, event: closing, deadline: 2020-03-31, like: order is close}}
base_rates: [{{class: straits, count: 1, of: 4}}]
"""
CLOSED = "happened: {date: 2020-02-24, outcome: shut}\n"
OPEN = "happened: {date: 2020-03-20, outcome: open}\n"


@pytest.fixture
def cases(tmp_path: Path) -> list[str]:
    texts = {
        "strait-a": CASE.format(as_of="2020-01-15", lam=2) + CLOSED,
        "strait-b": CASE.format(as_of="2020-02-01", lam=1) + OPEN,
        "strait-c": CASE.format(as_of="2020-02-01", lam=3),
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return [str(tmp_path / f"{name}.yaml") for name in texts]


@pytest.fixture
def found(cases: list[str]) -> TrackRecord:
    return record(cases, draws=40, sensitivity=True)


# ------------------------------------------------------------------ numbers of few cases


def test_calibration_counts_in_fifths_with_the_posterior_of_jeffreys() -> None:
    bins = calibration([0.0, 0.1, 0.19, 0.2, 0.8, 1.0], [False, True, False, True, True, True])
    assert [(b.low, b.n, b.k) for b in bins] == [(0.0, 3, 1), (0.2, 1, 1), (0.8, 2, 2)]
    assert bins[0].mean == pytest.approx(0.29 / 3)
    assert bins[0].share_low == pytest.approx(stats.beta.ppf(0.025, 1.5, 2.5))
    assert bins[0].share_high == pytest.approx(stats.beta.ppf(0.975, 1.5, 2.5))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=15))
def test_discrimination_is_the_mann_whitney_statistic(pairs: list[tuple[float, bool]]) -> None:
    p, came = [one for one, _ in pairs], [one for _, one in pairs]
    area = discrimination(p, came)
    yes, no = [x for x, c in pairs if c], [x for x, c in pairs if not c]
    if not yes or not no:
        assert area is None
        return
    assert area is not None
    statistic = stats.mannwhitneyu(yes, no).statistic
    assert area.value == pytest.approx(statistic / (len(yes) * len(no)))
    assert 0 <= area.low <= area.value <= area.high <= 1
    for end in (area.low, area.high):
        if 1e-9 < end < 1 - 1e-9:  # the ends solve |end - value| = 1.96 sd(end)
            more = ((len(p)) / 2 - 1) * ((1 - end) / (2 - end) + end / (1 + end))
            sd = math.sqrt(end * (1 - end) * (1 + more) / (len(yes) * len(no)))
            assert abs(end - area.value) == pytest.approx(stats.norm.ppf(0.975) * sd, abs=1e-6)


def test_no_area_is_sure_of_few_cases() -> None:
    area = discrimination([0.9, 0.8, 0.2], [True, True, False])
    assert area is not None
    assert (area.value, area.high) == (1.0, 1.0)
    assert area.low < 0.5


def test_paired_differences_have_the_interval_of_student() -> None:
    ours, theirs = [0.1, 0.4, 0.2, 0.7], [0.2, 0.3, 0.5, 0.6]
    found = paired(ours, theirs)
    assert found is not None
    low, high = stats.ttest_rel(ours, theirs).confidence_interval()
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert paired([0.1], [0.2]) == (one := paired([0.1], [0.2]))
    assert one is not None
    assert one.low is None
    assert paired([], []) is None


def test_what_so_many_cases_can_tell() -> None:
    assert told_apart(12, 0.2) == pytest.approx((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * 0.2 / math.sqrt(12))
    assert told_apart(12, 0.2) > 0.15  # twelve cases do not tell a difference of 0.05
    assert needed(0.05, 0.2) == 126
    assert told_apart(needed(0.05, 0.2), 0.2) <= 0.05 < told_apart(needed(0.05, 0.2) - 1, 0.2)
    assert spread([0.1] * 4, [0.3] * 4) == 0.2  # fewer than five: that of forecasts 20 points apart
    gap = np.array([0.1, -0.2, 0.3, 0.0, 0.1])
    assert spread(gap.tolist(), [0.0] * 5) == pytest.approx(gap.std(ddof=1))
    p, q = 0.4, 0.6  # the spread of differences where the event is as likely as not
    both = [(p - o) ** 2 - (q - o) ** 2 for o in (0, 1)]
    assert np.std(both) == pytest.approx(abs(p - q))


# ------------------------------------------------------------------ cases


def test_each_case_counts_once_as_of_its_own_day(found: TrackRecord) -> None:
    own = {row.case: row for row in found.cases if row.fixed is None}
    assert list(own) == ["strait-a", "strait-b", "strait-c"]
    s = found.summary
    assert (s.n, s.happened) == (2, 1)
    assert s.brier == pytest.approx(((own["strait-a"].p - 1) ** 2 + own["strait-b"].p ** 2) / 2)
    assert s.base_rate_brier == pytest.approx((0.7**2 + 0.3**2) / 2)  # Jeffreys: (1 + 1/2) / 5
    assert s.uninformed_brier == pytest.approx(((2 / 3) ** 2 + (1 / 3) ** 2) / 2)  # three moves
    assert found.registered == ["strait-c"]
    assert own["strait-c"].brier is own["strait-c"].happened is None
    assert [one.case for one in s.without] == ["strait-a", "strait-b"]
    assert s.without[0].brier == pytest.approx(own["strait-b"].p ** 2)


def test_at_a_lead_time_stands_what_was_known_by_then(found: TrackRecord, cases: list[str]) -> None:
    rows = {(row.case, row.fixed): row for row in found.cases}
    last = rows["strait-a", 1]
    assert (last.as_of, last.lead_days, last.evidence) == (dt.date(2020, 2, 23), 1, True)
    told = detente.update(cases[0], until="2020-02-23", draws=40).dates[-1].answer
    assert told is not None
    assert last.p == pytest.approx(told.mean, abs=1e-12)
    assert [(said.who, said.p) for said in last.others] == [("A crowd", 0.6)]
    fortnight = rows["strait-a", 14]
    assert (fortnight.as_of, fortnight.evidence) == (dt.date(2020, 2, 10), True)
    month = rows["strait-a", 30]  # the case stands by then, and nothing was seen
    assert (month.as_of, month.evidence) == (dt.date(2020, 1, 25), False)
    assert month.p == rows["strait-a", None].p
    assert [(said.who, said.p) for said in month.others] == [("A crowd", 0.3)]
    assert rows["strait-b", 30].as_of == dt.date(2020, 2, 19)  # before the day on which it was over


def test_an_open_question_stands_on_no_day_that_lies_ahead(found: TrackRecord, cases: list[str]) -> None:
    """Nothing is known after its last evidence or forecast: that nothing had come to pass by then would be a guess."""
    rows = [row for row in found.cases if row.case == "strait-c"]
    assert [(row.fixed, row.as_of) for row in rows] == [(None, dt.date(2020, 2, 1))]  # leads: 24 March and later
    model = detente.load(cases[2])
    assert known_until(model) == dt.date(2020, 2, 20)  # that of a forecast, after its own day and its evidence
    assert known_until(detente.load(cases[0])) is None  # decided
    days = [dt.date(2020, 2, 10), dt.date(2020, 2, 20), dt.date(2020, 2, 21), dt.date(2020, 3, 24)]
    assert within(model, days) == days[:2]
    updated = [row.date for row in detente.score(cases[2], draws=40).forecasts if row.kind == "updated"]
    assert max(updated) == dt.date(2020, 2, 20)


def test_nothing_stands_at_a_lead_time_before_the_case_was_built(tmp_path: Path) -> None:
    (tmp_path / "late.yaml").write_text(CASE.format(as_of="2020-02-20", lam=2) + CLOSED)
    rows = {row.fixed: row for row in record([str(tmp_path / "late.yaml")], draws=20).cases}
    assert 30 not in rows  # nothing was seen, and the model is of a later day
    assert rows[14].built_later
    assert rows[7].built_later
    assert not rows[1].built_later


def test_the_uninformed_model_takes_all_moves_alike(found: TrackRecord) -> None:
    assert all(row.uninformed == pytest.approx(1 / 3) for row in found.cases)


def test_precision_is_varied_around_its_median(found: TrackRecord, cases: list[str]) -> None:
    assert [one.times for one in found.precision] == [0.5, 1.0, 2.0]
    twice = [detente.run(case, set={"lam": lam}, draws=40).answer for case, lam in zip(cases[:2], (4, 2), strict=True)]
    assert twice[0] is not None
    assert twice[1] is not None
    assert found.precision[2].brier == pytest.approx(((twice[0].mean - 1) ** 2 + twice[1].mean ** 2) / 2)


def test_leads_have_scores_of_their_own(found: TrackRecord) -> None:
    rows = {(row.case, row.fixed): row for row in found.cases}
    week = next(lead for lead in found.leads if lead.days == 7)
    assert (week.n, week.base_rates) == (2, 2)
    assert week.brier == pytest.approx(((rows["strait-a", 7].p - 1) ** 2 + rows["strait-b", 7].p ** 2) / 2)


def test_the_library_has_one_case_for_each_crisis() -> None:
    texts = {"a": "", "a-rivals": "", "b": "extends: a-rivals\n", "c": "extends: ./file.yaml\n", "ab": ""}
    assert {slug: _root(slug, texts) for slug in texts} == {"a": "a", "a-rivals": "a", "b": "a", "c": "c", "ab": "ab"}
    assert _root("b", {**texts, "b": "extends: a\nhappened: {date: 2021-04-22, outcome: peace}\n"}) == "b"
    assert _root("b", {**texts, "b": "extends: a\nhappened: remove\n"}) == "a"
    names, variants, _ = _of_library()
    assert "ukraine-2022" in names
    assert {"ukraine-2022-kremlin", "ukraine-2022-compellence"} <= set(variants["ukraine-2022"])
    assert len(names) + sum(map(len, variants.values())) == len(detente.library())


def test_cases_that_cannot_be_scored_are_told_of(cases: list[str], tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(
        CASE.format(as_of="2020-01-15", lam=2).replace("asks: P(order is close)", "asks: E(A)")
    )
    found = record([cases[0], str(tmp_path / "other.yaml"), "take-it-or-leave-it"], draws=20)
    assert found.left_out["other"] == "its answer, E(A), is not the probability of an event"
    assert "no dated crisis" in found.left_out["take-it-or-leave-it"]
    with pytest.raises(detente.QuestionError, match="no dated crisis"):
        record(["take-it-or-leave-it"], draws=20)
    with pytest.raises(detente.QuestionError, match="lead times"):
        record(cases, leads=[-1], draws=20)


def test_a_record_of_nothing_says_so() -> None:
    summary = summed([])
    assert (summary.n, summary.brier, summary.told_apart) == (0, None, None)
    assert not summary.calibration


def test_the_command_prints_and_gives_json_and_a_page(cases: list[str], tmp_path: Path) -> None:
    told = json.loads(CliRunner().invoke(app, ["record", *cases, "-n", "40", "--json"]).output)
    keys = {"case", "event", "deadline", "as_of", "lead_days", "p", "low", "high", "happened", "brier", "log",
            "base_rate", "uninformed", "others"}  # fmt: skip
    assert all(keys <= case.keys() for case in told["cases"])
    assert {"n", "brier", "base_rate_brier", "uninformed_brier", "calibration"} <= told["summary"].keys()
    assert told["summary"]["n"] == 2
    page = tmp_path / "record.md"
    shown = CliRunner().invoke(app, ["record", *cases, "-n", "40", "--page", str(page), "--leads", "7"])
    assert shown.exit_code == 0, shown.output
    for text in (" ".join(shown.output.split()), " ".join(page.read_text().split())):
        assert "2 cases with a known outcome; the event happened in 1." in text
        assert "1 question registered, without a score" in text
        assert "one of 0.05 takes 126 cases, and cannot be told" in text
    assert str(tmp_path) not in page.read_text().replace(" ".join(cases), "")
    assert CliRunner().invoke(app, ["record", *cases, "--leads", "soon"]).exit_code == 2
    assert "no such case" in CliRunner().invoke(app, ["record", "nowhere"]).output


def test_the_page_has_what_the_record_says(found: TrackRecord) -> None:
    page = record_page(found, "detente record", {"strait-a": "cases/strait-a.md"})
    assert page.startswith(f"# The record\n\n{headline(found)}\n\nMade by `detente record`")
    assert all(f"- {said}\n" in page for said in remarks(found)[:-1])
    assert page.count("| strait-a |") == len([row for row in found.cases if row.case == "strait-a"])
    assert "(cases/strait-a.md)" in page
    pictures = record_pictures(found)
    assert set(pictures) == {"strait-a", "strait-b"}  # one day, of the open one, makes no line
    drawn = {row.case for row in found.cases if f"pictures/record/{row.case}.svg" in page}
    assert drawn == set(pictures)
    assert page.count("The question is open; it is judged by 31 March 2020.") == 1
    assert "it did not" in pictures[next(r.case for r in found.cases if r.happened is False)]


def test_the_first_line_says_whether_it_is_better_than_base_rates(found: TrackRecord) -> None:
    def told(ours: float, theirs: float, low: float | None, high: float | None) -> str:
        gap = Difference(4, ours, theirs, ours - theirs, low, high)
        return headline(replace(found, summary=replace(found.summary, against={"base_rate": gap})))

    assert told(0.2, 0.1, 0.05, 0.15).startswith("No better than base rates: 0.200 against 0.100 in 4 cases.")
    assert told(0.1, 0.2, -0.25, 0.05).startswith("Not shown to be better than base rates: 0.100 against 0.200")
    assert told(0.1, 0.2, None, None).startswith("Not shown to be better")
    assert told(0.1, 0.2, -0.15, -0.05).startswith("Better than base rates: 0.100 against 0.200 in 4 cases.")


def test_the_page_of_the_library_is_of_its_cases() -> None:
    """`detente record --sensitivity --page docs/record.md` makes it again."""
    page = (Path(__file__).parents[2] / "docs" / "record.md").read_text(encoding="utf-8")
    names = [str(name) for name in _of_library()[0] if not _unfit(detente.load(str(name)))]
    assert set(re.findall(r"^### (.*)$", page, re.MULTILINE)) == set(names)
    rows = record(["kosovo-1998"]).cases
    for row in rows:
        assert "| " + " | ".join(line(row)) + " |\n" in page
