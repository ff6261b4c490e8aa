"""Derivatives of a sweep and the sign of their determinant, against differences and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from detente.game.tree import Game
from detente.solve.quantal.kernels import crossed, jacobian, sweeps
from detente.solve.quantal.layout import Numbers, Plan, fill, lay_out
from detente.solve.quantal.quantal import Quantal
from tests.games import chicken, escalation, showdown

GAMES = {
    "showdown": showdown(6, 1.0),
    "escalation": escalation(6, 1.0, 0, 4, (0,)),
    "chicken": chicken(3, [1.0, 2.0], ahead=0.1),
}


def numbered(game: Game) -> tuple[Plan, Numbers]:
    layout = lay_out(game.tree)
    return layout.plan, fill(layout, game, slice(0, game.n_draws))


@pytest.mark.parametrize("name", GAMES)
def test_derivatives_are_those_of_the_sweep(name: str) -> None:
    plan, numbers = numbered(GAMES[name])
    n = len(plan.plus)
    y = np.random.default_rng(1).normal(0, 1, n)
    around = np.repeat(y[:, None], 2 * n, axis=1) + 1e-5 * np.hstack([np.eye(n), -np.eye(n)])
    _, there = sweeps(plan, numbers, np.zeros(2 * n, np.int64), np.full(2 * n, 3.0), around)
    assert_allclose(jacobian(plan, numbers, 0, 3.0, y, 3.0), (there[:, :n] - there[:, n:]) / 2e-5, atol=1e-8)


def test_the_sign_of_the_determinant_is_told_without_a_matrix() -> None:
    rng, signs = np.random.default_rng(2), set()
    for game in GAMES.values():
        plan, numbers = numbered(game)
        n, draws, n_points = len(plan.plus), np.arange(game.n_draws), 40
        t, y = rng.uniform(1, 60, (n_points, len(draws))), rng.normal(0, 3, (n_points, n, len(draws)))
        each = [crossed(plan, numbers, draws, t[k : k + 1], y[k : k + 1]) for k in range(n_points)]
        for k, j in np.ndindex(t.shape):
            sign, size = np.linalg.slogdet(np.eye(n) - jacobian(plan, numbers, j, t[k, j], y[k, :, j], t[k, j]))
            if size > -10:
                assert each[k][j] == (sign < 0)
                signs.add(int(sign))
        np.testing.assert_array_equal(crossed(plan, numbers, draws, t, y), np.any(each, axis=0))
    assert signs == {-1, 1}


def test_lanes_do_not_mix() -> None:
    game = escalation(40, 1.0, 3, 5, (0,))
    together = Quantal(trace=True).path(game, [1.0, 5.0, 20.0])
    alone = Quantal(trace=True).path(game.only(np.array([17])), [1.0, 5.0, 20.0])
    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one.behaviour[:, 17], other.behaviour[:, 0])
        assert one.folded[17] == other.folded[0]
