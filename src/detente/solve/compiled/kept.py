"""Compiled code on disk: what numba keeps there is sealed, and no file is used whose seal is broken.

numba reads its files with `pickle` and hands machine code to the linker as it finds it: a file that was cut short ends
in a traceback, and one with a flipped bit in whatever the processor makes of it. Here each file begins with the digest
of what follows. A file whose digest is another is removed, and what it held is compiled again. What a file of code was
compiled for stands in it as well, so that two processes that keep two versions of a function under one number cannot
give one for the other.

Where nothing can be kept (a read-only installation and no writable home) or the disk is full, kernels are compiled in
every process; that is told once.
"""

# mypy: disable-error-code="no-untyped-call,misc"

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import Cache, IndexDataCacheFile

from detente.errors import DetenteWarning

_DIGEST = 32  # bytes
_told = False


class Sealed(IndexDataCacheFile):
    """numba's index and files of code for one function, each behind the digest of its bytes."""

    def load(self, key: Any) -> Any:
        """The code that was kept under a key; None where it has to be compiled."""
        name = self._load_index().get(key)
        found = self._open_sealed(self._data_path(name)) if name else None
        if not isinstance(found, tuple) or found[:2] != (self._source_stamp, key):
            return None
        return found[2]

    def save(self, key: Any, data: Any) -> None:
        """Keep code under a key, where the disk has room for it."""
        try:
            super().save(key, (self._source_stamp, key, data))
        except OSError as error:
            tell_cost(f"compiled code cannot be kept ({error.strerror or error})")

    def _load_index(self) -> dict[Any, str]:
        found = self._open_sealed(self._index_path)
        if not isinstance(found, tuple) or found[:2] != (self._version, self._source_stamp):
            return {}
        return dict(found[2])

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write_sealed(self._index_path, (self._version, self._source_stamp, overloads))

    def _save_data(self, name: str, data: Any) -> None:
        self._write_sealed(self._data_path(name), data)

    def _write_sealed(self, path: str, value: Any) -> None:
        content = self._dump(value)
        with self._open_for_write(path) as file:
            file.write(hashlib.blake2b(content, digest_size=_DIGEST).digest() + content)

    def _open_sealed(self, path: str) -> Any:
        """What a file holds; None, and no file any more, if it is not what was written."""
        try:
            raw = Path(path).read_bytes()
        except OSError:
            return None
        if hashlib.blake2b(raw[_DIGEST:], digest_size=_DIGEST).digest() == raw[:_DIGEST]:
            with suppress(Exception):  # whole, and of another version of a library: whatever unpickling it raises
                return pickle.loads(raw[_DIGEST:])
        with suppress(OSError):
            Path(path).unlink()
        return None


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """numba's `njit`, which keeps what it compiles in sealed files, and does without where nothing can be kept."""

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            dispatcher: Any = numba.njit(**options)(function)
        except RuntimeError as error:
            if not options.get("cache") or "cannot cache" not in str(error):
                raise
            tell_cost("compiled code cannot be kept: neither the package's folder nor the user's caches can be written")
            return numba.njit(**{**options, "cache": False})(function)
        cache = dispatcher._cache
        if isinstance(cache, Cache):
            implementation = cache._impl
            stamp = implementation.locator.get_source_stamp()
            cache._cache_file = Sealed(cache.cache_path, implementation.filename_base, stamp)
        return dispatcher

    return decorate


def tell_cost(why: str) -> None:
    """Say once in a process what it costs that nothing is kept."""
    global _told
    if not _told:
        _told = True
        hint = "each command compiles its solver anew, half a minute or so; NUMBA_CACHE_DIR can name a folder for it"
        warnings.warn(f"{why}; {hint}", DetenteWarning, stacklevel=3)
