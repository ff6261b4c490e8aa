"""A model written by somebody who means harm: whatever stands in its texts, no script runs and no element comes of it.

Every screen in the navigation is looked at, so that a screen that comes later is covered, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from detente.model.load import load
from detente.present.web.answering import Job, answered
from detente.present.web.screens.registry import screens
from detente.present.web.state import Asked, State
from detente.present.web.workspace import Workspace
from tests.workbench.conftest import Running, Seen, free_port, needs_browser, plan

CORPUS = (
    '<img id="injected" src=x onerror="window.hit=1">',
    "<script>window.hit=1</script>",
    '"><svg id=injected onload=window.hit=1>',
    "' onmouseover='window.hit=1' x='",
    "javascript:window.hit=1",
    "{{constructor.constructor('window.hit=1')()}} ${window.hit=1} <%= 1 %>",
    ":window.hit=1",
    '--><iframe id=injected srcdoc="<script>parent.hit=1</script>">',
    "</title></style></textarea></script><script>window.hit=1</script>",
    '<a id="injected" href="javascript:window.hit=1">x</a>',
    "<style id=injected>*{display:none}</style>",
    "[x](javascript:window.hit=1) `<b id=injected>`",
    "data:text/html,<script>window.hit=1</script>",
    "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "=cmd|'/c calc'!A1",
    "</script><math><mtext></form><form><mglyph><style></math><img src onerror=window.hit=1>",
)
INJECTED = """() => [...document.querySelectorAll('*')].filter((e) => e.id === 'injected'
    || ['iframe', 'object', 'embed', 'base', 'math', 'mglyph'].includes(e.localName)
    || (e.localName === 'script' && !e.src)
    || [...e.attributes].some((a) => a.name.startsWith('on')
        || (['href', 'src', 'xlink:href', 'action', 'formaction'].includes(a.name)
            && /^\\s*(javascript|vbscript|data:text)/i.test(a.value))))
    .map((e) => e.outerHTML.slice(0, 200))"""


def hostile() -> dict[str, Any]:
    """A model with something hostile in every text that there is."""
    corpus: Iterator[str] = cycle(CORPUS)

    def say() -> str:
        return next(corpus)

    about = {key: say() for key in ("means", "because")}
    cited = {"source": "evil 1", "mechanism": "thread"}
    return {
        "title": say(), "question": say(), "about": f"{say()}\n\n{say()}", "stake": say(), "as_of": "2022-02-16",
        "periods": {"count": 2, "unit": "month", "from": "2022-02-11"},
        "answer": {"asks": "P(posture is attack)", "says": say(),
                   "groups": {"war": ["attacked"], "peace": "otherwise"}},
        "sources": {
            "evil": {"title": say(), "author": say(), "published": say(), "kind": say(), "note": say(),
                     "url": "javascript:window.hit=1"},
            "other": {"title": say(), "url": '"><script>window.hit=1</script>'},
        },
        "mechanisms": {"thread": {"says": say(), "source": f"evil {CORPUS[0]}"}},
        "actors": {"Rome": say(), "Carthage": {"means": say()}},
        "quantities": {
            "cost": {"value": "0.3 to 1.2", "unit": say(), **about, **cited,
                     "seen_by": {"Rome": {"value": "cost * (0.5 to 0.9)", "means": say(), "because": say(),
                                          "source": f"evil {say()}"}}},
            "hazard": {"value": "0.01 to 0.06", "unit": "probability", "means": say()},
            "rationality": {"value": "2 to 12", "role": "precision", "means": say()},
        },
        "private": {"Carthage.resolve": {"prior": {"firm": 0.4, "soft": "otherwise"}, **about, **cited}},
        "state": {"alarm": {"start": 0.1, "next": "0.5 * alarm", "means": say(), "because": say()}},
        "stages": {
            "posture": {"actor": "Rome", "means": say(), "because": say(), **cited, "continues": "press",
                        "reconsidered": {"value": "0.5 to 4 per month", "means": say(), "because": say()},
                        "moves": {"attack": {"means": say()}, "press": say(), "leave": say()}},
            "incident": {"chance": {"war": {"p": "hazard", "means": say()}, "none": {"p": "otherwise", "means": say()}},
                         "per": "month", "when": "posture is press", "means": say()},
            "answering": {"actor": "Carthage", "when": "posture is press", "once": True, "means": say(),
                          "moves": {"hold": say(), "yield": say()}},
        },
        "outcomes": {
            "attacked": {"when": "posture is attack", "means": say(), **cited},
            "accident": {"when": "incident is war", "means": say()},
            "conceded": {"when": "answering is yield", "means": say()},
            "settled": {"when": "posture is leave", "means": say()},
            "unresolved": {"otherwise": True, "means": say()},
        },
        "payoffs": {
            "Rome": {"prize": {"value": "1 * (outcome is conceded)", "means": say(), "because": say(), **cited},
                     "war": "-cost * (outcome in [attacked, accident]) - 0.01 * alarm"},
            "Carthage": {"land": "-(0.3 if Carthage.resolve is firm else 0.9) * (outcome in [attacked, conceded])"},
        },
        "claims": {"calm": {"says": say(), "holds": "P(posture is attack) < 0.5", "source": f"evil {say()}"}},
        "statics": {"dear": {"says": say(), "raise": "cost", "then": "P(outcome is attacked) falls"}},
        "evidence": [
            {"date": "2022-02-12", "fact": say(), "means": say(), "source": "evil"},
            {"date": "2022-02-12", "signal": say(), "likelihood": {"Carthage.resolve": {"firm": 0.5, "soft": 0.2}},
             "source": "evil"},
        ],
        "signs": [{"sign": say(), "likelihood": {"Carthage.resolve": {"firm": 0.6, "soft": 0.1}}, "source": "evil"}],
        "forecasts": [{"who": say(), "date": "2022-02-12", "p": 0.4, "event": say(), "deadline": "2022-12-31",
                       "like": "outcome is attacked", "source": "evil"}],
        "base_rates": [{"class": say(), "count": 3, "of": 20, "source": "evil"}],
        "happened": {"date": "2022-02-24", "outcome": "attacked", "means": say(), "source": "evil"},
        "structures": {"rival": {"weight": 0.5, "means": say(), "because": say(), "source": "evil",
                                 "changes": {"payoffs": {"Rome": {"more": {"value": "0.1 * (outcome is settled)",
                                                                           "means": say()}}}}}},
    }  # fmt: skip


class Tags(HTMLParser):
    """The elements of a piece of markup that only somebody who means harm would have written."""

    found: list[str]

    @classmethod
    def wrong(cls, html: str) -> list[str]:
        made = cls()
        made.found = []
        made.feed(html)
        return made.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        bad = tag in ("script", "iframe", "img", "math", "style", "form", "object", "embed", "base")
        bad = bad or any(name.startswith("on") or name == "style" for name in told)
        bad = bad or told.get("id") == "injected"
        bad = bad or not re.match(r"(https?:|#|data:,|\Z)", told.get("href") or "")
        if bad:
            self.found.append(str(self.get_starttag_text()))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "hostile.yaml"
    path.write_text(json.dumps(hostile(), ensure_ascii=False, indent=1), "utf-8")
    return path


@pytest.fixture(scope="module")
def served(file: Path) -> Iterator[Running]:
    port = free_port()
    server = Running(plan(file.parent, port, {"hostile": str(file)}, "hostile"), port)
    yield server
    server.stop()


def test_it_is_a_model_and_has_every_text_of_the_corpus(file: Path) -> None:
    model = load(str(file))
    assert model.actors.keys() == {"Rome", "Carthage"}
    text = file.read_text("utf-8")
    assert [one for one in CORPUS if json.dumps(one, ensure_ascii=False)[1:-1] not in text] == []


def test_no_screen_writes_markup_of_it(file: Path) -> None:
    """What the server sends of every screen has no tag that the corpus has."""
    space, seen = Workspace({"hostile": file}, None), 0
    for name in screens():
        asked = Asked(id=1, screen=name, key=name, state=State(case="hostile", draws=50), options={})
        for reply in answered(space, Job(asked), lambda _: None):
            for html in reply.html.values():
                seen += len(html)
                assert Tags.wrong(html) == [], name
    assert seen > 1000


def harmless(seen: Seen, where: str) -> None:
    assert seen.page.evaluate("window.hit") is None, where
    assert seen.page.evaluate(INJECTED) == [], where


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
def test_no_script_runs_and_no_element_comes_of_it(browser: Any, served: Running, width: int) -> None:
    from playwright.sync_api import expect

    seen = Seen.opened(browser, served, width)
    page = seen.page
    names = page.eval_on_selector_all("nav[aria-label=Screens] a", "all => all.map((a) => a.getAttribute('href'))")
    assert len(names) >= 4
    for href in [*names, "#/library?"]:
        where = href.partition("?")[0]
        page.evaluate("(to) => { location.hash = to }", href)
        page.locator("main").wait_for()
        page.wait_for_timeout(300)
        expect(page.locator("main [aria-busy=true]")).to_have_count(0, timeout=120_000)
        for summary in page.locator("main details:not([open]) > summary").all()[:12]:
            if summary.is_visible():
                summary.click()
        page.wait_for_timeout(100)
        harmless(seen, where)
    page.context.close()
    assert seen.wrong == []


@needs_browser
def test_nor_while_it_is_written(browser: Any, served: Running) -> None:
    """Names that the language refuses (one that begins with a colon) are told in messages, as text."""
    seen = Seen.opened(browser, served)
    page = seen.page
    page.click("nav a[href^='#/model']")
    page.wait_for_selector(".cm-content")
    page.focus(".cm-content")
    page.keyboard.press("Control+a")
    evil = "\n".join(f"{json.dumps(text)}: {json.dumps(text)}" for text in CORPUS)
    page.keyboard.insert_text(f'title: x\nactors:\n  "{CORPUS[6]}": y\n{evil}\n')
    page.locator(".marks li.mistake").first.wait_for()
    assert "window.hit" in page.inner_text(".marks")
    harmless(seen, "messages")
    page.hover(".cm-lintRange-error >> nth=0")
    page.locator(".cm-tooltip-lint").first.wait_for()
    harmless(seen, "tooltip")
    page.click("text=Changes")
    page.locator("dialog .diff").wait_for()
    harmless(seen, "changes")
    page.context.close()
    assert seen.wrong == []
