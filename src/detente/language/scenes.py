"""Many points of play at once, as columns of numbers, and the rows of a tape that an expression has at each of them.

Scenes that agree in what an expression looks at give it the same row. So its row is worked out once for every
combination of these things that comes up (`distinct`), and not once for every scene.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from detente.arrays import Ints, Longs
from detente.language.expressions import Expression, Is, Name, Over
from detente.language.lowering import Scene, Tape, lower

WHOLE = -1  # stands for the period of what is settled for a whole play
OUTCOME = "outcome"
Column = tuple[str, int]
"""What a column tells: a stage, type, signal or state, and in which period (from 0, or WHOLE)."""
_Told = tuple[list[tuple[int, str, tuple[str, ...], Any]], list[tuple[int, str, Any]]]
_WIDEST = 2**40  # combinations that are numbered without being counted first


@dataclass(frozen=True)
class Subjects:
    """What the formulas of a model can look at in a play.

    `labels`: what can happen: private types and their signals, stages and theirs in the order of play, and outcomes;
    `whole`: those of them that are settled for the whole play; `offers`: the stages whose results are numbers;
    `slices`: into how many each period is cut. Where it is, columns are by slice, and so is what is called a period.
    """

    n_periods: int
    labels: Mapping[str, tuple[str, ...]]
    whole: frozenset[str]
    states: tuple[str, ...]
    offers: frozenset[str]
    slices: int = 1

    @cached_property
    def key(self) -> tuple[object, ...]:
        """All of it, as what it can be found by; the order of the labels counts as well."""
        return self.n_periods, tuple(self.labels.items()), self.whole, self.states, self.offers, self.slices

    @property
    def steps(self) -> int:
        """How often the stages are run through: once in each slice."""
        return self.n_periods * self.slices

    def when(self, name: str, period: int) -> Column:
        """The column that tells of something as it is in a period."""
        return name, WHOLE if name in self.whole else period


@dataclass(frozen=True, eq=False)
class Scenes:
    """Points of play in the same period, [n] each.

    `columns`: what happened, as 1 + the number of its label, 0 where nothing did, and the row of the tape of a state,
    -1 where it has none; what is 0 (or -1) everywhere may be left out. `index` [n] says which entries of the columns
    are meant. `over_all` and `left` are as in `Scene`.
    """

    subjects: Subjects
    columns: Mapping[Column, Ints]
    index: Longs
    period: int
    over_all: bool = False
    left: Mapping[str, Ints] = field(default_factory=dict)
    _taken: dict[Column, Ints | None] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return len(self.index)

    def column(self, name: str, period: int) -> Ints | None:
        """[n] what happened, or a state; None where there is no such column."""
        key = self.subjects.when(name, period)
        if key not in self._taken:
            whole = self.columns.get(key)
            self._taken[key] = None if whole is None else whole[self.index]
        return self._taken[key]

    def scene(self, k: int, names: Collection[str] | None = None) -> Scene:
        """The k-th scene; with `names`, only that part of it."""
        subjects = self.subjects
        events, rows = self._every if names is None else self._told(names)
        records: list[dict[str, str]] = [{} for _ in range(self.period + 1)]
        states: list[dict[str, int]] = [{} for _ in records]
        whole: dict[str, str] = {}
        for period, name, labels, column in events:
            if code := column[k]:
                (whole if period == WHOLE else records[period])[name] = labels[code - 1]
        for period, name, column in rows:
            if (row := column[k]) >= 0:
                states[period][name] = int(row)
        outcome = whole.pop(OUTCOME, None)
        left = {name: int(rows[k]) for name, rows in self.left.items() if names is None or name in names}
        return Scene(
            subjects.n_periods, tuple(records), tuple(states), whole, subjects.offers, outcome, self.over_all, left,
            subjects.slices,
        )  # fmt: skip

    @cached_property
    def _every(self) -> _Told:
        """All columns, as lists: an entry of a list is found sooner than one of an array."""
        events, rows = self._told({*self.subjects.labels, *self.subjects.states})
        return [(*told, column.tolist()) for *told, column in events], [(*told, c.tolist()) for *told, c in rows]

    def _told(self, names: Collection[str]) -> _Told:
        """The columns of some events, with their labels, and those of states, each with its period and name."""
        subjects, until = self.subjects, range(self.period + 1)
        events = [
            (t, name, labels, column)
            for name, labels in subjects.labels.items() if name in names
            for t in ((WHOLE,) if name in subjects.whole else until)
            if (column := self.column(name, t)) is not None
        ]  # fmt: skip
        states = [
            (t, name, column)
            for name in subjects.states if name in names
            for t in until
            if (column := self.column(name, t)) is not None
        ]  # fmt: skip
        return events, states


class Reader:
    """The rows of a tape that expressions have at many scenes. What was read once is kept, by what the expression says.

    The row at a scene depends on the expression and on the scene alone, so that models whose formulas stand on one tape
    (rival structures, and edits of a model) share what was read: see `of`.
    """

    def __init__(self, tape: Tape, subjects: Subjects) -> None:
        self.tape, self.subjects = tape, subjects
        self._sights: dict[Expression, _Sight] = {}
        self._met: dict[int, _Sight] = {}  # by identity, which is sooner known

    @classmethod
    def of(cls, tape: Tape, subjects: Subjects) -> Reader:
        """The reader that all models share whose formulas stand on this tape and look at the same things."""
        found: Reader | None = tape.readers.get(subjects.key)
        if found is None:
            found = tape.readers[subjects.key] = cls(tape, subjects)
        return found

    def rows(self, expression: Expression, scenes: Scenes) -> Ints:
        """[n] the row of an expression at each scene, as `lower` gives it."""
        sight = self._met.get(id(expression)) or self._sight(expression)
        looked = sight.looks(scenes)
        firsts, which = distinct([column for column in looked if not isinstance(column, int)], scenes.n)
        alike = len(firsts)
        values = [[c] * alike if isinstance(c, int) else c[firsts].tolist() for c in looked]
        deep = scenes.over_all or sight.deep
        moment = (deep, scenes.over_all, bool(scenes.left), scenes.period if deep or sight.period else 0)
        found = np.empty(alike, np.int32)
        for j, (k, *key) in enumerate(zip(firsts.tolist(), *values, strict=True)):
            known = sight.rows.get((moment, *key))
            if known is None:
                known = sight.rows[(moment, *key)] = lower(expression, scenes.scene(k, sight.names), self.tape)
            found[j] = known
        return found[which]

    def _sight(self, expression: Expression) -> _Sight:
        sight = self._sights.get(expression)
        if sight is None:
            sight = self._sights[expression] = _Sight(self.subjects, expression)
        sight.same.append(expression)
        self._met[id(expression)] = sight
        return sight

    def all_rows(self, expression: Expression, parts: Sequence[tuple[Longs, Scenes]]) -> Ints:
        """The rows of an expression at scenes of several periods, each part with its places in the whole."""
        found = np.empty(sum(len(where) for where, _ in parts), np.int32)
        for where, scenes in parts:
            found[where] = self.rows(expression, scenes)
        return found


class _Sight:
    """What an expression looks at, and its rows by what it saw there."""

    def __init__(self, subjects: Subjects, expression: Expression) -> None:
        self.same: list[Expression] = []  # expressions that say this: kept, so that no other takes the id of one
        self.rows: dict[tuple[object, ...], int] = {}
        asked: dict[str, list[tuple[str, ...] | None]] = {}  # labels, or None where the value itself is asked for
        self._inside: set[str] = set()
        for part, inside in _parts(expression, False):
            name = part.subject if isinstance(part, Is) else part.name
            asked.setdefault(name, []).append(part.labels if isinstance(part, Is) else None)
            if inside:
                self._inside.add(name)
        self.period = "period" in asked
        self.deep = any(isinstance(e, Over) for e in expression.walk())
        self.names = frozenset(asked)
        self._states = [name for name in subjects.states if name in asked]
        self._events = {name: _classes(asked[name], subjects.labels[name]) for name in subjects.labels if name in asked}

    def looks(self, scenes: Scenes) -> list[Ints | int]:
        """[n] each, or one number for all: what scenes have to agree in."""
        found: list[Ints | int] = []
        for name, classes in self._events.items():
            for t in self._periods(name, scenes):
                column = scenes.column(name, t)
                found.append(0 if column is None else column if classes is None else classes[column])
        for name in self._states:
            if name in scenes.left:
                found.append(scenes.left[name])
                if name not in self._inside:
                    continue
            for t in self._periods(name, scenes):
                column = scenes.column(name, t)
                found.append(-1 if column is None else column)
        return found

    def _periods(self, name: str, scenes: Scenes) -> range:
        """The periods in which something is looked at."""
        last = scenes.period
        every = (scenes.over_all or name in self._inside) and name not in scenes.subjects.whole
        return range(0 if every else last, last + 1)


def _parts(e: Expression, inside: bool) -> Iterator[tuple[Is | Name, bool]]:
    """All names and events in an expression, and whether they stand inside of a look at the periods."""
    if isinstance(e, (Is, Name)):
        yield e, inside
    for child in e.children():
        yield from _parts(child, inside or isinstance(e, Over))


def _classes(asked: Sequence[tuple[str, ...] | None], labels: Sequence[str]) -> Ints | None:
    """[1 + labels] the number of the class of each label: those of one class are told apart by nothing that is asked.

    None where the label itself is asked for.
    """
    if None in asked:
        return None
    told = [(False,) * len(asked), *(tuple(label in some for some in asked if some) for label in labels)]
    number: dict[tuple[bool, ...], int] = {}
    return np.array([number.setdefault(one, len(number)) for one in told], np.int32)


def distinct(columns: Sequence[Ints | Longs], n: int) -> tuple[Longs, Longs]:
    """[m] where each combination of entries is first met, and [n] the number of that which stands at each place."""
    key, size = np.zeros(n, np.int64), min(n, 1)
    for column in columns if n else ():
        low = int(column.min())
        width = int(column.max()) - low + 1
        if width > 1:
            if size * width > _WIDEST:
                firsts, key = _numbered(key, size)
                size = len(firsts)
            key, size = key * width + (column - low), size * width
    return _numbered(key, size)


def _numbered(key: Longs, size: int) -> tuple[Longs, Longs]:
    """The same for one column of numbers from 0 up to `size`."""
    n = len(key)
    if size > 4 * n + 1000:
        _, firsts, which = np.unique(key, return_index=True, return_inverse=True)
        return firsts, which
    first = np.full(size, n)
    first[key[::-1]] = np.arange(n)[::-1]  # of several, the last that is written stays
    met = np.flatnonzero(first < n)
    number = np.empty(size, np.int64)
    number[met] = np.arange(len(met))
    return first[met], number[key]


def combined(columns: Sequence[Ints], make: Callable[..., int]) -> Ints:
    """[n] what is made of the entries at each place, made once for each combination."""
    firsts, which = distinct(columns, len(columns[0]))
    made = [make(*entries) for entries in zip(*(column[firsts].tolist() for column in columns), strict=True)]
    return np.array(made, np.int32)[which]
