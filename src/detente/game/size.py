"""How large a tree would be, before it is grown: an estimate from a few plays that stand for many."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from detente.errors import ModelError, Problem
from detente.game.walk import GATE
from detente.model.schema import Model

SAMPLES, MOST_WORK = 4, 3_000  # estimates that are averaged; branchings that are looked at for them
HOPELESS = 1_000_000  # times the limit


def bound(model: Model) -> float:
    """At most how many plays the tree can have: every stage played in every period, every type."""
    plays = math.prod(float(len(p.prior)) for p in model.private.values())
    for stage in model.stages.values():
        times = 1 if stage.once else len(stage.periods) or model.periods.count
        signals = max((len(s) for s in stage.seen_as.values()), default=1)
        plays *= (
            float(len(stage.results) * signals) ** times
            if times * math.log(len(stage.results) * signals) < 300
            else math.inf
        )
    return plays


@dataclass
class _Seen:
    """Nodes of the same depth, at the same place in the order of play, after the same move: one of them for all."""

    weight: float
    at: Any
    factors: dict[str, float]  # the logarithm of what each stage has multiplied the plays by on the way to it


def _sample(
    start: Any, step: Callable[[Any], Any], generator: random.Random, limit: int, blame: dict[str, float]
) -> tuple[float, int, bool]:
    """One estimate of the number of nodes, the branchings looked at, and whether it is beyond all hope."""
    nodes, steps, level = 1.0, 0, {(start.step, ""): _Seen(1.0, start, {})}
    while level:
        below: dict[tuple[int, str], _Seen] = {}
        for seen in level.values():
            branching = step(seen.at)
            steps += 1
            if branching.outcome:
                _add(blame, seen.factors, seen.weight)
                continue
            nodes += seen.weight * len(branching.moves)
            factors = seen.factors
            if not branching.label.startswith(GATE):
                factors = {**factors, branching.label: factors.get(branching.label, 0) + math.log(len(branching.moves))}
            if nodes > HOPELESS * limit:
                _add(blame, factors, seen.weight)
                return nodes, steps, True
            for label, child in branching.moves:
                held = below.setdefault((child.step, label), _Seen(0.0, child, factors))
                held.weight += seen.weight
                if generator.random() * held.weight < seen.weight:
                    held.at, held.factors = child, factors
        level = below
    return nodes, steps, False


def _add(blame: dict[str, float], factors: dict[str, float], weight: float) -> None:
    for label, factor in factors.items():
        blame[label] += weight * factor


@dataclass(frozen=True)
class Expected:
    """How many nodes a tree will have, and what makes most of them."""

    nodes: float
    label: str  # the stage or private type that multiplies the tree most
    how: str  # `multiplies it by 11 in each of 3 periods`


def expected_size(
    model: Model, start: Any, step: Callable[[Any], Any], limit: int, smallest: float | None = None
) -> Expected | None:
    """How large a tree will be, or None where it cannot have more than `smallest` plays (default: half the limit).

    Raises ModelError where it would have more nodes than `limit`, saying how many and which stage makes it so. Chen,
    Heuristic sampling: a method for predicting the performance of tree searching programs, SIAM Journal on Computing
    21 (1992): of the nodes of one depth that stand at the same place in the order of play, after the same move, one is
    followed for all, drawn with probability in proportion to how many it stands for. The estimate is unbiased.
    """
    if bound(model) < (limit / 2 if smallest is None else smallest):
        return None
    generator = random.Random(1992)
    estimates: list[float] = []
    blame: dict[str, float] = defaultdict(float)
    work, hopeless = 0, False
    while len(estimates) < SAMPLES and not hopeless and (work < MOST_WORK or not estimates):
        nodes, steps, hopeless = _sample(start, step, generator, limit, blame)
        estimates.append(nodes)
        work += steps
    estimate = sum(estimates) / len(estimates)
    if not blame:
        return None
    label = max(blame, key=lambda name: blame[name])
    stage = model.stages.get(label)
    path = ("stages", label) if stage else ("private", label.removesuffix(".seen"))
    branches = (
        len(stage.results)
        if stage
        else len(model.private[label.removesuffix(".seen")].prior)
        if label in model.private
        else 2
    )
    times = 1 if stage is None or stage.once else len(stage.periods) or model.periods.count
    how = f"multiplies it by {branches}" + (f" in each of {times} periods" if times > 1 else "")
    if estimate <= limit:
        return Expected(estimate, label, how)
    raise ModelError(
        [
            Problem(
                model.place(*path, "@key"),
                f"the tree would have {'more than' if hopeless else 'about'} {estimate:.1g} nodes (at most {limit:,}); "
                f"{label!r} alone {how}",
                "give it fewer moves or offers, a condition, `once: true` or fewer `periods`",
                ".".join(path),
            )
        ]
    )
