"""A tree while it is drawn: all histories go on at once, step by step, and leave nodes behind them.

A `Frontier` is the plays that are still going on, each at the node that it came to last. They stand in the order in
which a walk depth first would come to them. A `Drawing` is the nodes that are there so far, numbered as they came.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from detente.arrays import Bools, Bytes, Floats, Ints, Longs
from detente.game.tree import TERMINAL, Infoset
from detente.language.scenes import OUTCOME, WHOLE, Column, Scenes, Subjects, distinct

Thing = TypeVar("Thing", bound=Hashable)
_LABELS = 2**20  # more than there are: what happened last is told by an event and a label
Seen = tuple[tuple[str, str], ...]
"""What an actor has seen, as (event, what happened) in order."""


class Numbering(Generic[Thing]):
    """Things and their numbers, from 0 in the order in which they are met."""

    def __init__(self, *first: Thing) -> None:
        self.things = list(first)
        self._numbers = {thing: k for k, thing in enumerate(first)}

    def of(self, thing: Thing) -> int:
        """The number of a thing."""
        number = self._numbers.setdefault(thing, len(self.things))
        if number == len(self.things):
            self.things.append(thing)
        return number


@dataclass(frozen=True, eq=False)
class Frontier:
    """Plays that go on, [n] each, in the same period.

    `node`: where each stands; `seen` [P][n]: what each actor has seen, as a number of the drawing; `decided`: for rows
    of the tape that stand at gates, 1 where the gate was passed as open, -1 as closed, 0 where there was none;
    `weight`: how many histories it stands for; `last`: a number for what happened last.
    """

    node: Longs
    columns: Mapping[Column, Ints]
    seen: tuple[Ints, ...]
    decided: Mapping[int, Bytes]
    weight: Floats
    last: Longs

    @property
    def n(self) -> int:
        return len(self.node)

    def scenes(self, subjects: Subjects, period: int, index: Longs | None = None) -> Scenes:
        """The points that these histories have come to, or some of them."""
        return Scenes(subjects, self.columns, np.arange(self.n) if index is None else index, period)

    def taken(self, index: Longs) -> Frontier:
        """Some of these histories, or the same more than once."""
        seen = {id(column): column[index] for column in self.seen}  # actors that have seen the same go on sharing it
        return Frontier(
            self.node[index], {key: column[index] for key, column in self.columns.items()},
            tuple(seen[id(column)] for column in self.seen),
            {row: column[index] for row, column in self.decided.items()}, self.weight[index], self.last[index],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Moves:
    """What can happen next in some histories of a frontier, one after another: [m] numbers of labels and of places, and
    the row of the tape of its probability (-1 for a move of an actor)."""

    label: Ints
    place: Ints
    row: Ints


class TooLarge(Exception):
    """There is no room for more nodes."""


@dataclass(eq=False)
class Drawing:
    """The nodes that are there so far; `largest`: how many there may be."""

    players: int
    largest: float = np.inf
    size: int = 1
    expected: float = 1.0  # the same, each node as often as the plays through it stand for others
    labels: Numbering[str] = field(default_factory=lambda: Numbering(""))
    infosets: list[Infoset] = field(default_factory=list)
    there: list[tuple[int, ...]] = field(default_factory=list)  # of each set, a row of the tape for each move
    log_default: list[tuple[int, ...]] = field(default_factory=list)  # and of the logarithm of its weight
    made: list[tuple[Longs, Moves]] = field(default_factory=list)  # the node above, and what led to each node
    closed: list[Closed] = field(default_factory=list)
    _before: list[int] = field(default_factory=lambda: [0])  # what was seen, by number: what before,
    _entry: list[tuple[str, str]] = field(default_factory=lambda: [("", "")])  # and what then

    def start(self) -> Frontier:
        """One play, at the root."""
        nothing = np.zeros(1, np.int32)
        return Frontier(np.zeros(1, np.int64), {}, (nothing,) * self.players, {}, np.ones(1), np.zeros(1, np.int64))

    def room(self, more: int) -> None:
        """Raises TooLarge where there is no room for more nodes."""
        if self.size + more > self.largest:
            raise TooLarge

    def branch(
        self, at: Frontier, inner: Bools, counts: Longs, moves: Moves, event: str, kind: int, period: int, sets: Longs
    ) -> tuple[Frontier, Longs]:
        """Go on from some histories in several ways. The plays that there are then, and from which each comes.

        `inner` [n] says where a node is made: `event` happens there, and it goes on in `counts` [n] ways; `moves` are
        these, one after another. Elsewhere the one way that there is makes no node. `sets`: information sets of the
        nodes made, in order.
        """
        where = np.flatnonzero(inner)
        ways = counts[where]
        index = np.repeat(np.arange(at.n), counts)
        first = self.size + np.cumsum(ways) - ways
        tag = self.labels.of(event)
        columns = {key: column[where] for key, column in at.columns.items()}
        self.closed.append(Closed(at.node[where], kind, tag, first, ways, sets, period, at.weight[where], columns))
        self.made.append((np.repeat(at.node[where], ways), moves))
        self.expected += float(at.weight[where] @ ways)
        after, new = at.taken(index), inner[index]
        after.node[new] = np.arange(self.size, self.size + len(moves.label))
        after.last[new] = tag * _LABELS + moves.label
        self.size += len(moves.label)
        return after, index

    def end(self, at: Frontier, over: Bools, outcome: int, period: int) -> Frontier:
        """End some histories in an outcome (its number, from 0). The plays that go on."""
        where = np.flatnonzero(over)
        columns = {key: column[where] for key, column in at.columns.items()}
        columns[OUTCOME, WHOLE] = np.full(len(where), outcome + 1, np.int32)
        none = np.zeros(len(where), np.int64)
        self.closed.append(Closed(at.node[where], TERMINAL, 0, none, none, none - 1, period, at.weight[where], columns))
        return at.taken(np.flatnonzero(~over))

    def see(self, seen: Ints, code: Ints, event: str, labels: Sequence[str]) -> Ints:
        """[n] what is seen when something happens: 1 + the number of its label, 0 where nothing does."""
        found = seen.copy()
        where = np.flatnonzero(code)
        firsts, which = distinct([seen[where], code[where]], len(where))
        found[where] = len(self._before) + which
        self._before.extend(seen[where[firsts]].tolist())
        self._entry.extend((event, labels[k - 1]) for k in code[where[firsts]].tolist())
        return found

    def view(self, number: int) -> Seen:
        """What was seen, by its number."""
        entries = []
        while number:
            entries.append(self._entry[number])
            number = self._before[number]
        return tuple(reversed(entries))


@dataclass(frozen=True, eq=False)
class Closed:
    """Nodes of the same kind that are finished, [m] each: what happens there, its nodes below, and the columns."""

    node: Longs
    kind: int
    tag: int
    first: Longs
    children: Longs
    infoset: Longs | Ints
    period: int
    weight: Floats
    columns: Mapping[Column, Ints]
