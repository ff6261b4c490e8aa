"""What a YAML file comes to: plain data in which every part knows where it stands; and how it is read by its parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path as FilePath
from typing import Any

from detente.errors import Place, Problem
from detente.language.remembered import Memory

Path = tuple[str | int, ...]
_SECTION = re.compile(r"[A-Za-z_]\w*[ ]*:(?:\s|$)")
_ENTRY = re.compile(r"([ ]+)(?:[A-Za-z_][\w.]*|'[^']*')[ ]*:(?:\s|$)")
_OPEN = re.compile(r"[A-Za-z_]\w*[ ]*:[ ]*(?:#.*)?\Z")
LONG = 40  # lines of a section, before it is taken apart
_BEFORE = re.compile(r"[ \t]*(?:#.*)?\Z")


@dataclass
class Written:
    """Plain data (dicts, lists, strings, numbers, truth values, dates), where each part of it stands, and the files."""

    data: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    files: list[FilePath] = field(default_factory=list)


def in_parts(text: str, file: str, known: Memory, read: Callable[[str, str], Written]) -> Written | None:
    """A text read part by part, each of which is read once; None where it has to be read as a whole.

    A part is what stands between two keys at the beginning of a line; a long one is taken apart once more, between
    keys of the next indentation. Where each can be read by itself, and none is written twice, the whole is what they
    come to together.
    """
    lines = text.split("\n")
    starts = [k for k, line in enumerate(lines) if _SECTION.match(line)]
    if not starts or not all(_BEFORE.match(line) for line in lines[: starts[0]]):
        return None
    whole = Written(data={})
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        for head, first, last in _entries(lines, start, stop):
            part = "\n".join([*head, *lines[first:last], *[""] * (last < len(lines))])
            found = known.once("section", (file, part), partial(read, part, file))
            if found.problems or not isinstance(found.data, dict) or len(found.data) != 1:
                return None
            by = first - len(head)
            moved = known.once("section", (file, part, by), partial(_lowered, found.places, by))
            if not _added(whole, found.data, moved, bool(head) and first > start + 1):
                return None
    return whole


def _entries(lines: list[str], start: int, stop: int) -> list[tuple[list[str], int, int]]:
    """The parts of a section: the line of its key where a part does not have it, and its first and last line."""
    inner = next((k for k in range(start + 1, stop) if _ENTRY.match(lines[k])), None)
    if stop - start < LONG or inner is None or not _OPEN.match(lines[start]):
        return [([], start, stop)]
    if not all(_BEFORE.match(line) for line in lines[start + 1 : inner]):
        return [([], start, stop)]
    depth = len(lines[inner]) - len(lines[inner].lstrip(" "))
    begins = [k for k in range(inner, stop) if (m := _ENTRY.match(lines[k])) and len(m[1]) == depth]
    ends = [*begins[1:], stop]
    head = lines[start]
    return [
        ([head], start + 1 if k == 0 else begin, end) for k, (begin, end) in enumerate(zip(begins, ends, strict=True))
    ]


def _added(whole: Written, data: dict[str, Any], places: dict[Path, Place], further: bool) -> bool:
    """Add a part to the whole; `further`: it goes on with a section. False where a key exists already."""
    ((key, value),) = data.items()
    if further:
        into = whole.data.get(key)
        if not isinstance(value, dict) or not isinstance(into, dict) or value.keys() & into.keys():
            return False
        above: tuple[Path, ...] = ((), (key,), (key, "@key"))
        known = {path: whole.places[path] for path in above}
        whole.places |= places
        whole.places |= known
        into |= copied(value)
        return True
    if key in whole.data:
        return False
    first = whole.places.get(())
    whole.places |= places
    whole.places[()] = first or places[()]
    whole.data[key] = copied(value)
    return True


def _lowered(places: dict[Path, Place], by: int) -> dict[Path, Place]:
    """Places so many lines further down."""
    return {
        path: Place(p.file, p.line + by, p.column, tuple((at, line + by, column) for at, line, column in p.turns))
        for path, p in places.items()
    }


def copied(data: Any) -> Any:
    """Plain data, copied."""
    if isinstance(data, dict):
        return {key: copied(value) for key, value in data.items()}
    return [copied(item) for item in data] if isinstance(data, list) else data
