"""A file or case and what it extends: written over each other, with the place of everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from detente.errors import ModelError, Place, Problem, nearest
from detente.model import yaml
from detente.model.fields import Path, described, placed
from detente.model.find import Found, Within, find, is_pipe
from detente.model.schema import PrivateType
from detente.model.spelling import corrected

REPLACED = (
    "chance",
    "prior",
    "mixture",
    "choice",
    "groups",
)  # probabilities: old results must not linger beside new ones
SHORT = {
    ("actors", 2): "means",
    ("quantities", 2): "value",
    ("private", 2): "prior",
    ("payoffs", 3): "value",
    ("claims", 2): "holds",
    ("mechanisms", 2): "says",
    ("sources", 2): "title",
}
WHOLE: dict[Path, str] = {("periods",): "count", ("answer",): "asks"}
GROWING = (("correlations",), ("evidence",), ("signs",), ("forecasts",), ("base_rates",))
LONGEST_CHAIN = 8


def _extended(found: Found, within: Within = None, chain: tuple[str, ...] = ()) -> yaml.Written:
    """The data of a file, merged into that of the file it extends."""
    text, file, place_of_it = found
    written = corrected(yaml.read(text, file))
    written.files += [place_of_it] if place_of_it else []
    data = written.data
    if not isinstance(data, dict) or "extends" not in data:
        return written
    base = data.pop("extends")
    place = written.places.get(("extends",), Place(file))
    if not isinstance(base, str):
        written.problems.append(Problem(place, f"found {described(base)} where the name of a case was expected"))
        return replace(written, data=None)
    try:
        below_found = find(base, FilePath(file).parent, within)
    except ModelError as error:
        written.problems += [Problem(place, f"{base!r}: {p.message}", p.hint) for p in error.problems]
        return replace(written, data=None)
    if below_found.name in (*chain, file) or len(chain) >= LONGEST_CHAIN:
        way = " -> ".join([*chain, file, below_found.name])
        written.problems.append(Problem(place, f"the files extend each other in a circle: {way}"))
        return replace(written, data=None)
    below = _extended(below_found, within, (*chain, file))
    below.files += written.files
    if isinstance(below.data, dict):
        _merge(below, data, written.places, ())
    below.problems += written.problems
    return below


def files_of(case: str) -> list[FilePath]:
    """The files that a case is read from, as far as they can be read; none for standard input and pipes."""
    if is_pipe(case):
        return []
    try:
        return _extended(find(case, None)).files
    except ModelError:
        return []


def _merge(below: yaml.Written, over: dict[str, Any], places: Mapping[Path, Place], path: Path) -> None:
    """Lay `over` on `below`, key by key; `remove` takes a key away; first in a list that grows, what it had."""
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
        if here in GROWING:
            if isinstance(value, list) and value[:1] == ["remove"]:  # what was there goes, what follows takes its place
                target[key] = value[1:]
                for known, _ in _under(below.places, here):
                    del below.places[known]
                for known, place in _under(places, here):
                    if len(known) == len(here):
                        below.places[known] = place
                    elif isinstance(step := known[len(here)], int) and step > 0:
                        below.places[(*here, step - 1, *known[len(here) + 1 :])] = place
                continue
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
        elif key == "moves" and isinstance(old, list) and isinstance(value, dict):
            target[key] = dict.fromkeys(old)  # a list of moves, to which others are added
        if isinstance(value, dict) and isinstance(target.get(key), dict) and key not in REPLACED:
            _merge(below, value, places, here)
            continue
        target[key] = value
        if told := _under(places, here):
            for known, _ in _under(below.places, here):
                del below.places[known]
            below.places.update(told)


def _short(path: Path) -> str:
    """The key that a part may be written as alone, in short form."""
    if path in WHOLE:
        return WHOLE[path]
    if path[0] == "quantities" and path[2:3] == ("seen_by",) and len(path) == 4:
        return "value"
    if path[0] == "stages" and path[2:] == ("reconsidered",):
        return "value"
    return SHORT.get((str(path[0]), len(path)), "")


def _lengthened(short: str, value: Any) -> Any:
    bare = short == "prior" and isinstance(value, dict) and not value.keys() & PrivateType.model_fields.keys()
    bare = bare or (isinstance(value, dict) and value.keys() <= {"mixture", "choice"} and bool(value))
    if isinstance(value, dict) and not bare:
        return value
    return {short: value}


def _under(places: Mapping[Path, Place], path: Path) -> list[tuple[Path, Place]]:
    steps = len(path)
    return [(known, place) for known, place in places.items() if known[:steps] == path]
