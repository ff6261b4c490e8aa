"""The sources of uncertainty that are moved by degrees, those that choose between a few values held at one of them.

A choice is not so many standard deviations away from another: at equal odds the smallest step of its score goes from
one to the other. So distances are counted over the other sources alone, and a choice is a *switch*, tried value by
value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import special

from detente.arrays import Bools, Floats, Longs
from detente.draws.formulas import Leaf, Step, chosen
from detente.draws.sampler import Draws
from detente.draws.sources import Sources
from detente.draws.structures import chances
from detente.model.blocks import Block
from detente.model.structural import drawing

CHOOSE = ("choice", "bernoulli", "mixture")


@dataclass(frozen=True)
class Switch:
    """A source that chooses between values, at the median draw: the ends of their ranges of uniform numbers."""

    row: int  # of its source
    name: str
    ends: tuple[float, ...]
    here: int  # the value at the median

    @property
    def scores(self) -> Floats:
        """[values] the score in the middle of each range; that of the value at the median is 0."""
        ends = np.array((0.0, *self.ends))
        found = np.asarray(special.ndtri((ends[1:] + ends[:-1]) / 2))
        found[self.here] = 0.0
        return found

    @property
    def others(self) -> list[int]:
        """The values that are not the one at the median, and that can come up."""
        wide = np.diff((0.0, *self.ends)) > 0
        return [k for k in range(len(self.ends)) if k != self.here and wide[k]]

    def chooses(self, scores: Floats, k: int) -> Bools:
        """[n] whether scores choose the k-th value."""
        u = special.ndtr(scores)
        low = self.ends[k - 1] if k else -1.0
        return np.asarray((u > low) & (u <= self.ends[k]))


@dataclass(frozen=True, eq=False)
class Plane:
    """The free scores of the sources that do not choose, C of all S.

    Switches stand at the value of the median, but for those that `standing` puts at their k-th value, by name.
    `names`, `mixing` and `unmixing` are as in Sources, [C], [C, C]; points are [C, m].
    """

    sources: Sources
    standing: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def switches(self) -> tuple[Switch, ...]:
        """The sources that choose, at the median draw."""
        trail: list[Step] = []
        centre = self.sources.draws(np.zeros((len(self.sources.names), 1)), trail=trail)
        found: dict[str, Switch] = {}
        for step in trail:
            for leaf in step.leaves:
                if leaf.family in CHOOSE and leaf.source in self.sources.names:
                    found.setdefault(leaf.source, _switch(self.sources.names.index(leaf.source), leaf, step))
                elif (block := self._structures.get(leaf.source.partition("#")[0])) and leaf.family == "uniform":
                    row = self.sources.names.index(leaf.source)
                    found.setdefault(leaf.source, _alternatives(row, leaf.source, chances(centre, block)[:, 0]))
        return tuple(found.values())

    @cached_property
    def _structures(self) -> dict[str, Block]:
        return drawing(self.sources.sampler.model)

    @cached_property
    def rows(self) -> Longs:
        """[C] the numbers of the sources that are moved: none that draws a structure, or says how likely one is."""
        held = {switch.row for switch in self.switches}
        held |= {k for k, name in enumerate(self.sources.names) if name.partition("#")[0] in self._structures}
        return np.array([k for k in range(len(self.sources.names)) if k not in held], np.int64)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.sources.names[k] for k in self.rows)

    @cached_property
    def mixing(self) -> Floats:
        """[C, C] from free scores of the plane to the scores of its sources."""
        if not self.switches:
            return self.sources.mixing
        part = self.sources.mixing[self.rows]
        values, vectors = np.linalg.eigh(part @ part.T) if len(self.rows) else (np.zeros(0), np.zeros((0, 0)))
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T)

    @cached_property
    def unmixing(self) -> Floats:
        """[C, C] the way back."""
        return self.sources.unmixing if not self.switches else np.asarray(np.linalg.pinv(self.mixing))

    @cached_property
    def lift(self) -> Floats:
        """[S, C] from points of the plane to free scores of all sources."""
        return np.asarray(self.sources.unmixing[:, self.rows] @ self.mixing)

    @cached_property
    def origin(self) -> Floats:
        """[S] the middle of the plane in free scores of all sources."""
        scores = np.zeros(len(self.sources.names))
        for switch in self.switches:
            if switch.name in self.standing:
                scores[switch.row] = switch.scores[self.standing[switch.name]]
        return np.asarray(self.sources.unmixing @ scores)

    def up(self, points: Floats) -> Floats:
        """[S, m] points of the plane, [C, m], in free scores of all sources."""
        return points if not self.switches else np.asarray(self.lift @ points + self.origin[:, None])

    def down(self, slopes: Floats) -> Floats:
        """[C, m] derivatives by the free scores of the plane, from those by all, [S, m]."""
        return slopes if not self.switches else np.asarray(self.lift.T @ slopes)

    def across(self, points: Floats) -> tuple[Floats, Bools]:
        """[C, n] where free scores of all sources, [S, n], lie in the plane; [n] whether their switches stand so."""
        if not self.switches:
            return points, np.ones(points.shape[1], bool)
        scores = self.sources.mixing @ points
        values = [(switch, self.standing.get(switch.name, switch.here)) for switch in self.switches]
        alike = np.all([switch.chooses(scores[switch.row], k) for switch, k in values], axis=0)
        return np.asarray(self.unmixing @ scores[self.rows]), np.asarray(alike)

    def draws(self, points: Floats) -> Draws:
        """The draws at points of the plane."""
        return self.sources.draws(self.up(points))

    def switched(self) -> tuple[Plane, ...]:
        """The planes with one switch at another of its values, for each and all of them."""
        return tuple(Plane(self.sources, {s.name: k}) for s in self.switches for k in s.others)


def _switch(row: int, leaf: Leaf, step: Step) -> Switch:
    weights = leaf.weights
    if leaf.family == "bernoulli":
        p = float(step.tape.evaluate(leaf.args, step.inputs, 1)[0, 0])
        weights = (1 - p, p)
    ends = (*np.cumsum(weights)[:-1].tolist(), 1.0)
    half = np.full(1, 0.5)
    here = int(half[0] > ends[0]) if leaf.family == "bernoulli" else int(chosen(weights, half)[0])
    return Switch(row, leaf.source, tuple(float(end) for end in ends), here)


def _alternatives(row: int, name: str, chances: Floats) -> Switch:
    """The source that draws one of several alternatives, each so likely."""
    ends = (*np.cumsum(chances)[:-1].tolist(), 1.0)
    return Switch(row, name, tuple(float(end) for end in ends), int(np.searchsorted(ends, 0.5, "right")))
