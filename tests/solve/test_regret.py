"""Regret minimisation: what it must reach, what it must not claim, and that it can be watched and stopped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from detente.arrays import Floats
from detente.errors import QuestionError
from detente.game.tree import Game
from detente.solve.base import Status
from detente.solve.certificate.certify import certify
from detente.solve.sequence_form import regret
from detente.solve.sequence_form.cfr import Regret
from detente.solve.sequence_form.sequences import sequences
from detente.solve.sequence_form.zero_sum import ZeroSum
from tests.games import escalation, kuhn, random_game, showdown, simultaneous, take, zero_sum
from tests.strategies import flags, seeds

few = settings(max_examples=25, deadline=None)
variants = pytest.mark.parametrize("variant", ["cfr+", "predictive"])


@variants
def test_kuhns_poker(variant: str) -> None:
    game = kuhn()
    solution = Regret(iterations=20_000, variant=variant, tolerance=1e-5).solve(game)
    certificate = certify(game, solution.behaviour)
    assert solution.status[0] == Status.SOLVED
    assert certificate.gain.max() <= 4e-5
    np.testing.assert_allclose(certificate.value[0, 0], -1 / 18, atol=4e-5)


@few
@given(seeds, flags)
def test_zero_sum_games_tend_to_their_value(seed: int, masked: bool) -> None:
    game = zero_sum(seed, masked)
    exact = certify(game, ZeroSum().solve(game).behaviour).value
    for variant in ("cfr+", "predictive"):
        solution = Regret(iterations=3000, variant=variant, tolerance=1e-4).solve(game)
        certificate = certify(game, solution.behaviour)
        assert certificate.gain.max() <= 5e-3  # some games take more iterations than these to come within 1e-4
        assert (np.abs(certificate.value - exact).max(axis=0) <= certificate.gain.max(axis=0) + 1e-9).all()


@few
@given(seeds, flags, flags)
def test_what_is_called_solved_is_certified(seed: int, masked: bool, views: bool) -> None:
    game = random_game(seed, masked=masked, views=views)
    solver = Regret(iterations=300, tolerance=1e-3)
    solution = solver.solve(game)
    used = np.unique(game.tree.slot[game.tree.terminals])
    share = certify(game, solution.behaviour).gain / np.ptp(game.payoffs[used], axis=0).clip(1e-300)
    solved = solution.status == Status.SOLVED
    assert (share[:, solved] <= 1e-3 + 1e-9).all()
    assert (share[:, ~solved].max(axis=0, initial=1.0) > 1e-3 - 1e-9).all()
    assert (solution.reached[~solved] < 1).all()


def by_hand(game: Game, iterations: int) -> Floats:
    """CFR+ over histories, as Tammelin describes it: slow, plain, and nothing in common with the compiled sweep."""
    tree = game.tree
    starts, belongs = tree.action_start[:-1], tree.action_infoset
    regret = np.zeros(tree.n_actions)
    strategy = 1.0 / np.diff(tree.action_start)[belongs]
    form = sequences(tree)
    total = [np.zeros(size) for size in form.sizes]
    for t in range(1, iterations + 1):
        for p in range(tree.n_players):
            reach, worth = np.ones(tree.n_nodes), np.zeros(tree.n_nodes)
            for x in range(1, tree.n_nodes):
                a, e = tree.edge_action[x], tree.edge_chance[x]
                step = game.chance[tree.chance_row[e, p], 0] if e >= 0 else strategy[a]
                own = a >= 0 and tree.owner[belongs[a]] == p
                reach[x] = reach[tree.parent[x]] * (1.0 if own else step)
            for x in range(tree.n_nodes - 1, -1, -1):
                if tree.slot[x] >= 0:
                    worth[x] = game.payoffs[tree.slot[x], p, 0]
                if x:
                    a, e = tree.edge_action[x], tree.edge_chance[x]
                    worth[tree.parent[x]] += worth[x] * (
                        game.chance[tree.chance_row[e, p], 0] if e >= 0 else strategy[a]
                    )
            pay = np.zeros(tree.n_actions)
            for x in range(1, tree.n_nodes):
                if tree.edge_action[x] >= 0:
                    pay[tree.edge_action[x]] += reach[tree.parent[x]] * worth[x]
            here = np.add.reduceat(pay * strategy, starts)[belongs]
            mine = tree.owner[belongs] == p
            regret[mine] = np.maximum(regret + pay - here, 0.0)[mine]
            sums = np.add.reduceat(regret, starts)[belongs]
            matched = np.where(
                sums > 0, regret / np.where(sums > 0, sums, 1.0), 1.0 / np.diff(tree.action_start)[belongs]
            )
            strategy = np.where(mine, matched, strategy)
            total[p] += t * form.plan(p, strategy)
    return np.concatenate([own / own[0] for own in total])


@pytest.mark.parametrize("seed", [4, 13, 21])
def test_the_sweep_is_the_walk_over_histories(seed: int) -> None:
    game = random_game(seed, players=3, stages=4, views=True, draws=1)
    form = sequences(game.tree)
    field = regret.lay_out(form, form.weights(game, 0), np.ones(game.tree.n_actions, np.bool_))
    state = regret.begin(field)
    regret.iterate(field, state, 0, 7, False)
    regret.iterate(field, state, 7, 5, False)
    average = np.concatenate([own / own[0] for own in np.split(state.total, field.start[1:-1])])
    np.testing.assert_allclose(average, by_hand(game, 12), atol=1e-11)


@variants
def test_a_run_can_be_watched_and_left(variant: str) -> None:
    game = escalation(1, np.inf)
    seen = []
    for progress in Regret(iterations=100_000, variant=variant, tolerance=0.0).run(game):
        seen.append(progress)
        if len(seen) == 5:
            break
    assert [p.iterations for p in seen] == sorted({p.iterations for p in seen})
    best = [p.gains.max() for p in seen]
    assert best == sorted(best, reverse=True)
    form = sequences(game.tree)
    behaviour, _ = form.behaviour(seen[-1].plans)
    np.testing.assert_allclose(certify(game, behaviour[:, None]).gain[:, 0], seen[-1].gains, atol=1e-12)


def test_workers_do_not_matter() -> None:
    game = showdown(5, 1.0)
    one, two = (Regret(iterations=50).solve(game, workers=w) for w in (1, 2))
    assert np.array_equal(one.behaviour, two.behaviour)
    alone = Regret(iterations=50).solve(take(game, [3]))
    assert np.array_equal(alone.behaviour[:, 0], one.behaviour[:, 3])


def test_shapleys_game_is_not_called_solved() -> None:
    """Where strategies cycle (Shapley 1964) a few hundred iterations are no solution, and nothing says they are."""
    table = [[(0, 0), (1, 0), (0, 1)], [(0, 1), (0, 0), (1, 0)], [(1, 0), (0, 1), (0, 0)]]
    skewed = [[(a + 0.1 * (r == 0), float(b)) for a, b in row] for r, row in enumerate(table)]
    game = simultaneous(skewed, (np.inf, np.inf))
    solution = Regret(iterations=200, tolerance=1e-9).solve(game)
    assert solution.status[0] == Status.STOPPED
    assert certify(game, solution.behaviour).gain.max() > 1e-6


def test_wrong_settings_are_told() -> None:
    with pytest.raises(QuestionError, match="did you mean 'predictive'"):
        Regret(variant="predictiv").solve(showdown(1, 1.0))
    with pytest.raises(QuestionError, match="at least one iteration"):
        Regret(iterations=0).solve(showdown(1, 1.0))
