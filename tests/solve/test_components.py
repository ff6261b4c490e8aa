"""The sets that the equilibria of two players form: components, and the maximal Nash subsets they consist of."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from typer.testing import CliRunner

from detente.game.files.efg import read_efg
from detente.game.files.nfg import read_nfg
from detente.game.tree import Game
from detente.present.cli.app import app
from detente.solve.certificate.certify import certify
from detente.solve.nash.components import Component, components, holds
from detente.solve.nash.nash import Equilibria, Nash
from detente.solve.nash.sequential import Refinement
from tests.games import random_game, simultaneous
from tests.strategies import seeds

NOTHING = """NFG 1 R "Nothing to win" { "A" "B" } { 2 2 }
0 0 0 0 0 0 0 0
"""
OUTSIDE = """EFG 2 R "An outside option, or matching pennies" { "A" "B" }
p "" 1 1 "" { "in" "out" } 0
p "" 1 2 "" { "u" "d" } 0
p "" 2 1 "" { "x" "y" } 0
t "" 1 "" { 3 0 }
t "" 2 "" { 0 1 }
p "" 2 1 "" { "x" "y" } 0
t "" 2 "" { 0 1 }
t "" 1 "" { 3 0 }
t "" 3 "" { 2 2 }
"""


def coarse(seed: int) -> Game:
    """A table of payoffs with so few different ones that equilibria come in families."""
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(2, 4, 2)
    cells = rng.integers(0, 2, (rows, columns, 2)).astype(float)
    return simultaneous([[(float(a), float(b)) for a, b in row] for row in cells], (1.0, 1.0))


def gain(game: Game, behaviour: np.ndarray) -> float:
    return float(certify(game, behaviour[:, None]).gain.max())


def mixed(game: Game, listed: Equilibria, subset: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """[A] a mixture of the plans of a maximal Nash subset, each player's own, in a game in which all move once."""
    sets = game.tree.action_infoset
    found = np.zeros(game.tree.n_actions)
    for h in range(game.tree.n_infosets):
        found[sets == h] = (rng.dirichlet(np.ones(len(subset))) @ [listed.found[k].behaviour for k in subset])[
            sets == h
        ]
    return found


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_mixtures_within_a_maximal_subset_are_equilibria_and_across_them_are_not(seed: int) -> None:
    game, rng = coarse(seed), np.random.default_rng(seed)
    listed = Nash(refined=False).all(game)
    assert sorted(k for family in listed.components for k in family.extreme) == list(range(len(listed.found)))
    for c, family in enumerate(listed.components):
        assert {k for subset in family.subsets for k in subset} == set(family.extreme)
        assert all(listed.found[k].component == c for k in family.extreme)
        assert all(listed.found[k].isolated == (len(family.extreme) == 1) for k in family.extreme)
        for subset in family.subsets:
            assert gain(game, mixed(game, listed, subset, rng)) <= 1e-9


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_every_equilibrium_is_a_mixture_within_some_maximal_subset(seed: int) -> None:
    """All pairs of strategies with quarters as probabilities are looked at."""
    game = coarse(seed)
    listed = Nash(refined=False).all(game)
    owner = game.tree.owner[game.tree.action_infoset]
    sides = [owner == p for p in range(2)]
    subsets = [
        [np.array([listed.found[k].behaviour[side] for k in subset]) for side in sides]
        for family in listed.components
        for subset in family.subsets
    ]
    quarters = [[np.array(q) / 4 for q in product(range(5), repeat=int(side.sum())) if sum(q) == 4] for side in sides]
    pairs = [np.concatenate(pair)[np.argsort(np.argsort(owner, kind="stable"))] for pair in product(*quarters)]
    many = Game(game.tree, *(np.repeat(a, len(pairs), axis=-1) for a in (game.payoffs, game.chance, game.precision)))
    gains = certify(many, np.array(pairs).T).gain.max(axis=0)
    assert (gains <= 1e-12).any() or len(listed.found) == 1
    for k in np.flatnonzero(gains <= 1e-12):
        assert any(all(holds(c, pairs[k][side]) for c, side in zip(both, sides, strict=True)) for both in subsets)


def test_pairs_are_put_together() -> None:
    """Two chains of a component, which share one plan only, and a pair that stands alone."""
    found = components([(0, 0), (0, 1), (1, 1), (1, 2), (2, 3), (0, 2)])
    assert found == [
        Component((0, 1, 2, 3, 5), ((0, 1, 5), (1, 2, 3, 5))),
        Component((4,), ((4,),)),
    ]


def test_a_game_in_which_nothing_matters_is_one_family() -> None:
    listed = Nash().all(read_nfg(NOTHING))
    assert listed.components == (Component((0, 1, 2, 3), ((0, 1, 2, 3),)),)
    assert not any(e.isolated for e in listed.found)
    assert "the first of those" in listed.selection


def test_a_sequential_member_between_extreme_ones_is_listed_and_taken() -> None:
    game = read_efg(OUTSIDE)
    listed = Nash().all(game)
    (family,) = listed.components
    assert family.extreme == (0, 1)
    (inside,) = family.inside
    one = listed.found[inside]
    assert (one.refinement, one.extreme, one.isolated) == (Refinement.SEQUENTIAL, False, False)
    np.testing.assert_allclose(one.behaviour, [0, 1, 0.5, 0.5, 0.5, 0.5], atol=1e-9)
    assert listed.selected == inside
    assert listed.selection == "the only one that is known to be sequential"
    np.testing.assert_allclose(Nash().solve(game).behaviour[:, 0], one.behaviour, atol=1e-12)


def test_a_sequential_member_that_no_guess_hits_is_found_by_the_limit() -> None:
    """The threat must be mixed as the game behind the outside option says, which is no middle of anything."""
    game = read_efg(OUTSIDE.replace('t "" 1 "" { 3 0 }', 't "" 4 "" { 5 0 }', 1).replace("{ 2 2 }", "{ 4 2 }"))
    listed = Nash().all(game)
    one = listed.found[listed.selected]
    assert one.refinement == Refinement.SEQUENTIAL
    np.testing.assert_allclose(one.behaviour[4:], [3 / 8, 5 / 8], atol=1e-9)


@pytest.mark.parametrize("stay", [0.0, 1.0])
def test_of_more_players_only_what_is_known_is_said(stay: float) -> None:
    """Where nothing matters no corner is isolated; where each strictly prefers a move the equilibrium is."""
    pay = [" ".join(str(stay * (choice[2 - p] == 0)) for p in range(3)) for choice in product(range(2), repeat=3)]
    listed = Nash().all(read_nfg('NFG 1 R "" { "A" "B" "C" } { 2 2 2 }\n' + " ".join(pay)))
    assert listed.components == ()
    if stay:
        assert [e.isolated for e in listed.found] == [True]
    else:
        assert all(e.isolated is not True for e in listed.found)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_members_that_are_listed_are_equilibria(seed: int) -> None:
    game = random_game(seed, players=2, stages=3, draws=1)
    solver = Nash(most_plans=40)
    if solver.refuses(game):
        return
    listed = solver.all(game)
    for family in listed.components:
        for k in family.inside:
            assert gain(game, listed.found[k].behaviour) <= 1e-9
            assert listed.found[k].refinement == Refinement.SEQUENTIAL


def test_families_on_the_terminal_and_in_json(tmp_path: Path) -> None:
    file = tmp_path / "outside.efg"
    file.write_text(OUTSIDE)
    arguments = ["solve", str(file), "--method", "nash"]
    found = json.loads(CliRunner().invoke(app, [*arguments, "--all", "--json"]).stdout)
    assert [(p["isolated"], p["extreme"], p["selected"]) for p in found["points"]] == [
        (False, True, False),
        (False, True, False),
        (False, False, True),
    ]
    assert found["components"] == [
        {"component": 0, "isolated": False, "extreme": [0, 1], "subsets": [[0, 1]], "inside": [2]}
    ]
    shown = CliRunner().invoke(app, [*arguments, "--all"]).stdout
    assert "component 0 is a family with 2 extreme equilibria." in shown
    assert "All mixtures of 1 and 2, each player's own, are equilibria too." in shown
    plain = CliRunner().invoke(app, arguments).stdout
    assert "Nash equilibrium, sequential, inside the family of component 0; of 3 equilibria" in plain
    assert "taken: the only one that is known to be sequential" in plain
