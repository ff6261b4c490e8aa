"""The questions that solve again: tipping points, what if, compare, ablate, breaking points.

Each walks the house as `study.run` does, and hands the analysis a function that solves draws. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.why import reached
from detente.analyse.thresholds.tipping import POINTS, Tip, Tipping, along, span, subjects, telling_sets
from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.draws.sources import Sources
from detente.engine.engine import Engine
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.model.schema import Model
from detente.solve.base import Solver
from detente.study.evaluate.evaluator import Bench
from detente.study.memo.findings import Readings
from detente.study.settings import _claims, _enough, _ready
from detente.study.study import Progress

if TYPE_CHECKING:
    from detente.engine.store.store import Store

TIP_DRAWS = 300


# ---------------------------------------------------------------------- tipping points


def tip(
    case: str | Path | Model,
    quantity: str,
    *,
    low: float | None = None,
    high: float | None = None,
    claims: Sequence[str] = (),
    draws: int = TIP_DRAWS,
    seed: int = 1,
    points: int = POINTS,
    set: Mapping[str, Any] | None = None,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Tipping:
    """How the answer goes along a quantity (or perception, `x seen by A`), and the exact values at which it turns.

    `low` and `high`: the range, by default the 5th to the 95th percentile. `claims`: some of the claims, by default
    all. `draws`: at each of `points` points. The rest as for `run`. Raises ModelError, QuestionError.
    """
    model, engine = _ready(case, set, perception, method, workers, store)
    _enough(draws)

    def ask() -> Tipping:
        blueprint = compile_model(model)
        sources = Sources(blueprint.sampler)
        extent = span(sources, quantity, low, high)
        names = _claims(model, claims)
        moves = telling_sets(blueprint, _coming(blueprint, engine, sources))
        bench = Bench.of(blueprint, engine, names, moves)

        def spread(value: float) -> Draws:
            return blueprint.sampler.draw(draws, seed, {quantity: value})

        of = subjects(blueprint, names, moves)
        benches.append(bench)
        return along(blueprint, sources, bench, quantity, extent, of, spread, points, progress, bench.line)

    benches: list[Bench] = []
    where = Readings.of_question(engine, [model], seed, draws, "tip", quantity, low, high, tuple(claims), points)
    found = where.once(draws, [Tipping, Tip, Finding], ask)
    for bench in benches:
        bench.drop()
    return found


# ---------------------------------------------------------------------- what if, compare


# ---------------------------------------------------------------------- ablate


# ---------------------------------------------------------------------- breaking points


# ---------------------------------------------------------------------- shared


def _coming(blueprint: Blueprint, engine: Engine, sources: Sources) -> Floats:
    """[H] the probability of coming to each information set at the central draw."""
    solved = engine.solve_batch(blueprint, sources.centre(), {})
    return np.asarray(reached(solved.batch)[:, 0])
