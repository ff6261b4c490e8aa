"""Neighbouring games solved one from the other: the answers are those of solving each from precision zero."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from detente.analyse.finding import Z90
from detente.draws.sources import Sources
from detente.engine.engine import Engine
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.game.tree import Game
from detente.model.load import load
from detente.solve.quantal.neighbours import follow
from detente.solve.quantal.quantal import Quantal
from tests.cases.editions import FIRST_EDITION, FIRST_KREMLIN

QUANTITY = "set_on_subjugation"
HARD = [53, 319, 438, 485, 626, 636, 831, 839, 850, 886]  # draws whose branch folds somewhere along the line
EASY = list(range(12))


@pytest.fixture(scope="module")
def blueprint() -> Blueprint:
    return compile_model(load(FIRST_EDITION))


def line(blueprint: Blueprint, points: int = 21) -> list[Game]:
    """The games of some draws along a quantity of the flagship."""
    low, high = Sources(blueprint.sampler).value(QUANTITY, np.array([-Z90, Z90]))
    games = []
    for value in np.linspace(low, high, points):
        game = blueprint.game(blueprint.sampler.draw(1000, 1, {QUANTITY: value}))
        games.append(game.only(np.array([*HARD, *EASY])))
    return games


def test_a_line_gives_what_each_point_gives(blueprint: Blueprint) -> None:
    games, solver = line(blueprint), Quantal()
    alone = [solver.solve(game) for game in games]
    found = list(follow(solver, [partial(lambda g: g, game) for game in games]))
    assert [game for game, _ in found] == games
    for one, (_, other) in zip(alone, found, strict=True):
        np.testing.assert_allclose(other.behaviour, one.behaviour, atol=1e-7)
        np.testing.assert_array_equal(other.reached, one.reached)
    near = alone[0]
    wrong, cost = 0.0, 0.0
    for game, one in zip(games[1:], alone[1:], strict=True):  # without looking where the branch folds
        near = solver.solve(game, near=near.behaviour)
        wrong = max(wrong, float(np.abs(near.behaviour - one.behaviour).max()))
        cost += near.evaluations[len(HARD) :].mean() / one.evaluations[len(HARD) :].mean() / 20
    assert wrong > 0.1  # that is what the looking is for
    assert cost < 0.4  # and this is what the neighbours are for


def test_a_neighbour_that_is_none_changes_nothing(blueprint: Blueprint) -> None:
    game, solver = line(blueprint, 2)[1], Quantal()
    alone = solver.solve(game)
    far = np.random.default_rng(1).random(alone.behaviour.shape)
    sets = blueprint.tree.action_infoset
    far /= np.add.reduceat(far, blueprint.tree.action_start[:-1], axis=0)[sets]
    np.testing.assert_allclose(solver.solve(game, near=far).behaviour, alone.behaviour, atol=1e-7)


@pytest.mark.parametrize("case", [FIRST_KREMLIN, "take-it-or-leave-it", "crisis-signalling"])
@pytest.mark.parametrize("perception", ["common", "private"])
def test_batches_and_threads_make_no_difference(case: str, perception: str, monkeypatch: pytest.MonkeyPatch) -> None:
    blueprint = compile_model(load(case))
    name = next(iter(blueprint.model.quantities))
    centre = float(blueprint.sampler.draw(1, 1).truth[name][0])
    points = [blueprint.sampler.draw(40, 1, {name: centre * f}) for f in (0.96, 0.98, 1.0, 1.0, 1.0)]
    whole = dict(Engine(perception, workers=2).solve_line(blueprint, points))
    monkeypatch.setattr("detente.engine.engine.LARGEST_BATCH", 25)
    parts: dict[int, list[np.ndarray]] = {}
    one = Engine(perception, workers=1)
    size = one.line_size(blueprint, 40)
    for start in range(0, 40, size):
        some = [draws.part(start, start + size) for draws in points]
        for k, solved in one.solve_line(blueprint, some):
            parts.setdefault(k, []).append(solved.batch.behaviour)
    assert len(parts[0]) > 1
    plain = Engine(perception)
    for k, draws in enumerate(points):
        np.testing.assert_array_equal(np.concatenate(parts[k], axis=1), whole[k].batch.behaviour)
        assert whole[k].certificate.residual.max() <= 1e-8
        alone = np.concatenate([solved.batch.behaviour for solved in plain.solve(blueprint, draws)], axis=1)
        np.testing.assert_allclose(whole[k].batch.behaviour, alone, atol=1e-7)
