"""The compiled kernels, as Python calls them.

Kernels are written in C++ beside the Python that uses them (`quantal/*.cpp` and so on) and compiled when the package is
built into one library next to this module, once for each family of processors; which of these a machine can run is
found out when the first kernel is called. They are reached through `ctypes`: no header of Python is needed to build
them, one library serves every version of Python, and other threads run while a kernel is at work.

A kernel takes structures of arrays (named tuples and classes whose fields are all arrays), arrays, and numbers. What is
handed over is checked against the kernel's declaration: the kinds of its numbers, and that arrays lie in one piece.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.errors import DetenteError

FILE = Path(__file__).with_name("kernels.native")
"""The library, under a name that Python does not take for a module."""
_FEW = 8  # draws that are solved four abreast, not sixteen; no number depends on it
_OF_FEW = {"avx2": "avx2_few", "avx512": "avx2_few"}  # the variants of the kernels for them
_ONES = (1, 1, 1, 1)  # the sizes of an `Array` without axes (lanes.hpp)
_KINDS: dict[Any, np.dtype[Any]] = {
    kind: np.dtype(name) for kind, name in ((Floats, "f8"), (Longs, "i8"), (Bools, "?"))
}


class Kernel:
    """A compiled function, and the kinds of what it takes: arrays (`Floats`, `Longs`, `Bools`), classes of arrays,
    named tuples of numbers, `int` and `float`. It returns nothing: results are entered in arrays that it is given."""

    def __init__(self, name: str, *kinds: Any) -> None:
        self.name = name
        self._pack = tuple(_packer(kind) for kind in kinds)
        self._functions: dict[bool, Any] = {}

    def __call__(self, *arguments: Any, draws: int = 0) -> None:
        """Run the kernel, on so many draws (0: not on draws).

        MemoryError if there is no room for its scratch, TypeError for an array of another kind.
        """
        few = 0 < draws <= _FEW
        if few not in self._functions:
            self._functions[few] = _find(self.name, few)
        packed = [pack(argument) for pack, argument in zip(self._pack, arguments, strict=True)]
        if self._functions[few](*packed):
            raise MemoryError(f"no memory for the scratch of {self.name}")


def _packer(kind: Any) -> Callable[[Any], Any]:
    if kind is int:
        return ctypes.c_int64
    if kind is float:
        return ctypes.c_double
    if kind in _KINDS:
        wanted = (_KINDS[kind],)
        return lambda array: _words((array,), wanted)
    fields = get_type_hints(kind, include_extras=True)
    if all(found in _KINDS for found in fields.values()):
        if not issubclass(kind, tuple):
            return _structure
        kinds = tuple(_KINDS[found] for found in fields.values())
        return lambda arrays: _words(arrays, kinds)
    return lambda numbers: (ctypes.c_double * len(numbers))(*numbers)


@lru_cache(maxsize=64)
def _structure(held: Any) -> bytes:
    """The arrays of an object that never changes, made once."""
    fields = get_type_hints(held.__class__, include_extras=True)
    return _words([getattr(held, name) for name in fields], [_KINDS[kind] for kind in fields.values()])


def _words(arrays: Sequence[Any], kinds: Sequence[np.dtype[Any]]) -> bytes:
    """Arrays, each with its kind, as `Array`s one after the other (lanes.hpp)."""
    words: list[int] = []
    for array, kind in zip(arrays, kinds, strict=True):
        if array.dtype != kind or not array.flags.c_contiguous:
            raise TypeError(f"a kernel needs an array of {kind} in one piece, not one of {array.dtype}")
        words += (array.__array_interface__["data"][0], *array.shape, *_ONES[array.ndim :])
    return struct.pack(f"{len(words)}q", *words)


def _find(name: str, few: bool) -> Any:
    """The function of a kernel, for the processor of this machine and for a few draws or many."""
    wanted = _OF_FEW.get(variant(), variant()) if few else variant()
    try:
        function = getattr(_library(), f"{name}_{wanted}")
    except AttributeError:
        raise DetenteError(
            f"there are no kernels named {wanted!r} for this machine; leave DETENTE_KERNELS unset, or name one of "
            "plain, avx2, avx2_few and avx512 that its processor can run"
        ) from None
    function.restype = ctypes.c_int
    return function


@lru_cache(maxsize=1)
def variant() -> str:
    """Which of the variants of the kernels is used: for the richest family of processors that this one belongs to.

    DETENTE_KERNELS names a plainer one, to compare them by; no number depends on it.
    """
    function = _library().detente_variant
    function.restype = ctypes.c_char_p
    return os.environ.get("DETENTE_KERNELS") or str(function().decode())


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    try:
        return ctypes.CDLL(str(FILE))
    except OSError as error:
        raise DetenteError(
            f"the compiled part of Detente cannot be loaded ({error}); it is made when Detente is installed: install it"
            " again, by `pip install --force-reinstall detente`, or `uv sync --reinstall-package detente` in a checkout"
        ) from None
