"""The reference is what the declarations say now, leaves nothing out, and JSON is what its schema says."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

import detente
from detente.present.cli.app import app
from detente.present.form import schema
from detente.study.registry import declared, find
from tests.study.elicited import answers

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
MAKE: dict[str, Any] = runpy.run_path(str(REFERENCE / "make.py"))
CASE = """
title: A threat
mechanisms: {fear: {says: war frightens, source: paper 2}}
actors: {A: threatens, B: gives way or not}
quantities:
  lam: {value: 4, role: precision}
  x: {value: 0.2 to 2, mechanism: fear, seen_by: {A: x * (0.3 to 0.9)}}
  y: 0.5 to 1.5
private: {B.nerve: {prior: {weak: 0.5, strong: 0.5}}}
stages:
  move: {actor: A, moves: [go, stay]}
  reply: {actor: B, when: move is go, moves: [yield, fight]}
outcomes: {gone: reply is yield, war: reply is fight, still: otherwise}
payoffs:
  A: {gain: y * (outcome is gone), fear: {value: -x * (outcome is war), mechanism: fear}}
  B: {loss: -0.6 * (outcome is gone), fight: -(1.2 - (B.nerve is strong)) * (outcome is war)}
claims: {seldom: P(outcome is war) < 0.4}
statics: {fear_holds_back: {raise: x, then: P(move is go) falls}}
evidence: [{date: 2022-01-20, signal: a cough, likelihood: {B.nerve: {weak: 0.5, strong: 0.3}}, source: paper 1}]
forecasts: [{who: somebody, date: 2022-02-01, event: war, p: 0.3, like: outcome is war, source: paper 3}]
happened: {date: 2022-02-24, outcome: gone, source: paper 4}
"""
ARGUMENTS = {
    "tip": ["x"],
    "map": ["x", "y", "--points", "5"],
    "compare": ["case.yaml"],
    "what-if": ["--shift", "x=+0.3", "--forbid", "move=stay"],
    "why-change": ["--shift", "x=+0.3"],
    "suppose": ["x=0.6"],
    "discover": ["x < 0.6"],
    "worth": ["A", "--public-draws", "20"],
    "perceptions": ["A", "--sweep", "16", "--steps", "3"],
    "design": ["--draws", "400"],
    "variants": ["--slice", "2,99", "--precision", "2"],
    "elicit": ["--for", "Anna"],
    "pool": ["anna.yaml", "bob.yaml"],
}


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    made: dict[str, str] = MAKE["pages"]()
    return made


def test_the_pages_are_what_the_declarations_say_now(pages: dict[str, str]) -> None:
    written = {page.name: page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md")}
    assert set(written) == set(pages), "uv run python docs/reference/make.py"
    old = [name for name, text in pages.items() if written[name] != text]
    assert not old, f"{old}: uv run python docs/reference/make.py"


def test_pages_of_questions_that_are_no_more_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / "gone.md").touch()
    MAKE["write"](tmp_path)
    beside = {"README.md", "other-commands.md", "python.md", ".nav.yml"}
    assert {page.name for page in tmp_path.iterdir()} == {*beside, *(f"{name}.md" for name in declared())}


def test_what_stands_where_is_what_the_declarations_say_now() -> None:
    assert (REFERENCE / ".nav.yml").read_text(encoding="utf-8") == MAKE["nav"](), "uv run python docs/reference/make.py"


def test_every_command_and_every_name_of_python_is_there(pages: dict[str, str]) -> None:
    commands = {info.name or info.callback.__name__ for info in app.registered_commands if info.callback}
    assert {"check", "play", "record"} <= commands
    for name in {*commands, "report", "brief", "store"}:
        assert f"\n## {name}\n" in pages["other-commands.md"]
    asked = {find(name).function for name in declared()}
    for name in set(detente.__all__) - asked:
        assert f"\n### {name}\n" in pages["python.md"]


@pytest.mark.parametrize("name", declared())
def test_every_question_is_listed_and_all_that_it_takes_and_holds_is_said(name: str, pages: dict[str, str]) -> None:
    assert f"[`{name}`]({name}.md)" in pages["README.md"]
    for taken in MAKE["taken"](name):
        assert taken.says.strip(), taken.name
        assert f"`{taken.name}`" in pages["README.md"] + pages[f"{name}.md"]
    form = schema(find(name))
    for kind, holds in form["$defs"].items():
        assert holds["description"], kind
        assert kind == "Finding" or f"\n### {kind}\n" in pages[f"{name}.md"]
    for anchor in re.findall(r"\]\(#(\w+)\)", pages[f"{name}.md"]):
        assert anchor in {kind.lower() for kind in form["$defs"]}


@pytest.mark.parametrize("name", declared())
def test_json_is_what_its_schema_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("case.yaml").write_text(CASE, encoding="utf-8")
    answers(tmp_path, "anna", {"x": "0.3 to 1", "y": "0.6 to 1"}, case="case")
    answers(tmp_path, "bob", {"x": "0.5 to 2"}, case="case")
    few = [] if "draws" in find(name).without else ["--draws", "200"]
    done = CliRunner().invoke(app, [name, "case.yaml", *few, *ARGUMENTS.get(name, []), "--json"])
    assert done.exit_code in (0, 1), done.output
    form = closed(schema(find(name)))
    jsonschema.Draft202012Validator.check_schema(form)
    jsonschema.validate(json.loads(done.stdout), form)


def closed(form: Any) -> Any:
    """A schema that allows no fields but those that it names: so one that is left out of it is noticed."""
    if isinstance(form, list):
        return [closed(part) for part in form]
    if not isinstance(form, dict):
        return form
    more = {"additionalProperties": False} if "properties" in form and "type" in form else {}
    return {key: closed(part) for key, part in form.items()} | more


def test_a_schema_notices_what_is_not_so() -> None:
    form = closed(schema(find("statics")))
    good = {"case": "a", "seed": 1, "statics": []}
    jsonschema.validate(good, form)
    for bad in ({"case": "a", "statics": []}, {**good, "seed": "1"}, {**good, "more": 1}, {**good, "statics": [{}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, form)
