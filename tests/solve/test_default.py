"""The logit response with a default: closed forms, other ways of saying the same game, and all solvers against each
other."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from detente.arrays import Floats
from detente.engine.engine import _alike
from detente.game.tree import Game, Node
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.perfect_information.backward import Backward
from detente.solve.quantal.branches import sides
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from detente.study.games import at_precision
from tests.games import Drawing, chicken, escalation, ladder, random_game, take, whoever_first, with_default
from tests.oracles.certificate import _Chunk, _shape
from tests.strategies import flags, seeds

few = settings(max_examples=30, deadline=None)


def course(periods: int, change: float, cost: float, rate: float, length: float, precision: float) -> Game:
    """One actor in periods that make up a time: to go on costs `cost` a unit of time, to change pays `change` once and
    for all. Without a reason it changes at a rate."""
    drawing = Drawing(1)
    step, node = length / periods, drawing.end("end")
    for k in range(periods, 0, -1):
        node = drawing.move(0, k, {"go on": node, "change": drawing.end(k)})
    tree = drawing.grow(node)
    payoffs = np.zeros((periods + 1, 1, 1))
    for outcome, slot in drawing.slots.items():
        payoffs[slot] = -cost * length if outcome == "end" else change - cost * step * (outcome - 1)  # type: ignore[operator]
    moved = 1 - math.exp(-rate * step)
    default = np.tile([1 - moved, moved], periods)[:, None]
    return Game(tree, payoffs, np.zeros((0, 1)), np.full((1, 1), precision), default=default)


def changes(game: Game) -> float:
    """The probability that somebody changes at all."""
    return float(1 - np.prod(Quantal().solve(game).behaviour[game.tree.action_start[:-1], 0]))


def test_change_over_time_by_hand() -> None:
    """By recursion: the log of the partition sum per unit of precision is what the game is worth at a node."""
    found = [changes(course(n, -0.3, 0.05, 0.5, 3.0, 6.0)) for n in (3, 6, 12, 48)]
    assert found == pytest.approx([0.490422, 0.457109, 0.439044, 0.424920], abs=1e-6)
    assert changes(course(3, -0.1, 0.02, 1.0, 3.0, 3.0)) == pytest.approx(0.942551, abs=1e-6)


def test_change_over_time_has_a_limit_in_the_length_of_periods() -> None:
    """As periods shrink, change comes at the hazard rate * exp(precision * advantage); periods leave an error of their
    length."""
    errors = [changes(course(n, -0.1, 0.02, 1.0, 3.0, 3.0)) - 0.940616 for n in (48, 96, 192)]
    assert errors[0] == pytest.approx(1.5e-4, abs=1e-5)
    assert np.divide(errors[:-1], errors[1:]) == pytest.approx([2, 2], abs=0.05)


def settled(game: Game, sweeps: int = 400) -> Floats:
    """[A, n] the equilibrium at low precision, by plain iteration of the response from the default, with numpy."""
    tree = game.tree
    open_moves = np.ones((tree.n_actions, game.n_draws), bool) if game.available is None else game.available
    assert game.default is not None
    behaviour = np.where(open_moves, game.default, 0.0)
    behaviour /= np.add.reduceat(behaviour, tree.action_start[:-1], axis=0)[tree.action_infoset]
    for _ in range(sweeps):
        here = _Chunk.cut(_shape(tree), game, behaviour, slice(0, game.n_draws))
        pay = here.move_payoffs(here.worth(), np.log(np.maximum(behaviour, 1e-300)))
        logits = game.precision[tree.owner[tree.action_infoset]] * pay + np.log(np.where(open_moves, game.default, 1.0))
        logits[~open_moves] = -np.inf
        behaviour = np.concatenate(
            [softmax(logits[a:b], axis=0) for a, b in zip(tree.action_start, tree.action_start[1:], strict=False)]
        )
    return behaviour


@few
@given(seeds, flags, flags, flags, st.sampled_from([0.5, 1e-3, 1e-12]))
def test_low_precision_is_what_plain_iteration_finds(
    seed: int, perfect: bool, masked: bool, views: bool, faint: float
) -> None:
    game = random_game(seed, perfect=perfect, masked=masked, views=views, precision=(0.0, 0.3))
    game = with_default(game, seed, faint)
    np.testing.assert_allclose(Quantal().solve(game).behaviour, settled(game), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_sets_without_an_order_in_time(seed: int) -> None:
    game = with_default(replace(whoever_first(seed, masked=seed % 2 == 0)), seed)
    weak = replace(game, precision=0.1 * game.precision)
    np.testing.assert_allclose(Quantal().solve(weak).behaviour, settled(weak), atol=1e-8)
    assert certify(game, Quantal().solve(game).behaviour).residual.max() <= 1e-8


@few
@given(seeds, flags, flags, flags, st.sampled_from([0.5, 1e-3, 1e-14, 1e-200]))
def test_every_solution_is_certified_and_climb_and_trace_agree(
    seed: int, perfect: bool, masked: bool, views: bool, faint: float
) -> None:
    game = random_game(seed, perfect=perfect, masked=masked, views=views, precision=(2.0, 20.0))
    game = with_default(game, seed, faint)
    climbed, traced = Quantal().solve(game), Quantal(trace=True).solve(game)
    for solution in (climbed, traced):
        assert (solution.status != Status.STOPPED).all()
        assert certify(game, solution.behaviour).residual.max() <= 1e-8
    np.testing.assert_allclose(climbed.behaviour, traced.behaviour, atol=1e-7)


def test_precision_zero_is_the_default() -> None:
    game = with_default(random_game(5, masked=True), 5)
    still = replace(game, precision=np.zeros_like(game.precision))
    assert game.available is not None
    assert game.default is not None
    weight = np.where(game.available, game.default, 0.0)
    share = weight / np.add.reduceat(weight, game.tree.action_start[:-1], axis=0)[game.tree.action_infoset]
    for method in (Quantal(), Quantal(trace=True)):
        np.testing.assert_allclose(method.solve(still).behaviour, share, atol=1e-14)


METHODS: dict[str, Callable[[Game], Floats]] = {
    "climb": lambda game: Quantal().solve(game).behaviour,
    "trace": lambda game: Quantal(trace=True).solve(game).behaviour,
    "path": lambda game: Quantal().path(game, [1.0, 8.0])[1].behaviour,
    "limit": lambda game: Limit().solve(game).behaviour,
    "high precision": lambda game: Quantal().solve(at_precision(game, 500.0)).behaviour,
}


@pytest.mark.parametrize("perfect", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_a_default_of_like_weights_is_none(method: str, perfect: bool) -> None:
    game = random_game(11, masked=True, perfect=perfect, draws=5)
    sets = np.random.default_rng(0).uniform(0.1, 5.0, (game.tree.n_infosets, 5))
    even = replace(game, default=sets[game.tree.action_infoset])
    assert np.array_equal(METHODS[method](even), METHODS[method](game))
    behaviour = METHODS[method](game)
    np.testing.assert_allclose(certify(even, behaviour).residual, certify(game, behaviour).residual, atol=1e-12)


def test_a_draw_does_not_notice_the_default_of_its_neighbours() -> None:
    game = with_default(random_game(23, masked=True, draws=40), 1)
    assert game.default is not None
    game = replace(game, default=np.where(np.arange(40) % 3 == 0, 1.0, game.default))
    whole = Quantal().solve(game).behaviour
    for j in (0, 1, 39):
        assert np.array_equal(Quantal().solve(take(game, [j])).behaviour[:, 0], whole[:, j])
    alone = replace(take(game, [0]), default=None)
    assert np.array_equal(Quantal().solve(alone).behaviour[:, 0], whole[:, 0])


def doubled(seed: int, copies: tuple[int, int, int]) -> tuple[Game, Drawing]:
    """Two players move unseen by each other, then the first again; its moves at first stand in so many copies each,
    which nobody but itself can tell apart."""
    drawing, rng = Drawing(2), np.random.default_rng(seed)
    kinds = [k for k, many in enumerate(copies) for _ in range(many)]

    def last(mine: int, theirs: int) -> Node:
        kind = kinds[mine]
        return drawing.move(0, ("last", mine), {str(k): drawing.end((kind, theirs, k)) for k in range(2)})

    def reply(mine: int) -> Node:
        return drawing.move(1, "reply", {str(k): last(mine, k) for k in range(2)})

    tree = drawing.grow(drawing.move(0, "first", {str(k): reply(k) for k in range(len(kinds))}))
    payoffs = np.zeros((len(drawing.slots), 2, 4))
    worth: dict[Hashable, Floats] = {
        (i, j, k): rng.normal(size=(2, 4)) for i in range(3) for j in range(2) for k in range(2)
    }
    for outcome, slot in drawing.slots.items():
        payoffs[slot] = worth[outcome]
    return Game(tree, payoffs, np.zeros((0, 4)), np.array([[0.5, 2.0, 6.0, 300.0]] * 2)), drawing


@pytest.mark.parametrize("trace", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_a_weight_of_two_is_two_copies_of_a_move(seed: int, trace: bool) -> None:
    copies = (1, 2, 3)
    (one, _), (many, _) = doubled(seed, (1, 1, 1)), doubled(seed, copies)
    first, there = ([s.name for s in game.tree.infosets].index("first") for game in (one, many))
    weight = np.ones((one.tree.n_actions, one.n_draws))
    a, b = int(one.tree.action_start[first]), int(many.tree.action_start[there])
    weight[a : a + 3] = np.array(copies)[:, None]
    behaviour = Quantal(trace=trace).solve(replace(one, default=weight)).behaviour
    expected = Quantal(trace=trace).solve(many).behaviour
    sums = np.add.reduceat(expected[b : b + 6], [0, 1, 3], axis=0)
    np.testing.assert_allclose(behaviour[a : a + 3], sums, atol=1e-8)
    reply, answer = ([s.name for s in game.tree.infosets].index("reply") for game in (one, many))
    a, b = int(one.tree.action_start[reply]), int(many.tree.action_start[answer])
    np.testing.assert_allclose(behaviour[a : a + 2], expected[b : b + 2], atol=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_high_precision_is_exact_and_leads_to_the_limit(seed: int) -> None:
    game = with_default(random_game(seed, masked=seed % 2 == 0, draws=4), seed, 1e-3)
    sharp = at_precision(game, 2000.0)
    solution = Quantal().solve(sharp)
    assert certify(sharp, solution.behaviour).residual[solution.status != Status.STOPPED].max(initial=0.0) < 1e-9
    limit = Limit().solve(game)
    assert certify(game, limit.behaviour).gain.max() <= 1e-3
    settled_both = (solution.status != Status.STOPPED) & (limit.status != Status.STOPPED)
    assert settled_both.any()
    np.testing.assert_allclose(limit.behaviour[:, settled_both], solution.behaviour[:, settled_both], atol=0.05)


def test_ties_are_shared_by_default_as_in_the_limit() -> None:
    game = ladder()
    tied = with_default(replace(game, payoffs=np.round(game.payoffs * 0.0)), 2)
    assert tied.default is not None
    share = tied.default / np.add.reduceat(tied.default, game.tree.action_start[:-1])[game.tree.action_infoset]
    for behaviour in (Backward().solve(tied).behaviour, Limit().solve(tied).behaviour):
        np.testing.assert_allclose(behaviour, share, atol=1e-14)
    np.testing.assert_allclose(Quantal().solve(at_precision(tied, 1e6)).behaviour, share, atol=1e-14)
    assert np.array_equal(Backward().solve(with_default(game)).behaviour, Backward().solve(game).behaviour)


def test_players_are_interchangeable_only_where_their_defaults_are() -> None:
    """In chicken the branch of like players forks; where one swerves more readily, it leads to where that one does."""
    game = chicken(2, [20.0])
    alike = replace(game, default=np.array([[0.3, 0.7, 0.3, 0.7]]).T)
    solution = Quantal().solve(alike)
    assert solution.forked.all()
    np.testing.assert_allclose(solution.behaviour[0], solution.behaviour[2], atol=1e-9)
    (beside,) = sides(take(alike, [0]), [20.0], Quantal().path(alike, [20.0]))
    assert [side.kind for side in beside.found] == ["prong", "prong"]
    assert max(side.certificate.residual[0] for side in beside.found) <= 1e-8
    for swerve in ((0.4, 0.3), (0.3, 0.4)):
        other = replace(game, default=np.array([[swerve[0], 1 - swerve[0], swerve[1], 1 - swerve[1]]]).T)
        solution = Quantal().solve(other)
        assert not solution.forked.any()
        readier = float(swerve[0] > swerve[1])
        assert solution.behaviour[[0, 2], 0] == pytest.approx([readier, 1 - readier], abs=1e-3)
        assert Limit().solve(other).behaviour[0, 0] == pytest.approx(readier, abs=1e-6)


def test_neighbouring_games_are_followed() -> None:
    games = []
    for share in np.linspace(0.05, 0.6, 14):
        game = escalation(6, 8.0)
        weight = np.ones((game.tree.n_actions, game.n_draws))
        weight[game.tree.action_start[:-1]] = share
        games.append(replace(game, default=weight))
    followed = Quantal().follow([lambda game=game: game for game in games])  # type: ignore[misc]
    for (_, solution), game in zip(followed, games, strict=True):
        np.testing.assert_allclose(solution.behaviour, Quantal().solve(game).behaviour, atol=1e-6)


def test_draws_that_differ_in_their_default_only_are_not_one_game() -> None:
    game = take(random_game(3), [0, 0])
    assert _alike(game)
    weight = np.ones((game.tree.n_actions, 2))
    weight[0, 1] = 2.0
    assert not _alike(replace(game, default=weight))
    assert np.array_equal(replace(game, default=weight).part(1, 2).default, weight[:, 1:])


def test_a_weight_that_is_no_number_above_zero_stops_its_own_draw_only() -> None:
    game = with_default(random_game(9, draws=6))
    assert game.default is not None
    weight = game.default.copy()
    weight[0, 1:4] = 0.0, np.nan, -1.0
    solution = Quantal().solve(replace(game, default=weight))
    assert (solution.status == Status.STOPPED).tolist() == [False, True, True, True, False, False]
    fine = [0, 4, 5]
    assert np.array_equal(solution.behaviour[:, fine], Quantal().solve(game).behaviour[:, fine])
