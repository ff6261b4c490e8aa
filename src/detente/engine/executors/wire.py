"""Work on its way to another process and back, as bytes, and what a process remembers of the work it was sent.

Compiled models are large and the same for thousands of pieces, so they are not in these bytes: in their place stands
their digest (`Tree`), and a process that does not have one says so (`Missing`) and is sent it, once. So is an array
that stands in several places, as quantities do that stay the same along a line.

The same work is the same bytes in every process, since its digest says whether it is the same: sets are in order, and
of objects there is nothing but their fields, none of what was worked out of these meanwhile.
"""

from __future__ import annotations

import io
import pickle
import sys
import zlib
from collections import OrderedDict
from collections.abc import Callable
from copyreg import __newobj__  # type: ignore[attr-defined]
from dataclasses import dataclass, field, fields, is_dataclass
from threading import Lock
from typing import Any

import cloudpickle
import numpy as np
import numpy.typing as npt

from detente.engine.surroundings import code, digest, surroundings
from detente.game.blueprint import Blueprint
from detente.remembered import remembered

TREES, WORKS = 32, 32  # that a process remembers


@dataclass(frozen=True)
class Tree:
    """A compiled model as bytes, and their digest."""

    digest: str
    raw: bytes


@dataclass(frozen=True)
class Packed:
    """A value as bytes, without the compiled models in it, whose digests are given."""

    raw: bytes
    trees: tuple[str, ...]


@dataclass(frozen=True)
class Missing:
    """A process, by its address, that does not have some compiled models."""

    trees: tuple[str, ...]
    process: str


@dataclass(frozen=True)
class Raised:
    """What a piece of work has raised."""

    error: Exception


@dataclass(frozen=True)
class Other:
    """A process whose code or libraries are others, so that its numbers might be."""

    process: str


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """`trees`: the compiled models that were met; None where they are to be in the bytes themselves."""

    def __init__(self, file: io.BytesIO, trees: dict[str, Blueprint] | None) -> None:
        super().__init__(file, protocol=5)
        self.trees = trees
        self.arrays: list[npt.NDArray[Any]] = []
        self._place: dict[tuple[Any, ...], int] = {}

    def persistent_id(self, value: object) -> tuple[str, Any] | None:
        if type(value) in (set, frozenset):
            return type(value).__name__, sorted(value, key=repr)  # type: ignore[call-overload]
        if isinstance(value, Blueprint) and self.trees is not None:
            name = tree_of(value).digest
            self.trees[name] = value
            return "tree", name
        if type(value) is np.ndarray and value.size and not value.dtype.hasobject:
            where = value.__array_interface__
            key = (where["data"][0], value.shape, value.strides, where["typestr"])
            if key not in self._place:
                self._place[key] = len(self.arrays)
                self.arrays.append(value)  # as long as it is held, nothing else is in its place
            return "array", self._place[key]
        return None

    def reducer_override(self, value: object) -> Any:
        if isinstance(value, Blueprint):  # inside of another one
            return Blueprint, _parts(value)
        if _plain(value):
            names = {f.name for f in fields(type(value))}  # type: ignore[arg-type]
            return __newobj__, (type(value),), {name: own for name, own in vars(value).items() if name in names}
        return super().reducer_override(value)


class _Unpickler(pickle.Unpickler):
    def __init__(self, raw: bytes, trees: dict[str, Blueprint], arrays: list[npt.NDArray[Any]]) -> None:
        super().__init__(io.BytesIO(raw))
        self.trees, self.arrays = trees, arrays

    def persistent_load(self, found: tuple[str, Any]) -> object:
        kind, which = found
        if kind in ("set", "frozenset"):
            return set(which) if kind == "set" else frozenset(which)
        return self.trees[which] if kind == "tree" else self.arrays[which]


def _parts(blueprint: Blueprint) -> tuple[Any, ...]:
    """What a compiled model is made of, but for what questions have made ready of it, each process for itself."""
    return tuple(getattr(blueprint, f.name) if f.name != "ready" else {} for f in fields(Blueprint))


def _plain(value: object) -> bool:
    """Whether a thing is a dataclass that says nothing of how it is pickled."""
    if isinstance(value, type) or not is_dataclass(value):
        return False
    kind = type(value)
    return kind.__reduce__ is object.__reduce__ and not hasattr(kind, "__setstate__") and hasattr(value, "__dict__")


def _dumped(value: object, trees: dict[str, Blueprint] | None) -> bytes:
    file = io.BytesIO()
    pickler = _Pickler(file, trees)
    pickler.dump(value)
    return pickle.dumps((file.getvalue(), pickler.arrays), protocol=5)


def _loaded(raw: bytes, trees: dict[str, Blueprint]) -> Any:
    body, arrays = pickle.loads(raw)
    return _Unpickler(body, trees, arrays).load()


@remembered
def tree_of(blueprint: Blueprint) -> Tree:
    """A compiled model as it is sent: as it is when it is first asked for, and without what was made ready of it."""
    raw = zlib.compress(_dumped(_parts(blueprint), None), 1)
    return Tree(digest(raw), raw)


def packed(value: object, trees: dict[str, Blueprint]) -> Packed:
    """A value as bytes. The compiled models in it are entered into `trees`."""
    mine: dict[str, Blueprint] = {}
    raw = _dumped(value, mine)
    trees |= mine
    return Packed(raw, tuple(mine))


@dataclass(eq=False)
class Here:
    """What this process remembers: compiled models and works by their digests, the last used last."""

    trees: OrderedDict[str, Blueprint] = field(default_factory=OrderedDict)
    works: OrderedDict[str, Callable[..., Any]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)  # one piece at a time: what is remembered of a model is not for several


HERE = Here()


def take(tree: Tree) -> None:
    """Remember a compiled model in this process."""
    with HERE.lock:
        if tree.digest not in HERE.trees:
            HERE.trees[tree.digest] = Blueprint(*_loaded(zlib.decompress(tree.raw), {}))
        _newest(HERE.trees, tree.digest, TREES)


def same() -> str:
    """The digest of all that numbers depend on beside the work: code, libraries, and what reads the bytes."""
    return digest(f"{sys.version_info[:2]} {surroundings()} {code()}".encode())


def work_there(work: Packed, args: Packed, code_of: str, process: str, trees: tuple[Tree, ...] = ()) -> bytes:
    """What a piece of work returns in this process, called `process`, or a Raised, Missing or Other, as bytes."""
    for tree in trees if code_of == same() else ():
        take(tree)
    return _dumped(_done(work, args, code_of, process), None)


def _done(work: Packed, args: Packed, code_of: str, process: str) -> object:
    if code_of != same():
        return Other(process)
    with HERE.lock:
        if missing := tuple(name for name in (*work.trees, *args.trees) if name not in HERE.trees):
            return Missing(missing, process)
        for name in (*work.trees, *args.trees):
            _newest(HERE.trees, name, TREES)
        try:
            name = digest(work.raw)
            if name not in HERE.works:
                HERE.works[name] = _loaded(work.raw, HERE.trees)
            _newest(HERE.works, name, WORKS)
            return HERE.works[name](*_loaded(args.raw, HERE.trees))
        except Exception as error:
            return Raised(error)


def back(raw: bytes) -> Any:
    """What came back of a piece of work."""
    return _loaded(raw, {})


def _newest(found: OrderedDict[str, Any], name: str, most: int) -> None:
    found.move_to_end(name)
    while len(found) > most:
        found.popitem(last=False)
