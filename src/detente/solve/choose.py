"""Which solver for which game, and why."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.errors import QuestionError, nearest
from detente.game.tree import Game
from detente.solve.base import Solver
from detente.solve.perfect_information.backward import Backward
from detente.solve.quantal.limit import Limit
from detente.solve.quantal.quantal import Quantal
from detente.solve.registry import METHODS

LARGE = 20_000
"""So many nodes that their owners cannot tell from others are more than the branch can be followed for."""


_SELECTION = (
    "; where a draw has several equilibria a sequential one is taken, if one is known, and among those the one with "
    "the highest sum of payoffs, each as a share of the spread of its player's"
)


class Choice(NamedTuple):
    solver: Solver
    reason: str


def choose(game: Game, method: str | None = None) -> Choice:
    """The solver that was asked for, or the one that suits the game, with the reason in a sentence.

    Raises QuestionError for a method that does not exist, or that cannot take this game.
    """
    if method is not None:
        if method not in METHODS:
            raise QuestionError(f"there is no method {method!r}; {nearest(method, METHODS)}")
        solver = METHODS[method]()
        if refusal := solver.refuses(game):
            raise QuestionError(refusal)
        return Choice(solver, f"{solver.name}, because it was asked for{_SELECTION if method == 'nash' else ''}")
    perfect = game.tree.perfect_information
    if not np.isposinf(game.precision).any():
        how = "in one pass, since all is seen by all" if perfect else "followed along its branch from precision zero"
        return Choice(Quantal(), f"quantal response at the precision of each draw, {how}")
    if perfect:
        return Choice(Backward(), "backward induction, since precision is without limit and all is seen by all")
    if len(game.tree.members) - game.tree.n_infosets > LARGE:
        solver = METHODS["zero-sum"]()  # by name here and below, because these need scipy
        if not solver.refuses(game):
            return Choice(
                solver, "a linear programme, since one wins what the other loses, in a game too large to trace"
            )
        solver = METHODS["regret"]()
        if not solver.refuses(game):
            return Choice(solver, "regret minimisation, since the game is too large for anything else")
    return Choice(Limit(), "the limit of quantal response, since precision is without limit and not all is seen by all")
