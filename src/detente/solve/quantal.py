"""Logit agent quantal response equilibrium on the principal branch (McKelvey & Palfrey 1998).

The principal branch starts at precision zero, where everybody plays every move alike, and is followed to the precision
of each draw. Games of perfect information need no following: one pass from the endings to the root is exact.
Otherwise the unknowns are beliefs (see `plan`). Stage A climbs in precision with many draws abreast (`climb`). Draws
that it cannot settle, because the branch turns back or bends sharply, go to stage B, which traces it by arclength
(`arclength`): first on from where stage A stopped, then, if that fails, all the way from the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detente.errors import QuestionError
from detente.game.tree import Bools, Floats, Game
from detente.solve.base import Solution, Status
from detente.solve.plan import Layout, Longs, Numbers, Plan, fill, lay_out
from detente.solve.recursion import behave

PRINCIPAL_BRANCH = (
    "McKelvey & Palfrey (1998), Quantal response equilibria for extensive form games, Experimental Economics 1, 9-41"
)
ARCLENGTH = (
    "Turocy (2010), Computing sequential equilibria using agent quantal response equilibria, "
    "Economic Theory 42, 255-269"
)

_BLOCK = 1024  # draws handed to a worker at once; no result depends on it
_DENSE = 1000  # most unknowns for which stage B sets up a dense Jacobian
_PATIENCE = 8  # the budget of each try of stage B, in budgets of stage A, up to
_SMALL = 200  # so many unknowns; beyond, a sweep of stage B costs ever more, and fewer are spent


@dataclass(frozen=True)
class Quantal:
    """Follows the principal branch of every draw to its own precision.

    `tolerance`: the error in any probability, estimated, at which a point counts as found. `budget`: sweeps over the
    tree that a draw may cost in stage A, and eight times as many in each try of stage B (fewer in very large games,
    where they are dear). `trace`: follow every draw by arclength. That is slower, tells whether the branch turned back,
    and guards against what stage A does in about one draw in a thousand: slipping onto another branch unnoticed.
    """

    tolerance: float = 1e-9
    budget: int = 500
    trace: bool = False

    @property
    def name(self) -> str:
        return "quantal response traced by arclength" if self.trace else "quantal response"

    def refuses(self, game: Game) -> str:
        if np.any(np.isposinf(game.precision)):
            return "quantal response needs a finite precision; ask for the limit instead"
        return ""

    def solve(self, game: Game, workers: int = 1) -> Solution:
        """Behaviour of every draw at its own precision."""
        return self._follow(game, np.ones(1), workers)[0]

    def path(self, game: Game, precisions: Sequence[float], workers: int = 1) -> list[Solution]:
        """Behaviour at each of some rising precisions, the same for all players and draws, along one branch."""
        targets = np.asarray(precisions, np.float64)
        if targets.ndim != 1 or not len(targets) or targets[0] < 0 or not np.all(np.diff(targets) >= 0):
            raise QuestionError(f"precisions along a path must rise from zero or more, not {list(precisions)}")
        return self._follow(replace(game, precision=np.ones_like(game.precision)), targets, workers)

    def _follow(self, game: Game, targets: Floats, workers: int) -> list[Solution]:
        """Solutions at each target, a multiple of the precision of the game."""
        if reason := self.refuses(game):
            raise QuestionError(reason)
        sound = _sound(game)
        if not sound.all():
            game = _mend(game, sound)
        track = _Track.blank(len(targets), game)
        if game.tree.perfect_information:
            for k, target in enumerate(targets):
                track.behaviour[k] = behave(game, _Logit(game.precision * target), workers)
        else:
            layout = lay_out(game.tree)
            step = min(_BLOCK, -(-game.n_draws // workers))
            blocks = [slice(first, min(first + step, game.n_draws)) for first in range(0, game.n_draws, max(step, 1))]
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(lambda block: self._block(layout, game, targets, track, block), blocks))
        track.reached[:, ~sound] = 0.0
        return [self._solution(track, k) for k in range(len(targets))]

    def _block(self, layout: Layout, game: Game, targets: Floats, track: _Track, block: slice) -> None:
        """Follow the draws of a block and enter them in the track."""
        from detente.solve import climb, kernels  # here, because numba takes a second to import

        plan, numbers = layout.plan, fill(layout, game, block)
        n = block.stop - block.start
        found = Points.blank(len(targets), layout, n)
        wanted = targets[:, None] * numbers.scale
        left = np.arange(n)
        traceable = layout.n_unknowns <= _DENSE
        if not (self.trace and traceable):
            settings = climb.Settings(tolerance=self.tolerance, budget=self.budget)
            lanes, scratch = kernels.new_lanes(plan, numbers), climb.new_climb(layout.n_unknowns)
            climb.climb(plan, numbers, targets, settings, lanes, scratch, *found)
            left = np.flatnonzero(found.t[-1] < wanted[-1])
        if len(left) and traceable:
            folds = self._trace(plan, numbers, targets, left, found)
            track.folded[block] = folds > 0
            track.traced[block][left] = True
        for k in range(len(targets) if len(left) else 0):
            there = found.t[k, left], found.y[k][:, left]
            found.behaviour[k][:, left] = kernels.settle(plan, numbers, *there, left)
        track.behaviour[:, :, block] = found.behaviour
        track.reached[:, block] = np.divide(found.t, wanted, out=np.ones_like(wanted), where=wanted > 0)
        track.cost[block] = found.cost

    def _trace(self, plan: Plan, numbers: Numbers, targets: Floats, draws: Longs, found: Points) -> Longs:
        """Trace some draws of a block on from where they are, and what still fails from the start; [n] the folds."""
        from detente.solve import arclength, kernels

        lanes, slopes = kernels.new_lanes(plan, numbers), arclength.new_slopes(plan)
        n_unknowns = found.y.shape[1]
        trace = arclength.new_trace(n_unknowns)
        share = min(1.0, (_SMALL / n_unknowns) ** 2) if n_unknowns else 1.0
        folds = np.zeros(len(numbers.scale), np.int64)
        budget = round(_PATIENCE * share * self.budget)
        stride = arclength.Stride(tolerance=0.1 * self.tolerance, budget=budget)
        careful = stride._replace(longest=stride.longest / 2, share=stride.share / 2, straight=0.95)
        from_start = (True, True) if self.trace else (False, True)
        for start, how in zip(from_start, (stride, careful), strict=True):
            if len(draws):
                folds[draws] = 0
                where = found.t, found.y, found.cost, folds
                arclength.trace(plan, numbers, targets, how, draws, start, lanes, slopes, trace, *where)
                draws = draws[found.t[-1, draws] < targets[-1] * numbers.scale[draws]]
        return folds

    def _solution(self, track: _Track, k: int) -> Solution:
        status = np.where(track.traced, Status.TRACED, Status.SOLVED).astype(np.int8)
        status[track.reached[k] < 1] = Status.STOPPED
        return Solution(
            behaviour=track.behaviour[k],
            status=status,
            reached=track.reached[k],
            method=self.name,
            references=(PRINCIPAL_BRANCH, ARCLENGTH) if track.traced.any() else (PRINCIPAL_BRANCH,),
            evaluations=track.cost.copy(),
            folded=track.folded.copy(),
        )


class Points(NamedTuple):
    """The points found for n draws of a block at T targets."""

    t: Floats  # [T, n]
    y: Floats  # [T, B, n]
    behaviour: Floats  # [T, A, n]
    cost: Longs  # [n]

    @classmethod
    def blank(cls, n_targets: int, layout: Layout, n: int) -> Points:
        n_actions = int(layout.plan.action_start[-1])
        return cls(
            t=np.zeros((n_targets, n)),
            y=np.zeros((n_targets, layout.n_unknowns, n)),
            behaviour=np.zeros((n_targets, n_actions, n)),
            cost=np.zeros(n, np.int64),
        )


class _Track(NamedTuple):
    """What is known of every draw at T targets."""

    behaviour: Floats  # [T, A, n]
    reached: Floats  # [T, n]
    cost: Longs  # [n]
    traced: Bools  # [n]
    folded: Bools  # [n]

    @classmethod
    def blank(cls, n_targets: int, game: Game) -> _Track:
        n = game.n_draws
        behaviour = np.empty((n_targets, game.tree.n_actions, n))
        no = np.zeros((2, n), np.bool_)
        return cls(behaviour, np.ones((n_targets, n)), np.ones(n, np.int64), traced=no[0], folded=no[1])


@dataclass(frozen=True, eq=False)
class _Logit:
    """The logit response: a rule for `recursion.behave`."""

    precision: Floats  # [P, n]

    def __call__(self, pay: Floats, owners: npt.NDArray[np.int32], available: Bools | None, draws: slice) -> Floats:
        if available is None:
            behind = pay.max(axis=1, keepdims=True) - pay
        else:
            behind = np.where(available, np.where(available, pay, -np.inf).max(axis=1, keepdims=True) - pay, 0.0)
        odds = np.exp(-self.precision[owners, draws][:, None] * behind)
        if available is not None:
            odds *= available
        total = odds[:, 0].copy()
        for k in range(1, odds.shape[1]):
            total += odds[:, k]
        return np.asarray(odds / total[:, None])


def _sound(game: Game) -> Bools:
    """[n] the draws whose numbers are all finite."""
    paid = game.payoffs[np.unique(game.tree.slot[game.tree.terminals])]
    numbers = (paid.reshape(-1, game.n_draws), game.chance, game.precision)
    return np.asarray(np.all([np.isfinite(some).all(axis=0) for some in numbers], axis=0))


def _mend(game: Game, sound: Bools) -> Game:
    """The game with harmless numbers in draws that are not sound; their behaviour is that at precision zero."""
    return replace(
        game,
        payoffs=np.where(sound, game.payoffs, 0.0),
        chance=np.where(sound, game.chance, 1.0),
        precision=np.where(sound, game.precision, 0.0),
    )
