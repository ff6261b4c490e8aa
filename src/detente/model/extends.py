"""Finding a file or case, and what it extends: written over each other, with the place of everything."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from detente.errors import ModelError, Place, Problem, nearest
from detente.model import yaml
from detente.model.catalogue import library
from detente.model.fields import Path, described, placed
from detente.model.schema import PrivateType

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
    if path[0] == "quantities" and path[2:3] == ("seen_by",) and len(path) == 4:
        return "value"
    return SHORT.get((str(path[0]), len(path)), "")


def _lengthened(short: str, value: Any) -> Any:
    bare = short == "prior" and isinstance(value, dict) and not value.keys() & PrivateType.model_fields.keys()
    bare = bare or (isinstance(value, dict) and value.keys() <= {"mixture", "choice"} and bool(value))
    if isinstance(value, dict) and not bare:
        return value
    return {short: value}


def _under(places: Mapping[Path, Place], path: Path) -> list[tuple[Path, Place]]:
    return [(known, place) for known, place in places.items() if known[: len(path)] == path]
