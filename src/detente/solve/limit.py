"""The limit of the principal branch as precision grows: one sequential equilibrium out of many.

In almost every game the principal branch has one limit, and that is a sequential equilibrium (McKelvey & Palfrey
1998, theorem 4; Turocy 2010). With perfect information it is what backward induction finds, move by move; otherwise
the branch is followed up a ladder of precisions until behaviour no longer changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from detente.errors import QuestionError
from detente.game.tree import Game
from detente.solve.backward import Backward
from detente.solve.base import Solution, Status
from detente.solve.quantal import Quantal

REFERENCE = (
    "Turocy (2005), A dynamic homotopy interpretation of the logistic quantal response equilibrium correspondence, "
    "Games and Economic Behavior 51, 243-263"
)

_FACTOR = 4.0
_RUNGS = 5


@dataclass(frozen=True)
class Limit:
    """Behaviour at a precision so high that a higher one hardly changes it. The precision of the game plays no part.

    A draw is settled when no probability changes by more than `tolerance` from one rung of the ladder to the next,
    four times as high; behaviour is then that of the highest rung reached. `top` is the highest rung, as precision
    times the spread of payoffs of the player for whom it is widest. Behaviour in mixed equilibria comes near like one
    over the precision, so that the gain in its certificate is small but not zero.
    """

    tolerance: float = 1e-2
    top: float = 4096.0
    budget: int = 2000

    @property
    def name(self) -> str:
        return "limit of quantal response"

    def refuses(self, game: Game) -> str:
        if np.isfinite(game.payoffs).all():
            return ""
        return "the limit needs payoffs that are all finite numbers"

    def solve(self, game: Game, workers: int = 1) -> Solution:
        if reason := self.refuses(game):
            raise QuestionError(reason)
        if game.tree.perfect_information:
            solution = Backward().solve(game, workers)
            return replace(solution, method=f"{self.name}: {solution.method}")
        paid = game.payoffs[np.unique(game.tree.slot[game.tree.terminals])]
        spread = np.ptp(paid, axis=0).max(axis=0)  # [n]
        unit = replace(game, payoffs=game.payoffs / np.where(spread > 0, spread, 1.0))
        ladder = self.top / _FACTOR ** np.arange(_RUNGS - 1, -1, -1.0)
        rungs = Quantal(budget=self.budget).path(unit, ladder.tolist(), workers)

        behaviour, status = rungs[0].behaviour.copy(), np.full(game.n_draws, Status.STOPPED, np.int8)
        reached = rungs[0].reached * ladder[0] / self.top
        for below, above, precision in zip(rungs, rungs[1:], ladder[1:], strict=False):
            higher = above.reached * precision / self.top > reached
            behaviour[:, higher] = above.behaviour[:, higher]
            reached = np.where(higher, above.reached * precision / self.top, reached)
            change = np.abs(above.behaviour - below.behaviour).max(axis=0, initial=0.0)
            settled = (above.reached >= 1) & (change <= self.tolerance)
            status[above.reached >= 1] = Status.STOPPED
            status[settled] = above.status[settled]
        return replace(
            rungs[-1],
            behaviour=behaviour,
            status=status,
            reached=np.where(status == Status.STOPPED, np.minimum(reached, np.nextafter(1.0, 0.0)), 1.0),
            method=self.name,
            references=(*rungs[-1].references, REFERENCE),
        )
