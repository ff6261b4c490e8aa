"""What else lies at a precision: found by one equation in one unknown, which shares nothing with the search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, softmax

from detente.arrays import Floats
from detente.game.tree import Game
from detente.solve.certificate.certify import certify
from detente.solve.quantal.branches import MOST_UNKNOWNS, Sides, sides
from detente.solve.quantal.quantal import Quantal
from detente.study.games import export_efg, solve_game
from tests.cases.editions import FIRST_EDITION
from tests.games import Drawing, alike, chicken, escalation, random_game, showdown, swerving, take

Equation = Callable[[float], float]


def searched(game: Game, precisions: list[float]) -> list[Sides]:
    return sides(game, precisions, Quantal().path(game, precisions))


def roots(equation: Equation, low: float, high: float, n: int = 40_000) -> list[float]:
    """All roots that a fine grid tells apart."""
    grid = np.linspace(low, high, n)
    heights = np.array([equation(x) for x in grid])
    assert np.all(heights != 0)
    changes = np.flatnonzero(np.sign(heights[1:]) != np.sign(heights[:-1]))
    return [float(brentq(equation, grid[k], grid[k + 1], xtol=1e-15, rtol=1e-15)) for k in changes]


def same(found: list[Floats], expected: list[Floats], within: float = 1e-8) -> bool:
    """Whether two lists of points are the same but for their order."""
    return len(found) == len(expected) and all(
        min(np.abs(one - other).max() for other in found) < within for one in expected
    )


def yields(precision: float, rest: list[float]) -> float:
    """The probability of swerving in a game of chicken, as the answer to that of the others."""
    nobody = float(np.prod(rest))
    return float(expit(precision * (-(1 - nobody) - (nobody - 5 * (1 - nobody)))))


@pytest.mark.parametrize("precision", [0.3, 0.45, 1.0, 2.0, 5.0, 10.0])
def test_prongs_of_two_are_all_other_equilibria(precision: float) -> None:
    """Points are p = A(A(p)), with A the answer of one to another; the branch is at p = A(p)."""

    def answer(p: float) -> float:
        return yields(precision, [p])

    expected = [np.array([p, answer(p)]) for p in roots(lambda p: answer(answer(p)) - p, 1e-17, 1 + 1e-9)]
    branch = alike(2, precision)
    assert len(expected) == (3 if precision * branch * (1 - branch) * 5 > 1 else 1)
    (found,) = searched(chicken(2, [1.0]), [precision])
    assert not found.note
    assert all(side.kind == "prong" for side in found.found)
    points = [swerving(side.behaviour) for side in found.found]
    assert same([*points, np.full(2, branch)], expected)


@pytest.mark.parametrize("precision", [1.0, 1.3, 1.6, 2.0, 5.0])
def test_prongs_of_three_part_two_ways_at_once(precision: float) -> None:
    """Two of three do alike: b = A(A(b, b), b). Three pairs of prongs, mirror images of one, part at one fork."""

    def answer(*rest: float) -> float:
        return yields(precision, list(rest))

    twos = roots(lambda b: answer(answer(b, b), b) - b, 1e-17, 1 + 1e-9)
    branch = alike(3, precision)
    lone = [(answer(b, b), b) for b in twos if abs(b - branch) > 1e-9]
    expected = [np.array(image) for a, b in lone for image in ((a, b, b), (b, a, b), (b, b, a))]
    (found,) = searched(chicken(3, [1.0]), [precision])
    points = [swerving(side.behaviour) for side in found.found]
    if precision * branch * (1 - branch) * 5 * branch > 1:
        assert len(points) == 6
        assert same(points, expected)
    else:  # what there is has not parted from the branch yet
        assert not points


@pytest.mark.parametrize(("players", "least"), [(4, 14), (5, 30)])
def test_prongs_come_with_all_their_mirror_images(players: int, least: int) -> None:
    game = chicken(players, [5.0])
    (found,) = searched(chicken(players, [1.0]), [5.0])
    points = [swerving(side.behaviour) for side in found.found]
    assert len(points) >= least
    for point in points:
        for order in permutations(range(players)):
            assert min(np.abs(point[list(order)] - other).max() for other in points) < 1e-7
    for side in found.found:
        assert np.array_equal(certify(game, side.behaviour[:, None]).value, side.certificate.value)
        assert side.certificate.converged().all()


def table(payoffs: list[list[list[float]]]) -> Game:
    """Two players move once, the second unseeing."""
    pay, drawing = np.array(payoffs), Drawing(2)
    n, m, _ = pay.shape
    ends = {
        str(i): drawing.move(1, 1, {str(j): drawing.end((i, j)) for j in range(m)})
        for i in range(n)
    }  # fmt: skip
    tree = drawing.grow(drawing.move(0, 0, ends))
    numbers = np.zeros((n * m, 2, 1))
    for cell, slot in drawing.slots.items():
        numbers[slot, :, 0] = pay[cell]
    return Game(tree, numbers, np.zeros((0, 1)), np.ones((2, 1)))


FOLDING = [[[-2.0, 1.0], [-2.0, 5.0], [3.0, -2.0]], [[4.0, 4.0], [-2.0, 3.0], [-2.0, 5.0]]]
FOLDING_LATE = [[[0.0, 3.0], [1.0, 3.0], [3.0, 3.0]], [[-1.0, 5.0], [4.0, 2.0], [-2.0, -2.0]]]
BATTLE = [
    [[3.0, 2.0], [0.0, 0.0], [0.0, 0.0]],
    [[0.0, 0.0], [2.0, 3.0], [0.0, 0.0]],
]  # three points, two off the branch


def excess(pay: Floats, x: float, precision: float) -> float:
    """What the first player's log-odds of its first move would be in answer, less what they are."""
    p = expit(x)
    second = softmax(precision * (p * pay[0, :, 1] + (1 - p) * pay[1, :, 1]))
    return float(precision * second @ (pay[0, :, 0] - pay[1, :, 0]) - x)


def behaviour_at(pay: Floats, x: float, precision: float) -> Floats:
    p = expit(x)
    second = softmax(precision * (p * pay[0, :, 1] + (1 - p) * pay[1, :, 1]))
    return np.array([p, 1 - p, *second])


def crossings(pay: Floats, precision: float, top: float) -> list[float]:
    """The log-odds at which the curve from (0, 0) meets a precision, walked by bisection across short steps."""

    def away(shift: float, x: float, t: float, way: Floats) -> float:
        return excess(pay, x - shift * way[1], t + shift * way[0])

    here, way, found, step = np.zeros(2), np.array([excess(pay, 0.0, 1e-6) / 1e-6, 1.0]), [], 1e-2
    way = way / np.hypot(*way)
    while here[1] < top:
        x, t = here + step * way
        reach = 0.2 * step
        if away(-reach, x, t, way) * away(reach, x, t, way) >= 0:  # it turns too sharply
            step /= 2
            assert step > 1e-6
            continue
        shift = brentq(away, -reach, reach, args=(x, t, way), xtol=1e-13)
        there = np.array([x - shift * way[1], t + shift * way[0]])
        if (here[1] - precision) * (there[1] - precision) <= 0:
            low, high = sorted((here[0], there[0]))
            found.append(float(brentq(lambda x: excess(pay, x, precision), low - 1e-3, high + 1e-3, xtol=1e-14)))
        way, here = (there - here) / np.hypot(*(there - here)), there
        step = min(1.2 * step, 2e-2)
    return found


@pytest.mark.parametrize(
    ("payoffs", "precision", "n"),
    [
        *((FOLDING, 2.0, 1), (FOLDING, 4.0, 3), (FOLDING, 6.0, 3)),
        *((FOLDING_LATE, 4.0, 1), (FOLDING_LATE, 8.0, 3), (BATTLE, 2.0, 1), (BATTLE, 5.0, 1)),
    ],
)
def test_both_sides_of_a_fold_are_given(payoffs: list[list[list[float]]], precision: float, n: int) -> None:
    pay = np.array(payoffs)
    walked = crossings(pay, precision, 4 * precision)
    assert len(walked) == n
    solution = Quantal().path(table(payoffs), [precision])[0]
    (found,) = searched(table(payoffs), [precision])
    assert not found.note
    assert all(side.kind == "fold" for side in found.found)
    assert all(side.certificate.converged().all() for side in found.found)
    np.testing.assert_allclose(solution.behaviour[:, 0], behaviour_at(pay, walked[0], precision), atol=1e-8)
    points = [solution.behaviour[:, 0], *(side.behaviour for side in found.found)]
    assert same(points, [behaviour_at(pay, x, precision) for x in walked])


def test_what_is_not_on_the_branch_is_not_given() -> None:
    """The battle of the sexes has three points at this precision, of which the branch meets one."""
    pay = np.array(BATTLE)
    assert len(roots(lambda x: excess(pay, x, 5.0), -40, 40)) == 3
    assert searched(table(BATTLE), [5.0])[0].found == ()


def test_others_do_not_hang_on_what_else_is_asked() -> None:
    game = chicken(3, [1.0])
    for alone, together in zip([searched(game, [p])[0] for p in (1.0, 2.0)], searched(game, [0.0, 1.0, 2.0])[1:],
                               strict=True):  # fmt: skip
        assert alone.note == together.note == ""
        assert same([s.behaviour for s in alone.found], [s.behaviour for s in together.found], 1e-9)


def test_games_without_fold_or_fork_have_no_others() -> None:
    """And the branch is found again in all of them, which says that the search has not lost it."""
    for seed in range(40):
        game = take(random_game(seed, masked=seed % 3 == 0, impossible=seed % 5 == 0, draws=1), [0])
        precisions = [0.0, 1.0, 5.0, 20.0]
        traced = Quantal(trace=True).path(game, precisions)
        for found in searched(game, precisions):
            assert not found.note
            assert not found.found or traced[-1].folded[0]
    for found in searched(take(showdown(1, 1.0), [0]), [1.0, 10.0, 50.0]):
        assert (found.found, found.note) == ((), "")


def test_unknowns_that_agree_for_lack_of_influence_are_let_go() -> None:
    """In this draw of the flagship some agree to eleven digits where the branch starts, and later do not."""
    _, game = export_efg(FIRST_EDITION, draw=1)
    for found in searched(replace(game, precision=np.ones_like(game.precision)), [1.0, 5.0]):
        assert (found.found, found.note) == ((), "")


def test_a_fork_at_the_very_precision_is_no_harm() -> None:
    """Uniform play is the branch, and forks at precision 1."""
    game = table([[[-1.0, 1.0], [3.0, -2.0], [-2.0, -2.0]], [[-3.0, -2.0], [0.0, 1.0], [3.0, 1.0]]])
    pay = game.payoffs[:, :, 0].reshape(2, 3, 2)
    for precision, found in zip([0.5, 1.0, 2.0], searched(game, [0.5, 1.0, 2.0]), strict=True):
        assert not found.note
        assert all(side.kind == "prong" for side in found.found)
        expected = [x for x in roots(lambda x, p=precision: excess(pay, x, p), -30, 30) if abs(x) > 1e-6]
        assert same([side.behaviour for side in found.found], [behaviour_at(pay, x, precision) for x in expected])
    assert len(found.found) == 2


def test_none_are_looked_for_in_games_too_large_or_not_followed() -> None:
    game = take(escalation(1, 1.0, stages=7, typed=(0, 1)), [0])
    solutions = Quantal().path(game, [1.0])
    (told,) = sides(game, [1.0], solutions)
    assert told.found == ()
    assert "the game is too large" in told.note
    assert f"at most {MOST_UNKNOWNS} beliefs" in told.note
    game = chicken(2, [1.0])
    reached, other = Quantal().path(game, [2.0, 5.0])
    stopped = replace(other, reached=np.array([0.9]))
    first, second = sides(game, [2.0, 5.0], [reached, stopped])
    assert len(first.found) == 2
    assert second.found == ()
    assert "was not followed to this precision" in second.note
    slipped = replace(other, behaviour=np.array([[1.0], [0.0], [0.5], [0.5]]))  # what is given lies on no curve
    (told,) = sides(game, [5.0], [slipped])
    assert told.found == ()
    assert "could not be followed again" in told.note


def test_the_door_in_python() -> None:
    plain, forked = solve_game(chicken(2, [1.0]), [0.3, 2.0])
    assert plain.others == ()
    assert [(side.kind, side.behaviour.shape) for side in forked.others] == [("prong", (4,))] * 2
    assert solve_game(chicken(2, [1.0]), method="nash")[0].others == ()
