"""The small arithmetic language of models: the values that its expressions are made of, and its words.

An expression is a tree of frozen values. How it is read from text stands in `parsing`, what it means in `lowering`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any


class ExpressionError(ValueError):
    """Text that is not an expression: what is wrong at which character (from 0), and how to correct it."""

    def __init__(self, message: str, at: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.at, self.hint = message, at, hint


@dataclass(frozen=True)
class Expression:
    """A node of an expression. `at` is the character of the text it starts at, from 0."""

    at: int

    def children(self) -> Iterator[Expression]:
        """The expressions directly inside this one."""
        for value in self.__dict__.values():
            if isinstance(value, Expression):
                yield value
            elif isinstance(value, tuple):
                for item in value:
                    if isinstance(item, Expression):
                        yield item

    def walk(self) -> Iterator[Expression]:
        """This expression and all inside it, outermost first."""
        waiting: list[Expression] = [self]
        while waiting:
            yield (e := waiting.pop())
            waiting += reversed(tuple(e.children()))

    def rewritten(self, other: Callable[[Expression], Expression | None]) -> Expression:
        """This expression with every part, outermost first, for which `other` has one to stand in its place."""
        if (instead := other(self)) is not None:
            return instead
        changed: dict[str, Any] = {}
        for name, value in vars(self).items():
            if isinstance(value, Expression):
                changed[name] = value.rewritten(other)
            elif isinstance(value, tuple) and value and isinstance(value[0], Expression):
                changed[name] = tuple(item.rewritten(other) for item in value)
        return replace(self, **changed) if changed else self


@dataclass(frozen=True)
class Number(Expression):
    value: float


@dataclass(frozen=True)
class Name(Expression):
    """A quantity, a state, an offer, a numeric type (`B.cost`), `period` or `periods`."""

    name: str


@dataclass(frozen=True)
class Is(Expression):
    """`subject is label` or `subject in [label, ...]`: what happened."""

    subject: str
    labels: tuple[str, ...]
    label_at: int


@dataclass(frozen=True)
class Apply(Expression):
    """An operator or function of numbers. `op` is one of `ARITY`."""

    op: str
    args: tuple[Expression, ...]


@dataclass(frozen=True)
class Over(Expression):
    """A look at the periods: `ever`, `count`, `previous`, `first` or `total`."""

    op: str
    arg: Expression


@dataclass(frozen=True)
class Uncertain(Expression):
    """A source of uncertainty: `a to b` (family `interval`), a named distribution, a mixture or a choice."""

    family: str
    args: tuple[Expression, ...]
    weights: tuple[float, ...] = ()


Forced = tuple[tuple[str, str], ...]
"""Moves and results that are forced, as (stage, move) in the order of the stages' names."""


@dataclass(frozen=True)
class Ask(Expression):
    """A question to the solved game: P(event), E(something) or U(actor), with an optional `given`.

    `do`: the moves and results that are forced, for everybody to know, in the game that is asked about.
    """

    what: str
    arg: Expression
    given: Expression | None = None
    do: tuple[Is, ...] = ()

    @property
    def forced(self) -> Forced:
        """What `do` forces."""
        return tuple(sorted((made.subject, made.labels[0]) for made in self.do))


ARITY: dict[str, tuple[int, int]] = {
    "+": (2, 2), "-": (2, 2), "*": (2, 2), "/": (2, 2), "**": (2, 2), "neg": (1, 1),
    "<": (2, 2), "<=": (2, 2), ">": (2, 2), ">=": (2, 2), "==": (2, 2), "!=": (2, 2),
    "and": (2, 2), "or": (2, 2), "not": (1, 1), "if": (3, 3),
    "min": (2, 20), "max": (2, 20), "exp": (1, 1), "log": (1, 1), "sqrt": (1, 1), "abs": (1, 1), "clip": (3, 3),
}  # fmt: skip
FUNCTIONS = ("min", "max", "exp", "log", "sqrt", "abs", "clip")
PERIOD_FUNCTIONS = ("ever", "count", "previous", "first", "total")
FAMILIES: dict[str, tuple[str, ...]] = {
    "normal": ("mean", "sd"),
    "lognormal": ("median", "sd of the logarithm"),
    "uniform": ("low", "high"),
    "loguniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "pert": ("low", "mode", "high"),
    "beta": ("a", "b"),
    "gamma": ("shape", "scale"),
    "exponential": ("mean",),
    "student": ("df", "location", "scale"),
    "bernoulli": ("p",),
}
QUESTIONS = ("P", "E", "U")
WORDS = frozenset({"and", "or", "not", "is", "in", "if", "else", "to", "given", "otherwise", "remove"})
CALLABLE = (*FUNCTIONS, *PERIOD_FUNCTIONS, *FAMILIES, *QUESTIONS)


def label_of(value: float) -> str:
    """How a number is written as the label of an offer or of a numeric type: 0.1, 3, -2.5."""
    return f"{value:.10g}"
