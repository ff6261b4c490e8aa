"""Games of perfect recall whose information sets have no order in time: plays cross them either way round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings

from detente.game import tree as trees
from detente.game.files.efg import read_efg, write_efg
from detente.game.tree import GameError, Tree, forgetful
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.nash.nash import Nash
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from detente.solve.sequence_form.cfr import Regret
from tests.games import Drawing, random_game, take, whoever_first
from tests.strategies import flags, seeds

few = settings(max_examples=25, deadline=None)


def with_cut(tree: Tree, cut: set[int]) -> Tree:
    """The same tree with some information sets cut, though they need not be."""
    below = trees._edges(tree.parent, tree.kind, tree.infoset, cut)
    return replace(tree, order=np.array(trees._sorted_in_time(below), np.int32))


@few
@given(seeds, flags)
def test_every_draw_is_solved_and_certified(seed: int, masked: bool) -> None:
    game = whoever_first(seed, masked=masked)
    assert not forgetful(game.tree)
    climbed, traced = Quantal().solve(game), Quantal(trace=True).solve(game)
    for solution in (climbed, traced):
        assert (solution.status != Status.STOPPED).all()
        assert certify(game, solution.behaviour).residual.max() <= 1e-8
    np.testing.assert_allclose(climbed.behaviour, traced.behaviour, atol=1e-7)


def test_most_of_these_games_have_no_order() -> None:
    assert sum(len(whoever_first(seed).tree.cut) > 0 for seed in range(20)) >= 15


@few
@given(seeds, flags, flags)
def test_cutting_sets_that_have_an_order_changes_nothing(seed: int, masked: bool, views: bool) -> None:
    game = random_game(seed, masked=masked, views=views)
    assume(not game.tree.perfect_information)
    rng = np.random.default_rng(seed)
    cut = set(np.flatnonzero(rng.random(game.tree.n_infosets) < 0.5).tolist())
    other = replace(game, tree=with_cut(game.tree, cut))
    assert set(game.tree.infoset[other.tree.cut].tolist()) == cut
    np.testing.assert_allclose(Quantal().solve(other).behaviour, Quantal().solve(game).behaviour, atol=1e-7)


@few
@given(seeds)
def test_a_draw_does_not_notice_its_company(seed: int) -> None:
    game = whoever_first(seed, draws=21)
    together = Quantal().solve(game)
    assert np.array_equal(Quantal().solve(game, workers=2).behaviour, together.behaviour)
    for j in (0, 13, 20):
        assert np.array_equal(Quantal().solve(take(game, [j])).behaviour[:, 0], together.behaviour[:, j])


def test_other_solvers_and_files_take_them() -> None:
    for seed in range(1, 8):
        game = whoever_first(seed, draws=1)
        back = read_efg(write_efg(game), precision=2.0)
        assert back.tree.order.tolist() == game.tree.order.tolist()
        if not Nash().refuses(back):
            listed = Nash().all(back)
            assert listed.found
            assert all(certify(back, e.behaviour[:, None]).gain.max() <= 1e-9 for e in listed.found)
        gain = certify(back, Limit().solve(back).behaviour).gain.max()
        assert gain < 1e-2
        assert Regret(iterations=5000, tolerance=1e-4).solve(back).behaviour.shape == (game.tree.n_actions, 1)


def test_a_set_that_one_play_crosses_twice_is_refused_by_name() -> None:
    drawing = Drawing(1)
    inner = drawing.move(0, "lost", {"a": drawing.end(1), "b": drawing.end(2)})
    outer = drawing.move(0, "lost", {"a": inner, "b": drawing.end(3)})
    with pytest.raises(GameError, match="imperfect recall at 'lost': its owner has forgotten that it was there before"):
        drawing.grow(outer)
