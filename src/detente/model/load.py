"""From a file, or from Python, to a Model: read, extend, shape, check. All problems are told at once."""

from __future__ import annotations

import os
import re
import typing
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel, ValidationError

from detente.errors import ModelError, Place, Problem, nearest
from detente.language.expressions import Name
from detente.model import yaml
from detente.model.check.check import check
from detente.model.fields import Formula, described, placed
from detente.model.schema import Model, PrivateType

REPLACED = ("chance", "prior", "mixture", "choice")  # probabilities: old results must not linger beside new ones
SHORT = {
    ("actors", 2): "means",
    ("quantities", 2): "value",
    ("private", 2): "prior",
    ("payoffs", 3): "value",
    ("claims", 2): "holds",
    ("mechanisms", 2): "says",
    ("sources", 2): "title",
}
LONGEST_CHAIN = 8
ROUNDS = 6
UNREADABLE = Formula("?", Name(0, "?"))  # stands for a text that is no expression, so that the rest can be checked
Path = tuple[str | int, ...]


CASES: list[Traversable] = [resources.files("detente") / "cases"]
"""The folders in which the cases of the library lie, each a file whose name is its slug."""


def library() -> dict[str, str]:
    """The cases that come with Detente: slug to the text of the file."""
    found = {item.name.removesuffix(".yaml"): item for folder in CASES for item in folder.iterdir()
             if item.name.endswith(".yaml")}  # fmt: skip
    return {slug: found[slug].read_text(encoding="utf-8") for slug in sorted(found)}


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
    result._places, result._name = dict(model._places), model._name
    for name, value in changes.items():
        for known, _ in _under(result._places, ("quantities", name, "value")):
            del result._places[known]
        result._places["quantities", name, "value"] = Place(f"--set {name}={value}")
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
        path = FilePath(os.path.normpath(beside / path))
    try:
        if path.is_file():
            if path.stat().st_size <= 4 * yaml.LARGEST_FILE:
                return path.read_text(encoding="utf-8"), str(path)
            problem = f"the file is too large for a model (at most {yaml.LARGEST_FILE:,} characters)"
        elif path.is_dir():
            problem = "this is a folder, not a file"
        else:
            problem = "there is no such case in the library, and no such file"
    except UnicodeDecodeError:
        problem = "this file is not text in UTF-8"
    except (OSError, ValueError) as error:
        problem = f"this file cannot be read: {getattr(error, 'strerror', None) or error}"
    raise ModelError([Problem(Place(case), problem, nearest(case, known) if "no such" in problem else "")])


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
        return replace(written, data=None)
    try:
        below_text, below_file = _find(base, FilePath(file).parent)
    except ModelError as error:
        written.problems += [Problem(place, f"{base!r}: {p.message}", p.hint) for p in error.problems]
        return replace(written, data=None)
    if below_file in (*chain, file) or len(chain) >= LONGEST_CHAIN:
        way = " -> ".join([*chain, file, below_file])
        written.problems.append(Problem(place, f"the files extend each other in a circle: {way}"))
        return replace(written, data=None)
    below = _extended(below_text, below_file, (*chain, file))
    if isinstance(below.data, dict):
        _merge(below, data, written.places, ())
    below.problems += written.problems
    return below


def _merge(below: yaml.Written, over: dict[str, Any], places: Mapping[Path, Place], path: Path) -> None:
    """Lay `over` on `below`, key by key; `remove` takes a key away."""
    target = below.data
    for step in path:
        target = target[step]
    for key, value in over.items():
        here = (*path, key)
        if value == "remove":
            if key not in target:
                hint = nearest(str(key), map(str, target))
                below.problems.append(Problem(placed(places, here), f"there is no {key!r} to remove", hint))
            target.pop(key, None)
            continue
        old = target.get(key)
        if here == ("correlations",) or here in (("evidence",), ("forecasts",)):
            if isinstance(old, list) and isinstance(value, list):
                target[key] = [*old, *value]
                for known, place in places.items():
                    if known[:1] == here and len(known) > 1 and isinstance(known[1], int):
                        below.places[(key, known[1] + len(old), *known[2:])] = place
                continue
        elif old is not None and (short := _short(here)):
            old, new = _lengthened(short, old), _lengthened(short, value)
            for whole, part, known_places in ((target[key], old, below.places), (value, new, places)):
                if part is not whole and here in known_places:  # what stood in short form keeps its place
                    below.places.update({(*here, short, *k[len(here) :]): p for k, p in _under(known_places, here)})
            target[key], value = old, new
        if isinstance(value, dict) and isinstance(target.get(key), dict) and key not in REPLACED:
            _merge(below, value, places, here)
            continue
        target[key] = value
        if any(k[: len(here)] == here for k in places):
            for known, _ in _under(below.places, here):
                del below.places[known]
        below.places.update(_under(places, here))


def _short(path: Path) -> str:
    """The key that a part may be written as alone, in short form."""
    if path == ("periods",):
        return "count"
    return SHORT.get((str(path[0]), len(path)), "")


def _lengthened(short: str, value: Any) -> Any:
    if isinstance(value, dict) and (short != "prior" or value.keys() & PrivateType.model_fields.keys()):
        return value
    return {short: value}


def _under(places: Mapping[Path, Place], path: Path) -> list[tuple[Path, Place]]:
    return [(known, place) for known, place in places.items() if known[: len(path)] == path]


def _model(written: yaml.Written, name: str) -> Model:
    _put_in_order(written)
    problems = list(written.problems)
    if isinstance(written.data, dict):
        model, found, lost = _mended(written.data, written.places)
        problems += found
        if model is not None:
            model._places, model._name = written.places, name
            problems += [p for p in check(model) if not p.warning and not _follows(p, lost)]
            if not problems:
                return model
    raise ModelError(problems)


def _put_in_order(written: yaml.Written) -> None:
    """Move stages with `before: other` to their place in the period; a variant has no other way to put them there."""
    stages = written.data.get("stages") if isinstance(written.data, dict) else None
    if not isinstance(stages, dict):
        return
    order = list(stages)
    for name, stage in stages.items():
        if not isinstance(stage, dict) or "before" not in stage:
            continue
        other = stage["before"]
        if isinstance(other, str) and other in stages and other != name:
            order.remove(name)
            order.insert(order.index(other), name)
        else:
            place = written.places.get(("stages", name, "before"), Place())
            hint = nearest(str(other), [s for s in stages if s != name])
            written.problems.append(Problem(place, f"there is no stage {other!r} to come before", hint))
    kept = {n: {k: v for k, v in s.items() if k != "before"} if isinstance(s, dict) else s for n, s in stages.items()}
    written.data = {**written.data, "stages": {name: kept[name] for name in order}}


def _mended(data: dict[str, Any], places: Mapping[Path, Place]) -> tuple[Model | None, list[Problem], list[Path]]:
    """The model, the problems of its shape, and what was taken out for it to have one: the rest can be checked."""
    problems: list[Problem] = []
    lost: list[Path] = []
    for _ in range(ROUNDS):
        try:
            return Model.model_validate(data), problems, lost
        except ValidationError as error:
            found: list[dict[str, Any]] = [dict(e) for e in error.errors()]
        told = [_problem(Model, e, (), places, places.get((), Place())) for e in found]
        meant = {problem.hint for problem in told}  # a key that is misspelt is not also missing
        for e, problem in zip(found, told, strict=True):
            misspelt = e["type"] == "missing" and f"did you mean {e['loc'][-1]!r}?" in meant
            if not misspelt and not _follows(problem, lost):
                problems.append(problem)
        for e in found:
            path: Path = tuple(e["loc"])
            if path == ("title",):
                data = {**data, "title": "?"}
            elif e.get("ctx", {}).get("formula") and path not in lost:
                data = _replaced(data, path, UNREADABLE)
            else:
                path = path[: next((k for k, step in enumerate(path) if isinstance(step, int)), len(path))]
                path = path[:-1] if e["type"] == "missing" else path
                while path and path in lost:
                    path = path[:-1]
                if not path:
                    return None, problems, lost
                data = _replaced(data, path, None)
            lost.append(path)
    return None, problems, lost


def _replaced(data: Any, path: Path, by: Any) -> Any:
    """The data with a part replaced, or taken out where `by` is None. What cannot be found is left."""
    if not path:
        return by
    if not isinstance(data, dict):  # a short form
        return by if by is None or len(path) > 1 else {path[0]: by}
    if path[0] not in data:
        return data
    if len(path) == 1 and by is None:
        return {key: value for key, value in data.items() if key != path[0]}
    below = _replaced(data[path[0]], path[1:], by)
    changed = {key: below if key == path[0] else value for key, value in data.items()}
    return {key: value for key, value in changed.items() if key != path[0] or below is not None}


def _follows(problem: Problem, lost: list[Path]) -> bool:
    """Whether a problem only follows from others: it lies in a part that was taken out, or speaks of its name."""
    for gone in lost:
        steps = [str(step) for step in gone]
        if f"{problem.path}.".startswith(".".join(steps) + "."):
            return True
        if any(f"{step!r}" in problem.message for step in steps[1:]):
            return True
    return False


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
            hint = "inside { }, a text with a comma stands between quotation marks"
        return Problem(key, f"there is no key {loc[-1]!r} here", hint, path)
    if kind == "missing":
        where = "in " + ".".join(
            f"entry {step + 1}" if isinstance(step, int) else step for step in loc[:-1] or ("the model",)
        )
        key = placed(places, (*loc[:-1], "@key")) if loc[:-1] and places else start
        return Problem(key, f"{loc[-1]!r} is missing {where}", _MISSING.get(str(loc[-1]), ""), path)
    if loc[-1:] == ("[key]",):
        return Problem(
            placed(places, (*loc[:-1], "@key")), f"{given!r} is no name", "a name begins with a letter", path
        )
    expected = _EXPECTED.get(kind) or error["msg"].replace("Input should be", "expected")
    for limit, words in (("le", "at most"), ("ge", "at least"), ("gt", "more than")):
        if kind in ("less_than_equal", "greater_than_equal", "greater_than") and limit in context:
            expected = f"expected a number of {words} {context[limit]:g}"
    if kind == "literal_error":
        hint = nearest(str(given), re.findall(r"'([^']+)'", str(context.get("expected", ""))))
        return Problem(place, f"found {described(given)}; {expected}", hint if hint.startswith("did") else "", path)
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
