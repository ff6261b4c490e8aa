"""What numbers depend on beside a model: the code of this package and the libraries it stands on, as digests."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from functools import lru_cache
from importlib import metadata, resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_CODE = (
    "solve", "engine/engine.py", "engine/solved.py", "engine/rivals.py", "game/blueprint.py", "game/joined.py",
    "game/tree.py", "language/lowering.py",
)  # fmt: skip
_LIBRARIES = ("numpy", "scipy")


def digest(raw: bytes) -> str:
    """The digest of some bytes, 32 hexadecimal digits."""
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


@lru_cache(maxsize=1)
def surroundings() -> str:
    """The digest of the code that solves and of the libraries it stands on: with others, the last digits may differ."""
    whole = hashlib.blake2b(digest_size=16)
    for name in _LIBRARIES:
        whole.update(f"{name} {metadata.version(name)} ".encode())
    whole.update(f"{platform.machine()} {platform.python_implementation()} {metadata.version('detente')} ".encode())
    for place in _CODE:
        for name, content in code_of(resources.files("detente") / place):
            whole.update(name.encode() + content)
    return whole.hexdigest()


def code_of(place: Traversable) -> Iterator[tuple[str, bytes]]:
    """The names and the contents of a file of code, or of all those in a folder and the folders in it."""
    if place.name.endswith((".py", ".native")):
        yield place.name, place.read_bytes()
    elif place.is_dir() and place.name != "__pycache__":
        for entry in sorted(place.iterdir(), key=lambda e: e.name):
            yield from code_of(entry)


@lru_cache(maxsize=1)
def code() -> str:
    """The digest of the whole package, since any part of it may change what is read off."""
    parts = (part for name, content in code_of(resources.files("detente")) for part in (name.encode(), content))
    return digest(b"\0".join(parts))
