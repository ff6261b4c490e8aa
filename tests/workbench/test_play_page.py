"""Playing a role in a browser: by keyboard alone, by two people who see nothing of each other, after a reload."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.workbench.conftest import Running, Seen, needs_browser

pytestmark = needs_browser
LINES = "main h1"


def sit(seen: Seen, actor: str, other: str = "", number: int | None = None) -> Any:
    page = seen.go("play")
    page.get_by_role("radio", name=actor).check()
    if other:
        page.get_by_label("Somebody else plays").select_option(other)
    if number is not None:
        page.get_by_text("The same world for a class").click()
        page.get_by_role("textbox", name="Number").fill(str(number))
    page.get_by_role("button", name="Sit down").click()
    page.wait_for_selector(".seat")
    return page


def tab_to(page: Any, name: str) -> None:
    """Go by Tab to a control, by what it says."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(
            "(document.activeElement.closest('label') ?? document.activeElement).innerText.trim()"
        ).startswith(name):
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_a_whole_play_by_keyboard(seen: Seen) -> None:
    from playwright.sync_api import expect

    seen.settled()
    page = seen.page
    links = page.locator("nav[aria-label=Screens] a").all_inner_texts()
    page.keyboard.press(str(links.index("Play") + 1))
    page.wait_for_selector(".role")
    seen.settled()
    tab_to(page, "Challenger")
    page.keyboard.press("Space")
    tab_to(page, "The same world for a class")
    page.keyboard.press("Enter")
    tab_to(page, "Number")
    page.keyboard.type("2")
    tab_to(page, "Coached")
    page.keyboard.press("Space")
    tab_to(page, "Sit down")
    page.keyboard.press("Enter")
    expect(page.locator(LINES)).to_have_text("Your turn: demand")
    assert "Your resolve: irresolute" in page.inner_text(".knowing")
    tab_to(page, "threaten")
    page.keyboard.press("Enter")
    expect(page.locator(LINES)).to_have_text("Your turn: deed")
    expect(page.locator(LINES)).to_be_focused()
    told = page.inner_text("[aria-live=polite].unseen")
    assert "You, demand: threaten" in told
    assert "Defender, reply: resist" in told
    assert "Your resolve" not in told, "what is announced is what is new"
    assert "equilibrium play does so with" in page.inner_text(".coach")
    assert re.search(r"irresolute\s+80%\s+85%", page.inner_text(".doing")), "a belief, and what it was before"
    tab_to(page, "attack")
    page.keyboard.press("Enter")
    expect(page.locator(LINES)).to_have_text("It is over: war")
    page.wait_for_selector(".decision")
    assert "1.15 stakes more" in page.inner_text(".decisions")
    tab_to(page, "Try them in 200 worlds")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=90% of worlds")
    tab_to(page, "Step through it again")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You chose threaten")
    tab_to(page, "Next")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=You chose attack")
    assert seen.axe() == []


def test_a_log_is_taken_away_and_opened_again(seen: Seen) -> None:
    from playwright.sync_api import expect

    seen.settled()
    page = sit(seen, "Challenger", number=2)
    page.click(".moves >> text=keep quiet")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the log").click()
    file = taken.value.path()
    log = json.loads(file.read_text("utf-8"))
    assert (log["case"], log["seed"], [m["move"] for m in log["moves"]]) == ("crisis-signalling", 2, ["keep_quiet"])
    said = page.inner_text(".decisions")
    page.get_by_role("button", name="Play somebody else").click()
    page.click("text=Logs of plays")
    page.get_by_label("Open the log of a play").set_input_files(file)
    expect(page.locator(LINES)).to_have_text("It is over: quiet")
    page.wait_for_selector(".decision")
    assert page.inner_text(".decisions") == said
    page.get_by_role("button", name="Play somebody else").click()
    page.click("text=Logs of plays")
    page.get_by_role("button", name="A class").click()
    page.get_by_label("Logs").set_input_files([file, file])
    page.wait_for_selector(".class table")
    assert "2 plays of crisis-signalling, 2 of them over" in page.inner_text(".class")
    assert "2 (100%)" in page.inner_text(".class")
    assert seen.axe() == []


def test_a_reload_goes_on(seen: Seen) -> None:
    from playwright.sync_api import expect

    seen.settled()
    page = sit(seen, "Challenger", number=2)
    page.click(".moves >> text=threaten")
    expect(page.locator(LINES)).to_have_text("Your turn: deed")
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator(LINES)).to_have_text("Your turn: deed")
    held = page.evaluate("JSON.stringify({...sessionStorage, ...localStorage}) + location.href")
    assert "irresolute" not in held, "the page keeps nothing of the play"
    page.click(".moves >> text=back down")
    expect(page.locator(LINES)).to_have_text("It is over: retreat")


def test_two_people_see_nothing_of_each_other(browser: Any, running: Running, seen: Seen) -> None:
    from playwright.sync_api import expect

    seen.settled()
    sent: list[str] = []
    page = seen.page
    page.on("websocket", lambda ws: ws.on("framereceived", lambda text: sent.append(str(text))))
    page.reload()
    page = sit(seen, "Challenger", "Defender", number=2)
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Link").input_value()
    assert link.startswith(f"{running.origin}/?token=")
    other = Seen(browser.new_context(viewport={"width": 390, "height": 844}).new_page())
    heard: list[str] = []
    other.page.on("websocket", lambda ws: ws.on("framereceived", lambda text: heard.append(str(text))))
    other.page.goto(link)
    expect(other.page.locator(LINES)).to_have_text("Waiting for Challenger")
    expect(other.page).not_to_have_url(re.compile("invitation"))  # what opens the seat does not stay in the address
    assert "Your resolve: resolute" in other.page.inner_text(".knowing")
    expect(page.locator(".invite")).to_have_count(0)  # somebody sits there now
    again = Seen(browser.new_context().new_page())
    again.page.goto(link)
    expect(again.page.locator("body")).to_contain_text("opens once")
    again.page.context.close()
    assert other.axe() == []
    assert other.page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click(".moves >> text=threaten")
    expect(page.locator(LINES)).to_have_text("Waiting for Defender")
    expect(other.page.locator(LINES)).to_have_text("Your turn: reply")  # by itself
    other.page.click(".moves >> text=resist")
    expect(page.locator(LINES)).to_have_text("Your turn: deed")
    expect(page.locator(LINES)).to_be_focused()
    before = "".join(sent), "".join(heard)
    assert "Your resolve: irresolute" in before[0]
    assert "Your resolve: resolute" not in before[0]
    assert "Your resolve: resolute" in before[1]
    assert "Your resolve: irresolute" not in before[1]
    assert not any('"seed"' in text for text in before)
    page.click(".moves >> text=attack")
    expect(page.locator(LINES)).to_have_text("It is over: war")
    expect(other.page.locator(LINES)).to_have_text("It is over: war")
    other.page.wait_for_selector(".decision")
    assert "Challenger of your resolve" in other.page.inner_text(".decisions")
    other.page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_at_a_seat(browser: Any, running: Running, width: int) -> None:
    for scheme in ("light", "dark"):
        seen = Seen.opened(browser, running, width, color_scheme=scheme)
        seen.settled()
        page = sit(seen, "Challenger", number=2)
        page.wait_for_selector(".moves button")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.wait_for_selector(".knowing code", state="attached")
        assert seen.axe() == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.click(".moves >> text=keep quiet")
        page.wait_for_selector(".decision")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        seen.settled()
        assert seen.axe() == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.context.close()
        assert seen.wrong == []


def test_words_of_a_model_are_words(seen: Seen, running: Running) -> None:
    """Names and meanings that look like markup are shown as they are."""
    seen.settled()
    page = seen.page
    nasty = "<img src=x onerror=alert(1)>"
    text = f"""
detente: 1
title: "{nasty}"
actors: {{A: "{nasty}", B: "{nasty}"}}
private: {{B.mood: {{bright: 0.5, dark: otherwise}}}}
stages:
  go: {{actor: A, moves: {{left: "{nasty}", right: "{nasty}"}}, means: "{nasty}"}}
outcomes: {{end: {{means: "{nasty}", otherwise: true}}}}
payoffs: {{A: {{x: {{value: 1.0 * (go is left), means: "{nasty}"}}}}, B: {{x: -1.0 * (go is left)}}}}
"""
    key = running_case(page, text)
    page.goto(f"{running.origin}/#/play?s={key}")
    page.reload()
    page.get_by_role("radio", name="A", exact=True).check()
    page.get_by_role("button", name="Sit down").click()
    page.click(".moves button >> nth=0")
    page.wait_for_selector(".decision")
    assert page.locator("main img").count() == 0
    assert nasty in page.inner_text("main")


def running_case(page: Any, text: str) -> str:
    """Send a text as a case, as the editor does; the state that looks at it."""
    return str(page.evaluate(
        """text => new Promise(resolve => {
          const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket');
          socket.onopen = () => socket.send(JSON.stringify({put: text, name: 'draft'}));
          socket.onmessage = e => {
            const key = JSON.parse(e.data).data.case;
            localStorage.setItem('detente-drafts', JSON.stringify({[key]: {text, name: 'draft'}}));
            resolve(btoa(JSON.stringify({case: key})).replaceAll('=', ''));
          };
        })""",
        text,
    ))  # fmt: skip
