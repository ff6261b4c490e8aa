"""What to find out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detente.analyse.forecast.subject import YES_NO, reading
from detente.analyse.information import forecast_value as information
from detente.analyse.information.forecast_value import Learning
from detente.arrays import Floats
from detente.language.expressions import Apply, Ask, Number
from detente.study.study import Study

if TYPE_CHECKING:
    pass
from detente.study.questions.sense import answers


def learn(study: Study, of: str = "outcome") -> Learning:
    """Which quantity or private type, once known, would improve a forecast most, on average.

    `of`: `outcome` (the whole forecast), an outcome, `P(event)`, a claim or `likeliest is X`. Told as the expected fall
    of the Brier score and of the entropy in bits (Lindley 1956, Annals of Mathematical Statistics 27, 986-1005).
    Raises QuestionError.
    """
    asked = reading(study.model, of)
    information.forecastable(asked)
    types: dict[str, Floats] = {}
    if study.model.private and asked.kind != YES_NO:
        rows = None
        if isinstance(asked.expression, Ask):
            there = Apply(0, "!=", (asked.expression.arg, Number(0, 0.0)))
            rows = study.blueprint.event(there)
        pieces = [information.joint_with_types(batch, rows) for batch in study.batches()]
        types = {name: np.concatenate([piece[name] for piece in pieces], axis=-1) for name in pieces[0]}
    return information.learn(asked, answers(study, asked), study.assumptions, types)
