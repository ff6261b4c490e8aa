"""A part of a page."""

from __future__ import annotations

from dataclasses import dataclass

from detente.present.html.markup import Content, Html, tag


@dataclass(frozen=True)
class Section:
    """A part of the page, with its line in the table of contents."""

    key: str
    title: str
    content: Content

    @property
    def html(self) -> Html:
        return tag(
            "section",
            tag("h2", self.title, id=f"{self.key}-heading"),
            self.content,
            id=self.key,
            aria_labelledby=f"{self.key}-heading",
        )
