"""The words of a page that the glossary explains: the first use of each in a section leads to its entry, and the
entries that are used stand at the end of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from detente.present.html.markup import Html, tag, text
from detente.present.html.section import Section
from detente.present.wording.glossary import Entry, glossary, said

_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-z][a-z0-9]*)")
_VOID = frozenset({"br", "hr", "img", "col", "input", "meta", "link"})
PROSE = frozenset({"p", "li", "dd", "figcaption"})
"""Where terms are looked for."""
APART = frozenset({"a", "svg", "code", "pre", "q", "button", "label", "output", "script", "style", "summary", "table"})
"""Within these a term stays as it is: it leads elsewhere already, is quoted or drawn, or is no prose."""
KEY, TITLE = "glossary", "Glossary"


@cache
def _forms() -> tuple[re.Pattern[str], dict[str, Entry]]:
    """What finds a term, the longest first and never half of a hyphenated word; the entries by how they are written."""
    by_form = {form.lower(): entry for entry in glossary() for form in entry.forms}
    longest = sorted(by_form, key=lambda form: (-len(form), form))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))})(?![\w-])", re.IGNORECASE), by_form


def explained(sections: Sequence[Section], without: Sequence[str] = ()) -> list[Section]:
    """The sections of a page with links to the glossary, and the glossary; as they are where they use no term.

    `without`: the keys of sections that are left as they are.
    """
    used: dict[str, Entry] = {}
    linked = [s if s.key in without else Section(s.key, s.title, _linked(text(s.content), used)) for s in sections]
    if not used:
        return linked
    entries = sorted(used.values(), key=lambda entry: entry.term.lower())
    rows = [[tag("dt", entry.term, id=entry.key), tag("dd", said(entry))] for entry in entries]
    return [*linked, Section(KEY, TITLE, tag("dl", rows, class_=KEY))]


def _linked(content: Html, used: dict[str, Entry]) -> Html:
    """The content of one section with its first use of each term linked; `used` gets the terms by their anchors."""
    opened: list[str] = []
    here: set[str] = set()
    parts = _TAG.split(content)
    forms, entries = _forms()

    def link(match: re.Match[str]) -> str:
        entry = entries[match[0].lower()]
        if entry.key in here:
            return match[0]
        here.add(entry.key)
        used[entry.key] = entry
        return f'<a class="term" href="#{entry.key}">{match[0]}</a>'

    for k, part in enumerate(parts):
        if k % 2 == 0:
            if part and PROSE.intersection(opened) and not APART.intersection(opened):
                parts[k] = forms.sub(link, part)
        elif name := _NAME.match(part):
            if part.startswith("</"):
                opened.pop()
            elif name[1] not in _VOID:
                opened.append(name[1])
    return Html("".join(parts))
