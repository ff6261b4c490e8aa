"""Symmetric games: the principal branch goes straight through its forks, and says so; nearly symmetric ones bend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from detente.arrays import Floats
from detente.game.tree import Game
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from tests.games import alike, chicken, showdown, swerving, take

PRECISIONS = [0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0]
both = pytest.mark.parametrize("trace", [False, True], ids=["climbed", "traced"])


@both
@pytest.mark.parametrize("players", [2, 3, 4, 5])
def test_interchangeable_players_do_alike(players: int, trace: bool) -> None:
    precisions = PRECISIONS if players < 5 else PRECISIONS[:9]  # beyond, five take more than the budget
    game = chicken(players, precisions)
    solution = Quantal(trace=trace).solve(game)
    expected = [alike(players, precision) for precision in precisions]
    assert (solution.status != Status.STOPPED).all()
    np.testing.assert_allclose(swerving(solution.behaviour), np.tile(expected, (players, 1)), atol=1e-8)
    assert certify(game, solution.behaviour).converged().all()
    assert not solution.folded.any()
    for j in range(len(precisions)):
        alone = Quantal(trace=trace).solve(take(game, [j]))
        assert np.array_equal(alone.behaviour[:, 0], solution.behaviour[:, j])
        assert alone.forked[0] == solution.forked[j]


@both
@pytest.mark.parametrize("players", [2, 3, 4])
def test_it_is_told_where_the_branch_has_forked(players: int, trace: bool) -> None:
    """The symmetric point is a fork where the answer of one to another has the slope -1."""

    def slope(precision: float) -> float:
        p = alike(players, precision)
        # nobody else stays: p ** (players - 1); staying is worth 1 and swerving 0 then, else -5 and -1
        return precision * p * (1 - p) * 5 * p ** (players - 2)

    precisions = [p for p in [0.3, 0.5, *PRECISIONS] if abs(slope(p) - 1) > 1e-2]
    solution = Quantal(trace=trace).solve(chicken(players, precisions))
    assert solution.forked.tolist() == [slope(p) > 1 for p in precisions]
    assert solution.forked.any()
    assert not solution.forked.all()


@both
def test_points_on_a_path_go_through_the_fork(trace: bool) -> None:
    found = Quantal(trace=trace).path(chicken(2, [1.0]), [0.0, 0.3, *PRECISIONS])
    expected = [alike(2, precision) for precision in [0.0, 0.3, *PRECISIONS]]
    np.testing.assert_allclose([swerving(s.behaviour)[:, 0] for s in found], np.array([expected] * 2).T, atol=1e-9)


def fine_reference(game: Game) -> Floats:
    """Both probabilities of swerving in a game of two, by arclength in (log-odds of the first, precision) with short
    steps and bisection across the branch: nothing in common with the solver but the definition."""
    pay = game.payoffs[:, :, 0].reshape(2, 2, 2)  # slots come in the order (0, 0), (0, 1), (1, 0), (1, 1)

    def second(x: float, t: float) -> float:
        p = expit(x)
        return float(t * (p * (pay[0, 0, 1] - pay[0, 1, 1]) + (1 - p) * (pay[1, 0, 1] - pay[1, 1, 1])))

    def excess(x: float, t: float) -> float:
        q = expit(second(x, t))
        return float(t * (q * (pay[0, 0, 0] - pay[1, 0, 0]) + (1 - q) * (pay[0, 1, 0] - pay[1, 1, 0])) - x)

    target, step = float(game.precision[0, 0]), 5e-3
    start = np.array([excess(0.0, 1e-6) / 1e-6, 1.0])
    here, way = np.zeros(2), start / np.hypot(*start)
    while here[1] < target:
        guess, across = here + step * way, np.array([-way[1], way[0]])
        reach = step / 2
        shift = brentq(lambda s: excess(*(guess + s * across)), -reach, reach, xtol=1e-14)  # noqa: B023
        there = guess + shift * across
        way, here = (there - here) / np.hypot(*(there - here)), there
    x = brentq(lambda x: excess(x, target), here[0] - 0.1, here[0] + 0.1, xtol=1e-14)
    return np.asarray(expit(np.array([x, second(x, target)])))


@both
@pytest.mark.parametrize("ahead", [1e-2, 1e-3, -1e-3])
@pytest.mark.parametrize("precision", [1.5, 5.0])
def test_a_slight_advantage_bends_the_branch(ahead: float, precision: float, trace: bool) -> None:
    game = chicken(2, [precision], ahead)
    solution = Quantal(trace=trace).solve(game)
    np.testing.assert_allclose(swerving(solution.behaviour)[:, 0], fine_reference(game), atol=1e-7)
    assert not solution.forked.any()


@both
@pytest.mark.parametrize("ahead", [1e-4, 1e-5, 1e-6])
def test_the_slightest_advantage_decides(ahead: float, trace: bool) -> None:
    for sign in (1, -1):
        solution = Quantal(trace=trace).solve(chicken(2, [10.0], sign * ahead))
        winner = [0.0, 1.0] if sign > 0 else [1.0, 0.0]
        np.testing.assert_allclose(swerving(solution.behaviour)[:, 0], winner, atol=1e-4)
        assert not solution.forked.any()


def test_the_limit_of_a_symmetric_game_is_symmetric() -> None:
    solution = Limit().solve(replace(chicken(2, [1.0]), precision=np.full((2, 1), np.inf)))
    np.testing.assert_allclose(swerving(solution.behaviour)[:, 0], 0.8, atol=1e-2)  # indifferent: 1 in 5 stays


@both
def test_games_without_symmetry_do_not_fork(trace: bool) -> None:
    assert not Quantal(trace=trace).solve(showdown(100, 20.0)).forked.any()
