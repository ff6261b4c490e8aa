"""The part of a tree that is drawn: histories, folded where they are rare or too many.

Gates, which nobody sees, are passed through. What is opened is an information set, or a node of chance: of histories
that its owner cannot tell apart none is open while another is folded. Sets are opened in the order of how often they
are reached until `most` nodes are drawn; below that stands how many whole plays are left out, and how likely they are.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from detente.analyse.forecast.flow import Flow
from detente.arrays import Floats, Longs
from detente.game.walk import GATE

MOST = 1000  # nodes that are drawn, unless they are asked for one by one


@dataclass(frozen=True)
class History:
    """A node that is drawn. `node`: its number in the tree; `parent`: the place of the one above it among those drawn
    (-1 at the root); `top`: the node to which the move from there leads, from which gates may lead on to it.

    Of a fold `node` is -1, `plays` how many whole plays it stands for, `branches` how many nodes below its parent.
    `folded`: whether there are nodes below it of which none is drawn.
    """

    node: int
    parent: int
    top: int
    folded: bool = False
    plays: int = 0
    branches: int = 0
    left: tuple[int, ...] = ()  # of a fold: the nodes that it stands for


@dataclass(frozen=True, eq=False)
class Histories:
    """What there is to draw of a flow. `mean` [N]: how likely each node is."""

    flow: Flow
    mean: Floats
    _ends: dict[int, int] = field(default_factory=dict)

    @property
    def root(self) -> int:
        return self._end(0)

    def below(self, node: int) -> list[tuple[int, int]]:
        """The nodes below one, gates passed through, each with the node to which the move leads."""
        tree = self.flow.blueprint.tree
        first = int(tree.first_child[node])
        return [(self._end(x), x) for x in range(first, first + int(tree.children[node]))]

    def _end(self, node: int) -> int:
        """Where a gate leads that is decided the same way in every draw in which play comes to it; else the node."""
        if node not in self._ends:
            tree, tag, end = self.flow.blueprint.tree, self.flow.blueprint.tree.tags[node], node
            if isinstance(tag, str) and tag.startswith(GATE):
                first = int(tree.first_child[node])
                live = [x for x in range(first, first + int(tree.children[node])) if self.mean[x] > 0]
                end = self._end(live[0]) if len(live) == 1 else node
            self._ends[node] = end
        return self._ends[node]

    def unit(self, node: int) -> int:
        """What is opened together: the number of an information set, or -1 - the node where it is one of chance."""
        h = int(self.flow.blueprint.tree.infoset[node])
        return h if h >= 0 else -1 - node

    @cached_property
    def _reached(self) -> Floats:
        """[H] how likely each information set is."""
        tree = self.flow.blueprint.tree
        found = np.zeros(tree.n_infosets)
        np.add.at(found, tree.infoset[tree.members], self.mean[tree.members])
        return found

    def _mass(self, unit: int) -> float:
        return float(self._reached[unit] if unit >= 0 else self.mean[-1 - unit])

    def drawn(self, least: float, most: int = MOST, opened: Collection[int] = ()) -> list[History]:
        """The nodes that are drawn, each after the one above it, siblings in the order of the tree.

        Nodes less likely than `least` are folded with their siblings; those below the nodes `opened` are drawn all.
        """
        tree, wanted = self.flow.blueprint.tree, set(opened)
        shown: set[int] = {self.root}
        units: dict[int, list[int]] = {}  # what may be opened next: the nodes drawn of each
        open_units: set[int] = set()
        queue: list[tuple[float, float, int]] = []

        def met(nodes: list[int]) -> None:
            """Note what may be opened next."""
            for x in nodes:
                unit = self.unit(x)
                if tree.children[x] and unit not in open_units and x not in wanted:
                    if unit not in units:
                        heapq.heappush(queue, (-self._mass(unit), float(abs(unit)), unit))
                    units.setdefault(unit, []).append(x)

        def opening(nodes: list[int], room: float) -> list[int] | None:
            """The nodes below some, and below those that have to be opened with them; None where there is no room."""
            found, folds, waiting = list[int](), 0, list(nodes)
            while waiting:
                x = waiting.pop()
                below = [y for y, _ in self.below(x)]
                some = [y for y in below if x in wanted or self.mean[y] >= least]
                found += some
                folds += 0 < len(some) < len(below)
                if len(found) + folds > room:
                    return None
                waiting += [y for y in some if tree.children[y] and (y in wanted or self.unit(y) in open_units)]
            size[0] += len(found) + folds
            return found

        def take(found: list[int]) -> None:
            shown.update(found)
            met(found)

        size = [1]
        if self.root in wanted:
            take(opening([self.root], np.inf) or [])
        else:
            met([self.root])
        while queue:
            _, _, unit = heapq.heappop(queue)
            open_units.add(unit)
            found = opening(units.pop(unit), most - size[0])
            if found is None:
                open_units.discard(unit)
                break
            take(found)
        return list(self._listed(shown, open_units, wanted))

    def _listed(self, shown: set[int], open_units: set[int], wanted: set[int]) -> Iterator[History]:
        tree, plays = self.flow.blueprint.tree, self.flow.plays
        waiting = [(self.root, -1, 0)]
        count = 0
        while waiting:
            node, parent, top = waiting.pop()
            place, count = count, count + 1
            inner = bool(tree.children[node])
            below = self.below(node) if inner and (self.unit(node) in open_units or node in wanted) else []
            opened = any(y in shown for y, _ in below)
            yield History(node, parent, top, inner and not opened, int(plays[node]))
            if not opened:
                continue
            left = [y for y, _ in below if y not in shown]
            if left:
                yield History(-1, place, -1, True, int(sum(plays[y] for y in left)), len(left), tuple(left))
                count += 1
            waiting += [(y, place, x) for y, x in reversed(below) if y in shown]

    def endings(self, nodes: tuple[int, ...], reach: Floats) -> dict[str, float]:
        """How likely each outcome is by way of some nodes, from the mean probability of coming to each node, [N]."""
        tree, found = self.flow.blueprint.tree, dict[str, float]()
        low, high = np.array(nodes, np.int64), np.array(nodes, np.int64) + 1
        ends: list[Longs] = []
        while len(low):  # the nodes below those that follow each other follow each other as well
            here = np.concatenate([np.arange(a, b) for a, b in zip(low, high, strict=True)])
            ends.append(here[tree.children[here] == 0])
            inner = here[tree.children[here] > 0]
            low, high = (
                tree.first_child[inner].astype(np.int64),
                (tree.first_child + tree.children)[inner].astype(np.int64),
            )
        terminals = np.concatenate(ends) if ends else np.zeros(0, np.int64)
        for name, x in zip(self.flow.blueprint.plays.endings(terminals), terminals, strict=True):
            found[name] = found.get(name, 0.0) + float(reach[x])
        return found
