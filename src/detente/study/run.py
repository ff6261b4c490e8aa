"""From a case to its answers: read this first.

    file -> Model -> Draws -> Tree -> Game (numbers, n draws) -> Solution -> Batch -> Finding -> Study

`run` walks this way once. It calls the rooms and computes nothing itself.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Unpack

from detente.analyse.evidence.outside import questions
from detente.analyse.forecast.claims import Question, beside
from detente.engine.store.compiled import keep_blueprint
from detente.errors import QuestionError
from detente.model.ask import read_question
from detente.study.asking import of_study
from detente.study.memo.parts import Part, claim_draws
from detente.study.memo.rerun import Again
from detente.study.memo.settled import settled
from detente.study.registry import question
from detente.study.settings import Case, How, Settings
from detente.study.study import Study

DRAWS = 2000
Asked = Case | Study
"""A case, or one that is solved already."""


@question("run", topic="forecast", draws=DRAWS, dossier=False)
def run(case: Case, **settings: Unpack[Settings]) -> Study:
    """Solve a crisis: how likely each outcome is, which claims hold, what the conclusion depends on.

    `case`: a slug of the library, the path of a file, or a Model. It is solved for many draws of its quantities, and
    the answers are read off them. The settings, by name: `draws`, `seed`, `set`, `perception`, `method`, `workers`,
    `store`, `executor` and `progress` (`detente.How` says what each is). No number depends on workers, store or
    executor.

    Interrupted (Ctrl-C), it returns what is done, with `interrupted` set. Raises ModelError, QuestionError.
    """
    ready = How.of(settings).ready(case, least=1)
    started, parts, interrupted = time.monotonic(), [], False
    again = Again(ready)
    if known := again.parts():
        if ready.progress:
            ready.progress(ready.draws, ready.draws)
        return Study(again, again.draws, known, False, time.monotonic() - started)
    blueprint, sampled = again.blueprint, again.draws
    held = {name: claim.holds for name, claim in ready.model.claims.items()}
    claims = {name: Question(blueprint, holds.expression, beside(holds)) for name, holds in held.items()}
    asked = {text: Question(blueprint, read_question(ready.model, text)) for text in questions(ready.model)}
    keep_blueprint(blueprint, ready.store)
    try:
        for part in ready.engine.read(blueprint, sampled, partial(Part.of, claims=claims, asked=asked)):
            parts.append(part)
            if ready.progress:
                ready.progress(sum(p.n for p in parts), ready.draws)
        if parts and ready.store is not None:  # what is kept is whole; else a Study settles it when asked
            again.settled = settled(ready, blueprint, claims, sampled, claim_draws(parts))
            again.keep(tuple(parts), again.settled)
    except KeyboardInterrupt:
        if not parts:
            raise
        interrupted = True
    done = sum(p.n for p in parts)
    return Study(again, sampled.part(0, done), tuple(parts), interrupted, time.monotonic() - started)


def study_of(case: Asked, settings: Settings) -> Study:
    """A case solved with some settings, or the Study that it is already. Raises ModelError, QuestionError."""
    if not isinstance(case, Study):
        study = run(case, **settings)
        of_study(study)
        return study
    told = ("set", "only", "without", "as_of", "perception", "method", "seed")
    if extra := sorted(key for key in told if settings.get(key) not in (None, ())):
        raise QuestionError(f"a Study is solved already; give {' and '.join(extra)} to the run that solves it")
    of_study(case)
    return case
