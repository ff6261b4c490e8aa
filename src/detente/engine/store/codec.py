"""Values as bytes and back: what everything that is kept on disk is written with.

A value is a tree of plain values, dates, ratios, tuples, lists, mappings, dataclasses and arrays of numbers. A file is
a line that says what it is, the length of a header, the header (the tree as JSON, with kind and shape of its arrays)
and the bytes of the arrays, one after another. Every number comes back as it was, every array contiguous and in memory
of its own.
Equal values give equal bytes.

A file may hold anything, so nothing in it is executed and no more is made than it has bytes for: dataclasses are those
that the reader names, with exactly their fields, each of its type, and arrays are of numbers, truth values or text.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import lru_cache
from inspect import isclass
from itertools import chain
from math import prod
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

_MARK = b"detente value 1\n"
_LENGTH = 8  # bytes of the length of the header
_PLAIN = (bool, int, float, str)
_NUMBERS = "biufU"  # kinds of arrays and of numpy's scalars
_DAMAGE = (KeyError, TypeError, IndexError, AttributeError, ArithmeticError, RecursionError)


def encode(value: object) -> bytes:
    """A value as bytes. Raises TypeError for what is no plain value."""
    raw: list[bytes] = []
    header = json.dumps(_form(value, raw)).encode()
    return b"".join(chain((_MARK, len(header).to_bytes(_LENGTH, "little"), header), raw))


def _form(item: Any, raw: list[bytes]) -> Any:
    """A value as it stands in the header; the bytes of its arrays are added to `raw`."""
    if isinstance(item, np.generic) and item.dtype.kind in _NUMBERS:
        return {"scalar": item.dtype.str, "value": item.item()}
    if item is None or isinstance(item, _PLAIN):
        return item
    if type(item) is dt.date:
        return {"date": item.isoformat()}
    if type(item) is Fraction:
        return {"ratio": [item.numerator, item.denominator]}
    if isinstance(item, np.ndarray) and item.dtype.kind in _NUMBERS:
        raw.append(np.ascontiguousarray(item).tobytes())
        return {"array": item.dtype.str, "shape": list(item.shape)}
    if isinstance(item, (tuple, list)):
        return {"tuple" if isinstance(item, tuple) else "list": [_form(part, raw) for part in item]}
    if isinstance(item, Mapping):
        return {"dict": [[_form(key, raw), _form(part, raw)] for key, part in item.items()]}
    if is_dataclass(item) and not isinstance(item, type):
        return {"kind": type(item).__name__, "of": {f.name: _form(getattr(item, f.name), raw) for f in fields(item)}}
    raise TypeError(f"{type(item).__name__} cannot be kept")


def decode(raw: bytes, kinds: Sequence[type] = (), expected: Any = Any) -> Any:
    """A value from its bytes. `kinds`: the dataclasses that it may be made of; `expected`: its type.

    Raises ValueError for bytes that are no such thing, whatever they are.
    """
    start = len(_MARK) + _LENGTH
    if raw[: len(_MARK)] != _MARK or len(raw) < start:
        raise ValueError("this is not what detente writes, or not this version of it")
    end = start + int.from_bytes(raw[len(_MARK) : start], "little")
    if end > len(raw):
        raise ValueError("the file is cut short")
    try:
        reader = _Reader(raw, end, {kind.__name__: kind for kind in kinds})
        value = reader.value(json.loads(raw[start:end]))
    except _DAMAGE as error:
        raise ValueError(f"the file does not say what it should: {type(error).__name__}: {error}") from None
    if reader.place != len(raw):
        raise ValueError("the file holds more than it says")
    if not fits(value, expected):
        raise ValueError("the file holds something else")
    return value


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of a type, as far as it is made of what can be kept."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return fits(value, parts[0])
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if origin is np.ndarray:
        (wanted,) = get_args(parts[1])
        return isinstance(value, np.ndarray) and (
            wanted is Any or not isclass(wanted) or np.issubdtype(value.dtype, wanted)
        )
    if origin is tuple and not (len(parts) == 2 and parts[1] is Ellipsis):
        return isinstance(value, tuple) and len(value) == len(parts) and all(map(fits, value, parts))
    if origin in (tuple, list, Sequence):
        kind = (list, tuple) if origin is Sequence else origin
        return isinstance(value, kind) and all(fits(item, parts[0]) for item in value)
    if origin in (dict, Mapping):
        return isinstance(value, dict) and all(fits(k, parts[0]) and fits(v, parts[1]) for k, v in value.items())
    if hint is float:
        return isinstance(value, (float, int, np.floating, np.integer)) and not isinstance(value, bool)
    if hint in (int, bool):
        return isinstance(value, (hint, np.integer if hint is int else np.bool_))
    return hint is Any or not isclass(hint) or isinstance(value, hint)


class _Reader:
    """Makes values of their forms, taking arrays from the bytes in order."""

    def __init__(self, raw: bytes, place: int, kinds: Mapping[str, type]) -> None:
        self.raw, self.place, self.kinds = raw, place, kinds

    def value(self, form: Any) -> Any:
        if not isinstance(form, dict):
            if isinstance(form, list):
                raise ValueError("the file has a list where a value should be")
            return form
        if form.keys() == {"array", "shape"}:
            return self._array(_dtype(form["array"]), form["shape"])
        if form.keys() == {"scalar", "value"}:
            return _dtype(form["scalar"]).type(form["value"])
        if form.keys() == {"kind", "of"}:
            return self._made(self.kinds[form["kind"]], form["of"])
        ((shape, parts),) = form.items()
        if shape == "date":
            return dt.date.fromisoformat(parts)
        if shape == "ratio":
            return Fraction(*parts)
        if shape == "dict":
            return {self.value(key): self.value(part) for key, part in parts}
        return {"tuple": tuple, "list": list}[shape](self.value(part) for part in parts)

    def _made(self, kind: type, given: dict[str, Any]) -> Any:
        if given.keys() != {field.name for field in fields(kind)}:
            raise ValueError(f"the file has other fields of {kind.__name__}")
        made = {name: self.value(part) for name, part in given.items()}
        if wrong := next((name for name, hint in _hints(kind).items() if not fits(made[name], hint)), None):
            raise ValueError(f"the file has a {wrong} of {kind.__name__} that is none")
        return kind(**made)

    def _array(self, dtype: npt.DTypeLike, shape: list[int]) -> npt.NDArray[Any]:
        if not all(type(size) is int and size >= 0 for size in shape):
            raise ValueError(f"the file has an array of the shape {shape}")
        count, dtype = prod(shape), np.dtype(dtype)
        after = self.place + count * dtype.itemsize
        if after > len(self.raw):
            raise ValueError("the file is cut short")
        array = np.frombuffer(self.raw, dtype, count, self.place) if count else np.empty(0, dtype)
        self.place = after
        return array.reshape(shape).copy()


@lru_cache(maxsize=256)
def _hints(kind: type) -> Mapping[str, Any]:
    """The types of the fields of a dataclass."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(kind)}


def _dtype(text: str) -> np.dtype[Any]:
    if not isinstance(text, str) or "," in text or (dtype := np.dtype(text)).kind not in _NUMBERS or dtype.shape:
        raise ValueError(f"the file has an array of {text!r}")
    return dtype
