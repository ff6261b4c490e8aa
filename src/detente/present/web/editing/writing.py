"""Plain data as the YAML of a model: blocks, two spaces deep, with quotation marks only where they are needed."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][\w ,.;()’/-]*[\w.)]\Z")
_NAME = re.compile(r"[A-Za-z_][\w.]*\Z")
_WORD_BOOLEANS = re.compile(r"(?:yes|no|on|off|y|n|true|false|null)\Z", re.IGNORECASE)


def quoted(text: str) -> str:
    """A text, between quotation marks where it needs them."""
    clean = " ".join(text.split())
    if _PLAIN.match(clean) and not _WORD_BOOLEANS.match(clean):
        return clean
    return json.dumps(clean, ensure_ascii=False)


def key(name: Any) -> str:
    """A name as a key."""
    if not isinstance(name, str):
        return scalar(name)
    return name if _NAME.match(name) and not _WORD_BOOLEANS.match(name) else json.dumps(name, ensure_ascii=False)


def scalar(value: Any) -> str:
    """A number, a truth value, a date or a text, as it is."""
    if value is None:
        return "null"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value!r}"
    text = quoted(str(value))
    return text if str(value) == " ".join(str(value).split()) else json.dumps(str(value), ensure_ascii=False)


def lines(data: Mapping[Any, Any], depth: int = 0) -> Iterator[str]:
    """The lines of a mapping."""
    for name, value in data.items():
        if _deep(value):
            yield f"{'  ' * depth}{key(name)}:"
            yield from _inside(value, depth + 1)
        else:
            yield f"{'  ' * depth}{key(name)}: {_flat(value)}"


def _deep(value: Any) -> bool:
    return isinstance(value, (Mapping, list, tuple)) and len(value) > 0


def _flat(value: Any) -> str:
    """A value that takes no lines of its own."""
    return json.dumps(value) if isinstance(value, (Mapping, list, tuple)) else scalar(value)


def _inside(value: Mapping[Any, Any] | Sequence[Any], depth: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from lines(value, depth)
        return
    for entry in value:
        if _deep(entry):
            first, *more = _inside(entry, depth + 1)
            yield f"{'  ' * depth}- {first.lstrip()}"
            yield from more
        else:
            yield f"{'  ' * depth}- {_flat(entry)}"
