"""The language as a JSON Schema, for editors that speak YAML's language server: its keys, and what they mean.

It is derived from the fields that models are read with. It says less than `check` does: names, formulas and numbers are
judged there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from detente.model.implied import IMPLIED
from detente.model.schema import Model, Stage

DIALECT = "http://json-schema.org/draft-07/schema#"  # which every editor reads
EXTENDS = "the name of a library case, or a path, that this file changes"
BEFORE = "another stage that this one comes before, whatever the order in the file"
REMOVE = {"const": "remove", "description": "what the other file has under this key is taken away"}
_OF = {"stages": Stage.__name__}
_CHANGED = "Changed"  # before the name of a part, where only what is changed of it is written
_REFERS = "#/$defs/"
_NEEDED = ("required", "minItems", "minProperties")

Schema = dict[str, Any]


def json_schema() -> Schema:
    """The JSON Schema (draft 7) of a case: a whole model, or one that `extends` another and says what it changes."""
    root = Model.model_json_schema(mode="validation")
    parts = root.pop("$defs")
    for name in ("Structure", "Alternative"):
        parts[name]["properties"]["changes"]["$ref"] = f"{_REFERS}Changes"
    for place in IMPLIED:  # a quantity may be written here
        parts[_OF[place.section]]["properties"][place.key]["anyOf"].append({"$ref": f"{_REFERS}Quantity"})
    parts["Stage"]["properties"]["before"] = {"type": "string", "description": BEFORE}
    root["properties"] = {"extends": {"type": "string", "description": EXTENDS}, **root["properties"]}
    for part in _mappings({"root": root, **parts}):
        if isinstance(part.get("title"), str):  # pydantic's titles are the names of the code
            del part["title"]
        if part.get("default", "") in ("", [], {}, None):
            part.pop("default", None)
    for part in (*parts.values(), root):
        part.pop("description", None)
    parts["Model"] = root
    changed = {_CHANGED + name: _partly(part) for name, part in parts.items() if "properties" in part}
    parts["Changes"] = changed.pop(f"{_CHANGED}Model")
    return {
        "$schema": DIALECT,
        "title": "A case of Detente",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": f"{_REFERS}Changes"},
        "else": {"$ref": f"{_REFERS}Model"},
        "$defs": {**parts, **changed},
    }


def _partly(part: Schema) -> Schema:
    """A part of which only what is changed is written: nothing has to be there, and each key may be taken away."""
    part = deepcopy(part)
    for each in _mappings(part):
        for need in _NEEDED:
            each.pop(need, None)
        for many in ("additionalProperties", "items"):
            if isinstance(each.get(many), dict):
                each[many] = {"anyOf": [each[many], REMOVE]}
        to = each.get("$ref", "")
        if to and to != f"{_REFERS}Changes":
            each["$ref"] = _REFERS + _CHANGED + to.removeprefix(_REFERS)
    for key, value in part["properties"].items():
        described = {"description": value.pop("description")} if "description" in value else {}
        part["properties"][key] = {"anyOf": [value, REMOVE], **described}
    return part


def _mappings(tree: Any) -> Iterator[Schema]:
    """Every schema in a schema. What stands under `properties` is not one, but its values are."""
    if isinstance(tree, list):
        for each in tree:
            yield from _mappings(each)
    elif isinstance(tree, Mapping):
        for key, value in tree.items():
            if key in ("properties", "$defs", "definitions"):
                for each in value.values():
                    yield from _mappings(each)
            elif key not in ("enum", "const", "required", "default"):
                yield from _mappings(value)
        yield tree  # type: ignore[misc]
