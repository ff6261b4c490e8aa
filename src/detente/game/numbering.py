"""Numbers for the nodes of a drawing: breadth first, as a `Tree` has them, and depth first, as a reader meets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.arrays import Ints, Longs
from detente.game.drawing import Drawing
from detente.game.plays import Plays
from detente.game.tree import DECISION, TERMINAL, levels
from detente.language.scenes import Column, Subjects, distinct


@dataclass(frozen=True, eq=False)
class Drawn:
    """A finished drawing, its nodes numbered breadth first, [N] each.

    `rank`: where each stands depth first; `infoset`: the number of the set in the drawing, -1 where nobody decides;
    `tag`, `label` and `place`: numbers of what happens there, and of what led there; `row`: the row of the tape of the
    probability of that, -1 where it was not chance.
    """

    kind: Ints
    parent: Ints
    first_child: Ints
    children: Ints
    infoset: Ints
    tag: Ints
    label: Ints
    place: Ints
    row: Ints
    rank: Longs
    plays: Plays

    @classmethod
    def of(cls, drawing: Drawing, subjects: Subjects) -> Drawn:
        """Number the nodes of a drawing that is finished."""
        n, made, closed = drawing.size, drawing.made, drawing.closed

        def led(first: int, parts: Sequence[Longs | Ints]) -> Longs:
            return np.concatenate([[first], *parts])

        def there(fill: int, parts: Sequence[Longs | Ints | int]) -> Longs:
            found = np.full(n, fill, np.int64)
            for one, part in zip(closed, parts, strict=True):
                found[one.node] = part
            return found

        above = led(-1, [a for a, _ in made])
        first_child, children = there(0, [c.first for c in closed]), there(0, [c.children for c in closed])
        order = breadth_first(first_child, children)
        number = np.empty(n, np.int64)
        number[order] = np.arange(n)
        parent = number[above[order]].astype(np.int32)
        parent[0] = -1
        below = np.where(children[order] > 0, number[first_child[order]], 0).astype(np.int32)

        def ordered(values: Longs) -> Ints:
            return values[order].astype(np.int32)

        return cls(
            kind=ordered(there(TERMINAL, [c.kind for c in closed])),
            parent=parent,
            first_child=below,
            children=ordered(children),
            infoset=ordered(there(-1, [c.infoset for c in closed])),
            tag=ordered(there(0, [c.tag for c in closed])),
            label=ordered(led(0, [m.label for _, m in made])),
            place=ordered(led(0, [m.place for _, m in made])),
            row=ordered(led(-1, [m.row for _, m in made])),
            rank=depth_first(parent, below),
            plays=Plays(subjects, ordered(there(0, [c.period for c in closed])), _columns(drawing, subjects, number)),
        )

    @property
    def terminals(self) -> Longs:
        """The terminal nodes, depth first."""
        ends = np.flatnonzero(self.kind == TERMINAL)
        return ends[np.argsort(self.rank[ends])]

    @property
    def edges(self) -> Longs:
        """The nodes that chance leads to, breadth first as the edges of a `Tree` are."""
        return np.flatnonzero(self.row >= 0)

    def sets(self) -> tuple[Longs, Longs]:
        """The numbers of the information sets in the drawing, in the order of their first members breadth first, and
        the rank depth first of the first member of each."""
        members = np.flatnonzero(self.kind == DECISION)
        firsts, which = met_in_order([self.infoset[members]], len(members))
        first = np.full(len(firsts), len(self.kind))
        np.minimum.at(first, which, self.rank[members])
        return self.infoset[members[firsts]].astype(np.int64), first


def _columns(drawing: Drawing, subjects: Subjects, number: Longs) -> dict[Column, Ints]:
    """[N] the columns of all nodes; `number`: what each node of the drawing is called now."""
    found: dict[Column, Ints] = {}
    for one in drawing.closed:
        for key, column in one.columns.items():
            if key not in found:
                found[key] = np.full(len(number), -1 if key[0] in subjects.states else 0, np.int32)
            found[key][number[one.node]] = column
    return found


def met_in_order(columns: list[Ints], n: int) -> tuple[Longs, Longs]:
    """As `distinct`, in the order in which combinations are first met."""
    firsts, which = distinct(columns, n)
    order = np.argsort(firsts)
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    return firsts[order], number[which]


def breadth_first(first_child: Longs, children: Longs) -> Longs:
    """[N] the nodes of a drawing in the order of their depth; children of one node stand together there, in order."""
    level, order = np.zeros(1, np.int64), []
    while len(level):
        order.append(level)
        level = ranges(first_child[level], children[level])
    return np.concatenate(order)


def ranges(start: Longs, length: Longs) -> Longs:
    """Numbers from each start on, as many as each length says, one after another."""
    ends = np.cumsum(length)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(start - ends + length, length)


def depth_first(parent: Ints, first_child: Ints) -> Longs:
    """[N] the rank of each node in preorder, of nodes that are numbered breadth first."""
    size = np.ones(len(parent), np.int64)
    depths = list(levels(parent))
    for start, stop in reversed(depths[1:]):
        np.add.at(size, parent[start:stop], size[start:stop])
    before = np.cumsum(size) - size  # the nodes below those of the same and of lesser depth
    rank = np.zeros(len(parent), np.int64)
    for start, stop in depths[1:]:
        above = parent[start:stop]
        rank[start:stop] = rank[above] + 1 + before[start:stop] - before[first_child[above]]
    return rank
