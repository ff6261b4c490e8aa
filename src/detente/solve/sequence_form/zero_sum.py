"""Two players of whom one wins what the other loses: one sparse linear programme for each draw.

Koller, Megiddo & von Stengel (1994), Fast algorithms for finding randomized strategies in game trees, STOC 26,
750-759. The programme is as large as the tree. It is solved by HiGHS (Huangfu & Hall 2018, Parallelizing the dual
revised simplex method, Mathematical Programming Computation 10, 119-142), one draw after another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

from detente.arrays import Bools, Floats
from detente.errors import QuestionError
from detente.game.tree import Game
from detente.solve.base import Solution, Status
from detente.solve.registry import solver
from detente.solve.sequence_form.sequences import Sequences, recall, sequences
from detente.solve.sequence_form.unreached import fill_unreached

REFERENCES = (
    "Koller, Megiddo & von Stengel (1994), Fast algorithms for finding randomized strategies in game trees, "
    "Proceedings of the 26th ACM Symposium on Theory of Computing, 750-759",
    "Huangfu & Hall (2018), Parallelizing the dual revised simplex method, "
    "Mathematical Programming Computation 10, 119-142",
)

_SUM = 1e-9
"""How far the sum of the payoffs may wander, as a share of their spread."""


@solver("zero-sum")
@dataclass(frozen=True)
class ZeroSum:
    """A Nash equilibrium of a two-player game whose payoffs add up to the same in every outcome.

    Any such equilibrium guarantees each player the value of the game, whatever the other does. A draw is settled when
    nobody can gain more than `tolerance`, as a share of the spread of payoffs. Where a plan leads, moves are those of
    the plan; a threat against a move that is never made may be harsher than it would be wise to carry out, as in
    any Nash equilibrium. Where a player's own plan never leads, its moves are best responses to a trembling
    opponent. The precision of the game plays no part, nor does its default.
    """

    tolerance: float = 1e-9

    @property
    def name(self) -> str:
        return "zero-sum linear programme"

    @property
    def uses_precision(self) -> bool:
        return False

    def refuses(self, game: Game) -> str:
        tree = game.tree
        if tree.n_players != 2:
            return f"a zero-sum game has two players, and this one has {tree.n_players}"
        if not np.isfinite(game.payoffs).all():
            return "the linear programme needs payoffs that are all finite numbers"
        paid = game.payoffs[np.unique(tree.slot[tree.terminals])]
        total = paid.sum(axis=1)  # [S, n]
        uneven = np.ptp(total, axis=0) > _SUM * np.maximum(np.ptp(paid, axis=0).max(axis=0), 1e-300)
        if uneven.any():
            j = int(np.argmax(uneven))
            low, high = float(total[:, j].min()), float(total[:, j].max())
            return (
                f"the payoffs of the two players do not add up to the same in every outcome: in draw {j} they add up "
                f"to {low:.6g} in one outcome and to {high:.6g} in another; ask for 'nash' or 'regret' instead"
            )
        seen = game.chance[tree.chance_row[:, :2]]
        if np.any(np.abs(seen[:, 0] - seen[:, 1]) > 1e-12):
            return (
                "the players see chance differently, so that what one expects to win the other need not expect to lose"
            )
        return recall(tree)

    def solve(self, game: Game, workers: int = 1) -> Solution:
        """Both players' strategies in every draw; `workers` changes nothing, HiGHS has one thread here."""
        if reason := self.refuses(game):
            raise QuestionError(reason)
        del workers
        form, n = sequences(game.tree), game.n_draws
        behaviour, status = np.empty((game.tree.n_actions, n)), np.full(n, Status.SOLVED, np.int8)
        cost = np.zeros(n, np.int64)
        for j in range(n):
            behaviour[:, j], gap, cost[j] = _draw(form, game, j)
            if not gap <= self.tolerance:
                status[j] = Status.STOPPED
        return Solution(
            behaviour=behaviour,
            status=status,
            reached=np.where(status == Status.STOPPED, np.nextafter(1.0, 0.0), 1.0),
            method=self.name,
            references=REFERENCES,
            evaluations=cost,
            folded=np.zeros(n, np.bool_),
        )


def _draw(form: Sequences, game: Game, j: int) -> tuple[Floats, float, int]:
    """Behaviour [A] of a draw, the larger gain as a share of the spread of payoffs, and the iterations it took."""
    weights = form.weights(game, j)
    paid = game.payoffs[np.unique(game.tree.slot[game.tree.terminals]), :, j]
    spread = max(float(np.ptp(paid[:, 0])), 1e-300)
    available = None if game.available is None else game.available[:, j]
    found, gap, cost = None, np.inf, 0
    for method in ("highs-ds", "highs-ipm"):
        plans, iterations = _programme(form, weights, spread, available, method)
        cost += iterations
        if plans is None:
            continue
        behaviour, reached = form.behaviour(plans, available)
        here = float(form.gains(weights, form.plans(behaviour), available).max()) / spread
        if here < gap:
            found, gap = (behaviour, reached), here
        if gap <= 1e-10:
            break
    if found is None:
        zero = [np.zeros(size) for size in form.sizes]
        return form.behaviour(zero, available)[0], np.inf, cost
    return fill_unreached(form, weights, *found, available), gap, cost


def _programme(
    form: Sequences, weights: Floats, spread: float, available: Bools | None, method: str
) -> tuple[list[Floats] | None, int]:
    """Maximise what the first player is sure of: its plan x is the solution, the second player's y the dual one.

    Maximise q[0] over plans x and any q [1 + H(1)], with F'q <= A'x; q holds what the second player leaves at its sets.
    """
    own, one = form.constraints(0)
    theirs, _ = form.constraints(1)
    kept = [np.ones(size, np.bool_) for size in form.sizes]
    if available is not None:
        for p in range(2):
            kept[p][1:] = available[form.actions[p]]
    payoff = form.matrix(weights / spread, 0)
    n_x, n_q = form.sizes[0], theirs.shape[0]
    goal = np.zeros(n_x + n_q)
    goal[n_x] = -1.0
    upper = csr_array(hstack([-payoff.T, theirs.T]))[kept[1]]
    equal = csr_array(hstack([own, csr_array((own.shape[0], n_q))]))
    high = np.concatenate([np.where(kept[0], np.inf, 0.0), np.full(n_q, np.inf)])
    low = np.concatenate([np.zeros(n_x), np.full(n_q, -np.inf)])
    result = linprog(
        goal, upper, np.zeros(upper.shape[0]), equal, one, np.stack([low, high], axis=1), method=method,
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )  # fmt: skip
    if result.x is None:
        return None, int(result.nit)
    y = np.zeros(form.sizes[1])
    y[kept[1]] = -result.ineqlin.marginals
    plans = [np.where(plan > 1e-12, plan, 0.0) for plan in (result.x[:n_x], y)]
    return plans, int(result.nit)
