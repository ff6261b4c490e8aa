"""What has happened at every node of a tree, as columns of numbers that formulas are read from all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from detente.arrays import Bools, Ints, Longs
from detente.errors import NOWHERE, Place
from detente.language.lowering import Scene
from detente.language.scenes import OUTCOME, WHOLE, Column, Scenes, Subjects
from detente.model.schema import Model

Event = tuple[str, str]
"""A stage or signal, and what happened there."""


@dataclass(frozen=True, eq=False)
class Plays:
    """The play up to each node of a tree: the period it is in, [N] from 0, and the columns (see `Scenes`), [N] each."""

    subjects: Subjects
    period: Ints
    columns: Mapping[Column, Ints]

    @cached_property
    def _scenes(self) -> dict[int, Scene]:
        return {}

    def scene(self, node: int) -> Scene:
        """The play up to a node."""
        if node not in self._scenes:
            self._scenes[node] = self._alike[int(self.period[node])].scene(int(self._place[node]))
        return self._scenes[node]

    @cached_property
    def _alike(self) -> dict[int, Scenes]:
        """The plays up to all nodes, by the period they are in."""
        return {scenes.period: scenes for _, scenes in self.by_period(np.arange(len(self.period)))}

    @cached_property
    def _place(self) -> Longs:
        """[N] where the play up to each node stands among those of its period."""
        place = np.empty(len(self.period), np.int64)
        for scenes in self._alike.values():
            place[scenes.index] = np.arange(scenes.n)
        return place

    def met(self) -> dict[str, set[str]]:
        """What comes up at some node, of all that is told apart, by name: labels of stages, types and outcomes."""
        found: dict[str, set[str]] = {}
        for (name, _), column in self.columns.items():
            if labels := self.subjects.labels.get(name):
                found.setdefault(name, set()).update(labels[k - 1] for k in np.unique(column[column > 0]).tolist())
        return found

    def happened(self, nodes: Longs | Ints) -> dict[Event, Bools]:
        """[len(nodes)] for each event but types, whether it happens in the play up to each of some nodes; those that
        happen in none are left out, the others in the order in which they are first met."""
        found: dict[Event, Bools] = {}
        first: dict[Event, tuple[int, int]] = {}
        names = [name for name in self.subjects.labels if name not in self.subjects.whole]
        for t in range(self.subjects.steps):
            for name in names:
                column = self.columns.get((name, t))
                here = np.zeros(len(nodes), np.int32) if column is None else column[nodes]
                for code in np.unique(here[here > 0]).tolist():
                    event, there = (name, self.subjects.labels[name][code - 1]), here == code
                    met = int(there.argmax()), t
                    first[event] = min(first.get(event, met), met)
                    found[event] = found[event] | there if event in found else there
        return {event: found[event] for event in sorted(found, key=lambda e: (*first[e], names.index(e[0])))}

    def endings(self, nodes: Longs | Ints) -> Sequence[str]:
        """[len(nodes)] the outcome in which the play up to each of some terminal nodes ends."""
        labels = ("", *self.subjects.labels[OUTCOME])
        return [labels[code] for code in self.columns[OUTCOME, WHOLE][nodes].tolist()]

    def by_period(self, nodes: Longs | Ints, over_all: bool = False) -> Iterator[tuple[Longs, Scenes]]:
        """The plays up to some nodes, those in the same period together: where each stands in the list, and they."""
        for t in np.unique(self.period[nodes]).tolist():
            where = np.flatnonzero(self.period[nodes] == t)
            yield where, Scenes(self.subjects, self.columns, nodes[where].astype(np.int64), t, over_all)


@dataclass(frozen=True, eq=False)
class Places(Sequence[Place]):
    """Where moves and results are written: the numbers of some paths of the model, those of nothing being empty."""

    model: Model
    paths: Sequence[tuple[str, ...]]
    number: Ints

    def __len__(self) -> int:
        return len(self.number)

    @overload
    def __getitem__(self, k: int) -> Place: ...
    @overload
    def __getitem__(self, k: slice) -> Sequence[Place]: ...
    def __getitem__(self, k: int | slice) -> Place | Sequence[Place]:
        if isinstance(k, slice):
            return [self[x] for x in range(len(self))[k]]
        path = self.paths[int(self.number[k])]
        return self.model.place(*path) if path else NOWHERE


@dataclass(frozen=True, eq=False)
class Tags(Sequence[object]):
    """[N] what stands at each node: the event that happens there (its number, from 1), or the whole play (0)."""

    plays: Plays
    events: Sequence[str]
    number: Ints

    def __len__(self) -> int:
        return len(self.number)

    @overload
    def __getitem__(self, node: int) -> object: ...
    @overload
    def __getitem__(self, node: slice) -> Sequence[object]: ...
    def __getitem__(self, node: int | slice) -> object:
        if isinstance(node, slice):
            return [self[x] for x in range(len(self))[node]]
        number = int(self.number[node])
        return self.events[number] if number else self.plays.scene(int(node) % len(self))
