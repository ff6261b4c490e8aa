"""What can be said of questions without solving: how they come out with behaviour drawn at random.

At each information set it is drawn from a symmetric Dirichlet distribution: by turns a flat one, uniform among all
mixtures of the moves, and one that is close to a pure strategy in most draws, with every move still possible. What
comes out the same as with the solved behaviour owes nothing to it; what is not a number then is none at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial

import numpy as np

from detente.analyse.forecast.claims import Question
from detente.arrays import Bools, Floats
from detente.draws.sampler import Draws
from detente.engine.batch import Batch, World, truth
from detente.engine.rivals import held_apart
from detente.game.blueprint import Blueprint
from detente.game.interventions import under
from detente.game.tree import Game
from detente.language.expressions import Forced

ARBITRARY = 8  # behaviours that are tried
FLAT, NEARLY_PURE = 1.0, 0.1  # concentration of the Dirichlet distribution, for each move
TREMBLE = 1e-9  # added to the weight of each move, so that none is played for sure
NUMBERS_AT_ONCE = 4_000_000  # of one array over the nodes of a tree


def at_random(blueprint: Blueprint, draws: Draws, behaviours: int = ARBITRARY, together: int = 1) -> Iterator[Batch]:
    """Some draws with arbitrary behaviour, several times; fewer draws of a large tree.

    Each batch holds the draws with one behaviour, or with so many `together`, one after the other.
    """
    some = _Some(blueprint, draws.part(0, _few(blueprint, draws.n)))
    for first in range(0, behaviours, together):
        yield some.at_random(range(first, min(first + together, behaviours)))


def _few(blueprint: Blueprint, n: int) -> int:
    return max(1, min(n, NUMBERS_AT_ONCE // blueprint.tree.n_nodes))


@dataclass(frozen=True, eq=False)
class _Some:
    """Some draws of a game in which something may be forced. That of rival structures as a whole is hardly ever read:
    each combination has its own."""

    blueprint: Blueprint
    draws: Draws
    do: Forced = ()

    @cached_property
    def game(self) -> Game:
        return self.blueprint.forced(self.blueprint.game(self.draws), dict(self.do))

    @cached_property
    def available(self) -> Bools | None:
        return self.blueprint.limited(self.blueprint.available(self.draws), dict(self.do), self.draws.n)

    def at_random(self, seeds: range, weights: Sequence[Floats] = ()) -> Batch:
        """The draws with each of some behaviours, one after the other; `weights`: those of its moves, if known."""
        weights = weights or [self.weights(seed) for seed in seeds]
        behaviour = np.concatenate([self.behaviour(weight) for weight in weights], axis=1)
        each = np.tile(np.arange(self.draws.n), len(seeds))
        made = cache(lambda: self.game.only(each))
        batch = Batch(
            self.blueprint, self.draws.taken(each), made, behaviour, None, partial(self.under, seeds, weights)
        )
        return held_apart(batch, self.do)

    def weights(self, seed: int) -> Floats:
        """[A, n] the weight of each move of the whole game, before its share is taken."""
        concentration = NEARLY_PURE if seed % 2 else FLAT
        many = self.blueprint.left.of_actions if self.blueprint.left else self.blueprint.tree.n_actions
        return np.random.default_rng(seed).standard_gamma(concentration, size=(many, self.draws.n)) + TREMBLE

    def behaviour(self, weight: Floats) -> Floats:
        tree, left = self.blueprint.tree, self.blueprint.left
        if left is not None:
            weight = weight[left.actions]  # as in the whole game, so that worlds differ in nothing but what is forced
        if self.available is not None:
            weight = weight * self.available
        total = np.add.reduceat(weight, tree.action_start[:-1], axis=0)
        return np.asarray(weight / np.repeat(total, np.diff(tree.action_start), axis=0))

    def under(self, seeds: range, weights: Sequence[Floats], do: Forced) -> World:
        """The same draws and behaviours, but for what is forced."""
        batch = _Some(under(self.blueprint, do), self.draws, do).at_random(seeds, weights)
        return World(batch, np.ones(batch.n, bool))


def likeness(
    blueprint: Blueprint, draws: Draws, questions: Mapping[str, Question], held: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Whether each condition comes out as in these draws, solved, 1 or 0: for each draw and behaviour that judges it.

    `held` [n or more]: the conditions in the solved draws, 1, 0 or nan.
    """
    few = _few(blueprint, draws.n)
    together = max(1, NUMBERS_AT_ONCE // (blueprint.tree.n_nodes * few))
    same: dict[str, list[Floats]] = {name: [] for name in questions}
    for batch in at_random(blueprint, draws, together=together):
        for name, question in questions.items():
            found, known = truth(question(batch)), np.tile(truth(held[name][:few]), batch.n // few)
            judged = ~(np.isnan(found) | np.isnan(known))
            same[name].append((found == known)[judged].astype(float))
    return {name: np.concatenate(parts) for name, parts in same.items()}
