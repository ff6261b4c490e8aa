"""The choices of one play made in other worlds: what they are worth there, beside equilibrium play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.playing.sight import Seen
from detente.arrays import Floats
from detente.engine.batch import Batch, reach
from detente.engine.rivals import apart
from detente.game.tree import Infoset

Situation = tuple[str, int, tuple[tuple[str, str], ...]]
"""A stage, its slice, and what its actor has seen: the same in any structure."""
METHOD = "conditional on the actor's own types, the others as solved, its other situations as solved"


@dataclass(frozen=True)
class Elsewhere:
    """What an actor of the types it had in a play expects in other worlds, as the actor sees the game, in stakes: if it
    makes the choices of the play wherever it is in the same situation (`chosen`), in equilibrium (`solved`), and the
    difference, world by world. `better`: the share of worlds in which its choices are worth more. `converged`: of the
    worlds."""

    actor: str
    chosen: Finding
    solved: Finding
    difference: Finding
    better: float
    converged: float


def situation_of(stage: str, info: Infoset) -> Situation:
    """An information set as it can be reproduced in another structure."""
    return stage, info.step, info.situation


def worths(batch: Batch, actor: str, choices: Mapping[Situation, str], types: Sequence[Seen]) -> tuple[Floats, Floats]:
    """[n] what an actor of some types expects with these choices, and as solved; nan where it has no part."""
    if batch.blueprint.members is not None:
        whole = np.full((2, batch.n), np.nan)
        for where, inside in apart(batch):
            whole[:, where] = worths(inside, actor, choices, types)
        return whole[0], whole[1]
    tree, plays, blueprint = batch.tree, batch.blueprint.plays, batch.blueprint
    if actor not in tree.players:
        return np.full(batch.n, np.nan), np.full(batch.n, np.nan)
    player, game = tree.players.index(actor), batch.game
    behaviour = batch.behaviour.copy()
    for h in np.flatnonzero(tree.owner == player).tolist():
        info, start = tree.infosets[h], int(tree.action_start[h])
        move = choices.get(situation_of(blueprint.stage_of(h), info))
        if move in info.actions:
            k = start + info.actions.index(move)
            there = np.ones(batch.n, np.bool_) if game.available is None else game.available[k]
            behaviour[start : start + len(info.actions), there] = 0.0
            behaviour[k, there] = 1.0
    alike = np.ones(len(tree.terminals), np.bool_)
    for kind in types:
        if (column := plays.columns.get(plays.subjects.when(kind.event, 0))) is not None:
            labels = ("", *plays.subjects.labels[kind.event])
            alike &= column[tree.terminals] == (labels.index(kind.label) if kind.label in labels else -1)
    ends = tree.terminals[alike]
    paid = blueprint.paid(player, batch.draws, actor)[tree.slot[ends]]
    found = []
    for played in (behaviour, batch.behaviour):
        coming = reach(game, played, tree.n_players)[ends]
        total = coming.sum(axis=0)
        found.append(np.divide((coming * paid).sum(axis=0), total, out=np.full(batch.n, np.nan), where=total > 0))
    return found[0], found[1]


def elsewhere(actor: str, chosen: Floats, solved: Floats, converged: float) -> Elsewhere:
    """What the choices of a play come to, from what they are worth in each world, [n] each."""
    there = ~np.isnan(chosen - solved)
    with_, without = chosen[there], solved[there]
    gap = with_ - without
    return Elsewhere(
        actor, Finding.of("chosen", with_, METHOD), Finding.of("solved", without, METHOD),
        Finding.of("difference", gap, METHOD), float((gap > 0).mean()) if len(gap) else float("nan"), converged,
    )  # fmt: skip
