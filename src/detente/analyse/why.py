"""Why a move is made: the payoff terms that make it better or worse than another, summing exactly to the gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from detente.analyse.base import Batch, Finding, edges, layers
from detente.game.blueprint import Blueprint
from detente.game.tree import Ints
from detente.model.draws import Floats

METHOD = "difference of the actor's conditional expectations, term by term, in its own eyes"


@dataclass(frozen=True)
class Why:
    """One move against another at an information set. `terms` sum to `gap`, in every draw and on average."""

    infoset: int
    actor: str
    where: str
    move: str
    against: str
    gap: Finding
    terms: Mapping[str, Finding]
    probability: Finding  # of the move, at this set
    reached: Finding  # the probability of coming to this set


def reached(batch: Batch) -> Floats:
    """[H, n] the probability of coming to each information set, as it truly is."""
    tree = batch.tree
    owner = np.repeat(np.arange(tree.n_infosets), np.diff(tree.member_start))
    result = np.zeros((tree.n_infosets, batch.n))
    np.add.at(result, owner, batch.reach[tree.members])
    return result


def term_values(batch: Batch, infoset: int) -> Floats:
    """[actions, terms, n] what the owner of an information set expects of each move there, term by term.

    Conditional on being there, by Bayes with the owner's own view of chance, as everybody plays on afterwards.
    """
    tree, player = batch.tree, int(batch.tree.owner[infoset])
    game, behaviour = batch.views[player]
    steps = edges(game, behaviour, player)
    members = tree.members[tree.member_start[infoset] : tree.member_start[infoset + 1]]
    terms = batch.blueprint.terms(player, batch.draws, tree.players[player])
    below = _below(batch.blueprint, members)
    value: dict[int, Floats] = {}
    for x in reversed(below):  # children have larger numbers than their parents
        if tree.slot[x] >= 0:
            value[x] = terms[:, tree.slot[x]]
        elif x not in set(members):
            first = int(tree.first_child[x])
            total = np.zeros_like(terms[:, 0])
            for child in range(first, first + int(tree.children[x])):
                total += steps[child] * value.pop(child)
            value[x] = total
    weight = _weights(batch, members, steps)
    count = int(tree.action_start[infoset + 1] - tree.action_start[infoset])
    result = np.zeros((count, *terms[:, 0].shape))
    for share, x in zip(weight, members, strict=True):
        for k in range(count):
            result[k] += share * value[int(tree.first_child[x]) + k]
    return result


def _below(blueprint: Blueprint, members: Ints) -> list[int]:
    """The members and all nodes below them, in order of number."""
    tree = blueprint.tree
    inside = np.zeros(tree.n_nodes, bool)
    inside[members] = True
    for layer in layers(tree)[1:]:
        inside[layer] |= inside[tree.parent[layer]]
    return [int(x) for x in np.flatnonzero(inside)]


def _weights(batch: Batch, members: Ints, steps: Floats) -> Floats:
    """[members, n] the owner's belief over the members of a set, in logs, with 1e-300 for what it holds impossible."""
    tree = batch.tree
    logs = np.log(np.maximum(steps, 1e-300))
    weight = np.array([logs[tree.path(int(x))].sum(axis=0) for x in members])
    weight = np.exp(weight - weight.max(axis=0))
    return np.asarray(weight / weight.sum(axis=0))


def compare(batch: Batch, infoset: int) -> tuple[Floats, Floats]:
    """What `explain` needs of one batch: [actions, terms, n] values, and [actions, n] probabilities."""
    start, stop = batch.tree.action_start[infoset], batch.tree.action_start[infoset + 1]
    return term_values(batch, infoset), batch.behaviour[start:stop]


def explain(
    blueprint: Blueprint,
    infoset: int,
    values: Floats,
    chosen: Floats,
    coming: Floats,
    move: str | None = None,
    against: str | None = None,
) -> Why:
    """The reasons for `move` (by default the likeliest) against another (by default the one that comes nearest)."""
    tree = blueprint.tree
    info = tree.infosets[infoset]
    mean = chosen.mean(axis=1)
    one = info.actions.index(move) if move else int(mean.argmax())
    others = [k for k in range(len(info.actions)) if k != one]
    other = info.actions.index(against) if against else max(others, key=lambda k: float(mean[k]))
    gaps = values[one] - values[other]
    names = blueprint.term_names[info.player]
    return Why(
        infoset, tree.players[info.player], info.name, info.actions[one], info.actions[other],
        Finding.of("gap", gaps.sum(axis=0), METHOD),
        {name: Finding.of(name, gap, METHOD) for name, gap in zip(names, gaps, strict=True)},
        Finding.of(info.actions[one], chosen[one]), Finding.of("reached", coming),
    )  # fmt: skip


def telling(blueprint: Blueprint, coming: Floats, actor: str | None = None, stage: str | None = None) -> list[int]:
    """The information sets worth explaining: for each actor and stage the one reached most often.

    `coming` is [H], the mean probability of coming to each set.
    """
    tree = blueprint.tree
    best: dict[tuple[int, str], int] = {}
    for h in np.argsort(-coming, kind="stable"):
        info = tree.infosets[h]
        name = blueprint.stage_of(int(h))
        if (actor and tree.players[info.player] != actor) or (stage and name != stage):
            continue
        best.setdefault((info.player, name), int(h))
    order = {name: k for k, name in enumerate(blueprint.model.stages)}
    return sorted(best.values(), key=lambda h: order[blueprint.stage_of(h)])
