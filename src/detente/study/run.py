"""From a case to its answers: read this first.

    file -> Model -> Tree -> Game (numbers, n draws) -> Solution -> Finding -> Study

`run` walks this way once. It calls the rooms and computes nothing itself.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.analyse.forecast.claims import Question
from detente.engine.engine import Engine
from detente.errors import QuestionError
from detente.model.load import changed, load
from detente.model.schema import Model
from detente.solve.base import Solver
from detente.study.memo.parts import Part
from detente.study.memo.rerun import Again

if TYPE_CHECKING:
    from detente.engine.store.store import Store
from detente.study.study import Progress, Study

DRAWS = 2000


def run(
    case: str | Path | Model,
    draws: int = DRAWS,
    seed: int = 1,
    *,
    set: Mapping[str, Any] | None = None,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Study:
    """Solve a crisis for many draws of its quantities, and answer what it asks.

    `case`: a slug of the library, the path of a file, or a Model. `set`: quantities given other values, as in a file.
    `perception`: `common` or `private`, in place of what the model says. `method`: a solver
    or its name (`quantal`, `backward`, `limit`); if None, chosen by what the game is.
    `workers`: threads (0: one for each core); the numbers do not depend on it. `store`: where solved draws are kept and
    found again (`detente.engine.store.store.Store()`), with the same numbers. `progress` is called with (done, draws).

    Interrupted (Ctrl-C), it returns what is done, with `interrupted` set. Raises ModelError, QuestionError.
    """
    model = _model(case, set)
    engine = Engine(perception or model.perception, method, workers, store)
    started, parts, interrupted = time.monotonic(), [], False
    again = Again(model, engine, _positive(draws), seed)
    if known := again.parts():
        if progress:
            progress(draws, draws)
        return Study(model, engine, again.draws, known, draws, False, time.monotonic() - started, again)
    blueprint, sampled = again.blueprint, again.draws
    questions = {name: Question(blueprint, claim.holds.expression) for name, claim in model.claims.items()}
    try:
        for solved in engine.solve(blueprint, sampled):
            parts.append(Part.of(solved, questions))
            if progress:
                progress(sum(p.n for p in parts), draws)
    except KeyboardInterrupt:
        if not parts:
            raise
        interrupted = True
    done = sum(p.n for p in parts)
    if done == draws:
        again.keep(tuple(parts))
    sampled = sampled.part(0, done)
    return Study(model, engine, sampled, tuple(parts), draws, interrupted, time.monotonic() - started, again)


def _model(case: str | Path | Model, changes: Mapping[str, Any] | None) -> Model:
    model = case if isinstance(case, Model) else load(case)
    return changed(model, changes) if changes else model


def _positive(draws: int) -> int:
    if draws < 1:
        raise QuestionError(f"{draws} draws were asked for; at least one is needed")
    return draws
