"""The course of events as a river: plays merged by period, stage and move.

The tree of a crisis has thousands of nodes. Here all histories that make the same move at the same stage of the same
period run through one node, stages at which hardly anything divides are passed over, and whatever is rarer than CUT is
gathered as `…`. Outcomes leave the river to the right, as soon as they come; those that answer the case's question are
never gathered where they are most likely, however rare they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from detente.analyse.forecast.outcomes import LikelyPlay as MostLikely
from detente.analyse.forecast.rank import rankable, telling
from detente.arrays import Floats
from detente.engine.batch import story
from detente.game.blueprint import Blueprint
from detente.language.lowering import Scene

CUT = 0.02  # of all histories: what is rarer is not drawn by itself
MOST_TYPES = 6  # private types with more labels than this are not drawn
MOST_LAYERS = 22
SURELY = 0.001
REST = "…"

Key = tuple[int, int, str]  # period or slice of one (0: before the first), place in the order of stages, event
Node = tuple[str, str]  # ("move", label), ("end", outcome) or ("past", "")
PAST: Node = ("past", "")


@dataclass(frozen=True)
class Play:
    """A whole play for the picture: what happened at which stage, and after which step it ended."""

    steps: tuple[tuple[Key, str], ...]
    outcome: str
    end: tuple[int, float]  # period, place in the order of stages; beyond all of them where the time ran out
    weight: float


@dataclass
class River:
    """The layers of the picture, and what flows between them."""

    keys: list[Key]
    layers: list[dict[Node, float]]
    flows: list[dict[tuple[Node, Node], float]]
    rest: list[dict[str, float]] = field(default_factory=list)  # the rare outcomes that leave at a layer
    skipped: int = 0
    passed: dict[Key, dict[str, float]] = field(default_factory=dict)  # what happens at the stages that are not drawn


def plays(blueprint: Blueprint, weights: Floats) -> Iterator[Play]:
    """Every play that can be told from others by what happened in it."""
    model, tree = blueprint.model, blueprint.tree
    places: dict[str, int] = {}
    seen = [f"{name}.seen" for name in model.private]
    for name in (*model.private, *seen, *(event for stage in model.stages for event in (stage, f"{stage}.seen"))):
        places[name] = len(places)
    for x, weight in zip(tree.terminals, weights, strict=True):
        scene = blueprint.scene(int(x))
        steps = [((0, places[event], event), what) for event, what in scene.types.items()]
        for t, record in enumerate(scene.records):
            steps += [((t + 1, places[event], event), what) for event, what in record.items()]
        yield Play(tuple(steps), scene.outcome or "", _end(blueprint, scene, places), float(weight))


def _end(blueprint: Blueprint, scene: Scene, places: dict[str, int]) -> tuple[int, float]:
    outcome = blueprint.model.outcomes[scene.outcome or ""]
    if outcome.otherwise or outcome.at == "end":
        return scene.n_periods * scene.slices + 1, 0.0
    last = scene.records[-1]
    if outcome.at == "period end" or not last:
        return scene.period + 1, np.inf
    return scene.period + 1, float(max(places[event] for event in last))


def river(blueprint: Blueprint, weights: Floats) -> River:
    """The merged plays. `weights`: [terminals] the mean probability of each whole play."""
    everything = list(plays(blueprint, weights))
    sizes: dict[Key, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for play in everything:
        for key, what in play.steps:
            sizes[key][what] += play.weight
    shown, skipped = _worth_showing(sizes)
    times = range(blueprint.model.periods.steps + 2)
    period_end = [next((k for k, key in enumerate(shown) if key[0] > t), len(shown)) for t in times]
    leaving: dict[tuple[int, str], float] = defaultdict(float)
    for play in everything:
        leaving[_exit(play, shown), play.outcome] += play.weight
    own = _by_themselves(leaving, telling(blueprint.model))
    layers: list[dict[Node, float]] = [defaultdict(float) for _ in range(len(shown) + 1)]
    flows: list[dict[tuple[Node, Node], float]] = [defaultdict(float) for _ in shown]
    rest: list[dict[str, float]] = [defaultdict(float) for _ in range(len(shown) + 1)]
    for play in everything:
        exit_ = _exit(play, shown)
        ending: Node = ("end", play.outcome)
        if (exit_, play.outcome) not in own:
            exit_ = max(exit_, period_end[min(play.end[0], len(period_end) - 1)])
            ending = ("end", REST)
            rest[exit_][play.outcome] += play.weight
        happened = dict(play.steps)
        before: Node | None = None
        for k in range(exit_ + 1):
            node = ending if k == exit_ else _node(happened.get(shown[k]), sizes[shown[k]])
            layers[k][node] += play.weight
            if before is not None:
                flows[k - 1][before, node] += play.weight
            before = node
    passed = {key: dict(found) for key, found in sorted(sizes.items()) if key not in set(shown)}
    return River(shown, layers, flows, rest, skipped, passed)


def _by_themselves(leaving: Mapping[tuple[int, str], float], wanted: Sequence[str]) -> set[tuple[int, str]]:
    """The outcomes that are drawn by themselves, by layer: of what the question is about also rare ones, and always
    the largest."""
    found = {place for place, size in leaving.items() if size >= CUT}
    for outcome in wanted:
        places = [place for place in leaving if place[1] == outcome]
        found |= {place for place in places if leaving[place] > CUT / 4}
        found |= {max(places, key=lambda place: rankable(leaving[place]))} if places else set()
    return found


def _node(what: str | None, sizes: dict[str, float]) -> Node:
    if what is None:
        return PAST
    return ("move", what if sizes[what] >= CUT else REST)


def _exit(play: Play, shown: Sequence[Key]) -> int:
    """The layer at which a play leaves: the first that comes after its end."""
    return sum(key[:2] <= play.end for key in shown)


def _worth_showing(sizes: dict[Key, dict[str, float]]) -> tuple[list[Key], int]:
    """The stages at which the river divides, in order; and how many more were left out for want of room."""
    dividing = []
    for key, found in sizes.items():
        second = sorted(found.values())[-2:][0] if len(found) > 1 else 0.0
        if second >= CUT and not (key[0] == 0 and len(found) > MOST_TYPES):
            dividing.append((second, key))
    kept = sorted(dividing, key=lambda item: (-rankable(item[0]), item[1]))[:MOST_LAYERS]
    return sorted(key for _, key in kept), len(dividing) - len(kept)


Steps = list[tuple[int, list[tuple[str, str]]]]
"""What happened in each period (0: before the first), as (event, label) pairs."""


def told(blueprint: Blueprint, weights: Floats, likely: Sequence[MostLikely]) -> list[Steps]:
    """The steps of whole plays by period (0: before the first), read off the terminal nodes they end at."""
    tree, ranked = blueprint.tree, np.argsort(-weights, kind="stable")
    return [_told(blueprint, play, [int(tree.terminals[k]) for k in ranked]) for play in likely]


def _told(blueprint: Blueprint, play: MostLikely, terminals: Sequence[int]) -> Steps:
    for x in terminals:
        scene = blueprint.scene(x)
        if scene.outcome == play.outcome and tuple(story(blueprint.tree, x)) == play.steps:
            made = set(play.steps)
            groups = [(0, [step for step in scene.types.items() if step in made])]
            groups += [
                (t + 1, [step for step in record.items() if step in made]) for t, record in enumerate(scene.records)
            ]
            return [group for group in groups if group[1]]
    return [(0, list(play.steps))]
