"""Scores: how others' forecasts did, and how this model's probability of the same did."""

from __future__ import annotations

from typing import Unpack

from detente.analyse.evidence.score import Score, scores
from detente.errors import QuestionError
from detente.study.registry import question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import Settings


@question("score", topic="evidence", draws=DRAWS, of_study=True, dossier=False)
def score(case: Asked, **settings: Unpack[Settings]) -> list[Score]:
    """Score the forecasts of others beside this model's probability of the same events.

    In the order of their dates; Brier and log scores where what came to pass is known. Raises ModelError, and
    QuestionError where the model lists no forecasts.
    """
    study = study_of(case, settings)
    if not study.model.forecasts:
        raise QuestionError("this model lists no forecasts of others; write them under `forecasts:`")
    return scores(study.model, study.ask)
