"""What is wrong with a text, mark by mark, and what a click can mend."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from detente.errors import Problem
from detente.model.check.drafts import TO_FILL_IN

_MEANT = re.compile(r"did you mean '([^']+)'\?")
_QUOTED = re.compile(r"'([^']+)'")
_WRITE = re.compile(r"write '(\w+)' between quotation marks for the word")
_DECLARE = re.compile(r"declare it under `(sources|mechanisms):`, as `(\w+): \{(title|says): \.\.\.\}`")
_WORD = re.compile(r"[\w.]+")


@dataclass(frozen=True)
class Fix:
    """What a click does: the characters from `start` to `stop` are replaced by `text`."""

    label: str
    start: int
    stop: int
    text: str


@dataclass(frozen=True)
class Mark:
    """Something wrong in a text, from one character to another. `line`, `column`: from 1, as messages tell it."""

    message: str
    hint: str
    line: int
    column: int
    start: int
    stop: int
    warning: bool
    fixes: tuple[Fix, ...] = ()


def marks(text: str, file: str, problems: Iterable[Problem]) -> tuple[Mark, ...]:
    """The problems of a text as marks in it. What is wrong in another file (one that it extends) is told at the top."""
    lines = text.split("\n")
    begins = [0]
    for each in lines:
        begins.append(begins[-1] + len(each) + 1)
    found = []
    for p in problems:
        elsewhere = p.place.file != file and p.place.line > 0
        line = 1 if elsewhere else min(max(p.place.line, 1), len(lines))
        column = 1 if elsewhere else min(max(p.place.column, 1), len(lines[line - 1]) + 1)
        start = begins[line - 1] + column - 1
        word = _WORD.match(text, start)
        stop = word.end() if word else min(start + 1, begins[line] - 1)
        message = f"{p.place}: {p.message}" if elsewhere else p.message
        fixes = () if elsewhere else tuple(_fixes(text, lines[line - 1], begins[line - 1], column - 1, p))
        if fixes and fixes[0].start >= begins[line - 1] and fixes[0].stop < begins[line] and fixes[0].stop > start:
            start, stop = fixes[0].start, fixes[0].stop
        found.append(Mark(message, p.hint, line, column, start, max(stop, start), p.warning, fixes))
    return tuple(found)


def _fixes(text: str, line: str, begins: int, column: int, p: Problem) -> Iterable[Fix]:
    if meant := _MEANT.search(p.hint):
        wrong = _at(line, column, _QUOTED.findall(p.message))
        if wrong is not None:
            yield Fix(f"Write {meant[1]}", begins + wrong[0], begins + wrong[1], meant[1])
    elif quoted := _WRITE.search(p.hint):
        wrong = _at(line, column, [quoted[1]])
        if wrong is not None:
            yield Fix(f"Write '{quoted[1]}'", begins + wrong[0], begins + wrong[1], f"'{quoted[1]}'")
    elif declare := _DECLARE.search(p.hint):
        section, name, key = declare.groups()
        yield _declared(text, section, f"{name}: {{{key}: {TO_FILL_IN}}}", name)


def _at(line: str, column: int, words: Iterable[str]) -> tuple[int, int] | None:
    """Where in a line one of some words stands: at or after a column, or else before it."""
    for word in words:
        for before in (r"(?<![\w.])", r"(?<!\w)"):  # or the part after the dot, as in structure.NAME
            whole = re.compile(rf"{before}{re.escape(word)}(?!\w)")
            found = whole.search(line, column) or whole.search(line)
            if found:
                return found.span()
    return None


def _declared(text: str, section: str, entry: str, name: str) -> Fix:
    """An entry at the beginning of a section, which is made where there is none."""
    label = f"Declare {name} under {section}"
    if there := re.search(rf"^{section}:[ \t]*(?:#.*)?\n", text, re.MULTILINE):
        indent = re.compile(r"([ ]+)\S").match(text, there.end())
        return Fix(label, there.end(), there.end(), f"{indent[1] if indent else '  '}{entry}\n")
    end = "" if text.endswith("\n") or not text else "\n"
    return Fix(label, len(text), len(text), f"{end}{section}:\n  {entry}\n")
