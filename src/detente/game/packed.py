"""A compiled model as plain arrays and words, to be kept: all of it but the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np

from detente.arrays import Bools, Floats, Ints
from detente.game.blueprint import Blueprint
from detente.game.drawing import Numbering
from detente.game.plays import Places, Plays, Tags
from detente.game.program import subjects_of
from detente.game.tree import TERMINAL, Infoset, Tree
from detente.game.walk import ANSWERS
from detente.language.lowering import Tape
from detente.language.operators import OPERATORS
from detente.language.scenes import OUTCOME, Column
from detente.model.continuation import terms
from detente.model.schema import Model

_ARRAYS = (
    "kind", "parent", "first_child", "children", "infoset", "slot", "chance_start", "owner", "member_start", "members",
    "action_start", "order",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Packed:
    """A compiled model without the model. Lists of lists are one array after another, with where each ends.

    `tree`: arrays of the Tree by name; `words`: all names, to which `label`, `event`, `moves`, `seen`, `operators` and
    `inputs` are numbers; `seen`: what the owners of information sets have seen, as pairs; `columns`: those of `Plays`.
    """

    tree: dict[str, Ints]
    chance_row: Ints  # [E, P + 1]
    words: list[str]
    label: Ints  # [N]
    event: Ints  # [N]
    paths: list[tuple[str, ...]]
    place: Ints  # [N], numbers of paths
    name: list[str]  # [H]
    sets: Ints  # [H, 3] number, period, step
    moves: Ints  # [A]
    seen: Ints  # [pairs, 2]
    seen_ends: Ints  # [H]
    operators: Ints  # [rows]
    args: Ints
    args_ends: Ints  # [rows]
    values: Floats  # [rows], of those that no draw can change
    constant: Bools  # [rows]
    inputs: Ints  # [rows]
    terms: list[Ints]  # [P] of [terms, S]
    chance: Ints  # [K, 2]
    there: Ints  # [A]
    default: Ints  # [A], or none
    period: Ints  # [N]
    columns: list[Column]
    column: list[Ints]  # [N] each
    found: dict[str, Ints]  # [terminals] each

    @classmethod
    def of(cls, blueprint: Blueprint) -> Packed:
        """What is worth keeping of what `compile_model` has made, or `unpacked`."""
        tree, tape, plays = blueprint.tree, blueprint.tape, blueprint.plays
        places, tags, words = tree.places, tree.tags, Numbering[str]("")
        assert isinstance(places, Places)
        assert isinstance(tags, Tags)
        seen = [[words.of(event), words.of(label)] for info in tree.infosets for event, label in info.situation]
        return cls(
            tree={name: _ints(getattr(tree, name)) for name in _ARRAYS},
            chance_row=_ints(tree.chance_row),
            label=_ints([words.of(label) for label in tree.labels]),
            event=_ints(np.array([words.of(event) for event in tags.events])[tags.number]),
            paths=list(places.paths),
            place=_ints(places.number),
            name=[info.name for info in tree.infosets],
            sets=_ints([(info.number, info.period, info.step) for info in tree.infosets]),
            moves=_ints([words.of(action) for info in tree.infosets for action in info.actions]),
            seen=_ints(seen).reshape(-1, 2),
            seen_ends=_ends(info.situation for info in tree.infosets),
            operators=_ints([words.of(op) for op, _ in tape.rows]),
            args=_ints(list(chain.from_iterable(args for _, args in tape.rows))),
            args_ends=_ends(args for _, args in tape.rows),
            values=np.array([0.0 if number is None else number for number in tape.numbers]),
            constant=np.array([number is not None for number in tape.numbers]),
            inputs=_ints([words.of(name) for name in tape.names]),
            terms=[_ints(rows) for rows in blueprint.payoff_terms],
            chance=_ints(blueprint.chance_rows).reshape(-1, 2),
            there=_ints(blueprint.action_there),
            default=_ints(blueprint.log_default),
            period=_ints(plays.period),
            columns=list(plays.columns),
            column=[_ints(column) for column in plays.columns.values()],
            found={name: _ints(rows) for name, rows in blueprint.found.items()},
            words=words.things,
        )

    def unpacked(self, model: Model) -> Blueprint:
        """The compiled model again. Raises ValueError where this is none of the model's."""
        self._check(model)
        plays = Plays(subjects_of(model), self.period, dict(zip(self.columns, self.column, strict=True)))
        actions = np.diff(self.tree["action_start"])
        moves, seen = self._told(self.moves), self._told(self.seen.ravel())
        pairs = list(zip(seen[::2], seen[1::2], strict=True))
        first = self.tree["members"][self.tree["member_start"][:-1]]
        stages = self._told(self.event[first])
        infosets = tuple(
            Infoset(owner, name, tuple(own), tuple(known), number, model.place("stages", stage), period, step)
            for owner, name, own, known, (number, period, step), stage in zip(
                self.tree["owner"].tolist(), self.name, _cut(moves, np.cumsum(actions)), _cut(pairs, self.seen_ends),
                self.sets.tolist(), stages, strict=True,
            )
        )  # fmt: skip
        tree = Tree(
            players=tuple(model.actors),
            chance_row=self.chance_row,
            labels=tuple(self._told(self.label)),
            places=Places(model, self.paths, self.place),
            tags=Tags(plays, self.words, self.event),
            infosets=infosets,
            **{name: self.tree[name] for name in _ARRAYS},
        )
        return Blueprint(
            model, tree, self._tape(), tuple(tuple(terms(model, a)) or ("nothing",) for a in model.actors),
            tuple(tuple(map(tuple, rows.tolist())) for rows in self.terms),
            tuple((row, viewer) for row, viewer in self.chance.tolist()), tuple(self.there.tolist()),
            plays, self.found, log_default=tuple(self.default.tolist()),
        )  # fmt: skip

    def _told(self, numbers: Ints) -> list[str]:
        return [self.words[k] for k in numbers.tolist()]

    def _tape(self) -> Tape:
        known = zip(self.values.tolist(), self.constant.tolist(), strict=True)
        values = [value if constant else None for value, constant in known]
        args = map(tuple, _cut(self.args.tolist(), self.args_ends))
        return Tape.of(list(zip(self._told(self.operators), args, strict=True)), values, self._told(self.inputs))

    def _check(self, model: Model) -> None:
        """Raise ValueError where this cannot be the model's: names that it does not have, arrays of unequal lengths."""
        subjects, tree = subjects_of(model), self.tree
        nodes: list[Sized] = [self.label, self.event, self.place, self.period, *self.column]
        nodes += [tree[name] for name in _ARRAYS[:7]]
        rows: list[Sized] = [self.operators, self.args_ends, self.values, self.constant, self.inputs]
        sets: list[Sized] = [self.sets, self.seen_ends, self.name, tree["owner"]]
        moves: list[Sized] = [self.moves, self.there, *[self.default] * bool(len(self.default))]
        for alike in (nodes, rows, sets, moves):
            if len({len(one) for one in alike}) != 1:
                raise ValueError("the file holds parts of different trees")
        named = {name for name, period in self.columns if -1 <= period < model.periods.steps}
        calls = {"number", "input", *OPERATORS}
        if OUTCOME not in named or named - subjects.labels.keys() - set(subjects.states):
            raise ValueError("the file holds plays of another model")
        if {*self._told(self.operators)} - calls or {*self._told(self.inputs)} - model.quantities.keys() - {""}:
            raise ValueError("the file holds formulas of another model")
        labels = {label for some in subjects.labels.values() for label in some}
        if {*self._told(self.label), *self._told(self.moves)} - labels - {"", *ANSWERS}:
            raise ValueError("the file holds moves of another model")
        ends = int(np.count_nonzero(tree["kind"] == TERMINAL))
        slots = {terms.shape[-1] for terms in self.terms}
        if len(self.terms) != len(model.actors) or len(slots) != 1 or {len(f) for f in self.found.values()} - {ends}:
            raise ValueError("the file holds payoffs of another model")


def _ints(numbers: Any) -> Ints:
    return np.asarray(numbers, np.int32)


def _ends(lists: Iterable[Sized]) -> Ints:
    return _ints(np.cumsum([len(one) for one in lists]))


def _cut(items: Sequence[Any], ends: Ints) -> list[Sequence[Any]]:
    """One list after another, from all of them and where each ends."""
    return [items[start:stop] for start, stop in pairwise((0, *ends.tolist()))]
