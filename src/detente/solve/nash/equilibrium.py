"""One equilibrium of one draw: what it pays, what it leaves to gain, and whether it is sequential."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats
from detente.game.tree import Game
from detente.solve.nash.components import Component, holds, mixture
from detente.solve.nash.sequential import Refinement, refine, sequential_near
from detente.solve.registry import METHODS
from detente.solve.sequence_form.sequences import Sequences, sequences
from detente.solve.sequence_form.unreached import fill_unreached

_MIXTURES = 24  # of a maximal Nash subset that are tried


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """One equilibrium of one draw.

    `isolated` says, in realisation plans, whether there is no other one near it: None where that is not known. With
    one or two players equilibria with the same number of `component` are joined by further ones between them (see
    `Equilibria.components`), and all extreme ones are listed. With more, one that is not isolated stands for a family
    of which it is one member, found by search, and nothing more is known of the family.
    """

    behaviour: Floats  # [A]
    payoffs: Floats  # [P] as each player expects
    gain: float  # the most that anybody could win by deviating, in the unit of its payoffs
    refinement: Refinement | None  # None: not asked
    component: int
    isolated: bool | None
    extreme: bool = True  # False for a member between the extreme points of its component


class Draw(NamedTuple):
    """A draw of a game in its sequence form."""

    form: Sequences
    game: Game  # of this draw alone
    weights: Floats  # [K, P] see `Sequences.weights`
    available: Bools | None  # [A]
    slack: Floats  # [P] differences of payoff below this are none

    @classmethod
    def of(cls, game: Game, draw: int, tolerance: float) -> Draw:
        """`tolerance`: the slack, as a share of the spread of a player's payoffs."""
        form, alone = sequences(game.tree), game.only(np.array([draw]))
        paid = alone.payoffs[np.unique(game.tree.slot[game.tree.terminals]), :, 0]
        available = None if alone.available is None else alone.available[:, 0]
        return cls(form, alone, form.weights(alone, 0), available, tolerance * np.maximum(np.ptp(paid, axis=0), 1e-300))

    def equilibrium(self, own: list[Floats], component: int, isolated: bool | None) -> Equilibrium:
        """The equilibrium of some realisation plans, one for each player."""
        behaviour, reached = self.form.behaviour(own, self.available)
        behaviour = fill_unreached(self.form, self.weights, behaviour, reached, self.available)
        return self.told(behaviour, component, isolated)

    def told(self, behaviour: Floats, component: int, isolated: bool | None) -> Equilibrium:
        """An equilibrium as it stands."""
        form, weights, available = self.form, self.weights, self.available
        back = form.plans(behaviour)
        payoffs = np.array([form.slope(weights, back, p) @ back[p] for p in range(len(back))])
        gain = float(form.gains(weights, back, available).max())
        return Equilibrium(behaviour, payoffs, max(gain, 0.0), None, component, isolated)

    def refined(self, found: Equilibrium) -> Equilibrium:
        """The equilibrium with what kind it is."""
        reached = self.form.behaviour(self.form.plans(found.behaviour), self.available)[1]
        behaviour, refinement = refine(self.game, 0, found.behaviour, reached)
        return replace(found, behaviour=behaviour, refinement=refinement)

    def strict(self, own: list[Floats]) -> bool:
        """Whether, wherever its owner's plan leads, every move that is not made is worse than those that are."""
        for p, plan in enumerate(own):
            worth = self.form.worth(self.form.slope(self.weights, own, p), p, self.available)
            for h in self.form.sets[p].tolist():
                actions = np.arange(self.form.tree.action_start[h], self.form.tree.action_start[h + 1])
                moves = self.form.number[actions if self.available is None else actions[self.available[actions]]]
                tied = worth[moves] >= worth[moves].max() - self.slack[p]
                if plan[self.form.before[h]] > 0 and np.any(tied & (plan[moves] <= 0)):
                    return False
        return True


def with_members(
    one: Draw, found: list[Equilibrium], families: list[Component]
) -> tuple[list[Equilibrium], list[Component]]:
    """A list and its components with a sequential member of each family of which no extreme point is known to be one,
    if one is found."""
    found, families = list(found), list(families)
    for c, family in enumerate(families):
        if family.isolated or any(found[k].refinement == Refinement.SEQUENTIAL for k in family.extreme):
            continue
        for member in _between(one, found, family, c):
            if member.refinement == Refinement.SEQUENTIAL and member.gain <= one.slack.max():
                families[c] = replace(family, inside=(len(found),))
                found.append(replace(member, extreme=False))
                break
    return found, families


def _between(one: Draw, found: list[Equilibrium], family: Component, component: int) -> Iterator[Equilibrium]:
    """Members of a family: what the limit of quantal response leads to, if it is one, which is sequential; then of each
    maximal Nash subset the middle, and mixtures at random, always the same ones."""
    corners = []
    for subset in family.subsets:
        own = zip(*(one.form.plans(found[k].behaviour) for k in subset), strict=True)
        corners.append([np.unique(np.array(plans).round(12), axis=0) for plans in own])
    limit = METHODS["limit"]().solve(one.game).behaviour[:, 0]  # by name: it stands above these solvers
    if (behaviour := sequential_near(one.game, 0, limit)) is not None:
        plans = one.form.plans(behaviour)
        if any(all(holds(c, plan) for c, plan in zip(sides, plans, strict=True)) for sides in corners):
            yield replace(one.told(behaviour, component, False), refinement=Refinement.SEQUENTIAL)
    rng = np.random.default_rng(1979)
    for k in range(_MIXTURES):
        for sides in corners:
            shares = (np.full(len(c), 1 / len(c)) if k == 0 else rng.dirichlet(np.ones(len(c))) for c in sides)
            mixed = [mixture(c, share) for c, share in zip(sides, shares, strict=True)]
            yield one.refined(one.equilibrium(mixed, component, False))
