"""What pictures with an axis share: scales, the rows beside them, and the names and units of a model's things."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from detente.present.figures.drawing.svg import (
    BOLD,
    WIDTH,
    box,
    diamond,
    dot,
    fitted,
    label,
    line,
    measure,
    spread,
    wrap,
)
from detente.present.html.markup import Html, tag
from detente.present.wording.numbers import MINUS

SMALL = 10.5
PITCH = 13.0  # from line to line of small print
MOST_LINES = 3
Sign = Callable[[float, float], Html]
"""Draws a sign about a point."""


@dataclass(frozen=True)
class Scale:
    """From numbers to places on a line, between `left` and `right`; round `marks` at both ends."""

    left: float
    right: float
    marks: Sequence[float]
    log: bool = False

    @classmethod
    def over(cls, values: Iterable[float], left: float, right: float, ends: tuple[float, float] | None = None) -> Scale:
        """Over all the values that are numbers; no mark lies outside of `ends`."""
        found = [v for v in values if math.isfinite(v)] or [0.0]
        low, high = min(found), max(found)
        if high - low < 1e-9:
            low, high = (low - 0.05, high + 0.05) if ends is None else ends
        marks = spread(low, high)
        if ends is not None:
            marks = [m for m in marks if ends[0] - 1e-9 <= m <= ends[1] + 1e-9]
            marks = marks if len(marks) > 1 and marks[0] <= low and marks[-1] >= high else spread(*ends)
        return cls(left, right, marks)

    @classmethod
    def times(cls, values: Iterable[float], left: float, right: float) -> Scale:
        """Over factors, in equal steps for equal ratios: 1/2 is as far from 1 as 2."""
        found = [v for v in values if math.isfinite(v) and v > 0] or [1.0]
        low, high = min(*found, 1.0), max(*found, 1.0)
        round_ = [b * 10.0**p for p in range(-6, 7) for b in (1, 2, 5)]
        first = max(m for m in round_ if m <= low * 1.0001)
        last = min(m for m in round_ if m >= high * 0.9999)
        if first == last:
            first, last = first / 2, last * 2
        marks = [m for m in round_ if first <= m <= last]
        return cls(left, right, marks if marks[0] == first else [first, *marks], True)

    def __call__(self, value: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        part = math.log(value / low) / math.log(high / low) if self.log else (value - low) / (high - low)
        return self.left + (self.right - self.left) * min(max(part, -0.02), 1.02)

    def ruled(
        self, top: float, bottom: float, say: Callable[[float], str], title: str = "", width: float = WIDTH
    ) -> list[Html]:
        """Rules from top to bottom, with what they mean below them, and the title of the axis below that."""
        parts = []
        room = (self.right - self.left) / max(len(self.marks) - 1, 1)
        every = max(1, math.ceil(max(measure(say(m), 11) + 8 for m in self.marks) / room))
        for k, mark in enumerate(self.marks):
            parts.append(line(self(mark), top, self(mark), bottom))
            if k % every == 0:
                parts.append(label(self(mark), bottom + 15, say(mark), "muted", "middle", 11))
        if title:
            middle = (self.left + self.right) / 2
            for k, said in enumerate(wrap(title, width, 11)):
                half = measure(said, 11) / 2
                x = min(max(middle, half), width - half) if 2 * half < width else width / 2
                parts.append(label(x, bottom + 32 + 14 * k, said, "muted", "middle", 11))
        return parts

    @staticmethod
    def foot(title: str, width: float = WIDTH) -> float:
        """How much room the numbers and the title of an axis take below it."""
        return 22.0 + (14.0 * len(wrap(title, width, 11)) + 4 if title else 0.0)


def percents(marks: Sequence[float]) -> Callable[[float], str]:
    """Marks that are probabilities, in percent."""
    fine = len(marks) > 1 and marks[1] - marks[0] < 0.0099
    return lambda m: f"{m:.{int(fine)}%}"


def numbers(m: float) -> str:
    """A mark that is a number."""
    return f"{round(m, 9):,.6g}".replace("-", MINUS)


# ---------------------------------------------------------------------- rows


@dataclass(frozen=True)
class Row:
    """The words beside a row of a picture: a name, and what it is in small print."""

    name: str
    note: str = ""

    def lines(self, gutter: float) -> tuple[list[str], list[str]]:
        """The name and the note in lines that fit; what is longer than three lines is cut, and told by a hint."""
        name = wrap(self.name, (gutter - 14) / BOLD)
        note = wrap(self.note, gutter - 14, SMALL)
        if len(note) > MOST_LINES:
            note = [*note[: MOST_LINES - 1], fitted(" ".join(note[MOST_LINES - 1 :]), gutter - 14, SMALL)]
        return name, note

    def height(self, gutter: float) -> float:
        name, note = self.lines(gutter)
        return max(26.0, 15.0 * len(name) + PITCH * len(note) + 12)

    def drawn(self, top: float, gutter: float) -> list[Html]:
        """The words, set to the right against the gutter; `top` is where the row begins."""
        name, note = self.lines(gutter)
        y = top + (self.height(gutter) - 15 * len(name) - PITCH * len(note)) / 2 + 11
        parts = [label(gutter - 10, y + 15 * k, said, "bold", "end") for k, said in enumerate(name)]
        y += 15 * len(name) - 1
        parts += [label(gutter - 10, y + PITCH * k, said, "muted", "end", SMALL) for k, said in enumerate(note)]
        return [tag("g", tag("title", ": ".join(p for p in (self.name, self.note) if p)), *parts)]


def gutter_of(rows: Sequence[Row], most: float = 250.0, least: float = 100.0) -> float:
    """How wide the column of words is."""
    wanted = [max(BOLD * measure(r.name), min(measure(r.note, SMALL), most - 14)) for r in rows]
    return min(most, max(least, *wanted, 0.0) + 14)


def stacked(rows: Sequence[Row], gutter: float, top: float) -> tuple[list[tuple[float, float]], float]:
    """The middle and the height of each row, one below the other, and where the last one ends."""
    found = []
    for row in rows:
        height = row.height(gutter)
        found.append((top + height / 2, height))
        top += height
    return found, top


def legend(entries: Sequence[tuple[Sign, str]], x: float, y: float) -> tuple[list[Html], float]:
    """Signs with what they mean, side by side from `x`, as many lines as are needed; and where they end."""
    parts, at = [], x
    for sign, said in entries:
        room = 30 + measure(said, 11)
        if at > x and at + room > WIDTH:
            at, y = x, y + 18
        parts += [sign(at + 7, y - 4), label(at + 18, y, said, "muted", size=11)]
        at += room + 6
    return parts, y + 8


def disc(class_: str, radius: float = 5.0) -> Sign:
    """A round sign for a legend."""
    return lambda x, y: dot(x, y, radius, class_)


def swatch(class_: str, opacity: float = 0.8) -> Sign:
    """A patch of colour for a legend."""
    return lambda x, y: box(x - 7, y - 6, 14, 12, class_, "", 0, opacity)


def rhomb(class_: str) -> Sign:
    """A square on its tip for a legend."""
    return lambda x, y: diamond(x, y, 6, class_)


def rod(class_: str) -> Sign:
    """A piece of line for a legend."""
    return lambda x, y: line(x - 7, y, x + 7, y, class_)


# ---------------------------------------------------------------------- names of a model's things
