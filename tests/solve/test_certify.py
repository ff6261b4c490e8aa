"""The compiled certifier against plain numpy, on games drawn at random and behaviour of every kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.arrays import Floats
from detente.game.compile import compile_model
from detente.game.tree import Game
from detente.model.load import load
from detente.solve.certificate.certify import TREMBLE, certify
from detente.solve.quantal.quantal import Quantal
from tests.cases.editions import one_large
from tests.games import random_game, with_default
from tests.oracles.certificate import plain
from tests.strategies import flags, seeds

few = settings(max_examples=60, deadline=None)


def compare(game: Game, behaviour: Floats) -> None:
    ours, theirs = certify(game, behaviour), plain(game, behaviour)
    for name in ("residual", "gain", "value"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-10, atol=1e-12, err_msg=name)


@few
@given(seeds, flags, flags, flags, st.sampled_from([0.0, 0.3, 1.0]))
def test_any_behaviour_is_certified_as_by_plain_numpy(
    seed: int, perfect: bool, masked: bool, views: bool, pure: float
) -> None:
    """`pure`: the share of moves that are never made, which sets that are not reached and trembles come from."""
    game = random_game(seed, perfect=perfect, masked=masked, views=views, draws=19)
    rng = np.random.default_rng(seed)
    weight = rng.gamma(1.0, size=(game.tree.n_actions, game.n_draws)) * (rng.uniform(size=(1, game.n_draws)) > 0.1)
    weight[rng.uniform(size=weight.shape) < pure] *= rng.choice([0.0, 1e-308, 1e-200])
    if game.available is not None:
        weight *= game.available
    sets = game.tree.action_infoset
    total = np.add.reduceat(weight, game.tree.action_start[:-1], axis=0)[sets]
    behaviour = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)  # some sum to nothing
    compare(game, behaviour)
    endless = game.precision.copy()
    endless[rng.uniform(size=endless.shape) < 0.5] = np.inf
    compare(replace(game, precision=endless), behaviour)
    compare(with_default(replace(game, precision=endless), seed, faint=1e-30), behaviour)


@few
@given(seeds, flags)
def test_moves_too_unlikely_for_a_number_are_certified_as_by_plain_numpy(seed: int, views: bool) -> None:
    game = random_game(seed, views=views, draws=5)
    steep = replace(game, precision=np.full_like(game.precision, 3000.0))
    behaviour = Quantal().solve(steep).behaviour
    compare(steep, np.where(behaviour < TREMBLE, 0.0, behaviour))


@pytest.mark.parametrize("case", one_large())
def test_cases_are_certified_as_by_plain_numpy(case: str) -> None:
    blueprint = compile_model(load(case))
    game = blueprint.game(blueprint.sampler.draw(40, 1))
    compare(game, Quantal().solve(game).behaviour)
    sizes = np.diff(game.tree.action_start)[game.tree.action_infoset]
    compare(game, np.repeat(1.0 / sizes[:, None], game.n_draws, axis=1))


def test_a_draw_is_certified_alike_whatever_stands_beside_it() -> None:
    game = random_game(7, draws=50)
    behaviour = Quantal().solve(game).behaviour
    whole, alone = certify(game, behaviour), None
    for j in (0, 17, 49):
        some = slice(j, j + 1)
        one = replace(
            game, payoffs=game.payoffs[..., some], chance=game.chance[:, some], precision=game.precision[:, some],
            available=None if game.available is None else game.available[:, some],
        )  # fmt: skip
        alone = certify(one, behaviour[:, some])
        assert alone.residual[0] == whole.residual[j]
        np.testing.assert_array_equal(alone.gain[:, 0], whole.gain[:, j])
