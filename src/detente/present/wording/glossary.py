"""The words of Detente, each defined once in `glossary.yaml`: the glossary of the docs, of every report and of
`detente glossary`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from detente.errors import QuestionError, nearest


@dataclass(frozen=True)
class Entry:
    """A term and what it means. `also`: other names for it in the literature; `forms`: how it is written in a sentence
    of a report; `source`: the work that it is from."""

    term: str
    means: str
    also: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    source: str = ""

    @property
    def key(self) -> str:
        """Its anchor on a page."""
        return "term-" + "-".join("".join(c if c.isalnum() else " " for c in self.term.lower()).split())


@cache
def glossary() -> tuple[Entry, ...]:
    """All entries, in the order of the alphabet."""
    text = (resources.files("detente.present.wording") / "glossary.yaml").read_text("utf-8")
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    entries = [
        Entry(term, e["means"], tuple(e.get("also", ())), tuple(e.get("forms", ())), e.get("source", ""))
        for term, e in found.items()
    ]
    return tuple(sorted(entries, key=lambda entry: entry.term.lower()))


def entry_of(word: str) -> Entry:
    """The entry of a term, of another name for it or of one of its forms. Raises QuestionError."""
    wanted = word.casefold()
    for entry in glossary():
        if wanted in (name.casefold() for name in (entry.term, *entry.also, *entry.forms)):
            return entry
    raise QuestionError(f"the glossary has no {word!r}; {nearest(word, [entry.term for entry in glossary()])}")


def said(entry: Entry) -> str:
    """What it means, what else it is called, and where it comes from, as plain text."""
    also = f" Also called {', '.join(entry.also)}." if entry.also else ""
    source = f" ({entry.source})" if entry.source else ""
    return f"{entry.means}{also}{source}"
