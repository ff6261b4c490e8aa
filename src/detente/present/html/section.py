"""A part of a page."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cached_property

from detente.present.html.markup import Content, Html, tag, text

_HEADING = re.compile(r'<h3(?: id="([^"]*)")?>(.*?)</h3>')
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Section:
    """A part of the page, with its lines in the table of contents: its own, and one for each heading inside."""

    key: str
    title: str
    content: Content

    @property
    def html(self) -> Html:
        return tag(
            "section",
            tag("h2", self.title, id=f"{self.key}-heading"),
            self._marked[0],
            id=self.key,
            aria_labelledby=f"{self.key}-heading",
        )

    @property
    def lines(self) -> Html:
        """Its lines in the table of contents."""
        inner = [tag("li", tag("a", said, href=f"#{key}")) for key, said in self._marked[1]]
        return tag("li", tag("a", self.title, href=f"#{self.key}"), tag("ol", inner) if len(inner) > 1 else "")

    @cached_property
    def _marked(self) -> tuple[Html, list[tuple[str, str]]]:
        """The content with a name for each heading, and the headings by name."""
        found: list[tuple[str, str]] = []

        def mark(match: re.Match[str]) -> str:
            key = match[1] or f"{self.key}-{len(found) + 1}"
            found.append((key, html.unescape(_TAG.sub("", match[2])).removeprefix("Mechanism: ")))
            return f'<h3 id="{key}">{match[2]}</h3>'

        return Html(_HEADING.sub(mark, text(self.content))), found
