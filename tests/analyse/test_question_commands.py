"""The commands that solve again: what they print, and that JSON is JSON."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detente.present.cli import questions
from detente.present.cli.app import app
from detente.present.form import form
from detente.present.view import Shown, view_of
from detente.study.questions.breaking import breaking
from detente.study.registry import find
from tests.analyse.crises import decision

CASE = """
title: A threat
mechanisms: {fear: {says: war frightens, source: paper 2}}
actors: {A: attacks}
quantities:
  lam: {value: 4, role: precision}
  x: {value: 0.2 to 2.0, mechanism: fear}
  y: 0.5 to 1.5
stages: {move: {actor: A, moves: [go, stay]}}
outcomes: {gone: move is go, still: otherwise}
payoffs: {A: {gain: y * (move is go), fear: {value: -x * (move is go), mechanism: fear}}}
claims: {seldom: P(outcome is gone) < 0.6}
"""


@pytest.fixture
def case(tmp_path: Path) -> str:
    path = tmp_path / "threat.yaml"
    path.write_text(CASE, encoding="utf-8")
    return str(path)


def _call(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(args))
    return done.exit_code, done.output


def test_every_command_prints_and_gives_json(case: str) -> None:
    few = ["-n", "20"]
    for args, key in (
        (["tip", case, "x", *few], "tips"),
        (["tip", case, "x", "y", "--points", "5"], "maps"),
        (["what-if", case, "--shift", "x=+0.5", *few], "whole"),
        (["compare", case, case, *few], "whole"),
        (["ablate", case, *few], "mechanisms"),
    ):
        code, text = _call(*args)
        assert code == 0, text
        assert text
        code, text = _call(*args, "--json")
        assert code == 0
        assert key in json.loads(text)


def test_changes_are_made_in_the_order_of_the_options(case: str) -> None:
    code, text = _call("what-if", case, "--shift", "x=+1", "--force", "move=stay", "--set", "y=1", "-n", "20", "--json")
    assert code == 0
    steps = json.loads(text)["steps"]
    assert [step["change"] for step in steps] == ["x +1", "move is always stay", "y set to 1"]
    assert steps[2]["outcomes"]["gone"]["effect"]["value"] == 0


def test_what_is_below_zero_has_the_minus_of_all_numbers(case: str) -> None:
    for args in (["gradients"], ["breaking"], ["why"], ["what-if", "--shift", "y=*1.5"], ["worth", "A"]):
        code, text = _call(args[0], case, *args[1:], "-n", "200")
        assert code == 0, text
        assert not re.findall(r"(?<![\w=])-\d\S*", text), text
        assert "−" in text or args[0] == "worth", text


def test_a_wrong_question_ends_with_code_2_and_says_why(case: str) -> None:
    for args, message in (
        (["tip", case, "z"], "no quantity 'z'"),
        (["what-if", case], "nothing is changed"),
        (["what-if", case, "--forbid", "move"], "write --forbid"),
        (["ablate", case, "fer"], "did you mean 'fear'"),
    ):
        code, text = _call(*args)
        assert code == 2
        assert message in text


def test_breaking_points_are_told_and_written() -> None:
    from detente import run

    study, asked = run(decision(), draws=50), find("breaking")
    found = breaking(study)
    view_of(asked).text(found, Shown(asked, study.model, study))
    (told,) = form(asked, found, {})["breaking"]
    assert told["holds"] is False
    assert told["changes"][0]["name"] == "x"
    json.dumps(told)


STATICS = """
statics:
  dear: {raise: x, then: P(outcome is gone) rises}
  dearer: {raise: x, then: P(outcome is still) falls}
"""


def test_each_static_that_fails_says_what_to_type(case: str) -> None:
    """The command names the file as it was typed, and runs."""
    path = Path(case)
    path.write_text(CASE + STATICS, encoding="utf-8")
    code, text = _call("statics", case, "-n", "20")
    assert code == 1
    told = re.findall(r"why: detente (why-change .*)", text)
    wanted = f"why-change {case} --static"
    assert told == [f"{wanted} dear", f"{wanted} dearer"]
    code, text = _call(*shlex.split(told[0]), "-n", "20")
    assert code == 0, text
    assert "FILE that `extends:` this case" in _call("statics", case, "-n", "20", "--set", "y=0.6 to 1.2")[1]


@pytest.mark.parametrize(
    "asked", [["discover", "CASE", "move is go"], ["sense", "CASE", "--where", "move is go and x > 1"],
              ["sense", "CASE", "--of", "move is go"]],
)  # fmt: skip
def test_an_event_of_a_play_is_answered_with_its_probability(
    asked: list[str], case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one message, and before anything is solved."""

    def solved(*_: object, **__: object) -> None:
        raise AssertionError("it is solved before the question is read")

    monkeypatch.setattr(questions, "run", solved)
    code, text = _call(*[case if part == "CASE" else part for part in asked], "-n", "20")
    assert code == 2
    event = asked[-1]
    assert text.splitlines() == [
        "question:1:1: this happens in a history or does not, and does not depend on the solved game",
        f"    ask for its probability, `P({event})`, or for a yes or no, `P({event}) > 0.5`",
    ]
