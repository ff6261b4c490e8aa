"""The reference of the language says all that the schema knows, and its examples can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

import detente
from detente.language.expressions import FAMILIES, FUNCTIONS, PERIOD_FUNCTIONS, QUESTIONS
from detente.model import record, schema
from detente.model.check.grammar import ASKED, RESERVED
from detente.model.yaml import read

TEXT = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
SECTIONS = {match[1]: match[0] for match in re.finditer(r"^## (\d+)\..*?(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)}
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
WHERE: dict[type[BaseModel], str] = {
    **dict.fromkeys((schema.Source, schema.Mechanism, schema.Periods), "1"),
    schema.Actor: "2",
    **dict.fromkeys((schema.Quantity, schema.Correlation), "3"),
    schema.Perception: "4",
    schema.PrivateType: "5",
    schema.State: "6",
    **dict.fromkeys((schema.Stage, schema.Move, schema.Rate), "7"),
    schema.Outcome: "8",
    schema.Term: "9",
    **dict.fromkeys((schema.Claim, schema.Static, record.Evidence, record.Forecast, record.Happened), "11"),
    **dict.fromkeys((record.Answer, record.BaseRate, record.Sign), "11"),
}
SECTION_OF = {
    "actors": "2",
    "quantities": "3",
    "correlations": "3",
    "private": "5",
    "state": "6",
    "stages": "7",
    "outcomes": "8",
    "payoffs": "9",
    **dict.fromkeys(("claims", "statics", "evidence", "signs", "forecasts", "base_rates", "happened"), "11"),
}
EVERYWHERE = {"means", "source", "because", "mechanism"}  # said once, of quantities and of whatever else has them
SHORT_FORMS_ONLY = {schema.Result, schema.Written, schema.Sourced, schema.Model}


def shapes() -> list[type[BaseModel]]:
    return [kind for kind in vars(schema).values() if isinstance(kind, type) and issubclass(kind, schema.Written)]


def code(section: str) -> str:
    """What stands in code spans and examples of a section."""
    text = SECTIONS[section]
    spans = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    return "\n".join(spans)


def test_every_shape_has_a_section() -> None:
    assert set(shapes()) == set(WHERE) | SHORT_FORMS_ONLY


KEYS = [
    (kind, field.alias or name, section) for kind, section in WHERE.items() for name, field in kind.model_fields.items()
]
KEYS += [(schema.Model, name, SECTION_OF.get(name, "1")) for name in schema.Model.model_fields]


@pytest.mark.parametrize(("kind", "key", "section"), KEYS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_every_key_is_documented(kind: type[BaseModel], key: str, section: str) -> None:
    if kind is not schema.Model and key in EVERYWHERE:
        section = "3"
    assert re.search(rf"(?<![\w.]){re.escape(key)}(?![\w])", code(section)), (
        f"{kind.__name__}: `{key}` is missing in section {section} of docs/language.md"
    )


@pytest.mark.parametrize("kind", shapes(), ids=lambda kind: kind.__name__)
def test_every_field_has_a_description(kind: type[BaseModel]) -> None:
    for name, field in kind.model_fields.items():
        assert field.description, name


@pytest.mark.parametrize("block", BLOCKS)
def test_examples_are_yaml(block: str) -> None:
    assert isinstance(yaml.safe_load(block), dict)
    found = read(block, "example")
    assert not found.problems
    assert set(found.data) <= {*schema.Model.model_fields, "extends"}


def test_every_word_of_expressions_is_documented() -> None:
    said = code("3") + code("10") + code("11")
    for word in (*FAMILIES, *FUNCTIONS, *PERIOD_FUNCTIONS, *QUESTIONS):
        assert re.search(rf"\b{word}\b", said), word


def test_the_page_lists_every_word_that_is_no_name() -> None:
    page = (Path(__file__).parents[2] / "docs" / "language.md").read_text("utf-8")
    line = next(text for text in page.splitlines() if text.startswith("No actor, quantity, state or stage is called"))
    words, asked = line.split(". No outcome, claim or group of outcomes is called ")
    assert set(re.findall(r"`(\w+)`", words)) == RESERVED
    assert set(re.findall(r"`(\w+)`", asked)) == ASKED


WORDY = """
title: X
actors: {A: x}
stages: {NAME: {actor: A, moves: [a, b]}}
outcomes: {o: {when: NAME is a}, p: otherwise}
payoffs: {A: {v: outcome is o}}
"""


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_word_of_the_language_is_refused_as_a_name_and_nothing_else_is_told(word: str) -> None:
    with pytest.raises(detente.ModelError) as told:
        detente.loads(WORDY.replace("NAME", word))
    assert [p.message for p in told.value.problems] == [f"{word!r} is a word of the language"]


def test_a_word_where_no_name_is_told_stays_a_mistake() -> None:
    with pytest.raises(detente.ModelError) as told:
        detente.loads(WORDY.replace("NAME is a", "given is a").replace("NAME", "order"))
    assert [p.message for p in told.value.problems] == ["found 'given' where a number or a name was expected"]
