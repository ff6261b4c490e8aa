"""The limit of the principal branch as precision grows: one sequential equilibrium out of many.

In almost every game the principal branch has one limit, and that is a sequential equilibrium (McKelvey & Palfrey
1998, theorem 4; Turocy 2010). With perfect information it is what backward induction finds, move by move; otherwise
the branch is followed up a ladder of precisions until behaviour hardly changes, and from there Newton's method goes to
the equilibrium itself (`polish`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from detente.arrays import Bools
from detente.errors import QuestionError
from detente.game.tree import Game
from detente.solve.base import Solution, Status
from detente.solve.perfect_information.backward import Backward
from detente.solve.quantal.quantal import Quantal
from detente.solve.registry import solver
from detente.solve.sequence_form.newton import polish
from detente.solve.sequence_form.sequences import recall

REFERENCE = (
    "Turocy (2005), A dynamic homotopy interpretation of the logistic quantal response equilibrium correspondence, "
    "Games and Economic Behavior 51, 243-263"
)

_FACTOR = 4.0
_RUNGS = 5


@solver("limit")
@dataclass(frozen=True)
class Limit:
    """The equilibrium that behaviour tends to as precision grows. The precision of the game plays no part.

    The branch starts at the default of the game, if it has one. That plays no part in what anybody gains, but where
    there are several equilibria it may decide which one the branch leads to.

    The ladder ends at `top`, as precision times the spread of payoffs of the player for whom it is widest; each rung is
    four times as high as the one below. A draw is settled when an equilibrium is found no further than `near`, in any
    probability, from the highest rung reached, at which nobody gains more than `gain`, as a share of the spread of its
    payoffs. Failing that it is settled when no probability changes by more than `tolerance` between the two highest
    rungs; behaviour is then that of the highest, and the gain in its certificate small but not zero. Games in which
    somebody forgets are only settled in this second way.
    """

    tolerance: float = 1e-2
    top: float = 4096.0
    budget: int = 2000
    gain: float = 1e-10
    near: float = 0.1

    @property
    def name(self) -> str:
        return "limit of quantal response"

    @property
    def uses_precision(self) -> bool:
        return False

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
        solution, met = self._climb(unit, self.top, workers)
        left = np.flatnonzero(~met & (solution.reached >= 1))
        if len(left):
            higher, met = self._climb(unit.only(left), self.top * _FACTOR**_RUNGS, workers)
            good = met | (higher.status != Status.STOPPED)
            for old, new in (
                (solution.behaviour, higher.behaviour),
                (solution.status, higher.status),
                (solution.folded, higher.folded),
                (solution.forked, higher.forked),
            ):
                old[..., left[good]] = new[..., good]
            solution.evaluations[left] += higher.evaluations
        stopped = solution.status == Status.STOPPED
        short = np.minimum(solution.reached, np.nextafter(1.0, 0.0))
        return replace(
            solution,
            reached=np.where(stopped, short, 1.0),
            method=self.name,
            references=(*solution.references, REFERENCE),
        )

    def _climb(self, game: Game, top: float, workers: int) -> tuple[Solution, Bools]:
        """Up the ladder and on to the equilibrium, and where [n] it was met; `reached` is the share of `top`."""
        ladder = top / _FACTOR ** np.arange(_RUNGS - 1, -1, -1.0)
        rungs = Quantal(budget=self.budget, exact=False).path(game, ladder.tolist(), workers)
        behaviour, status = rungs[0].behaviour.copy(), np.full(game.n_draws, Status.STOPPED, np.int8)
        reached = rungs[0].reached * ladder[0] / top
        for below, above, precision in zip(rungs, rungs[1:], ladder[1:], strict=False):
            higher = above.reached * precision / top > reached
            behaviour[:, higher] = above.behaviour[:, higher]
            reached = np.where(higher, above.reached * precision / top, reached)
            change = np.abs(above.behaviour - below.behaviour).max(axis=0, initial=0.0)
            settled = (above.reached >= 1) & (change <= self.tolerance)
            status[above.reached >= 1] = Status.STOPPED
            status[settled] = above.status[settled]
        found = np.zeros(game.n_draws, np.bool_)
        if not recall(game.tree):
            polished, found = polish(game, behaviour, self.gain, self.near)
            behaviour[:, found] = polished[:, found]
            status[found] = np.where(rungs[-1].status[found] == Status.SOLVED, Status.SOLVED, Status.TRACED)
        return replace(rungs[-1], behaviour=behaviour, status=status, reached=reached), found
