"""The ground floor: where things stand in a file, and what can be wrong with them.

Every message is for the person who wrote the file: where (file:line:column), what was found, what was
expected, and the nearest fix. A `ModelError` carries all the problems found, never only the first.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Place:
    """Where something was written: file, line and column, both counted from 1 (0: no line, as in Python objects).

    `turns` belongs to a text over several lines: (character of the text, line, column) where each of them begins.
    """

    file: str = "<python>"
    line: int = 0
    column: int = 0
    turns: tuple[tuple[int, int, int], ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def shifted(self, columns: int) -> Place:
        """The place `columns` characters further on in the text that begins here."""
        if not self.line:
            return self
        at, line, column = max((t for t in self.turns if t[0] <= columns), default=(0, self.line, self.column))
        return Place(self.file, line, column + columns - at)


NOWHERE = Place()


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a model: where, what was found, what was expected and how to correct it."""

    place: Place
    message: str
    hint: str = ""
    path: str = ""
    warning: bool = False  # told, but the model can be used

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place.line or not self.path else f"{self.place} {self.path}: "
        return where + self.message + (f"\n    {self.hint}" if self.hint else "")


class DetenteError(Exception):
    """Whatever Detente refuses to do, with a message for a person. The command line prints it without a traceback."""


class DetenteWarning(UserWarning):
    """Something that costs time or room and changes no answer. The command line prints it as one sentence."""


class ModelError(DetenteError):
    """A model that cannot be used as it is written. `problems` holds every problem found, in the order of the file.

    `game`: the model without what is said of it, where nothing but that is wrong, so that the rest can be looked at.
    """

    game: object = None

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=lambda p: p.place))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class QuestionError(DetenteError):
    """A question that the model cannot answer as it was asked, with what can be asked instead."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A sentence offering what `word` was probably meant to be, or what there is to choose from."""
    names = list(dict.fromkeys(known))
    folded = {name.casefold(): name for name in reversed(names)}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    return f"known here: {listed(names)}" if names else ""


def listed(names: Sequence[str]) -> str:
    """Names as a readable list. It is whole: whoever looks for a name that is valid finds it."""
    return ", ".join(names)
