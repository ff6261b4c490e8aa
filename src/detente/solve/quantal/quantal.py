"""Logit agent quantal response equilibrium on the principal branch (McKelvey & Palfrey 1998).

The principal branch starts at precision zero, where everybody plays every move alike (or as the default of the game
has it, if there is one, see `game.default`), and is followed to the precision
of each draw. Games of perfect information need no following: one pass from the terminal nodes to the root is exact.
Otherwise the unknowns are beliefs (see `layout`). Stage A climbs in precision with many draws abreast (`climb`). Draws
that it cannot settle, because the branch turns back or bends sharply, go to stage B, which traces it by arclength
(`arclength`): first on from where stage A stopped, then, if that fails, all the way from the start.

In symmetric games the branch passes bifurcations: bifurcating branches part from it, mirror images of each other, on
which one of several interchangeable players wins. The branch itself goes on smoothly and symmetric, and is followed;
`forked` tells (and `sides` gives the bifurcating branches of a single game, and the other points of a branch that
folds). Stage A may lose it there, to either bifurcating branch; where moves that were equally likely come apart
(`twins`) or the determinant tells, stage B traces the draw from the start. In games that are nearly symmetric the
branch bends into one of the bifurcating branches, and what was the smooth way ahead belongs to another branch, onto
which stage A may slip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Ints, Longs
from detente.errors import QuestionError
from detente.game.tree import Game
from detente.solve.base import Solution, Status, proper_precision
from detente.solve.compiled.threads import each
from detente.solve.perfect_information.recursion import behave
from detente.solve.quantal import kernels, neighbours
from detente.solve.quantal import symmetry as twins
from detente.solve.quantal.kernels import Points, Settings, Stride, Traced, Twins
from detente.solve.quantal.layout import Layout, Numbers, Plan, fill, lay_out, unknowns
from detente.solve.quantal.systems import SHARP
from detente.solve.registry import solver

PRINCIPAL_BRANCH = (
    "McKelvey & Palfrey (1998), Quantal response equilibria for extensive form games, Experimental Economics 1, 9-41"
)
ARCLENGTH = (
    "Turocy (2010), Computing sequential equilibria using agent quantal response equilibria, "
    "Economic Theory 42, 255-269"
)

_BLOCK = 4096  # most draws handed to a worker at once, and fewer where they take more than
_ROOM = 1 << 24  # so many numbers; no result depends on it
_PATIENCE = 40  # the budget of each try of stage B, in budgets of stage A; a quarter where there are more than
_SMALL = 200  # so many unknowns, which is also the most for which all eigenvalues are looked at in symmetric games
_CARE: dict[str, Any] = {
    "longest": 4.0,
    "share": 0.1,
    "straight": 0.95,
    "aim": 0.15,
    "loose": 1e-4,
    "newton": 1e-3,
    "along": 1e-5,
}
_FEW = 8  # fewer unknowns than this: the determinant is looked at wherever the climb arrived


@solver("quantal")
@dataclass(frozen=True)
class Quantal:
    """Follows the principal branch of every draw to its own precision.

    `tolerance`: the error in any probability, estimated, at which a point counts as found. `budget`: sweeps over the
    tree that a draw may cost in stage A, and forty times as many in stage B (ten in very large games, where
    they are dear). `trace`: follow every draw by arclength. That costs about twice as much, tells whether the branch
    turned back, and guards against what stage A does in about one draw in some thousands: slipping onto another branch
    where the determinant does not tell. `exact`: correct points at high precision as far as rounding allows, and follow
    the branch again where rounding has lost it (`sharpen`); nothing below a precision of 200, times the widest spread
    of payoffs, depends on it."""

    tolerance: float = 1e-9
    budget: int = 500
    trace: bool = False
    exact: bool = True

    @property
    def name(self) -> str:
        return "quantal response traced by arclength" if self.trace else "quantal response"

    @property
    def uses_precision(self) -> bool:
        return True

    def refuses(self, game: Game) -> str:
        if np.any(np.isposinf(game.precision)):
            return "quantal response needs a finite precision; ask for the limit instead"
        if np.any(game.precision < 0):
            return "quantal response needs a precision of zero or more"
        return ""

    def solve(self, game: Game, workers: int = 1, near: Floats | None = None) -> Solution:
        """Behaviour of every draw at its own precision.

        `near` [A, n] is behaviour on the branch in games that are neighbours of these (the same tree and precision,
        other numbers), draw by draw. The corrector of stage A tries it as a prediction, and refuses points too far
        from it as it does on the way up; a draw that it refuses, or whose neighbour differs, is climbed as ever. So a
        line of games is followed from each to the next; what is found is the same within the tolerance.
        """
        return self._follow(game, np.ones(1), workers, near)[0]

    def path(self, game: Game, precisions: Sequence[float], workers: int = 1) -> list[Solution]:
        """Behaviour at each of some rising precisions, the same for all players and draws, along one branch."""
        targets = np.array([proper_precision(precision) for precision in precisions])
        if targets.ndim != 1 or not len(targets) or targets[0] < 0 or not np.all(np.diff(targets) >= 0):
            raise QuestionError(f"precisions along a path must rise from zero or more, not {list(precisions)}")
        return self._follow(replace(game, precision=np.ones_like(game.precision)), targets, workers)

    def follow(self, games: Sequence[Callable[[], Game]], workers: int = 1) -> Iterator[tuple[Game, Solution]]:
        """Each of some neighbouring games and its solution, in order (see `neighbours`)."""
        return neighbours.follow(self, games, workers)

    def _follow(self, game: Game, targets: Floats, workers: int, near: Floats | None = None) -> list[Solution]:
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
            numbers = layout.plan.wanted.size + layout.n_unknowns * len(targets)
            step = min(_BLOCK, -(-game.n_draws // workers), max(_ROOM // numbers, 64))
            blocks = [slice(first, min(first + step, game.n_draws)) for first in range(0, game.n_draws, max(step, 1))]
            each(lambda block: self._block(layout, game, targets, track, block, near), blocks, workers)
        track.reached[:, ~sound] = 0.0
        return [self._solution(track, k) for k in range(len(targets))]

    def _block(
        self, layout: Layout, game: Game, targets: Floats, track: _Track, block: slice, near: Floats | None
    ) -> None:
        """Follow the draws of a block and enter them in the track."""
        plan, numbers = layout.plan, fill(layout, game, block)
        n = block.stop - block.start
        found = Points.blank(len(targets), plan, n)
        wanted = targets[:, None] * numbers.scale
        short, astray = np.zeros((2, n), np.bool_)
        if self.trace:
            astray[:] = True
            symmetric = twins.symmetric(plan, numbers)
        else:
            settings = Settings(tolerance=self.tolerance, budget=self.budget)
            tried = None if near is None else unknowns(plan, near[:, block])
            kernels.climb(plan, numbers, targets, settings, tried, found)
            short = found.t[-1] < wanted[-1]
            self._settle(plan, numbers, np.flatnonzero(short), found)
            astray, symmetric = twins.torn(plan, found.early, found.behaviour)
            self._check(plan, numbers, found, short, astray)
        left = np.flatnonzero(short | astray)
        climbed = [array.copy() for array in (found.t, found.y, found.behaviour)] if symmetric.any() else []
        folds, forks = self._trace(plan, numbers, targets, left, astray, symmetric, found)
        self._settle(plan, numbers, left, found)
        track.traced[block][left] = True
        if (
            climbed and not self.trace
        ):  # where many bifurcating branches part at once, tracing may lose the way and climbing not
            mine = np.flatnonzero(symmetric & astray & ~short)
            lost = mine[twins.apart(plan, numbers, mine, found.behaviour)]
            kept = lost[~twins.apart(plan, numbers, lost, climbed[2])]
            for now, before in zip((found.t, found.y, found.behaviour), climbed, strict=True):
                now[..., kept] = before[..., kept]
            track.traced[block][kept] = False
        track.folded[block] = folds > 0
        track.forked[block] = forks > 0
        if symmetric.any() and layout.n_unknowns <= _SMALL:
            track.forked[block] |= twins.crossed(plan, numbers, symmetric, found.t[-1], found.y[-1])
        if self.exact and np.any(targets[-1] * numbers.scale > SHARP):
            from detente.solve.quantal.sharpen import sharpen

            again = sharpen(game.tree, numbers, targets, found.t, found.behaviour)
            for known, told in ((track.folded, again.folded), (track.forked, again.forked), (track.traced, again.anew)):
                known[block][again.anew] = told[again.anew]
        track.behaviour[:, :, block] = found.behaviour
        track.reached[:, block] = np.divide(found.t, wanted, out=np.ones_like(wanted), where=wanted > 0)
        track.cost[block] = found.cost

    def _settle(self, plan: Plan, numbers: Numbers, draws: Longs, found: Points) -> None:
        """Behaviour of some draws of a block at the points found."""
        for k in range(len(found.t) if len(draws) else 0):
            there = found.t[k, draws], found.y[k][:, draws]
            found.behaviour[k][:, draws], _ = kernels.sweeps(plan, numbers, draws, *there)

    def _check(self, plan: Plan, numbers: Numbers, found: Points, short: Bools, astray: Bools) -> None:
        """Set `astray` also where the climb has slipped onto another branch, or crossed a bifurcation, as the
        determinant tells: at every target where that is cheap, else at the last one."""
        draws = np.flatnonzero(~short)
        since = 0 if found.y.shape[1] < _FEW else -1
        astray[draws] |= kernels.crossed(plan, numbers, draws, found.t[since:], found.y[since:])

    def _trace(
        self, plan: Plan, numbers: Numbers, targets: Floats, draws: Longs, anew: Bools, symmetric: Bools, found: Points
    ) -> tuple[Longs, Longs]:
        """Trace some draws of a block on from where they are (`anew` [n]: from the start), and what still fails from
        the start; [n] the folds and [n] the bifurcations on the way. In draws that are `symmetric` [n], what agrees
        where the branch starts is held to agree, if the branch can be followed so."""
        folds, forks = np.zeros((2, len(numbers.scale)), np.int64)
        if not len(draws):
            return folds, forks
        n_unknowns, none = found.y.shape[1], Twins.none(plan)
        same = twins.pairs(plan, numbers, symmetric) if symmetric.any() else none

        def trace(some: Longs, anew: bool, stride: Stride, same: Twins) -> None:
            traced = Traced(found.t, found.y, found.cost, folds, forks)
            kernels.trace(plan, numbers, targets, stride, some, anew, same, traced)

        budget = (_PATIENCE if n_unknowns <= _SMALL else _PATIENCE // 4) * self.budget
        stride = Stride(tolerance=0.1 * self.tolerance, budget=budget)
        before = found.cost.copy()
        trace(draws[~anew[draws]], False, stride, same)
        trace(draws[anew[draws]], True, stride, same)
        draws = draws[found.t[-1, draws] < targets[-1] * numbers.scale[draws]]
        draws = draws[(found.cost - before)[draws] < budget]  # those that got lost; the others take too long
        folds[draws] = forks[draws] = 0
        trace(draws, True, stride._replace(**_CARE), none)
        return folds, forks

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
            forked=track.forked.copy(),
        )


class _Track(NamedTuple):
    """What is known of every draw at T targets."""

    behaviour: Floats  # [T, A, n]
    reached: Floats  # [T, n]
    cost: Longs  # [n]
    traced: Bools  # [n]
    folded: Bools  # [n]
    forked: Bools  # [n]

    @classmethod
    def blank(cls, n_targets: int, game: Game) -> _Track:
        n = game.n_draws
        behaviour = np.empty((n_targets, game.tree.n_actions, n))
        no = np.zeros((3, n), np.bool_)
        return cls(behaviour, np.ones((n_targets, n)), np.ones(n, np.int64), *no)


@dataclass(frozen=True, eq=False)
class _Logit:
    """The logit response: a rule for `recursion.behave`."""

    precision: Floats  # [P, n]

    def __call__(
        self, pay: Floats, owners: Ints, available: Bools | None, log_default: Floats | None, draws: slice
    ) -> Floats:
        if available is None:
            behind = pay.max(axis=1, keepdims=True) - pay
        else:
            behind = np.where(available, np.where(available, pay, -np.inf).max(axis=1, keepdims=True) - pay, 0.0)
        with np.errstate(over="ignore", invalid="ignore"):  # without limit: nothing of it is played, or it is no number
            logit = -self.precision[owners, draws][:, None] * behind
            if log_default is not None:
                logit += log_default
                there = logit if available is None else np.where(available, logit, -np.inf)
                logit -= there.max(axis=1, keepdims=True)
            odds = np.exp(logit)
        if available is not None:
            odds *= available
        total = odds[:, 0].copy()
        for k in range(1, odds.shape[1]):
            total += odds[:, k]
        return np.asarray(odds / total[:, None])


def _sound(game: Game) -> Bools:
    """[n] the draws whose numbers are all finite."""
    paid = game.payoffs[np.unique(game.tree.slot[game.tree.terminals])]
    numbers = [paid.reshape(-1, game.n_draws), game.chance, game.precision]
    if game.default is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = np.log(game.default)
        numbers.append(weight if game.available is None else np.where(game.available, weight, 0.0))
    return np.asarray(np.all([np.isfinite(some).all(axis=0) for some in numbers], axis=0))


def _mend(game: Game, sound: Bools) -> Game:
    """The game with harmless numbers in draws that are not sound; their behaviour is that at precision zero."""
    return replace(
        game,
        payoffs=np.where(sound, game.payoffs, 0.0),
        chance=np.where(sound, game.chance, 1.0),
        precision=np.where(sound, game.precision, 0.0),
        default=None if game.default is None else np.where(sound, game.default, 1.0),
    )
