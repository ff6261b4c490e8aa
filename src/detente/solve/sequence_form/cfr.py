"""Counterfactual regret minimisation, for games too large for anything else.

What its averages converge to. In a two-player constant-sum game: a Nash equilibrium, at a rate of one over the number
of iterations or better. In any other game only this is known: nobody regrets, over all iterations together, not having
played any one plan throughout; the joint distribution of play then tends to a coarse correlated equilibrium, and the
averages of the players, each taken by itself, need not be an equilibrium of any kind. Often they are close to one.
Whether they are is measured: what counts is the gain in the certificate, and a draw is settled only if that is small.

Zinkevich, Johanson, Bowling & Piccione (2007), Regret minimization in games with incomplete information, NIPS 20.
Tammelin (2014), Solving large imperfect information games using CFR+, arXiv:1407.5042.
Farina, Kroer & Sandholm (2021), Faster game solving via predictive Blackwell approachability, AAAI 35.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from detente.arrays import Floats
from detente.errors import QuestionError, nearest
from detente.game.tree import Game
from detente.solve.base import Solution, Status
from detente.solve.compiled.threads import each
from detente.solve.registry import solver
from detente.solve.sequence_form import regret
from detente.solve.sequence_form.sequences import recall, sequences
from detente.solve.sequence_form.unreached import fill_unreached

CFR = (
    "Zinkevich, Johanson, Bowling & Piccione (2007), Regret minimization in games with incomplete information, NIPS 20"
)
VARIANTS = {
    "cfr+": "Tammelin (2014), Solving large imperfect information games using CFR+, arXiv:1407.5042",
    "predictive": (
        "Farina, Kroer & Sandholm (2021), Faster game solving via predictive Blackwell approachability: "
        "connecting regret matching and mirror descent, AAAI 35"
    ),
}

_WORK = 100_000_000  # entries between two looks at how far it has come: about half a second
_FIRST = 16  # iterations before the first look; each next look comes after as many again


class Progress(NamedTuple):
    """How far one draw has come. `gains` [P] are those of `plans`, in the unit of the payoffs."""

    iterations: int
    gains: Floats
    plans: list[Floats]  # by player [Q(p)]: of the averages or of the last strategies, whichever leaves less to gain
    which: str  # "average" or "last"


@solver("regret")
@dataclass(frozen=True)
class Regret:
    """CFR+ or predictive CFR+, players in turn, for games of any number of players and up to a million histories.

    It stops after `iterations`, or as soon as nobody can gain more than `tolerance`, as a share of the spread of its
    payoffs. The behaviour is the averaged one, or the last one where that leaves less to gain. Where a player's own
    plan never leads, its moves are best responses to trembling others. The precision of the game plays no part, nor
    does its default.
    """

    iterations: int = 2000
    variant: str = "cfr+"
    tolerance: float = 1e-6

    @property
    def name(self) -> str:
        return "regret minimisation (CFR+)" if self.variant == "cfr+" else f"regret minimisation ({self.variant} CFR+)"

    @property
    def uses_precision(self) -> bool:
        return False

    def refuses(self, game: Game) -> str:
        if self.variant not in VARIANTS:
            return f"there is no variant {self.variant!r} of regret minimisation; {nearest(self.variant, VARIANTS)}"
        if self.iterations < 1:
            return f"regret minimisation needs at least one iteration, not {self.iterations}"
        if not np.isfinite(game.payoffs).all() or not np.isfinite(game.chance).all():
            return "regret minimisation needs payoffs and chances that are all finite numbers"
        return recall(game.tree)

    def solve(self, game: Game, workers: int = 1) -> Solution:
        if reason := self.refuses(game):
            raise QuestionError(reason)
        form, n = sequences(game.tree), game.n_draws
        behaviour, status = np.empty((game.tree.n_actions, n)), np.full(n, Status.SOLVED, np.int8)
        cost = np.zeros(n, np.int64)

        def one(j: int) -> None:
            progress = deque(self.run(game, j), maxlen=1)[0]
            weights = form.weights(game, j)
            available = None if game.available is None else game.available[:, j]
            found, reached = form.behaviour(progress.plans, available)
            behaviour[:, j] = fill_unreached(form, weights, found, reached, available)
            cost[j] = progress.iterations
            if np.any(progress.gains > self.tolerance * _spread(game, j)):
                status[j] = Status.STOPPED

        each(one, range(n), workers)
        return Solution(
            behaviour=behaviour,
            status=status,
            reached=np.where(status == Status.STOPPED, np.nextafter(1.0, 0.0), 1.0),
            method=self.name,
            references=(CFR, VARIANTS[self.variant]),
            evaluations=cost,
            folded=np.zeros(n, np.bool_),
        )

    def run(self, game: Game, draw: int = 0) -> Iterator[Progress]:
        """Solve one draw, telling now and then how far it has come (at least every half second or so).

        Whoever stops asking has what was reached by then, so that a long run can be watched and interrupted.
        """
        if reason := self.refuses(game):
            raise QuestionError(reason)
        form, n_players = sequences(game.tree), game.tree.n_players
        can = np.ones(game.tree.n_actions, np.bool_) if game.available is None else game.available[:, draw]
        field = regret.lay_out(form, form.weights(game, draw), can)
        state = regret.begin(field)
        enough = self.tolerance * _spread(game, draw)
        most = max(1, _WORK // max(1, len(field.weight)))
        best, done, look = Progress(0, np.full(n_players, np.inf), [], ""), 0, _FIRST
        while done < self.iterations:
            count = min(most, look - done, self.iterations - done)
            regret.iterate(field, state, done, count, self.variant == "predictive")
            done += count
            if done == look:
                look *= 2
            owner_of = np.repeat(np.arange(n_players), form.sizes)
            average = state.total / state.total[field.start[:-1]][owner_of]
            best = best._replace(iterations=done)
            for which, plan in (("average", average), ("last", state.plan)):
                gains = regret.gains(field, plan)
                if gains.max(initial=0.0) < best.gains.max(initial=0.0) or not best.plans:
                    plans = np.split(plan.copy(), field.start[1:-1])
                    best = Progress(done, gains, plans, which)
            yield best
            if np.all(best.gains <= enough):
                return


def _spread(game: Game, j: int) -> Floats:
    """[P] the spread of each player's payoffs in a draw."""
    return np.asarray(np.ptp(game.payoffs[np.unique(game.tree.slot[game.tree.terminals]), :, j], axis=0))
