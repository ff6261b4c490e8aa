"""The exam: every solver that is registered, on every standard game.

Solvers are read from `detente.solve.choose.METHODS`: who is entered there is examined here, without a line of its own.
A game is refused with a sentence, or solved; what is called solved must pass the certificate and agree with what is
known. Refusals are answers, and none is a skip.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from detente.arrays import Floats
from detente.errors import QuestionError
from detente.game.tree import Game
from detente.solve.base import TOLERANCE, Status, advice
from detente.solve.certificate.certify import certify
from detente.solve.choose import METHODS, choose
from tests.conformance.own import GOLDEN, NAMES, REFUSALS, endings, read, stored
from tests.games import STANDARD, take

GAMES = [*STANDARD, *NAMES]
GAINS = {
    "limit": 1e-3,  # settled where behaviour no longer changes, though no equilibrium was met to machine precision
    "regret": 1e-6,  # its own tolerance
}
"""What may be left to gain where a draw is called solved, as a share of the spread of payoffs; 1e-9 for all others."""


@cache
def game_of(name: str) -> Game:
    return STANDARD[name]() if name in STANDARD else read(name)


def responds(method: str) -> bool:
    """Whether a solver's behaviour answers to the precision of the game: who does cannot take one without limit."""
    game = game_of("a ladder")
    return bool(METHODS[method]().refuses(replace(game, precision=np.full_like(game.precision, np.inf))))


def share(game: Game, behaviour: Floats) -> Floats:
    """[n] the most that anybody could gain, as a share of the spread of its payoffs."""
    paid = game.payoffs[np.unique(game.tree.slot[game.tree.terminals])]
    spread = np.ptp(paid, axis=0)
    return np.asarray((certify(game, behaviour).gain / np.where(spread > 0, spread, 1.0)).max(axis=0, initial=0.0))


def single(name: str) -> list[Floats]:
    """[A] Equilibria that are stored of a game, if all of them end alike."""
    known = GOLDEN[name]
    listed = [stored(game_of(name), profile) for profile in known.get("extreme", known.get("polynomial", ()))]
    ends = [endings(game_of(name), behaviour) for behaviour in listed]
    return listed if all(np.abs(one - ends[0]).max() < 1e-6 for one in ends) else []


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("method", METHODS)
def test_it_refuses_with_a_sentence_or_solves_what_is_certified(method: str, name: str) -> None:
    """And solves it alike, to the last bit, alone as in company, by one worker as by two."""
    game, solver = game_of(name), METHODS[method]()
    if reason := solver.refuses(game):
        assert re.search(REFUSALS.get(method, "$^"), reason), f"{method} says of {name}: {reason}"
        with pytest.raises(QuestionError, match=re.escape(reason)):
            solver.solve(game)
        with pytest.raises(QuestionError, match=re.escape(reason)):
            choose(game, method)
        return
    solution, tree, last = solver.solve(game), game.tree, game.n_draws - 1
    assert solution.behaviour.shape == (tree.n_actions, game.n_draws)
    assert (solution.behaviour >= 0).all()
    if tree.n_infosets:
        np.testing.assert_allclose(np.add.reduceat(solution.behaviour, tree.action_start[:-1], axis=0), 1, atol=1e-12)
    if game.available is not None:
        assert not solution.behaviour[~game.available].any()
    settled = solution.status != Status.STOPPED
    assert (solution.reached[settled] == 1).all()
    assert (solution.reached[~settled] < 1).all()
    assert "--method" in advice(solution.method)
    assert solution.references
    if responds(method):
        assert certify(game, solution.behaviour).residual[settled].max(initial=0.0) <= TOLERANCE
    else:
        assert share(game, solution.behaviour)[settled].max(initial=0.0) <= GAINS.get(method, 1e-9)
    alone = solver.solve(take(game, [last]), workers=2)
    assert np.array_equal(alone.behaviour[:, 0], solution.behaviour[:, last])


@pytest.mark.parametrize("method", METHODS)
def test_a_game_that_suits_all_is_taken_and_solved_by_all(method: str) -> None:
    """So that nobody passes by refusing, or by calling nothing solved."""
    solution = METHODS[method]().solve(game_of("a ladder"))
    assert (solution.status != Status.STOPPED).all()


@pytest.mark.parametrize("name", [name for name in NAMES if GOLDEN[name].get("branch")])
@pytest.mark.parametrize("method", [method for method in METHODS if responds(method)])
def test_points_of_the_branch_are_the_known_ones(method: str, name: str) -> None:
    game, points = game_of(name), GOLDEN[name]["branch"]
    for point in points:
        there = replace(game, precision=np.full_like(game.precision, point["precision"]))
        behaviour = METHODS[method]().solve(there).behaviour
        np.testing.assert_allclose(behaviour[:, 0], stored(game, point["behaviour"]), atol=1e-7)


@pytest.mark.parametrize("name", [name for name in NAMES if single(name)])
@pytest.mark.parametrize("method", [method for method in METHODS if not responds(method)])
def test_a_game_with_one_equilibrium_ends_as_it_is_known_to(method: str, name: str) -> None:
    game, solver = game_of(name), METHODS[method]()
    if solver.refuses(game):  # and says so as it must, see above
        return
    ends, solution = endings(game, single(name)[0]), solver.solve(game)
    away = np.abs(endings(game, solution.behaviour[:, 0]) - ends).max()
    assert away < (2e-3 if solution.status[0] != Status.STOPPED else 5e-2)
