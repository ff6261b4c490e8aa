"""Values as bytes and back: what everything that is kept on disk is written with.

A value is a tree of plain values, tuples, lists, mappings, dataclasses and arrays of numbers. A file is a line that
says what it is, the length of a header, the header (the tree as JSON, with kind and shape of its arrays) and the bytes
of the arrays, one after another. Every number comes back as it was, every array contiguous and in memory of its own.
Equal values give equal bytes.

A file may hold anything, so nothing in it is executed and no more is made than it has bytes for: dataclasses are those
that the reader names, with exactly their fields, and arrays are of numbers, truth values or text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import chain
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

_MARK = b"detente value 1\n"
_LENGTH = 8  # bytes of the length of the header
_PLAIN = (bool, int, float, str)
_NUMBERS = "biufU"  # kinds of arrays and of numpy's scalars
_DAMAGE = (KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError)


def encode(value: object) -> bytes:
    """A value as bytes. Raises TypeError for what is no plain value."""
    raw: list[bytes] = []

    def form(item: Any) -> Any:
        if isinstance(item, np.generic) and item.dtype.kind in _NUMBERS:
            return {"scalar": item.dtype.str, "value": item.item()}
        if item is None or isinstance(item, _PLAIN):
            return item
        if isinstance(item, np.ndarray) and item.dtype.kind in _NUMBERS:
            raw.append(np.ascontiguousarray(item).tobytes())
            return {"array": item.dtype.str, "shape": list(item.shape)}
        if isinstance(item, (tuple, list)):
            return {"tuple" if isinstance(item, tuple) else "list": [form(part) for part in item]}
        if isinstance(item, Mapping):
            return {"dict": [[form(key), form(part)] for key, part in item.items()]}
        if is_dataclass(item) and not isinstance(item, type):
            return {"kind": type(item).__name__, "of": {f.name: form(getattr(item, f.name)) for f in fields(item)}}
        raise TypeError(f"{type(item).__name__} cannot be kept")

    header = json.dumps(form(value)).encode()
    return b"".join(chain((_MARK, len(header).to_bytes(_LENGTH, "little"), header), raw))


def decode(raw: bytes, kinds: Sequence[type] = ()) -> Any:
    """A value from its bytes. `kinds`: the dataclasses that it may be made of.

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
    return value


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
        if shape == "dict":
            return {self.value(key): self.value(part) for key, part in parts}
        return {"tuple": tuple, "list": list}[shape](self.value(part) for part in parts)

    def _made(self, kind: type, given: dict[str, Any]) -> Any:
        if given.keys() != {field.name for field in fields(kind)}:
            raise ValueError(f"the file has other fields of {kind.__name__}")
        return kind(**{name: self.value(part) for name, part in given.items()})

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


def _dtype(text: str) -> np.dtype[Any]:
    if not isinstance(text, str) or "," in text or (dtype := np.dtype(text)).kind not in _NUMBERS or dtype.shape:
        raise ValueError(f"the file has an array of {text!r}")
    return dtype
