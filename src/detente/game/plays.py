"""What has happened at every node of a tree, as columns of numbers that formulas are read from all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

import numpy as np

from detente.arrays import Ints, Longs
from detente.language.lowering import Scene
from detente.language.scenes import Column, Scenes, Subjects


@dataclass(frozen=True, eq=False)
class Plays:
    """The play up to each node of a tree: the period it is in, [N] from 0, and the columns (see `Scenes`), [N] each."""

    subjects: Subjects
    period: Ints
    columns: Mapping[Column, Ints]
    _scenes: dict[int, Scene] = field(default_factory=dict)

    def scene(self, node: int) -> Scene:
        """The play up to a node."""
        if node not in self._scenes:
            only = Scenes(self.subjects, self.columns, np.array([node]), int(self.period[node]))
            self._scenes[node] = only.scene(0)
        return self._scenes[node]

    def by_period(self, nodes: Longs | Ints, over_all: bool = False) -> Iterator[tuple[Longs, Scenes]]:
        """The plays up to some nodes, those in the same period together: where each stands in the list, and they."""
        for t in np.unique(self.period[nodes]).tolist():
            where = np.flatnonzero(self.period[nodes] == t)
            yield where, Scenes(self.subjects, self.columns, nodes[where].astype(np.int64), t, over_all)


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
