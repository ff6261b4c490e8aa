"""What is cited, as a page is sent it: a source with its place, title and address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from detente.model.fields import Citation
from detente.model.schema import Model
from detente.present.wording.numbers import words


@dataclass(frozen=True)
class Cite:
    """What is cited. `source`: the name of the source, `paragraph`: where in it; `url` is empty where it has none."""

    text: str
    source: str
    paragraph: str
    title: str
    url: str


def cites(model: Model, citations: Iterable[Citation]) -> tuple[Cite, ...]:
    """Citations with their sources."""
    found = []
    for c in citations:
        source = model.sources.get(c.source)
        title = (source.title if source else "") or words(c.source)
        found.append(Cite(words(str(c)), c.source, c.paragraph, title, address(source.url) if source else ""))
    return tuple(found)


def address(url: str) -> str:
    """A web address; nothing of what is none."""
    return url if url.startswith(("https://", "http://")) else ""
