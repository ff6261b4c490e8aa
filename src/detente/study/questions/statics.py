"""Comparative statics: raise this, and that rises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Unpack

import numpy as np

from detente.analyse.counterfactual.statics import Arm, StaticResult, arms, conclude
from detente.analyse.forecast.claims import Question
from detente.arrays import Floats
from detente.engine.executors.local import Piece
from detente.engine.solved import Solved
from detente.engine.store.compiled import blueprint_of
from detente.errors import QuestionError
from detente.language.expressions import Number
from detente.model.schema import Model
from detente.study.memo.findings import once
from detente.study.names import known
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Ready, Settings

if TYPE_CHECKING:
    from detente.study.dossier import Dossier


def _carried(found: Dossier) -> list[dict[str, Any]]:
    """All, where the model carries some."""
    if not found.study.model.statics:
        raise QuestionError("this model carries no comparative statics")
    return [{}]


@question("statics", topic="counterfactual", draws=500, counts="statics", dossier=_carried)
def statics(
    case: Case,
    names: Annotated[Sequence[str], Option("Only these statics. [default: all]", flag="name", names="statics")] = (),
    **settings: Unpack[Settings],
) -> list[StaticResult]:
    """Test the comparative statics of a model: raise this, and that rises. Exit code 1 unless all hold.

    Each with the same draws before and after. The settings are those of `run`. Raises ModelError, QuestionError.
    """
    ready = How.of(settings).ready(case, least=1)
    return once(ready, list[StaticResult], lambda: _tried(ready, names), "statics", tuple(names))


def _tried(ready: Ready, names: Sequence[str]) -> list[StaticResult]:
    """What came of some statics."""
    model, draws, seed = ready.model, ready.draws, ready.seed
    blueprint = blueprint_of(model, ready.store)
    base = blueprint.sampler.draw(draws, seed)
    wanted = [name for name in known("static", names, model.statics) if can_be_tried(model, name)]
    if names and not wanted:
        raise QuestionError("these statics move quantities that are known exactly; give those a range, or from and to")
    sides = {name: arms(model.statics[name], base) for name in wanted}
    questions = {name: Question(blueprint, model.statics[name].then.what.expression) for name in wanted}
    each: list[Arm] = []  # what several statics try is solved once
    for arm in (arm for pair in sides.values() for arm in pair):
        if arm not in each:
            each.append(arm)

    def batches() -> Iterator[Piece[_Read]]:
        for k, arm in enumerate(each):
            asked = {(name, k): questions[name] for name in wanted if arm in sides[name]}
            drawn = blueprint.sampler.draw(draws, seed, arm.fixed)
            for _, _, piece in ready.engine.batches(blueprint, drawn, partial(_asked, asked), arm.forced):
                yield piece

    parts: dict[tuple[str, int], list[Floats]] = {}
    solved = 0
    for read in ready.engine.run(batches()):
        for key, answers in read.items():
            parts.setdefault(key, []).append(answers)
        solved += len(next(iter(read.values())))
        if ready.progress and solved % draws == 0:
            ready.progress(solved // draws, len(each))
    values = {key: np.concatenate(some) for key, some in parts.items()}
    found = []
    for name in wanted:
        before, after = (values[name, each.index(side)] for side in sides[name])
        found.append(conclude(model, name, before, after, sides[name]))
    return found


_Read = dict[tuple[str, int], Floats]
"""What is read off a batch: the answer of each static by its name and the number of the arm."""


def _asked(questions: Mapping[tuple[str, int], Question], solved: Solved) -> _Read:
    return {key: question(solved.batch) for key, question in questions.items()}


def can_be_tried(model: Model, name: str) -> bool:
    """Whether a static moves quantities that can be moved: a variant may have fixed one of them, and a structure that
    is not there may have taken one along."""
    static = model.statics[name]
    moved = (*static.raise_, *static.lower)
    if any(q not in model.quantities for q in moved):
        return False
    fixed = [isinstance(model.quantities[q].value.expression, Number) for q in moved]
    return static.from_ is not None or not any(fixed)
