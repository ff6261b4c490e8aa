"""What an actor has seen of a play, at any node of the tree, and which nodes it cannot tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Ints, Longs
from detente.game.blueprint import Blueprint
from detente.game.program import program, together, visible
from detente.game.tree import DECISION
from detente.language.scenes import WHOLE
from detente.model.schema import Model

NOTHING = ""
"""What stands for the label of an event that did not happen."""


@dataclass(frozen=True)
class Seen:
    """Something that happened: a type that was drawn, a move, a result of chance, a signal.

    `event`: the name of the private type, stage or signal (`stage.seen`); `actor`: whose type or move it is, empty for
    chance; `step`: the period, or the slice of one, counted from 1; 0 for what is settled before play, and where a
    model has one period only.
    """

    event: str
    label: str
    actor: str
    means: str
    step: int


class Event(NamedTuple):
    """Something that may happen: in which slice, from 0 (`WHOLE`: before play), and [N] whether it has up to each node,
    as 1 + the number of its label, 0 where it has not."""

    name: str
    at: int
    labels: tuple[str, ...]
    column: Ints


@dataclass(frozen=True, eq=False)
class Sight:
    """Who sees what in a compiled model (one of a single structure)."""

    blueprint: Blueprint

    @property
    def model(self) -> Model:
        return self.blueprint.model

    @cached_property
    def events(self) -> list[Event]:
        """All that happens at some node, in the order in which it is done."""
        plays, found = self.blueprint.plays, []
        for step in program(self.model):
            name = f"{step.name}.seen" if step.kind in ("signal", "type signal") else step.name
            if step.kind in ("type", "type signal", "stage", "signal"):
                at = WHOLE if name in plays.subjects.whole else step.period
                if (column := plays.columns.get((name, at))) is not None and column.any():
                    found.append(Event(name, at, plays.subjects.labels[name], column))
        return found

    @cached_property
    def groups(self) -> Mapping[str, frozenset[str]]:
        """For each stage with others that move at the same time, these and it."""
        return together(self.model)

    @cached_property
    def stages(self) -> list[str]:
        """[H] the stage of each information set."""
        return [self.blueprint.stage_of(h) for h in range(self.blueprint.tree.n_infosets)]

    def happened(self, node: int) -> tuple[Seen, ...]:
        """All that has happened up to a node."""
        return tuple(self._told(event, node) for event in self.events if event.column[node])

    def seen(self, node: int, player: int) -> tuple[Seen, ...]:
        """What a player has seen up to a node. Moves of a group that moves at once are not seen before all are made."""
        shown = self._shown(player, self._pending(node, player), self._at(node))
        return tuple(
            self._told(event, node)
            for event, there in zip(self.events, shown, strict=True)
            if there and event.column[node]
        )

    def unseen(self, player: int, stage: str, at: int) -> Iterator[Event]:
        """What a player never sees of what may have happen in some slice, when a stage is decided: types and moves
        of others, and of chance. What is decided at the same time is no part of it."""
        own, pending = self.blueprint.tree.players[player], self.groups.get(stage, frozenset())
        for event, there in zip(self.events, self._visible(player), strict=True):
            now = event.at == at and event.name in pending
            if not there and not now and self.owner(event.name) != own and at >= event.at:
                yield event

    def rows(self, nodes: Longs, player: int, pending: frozenset[str], at: int) -> Ints:
        """[nodes, events] what a player has seen up to each of some nodes in a slice, as numbers; what stands in
        `pending` is not seen yet in this slice."""
        shown = self._shown(player, pending, at)
        columns = [event.column[nodes] for event, there in zip(self.events, shown, strict=True) if there]
        return np.stack(columns, axis=1) if columns else np.zeros((len(nodes), 0), np.int32)

    def alike(self, node: int, player: int) -> Longs:
        """The decision nodes of others that a player cannot tell from this one, also a decision of somebody else."""
        tree = self.blueprint.tree
        others = np.flatnonzero((tree.kind == DECISION) & (tree.owner[tree.infoset] != player))
        found = self._waiting(player, others)
        return np.asarray(others[(found == found[np.searchsorted(others, node)]).all(axis=1)])

    def _waiting(self, player: int, nodes: Longs) -> Ints:
        """[nodes, events] what a player has seen at each decision of others."""
        if player not in self._known:
            tree, plays = self.blueprint.tree, self.blueprint.plays
            rows = self.rows(nodes, player, frozenset(), 0)
            shown = [e for e, there in zip(self.events, self._shown(player, frozenset(), 0), strict=True) if there]
            for stage in {stage for stage in self.stages if stage in self.groups}:
                here = np.array([other == stage for other in self.stages], np.bool_)[tree.infoset[nodes]]
                pending = self._others(stage, player)
                for k, event in enumerate(shown):
                    if event.name in pending:
                        rows[here & (plays.period[nodes] == event.at), k] = 0
            self._known[player] = rows
        return self._known[player]

    @cached_property
    def _known(self) -> dict[int, Ints]:
        return {}

    def owner(self, event: str) -> str:
        """Whose type or move an event is; empty for chance and signals."""
        if event in self.model.private:
            return event.partition(".")[0]
        stage = self.model.stages.get(event)
        return stage.actor if stage else ""

    def means(self, event: str, label: str) -> str:
        """What happened, in the words of the model."""
        stage = self.model.stages.get(event)
        if stage is None:
            private = self.model.private.get(event)
            return private.means if private else ""
        told = stage.moves.get(label) or stage.chance.get(label)
        return told.means if told else ""

    def step(self, at: int) -> int:
        """A slice as it is told: counted from 1, 0 where there is one only, and before play."""
        return at + 1 if at != WHOLE and self.model.periods.steps > 1 else 0

    def _told(self, event: Event, node: int) -> Seen:
        label = event.labels[event.column[node] - 1]
        return Seen(event.name, label, self.owner(event.name), self.means(event.name, label), self.step(event.at))

    def _at(self, node: int) -> int:
        """The slice that play is in at a node."""
        return int(self.blueprint.plays.period[node])

    def _pending(self, node: int, player: int) -> frozenset[str]:
        """What is being decided at the same time at a node, and is not seen yet."""
        tree = self.blueprint.tree
        if (h := int(tree.infoset[node])) < 0:
            return frozenset()
        if tree.owner[h] == player:
            return self.groups.get(self.stages[h], frozenset())
        return self._others(self.stages[h], player)

    def _others(self, stage: str, player: int) -> frozenset[str]:
        """What is decided at the same time as a stage, but for a player's own moves, which it knows."""
        own = self.blueprint.tree.players[player]
        return frozenset(name for name in self.groups.get(stage, ()) if self.owner(name) != own)

    def _shown(self, player: int, pending: frozenset[str], at: int) -> Bools:
        """[events] which of them a player sees, in a slice in which some are pending."""
        plain = self._visible(player)
        if not pending:
            return plain
        return np.array(
            [there and not (e.at == at and e.name in pending) for e, there in zip(self.events, plain, strict=True)],
            np.bool_,
        )

    def _visible(self, player: int) -> Bools:
        if player not in self._plainly:
            own = self.blueprint.tree.players[player]
            self._plainly[player] = np.array([visible(self.model, e.name, own) for e in self.events], np.bool_)
        return self._plainly[player]

    @cached_property
    def _plainly(self) -> dict[int, Bools]:
        return {}
