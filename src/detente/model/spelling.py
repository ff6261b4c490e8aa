"""Names that are misspelt where they are declared, and keys that are: told once, and read as they were meant.

What is written under a misspelt key is read under the key that was meant, so that nothing else is told of it: a
compiler's recovery from an error by correction (Damerau 1964, A technique for computer detection and correction of
spelling errors, CACM 7(3)).
"""

from __future__ import annotations

import re
import typing
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from detente.errors import Problem, nearest
from detente.model import yaml
from detente.model.fields import Path, placed
from detente.model.schema import Model, Perception, PrivateType, Quantity
from detente.model.structures import ONE_OF, Alternative, Structure
from detente.model.validate import _inner, _keys


class _Lifted(Quantity):
    """A rate with all that is said of it as a quantity (`model.implied`)."""

    per: str = ""


PROSE = frozenset(
    {"means", "because", "says", "title", "about", "note", "question", "stake", "fact", "signal", "event"}
)
_MEANT = re.compile(r"did you mean '([^']+)'\?")
_NO = re.compile(r"\b(?:there is|has) no (?:[\w, ]+ )?'([^']+)'")
_NAMES = re.compile(r"[A-Za-z_][\w.]*")
NO_KEY = "there is no key"


def meant(problem: Problem) -> str:
    """What the hint of a problem says that was meant, if anything."""
    found = _MEANT.search(problem.hint)
    return found[1] if found else ""


def unknown(problem: Problem) -> str:
    """The name that a problem says is not there, if it says so."""
    found = None if problem.message.startswith(NO_KEY) else _NO.search(problem.message)
    return found[1] if found else ""


# ------------------------------------------------------------------------ keys


def corrected(written: yaml.Written) -> yaml.Written:
    """Data in which keys of the language that are misspelt are as they were meant; each of them is told."""
    wrong = list(_misspelt(written.data, Model, ())) if isinstance(written.data, dict) else []
    for path, key, hint in wrong:  # deepest first, so that the paths of the others stay what they are
        place = written.places.get((*path, "@key")) or placed(written.places, path)
        told = Problem(place, f"{NO_KEY} {path[-1]!r} here", hint, ".".join(map(str, path)))
        written = renamed(written, path, key)
        written.problems.append(told)
    return written


def _misspelt(data: Any, shape: Any, path: Path) -> Iterator[tuple[Path, str, str]]:
    """Keys that are nearly one of the language that is not there, by their paths; the deepest first."""
    if isinstance(data, (list, tuple)):
        for k, item in enumerate(data):
            yield from _misspelt(item, _below(shape, 0), (*path, k))
        return
    if not isinstance(data, dict):
        return
    fields = getattr(shape, "model_fields", None)
    if shape is Structure and path[-1] == ONE_OF and ONE_OF not in data:
        fields, shape = None, dict[str, Alternative]  # a bare group of alternatives
    if path[-1:] == ("reconsidered",) and "rate" not in data:
        shape, fields = _Lifted, _Lifted.model_fields
    if fields is None or _is_short(data, shape):
        inner = _below(shape, "") if typing.get_origin(shape) is dict else None
        for key, value in data.items() if inner is not None else ():
            yield from _misspelt(value, inner, (*path, key))
        return
    known = _known(shape)
    for key, value in data.items():
        name = str(key)
        if isinstance(key, str) and name not in known and name not in fields:
            hint = nearest(name, [k for k in known if k not in data])
            found = _MEANT.search(hint)
            if found is not None and _alike(name, found[1]):
                yield from _misspelt(value, _below(shape, found[1]), (*path, key))
                yield (*path, key), found[1], hint
            continue
        yield from _misspelt(value, _below(shape, name), (*path, key))


@cache
def _known(shape: Any) -> tuple[str, ...]:
    """The keys that may stand in a part."""
    return tuple(_keys(shape, ()))


@cache
def _below(shape: Any, key: str | int) -> Any:
    """What has its place under a key: what a structure changes is a part of a model."""
    return Model if shape in (Structure, Alternative) and key == "changes" else _inner(shape, key)


def _is_short(data: Mapping[Any, Any], shape: Any) -> bool:
    """Whether a mapping is the short form of a part: a prior alone, or a mixture."""
    if shape is PrivateType:
        return "prior" not in data and not any(isinstance(value, (dict, list)) for value in data.values())
    return shape in (Quantity, Perception) and data.keys() <= {"mixture", "choice"}


def _alike(one: str, other: str) -> bool:
    """Whether two words differ by a letter or two: one put in, left out, changed, or two of them swapped."""
    short, long = sorted((one.casefold(), other.casefold()), key=len)
    limit = 1 if len(short) < 5 else 2
    before = list(range(len(long) + 1))
    last: list[int] = []
    for i, a in enumerate(short, 1):
        row = [i]
        for j, b in enumerate(long, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == long[j - 2] and short[i - 2] == b:
                row[-1] = min(row[-1], last[j - 2] + 1)
        last, before = before, row
    return before[-1] <= limit


def renamed(written: yaml.Written, path: Path, name: str) -> yaml.Written:
    """Data with a key, or an entry of a list, under another name; it keeps its place."""

    def change(data: Any, rest: Path) -> Any:
        if isinstance(data, (list, tuple)):
            return [
                (name if len(rest) == 1 else change(item, rest[1:])) if k == rest[0] else item
                for k, item in enumerate(data)
            ]
        if len(rest) == 1:
            return {(name if key == rest[0] else key): value for key, value in data.items()}
        return {key: change(value, rest[1:]) if key == rest[0] else value for key, value in data.items()}

    new, end = (*path[:-1], name), len(path)
    places = dict(written.places)
    if isinstance(path[-1], str):
        places = {(*new, *p[end:]) if p[:end] == path else p: place for p, place in written.places.items()}
    return replace(written, data=change(written.data, path), places=places, problems=list(written.problems))


# ----------------------------------------------------------------------- names


def misdeclared(written: yaml.Written, problems: Sequence[Problem]) -> yaml.Written | None:
    """The data with one name declared as it is used, where it is declared under another that nothing uses; this is
    told. None where no name is.

    Either a name X is not known at several places, something is declared as Y that is nearly X, and Y stands nowhere
    else; or a structure changes Y, which stands nowhere else and is not whole by itself, and the model has an X.
    """
    counts: Counter[str] = Counter()
    declared: dict[str, Path] = {}
    wanted: dict[tuple[str, str], set[tuple[object, ...]]] = {}
    for p in problems:
        if not declared:
            _counted(written.data, (), counts, declared)
        if (name := unknown(p)) and (other := meant(p)) and name != other:
            wanted.setdefault((name, other), set()).add((p.place.file, p.place.line, p.place.column, p.path))
    for path, name in _changing(written, counts) if declared else ():
        section, lone = path[-2:]
        if any(p.path.startswith(f"{section}.{lone}") or (unknown(p) and f"{name!r}" in p.message) for p in problems):
            message = f"the model has no {lone!r} under `{section}` that this could change"
            return _told(written, path, name, message)
    for (name, other), where in wanted.items():
        at = declared.get(other)
        if len(where) >= 2 and at is not None and counts[other] == 1 and counts[name] >= 2:
            message = (
                f"{other!r} is declared and used nowhere; {name!r} is used {counts[name]} times and declared nowhere"
            )
            return _told(written, at, name, message)
    for p in problems if len(wanted) > 1 or len(problems) > 1 else ():
        *above, key = p.path.split(".")
        name = meant(p)
        if key and key == unknown(p) and name and _has_key(written.data, above, key, name):
            found = renamed(written, (*above, key), name)
            found.problems.append(p)
            return found
    return None


def _has_key(data: Any, above: Sequence[str], key: str, other: str) -> bool:
    """Whether a mapping of data has one key and not another."""
    for step in above:
        data = data.get(step) if isinstance(data, dict) else None
    return isinstance(data, dict) and key in data and other not in data


def _told(written: yaml.Written, path: Path, name: str, message: str) -> yaml.Written:
    """The data with a key or an entry of a list under another name; and that it was not."""
    place = written.places.get((*path, "@key")) or placed(written.places, path)
    found = renamed(written, path, name)
    found.problems.append(Problem(place, message, f"did you mean {name!r}?", ".".join(map(str, path))))
    return found


def _changing(written: yaml.Written, counts: Mapping[str, int]) -> Iterator[tuple[Path, str]]:
    """Where a structure changes something that stands nowhere else, and what the model has that is called nearly so."""
    for path, changes in _changes(written.data.get("structures"), ("structures",)):
        for section, changed in changes.items():
            base = written.data.get(section)
            if not isinstance(base, dict) or not isinstance(changed, dict):
                continue
            for name in changed:
                if isinstance(name, str) and name not in base and counts[name] == 1:
                    known = [other for other in base if isinstance(other, str) and other not in changed]
                    found = _MEANT.search(nearest(name, known))
                    if found and _alike(name, found[1]):
                        yield (*path, section, name), found[1]


def _changes(data: Any, path: Path) -> Iterator[tuple[Path, dict[Any, Any]]]:
    """What each structure changes, and where that is written."""
    for key, value in data.items() if isinstance(data, dict) else ():
        if key == "changes" and isinstance(value, dict):
            yield (*path, key), value
        else:
            yield from _changes(value, (*path, key))


def _counted(data: Any, path: Path, counts: Counter[str], declared: dict[str, Path]) -> None:
    """How often each name stands in data, apart from prose, and the last key or entry of a list that is one."""
    if isinstance(data, dict):
        for key, value in data.items():
            here = (*path, key)
            if isinstance(key, str):
                counts.update(_NAMES.findall(key))
                declared[key] = here
            if key not in PROSE or not isinstance(value, str):
                _counted(value, here, counts, declared)
    elif isinstance(data, (list, tuple)):
        for k, item in enumerate(data):
            if isinstance(item, str):
                declared.setdefault(item, (*path, k))
            _counted(item, (*path, k), counts, declared)
    elif isinstance(data, str):
        counts.update(_NAMES.findall(data))
