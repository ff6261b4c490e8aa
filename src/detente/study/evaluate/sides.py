"""The two sides of a comparison: each asked what both claim, with some of its rival structures and without the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from detente.analyse.counterfactual.coalitions import Coalition, Design
from detente.analyse.counterfactual.rivals import Block, Lineup, Reading, Share, of_structures
from detente.analyse.counterfactual.whatif import Step
from detente.analyse.forecast.readout import Answers
from detente.draws.variants import Variant
from detente.engine.store.compiled import blueprint_of
from detente.model.blocks import each
from detente.model.departures import STRUCTURES, Departure
from detente.model.hybrids import claiming
from detente.model.rivals import possible, restricted
from detente.model.schema import Model
from detente.study.evaluate.variant import Arm, compiled
from detente.study.settings import Ready


def end(ready: Ready, model: Model, rival: Model) -> Arm:
    """One of the two as it is, asked what both claim."""
    base = blueprint_of(model, ready.store)
    asked = claiming(model, rival.claims)
    return Arm(base, Variant.of(asked, ready.engine.perception), compiled(base, asked), ready)


@dataclass(eq=False)
class Structures:
    """Two models with some of their rival structures and without the rest. `bare`: what they say without any."""

    both: tuple[Ready, Ready]
    one: Model
    lined_up: Lineup
    bare: tuple[Reading, Reading]
    found: dict[tuple[int, frozenset[str]], Reading] = field(default_factory=dict)
    whole: dict[int, Answers] = field(default_factory=dict)
    solved: int = 0

    def names(self, side: int) -> frozenset[str]:
        model = self.both[side].model
        return frozenset(name for name, _, _ in each(model.structures)) if model._rivals is not None else frozenset()

    def _arm(self, side: int, present: frozenset[str]) -> Arm:
        ready, rival = self.both[side], self.both[1 - side].model
        model, absent = ready.model, self.names(side) - present
        return end(ready, restricted(model, dict.fromkeys(absent, False)) if absent else model, rival)

    @cached_property
    def arms(self) -> tuple[Arm, Arm]:
        """Both with all their structures."""
        return self._arm(0, self.names(0)), self._arm(1, self.names(1))

    def read(self, side: int, present: frozenset[str]) -> Reading:
        """What a side says with some of its structures."""
        present &= self.names(side)
        if not present:
            return self.bare[side]
        if (side, present) not in self.found:
            arm = self.arms[side] if present == self.names(side) else self._arm(side, present)
            if present == self.names(side):
                answers = self.whole[side] = arm.answers()
            else:
                answers = arm.between()
            self.found[side, present] = Reading.of(answers, self.lined_up, theirs=side == 1)
            self.solved += 1
        return self.found[side, present]

    def endings(self, side: int) -> Answers:
        """What a side says of its outcomes, with all its structures."""
        return self.whole[side] if side in self.whole else self.arms[side].answers()

    @property
    def mixed(self) -> tuple[Reading, Reading]:
        """What both say with all their structures."""
        return self.read(0, self.names(0)), self.read(1, self.names(1))

    def shares(self, asking: Callable[[Reading], Reading], whole: Step, models: int) -> list[Share]:
        """What each structure contributes; those of a side together where there are many, or some cannot be absent."""
        every = list(dict.fromkeys([*sorted(self.names(0)), *sorted(self.names(1))]))
        if not every:
            return []
        players = [frozenset({name}) for name in every]
        apart = 2 ** (1 + len(players)) <= models and all(
            possible(self.both[side].model, dict.fromkeys(some, False))
            for side in (0, 1) if (own := self.names(side)) for k in range(1 << len(own))
            if (some := [name for j, name in enumerate(sorted(own)) if k >> j & 1])
        )  # fmt: skip
        if not apart:
            players = [frozenset(every)]
        blocks = [self._block(names) for names in players]

        def side(k: int) -> Callable[[Coalition], Reading]:
            return lambda some: asking(self.read(k, frozenset[str]().union(*(players[j] for j in some))))

        return of_structures(blocks, Design(len(players)), [side(0), side(1)], whole)

    def _block(self, names: frozenset[str]) -> Block:
        one, other = (ready.model for ready in self.both)
        differs = [d for d in (*_departing(one, other, True), *_departing(other, one, False))
                   if d.what.partition(" ")[2] in names]  # fmt: skip
        told = f"structure {next(iter(names))}" if len(names) == 1 else "rival structures"
        return Block(told, tuple(differs))


def _departing(model: Model, rival: Model, ours: bool) -> list[Departure]:
    """The rival structures of a model that another does not have, or has otherwise."""
    found, theirs = [], {name: structure for name, structure, _ in each(rival.structures)}
    for name, structure, _ in each(model.structures):
        if theirs.get(name) == structure:
            continue
        told = f"{structure.means or name} (weight {structure.weight or 'the rest'})"
        cited = tuple(str(c) for c in structure.source)
        sides = (told, "") if ours else ("", told)
        found.append(Departure(STRUCTURES, f"structure {name}", *sides, cited, structure.mechanism))
    return found
