"""The answer, live: its numbers are those of the commands, sliders move it, and little is shown as little."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detente.draws.variants import Change
from detente.present.web.live import over, prefixes, steps, waterfall
from detente.present.web.screens.controls import Control
from detente.present.web.state import Reply, State
from detente.present.web.workspace import Work, Workspace
from detente.study.questions.suppose import suppose
from detente.study.questions.what_if import what_if
from detente.study.run import run
from tests.workbench.conftest import Replies, Seen, needs_browser

CASE = "crisis-signalling"
RIVALS = Path(__file__).parents[1] / "cases" / "first_edition.yaml"


def state(**given: Any) -> State:
    return State(case=CASE, draws=300, **given)


@pytest.fixture
def work(space: Workspace) -> Work:
    return Work(space, lambda: False)


def final(replies: list[Reply]) -> Reply:
    assert replies[-1].final
    assert not replies[-1].stale
    assert replies[-1].mistakes == []
    return replies[-1]


GO = """() => {
  const slider = document.activeElement;
  for (let k = 0; k < 6; k++) { slider.stepUp(); slider.dispatchEvent(new Event("input", { bubbles: true })); }
}"""


def number_of(work: Work) -> str:
    """A quantity of the case that is a number."""
    return next(s.name for s in over(work, state(), 300).sliders if s.kind == "number")


def test_as_written_it_is_what_run_says(work: Work) -> None:
    *_, last = steps(work, state())
    study = run(CASE, draws=300, seed=1)
    for name, finding in study.outcomes.items():
        assert last.found.whole.outcomes[name].after.value == pytest.approx(finding.value, abs=1e-12)
        assert last.found.whole.outcomes[name].after.low == pytest.approx(finding.low, abs=1e-12)
    for name, held in study.claims.items():
        assert last.found.verdicts[name].words == held.words
    assert (last.about.how, last.about.worth) == ("solved", None)


def test_a_best_guess_is_what_suppose_says(work: Work) -> None:
    name = number_of(work)
    slider = over(work, state(), 300).slider(name)
    guess = round(slider.now + 0.1 * (slider.high - slider.low), 6)
    *_, last = steps(work, state(suppose={name: guess}))
    told = suppose(CASE, [f"{name}={guess}"], draws=300)
    for outcome, d in told.whole.outcomes.items():
        assert last.found.whole.outcomes[outcome].effect.value == pytest.approx(d.effect.value, abs=1e-12)
    assert last.about.how == "weighted"
    assert last.about.worth == pytest.approx(told.ess)


def test_far_away_it_is_veiled_and_solved_anew(work: Work) -> None:
    name = number_of(work)
    slider = over(work, state(), 300).slider(name)
    found = list(steps(work, state(suppose={name: slider.high})))
    assert [s.stale for s in found] == [True, False, False]
    assert [s.final for s in found] == [False, False, True]
    assert [s.about.draws for s in found[1:]] == [200, 300]
    told = suppose(CASE, [f"{name}={slider.high}"], draws=300)
    for outcome, d in told.whole.outcomes.items():
        assert found[-1].found.whole.outcomes[outcome].after.value == pytest.approx(d.after.value, abs=1e-12)
    again = list(steps(work, state(suppose={name: slider.high})))
    assert [s.final for s in again] == [True], "what was solved anew is kept"


@pytest.mark.parametrize("kind", ["set", "changes"])
def test_other_games_are_what_what_if_says(work: Work, kind: str) -> None:
    name = number_of(work)
    model = work.model(state())
    stage = next(n for n, s in model.stages.items() if s.actor and len(s.results) > 1)
    text = f"set {name}=0.3" if kind == "set" else f"forbid {stage}={list(model.stages[stage].results)[-1]}"
    changed = state(set={name: 0.3}) if kind == "set" else state(changes=(text,))
    found = list(steps(work, changed))
    told = what_if(CASE, [Change.of(text)], draws=300, seed=1)
    for outcome, d in told.whole.outcomes.items():
        mine = found[-1].found.whole.outcomes[outcome]
        assert mine.effect.value == pytest.approx(d.effect.value, abs=1e-9)
        assert mine.effect.error == pytest.approx(d.effect.error, abs=1e-9)
        assert mine.spread.low == pytest.approx(d.spread.low, abs=1e-9)
    assert [s.about.draws for s in found] == [200, 300]


def test_steps_of_a_waterfall_sum_to_the_whole(work: Work) -> None:
    names = [s.name for s in over(work, state(), 300).sliders if s.kind == "number"][:3]
    low = {n: over(work, state(), 300).slider(n) for n in names}
    changed = state(set={names[0]: low[names[0]].low}, suppose={n: low[n].now * 1.05 for n in names[1:]})
    found = waterfall(work, changed)
    assert found
    assert len(found.steps) == len(prefixes(changed)) == len(names)
    for outcome, d in found.whole.outcomes.items():
        assert sum(s.outcomes[outcome].effect.value for s in found.steps) == pytest.approx(d.effect.value, abs=1e-12)
    *_, last = steps(work, changed)
    for outcome, d in found.whole.outcomes.items():
        assert d.after.value == pytest.approx(last.found.whole.outcomes[outcome].after.value, abs=1e-12)


def test_paths_and_mechanisms_are_those_of_the_case(replies: Replies) -> None:
    found = replies("ways", draws=300)
    assert found[-1].final
    assert "<details" not in found[-1].html["ways"].partition("<figure")[0], "one click is enough"
    study = run(CASE, draws=300, seed=1)
    for way, finding in study.ways.items():
        assert way.outcome.replace("_", " ") in found[-1].html["ways"]
        assert f"{finding.value:.0%}" in found[-1].html["ways"] or finding.value < 0.1
    for mechanism, _ in study.mechanisms:
        assert mechanism.replace("_", " ") in found[-1].html["ways"]


def test_values_are_no_changes(replies: Replies) -> None:
    (reply,) = replies("answer", changes=("set x=1",), draws=60)
    assert "give values as `set`" in reply.mistakes[0].message


def test_controls_are_told_in_the_words_of_the_case(replies: Replies) -> None:
    controls: list[Control] = final(replies("controls", draws=300)).data
    model = run(CASE, draws=2).model
    assert {c.name.partition(" seen by ")[0] for c in controls} <= model.quantities.keys()
    indices = [c.index for c in controls if c.index is not None]
    assert indices == sorted(indices, reverse=True)
    for c in controls:
        if c.kind == "number":
            assert c.low < c.now < c.high
            assert np.isfinite([c.low, c.now, c.high]).all()
        assert all(o.url.startswith("http") or not o.url for o in c.sources)


def test_scenarios_stand_side_by_side(replies: Replies, work: Work) -> None:
    name = number_of(work)
    slider = over(work, state(), 300).slider(name)
    other = {"case": CASE, "draws": 300, "suppose": {name: slider.now * 1.1}}
    asked = [{"name": "As <written>", "state": {"case": CASE, "draws": 300}}, {"name": "Dearer", "state": other}]
    html = final(replies("beside", draws=300, options={"scenarios": asked})).html["beside"]
    assert "As &lt;written&gt;" in html
    assert "Dearer" in html
    bad = replies("beside", options={"scenarios": [{"name": 1}]})
    assert "cannot be read" in bad[0].mistakes[0].message


# ------------------------------------------------------------------------------------------------ in a browser


@needs_browser
def test_a_slider_moves_the_answer_by_keyboard_and_is_undone(seen: Seen) -> None:
    seen.settled()
    page = seen.page
    page.wait_for_selector(".slider")
    before = page.inner_text(".lede")
    slider = page.locator(".slider input[type=range]").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    seen.settled()
    assert "As written it is" in page.inner_text(".lede")
    page.keyboard.press("Control+z")
    seen.settled()
    assert page.inner_text(".lede") == before
    page.evaluate(GO)  # within the page, so that no pause of a busy machine lies between
    seen.settled()
    assert "As written it is" in page.inner_text(".lede")
    assert "reweighted: worth" in page.inner_text("main .status >> nth=0")
    assert slider.evaluate("e => document.activeElement === e"), "the slider keeps the focus"
    page.keyboard.press("Control+z")
    seen.settled()
    assert page.inner_text(".lede") == before, "what is moved in one go is undone in one"
    page.keyboard.press("Control+y")
    seen.settled()
    assert "As written it is" in page.inner_text(".lede")
    page.click("text=Reset")
    seen.settled()
    assert page.inner_text(".lede") == before


@needs_browser
def test_a_link_holds_what_was_moved(seen: Seen) -> None:
    page = seen.page
    page.wait_for_selector(".slider")
    page.locator(".slider input[type=range]").first.focus()
    page.keyboard.press("PageUp")
    seen.settled()
    page.wait_for_timeout(500)
    address, said = page.url, page.inner_text(".lede")
    assert "#/answer?s=" in address
    other = page.context.new_page()
    other.goto(address)
    other.wait_for_selector(".level")
    Seen(other).settled()
    assert other.inner_text(".lede") == said
    other.close()


@needs_browser
def test_scenarios_in_the_page(seen: Seen) -> None:
    page = seen.page
    page.wait_for_selector(".slider")
    page.click("text=+ Scenario")
    page.locator(".slider input[type=range]").first.focus()
    page.keyboard.press("PageUp")
    seen.settled()
    page.wait_for_selector(".beside table")
    assert re.search(r"Scenario 2", page.inner_text(".beside"))
    page.click(".scenario >> nth=0 >> button >> nth=0")
    seen.settled()
    assert "As written it is" not in page.inner_text(".lede")


def test_what_came_to_pass_is_not_told_before_its_day(replies: Replies) -> None:
    """Asked as of a day, the answer knows nothing of what came later; asked plainly it marks it."""
    plain = final(replies("answer", "kuwait-1990", draws=60)).html["outcomes"]
    assert plain.count("happened") == 1
    early = final(replies("answer", "kuwait-1990", draws=60, as_of="1990-07-25")).html["outcomes"]
    assert "happened" not in early
