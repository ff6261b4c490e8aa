"""What if: paired differences against closed forms and against models written that way."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente import ModelError, QuestionError, define, run
from detente.draws.variants import Change
from detente.present.cli.app import app
from detente.study.questions.compare import compare
from detente.study.questions.what_if import what_if
from tests.analyse.crises import PRECISION, argument, decision, deterrence

DRAWS = 60


def _changes(*texts: str) -> list[Change]:
    return [Change.read(*text.split(" ", 1)) for text in texts]


def _effects(found) -> dict[str, float]:
    return {name: d.effect.value for name, d in found.whole.outcomes.items()}


def _shares(model, **how) -> dict[str, float]:
    study = run(model, draws=DRAWS, **how)
    return {name: finding.value for name, finding in study.outcomes.items()}


@pytest.mark.parametrize("change", ["shift x=+0", "shift x=*1", "perception common"])
def test_a_change_of_nothing_changes_exactly_nothing(change: str) -> None:
    found = what_if(decision(), _changes(change), draws=DRAWS)
    for d in (*found.whole.outcomes.values(), *found.whole.claims.values()):
        assert (d.effect.value, d.effect.low, d.effect.high, d.spread.low, d.spread.high) == (0, 0, 0, 0, 0)


def test_a_model_compared_with_itself_differs_in_nothing() -> None:
    found = compare(argument(), argument(), draws=DRAWS)
    assert all(d.effect.value == 0 and d.spread.high == 0 for d in found.whole.outcomes.values())
    assert found.notes == ()


def test_setting_a_quantity_is_the_logit_at_its_value() -> None:
    found = what_if(decision(), _changes("set x=0.8"), draws=DRAWS)
    after = found.whole.outcomes["gone"].after
    assert (after.low, after.high) == pytest.approx((1 / (1 + np.exp(-PRECISION * 0.5)),) * 2, abs=1e-9)


def test_setting_a_range_keeps_the_draws_of_the_rest() -> None:
    found = what_if(deterrence(), _changes("set w=-3 to -1"), draws=DRAWS)
    assert _effects(found)["war"] == pytest.approx(
        _shares(deterrence(), set={"w": "-3 to -1"})["war"] - _shares(deterrence())["war"]
    )


def test_a_shift_moves_every_draw() -> None:
    shifted = what_if(decision("uniform(0, 1)"), _changes("shift x=-0.5"), draws=DRAWS).whole
    written = compare(decision("uniform(0, 1)"), decision("uniform(-0.5, 0.5)"), draws=DRAWS).whole
    assert shifted.outcomes["gone"].effect.value == pytest.approx(written.outcomes["gone"].effect.value, abs=1e-12)


def test_a_shifted_probability_stays_one() -> None:
    found = what_if(argument(), _changes("shift odds=+0.9"), draws=DRAWS)
    assert found.whole.outcomes["lost"].after.value == pytest.approx(0, abs=1e-12)


def test_a_forced_move_is_always_made_and_a_forbidden_one_never() -> None:
    forced = what_if(deterrence(), _changes("force reply=concede"), draws=DRAWS).whole.outcomes
    forbidden = what_if(deterrence(), _changes("forbid reply=resist"), draws=DRAWS).whole.outcomes
    assert forced["war"].after.value == 0
    assert forced["gain"].after.value == pytest.approx(1 / (1 + np.exp(-PRECISION)), abs=1e-9)
    assert {k: d.after.value for k, d in forced.items()} == {k: d.after.value for k, d in forbidden.items()}


def test_a_forced_result_always_comes_and_a_forbidden_one_gives_its_probability_to_the_others() -> None:
    always = what_if(argument(), _changes("force luck=falls"), draws=DRAWS).whole.outcomes
    assert always["lost"].after.value == 0
    never = what_if(argument(), _changes("set hazard=0.2", "force press=push", "forbid spark=slip"), draws=DRAWS)
    calm = what_if(argument(), _changes("set hazard=0.4", "force press=push", "forbid spark=slip"), draws=DRAWS)
    first = [1 - (1 - found.whole.outcomes["accident"].after.value) for found in (never, calm)]
    stay = 1 - 0.2 / 0.5  # the probability of no war in a period, given that only war and calm are left
    assert first[0] > 1 - stay - 1e-9
    assert first[1] > first[0]


def test_a_delayed_move_is_not_there_before_its_period() -> None:
    found = what_if(argument(), _changes("force press=strike", "delay press=strike:2"), draws=DRAWS)
    first, second = (step.outcomes for step in found.steps)
    assert first["accident"].after.value == 0
    assert first["won"].after.value + first["lost"].after.value == pytest.approx(1)
    assert second["accident"].after.value > 0  # in the first period another move has to be made


def test_a_decision_that_is_forced_is_no_decision_but_the_game_goes_on() -> None:
    assert what_if(decision(), _changes("force move=go"), draws=2).whole.outcomes["gone"].after.value == 1


def secret(public: bool = False):
    """B accepts or fights; a weak A, as likely as not, would lose: B knows which only if the type is public."""
    return define(
        "secret",
        title="A secret",
        actors={"A": "is weak or strong", "B": "fights or accepts"},
        quantities={"lam": {"value": PRECISION, "role": "precision"}},
        private={"A.kind": {"prior": {"weak": 0.5, "strong": "otherwise"}, "public": public}},
        stages={"reply": {"actor": "B", "moves": ["fight", "accept"]}},
        outcomes={"war": "reply is fight", "peace": "otherwise"},
        payoffs={
            "A": {"peace": "1 * (outcome is peace)"},
            "B": {"war": "(1 if A.kind is weak else -2) * (outcome is war)"},
        },
    )


def test_revealing_a_type_lets_the_others_act_on_it() -> None:
    logit = lambda u: 1 / (1 + np.exp(-PRECISION * u))  # noqa: E731
    war = what_if(secret(), _changes("reveal A.kind"), draws=2).whole.outcomes["war"]
    assert war.before.value == pytest.approx(logit(-0.5), abs=1e-9)
    assert war.after.value == pytest.approx((logit(1) + logit(-2)) / 2, abs=1e-9)
    back = what_if(secret(public=True), _changes("hide A.kind"), draws=2).whole.outcomes["war"]
    assert (back.before.value, back.after.value) == pytest.approx((war.after.value, war.before.value))


def test_a_changed_perception_changes_what_is_done() -> None:
    for view in ("x - 1", "-0.2"):
        found = what_if(decision(0.8), _changes(f"set x seen by A={view}"), draws=2).whole.outcomes["gone"]
        assert found.after.value == pytest.approx(1 / (1 + np.exp(PRECISION * 0.5)), abs=1e-9)


def test_the_steps_of_a_waterfall_sum_to_the_whole() -> None:
    changes = _changes("set prize=1.4", "forbid offer=yield", "reveal A.kind", "drop trigger")
    found = what_if(argument(), changes, draws=DRAWS)
    assert len(found.steps) == 4
    for name, effect in _effects(found).items():
        assert sum(s.outcomes[name].effect.value for s in found.steps) == pytest.approx(effect, abs=1e-12)


ASKING = """
title: A die
answer: {asks: P(move is go or luck is bad), says: something happens, groups: {some: [gone, harm], none: otherwise}}
actors: {A: decides}
quantities: {x: "uniform(0, 1)", odds: {value: 0.1 to 0.3, unit: probability}}
stages:
  move: {actor: A, moves: [go, stay]}
  luck: {chance: {bad: odds, good: otherwise}, when: move is stay}
outcomes: {gone: {when: move is go, means: it goes}, harm: {when: luck is bad, means: harm is done}, still: otherwise}
payoffs: {A: {gain: x * (move is go)}}
"""


def test_what_answers_the_question_comes_before_and_after_with_the_groups() -> None:
    found = what_if(detente.loads(ASKING), _changes("force move=stay", "set odds=0.4"), draws=DRAWS)
    answer = found.whole.answer
    assert answer is not None
    asked = "P(move is go or luck is bad)"
    assert answer.before.value == pytest.approx(run(detente.loads(ASKING), draws=DRAWS).ask(asked).mean(), abs=1e-12)
    assert answer.after.value == pytest.approx(0.4, abs=1e-12)
    assert sum(s.answer.effect.value for s in found.steps if s.answer) == pytest.approx(answer.effect.value)
    assert found.whole.groups["some"].effect.value == pytest.approx(answer.effect.value, abs=1e-12)
    assert found.whole.groups["none"].effect.value == pytest.approx(-answer.effect.value, abs=1e-12)


def test_the_answer_is_told_first_everywhere(tmp_path: Path) -> None:
    file, page = tmp_path / "die.yaml", tmp_path / "page.html"
    file.write_text(ASKING, encoding="utf-8")
    command = ["what-if", str(file), "--force", "move=stay", "--set", "odds=0.4", "-n", "40", "--no-store"]
    told = CliRunner().invoke(app, [*command, "--report", str(page)])
    assert told.exit_code == 0, told.output
    assert told.output.index("something happens: ") < told.output.index("difference")
    said = page.read_text(encoding="utf-8").partition("The answer</h2>")[2]
    assert said.index("something happens") < re.sub(r"</?a\b[^>]*>", "", said).index("Of the outcomes")
    first = said.partition("<svg")[2]
    assert first.index(">the answer<") < first.index(">gone<") < first.index(">harm<")


def test_answers_that_ask_for_different_things_are_compared_and_told_so() -> None:
    other = ASKING.replace("P(move is go or luck is bad)", "P(move is go)").replace("some: [gone, harm]", "some: gone")
    one, two = detente.loads(ASKING), detente.loads(other)
    found = compare(one, two, draws=DRAWS)
    ends = [run(model, draws=DRAWS) for model in (one, two)]
    shares = [float(study.ask(study.model.answer.asks.text).mean()) for study in ends]
    assert found.whole.answer.effect.value == pytest.approx(shares[1] - shares[0], abs=1e-12)
    assert [p.what for p in found.parts] == ["what is asked"]
    assert found.whole.groups["some"].after.value == found.whole.outcomes["gone"].after.value
    assert any("the answers ask for different things" in note for note in found.notes)
    assert any("the group some is gone, harm against gone" in note for note in found.notes)
    alike = compare(one, one, draws=DRAWS).whole
    assert alike.answer is not None
    assert alike.answer.effect.value == 0


def test_what_differs_under_one_name_is_told_with_how_it_is_seen(tmp_path: Path) -> None:
    one, other, page = (tmp_path / name for name in ("one.yaml", "other.yaml", "page.html"))
    one.write_text(ASKING, encoding="utf-8")
    other.write_text(
        ASKING.replace("A die", "A loaded die").replace("harm: {when: luck is bad", "harm: {when: not luck is good")
        .replace("gain: x", "gain: 2 * x")
        .replace('x: "uniform(0, 1)"', 'x: {value: "uniform(0, 2)", seen_by: {A: 0.5 * x}}'),
        encoding="utf-8",
    )  # fmt: skip
    notes = "\n".join(compare(one, other, draws=20).notes)
    assert "x (uniform(0, 1) against uniform(0, 2)); x seen by A (as it is against 0.5 * x)" in notes
    assert "outcomes that differ: harm" in notes
    assert "payoffs that differ: A.gain" in notes
    assert "stages" not in notes
    told = CliRunner().invoke(app, ["compare", str(one), str(other), "-n", "20", "--no-store", "--report", str(page)])
    assert told.exit_code == 0, told.output
    assert "one against other" in told.output
    assert "before" not in told.output
    assert "A loaded die" in page.read_text(encoding="utf-8")


def test_comparing_two_models_says_how_they_differ() -> None:
    other = deterrence(quantities={"lam": {"value": PRECISION, "role": "precision"}, "w": "-3 to -1", "new": 1.0})
    notes = " ".join(compare(deterrence(), other, draws=DRAWS).notes)
    assert "w (-4 to -0.2 against -3 to -1)" in notes
    assert "quantities only in deterrence: " in notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("set y=1", "no quantity 'y'"),
        ("set y seen by A=1", "no quantity 'y'"),
        ("set prize seen by C=1", "no actor 'C'"),
        ("set odds=1.5", "not between 0 and 1"),
        ("set prize=1 +", "breaks off"),
        ("set lam=-1", "not negative"),
        ("shift prize=0.1", "begins with"),
        ("force pres=push", "did you mean 'press'"),
        ("force press=pusch", "did you mean 'push'"),
        ("forbid nothing", "write --forbid posture=invade"),
        ("delay press=push:3", "a period from 2 to 2"),
        ("reveal A.kin", "did you mean 'A.kind'"),
        ("hide A.kind", "already"),
        ("perception odd", "common or private"),
        ("drop odd", "no mechanism 'odd'"),
        ("turn odd", "no change 'turn'"),
    ],
)
def test_what_cannot_be_changed_is_told(text: str, message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        what_if(argument(), _changes(text), draws=DRAWS)


def test_a_value_that_makes_no_sense_is_told_with_its_place() -> None:
    with pytest.raises(ModelError, match="3 to 1 is empty"):
        what_if(argument(), _changes("set prize=3 to 1"), draws=DRAWS)


def test_nothing_to_change_and_nothing_in_common_are_told() -> None:
    with pytest.raises(QuestionError, match="nothing is changed"):
        what_if(decision(), [], draws=DRAWS)
    with pytest.raises(QuestionError, match="no outcome in common"):
        compare(decision(), deterrence(), draws=DRAWS)
