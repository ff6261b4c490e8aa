"""What was last read of texts that are being edited, for all pages of a process."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from detente.language.remembered import Memory
from detente.model.quick import Looked, quick
from detente.model.schema import Model
from detente.present.web.workspace import Workspace

K = TypeVar("K")
V = TypeVar("V")
KEPT = 8  # texts, of all pages together


@dataclass(eq=False)
class Editing:
    """The memory of a process: sections and expressions that were read, and what the last few texts came to."""

    memory: Memory = field(default_factory=Memory)
    lately: OrderedDict[tuple[str, str], Looked] = field(default_factory=OrderedDict)
    readable: OrderedDict[str, Model] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)
    reading: Lock = field(default_factory=Lock)

    def looked(self, space: Workspace, text: str, name: str) -> Looked:
        """What is wrong with a text at first sight. `name`: of the case that it is a draft of."""
        key = (name, digest(text))
        with self.lock:
            if key in self.lately:
                self.lately.move_to_end(key)
                return self.lately[key]
        with self.reading:  # one at a time: what is wrong, what may be written and what a word means ask for one text
            with self.lock:
                if key in self.lately:
                    return self.lately[key]
            found = quick(text, space.called(name), within=space.folders, memory=self.memory)
            with self.lock:
                _kept(self.lately, key, found)
                if found.model is not None:
                    _kept(self.readable, name, found.model)
        return found

    def lately_read(self, space: Workspace, text: str, name: str) -> Model | None:
        """What a case said when it could last be read, be that a few keys ago."""
        return self.readable.get(name) or self.model(space, text, name)

    def model(self, space: Workspace, text: str, name: str) -> Model | None:
        """What a text says, or said when it could last be read."""
        found = self.looked(space, text, name).model
        return found or self.readable.get(name)


def _kept(things: OrderedDict[K, V], key: K, thing: V) -> None:
    things[key] = thing
    while len(things) > KEPT:
        things.popitem(last=False)


def editing(space: Workspace) -> Editing:
    """The memory of a workspace."""
    return space.once("editing", Editing)


def digest(text: str) -> str:
    """By what a text is known: its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
