"""From derivatives by quantities as they are and as they are seen, back to the sources of uncertainty behind them.

The derivative by a quantity is taken with all other sources of uncertainty as they are: what is made of the quantity,
and the perceptions of it, go with it, as they do when it is set to another value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.draws.formulas import Leaf, Step, chosen
from detente.draws.sampler import Draws, Sampler
from detente.draws.sources import SEEN_BY, Sources
from detente.language.derivatives import STEPS, pull, quantile_slopes

Seen = tuple[str, str]
"""(actor, quantity): a quantity as an actor sees it; actor "" for the truth."""


@dataclass(frozen=True, eq=False)
class Slopes:
    """Derivatives of m numbers in n draws: by quantities and perceptions, and by the free scores of all sources.

    `kinked` are the draws that lie exactly at a non-differentiable point of a formula, where the derivative is that of
    one side."""

    quantities: Mapping[str, Floats]  # [m, n] each; perceptions as `x seen by A`
    scores: Floats  # [S, m, n]
    kinked: Bools  # [n]


@dataclass(frozen=True, eq=False)
class Chain:
    """Draws, and how each came to be."""

    sources: Sources
    draws: Draws
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, sampler: Sampler, n: int, seed: int) -> Chain:
        """Of `sampler.draw(n, seed)`."""
        trail: list[Step] = []
        return cls(Sources(sampler), replace(sampler, trail=trail).draw(n, seed), tuple(trail))

    @classmethod
    def at(cls, sources: Sources, free: Floats) -> Chain:
        """Of `sources.draws(free)`."""
        trail: list[Step] = []
        return cls(sources, sources.draws(free, trail=trail), tuple(trail))

    def part(self, start: int, stop: int) -> Chain:
        """The draws from `start` up to `stop`."""
        if start == 0 and stop >= self.draws.n:
            return self

        def cut(step: Step) -> Step:
            leaves = tuple(replace(leaf, u=leaf.u[start:stop]) for leaf in step.leaves)
            inputs = {name: np.broadcast_to(x, self.draws.n)[start:stop] for name, x in step.inputs.items()}
            return replace(step, inputs=inputs, leaves=leaves)

        return replace(self, draws=self.draws.part(start, stop), steps=tuple(cut(step) for step in self.steps))

    def taken(self, which: Longs) -> Chain:
        """[m] of the draws, by number, in that order."""

        def take(step: Step) -> Step:
            leaves = tuple(replace(leaf, u=leaf.u[which]) for leaf in step.leaves)
            inputs = {name: np.broadcast_to(x, self.draws.n)[which] for name, x in step.inputs.items()}
            return replace(step, inputs=inputs, leaves=leaves)

        return replace(self, draws=self.draws.taken(which), steps=tuple(take(step) for step in self.steps))

    @property
    def stepwise(self) -> tuple[str, ...]:
        """The sources that choose between values, and so have no derivative."""
        names = [leaf.source for step in self.steps for leaf in step.leaves if leaf.family in STEPS]
        return tuple(dict.fromkeys(names))

    def key(self, actor: str, name: str) -> Seen:
        """What an actor means by a quantity: its view of it where it has one, else the truth."""
        return (actor, name) if actor and name in self.draws.views.get(actor, {}) else ("", name)

    def pull(self, by: Mapping[Seen, Floats], m: int) -> Slopes:
        """From derivatives [m, n] by quantities as they enter the game, to those by all that stands behind them."""
        n = self.draws.n
        waiting, total = dict(by), dict[Seen, Floats]()
        sources: dict[str, Floats] = {}
        kinked = np.zeros(n, np.bool_)
        for step in reversed(self.steps):
            slope = waiting.pop((step.actor, step.name), None)
            if slope is None:
                continue
            total[step.actor, step.name] = slope
            if step.bounded:
                value = step.tape.evaluate([step.root], step.inputs, n)[0]
                slope = np.where((value >= 0) & (value <= 1), slope, 0.0)
            found, kinks = pull(step.tape, [step.root], slope[None], step.inputs)
            kinked |= kinks
            for leaf in step.leaves:
                slope = found.pop(f"#{leaf.number}", None)
                if slope is not None:
                    args, by_score = _through(leaf, step, slope)
                    if by_score is not None:
                        _add(sources, leaf.source, by_score)
                    inner, kinks = pull(step.tape, leaf.args, args, step.inputs)
                    kinked |= kinks
                    for name, more in inner.items():
                        _add(found, name, more)
            for name, slope in found.items():
                own = name == step.name  # a perception is made of the truth of its own quantity
                _add(waiting, ("", name) if own else self.key(step.actor, name), slope)
        quantities = {
            name if not actor else f"{name}{SEEN_BY}{actor}": slope
            for (actor, name), slope in (total | waiting).items()
            if not actor or actor in self.sources.sampler.model.quantities[name].seen_by
        }
        scores = np.zeros((len(self.sources.names), m, n))
        for name, slope in sources.items():
            scores[self.sources.names.index(name)] = slope
        free = np.tensordot(self.sources.mixing.T, scores, 1)
        return Slopes(quantities, free, kinked)


def _through(leaf: Leaf, step: Step, slope: Floats) -> tuple[Floats, Floats | None]:
    """From the derivative by a source of uncertainty to those by its parameters, [params, m, n], and by its score."""
    if leaf.family in ("mixture", "choice"):
        which = chosen(leaf.weights, leaf.u)
        return np.array([np.where(which == k, slope, 0.0) for k in range(len(leaf.args))]), None
    args = np.zeros((len(leaf.args), *slope.shape))
    if leaf.family in STEPS:
        return args, None
    params = step.tape.evaluate(leaf.args, step.inputs, len(leaf.u))
    moving = [step.tape.constant(row) is None for row in leaf.args]
    by_params, by_score = quantile_slopes(
        leaf.family, list(params), leaf.u, step.inputs[f"#{leaf.number}"], leaf.unit, moving
    )
    for k, part in enumerate(by_params):
        if moving[k]:
            args[k] = np.where(slope == 0, 0.0, slope * part)
    return args, np.where(slope == 0, 0.0, slope * by_score)


def _add(to: dict, key: object, slope: Floats) -> None:  # type: ignore[type-arg]
    to[key] = to[key] + slope if key in to else slope
