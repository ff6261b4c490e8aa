"""The games that are timed: crises of the tests at several sizes, a textbook signalling game, and the flagship case."""

from __future__ import annotations

import numpy as np
from tests.games import Drawing, chicken, escalation, showdown

from detente.game.tree import Game, Node

PRECISIONS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


def signalling(draws: int, seed: int = 0) -> Game:
    """A sender of two types sends one of two messages, and a receiver who sees only the message answers (15 nodes)."""
    drawing = Drawing(2)

    def sent(kind: int, message: str) -> Node:
        answers = {answer: drawing.end((kind, message, answer)) for answer in ("fight", "yield")}
        return drawing.move(1, message, answers)

    def of(kind: int) -> Node:
        return drawing.move(0, kind, {message: sent(kind, message) for message in ("threat", "silence")})

    tree = drawing.grow(drawing.chance({kind: of(kind) for kind in range(2)}))
    rng = np.random.default_rng(seed)
    odds = rng.uniform(0.1, 0.9, draws)
    return Game(tree, rng.uniform(-1, 1, (8, 2, draws)), np.stack([odds, 1 - odds]), np.ones((2, draws)))


def sized(name: str, draws: int, seed: int = 0) -> Game:
    """A game by the name that the tables use."""
    if name == "7":
        return chicken(2, [1.0] * draws)
    if name == "15":
        return signalling(draws, seed)
    if name == "29":
        return showdown(draws, 1.0, seed)
    stages, typed = {
        "409": (6, (0,)),
        "881": (7, (0,)),
        "1905": (8, (0,)),
        "8693": (10, (0,)),
        "72913": (11, (0, 1, 2)),
        "1279649": (15, (0, 1, 2)),
    }[name]
    return escalation(draws, 1.0, seed, stages, typed)


def flagship(draws: int, seed: int = 1) -> Game:
    """The crisis over Ukraine in February 2022, with its own precisions."""
    from detente import compile_model, load

    blueprint = compile_model(load("ukraine-2022"))
    return blueprint.game(blueprint.sampler.draw(draws, seed))
