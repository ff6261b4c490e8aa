"""Lists of equilibria: known ones, their corners and kinds, and refusals."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from scipy.optimize import nnls

from detente.errors import QuestionError
from detente.game.files.efg import read_efg
from detente.game.tree import Game
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.nash.bimatrix import _normal, _sequential
from detente.solve.nash.double_description import extreme_rays
from detente.solve.nash.multilinear import roots
from detente.solve.nash.nash import Equilibria, Nash
from detente.solve.nash.reduced_form import exact_payoffs, simple
from detente.solve.nash.sequential import Refinement
from detente.solve.sequence_form.sequences import sequences
from tests.games import CHAIN_STORE, HORSE, escalation, kuhn, random_game, simultaneous
from tests.strategies import flags, seeds

few = settings(max_examples=25, deadline=None)


def profiles(listed: Equilibria) -> set[tuple[float, ...]]:
    return {tuple(np.round(e.behaviour, 6).tolist()) for e in listed.found}


def test_battle_of_the_sexes_has_three() -> None:
    game = simultaneous([[(2.0, 1.0), (0.0, 0.0)], [(0.0, 0.0), (1.0, 2.0)]], (1.0, 1.0))
    listed = Nash().all(game)
    assert profiles(listed) == {(1, 0, 1, 0), (0, 1, 0, 1), (0.666667, 0.333333, 0.333333, 0.666667)}
    assert {e.component for e in listed.found} == {0, 1, 2}
    assert all(e.refinement == Refinement.SEQUENTIAL for e in listed.found)
    assert listed.complete


def test_the_corners_of_one_component_belong_together() -> None:
    """A player who does not care: everything it does is an equilibrium, and two corners span that."""
    game = simultaneous([[(1.0, 0.0), (1.0, 0.0)]], (1.0, 1.0))
    listed = Nash().all(game)
    assert profiles(listed) == {(1, 1, 0), (1, 0, 1)}
    assert len({e.component for e in listed.found}) == 1


def test_seltens_horse() -> None:
    """Two kinds of equilibria: (D, c, L), at which player 2 would rather not do as it is told, and (C, c, R)."""
    listed = Nash().all(read_efg(HORSE))
    kinds = {tuple(e.behaviour[[0, 2]].round(6)): e.refinement for e in listed.found}
    assert kinds == {(0.0, 1.0): Refinement.NASH, (1.0, 1.0): Refinement.SEQUENTIAL}
    chosen = listed.found[listed.selected]
    assert chosen.refinement == Refinement.SEQUENTIAL
    assert chosen.behaviour[5] >= 0.75  # R, often enough to keep player 2 from d


def test_an_empty_threat_is_an_equilibrium_but_not_a_sequential_one() -> None:
    game = read_efg(CHAIN_STORE)
    listed = Nash().all(game)
    entered = {bool(e.behaviour[0] > 0.5): e.refinement for e in listed.found}
    assert entered == {True: Refinement.SEQUENTIAL, False: Refinement.NASH}
    np.testing.assert_allclose(Nash().solve(game).behaviour[:, 0], [1, 0, 0, 1], atol=1e-12)


def test_beliefs_that_nothing_could_bear_out() -> None:
    """What player 2 believes where it is never reached need not follow from any trembles: then weakly sequential only.

    Trembles are made by a player who cannot tell chance's events apart, so that the odds of those stay at one half.
    """
    text = """EFG 2 R "" { "1" "2" }
c "" 1 "" { "a" 1/2 "b" 1/2 } 0
p "" 1 1 "" { "out" "in" } 0
t "" 1 "" { 2, 2 }
p "" 2 1 "" { "l" "r" } 0
t "" 2 "" { 1, 3 }
t "" 3 "" { 3, 0 }
p "" 1 1 "" { "out" "in" } 0
t "" 1 "" { 2, 2 }
p "" 2 1 "" { "l" "r" } 0
t "" 4 "" { 1, 0 }
t "" 5 "" { 3, 2 }
"""
    listed = Nash().all(read_efg(text))
    kinds = {tuple(e.behaviour.round(6)): e.refinement for e in listed.found}
    assert kinds[(1, 0, 1, 0)] == Refinement.SEQUENTIAL  # at even odds l is worth 1.5 and r 1
    listed = Nash().all(read_efg(text.replace("{ 1, 3 }", "{ 1, 1 }")))
    assert all(e.behaviour[3] == 1 for e in listed.found if e.refinement == Refinement.SEQUENTIAL)
    staying_out = [e for e in listed.found if e.behaviour[0] > 1 - 1e-9]
    assert staying_out
    assert all(e.refinement == Refinement.WEAKLY_SEQUENTIAL for e in staying_out)


def test_three_players_who_mix() -> None:
    """Each prefers to differ from the next in a ring of three: nobody can be pure, and all play one half."""
    leaves, slots = [], 0
    for i in range(2):
        for j in range(2):
            for k in range(2):
                slots += 1
                pay = (int(i != j), int(j != k), int(k == i))
                leaves.append(f't "" {slots} "" {{ {pay[0]}, {pay[1]}, {pay[2]} }}')
    third = 'p "" 3 1 "" { "0" "1" } 0'
    text = 'EFG 2 R "" { "1" "2" "3" }\np "" 1 1 "" { "0" "1" } 0\n'
    for i in range(2):
        text += 'p "" 2 1 "" { "0" "1" } 0\n'
        for j in range(2):
            text += "\n".join([third, *leaves[4 * i + 2 * j : 4 * i + 2 * j + 2]]) + "\n"
    listed = Nash().all(read_efg(text))
    assert (0.5,) * 6 in profiles(listed)
    assert listed.complete
    assert all(e.gain < 1e-12 for e in listed.found)


@few
@given(seeds, flags, flags)
def test_every_one_listed_is_an_equilibrium(seed: int, masked: bool, views: bool) -> None:
    game = random_game(seed, masked=masked, views=views, draws=1, stages=3)
    solver = Nash(most_plans=60, most_supports=1500)
    assume(not solver.refuses(game))
    listed = solver.all(game)
    assert listed.found
    for e in listed.found:
        certificate = certify(game, e.behaviour[:, None])
        assert certificate.gain.max() <= 1e-9
        np.testing.assert_allclose(certificate.value[:, 0], e.payoffs, atol=1e-9)
    if all(e.refinement != Refinement.SEQUENTIAL for e in listed.found):
        assert "none" in listed.selection  # it lies between corners: a threat has to be mixed


@settings(max_examples=19, deadline=None)  # a second each
@given(seeds)
def test_sequential_equilibria_pay_at_every_set(seed: int) -> None:
    """At infinite precision the certificate's residual is what is given to worse moves under the limit of trembles."""
    game = random_game(seed, perfect=True, draws=1, stages=3)
    game = replace(game, precision=np.full_like(game.precision, np.inf))
    solver = Nash(most_plans=60, most_supports=1500)
    assume(not solver.refuses(game))
    for e in solver.all(game).found:
        if e.refinement == Refinement.SEQUENTIAL:
            assert certify(game, e.behaviour[:, None]).residual[0] <= 1e-9


def test_as_a_solver() -> None:
    game = kuhn()
    solution = Nash().solve(game)
    assert solution.status[0] == Status.SOLVED
    np.testing.assert_allclose(certify(game, solution.behaviour).value[0, 0], -1 / 18, atol=1e-12)


def test_what_is_too_large_says_how_large() -> None:
    large = escalation(1, 1.0)
    assert "combinations of moves" in Nash().refuses(large)
    with pytest.raises(QuestionError, match="at most 20,000"):
        Nash().all(large)
    with pytest.raises(QuestionError, match=r"'Sparta' has 64 reduced strategies \(at most 20\)"):
        Nash(most_plans=20).all(kuhn())
    with pytest.raises(QuestionError, match="more than 100;"):
        Nash(most_vertices=100).all(kuhn())


def test_the_corners_of_a_cut_cube() -> None:
    """x + y + z <= 5/2 cuts one corner off the unit cube: seven stay and three come new."""
    cube = np.concatenate([-np.eye(3, dtype=int), np.ones((3, 1), int)], axis=1).astype(object)
    homogeneous = np.array([[0, 0, 0, 1]], object)
    nothing = np.zeros((0, 4), object)
    assert len(extreme_rays(nothing, np.concatenate([cube, homogeneous]), 100)[0]) == 8
    cut = np.concatenate([cube, np.array([[-2, -2, -2, 5]], object)])
    found, tight = extreme_rays(nothing, cut, 100)
    assert len(found) == 10
    for ray, mask in zip(found, tight, strict=True):
        slack = [*ray, *(cut @ ray)]
        assert min(slack) >= 0
        assert mask == sum(1 << i for i, value in enumerate(slack) if value == 0)
    triangle, _ = extreme_rays(np.array([[1, 1, 1, -1]], object), cut, 100)  # x + y + z = 1
    assert {tuple(ray) for ray in triangle} == {(1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)}


@few
@given(seeds, flags)
def test_the_sequence_form_spans_what_the_normal_form_does(seed: int, masked: bool) -> None:
    game = random_game(seed, players=2, draws=1, stages=3, masked=masked)
    assume(not Nash(most_plans=16).refuses(game))
    rounded = replace(game, payoffs=np.round(game.payoffs), chance=game.chance)
    form, available = sequences(game.tree), None if game.available is None else game.available[:, 0]
    payoffs = exact_payoffs(form, rounded, 0)
    for player in range(2):
        normal, own = (look(form, payoffs, player, 5000, available) for look in (_normal, _sequential))
        corners = np.unique(np.array(own.plans), axis=0).T
        for plan in normal.plans:
            hull = np.concatenate([corners, np.ones((1, corners.shape[1]))])
            assert nnls(hull, np.append(plan, 1.0))[1] < 1e-9


def test_kuhns_poker_has_a_segment_of_equilibria() -> None:
    """Kuhn (1950): the second player's strategy is unique, the first bluffs with probability between 0 and 1/3."""
    listed = Nash().all(kuhn())
    tree = kuhn().tree
    worst_card = [s.name for s in tree.infosets].index("('first', 0)")
    bluff = [e.behaviour[tree.action_start[worst_card] + 1] for e in listed.found]
    assert sorted(np.round(bluff, 9)) == [0, pytest.approx(1 / 3)]
    assert len({e.component for e in listed.found}) == 1


def test_roots_in_a_box() -> None:
    """4xy = 1 and x + y = 5/4: the two points (1, 1/4) and (1/4, 1)."""
    first = np.array([[-1.0, 0.0], [0.0, 4.0]])
    second = np.array([[-1.25, 1.0], [1.0, 0.0]])
    found = roots(np.array([first, second]), np.zeros((0, 2, 2)), [], 1000)
    assert found.complete
    assert {tuple(p.round(9)) for p in found.points} == {(1.0, 0.25), (0.25, 1.0)}
    below = np.array([[0.5, 0.0], [-1.0, 0.0]])  # x at most one half
    found = roots(np.array([first, second]), below[None], [], 1000)
    assert {tuple(p.round(9)) for p in found.points} == {(0.25, 1.0)}
    curve = roots(np.array([first, first]), np.zeros((0, 2, 2)), [], 300)
    assert not curve.complete


def test_numbers_are_taken_to_be_what_they_look_like() -> None:
    assert simple(1 / 3, 1.0) == Fraction(1, 3)
    assert simple(0.1 + 0.2, 1.0) == Fraction(3, 10)
    assert abs(float(simple(np.pi, 4.0)) - np.pi) < 1e-11


def test_no_decision_at_all() -> None:
    text = 'EFG 2 R "" { "1" }\nc "" 1 "" { "a" 1/2 "b" 1/2 } 0\nt "" 1 "" { 2 }\nt "" 2 "" { 4 }\n'
    game: Game = read_efg(text)
    listed = Nash().all(game)
    assert len(listed.found) == 1
    assert listed.found[0].payoffs[0] == pytest.approx(3)
