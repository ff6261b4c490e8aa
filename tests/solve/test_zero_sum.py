"""Zero-sum games: known values, refusals by reason, and agreement with what certifies them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

from detente.errors import QuestionError
from detente.game.files.efg import read_efg
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.sequence_form.sequences import recall, sequences
from detente.solve.sequence_form.zero_sum import ZeroSum
from tests.games import Drawing, kuhn, random_game, showdown, zero_sum
from tests.strategies import flags, seeds

few = settings(max_examples=30, deadline=None)


def test_the_value_of_kuhns_poker() -> None:
    game = kuhn()
    solution = ZeroSum().solve(game)
    certificate = certify(game, solution.behaviour)
    np.testing.assert_allclose(certificate.value[:, 0], [-1 / 18, 1 / 18], atol=1e-9)
    assert certificate.gain.max() < 1e-9
    assert solution.status[0] == Status.SOLVED


@few
@given(seeds, flags)
def test_nobody_gains_in_any_draw(seed: int, masked: bool) -> None:
    game = zero_sum(seed, masked)
    solution = ZeroSum().solve(game)
    assert (solution.status == Status.SOLVED).all()
    tree = game.tree
    np.testing.assert_allclose(np.add.reduceat(solution.behaviour, tree.action_start[:-1], axis=0), 1, atol=1e-12)
    assert certify(game, solution.behaviour).gain.max() < 1e-8
    if game.available is not None:
        assert not solution.behaviour[~game.available].any()


def test_other_games_are_refused_with_the_reason() -> None:
    assert "do not add up to the same" in ZeroSum().refuses(showdown(3, 1.0))
    assert "has 3" in ZeroSum().refuses(random_game(0, players=3))
    seen_apart = random_game(2, players=2, views=True, stages=4)
    seen_apart = replace(seen_apart, payoffs=seen_apart.payoffs * np.array([1.0, 0.0])[None, :, None])
    seen_apart = replace(seen_apart, payoffs=seen_apart.payoffs - seen_apart.payoffs[:, ::-1])
    if len(seen_apart.chance):
        assert "see chance differently" in ZeroSum().refuses(seen_apart)
    with pytest.raises(QuestionError, match="add up"):
        ZeroSum().solve(showdown(1, 1.0))


def test_whoever_forgets_is_named() -> None:
    drawing = Drawing(2)

    def end() -> object:
        return drawing.end("end")

    second = [drawing.move(0, "later", {"x": end(), "y": end()}) for _ in range(2)]  # type: ignore[dict-item]
    tree = drawing.grow(drawing.move(0, "first", dict(zip("ab", second, strict=True))))
    assert "'later'" in recall(tree)
    with pytest.raises(QuestionError, match="'later'"):
        sequences(tree)


def test_a_plan_and_its_behaviour_are_the_same_thing() -> None:
    for seed in range(20):
        game = random_game(seed)
        form = sequences(game.tree)
        rng = np.random.default_rng(seed)
        behaviour = rng.random(game.tree.n_actions)
        behaviour /= np.add.reduceat(behaviour, game.tree.action_start[:-1])[game.tree.action_infoset]
        plans = form.plans(behaviour)
        for p, plan in enumerate(plans):
            matrix, right = form.constraints(p)
            np.testing.assert_allclose(matrix @ plan, right, atol=1e-12)
        np.testing.assert_allclose(form.behaviour(plans)[0], behaviour, atol=1e-12)
        certificate = certify(game, np.repeat(behaviour[:, None], game.n_draws, axis=1))
        weights = form.weights(game, 1)
        value = [form.slope(weights, plans, p) @ plan for p, plan in enumerate(plans)]
        np.testing.assert_allclose(value, certificate.value[:, 1], atol=1e-12)
        np.testing.assert_allclose(form.gains(weights, plans), certificate.gain[:, 1], atol=1e-12)


def test_the_payoff_matrix_is_that_of_the_game() -> None:
    game = zero_sum(11)
    form = sequences(game.tree)
    weights = form.weights(game, 0)
    matrix = form.matrix(weights, 0)
    uniform = form.plans(1.0 / np.diff(game.tree.action_start)[game.tree.action_infoset])
    slope = form.slope(weights, uniform, 0)
    np.testing.assert_allclose(matrix @ uniform[1], slope, atol=1e-12)


def test_a_matrix_game_against_the_textbook_programme() -> None:
    table = np.random.default_rng(4).normal(size=(3, 4))
    lines = "\n".join(
        f't "" {4 * r + c + 1} "" {{ {table[r, c]!r}, {-table[r, c]!r} }}'.replace("np.float64(", "").replace(")", "")
        for r in range(3)
        for c in range(4)
    ).split("\n")
    column = 'p "" 2 1 "" { "1" "2" "3" "4" } 0'
    text = 'EFG 2 R "" { "a" "b" }\np "" 1 1 "" { "1" "2" "3" } 0\n' + "\n".join(
        "\n".join([column, *lines[4 * r : 4 * r + 4]]) for r in range(3)
    )
    game = read_efg(text)
    value = certify(game, ZeroSum().solve(game).behaviour).value[0, 0]
    best = linprog(
        [0, 0, 0, -1], np.c_[-table.T, np.ones(4)], np.zeros(4), [[1, 1, 1, 0]], [1], [(0, None)] * 3 + [(None, None)]
    )
    assert value == pytest.approx(best.x[3], abs=1e-9)
