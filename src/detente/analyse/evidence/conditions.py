"""Conditions on the columns of a table, in the language of models: of which cases they hold, and of which nobody knows.

`trigger is "Non-violent military act" and trigger_year >= 1946`: names are columns, labels are values, numbers are
compared and reckoned with. `mediation is missing` asks whether the table says nothing. Where it does, what is asked of
that cell is not known, and what follows is by Kleene's strong logic of three values (Introduction to Metamathematics,
1952, section 64): a part that is not known leaves the whole unknown unless the other parts decide it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from detente.analyse.evidence.tables import Column, Table, told, written
from detente.errors import QuestionError, nearest
from detente.language.expressions import Apply, Expression, ExpressionError, Is, Name, Number
from detente.language.parsing import parse

MISSING = "missing"
Judged = tuple[bool | None, ...]
"""[rows] whether a condition holds of each case; None where that is not known."""
_TRUTHS = ("and", "or", "not")
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_RECKONED: Mapping[str, Callable[..., float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    "neg": operator.neg, "min": min, "max": max, "abs": abs,
}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """A condition, the columns it asks about in their order, and [rows] what it comes to."""

    text: str
    columns: tuple[str, ...]
    judged: Judged


def judge(table: Table, texts: Sequence[str]) -> list[Condition]:
    """Judge conditions of every case. An empty one holds of all. Raises QuestionError with all that is wrong."""
    problems: list[str] = []
    found = []
    for text in texts:
        reading = _Reading(table)
        if not text.strip():
            found.append(Condition("", (), (True,) * table.rows))
            continue
        try:
            judged = reading.truth(parse(text, quoted=True))
        except ExpressionError as error:
            reading.tell(error.at, error.message, error.hint)
            judged = (None,) * table.rows
        problems += [f"`{text}`, {problem}" for problem in reading.problems]
        found.append(Condition(" ".join(text.split()), tuple(reading.asked), judged))
    if problems:
        raise QuestionError("\n".join(dict.fromkeys(problems)))
    return found


def both(*conditions: Judged) -> Judged:
    """Whether all of several conditions hold of each case."""
    return tuple(_all(values) for values in zip(*conditions, strict=True))


def conjuncts(text: str) -> list[Expression]:
    """The parts that `and` joins at the top of a condition, in their order. Raises ExpressionError."""
    open_, parts = [parse(text, quoted=True)], []
    while open_:
        part = open_.pop()
        if isinstance(part, Apply) and part.op == "and":
            open_ += reversed(part.args)
        else:
            parts.append(part)
    return parts


def _all(values: Sequence[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


class _Reading:
    """One condition read on a table: what is wrong with it, and which columns it asks about."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.problems: list[str] = []
        self.asked: dict[str, None] = {}

    def tell(self, at: int, message: str, hint: str = "") -> None:
        self.problems.append(f"character {at + 1}: {message}" + (f"\n    {hint}" if hint else ""))

    def column(self, name: str, at: int) -> Column | None:
        found = self.table.find(name)
        if found is None:
            self.tell(at, f"{self.table.file} has no column {name!r}", nearest(name, self.table.columns))
        else:
            self.asked[found.name] = None
        return found

    @property
    def nothing(self) -> tuple[None, ...]:
        return (None,) * self.table.rows

    def truth(self, e: Expression) -> Judged:
        """What is true of each case."""
        if isinstance(e, Is):
            return self.labels(e)
        if isinstance(e, Apply) and e.op in _TRUTHS:
            parts = [self.truth(arg) for arg in e.args]
            if e.op == "and":
                return both(*parts)
            turned = [tuple(None if x is None else not x for x in part) for part in parts]
            return turned[0] if e.op == "not" else tuple(None if x is None else not x for x in both(*turned))
        if isinstance(e, Apply) and e.op in _COMPARED:
            compare = _COMPARED[e.op]
            low, high = (self.number(arg) for arg in e.args)
            return tuple(None if a is None or b is None else compare(a, b) for a, b in zip(low, high, strict=True))
        hint = "compare it: `violence >= 3`, or `outcome is faded`"
        self.tell(e.at, "this is neither true nor false of a case", hint)
        return self.nothing

    def labels(self, e: Is) -> Judged:
        """Whether a column has one of some values."""
        if (column := self.column(e.subject, e.at)) is None:
            return self.nothing
        if e.labels == (MISSING,) and not column.meant(MISSING):
            return tuple(cell is None for cell in column.cells)
        meant: set[str] = set()
        for label in e.labels:
            found = column.meant(label)
            meant |= found
            if not found:
                close = nearest(label, column.counts)
                hint = close if close.startswith("did") else f"it has {told(column.counts)}"
                self.tell(e.label_at, f"no case has {column.name} {written(label)}", hint)
        return tuple(None if cell is None else cell in meant for cell in column.cells)

    def number(self, e: Expression) -> tuple[float | None, ...]:
        """A number for each case."""
        if isinstance(e, Number):
            return (e.value,) * self.table.rows
        if isinstance(e, Name):
            if (column := self.column(e.name, e.at)) is None:
                return self.nothing
            if column.numbers is None:
                first = written(next(iter(column.counts), ""))
                hint = f"it holds {told(column.counts)}; write `{e.name} is {first}`" if column.counts else ""
                self.tell(e.at, f"{column.name} holds no numbers", hint)
                return self.nothing
            return column.numbers
        if isinstance(e, Apply) and e.op in _RECKONED:
            return tuple(_reckoned(e.op, values) for values in zip(*map(self.number, e.args), strict=True))
        hint = "write columns, numbers, + - * /, comparisons, `is`, `in`, `and`, `or` and `not`"
        self.tell(e.at, "this has no meaning in a condition on a table", hint)
        return self.nothing


def _reckoned(op: str, values: Sequence[float | None]) -> float | None:
    """A number made of others; None where one of them is not known, or there is none (a division by zero)."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    try:
        found = _RECKONED[op](*known)
    except (ArithmeticError, ValueError):
        return None
    return found if not isinstance(found, complex) and math.isfinite(found) else None
