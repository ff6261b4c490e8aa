"""Comparative statics: raise this, and that rises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analyse.counterfactual.statics import Arm, StaticResult, arms, conclude
from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Question
from detente.arrays import Floats
from detente.engine.engine import Engine
from detente.errors import QuestionError, nearest
from detente.game.compile import compile_model
from detente.language.expressions import Number
from detente.model.schema import Model
from detente.solve.base import Solver
from detente.study.memo.findings import Readings

if TYPE_CHECKING:
    from detente.engine.store.store import Store
from detente.study.run import _model, _positive
from detente.study.study import Progress

STATICS_DRAWS = 500


def statics(
    case: str | Path | Model,
    draws: int = STATICS_DRAWS,
    seed: int = 1,
    *,
    set: Mapping[str, Any] | None = None,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    names: Sequence[str] = (),
    store: Store | None = None,
    progress: Progress | None = None,
) -> list[StaticResult]:
    """Try the comparative statics a model carries, each with the same draws before and after.

    The arguments are those of `run`; `names` picks some of the statics. Raises ModelError, QuestionError.
    """
    model = _model(case, set)
    engine = Engine(perception or model.perception, method, workers, store)
    where = Readings.of_question(engine, [model], seed, _positive(draws), "statics", tuple(names))
    ask = partial(_tried, model, engine, draws, seed, names, progress)
    return where.once(draws, [StaticResult, Finding], ask)


def _tried(
    model: Model, engine: Engine, draws: int, seed: int, names: Sequence[str], progress: Progress | None
) -> list[StaticResult]:
    """What came of some statics."""
    blueprint = compile_model(model)
    base = blueprint.sampler.draw(draws, seed)
    for name in names:
        if name not in model.statics:
            raise QuestionError(f"there is no static {name!r}; {nearest(name, model.statics)}")
    wanted = [name for name in model.statics if (not names or name in names) and _can_be_tried(model, name)]
    if names and not wanted:
        raise QuestionError("these statics move quantities that are known exactly; give those a range, or from and to")
    sides = {name: arms(model.statics[name], base) for name in wanted}
    questions = {name: Question(blueprint, model.statics[name].then.what.expression) for name in wanted}
    each: list[Arm] = []  # what several statics try is solved once
    for arm in (arm for pair in sides.values() for arm in pair):
        if arm not in each:
            each.append(arm)
    values: dict[tuple[str, int], Floats] = {}
    for k, arm in enumerate(each):
        read: dict[str, list[Floats]] = {name: [] for name in wanted if arm in sides[name]}
        for solved in engine.solve(blueprint, blueprint.sampler.draw(draws, seed, arm.fixed), arm.forced):
            for name, parts in read.items():
                parts.append(questions[name](solved.batch))
        values |= {(name, k): np.concatenate(parts) for name, parts in read.items()}
        if progress:
            progress(k + 1, len(each))
    found = []
    for name in wanted:
        before, after = (values[name, each.index(side)] for side in sides[name])
        found.append(conclude(model, name, before, after, sides[name]))
    return found


def _can_be_tried(model: Model, name: str) -> bool:
    """Whether a static moves quantities that can be moved: a variant may have fixed one of them."""
    static = model.statics[name]
    fixed = [isinstance(model.quantities[q].value.expression, Number) for q in (*static.raise_, *static.lower)]
    return static.from_ is not None or not any(fixed)
