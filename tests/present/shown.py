"""What tests of notebooks share: a small case, solved once, and what a shown result holds."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser

import detente
from detente.model.load import loads
from detente.model.schema import Model
from detente.study.study import Study
from tests.docs.test_reference import CASE


@cache
def model() -> Model:
    return loads(CASE, "threat.yaml")


def other() -> Model:
    return loads(CASE.replace("A threat", "Another threat").replace("lam: {value: 4", "lam: {value: 6"), "other.yaml")


@cache
def solved() -> Study:
    return detente.run(model(), draws=240)


class Seen(HTMLParser):
    """What a part of a page holds: its tags with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.said = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("br", "hr", "col", "img", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said += data


def whole(shown: str) -> Seen:
    """A part of a page, which is closed, runs and loads nothing, and leads to nothing that is not there."""
    assert type(shown) is str, "marimo takes plain text"
    seen = Seen(shown)
    assert [tag for tag, _ in seen.tags].count("style") == 1
    assert not {"script", "iframe", "link", "object", "img"} & {tag for tag, _ in seen.tags}
    named = [a["id"] for _, a in seen.tags if "id" in a]
    assert len(named) == len(set(named))
    for _, attributes in seen.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        used = [attributes.get("href", "").removeprefix("#")] if attributes.get("href", "").startswith("#") else []
        used += [*attributes.get("aria-labelledby", "").split(), *attributes.get("aria-describedby", "").split()]
        assert set(used) <= set(named)
    return seen
