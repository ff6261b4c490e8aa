"""Finding where an answer turns: brackets between points whose labels differ, narrowed many at a time.

Every round cuts each bracket into equal parts and solves all inner points of all brackets in one batch. Unlike a method
for continuous functions it does not mind whether the answer crosses or jumps, and loses nothing to brackets that
hold several turns.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np

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
    """The brackets between neighbouring points with different labels. Both arrays are [m]."""
    where = np.flatnonzero(labels[1:] != labels[:-1])
    return [Bracket(owner, float(points[i]), float(points[i + 1]), int(labels[i]), int(labels[i + 1])) for i in where]


def narrow(
    brackets: Sequence[Bracket], label: Callable[[Longs, Floats], Longs], rounds: int, parts: int = PARTS
) -> list[Bracket]:
    """Brackets narrowed by `parts` in each round.

    `label(owners, points)` gives the label of each of m points on its owner's line: [m], [m] -> [m].
    """
    steps = narrowing(brackets, rounds, parts)
    try:
        wanted = next(steps)
        while True:
            wanted = steps.send(label(*wanted))
    except StopIteration as done:
        found: list[Bracket] = done.value
        return found


def narrowing(
    brackets: Sequence[Bracket], rounds: int, parts: int = PARTS
) -> Generator[tuple[Longs, Floats], Longs, list[Bracket]]:
    """The same as a series of questions: it yields (owners, points), is sent their labels, and returns the brackets."""
    found = list(brackets)
    for _ in range(rounds):
        if not found:
            break
        grids = [np.linspace(b.low, b.high, parts + 1) for b in found]
        owners = np.repeat([b.owner for b in found], parts - 1)
        labels = yield owners, np.concatenate([grid[1:-1] for grid in grids])
        following: list[Bracket] = []
        for b, grid, row in zip(found, grids, labels.reshape(len(found), parts - 1), strict=True):
            following += turns(b.owner, grid, np.array([b.before, *row, b.after]))[:MOST_TURNS]
        found = following
    return found
