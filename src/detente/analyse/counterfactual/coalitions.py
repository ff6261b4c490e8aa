"""Which mixtures of two models are solved, and what each block contributes: Shapley's value over blocks.

The blocks are the players of a game whose coalitions are the models in which these blocks are as in the other model and
all else as in the one. A block contributes what it adds when it comes last to those before it, averaged over all orders
of the blocks; where all coalitions are more than may be solved, over pairs of an order and its reverse (antithetic
permutations), drawn at random. Either way contributions sum to the difference, draw by draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import factorial

import numpy as np

from detente.arrays import Floats

EXACTLY = "Shapley's value over blocks, all mixtures solved"
SAMPLED = "Shapley's value over blocks, estimated from pairs of an order and its reverse"
REFERENCES = (
    "Shapley (1953), A value for n-person games, Contributions to the Theory of Games II, 307-317",
    "Castro, Gomez & Tejada (2009), Polynomial calculation of the Shapley value based on sampling, "
    "Computers & Operations Research 36, 1726-1730",
)
Coalition = frozenset[int]


@dataclass(frozen=True)
class Design:
    """Coalitions of n blocks to be solved: all of them, or those met by some `orders`."""

    n: int
    orders: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, n: int, most: int, seed: int) -> Design:
        """All coalitions where they are at most so many; else as many pairs of orders as that allows, one at least."""
        if 2**n <= most:
            return cls(n)
        pairs = max(1, (most - 2) // (2 * (n - 1)))
        order = np.random.default_rng(seed)
        drawn = [tuple(order.permutation(n).tolist()) for _ in range(pairs)]
        return cls(n, tuple(some for one in drawn for some in (one, one[::-1])))

    @property
    def exact(self) -> bool:
        return not self.orders

    @cached_property
    def coalitions(self) -> tuple[Coalition, ...]:
        """Each coalition once, the smaller first."""
        everybody = range(self.n)
        if self.exact:
            return tuple(frozenset(some) for k in range(self.n + 1) for some in combinations(everybody, k))
        found = {frozenset(order[:k]) for order in self.orders for k in range(self.n + 1)}
        return tuple(sorted(found, key=lambda some: (len(some), sorted(some))))

    def shares(self, worth: Mapping[Coalition, Floats]) -> list[Floats]:
        """[n] what each block contributes, given what each coalition is worth, draw by draw."""
        nothing = np.zeros_like(worth[frozenset()])
        found = [nothing.copy() for _ in range(self.n)]
        if self.exact:
            for some in self.coalitions[:-1]:
                weight = factorial(len(some)) * factorial(self.n - len(some) - 1) / factorial(self.n)
                for k in set(range(self.n)) - some:
                    found[k] += weight * (worth[some | {k}] - worth[some])
            return found
        for order in self.orders:
            for place, k in enumerate(order):
                step = worth[frozenset(order[: place + 1])] - worth[frozenset(order[:place])]
                found[k] += step / len(self.orders)
        return found


@dataclass(frozen=True)
class Merged:
    """Blocks that stand together, by their numbers among those that were to stand alone, and why."""

    members: tuple[int, ...]
    because: tuple[tuple[tuple[int, ...], tuple[int, ...], str], ...] = ()
    """What could not be taken without what, and what is wrong without it."""


def standing(
    n: int, fails: Callable[[Coalition], str], used: Callable[[int], Sequence[Coalition]]
) -> list[Merged]:  # fmt: skip
    """The finest blocks found of which every mixture in use is a model: those that cannot stand alone are merged.

    `fails(some)`: why it is no model if these of the n are as in the other, "" if it is one. None and all are models.
    `used(m)`: the mixtures of m blocks that are in use.
    """
    blocks = [Merged((k,)) for k in range(n)]

    def wrong(some: Coalition) -> str:
        members = frozenset(k for b in some for k in blocks[b].members)
        return fails(members) if 0 < len(members) < n else ""

    while len(blocks) > 1:
        broken = next((some for some in used(len(blocks)) if wrong(some)), None)
        if broken is None:
            break
        least = _least(broken, wrong)
        enough = _enough(least, len(blocks), wrong)
        told = [tuple(sorted(k for b in some for k in blocks[b].members)) for some in (least, enough - least)]
        one = [blocks[b] for b in sorted(enough)]
        members = tuple(sorted(k for block in one for k in block.members))
        reasons = (*(r for block in one for r in block.because), (told[0], told[1], wrong(least)))
        rest = [block for b, block in enumerate(blocks) if b not in enough]
        blocks = sorted([*rest, Merged(members, reasons)], key=lambda block: block.members)
    return blocks


def _least(some: Coalition, wrong: Callable[[Coalition], str]) -> Coalition:
    """Of blocks that are no model together, those that are none even without any one of them."""
    for k in sorted(some):
        if wrong(some - {k}):
            some = some - {k}
    return some


def _enough(some: Coalition, n: int, wrong: Callable[[Coalition], str]) -> Coalition:
    """Blocks that are a model and hold these, and are none without any other one of them."""
    found = frozenset(range(n))
    for k in sorted(found - some, reverse=True):
        if not wrong(found - {k}):
            found = found - {k}
    return found


def ranked(shares: Sequence[Floats]) -> list[int]:
    """The blocks in the order of how much they contribute on average, the largest first."""
    means = [abs(float(share.mean())) if len(share) else 0.0 for share in shares]
    return sorted(range(len(shares)), key=lambda k: (-means[k], k))
