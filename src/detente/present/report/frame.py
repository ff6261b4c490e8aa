"""The frame of the page: one file that loads nothing and sends nothing, and runs nothing but a script that it is given,
which its policy allows by its hash and which may not fetch either."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import metadata, resources

from detente.present.figures.drawing.svg import stylesheet
from detente.present.html.markup import Content, Html, tag
from detente.present.html.section import Section
from detente.present.html.terms import explained

PLAIN = ("sliders", "references")
"""Sections whose words are changed by a script, or are titles of works: none of them leads to the glossary."""


def page(title: str, head: Content, sections: Sequence[Section], foot: Content, script: str = "") -> str:
    """The whole page as text, with a glossary of the terms that it uses. `script`: the one that it may run; none where
    it is empty."""
    sections = explained(sections, without=PLAIN)
    contents = tag(
        "nav",
        tag("ol", [s.lines for s in sections]),
        aria_label="Contents",
    )
    body = tag(
        "body",
        tag("a", "To the answers", href="#main", class_="skip"),
        tag(
            "div",
            tag("header", head),
            contents,
            tag("main", [s.html for s in sections], tag("footer", foot), id="main"),
            class_="page",
        ),
        tag("script", Html(script)) if script else "",
    )
    return _file(title, body, "page.css", *["sliders.css"] * bool(script), script=script)


def sheet(title: str, content: Content) -> str:
    """A single sheet of paper, with nothing around it, as text."""
    return _file(title, tag("body", tag("main", content, class_="sheet")), "page.css", "brief.css")


def _file(title: str, body: Html, *styles: str, script: str = "") -> str:
    """A file with a body, its style inside; it may load nothing, and run nothing but a script in its body."""
    room = resources.files("detente.present.html")
    style = stylesheet() + "".join((room / name).read_text("utf-8") for name in styles)
    allowed = f"style-src {_digest(style)};" + (f" script-src {_digest(script)};" if script else "")
    policy = f"default-src 'none'; {allowed} img-src data:; base-uri 'none'; form-action 'none'"
    top = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"Detente {version()}"),
        tag("title", title),
        tag("link", rel="icon", href="data:,"),
        tag("style", Html(style)),
    )
    return f"<!doctype html>\n{tag('html', top, body, lang='en')}\n"


def _digest(content: str) -> str:
    """What a policy allows an element by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def set_otherwise(changes: Sequence[str]) -> Html:
    """What a study has otherwise than its case, said before anything else is read; nothing where it has nothing."""
    if not changes:
        return Html("")
    told = tag("p", tag("b", "Not the case as written."), " Changed for this report:")
    return tag("div", told, tag("ul", [tag("li", change) for change in changes]), class_="warning")


@cache
def version() -> str:
    """The version of Detente that made the page."""
    try:
        return metadata.version("detente")
    except metadata.PackageNotFoundError:
        return "(not installed)"
