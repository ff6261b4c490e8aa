"""The forecast as known on the as-of date, off the draws that were solved before any evidence."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import detente
from detente.present.cli.app import app
from detente.present.report.brief import brief
from detente.present.wording.answer import basis, briefly, then_said

LUCK = """
title: Luck decides
question: Will there be war?
as_of: 2022-02-16
answer: {asks: P(die is war), says: war breaks out, groups: {war: [war], other: otherwise}}
actors: {A: waits}
quantities:
  hazard: {value: "HAZARD", unit: probability}
stages:
  die: {chance: {war: hazard, calm: otherwise}}
  rest: {actor: A, moves: [wait, sleep]}
outcomes: {war: {when: die is war}, calm: otherwise}
payoffs: {A: {peace: outcome is calm}}
evidence:
  - {date: 2022-02-10, signal: drums, likelihood: {die: {war: 0.6, calm: 0.3}}}
  - {date: 2022-02-16, fact: a speech is held}
  - {date: 2022-02-20, signal: trumpets, likelihood: {die: {war: 0.9, calm: 0.1}}}
"""


def solved(hazard: str = "uniform(0.1, 0.5)", draws: int = 400, **changed: str) -> detente.Study:
    text = LUCK.replace("HAZARD", hazard)
    for old, new in changed.values():
        assert old in text
        text = text.replace(old, new)
    return detente.run(detente.loads(text), draws=draws)


def test_it_is_bayes_rule_on_the_evidence_of_the_day_and_of_no_later_one() -> None:
    study = solved("0.3")
    assert study.then
    assert study.then.answer
    assert study.then.date == dt.date(2022, 2, 16)
    assert study.then.items == 1
    assert study.then.answer.mean == pytest.approx(0.3 * 0.6 / (0.3 * 0.6 + 0.7 * 0.3), abs=1e-12)
    assert study.answer
    assert study.answer.mean == pytest.approx(0.3, abs=1e-12)


def test_it_is_what_update_finds_on_that_day_off_the_same_draws() -> None:
    study = solved()
    updated = detente.update(study.model, until="2022-02-16", draws=400)
    last, then = updated.dates[-1], study.then
    assert then
    assert then.enough
    assert last.renewed is None
    assert then.ess == pytest.approx(last.ess, rel=1e-12)
    for mine, theirs in ((then.answer, last.answer), (then.groups["war"], last.groups["war"])):
        assert mine
        assert theirs
        assert (mine.mean, mine.low, mine.high, mine.error) == pytest.approx(
            (theirs.mean, theirs.low, theirs.high, theirs.error), abs=1e-12
        )
    assert then.outcomes["calm"].mean == pytest.approx(last.outcomes["calm"].mean, abs=1e-12)


def test_nothing_is_told_where_nothing_was_known_by_then() -> None:
    early = solved(date=("as_of: 2022-02-16", "as_of: 2022-02-09"))
    assert early.then is None
    assert then_said(early) == ""
    assert detente.run(solved().model, draws=50, as_of="2022-02-16").then is None


def test_too_few_draws_tell_no_number() -> None:
    rare = solved("uniform(0, 1)", sign=("{die: {war: 0.6, calm: 0.3}}", '{hazard: {"> 0.99": 1, otherwise: 0}}'))
    assert rare.then
    assert not rare.then.enough
    assert rare.then.ess < 50
    assert then_said(rare) == (
        "as known on 16 February 2022 too few of these draws are left to tell (`--as-of 2022-02-16` renews them)"
    )
    never = solved("0.3", sign=("{die: {war: 0.6, calm: 0.3}}", '{hazard: {"> 0.99": 1, otherwise: 0}}'))
    assert never.then
    assert (never.then.ess, never.then.enough) == (0.0, False)


def test_the_first_screen_says_both(tmp_path: Path) -> None:
    study = solved("0.3", draws=50)
    assert basis(study) == (
        "before any evidence (`detente update` takes it in: 3 items, 1 of them after the as-of date); "
        "46% as known on 16 February 2022"
    )
    assert briefly(study) == "before any evidence; 46% as known on 16 February 2022"
    plain = re.sub(r"<[^>]+>", "", brief(study))
    assert "built as of 16 February 2022" in plain
    assert "before any evidence; 46% as known on 16 February 2022" in plain
    case = tmp_path / "luck.yaml"
    case.write_text(LUCK.replace("HAZARD", "0.3"))
    told = CliRunner().invoke(app, ["run", str(case), "--draws", "50", "--no-report", "--json"])
    assert json.loads(told.stdout)["then"]["answer"]["mean"] == pytest.approx(0.18 / 0.39, abs=1e-12)
