"""Where in a YAML text a place lies: under which keys, and whether a key or a value is written there.

It reads what stands before the place, line by line, and never fails: a text that is being written is seldom whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ITEM = 0  # the step of a path into an entry of a list
Path = tuple[str | int, ...]
_KEY = re.compile(r"""(?P<key>'[^']*'|"[^"]*"|[^\s:#'"{}\[\],&*!|>%@`-][^:#{}\[\]]*?)[ ]*:(?=\s|$)""")
_WORD = re.compile(r"[A-Za-z_][\w.]*\Z")
_AFTER = re.compile(r"[\w.]*")
_BLOCK = re.compile(r"[|>][-+0-9]*[ ]*(?:#.*)?\Z")
_NAMED = re.compile(r"^([ ]+)(?:'([^']*)'|\"([^\"]*)\"|([A-Za-z_][\w.]*))[ ]*:(?:\s|$)")
_SECTION = re.compile(r"^([A-Za-z_]\w*)[ ]*:")


@dataclass(frozen=True)
class Context:
    """A place in a text. `path`: the keys it lies under, in a value the key of that value last; `key`: whether a key is
    written there; `word`: what stands before it of the word it is in, and `rest` after it; `start`: where that word
    begins; `before`: what stands before the word in the value."""

    path: Path
    key: bool
    word: str
    rest: str
    start: int
    before: str = ""

    @property
    def whole(self) -> str:
        """The word, on both sides of the place."""
        return self.word + self.rest


@dataclass
class _Frame:
    """A mapping or list in brackets that is open."""

    kind: str
    key: str | None = None
    since: str = ""  # what was written since the last comma or colon


@dataclass
class _Scan:
    """What is open at a place."""

    block: list[tuple[int, str | int]] = field(default_factory=list)
    flow: list[_Frame] = field(default_factory=list)
    text_below: int = -1  # the indentation of the key of a text over several lines
    value: str = ""  # what was written of the value, outside of brackets
    in_value: bool = False

    def line(self, line: str) -> None:
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        if self.flow:
            self.brackets(line)
            return
        if self.text_below >= 0 and (indent > self.text_below or not bare.strip()):
            self.in_value, self.value = True, ""
            return
        self.text_below = -1
        if not bare or bare.startswith("#"):
            return
        self.steps(bare, indent)

    def steps(self, bare: str, indent: int) -> None:
        """The dashes and the key that a line begins with, and what follows."""
        self.in_value = False
        while bare.startswith("- ") or bare.rstrip() == "-":
            self.close(indent)
            self.block.append((indent, ITEM))
            inner = bare[1:].lstrip(" ")
            indent, bare = indent + len(bare) - len(inner), inner
        if (found := _KEY.match(bare)) is None:
            if self.block and self.block[-1][0] >= indent and self.block[-1][1] != ITEM:
                self.close(indent)
            else:
                self.in_value = bool(self.block) and bool(bare) and self.block[-1][1] == ITEM
            self.value = ""
            self.brackets(bare)
            return
        self.close(indent)
        self.block.append((indent, found["key"].strip("'\" ")))
        rest = bare[found.end() :]
        self.in_value, self.value = True, ""
        if _BLOCK.match(rest.strip()):
            self.text_below = indent
            return
        self.brackets(rest)

    def close(self, indent: int) -> None:
        while self.block and self.block[-1][0] >= indent:
            self.block.pop()

    def brackets(self, text: str) -> None:
        quote = ""
        for k, c in enumerate(text):
            if quote:
                quote = "" if c == quote else quote
            elif c in "'\"" and (not self.flow or not self.flow[-1].since.strip()) and not self.value.strip():
                quote = c
            elif c == "#" and (k == 0 or text[k - 1] in " \t"):
                break
            elif c in "{[" and (self.flow or not self.value.strip()):
                self.flow.append(_Frame(c))
                continue
            elif self.flow and c in "}]":
                self.flow.pop()
                if self.flow:
                    self.flow[-1].since += "?"
                continue
            elif self.flow and c == "," and self.flow[-1].since.count("(") <= self.flow[-1].since.count(")"):
                self.flow[-1].key, self.flow[-1].since = None, ""
                continue
            elif self.flow and c == ":" and self.flow[-1].kind == "{" and self.flow[-1].key is None:
                after = text[k + 1 : k + 2]
                if after in ("", " ", "\t"):
                    self.flow[-1].key, self.flow[-1].since = self.flow[-1].since.strip("'\" "), ""
                    continue
            if self.flow:
                self.flow[-1].since += c
            else:
                self.value += c

    def path(self) -> Path:
        inner: list[str | int] = []
        for frame in self.flow:
            inner += [frame.key] if frame.kind == "{" and frame.key is not None else []
            inner += [ITEM] if frame.kind == "[" else []
        return (*(key for _, key in self.block), *inner)


def context(text: str, offset: int) -> Context:
    """What is written at a place, by its number of characters from the beginning."""
    before = text[:offset]
    found = _WORD.search(before)
    word = found[0] if found else ""
    rest = _AFTER.match(text, offset)
    start = offset - len(word)
    lines = text[:start].split("\n")
    begin = max((k for k, line in enumerate(lines[:-1]) if _SECTION.match(line)), default=0)
    if _SECTION.match(lines[-1]):
        begin = len(lines) - 1
    scan = _Scan()
    for line in lines[begin:-1]:
        scan.line(line)
    last = lines[-1]
    blank = not last.strip()
    if scan.flow or not blank:
        scan.line(last)
    told = word + (rest[0] if rest else "")
    if scan.flow:
        frame = scan.flow[-1]
        key, value = frame.kind == "{" and frame.key is None, frame.since
    elif scan.text_below >= 0 and (blank and len(last) > scan.text_below):
        key, value = False, ""
    elif blank or not scan.in_value:
        if blank:
            scan.close(len(last))
            scan.text_below = -1
        key, value = True, ""
    else:
        key, value = False, scan.value
    return Context(scan.path(), key, word, told[len(word) :], start, value)


def names(text: str) -> Mapping[str, list[str]]:
    """What is declared in each section of a text, as far as it can be seen without reading it: the keys of the first
    indentation under each key at the beginning of a line."""
    found: dict[str, list[str]] = {}
    section, depth = "", 0
    for line in text.split("\n"):
        if top := _SECTION.match(line):
            section, depth = top[1], 0
            found.setdefault(section, [])
        elif section and (named := _NAMED.match(line)):
            depth = depth or len(named[1])
            if len(named[1]) == depth:
                found[section].append(named[2] or named[3] or named[4])
    return found
