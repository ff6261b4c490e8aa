"""What is wrong with the shape of a model, in words, each with its place."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from detente.errors import Place, Problem, nearest
from detente.model.fields import Path, described, placed

Shape = typing.TypeVar("Shape", bound=BaseModel)

_MISSING = {
    "value": "a quantity has a value: a number, an interval `a to b` or a distribution",
    "otherwise": "",
    "holds": "a claim holds under a condition: `holds: P(...) < 0.5`",
    "then": "say what happens: `then: P(outcome is war) rises`",
    "title": "say in a line what the crisis is: `title: ...`",
    "stages": "say who moves, in order: `stages: {name: {actor: ..., moves: [...]}}`",
    "outcomes": "say how it may end: `outcomes: {name: {when: ...}, other: otherwise}`",
    "payoffs": "say what each actor wants: `payoffs: {actor: {term: expression}}`",
    "actors": "say who decides: `actors: {name: who this is}`",
    "quantities": "say what is uncertain: `quantities: {name: {value: a to b, unit: ..., means: ..., source: ...}}`",
    "claims": "say what is asserted: `claims: {name: {says: ..., source: ..., holds: P(...) < 0.5}}`",
    "mechanisms": "say how the argument works: `mechanisms: {name: {says: ..., source: ...}}`",
}

_EXPECTED = {
    "string_type": "expected a text",
    "dict_type": "expected a mapping of keys to values",
    "model_type": "expected a mapping of keys to values",
    "model_attributes_type": "expected a mapping of keys to values",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "date_type": "expected a date such as 2022-02-16",
    "date_from_datetime_parsing": "expected a date such as 2022-02-16",
    "date_from_datetime_inexact": "expected a date such as 2022-02-16",
    "date_parsing": "expected a date such as 2022-02-16",
    "too_short": "expected at least one entry",
}


def _shaped(
    shape: type[Shape], data: Any, base: Path, places: Mapping[Path, Place], start: Place
) -> tuple[Shape | None, list[Problem]]:
    try:
        return shape.model_validate(data), []
    except ValidationError as error:
        return None, [_problem(shape, dict(e), base, places, start) for e in error.errors()]


def _problem(
    shape: type[BaseModel], error: dict[str, Any], base: Path, places: Mapping[Path, Place], start: Place
) -> Problem:
    """A pydantic error as a sentence with a place."""
    loc: Path = (*base, *error["loc"])
    context = error.get("ctx", {})
    path = ".".join(str(step) for step in loc)
    kind, given = error["type"], error.get("input")
    place = placed(places, loc)
    if not place.line:
        place = start
    if kind == "mistake":
        place = placed(places, (*loc, *context["inside"])) if context["inside"] and places else place
        return Problem(place.shifted(context["at"] or 0), context["message"], context["hint"], path)
    if kind == "extra_forbidden":
        known = _keys(shape, tuple(error["loc"])[:-1])
        key = places.get((*loc, "@key"), place)
        hint = nearest(str(loc[-1]), known)
        if given is None and not hint.startswith("did you mean"):  # what YAML makes of `{title: Arms, and men}`
            hint = "inside { }, a text with a comma goes between quotation marks"
        return Problem(key, f"there is no key {loc[-1]!r} here", hint, path)
    if kind == "missing":
        where = "in " + ".".join(
            f"entry {step + 1}" if isinstance(step, int) else step for step in loc[:-1] or ("the model",)
        )
        key = placed(places, (*loc[:-1], "@key")) if loc[:-1] and places else start
        return Problem(key, f"{loc[-1]!r} is missing {where}", _MISSING.get(str(loc[-1]), ""), path)
    if loc[-1:] == ("[key]",):
        return Problem(
            placed(places, (*loc[:-1], "@key")), f"{given!r} is not a name", "a name begins with a letter", path
        )
    expected = _EXPECTED.get(kind) or error["msg"].replace("Input should be", "expected")
    for limit, words in (("le", "at most"), ("ge", "at least"), ("gt", "more than")):
        if kind in ("less_than_equal", "greater_than_equal", "greater_than") and limit in context:
            expected = f"expected a number of {words} {context[limit]:g}"
    if kind == "literal_error":
        hint = nearest(str(given), re.findall(r"'([^']+)'", str(context.get("expected", ""))))
        return Problem(place, f"found {described(given)}; {expected}", hint if hint.startswith("did") else "", path)
    hint = _MISSING.get(str(loc[0]), "") if given is None and len(loc) == 1 else ""
    return Problem(place, f"found {described(given)}; {expected}", hint, path)


def _keys(shape: Any, loc: Path) -> list[str]:
    """The keys that may stand at a path of the schema."""
    for step in loc:
        shape = _inner(shape, step)
    fields = getattr(shape, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _inner(shape: Any, step: str | int) -> Any:
    fields = getattr(shape, "model_fields", None)
    if fields is not None:
        for name, field in fields.items():
            if step in (name, field.alias):
                return _stripped(field.annotation)
        return None
    args = typing.get_args(shape)
    if typing.get_origin(shape) is dict:
        return _stripped(args[1])
    if typing.get_origin(shape) is tuple:
        return _stripped(args[0])
    return None


def _stripped(annotation: Any) -> Any:
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    args = [a for a in typing.get_args(annotation) if a is not type(None)]
    if typing.get_origin(annotation) not in (dict, tuple, list) and len(args) == 1:
        return _stripped(args[0])
    return annotation
