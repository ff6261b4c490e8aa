"""All equilibria of two players: the corners of the sets that all their equilibria form.

A pair of vertices of the two polytopes of best responses is an equilibrium if whatever is not a best response is not
played (Mangasarian 1964, Equilibrium points of bimatrix games, Journal of SIAM 12, 778-780; Avis, Rosenberg, Savani
& von Stengel 2010, Enumeration of Nash equilibria for two-player games, Economic Theory 42, 9-37). Every equilibrium
is a mixture of such pairs (see `components`).

Small games are looked at in their reduced normal form, as others do, so that lists can be compared. In larger ones the
polytopes are those of the sequence form (von Stengel 1996), which have far fewer vertices and span the same equilibria.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats
from detente.game.tree import Game
from detente.solve.nash.double_description import Masks, extreme_rays, words
from detente.solve.nash.reduced_form import Exact, exact_payoffs, plan_count, plans
from detente.solve.sequence_form.sequences import Sequences

_NORMAL = 16  # most plans of a player for which the reduced normal form is looked at


class Pair(NamedTuple):
    """Two realisation plans that are an equilibrium, and their numbers among the extreme plans of their players."""

    plans: tuple[Floats, ...]
    numbers: tuple[int, int]


class _Corners(NamedTuple):
    """Vertices of one player's polytope."""

    size: int  # how many pure plans, or sequences, the player has
    plans: list[Floats]  # as realisation plans; sums are exact, so that what is zero is zero
    idle: list[int]  # bits: own pure plans, or sequences, that are not played
    best: list[int]  # bits: the other's that are best responses


def extreme_equilibria(form: Sequences, game: Game, draw: int, most: int, available: Bools | None) -> list[Pair]:
    """All extreme equilibria, as realisation plans, each once.

    Raises QuestionError where there come to be more than `most` vertices.
    """
    small = max(plan_count(form, p, available) for p in range(2)) <= _NORMAL
    look = _normal if small else _sequential
    payoffs = exact_payoffs(form, game, draw)
    own, theirs = (look(form, payoffs, p, most, available) for p in range(2))
    n = own.size
    x = words([idle | best << n for idle, best in zip(own.idle, own.best, strict=True)], n + theirs.size)
    y = words([best | idle << n for idle, best in zip(theirs.idle, theirs.best, strict=True)], n + theirs.size)
    meetings = _complementary(x, y, words([(1 << (n + theirs.size)) - 1], n + theirs.size)[0])
    numbers: tuple[dict[bytes, int], dict[bytes, int]] = ({}, {})  # two vertices may be one realisation plan
    known: dict[tuple[int, int], Pair] = {}
    for i, k in meetings:
        pair = own.plans[i], theirs.plans[k]
        mine, other = (known.setdefault(plan.tobytes(), len(known)) for plan, known in zip(pair, numbers, strict=True))
        known.setdefault((mine, other), Pair(pair, (mine, other)))
    return list(known.values())


def _normal(form: Sequences, payoffs: list[Exact], player: int, most: int, available: Bools | None) -> _Corners:
    """The polytope {x >= 0: what x leaves to each plan of the other is at most 1} (its vertices but for the origin)."""
    tables = [plans(form, p, available) for p in range(2)]
    matrix = tables[0].astype(object) @ payoffs[1 - player] @ tables[1].T.astype(object)
    matrix = matrix - matrix.min() + 1
    matrix = matrix if player else matrix.T  # [plans of the other, own plans]
    n, m = matrix.shape
    rows = np.concatenate([-matrix, np.ones((n, 1), object)], axis=1)
    rows = np.concatenate([rows, np.eye(1, m + 1, m, dtype=np.int64).astype(object)])
    rays, tight = extreme_rays(np.zeros((0, m + 1), object), rows, most)
    kept = [k for k, ray in enumerate(rays) if ray[m] and any(ray[:m])]
    own, others = (1 << m) - 1, (1 << n) - 1
    return _Corners(
        size=m,
        plans=[_scaled(rays[k, :m] @ tables[player].astype(object)) for k in kept],
        idle=[tight[k] & own for k in kept],
        best=[(tight[k] >> (m + 1)) & others for k in kept],
    )


def _sequential(form: Sequences, payoffs: list[Exact], player: int, most: int, available: Bools | None) -> _Corners:
    """The polyhedron {(x, q): x a plan, F'q >= A'x}; q is what the other can still have at each of its sets.

    Payoffs are made positive first, so that q is, too. The weight of the empty sequence makes it a cone.
    """
    kept = [np.ones(size, np.bool_) for size in form.sizes]
    if available is not None:
        for p in range(2):
            kept[p][1:] = available[form.actions[p]]
    payoff = payoffs[1 - player] if player == 0 else payoffs[1 - player].T  # [own sequences, those of the other]
    own, other = (form.constraints(p)[0].toarray().astype(np.int64).astype(object) for p in (player, 1 - player))
    left, right = payoff[kept[player]][:, kept[1 - player]], other[:, kept[1 - player]]
    m, n = left.shape
    rows = np.concatenate([-left.T, right.T], axis=1)
    equal = np.concatenate([own[1:, kept[player]], np.zeros((len(own) - 1, len(right)), object)], axis=1)
    rays, tight = extreme_rays(equal, rows[::-1], most)
    whole = [k for k, ray in enumerate(rays) if ray[0]]
    bits = [_reversed(tight[k] >> (m + len(right)), n) for k in whole]
    full = np.zeros((len(whole), form.sizes[player]), object)
    full[:, kept[player]] = rays[whole, :m]
    return _Corners(m, [_scaled(plan) for plan in full], [tight[k] & ((1 << m) - 1) for k in whole], bits)


def _reversed(mask: int, n: int) -> int:
    return sum(((mask >> (n - 1 - j)) & 1) << j for j in range(n))


def _scaled(plan: Exact) -> Floats:
    """A plan whose empty sequence has weight one."""
    return np.array([float(Fraction(int(weight), int(plan[0]))) for weight in plan])


def _complementary(x: Masks, y: Masks, wanted: Masks) -> list[tuple[int, int]]:
    """Pairs in which everything is either not played or a best response."""
    return [(i, int(k)) for i, mask in enumerate(x) for k in np.flatnonzero(((mask | y) == wanted).all(axis=1))]
