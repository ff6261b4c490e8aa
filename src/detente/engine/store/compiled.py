"""Compiled models kept on disk, so that a second command about the same file grows no tree.

The address is a digest of the model as it was written and of the code that compiles it. What was worked out for every
whole play, as for the claims, is kept with the tree.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import metadata, resources
from weakref import WeakSet

from detente.engine.store.codec import decode, encode
from detente.engine.store.files import COMPILED
from detente.engine.store.store import Store
from detente.engine.surroundings import code_of, digest
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.game.packed import Packed
from detente.game.revalued import revalued
from detente.model.fields import spelled
from detente.model.schema import Model

FEWEST = 200  # nodes: smaller trees are grown faster than read
_CODE = ("language", "model", "game", "draws", "engine/store/compiled.py", "engine/store/codec.py")
_FOREIGN = (IndexError, KeyError, TypeError, AttributeError)


_alive: WeakSet[Blueprint] = WeakSet()
"""The compiled models that somebody still holds."""


def blueprint_of(model: Model, store: Store | None) -> Blueprint:
    """The compiled model, from the store if it is there, or from one that differs in values alone and is still held.

    Raises ModelError as `compile_model` does.
    """
    found = next(filter(None, (revalued(base, model) for base in list(_alive))), None)
    if found is None and store is not None and model._rivals is None:  # what is joined is grown faster than read
        found = store.answers(_address(model), 0, lambda raw: _read(raw, model), kind=COMPILED)
    if found is None:
        found = compile_model(model)
    _alive.add(found)
    return found


def keep_blueprint(blueprint: Blueprint, store: Store | None) -> None:
    """Keep a compiled model and what was found for whole plays so far, unless the store holds all that."""
    held = blueprint.known is not None and blueprint.known.keys() == blueprint.found.keys()
    small = blueprint.tree.n_nodes < FEWEST or blueprint.members is not None
    if held or not store or not store.writes or small:
        return
    model, address = blueprint.model, _address(blueprint.model)
    about = {"case": model.name, "title": model.title, "seed": 0, "perception": "any", "method": "tree"}
    store.forget(address)
    store.keep_answers(address, 0, encode(Packed.of(blueprint)), about, kind=COMPILED)


def _address(model: Model) -> str:
    return digest(f"{spelled(model)}\n{_surroundings()}".encode())


@lru_cache(maxsize=1)
def _surroundings() -> str:
    """The digest of the code that compiles, and of what works out numbers there."""
    whole = hashlib.blake2b(f"{metadata.version('numpy')} {metadata.version('detente')}".encode(), digest_size=16)
    for place in _CODE:
        for name, content in code_of(resources.files("detente") / place):
            whole.update(name.encode() + content)
    return whole.hexdigest()


def _read(raw: bytes, model: Model) -> Blueprint:
    """A compiled model from the bytes of its file. Raises ValueError for a file that holds none of this model's."""
    packed: Packed = decode(raw, (Packed,), Packed)
    try:
        return packed.unpacked(model)
    except _FOREIGN as error:
        raise ValueError(f"the file holds no compiled model: {error}") from None
