"""Updating: likelihoods through the solved game against Bayes' rule by hand, closed forms, and what is not read."""

from __future__ import annotations

import datetime as dt
import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import detente
from detente.analyse.evidence.updating import Band, Sign
from detente.errors import QuestionError
from detente.present.wording.updating import deciding
from detente.study.questions.update import Updated, update

ALERT = """
title: An alert
answer: {asks: P(outcome is strike), says: it strikes}
periods: {count: 3, unit: week, from: 2024-01-01}
actors: {A: the one, B: the other}
quantities: {care: {value: 4, role: precision}}
private: {A.plan: {strike: 0.3, bluff: 0.7}}
stages:
  drill: {chance: {loud: 0.8 if A.plan is strike else 0.4, quiet: otherwise}}
  move: {chance: {strike: 0.5 if A.plan is strike else 0.02, hold: otherwise}}
  nod: {actor: B, moves: [yes_, no_]}
outcomes: {strike: {when: move is strike}, calm: otherwise}
payoffs: {A: {x: 0}, B: {x: 0}}
"""
HUNT = """
title: A hunt
answer: {asks: P(outcome is hit), says: it hits}
periods: {count: 2, unit: month, from: 2024-01-01}
actors: {A: the one, B: the other}
quantities:
  care: {value: 1 to 8, role: precision}
  worth: {value: 0.2 to 2}
  cost: {value: 0.5 to 1.5}
private: {A.will: {keen: 0.4, slack: otherwise}}
stages:
  sign: {actor: A, periods: 1, moves: {show: show it, hide: keep it}}
  act: {actor: A, moves: {hit: act, wait: do not}}
outcomes: {hit: {when: act is hit}, calm: otherwise}
payoffs:
  A: {worth: (worth if A.will is keen else 0.2) * (outcome is hit), cost: -0.5 * cost * (outcome is hit),
      show: -0.3 * (ever(sign is show)) * (A.will is slack)}
  B: {loss: -1 * (outcome is hit)}
"""


def told(text: str, *items: str) -> detente.Model:
    """A case with evidence."""
    return detente.loads(text + "evidence:\n" + "".join(f"  - {{{item}}}\n" for item in items))


def asked(text: str, *items: str, draws: int = 50, **more: Any) -> Updated:
    return update(told(text, *items), draws=draws, **more)


def bayes(prior: float, *ratios: float) -> float:
    """The posterior of an event from its prior, and how likely each sign is with it, in proportion to without it."""
    odds = prior / (1 - prior) * math.prod(ratios)
    return odds / (1 + odds)


def close(a: float, b: float, within: float = 1e-10) -> bool:
    return abs(a - b) <= within


def test_what_is_seen_enters_as_the_game_has_it() -> None:
    found = asked(ALERT, "date: 2024-01-03, seen: drill is loud")
    striker = bayes(0.3, 0.8 / 0.4)
    assert close(found.dates[-1].types["A.plan"]["strike"], striker)
    never = striker * 0.5**3 + (1 - striker) * 0.98**3
    assert found.dates[-1].answer is not None
    assert close(found.dates[-1].answer.mean, 1 - never)
    assert found.before.answer is not None
    assert close(found.before.answer.mean, 1 - 0.3 * 0.5**3 - 0.7 * 0.98**3)
    assert close(found.dates[-1].evidence[0].likely, 0.3 * 0.8 + 0.7 * 0.4)


def test_a_crisis_that_is_not_over_has_gone_on() -> None:
    found = asked(ALERT, "date: 2024-01-02, seen: drill is loud", "date: 2024-01-09, seen: drill is quiet")
    first, second = found.dates
    striker = bayes(0.3, 0.8 / 0.4)
    assert close(first.types["A.plan"]["strike"], striker)
    striker = bayes(striker, 0.5 / 0.98, 0.2 / 0.6)  # it did not strike in the first week, and the second began quietly
    assert close(second.types["A.plan"]["strike"], striker)
    assert second.answer is not None
    assert close(second.answer.mean, 1 - striker * 0.25 - (1 - striker) * 0.98**2)
    assert [one.kind for one in second.evidence] == ["goes on", "seen"]
    assert second.period == 2


def test_what_is_not_seen_by_a_day_counts_for_as_much_of_its_period_as_is_over() -> None:
    found = asked(ALERT, "by: 2024-01-10, not seen: move is strike")
    over = 3 / 7  # three days of the second week
    striker = bayes(0.3, 0.5 * (1 - 0.5 * over) / (0.98 * (1 - 0.02 * over)))
    assert close(found.dates[-1].types["A.plan"]["strike"], striker)
    ended = asked(ALERT, "by: 2024-01-07, not seen: move is strike")
    assert close(ended.dates[-1].types["A.plan"]["strike"], bayes(0.3, 0.5 / 0.98))
    twice = asked(ALERT, "by: 2024-01-08, not seen: move is strike", "by: 2024-01-10, not seen: move is strike")
    assert close(twice.dates[-1].types["A.plan"]["strike"], striker)  # the later says all that the earlier said


def test_what_is_seen_to_end_it_settles_it() -> None:
    found = asked(ALERT, "date: 2024-01-09, seen: move is strike", until="2024-01-20")
    assert found.dates[-1].answer is not None
    assert close(found.dates[-1].answer.mean, 1.0)
    assert close(found.dates[-1].types["A.plan"]["strike"], bayes(0.3, 0.5 / 0.98, 0.5 / 0.02))
    over = asked(ALERT, "date: 2024-01-02, seen: drill is loud", until="2024-01-25")
    assert over.dates[-1].answer is not None
    assert close(over.dates[-1].answer.mean, 0.0)


SIGNS = {
    "likelihood: {A.plan: {strike: 0.5, bluff: 0.1}}": 5.0,
    "likelihood: {A.plan: {strike: 30%, otherwise: 10%}}": 3.0,
    "likelihood: {A.plan: {strike: very likely, bluff: unlikely}}": 0.875 / 0.325,
    "likelihood: {A.plan: {strike: 0.2 to 0.6, bluff: 0.1}}": 4.0,
    "ratio: {A.plan: {strike: 3, bluff: 1}}": 3.0,
    "likelihood: 0.6 if A.plan is strike else 0.2": 3.0,
    "ratio: {A.plan: {strike: 1, bluff: 4}}": 0.25,
}


@pytest.mark.parametrize("said", SIGNS)
def test_a_sign_enters_with_its_stated_likelihood(said: str) -> None:
    found = asked(ALERT, f"date: 2024-01-02, signal: a sign, {said}")
    assert close(found.dates[-1].types["A.plan"]["strike"], bayes(0.3, SIGNS[said]))


def test_a_sign_may_speak_of_a_move_made_in_secret() -> None:
    found = asked(ALERT, "date: 2024-01-02, signal: smoke, likelihood: {move: {strike: 0.6, hold: 0.2}}")
    strike = 0.3 * 0.5 + 0.7 * 0.02
    assert close(found.dates[-1].evidence[0].likely, 0.6 * strike + 0.2 * (1 - strike))
    smoke = 0.3 * (0.5 * 0.6 + 0.5 * 0.2)
    assert close(found.dates[-1].types["A.plan"]["strike"], smoke / (smoke + 0.7 * (0.02 * 0.6 + 0.98 * 0.2)))


def test_reports_of_one_thing_share_a_discount() -> None:
    sign = "likelihood: {A.plan: {strike: 0.4, bluff: 0.1}}"
    one = f"date: 2024-01-02, signal: a report, {sign}, with: trains"
    other = f"date: 2024-01-03, signal: another, {sign}, with: [trains, roads]"
    apart = f"date: 2024-01-03, signal: another, {sign}, with: roads"
    assert close(asked(ALERT, one).dates[-1].types["A.plan"]["strike"], bayes(0.3, 4))
    assert close(asked(ALERT, one, other).dates[-1].types["A.plan"]["strike"], bayes(0.3, 4 ** (2 / 1.5)))
    assert close(asked(ALERT, one, apart).dates[-1].types["A.plan"]["strike"], bayes(0.3, 16))


def test_leaving_an_item_out_is_not_having_it() -> None:
    loud, sign = (
        "date: 2024-01-02, seen: drill is loud",
        "date: 2024-01-03, signal: x, ratio: {A.plan: {strike: 3, bluff: 1}}",
    )
    found, without = asked(ALERT, loud, sign), asked(ALERT, loud)
    pull = next(p for p in found.pulls if p.kind == "signal")
    assert found.dates[-1].answer is not None
    assert without.dates[-1].answer is not None
    assert close(pull.without.mean, without.dates[-1].answer.mean)
    assert close(pull.pull, found.dates[-1].answer.mean - without.dates[-1].answer.mean)


def test_what_may_be_seen_next_does_what_seeing_it_does() -> None:
    loud = "date: 2024-01-02, seen: drill is loud"
    sign = next(s for s in asked(ALERT, loud).signs if s.says == "move is hold" and s.period == 1)
    assert sign.by == dt.date(2024, 1, 7)
    seen = asked(ALERT, loud, "date: 2024-01-04, seen: move is hold").dates[-1]
    assert seen.answer is not None
    assert close(sign.seen.mean, seen.answer.mean)
    striker = bayes(0.3, 2)
    assert close(sign.p, striker * 0.5 + (1 - striker) * 0.98)
    whole = asked(ALERT, loud).dates[-1].answer
    assert whole is not None
    assert close(sign.p * sign.seen.mean + (1 - sign.p) * sign.unseen.mean, whole.mean)
    assert sign.unseen.mean == pytest.approx(1.0)
    assert sign.bits > 0


def test_draws_are_weighed_by_the_game_they_solve() -> None:
    case = told(HUNT, "date: 2024-01-05, seen: sign is show", "date: 2024-02-03, seen: act is wait")
    found, study = update(case, draws=400), detente.run(case, draws=400)
    likely = study.ask("P(sign is show)")
    keen = study.ask("P(A.will is keen given sign is show)")
    hit = study.ask("P(outcome is hit given sign is show)")
    first = found.dates[0]
    assert close(first.types["A.will"]["keen"], float(likely @ keen / likely.sum()))
    assert first.answer is not None
    assert close(first.answer.mean, float(likely @ hit / likely.sum()))
    assert close(first.quantities["worth"].mean, float(likely @ study.draws.truth["worth"] / likely.sum()))
    assert close(first.ess, float(likely.sum() ** 2 / (likely**2).sum()), 1e-7)
    calm = study.ask("P(outcome is calm and sign is show)")  # it waited in both months
    last = found.dates[-1]
    assert last.answer is not None
    assert close(last.answer.mean, 0.0)
    keen = study.ask("P(A.will is keen given outcome is calm and sign is show)")
    assert close(last.types["A.will"]["keen"], float(calm @ keen / calm.sum()))


def test_structures_are_weighed_too() -> None:
    rival = (
        ALERT
        + """
structures:
  fast:
    weight: 0.25
    changes: {stages: {move: {chance: {strike: 0.9 if A.plan is strike else 0.02, hold: otherwise}}}}
"""
    )
    seen = asked(rival, "date: 2024-01-09, seen: drill is loud", draws=400)
    share = seen.before.structures["fast"]
    assert share == pytest.approx(0.25, abs=0.005)
    slow = 0.3 * 0.8 * 0.5 + 0.7 * 0.4 * 0.98  # loud in week two, and not over in week one
    fast = 0.3 * 0.8 * 0.1 + 0.7 * 0.4 * 0.98
    assert close(seen.dates[-1].structures["fast"], bayes(share, fast / slow))
    sign = "date: 2024-01-02, signal: x, likelihood: {structure.fast: {present: 0.6, absent: 0.2}}"
    assert close(asked(rival, sign, draws=400).dates[-1].structures["fast"], bayes(share, 3))


MEASURE = """
title: A measurement
answer: {asks: P(outcome is hit), says: it hits}
periods: {count: 1, unit: year, from: 2024-01-01}
actors: {A: the one}
quantities: {x: {value: "normal(1, 0.5)"}, care: {value: 1, role: precision}}
stages: {nod: {actor: A, moves: [up, down]}, s: {chance: {hit: "clip(0.5 + 0.1 * x, 0, 1)", miss: otherwise}}}
outcomes: {hit: {when: s is hit}, miss: otherwise}
payoffs: {A: {x: 0}}
"""


@pytest.mark.parametrize(("low", "high"), [(1.0, 2.5), (2.4, 2.5), (2.99, 3.0)])
def test_a_measured_quantity_has_the_conjugate_posterior(low: float, high: float) -> None:
    """The normal posterior of a normal quantity; so narrow a measurement leaves few draws, and they are renewed."""
    told_low = f"{low - 3} to {high - 3}"  # below zero: the error is the same everywhere
    case = MEASURE.replace("normal(1, 0.5)", "normal(-2, 0.5)").replace("0.5 + 0.1 * x", "0.7 + 0.1 * x")
    item = f'date: 2024-02-01, signal: it is measured, likelihood: {{x: "{told_low}"}}'
    found = asked(case, item, draws=2000)
    error = (high - low) / 2 / 1.6448536269514722
    precision = 1 / 0.25 + 1 / error**2
    mean = (-2 / 0.25 + ((low + high) / 2 - 3) / error**2) / precision
    sd = precision**-0.5
    last = found.dates[-1]
    assert (last.renewed is not None) == (high - low < 0.5)
    assert last.quantities["x"].mean == pytest.approx(mean, abs=0.1 * sd)
    assert last.quantities["x"].high - last.quantities["x"].low == pytest.approx(2 * 1.6449 * sd, rel=0.12)
    assert last.answer is not None
    assert last.answer.mean == pytest.approx(0.7 + 0.1 * mean, abs=0.02 * sd)
    assert found.before.answer is not None
    assert found.pulls[0].without.mean == pytest.approx(found.before.answer.mean, abs=1e-10)  # whatever was renewed


def test_a_threshold_of_a_quantity_is_a_sign() -> None:
    item = 'date: 2024-02-01, signal: it is large, likelihood: {x: {"> 1": 0.9, otherwise: 0.1}}'
    found = asked(MEASURE, item, draws=4000)
    x = detente.run(told(MEASURE, item), draws=4000).draws.truth["x"]
    weights = np.where(x > 1, 0.9, 0.1)
    assert close(found.dates[-1].quantities["x"].mean, float(weights @ x / weights.sum()))


def test_nothing_dated_later_is_read() -> None:
    loud, quiet = "date: 2024-01-02, seen: drill is loud", "date: 2024-01-09, seen: drill is quiet"
    later = "date: 2024-01-10, signal: x, likelihood: {A.plan: {strike: 0.9, bluff: 0.1}}, with: trains"
    early = "date: 2024-01-03, signal: y, ratio: {A.plan: {strike: 2, bluff: 1}}, with: trains"
    whole = asked(HUNT_ALERT, loud, early, quiet, later)
    for k, day in enumerate(["2024-01-02", "2024-01-03", "2024-01-09"]):
        found = asked(HUNT_ALERT, loud, early, quiet, later, until=day)
        assert found.dates[-1] == whole.dates[k] == found.dates[k]
        corrupt = later.replace("0.9", "0.01").replace("trains", "roads"), "date: 2024-01-11, seen: move is hold"
        assert asked(HUNT_ALERT, loud, early, quiet, *corrupt, until=day).dates[-1] == whole.dates[k]
    known = asked(HUNT_ALERT, loud, early, quiet, until="2024-01-09")
    again = asked(HUNT_ALERT, loud, early, quiet, later, until="2024-01-09")
    assert (known.pulls, known.signs) == (again.pulls, again.signs)


HUNT_ALERT = ALERT.replace("strike: 0.5 if", "strike: eager if").replace(
    "care: {value: 4, role: precision}",
    "care: {value: 4, role: precision}, eager: {value: 0.2 to 0.8, unit: probability}",
)


def test_others_stand_beside_what_the_model_made_of_their_event_then() -> None:
    extra = """forecasts:
  - {who: A crowd, date: 2024-01-01, p: 0.4, event: a strike, like: outcome is strike, source: wire}
  - {who: A sage, date: 2024-01-03, p: 0.7, event: a loud drill, like: drill is loud, source: wire}
  - {who: A late one, date: 2024-01-09, p: 0.9, event: a strike, like: outcome is strike, source: wire}
base_rates: [{class: alerts, count: 1, of: 9, source: wire}]
sources: {wire: {title: Agency reports}}
"""
    item = (
        "date: 2024-01-02, seen: drill is loud",
        "date: 2024-01-04, signal: x, ratio: {A.plan: {strike: 3, bluff: 1}}",
    )
    case = detente.loads(ALERT + extra + "evidence:\n" + "".join(f"  - {{{one}}}\n" for one in item))
    found = update(case, draws=20)
    said = {s.who: s for s in found.said}
    assert list(said) == ["A crowd", "A sage", "Base rate: 1 of 9, smoothed (Jeffreys)"]
    assert found.before.answer is not None
    assert close(said["A crowd"].ours.mean, found.before.answer.mean)
    assert close(said["A sage"].ours.mean, 1.0)
    assert (said["A crowd"].asked, said["A sage"].asked) == (True, False)
    last = found.dates[-1].answer
    assert last is not None
    assert close(said["Base rate: 1 of 9, smoothed (Jeffreys)"].ours.mean, last.mean)


def test_a_rival_argument_is_followed_over_the_same_days() -> None:
    loud = "date: 2024-01-02, seen: drill is loud"
    rival = ALERT.replace("strike: 0.3, bluff: 0.7", "strike: 0.6, bluff: 0.4")
    found = update(told(ALERT, loud), draws=20, beside=[told(rival, loud)])
    (rows,) = found.beside.values()
    alone = asked(rival, loud, draws=20)
    assert [row.date for row in rows] == [None, dt.date(2024, 1, 2)]
    assert alone.before.answer is not None
    assert alone.dates[-1].answer is not None
    assert close(rows[0].answer.mean, alone.before.answer.mean)
    assert close(rows[1].answer.mean, alone.dates[-1].answer.mean)


def test_every_question_answers_as_of_a_day() -> None:
    loud, sign = (
        "date: 2024-01-02, seen: drill is loud",
        "date: 2024-01-03, signal: x, ratio: {A.plan: {strike: 3, bluff: 1}}",
    )
    case = told(ALERT, loud, sign)
    study = detente.run(case, draws=40, as_of="2024-01-02")
    assert study.answer is not None
    updated = update(case, draws=40, until="2024-01-02").dates[-1].answer
    assert updated is not None
    assert close(study.answer.mean, updated.mean)
    assert close(float(study.ask("P(A.plan is strike)").mean()), bayes(0.3, 2))
    later = detente.run(case, draws=40, as_of=dt.date(2024, 1, 3))
    assert close(float(later.ask("P(A.plan is strike)").mean()), bayes(0.3, 2, 3))


def test_draws_as_of_a_day_are_those_of_the_posterior() -> None:
    case = told(HUNT, "date: 2024-01-05, seen: sign is show", "date: 2024-02-03, seen: act is wait")
    found = update(case, draws=4000).dates[-1]
    study = detente.run(case, draws=4000, as_of="2024-02-03")
    worth = study.draws.truth["worth"]
    assert float(worth.mean()) == pytest.approx(found.quantities["worth"].mean, abs=0.06)
    assert float(study.ask("P(A.will is keen)").mean()) == pytest.approx(found.types["A.will"]["keen"], abs=0.02)
    assert len(np.unique(worth)) == 4000


def test_what_cannot_be_is_told() -> None:
    with pytest.raises(QuestionError, match="lists no evidence"):
        update(detente.loads(ALERT), draws=10)
    with pytest.raises(QuestionError, match="is not a date"):
        asked(ALERT, "date: 2024-01-02, seen: drill is loud", until="yesterday")
    with pytest.raises(QuestionError, match="its first is of 2024-01-02"):
        asked(ALERT, "date: 2024-01-02, seen: drill is loud", until="2023-12-31")
    with pytest.raises(QuestionError, match=r"`sign is show` cannot happen in month 2"):
        asked(HUNT, "date: 2024-02-05, seen: sign is show", draws=20)
    with pytest.raises(QuestionError, match="day by day"):
        asked(ALERT, "date: 2024-01-02, seen: drill is loud", as_of="2024-01-02")
    within = asked(HUNT, "date: 2024-02-05, seen: sign is show, period: 1", draws=20)
    assert within.dates[-1].period == 2


@pytest.mark.parametrize("seeds", [("0", "1", "2")])
def test_sources_stand_in_one_order_whatever_the_hash_seed(seeds: tuple[str, ...]) -> None:
    """Renewed draws depend on it: the same seed gives the same numbers in every process."""
    parts = "".join(f"\n  {name}: {{value: 0.1 to 0.2}}" for name in "pqrstu")
    case = HUNT.replace("cost: {value: 0.5 to 1.5}", f"cost: {{value: p + q + r + s + t + u}}{parts}")
    told_ = f"import detente; from detente.draws.sampler import Sampler; print(Sampler(detente.loads({case!r})).order)"
    found = {
        subprocess.run(
            [sys.executable, "-c", told_], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True,
            check=True,
        ).stdout
        for seed in seeds
    }  # fmt: skip
    assert len(found) == 1


def test_what_settles_it_is_told_of_each_period_the_nearest_first() -> None:
    def sign(says: str, period: int, p: float, seen: float, decides: bool = True) -> Sign:
        band = Band(seen, np.nan, np.nan, np.nan)
        day = dt.date(2024, 3, 10) + dt.timedelta(days=7 * period)
        return Sign(says, says.split()[0], says.split()[-1], period, day, p, band, band, 0.1, 0.1, decides)

    signs = [
        sign("cross is go", 3, 0.13, 1.0), sign("cross is hold", 3, 0.6, 0.0), sign("call is up", 2, 0.4, 0.6, False),
        sign("cross is go", 2, 0.12, 1.0), sign("rain is heavy", 2, 0.2, 1.0),
    ]  # fmt: skip
    told = [(s.says, s.period) for s in deciding(signs)]
    assert told == [("cross is go", 2), ("cross is go", 3), ("cross is hold", 3)]  # 25% against the 20% of the rain
    assert deciding([signs[2]]) == []
