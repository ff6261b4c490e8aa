"""Derivatives through the equilibrium: against closed forms and against differences of solved games."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from detente.arrays import Floats
from detente.errors import QuestionError
from detente.game.tree import Game
from detente.solve.derivatives.implicit import Derivatives, derivatives
from detente.solve.quantal.quantal import Quantal
from tests.games import Drawing, alike, chicken, escalation, random_game, showdown, take, whoever_first, with_default

EXACTLY = Quantal(tolerance=1e-13)
KINDS = {
    "plain": {},
    "perfect": {"perfect": True},
    "masked": {"masked": True},
    "views": {"views": True},
    "masked views": {"masked": True, "views": True},
}


def readings(game: Game, m: int = 2, seed: int = 0) -> Floats:
    """Some weighted sums of all behaviour, [m, A, n]."""
    weights = np.random.default_rng(seed).normal(size=(m, game.tree.n_actions, 1))
    return np.asarray(weights * np.ones(game.n_draws))


def slope(weights: Floats, moved: Callable[[float], Game], h: float = 1e-4) -> Floats:
    """[m, n] the derivative of readings along a line of games, by central differences of the fourth order."""

    def read(step: float) -> Floats:
        return np.asarray(np.einsum("man,an->mn", weights, EXACTLY.solve(moved(step)).behaviour))

    return (8 * (read(h) - read(-h)) - (read(2 * h) - read(-2 * h))) / (12 * h)


def compare(game: Game, dense: int | None = None) -> None:
    """Derivatives along a random direction of payoffs, of chance and of precisions."""
    weights, rng = readings(game), np.random.default_rng(1)
    found = derivatives(game, EXACTLY.solve(game).behaviour, weights, dense=dense)
    assert not found.unsettled.any()
    assert not found.singular.any()
    paid, drawn = rng.normal(size=game.payoffs.shape), rng.normal(size=game.chance.shape) * game.chance
    keen, ready = rng.normal(size=game.precision.shape), rng.normal(size=(game.tree.n_actions, game.n_draws))
    default = np.ones_like(ready) if game.default is None else game.default
    by_payoffs = slope(weights, lambda e: replace(game, payoffs=game.payoffs + e * paid))
    by_chance = slope(weights, lambda e: replace(game, chance=game.chance + e * drawn))
    by_precision = slope(weights, lambda e: replace(game, precision=game.precision + e * keen))
    by_default = slope(weights, lambda e: replace(game, default=default * np.exp(e * ready)))
    assert np.einsum("mspn,spn->mn", found.payoffs, paid) == pytest.approx(by_payoffs, rel=1e-6, abs=1e-8)
    assert np.einsum("mkn,kn->mn", found.chance, drawn) == pytest.approx(by_chance, rel=1e-6, abs=1e-8)
    assert np.einsum("mpn,pn->mn", found.precision, keen) == pytest.approx(by_precision, rel=1e-6, abs=1e-8)
    assert np.einsum("man,an->mn", found.log_default, ready) == pytest.approx(by_default, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("dense", [200, 0], ids=["dense", "krylov"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", KINDS)
def test_random_games_against_differences(kind: str, seed: int, dense: int) -> None:
    game = random_game(seed, **KINDS[kind])
    compare(game, dense)
    compare(with_default(game, seed), dense)


@pytest.mark.parametrize("dense", [200, 0], ids=["dense", "krylov"])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_sets_without_an_order_in_time_against_differences(seed: int, masked: bool, dense: int) -> None:
    game = whoever_first(seed, masked=masked)
    assert len(game.tree.cut)
    compare(game, dense)
    compare(with_default(game, seed), dense)


@pytest.mark.parametrize("dense", [200, 0], ids=["dense", "krylov"])
def test_crises_against_differences(dense: int) -> None:
    compare(showdown(20, 10.0), dense)
    compare(escalation(3, 5.0), dense)


def challenge(challenge: float, war: float, face: float, precision: tuple[float, float]) -> Game:
    """A challenges or waits; B then fights or yields. All that counts: A gets `challenge` where B yields and `war`
    where it fights; B gets `face` for fighting."""
    drawing = Drawing(2)
    reply = drawing.move(1, "reply", {"fight": drawing.end("war"), "yield": drawing.end("won")})
    tree = drawing.grow(drawing.move(0, "move", {"challenge": reply, "wait": drawing.end("peace")}))
    payoffs = np.zeros((3, 2, 1))
    payoffs[drawing.slots["war"], :, 0] = war, face
    payoffs[drawing.slots["won"], 0, 0] = challenge
    return Game(tree, payoffs, np.zeros((0, 1)), np.array(precision)[:, None])


def test_two_players_by_hand() -> None:
    won, war, face, lam, mu = 1.0, -0.7, 0.4, 3.0, 2.0
    game = challenge(won, war, face, (lam, mu))
    fight = expit(mu * face)
    worth = fight * war + (1 - fight) * won
    go = expit(lam * worth)
    tree = game.tree
    slots = {tree.labels[x]: int(tree.slot[x]) for x in tree.terminals}
    first = int(tree.action_start[list(tree.owner).index(0)])
    weights = np.zeros((1, tree.n_actions, 1))
    weights[0, first] = 1.0  # P(challenge)
    found = derivatives(game, Quantal().solve(game).behaviour, weights)
    steep, turn = go * (1 - go), fight * (1 - fight)
    assert found.payoffs[0, slots["fight"], 0, 0] == pytest.approx(steep * lam * fight, rel=1e-12)
    assert found.payoffs[0, slots["yield"], 0, 0] == pytest.approx(steep * lam * (1 - fight), rel=1e-12)
    assert found.payoffs[0, slots["wait"], 0, 0] == pytest.approx(-steep * lam, rel=1e-12)
    assert found.payoffs[0, slots["fight"], 1, 0] == pytest.approx(steep * lam * (war - won) * turn * mu, rel=1e-12)
    assert found.precision[0, 0, 0] == pytest.approx(steep * worth, rel=1e-12)
    assert found.precision[0, 1, 0] == pytest.approx(steep * lam * (war - won) * turn * face, rel=1e-12)


def test_a_precision_of_zero_has_a_derivative() -> None:
    game = challenge(1.0, -0.7, 0.4, (0.0, 0.0))
    first = int(game.tree.action_start[list(game.tree.owner).index(0)])
    weights = np.zeros((1, game.tree.n_actions, 1))
    weights[0, first] = 1.0
    found = derivatives(game, Quantal().solve(game).behaviour, weights)
    assert found.precision[0, :, 0] == pytest.approx([0.25 * (0.5 * -0.7 + 0.5), 0.0], abs=1e-15)


def _of_chicken(precision: list[float], dense: int | None = None) -> tuple[Game, Derivatives]:
    game = chicken(2, precision)
    behaviour = np.array([[p, 1 - p] * 2 for p in (alike(2, x) for x in precision)]).T
    weights = np.zeros((1, 4, len(precision)))
    weights[0, 0] = 1.0  # the first player swerves
    return game, derivatives(game, behaviour, weights, dense=dense)


def test_a_simultaneous_game_by_hand() -> None:
    """p = expit(l (4 - 5 q)) and q = expit(l (4 - 5 p)): where both change alike, dp/dl = p (1-p) (4-5p) / (1 + k) with
    k = 5 l p (1-p); where only the first does, it is divided by 1 - k**2 instead."""
    precision = [0.2, 0.5, 0.8]
    _, found = _of_chicken(precision)
    assert not found.singular.any()
    p = np.array([alike(2, x) for x in precision])
    steep, k = p * (1 - p) * (4 - 5 * p), 5 * np.array(precision) * p * (1 - p)
    assert found.precision[0].sum(axis=0) == pytest.approx(steep / (1 + k), rel=1e-10)
    assert found.precision[0, 0] == pytest.approx(steep / (1 - k**2), rel=1e-10)


@pytest.mark.parametrize("dense", [200, 0])
def test_beyond_a_fork_there_is_no_derivative(dense: int) -> None:
    """The fork is where k = 1 (see above); beyond it the least asymmetry sends the branch to one of its prongs."""
    precision = [0.5, 3.0, 10.0]
    k = [5 * x * alike(2, x) * (1 - alike(2, x)) for x in precision]
    assert k[0] < 1 < min(k[1:])
    _, found = _of_chicken(precision, dense)
    assert found.singular.tolist() == [False, True, True]
    assert np.isnan(found.payoffs[..., 1:]).all()
    assert np.isnan(found.precision[..., 1:]).all()
    assert np.isfinite(found.payoffs[..., 0]).all()


@pytest.mark.parametrize("dense", [200, 0])
def test_on_the_fork_itself_the_system_is_singular(dense: int) -> None:
    low, high = 0.5, 3.0
    for _ in range(60):
        middle = (low + high) / 2
        p = alike(2, middle)
        low, high = (middle, high) if 5 * middle * p * (1 - p) < 1 else (low, middle)
    game, p = chicken(2, [low]), alike(2, low)
    weights = np.ones((1, 4, 1)) * np.array([1.0, -1.0, 0.0, 0.0])[:, None]
    found = derivatives(game, np.array([[p, 1 - p] * 2]).T, weights, dense=dense)
    assert found.singular.all()
    assert np.isnan(found.precision).all()


def test_behaviour_that_is_no_equilibrium_is_told() -> None:
    game = showdown(6, 5.0)
    behaviour = EXACTLY.solve(game).behaviour
    behaviour[:, 2] = EXACTLY.solve(showdown(6, 2.0)).behaviour[:, 2]
    found = derivatives(game, behaviour, readings(game))
    assert found.unsettled.tolist() == [False, False, True, False, False, False]
    assert np.isnan(found.payoffs[..., 2]).all()
    assert np.isfinite(found.payoffs[..., :2]).all()


def test_a_reading_without_a_value_loses_its_own_draw_only() -> None:
    game = showdown(4, 5.0)
    weights = readings(game)
    whole = derivatives(game, EXACTLY.solve(game).behaviour, weights)
    weights = weights.copy()
    weights[1, 3, 2] = np.nan
    found = derivatives(game, EXACTLY.solve(game).behaviour, weights)
    assert np.isnan(found.payoffs[1, ..., 2]).all()
    found.payoffs[1, ..., 2] = whole.payoffs[1, ..., 2]
    assert np.array_equal(found.payoffs, whole.payoffs)


def test_neither_workers_nor_neighbours_change_a_number() -> None:
    game = escalation(21, 6.0)
    behaviour, weights = Quantal().solve(game).behaviour, readings(game)
    one, two = derivatives(game, behaviour, weights, 1), derivatives(game, behaviour, weights, 2)
    alone = derivatives(take(game, [7]), behaviour[:, [7]], weights[..., [7]])
    assert np.array_equal(one.payoffs, two.payoffs)
    assert np.array_equal(one.chance, two.chance)
    assert np.array_equal(one.payoffs[..., [7]], alone.payoffs)


def test_it_does_not_matter_how_numbers_lie_in_memory() -> None:
    game = showdown(5, 3.0)
    behaviour, weights = Quantal().solve(game).behaviour, readings(game)
    lying = replace(game, payoffs=np.asfortranarray(game.payoffs), chance=np.asfortranarray(game.chance))
    one, other = derivatives(game, behaviour, weights), derivatives(lying, np.asfortranarray(behaviour), weights)
    assert np.array_equal(one.payoffs, other.payoffs)
    assert np.array_equal(one.chance, other.chance)


def test_a_precision_without_limit_is_refused() -> None:
    game = showdown(2, np.inf)
    with pytest.raises(QuestionError, match="finite precision"):
        derivatives(game, np.full((game.tree.n_actions, 2), 0.5), readings(game))
