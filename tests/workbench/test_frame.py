"""The frame of the workbench, in a browser: every screen by keyboard, light and dark, narrow and wide; it outlives its
server, and two tabs know nothing of each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.workbench.conftest import Running, Seen, free_port, needs_browser, plan

pytestmark = needs_browser


def screens_of(page: Any) -> list[str]:
    """The screens in the navigation, in their order."""
    links = page.locator("nav[aria-label=Screens] a").evaluate_all("all => all.map(a => a.hash)")
    return [link.removeprefix("#/").partition("?")[0] for link in links]


def test_the_answer_is_there(seen: Seen) -> None:
    seen.settled()
    assert "draws, seed 1" in seen.page.inner_text("main .status >> nth=0")
    assert seen.page.title().startswith("Answer · crisis-signalling")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_any_screen(browser: Any, running: Running, width: int, scheme: str) -> None:
    seen = Seen.opened(browser, running, width, color_scheme=scheme)
    seen.settled()
    wrong = {}
    for screen in screens_of(seen.page):
        seen.go(screen)
        seen.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        if found := seen.axe():
            wrong[screen] = found
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, screen
    seen.page.context.close()
    assert wrong == {}
    assert seen.wrong == []


def test_every_screen_is_reached_by_keyboard_alone(seen: Seen) -> None:
    seen.settled()
    page = seen.page
    names = screens_of(page)
    assert len(names) >= 2
    for k, name in enumerate(names[:9]):
        page.locator("#main").focus()  # in a field a digit is a digit
        page.keyboard.press(str(k + 1))
        seen.settled()
        assert page.locator("nav a[aria-current=page]").evaluate("a => a.hash").startswith(f"#/{name}")
        assert page.evaluate("document.activeElement.id") == "main" or k == 0, "the focus goes to the screen"
        page.keyboard.press("Tab")
        shown = page.evaluate("""() => {
          const e = document.activeElement, s = getComputedStyle(e);
          return [e.tagName, s.outlineStyle !== 'none' || s.boxShadow !== 'none'];
        }""")
        assert shown[0] != "BODY", f"{name} has nothing to go to"
        assert shown[1], f"{name}: the focus cannot be seen"
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")


def test_nothing_is_lost_when_the_server_dies(browser: Any, tmp_path: Path) -> None:
    port = free_port()
    running = Running(plan(tmp_path, port), port)
    seen = Seen.opened(browser, running)
    page = seen.page
    page.wait_for_selector(".slider")
    slider = page.locator(".slider input[type=range]").first
    slider.focus()
    page.keyboard.press("PageUp")
    seen.settled()
    running.stop()
    page.wait_for_selector("text=The server does not answer")
    page.keyboard.press("PageUp")
    value = slider.input_value()
    running.start()
    page.wait_for_selector("text=The server does not answer", state="detached", timeout=20_000)
    seen.settled()
    assert slider.input_value() == value
    page.reload()
    page.wait_for_selector(".slider")
    assert page.locator(".slider input[type=range]").first.input_value() == value
    seen.settled()
    assert "As written it is" in page.inner_text(".lede")
    page.context.close()
    running.stop()
    assert [w for w in seen.wrong if "WebSocket connection" not in w and "ERR_CONNECTION" not in w] == []


def test_what_was_moved_a_moment_ago_is_there_after_a_reload(seen: Seen) -> None:
    """The address is written a little later than the page changes, and does not take it back."""
    seen.settled()
    page = seen.page
    slider = page.locator(".slider input[type=range]").first
    slider.focus()
    page.keyboard.press("PageUp")
    page.wait_for_timeout(600)  # the address has this
    page.keyboard.press("PageUp")  # and does not have that
    value = slider.input_value()
    page.reload()
    page.wait_for_selector(".slider")
    assert page.locator(".slider input[type=range]").first.input_value() == value


def test_two_tabs_know_nothing_of_each_other(seen: Seen, running: Running) -> None:
    seen.settled()
    other = seen.page.context.new_page()
    other.goto(running.origin)
    other.wait_for_selector(".slider")
    seen.page.wait_for_selector(".slider")
    other.locator(".slider input[type=range]").first.focus()
    other.keyboard.press("PageUp")
    Seen(other).settled()
    assert "As written it is" in other.inner_text(".lede")
    assert "As written it is" not in seen.page.inner_text(".lede")
    other.close()


def test_a_question_is_asked_and_answered(seen: Seen) -> None:
    page = seen.go("questions")
    page.click(".offers >> text=/^claims$/")
    seen.settled()
    page.wait_for_selector(".result table", state="attached")
    assert "conclusion" in page.inner_text(".result").lower() or page.locator(".result tr").count() > 1
