"""One equilibrium of one draw: what it pays, what it leaves to gain, and whether it is sequential."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats
from detente.display import Displayed
from detente.game.tree import Game
from detente.solve.nash.components import Component, holds, mixture
from detente.solve.nash.sequential import Refinement, refine, sequential_near
from detente.solve.registry import METHODS
from detente.solve.sequence_form.sequences import Sequences, sequences
from detente.solve.sequence_form.unreached import fill_unreached

_MIXTURES = 40  # of maximal Nash subsets that are tried in a draw
_TRIES = 8  # trembles for each of them


@dataclass(frozen=True, eq=False)
class Equilibrium(Displayed):
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

    def refined(self, found: Equilibrium, tries: int = 60) -> Equilibrium:
        """The equilibrium with what kind it is, as far as so many trembles tell."""
        reached = self.form.behaviour(self.form.plans(found.behaviour), self.available)[1]
        behaviour, refinement = refine(self.game, 0, found.behaviour, reached, tries)
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
    if one is found: what the limit of quantal response leads to, which is sequential and lies in one of them, and for
    the others the middle of maximal Nash subsets and mixtures at random, always the same ones."""
    found, families = list(found), list(families)
    unsure = [
        c
        for c, family in enumerate(families)
        if not family.isolated and all(found[k].refinement != Refinement.SEQUENTIAL for k in family.extreme)
    ]
    if not unsure:
        return found, families
    corners = {c: [_corners(one, found, subset) for subset in families[c].subsets] for c in unsure}
    limit = METHODS["limit"]().solve(one.game).behaviour[:, 0]  # by name: it stands above these solvers
    near = sequential_near(one.game, 0, limit)
    left = _MIXTURES
    for c in unsure:
        member = None
        if near is not None and any(_within(one.form.plans(near), sides) for sides in corners[c]):
            member = replace(one.told(near, c, False), refinement=Refinement.SEQUENTIAL)
        for own in _mixtures(corners[c]) if member is None else ():
            if left == 0:
                break
            left -= 1
            tried = one.refined(one.equilibrium(own, c, False), _TRIES)
            if tried.refinement == Refinement.SEQUENTIAL:
                member = tried
                break
        if member is not None and member.gain <= one.slack.max():
            families[c] = replace(families[c], inside=(len(found),))
            found.append(replace(member, extreme=False))
    return found, families


def _corners(one: Draw, found: list[Equilibrium], subset: tuple[int, ...]) -> list[Floats]:
    """The plans [k, Q] of each player that a maximal Nash subset is made of."""
    own = zip(*(one.form.plans(found[k].behaviour) for k in subset), strict=True)
    return [np.unique(np.array(plans).round(12), axis=0) for plans in own]


def _within(plans: list[Floats], sides: list[Floats]) -> bool:
    return all(holds(corners, plan) for corners, plan in zip(sides, plans, strict=True))


def _mixtures(subsets: list[list[Floats]]) -> Iterator[list[Floats]]:
    """Members of maximal Nash subsets, as realisation plans: the middle of each, then others."""
    rng = np.random.default_rng(1979)
    for k in range(_MIXTURES):
        for sides in subsets:
            shares = (np.full(len(c), 1 / len(c)) if k == 0 else rng.dirichlet(np.ones(len(c))) for c in sides)
            yield [mixture(c, share) for c, share in zip(sides, shares, strict=True)]
