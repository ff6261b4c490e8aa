"""The answer to a case's question, and where what others say falls among this model's draws."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente.analyse.forecast.subject import reading
from detente.present.cli.app import app
from detente.present.wording.answer import basis, beside, surprises
from detente.present.wording.scores import asked_by, dated, lead
from detente.present.wording.updating import others
from detente.study.summary import summary

LUCK = """
title: Luck decides
question: Will there be war?
as_of: 2022-02-16
answer: {{asks: P(die is war), says: war breaks out, groups: {{war: [war], other: otherwise}}}}
actors: {{A: waits}}
quantities:
  hazard: {{value: "{hazard}", unit: probability}}
stages:
  die: {{chance: {{war: hazard, truce: 0.5 * (1 - hazard), none: otherwise}}}}
  rest: {{actor: A, moves: [wait, sleep]}}
outcomes:
  war: {{when: die is war}}
  truce: {{when: die is truce}}
  calm: otherwise
payoffs: {{A: {{peace: outcome is calm}}}}
forecasts:
  - {{who: A crowd, date: 2022-01-01, p: 0.9, event: war, like: die is war}}
  - {{who: A crowd, date: 2022-02-12, p: 0.6, event: war, like: die is war}}
  - {{who: A sage, date: 2022-02-16, p: 0.75, event: war, like: die is war}}
  - {{who: A late one, date: 2022-02-17, p: 0.99, event: war, like: die is war}}
  - {{who: A stranger, date: 2022-02-10, p: 0.5, event: rain}}
base_rates:
  - {{class: crises of that kind, count: 0, of: 9}}
"""


def solved(hazard: str, draws: int = 400) -> detente.Study:
    return detente.run(detente.loads(LUCK.format(hazard=hazard)), draws=draws)


def test_the_answer_and_its_groups_are_read_draw_by_draw() -> None:
    study = solved("uniform(0, 1)")
    answer = study.answer
    assert answer is not None
    hazard = study.draws.truth["hazard"]
    assert answer.value.value == pytest.approx(hazard.mean(), abs=1e-12)
    assert answer.value.low == pytest.approx(np.quantile(hazard, 0.05), abs=1e-12)
    assert answer.groups["war"].value == pytest.approx(hazard.mean(), abs=1e-12)
    assert answer.groups["other"].value == pytest.approx(1 - hazard.mean(), abs=1e-12)


def test_the_answer_can_be_asked_about_by_that_name() -> None:
    study = solved("uniform(0.1, 0.9)")
    named, spelt = (detente.sense(study, of) for of in ("answer", "P(die is war)"))
    assert named.effects == spelt.effects
    assert "war breaks out" in named.words
    assert study.reading(reading(study.model, "answer"))[0] == pytest.approx(study.draws.truth["hazard"], abs=1e-12)
    changed = ["set hazard=0.5"]
    found = [detente.why_change(study.model, changed, of=of, draws=20) for of in ("answer", "P(die is war)")]
    assert found[0].of == found[1].of


def test_an_answer_that_the_case_does_not_declare_is_asked_for_in_words() -> None:
    model = detente.loads(LUCK.format(hazard="0.5").partition("base_rates")[0].replace("answer:", "about: a game  #"))
    with pytest.raises(detente.QuestionError, match="does not say what answers"):
        reading(model, "answer")


def test_what_others_say_has_its_place_among_the_draws() -> None:
    study = solved("uniform(0, 1)")
    (check,) = study.checks
    told = {said.who: said for said in check.said}
    assert set(told) == {
        "A crowd",
        "A sage",
        "Base rate: 0 of 9, smoothed (Jeffreys)",
    }  # of each the last, none after the as-of date
    assert told["A crowd"].p == 0.6
    assert told["Base rate: 0 of 9, smoothed (Jeffreys)"].p == pytest.approx(0.5 / 10)  # Jeffreys
    hazard = study.draws.truth["hazard"]
    for said in check.said:
        assert said.below == pytest.approx((hazard < said.p).mean(), abs=1e-12)
    assert not check.surprising
    assert not surprises(study)


def test_draws_that_equal_a_forecast_count_half() -> None:
    study = solved("0.6")
    assert {said.who: said.below for said in study.checks[0].said}["A crowd"] == 0.5


@pytest.mark.parametrize(
    ("hazard", "warned"),
    [
        ("uniform(0, 0.5)", "all 2 forecasts by others of this event lie above 100% of this model's draws"),
        ("uniform(0.9, 1)", "all 2 forecasts by others of this event lie below 100% of this model's draws"),
        ("uniform(0.1, 0.65)", ""),
    ],
)
def test_a_model_that_leaves_no_room_for_others_is_warned_of(hazard: str, warned: str) -> None:
    told = surprises(solved(hazard))
    assert bool(told) == bool(warned)
    assert warned in " ".join(told)


def test_what_others_say_is_headed_once_for_each_kind() -> None:
    more = "  - {class: crises of another kind, count: 3, of: 9, like: die is truce}\n"
    text = LUCK.format(hazard="uniform(0, 1)").replace("event: rain}", "event: truce, like: die is truce}") + more
    rates, forecasts = beside(detente.run(detente.loads(text), draws=50))
    assert rates.startswith(
        "Base rates: 0 of 9, smoothed (Jeffreys): 5%, crises of that kind; 3 of 9, smoothed (Jeffreys): 35%, crises of "
        "another kind (here "
    )
    assert forecasts.startswith("Forecasts of others: A crowd 60%, A sage 75%; A stranger 50% (here die is truce ")


def test_few_draws_warn_of_nothing() -> None:
    few = solved("uniform(0, 0.5)", draws=99)
    assert all(said.below == 1 for said in few.checks[0].said if not said.base_rate)
    assert not surprises(few)
    assert surprises(solved("uniform(0, 0.5)", draws=100))


def test_the_first_screen_answers_the_question(tmp_path: Path) -> None:
    path = tmp_path / "luck.yaml"
    path.write_text(LUCK.format(hazard="uniform(0, 0.5)"))
    shown = CliRunner().invoke(app, ["run", str(path), "-n", "200", "--report", str(tmp_path / "r.html")]).output
    lines = " ".join(shown.split())
    order = (
        "war breaks out: ",
        "before any evidence",
        "Base rate: 0 of 9, smoothed (Jeffreys)",
        "Prior predictive check",
        "how it ends",
    )
    places = [lines.index(said) for said in order]
    assert places == sorted(places)
    page = (tmp_path / "r.html").read_text()
    assert page.index("war breaks out") < page.index("What follows</h2>")
    assert "Prior predictive check" in page


def test_scores_lead_with_this_model_and_tell_who_spoke_later(tmp_path: Path) -> None:
    model = detente.loads(LUCK.format(hazard="uniform(0, 0.5)") + "happened: {date: 2022-02-20, outcome: war}\n")
    found = detente.score(model, draws=200)
    assert [s.who for s in found.forecasts if s.later] == ["A late one"]
    first, second, third = lead(model, found.forecasts)
    assert first.startswith("This model gave “war breaks out”, which happened, 26% (")
    assert first.endswith(": a Brier score of 0.55.")
    assert second == (
        "Beside it: 5 forecasts by others (1 later than 16 February 2022, the as-of date), and 1 base rate."
    )
    assert "A crowd (war: 90%) came nearest" in third  # the late one came nearer, with what it knew
    assert "Base rate" not in third
    path = tmp_path / "luck.yaml"
    path.write_text(LUCK.format(hazard="uniform(0, 0.5)") + "happened: {date: 2022-02-20, outcome: war}\n")
    report = tmp_path / "r.html"
    shown = CliRunner().invoke(app, ["score", str(path), "-n", "50", "--report", str(report)]).output
    assert "17 February 2022 (later)" in report.read_text()
    for text in (" ".join(shown.split()), report.read_text()):
        assert "(later)" in text
        assert "16 February 2022 (later)" not in text
        assert "What is marked later was given after 16 February 2022" in text
    CliRunner().invoke(app, ["run", str(path), "-n", "50", "--report", str(report)])
    page = report.read_text()
    assert "from 60% (A crowd, 12 February 2022) to 99% (A late one, 17 February 2022 (later))" in page
    assert "something nearest to “war breaks out”, which happened" in page


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ((), ""),
        (("2022-02-16",), "1 item"),
        (("2022-02-17",), "1 item, after the as-of date"),
        (("2022-02-01", "2022-02-20", "2022-02-21"), "3 items, 2 of them after the as-of date"),
    ],
)
def test_evidence_that_is_listed_is_said_not_to_be_used(dates: tuple[str, ...], said: str, tmp_path: Path) -> None:
    seen = "".join(f"  - {{date: {date}, fact: something}}\n" for date in dates)
    path = tmp_path / "luck.yaml"
    path.write_text(LUCK.format(hazard="uniform(0, 1)") + (f"evidence:\n{seen}" if dates else ""))
    study = detente.run(path, draws=5)
    unused = f" (`detente update` takes it in: {said})" if said else ""
    assert basis(study) == f"before any evidence{unused}"
    shown = CliRunner().invoke(app, ["check", str(path)], env={"COLUMNS": "200"}).output
    assert ("`detente update` takes them in" in shown) == bool(dates)
    told = json.loads(CliRunner().invoke(app, ["check", str(path), "--json"]).output)
    assert told["evidence"] == {"items": len(dates), "after_as_of": sum(date > "2022-02-16" for date in dates)}


def test_the_answer_is_data_too() -> None:
    output = CliRunner().invoke(app, ["run", "crisis-signalling", "-n", "50", "--json"]).output
    told = json.loads(output)
    assert told["answer"]["says"] == "the dispute ends in war"
    assert told["answer"]["mean"] == pytest.approx(told["outcomes"]["war"]["value"])
    assert told["updated"] is False


def test_a_case_without_an_answer_says_so_as_data() -> None:
    model = detente.load("crisis-signalling").model_copy(update={"answer": None})
    found = summary(detente.run(model, draws=20))
    assert found.answer is None
    assert not found.checks


def test_a_base_rate_is_scored_beside_the_forecasts() -> None:
    luck = LUCK.format(hazard="uniform(0, 1)") + "happened: {date: 2022-02-24, outcome: war}\n"
    rated = {s.who: s for s in detente.score(detente.run(detente.loads(luck), draws=50)).forecasts}
    rate = rated["Base rate: 0 of 9, smoothed (Jeffreys)"]
    assert (rate.base_rate, rated["A sage"].base_rate) == (True, False)
    assert rate.brier == pytest.approx(0.95**2)


def test_a_variant_takes_over_the_answer_and_may_change_its_words(tmp_path: Path) -> None:
    (tmp_path / "luck.yaml").write_text(LUCK.format(hazard="0.2"))
    (tmp_path / "v.yaml").write_text("extends: luck.yaml\nanswer: P(die is truce)\n")
    model = detente.load(tmp_path / "v.yaml")
    assert model.answer is not None
    assert model.answer.asks.text == "P(die is truce)"
    assert model.groups == {"war": ("war",), "other": ("truce", "calm")}


def test_what_a_base_rate_is_of_stands_below_the_table(tmp_path: Path) -> None:
    file = tmp_path / "luck.yaml"
    file.write_text(LUCK.format(hazard="0.6"), encoding="utf-8")
    told = CliRunner().invoke(app, ["score", str(file), "--draws", "20", "--no-store"])
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert "Base rate: 0 of 9, smoothed (Jeffreys): crises of that kind" in lines
    assert "16 February 2022" in next(line for line in lines if line.startswith("A sage"))


RATE = "Base rate: 0 of 9, smoothed (Jeffreys)"
JUDGED = dt.date(2022, 3, 1)
TIMED = """
  - {who: Somebody in time, date: 2022-02-15, p: 0.2, event: war, like: die is war, deadline: 2022-03-01}
  - {who: Somebody later, date: 2022-02-01, p: 0.5, event: war, like: die is war, deadline: 2022-03-31,
     hazard: constant}
  - {who: Another later, date: 2022-02-01, p: 0.9, event: war, like: die is war, deadline: 2022-12-31}
  - {who: No other day, date: 2022-02-01, p: 0.95, event: war, like: die is war}
"""


def timed(hazard: str = "uniform(0, 1)", forecasts: str = TIMED, more: str = "") -> detente.Model:
    """A model that is judged by 1 March 2022, and forecasts by that day, by others, and by none."""
    head, _, rest = LUCK.format(hazard=hazard).partition("forecasts:")
    rates = rest.partition("base_rates:")[2]
    head = head.replace("says: war breaks out,", "says: war breaks out, deadline: 2022-03-01,")
    return detente.loads(f"{head}forecasts:{forecasts}base_rates:{rates}{more}")


def test_only_forecasts_by_one_deadline_are_set_against_each_other() -> None:
    study = detente.run(timed(), draws=200)
    (check,) = study.checks
    placed = {said.who: said for said in check.said}
    assert set(placed) == {"Somebody in time", "Somebody later", RATE}
    assert placed["Somebody in time"].p == 0.2
    assert placed["Somebody in time"].given is None
    later = placed["Somebody later"]
    assert later.p == pytest.approx(1 - 0.5 ** (28 / 58), abs=1e-12)  # 58 days from 1 February, of which 28 are asked
    assert later.given == 0.5
    assert later.below == pytest.approx((study.draws.truth["hazard"] < later.p).mean(), abs=1e-12)
    assert {(a.who, a.p, str(a.deadline)) for a in check.apart} == {
        ("Another later", 0.9, "2022-12-31"), ("No other day", 0.95, "None"),
    }  # fmt: skip
    scored = {row.who for row in detente.score(study).forecasts if row.question == ("dieiswar", JUDGED)}
    assert {who for who in scored if who.startswith(("Some", "No", "An"))} == {"Somebody in time", "Somebody later"}


def test_forecasts_of_another_time_are_told_with_their_own_day() -> None:
    rate, forecasts, apart = beside(detente.run(timed(), draws=50))
    assert rate == "Base rate: 0 of 9, smoothed (Jeffreys): 5%, crises of that kind."
    assert forecasts == (
        "Forecasts of others: Somebody in time 20%, Somebody later 28% (converted from 50% by 31 March 2022)."
    )
    assert apart == (
        "Of another time than 1 March 2022, and not compared: Another later 90% by 31 December 2022; "
        "No other day 95% by no stated day."
    )


def test_forecasts_of_another_time_are_no_surprise() -> None:
    without = TIMED[TIMED.index("  - {who: Another") :]
    study = detente.run(timed("uniform(0, 0.5)", f"\n{without}"), draws=200)
    assert [len(check.apart) for check in study.checks] == [2]
    assert not surprises(study)
    same = detente.run(
        timed("uniform(0, 0.5)", TIMED.replace("p: 0.2", "p: 0.8").replace("p: 0.5", "p: 0.9")), draws=200
    )
    assert surprises(same)


def test_the_forecast_as_evidence_came_compares_by_the_same_rule() -> None:
    seen = "evidence:\n  - {date: 2022-02-14, signal: drums, likelihood: {die: {war: 0.6, otherwise: 0.3}}}\n"
    model = timed(more=seen)
    found = detente.update(model, draws=50)
    told = {s.who: s for s in found.said}
    assert [w for w, s in told.items() if s.compared] == ["Somebody later", RATE]  # by 14 February
    assert told["Somebody later"].converted == pytest.approx(1 - 0.5 ** (28 / 58), abs=1e-12)
    assert told["Another later"].converted is None
    mine, rate, apart = others(model, found)
    assert mine == "Others by then: Somebody later 28% (1 February 2022: war, converted from 50% by 31 March 2022)."
    assert rate == "Base rate: 0 of 9, smoothed (Jeffreys): 5%, crises of that kind."
    assert apart.startswith("Of another time than 1 March 2022, and not compared: Another later 90% by 31 December")


def test_a_check_warns_once_of_forecasts_without_a_deadline() -> None:
    told = [p for p in detente.check(timed(forecasts=TIMED + TIMED)).problems if "no deadline" in p.message]
    (one,) = told
    assert one.warning
    assert one.message == (
        "the forecast of No other day, and 1 more, have no deadline, and the answer has (2022-03-01): "
        "they are not compared"
    )
    assert not [p for p in detente.check(detente.loads(LUCK.format(hazard="0.5"))).problems if p.warning]


def test_a_model_is_scored_on_the_days_on_which_others_spoke_of_the_same() -> None:
    """Not on those of forecasts of other events, or of another day; of days before it was built that is said."""
    forecasts = """
  - {who: Somebody in time, date: 2022-02-11, p: 0.2, event: war, like: die is war, deadline: 2022-03-01}
  - {who: Early, date: 2022-02-14, p: 0.3, event: war, like: die is war, deadline: 2022-03-01}
  - {who: Another later, date: 2022-02-12, p: 0.9, event: war, like: die is war, deadline: 2022-12-31}
  - {who: Of another event, date: 2022-02-13, p: 0.9, event: a truce, like: die is truce, deadline: 2022-03-01}
"""
    seen = "evidence:\n  - {date: 2022-02-11, signal: drums, likelihood: {die: {war: 0.6, otherwise: 0.3}}}\n"
    seen += "happened: {date: 2022-02-25, outcome: war}\n"
    model = timed("0.4", forecasts, seen)
    found = detente.score(model, draws=20)
    ours = {(s.like, s.date.day): s.built_later for s in found.forecasts if s.kind == "updated" and s.date}
    assert ours == {
        ("die is war", 11): True, ("die is war", 14): True, ("die is war", 16): False,
        ("die is truce", 13): True, ("die is truce", 16): False,
    }  # fmt: skip
    assert {dated(s) for s in found.forecasts if s.kind == "updated" and s.like == "die is war"} == {
        "11 February 2022 (built later)", "14 February 2022 (built later)", "16 February 2022",
    }  # fmt: skip
    assert [a.built_later for a in found.averages if a.who.startswith("This model")] == [True, True]
    rows = [s for s in found.forecasts if s.question == ("dieiswar", JUDGED)]
    assert asked_by(model, rows) == "war breaks out (by 1 March 2022), which happened"
    assert model.answer
    for says, heading in (
        ("war breaks out by 1 March 2022", "war breaks out by 1 March 2022, which happened"),
        ("war breaks out by 1 March", "war breaks out by 1 March, which happened"),
        ("war breaks out by 1 March 2021", "war breaks out by 1 March 2021 (by 1 March 2022), which happened"),
        ("war breaks out by 11 March 2022", "war breaks out by 11 March 2022 (by 1 March 2022), which happened"),
    ):
        assert asked_by(model, [replace(s, event=says) for s in rows]) == heading
