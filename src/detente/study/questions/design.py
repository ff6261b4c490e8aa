"""Effects from points made for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from detente.analyse.forecast.subject import reading
from detente.analyse.sensitivity import factors as grouping
from detente.analyse.sensitivity import sobol
from detente.analyse.sensitivity import variance as sensitivity
from detente.analyse.sensitivity.variance import Sensitivity
from detente.arrays import Bools, Floats
from detente.draws.sources import Sources
from detente.engine.engine import Engine
from detente.engine.solved import converged
from detente.errors import QuestionError
from detente.game.compile import compile_model
from detente.model.load import changed, load
from detente.model.schema import Model
from detente.solve.base import Solver

if TYPE_CHECKING:
    from detente.engine.store.store import Store
from detente.study.questions.sense import Progress

SOLVES = 20_000
SPACE = (
    "points of a design are independent, and within a region quantities are not; use the draws that are solved "
    "(--design given), or narrow the quantity itself with --set NAME='low to high'"
)


def design(
    case: str | Path | Model,
    of: str = "outcome",
    solves: int = SOLVES,
    seed: int = 1,
    *,
    by: str = grouping.QUANTITY,
    where: str = "",
    set: Mapping[str, Any] | None = None,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """First-order and total effects from a Sobol' design, which solves at most `solves` points (16 x (k + 2) at least).

    The other arguments are those of `run` and `sense`. Saltelli et al. (2010), Computer Physics Communications 181,
    259-270; Jansen (1999), ibid. 117, 35-43. Raises ModelError, QuestionError.
    """
    if where:
        raise QuestionError(f"a design cannot be asked about the region {where!r}\n    {SPACE}")
    model = case if isinstance(case, Model) else load(case)
    model = changed(model, set) if set else model
    blueprint = compile_model(model)
    engine = Engine(perception or model.perception, method, workers, store)
    asked, sources = reading(model, of), Sources(blueprint.sampler)
    factors = grouping.factors(sources, by)
    n = sobol.base_points(solves, len(factors))
    plan = sobol.design([f.rows for f in factors], len(sources.names), n, seed)
    total = plan.points.shape[1]
    pieces: list[Floats] = []
    good: list[Bools] = []
    references: dict[str, None] = {}
    for solved in engine.solve(blueprint, sources.draws(special.ndtri(plan.points))):
        pieces.append(asked(solved.batch))
        good.append(converged(solved))
        references |= dict.fromkeys(solved.solution.references)
        if progress:
            progress(sum(p.shape[1] for p in pieces), total)
    values = np.concatenate(pieces, axis=1)
    spread = np.nanmax(values, axis=1) - np.nanmin(values, axis=1) if not np.isnan(values).all() else np.zeros(1)
    if not (spread > 1e-12).any():
        raise QuestionError(f"{asked.words}: the same at all {total:,} points, so that it owes nothing to any quantity")
    try:
        effects = sobol.estimate(values, n, len(factors))
    except ValueError as error:
        raise QuestionError(f"{error}\n    {asked.words} conditions on what cannot happen there") from error
    joined = grouping.note(factors)
    used = (sobol.SALTELLI, sobol.JANSEN, sobol.OWEN, *([grouping.REFERENCE] if joined else []), *references)
    found = sensitivity.designed(asked, effects, factors, total, used, [joined] if joined else [])
    return replace(found, converged=float(np.concatenate(good).mean()))
