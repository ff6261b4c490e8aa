"""The schema that editors read: whatever models are read without a mistake fits it, and what is misspelt does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from detente.errors import ModelError
from detente.language.expressions import label_of
from detente.model import yaml
from detente.model.catalogue import library
from detente.model.editors import json_schema
from detente.model.load import load
from detente.model.schema import Model, Stage
from detente.present.cli.scaffold import scaffold
from detente.present.web.editing.words import keys_at

SCHEMA = json_schema()
VALID = Draft7Validator(SCHEMA)
MISTAKES = sorted((Path(__file__).parent / "mistakes").glob("*.yaml"))
MISSPELT = ["unknown_key_root", "unknown_key_stage", "unknown_key_quantity", "unknown_key_evidence", "unknown_key_term"]


def data(text: str) -> Any:
    """A file as an editor holds it: keys are words, dates are text."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {label_of(k) if isinstance(k, (int, float)) else str(k): plain(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(v) for v in value]
        return value if isinstance(value, (str, int, float, bool)) or value is None else value.isoformat()

    return plain(yaml.read(text, "case.yaml").data)


def told(text: str) -> list[str]:
    """What the schema finds wrong, with the place of the innermost complaint."""
    found = []
    for error in VALID.iter_errors(data(text)):
        inner = max(error.context or [error], key=lambda one: len(one.absolute_path))
        found.append(f"{'.'.join(map(str, inner.absolute_path))}: {inner.message}")
    return found


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("case", [*library(), "scaffold"])
def test_cases_fit_it(case: str) -> None:
    assert told(scaffold("demand") if case == "scaffold" else library()[case]) == []


def test_whatever_is_read_without_a_mistake_fits_it() -> None:
    """Over the files of the tests, most of which have one mistake each that a schema cannot see."""
    read = 0
    for file in MISTAKES:
        try:
            load(file)
        except ModelError:
            continue
        read += 1
        assert told(file.read_text("utf-8")) == [], file.name
    assert read >= 5


@pytest.mark.parametrize("name", MISSPELT)
def test_a_key_that_there_is_not_is_told(name: str) -> None:
    (found,) = [
        line for line in told((MISTAKES[0].parent / f"{name}.yaml").read_text("utf-8")) if "required" not in line
    ]
    assert "was unexpected" in found


def test_short_forms_removals_and_changes_fit() -> None:
    change = """
extends: crisis-signalling
quantities: {stakes: remove, audience_cost: 0.1 to 0.4, fear: {seen_by: {Defender: fear * 0.5}}}
stages: {posture: {moves: {wait: in the open}, reconsidered: {value: 0.5 to 1 per month, source: article 3}}}
evidence: [remove, {date: 2021-04-08, fact: it rained}]
structures: {late: {weight: 0.2 to 0.4, changes: {claims: {odd: remove}, stages: {reply: {before: posture}}}}}
"""
    assert told(change) == []
    (found,) = told(change.replace("fact:", "facts:"))
    assert found.startswith("evidence.1: ")
    assert any("befor" in line for line in told(change.replace("before:", "befor:")))


def test_every_key_says_what_the_workbench_says_of_it() -> None:
    for path, shape in (((), Model), (("stages", "reply"), Stage)):
        there = SCHEMA["$defs"][shape.__name__]["properties"]
        assert {key: value["description"] for key, value in there.items()} == keys_at(path)
