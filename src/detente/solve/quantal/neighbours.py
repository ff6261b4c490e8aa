"""Solving neighbouring games one after another: a line along which some number changes, the same draws at each point.

To follow the branch of a game from precision zero costs about five times as many sweeps as to go over from a solved
neighbour. But where the branch folds the way over may leave it: a neighbour's behaviour goes on smoothly while the
principal branch ends elsewhere, until it is cut off by a fold of its own and leaps back. So a line is gone along in
stretches, and both ends of each are solved from zero. Draws in which the way over and the branch disagree at the end of
a stretch, that leap on the way, or that were traced, turned back, forked or lost on it, are solved from zero at all its
points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.arrays import Bools, Longs
from detente.game.batched import batched
from detente.game.tree import Game
from detente.solve.base import Solution, Status

if TYPE_CHECKING:
    from detente.solve.quantal.quantal import Quantal

STRETCH = 10  # points from one that is solved from zero to the next
LEAP = 0.1  # a change of some probability from a point to the next that may be one from branch to branch
AGREE = 1e-6  # the largest difference between two solutions that are the same; each has an error of 1e-9


def follow(solver: Quantal, games: Sequence[Callable[[], Game]], workers: int = 1) -> Iterator[tuple[Game, Solution]]:
    """Each game and its solution, in order. Games have one tree and equally many draws, neighbours along the line."""
    game = games[0]()
    before = solver.solve(game, workers)
    yield game, before
    plainly = game.tree.perfect_information or solver.trace  # then nothing is gained
    ends = [*range(0, len(games) - 1, STRETCH), len(games) - 1]
    for start, stop in pairwise(ends):
        on_the_way: list[tuple[Game, Solution]] = []
        near = before
        for k in range(start + 1, stop + 1):
            game = games[k]()
            if k < stop or not plainly:
                near = solver.solve(game, workers, None if plainly else near.behaviour)
                on_the_way.append((game, near))
        end = solver.solve(game, workers)
        if not plainly:
            unsure = _unsure([before, *(found for _, found in on_the_way)], end)
            on_the_way.pop()
            on_the_way = _anew(solver, on_the_way, unsure, workers)
        yield from on_the_way
        yield game, end
        before = end


def _unsure(way: Sequence[Solution], end: Solution) -> Longs:
    """The draws for which the way over a stretch, `way`, is not known to keep to the branch, which leads to `end`."""
    apart: Bools = np.abs(way[-1].behaviour - end.behaviour).max(axis=0) > AGREE
    for solution in (*way, end):
        apart |= (solution.status != Status.SOLVED) | solution.folded | solution.forked
    for one, other in pairwise(way):
        apart |= np.abs(one.behaviour - other.behaviour).max(axis=0) > LEAP
    return np.flatnonzero(apart)


def _anew(
    solver: Quantal, way: Sequence[tuple[Game, Solution]], unsure: Longs, workers: int
) -> list[tuple[Game, Solution]]:
    """A stretch with some draws solved from zero, all points at once: a few draws would leave lanes empty.

    What was traced at a point was not taken from its neighbour, and is left as it is.
    """
    draws = [unsure[found.status[unsure] == Status.SOLVED] for _, found in way]
    if not sum(map(len, draws)):
        return list(way)
    parts = [game.only(some) for (game, _), some in zip(way, draws, strict=True)]
    again = solver.solve(batched(parts), workers)
    ends = np.cumsum([0, *map(len, draws)])
    done = []
    for (game, found), some, (first, last) in zip(way, draws, pairwise(ends), strict=True):
        changed: dict[str, Any] = {"references": tuple(dict.fromkeys((*found.references, *again.references)))}
        for field in fields(Solution):
            value = getattr(found, field.name)
            if isinstance(value, np.ndarray):
                changed[field.name] = value.copy()
                changed[field.name][..., some] = getattr(again, field.name)[..., first:last]
        done.append((game, replace(found, **changed) if len(some) else found))
    return done
