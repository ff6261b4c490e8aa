"""The widget without a browser: messages in, markup out, and numbers that are those of the questions."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import detente
from detente.analyse.counterfactual.whatif import Difference
from detente.errors import QuestionError
from detente.present.notebook.widget import HEARD, Explorer, look, script
from detente.present.web.screens import answer
from detente.present.wording.numbers import percent
from detente.study.study import Study
from detente.study.supposing import Supposing
from tests.present.test_notebook import whole

CASE, DRAWS = "crisis-signalling", 200
BASE = {"case": "study", "draws": DRAWS, "seed": 1}


@cache
def solved() -> Study:
    return detente.run(CASE, draws=DRAWS)


@pytest.fixture
def widget() -> Iterator[Explorer]:
    made = solved().explore()
    assert isinstance(made, Explorer)
    yield made
    made.close()


def said(widget: Explorer, *messages: Any, until: Callable[[list[Any]], bool] = lambda told: told[-1]["final"]) -> Any:
    """What comes back for messages of a view, as replies; each message is acknowledged at once."""
    frames: list[str] = []
    widget.send = lambda content, buffers=None: frames.append(content)  # noqa: ARG005

    async def spoken() -> list[Any]:
        for message in messages:
            text = message if isinstance(message, str) else json.dumps(message)
            widget._handle_custom_msg(text, [])
            assert HEARD in frames
        for _ in range(2400):
            told = [{"final": True, **json.loads(f)} for f in frames if f != HEARD]
            if told and until(told):
                return told
            await asyncio.sleep(0.05)
        raise AssertionError(f"nobody answered: {frames}")

    return asyncio.run(spoken())


def asked(number: int = 1, screen: str = "answer", key: str = "", **state: Any) -> dict[str, Any]:
    return {"id": number, "screen": screen, "key": key or screen, "state": {**BASE, **state}}


def numbers(found: Mapping[str, Difference]) -> dict[str, float]:
    return {name: d.after.value for name, d in found.items()}


def test_as_it_is_the_study_is_shown_and_never_solved_again(widget: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.present.web.workspace.run", lambda *_, **__: pytest.fail("it is solved already"))
    (reply,) = said(widget, asked())
    found = solved().answer
    assert found is not None
    assert percent(found.value.value, found.value.error) in reply["html"]["sentence"]
    assert reply["about"]["how"] == "solved"
    assert widget.changes == {"set": {}, "suppose": ()}
    assert widget.study is solved()
    assert widget.finding.value == pytest.approx(found.value.value, abs=1e-12)
    assert repr(widget) == f"<Explorer of {CASE}: 200 draws, as written>"


def test_sliders_come_in_the_words_of_the_case_with_sources(widget: Explorer) -> None:
    (reply,) = said(widget, asked(screen="controls"))
    sliders = {c["name"]: c for c in reply["data"]}
    assert sliders.keys() == {s.name for s in Supposing.of(solved()).sliders}
    model = solved().model
    for name, control in sliders.items():
        about = model.quantities[name]
        assert control["means"] == about.means
        assert len(control["sources"]) == len(about.source)
    ranks = [c["index"] for c in reply["data"] if c["index"] is not None]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks


def test_a_moved_best_guess_is_what_suppose_says(widget: Explorer) -> None:
    *_, reply = said(widget, asked(suppose={"audience_cost": 0.5}))
    wanted = detente.suppose(solved(), ["audience_cost=0.5"])
    assert reply["about"]["how"] == "weighted"
    assert reply["about"]["worth"] == pytest.approx(wanted.ess)
    assert wanted.whole.answer is not None
    assert percent(wanted.whole.answer.after.value, wanted.whole.answer.after.error) in reply["html"]["sentence"]
    assert widget.changes == {"set": {}, "suppose": ("audience_cost=0.5",)}
    assert widget.finding == wanted.whole.answer.after
    assert numbers(widget.supposed.whole.outcomes) == numbers(wanted.whole.outcomes)
    assert detente.suppose(solved(), widget.changes["suppose"]).whole.answer == wanted.whole.answer
    assert widget.supposed.plots == wanted.plots


def test_what_is_known_for_sure_is_solved_as_run_solves_it(widget: Explorer) -> None:
    *_, reply = said(widget, asked(set={"audience_cost": 0.7}))
    wanted = detente.run(CASE, draws=DRAWS, set={"audience_cost": 0.7})
    assert reply["about"]["how"] == "solved"
    for name, finding in wanted.outcomes.items():
        assert widget.supposed.whole.outcomes[name].after.value == pytest.approx(finding.value, abs=1e-12)
        assert widget.study.outcomes[name].value == pytest.approx(finding.value, abs=1e-12)
    assert widget.changes["set"] == {"audience_cost": 0.7}


def test_below_a_tenth_it_is_veiled_and_solved_again(widget: Explorer) -> None:
    high = next(c["high"] for c in said(widget, asked(screen="controls"))[0]["data"] if c["name"] == "audience_cost")
    state = {"suppose": {"audience_cost": high, "fear_of_war": 0.99}}
    wanted = detente.suppose(solved(), [f"{name}={value!r}" for name, value in state["suppose"].items()])
    assert wanted.how == "solved anew"
    steps = said(widget, asked(**state))
    assert steps[0]["stale"]
    assert not steps[0]["final"]
    assert steps[-1]["final"]
    assert not steps[-1].get("stale")
    assert numbers(widget.supposed.whole.outcomes) == pytest.approx(numbers(wanted.whole.outcomes), abs=1e-12)


def test_of_many_moves_only_the_last_is_answered_to_its_end(widget: Explorer) -> None:
    said(widget, asked())
    moves = [asked(k, suppose={"audience_cost": 0.3 + 0.01 * k}) for k in range(2, 14)]
    told = said(widget, *moves, until=lambda told: told[-1]["id"] == 13 and told[-1]["final"])
    assert [t["id"] for t in told if t["final"]] == [13]
    assert widget.changes["suppose"] == ("audience_cost=0.43",)


def test_scenarios_stand_side_by_side(widget: Explorer) -> None:
    other = {**BASE, "suppose": {"audience_cost": 0.5}}
    scenarios = [{"name": "As written", "state": BASE}, {"name": "Costly", "state": other}]
    *_, reply = said(widget, {**asked(screen="beside", **other), "options": {"scenarios": scenarios}})
    wanted = detente.suppose(solved(), ["audience_cost=0.5"]).whole.outcomes["war"].after
    assert "Costly" in reply["html"]["beside"]
    assert percent(wanted.value, wanted.error) in reply["html"]["beside"]


@pytest.mark.parametrize(
    ("given", "command"),
    [
        ({}, ["run", CASE]),
        ({"suppose": {"audience_cost": 0.5}}, ["suppose", CASE, "audience_cost=0.5"]),
        ({"set": {"fear_of_war": 0.7}}, ["run", CASE, "--set", "fear_of_war=0.7"]),
        (
            {"set": {"fear_of_war": 0.7}, "suppose": {"audience_cost": 0.5}},
            ["suppose", CASE, "audience_cost=0.5", "--set", "fear_of_war=0.7"],
        ),
    ],
)
def test_the_command_gives_the_same_numbers(given: dict[str, Any], command: list[str], widget: Explorer) -> None:
    from typer.testing import CliRunner

    from detente.present.cli.app import app

    said(widget, asked(**given))
    assert shlex.split(widget.command) == ["detente", *command, "--draws", "200", "--seed", "1"]
    result = CliRunner().invoke(app, [*shlex.split(widget.command)[1:], "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    outcomes = told["whole"]["outcomes"] if "whole" in told else told["outcomes"]
    found = {name: f.get("after", f)["value"] for name, f in outcomes.items()}
    assert numbers(widget.supposed.whole.outcomes) == pytest.approx(found, abs=1e-12)


def test_a_run_that_was_given_values_says_so_in_its_command() -> None:
    study = detente.run(CASE, draws=60, seed=3, set={"fear_of_war": 0.7})
    assert study.explore().command == f"detente run {CASE} --set fear_of_war=0.7 --draws 60 --seed 3"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("{", "this is not JSON"),
        (asked(suppose={"audience_cots": 0.5}), "did you mean 'audience_cost'"),
        (asked(set={"audience_cost": "lots of it"}), "audience_cost"),
        (asked(case="ukraine-2022"), "there is no case 'ukraine-2022' here"),
        (asked(screen="anwser"), "did you mean 'answer'"),
    ],
)
def test_what_is_wrong_is_told_in_the_widget(
    message: Any, told: str, widget: Explorer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    *_, reply = said(widget, message)
    assert told in json.dumps(reply["mistakes"])
    assert caplog.records == []
    assert "Traceback" not in "".join(capfd.readouterr())


def test_what_nobody_foresaw_is_kept_for_whoever_asks(
    widget: Explorer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(answer, "steps", lambda *_: 1 / 0)
    with caplog.at_level(logging.DEBUG):
        *_, reply = said(widget, asked())
    assert "`trouble`" in reply["mistakes"][0]["message"]
    assert "ZeroDivisionError" in widget.trouble
    assert [r for r in caplog.records if r.name.startswith("detente")] == []


def test_without_a_kernel_it_is_its_answer(widget: Explorer) -> None:
    data, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/html"] == widget._fallback == solved()._repr_html_()
    said(widget, asked(suppose={"audience_cost": 0.5}))
    moved, _ = widget._repr_mimebundle_()
    whole(moved["text/html"])
    assert moved["text/html"] == widget.supposed._repr_html_() != data["text/html"]
    assert "audience cost at 0.5" in moved["text/html"]
    with pytest.raises(TypeError, match="keep its `changes`"):
        pickle.dumps(widget)


def test_what_cannot_be_explored_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(QuestionError, match="50 to 10,000 draws, and this has 20"):
        detente.run(CASE, draws=20).explore()
    with pytest.raises(QuestionError, match="interrupted"):
        replace(solved(), interrupted=True).explore()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "detente.present.notebook.widget")
    with pytest.raises(QuestionError, match=r"pip install 'detente\[notebook\]'"):
        solved().explore()


def test_its_style_reaches_nothing_around_it() -> None:
    style = json.loads(look())["style"]
    assert ":root" not in style
    assert not re.search(r"@media ?.max-width", style)
    assert "@container (max-width" in style
    assert [rule for rule in style.split("}") if rule.strip().startswith(("html", "body"))] == []
    assert script().startswith("export default{render(context){")


def test_it_costs_nothing_where_it_is_not_used() -> None:
    code = "import sys, detente; detente.run; print({'anywidget', 'ipywidgets', 'traitlets'} & {*sys.modules})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
