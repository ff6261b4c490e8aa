"""How large a tree would be, before it is grown: Knuth's estimate from random plays."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from detente.errors import ModelError, Problem
from detente.game.walk import GATE
from detente.model.schema import Model

PROBES, FEWEST_PROBES = 200, 10
MOST_WORK = 20_000


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


def refuse_if_too_large(model: Model, start: Any, step: Callable[[Any], Any], limit: int) -> None:
    """Raise ModelError where the tree would have more nodes than `limit`, saying how many and which stage makes it so.

    Knuth, Estimating the efficiency of backtrack programs, Mathematics of Computation 29 (1975): along a random play,
    the products of the numbers of branches met so far sum to an unbiased estimate of the number of nodes.
    """
    if bound(model) < limit / 2:
        return
    generator = random.Random(1975)
    estimates: list[float] = []
    blame: dict[str, float] = defaultdict(float)
    work, hopeless = 0, False
    for _ in range(PROBES):
        at, nodes, width = start, 1.0, 1.0
        while not hopeless:
            branching = step(at)
            if branching.outcome:
                break
            width *= len(branching.moves)
            nodes += width
            work += len(branching.moves)
            if not branching.label.startswith(GATE):
                blame[branching.label] += math.log(len(branching.moves))
            at = generator.choice(branching.moves)[1]
            hopeless = work > MOST_WORK and nodes > limit * PROBES  # whatever the other probes may find
        estimates.append(nodes)
        if hopeless or (work > MOST_WORK and len(estimates) >= FEWEST_PROBES):
            break
    estimate = sum(estimates) / len(estimates)
    if estimate <= limit:
        return
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
