"""The language as a JSON Schema, for editors: completion of keys, what they mean, and marks under what cannot be.

It is derived from the fields of the model, as the completion and the hovering of the workbench are (`keys_at`). What
may be said with them is for `detente check`: the schema knows no names, and needs no key that a short form leaves out.
"""

from __future__ import annotations

import datetime as dt
import inspect
import types
import typing
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, BeforeValidator, PlainValidator

from detente.model.fields import Formula, _uncertain
from detente.model.schema import Model, Perception, PrivateType, Quantity, Rate, Stage
from detente.model.structures import Alternative, Structure, _weight
from detente.present.web.editing.words import BEFORE, CALLS, DISTRIBUTIONS, EXTENDS, INTERVAL, OPERATORS

DRAFT = "http://json-schema.org/draft-07/schema#"
ID = "detente-language-1"
Json = dict[str, Any]
_SHORT: Json = {"type": ["string", "number", "boolean", "array", "null"]}
_REMOVED: Json = {"const": "remove"}
_TYPES: dict[Any, Json] = {
    str: {"type": ["string", "number"]},
    int: {"anyOf": [{"type": "integer"}, _REMOVED]},
    float: {"anyOf": [{"type": "number"}, _REMOVED]},
    bool: {"anyOf": [{"type": "boolean"}, _REMOVED]},
    dt.date: {"anyOf": [{"type": "string", "format": "date"}, _REMOVED]},
}


def language_schema() -> Json:
    """The JSON Schema (draft 7) of a case."""
    made = _Schema()
    made.of_model(Model)
    needed = [field.alias or name for name, field in Model.model_fields.items() if field.is_required()]
    return {
        "$schema": DRAFT,
        "$id": ID,
        "title": "A case of Detente",
        "description": "A crisis as the analyst wrote it.",
        "allOf": [_ref("Model")],
        "anyOf": [{"required": ["extends"]}, {"required": needed}],
        "definitions": {"Formula": _formula(), "Value": _value(), **made.definitions},
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/definitions/{name}"}


def _formula() -> Json:
    lines = [f"{word.form}: {word.means}" for word in {**OPERATORS, **CALLS, **DISTRIBUTIONS}.values()]
    told = "\n".join(dict.fromkeys(f"- `{line.replace(': ', '`: ', 1)}" for line in lines))
    return {"type": ["string", "number"], "markdownDescription": f"An expression:\n\n{told}"}


def _value() -> Json:
    weights = {"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}}
    kinds = {"mixture": "several beliefs, each with its weight", "choice": "one of some numbers, each with its weight"}
    return {
        "anyOf": [
            {
                "type": ["string", "number"],
                "description": f"a number, {INTERVAL.form} ({INTERVAL.means}), or a formula",
            },
            {
                "type": "object",
                "properties": {name: {"description": means, **weights} for name, means in kinds.items()},
                "additionalProperties": False,
            },
        ]
    }


class _Schema:
    """Gathers the definitions of the parts of a model."""

    def __init__(self) -> None:
        self.definitions: dict[str, Json] = {}

    def of_model(self, shape: type[BaseModel]) -> Json:
        """A part by its name, defined where it is met first."""
        name = shape.__name__
        if name not in self.definitions:
            self.definitions[name] = {}
            properties = {
                field.alias or key: {
                    "description": field.description or "", **self.of(field.annotation, field.metadata)
                }
                for key, field in shape.model_fields.items()
            }  # fmt: skip
            if shape is Model:
                properties = {"extends": {"description": EXTENDS, "type": "string"}, **properties}
            if shape is Stage:
                properties["before"] = {"description": BEFORE, "type": "string"}
            if issubclass(shape, (Structure, Alternative)):
                properties["changes"] = {"description": properties["changes"]["description"], "anyOf": [_ref("Model")]}
            self.definitions[name] = {"type": "object", "properties": properties, "additionalProperties": False}
        return _ref(name)

    def of(self, annotation: Any, metadata: Sequence[Any] = ()) -> Json:
        """What may stand where a type is expected, in its long form or its short one."""
        if typing.get_origin(annotation) is typing.Annotated:
            inner, *more = typing.get_args(annotation)
            return self.of(inner, [*more, *metadata])
        plain = next((m.func for m in metadata if isinstance(m, PlainValidator)), None)
        if plain is not None:
            return self.read(annotation, plain)
        long = self.long(annotation)
        if not any(isinstance(m, BeforeValidator) for m in metadata) or annotation is str:
            return long
        return {"anyOf": [*long.get("anyOf", [long]), *self.also(annotation), _SHORT]}

    def entry(self, annotation: Any) -> Json:
        """What may stand as an entry of a mapping or a list: a variant takes one away with `remove`."""
        inner = self.of(annotation)
        if inner.get("type") == "array":  # of one, no list is needed
            return {"anyOf": [inner, {"type": "string"}]}
        return {"anyOf": [*inner.get("anyOf", [inner]), _REMOVED]} if inner else {}

    def read(self, annotation: Any, reader: Callable[..., Any]) -> Json:
        """What one function reads: an expression, an uncertain value, or something of its own."""
        kinds = {annotation, *typing.get_args(annotation)}
        if Formula not in kinds:
            return {}
        return {"anyOf": [_ref("Value" if reader in (_uncertain, _weight) else "Formula")]}

    def also(self, annotation: Any) -> list[Json]:
        """What stands for a part in a short form that is a mapping."""
        shapes = {annotation, *typing.get_args(annotation)}
        if shapes & {Quantity, Perception}:
            return [_ref("Value")]
        if PrivateType in shapes:
            prior = {"type": "object", "not": {"required": ["prior"]}, "additionalProperties": _ref("Formula")}
            return [prior]
        if Rate in shapes:  # a quantity that is written where it is used
            self.of_model(Quantity)
            self.definitions.setdefault("Reconsidered", {
                **self.definitions["Quantity"],
                "properties": {**self.definitions["Quantity"]["properties"],
                               "per": {"description": Rate.model_fields["per"].description, "type": "string"}},
            })  # fmt: skip
            return [_ref("Reconsidered")]
        return []

    def long(self, annotation: Any) -> Json:
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in (typing.Union, types.UnionType):
            kinds = [a for a in args if a is not type(None)]
            found = [self.of(a) for a in kinds]
            return found[0] if len(found) == 1 else {"anyOf": found}
        if origin is typing.Literal:
            return {"enum": list(args)}
        if origin is dict:
            named: Json = {"type": "object", "additionalProperties": self.entry(args[1])}
            if _bare(args[1]) is Structure:  # a group without a name
                bare = {"type": "object", "additionalProperties": self.of_model(Alternative)}
                named["properties"] = {"one_of": {"anyOf": [bare, self.of_model(Structure)]}}
            return named
        if origin is tuple:
            return {"type": "array", "items": self.entry(args[0])}
        if annotation is Formula:
            return {"anyOf": [_ref("Formula")]}
        if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
            return {"anyOf": [self.of_model(annotation)]}
        return dict(_TYPES.get(annotation, {}))


def _bare(annotation: Any) -> Any:
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is typing.Annotated else annotation
