"""A result shown by its fields: what is true of every result, of whatever kind."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from detente.analyse.finding import Finding
from detente.display import Displayed
from detente.present.html.markup import Content, Html, join, table, tag
from detente.present.html.numbers import data
from detente.present.view import Answer
from detente.present.wording.numbers import counted, day, number, words

MOST = 40  # rows of a table
SHORT = 12  # rows of a table that is not folded; numbers of an array that are told


def by_fields(result: Displayed) -> Answer:
    """Its numbers and texts in a table; what holds several things as a table for each, folded."""
    if isinstance(result, list):
        return Answer("fields", counted(len(result), "result"), (), (), after=_rows("results", result))
    plain = [[tag("b", words(name)), _cell(value)] for name, value in _fields(result) if _is_plain(value)]
    whole = table("What it holds.", ["field", "value"], plain) if plain else ""
    inner = [_folded(words(name), value) for name, value in _fields(result) if not _is_plain(value)]
    return Answer("fields", _title(result), (), (), after=join([whole, *inner]))


def _title(result: object) -> str:
    """The class of a result in words, with its name where it has one."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(result).__name__).capitalize()
    name = getattr(result, "name", "")
    return f"{kind}: {words(name)}" if isinstance(name, str) and name else kind


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a result with something in them."""
    for field in fields(value):
        held = getattr(value, field.name)
        if not field.name.startswith("_") and field.repr and held is not None and not _empty(held):
            yield field.name, held


def _empty(value: Any) -> bool:
    return isinstance(value, (str, Mapping, Sequence)) and not value


def _is_plain(value: Any) -> bool:
    """Whether a value has its place in one cell."""
    if isinstance(value, Mapping):
        return False
    if isinstance(value, (tuple, list)):
        return all(isinstance(one, (str, int, float)) for one in value) and len(value) <= MOST
    return isinstance(value, Finding) or not is_dataclass(value)


def _cell(value: Any) -> Content:
    """A value in a few words; nothing of what has no short form."""
    if isinstance(value, Finding):
        return finding(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return data(value, number(float(value))) if value == value else "not defined"
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray) and value.ndim == 1 and len(value) <= SHORT and value.dtype.kind in "fiu":
        return ", ".join(number(float(x)) for x in value)
    if (shape := getattr(value, "shape", None)) is not None:
        return f"array of {' × '.join(map(str, shape))}"
    if isinstance(value, Mapping):
        return join([[tag("b", words(str(name))), " ", _cell(held)] for name, held in list(value.items())[:MOST]], ", ")
    if isinstance(value, (tuple, list)):
        return join([_cell(one) for one in value[:MOST]], ", ") if _is_plain(value) else counted(len(value), "item")
    return ""


def finding(f: Finding) -> Content:
    """A number with its interval."""
    if f.value != f.value:
        return "not defined"
    ends = [data(end, number(end, f.error)) for end in (f.low, f.high)] if f.low == f.low else []
    spread: Content = [" (", ends[0], " to ", ends[1], ")"] if ends and f.low != f.high else ""
    return join([data(f.value, number(f.value, f.error)), spread])


def _folded(name: str, value: Any) -> Html:
    """A table of what a field holds, folded where it is long."""
    many = len(value) if isinstance(value, (Mapping, Sequence)) else 1
    content = _rows(name, value)
    summary = tag("summary", f"{name}: {counted(many, 'row')}" if many > 1 else name)
    return tag("details", summary, content, open=many <= SHORT)


def _rows(name: str, value: Any) -> Html:
    """Things in a table: by name, in order, or one alone."""
    if isinstance(value, Mapping):
        listed = [(_key(key), held) for key, held in value.items()]
    elif isinstance(value, Sequence):
        listed = [(str(k + 1), held) for k, held in enumerate(value)]
    else:
        listed = [(_title(value), value)]
    shown = listed[:MOST]
    if all(is_dataclass(held) and not isinstance(held, Finding) for _, held in shown):
        columns = list(dict.fromkeys(n for _, held in shown for n, one in _fields(held) if _said(one)))
        rows = [[tag("b", head), *(_cell(getattr(held, n, "")) for n in columns)] for head, held in shown]
        heads = [name, *map(words, columns)]
    else:
        rows = [[tag("b", head), _cell(held)] for head, held in shown]
        heads = [name, "value"]
    left = f" The first {MOST} of {len(listed):,}." if len(listed) > MOST else ""
    return table(f"{name[:1].upper()}{name[1:]}.{left}", heads, rows)


def _key(key: Any) -> str:
    return ", ".join(words(str(part)) for part in key) if isinstance(key, tuple) else words(str(key))


def _said(value: Any) -> bool:
    """Whether a value says something in one cell."""
    return isinstance(value, (Mapping, tuple, list)) or _is_plain(value)
