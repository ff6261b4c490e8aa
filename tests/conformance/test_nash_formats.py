"""The commands about files of games, and the .nfg format."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

import detente
from detente.errors import QuestionError
from detente.game.files.efg import read_efg
from detente.game.files.nfg import read_nfg, write_nfg
from detente.game.tree import GameError
from detente.present.cli.games import export, solve
from detente.solve.nash.nash import Nash
from detente.solve.quantal.quantal import Quantal
from detente.study.games import solve_game
from tests.games import CHAIN_STORE, HORSE

app = typer.Typer()
app.command()(solve)
app.command()(export)

TABLE = """NFG 1 R "Selten (IJGT, 75), Figure 2, normal form" { "Player 1" "Player 2" } { 3 2 }

1 1 0 2 0 2 1 1 0 3 2 0
"""  # the example of the format's own description
OUTCOMES = """NFG 1 R "The same \\"with\\" outcomes" { "1" "2" } { { "a" "b" "c" } { "x" "y" } } "said"
{ { "one" 1, 1 } { "two" 0, 2 } { "three" 0 3 } { "four" 2 0 } }
1 2 2 1 3 4
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_payoffs_run_with_the_first_player_fastest() -> None:
    for text in (TABLE, OUTCOMES):
        game = read_nfg(text)
        tree = game.tree
        assert tree.n_infosets == 2
        second_row = int(tree.first_child[0]) + 1
        paid = [game.payoffs[tree.slot[int(tree.first_child[second_row]) + k], :, 0].tolist() for k in range(2)]
        assert paid == [[0, 2], [0, 3]]


def test_a_table_is_written_and_read_back() -> None:
    game = read_nfg(TABLE)
    text = write_nfg(game, title='a "title"')
    assert write_nfg(read_nfg(text), title='a "title"') == text
    assert len(Nash().all(read_nfg(text)).found) == len(Nash().all(game).found) > 0
    with pytest.raises(GameError, match="everybody moves once"):
        write_nfg(read_efg(CHAIN_STORE))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TABLE + " 7", "the end of the file"),
        (TABLE.replace("2 0\n", "2 x"), "<nfg>:3:23: found 'x', expected a number"),
        (TABLE.replace("2 0\n", "2\n"), "<nfg>:3:22: found the end of the file, expected a number"),
        (TABLE.replace("{ 3 2 }", "{ 3 2 1 }"), "<nfg>:1:84: found '1', expected '}'"),
        (
            TABLE.replace("{ 3 2 }", '{ 3 2 } "said" { "more" }'),
            '<nfg>:1:95: found "more", expected an outcome in braces',
        ),
        (TABLE + '"said', "<nfg>:4:1: a quotation mark that is not closed"),
        (TABLE + '"said"', '<nfg>:4:1: found "said", expected the end of the file'),
        (OUTCOMES + "4", "<nfg>:4:1: found '4', expected the end of the file: there are payoffs for all 6"),
        (OUTCOMES.replace("3 4", "3 9"), "a whole number between 0 and 4"),
        (OUTCOMES.replace("3 4", "3 1/2"), "a whole number between 0 and 4"),
        (TABLE.replace("{ 3 2 }", "{ 3 0 }"), "a whole number between 1 and"),
        (TABLE.replace("{ 3 2 }", "{ 3 999999999 }"), "a whole number between 1 and"),
        (OUTCOMES.replace('{ "x" "y" }', "{ }"), "the name of a strategy"),
        (TABLE.replace("1 1 0", "1 1e999999999 0"), "expected a number"),
        ('NFG 1 R "" { } { } 1', "the name of a player"),
        (OUTCOMES.replace("2 0 }", "2 }"), "2 payoffs before it, one for each player"),
        ("EFG 2 R", "<nfg>:1:1: found 'EFG', expected 'NFG'"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(text: str, message: str) -> None:
    with pytest.raises(GameError, match=message):
        read_nfg(text)


def test_solving_a_file(tmp_path: Path) -> None:
    file = tmp_path / "horse.efg"
    file.write_text(HORSE)
    result = run("solve", str(file), "--precision", "0,2", "--json")
    assert result.exit_code == 0
    blind, sharp = json.loads(result.stdout)["points"]
    assert blind["precision"] == 0
    assert blind["behavior"] == {"1:1": [0.5, 0.5], "2:1": [0.5, 0.5], "3:1": [0.5, 0.5]}
    assert sharp["residual"] < 1e-8
    assert sharp["max_gain"] > 0
    for method in ("regret", "limit", "nash"):
        (point,) = json.loads(run("solve", str(file), "--method", method, "--json").stdout)["points"]
        np.testing.assert_allclose(point["payoffs"], [1, 1, 1], atol=1e-3)
        assert point["precision"] is None


FORKING = """NFG 1 R "Chicken" { "1" "2" } { 2 2 }

0 0 1 -1 -1 1 -5 -5
"""


def test_what_else_lies_at_a_precision_is_given(tmp_path: Path) -> None:
    file = tmp_path / "chicken.nfg"
    file.write_text(FORKING)
    blunt, sharp = json.loads(run("solve", str(file), "--precision", "0.2,2", "--json").stdout)["points"]
    assert blunt["others"] == []
    one, two = sharp["others"]
    assert {tuple(other) for other in (one, two)} == {("kind", "behavior", "payoffs", "residual", "max_gain")}
    assert one["kind"] == two["kind"] == "prong"
    np.testing.assert_allclose(one["behavior"]["1:1"], two["behavior"]["2:1"], atol=1e-9)  # they mirror each other
    assert abs(one["payoffs"][0] - one["payoffs"][1]) > 1
    assert max(one["residual"], two["residual"]) < 1e-8
    shown = run("solve", str(file), "--precision", "0.2,2").stdout
    assert (
        shown.count(
            "The principal branch passes a pitchfork bifurcation. On the branches that leave it lie 2 points more."
        )
        == 1
    )
    assert "branch 2 of 2" in shown
    (point,) = json.loads(run("solve", str(file), "--method", "limit", "--json").stdout)["points"]
    assert "others" not in point


def test_a_game_too_large_for_others_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.solve.quantal.branches.MOST_UNKNOWNS", 0)
    file = tmp_path / "chicken.nfg"
    file.write_text(FORKING)
    result = run("solve", str(file), "--precision", "2")
    assert result.exit_code == 0
    assert "note: other points were not looked for: the game is too large (7 nodes" in result.output
    (point,) = json.loads(run("solve", str(file), "--precision", "2", "--json").stdout)["points"]
    assert point["others"] == []
    assert "too large" in point["note"]


def test_old_encodings_and_line_ends_are_read(tmp_path: Path) -> None:
    text = HORSE.replace('"1" "2" "3"', '"Köln" "café" "3"')
    points = []
    for k, raw in enumerate(
        [
            text.encode(),
            text.encode("cp1252"),
            text.encode("utf-8-sig"),
            text.replace("\n", "\r\n").encode("cp1252"),
            text.replace("\n", "\r").encode(),
        ]
    ):
        file = tmp_path / f"horse{k}.EFG"
        file.write_bytes(raw)
        result = run("solve", str(file), "--precision", "2", "--json")
        assert result.exit_code == 0, result.output
        points.append(json.loads(result.stdout))
    assert all(point == points[0] for point in points)


def test_listing_equilibria(tmp_path: Path) -> None:
    file = tmp_path / "store.efg"
    file.write_text(CHAIN_STORE)
    points = json.loads(run("solve", str(file), "--method", "nash", "--all", "--json").stdout)["points"]
    assert {point["kind"] for point in points} == {"sequential", "Nash only"}
    assert [point["behavior"]["1:1"] for point in points if point["selected"]] == [[1, 0]]
    assert all(point["max_gain"] <= 1e-9 for point in points)
    shown = run("solve", str(file), "--method", "nash", "--all").stdout
    assert "<- selected" in shown


MATCHING = """NFG 1 R "Two ways to meet" { "A" "B" } { 2 2 }

1 1 0 0 0 0 1 1
"""


def test_equilibria_are_certified_as_play_without_error(tmp_path: Path) -> None:
    file = tmp_path / "meet.nfg"
    file.write_text(MATCHING)
    points = json.loads(run("solve", str(file), "--method", "nash", "--all", "--json").stdout)["points"]
    assert len(points) == 3
    assert all(point["residual"] == 0 and point["max_gain"] == pytest.approx(0, abs=1e-15) for point in points)
    assert "residual" not in run("solve", str(file), "--method", "nash", "--all").stdout  # that is of quantal response


def test_where_nobody_moves_nobody_gains(tmp_path: Path) -> None:
    file = tmp_path / "over.efg"
    file.write_text('EFG 2 R "over" { "A" "B" }\nt "" 1 "" { 1, 2 }\n')
    (point,) = json.loads(run("solve", str(file), "--precision", "1", "--json").stdout)["points"]
    assert point["max_gain"] == 0
    assert point["payoffs"] == [1, 2]


def test_numbers_are_written_as_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "chicken.nfg"
    file.write_text(FORKING)
    shown = run("solve", str(file), "--precision", "0.2").stdout
    assert "payoffs \N{MINUS SIGN}" in shown
    assert "-" not in shown


@pytest.mark.parametrize("precision", ["nan", "inf", "1e400", "-1", "1,nan", "-inf"])
def test_a_precision_is_a_finite_number(tmp_path: Path, precision: str) -> None:
    file = tmp_path / "meet.nfg"
    file.write_text(MATCHING)
    for method in ("quantal", "nash"):
        result = run("solve", str(file), f"--precision={precision}", "--method", method)
        assert result.exit_code == 2
        assert f"--precision {precision}: a precision is a finite number that is not negative" in result.output
    with pytest.raises(QuestionError, match="a finite number"):
        solve_game(file, [float(part) for part in precision.split(",")])
    with pytest.raises(QuestionError, match="a finite number"):
        Quantal().path(read_nfg(MATCHING), [float(part) for part in precision.split(",")])


def test_what_cannot_be_solved_is_told(tmp_path: Path) -> None:
    file = tmp_path / "store.efg"
    file.write_text(CHAIN_STORE)
    for arguments, message in [
        (["--method", "zero-sum"], "do not add up to the same"),
        (["--method", "nahs"], "did you mean 'nash'?"),
        (["--all"], "--method nash"),
        (["--precision", "1;2"], "write numbers with commas"),
        (["--precision", "2,1"], "must rise"),
    ]:
        result = run("solve", str(file), *arguments)
        assert result.exit_code == 2
        assert message in result.output
    assert "neither an .efg nor an .nfg" in run("solve", str(tmp_path / "x.txt")).output
    assert "cannot be read" in run("solve", str(tmp_path / "x.efg")).output


def test_a_case_is_written_and_solved(tmp_path: Path) -> None:
    file = tmp_path / "case.efg"
    result = run("export", "crisis-signalling", "--efg", str(file), "--draw", "2")
    assert result.exit_code == 0, result.output
    assert read_efg(file.read_text()).tree.n_nodes > 10
    again = tmp_path / "again.efg"
    run("export", "crisis-signalling", "--efg", str(again), "--draw", "2")
    assert again.read_text() == file.read_text()
    run("export", "crisis-signalling", "--efg", str(again), "--draw", "1")
    assert again.read_text() != file.read_text()


def test_a_case_with_perceptions_is_written_as_somebody_sees_it(tmp_path: Path) -> None:
    case = tmp_path / "seen.yaml"
    case.write_text("""
title: A gamble
actors: {A: gambles, B: waits}
quantities:
  odds: {value: 0.2 to 0.4, unit: probability, seen_by: {A: odds + 0.5}}
  prize: {value: 1 to 2, seen_by: {B: prize * 2}}
stages:
  move: {actor: A, moves: [go, stay]}
  luck: {chance: {good: odds, bad: otherwise}, when: move is go}
outcomes: {won: luck is good, lost: luck is bad, still: otherwise}
payoffs: {A: {gain: prize * (outcome is won)}, B: {loss: -prize * (outcome is won)}}
""")
    file = tmp_path / "seen.efg"
    refused = run("export", str(case), "--efg", str(file))
    assert refused.exit_code == 2
    assert "A sees odds otherwise" in refused.output
    assert "--seen-by A" in refused.output
    assert "--seen-by nobody" in refused.output
    assert not file.exists()
    for who, more, double in (("A", 0.5, 1), ("B", 0.0, 2), ("nobody", 0.0, 1)):
        assert run("export", str(case), "--efg", str(file), "--seen-by", who).exit_code == 0
        game = read_efg(file.read_text())
        truth = detente.run(str(case), draws=1).draws.truth
        odds, prize = float(truth["odds"][0]), float(truth["prize"][0])
        assert game.chance[:, 0].max() == pytest.approx(max(odds + more, 1 - odds - more))
        assert game.payoffs.max() == pytest.approx(prize * double)
        assert game.payoffs.min() == pytest.approx(-prize * double)
    assert "did you mean" in run("export", str(case), "--efg", str(file), "--seen-by", "nobod").output
