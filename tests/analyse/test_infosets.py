"""Reach and beliefs of information sets against sums over whole paths."""

from __future__ import annotations

import numpy as np
import pytest

import detente
from detente.analyse.forecast import infosets
from detente.analyse.forecast.why import reached
from detente.analyse.perceptions.portrait import coming
from detente.engine.batch import edges, reach


@pytest.mark.parametrize("case", ["take-it-or-leave-it", "crisis-signalling"])
def test_reach_and_beliefs_are_those_of_paths(case: str) -> None:
    batch = next(detente.run(case, draws=4).batches())
    tree, n = batch.tree, batch.n
    steps = edges(batch.game, batch.behaviour, tree.n_players)
    logs = infosets.logarithms(tree, steps)
    owned = np.arange(tree.n_nodes) % 3 == 0
    without = infosets.logarithms(tree, steps, owned)
    for h in range(tree.n_infosets):
        paths = [list(tree.path(int(x))) for x in infosets.members(tree, h)]
        there = np.array([steps[path].prod(axis=0) if path else np.ones(n) for path in paths])
        np.testing.assert_allclose(reached(batch)[h], there.sum(axis=0), rtol=1e-12)
        np.testing.assert_allclose(
            infosets.beliefs(logs[infosets.members(tree, h)]), there / there.sum(axis=0), rtol=1e-9, atol=1e-15
        )
        some = infosets.logarithms_of(tree, steps, infosets.members(tree, h))
        np.testing.assert_allclose(some, logs[infosets.members(tree, h)], rtol=1e-12)
        kept = np.array([np.prod([steps[x] for x in path if not owned[x]], axis=0) * np.ones(n) for path in paths])
        np.testing.assert_allclose(np.exp(without[infosets.members(tree, h)]), kept, rtol=1e-9)
    for player in range(tree.n_players):
        game, behaviour = batch.views[player]
        own = [int(h) for h in np.flatnonzero(tree.owner == player)]
        whole = infosets.coming(tree, reach(game, behaviour, player))
        np.testing.assert_array_equal(coming(batch, player, own), whole[own])


def test_what_is_held_impossible_still_has_a_belief() -> None:
    logs = np.log(np.maximum(np.array([[0.0, 0.2], [0.0, 0.6]]), infosets.TREMBLE))
    np.testing.assert_allclose(infosets.beliefs(logs), [[0.5, 0.25], [0.5, 0.75]])
