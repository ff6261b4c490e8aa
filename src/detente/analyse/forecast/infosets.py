"""Information sets in solved draws: how often play comes to them, and what their owners believe there."""

from __future__ import annotations

import numpy as np

from detente.arrays import Bools, Floats, Ints
from detente.engine.batch import layers
from detente.game.tree import Tree

TREMBLE = 1e-300
"""The probability of what is held impossible, so that beliefs are defined where nobody comes."""


def members(tree: Tree, infoset: int) -> Ints:
    """The nodes of an information set."""
    return tree.members[tree.member_start[infoset] : tree.member_start[infoset + 1]]


def coming(tree: Tree, reach: Floats) -> Floats:
    """[H, n] the probability of coming to each information set, from that of coming to each node, [N, n]."""
    return np.asarray(np.add.reduceat(reach[tree.members], tree.member_start[:-1].astype(np.intp), axis=0))


def logarithms(tree: Tree, steps: Floats, ignored: Bools | None = None) -> Floats:
    """[N, n] the logarithm of the probability of coming to each node, from that of the step to each, [N, n].

    Steps to the nodes that are `ignored` [N] count as certain: where these are an actor's own, it is the probability
    of coming there if the actor wants to.
    """
    logs = np.log(np.maximum(steps, TREMBLE))
    if ignored is not None:
        logs[ignored] = 0.0
    for layer in layers(tree)[1:]:
        logs[layer] += logs[tree.parent[layer]]
    return logs


def logarithms_of(tree: Tree, steps: Floats, nodes: Ints) -> Floats:
    """[nodes, n] the logarithm of the probability of coming to each of some nodes, from that of all steps, [N, n]."""
    logs, at = np.zeros((len(nodes), steps.shape[1])), np.asarray(nodes)
    while (inner := at > 0).any():
        logs[inner] += np.log(np.maximum(steps[at[inner]], TREMBLE))
        at = np.where(inner, tree.parent[at], 0)
    return logs


def beliefs(logs: Floats) -> Floats:
    """[members, n] the belief over the members of a set by Bayes' rule, from the logarithms of coming to each."""
    weight = np.exp(logs - logs.max(axis=0))
    return np.asarray(weight / weight.sum(axis=0))
