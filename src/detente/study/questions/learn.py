"""Value of information for a forecast: which unknown, once known, would improve it most."""

from __future__ import annotations

from typing import Annotated, Unpack

import numpy as np

from detente.analyse.forecast.subject import YES_NO, reading
from detente.analyse.information import forecast_value
from detente.analyse.information.forecast_value import Learning
from detente.arrays import Floats
from detente.draws.sources import SEEN_BY
from detente.engine.batch import Batch
from detente.language.expressions import Apply, Ask, Forced, Number
from detente.model.blocks import names_of
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import Settings
from detente.study.study import Study

OF = Option(
    "What is forecast: outcome, answer, the name of an outcome or claim, or 'P(event)'.",
    metavar="QUESTION",
    names="answers",
    argument=False,
)


@question("learn", topic="information", draws=DRAWS, of_study=True, alias="voi")
def learn(case: Asked, of: Annotated[str, OF] = "outcome", **settings: Unpack[Settings]) -> Learning:
    """Find the value of information: which unknown, once known, would improve the forecast most.

    `of`: `outcome` (the whole forecast), `answer`, an outcome, `P(event)`, a claim or `likeliest is X`. Told as the
    expected fall of the Brier score and of the entropy in bits, on average over what may be found (Lindley 1956, Annals
    of Mathematical Statistics 27, 986-1005). Raises ModelError, QuestionError.
    """
    study = study_of(case, settings)
    asked = reading(study.model, of)
    forecast_value.forecastable(asked)
    types: dict[str, Floats] = {}
    if study.model.private and asked.kind != YES_NO:
        rows, do = None, Forced()
        if isinstance(asked.expression, Ask):
            there = Apply(0, "!=", (asked.expression.arg, Number(0, 0.0)))
            rows, do = study.blueprint.event(there), asked.expression.forced
        batches = (batch.under(do).batch if do else batch for batch in study.batches())
        pieces = [forecast_value.joint_with_types(batch, _left(batch, rows)) for batch in batches]
        types = {name: np.concatenate([piece[name] for piece in pieces], axis=-1) for name in pieces[0]}
    return forecast_value.learn(
        asked, study.reading(asked), study.assumptions, types, (), precisions(study), names_of(study.model)
    )


def _left(batch: Batch, rows: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """Rows for all histories, for those that what is forced has left."""
    left = batch.blueprint.left
    return rows if rows is None or left is None else left.of(rows)


def precisions(study: Study) -> list[str]:
    """The assumptions that are precisions of the solver, or somebody's view of one."""
    return [name for name in study.assumptions if study.model.quantities[name.partition(SEEN_BY)[0]].role]
