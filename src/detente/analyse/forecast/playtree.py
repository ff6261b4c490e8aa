"""The tree of a crisis, and how play flows through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detente.arrays import Floats
from detente.display import Displayed
from detente.engine.batch import Batch, edges
from detente.game.joined import STRUCTURE
from detente.game.walk import GATE


@dataclass(frozen=True)
class InformationSet(Displayed):
    """A situation in which somebody decides: how often it is reached, and how likely each move is there."""

    actor: str
    name: str
    members: int
    reached: float
    moves: dict[str, float]
    place: str


@dataclass(frozen=True)
class Branch(Displayed):
    """A step of play. `odds`: its probability once play has come so far; `reached`: that of the whole way to it;
    `period`: in which period, or slice of one, it is made, 0 for what actors keep to themselves from the start."""

    event: str
    actor: str  # "" for chance
    what: str
    odds: float
    reached: float
    outcome: str  # "" where play goes on
    branches: tuple[Branch, ...]
    hidden: int  # branches rarer than the cut, which are left out
    more: bool  # play goes on below the depth that was asked for
    period: int = 0


@dataclass(frozen=True)
class PlayTree(Displayed):
    """The tree of a crisis: its size, its information sets, and its branches from the root on."""

    nodes: int
    plays: int
    moves: int
    perfect_information: bool
    information_sets: tuple[InformationSet, ...]
    branches: tuple[Branch, ...]
    hidden: int
    cut: float
    draws: int


def play_tree(batch: Batch, behaviour: Floats, coming: Floats, draws: int, depth: int, cut: float) -> PlayTree:
    """The tree with mean probabilities.

    `batch`: draws whose means the branches show; `behaviour` [A] and `coming` [H]: the mean probability of each move,
    and of coming to each information set, over all `draws`.
    """
    blueprint, tree = batch.blueprint, batch.tree
    odds = edges(batch.game, batch.behaviour, tree.n_players).mean(axis=1)
    reached = batch.coming.mean(axis=1)
    if batch.known is not None:  # what was seen leaves of a step
        above = np.where(tree.parent >= 0, reached[tree.parent], 1.0)
        odds = np.divide(reached, above, out=np.zeros_like(reached), where=above > 0)

    def period_of(node: int, event: str, before: int) -> int:
        """The period of a step: that of the first one after so many `before` it in which its event happens."""
        end = node
        while tree.children[end]:
            end = int(tree.first_child[end])
        periods = [t + 1 for t, record in enumerate(blueprint.scene(end).records) if event in record]
        return periods[before] if before < len(periods) else 0

    def below(node: int, left: int, before: Counter[str]) -> tuple[tuple[Branch, ...], int]:
        """The branches of a node, and how many are left out. Gates, which nobody sees, are passed through."""
        shown: list[Branch] = []
        event, hidden = tree.tags[node], 0
        for child in range(int(tree.first_child[node]), int(tree.first_child[node] + tree.children[node])):
            if reached[child] < cut:
                hidden += 1
            elif isinstance(event, str) and event.startswith(GATE) and event != STRUCTURE:
                inner, more = below(child, left, before)
                shown += inner
                hidden += more
            else:
                deeper = left > 1 and bool(tree.children[child])
                inner, more = below(child, left - 1, before + Counter([str(event)])) if deeper else ((), 0)
                shown.append(Branch(
                    str(event).removeprefix(GATE),
                    tree.players[tree.owner[tree.infoset[node]]] if tree.infoset[node] >= 0 else "",
                    tree.labels[child], float(odds[child]), float(reached[child]),
                    "" if tree.children[child] else str(blueprint.scene(child).outcome), inner, more,
                    bool(tree.children[child]) and not deeper, period_of(child, str(event), before[str(event)]),
                ))  # fmt: skip
        return tuple(shown), hidden

    def sets() -> Iterator[InformationSet]:
        for h, info in enumerate(tree.infosets):
            first = int(tree.action_start[h])
            moves = {move: float(behaviour[first + k]) for k, move in enumerate(info.actions)}
            size = int(tree.member_start[h + 1] - tree.member_start[h])
            yield InformationSet(tree.players[info.player], info.name, size, float(coming[h]), moves, str(info.place))

    branches, hidden = below(0, depth, Counter())
    return PlayTree(
        tree.n_nodes, len(tree.terminals), tree.n_actions, tree.perfect_information, tuple(sets()), branches, hidden,
        cut, draws,
    )  # fmt: skip
