"""From a file, or from Python, to a Model: read, extend, shape, check. All problems are told at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel, ValidationError

from detente.errors import ModelError, Place, Problem, nearest
from detente.language.characters import steering
from detente.language.expressions import Name
from detente.language.remembered import Memory, memory, remembering
from detente.model import blocks, rivals, yaml
from detente.model.check.check import check, check_structures
from detente.model.extends import _extended, _under
from detente.model.fields import Formula, Path, placed
from detente.model.find import Found, Within, find
from detente.model.implied import lift
from detente.model.lost import Lost, gathered
from detente.model.record import Correlation, Evidence, Forecast
from detente.model.schema import SEEN_BY, Model, Quantity
from detente.model.spelling import corrected, misdeclared
from detente.model.structural import structural
from detente.model.validate import _problem, _shaped

ROUNDS = 6
SAID = ("claims", "statics", "evidence", "signs", "forecasts")  # what is said of a game, and is no part of it
ENTRIES: dict[str, type[BaseModel]] = {"evidence": Evidence, "forecasts": Forecast, "correlations": Correlation}
UNREADABLE = Formula("?", Name(0, "?"))  # stands for a text that is no expression, so that the rest can be checked
STAND_INS: dict[str, Callable[[], Any]] = {  # for a part that every model has
    "title": lambda: "?",
    "actors": lambda: {"?": {}},
    "stages": lambda: {"?": {}},
    "outcomes": lambda: {"?": "otherwise"},
    "payoffs": dict,
}


def load(case: str | FilePath, *, within: Within = None) -> Model:
    """Read a case of the library by its slug, a file by its path, or standard input (`-`).

    `within`: for whoever reads the models of strangers. Neither the case nor any file that it extends is read unless it
    is of the library or lies in this folder (or one of these folders) after all links are followed; an empty list
    leaves the library alone. None: whatever this process may read.
    Raises ModelError with every problem found, each with its place.
    """
    found = find(str(case), None, within)
    return _model(_extended(found, within), name_of(found.name))


def loads(text: str, file: str = "<text>", *, within: Within = None) -> Model:
    """Read a model from text; `within` as for `load`, of what it extends. Raises ModelError."""
    return _model(_extended(Found(text, file), within), name_of(file))


def name_of(file: str) -> str:
    """What the model in a file is called: as the file is, and in any case text (a file name may be any bytes)."""
    return os.fsencode(FilePath(file).stem).decode("utf-8", "replace").strip("<>")


def define(name: str = "model", **parts: Any) -> Model:
    """Build a model in Python from the same keys as a file has: `define(title=..., actors=..., ...)`.

    Raises ModelError; its problems name the path of the part (`stages.voice.moves`) in place of a line.
    """
    return _model(corrected(yaml.Written(data=parts)), name)


def changed(model: Model, changes: Mapping[str, Any]) -> Model:
    """The model with some quantities, or perceptions of them, given other values, as by `--set name=value`.

    The names are those of quantities, or `QUANTITY seen by ACTOR`. Raises ModelError.
    """
    problems = []
    model, changes = _present(model, changes)
    quantities: dict[str, Any] = dict(model.quantities)
    for name, value in changes.items():
        place, (quantity, _, actor) = Place(f"--set {name}={value}"), name.partition(SEEN_BY)
        if quantity not in quantities:
            problems.append(Problem(place, f"there is no quantity {quantity!r}", nearest(quantity, quantities)))
        elif actor and actor not in model.actors:
            problems.append(Problem(place, f"there is no actor {actor!r}", nearest(actor, model.actors)))
        else:
            quantities[quantity], found = _given(quantities[quantity], actor, value, place)
            problems += [replace(p, path="") for p in found]
    if problems:
        raise ModelError(problems)
    result = model.model_copy(update={"quantities": quantities})
    result._places, result._name, result._files = dict(model._places), model._name, model._files
    made = set()
    for name, value in changes.items():
        quantity, _, actor = name.partition(SEEN_BY)
        path = ("quantities", quantity, "seen_by", actor, "value") if actor else ("quantities", quantity, "value")
        for known, _ in _under(result._places, path):
            del result._places[known]
        place = Place(f"--set {name}={value}")
        for end in range(3, len(path)):
            result._places.setdefault(path[:end], place)
        result._places[path] = place
        made.add(place.file)
    if model._rivals is not None:
        result._rivals = replace(model._rivals, members=tuple(_known(m, changes) for m in model._rivals.members))
    _raise_errors([replace(p, path="") if p.place.file in made else p for p in check(result)])
    return result


def _known(member: Model, changes: Mapping[str, Any]) -> Model:
    """The model of a combination of structures, with those changes that speak of its quantities."""
    mine = {name: value for name, value in changes.items() if name.partition(SEEN_BY)[0] in member.quantities}
    return changed(member, mine) if mine else member


def _present(model: Model, changes: Mapping[str, Any]) -> tuple[Model, Mapping[str, Any]]:
    """The model in which some structures are there for sure (1) or not (0), and the changes that are left.

    Raises ModelError.
    """
    if model._rivals is None or not (named := structural(model) & changes.keys()):
        return model, changes
    given, problems = {}, []
    for name in sorted(named):
        value, place = changes[name], Place(f"--set {name}={changes[name]}")
        number = value if isinstance(value, (int, float)) else {"0": 0, "1": 1}.get(str(value).strip())
        if number not in (0, 1) or name not in blocks.names_of(model):
            hint = f"it is 1 (present) or 0; how likely it is stands in {blocks.weight_of(name)!r}"
            if name not in blocks.names_of(model):
                ones = [one for block in model._rivals.blocks if name in (block.name, f"{block.name} drawn")
                        for one in block.names]  # fmt: skip
                hint = f"settle one of them: {' or '.join(f'{one}=1' for one in ones)}"
            told = "is a structure" if name in blocks.names_of(model) else "says which of several structures there is"
            problems.append(Problem(place, f"{name!r} {told}", hint))
        given[name] = bool(number)
    left = {name: value for name, value in changes.items() if name not in named}
    if not problems and not rivals.possible(model, given):
        told = " and ".join(f"{name}={int(on)}" for name, on in given.items())
        problems.append(Problem(Place(f"--set {told}"), "there is no such combination of structures"))
    if problems:
        raise ModelError(problems)
    return rivals.restricted(model, given), left


def _given(quantity: Quantity, actor: str, value: Any, place: Place) -> tuple[Any, list[Problem]]:
    """A quantity with another value, or with another value as seen by an actor."""
    fields = _fields(quantity)
    if not actor:
        return _shaped(Quantity, {**fields, "value": value}, (), {}, place)
    views = {a: _fields(view) for a, view in quantity.seen_by.items()}
    views[actor] = {**views.get(actor, {}), "value": value}
    return _shaped(Quantity, {**fields, "seen_by": views}, (), {}, place)


def _fields(part: BaseModel) -> dict[str, Any]:
    return {name: getattr(part, name) for name in type(part).model_fields if name in part.model_fields_set}


def _model(written: yaml.Written, name: str) -> Model:
    tried = written
    for _ in range(ROUNDS):
        model, problems = _read(replace(tried, places=dict(tried.places), problems=list(tried.problems)), name)
        if not problems and model is not None:
            return model
        slip = misdeclared(tried, problems)
        if slip is None:
            break
        tried = slip
    error = ModelError(gathered(problems))
    if model is not None and all(p.path.split(".")[0] in SAID for p in problems):
        error.game = model.model_copy(update={section: type(getattr(model, section))() for section in SAID})
    raise error


def _read(written: yaml.Written, name: str) -> tuple[Model | None, list[Problem]]:
    """As `_shown`; each expression is read once, however many combinations of structures have it."""
    with remembering(memory() or Memory()):
        return _shown(written, name)


def _shown(written: yaml.Written, name: str) -> tuple[Model | None, list[Problem]]:
    """The model that data come to, and all that is wrong with it; what has a shape at least, where that is anything."""
    _put_in_order(written)
    raw = replace(written, places=dict(written.places), problems=[])
    lift(written)
    problems = [*written.problems, *_steering(written.data, written.places, ())]
    if not isinstance(written.data, dict):
        return None, problems
    model, found, lost = _mended(written.data, written.places)
    told = {p.place for p in written.problems if p.place.line}
    problems += [p for p in found if p.place not in told]
    if model is None:
        return None, problems
    model._places, model._name, model._files = written.places, name, tuple(written.files)
    if model.structures:
        made = _expanded(raw, model, name, problems, lost)
        if made is not None and not problems:
            return made, problems
        if not problems:
            message = "what these structures change does not go together in one model"
            hint = "let them exclude each other"
            problems.append(Problem(model.place("structures", "@key"), message, hint))
    else:
        problems += lost.leave(p for p in check(model) if not p.warning)
    return model, lost.said(problems)


def _expanded(written: yaml.Written, model: Model, name: str, problems: list[Problem], lost: Lost) -> Model | None:
    """The model of all combinations of structures; what is wrong with any of them is told in `problems`."""
    wrong = list(lost.leave(p for p in check_structures(model) if not p.warning))
    problems += wrong
    if unnamed(model, wrong):
        return None

    def build(member: yaml.Written, elsewhere: Model | None) -> Model | None:
        _put_in_order(member)
        lift(member)
        made, found, gone = _mended(member.data, member.places)
        found = [*member.problems, *found]
        if made is not None:
            made._places, made._name, made._files = member.places, name, tuple(member.files)
            made._elsewhere = elsewhere
            found += lost.leave(gone.leave(p for p in check(made) if not p.warning))
        problems.extend(gone.said(found))
        return None if found else made

    return rivals.expanded(written, model, build, _shape_of)


def unnamed(model: Model, problems: Iterable[Problem]) -> bool:
    """Whether the names of a model's structures are not known, or there are too many, so that none can be made."""
    return any(p.path in ("structures", *(f"structures.{name}" for name in model.structures)) for p in problems)


def _shape_of(data: Any) -> Model | None:
    """Data as a model that has the shape of one, without what cannot be read; None where nothing is left."""
    whole = yaml.Written(data=data)
    _put_in_order(whole)
    lift(whole)
    return _mended(whole.data, {})[0]


def _steering(data: Any, places: Mapping[Path, Place], path: Path) -> Iterator[Problem]:
    """What in any text of a model would steer the terminal that shows it."""
    if isinstance(data, str) and (odd := steering(data)):
        yield Problem(placed(places, path), odd.message, odd.hint, ".".join(map(str, path)))
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _steering(key, places, (*path, str(key), "@key")) if isinstance(key, str) else ()
            yield from _steering(value, places, (*path, key))
    elif isinstance(data, (list, tuple)):
        for k, item in enumerate(data):
            yield from _steering(item, places, (*path, k))


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


def _mended(data: dict[str, Any], places: Mapping[Path, Place]) -> tuple[Model | None, list[Problem], Lost]:
    """The model, the problems of its shape, and what was taken out for it to have one: the rest can be checked."""
    problems: list[Problem] = []
    lost = Lost()
    for _ in range(ROUNDS):
        try:
            return Model.model_validate(data), problems, lost
        except ValidationError as error:
            found: list[dict[str, Any]] = [dict(e) for e in error.errors()]
        told = [_problem(Model, e, (), places, places.get((), Place())) for e in found]
        hints = {problem.hint for problem in told}  # a key that is misspelt is not also missing
        for e, problem in zip(found, told, strict=True):
            misspelt = e["type"] == "missing" and f"did you mean {e['loc'][-1]!r}?" in hints
            if not misspelt and not lost.follows(problem):
                problems.append(problem)
        for e, problem in zip(found, told, strict=True):
            path: Path = tuple(e["loc"])
            stand_in = None
            if len(path) == 1 and path[0] in STAND_INS and (e["type"] == "missing" or path not in lost.paths):
                stand_in = STAND_INS[str(path[0])]()
            elif path not in lost.paths and (e.get("ctx", {}).get("formula") or _is_value(path)):
                stand_in = UNREADABLE
            elif (entry := _entry_of(path)) and path[:2] not in lost.paths:
                path, stand_in = path[:2], entry
            else:
                path = path[: next((k for k, step in enumerate(path) if isinstance(step, int)), len(path))]
                path = path[:-1] if e["type"] == "missing" else path
                while path and path in lost.paths:
                    path = path[:-1]
                if not path:
                    return None, problems, lost
            lost.add(path, data, problem)
            data = _replaced(data, path, stand_in)
    return None, problems, lost


def _is_value(path: Path) -> bool:
    """Whether a path leads to the value of a quantity, which has its name whatever it is worth."""
    return path[:1] == ("quantities",) and len(path) == 3 and path[2] == "value"


def _entry_of(path: Path) -> BaseModel | None:
    """What stands for an entry of a list that cannot be read, so that the others keep their numbers and are checked."""
    if len(path) < 2 or path[0] not in ENTRIES or not isinstance(path[1], int):
        return None
    shape = ENTRIES[str(path[0])]
    required: dict[str, Any] = {name: () for name, field in shape.model_fields.items() if field.is_required()}
    return shape.model_construct(**required)


def _replaced(data: Any, path: Path, by: Any) -> Any:
    """The data with a part replaced, or taken out where `by` is None. What cannot be found is left."""
    if not path:
        return by
    if isinstance(data, (list, tuple)) and isinstance(path[0], int) and path[0] < len(data) and (by or len(path) > 1):
        return [_replaced(item, path[1:], by) if k == path[0] else item for k, item in enumerate(data)]
    if not isinstance(data, dict):  # a short form
        return by if by is None or len(path) > 1 else {path[0]: by}
    if path[0] not in data:
        return {**data, path[0]: by} if by is not None and len(path) == 1 else data
    if len(path) == 1 and by is None:
        return {key: value for key, value in data.items() if key != path[0]}
    below = _replaced(data[path[0]], path[1:], by)
    changed = {key: below if key == path[0] else value for key, value in data.items()}
    return {key: value for key, value in changed.items() if key != path[0] or below is not None}


def _raise_errors(problems: Iterable[Problem]) -> None:
    errors = [p for p in problems if not p.warning]
    if errors:
        raise ModelError(errors)
