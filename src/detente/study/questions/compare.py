"""Two models side by side, in draws paired by the names of quantities."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.analyse.counterfactual.whatif import WhatIf, waterfall
from detente.draws.variants import Variant
from detente.engine.engine import Engine
from detente.errors import QuestionError
from detente.game.compile import compile_model
from detente.model.load import load
from detente.model.schema import Model
from detente.solve.base import Solver
from detente.study.memo.findings import Readings
from detente.study.study import Progress

if TYPE_CHECKING:
    from detente.engine.store.store import Store
from detente.study.evaluate.variant import _Arm
from detente.study.questions.what_if import _WHAT_IF, WHATIF_DRAWS
from detente.study.settings import _enough


def compare(
    one: str | Path | Model,
    other: str | Path | Model,
    *,
    draws: int = WHATIF_DRAWS,
    seed: int = 1,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """What another model says of the outcomes and claims that both have, paired by the names of their quantities.

    `whole` has the difference (the other less the one), with the 95% interval of its mean and 90% of draws; `notes` say
    what the two do not share. Raises ModelError, QuestionError.
    """
    _enough(draws)
    models = [case if isinstance(case, Model) else load(case) for case in (one, other)]
    shared = [name for name in models[0].outcomes if name in models[1].outcomes]
    if not shared:
        first, second = (", ".join(model.outcomes) for model in models)
        raise QuestionError(f"the two have no outcome in common ({first}; {second}); name like endings alike")
    engines = [Engine(perception or model.perception, method, workers, store) for model in models]

    def ask() -> WhatIf:
        found = []
        for k, (model, engine) in enumerate(zip(models, engines, strict=True)):
            arm = _Arm.plain(compile_model(model), Variant.of(model, perception), engine)
            found.append(arm.answers(draws, seed))
            if progress:
                progress(k + 1, 2)
        return waterfall(found, [models[1].name or "the other"], _differences(*models))

    where = Readings.of_question(engines[0], models, seed, draws, "compare", engines[1].perception)
    return where.once(draws, _WHAT_IF, ask)


def _differences(one: Model, other: Model) -> list[str]:
    """What two models do not share, in words."""
    notes = []
    for section in ("outcomes", "claims", "quantities", "stages", "private"):
        a, b = getattr(one, section), getattr(other, section)
        for here, there, name in ((a, b, one.name), (b, a, other.name)):
            if only := [key for key in here if key not in there]:
                notes.append(f"{section} only in {name}: {', '.join(only)}")
    parts: dict[str, str] = {}
    for key in one.quantities:
        if key in other.quantities:
            x, y = one.quantities[key], other.quantities[key]
            if str(x.value) != str(y.value):
                parts[key] = f"{x.value} against {y.value}"
            elif {a: str(v) for a, v in x.seen_by.items()} != {a: str(v) for a, v in y.seen_by.items()}:
                parts[key] = "seen otherwise"
    if parts:
        notes.append("quantities that differ: " + "; ".join(f"{key} ({how})" for key, how in parts.items()))
    return notes
