"""What must hold of every solver on every game: properties, on small games drawn at random."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.arrays import Floats
from detente.game.tree import CHANCE, DECISION, TERMINAL, Game, Infoset, Node, Tree
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.perfect_information.backward import Backward
from detente.solve.quantal.layout import LOG_ZERO, lay_out
from detente.solve.quantal.quantal import Quantal
from tests.games import escalation, random_game, showdown, take
from tests.strategies import flags, games, seeds

few = settings(max_examples=40, deadline=None)


def reach(game: Game, behaviour: Floats) -> Floats:
    """[N, n] the probability in truth of coming through each node, by plain multiplication down the tree."""
    tree = game.tree
    found = np.ones((tree.n_nodes, game.n_draws))
    for x in range(1, tree.n_nodes):
        action, edge = tree.edge_action[x], tree.edge_chance[x]
        step = behaviour[action] if action >= 0 else game.chance[tree.chance_row[edge, -1]]
        found[x] = found[tree.parent[x]] * step
    return found


@few
@given(games())
def test_behaviour_is_probabilities_and_reach_sums_to_one(game: Game) -> None:
    solution = Quantal().solve(game)
    tree = game.tree
    assert (solution.status != Status.STOPPED).all()
    assert (solution.behaviour >= 0).all()
    np.testing.assert_allclose(np.add.reduceat(solution.behaviour, tree.action_start[:-1], axis=0), 1, atol=1e-12)
    np.testing.assert_allclose(reach(game, solution.behaviour)[tree.terminals].sum(axis=0), 1, atol=1e-12)
    if game.available is not None:
        assert not solution.behaviour[~game.available].any()


@few
@given(games())
def test_every_solution_is_certified(game: Game) -> None:
    certificate = certify(game, Quantal().solve(game).behaviour)
    assert certificate.residual.max() <= 1e-8
    assert certificate.gain.min() >= -1e-9


@few
@given(games())
def test_the_certificate_notices_a_change(game: Game) -> None:
    behaviour = Quantal().solve(game).behaviour.copy()
    a = int(np.argmax(np.diff(game.tree.action_start)))
    actions = slice(game.tree.action_start[a], game.tree.action_start[a + 1])
    behaviour[actions] = np.roll(0.9 * behaviour[actions] + 0.1 * np.eye(1, actions.stop - actions.start).T, 0, axis=0)
    changed = np.abs(behaviour - Quantal().solve(game).behaviour).max(axis=0) > 1e-4
    assert (certify(game, behaviour).residual[changed] > 1e-8).all()


@few
@given(games())
def test_precision_zero_is_uniform(game: Game) -> None:
    still = replace(game, precision=np.zeros_like(game.precision))
    behaviour = Quantal().solve(still).behaviour
    open_moves = np.ones_like(behaviour) if game.available is None else game.available.astype(float)
    share = np.add.reduceat(open_moves, game.tree.action_start[:-1], axis=0)[game.tree.action_infoset]
    np.testing.assert_allclose(behaviour, open_moves / share, atol=1e-12)
    assert certify(still, behaviour).residual.max() <= 1e-12


@few
@given(games(), st.floats(0.1, 30), st.floats(-20, 20))
def test_the_unit_of_payoffs_does_not_matter(game: Game, factor: float, shift: float) -> None:
    other = replace(game, payoffs=game.payoffs * factor + shift, precision=game.precision / factor)
    np.testing.assert_allclose(Quantal().solve(other).behaviour, Quantal().solve(game).behaviour, atol=1e-7)


@few
@given(seeds, flags)
def test_the_order_of_moves_and_members_does_not_matter(seed: int, perfect: bool) -> None:
    game = random_game(seed, perfect=perfect)
    mirrored, action_of = mirror(game)
    for solver in (Quantal(), Quantal(trace=True)):
        ours, theirs = solver.solve(game).behaviour, solver.solve(mirrored).behaviour
        np.testing.assert_allclose(theirs, ours[action_of], atol=1e-7)


def mirror(game: Game) -> tuple[Game, list[int]]:
    """The game with the children of every node in the opposite order, and where its actions came from."""
    tree = game.tree
    infosets: dict[int, Infoset] = {}

    def copy(x: int) -> Node:
        places = range(int(tree.first_child[x] + tree.children[x]) - 1, int(tree.first_child[x]) - 1, -1)
        children = [copy(y) for y in places]
        if tree.kind[x] == TERMINAL:
            return Node(TERMINAL, slot=int(tree.slot[x]))
        if tree.kind[x] == CHANCE:
            start = tree.chance_start[x] - tree.first_child[x]
            return Node(CHANCE, children, rows=[tuple(tree.chance_row[start + y].tolist()) for y in places])
        h = int(tree.infoset[x])
        infosets[h] = replace(tree.infosets[h], actions=tree.infosets[h].actions[::-1], number=h)
        return Node(DECISION, children, key=h)

    root = copy(0)
    mirrored = Tree.grow(root, tree.players, infosets)  # type: ignore[arg-type]
    sets = [infoset.number for infoset in mirrored.infosets]
    action_of = [a for h in sets for a in range(tree.action_start[h + 1] - 1, tree.action_start[h] - 1, -1)]
    return replace(game, tree=mirrored), action_of


@settings(max_examples=15, deadline=None)
@given(games(draws=37))
def test_a_draw_does_not_notice_its_company(game: Game) -> None:
    together = Quantal().solve(game)
    for j in (0, 17, 36):
        alone = Quantal().solve(take(game, [j]))
        assert np.array_equal(alone.behaviour[:, 0], together.behaviour[:, j])
    assert np.array_equal(Quantal().solve(game, workers=2).behaviour, together.behaviour)
    if game.tree.perfect_information:
        assert np.array_equal(Backward().solve(take(game, [5])).behaviour[:, 0], Backward().solve(game).behaviour[:, 5])


@pytest.mark.parametrize("game", [showdown(100, 30.0), escalation(40, 15.0)], ids=["showdown", "escalation"])
@pytest.mark.parametrize("trace", [False, True])
def test_blocks_and_workers_do_not_matter_to_the_last_bit(game: Game, trace: bool) -> None:
    solver = Quantal(trace=trace)
    together = solver.solve(game)
    for other in (solver.solve(game, workers=2), solver.solve(game, workers=3)):
        assert np.array_equal(other.behaviour, together.behaviour)
        assert np.array_equal(other.evaluations, together.evaluations)
    alone = np.concatenate([solver.solve(take(game, [j])).behaviour for j in range(8)], axis=1)
    assert np.array_equal(alone, together.behaviour[:, :8])


@few
@given(seeds, flags)
def test_backward_induction_is_quantal_response_at_high_precision(seed: int, masked: bool) -> None:
    game = random_game(seed, perfect=True, masked=masked)
    sharp = replace(game, precision=np.full_like(game.precision, 1e5))
    best = Backward().solve(game).behaviour
    clear = np.abs(best - Quantal().solve(sharp).behaviour).max(axis=0) < 1e-3
    assert clear.mean() >= 0.6  # two moves may be within 1e-4 of each other
    forever = replace(game, precision=np.full_like(game.precision, np.inf))
    certificate = certify(forever, best)
    assert certificate.residual.max() == 0
    if not masked and game.tree.n_players == 1:
        np.testing.assert_allclose(certificate.gain, 0, atol=1e-12)


@few
@given(games(perfect=True))
def test_nothing_is_gained_against_backward_induction(game: Game) -> None:
    np.testing.assert_allclose(certify(game, Backward().solve(game).behaviour).gain, 0, atol=1e-9)


@few
@given(seeds, flags, flags)
def test_tracing_by_arclength_agrees_with_climbing(seed: int, masked: bool, views: bool) -> None:
    game = random_game(seed, masked=masked, views=views, precision=(0.1, 3.0))
    climbed, traced = Quantal().solve(game), Quantal(trace=True).solve(game)
    assert (traced.status != Status.STOPPED).all()
    np.testing.assert_allclose(climbed.behaviour, traced.behaviour, atol=1e-7)


@few
@given(games(draws=2))
def test_points_on_a_path_are_the_solutions_at_their_precisions(game: Game) -> None:
    precisions = [0.0, 0.5, 2.0]
    for precision, on_path in zip(precisions, Quantal().path(game, precisions), strict=True):
        there = Quantal().solve(replace(game, precision=np.full_like(game.precision, precision)))
        np.testing.assert_allclose(on_path.behaviour, there.behaviour, atol=1e-7)


@few
@given(seeds)
def test_events_that_cannot_happen_do_no_harm(seed: int) -> None:
    bare = random_game(seed, views=True, masked=True, impossible=True, precision=(0.1, 3.0))
    solution = Quantal().solve(bare)
    assert np.isfinite(solution.behaviour).all()
    assert certify(bare, solution.behaviour).residual.max() <= 1e-8


@pytest.mark.parametrize("precision", [100.0, 1000.0])
def test_high_precision_neither_overflows_nor_loses_its_numbers(precision: float) -> None:
    game = showdown(50, precision)
    solution = Quantal().solve(game)
    assert np.isfinite(solution.behaviour).all()
    certificate = certify(game, solution.behaviour)
    found = solution.status != Status.STOPPED
    assert found.mean() > 0.9
    assert (certificate.residual[found] < 1e-6).all()


def test_games_of_perfect_information_are_solved_without_scipy() -> None:
    code = """
import sys, numpy as np
from detente.game.files.efg import read_efg
from detente.solve.choose import choose
game = read_efg('EFG 2 R "" { "A" }\\np "" 1 1 "" { "l" "r" } 0\\nt "" 1 "" { 1 }\\nt "" 2 "" { 0 }')
choose(game).solver.solve(game)
assert "scipy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_beliefs_are_counted_once() -> None:
    """Four types, but only what the moves tell apart is unknown: see the module `plan`."""
    layout = lay_out(showdown(1, 1.0).tree)
    assert layout.n_unknowns == 2
    assert np.exp(LOG_ZERO) == pytest.approx(1e-300)
