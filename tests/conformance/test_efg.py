"""The .efg format: what is written is read back, and what is wrong is told with its place."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from detente.game.files.efg import read_efg, write_efg
from detente.game.tree import CHANCE, GameError, Tree
from detente.solve.quantal.quantal import Quantal
from tests.games import random_game, showdown
from tests.strategies import flags, seeds


@settings(max_examples=50, deadline=None)
@given(seeds, flags, flags)
def test_round_trip(seed: int, perfect: bool, impossible: bool) -> None:
    game = random_game(seed, perfect=perfect, impossible=impossible)
    text = write_efg(game, 1, title='Say "when"')
    back = read_efg(text)
    assert shape(back.tree) == shape(game.tree)
    assert [s.name for s in back.tree.infosets] == [s.name for s in game.tree.infosets]
    ends, theirs = game.tree.terminals, back.tree.terminals
    assert np.array_equal(back.payoffs[back.tree.slot[theirs], :, 0], game.payoffs[game.tree.slot[ends], :, 1])
    edges, others = game.tree.chance_row[:, -1], back.tree.chance_row[:, -1]
    np.testing.assert_allclose(back.chance[others, 0], game.chance[edges, 1], atol=1e-15)
    assert write_efg(read_efg(write_efg(back))) == write_efg(back)


def shape(tree: Tree) -> list[list[int]]:
    parts = (tree.kind, tree.parent, tree.infoset, tree.owner, tree.members, tree.action_start)
    return [part.tolist() for part in parts]


def test_moves_that_are_not_available_are_left_out() -> None:
    game = random_game(7, masked=True)
    back = read_efg(write_efg(game, 0))
    assert back.tree.n_actions <= game.available[:, 0].sum()
    assert np.any(game.tree.kind == CHANCE) == np.any(back.tree.kind == CHANCE)


def test_a_game_survives_with_its_solution() -> None:
    game = showdown(1, 3.0)
    back = read_efg(write_efg(game), precision=3.0)
    np.testing.assert_allclose(Quantal().solve(back).behaviour, Quantal().solve(game).behaviour, atol=1e-8)


def test_players_who_differ_on_chance_cannot_be_written() -> None:
    seed = next(seed for seed in range(100) if np.any(random_game(seed).tree.kind == CHANCE))
    with pytest.raises(GameError, match="the players differ"):
        write_efg(random_game(seed, views=True))


def test_a_default_cannot_be_written_but_where_all_moves_of_a_set_are_alike() -> None:
    game = random_game(3)
    weight = np.ones((game.tree.n_actions, game.n_draws))
    assert write_efg(replace(game, default=3 * weight), 1) == write_efg(game, 1)
    weight[0, 1] = 0.5
    uneven = replace(game, default=weight)
    assert write_efg(uneven, 0) == write_efg(game, 0)
    with pytest.raises(GameError, match=r"an .efg file has no default: .* first at '\(0, \(\)\)'"):
        write_efg(uneven, 1)


SMALL = """EFG 2 R "Two moves" { "A" "B" } "a comment"
p "" 1 1 "first" { "left" "right" } 1 "toll" { -1, 1/2 }
p "" 2 1 { "up" "down" } 0
t "" 2 "" { 1, 2 }
t "" 0
p "" 2 1 0
t "" 3 { 2.5 1e-1 }
t "" 2
"""


def test_outcomes_add_up_along_the_path_and_need_be_said_once() -> None:
    game = read_efg(SMALL)
    ends = game.tree.terminals
    np.testing.assert_allclose(
        game.payoffs[game.tree.slot[ends], :, 0], [[0.0, 2.5], [-1.0, 0.5], [1.5, 0.6], [0.0, 2.5]], atol=1e-15
    )
    assert [s.name for s in game.tree.infosets] == ["first", "B:1"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("EFG 2", "NFG 1", "<efg>:1:1: found 'NFG', expected 'EFG'"),
        ('t "" 0\n', 't "" 9\n', "<efg>:5:6: found '9', expected the number of an outcome"),
        ("{ -1, 1/2 }", "{ -1 }", "found '}', expected 2 payoffs before it, one for each player"),
        ("1/2", "a half", "<efg>:2:52: found 'a', expected a number"),
        ('p "" 2 1 0', 'p "" 2 2 0', "<efg>:6:8: found '2', expected the number of a set of player 2 described before"),
        ('t "" 2\n', 't "" 2\nt "" 2\n', "expected the end of the file"),
        ('"down"', '"down', "a quotation mark that is not closed"),
        (
            'p "" 2 1 0\nt "" 3 { 2.5 1e-1 }\nt "" 2\n',
            "",
            "<efg>:5:7: found the end of the file, expected 'c' or 'p' or 't'",
        ),
        ('p "" 2 1 {', 'p "" 3 1 {', "<efg>:3:6: found '3', expected a player between 1 and 2"),
        (
            't "" 0\n',
            't "" 2 "" { 1, 3 }\n',
            "<efg>:5:18: found '}', expected the same payoffs before it wherever outcome 2",
        ),
        ('p "" 2 1 0', 'p "" 2 1 { "down" "up" } 0', 'expected the moves { "up" "down" } before it'),
        ('{ "up" "down" }', "{ }", "expected the name of a move"),
        ('{ "A" "B" }', "{ }", "<efg>:1:23: found '}', expected the name of a player"),
        ("1/2", "1_000", "found '1_000', expected a number"),
        ("1/2", "1e999999999", "found '1e999999999', expected a number"),
        ("1/2", "1/0", "found '1/0', expected a number"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, told: str) -> None:
    assert old in SMALL
    with pytest.raises(GameError) as problem:
        read_efg(SMALL.replace(old, new, 1))
    assert told in str(problem.value)


CHANCE_FIRST = """EFG 2 R "" { "A" }
c "" 1 "" { "x" %s "y" %s } 0
t "" 1 "" { 1 }
t "" 2 "" { 0 }
"""


@pytest.mark.parametrize(("one", "two"), [("3/2", "-1/2"), ("0.3", "0.3"), ("0", "0"), ("0.1", "0.90000001")])
def test_probabilities_that_are_none_are_told(one: str, two: str) -> None:
    with pytest.raises(GameError, match="probabilities before it that are not negative and add up to one"):
        read_efg(CHANCE_FIRST % (one, two))


@pytest.mark.parametrize(
    "again", ['{ "x" 1/4 "y" 3/4 }', '{ "x" 1/2 "z" 1/2 }', '{ "x" 1/2 "y" 1/4 "z" 1/4 }', '{ "y" 1/2 "x" 1/2 }']
)
def test_events_described_twice_are_the_same(again: str) -> None:
    text = f"""EFG 2 R "" {{ "A" }}
c "" 1 "" {{ "x" 1/2 "y" 1/2 }} 0
c "" 1 "" {again} 0
t "" 1 "" {{ 1 }}
t "" 2 "" {{ 0 }}
t "" 2 "" {{ 0 }}
"""
    with pytest.raises(GameError, match=r"<efg>:3:\d+: found '}', expected the same events before it"):
        read_efg(text)


def test_an_event_that_cannot_happen_is_written_as_such() -> None:
    """What rounding leaves of one goes to the most likely event: the last may have no probability to take it from."""
    text = """EFG 2 R "" { "A" }
c "" 1 "" { "x" 1/4 "y" 1/4 "z" 1/4 "never" 1/4 } 0
t "" 1 "" { 1 }
t "" 1
t "" 1
t "" 1
"""
    shares = np.array([[0.4], [0.4], [0.2], [0.0]])
    assert sum(map(Fraction, shares[:, 0])) > 1
    game = replace(read_efg(text), chance=shares)
    np.testing.assert_allclose(read_efg(write_efg(game)).chance, shares, atol=1e-15)


def test_probabilities_may_be_rounded_decimals() -> None:
    game = read_efg(CHANCE_FIRST % ("0.3333333333", "0.6666666667"))
    assert game.chance.sum() == pytest.approx(1, abs=1e-16)


def test_numbers_and_texts_as_gambit_reads_them() -> None:
    text = """\ufeffEFG 2 D "a \\"title\\"" { "back\\slash" "say \\"B\\"" "idle" }
"a comment over
two lines"
p "" 1 17 "" { "one" } -3 "toll" { .5, -1., 2E-1 }
p "" 2 4 "gap" { "up" "" } 0
t "" 2 "" { +1 1/4 1.25e1 }
t "" 0
"""
    game = read_efg(text)
    tree = game.tree
    assert tree.players == ("back\\slash", 'say "B"', "idle")
    assert [(s.player, s.number, s.actions) for s in tree.infosets] == [(0, 17, ("one",)), (1, 4, ("up", ""))]
    np.testing.assert_allclose(
        game.payoffs[tree.slot[tree.terminals], :, 0], [[1.5, -0.75, 12.7], [0.5, -1, 0.2]], atol=1e-15
    )
    back = read_efg(write_efg(game))
    assert back.tree.players == tree.players
    assert shape(back.tree) == shape(tree)


def test_imperfect_recall_is_refused_by_name() -> None:
    forgetful = """EFG 2 R "" { "A" }
p "" 1 1 "first" { "l" "r" } 0
p "" 1 2 "which?" { "l" "r" } 0
t "" 1 "" { 1 }
t "" 2 "" { 0 }
p "" 1 2 "which?" { "l" "r" } 0
t "" 2
t "" 1
"""
    with pytest.raises(GameError, match="imperfect recall at 'which\\?': its owner has forgotten what it did"):
        read_efg(forgetful)
    absent_minded = forgetful.replace('p "" 1 2 "which?"', 'p "" 1 1 "first"')
    with pytest.raises(GameError, match="imperfect recall at 'first': its owner has forgotten that it was there"):
        read_efg(absent_minded)
