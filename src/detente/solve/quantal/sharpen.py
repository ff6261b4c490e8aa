"""At high precision: what was found in beliefs is made exact in logarithms, and what was lost is followed in them.

What is found in beliefs is off by rounding that grows with a power of t (see `systems`). Where that shows, Newton's
method in logarithms ends it; where so much of it shows that the branch itself may have been lost, the branch is
followed once more, from the start and in logarithms.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats
from detente.game.tree import Tree
from detente.solve.quantal.curves import Curve, Search
from detente.solve.quantal.layout import Numbers
from detente.solve.quantal.systems import SHARP, Logs

_EXACT = 1e-11  # distance from the response, in probability, that needs no more correction,
_ASTRAY = 1e-6  # and at which the branch may have been lost
_MOST_NUMBERS = 2e7  # nodes times players times moves
_MOST_WORK = 1e6  # nodes times moves: more, and following a branch takes minutes


class Followed(NamedTuple):
    """[n] draws that were followed again, and whether their branch folded or forked on the way."""

    anew: Bools
    folded: Bools
    forked: Bools


def sharpen(tree: Tree, numbers: Numbers, targets: Floats, t: Floats, behaviour: Floats) -> Followed:
    """Correct t [T, n] and behaviour [T, A, n] of the points found at `targets` [T], in place."""
    told = Followed(*np.zeros((3, len(numbers.scale)), np.bool_))
    if tree.n_nodes * tree.n_players * tree.n_actions > _MOST_NUMBERS:
        return told
    for j in np.flatnonzero(numbers.scale * targets[-1] > SHARP).tolist():
        system, wanted = Logs(tree, numbers, j), targets * numbers.scale[j]
        lost = [not _exact(system, behaviour[k, :, j], t[k, j]) for k in range(len(targets)) if t[k, j] >= wanted[k]]
        if (any(lost) or t[-1, j] < wanted[-1]) and tree.n_nodes * tree.n_actions <= _MOST_WORK:
            search = Search(system, float(wanted[-1]), tree.n_nodes)
            points, curve = _points(search, wanted), search.curves[0]
            if len(points) < int((t[:, j] >= wanted).sum()):
                continue  # it led no further than beliefs did
            told.anew[j], told.forked[j] = True, bool(curve.forks)
            told.folded[j] = any(vertex.way[-1] < 0 for vertex in curve.vertices)
            for k in range(len(targets)):
                point = points[min(k, len(points) - 1)] if points else curve.vertices[-1].x
                t[k, j], behaviour[k, :, j] = point[-1], system.behaviour(point)
    return told


def _exact(system: Logs, behaviour: Floats, t: float) -> bool:
    """Make behaviour [A] at t exact, in place; False if it was so far from it that it may lie elsewhere."""
    x = system.logs(behaviour, t)
    before = system.off(x, t)
    if before > _EXACT:
        x = system.polish(x, t)
        if system.off(x, t) < before and np.abs(system.behaviour(x) - behaviour).max() < 1e-2:
            behaviour[:] = system.behaviour(x)
    return before <= _ASTRAY


def _points(search: Search, wanted: Floats) -> list[Floats]:
    """The branch at each t wanted that it was followed to, exactly."""
    curve: Curve = search.branch()
    system, found = search.system, []
    assert isinstance(system, Logs)
    for target in wanted:
        if not (met := search.crossings(curve, float(target))):
            break
        found.append(np.append(system.polish(met[0].x[:-1], float(target)), target))
    return found
