"""Conducting local sensitivity: derivatives at the median draw and in the draws of a solved Study."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Annotated, Unpack

import numpy as np

from detente.analyse.sensitivity.gradients import Gradients
from detente.analyse.sensitivity.gradients import gradients as pulled_back
from detente.analyse.sensitivity.local import Local, subjects
from detente.analyse.sensitivity.local import local as gathered
from detente.draws.derivatives import Chain
from detente.draws.sources import FEW, Sources
from detente.engine.solved import computable
from detente.errors import QuestionError
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import How, Settings

OF = Option(
    "outcome (each of them), answer, claims (the margin of each), the name of one, or a question such as "
    "'P(posture is invade)'.", metavar="QUESTION", names="slopes", argument=False,
)  # fmt: skip


@question("gradients", topic="sensitivity", draws=DRAWS, of_study=True)
def gradients(
    case: Asked,
    of: Annotated[str, OF] = "outcome",
    *,
    most: Annotated[int | None, Option("Use at most this many draws, the first ones. [default: all]", low=1)] = None,
    **settings: Unpack[Settings],
) -> Local:
    """Find exact derivatives: how a small change in each assumption changes an answer.

    By how much answers change with each quantity and perception, moved a little: at the median draw, and on average
    over the draws (the first `most` of them), batch by batch. Only the median draw is solved. `of`: `outcome` (each of
    them), `answer`, `claims` (the margin of each), the name of one, or a question. Raises ModelError, QuestionError.
    """
    study, progress = study_of(case, settings), How.of(settings).progress
    if study.unlimited:
        raise QuestionError(
            f"derivatives need a finite precision, and {study.method} has none: behaviour jumps from move to move"
        )
    blueprint, n = study.blueprint, study.n if most is None else min(most, study.n)
    if not study.assumptions:
        raise QuestionError("this model has no quantities, so there is no assumption that could be moved")
    asked = subjects(blueprint, of)
    questions = [subject.question for subject in asked]
    workers = study.engine.workers or os.cpu_count() or 1
    sources = Sources(blueprint.sampler)
    middle = Chain.at(sources, np.zeros((len(sources.names), 1)))
    if not computable(blueprint, study.engine.perception, middle.draws).all():
        raise QuestionError(
            "derivatives are taken at the median draw, and with every quantity at its median the model is not a number "
            "(a division by zero, say)"
        )
    solved = study.engine.solve_batch(blueprint, middle.draws, {})
    centre = pulled_back(questions, solved.batch, middle, workers)
    chain = Chain.of(blueprint.sampler, study.n, study.draws.seed)
    found: list[Gradients] = []
    start = 0
    for batch in study.batches():
        if start >= n:
            break
        stop = min(start + batch.n, n)
        slopes = pulled_back(questions, batch.part(0, stop - start), chain.part(start, stop), workers)
        found.append(replace(slopes, slopes=replace(slopes.slopes, scores=np.empty((0, 0, 0)))))  # nobody asks for them
        start = stop
        if progress:
            progress(stop, n)
    medians = {name: Sources.read(middle.draws, name) for name in study.assumptions}
    lost = ~study.converged[:n] | study.forked[:n]
    assumed = {name: x[:n] for name, x in study.assumptions.items()}
    stepwise = tuple(name for name, x in assumed.items() if len(np.unique(x)) <= FEW and sources.support(name))
    return gathered(blueprint, of, asked, centre, medians, found, assumed, lost, stepwise)
