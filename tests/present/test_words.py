"""The grammar of numbers and units, what is kept off a terminal, and what is said before a long wait."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import detente
from detente.game import compile as compiling
from detente.game.size import Expected
from detente.model.periods import Periods
from detente.present.cli import options
from detente.present.cli.app import app
from detente.present.terminal.console import console, screen
from detente.present.terminal.study import certificate
from detente.present.wording.names import outcome_means
from detente.present.wording.numbers import counted, number, prose, readable, signed, words
from tests.cases.editions import FIRST_EDITION


def test_numbers_of_things() -> None:
    assert [counted(n, "draw") for n in (0, 1, 2, 1000)] == ["0 draws", "1 draw", "2 draws", "1,000 draws"]
    assert counted(1, "quantity", "quantities") == "1 quantity"
    assert counted(2, "quantity", "quantities") == "2 quantities"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("its size is `limited_answer`, of `Russia.aim`", "its size is “limited answer”, of “Russia’s aim”"),
        ("retrieved 2026-11-30: a copy", "retrieved 30 November 2026: a copy"),
        ("pages.org/2017-11-04/a 2022-13-40 12022-02-16", "pages.org/2017-11-04/a 2022-13-40 12022-02-16"),
        ("snake_case stays unless it is marked", "snake_case stays unless it is marked"),
    ],
)
def test_what_an_author_wrote_is_read_without_code(written: str, read: str) -> None:
    assert readable(written) == read


@pytest.mark.parametrize(
    ("count", "unit", "said", "word"),
    [
        (3, "month", "3 periods of one month", "month"),
        (3, "four days", "3 periods of four days", "period"),
        (1, "period", "1 period", "period"),
        (2, "period", "2 periods", "period"),
    ],
)
def test_how_long_a_game_lasts(count: int, unit: str, said: str, word: str) -> None:
    periods = Periods(count=count, unit=unit)
    assert (periods.said, periods.word) == (said, word)


@pytest.mark.parametrize(
    ("periods", "left"),
    [
        ({"count": 3, "unit": "fortnight", "from": "2022-02-11"}, "no resolution by 24 March 2022"),
        ({"count": 12, "unit": "month", "from": "2023-01-01"}, "no resolution by 31 December 2023"),
        ({"count": 3, "unit": "fortnight"}, "no resolution in 3 fortnights"),
        ({"count": 3, "unit": "four days", "slices": 2}, "no resolution in 3 periods of four days"),
        ({"count": 1}, ""),
    ],
)
def test_what_is_left_when_the_time_is_over(periods: dict[str, Any], left: str) -> None:
    model = detente.define(
        title="Left", actors={"A": "waits"}, periods=periods,
        stages={"wait": {"actor": "A", "moves": ["sit", "stand"], "once": True}}, payoffs={"A": {"nothing": 0}},
        outcomes={"up": "wait is stand", "open": "otherwise", "calm": {"when": "0", "means": "nothing happens"}},
    )  # fmt: skip
    assert [outcome_means(model, name) for name in model.outcomes] == ["", left, "nothing happens"]


def test_a_rate_is_told_in_words() -> None:
    assert words("posture.reconsidered") == "how often posture is reconsidered"
    assert prose("the_last.reconsidered set to 4") == "how often the last is reconsidered set to 4"


def test_what_is_left_of_rounding_is_zero_in_text() -> None:
    assert [number(x) for x in (1e-59, -1e-13, 0.0, 1e-7, 0.25)] == ["0", "0", "0", "1.0e−7", "0.25"]
    assert [signed(x) for x in (-1.2e-12, 4e-8, 0.0123456, -2.0)] == ["0", "0", "+0.0123", "−2"]
    assert signed(float("nan")) == "not defined"


def test_check_counts_one_of_a_kind(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(
        "title: T\nactors: {A: a}\nquantities: {q: 0.1 to 0.4}\nstages: {s: {actor: A, moves: [a, b]}}\n"
        "outcomes: {x: {when: s is a}, y: otherwise}\npayoffs: {A: {p: q * (outcome is x)}}\n"
    )
    told = CliRunner().invoke(app, ["check", str(path)]).stdout
    assert "(3 nodes, 1 information set, 2 histories, 1 quantity)" in " ".join(told.split())


@pytest.mark.parametrize("wanted", [True, False])
def test_no_color_means_plain_text(wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not wanted:
        monkeypatch.setenv("NO_COLOR", "1")
    file = io.StringIO()
    screen(file=file).print("[bold]loud[/bold] [dim]low[/dim] [red]red[/red]")
    assert ("\x1b" in file.getvalue()) == wanted


def test_a_large_tree_is_told_while_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "WORTH_TELLING", 0)
    seen: list[tuple[int, Expected]] = []
    token = compiling.watched.set(lambda nodes, expected: seen.append((nodes, expected)))
    try:
        blueprint = detente.compile_model(detente.load(FIRST_EDITION))
    finally:
        compiling.watched.reset(token)
    true = blueprint.tree.n_nodes
    assert seen[0][0] < 50
    assert 0.8 * true < seen[0][1].nodes < 1.25 * true
    assert [nodes for nodes, _ in seen] == sorted(nodes for nodes, _ in seen)
    assert true - compiling.TELL_EVERY < seen[-1][0] <= true
    monkeypatch.setattr(options, "LARGE", 1000)
    result = CliRunner().invoke(app, ["check", FIRST_EDITION])
    assert "a large tree, about 2," in result.stderr
    assert "alone multiplies it by" in result.stderr
    assert result.stderr.count("large tree") == 1
    monkeypatch.setattr(options, "LARGE", 10_000)
    assert CliRunner().invoke(app, ["check", FIRST_EDITION]).stderr == ""


def test_moves_that_come_to_the_same_are_said_to(tmp_path: Path) -> None:
    path = tmp_path / "idle.yaml"
    path.write_text(
        "title: T\nactors: {A: a}\nquantities: {q: 0.1 to 0.4}\nstages: {s: {actor: A, moves: [a, b]}, "
        "t: {actor: A, moves: [c, d]}}\noutcomes: {x: {when: s is a}, y: {when: t is c}, z: otherwise}\n"
        "payoffs: {A: {p: q * (outcome is x)}}\n"
    )
    told = CliRunner().invoke(app, ["why", str(path), "--draws", "20"]).stdout
    assert "a (" in told
    assert "is better than b by" in told
    assert "and d are worth the same there" in told


MEETING: dict[str, Any] = {
    "title": "Two who would like to meet",
    "actors": {"A": "one", "B": "the other, who cares more"},
    "quantities": {"sharp": {"value": 4, "role": "precision"}},
    "stages": {
        "here": {"actor": "A", "moves": ["east", "west"], "hidden_from": ["B"]},
        "there": {"actor": "B", "moves": ["east", "west"], "together_with": "here"},
    },
    "outcomes": {
        "met": {"when": "(here is east and there is east) or (here is west and there is west)"},
        "missed": "otherwise",
    },
    "payoffs": {"A": {"joy": "1.0 * (outcome is met)"}, "B": {"joy": "3.0 * (outcome is met)"}},
}


def test_a_fork_is_told_as_what_it_is() -> None:
    """Neither actor is the other's mirror image here: what is alike are two moves, and no side gives way to another."""
    study = detente.run(detente.define(**MEETING), draws=3)
    assert study.forked.all()
    with console.capture() as shown:
        certificate(study)
    told = " ".join(shown.get().split())
    assert "the principal branch passed a pitchfork bifurcation: other branches leave it there" in told
    assert "symmetric" not in told
    assert "gives way" not in told


def test_sentences_about_a_model_read_as_prose() -> None:
    assert words("Defender.resolve") == "Defender’s resolve"
    assert words("term B.cost_of_war is 0.5") == "term B’s cost of war is 0.5"
    assert words("demand.yaml") == "demand.yaml"
    assert words("e.g. this") == "e.g. this"
    marked = "give war_cost a view, such as `seen_by: {A: war_cost * 0.5}`"
    assert prose(marked) == "give war cost a view, such as `seen_by: {A: war_cost * 0.5}`"
    assert prose("war_cost -0.13") == "war cost −0.13"
    assert prose("too rare\n  ask for 1,000 draws") == "too rare; ask for 1,000 draws"


def test_a_name_that_ends_in_an_underscore_is_shown_without_a_blank() -> None:
    assert words("yield_") == "yield"
    assert prose("a word `x` and more") == "a word `x` and more"
