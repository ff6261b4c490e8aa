"""What was worked out last, so that it is worked out again only where something it is made of has changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from operator import is_
from typing import Any, TypeVar, cast

Value = TypeVar("Value")
ROUNDS = 4  # different numbers of draws and seeds that are remembered at once


@dataclass(eq=False)
class Memory:
    """Values by what they are, each with the objects it was made of; of each the last one.

    Whoever keeps something here never changes it afterwards: what is made of the same objects is the same.
    """

    known: dict[Hashable, tuple[tuple[object, ...], Any]] = field(default_factory=dict)
    parts: OrderedDict[Hashable, Memory] = field(default_factory=OrderedDict)

    def part(self, key: Hashable) -> Memory:
        """A memory of its own for what is about `key`; those used last are kept."""
        found = self.parts.pop(key, None) or Memory()
        self.parts[key] = found
        while len(self.parts) > ROUNDS:
            self.parts.popitem(last=False)
        return found

    def value(
        self, key: Hashable, made_of: tuple[object, ...], make: Callable[[], Value],
        good: Callable[[Value], bool] = lambda _: True,
    ) -> Value:  # fmt: skip
        """What is kept under a key, if it was made of these very objects; else what `make` gives, kept if `good`."""
        entry = self.known.get(key)
        if entry is not None and len(entry[0]) == len(made_of) and all(map(is_, entry[0], made_of)):
            return cast("Value", entry[1])
        found = make()
        if good(found):
            self.known[key] = (made_of, found)
        return found
