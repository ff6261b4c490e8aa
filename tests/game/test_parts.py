"""Some draws of a game and of a batch; one rule for what counts as converged."""

from __future__ import annotations

import numpy as np
import pytest

import detente
from detente.engine.engine import Engine
from detente.engine.solved import converged
from detente.game.compile import compile_model
from detente.solve.base import GAIN, TOLERANCE, Certificate, Status
from detente.study.memo.parts import Part
from tests.cases.editions import FIRST_KREMLIN
from tests.games import random_game


@pytest.mark.parametrize("masked", [False, True])
def test_a_part_of_a_game_has_all_its_numbers(masked: bool) -> None:
    game = random_game(3)
    if masked:
        there = np.ones((game.tree.n_actions, game.n_draws), np.bool_)
        game = type(game)(game.tree, game.payoffs, game.chance, game.precision, there)
    some = game.part(1, game.n_draws)
    assert some.n_draws == game.n_draws - 1
    assert some.tree is game.tree
    for name in ("payoffs", "chance", "precision", *(["available"] if masked else [])):
        np.testing.assert_array_equal(getattr(some, name), getattr(game, name)[..., 1:])
    assert (some.available is None) != masked


@pytest.mark.parametrize("perception", ["common", "private"])
def test_a_part_of_a_batch_is_what_its_draws_alone_would_be(perception: str) -> None:
    blueprint = compile_model(detente.load(FIRST_KREMLIN))
    draws = blueprint.sampler.draw(20, 1)
    whole = next(Engine(perception).solve(blueprint, draws)).batch
    some, alone = whole.part(4, 20), next(Engine(perception).solve(blueprint, draws.part(4, 20))).batch
    assert some.n == 16
    assert len({id(game) for game, _ in some.views}) == len({id(game) for game, _ in whole.views})
    np.testing.assert_array_equal(some.behaviour, alone.behaviour)
    np.testing.assert_array_equal(some.endings, alone.endings)
    for (game, believed), (other, expected) in zip(some.views, alone.views, strict=True):
        np.testing.assert_array_equal(game.payoffs, other.payoffs)
        np.testing.assert_array_equal(believed, expected)


def test_converged_is_one_rule() -> None:
    residual, gain = np.array([0.0, 1.0, TOLERANCE]), np.array([[0.0, GAIN, 1.0]])
    certificate, stopped = Certificate(residual, gain, gain), np.array([Status.STOPPED, 0, 0], np.int8)
    assert certificate.converged().tolist() == [True, False, True]
    assert certificate.converged(stopped).tolist() == [False, False, True]
    assert certificate.converged(unlimited=True).tolist() == [True, True, False]
    blueprint = compile_model(detente.load("crisis-signalling"))
    for method in (None, "limit"):
        solved = next(Engine(method=method).solve(blueprint, blueprint.sampler.draw(8, 1)))
        expected = solved.certificate.converged(solved.solution.status, method == "limit")
        assert converged(solved).tolist() == Part.of(solved, {}, {}).converged.tolist() == expected.tolist()
        study = detente.run("crisis-signalling", draws=8, method=method)
        assert study.converged.tolist() == expected.tolist()
