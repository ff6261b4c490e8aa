"""From a file, or from Python, to a Model: read, extend, shape, check. All problems are told at once."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel, ValidationError

from detente.errors import ModelError, Place, Problem, nearest
from detente.model import yaml
from detente.model.check import check
from detente.model.schema import Model, described

GROWING = ("evidence", "forecasts", "correlations")
LONGEST_CHAIN = 8
Path = tuple[str | int, ...]


def library() -> dict[str, str]:
    """The cases that come with Detente: slug to the text of the file."""
    folder = resources.files("detente") / "cases"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".yaml"))
    return {name.removesuffix(".yaml"): (folder / name).read_text(encoding="utf-8") for name in names}


def load(case: str | FilePath) -> Model:
    """Read a case of the library by its slug, or a file by its path.

    Raises ModelError with every problem found, each with its place.
    """
    text, file = _find(str(case), None)
    written = _extended(text, file, ())
    return _model(written, FilePath(file).stem)


def loads(text: str, file: str = "<text>") -> Model:
    """Read a model from text. Raises ModelError."""
    return _model(_extended(text, file, ()), FilePath(file).stem.strip("<>"))


def define(name: str = "model", **parts: Any) -> Model:
    """Build a model in Python from the same keys as a file has: `define(title=..., actors=..., ...)`.

    Raises ModelError; its problems name the path of the part (`stages.voice.moves`) in place of a line.
    """
    return _model(yaml.Written(data=parts), name)


def changed(model: Model, changes: Mapping[str, Any]) -> Model:
    """The model with some quantities given other values, as by `--set name=value`. Raises ModelError."""
    problems = []
    quantities: dict[str, Any] = dict(model.quantities)
    for name, value in changes.items():
        if name not in quantities:
            place = Place(f"--set {name}={value}")
            problems.append(Problem(place, f"there is no quantity {name!r}", nearest(name, quantities)))
            continue
        old = quantities[name]
        new, found = _shaped(type(old), {**_fields(old), "value": value}, (), {}, Place(f"--set {name}={value}"))
        problems += found
        quantities[name] = new
    if problems:
        raise ModelError(problems)
    result = model.model_copy(update={"quantities": quantities})
    result._places, result._name = model._places, model._name
    _raise_errors(check(result))
    return result


def _fields(part: BaseModel) -> dict[str, Any]:
    return {name: getattr(part, name) for name in type(part).model_fields if name in part.model_fields_set}


def _find(case: str, beside: FilePath | None) -> tuple[str, str]:
    """The text and the name of a file or a case of the library. Raises ModelError."""
    known = library()
    if case in known:
        return known[case], f"{case}.yaml"
    path = FilePath(case)
    if beside is not None and not path.is_absolute():
        path = beside / path
    problem = ""
    if path.is_file():
        try:
            if path.stat().st_size > 4 * yaml.LARGEST_FILE:
                problem = f"the file is too large for a model (at most {yaml.LARGEST_FILE:,} characters)"
            else:
                return path.read_text(encoding="utf-8"), str(path)
        except UnicodeDecodeError:
            problem = "this file is not text in UTF-8"
        except OSError as error:
            problem = f"this file cannot be read: {error.strerror}"
    else:
        problem = "there is no such case in the library, and no such file"
    raise ModelError([Problem(Place(case), problem, nearest(case, known))])


def _extended(text: str, file: str, chain: tuple[str, ...]) -> yaml.Written:
    """The data of a file, merged into that of the file it extends."""
    written = yaml.read(text, file)
    data = written.data
    if not isinstance(data, dict) or "extends" not in data:
        return written
    base = data.pop("extends")
    place = written.places.get(("extends",), Place(file))
    if not isinstance(base, str):
        written.problems.append(Problem(place, f"found {described(base)} where the name of a case was expected"))
        return written
    if base in chain or base == FilePath(file).stem or len(chain) >= LONGEST_CHAIN:
        written.problems.append(Problem(place, f"{base!r} extends itself, by way of {' and '.join([*chain, file])}"))
        return written
    try:
        below_text, below_file = _find(base, FilePath(file).parent)
    except ModelError as error:
        written.problems += [Problem(place, f"{base!r}: {p.message}", p.hint) for p in error.problems]
        return written
    below = _extended(below_text, below_file, (*chain, FilePath(file).stem))
    if isinstance(below.data, dict):
        _merge(below, data, written.places, ())
    below.problems += written.problems
    return below


def _merge(below: yaml.Written, over: dict[str, Any], places: dict[Path, Place], path: Path) -> None:
    """Lay `over` on `below`, key by key; `remove` takes a key away."""
    target = below.data
    for step in path:
        target = target[step]
    for key, value in over.items():
        here = (*path, key)
        place = places.get(here, places.get((*here, "@key"), Place()))
        if value == "remove":
            if key not in target:
                below.problems.append(
                    Problem(place, f"there is no {key!r} to remove", nearest(str(key), map(str, target)))
                )
            target.pop(key, None)
        elif isinstance(value, dict) and isinstance(target.get(key), dict) and not _replaces(path, target[key], value):
            _merge(below, value, places, here)
        elif isinstance(value, dict) and path and path[0] == "quantities" and len(path) == 1 and key in target:
            target[key] = {"value": target[key], **value}
            _take_places(below.places, places, here)
        elif path == () and key in GROWING and isinstance(value, list) and isinstance(target.get(key), list):
            start = len(target[key])
            target[key] = [*target[key], *value]
            for known, known_place in places.items():
                if known[:1] == here and len(known) > 1 and isinstance(known[1], int):
                    below.places[(key, known[1] + start, *known[2:])] = known_place
        else:
            if path and path[0] == "quantities" and len(path) == 1 and isinstance(target.get(key), dict):
                target[key] = {**target[key], "value": value}
                below.places[(*here, "value")] = place
                continue
            target[key] = value
            _take_places(below.places, places, here)


def _replaces(path: Path, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Probabilities are replaced as a whole: old results must not linger beside new ones."""
    return bool(path) and path[-1] in ("chance", "prior", "mixture", "choice")


def _take_places(target: dict[Path, Place], source: dict[Path, Place], path: Path) -> None:
    for known, place in source.items():
        if known[: len(path)] == path:
            target[known] = place


def _model(written: yaml.Written, name: str) -> Model:
    problems = list(written.problems)
    if isinstance(written.data, dict):
        start = written.places.get((), Place())
        model, found = _shaped(Model, written.data, (), written.places, start)
        problems += found
        if model is not None:
            model._places, model._name = written.places, name
            told = check(model)
            problems += [p for p in told if not p.warning]
            if not problems:
                return model
    raise ModelError(problems)


def _raise_errors(problems: Iterable[Problem]) -> None:
    errors = [p for p in problems if not p.warning]
    if errors:
        raise ModelError(errors)


Shape = typing.TypeVar("Shape", bound=BaseModel)


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
    place, exact = start, False
    for length in range(len(loc), -1, -1):
        if found := places.get(loc[:length]):
            place, exact = found, length == len(loc)
            break
    path = ".".join(str(step) for step in loc)
    kind, given = error["type"], error.get("input")
    if kind == "mistake":
        at = context.get("at")
        return Problem(place.shifted(at) if at and exact else place, context["message"], context["hint"], path)
    if kind == "extra_forbidden":
        known = _keys(shape, tuple(error["loc"])[:-1])
        key = places.get((*loc, "@key"), place)
        return Problem(key, f"there is no key {loc[-1]!r} here", nearest(str(loc[-1]), known), path)
    if kind == "missing":
        where = f"in {'.'.join(map(str, loc[:-1]))}" if loc[:-1] else "in the model"
        return Problem(
            places.get((*loc[:-1], "@key"), place),
            f"{loc[-1]!r} is missing {where}",
            _MISSING.get(str(loc[-1]), ""),
            path,
        )
    expected = _EXPECTED.get(kind) or error["msg"].replace("Input should be", "expected").replace(
        "Value should", "it should"
    )
    return Problem(place, f"found {described(given)}; {expected}", "", path)


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
