"""What changes do, in paired draws."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from detente.analyse.counterfactual.whatif import Difference, Step, WhatIf, waterfall
from detente.analyse.finding import Finding
from detente.draws.variants import Change, Variant
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
from detente.study.settings import _enough

WHATIF_DRAWS = 1000
_WHAT_IF = (WhatIf, Step, Difference, Finding)  # what the findings are made of


def what_if(
    case: str | Path | Model,
    changes: Sequence[Change | str],
    *,
    draws: int = WHATIF_DRAWS,
    seed: int = 1,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """What some changes, made one after another in this order, do to the outcomes and claims, in paired draws.

    `changes`: as the command line writes its options (`set hazard=0.02`, `shift cost=+0.1`, `force posture=invade`,
    `forbid answer=accept`, `delay posture=invade:2`, `reveal A.type`, `hide A.type`, `perception private`,
    `drop mechanism`), or `Change` values. `whole` is the effect of all of them, `steps` what each
    adds to those before it. Raises ModelError, QuestionError.
    """
    if not changes:
        raise QuestionError("nothing is changed; write for example --set hazard=0.02 or --forbid posture=invade")
    _enough(draws)
    model = case if isinstance(case, Model) else load(case)
    wanted = [Change.of(change) for change in changes]
    plain = Variant.of(model, perception)
    engine = Engine(plain.perception, method, workers, store)

    def ask() -> WhatIf:
        arm = _Arm.plain(compile_model(model), plain, engine)
        answers = [arm.answers(draws, seed)]
        notes: list[str] = []
        for k, change in enumerate(wanted):
            arm = arm.changed(change)
            answers.append(arm.answers(draws, seed))
            notes += arm.notes
            if progress:
                progress(k + 1, len(changes))
        return waterfall(answers, [str(change) for change in wanted], notes)

    where = Readings.of_question(engine, [model], seed, draws, "what if", tuple(wanted))
    return where.once(draws, _WHAT_IF, ask)
