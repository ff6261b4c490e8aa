"""What is done without a reason: the default of a logit response.

With a default q the response is sigma(a) proportional to q(a) exp(precision * pay(a)): what somebody does who would do
q and pays for the control that it takes to do otherwise, by relative entropy (Mattsson & Weibull 2002, Games and
Economic Behavior 41, 61-78), or who pays for information in the same way and does q on average (Matejka & McKay 2015,
American Economic Review 105, 272-298; over time Steiner, Stewart & Matejka 2017, Econometrica 85, 521-553). Where all
moves are alike it is the plain logit response.
"""

from __future__ import annotations

import numpy as np

from detente.arrays import Floats
from detente.game.tree import Game


def log_default(game: Game, draws: slice) -> Floats | None:
    """[A, n] the logarithms of the default of some draws, less that of the most likely available move of each set.

    Zero where a move cannot be made; None where the default of all moves is alike.
    """
    if game.default is None:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(np.ascontiguousarray(game.default[:, draws]))
        closed = None if game.available is None else ~game.available[:, draws]
        if closed is not None:
            log[closed] = -np.inf
        log -= np.maximum.reduceat(log, game.tree.action_start[:-1], axis=0)[game.tree.action_infoset]
    if closed is not None:
        log[closed] = 0.0
    return log if log.any() else None
