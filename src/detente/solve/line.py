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
from typing import Any

import numpy as np

from detente.game.tree import Bools, Game
from detente.solve.base import Solution, Status
from detente.solve.plan import Longs
from detente.solve.quantal import Quantal

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
            on_the_way = [(g, _anew(solver, g, s, unsure, workers)) for g, s in on_the_way]
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


def _anew(solver: Quantal, game: Game, found: Solution, draws: Longs, workers: int) -> Solution:
    """A solution with some draws solved from zero."""
    if not len(draws):
        return found
    available = None if game.available is None else game.available[:, draws]
    some = replace(
        game, payoffs=game.payoffs[..., draws], chance=game.chance[:, draws], precision=game.precision[:, draws],
        available=available,
    )  # fmt: skip
    again = solver.solve(some, workers)
    changed: dict[str, Any] = {"references": tuple(dict.fromkeys((*found.references, *again.references)))}
    for field in fields(Solution):
        value = getattr(found, field.name)
        if isinstance(value, np.ndarray):
            changed[field.name] = value.copy()
            changed[field.name][..., draws] = getattr(again, field.name)
    return replace(found, **changed)
