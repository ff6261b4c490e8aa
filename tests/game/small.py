"""Small models, and what is read off their trees."""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.engine.batch import reach
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.game.tree import CHANCE, Game
from detente.model.load import define

ACTORS = {"A": "", "B": "", "C": ""}


def compiled(
    stages: dict[str, Any], outcomes: dict[str, Any] | None = None, payoffs: dict[str, Any] | None = None, **more: Any
) -> Blueprint:
    deciding = {stage["actor"] for stage in stages.values() if "actor" in stage}
    parts = {
        "title": "Small",
        "actors": ACTORS,
        "stages": stages,
        "outcomes": outcomes or {"end": "otherwise"},
        "payoffs": payoffs or {actor: {"nothing": 0} for actor in deciding},
    }
    return compile_model(define(**{**parts, **more}))


def situations(blueprint: Blueprint, stage: str) -> list[tuple[tuple[str, str], ...]]:
    """What is known at each information set of a stage, in order."""
    return [info.situation for h, info in enumerate(blueprint.tree.infosets) if blueprint.stage_of(h) == stage]


def sizes(blueprint: Blueprint, stage: str) -> list[int]:
    """How many nodes each information set of a stage has."""
    tree = blueprint.tree
    counts = np.diff(tree.member_start)
    return [int(counts[h]) for h in range(tree.n_infosets) if blueprint.stage_of(h) == stage]


def stories(blueprint: Blueprint) -> dict[tuple[str, ...], str]:
    """Each whole play as a tuple of labels, and its outcome."""
    tree = blueprint.tree
    found = {}
    for x in tree.terminals:
        play = tuple(tree.labels[y] for y in tree.path(int(x)))
        assert play not in found
        found[play] = blueprint.scene(int(x)).outcome or ""
    return found


def game(blueprint: Blueprint, n: int = 20, seed: int = 1) -> Game:
    return blueprint.game(blueprint.sampler.draw(n, seed))


def uniform(g: Game) -> np.ndarray:
    tree = g.tree
    there = np.ones((tree.n_actions, g.n_draws)) if g.available is None else g.available.astype(float)
    total = np.add.reduceat(there, tree.action_start[:-1], axis=0)
    return there / total[tree.action_infoset]


def endings(blueprint: Blueprint, n: int = 20) -> tuple[Game, np.ndarray]:
    g = game(blueprint, n)
    return g, reach(g, uniform(g), g.tree.n_players)[g.tree.terminals]


def payoff(blueprint: Blueprint, play: tuple[str, ...], actor: str = "A", n: int = 1) -> float:
    """What an actor gets from the play with these labels, gates left out."""
    tree, g = blueprint.tree, game(blueprint, n)
    for x in tree.terminals:
        if tuple(tree.labels[y] for y in tree.path(int(x)) if tree.labels[y] not in ("yes", "no")) == play:
            return float(g.payoffs[tree.slot[x], tree.players.index(actor), 0])
    raise AssertionError(play)


A = {"actor": "A", "moves": ["a", "b"]}
B = {"actor": "B", "moves": ["x", "y"]}


NOISY = {"a": {"noise": 0.8, "calm": "otherwise"}, "b": {"noise": 0.1, "calm": "otherwise"}}


GATED = {"q": "0.5 to 2", "p": {"value": "0.1 to 0.9", "unit": "probability"}}


def gates(blueprint: Blueprint, g: Game) -> None:
    """At each gate exactly one branch has probability one in each draw."""
    tree = blueprint.tree
    found = 0
    for x in np.flatnonzero(tree.kind == CHANCE):
        if str(tree.tags[x]).startswith("?"):
            found += 1
            first = int(tree.chance_start[x])
            for viewer in range(tree.n_players + 1):
                rows = tree.chance_row[first : first + 2, viewer]
                assert set(np.unique(g.chance[rows])) <= {0.0, 1.0}
                assert (g.chance[rows].sum(axis=0) == 1).all()
    assert found
