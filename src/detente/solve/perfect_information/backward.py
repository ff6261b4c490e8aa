"""Backward induction: the subgame perfect equilibrium of a game of perfect information (Zermelo 1913; Kuhn 1953)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.arrays import Bools, Floats, Ints
from detente.errors import QuestionError
from detente.game.tree import Game
from detente.solve.base import Solution, Status
from detente.solve.perfect_information.recursion import behave
from detente.solve.registry import solver

REFERENCES = (
    "Zermelo (1913), Über eine Anwendung der Mengenlehre auf die Theorie des Schachspiels, "
    "Proceedings of the Fifth International Congress of Mathematicians 2, 501-504",
    "Kuhn (1953), Extensive games and the problem of information, Contributions to the Theory of Games II, 193-216",
)


@solver("backward")
@dataclass(frozen=True)
class Backward:
    """Every mover takes its best move, knowing that all who follow will.

    Moves that are within `tie` of the best count as equally good and are taken with equal probability, or by their
    default where the game has one, as the logit response does when precision grows: no reason is left. `tie` is a share
    of the spread of the mover's payoffs in that draw. The precision of the game plays no part.
    """

    tie: float = 1e-10

    @property
    def name(self) -> str:
        return "backward induction"

    @property
    def uses_precision(self) -> bool:
        return False

    def refuses(self, game: Game) -> str:
        if game.tree.perfect_information:
            return ""
        return "backward induction needs perfect information, and here somebody cannot tell two situations apart"

    def solve(self, game: Game, workers: int = 1) -> Solution:
        if reason := self.refuses(game):
            raise QuestionError(reason)
        paid = game.payoffs[np.unique(game.tree.slot[game.tree.terminals])]
        slack = self.tie * (paid.max(axis=0) - paid.min(axis=0))  # [P, n]

        def best(
            pay: Floats, owners: Ints, available: Bools | None, log_default: Floats | None, draws: slice
        ) -> Floats:
            if available is not None:
                pay = np.where(available, pay, -np.inf)
            ties = pay >= pay.max(axis=1, keepdims=True) - slack[owners, draws][:, None]
            if log_default is None:
                return np.asarray(ties / ties.sum(axis=1, keepdims=True))
            likeliest = np.where(ties, log_default, -np.inf).max(axis=1, keepdims=True)
            share = np.where(ties, np.exp(np.where(ties, log_default - likeliest, 0.0)), 0.0)
            return np.asarray(share / share.sum(axis=1, keepdims=True))

        n = game.n_draws
        return Solution(
            behaviour=behave(game, best, workers),
            status=np.full(n, Status.SOLVED, np.int8),
            reached=np.ones(n),
            method=self.name,
            references=REFERENCES,
            evaluations=np.ones(n, np.int64),
            folded=np.zeros(n, np.bool_),
        )
