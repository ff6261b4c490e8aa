"""Games of numbers written as cases: the same game, to which ranges can be given."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente.errors import QuestionError
from detente.game.compile import compile_model
from detente.game.files.case import write_case
from detente.game.files.efg import read_efg
from detente.game.files.nfg import read_nfg
from detente.game.tree import Game, GameError
from detente.model.load import loads
from detente.present.cli.app import app
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from detente.study.games import at_precision
from tests.conformance.own import HERE, NAMES, read
from tests.games import CHAIN_STORE, HORSE, random_game, showdown
from tests.textbook import GAMES

WITHOUT_ORDER = {"ring.efg", "whofirst.efg"}
WITHOUT_CHOICE = {"nobody.efg"}
KNOWN: dict[str, Game] = {
    **{name: read(name) for name in NAMES if name not in WITHOUT_ORDER | WITHOUT_CHOICE},
    **{name: read_efg(text) for name, text in GAMES.items() if "4 targets" not in name},
    "horse": read_efg(HORSE),
    "chain store": read_efg(CHAIN_STORE),
    "showdown": showdown(1, 1.0),
    **{f"random {seed}": random_game(seed, draws=1) for seed in range(12)},
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_case_made_of_a_game_is_that_game(name: str) -> None:
    """The same information sets with the same moves, and the same play at the same precision, to the limit."""
    game = KNOWN[name]
    text, stages = write_case(game, title=name)
    blueprint = compile_model(loads(text, "written.yaml"))
    case = blueprint.game(blueprint.sampler.draw(1, 1))
    found = [blueprint.stage_of(h) for h in range(case.tree.n_infosets)]
    assert sorted(found) == sorted(filter(None, stages))
    for solver, precision in ((Quantal(), 2.0), (Quantal(), 8.0), (Limit(), np.inf)):
        ours, theirs = (solver.solve(at_precision(g, precision)).behaviour[:, 0] for g in (case, game))
        for h, stage in enumerate(stages):
            if stage and (solver != Limit() or game.tree.perfect_information):
                k = found.index(stage)
                there = ours[case.tree.action_start[k] : case.tree.action_start[k + 1]]
                here = theirs[game.tree.action_start[h] : game.tree.action_start[h + 1]]
                np.testing.assert_allclose(there, here, atol=1e-7)


def test_what_the_language_cannot_say_is_told(tmp_path: Path) -> None:
    for names, told in (
        (WITHOUT_ORDER, "cross information sets in different orders"),
        (WITHOUT_CHOICE, "nobody chooses"),
    ):
        for name in names:
            with pytest.raises(QuestionError, match=told):
                detente.import_game(HERE / "games" / name)
    with pytest.raises(GameError, match="players see chance differently"):
        write_case(random_game(4, views=True, draws=1))
    file = tmp_path / "x.efg"
    file.write_text("EFG 2 R")
    result = CliRunner().invoke(app, ["import", str(file), "--as", str(tmp_path / "x.yaml")])
    assert result.exit_code == 2
    assert "x.efg:1:8: found the end of the file" in result.output
    assert not (tmp_path / "x.yaml").exists()


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    """By people, and with ranges by the program; nothing is overwritten."""
    file, case = tmp_path / "entry.efg", tmp_path / "entry.yaml"
    file.write_text(CHAIN_STORE)
    arguments = ["import", str(file), "--as", str(case), "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"written": str(case)}
    text = case.read_text()
    assert "is in_" in text  # the move `in`, which is a word of the language
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 2
    assert "exists already" in again.output
    ranged = text.replace("value: 2,", "value: 1 to 3,", 1)
    assert ranged != text
    study = detente.run(loads(ranged, "ranged.yaml"), draws=50)
    assert study.converged.all()
    assert study.outcomes


def test_texts_of_all_kinds_become_names() -> None:
    """Words of the language and of YAML, other alphabets, numbers, quotation marks, nothing, and the same twice."""
    game = read_efg("""EFG 2 R "" { "no" "period" "K\xf6ln: \\"West\\"" }
c "" 1 "" { "1" 1/3 "1/3 # or so" 2/3 } 0
p "" 1 1 "max" { "yes" "" "\u043e" } 0
t "" 1 "given" { 1 2 3 }
t "" 2 "on" { 1 2 4 }
p "" 3 1 "period" { "is" "and" } 0
t "" 3 "same" { 0 0 0 }
t "" 4 "same" { 0 0 1e-9 }
p "" 2 1 "same" { "- a" "{b" } 0
t "" 5 "" { -1.5 1e20 0 }
t "" 6 "" { 7 7 7 }
""")
    text, stages = write_case(game, title='a: "title" # more')
    model = loads(text, "written.yaml")
    assert model.title == 'a: "title" # more'
    assert list(model.actors) == ["no", "period_", "Koln_West"]
    assert stages == ("max_", "same", "Koln_West_moves_1")
    assert set(model.outcomes) >= {"given_", "on", "same", "same_2"}
    blueprint = compile_model(model)
    case = blueprint.game(blueprint.sampler.draw(1, 1))
    assert sorted(case.payoffs[case.tree.slot[case.tree.terminals], 2, 0]) == [0, 0, 1e-9, 3, 4, 7]


def test_tables_become_cases_as_well() -> None:
    game = read_nfg('NFG 1 R "" { "Row" "Column" } { { "up" "down" } { "left" "right" } }\n1 2 3 4 5 6 7 8\n')
    text, _ = write_case(game)
    assert "hidden_from: [Column]" in text
    assert "up is" not in text


@pytest.mark.parametrize(
    "odd", ["\x1b[31m", "\x00", "\x9b", "\u2028", "\u202e", "\u200b", "\ufeff", "\U0001f600", "\u00a0"]
)
def test_names_may_hold_any_character(odd: str, tmp_path: Path) -> None:
    """What would steer a terminal is made plain; the case reads."""
    file = tmp_path / f"n{odd.strip(chr(0))}.nfg"
    strategies = f'{{ {{ "u{odd}p" "{odd}" }} {{ "l" "r" }} }}'
    file.write_text(f'NFG 1 R "{odd}" {{ "A{odd}" "B" }} {strategies} 1 1 0 0 0 0 1 1', encoding="utf-8")
    model = loads(detente.import_game(file))
    said = f"{model.title} {detente.import_game(file)}"
    assert not any(character in said for character in "\x1b\x00\x9b\u2028\u202e")
    assert len(model.outcomes) == 4


def test_what_cannot_be_written_is_told_of_the_game(tmp_path: Path) -> None:
    """And not with lines of a case that nobody has."""
    file = tmp_path / "n.nfg"
    file.write_text('NFG 1 R "" { "A\ufffe" "B" } { 2 2 } 1 1 0 0 0 0 1 1', encoding="utf-8")
    with pytest.raises(QuestionError) as error:
        detente.import_game(file)
    assert (
        str(error.value)
        == f"{file}: this game cannot be written as a case: the character U+FFFE cannot be used in a text"
    )
