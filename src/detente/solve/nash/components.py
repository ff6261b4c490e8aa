"""The sets that all equilibria of two players form.

An extreme equilibrium is a pair of extreme plans, one for each player: an edge of a bipartite graph between them. Its
connected parts are the components of the set of equilibria. Within one, every maximal biclique is a maximal Nash
subset: any mixture of its plans of one player against any mixture of those of the other is an equilibrium, and there
are no others (Winkels 1979, An algorithm to determine all equilibrium points of a bimatrix game; Avis, Rosenberg,
Savani & von Stengel 2010, Enumeration of Nash equilibria for two-player games, Economic Theory 42, 9-37).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from detente.arrays import Floats
from detente.display import Displayed

MOST = 2_000  # maximal Nash subsets of a component that are told apart


@dataclass(frozen=True)
class Component(Displayed):
    """Equilibria that are joined by further ones between them, by their places in a list.

    `extreme`: the extreme points. `subsets`: for each maximal Nash subset those of its points that are extreme, which
    are all pairs of some plans of one player and some of the other; the component is the union of the mixtures, each
    player's own, within each of them. Empty where there are too many to tell apart. `inside`: members between extreme
    points that are listed as well, because they are sequential and no extreme point is known to be.
    """

    extreme: tuple[int, ...]
    subsets: tuple[tuple[int, ...], ...]
    inside: tuple[int, ...] = ()

    @property
    def isolated(self) -> bool:
        """Whether it is a single equilibrium."""
        return len(self.extreme) == 1


def components(pairs: Sequence[tuple[int, int]]) -> list[Component]:
    """The components of some extreme equilibria, each a pair (plan of the first player, plan of the second)."""
    place = {pair: k for k, pair in enumerate(pairs)}
    left = dict.fromkeys(pairs)
    found = []
    while left:
        part = _connected(next(iter(left)), left)
        for pair in part:
            del left[pair]
        subsets = sorted(tuple(sorted(place[i, k] for i in own for k in others)) for own, others in _bicliques(part))
        found.append(Component(tuple(sorted(place[pair] for pair in part)), tuple(subsets)))
    return found


def _connected(start: tuple[int, int], pairs: dict[tuple[int, int], None]) -> list[tuple[int, int]]:
    """The pairs that are reached from one by steps to a pair with the same plan on one side."""
    sides: tuple[dict[int, list[tuple[int, int]]], ...] = ({}, {})
    for pair in pairs:
        for side in range(2):
            sides[side].setdefault(pair[side], []).append(pair)
    part, waiting = {start: None}, [start]
    while waiting:
        pair = waiting.pop()
        for side in range(2):
            for other in sides[side].pop(pair[side], []):
                if other not in part:
                    part[other] = None
                    waiting.append(other)
    return list(part)


def _bicliques(pairs: Sequence[tuple[int, int]]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """The maximal complete parts of a bipartite graph, as (plans of the first, plans of the second); none if many.

    Their second sides are what is common to the neighbours of some plans of the first player.
    """
    neighbours: dict[int, frozenset[int]] = {}
    for i, k in pairs:
        neighbours[i] = neighbours.get(i, frozenset()) | {k}
    closed: set[frozenset[int]] = set()
    for mine in neighbours.values():
        closed |= {mine} | {common for other in closed if (common := mine & other)}
        if len(closed) > MOST:
            return []
    return [(frozenset(i for i, mine in neighbours.items() if others <= mine), others) for others in closed]


def mixture(plans: Floats, shares: Floats) -> Floats:
    """A mixture [Q] of realisation plans [k, Q] of one player, with weight one for the empty sequence."""
    mixed = shares @ plans
    return np.asarray(mixed / mixed[0])


def holds(plans: Floats, plan: Floats, within: float = 1e-7) -> bool:
    """Whether a realisation plan [Q] is a mixture of some others [k, Q]."""
    return float(nnls(np.vstack([plans.T, np.ones(len(plans))]), np.append(plan, 1.0))[1]) <= within
