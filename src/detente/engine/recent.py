"""Games that were solved a moment ago, so that the same game is not solved again.

Analyses of perceptions solve the same draws under many views of one actor: what the others believe, and both ends of
a sweep, are the same games again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from detente.solve.base import Certificate, Solution

NUMBERS = 4_000_000  # of behaviour that are held at most

Found = tuple[Solution, Certificate, str, bool]
"""A solution, its certificate, why this solver was chosen, and whether precision played no part."""


@dataclass(eq=False)
class Recent:
    """What was found of the games solved last, by all that their numbers are made of. Nobody changes it afterwards."""

    found: OrderedDict[Hashable, Found] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock, repr=False)  # executors may solve batches in threads

    def each(self, keys: Sequence[Hashable], solve: Callable[[Sequence[int]], Sequence[Found]]) -> list[Found]:
        """What was found of some games; `solve` is given the places of those of which nothing is known."""
        known = {k: found for k, key in enumerate(keys) if (found := self.found.get(key)) is not None}
        new = [k for k in range(len(keys)) if k not in known]
        known |= zip(new, solve(new), strict=True) if new else ()
        with self.lock:
            for k, key in enumerate(keys):
                self.found[key] = known[k]
                self.found.move_to_end(key)
            while len(self.found) > 1 and sum(one[0].behaviour.size for one in self.found.values()) > NUMBERS:
                self.found.popitem(last=False)
        return [known[k] for k in range(len(keys))]

    def __reduce__(self) -> tuple[type[Recent], tuple[()]]:
        """Another process begins with nothing."""
        return Recent, ()
