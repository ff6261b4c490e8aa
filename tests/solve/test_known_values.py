"""Equilibria known from elsewhere: by hand, by one equation, or from the literature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from detente.errors import QuestionError
from detente.game.tree import Game
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.choose import choose
from detente.solve.perfect_information.backward import Backward
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from tests.games import Drawing, escalation, random_game, showdown, simultaneous

PENNIES = [[(9.0, 0.0), (0.0, 1.0)], [(0.0, 1.0), (1.0, 0.0)]]  # Ochs (1995), game 3


@pytest.mark.parametrize("precision", [(0.3, 0.3), (2.0, 0.7), (10.0, 10.0), (0.0, 3.0)])
@pytest.mark.parametrize("trace", [False, True])
def test_asymmetric_matching_pennies(precision: tuple[float, float], trace: bool) -> None:
    def row(q: float) -> float:
        return float(expit(precision[0] * (9 * q - (1 - q))))

    def column(p: float) -> float:
        return float(expit(precision[1] * ((1 - p) - p)))

    q = brentq(lambda q: column(row(q)) - q, 0, 1, xtol=1e-15)
    solution = Quantal(trace=trace).solve(simultaneous(PENNIES, precision))
    np.testing.assert_allclose(solution.behaviour[:, 0], [row(q), 1 - row(q), q, 1 - q], atol=1e-9)


def test_the_branch_of_a_coordination_game_leads_to_the_risk_dominant_equilibrium() -> None:
    stag = [[(5.0, 5.0), (0.0, 4.0)], [(4.0, 0.0), (3.0, 3.0)]]
    solution = Limit().solve(simultaneous(stag, (np.inf, np.inf)))
    np.testing.assert_allclose(solution.behaviour[:, 0], [0, 1, 0, 1], atol=1e-6)
    assert solution.status[0] != Status.STOPPED


def test_mixed_equilibrium_in_the_limit_and_its_certificate() -> None:
    game = simultaneous(PENNIES, (np.inf, np.inf))
    solution = Limit().solve(game)
    np.testing.assert_allclose(solution.behaviour[:, 0], [0.5, 0.5, 0.1, 0.9], atol=5e-3)
    exact = np.array([[0.5], [0.5], [0.1], [0.9]])
    certificate = certify(game, exact)
    assert certificate.residual[0] == 0
    np.testing.assert_allclose(certificate.gain, 0, atol=1e-12)
    np.testing.assert_allclose(certificate.value[:, 0], [0.9, 0.5])


def test_a_pure_strategy_off_the_equilibrium_shows_its_gain() -> None:
    game = simultaneous(PENNIES, (1.0, 1.0))
    certificate = certify(game, np.array([[1.0], [0.0], [1.0], [0.0]]))
    np.testing.assert_allclose(certificate.gain[:, 0], [0, 1])
    assert certificate.residual[0] > 0.1


def test_a_hundred_offers_and_an_answer() -> None:
    drawing = Drawing(2)
    offers = {
        f"{k}%": drawing.move(1, ("answer", k), {"yes": drawing.end((k, "yes")), "no": drawing.end("no")})
        for k in range(101)
    }
    tree = drawing.grow(drawing.move(0, "offer", offers))
    payoffs = np.zeros((len(drawing.slots), 2, 1))
    for outcome, slot in drawing.slots.items():
        if outcome != "no":
            payoffs[slot, :, 0] = 1 - outcome[0] / 100, outcome[0] / 100  # type: ignore[index]
    game = Game(tree, payoffs, np.zeros((0, 1)), np.full((2, 1), 1.0))
    first = Backward().solve(game).behaviour[:101, 0]
    assert first[1] == pytest.approx(1)  # 0% is refused with probability one half, a tie
    blind = Quantal().solve(game).behaviour[:, 0]
    yes = expit(np.arange(101) / 100)
    odds = np.exp(yes * (1 - np.arange(101) / 100))
    np.testing.assert_allclose(blind[:101], odds / odds.sum(), atol=1e-12)


def test_ties_are_shared() -> None:
    drawing = Drawing(1)
    game = Game(
        drawing.grow(drawing.move(0, "only", {name: drawing.end(name) for name in "abc"})),
        np.array([1.0, 1.0 + 1e-14, 0.0])[:, None, None],
        np.zeros((0, 1)),
        np.ones((1, 1)),
    )
    np.testing.assert_allclose(Backward().solve(game).behaviour[:, 0], [0.5, 0.5, 0])


def test_each_player_believes_its_own_chances() -> None:
    """One prior each: a bet that both take, though it is worth nothing to both together."""
    drawing = Drawing(2)

    def offer(event: str) -> object:
        taken = drawing.move(1, "second", {"take": drawing.end(event), "leave": drawing.end("none")})
        return drawing.move(0, "first", {"take": taken, "leave": drawing.end("none")})

    events = {event: offer(event) for event in ("rain", "sun")}
    root = drawing.chance(events, lambda event, p: (event, p))  # type: ignore[arg-type]
    tree = drawing.grow(root)
    payoffs = np.zeros((3, 2, 1))
    for outcome, slot in drawing.slots.items():
        payoffs[slot, :, 0] = {"rain": (1, -1), "sun": (-1, 1), "none": (0, 0)}[outcome]  # type: ignore[index]
    chance = np.zeros((len(drawing.rows), 1))
    for (event, p), row in drawing.rows.items():  # type: ignore[misc]
        rain = (0.8, 0.3, 0.5)[p]
        chance[row] = rain if event == "rain" else 1 - rain
    game = Game(tree, payoffs, chance, np.full((2, 1), 4.0))
    solution = Quantal().solve(game)
    second = expit(4 * (0.7 - 0.3))
    first = expit(4 * second * (0.8 - 0.2))
    np.testing.assert_allclose(solution.behaviour[[0, 2], 0], [first, second], atol=1e-9)
    certificate = certify(game, solution.behaviour)
    assert certificate.residual[0] < 1e-9
    np.testing.assert_allclose(certificate.value[:, 0], [0.6 * first * second, 0.4 * first * second])


@pytest.mark.parametrize("game", [showdown(300, 20.0, seed=5), escalation(150, 20.0, seed=5)], ids=["29", "409"])
def test_crises_converge(game: Game) -> None:
    solution = Quantal().solve(game)
    assert (solution.status != Status.STOPPED).all()
    assert certify(game, solution.behaviour).converged().all()


def test_climbing_stays_on_the_branch_of_crises() -> None:
    game = escalation(60, 10.0, seed=8)
    climbed, traced = Quantal().solve(game), Quantal(trace=True).solve(game)
    assert (np.abs(climbed.behaviour - traced.behaviour).max(axis=0) < 1e-6).all()


def test_numbers_that_are_not_numbers_stop_their_own_draw_only() -> None:
    game = random_game(3, draws=4)
    game.payoffs[0, 0, 2] = np.nan
    solution = Quantal().solve(game)
    assert solution.status.tolist() == [Status.SOLVED, Status.SOLVED, Status.STOPPED, Status.SOLVED]
    assert solution.reached[2] == 0
    assert np.isfinite(solution.behaviour).all()
    assert not certify(game, solution.behaviour).converged()[2]


def test_a_spent_budget_is_told() -> None:
    game = escalation(5, 20.0)
    solution = Quantal(budget=4).solve(game)
    stopped = solution.status == Status.STOPPED
    assert stopped.any()
    assert (solution.reached[stopped] < 1).all()
    part = Game(game.tree, game.payoffs, game.chance, game.precision * solution.reached)
    assert certify(part, solution.behaviour).converged(1e-7).all()


def test_the_choice_explains_itself() -> None:
    blind, open_eyed = showdown(1, 2.0), random_game(1, perfect=True)
    assert choose(blind).solver == Quantal()
    assert "from precision zero" in choose(blind).reason
    assert "one pass" in choose(open_eyed).reason
    assert choose(showdown(1, np.inf)).solver == Limit()
    assert choose(open_eyed, "backward").solver == Backward()
    with pytest.raises(QuestionError, match="perfect information"):
        choose(blind, "backward")
    with pytest.raises(QuestionError, match="did you mean 'limit'"):
        choose(blind, "limits")
