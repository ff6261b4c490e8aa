"""The words of Gambit's files, one after another, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from detente.errors import Place
from detente.game.tree import GameError
from detente.language.characters import plain

_NUMBER = re.compile(
    r"[+-]?(?:\d{1,300}/\d{1,300}|(?:\d{1,300}\.?\d{0,300}|\.\d{1,300})(?:[eE][+-]?\d{1,3})?)", re.ASCII
)
_LARGEST = Fraction(10) ** 300
_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[{},])|(?P<word>[^\s{},"]+))', re.DOTALL)


class Token(NamedTuple):
    kind: str  # text, mark, word, or end
    value: str
    at: int


class Reader:
    """A text, token by token. Whatever is not as expected raises GameError with its place."""

    def __init__(self, source: str, file: str) -> None:
        self.source, self.file = source.removeprefix("\ufeff"), file
        self._tokens = list(self._split())
        self._next = 0

    def peek(self) -> Token:
        return self._tokens[self._next]

    @property
    def last(self) -> Token:
        """The token that was taken last."""
        return self._tokens[self._next - 1]

    @property
    def left(self) -> int:
        """How many tokens there are still to be taken."""
        return len(self._tokens) - 1 - self._next

    def before(self, back: int) -> Token:
        """The token taken so many before the next one."""
        return self._tokens[self._next - back]

    def text(self) -> str:
        return self._take("text", "a text in quotation marks")

    def mark(self, mark: str) -> None:
        if self.peek().value != mark or self._take("mark", mark) != mark:
            raise self.wrong(repr(mark))

    def word(self, *allowed: str) -> str:
        if self.peek().value not in allowed:
            raise self.wrong(" or ".join(map(repr, allowed)))
        return self._take("word", allowed[0])

    def whole(self) -> int:
        if not re.fullmatch(r"-?\d{1,18}", self.peek().value, re.ASCII):
            raise self.wrong("a whole number")
        return int(self._take("word", "a whole number"))

    def number(self) -> Fraction:
        number = as_number(self.peek().value)
        if number is None:
            raise self.wrong("a number, such as 2, -0.5 or 1/3")
        self._take("word", "a number")
        return number

    def payoffs(self, players: int) -> tuple[Fraction, ...]:
        """One number for each player up to a closing brace, with commas between them or without."""
        amounts = []
        while self.peek().value != "}":
            amounts.append(self.number())
            if self.peek().value == ",":
                self.mark(",")
        self.mark("}")
        if len(amounts) != players:
            raise self.wrong(f"{players} payoffs before it, one for each player", self.last)
        return tuple(amounts)

    def finish(self, why: str) -> None:
        """Nothing may follow; `why` says what is complete."""
        if self.peek().kind != "end":
            raise self.wrong(f"the end of the file: {why}")

    def wrong(self, expected: str, token: Token | None = None) -> GameError:
        """What was found at a token (the next one, if none is given) in place of what was expected."""
        token = token or self.peek()
        found = {"end": "the end of the file", "text": f'"{token.value}"'}.get(token.kind, repr(token.value))
        return GameError(f"{self.place(token.at)}: found {found}, expected {expected}")

    def place(self, at: int) -> Place:
        before = self.source[:at]
        return Place(self.file, before.count("\n") + 1, at - before.rfind("\n"))

    def _take(self, kind: str, expected: str) -> str:
        token = self.peek()
        if token.kind != kind:
            raise self.wrong(expected)
        self._next += 1
        return token.value

    def _split(self) -> Iterator[Token]:
        at, end = 0, len(self.source.rstrip())
        while at < end:
            match = _TOKEN.match(self.source, at)
            if match is None:
                opened = self.source.index('"', at)
                raise GameError(f"{self.place(opened)}: a quotation mark that is not closed")
            kind = str(match.lastgroup)
            value = plain(unquoted(match[kind])) if kind == "text" else match[kind]
            yield Token(kind, value, match.start(kind))
            at = match.end()
        yield Token("end", "", end)


def as_number(text: str) -> Fraction | None:
    """A number of Gambit's files, exactly: whole, decimal or a fraction; None for anything else, or beyond 1e300."""
    if not _NUMBER.fullmatch(text):
        return None
    try:
        number = Fraction(text)
    except ZeroDivisionError:
        return None
    return number if abs(number) <= _LARGEST else None


def unquoted(text: str) -> str:
    """What a text in quotation marks says; a backslash counts before a quotation mark or another backslash only."""
    return re.sub(r'\\(["\\])', r"\1", text[1:-1])


def quoted(text: str) -> str:
    """A text as Gambit's files write it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
