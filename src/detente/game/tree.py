"""The currency of the game room: a `Tree` (structure and names, no numbers) and a `Game` (numbers for n draws).

A Tree is compiled once for a model. A Game puts the numbers of n draws on it. Both are plain arrays, so that
a solver never needs to know the language; every index leads back to a name and to a place in a file.

Axes (the letters are used in every docstring)
    N nodes · H information sets · A actions (all information sets, one after another) · S payoff slots
    P players · K rows of chance probabilities · E chance edges · D or n draws (always the last axis)
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from detente.arrays import Bools, Floats, Ints, Longs
from detente.errors import NOWHERE, DetenteError, Place

TERMINAL, DECISION, CHANCE = 0, 1, 2


class GameError(DetenteError):
    """A game that breaks a rule of the theory: imperfect recall, an information set with unequal moves, and so on."""


@dataclass(slots=True)
class Node:
    """A node of a game while the game is being drawn; `Tree.grow` numbers the finished drawing.

    `key` names the information set of a decision node (nodes with equal keys are told apart by nobody);
    `slot` is the payoff slot of a terminal node; `rows` are the rows of chance probabilities of a chance node's
    edges, one tuple (a row for each player's view, then the true one) per child.
    """

    kind: int
    children: list[Node] = field(default_factory=list)
    label: str = ""
    key: Hashable = None
    slot: int = -1
    rows: list[tuple[int, ...]] = field(default_factory=list)
    place: Place = NOWHERE
    tag: object = None


@dataclass(frozen=True)
class Infoset:
    """An information set as people name it.

    `situation` is what its owner has seen, as (event, value) pairs in order; `number` is its number among its owner's
    sets (counted from 1 in the order of first visit, depth first), as in Gambit's files; `period` is 0 where a model
    has one period only, and `step` the number of the slice where periods are cut, else the period.
    """

    player: int
    name: str
    actions: tuple[str, ...]
    situation: tuple[tuple[str, str], ...] = ()
    number: int = 0
    place: Place = NOWHERE
    period: int = 0
    step: int = 0


@dataclass(frozen=True, eq=False)
class Tree:
    """The structure of a finite extensive-form game, nodes numbered breadth first.

    Children of a node have consecutive numbers, all larger than its own; node 0 is the root. An information set h
    has the members `members[member_start[h]:member_start[h+1]]` and the actions `action_start[h]:action_start[h+1]`;
    action k of h leads from member x to node `first_child[x] + k`. A chance node x has the edges
    `chance_start[x] + k`, whose probability as player p sees it is `Game.chance[chance_row[e, p]]`, and in truth
    `Game.chance[chance_row[e, P]]`.

    `order` holds the items of a sweep: h >= 0 an information set, -1 - x a node x that is entered by itself, which all
    chance nodes are. Everything below an item comes after it, so that values are swept backwards and reach forwards.
    Where plays cross information sets either way round there is no such order (perfect recall does not need one).
    Some sets are then *cut*: each of their members is also entered by itself, as those above it see it, and may come
    after its set. What is done at a cut set must be known, or guessed, before a sweep backwards.
    """

    players: tuple[str, ...]
    kind: Ints  # [N] TERMINAL, DECISION or CHANCE
    parent: Ints  # [N] -1 at the root
    first_child: Ints  # [N] 0 at terminal nodes
    children: Ints  # [N] number of children
    infoset: Ints  # [N] -1 unless a decision node
    slot: Ints  # [N] payoff slot, -1 unless terminal
    chance_start: Ints  # [N] first chance edge, -1 unless a chance node
    chance_row: Ints  # [E, P + 1]
    owner: Ints  # [H] the player who moves
    member_start: Ints  # [H + 1]
    members: Ints  # [N_decision]
    action_start: Ints  # [H + 1]
    order: Ints  # [H + number of nodes entered by themselves]
    labels: tuple[str, ...]  # [N] the move or event that leads to the node
    places: Sequence[Place]  # [N] where that move is written
    tags: Sequence[object]  # [N] whatever the compiler wants to find again
    infosets: tuple[Infoset, ...]  # [H]

    @property
    def n_nodes(self) -> int:
        return len(self.kind)

    @property
    def n_players(self) -> int:
        return len(self.players)

    @property
    def n_infosets(self) -> int:
        return len(self.owner)

    @property
    def n_actions(self) -> int:
        return int(self.action_start[-1])

    @cached_property
    def terminals(self) -> Ints:
        """The terminal nodes, in order of their numbers."""
        return np.flatnonzero(self.kind == TERMINAL).astype(np.int32)

    @cached_property
    def action_infoset(self) -> Ints:
        """[A] the information set each action belongs to."""
        return np.repeat(np.arange(self.n_infosets), np.diff(self.action_start)).astype(np.int32)

    @cached_property
    def edge_action(self) -> Ints:
        """[N] the action that leads to a node, -1 at the root and after chance."""
        return self._edge(DECISION, self.action_start[self.infoset])

    @cached_property
    def edge_chance(self) -> Ints:
        """[N] the chance edge that leads to a node, -1 at the root and after a decision."""
        return self._edge(CHANCE, self.chance_start)

    def _edge(self, kind: int, start: Ints) -> Ints:
        """[N] the number of what leads from a node of this kind, whose first has the number `start` [N]; else -1."""
        number, above = np.full(self.n_nodes, -1, np.int32), self.parent[1:]
        there = 1 + np.flatnonzero(self.kind[above] == kind)
        above = self.parent[there]
        number[there] = start[above] + there - self.first_child[above]
        return number

    @cached_property
    def cut(self) -> Ints:
        """The members of cut sets, in order of their numbers; none where information sets have an order."""
        alone = -1 - self.order[self.order < 0]
        return np.sort(alone[self.kind[alone] == DECISION]).astype(np.int32)

    @property
    def perfect_information(self) -> bool:
        """True where every information set has one member."""
        return len(self.members) == self.n_infosets

    def path(self, node: int) -> list[int]:
        """The nodes from below the root down to `node`."""
        steps: list[int] = []
        while node > 0:
            steps.append(node)
            node = int(self.parent[node])
        return steps[::-1]

    @classmethod
    def grow(cls, root: Node, players: Sequence[str], infosets: dict[Hashable, Infoset]) -> Tree:
        """Number a finished drawing.

        Raises GameError where members of an information set have different moves, or where a play crosses a set twice.
        """
        nodes: list[Node] = [root]
        parent = [-1]
        first_child = []
        for number, node in enumerate(nodes):  # breadth first: `nodes` grows while it is walked
            first_child.append(len(nodes) if node.children else 0)
            nodes.extend(node.children)
            parent.extend([number] * len(node.children))
        keys = list(dict.fromkeys(node.key for node in nodes if node.kind == DECISION))
        index = {key: h for h, key in enumerate(keys)}
        rows = [row for node in nodes if node.kind == CHANCE for row in node.rows]
        return cls.numbered(
            players,
            np.array(parent, np.int32),
            np.array(first_child, np.int32),
            np.array([len(node.children) for node in nodes], np.int32),
            np.array([node.kind for node in nodes], np.int32),
            np.array([index[node.key] if node.kind == DECISION else -1 for node in nodes], np.int32),
            np.array([node.slot if node.kind == TERMINAL else -1 for node in nodes], np.int32),
            np.array(rows, np.int32).reshape(len(rows), len(players) + 1),
            [infosets[key] for key in keys],
            tuple(node.label for node in nodes),
            tuple(node.place for node in nodes),
            tuple(node.tag for node in nodes),
        )

    @classmethod
    def numbered(
        cls, players: Sequence[str], parent: Ints, first_child: Ints, children: Ints, kind: Ints, infoset: Ints,
        slot: Ints, chance_row: Ints, infosets: Sequence[Infoset], labels: tuple[str, ...], places: Sequence[Place],
        tags: Sequence[object], order: Ints | None = None,
    ) -> Tree:  # fmt: skip
        """The tree of nodes numbered breadth first, sets in the order of their first members (`order`: if it is known).

        Raises GameError where members of an information set have different moves, or where a play crosses a set twice.
        """
        members = np.argsort(infoset, kind="stable")[np.count_nonzero(infoset < 0) :].astype(np.int32)
        sizes = np.array([len(info.actions) for info in infosets], np.int64)
        wrong = members[children[members] != sizes[infoset[members]]]
        for x in wrong[:1].tolist():
            info, first = infosets[int(infoset[x])], int(first_child[x])
            raise GameError(
                f"the information set {info.name!r} has the moves {list(info.actions)} at one node and "
                f"{list(labels[first : first + int(children[x])])} at another: its owner could tell the nodes apart"
            )
        edges = np.where(kind == CHANCE, children, 0)
        return cls(
            players=tuple(players),
            kind=kind,
            parent=parent,
            first_child=first_child,
            children=children,
            infoset=infoset,
            slot=slot,
            chance_start=np.where(kind == CHANCE, np.cumsum(edges) - edges, -1).astype(np.int32),
            chance_row=chance_row,
            owner=np.array([info.player for info in infosets], np.int32),
            member_start=np.searchsorted(infoset[members], np.arange(len(infosets) + 1)).astype(np.int32),
            members=members,
            action_start=np.cumsum([0, *sizes]).astype(np.int32),
            order=_order_in_time(parent, kind, infoset, [i.name for i in infosets]) if order is None else order,
            labels=labels,
            places=places,
            tags=tags,
            infosets=tuple(infosets),
        )


def _order_in_time(parent: Ints, kind: Ints, infoset: Ints, names: Sequence[str]) -> Ints:
    """Information sets and chance nodes, each before everything below it, and members of cut sets (see `Tree`)."""
    cut: set[int] = set()
    while True:
        below = _edges(parent, kind, infoset, cut)
        done = _sorted_in_time(below)
        if len(done) == len(below):
            return np.array(done, np.int32)
        if not cut:
            _no_set_twice(parent, infoset, names)
        left = {i: below[i] for i in below.keys() - set(done)}
        above: dict[int, set[int]] = {i: set() for i in left}
        for i, following in left.items():
            for j in following:
                above[j].add(i)
        looped = left.keys() - set(_sorted_in_time(above))  # on a loop, or between two
        edges = np.bincount(infoset[parent[1:]] + 1)[1:]  # moves of all members of a set
        cut.add(min((i for i in looped if i >= 0), key=lambda h: (edges[h], h)))


def _edges(parent: Ints, kind: Ints, infoset: Ints, cut: set[int]) -> dict[int, list[int]]:
    """The items of a sweep, and those that come next below each."""
    nodes = np.arange(len(kind))
    alone = (kind == CHANCE) | ((kind == DECISION) & np.isin(infoset, list(cut)))
    this = np.where(alone, -1 - nodes, infoset)
    inner = np.flatnonzero(kind != TERMINAL)
    own = np.where(kind == DECISION, infoset, this)
    below: dict[int, list[int]] = {item: [] for item in np.stack([this, own], axis=1)[inner].ravel().tolist()}
    lower = inner[inner > 0]
    above = parent[lower]
    by_node, by_set = alone[above], kind[above] == DECISION
    steps = np.concatenate(
        [
            np.stack([-1 - above[by_node], this[lower[by_node]]], axis=1),
            np.stack([infoset[above[by_set]], this[lower[by_set]]], axis=1),
        ]
    )
    for item, following in np.unique(steps, axis=0).tolist():
        below[item].append(following)
    return below


def _sorted_in_time(below: Mapping[int, Collection[int]]) -> list[int]:
    """Items, each before everything below it (Kahn's topological sort); those on or after a loop are left out."""
    waiting = dict.fromkeys(below, 0)
    for following in below.values():
        for j in following:
            waiting[j] += 1
    front = [i for i in below if waiting[i] == 0]
    done: list[int] = []
    while front:
        done.extend(front)
        free = []
        for i in front:
            for j in below[i]:
                waiting[j] -= 1
                if waiting[j] == 0:
                    free.append(j)
        front = sorted(free, key=lambda j: (j < 0, abs(j)))
    return done


def _no_set_twice(parent: Ints, infoset: Ints, names: Sequence[str]) -> None:
    """Raise GameError where one history crosses an information set twice."""
    for x in range(len(parent)):
        above = int(parent[x])
        while above >= 0:
            if infoset[x] >= 0 and infoset[above] == infoset[x]:
                name = names[int(infoset[x])]
                raise GameError(f"imperfect recall at {name!r}: its owner has forgotten that it was there before")
            above = int(parent[above])


def forgetful(tree: Tree) -> list[tuple[int, str]]:
    """Information sets at which a player has forgotten something, with what; empty for perfect recall.

    A player has perfect recall when all members of each of its sets follow the same sequence of its own sets and
    actions (Kuhn 1953; Selten 1975). Read off the numbered tree alone, however that tree was made.
    """
    if _remembers(tree):
        return []
    history: dict[int, list[tuple[tuple[int, int], ...]]] = {0: [() for _ in tree.players]}
    found: dict[int, str] = {}
    first: dict[int, tuple[tuple[int, int], ...]] = {}
    for x in range(tree.n_nodes):
        own = history.pop(x)
        h = int(tree.infoset[x])
        if h >= 0:
            player = int(tree.owner[h])
            before = first.setdefault(h, own[player])
            if before != own[player]:
                crossed = any(step[0] == h for step in own[player])
                found.setdefault(h, "that it was there before" if crossed else "what it did or knew before")
        for k in range(int(tree.children[x])):
            below = own
            if h >= 0:
                below = list(own)
                below[player] = (*own[player], (h, k))
            history[int(tree.first_child[x]) + k] = below
    return sorted(found.items())


def _remembers(tree: Tree) -> bool:
    """Whether all members of each set follow the same last action of its owner: then, from the root down, the same
    actions."""
    last, action = np.full((tree.n_nodes, tree.n_players), -1, np.int32), tree.edge_action
    for start, stop in levels(tree.parent):
        if start:
            last[start:stop] = last[tree.parent[start:stop]]
        moved = start + np.flatnonzero(action[start:stop] >= 0)
        last[moved, tree.owner[tree.infoset[tree.parent[moved]]]] = action[moved]
    sets = tree.infoset[tree.members]
    own = last[tree.members, tree.owner[sets]]
    return bool((own == own[tree.member_start[sets]]).all())


def levels(parent: Ints) -> Iterator[tuple[int, int]]:
    """The nodes of each depth, from ... up to ..., of nodes that are numbered breadth first."""
    start, stop = 0, 1
    while start < stop:
        yield start, stop
        start, stop = stop, int(np.searchsorted(parent, stop))


@dataclass(frozen=True, eq=False)
class Game:
    """A Tree with the numbers of n draws.

    `available` is None, or says per action and draw whether the move can be made (the same for every member of an
    information set; at least one move is available in every set and draw).

    `default` is None, or the weight of each move before there is any reason for one: what is done at precision zero
    (see `game.default`). A weight above zero, of which only its share among the available moves of the set counts;
    None: all alike.
    """

    tree: Tree
    payoffs: Floats  # [S, P, n]
    chance: Floats  # [K, n]
    precision: Floats  # [P, n], in one over the unit of the payoffs
    available: Bools | None = None  # [A, n]
    default: Floats | None = None  # [A, n]

    @property
    def n_draws(self) -> int:
        return int(self.precision.shape[-1])

    def part(self, start: int, stop: int) -> Game:
        """The draws from `start` up to `stop`."""
        return self.only(slice(start, stop))

    def only(self, draws: slice | Longs) -> Game:
        """The game with some of its draws."""
        return Game(
            tree=self.tree,
            payoffs=self.payoffs[..., draws],
            chance=self.chance[:, draws],
            precision=self.precision[:, draws],
            available=None if self.available is None else self.available[:, draws],
            default=None if self.default is None else self.default[:, draws],
        )
