"""Regimes over two quantities."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.analyse.finding import Finding
from detente.analyse.thresholds.regimes import Border, Map, Regimes, WayAcross, regimes
from detente.analyse.thresholds.tipping import span, subjects
from detente.draws.sources import Sources
from detente.errors import QuestionError
from detente.game.compile import compile_model
from detente.model.schema import Model
from detente.solve.base import Solver
from detente.study.evaluate.evaluator import Bench
from detente.study.memo.findings import Readings
from detente.study.study import Progress

if TYPE_CHECKING:
    from detente.engine.store.store import Store
from detente.study.settings import _claims, _ready


def tip_map(
    case: str | Path | Model,
    quantities: tuple[str, str],
    *,
    ranges: tuple[tuple[float | None, float | None], tuple[float | None, float | None]] = ((None, None), (None, None)),
    claim: str | None = None,
    points: int = 25,
    set: Mapping[str, Any] | None = None,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Regimes:
    """The regimes over two quantities at the central draw: the likeliest ending and a claim (by default the first).

    `ranges`: (low, high) of each, by default the 5th to the 95th percentile; `points`: the grid has as many each way.
    `maps` hold the regime of each point, [points, points], the boundary, and the shortest way across it in prior
    standard deviations. The rest as for `run`. Raises ModelError, QuestionError.
    """
    model, engine = _ready(case, set, perception, method, workers, store)
    if quantities[0] == quantities[1]:
        raise QuestionError(f"{quantities[0]!r} is asked for twice; a map needs two different quantities")

    def ask() -> Regimes:
        blueprint = compile_model(model)
        sources = Sources(blueprint.sampler)
        extents = tuple(span(sources, name, *ends) for name, ends in zip(quantities, ranges, strict=True))
        names = _claims(model, (claim,) if claim else ())[:1]
        bench = Bench.of(blueprint, engine, names)
        benches.append(bench)
        of = subjects(blueprint, names, ())
        return regimes(blueprint, sources, bench, quantities, (extents[0], extents[1]), of, points, progress)

    benches: list[Bench] = []
    where = Readings.of_question(engine, [model], 0, 1, "map", tuple(quantities), tuple(ranges), claim, points)
    found = where.once(1, [Regimes, Map, Border, WayAcross, Finding], ask)
    for bench in benches:
        bench.drop()
    return found
