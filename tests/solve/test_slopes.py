"""Derivatives of a sweep, linear systems in them, and the sign of the determinant, against differences and NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit
from numpy.testing import assert_allclose

from detente.arrays import Floats
from detente.game.tree import Game
from detente.solve.quantal import arclength, krylov
from detente.solve.quantal.jacobian import jacobian, new_slopes
from detente.solve.quantal.layout import Layout, Numbers, fill, lay_out
from detente.solve.quantal.quantal import Quantal
from detente.solve.quantal.sweep import LANES, load, new_lanes, sweep
from tests.games import escalation, showdown

# mypy: disable-error-code="untyped-decorator"

GAMES = {"showdown": showdown(6, 1.0), "escalation": escalation(6, 1.0, 0, 4, (0,))}


def numbered(game: Game) -> tuple[Layout, Numbers]:
    layout = lay_out(game.tree)
    return layout, fill(layout, game, slice(0, game.n_draws))


def swept(layout: Layout, numbers: Numbers, t: Floats, y: Floats) -> Floats:
    lanes, found = new_lanes(layout.plan, numbers), np.empty_like(y)
    for w in range(LANES):
        load(lanes, w, numbers, 0)
    sweep(layout.plan, lanes, t, y, found)
    return found


def test_derivatives_are_those_of_the_sweep() -> None:
    for game in GAMES.values():
        layout, numbers = numbered(game)
        n = layout.n_unknowns
        y = np.random.default_rng(1).normal(0, 1, n)
        lanes, t = new_lanes(layout.plan, numbers), np.full(LANES, 3.0)
        for w in range(LANES):
            load(lanes, w, numbers, 0)
        sweep(layout.plan, lanes, t, np.repeat(y[:, None], LANES, axis=1), np.empty((n, LANES)))
        exact = jacobian(layout.plan, lanes, new_slopes(layout.plan), 3.0)
        for b in range(n):
            around = np.repeat(y[:, None], LANES, axis=1)
            around[b, 0] += 1e-5
            around[b, 1] -= 1e-5
            there = swept(layout, numbers, t, around)
            assert_allclose(exact[:, b], (there[:, 0] - there[:, 1]) / 2e-5, atol=1e-8)


@njit
def solve(plan: Any, lanes: Any, d: Any, space: Any, t: Any, border: Any, right: Any, within: Any, step: Any) -> None:
    """The compiled solver is called by compiled code only."""
    krylov.gmres(plan, lanes, d, space, t, border, right, within, step)


@pytest.mark.parametrize("name", GAMES)
def test_linear_systems_and_the_sign_of_their_determinant(name: str) -> None:
    layout, numbers = numbered(GAMES[name])
    plan, n = layout.plan, layout.n_unknowns
    rng = np.random.default_rng(2)
    signs = set()
    for _ in range(40):
        lanes, d, space = new_lanes(plan, numbers), new_slopes(plan), krylov.new_krylov(n)
        t, y = np.full(LANES, rng.uniform(1, 60)), np.repeat(rng.normal(0, 3, n)[:, None], LANES, axis=1)
        for w in range(LANES):
            load(lanes, w, numbers, 0)
        sweep(plan, lanes, t, y, np.empty((n, LANES)))
        state = arclength.new_trace(n)
        right, border = rng.normal(size=n + 1), np.zeros(n + 1)
        border[n] = 1.0
        c = state._replace(right=np.repeat(right[:, None], LANES, 1), border=np.repeat(border[:, None], LANES, 1))
        solve(plan, lanes, d, space, t, c.border, c.right, np.full(LANES, 1e-12), c.step)
        derivative = np.eye(n) - jacobian(plan, lanes, d, float(t[0]))
        sign, size = np.linalg.slogdet(derivative)
        matrix = np.vstack([np.hstack([derivative, np.zeros((n, 1))]), border])
        residual = matrix[:, :n] @ c.step[:n, 0] - np.append(right[:n], 0.0)
        by_t = residual[:n] / c.step[n, 0]  # what is left is the column of t, the same for all right-hand sides
        assert np.isfinite(by_t).all()
        if size > -10:
            assert space.sign[0] == sign
            signs.add(int(sign))
    assert signs >= {1}


def test_lanes_do_not_mix() -> None:
    game = escalation(40, 1.0, 3, 5, (0,))
    together = Quantal(trace=True).path(game, [1.0, 5.0, 20.0])
    alone = Quantal(trace=True).path(game.only(np.array([17])), [1.0, 5.0, 20.0])
    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one.behaviour[:, 17], other.behaviour[:, 0])
        assert one.folded[17] == other.folded[0]
