"""What a reader meets on the screens is written in words: no identifiers, no dates as machines write them."""

from __future__ import annotations

import re

import pytest

from tests.workbench.conftest import Replies, Seen, needs_browser

CODE = re.compile(r"\b[A-Za-z]+_[A-Za-z_]+\b|\b\d{4}-\d{2}-\d{2}\b|`")
READ = """() => {
  document.querySelectorAll('details').forEach(d => d.open = true);
  const page = document.querySelector('#main').cloneNode(true);
  page.querySelectorAll('code, .editor, input, textarea').forEach(e => e.remove());
  const said = [...page.querySelectorAll('[title], [aria-label]')].flatMap(e => [e.title, e.ariaLabel]);
  return [page.textContent, ...said].join('\\n');
}"""


@needs_browser
def test_no_screen_shows_code_to_a_reader(page: Seen) -> None:
    from playwright.sync_api import expect

    at = page.go("argument")
    at.get_by_role("switch", name="Showing").uncheck()
    at.locator(".presence button", has_text="Present").first.click()
    page.settled()
    page.go("timeline")
    at.get_by_role("button", name="Ask everything as known on 10 February 2024").click()
    page.settled()
    met = {}
    for screen in ("answer", "argument", "tree", "timeline", "maps", "play"):
        page.go(screen)
        page.settled()
        met[screen] = CODE.findall(at.evaluate(READ))
    assert met == {screen: [] for screen in met}
    page.go("answer")
    expect(at.locator(".changed")).to_contain_text("without showing")
    expect(at.locator(".changed")).to_contain_text("as known on 10 February 2024")
    page.go("share")
    expect(at.locator(".otherwise")).to_contain_text("without showing")


@pytest.mark.parametrize(
    ("change", "said"),
    [("reveal No_one.will", "No one’s will known to all"), ("forbid act_now=go_in", "act now is never go in")],
)
def test_what_is_dropped_from_a_state_is_told_in_words(replies: Replies, change: str, said: str) -> None:
    (told,) = replies("fit", changes=(change,))
    assert told.data.dropped == (said,)
