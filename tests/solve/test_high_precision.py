"""Figures are kept to a precision of 1000, also where several sets above each other are mixed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from detente.arrays import Floats
from detente.game.files.efg import read_efg
from detente.game.tree import Game
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.quantal.branches import sides
from detente.solve.quantal.curves import Search
from detente.solve.quantal.layout import fill, lay_out
from detente.solve.quantal.quantal import Quantal
from detente.solve.quantal.systems import Beliefs, Logs
from detente.study.games import at_precision
from tests.games import chicken, random_game
from tests.textbook import GAMES, reputation

GAMBIT = json.loads((Path(__file__).parent / "high_precision.json").read_text())


def in_order(game: Game, behaviour: Floats) -> Floats:
    """[A] by player and number of the information set."""
    tree = game.tree
    order = sorted(range(tree.n_infosets), key=lambda h: (tree.infosets[h].player, tree.infosets[h].number))
    return np.concatenate([behaviour[tree.action_start[h] : tree.action_start[h + 1]] for h in order])


@pytest.mark.parametrize("name", GAMES)
def test_textbooks_at_high_precision(name: str) -> None:
    game = read_efg(GAMES[name])
    precisions = [1.0, 10.0, 50.0, 200.0, 500.0, 1000.0]
    for precision, solution in zip(precisions, Quantal().path(game, precisions), strict=True):
        assert solution.status[0] != Status.STOPPED
        assert certify(at_precision(game, precision), solution.behaviour).residual[0] < 1e-9
        if known := GAMBIT[name].get(f"{precision:g}"):
            np.testing.assert_allclose(in_order(game, solution.behaviour[:, 0]), known, atol=1e-5)


def test_gambit_is_compared_with() -> None:
    assert set(GAMBIT) == set(GAMES)
    assert sum(len(points) for points in GAMBIT.values()) >= 20
    assert sum("1000" in points for points in GAMBIT.values()) >= 5


@pytest.mark.parametrize("seed", range(24))
def test_random_games_at_high_precision(seed: int) -> None:
    game = random_game(seed, masked=seed % 2 == 0, views=seed % 3 == 0, draws=2)
    for precision in (200.0, 1000.0):
        sharp = at_precision(game, precision)
        solution = Quantal().solve(sharp)
        assert certify(sharp, solution.behaviour).residual[solution.status != Status.STOPPED].max(initial=0.0) < 1e-9
        assert (solution.status != Status.STOPPED).all()


@pytest.mark.parametrize("seed", range(6))
def test_derivatives_of_equations_in_logarithms(seed: int) -> None:
    """Against differences, with moves that cannot be made, events that cannot happen, and views of chance."""
    game = at_precision(random_game(seed, masked=seed % 2 == 0, views=True, impossible=seed % 3 == 0), 1.0)
    system = Logs(game.tree, fill(lay_out(game.tree), game, slice(0, game.n_draws)), 1)
    rng = np.random.default_rng(seed)
    x = np.append(np.where(system.open, system.start + 0.3 * rng.standard_normal(system.n), system.start), 3.0)
    by = system.derivative(x)[1]
    free = np.append(system.open, True)
    for i in np.flatnonzero(free):
        step = 1e-6 * np.eye(system.n + 1)[i]
        change = (system.derivative(x + step)[0] - system.derivative(x - step)[0]) / 2e-6
        np.testing.assert_allclose(by[:, i], change, atol=1e-6)


def test_both_ways_of_writing_the_equations_have_the_same_branch() -> None:
    game = at_precision(read_efg(reputation(2)), 1.0)
    systems = (Beliefs(game), Logs(game.tree, fill(lay_out(game.tree), game, slice(0, 1)), 0))
    points = []
    for system in systems:
        search = Search(system, 30 * system.scale, game.tree.n_nodes)
        curve = search.branch()
        points.append([system.behaviour(search.crossings(curve, p * system.scale)[0].x) for p in (1.0, 5.0, 20.0)])
    np.testing.assert_allclose(points[0], points[1], atol=1e-7)


def test_nothing_at_high_precision_depends_on_company_or_workers() -> None:
    one, other = (read_efg(reputation(3, *prior)) for prior in (("1/10", "9/10"), ("1/20", "19/20")))
    both = Game(
        one.tree,
        np.concatenate([one.payoffs, other.payoffs], axis=2),
        np.concatenate([one.chance, other.chance], axis=1),
        np.full((4, 2), 1000.0),
    )
    together = [Quantal().solve(both, workers).behaviour for workers in (1, 2)]
    alone = [Quantal().solve(at_precision(game, 1000.0)).behaviour[:, 0] for game in (one, other)]
    assert (together[0] == together[1]).all()
    assert (together[0] == np.array(alone).T).all()


@pytest.mark.parametrize(
    ("game", "prongs"),
    [(chicken(2, [1.0]), 2), (chicken(3, [1.0]), 6), (read_efg(GAMES["reputation, 4 targets"]), 0)],
    ids=["chicken", "chicken of 3", "reputation"],
)
def test_other_points_at_high_precision(game: Game, prongs: int) -> None:
    """The prongs of symmetric games, and nothing beside a branch that neither folds nor forks."""
    (beside,) = sides(game, [1000.0], Quantal().path(game, [1000.0]))
    assert [side.kind for side in beside.found] == ["prong"] * prongs
    assert not beside.note
