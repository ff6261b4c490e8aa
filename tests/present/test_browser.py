"""Pages in a browser: axe finds nothing in light and dark, phones scroll no page sideways, headings stay with their
text in print. Skipped, and counted, where there is no Chromium with Playwright and axe (`uv run --group browser`)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from detente.model.load import loads
from detente.present.cli.brief import printed
from detente.present.report.brief import brief
from detente.present.report.report import report
from detente.study.run import run
from tests.looking import axe, needs_browser
from tests.present import test_brief
from tests.present.test_pages import COMMANDS, answered, folder  # noqa: F401 (fixtures)
from tests.present.test_report import FULL
from tests.present.test_report import solved as plain
from tests.present.test_whole import solved, whole

pytestmark = needs_browser
PAGES = ["whole", "plain", "brief", *COMMANDS]
WIDER = """[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1)
  .map(e => [e.tabIndex, getComputedStyle(e).overflowX, getComputedStyle(e).backgroundImage, e.ariaLabel])"""


@pytest.fixture(scope="module")
def pages(answered: dict[str, tuple[Any, str]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:  # noqa: F811 (a fixture)
    """The address of each page."""
    texts = {name: text for name, (_, text) in answered.items()}
    texts["whole"] = report(solved(), "detente report threat", whole())
    texts["plain"] = report(plain(FULL, 120), "detente run full")
    texts["brief"] = brief(test_brief.study(), "detente brief threat", test_brief.turning())
    room = tmp_path_factory.mktemp("browser")
    for name, text in texts.items():
        (room / f"{name}.html").write_text(text, "utf-8")
    return {name: (room / f"{name}.html").as_uri() for name in texts}


def opened(browser: Any, address: str, width: int, **how: Any) -> Any:
    page = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True, **how).new_page()
    page.goto(address)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name: str, scheme: str, browser: Any, pages: dict[str, str]) -> None:
    for width in (1280, 360):
        page = opened(browser, pages[name], width, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = axe(page)
        page.context.close()
        assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_scrolls_what_is_wide_and_not_the_page(name: str, browser: Any, pages: dict[str, str]) -> None:
    for width in (360, 390):
        page = opened(browser, pages[name], width)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        wide = page.evaluate(WIDER)
        page.context.close()
        assert wide or name == "brief", "a page without anything wide tests nothing"
        for tab, overflow, shadow, said in wide:
            assert tab == 0, said
            assert overflow == "auto", said
            assert shadow.count("gradient") == 4, said


LONGER = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  while (walk.nextNode()) texts.push(walk.currentNode);
  const ours = 'svg, script, style, .scroll, .chip, .n, thead';
  const found = texts.filter(t => t.data.trim().length > 2 && !t.parentElement.closest(ours));
  for (const text of found) text.data = 'unbroken/'.repeat(20).replaceAll('/', '_');
  return found.length;
}"""


@pytest.mark.parametrize("name", ["whole", "plain", "brief", "tip"])
def test_no_long_word_scrolls_a_phone(name: str, browser: Any, pages: dict[str, str]) -> None:
    """Whatever stands in the text of a case: an address, a key, a title without a blank."""
    page = opened(browser, pages[name], 390)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate(LONGER) > 20
    wide = page.evaluate("""[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, svg')
      && e.getBoundingClientRect().right > 391).map(e => [e.tagName, e.className, e.parentElement.className])""")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, wide
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_no_label_of_a_picture_lies_outside_of_it(name: str, browser: Any, pages: dict[str, str]) -> None:
    page = opened(browser, pages[name], 1280)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    cut = page.evaluate("""[...document.querySelectorAll('svg.picture text')].filter(e => {
        const b = e.getBBox(), v = e.ownerSVGElement.viewBox.baseVal;
        return b.x < -1 || b.x + b.width > v.width + 1 || b.y < -1 || b.y + b.height > v.height + 1;
      }).map(e => e.textContent)""")
    page.context.close()
    assert cut == []


@pytest.mark.parametrize("name", ["whole", "plain"])
def test_no_heading_is_stranded_in_print(name: str, browser: Any, pages: dict[str, str]) -> None:
    page = opened(browser, pages[name], 700)
    page.emulate_media(media="print")
    after = page.evaluate(
        "[...document.querySelectorAll('h2, h3, h4, figcaption, caption')].map(e => getComputedStyle(e).breakAfter)"
    )
    shown = page.evaluate("[...document.querySelectorAll('#assumptions .entry')].every(e => e.checkVisibility())")
    page.context.close()
    assert set(after) == {"avoid"}
    assert shown, "assumptions are folded away on paper"


@pytest.mark.parametrize("written", ["case", "full", "verbose"])
def test_the_brief_takes_one_sheet(written: str, tmp_path: Path) -> None:
    page, pdf = tmp_path / "brief.html", tmp_path / "brief.pdf"
    if written == "case":
        text = brief(test_brief.study(), "detente brief threat", test_brief.turning())
    elif written == "full":
        text = brief(plain(FULL, 120))
    else:
        text = brief(run(loads(test_brief.VERBOSE, "verbose.yaml"), draws=40, seed=1))
    page.write_text(text, "utf-8")
    assert printed(page, pdf) == ""
    assert len(re.findall(rb"/Type */Page\b", pdf.read_bytes())) == 1
