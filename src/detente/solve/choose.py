"""Which solver for which game, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from detente.errors import QuestionError, nearest
from detente.game.tree import Game
from detente.solve.backward import Backward
from detente.solve.base import Solver
from detente.solve.limit import Limit
from detente.solve.quantal import Quantal

METHODS: dict[str, Callable[[], Solver]] = {"quantal": Quantal, "backward": Backward, "limit": Limit}
"""Solvers by the names that people ask for."""


class Choice(NamedTuple):
    solver: Solver
    reason: str


def choose(game: Game, method: str | None = None) -> Choice:
    """The solver that was asked for, or the one that suits the game, with the reason in a sentence.

    Raises QuestionError for a method that there is not, or that cannot take this game.
    """
    if method is not None:
        if method not in METHODS:
            raise QuestionError(f"there is no method {method!r}; {nearest(method, METHODS)}")
        solver = METHODS[method]()
        if refusal := solver.refuses(game):
            raise QuestionError(refusal)
        return Choice(solver, f"{solver.name}, because it was asked for")
    perfect = game.tree.perfect_information
    if not np.isposinf(game.precision).any():
        how = "in one pass, since all is seen by all" if perfect else "followed along its branch from precision zero"
        return Choice(Quantal(), f"quantal response at the precision of each draw, {how}")
    if perfect:
        return Choice(Backward(), "backward induction, since precision is without limit and all is seen by all")
    return Choice(Limit(), "the limit of quantal response, since precision is without limit and not all is seen by all")
