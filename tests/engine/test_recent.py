"""A game that was solved a moment ago is not solved again, whoever is thought to play it."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np

from detente.draws.sampler import Draws
from detente.engine.engine import Engine
from detente.engine.progress import beginning
from detente.engine.solved import Solved
from detente.game.compile import compile_model
from detente.model.load import load
from tests.cases.editions import FIRST_KREMLIN

BLUEPRINT = compile_model(load(FIRST_KREMLIN))
DRAWS = BLUEPRINT.sampler.draw(4, 1)
TRUTH = replace(DRAWS, views={})


def solved(engine: Engine, draws: Draws) -> tuple[Solved, int]:
    """Solved draws, and how often a solver was set to work for them."""
    times = []
    token = beginning.set(lambda: times.append(1))
    try:
        (found,) = engine.solve(BLUEPRINT, draws)
    finally:
        beginning.reset(token)
    return found, len(times)


def test_the_same_game_is_solved_once_in_whoevers_eyes() -> None:
    engine = Engine("common", workers=1)
    assert [solved(engine, draws)[1] for draws in (DRAWS, DRAWS, TRUTH)] == [1, 0, 1]
    private = engine.seeing("private")  # what is true is solved, what some see is not
    found, times = solved(private, DRAWS)
    views = {id(game) for game, _ in found.batch.views}
    assert times == len(views) - 1
    alone, _ = solved(Engine("private", workers=1), DRAWS)
    assert (found.solution.behaviour == alone.solution.behaviour).all()
    assert (found.certificate.gain == alone.certificate.gain).all()


def test_another_number_is_another_game() -> None:
    engine = Engine(workers=1)
    before, _ = solved(engine, TRUTH)
    name = "sanctions"
    other, times = solved(engine, replace(TRUTH, truth={**TRUTH.truth, name: TRUTH.truth[name] * 1.01}))
    assert times == 1
    assert np.abs(other.solution.behaviour - before.solution.behaviour).max() > 0
    assert not pickle.loads(pickle.dumps(engine)).recent.found, "what was found does not travel with an engine"
