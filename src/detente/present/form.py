"""Answers as JSON, and the schema of it: both derived from the types of the answers, so that neither is written twice.

A number with its uncertainty is `{"value", "low", "high", "error", "draws", "interval"}`; what is not defined is null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from detente.analyse.finding import Finding
from detente.study.registry import Question
from detente.study.study import Study
from detente.study.summary import Summary, summary


def form(question: Question, answer: Any, head: Mapping[str, Any]) -> dict[str, Any]:
    """What `--json` prints: the head (case and seed), the fields of the answer, and the references of its numbers.

    An answer that is a list stands under the name of its question.
    """
    data = data_of(answer)
    body = json.loads(_adapter(kind_of(question)).dump_json(data))
    told = body if isinstance(body, dict) else {question.function: body}
    references = list(dict.fromkeys(r for r in references_of(data) if r))
    return {**head, **told, **({"references": references} if references and "references" not in told else {})}


def certified(study: Study | None) -> dict[str, Any]:
    """What the JSON of a question about solved draws says of them."""
    if study is None:
        return {}
    return {
        "draws": study.n, "perception": study.engine.perception, "converged": float(study.converged.mean()),
        "interrupted": study.interrupted,
    }  # fmt: skip


def schema(question: Question) -> dict[str, Any]:
    """The JSON Schema of what `--json` prints."""
    made = _adapter(kind_of(question)).json_schema(mode="serialization", schema_generator=_Written)
    definitions = made.pop("$defs", {})
    if made.get("type") == "array":
        made = {"type": "object", "properties": {question.function: made}, "required": [question.function]}
    head: dict[str, Any] = {"case": {"type": "string"}}
    head |= {} if "seed" in question.without else {"seed": {"type": "integer"}}
    if question.of_study:
        head |= {"draws": {"type": "integer"}, "perception": {"type": "string"}, "converged": {"type": "number"}}
        head |= {"interrupted": {"type": "boolean"}}
    listed = {"references": {"type": "array", "items": {"type": "string"}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": f"detente {question.name} --json",
        "properties": {**head, **made.get("properties", {}), **listed},
        "required": list(dict.fromkeys([*head, *made.get("required", [])])), "$defs": definitions,
    }  # fmt: skip


class _Written(GenerateJsonSchema):
    """As it is written: a number that is not defined is null, and a field is called by its key alone."""

    def float_schema(self, schema: Any) -> dict[str, Any]:
        return {**super().float_schema(schema), "type": ["number", "null"]}

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        inner = self.generate_inner(schema["schema"])
        return inner if inner.get("type") == ["number", "null"] else super().nullable_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def kind_of(question: Question) -> Any:
    """The type of an answer as data: a Study is told by its summary."""
    return Summary if question.answer is Study else question.answer


def data_of(answer: Any) -> Any:
    """An answer as data."""
    return summary(answer) if isinstance(answer, Study) else answer


def references_of(value: Any) -> Iterator[str]:
    """The references of all findings in an answer."""
    if isinstance(value, Finding):
        yield value.reference
    elif is_dataclass(value):
        for field in fields(value):
            yield from references_of(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from references_of(part)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            yield from references_of(part)


@lru_cache(maxsize=64)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
