"""What two texts have otherwise, as a table that can be read aloud."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from detente.present.html.markup import Html, scrolled, tag, verbatim
from detente.present.wording.numbers import counted

AROUND = 3  # lines before and after a change


def diff(old: str, new: str, named: str) -> Html:
    """The lines that two texts have otherwise, with some around them. `named`: what the table is called."""
    if old == new:
        return tag("p", "Nothing is changed.")
    before, after = old.split("\n"), new.split("\n")
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) + len(after) > 4000)
    rows: list[Html] = []
    came = went = 0
    for group in matcher.get_grouped_opcodes(AROUND):
        if rows:
            rows.append(tag("tr", tag("td", "⋯", colspan=4), class_="gap"))
        for op, a, b, c, d in group:
            rows += list(_rows(op, before[a:b], after[c:d], a, c))
            came += (d - c) * (op != "equal")
            went += (b - a) * (op != "equal")
    said = f"{counted(came, 'line')} written, {counted(went, 'line')} taken away"
    head = tag("thead", tag("tr", *(tag("th", h, scope="col") for h in ("before", "after", "what", "text"))))
    table = tag("table", tag("caption", said), head, tag("tbody", rows), class_="diff")
    return scrolled(table, named)


def _rows(op: str, old: list[str], new: list[str], at: int, then: int) -> Iterator[Html]:
    if op == "equal":
        for k, line in enumerate(old):
            yield _row("", line, at + k + 1, then + k + 1, "")
        return
    for k, line in enumerate(old):
        yield _row("−", line, at + k + 1, None, "went")
    for k, line in enumerate(new):
        yield _row("+", line, None, then + k + 1, "came")


def _row(sign: str, line: str, old: int | None, new: int | None, class_: str) -> Html:
    word = {"−": "taken away", "+": "written"}.get(sign, "")
    sign_cell = tag("td", tag("span", sign, aria_hidden="true"), tag("span", word, class_="unseen") if word else "")
    shown = tag("code", verbatim(line))
    return tag("tr", tag("td", old, class_="n"), tag("td", new, class_="n"), sign_cell, tag("td", shown), class_=class_)
