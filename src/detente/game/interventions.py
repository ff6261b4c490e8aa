"""What is left of a game in which some moves are always made and some results of chance always come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, overload

import numpy as np

from detente.arrays import Bools, Ints, Longs
from detente.game.blueprint import Blueprint, Left
from detente.game.members import Members
from detente.game.plays import Plays
from detente.game.tree import TERMINAL, Infoset, Tree, levels
from detente.language.expressions import Expression, Forced
from detente.remembered import remembered


def under(blueprint: Blueprint, do: Forced) -> Blueprint:
    """The blueprint of what is left where these moves are always made and these results always come.

    Its tape is the same. What no play comes to is not in its tree, so that it is solved and read the faster the more
    is forced; `left` tells which plays and moves of the whole are there. A move that some draw may lack is forced where
    the numbers are put on (`Blueprint.forced`), and everything beside it stays.
    """
    if do not in blueprint.intervened:
        sure = _sure(blueprint, do)
        blueprint.intervened[do] = _restricted(blueprint, ~_behind(blueprint.tree, sure), sure)
    return blueprint.intervened[do]


def impossible(blueprint: Blueprint, do: Forced, given: Expression) -> bool:
    """Whether an event happens in no play in which these moves and results are forced, whatever the draw."""
    tree = blueprint.tree
    out = _behind(tree, _sure(blueprint, do))
    rows = blueprint.event(given)
    return all(out[x] or blueprint.tape.constant(row) == 0 for x, row in zip(tree.terminals, rows, strict=True))


def _sure(blueprint: Blueprint, do: Forced) -> Longs:
    """[N] the child that always follows a node; -1 where nothing is forced there, or not in every draw."""
    tree = blueprint.tree
    found = np.full(tree.n_nodes, -1, np.int64)
    for event, made in do:
        for x in _inner(tree).get(event, ()):
            first = int(tree.first_child[x])
            labels = tree.labels[first : first + int(tree.children[x])]
            if made in labels:
                child = first + labels.index(made)
                action = int(tree.edge_action[child])
                if action < 0 or blueprint.tape.constant(blueprint.action_there[action]):
                    found[x] = child
    return found


@remembered
def _inner(tree: Tree) -> dict[str, list[int]]:
    """The nodes at which each event happens."""
    nodes: dict[str, list[int]] = {}
    for x in np.flatnonzero(tree.kind != TERMINAL).tolist():
        nodes.setdefault(str(tree.tags[x]), []).append(x)
    return nodes


def _behind(tree: Tree, sure: Longs) -> Bools:
    """[N] whether no play comes to a node, given the child that always follows each."""
    above = tree.parent
    out = (above >= 0) & (sure[above] >= 0) & (sure[above] != np.arange(tree.n_nodes))
    for start, stop in levels(tree.parent):
        if start:
            out[start:stop] |= out[above[start:stop]]
    return np.asarray(out)


def _restricted(blueprint: Blueprint, there: Bools, sure: Longs) -> Blueprint:
    """The blueprint of the nodes that are there, [N], numbered in the order they had."""
    tree = blueprint.tree
    nodes = np.flatnonzero(there)
    node = _numbers(nodes, tree.n_nodes)
    parent = np.concatenate([[-1], node[tree.parent[nodes[1:]]]])
    first_child = np.zeros(len(nodes), np.int64)
    later = np.arange(len(nodes) - 1, 0, -1)
    first_child[parent[later]] = later  # the first of several comes last
    infoset = tree.infoset[nodes]
    sets, actions = np.unique(infoset[infoset >= 0]), np.unique(tree.edge_action[nodes])
    actions = actions[actions >= 0]
    slots = np.unique(tree.slot[nodes[tree.kind[nodes] == TERMINAL]])
    chance_row, chance_rows = _chance(blueprint, nodes, sure)
    own_set, own_slot = _numbers(sets, tree.n_infosets), _numbers(slots, blueprint.n_slots)
    small = Tree.numbered(
        tree.players,
        parent.astype(np.int32),
        first_child.astype(np.int32),
        np.bincount(parent[1:], minlength=len(nodes)).astype(np.int32),
        tree.kind[nodes],
        np.where(infoset >= 0, own_set[infoset], -1).astype(np.int32),
        np.where(tree.slot[nodes] >= 0, own_slot[tree.slot[nodes]], -1).astype(np.int32),
        chance_row,
        _infosets(tree, sets, actions),
        tuple(tree.labels[x] for x in nodes.tolist()),
        Some(tree.places, nodes),
        Some(tree.tags, nodes),
        _order(tree.order, own_set, node),
    )
    plays = blueprint.plays
    defaults = blueprint.log_default
    ends = np.searchsorted(tree.terminals, nodes[tree.kind[nodes] == TERMINAL])
    return replace(
        blueprint,
        tree=small,
        payoff_terms=tuple(
            tuple(tuple(rows[s] for s in slots.tolist()) for rows in terms) for terms in blueprint.payoff_terms
        ),
        chance_rows=chance_rows,
        action_there=tuple(blueprint.action_there[a] for a in actions.tolist()),
        plays=Plays(plays.subjects, plays.period[nodes], {key: rows[nodes] for key, rows in plays.columns.items()}),
        known=None,
        members=blueprint.members and _members(blueprint.members, there, node, actions, sure, tree),
        log_default=tuple(defaults[a] for a in actions.tolist()) if defaults else (),
        left=Left(ends, actions, tree.n_actions),
        ready={},
    )


def _numbers(kept: Longs | Ints, many: int) -> Longs:
    """[many] the new number of each, by its old one; -1 for what is not kept."""
    number = np.full(many, -1, np.int64)
    number[kept] = np.arange(len(kept))
    return number


def _chance(blueprint: Blueprint, nodes: Longs, sure: Longs) -> tuple[Ints, tuple[tuple[int, int], ...]]:
    """[E, P + 1] the rows of chance of the edges that are left, and what these are; what is forced comes for sure."""
    tree = blueprint.tree
    drawn = nodes[tree.edge_chance[nodes] >= 0]
    table = tree.chance_row[tree.edge_chance[drawn]].astype(np.int64)
    always = len(blueprint.chance_rows)
    table[sure[tree.parent[drawn]] >= 0] = always
    used, places = np.unique(table, return_inverse=True)
    rows = (*blueprint.chance_rows, (blueprint.tape.number(1.0), -1))
    return places.reshape(table.shape).astype(np.int32), tuple(rows[k] for k in used.tolist())


def _infosets(tree: Tree, sets: Ints, actions: Ints) -> list[Infoset]:
    """The information sets that are left, with the moves that are left at each."""
    labels: dict[int, list[str]] = {}
    for a, h in zip(actions.tolist(), tree.action_infoset[actions].tolist(), strict=True):
        labels.setdefault(h, []).append(tree.infosets[h].actions[a - int(tree.action_start[h])])
    return [replace(tree.infosets[h], actions=tuple(labels[h])) for h in sets.tolist()]


def _order(order: Ints, own_set: Longs, node: Longs) -> Ints:
    """The items of a sweep that are left, in the order they had."""
    sets = order >= 0
    items = np.empty(len(order), np.int64)
    items[sets], items[~sets] = own_set[order[sets]], node[-1 - order[~sets]]
    return np.where(sets, items, -1 - items)[items >= 0].astype(np.int32)


def _members(members: Members, there: Bools, node: Longs, actions: Ints, sure: Longs, tree: Tree) -> Members:
    """The combinations of structures whose trees are joined, each with what is left of its own."""
    action, blueprints, nodes, moves = _numbers(actions, tree.n_actions), [], [], []
    for blueprint, own, mine in zip(members.blueprints, members.nodes, members.actions, strict=True):
        follows, number = sure[own], _numbers(own, tree.n_nodes)
        small = _restricted(blueprint, there[own], np.where(follows >= 0, number[follows], -1))
        assert small.left is not None
        blueprints.append(small)
        nodes.append(node[own[there[own]]])
        moves.append(action[mine[small.left.actions]])
    return replace(members, blueprints=tuple(blueprints), nodes=tuple(nodes), actions=tuple(moves))


class Some(Sequence[Any]):
    """[n] what stands at some of many places."""

    def __init__(self, whole: Sequence[Any], places: Longs) -> None:
        self.whole, self.places = whole, places

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, k: int) -> Any: ...
    @overload
    def __getitem__(self, k: slice) -> Sequence[Any]: ...
    def __getitem__(self, k: int | slice) -> Any:
        if isinstance(k, slice):
            return [self.whole[x] for x in self.places[k].tolist()]
        return self.whole[int(self.places[k])]
