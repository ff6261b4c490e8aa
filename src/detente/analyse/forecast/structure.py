"""What the tree says of a claim before any number is known: whether it can ever hold, ever fail, ever be judged.

A probability is a sum over plays, and a sum of probabilities is one over what each play contributes; so its bounds are
the least and the most that any play contributes. So `P(a) + P(not a)` is 1, and `P(a and b) <= P(a)` always holds.
What else stands in a formula is bounded by interval arithmetic (Moore 1966, Interval Analysis); quantities by nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np

from detente.analyse.forecast.claims import Asked, Question
from detente.arrays import Floats
from detente.language.lowering import Tape

Bounds = tuple[float, float]
ANYTHING: Bounds = (-np.inf, np.inf)
_YES_NO = frozenset({"<", "<=", ">", ">=", "==", "!=", "and", "or", "not"})


class Structure:
    """The bounds of a question over all games that could be put on its tree, and all that could be played in them."""

    def __init__(self, question: Question) -> None:
        self.question, self.tape, self.asked = question, question.tape, question.asked
        self._known: dict[int, Bounds] = {}

    @cached_property
    def bounds(self) -> Bounds:
        """The least and the most that the question can be, where it is a number; for a condition (1, 1) if it always
        holds then and (0, 0) if it never does."""
        return self._row(self.question.root)

    @property
    def impossible(self) -> tuple[Asked, ...]:
        """What is asked given what no history has."""
        return tuple(asked for asked in self.asked if not possible(self.question.blueprint.tape, asked))

    def _row(self, row: int) -> Bounds:
        if row not in self._known:
            whole = self._linear(row)
            self._known[row] = self._sum(*whole) if whole is not None else self._formula(row)
        return self._known[row]

    def _linear(self, row: int) -> tuple[Mapping[int, float], float] | None:
        """A row as a sum of answers to what is asked, each times a number, and a number; None where it is no such."""
        op, args = self.tape.rows[row]
        plain = op.removesuffix("?")
        if plain == "number":
            value = self.tape.numbers[row]
            return None if value is None or value != value else ({}, value)
        if plain == "input":
            name = self.tape.names[row]
            return ({int(name[1:]): 1.0}, 0.0) if name.startswith("?") else None
        if plain not in ("+", "-", "neg", "*", "/"):
            return None
        parts = [self._linear(arg) for arg in args]
        if any(part is None for part in parts):
            return None
        first, *rest = [part for part in parts if part is not None]
        if plain == "neg":
            return _scaled(first, -1.0)
        [second] = rest
        if plain in ("+", "-"):
            return _added(first, _scaled(second, 1.0 if plain == "+" else -1.0))
        if plain == "*" and not first[0]:
            first, second = second, first
        if second[0] or (plain == "/" and second[1] == 0):
            return None
        return _scaled(first, second[1] if plain == "*" else 1 / second[1])

    def _sum(self, parts: Mapping[int, float], plus: float) -> Bounds:
        """The bounds of a sum of answers: those that are taken over the same plays are added play by play."""
        groups: dict[tuple[object, ...], list[tuple[float, Asked]]] = defaultdict(list)
        for k, factor in parts.items():
            asked = self.asked[k]
            groups[asked.given, asked.player, asked.do].append((factor, asked))
        low = high = plus
        for group in groups.values():
            least, most = self._over_plays(group)
            low, high = low + least, high + most
        return low, high

    def _over_plays(self, group: Sequence[tuple[float, Asked]]) -> Bounds:
        tape = self.question.blueprint.tape
        inside = _inside(tape, group[0][1])
        if not inside.any():
            return ANYTHING
        low, high = np.zeros((2, int(inside.sum())))
        for factor, asked in group:
            least, most = (bound[inside] * factor for bound in _bounds(tape, asked.rows))
            low, high = low + np.minimum(least, most), high + np.maximum(least, most)
        return float(low.min()), float(high.max())

    def _formula(self, row: int) -> Bounds:
        op, args = self.tape.rows[row]
        given = [self._row(arg) for arg in args]
        if any(self.tape.numbers[arg] != self.tape.numbers[arg] for arg in args):
            return ANYTHING  # never a number
        with np.errstate(all="ignore"):
            low, high = _interval(op.removesuffix("?"), given)
        return (low, high) if low == low and high == high else ANYTHING


def possible(tape: Tape, asked: Asked) -> bool:
    """Whether some play may have what is given."""
    return bool(_inside(tape, asked).any())


def certain(tape: Tape, asked: Asked) -> float | None:
    """0 where no play that is given has the event of a probability, 1 where each has it; else None."""
    inside = _inside(tape, asked)
    least, most = _bounds(tape, asked.rows)
    if not inside.any():
        return None
    return 0.0 if not most[inside].any() else 1.0 if (least[inside] == 1).all() else None


def _inside(tape: Tape, asked: Asked) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """[terminals] whether a play may be among those that are given."""
    if asked.given is None:
        return np.ones(len(asked.rows), np.bool_)
    return np.asarray(_bounds(tape, asked.given)[1] != 0)


@lru_cache(maxsize=64)
def _bounds(tape: Tape, rows: tuple[int, ...]) -> tuple[Floats, Floats]:
    """[terminals] each: what a row of each play can be at least and at most."""
    known = {row: _bound(tape, row) for row in set(rows)}
    return np.array([known[row][0] for row in rows]), np.array([known[row][1] for row in rows])


def _bound(tape: Tape, row: int) -> Bounds:
    value = tape.constant(row)
    if value is not None and value == value:
        return value, value
    return (0.0, 1.0) if tape.rows[row][0].removesuffix("?") in _YES_NO else ANYTHING


def _scaled(linear: tuple[Mapping[int, float], float], by: float) -> tuple[Mapping[int, float], float]:
    return {k: factor * by for k, factor in linear[0].items() if by}, linear[1] * by


def _added(
    one: tuple[Mapping[int, float], float], other: tuple[Mapping[int, float], float]
) -> tuple[Mapping[int, float], float]:
    total = {k: one[0].get(k, 0.0) + other[0].get(k, 0.0) for k in (*one[0], *other[0])}
    return {k: factor for k, factor in total.items() if factor}, one[1] + other[1]


def _interval(op: str, given: Sequence[Bounds]) -> Bounds:
    """The bounds of an operator's value from those of its arguments."""
    match op, given:
        case (("number" | "input"), _):
            return ANYTHING
        case "+", ((a, b), (c, d)):
            return a + c, b + d
        case "-", ((a, b), (c, d)):
            return a - d, b - c
        case "neg", ((a, b),):
            return -b, -a
        case "*", ((a, b), (c, d)):
            ends = (a * c, a * d, b * c, b * d)
            return min(ends), max(ends)
        case "/", ((a, b), (c, d)) if c > 0 or d < 0:
            ends = (a / c, a / d, b / c, b / d)
            return min(ends), max(ends)
        case "min" | "max", _:
            pick = min if op == "min" else max
            return pick(low for low, _ in given), pick(high for _, high in given)
        case "abs", ((a, b),):
            return (0.0 if a <= 0 <= b else min(abs(a), abs(b))), max(abs(a), abs(b))
        case "exp", ((a, b),):
            return float(np.exp(a)), float(np.exp(b))
        case (("log" | "sqrt"), ((a, b),)):
            function = np.log if op == "log" else np.sqrt
            return float(function(max(a, 0.0))), float(function(max(b, 0.0)))
        case "if", ((1.0, _), yes, _):
            return yes
        case "if", ((_, 0.0), _, no):
            return no
        case "if", (_, (a, b), (c, d)):
            return min(a, c), max(b, d)
    return _condition(op, given) if op in _YES_NO else ANYTHING


def _condition(op: str, given: Sequence[Bounds]) -> Bounds:
    """The same for what is true or false: (1, 1), (0, 0), or (0, 1) where it may be either."""
    match op, given:
        case (("and" | "or"), _):
            pick = min if op == "and" else max
            return float(pick(_surely(x) for x in given)), float(pick(_perhaps(x) for x in given))
        case "not", (x,):
            return float(not _perhaps(x)), float(not _surely(x))
        case (("<" | "<="), ((a, b), (c, d))) | ((">" | ">="), ((c, d), (a, b))):
            return (float(b < c), float(a < d)) if op in ("<", ">") else (float(b <= c), float(a <= d))
        case (("==" | "!="), ((a, b), (c, d))):
            same, apart = float(a == b == c == d), float(b < c or d < a)
            return (same, 1 - apart) if op == "==" else (apart, 1 - same)
    return 0.0, 1.0


def _surely(x: Bounds) -> bool:
    """Whether what has these bounds is not zero."""
    return x[0] > 0 or x[1] < 0


def _perhaps(x: Bounds) -> bool:
    return x != (0, 0)
