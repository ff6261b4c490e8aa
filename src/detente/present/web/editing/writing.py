"""Plain data as the YAML of a model: blocks, two spaces deep, with quotation marks only where they are needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
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


def key(name: str) -> str:
    """A name as a key."""
    return name if _NAME.match(name) and not _WORD_BOOLEANS.match(name) else json.dumps(name, ensure_ascii=False)


def scalar(value: Any) -> str:
    """A number, a truth value or a text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value!r}"
    return quoted(str(value))


def lines(data: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """The lines of a mapping."""
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield f"{'  ' * depth}{key(name)}:"
            yield from lines(value, depth + 1)
        else:
            yield f"{'  ' * depth}{key(name)}: {scalar(value)}"
