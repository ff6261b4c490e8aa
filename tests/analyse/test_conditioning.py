"""A claim that conditions on a choice is told apart from one that changes it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from detente import loads, run
from detente.language.writing import written
from detente.model.ask import read_question
from detente.model.check.check import check
from detente.model.check.conditioning import choices, instead
from detente.present.cli.app import app
from detente.present.report.report import report
from detente.study.beside import forced_instead
from detente.study.questions.claims import claims
from tests.analyse.test_interventions import STAGES, sinking

DRAWS = 60
SELECTED = """
title: Who refrains
actors: {A: orders, B: answers}
quantities: {lam: {value: 4 to 8, role: precision}}
private: {A.mood: {calm: 0.5, angry: otherwise}}
stages:
  order: {actor: A, moves: [sink, refrain]}
  talk: {actor: A, moves: [sign, fight]}
outcomes: {settlement: talk is sign, war: talk is fight}
payoffs:
  A:
    anger: (A.mood is angry) * (0.9 * (outcome is war) + 0.6 * (order is sink))
    calm: -0.6 * (A.mood is calm) * (order is sink)
    peace: 0.5 * (outcome is settlement) - 0.02 * (outcome is settlement and order is sink)
  B: {peace: outcome is settlement}
claims:
  refraining_saves_talks: P(settlement given order is refrain) > P(settlement given order is sink) + 0.1
"""


def _warned(holds: str, **more: object) -> list[str]:
    return [p.message for p in check(sinking(claims={"c": holds}, **more)) if "conditions on" in p.message]


@pytest.mark.parametrize(
    "holds",
    [
        "P(settlement given order is refrain) > 0.5",
        "P(settlement given not (order is sink)) > 0.5",
        "P(settlement given A.mood is calm and reply is offer) > 0.5",
        "P(settlement given luck is good) > 0.5",  # what chance does after a choice may depend on it
        "E(B given reply is offer) > 0",
        "U(B given order is sink) > 0",
    ],
)
def test_a_claim_that_conditions_on_a_choice_is_warned_of(holds: str) -> None:
    assert len(_warned(holds)) == 1


@pytest.mark.parametrize(
    "holds",
    [
        "P(settlement given A.mood is calm) > 0.5",
        "P(A.mood is angry given order is sink) > 0.5",  # what a choice tells of a type is what it is asked for
        "U(A given order is sink) > U(A given order is refrain)",  # as the actor looks at it to choose
        "P(settlement | do(order is refrain)) > 0.5",
        "P(settlement given order is refrain) > P(settlement | do(order is refrain))",
        "P(order is sink given settlement) > 0.5",
        "P(settlement) > 0.5",
    ],
)
def test_other_claims_are_not(holds: str) -> None:
    assert _warned(holds) == []


def test_a_result_of_chance_before_any_choice_is_not_chosen() -> None:
    first = {"luck": STAGES["luck"], **STAGES}
    assert _warned("P(settlement given luck is good) > 0.5", stages=first) == []
    assert len(_warned("P(settlement given luck is good) > 0.5", stages=first, periods=2)) == 1, "nor later again"


@pytest.mark.parametrize(
    ("conditioned", "forced"),
    [
        ("P(war given order is sink)", "P(war | do(order is sink))"),
        ("P(war given not (order is sink))", "P(war | do(order is refrain))"),
        ("P(war given ever(order is sink))", "P(war | do(order is sink))"),
        (
            "E(B.peace given A.mood is calm and order is sink and luck is bad)",
            "E(B.peace given A.mood is calm | do(order is sink, luck is bad))",
        ),
        ("P(war given order is sink | do(luck is bad))", "P(war | do(luck is bad, order is sink))"),
        ("P(war given order is sink or reply is offer)", None),
        ("P(war given order in [sink, refrain])", None),
        ("P(war given order is sink and order is refrain)", None),
    ],
)
def test_what_is_forced_instead(conditioned: str, forced: str | None) -> None:
    model = sinking()
    (asked,) = choices(model, read_question(model, conditioned))
    found = instead(model, asked)
    assert (found and written(found)) == forced


def test_the_example_of_the_reference() -> None:
    """docs/meaning.md: it holds in every draw by selection, where refraining changes less than a point."""
    study = run(loads(SELECTED, "who.yaml"), draws=DRAWS)
    (found,) = forced_instead(study).values()
    assert (found.stages, found.plain.value) == (("order",), 1.0)
    assert found.share is not None
    assert found.share.value == 0
    refrain, sink = found.contrasts
    assert refrain.given.value - sink.given.value > 0.5
    assert abs(refrain.done.value - sink.done.value) < 0.03
    for side in found.contrasts:
        for text, value in ((side.conditioned, side.given), (side.forced, side.done)):
            assert value.value == pytest.approx(study.ask(text).mean(), abs=1e-12)


def test_the_same_question_twice_is_forced_twice() -> None:
    once, twice = (
        sinking(claims={"c": f"{text} > 0.3"})
        for text in (
            "P(war given order is sink)",
            "0.5 * P(war given order is sink) + 0.5 * P(war given order is sink)",
        )
    )
    one, two = (forced_instead(run(model, draws=DRAWS))["c"] for model in (once, twice))
    assert one == two


def test_both_are_shown_wherever_claims_are(tmp_path: Path) -> None:
    path = tmp_path / "who.yaml"
    path.write_text(SELECTED, encoding="utf-8")
    told = CliRunner().invoke(app, ["claims", str(path), "--draws", str(DRAWS)], env={"COLUMNS": "200"}).stdout
    assert "holds in 100% of draws; with do() in 0%" in told
    assert "conditioning: 9" in told
    assert "P(settlement | do(order is refrain))" in told
    raw = CliRunner().invoke(app, ["claims", str(path), "--draws", str(DRAWS), "--json"]).stdout
    (side, _) = json.loads(raw)["claims"]["refraining_saves_talks"]["conditioned"]["contrasts"]
    assert side["forced"] == "P(settlement | do(order is refrain))"
    page = report(run(path, draws=DRAWS))
    assert "Conditioning, and causing" in page
    assert "“refraining saves talks” holds in 100% of draws; with do() in 0%." in page
    checked = CliRunner().invoke(app, ["check", str(path)], env={"COLUMNS": "200"})
    assert checked.exit_code == 0
    assert "conditions on what is chosen at order" in checked.stdout


def test_what_cannot_be_forced_says_so() -> None:
    model = sinking(claims={"c": "P(settlement given order is sink or reply is offer) > 0.5"})
    judged = claims(run(model, draws=DRAWS)).claims["c"]
    assert judged.conditioned is not None
    assert (judged.conditioned.share, judged.conditioned.contrasts) == (None, ())


def test_a_claim_that_conditions_on_nothing_solves_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    study = run(sinking(claims={"c": "P(settlement) > 0.5"}), draws=DRAWS)
    monkeypatch.setattr("detente.engine.engine.Engine.worlds", None)
    assert forced_instead(study, ["c"]) == {}


def test_the_first_draws_are_those_of_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.engine.engine.Engine.batch_size", lambda *_: 16)
    study = run(sinking(), draws=DRAWS)
    some = list(study.batches(40))
    assert [batch.n for batch in some] == [16, 16, 8]
    whole = np.concatenate([batch.behaviour for batch in study.batches()], axis=1)
    assert np.array_equal(np.concatenate([batch.behaviour for batch in some], axis=1), whole[:, :40])
