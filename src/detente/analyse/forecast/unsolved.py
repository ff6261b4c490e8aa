"""What can be said of questions without solving: how they come out with behaviour drawn at random.

At each information set it is drawn from a symmetric Dirichlet distribution: by turns a flat one, uniform among all
mixtures of the moves, and one that is close to a pure strategy in most draws, with every move still possible. What
comes out the same as with the solved behaviour owes nothing to it; what is not a number then is none at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from detente.analyse.forecast.claims import Question
from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.engine.batch import Batch, World, truth
from detente.game.blueprint import Blueprint
from detente.game.tree import Game
from detente.language.expressions import Forced

ARBITRARY = 8  # behaviours that are tried
FLAT, NEARLY_PURE = 1.0, 0.1  # concentration of the Dirichlet distribution, for each move
TREMBLE = 1e-9  # added to the weight of each move, so that none is played for sure
NUMBERS_AT_ONCE = 4_000_000  # of one array over the nodes of a tree


def at_random(blueprint: Blueprint, draws: Draws, game: Game, behaviours: int = ARBITRARY) -> Iterator[Batch]:
    """Some draws with arbitrary behaviour, several times; fewer draws of a large tree."""
    n = max(1, min(draws.n, NUMBERS_AT_ONCE // blueprint.tree.n_nodes))
    draws, game = draws.part(0, n), game.part(0, n)
    for seed in range(behaviours):
        yield _at_random(seed, blueprint, draws, game)


def _at_random(seed: int, blueprint: Blueprint, draws: Draws, game: Game) -> Batch:
    tree = blueprint.tree
    concentration = NEARLY_PURE if seed % 2 else FLAT
    weight = np.random.default_rng(seed).standard_gamma(concentration, size=(tree.n_actions, draws.n)) + TREMBLE
    if game.available is not None:
        weight = weight * game.available
    total = np.add.reduceat(weight, tree.action_start[:-1], axis=0)
    behaviour = weight / np.repeat(total, np.diff(tree.action_start), axis=0)
    views = [(game, behaviour)] * tree.n_players
    return Batch(blueprint, draws, game, behaviour, views, partial(_under, seed, blueprint, draws))


def _under(seed: int, blueprint: Blueprint, draws: Draws, do: Forced) -> World:
    """The same draws and behaviour, but for what is forced."""
    there = blueprint.under(do)
    batch = _at_random(seed, there, draws, there.forced(there.game(draws), dict(do)))
    return World(batch, np.ones(draws.n, bool))


def likeness(questions: Mapping[str, Question], solved: Batch) -> dict[str, Floats]:
    """Whether each condition comes out as in solved draws, 1 or 0: for each draw and behaviour that judges it."""
    same: dict[str, list[Floats]] = {name: [] for name in questions}
    there: dict[str, Floats] = {}
    for batch in at_random(solved.blueprint, solved.draws, solved.game):
        for name, question in questions.items():
            if name not in there:
                there[name] = truth(question(solved.part(0, batch.n)))
            held = truth(question(batch))
            known = ~(np.isnan(held) | np.isnan(there[name]))
            same[name].append((held == there[name])[known].astype(float))
    return {name: np.concatenate(parts) for name, parts in same.items()}
