"""What a solved model forecasts as known on its as-of date: its draws, weighed by the evidence of that day.

Nothing is solved for it. Where too few draws are left effective no number is told: then they have to be renewed, which
`update` and `run --as-of` do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from detente.analyse.evidence.cloud import Cloud
from detente.analyse.evidence.known import Known, Record
from detente.analyse.evidence.pareto import effective, too_few
from detente.analyse.evidence.updating import Band
from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.outcomes import outcome_probabilities
from detente.arrays import Floats
from detente.display import Displayed
from detente.engine.batch import Batch
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.model.ask import read_question
from detente.model.schema import Model


@dataclass(frozen=True)
class Then(Displayed):
    """The forecast as known on the as-of date, off the draws that were solved before any evidence, weighed.

    `items`: how many items of evidence by that day bear on the model. `ess`: how many draws are effective; where they
    are not `enough` the numbers are not to be trusted. `answer` is null where the case has none.
    """

    date: dt.date
    items: int
    answer: Band | None
    groups: Mapping[str, Band]
    outcomes: Mapping[str, Band]
    ess: float
    enough: bool


def known_then(model: Model) -> Known | None:
    """What was known on the as-of date; None where that is nothing, so that the forecast is that before evidence."""
    if model.as_of is None:
        return None
    known = Known.on(Record(model), model.as_of)
    return known if known.items or known.step else None


def then(blueprint: Blueprint, known: Known, batches: Iterable[Batch]) -> Then:
    """The forecast given what was known. A model that cannot have come to it has no draws left effective."""
    model = blueprint.model
    assert model.as_of is not None
    asked = Question(blueprint, read_question(model, model.answer.asks.text)) if model.answer else None
    logs: list[Floats] = []
    answers: list[Floats] = []
    rows: list[Mapping[str, Floats]] = []
    try:
        for batch in batches:
            cloud = Cloud([batch])
            logs.append(cloud.log(known))
            (given,) = cloud.knowing(known)
            answers += [asked(given)] if asked else []
            rows.append(outcome_probabilities(given))
    except QuestionError:  # a likelihood that is none: `update` says where
        return Then(model.as_of, len(known.items), None, {}, {}, 0.0, False)
    log = np.concatenate(logs)
    most = log.max()
    weights = np.zeros(len(log)) if np.isneginf(most) else np.exp(log - most)
    outcomes = {name: np.concatenate([row[name] for row in rows]) for name in model.outcomes}
    groups = {name: np.sum([outcomes[o] for o in members], axis=0) for name, members in model.groups.items() if members}
    return Then(
        model.as_of, len(known.items), Band.of(np.concatenate(answers), weights) if asked else None,
        {name: Band.of(values, weights) for name, values in groups.items()},
        {name: Band.of(values, weights) for name, values in outcomes.items()},
        effective(weights), bool(weights.any()) and not too_few(weights),
    )  # fmt: skip
