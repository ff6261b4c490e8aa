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
from detente.game.interventions import under
from detente.game.tree import Game
from detente.language.expressions import Forced

ARBITRARY = 8  # behaviours that are tried
FLAT, NEARLY_PURE = 1.0, 0.1  # concentration of the Dirichlet distribution, for each move
TREMBLE = 1e-9  # added to the weight of each move, so that none is played for sure
NUMBERS_AT_ONCE = 4_000_000  # of one array over the nodes of a tree


def at_random(
    blueprint: Blueprint, draws: Draws, game: Game, behaviours: int = ARBITRARY, together: int = 1
) -> Iterator[Batch]:
    """Some draws with arbitrary behaviour, several times; fewer draws of a large tree.

    Each batch holds the draws with one behaviour, or with so many `together`, one after the other.
    """
    for first in range(0, behaviours, together):
        yield _at_random(range(first, min(first + together, behaviours)), blueprint, *_few(blueprint, draws, game))


def _few(blueprint: Blueprint, draws: Draws, game: Game) -> tuple[Draws, Game]:
    n = max(1, min(draws.n, NUMBERS_AT_ONCE // blueprint.tree.n_nodes))
    return draws.part(0, n), game.part(0, n)


def _at_random(seeds: range, blueprint: Blueprint, draws: Draws, game: Game) -> Batch:
    behaviour = np.concatenate([_behaviour(seed, blueprint, game) for seed in seeds], axis=1)
    each = np.tile(np.arange(draws.n), len(seeds))
    every = draws.taken(each), game.only(each)
    return Batch(blueprint, *every, behaviour, None, partial(_under, seeds, blueprint, draws))


def _behaviour(seed: int, blueprint: Blueprint, game: Game) -> Floats:
    tree, left = game.tree, blueprint.left
    concentration = NEARLY_PURE if seed % 2 else FLAT
    many = tree.n_actions if left is None else left.of_actions
    weight = np.random.default_rng(seed).standard_gamma(concentration, size=(many, game.n_draws)) + TREMBLE
    if left is not None:
        weight = weight[left.actions]  # as in the whole game, so that worlds differ in nothing but what is forced
    if game.available is not None:
        weight = weight * game.available
    total = np.add.reduceat(weight, tree.action_start[:-1], axis=0)
    return np.asarray(weight / np.repeat(total, np.diff(tree.action_start), axis=0))


def _under(seeds: range, blueprint: Blueprint, draws: Draws, do: Forced) -> World:
    """The same draws and behaviours, but for what is forced."""
    there = under(blueprint, do)
    batch = _at_random(seeds, there, draws, there.forced(there.game(draws), dict(do)))
    return World(batch, np.ones(batch.n, bool))


def likeness(questions: Mapping[str, Question], solved: Batch) -> dict[str, Floats]:
    """Whether each condition comes out as in solved draws, 1 or 0: for each draw and behaviour that judges it."""
    few, _ = _few(solved.blueprint, solved.draws, solved.game)
    together = max(1, NUMBERS_AT_ONCE // (solved.tree.n_nodes * few.n))
    there = {name: truth(question(solved.part(0, few.n))) for name, question in questions.items()}
    same: dict[str, list[Floats]] = {name: [] for name in questions}
    for batch in at_random(solved.blueprint, solved.draws, solved.game, together=together):
        for name, question in questions.items():
            held, known = truth(question(batch)), np.tile(there[name], batch.n // few.n)
            judged = ~(np.isnan(held) | np.isnan(known))
            same[name].append((held == known)[judged].astype(float))
    return {name: np.concatenate(parts) for name, parts in same.items()}
