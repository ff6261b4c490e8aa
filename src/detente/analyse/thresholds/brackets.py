"""Finding where an answer turns: brackets between points whose labels differ, narrowed many at a time.

Every round cuts each bracket into equal parts and solves all inner points of all brackets in one batch. Unlike a method
for continuous functions it does not mind whether the answer crosses or jumps, and loses nothing to brackets that
hold several turns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.forecast.readout import NOT_A_NUMBER
from detente.arrays import Floats, Longs

PARTS = 16
MOST_TURNS = 4  # that are followed inside one bracket


@dataclass(frozen=True)
class Bracket:
    """An interval at whose ends the labels differ. `owner` says of which line or subject."""

    owner: int
    low: float
    high: float
    before: int
    after: int

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


def turns(owner: int, points: Floats, labels: Longs) -> list[Bracket]:
    """The brackets between neighbouring points with different labels. Both arrays are [m].

    Points at which there is no game are passed over.
    """
    known = labels != NOT_A_NUMBER
    points, labels = points[known], labels[known]
    where = np.flatnonzero(labels[1:] != labels[:-1])
    return [Bracket(owner, float(points[i]), float(points[i + 1]), int(labels[i]), int(labels[i + 1])) for i in where]


def narrow(
    brackets: Sequence[Bracket], label: Callable[[Longs, Floats], Longs], rounds: int, parts: int = PARTS
) -> list[Bracket]:
    """Brackets narrowed by `parts` in each round.

    `label(owners, points)` gives the label of each of m points on its owner's line: [m], [m] -> [m].
    """
    search = Narrowing(brackets, rounds, parts)
    while (asked := search.ask()) is not None:
        search.tell(label(*asked))
    return search.found


class Narrowing:
    """The same step by step: it asks for the labels of points on their owners' lines, and is told them."""

    def __init__(self, brackets: Sequence[Bracket], rounds: int, parts: int = PARTS) -> None:
        self.found, self.rounds, self.parts = list(brackets), rounds, parts
        self._grids = self._cut()

    def ask(self) -> tuple[Longs, Floats] | None:
        """[m] owners and [m] points; None once all is narrow."""
        if not self._grids:
            return None
        owners = np.repeat([b.owner for b in self.found], self.parts - 1)
        return owners, np.concatenate([grid[1:-1] for grid in self._grids])

    def tell(self, labels: Longs) -> None:
        """[m] the labels of the points asked for."""
        following: list[Bracket] = []
        rows = labels.reshape(len(self.found), self.parts - 1)
        for b, grid, row in zip(self.found, self._grids, rows, strict=True):
            following += turns(b.owner, grid, np.array([b.before, *row, b.after]))[:MOST_TURNS]
        self.found, self.rounds = following, self.rounds - 1
        self._grids = self._cut()

    def _cut(self) -> list[Floats]:
        return [np.linspace(b.low, b.high, self.parts + 1) for b in self.found] if self.rounds > 0 else []
