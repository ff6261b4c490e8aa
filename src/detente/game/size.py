"""How large a tree is going to be, before it is grown: an estimate from a few plays that stand for many."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from detente.game.drawing import Drawing, Frontier
from detente.game.tree import TERMINAL
from detente.game.walk import GATE, Walk
from detente.language.scenes import distinct

ALIKE = 4  # plays that are followed of those to which the same has happened last
HOPELESS = 1e11  # nodes: what is larger is not counted any further


@dataclass(frozen=True)
class Expected:
    """How many nodes a tree will have, and what makes most of them."""

    nodes: float
    label: str  # the stage or private type that multiplies the tree most
    how: str  # `multiplies it by 11 in each of 3 periods`
    of: str = ""  # what is grown, where that is not the model as it is written


def expected_size(walk: Walk) -> Expected:
    """How large a tree will be.

    Chen, Heuristic sampling: a method for predicting the performance of tree searching programs, SIAM Journal on
    Computing 21 (1992): of the plays that stand at the same place in the order of play, after the same move, a few are
    followed for all, drawn with probability in proportion to how many each stands for. The estimate is unbiased.
    """
    drawing, generator = Drawing(len(walk.players)), random.Random(1992)
    at = walk.start(drawing)
    for step in walk.steps:
        if drawing.expected > HOPELESS:
            break
        at = _thinned(walk.advance(step, at, drawing), generator)
    factors = _factors(drawing, at)
    label = max(factors, key=lambda name: factors[name], default="")
    return Expected(drawing.expected, label, _how(walk, label))


def _how(walk: Walk, label: str) -> str:
    """How a stage or private type multiplies a tree."""
    stage = walk.model.stages.get(label)
    branches = len(walk.subjects.labels.get(label, ()))
    times = 1 if stage is None or stage.once else len(stage.periods) or walk.model.periods.count
    times *= walk.model.periods.slices if times > 1 or (stage and not stage.once) else 1
    return f"multiplies it by {branches}" + (
        f" in each of {times} {'periods' if walk.model.periods.slices == 1 else 'slices'}" if times > 1 else ""
    )


def _thinned(at: Frontier, generator: random.Random) -> Frontier:
    """At most a few plays for all to which the same has happened last."""
    firsts, group = distinct([at.last], at.n)
    chosen, weights = [np.zeros(0, np.int64)], [np.zeros(0)]
    for g in range(len(firsts)):
        alike = np.flatnonzero(group == g)
        weight = at.weight[alike]
        if len(alike) > ALIKE:
            up_to = np.cumsum(weight)
            points = (generator.random() + np.arange(ALIKE)) / ALIKE * up_to[-1]
            kept, times = np.unique(np.minimum(np.searchsorted(up_to, points), len(alike) - 1), return_counts=True)
            alike, weight = alike[kept], times * up_to[-1] / ALIKE
        chosen.append(alike)
        weights.append(weight)
    return replace(at.taken(np.concatenate(chosen)), weight=np.concatenate(weights))


def _factors(drawing: Drawing, at: Frontier) -> dict[str, float]:
    """The logarithm of what each stage multiplies the plays by, summed over plays; `at`: those that do not end."""
    below = np.zeros(drawing.size)
    below[at.node] = at.weight
    for one in drawing.closed:
        if one.kind == TERMINAL:
            below[one.node] = one.weight
    above = np.concatenate([[0], *(nodes for nodes, _ in drawing.made)])
    for node in range(drawing.size - 1, 0, -1):
        below[above[node]] += below[node]
    found: dict[str, float] = defaultdict(float)
    for one in drawing.closed:
        label = drawing.labels.things[one.tag]
        if one.kind != TERMINAL and not label.startswith(GATE):
            found[label] += float(below[one.node] @ np.log(one.children))
    return found
