"""The currency of the solver room: a `Solution` and its `Certificate`, and what every solver is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, runtime_checkable

import numpy as np

from detente.arrays import Bools, Bytes, Floats, Longs
from detente.errors import QuestionError
from detente.game.tree import Game

TOLERANCE = 1e-8
"""The largest fixed-point residual, in probability, at which a draw counts as converged,"""
GAIN = 1e-3
"""and where precision plays no part the most that somebody may gain, in stakes: at a mixed equilibrium the residual
says nothing."""


class Status(IntEnum):
    """What became of one draw. In a batch failure is a value with `advice`, never an exception."""

    SOLVED = 0  # settled; on the principal branch as far as the method can tell
    TRACED = 1  # followed along the principal branch by arclength, with the sign of the determinant checked
    STOPPED = 2  # not settled; behaviour is the last that was found, for a branch that at the last precision reached


LOWER = "with --set, the quantity that holds it"
"""How the precision of a case is lowered."""

_ADVICE = {
    "quantal response": (
        "the principal branch could not be followed to the precision asked; lower that ({lower}), ask for --method "
        "limit, or in Python give more sweeps: method=Quantal(budget=5000); as they stand they are solved at the lower "
        "precision that was reached"
    ),
    "limit of quantal response": (
        "the principal branch was lost before it came near an equilibrium; ask for --method nash if the game is small "
        "or --method regret if not, or in Python give more sweeps: method=Limit(budget=20000)"
    ),
    "zero-sum linear programme": (
        "the linear programme left something to gain, as it may where payoffs differ by more than nine orders of "
        "magnitude; ask for --method regret"
    ),
    "regret minimisation": (
        "somebody can still gain; ask for --method limit, or in Python give more iterations: "
        "method=Regret(iterations=20000)"
    ),
    "Nash equilibria": "no equilibrium was found; ask for --method limit",
}
_INEXACT = {
    "quantal response": (
        "the precision was reached, and is so high that rounding alone moves a probability by more than 1e-8, which "
        "more sweeps do not correct; lower it ({lower}), or ask for --method limit"
    ),
}


def proper_precision(value: float) -> float:
    """A precision that can be played at. Raises QuestionError for one that is negative or not finite."""
    if not 0 <= value < np.inf:
        raise QuestionError(
            f"a precision is a finite number that is not negative, and not {value:g}; for play without error ask for "
            "the method 'limit'"
        )
    return float(value)


def advice(method: str, stopped: bool = True, lower: str = LOWER) -> str:
    """What to do about draws that did not converge, by the name of the method that solved them.

    `stopped`: the solver itself gave up on some; else what it found could not be certified. `lower`: how precision is
    lowered where the question was asked.
    """
    known = _ADVICE if stopped else _INEXACT
    told = next((told for name, told in known.items() if method.startswith(name)), "ask for another --method")
    return told.format(lower=lower)


@dataclass(frozen=True, eq=False)
class Solution:
    """Behaviour for every draw of a game, and how it was found.

    `behaviour[a, j]` is the probability of action a at its information set in draw j. `reached[j]` is the share of
    the precision asked that was really reached (1 unless the status is STOPPED), so that the precision of the
    behaviour is `game.precision * reached`. `folded[j]` says that the branch turned back on its way (only known
    where it was traced). `forked[j]` says that it went straight through a fork: the game is symmetric, and beside the
    symmetric behaviour there are others at this precision, mirror images of each other and as good (see `quantal`;
    None, as solvers that follow no branch leave it, means nowhere).
    """

    behaviour: Floats  # [A, n]
    status: Bytes  # [n]
    reached: Floats  # [n]
    method: str
    references: tuple[str, ...]
    evaluations: Longs  # [n] sweeps over the tree that the draw cost
    folded: Bools  # [n]
    forked: Bools = None  # type: ignore[assignment]  # [n]

    def __post_init__(self) -> None:
        if self.forked is None:
            object.__setattr__(self, "forked", np.zeros(len(self.status), np.bool_))


@dataclass(frozen=True, eq=False)
class Certificate:
    """What can be said about a Solution without trusting its solver.

    `residual[j]`: the largest distance, in probability, between the behaviour and the logit response to it, with the
    default of the game, at the precision the game asks for (not the one reached). `gain[p, j]`: what player p would
    win, in its own payoff and as it sees the game, by the best change of its whole strategy. At finite precision gains
    are above zero by the nature of quantal response; at a Nash equilibrium all are zero. `value[p, j]`: what p expects,
    as it sees the game.
    """

    residual: Floats  # [n]
    gain: Floats  # [P, n]
    value: Floats  # [P, n]

    def converged(self, status: Bytes | None = None, unlimited: bool = False, tolerance: float = TOLERANCE) -> Bools:
        """[n] whether behaviour is what was asked for: by the residual, or by the gain where precision plays no part
        (`unlimited`), and unless the solver itself stopped short (`status`)."""
        good = self.gain.max(axis=0) <= GAIN if unlimited else self.residual <= tolerance
        return np.asarray(good if status is None else good & (status != Status.STOPPED))


class Solver(Protocol):
    """A small frozen value that turns a Game into a Solution."""

    @property
    def name(self) -> str: ...

    @property
    def uses_precision(self) -> bool:
        """Whether behaviour depends on the precision of the game; if not, it is judged by what can be gained."""
        ...

    def refuses(self, game: Game) -> str:
        """Why this solver cannot take the game, as a sentence; empty if it can."""
        ...

    def solve(self, game: Game, workers: int = 1) -> Solution: ...


@runtime_checkable
class Follower(Solver, Protocol):
    """A solver that goes along a line of neighbouring games faster than it solves each by itself."""

    def follow(self, games: Sequence[Callable[[], Game]], workers: int = 1) -> Iterator[tuple[Game, Solution]]:
        """Each game and its solution, in order, as `solve` would find it within its tolerance.

        Games have one tree and equally many draws.
        """
        ...
