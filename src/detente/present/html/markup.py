"""HTML and SVG from Python: everything is escaped unless it is `Html` already."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import cache
from string import Formatter
from typing import TypeAlias


class Html(str):
    """Text that is markup already. Only `tag`, `text` and `join` make it."""

    __slots__ = ()


Content: TypeAlias = "str | int | float | Iterable[Content] | None"

_VOID = frozenset({"meta", "link", "br", "hr", "img", "col", "input"})
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_MARKED = re.compile("`([^`]+)`")


def text(value: Content) -> Html:
    """Content as markup. What is not `Html` is escaped; what cannot be shown, or turns text round, is taken out.

    What is marked `so` in the words of a model stands in quotation marks.
    """
    if value is None:
        return Html("")
    if isinstance(value, Html):
        return value
    if isinstance(value, str):
        return verbatim(_MARKED.sub("“\\1”", value) if "`" in value else value)
    if isinstance(value, (int, float)):
        return Html(html.escape(f"{value}"))
    return Html("".join(text(part) for part in value))


def verbatim(value: str) -> Html:
    """A text as markup, with nothing in it set otherwise: a command, a formula."""
    return Html(html.escape(value if value.isprintable() else _UNPRINTABLE.sub("", value), quote=True))


def tag(name: str, /, *content: Content, **attributes: str | float | bool | None) -> Html:
    """An element. `class_` is class, `stroke_width` is stroke-width; attributes that are None or False are left out."""
    shown = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = _attribute(key)
        if value is True:
            shown.append(f" {key}")
        else:
            written = coordinate(value) if isinstance(value, (int, float)) else text(str(value))
            shown.append(f' {key}="{written}"')
    opened = f"<{name}{''.join(shown)}>"
    return Html(opened if name in _VOID else f"{opened}{text(content)}</{name}>")


@cache
def _attribute(key: str) -> str:
    """The name of an attribute as it is written in markup."""
    return key.rstrip("_").replace("_", "-")


def coordinate(x: float) -> str:
    """A number for an attribute: short, and the same everywhere."""
    written = f"{x:.2f}".rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written


def join(parts: Iterable[Content], between: str = "") -> Html:
    """Contents one after another, with text between them."""
    return Html(text(between).join(text(part) for part in parts))


def say(template: str, /, **parts: Content) -> Html:
    """A sentence with contents in place of its {names}."""
    pieces: list[Content] = []
    for literal, name, _, _ in Formatter().parse(template):
        pieces += [literal, parts[name] if name else None]
    return text(pieces)


def link(address: str, content: Content) -> Html:
    """A link to a web address; only its text where the address is anything else."""
    if re.match(r"https?://[^\s/]+", address):
        return tag("a", content, href=address, rel="noreferrer noopener")
    return text(content)


def table(
    caption: Content,
    head: Iterable[Content],
    rows: Iterable[Iterable[Content]],
    numeric: Iterable[int] = (),
    class_: str = "",
) -> Html:
    """A table: the first cell of a row is its heading; columns in `numeric` are set to the right."""
    right = set(numeric)

    def side(k: int) -> str | None:
        return "n" if k in right else None

    heads = tag("tr", [_heading(cell, "col", side(k)) for k, cell in enumerate(head)])
    body = []
    for row in rows:
        cells = [
            _heading(cell, "row", side(k)) if k == 0 else tag("td", cell, class_=side(k)) for k, cell in enumerate(row)
        ]
        body.append(tag("tr", cells))
    whole = tag("table", tag("caption", caption), tag("thead", heads), tag("tbody", body), class_=class_ or None)
    named = "table" if isinstance(caption, Html) or not isinstance(caption, str) else caption
    return scrolled(whole, named)


def scrolled(content: Content, named: str) -> Html:
    """What may be wider than the page: it scrolls in a frame of its own, by keyboard as well."""
    return tag("div", content, class_="scroll", tabindex="0", role="group", aria_label=named)


def typed(command: str) -> Html:
    """A command line as it is typed."""
    code = tag("code", verbatim(command))
    return tag("pre", code, class_="command scroll", tabindex="0", role="group", aria_label="the command")


def _heading(cell: Content, scope: str, side: str | None) -> Html:
    """A cell that heads a row or column; an empty one heads nothing."""
    said = text(cell)
    return tag("th", said, scope=scope, class_=side) if said else tag("td", class_=side)
