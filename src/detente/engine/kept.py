"""What solving found for a batch, as plain arrays and words: it can be kept, or sent, and made a batch again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.engine.batch import Batch
from detente.engine.rivals import held_apart
from detente.engine.solved import Solved, eyes, own_parts
from detente.game.blueprint import Blueprint
from detente.solve.base import Certificate, Solution

BELIEVED = "believed"


@dataclass(frozen=True, eq=False)
class Kept:
    """All that solving found for a batch, and nothing that is cheap to put on again, as the numbers of its games are.

    `arrays`: `believed` [V, A, n], behaviour in each pair of eyes (one for all where they are common), and the arrays
    of the Solution ([n]) and of the Certificate ([n] or [P, n]) by their names. `words`: what else they say, and how
    the solver was chosen.
    """

    arrays: Mapping[str, npt.NDArray[Any]]
    words: Mapping[str, Any]

    @property
    def n(self) -> int:
        return int(self.arrays[BELIEVED].shape[-1])

    @property
    def believed(self) -> list[Floats]:
        """[A, n] for each pair of eyes."""
        return list(self.arrays[BELIEVED])

    @classmethod
    def of(cls, solved: Solved, perception: str) -> Kept:
        """What is worth keeping of a solved batch."""
        believed = [solved.solution.behaviour]
        if perception != "common":
            believed = list({id(behaviour): behaviour for _, behaviour in solved.batch.views}.values())
        arrays: dict[str, npt.NDArray[Any]] = {BELIEVED: np.array(believed)}
        words: dict[str, Any] = {"reason": solved.reason, "unlimited": solved.unlimited}
        for part in (solved.solution, solved.certificate):
            for name in field_names(type(part)):
                value = getattr(part, name)
                (arrays if isinstance(value, np.ndarray) else words)[name] = value
        return cls(arrays, words)

    @property
    def solution(self) -> Solution:
        """As the solver gave it; its behaviour is that of the first pair of eyes."""
        return Solution(behaviour=self.arrays[BELIEVED][0], **self._parts(Solution))

    @property
    def certificate(self) -> Certificate:
        return Certificate(**self._parts(Certificate))

    def _parts(self, kind: type) -> dict[str, Any]:
        return {name: self.arrays[name] if name in self.arrays else self.words[name] for name in field_names(kind)}

    def part(self, n: int) -> Kept:
        """The first n draws, in arrays of their own: the order of a sum depends on how an array lies in memory."""
        return Kept({name: np.ascontiguousarray(array[..., :n]) for name, array in self.arrays.items()}, self.words)

    def then(self, other: Kept) -> Kept:
        """These draws and those that follow them; of two lists of references, the one that holds the other."""
        arrays = {name: np.concatenate([array, other.arrays[name]], axis=-1) for name, array in self.arrays.items()}
        first, second = self.words["references"], other.words["references"]
        references = second if set(first) <= set(second) else tuple(dict.fromkeys((*first, *second)))
        return Kept(arrays, {**self.words, "references": references})


def field_names(kind: type) -> list[str]:
    """The fields of a Solution or a Certificate, but for the behaviour, which is kept for each pair of eyes."""
    return [field.name for field in fields(kind) if field.name != "behaviour"]


def assembled(perception: str, blueprint: Blueprint, draws: Draws, forced: Mapping[str, str], kept: Kept) -> Solved:
    """What `solve_batch` returned, from what was kept of it."""
    tree, believed = blueprint.tree, kept.believed
    behaviour, views = believed[0], None
    if perception != "common":
        seen = eyes(tree, draws)
        found = dict(zip(dict.fromkeys(seen), believed, strict=True))
        games = {view: blueprint.forced(blueprint.game(draws, view), forced) for view in found}
        behaviour, views = own_parts(tree, seen, found), [(games[view], found[view]) for view in seen]
    solution = replace(kept.solution, behaviour=behaviour)
    batch = Batch(blueprint, draws, lambda: blueprint.forced(blueprint.game(draws), forced), behaviour, views)
    batch = held_apart(batch, tuple(forced.items()))
    return Solved(batch, solution, kept.certificate, kept.words["reason"], kept.words["unlimited"])
