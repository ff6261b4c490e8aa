"""All Nash equilibria of small games, each with what it leaves anybody to gain and whether it is sequential.

Two players: the extreme equilibria of the reduced normal form, exactly, which span all equilibria (`bimatrix`).
One player, or three and more: every support is tried, and its polynomial equations are solved (`supports`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from detente.arrays import Floats
from detente.display import Displayed
from detente.errors import QuestionError
from detente.game.tree import Game
from detente.solve.base import Solution, Status
from detente.solve.nash.bimatrix import Pair, extreme_equilibria
from detente.solve.nash.components import Component, components
from detente.solve.nash.equilibrium import Draw, Equilibrium, with_members
from detente.solve.nash.reduced_form import plan_count, plans
from detente.solve.nash.sequential import Refinement
from detente.solve.nash.supports import equilibria as by_supports
from detente.solve.nash.supports import support_count
from detente.solve.registry import solver
from detente.solve.sequence_form.sequences import REFERENCE, recall, sequences

REFERENCES = (
    "Nash (1951), Non-cooperative games, Annals of Mathematics 54, 286-295",
    "Kreps & Wilson (1982), Sequential equilibria, Econometrica 50, 863-894",
    REFERENCE,
)
TWO_PLAYERS = (
    "Avis, Rosenberg, Savani & von Stengel (2010), Enumeration of Nash equilibria for two-player games, "
    "Economic Theory 42, 9-37"
)
MORE_PLAYERS = (
    "McKelvey & McLennan (1996), Computation of equilibria in finite games, "
    "Handbook of Computational Economics 1, 87-142"
)
_TREMBLES = 6_000  # that are tried for all equilibria of a list together


@dataclass(frozen=True, eq=False)
class Equilibria(Displayed):
    """What was found in a draw. `complete`: nothing isolated can have been missed.

    `components`: with one or two players the sets that all equilibria form; with more these are not known.
    """

    found: tuple[Equilibrium, ...]
    complete: bool
    selected: int  # index of the one that `Nash.solve` takes, -1 if none was found
    selection: str  # why that one, in a sentence
    components: tuple[Component, ...] = ()


@solver("nash")
@dataclass(frozen=True)
class Nash:
    """Lists equilibria, and as a solver takes one of them.

    A sequential one if there is any, and among those the one with the highest sum of payoffs, each as a share of the
    spread of its player's payoffs; the one earlier in the list if they are equal.

    `most_plans`: reduced plans that each of two players may have. `most_vertices`: corners of their polytopes, a limit
    that shows only on the way. `most_supports`: combinations of supports that other games may have; `most_boxes`: what
    solving the equations of one support may cost. `refined`: whether to ask which equilibria are sequential. The
    precision of the game plays no part, nor does its default.
    """

    most_plans: int = 400
    most_supports: int = 20_000
    most_vertices: int = 5_000
    most_boxes: int = 20_000
    tolerance: float = 1e-9
    refined: bool = True

    @property
    def name(self) -> str:
        return "Nash equilibria"

    @property
    def uses_precision(self) -> bool:
        return False

    def refuses(self, game: Game) -> str:
        if not np.isfinite(game.payoffs).all() or not np.isfinite(game.chance).all():
            return "a list of equilibria needs payoffs and chances that are all finite numbers"
        if reason := recall(game.tree):
            return reason
        form, n_players = sequences(game.tree), game.tree.n_players
        if n_players == 2:
            counts = [plan_count(form, p) for p in range(2)]
            if max(counts) <= self.most_plans:
                return ""
            who = game.tree.players[int(np.argmax(counts))]
            size = f"{who!r} has {max(counts):,} reduced strategies (at most {self.most_plans:,})"
        else:
            count = plan_count if n_players == 1 else support_count
            counts = [count(form, p, None) for p in range(n_players)]
            if (total := prod(counts)) <= self.most_supports:
                return ""
            size = f"there are {total:,} combinations of moves that might be made (at most {self.most_supports:,})"
        return f"the game is too large to list all its equilibria: {size}; ask for 'limit' or 'regret' instead"

    def solve(self, game: Game, workers: int = 1) -> Solution:
        """The selected equilibrium of every draw; `workers` changes nothing."""
        if reason := self.refuses(game):
            raise QuestionError(reason)
        del workers
        n = game.n_draws
        uniform = 1.0 / np.diff(game.tree.action_start)[game.tree.action_infoset]
        behaviour, status = np.tile(uniform[:, None], n), np.full(n, Status.SOLVED, np.int8)
        for j in range(n):
            listed = self.all(game, j)
            if listed.selected < 0:
                status[j] = Status.STOPPED
            else:
                behaviour[:, j] = listed.found[listed.selected].behaviour
        return Solution(
            behaviour=behaviour,
            status=status,
            reached=np.where(status == Status.STOPPED, 0.0, 1.0),
            method=self.name,
            references=(*REFERENCES, TWO_PLAYERS if game.tree.n_players == 2 else MORE_PLAYERS),
            evaluations=np.ones(n, np.int64),
            folded=np.zeros(n, np.bool_),
        )

    def all(self, game: Game, draw: int = 0) -> Equilibria:
        """All equilibria of a draw.

        Raises QuestionError where the game is too large, or turns out to be on the way.
        """
        if reason := self.refuses(game):
            raise QuestionError(reason)
        one = Draw.of(game, draw, self.tolerance)
        complete, families = True, []
        if game.tree.n_players > 2:
            listed, complete = by_supports(one.form, one.weights, one.available, one.slack, self.most_boxes)
            found = [
                one.equilibrium(own, k, isolated and (one.strict(own) or None))
                for k, (own, isolated) in enumerate(listed)
            ]
        else:
            corners = self._corners(one)
            families = components([pair.numbers for pair in corners])
            where = {k: c for c, family in enumerate(families) for k in family.extreme}
            found = [
                one.equilibrium(list(pair.plans), where[k], families[where[k]].isolated)
                for k, pair in enumerate(corners)
            ]
        if self.refined:
            tries = min(60, max(4, _TREMBLES // max(len(found), 1)))  # in a long list fewer for each
            found = [one.refined(e, tries) for e in found]
            found, families = with_members(one, found, families)
        spread = np.ptp(game.payoffs[np.unique(game.tree.slot[game.tree.terminals]), :, draw], axis=0)
        return Equilibria(tuple(found), complete, *_select(found, spread), tuple(families))

    def _corners(self, one: Draw) -> list[Pair]:
        """The extreme equilibria of one or two players; a single player meets nobody."""
        if len(one.form.sizes) == 2:
            return extreme_equilibria(one.form, one.game, 0, self.most_vertices, one.available)
        table = plans(one.form, 0, one.available).astype(np.float64)
        pay = table @ one.form.slope(one.weights, [table[0]], 0)
        return [Pair((plan,), (k, 0)) for k, plan in enumerate(table[pay >= pay.max() - one.slack[0]])]


def _select(found: list[Equilibrium], spread: Floats) -> tuple[int, str]:
    if not found:
        return -1, "no equilibrium was found"
    order = list(Refinement)
    rank = [order.index(e.refinement) if e.refinement else 0 for e in found]
    share = [float((e.payoffs / np.where(spread > 0, spread, 1.0)).sum()) for e in found]
    best = min(range(len(found)), key=lambda k: (rank[k], -round(share[k], 9), k))
    kind = found[best].refinement
    alike = [k for k in range(len(found)) if rank[k] == rank[best]]
    highest = [k for k in alike if round(share[k], 9) == round(share[best], 9)]
    if len(found) == 1:
        reason = "the only one listed"
    elif len(alike) == 1:
        reason = f"the only one that is known to be {kind}"
    else:
        among = f"of the {len(alike)} that are {kind}" if kind else f"of the {len(found)} listed"
        one = "the one" if len(highest) == 1 else "the first of those"
        reason = f"{among} {one} with the highest sum of payoffs, each as a share of its player's spread"
    if kind and kind != Refinement.SEQUENTIAL:
        reason += "; none is known to be sequential, so that a sequential one lies between them: ask for 'limit'"
    return best, reason
