"""The argument: verdicts are those of `claims`, a mechanism that is switched off is `what-if --drop-mechanism`, weights
of structures re-weight draws, and all of it can be done by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import detente
from detente.model.load import load
from detente.present.web.screens.argument import Argument, Judgement, Passage, read
from detente.present.web.state import Reply
from detente.present.web.workspace import Workspace
from detente.study.questions.breaking import breaking
from detente.study.questions.claims import claims
from detente.study.questions.what_if import what_if
from detente.study.run import run
from tests.workbench.conftest import Running, Seen, needs_browser
from tests.workbench.crisis import CRISIS

DRAWS = 400
Ask = Callable[..., list[Reply]]


@pytest.fixture
def ask(space: Workspace, replies: Any) -> Ask:
    """What a screen answers of the crisis at sea."""
    case = space.put(CRISIS, "crisis")

    def asked(screen: str, **given: Any) -> list[Reply]:
        found: list[Reply] = replies(screen, case, draws=DRAWS, **given)
        assert [m.message for r in found for m in r.mistakes] == []
        return found

    return asked


def judged(found: list[Reply]) -> dict[str, Judgement]:
    assert found[-1].final
    return {j.name: j for j in found[-1].data}


def test_each_paragraph_has_its_mechanisms_and_claims(ask: Ask) -> None:
    found = ask("argument")[0].data
    assert isinstance(found, Argument)
    (essay,) = found.texts
    assert (essay.source, essay.title, essay.complete) == ("essay", "An essay on squadrons", True)
    assert essay.passages == (
        Passage(1, ("appetite",), ("likely",), 1),
        Passage(2, ("showing",), ("rare",), 0),
        Passage(3, (), (), 1),  # uncovered, but a quantity cites it
        Passage(4, (), (), 0),
    )
    assert (found.apart.mechanisms, found.apart.claims) == (("idle",), ())
    assert [(s.name, s.means) for s in found.structures] == [("bold", "a bold one strikes anyway")]


def test_what_cannot_be_switched_off_says_why(ask: Ask) -> None:
    first, last = ask("argument")
    assert {t.stuck for t in first.data.mechanisms} == {None}  # it is not known yet
    stuck = {t.name: t.stuck for t in last.data.mechanisms}
    assert stuck == {"appetite": "", "showing": "", "idle": "nothing that counts is tagged with it"}


def test_verdicts_are_those_of_claims(ask: Ask) -> None:
    found, told = judged(ask("verdicts")), claims(detente.loads(CRISIS), draws=DRAWS, store=None).claims
    assert found.keys() == told.keys() == {"likely", "rare"}
    for name, one in told.items():
        assert (found[name].verdict, found[name].was, found[name].by) == (one.verdict, "", "")
        assert found[name].value == pytest.approx(one.share.value)


@pytest.mark.parametrize("off", ["appetite", "showing"])
def test_a_mechanism_switched_off_is_what_if_without_it(ask: Ask, off: str) -> None:
    found = judged(ask("verdicts", changes=(f"drop {off}",)))
    plain = judged(ask("verdicts"))
    whole = what_if(detente.loads(CRISIS), [f"drop {off}"], draws=DRAWS, store=None).whole
    for name, d in whole.claims.items():
        assert found[name].value == pytest.approx(d.after.value)
        assert plain[name].value == pytest.approx(d.before.value)
        assert found[name].was == plain[name].verdict
        assert bool(found[name].by) == (abs(d.effect.value) > 1e-9)
    assert whole.answer
    said = ask("answer", changes=(f"drop {off}",))[-1].html["sentence"]
    assert f"{round(100 * whole.answer.after.value)}%" in said


def test_the_weight_of_a_structure_re_weights_the_draws(ask: Ask) -> None:
    study = run(detente.loads(CRISIS), draws=DRAWS, store=None)
    there = study.draws.truth["bold"] != 0
    for weight in (0.0, 0.6, 1.0):
        weights = np.where(there, weight / 0.3, (1 - weight) / 0.7)
        reply = ask("verdicts", suppose={"bold": weight})
        held = study.claim_draws("likely")
        assert judged(reply)["likely"].value == pytest.approx(float(weights @ held / weights.sum()), abs=1e-6)
        assert reply[-1].about
        assert reply[-1].about.how == "weighted"


def test_a_claim_opens_on_what_it_depends_on_and_what_turns_it(ask: Ask) -> None:
    first, last = ask("claim", options={"claim": "likely"})
    study = run(detente.loads(CRISIS), draws=DRAWS, store=None)
    drivers = study.drivers("likely")
    assert drivers
    for driver in drivers[:5]:
        assert f">{driver.quantity.replace('_', ' ')}</h3>" in first.html["drivers"]
    assert "An essay on squadrons, paragraph 3" in first.html["drivers"]
    assert 'href="https://example.org/essay"' in first.html["drivers"]
    assert first.html["breaking"] == ""
    (point,) = breaking(study, ["likely"])
    assert f"{point.distance.value:.2f}" in last.html["breaking"]


def test_an_unknown_claim_is_told(space: Workspace, replies: Any) -> None:
    found = replies("claim", space.put(CRISIS, "crisis"), draws=DRAWS, options={"claim": "likly"})
    assert "there is no claim 'likly'" in found[-1].mistakes[0].message


def test_the_words_of_a_model_are_no_markup(space: Workspace, replies: Any) -> None:
    nasty = CRISIS.replace("what a strike costs", "'<img src=x onerror=alert(1)>'")
    found = replies("claim", space.put(nasty, "nasty"), draws=DRAWS, options={"claim": "likely"})
    assert "<img" not in "".join(found[-1].html.values())
    assert "&lt;img" in found[-1].html["drivers"]


def test_the_flagship_is_read_whole() -> None:
    found = read(load("ukraine-2022"))
    (article,) = found.texts
    assert [p.number for p in article.passages] == list(range(1, 16))
    assert all(p.mechanisms or p.claims for p in article.passages)
    assert found.apart.mechanisms == ("essay", "instruments")
    assert [s.name for s in found.structures] == ["limited_option", "closing_window"]


# ------------------------------------------------------------------------------------------------- in a browser


@needs_browser
def test_a_mechanism_is_switched_off_by_keyboard(page: Seen) -> None:
    from playwright.sync_api import expect

    seen = page.go("argument")
    before = seen.inner_text(".what .level")
    seen.get_by_role("switch", name="Appetite").focus()
    seen.keyboard.press("Space")
    expect(seen.locator(".off-list")).to_contain_text("Switched off: appetite")
    page.settled()
    off = what_if(detente.loads(CRISIS), ["drop appetite"], draws=2000, store=None).whole.answer
    assert off
    assert seen.inner_text(".what .level") == f"{round(100 * off.after.value)}%" != before
    assert "As written it is" in seen.inner_text(".what .lede")
    seen.keyboard.press("Control+z")
    expect(seen.get_by_role("switch", name="Appetite")).to_be_checked()
    assert seen.get_by_role("switch", name="Idle").is_disabled()
    assert "It cannot be switched off: nothing that counts is tagged with it" in seen.inner_text("main")


@needs_browser
def test_paragraphs_that_nothing_takes_up_are_shown(page: Seen) -> None:
    seen = page.go("argument")
    assert "2 of 4 paragraphs are taken up by no mechanism and no claim: 3, 4." in seen.inner_text("main")
    assert seen.locator(".passage.uncovered").count() == 2


@needs_browser
def test_a_claim_is_opened_by_keyboard_and_a_structure_weighed(page: Seen) -> None:
    from playwright.sync_api import expect

    seen = page.go("argument")
    seen.get_by_role("button", name="A strike is likelier than not").focus()
    seen.keyboard.press("Enter")
    expect(seen.locator(".opened")).to_contain_text("What would flip it")
    expect(seen.locator(".opened h4").first).to_be_in_viewport()
    page.settled()
    expect(seen.locator(".opened figure")).to_have_count(1)
    seen.keyboard.press("Enter")
    expect(seen.locator(".opened")).to_have_count(0)
    group = seen.get_by_role("group", name="bold: present or absent")
    group.get_by_role("button", name="Present").press("Enter")
    expect(group.get_by_role("button", name="Present")).to_have_attribute("aria-pressed", "true")
    page.settled()
    assert "reweighted: worth" in seen.inner_text(".what .status")


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_argument_can_be_used_by_everybody(browser: Any, at_sea: Running, scheme: str, width: int) -> None:
    opened = Seen.opened(browser, at_sea, width, color_scheme=scheme)
    seen = opened.go("argument")
    seen.get_by_role("switch", name="Showing").press("Space")
    seen.get_by_role("button", name="A strike is likelier than not").press("Enter")
    opened.settled()
    seen.locator(".argued details").evaluate_all("all => all.forEach(d => d.open = true)")
    assert opened.axe() == []
    assert seen.evaluate("document.documentElement.scrollWidth") <= width
    opened.page.context.close()
    assert opened.wrong == []
