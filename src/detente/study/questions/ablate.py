"""Each mechanism switched off in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.analyse.counterfactual.knockout import Ablation, Ablations, ablation, ranked
from detente.draws.variants import Variant
from detente.engine.engine import Engine
from detente.errors import ModelError, QuestionError, nearest
from detente.game.compile import compile_model
from detente.model.schema import Model
from detente.solve.base import Solver
from detente.study.evaluate.evaluator import Bench
from detente.study.memo.findings import Readings
from detente.study.study import Progress

if TYPE_CHECKING:
    from detente.engine.store.store import Store
from detente.study.evaluate.variant import _without
from detente.study.questions.what_if import _WHAT_IF
from detente.study.settings import _enough, _ready

ABLATE_DRAWS = 500


def ablate(
    case: str | Path | Model,
    names: Sequence[str] = (),
    *,
    draws: int = ABLATE_DRAWS,
    seed: int = 1,
    set: Mapping[str, Any] | None = None,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Ablations:
    """Each mechanism of a model, or some, switched off in turn, in paired draws.

    Ranked by the total variation distance between the mean forecasts with and without it. What of a mechanism could be
    switched off, and what is kept and why, is told. Raises ModelError, QuestionError.
    """
    _enough(draws)
    model, engine = _ready(case, set, perception, method, workers, store)
    if not model.mechanisms:
        raise QuestionError(
            "this model declares no mechanisms; write them under `mechanisms:` and tag its quantities, stages and "
            "terms with `mechanism:`"
        )
    for name in names:
        if name not in model.mechanisms:
            raise QuestionError(f"there is no mechanism {name!r}; {nearest(name, model.mechanisms)}")
    wanted = [name for name in model.mechanisms if not names or name in names]
    where = Readings.of_question(engine, [model], seed, draws, "ablate", tuple(wanted))
    ask = partial(_ablated, model, engine, wanted, draws, seed, progress)
    return where.once(draws, [Ablations, Ablation, *_WHAT_IF], ask)


def _ablated(
    model: Model, engine: Engine, wanted: Sequence[str], draws: int, seed: int, progress: Progress | None
) -> Ablations:
    """Some mechanisms switched off in turn."""
    blueprint, plain = compile_model(model), Variant.of(model, engine.perception)
    before = Bench.of(blueprint, engine)(plain.draw(draws, seed))
    found: list[Ablation] = []
    shares = {"": float(before.converged.mean())}
    for k, name in enumerate(wanted):
        try:
            knocked, other = _without(blueprint, plain, name)
            after = Bench.of(other, engine)(knocked.variant.draw(draws, seed)) if knocked.off else None
            off, kept = knocked.off, knocked.kept or (() if knocked.off else ("nothing that counts is tagged with it",))
        except ModelError as error:
            after, off, kept = None, (), (f"the model has no meaning without it: {error.problems[0].message}",)
        if after is not None:
            shares[name] = float(after.converged.mean())
        found.append(ablation(blueprint, name, off, kept, before, after))
        if progress:
            progress(k + 1, len(wanted))
    return ranked(found, draws, shares)
