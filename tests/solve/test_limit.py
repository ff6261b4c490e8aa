"""The limit of the branch: equilibria to machine precision, whatever the company; what is not found is not claimed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detente.game.files.efg import read_efg
from detente.game.tree import Game
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.quantal.limit import Limit
from detente.solve.sequence_form.newton import polish
from tests.games import HORSE, kuhn, random_game, showdown, simultaneous, take, whoever_first
from tests.strategies import flags, seeds

few = settings(max_examples=25, deadline=None)


def settled_and_gain(game: Game) -> tuple[np.ndarray, np.ndarray]:
    solution = Limit().solve(game)
    return solution.status != Status.STOPPED, certify(game, solution.behaviour).gain.max(axis=0)


@few
@given(seeds, flags, flags)
def test_what_is_settled_leaves_nothing_to_gain(seed: int, masked: bool, views: bool) -> None:
    game = random_game(seed, masked=masked, views=views, draws=5)
    assume(not game.tree.perfect_information)
    settled, gain = settled_and_gain(game)
    assert gain[settled].max(initial=0.0) <= 1e-9
    solution = Limit().solve(game)
    if game.available is not None:
        assert not solution.behaviour[~game.available].any()
    np.testing.assert_allclose(
        np.add.reduceat(solution.behaviour, game.tree.action_start[:-1], axis=0), 1.0, atol=1e-12
    )


@pytest.mark.parametrize(
    ("game", "share"),
    [
        (showdown(400, 1.0), 1.0),
        (whoever_first(2, draws=60), 0.98),
        (random_game(9, players=3, stages=4, draws=60), 0.9),
    ],
    ids=["showdown", "no order in time", "wholly random"],
)
def test_nearly_every_draw_settles(game: Game, share: float) -> None:
    settled, gain = settled_and_gain(game)
    assert settled.mean() >= share
    assert gain[settled].max() <= 1e-9


def test_known_mixtures_are_met_to_the_last_digit() -> None:
    pennies = simultaneous([[(2.0, -2.0), (-1.0, 1.0)], [(-1.0, 1.0), (1.0, -1.0)]], (np.inf, np.inf))
    np.testing.assert_allclose(Limit().solve(pennies).behaviour[:, 0], [0.4, 0.6, 0.4, 0.6], atol=1e-14)
    poker = kuhn()
    solution = Limit().solve(poker)
    certificate = certify(poker, solution.behaviour)
    assert certificate.gain.max() <= 1e-15
    np.testing.assert_allclose(certificate.value[:, 0], [-1 / 18, 1 / 18], atol=1e-15)
    horse = Limit().solve(read_efg(HORSE))
    np.testing.assert_allclose(horse.behaviour[:, 0], [1, 0, 1, 0, 0, 1], atol=1e-11)


def test_unlike_spreads_of_payoffs_need_a_longer_ladder() -> None:
    """What is a high precision for the second player is hardly any for the first."""
    uneven = simultaneous([[(1.0, 999.0), (0.0, 1000.0)], [(0.95, 1000.0), (0.5, 0.0)]], (np.inf, np.inf))
    solution = Limit().solve(uneven)
    assert solution.status[0] != Status.STOPPED
    assert solution.reached[0] == 1.0
    assert certify(uneven, solution.behaviour).gain.max() <= 1e-9


@few
@given(seeds)
def test_a_draw_does_not_notice_its_company(seed: int) -> None:
    game = random_game(seed, players=2, draws=17)
    together = Limit().solve(game)
    assert np.array_equal(Limit().solve(game, workers=2).behaviour, together.behaviour)
    for j in (0, 8, 16):
        alone = Limit().solve(take(game, [j]))
        assert np.array_equal(alone.behaviour[:, 0], together.behaviour[:, j])
        assert alone.status[0] == together.status[j]


@few
@given(seeds, st.floats(0.1, 30), st.floats(-20, 20))
def test_the_unit_of_payoffs_does_not_matter(seed: int, factor: float, shift: float) -> None:
    game = random_game(seed, players=2)
    here, there = Limit().solve(game), Limit().solve(replace(game, payoffs=game.payoffs * factor + shift))
    same = (here.status != Status.STOPPED) & (there.status != Status.STOPPED)
    np.testing.assert_allclose(there.behaviour[:, same], here.behaviour[:, same], atol=1e-6)


def test_nothing_far_off_and_nothing_worse_is_taken() -> None:
    game = showdown(50, 1.0)
    uniform = np.full((game.tree.n_actions, 50), 0.5)
    _, found = polish(game, uniform, 1e-10, 0.1)
    assert not found.any()  # nobody is indifferent everywhere
    near, found = polish(game, Limit().solve(game).behaviour, 1e-10, 0.1)
    assert found.all()
    assert certify(game, near).gain.max() <= 1e-9
