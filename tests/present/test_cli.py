"""The commands as a user meets them: what they print, their JSON, their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from detente.engine.engine import Engine
from detente.present.cli.app import app
from detente.present.cli.options import INTERRUPTED, NEGATIVE, OK, WRONG

SMALL = ["crisis-signalling", "--draws", "50"]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_run_prints_outcomes_claims_and_certificate() -> None:
    result = invoke("run", *SMALL, "--no-report")
    assert result.exit_code == OK, result.output
    for words in ("how it ends", "90% of draws", "holds in", "Converged", "seed 1"):
        assert words in result.stdout


def test_run_json_is_the_documented_contract() -> None:
    result = invoke("run", *SMALL, "--json")
    answer = json.loads(result.stdout)
    assert {"case", "draws", "seed", "outcomes", "claims", "certificate"} <= set(answer)
    assert answer["case"] == "crisis-signalling"
    assert answer["draws"] == 50
    for outcome in answer["outcomes"].values():
        assert set(outcome) == {"value", "low", "high", "error", "draws", "interval"}
        assert outcome["low"] <= outcome["value"] <= outcome["high"] or outcome["value"] >= 0
    for claim in answer["claims"].values():
        assert set(claim) == {"holds", "share", "comparisons", "at_odds", "built_in", "structures"}
    assert {"converged", "max_residual", "max_gain"} <= set(answer["certificate"])
    assert sum(o["value"] for o in answer["outcomes"].values()) == pytest.approx(1)


def test_the_same_seed_gives_the_same_bytes_with_one_and_two_workers() -> None:
    texts = [invoke("run", *SMALL, "--json", "--workers", w).stdout for w in ("1", "2")]
    assert texts[0] == texts[1]
    assert texts[0] != invoke("run", *SMALL, "--json", "--seed", "2").stdout


def test_run_writes_a_report_and_the_results(tmp_path: Path) -> None:
    result = invoke("run", *SMALL, "--out", str(tmp_path / "new"))
    assert result.exit_code == OK, result.output
    assert (tmp_path / "new" / "crisis-signalling.html").read_text().startswith("<!doctype html>")
    assert (tmp_path / "new" / "crisis-signalling.nc").stat().st_size > 1000


def test_run_writes_its_report_where_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke("run", *SMALL, "--report", "new/mine.html").exit_code == OK
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.*")) == ["new/mine.html", "new/mine.nc"]
    assert json.loads(invoke("run", *SMALL, "--report", "a.html", "--out", "b", "--json").stdout)["draws"] == 50
    assert {p.name for p in (tmp_path / "b").iterdir()} == {"crisis-signalling.nc"}
    assert (tmp_path / "a.html").exists()
    assert invoke("run", *SMALL, "--report", "a.html", "--no-report").exit_code == WRONG


def test_a_report_that_cannot_be_written_does_not_cost_the_answers(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    result = invoke("run", *SMALL, "--out", str(tmp_path / "taken" / "below"))
    assert result.exit_code == WRONG
    assert "how it ends" in result.stdout
    assert "cannot be written" in result.stderr


def test_statics_json_and_exit_code(tmp_path: Path) -> None:
    answer = json.loads(invoke("statics", *SMALL, "--json").stdout)
    for item in answer["statics"]:
        assert {"name", "mechanism", "holds", "effect", "before", "after", "share"} <= set(item)
    path = tmp_path / "wrong.yaml"
    invoke("new", "wrong", "--out", str(tmp_path))
    path.write_text(path.read_text().replace("P(outcome is attacked) falls", "P(outcome is attacked) rises"))
    assert invoke("statics", str(path), "--draws", "50").exit_code == NEGATIVE


def test_why_and_claims_and_tree_answer_in_words_and_json() -> None:
    for command in ("why", "claims", "tree"):
        assert invoke(command, *SMALL).exit_code == OK
        assert json.loads(invoke(command, *SMALL, "--json").stdout)["case"] == "crisis-signalling"
    terms = json.loads(invoke("why", *SMALL, "--json").stdout)["why"][0]
    assert sum(t["value"] for t in terms["terms"].values()) == pytest.approx(terms["gap"]["value"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "ukraine-2202"), "did you mean 'ukraine-2022'"),
        (("run", "no/such/file.yaml"), "no such file"),
        (("run", *SMALL, "--set", "x"), "write NAME=VALUE"),
        (("run", *SMALL, "--set", "prcision=3"), "did you mean"),
        (("run", *SMALL, "--set", "precision=3 to"), "a number or a name was expected"),
        (("why", *SMALL, "Chalenger"), "did you mean 'Challenger'"),
        (("statics", *SMALL[:1], "no_such_static"), "there is no static"),
        (("run", *SMALL, "--method", "quantum"), "did you mean 'quantal'"),
        (("sensee", "crisis-signalling"), "There is no command 'sensee'; did you mean 'sense'?"),
        (("sense", *SMALL, "--groups", "mech"), "Invalid value for '--groups': 'mech' is not one of"),
        (("run", "crisis-signalling", "-n", "many"), "expected a whole number"),
        (("run", "crisis-signalling", "-n", "0"), "expected a number greater"),
    ],
)
def test_wrong_questions_are_answered_without_a_traceback(arguments: tuple[str, ...], told: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == WRONG
    assert told in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_check_tells_all_and_says_so_in_its_exit_code(tmp_path: Path) -> None:
    assert invoke("check", "crisis-signalling").exit_code == OK
    path = tmp_path / "bad.yaml"
    invoke("new", "bad", "--out", str(tmp_path))
    text = path.read_text().replace("when: posture is attack", "when: posure is attack")
    path.write_text(text.replace("0.3 to 1.2 ", "1.2 to 0.3 "))
    result = invoke("check", str(path), "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == WRONG
    assert not answer["ok"]
    assert len(answer["problems"]) == 2
    assert all(p["line"] > 0 and p["severity"] == "error" for p in answer["problems"])


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    assert invoke("new", "mine", "--out", str(tmp_path)).exit_code == OK
    assert invoke("check", str(tmp_path / "mine.yaml"), "--strict").exit_code == OK
    before = (tmp_path / "mine.yaml").read_text()
    again = invoke("new", "mine", "--out", str(tmp_path))
    assert again.exit_code == WRONG
    assert "exists already" in again.stderr
    assert (tmp_path / "mine.yaml").read_text() == before


def test_cases_lists_the_library() -> None:
    found = {item["case"] for item in json.loads(invoke("cases", "--json").stdout)["cases"]}
    assert {"ukraine-2022", "ukraine-2022-kremlin", "crisis-signalling", "take-it-or-leave-it"} <= found


def test_interrupted_runs_show_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    solve = Engine.solve_batch
    calls: list[int] = []

    def interrupted(self: Engine, *args: object) -> object:
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        return solve(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "solve_batch", interrupted)
    result = invoke("run", "crisis-signalling", "--draws", "3000", "--json")
    assert result.exit_code == INTERRUPTED
    assert json.loads(result.stdout)["draws"] == 1000


@pytest.mark.parametrize(("gain", "moved"), [("-0.5", False), ("x", True)])
def test_claims_head_a_table_of_what_moves_them_only_where_something_does(
    gain: str, moved: bool, tmp_path: Path
) -> None:
    file = tmp_path / "strike.yaml"
    file.write_text(
        "title: t\nactors: {A: a, B: b}\nquantities: {x: 'uniform(-1, 1)'}\n"
        "stages: {act: {actor: A, moves: [hit, wait]}}\n"
        "outcomes: {war: {when: act is hit}, calm: otherwise}\n"
        f"payoffs: {{A: {{w: ({gain}) * (outcome is war)}}, B: {{w: 0}}}}\n"
        "claims: {peace: {says: calm, holds: P(calm) > 0.5}}\n",
        encoding="utf-8",
    )
    told = invoke("claims", str(file), "--draws", "300", "--no-store")
    assert told.exit_code == OK, told.output
    assert ("what each claim depends on" in told.stdout) == moved
