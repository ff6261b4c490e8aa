"""What one text says otherwise than another, as the data of a file that extends the other: `extends` the other way
round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detente.errors import ModelError
from detente.model.extends import GROWING, REPLACED, _extended, _lengthened, _short
from detente.model.fields import Path
from detente.model.find import Found, Within
from detente.model.schema import Model

REMOVED = "remove"


def same(one: Model, other: Model) -> bool:
    """Whether two models say the same, whatever the order in which they say it; stages are played in theirs."""
    parts = (name for name in type(one).model_fields if name != "title")
    alike = all(getattr(one, name) == getattr(other, name) for name in parts)
    return alike and list(one.stages) == list(other.stages)


def departures(of: Found, text: Found, within: Within = None) -> dict[str, Any]:
    """What a text says otherwise than another that it departed from, both with all that they extend.

    Laid over `of` it gives `text`, as far as a file that extends another can say that: who asks compares the models.
    Raises ModelError where one of them holds no model.
    """
    old, new = _extended(of, within), _extended(text, within)
    if problems := [*old.problems, *new.problems]:
        raise ModelError(problems)
    return _differing(old.data, new.data, ())


def _differing(old: Mapping[Any, Any], new: Mapping[Any, Any], path: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in new.items():
        here = (*path, key)
        if key not in old:
            found[key] = _lengthened(short, value) if (short := _short(here)) else value
        elif old[key] != value:
            found[key] = _changed(old[key], value, here)
    if path == ("stages",):
        _in_order(list(old), new, found)
    return found | dict.fromkeys((key for key in old if key not in new), REMOVED)


def _changed(old: Any, new: Any, path: Path) -> Any:
    """A part that is there in both."""
    if path in GROWING and isinstance(old, list) and isinstance(new, list):
        return new[len(old) :] if new[: len(old)] == old else [REMOVED, *new]
    if short := _short(path):
        old, new = _lengthened(short, old), _lengthened(short, new)
    if path[-1] == "moves" and isinstance(old, list) and isinstance(new, dict):
        old = dict.fromkeys(old)
    if isinstance(old, dict) and isinstance(new, dict) and path[-1] not in REPLACED:
        return _differing(old, new, path)
    return new


def _in_order(old: list[Any], new: Mapping[Any, Any], found: dict[Any, Any]) -> None:
    """Say of new stages which they come before: a file that extends another puts its own behind all others."""
    stages = list(new)
    for place, name in reversed(list(enumerate(stages))):
        later = next((other for other in stages[place + 1 :] if other in old), None)
        if name not in old and later is not None and isinstance(new[name], dict):
            found[name] = {"before": later, **new[name]}
