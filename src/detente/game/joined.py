"""The trees of rival structures as one: a gate at the root, which the draw decides, leads to the tree of each.

Everything that is read off a solved game is read off the whole. What is behind a closed gate counts for nothing, so
each draw is solved only in the tree of its own combination of structures (`engine`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from detente.arrays import Ints, Longs
from detente.errors import NOWHERE, Place
from detente.game.blueprint import Blueprint
from detente.game.members import Members
from detente.game.plays import Plays
from detente.game.program import subjects_of
from detente.game.tree import CHANCE, Infoset, Tree, levels
from detente.game.walk import GATE
from detente.language.lowering import Tape
from detente.language.scenes import Column
from detente.model.blocks import Rivals, called, each
from detente.model.schema import Model

STRUCTURE = f"{GATE}structure"  # the event at the root


def gates(rivals: Rivals, tape: Tape) -> tuple[int, ...]:
    """The rows that are 1 in draws of each combination, and 0 in others."""
    rows = []
    for numbers in rivals.combinations:
        row = tape.number(1)
        for block, number in zip(rivals.blocks, numbers, strict=True):
            row = tape.apply("and", row, tape.apply("==", tape.input(block.name), tape.number(number)))
        rows.append(row)
    return tuple(rows)


def join(model: Model, blueprints: Sequence[Blueprint], tape: Tape) -> Blueprint:
    """One blueprint of all combinations of structures, whose formulas stand on one tape."""
    rivals: Rivals = model._rivals
    trees = [blueprint.tree for blueprint in blueprints]
    players = tuple(model.actors)
    seats = [np.array([players.index(player) for player in tree.players]) for tree in trees]
    nodes = _places(trees)
    order = _of(nodes)  # [N - 1, 2]: from which tree each node below the root comes, and its number there
    names = tuple(called(present) for present in rivals.present)
    rows = gates(rivals, tape)
    sets, actions = _sets(trees, nodes)
    chance_row, chance_rows = _chance(blueprints, seats, order, rows, len(players))
    where = {name: model.place(*path, "@key") for name, _, path in each(model.structures)}
    written = [where[present[0]] if present else model.place("structures", "@key") for present in rivals.present]
    tree = _tree(trees, nodes, order, sets, seats, players, names, chance_row, written)
    term_names = tuple(tuple(model.payoffs.get(player, {})) or ("nothing",) for player in players)
    there = np.zeros(tree.n_actions, np.int64)
    for blueprint, own in zip(blueprints, actions, strict=True):
        there[own] = blueprint.action_there
    defaults = np.full(tree.n_actions, tape.number(0), np.int64)
    for blueprint, own in zip(blueprints, actions, strict=True):
        if blueprint.log_default:
            defaults[own] = blueprint.log_default
    leaning = any(blueprint.log_default for blueprint in blueprints)
    members = Members(tuple(blueprints), names, rows, tuple(nodes), tuple(actions), tuple(seats))
    return Blueprint(
        model, tree, tape, term_names, _terms(blueprints, players, term_names, tape), chance_rows,
        tuple(there.tolist()), _plays(model, blueprints, nodes, tree.n_nodes, tape),
        members=members, log_default=tuple(defaults.tolist()) if leaning else (),
    )  # fmt: skip


def _places(trees: Sequence[Tree]) -> list[Longs]:
    """The number of each node of each tree in the whole, which is numbered breadth first below a new root."""
    nodes = [np.empty(tree.n_nodes, np.int64) for tree in trees]
    depths = [list(levels(tree.parent)) for tree in trees]
    following = 1
    for depth in range(max(map(len, depths))):
        for own, spans in zip(nodes, depths, strict=True):
            if depth < len(spans):
                start, stop = spans[depth]
                own[start:stop] = np.arange(following, following + stop - start)
                following += stop - start
    return nodes


def _of(nodes: Sequence[Longs]) -> Longs:
    """[N, 2] the tree that each node of the whole comes from (-1 the root), and its number there."""
    found = np.full((1 + sum(map(len, nodes)), 2), -1, np.int64)
    for k, own in enumerate(nodes):
        found[own] = np.stack([np.full(len(own), k), np.arange(len(own))], axis=1)
    return found


def _sets(trees: Sequence[Tree], nodes: Sequence[Longs]) -> tuple[list[Longs], list[Longs]]:
    """The number in the whole of each information set of each tree, and of each action."""
    firsts = [own[tree.members[tree.member_start[:-1]]] for tree, own in zip(trees, nodes, strict=True)]
    rank = np.argsort(np.concatenate(firsts), kind="stable")
    number = np.empty(len(rank), np.int64)
    number[rank] = np.arange(len(rank))
    sizes = np.concatenate([np.diff(tree.action_start) for tree in trees])[rank]
    start = np.cumsum([0, *sizes])
    sets, actions, at = [], [], 0
    for tree in trees:
        own = number[at : at + tree.n_infosets]
        at += tree.n_infosets
        sets.append(own)
        actions.append(
            start[own][tree.action_infoset] + np.arange(tree.n_actions) - tree.action_start[tree.action_infoset]
        )
    return sets, actions


def _chance(
    blueprints: Sequence[Blueprint], seats: Sequence[Longs], order: Longs, rows: Sequence[int], many: int
) -> tuple[Ints, tuple[tuple[int, int], ...]]:
    """[E, P + 1] the rows of chance of each edge, in the order of the nodes, and what these are. The gates come first;
    who has no part in a combination sees chance as it is."""
    known: dict[tuple[int, int], int] = {}
    gate = [[known.setdefault((row, -1), len(known))] * (many + 1) for row in rows]
    tables = []
    for blueprint, own in zip(blueprints, seats, strict=True):
        named = [(row, int(own[viewer]) if viewer >= 0 else -1) for row, viewer in blueprint.chance_rows]
        numbers = np.array([known.setdefault(one, len(known)) for one in named], np.int32)
        table = numbers[blueprint.tree.chance_row] if len(named) else np.zeros((0, len(own) + 1), np.int32)
        whole = np.repeat(table[:, -1:], many + 1, axis=1)
        whole[:, own] = table[:, :-1]
        tables.append(whole)
    found = [np.array(gate, np.int32)]
    for k, x in order[1:].tolist():
        tree = blueprints[k].tree
        if tree.kind[x] == CHANCE:
            first = int(tree.chance_start[x])
            found.append(tables[k][first : first + int(tree.children[x])])
    return np.concatenate(found), tuple(known)


def _tree(
    trees: Sequence[Tree], nodes: Sequence[Longs], order: Longs, sets: Sequence[Longs], seats: Sequence[Longs],
    players: tuple[str, ...], names: tuple[str, ...], chance_row: Ints, written: Sequence[Place],
) -> Tree:  # fmt: skip
    """The trees below one root."""
    total = len(order)

    def spread(root: int, values: Sequence[npt.NDArray[np.integer]]) -> Ints:
        whole = np.full(total, root, np.int32)
        for own, value in zip(nodes, values, strict=True):
            whole[own] = value
        return whole

    parents = []
    for tree, own in zip(trees, nodes, strict=True):
        parents.append(np.where(tree.parent >= 0, own[tree.parent], 0))
    below = [np.where(t.children > 0, own[t.first_child], 0) for t, own in zip(trees, nodes, strict=True)]
    slots = np.cumsum([0, *(int(tree.slot.max()) + 1 for tree in trees)])
    kind = spread(CHANCE, [tree.kind for tree in trees])
    children = spread(len(trees), [tree.children for tree in trees])
    infoset = spread(-1, [np.where(t.infoset >= 0, own[t.infoset], -1) for t, own in zip(trees, sets, strict=True)])
    slot = [np.where(t.slot >= 0, t.slot + first, -1) for t, first in zip(trees, slots.tolist(), strict=False)]
    infosets = _infosets(trees, sets, seats, names, len(players))
    in_time = [np.array([-1])]
    for tree, own, mine in zip(trees, nodes, sets, strict=True):
        in_time.append(np.array([mine[i] if i >= 0 else -1 - own[-1 - i] for i in tree.order.tolist()], np.int64))
    labels = ["", *("" for _ in range(total - 1))]
    for tree, own, name in zip(trees, nodes, names, strict=True):
        for x, label in zip(own.tolist(), tree.labels, strict=True):
            labels[x] = label
        labels[int(own[0])] = name
    return Tree.numbered(
        players,
        np.concatenate([[-1], spread(-1, parents)[1:]]).astype(np.int32),
        spread(1, below),
        children,
        kind,
        infoset,
        spread(-1, slot),
        chance_row,
        infosets,
        tuple(labels),
        _Below([tree.places for tree in trees], order, NOWHERE, written),
        _Below([tree.tags for tree in trees], order, STRUCTURE),
        np.concatenate(in_time).astype(np.int32),
    )


def _infosets(
    trees: Sequence[Tree], sets: Sequence[Longs], seats: Sequence[Longs], names: Sequence[str], many: int
) -> list[Infoset]:
    """All information sets, each called after its structures as well."""
    found: dict[int, Infoset] = {}
    before = [0] * many
    for tree, own, seat, name in zip(trees, sets, seats, names, strict=True):
        for h, info in zip(own.tolist(), tree.infosets, strict=True):
            player = int(seat[info.player])
            number = before[player] + info.number
            found[h] = replace(info, player=player, number=number, name=f"{info.name} ({name})")
        for p, player in enumerate(seat.tolist()):
            before[player] += int((tree.owner == p).sum())
    return [found[h] for h in range(len(found))]


def _terms(
    blueprints: Sequence[Blueprint], players: Sequence[str], names: Sequence[tuple[str, ...]], tape: Tape
) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """The rows of the payoff terms of all players at the slots of all trees; a term that a combination lacks is 0."""
    zero, found = tape.number(0), []
    for player, terms in zip(players, names, strict=True):
        rows: list[tuple[int, ...]] = []
        for term in terms:
            row: list[int] = []
            for blueprint in blueprints:
                mine = blueprint.tree.players.index(player) if player in blueprint.tree.players else -1
                has = mine >= 0 and term in blueprint.term_names[mine]
                slots = (zero,) * blueprint.n_slots
                row += blueprint.payoff_terms[mine][blueprint.term_names[mine].index(term)] if has else slots
            rows.append(tuple(row))
        found.append(tuple(rows))
    return tuple(found)


def _plays(model: Model, blueprints: Sequence[Blueprint], nodes: Sequence[Longs], total: int, tape: Tape) -> Plays:
    """The plays up to all nodes. A state that a combination does not have is 0 there."""
    subjects, period = subjects_of(model), np.zeros(total, np.int32)
    columns: dict[Column, Ints] = {}
    for blueprint, own in zip(blueprints, nodes, strict=True):
        plays = blueprint.plays
        period[own] = plays.period
        for (name, t), column in plays.columns.items():
            state = name in plays.subjects.states
            whole = columns.setdefault((name, t), np.full(total, -1 if state else 0, np.int32))
            whole[own] = column if state else _relabelled(plays.subjects.labels[name], subjects.labels[name])[column]
    zero = tape.number(0)
    for blueprint, own in zip(blueprints, nodes, strict=True):
        for name in subjects.states:
            if name not in blueprint.plays.subjects.states:
                for t in range(subjects.n_periods):
                    whole = columns.setdefault((name, t), np.full(total, -1, np.int32))
                    whole[own[blueprint.plays.period >= t]] = zero
    return Plays(subjects, period, columns)


def _relabelled(here: Sequence[str], there: Sequence[str]) -> Ints:
    """[1 + labels] the number in the whole of each label, 0 being nothing."""
    return np.array([0, *(1 + there.index(label) for label in here)], np.int32)


class _Below(Sequence[Any]):
    """[N] what stands at the nodes of several trees, each at its place in the whole; something else at the root."""

    def __init__(
        self, parts: Sequence[Sequence[Any]], order: Longs, root: Any, tops: Sequence[Any] | None = None
    ) -> None:
        """`tops`: what stands at the tops of the trees instead."""
        self.parts, self.order, self.root, self.tops = parts, order, root, tops

    def __len__(self) -> int:
        return len(self.order)

    @overload
    def __getitem__(self, k: int) -> Any: ...
    @overload
    def __getitem__(self, k: slice) -> Sequence[Any]: ...
    def __getitem__(self, k: int | slice) -> Any:
        if isinstance(k, slice):
            return [self[x] for x in range(len(self))[k]]
        part, x = self.order[k].tolist()
        if part >= 0 and x == 0 and self.tops is not None:
            return self.tops[part]
        return self.root if part < 0 else self.parts[part][x]
