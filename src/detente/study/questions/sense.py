"""Conducting the questions about what is not known: what moves an answer, where an event is concentrated, what to
find out.

`sense`, `discover`, `learn` and `worth` read the draws of a solved Study; `design` solves points of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from detente.analyse.forecast.subject import Reading, event, reading
from detente.analyse.sensitivity import factors as grouping
from detente.analyse.sensitivity import variance as sensitivity
from detente.analyse.sensitivity.variance import Sensitivity
from detente.arrays import Floats
from detente.draws.sampler import Sampler
from detente.draws.sources import Sources
from detente.study.study import Study

if TYPE_CHECKING:
    pass

Progress = Callable[[int, int], None]


def answers(study: Study, asked: Reading) -> Floats:
    """[m, n] the answer to a question in each draw, from what is kept where it is kept."""
    if asked.text in study.model.outcomes:
        return study.outcome_draws(asked.text)[None]
    if asked.text in study.model.claims:
        values = study.claim_draws(asked.text)
        return np.where(np.isnan(values), np.nan, values != 0)[None]
    if asked.of_forecast is not None:
        return asked.of_forecast(np.array([study.outcome_draws(name) for name in study.model.outcomes]))
    return np.concatenate([asked(batch) for batch in study.batches()], axis=1)


def sense(study: Study, of: str = "outcome", *, where: str = "", by: str = grouping.QUANTITY) -> Sensitivity:
    """What share of the variance of an answer each quantity explains, from the draws of a Study; nothing is solved
    again.

    `of`: `outcome` (the whole forecast), the name of an outcome or claim, `likeliest is X`, or a question in the
    language of claims. `where`: a condition; only draws in which it holds count. `by`: `quantity`, `mechanism` or
    `source` (the paragraph cited first). First-order effects are read off the draws (Plischke, Borgonovo & Smith 2013,
    European Journal of Operational Research 226, 536-550). Raises QuestionError.
    """
    asked = reading(study.model, of)
    inside = answers(study, event(study.model, where))[0] if where else None
    sources = Sources(Sampler(study.model))
    factors = grouping.factors(sources, by)
    grouped = by != grouping.QUANTITY
    scores = sources.free(study.n, study.draws.seed)
    found = sensitivity.given(
        asked, answers(study, asked), study.assumptions, scores, factors, grouped=grouped, inside=inside, where=where
    )
    joined = grouping.note(factors)
    notes = (*found.notes, joined) if joined and not where else found.notes
    return replace(found, notes=notes, converged=float(study.converged.mean()))
