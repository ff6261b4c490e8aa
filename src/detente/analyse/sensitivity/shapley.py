"""Shapley effects: the variance of an answer shared out among quantities, correlated ones included.

What knowing some quantities would explain, v(u) = Var(E[Y|X_u]) / Var(Y), is a game with the quantities as players; the
Shapley value gives each the mean of what it adds to those that come before it, over all orders (Owen 2014; Song, Nelson
& Staum 2016). No share is negative, and together they make up the variance. What correlated quantities have in common
is shared among them, and so are interactions (Owen & Prieur 2017); of independent quantities without interactions
it is the first-order effect, and with them it lies between that and the total effect.

It is read off the polynomial that is fitted to the solved draws (`chaos`), so that nothing is solved again (given data,
as in Broto, Bachoc & Depecker 2020). Blocks of correlated quantities are independent of each other, so that the game
falls apart into one for each set of blocks that terms of the polynomial are made of. What is expected of a Hermite
polynomial of normal scores, given linear combinations of them, is its projection in each of its factors (Janson 1997,
Gaussian Hilbert Spaces, ch. 4), so that v needs no sampling.

Letters: t terms, m answers, B resamples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from math import factorial, prod

import numpy as np

from detente.analyse.finding import Z95, Finding
from detente.analyse.sensitivity.chaos import INTERVAL, Surrogate
from detente.arrays import Floats

REFERENCE = (
    "Owen & Prieur (2017), On Shapley value for measuring importance of dependent inputs, SIAM/ASA Journal on "
    "Uncertainty Quantification 5, 986-1002; Song, Nelson & Staum (2016), Shapley effects for global sensitivity "
    "analysis: theory and computation, ibid. 4, 1060-1083; Broto, Bachoc & Depecker (2020), Variance reduction for "
    "estimation of Shapley effects and adaptation to unknown input distribution, ibid. 8, 693-716"
)
MOST_PLAYERS = 12  # of blocks that share a term: 4,096 sets of them
Indices = tuple[int, ...]
"""A Hermite polynomial of the scores of a block: each score as often as its degree."""


@dataclass(frozen=True)
class Player:
    """A quantity: its name, and the numbers of its sources."""

    name: str
    rows: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Block:
    """Quantities that are correlated with each other, and with no others."""

    players: tuple[Player, ...]
    mixing: Floats  # [S, S] from free scores to those of the sources

    @property
    def rows(self) -> list[int]:
        """The free scores behind the block, in order."""
        return [row for player in self.players for row in player.rows]

    def projection(self, known: Sequence[int]) -> Floats:
        """[r, r] on what the scores of some of the players tell of the free scores of the block."""
        rows = [row for k in known for row in self.players[k].rows]
        seen = self.mixing[np.ix_(rows, self.rows)]
        return np.asarray(np.linalg.pinv(seen) @ seen) if rows else np.zeros((len(self.rows),) * 2)


def shapley(surrogate: Surrogate, blocks: Sequence[Block]) -> dict[str, Finding]:
    """The Shapley effect of every player, with a 95% interval by bootstrap.

    They sum to what the fit finds of the variance. Raises ValueError where more than 12 quantities share a term.
    """
    home = {row: (b, j) for b, block in enumerate(blocks) for j, row in enumerate(block.rows)}
    sets: dict[tuple[int, ...], list[int]] = {}
    parts: list[dict[int, Indices]] = []
    for t, term in enumerate(surrogate.terms):
        mine: dict[int, Indices] = {}
        for row, degree in term:
            b, j = home[row]
            mine[b] = tuple(sorted((*mine.get(b, ()), *(j,) * degree)))
        parts.append(mine)
        sets.setdefault(tuple(sorted(mine)), []).append(t)
    names = [player.name for block in blocks for player in block.players]
    value, again = dict.fromkeys(names, 0.0), {name: np.zeros(len(surrogate.again)) for name in names}
    for which, terms in sets.items():
        once, often = surrogate.products(terms)
        for name, share in _shares([blocks[b] for b in which], [[parts[t][b] for t in terms] for b in which]):
            value[name] += float((share * once).sum())
            again[name] += np.einsum("ij,bij->b", share, often)
    return {name: _finding(name, value[name], again[name], surrogate) for name in names}


def _finding(name: str, value: float, again: Floats, surrogate: Surrogate) -> Finding:
    error = float(again.std(ddof=1))
    return Finding(
        name, value, max(0.0, value - Z95 * error), min(1.0, value + Z95 * error), surrogate.draws, error, INTERVAL,
        f"Shapley effect from a sparse polynomial of {len(surrogate.terms)} terms", REFERENCE,
    )  # fmt: skip


def _shares(blocks: Sequence[Block], parts: Sequence[Sequence[Indices]]) -> Iterator[tuple[str, Floats]]:
    """For each player of some blocks the matrix [t, t] that makes its share of products of coefficients.

    `parts` holds for each block what each term is made of there.
    """
    players = [(b, k) for b, block in enumerate(blocks) for k in range(len(block.players))]
    n = len(players)
    if n > MOST_PLAYERS:
        raise ValueError(f"{n} correlated quantities are too many for Shapley effects; {MOST_PLAYERS} can be")
    known: dict[frozenset[int], Floats] = {}
    for some in (frozenset(c) for size in range(n + 1) for c in combinations(range(n), size)):
        inside = [[players[p][1] for p in sorted(some) if players[p][0] == b] for b in range(len(blocks))]
        grams = [_gram(block, k, part) for block, k, part in zip(blocks, inside, parts, strict=True)]
        known[some] = np.prod(grams, axis=0)
    for p, (b, k) in enumerate(players):
        share = np.zeros_like(known[frozenset()])
        for some, gram in known.items():
            if p not in some:
                weight = factorial(len(some)) * factorial(n - len(some) - 1) / factorial(n)
                share += weight * (known[some | {p}] - gram)
        yield blocks[b].players[k].name, share


def _gram(block: Block, known: Sequence[int], parts: Sequence[Indices]) -> Floats:
    """[t, t] the covariances of what is expected of the polynomials of a block when some players are known."""
    projection, unique = block.projection(known), list(dict.fromkeys(parts))
    place = [unique.index(part) for part in parts]
    gram = np.array([[_inner(one, other, projection) for other in unique] for one in unique])
    return gram[np.ix_(place, place)]


def _inner(one: Indices, other: Indices, projection: Floats) -> float:
    """The inner product of two normalised Hermite polynomials of projected scores (Janson 1997, theorem 3.9)."""
    if len(one) != len(other):
        return 0.0
    total = sum(prod(projection[a, b] for a, b in zip(one, order, strict=True)) for order in permutations(other))
    return float(total / np.sqrt(_multiplicity(one) * _multiplicity(other)))


def _multiplicity(indices: Indices) -> int:
    return prod(factorial(indices.count(k)) for k in set(indices))
