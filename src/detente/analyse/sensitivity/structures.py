"""What an answer owes to rival structures, from the same draws solved under every combination of them.

With every combination at hand nothing is estimated but the mean over the draws: the first-order effect of a structure
is the variance of the answer's mean given it, the total effect the mean of the variance that is left when all else is
known (Sobol' 1993; Homma & Saltelli 1996), over the analyst's probabilities of the structures, draw by draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Finding
from detente.arrays import Floats, Longs
from detente.display import Displayed

REFERENCE = (
    "Homma & Saltelli (1996), Importance measures in global sensitivity analysis of nonlinear models, "
    "Reliability Engineering & System Safety 52, 1-17"
)
RESAMPLED, SEED = 400, 1
INTERVAL = "95% of resampled draws"


@dataclass(frozen=True, eq=False)
class Table:
    """An answer of R numbers in m draws under each of K combinations.

    `combinations`: the number of the alternative of each block; `answers` [K, R, m]; `chances` [alternatives, m] of
    each block.
    """

    blocks: tuple[str, ...]
    combinations: Sequence[tuple[int, ...]]
    answers: Floats
    chances: tuple[Floats, ...]


@dataclass(frozen=True)
class Share(Displayed):
    """The share of the variance of an answer that structure explains: by itself, and with all its interactions."""

    first: Finding
    total: Finding


def shares(table: Table) -> tuple[Share, dict[str, Share]]:
    """Of all structures together, and of each block by itself. nan where the answer never changes."""
    blocks = range(len(table.blocks))
    m = table.answers.shape[-1]
    draws = np.random.default_rng(SEED).multinomial(m, np.full(m, 1 / m), RESAMPLED)
    counts = np.concatenate([np.ones((1, m)), draws]).T / m  # [m, 1 + resampled] weights of draws
    known = np.asarray(~np.isnan(table.answers).any(axis=(0, 1)))
    if not known.all():
        counts = counts * known[:, None]
        counts = counts / counts.sum(axis=0)
    whole = _share(table, tuple(blocks), counts, "structure")
    return whole, {name: _share(table, (b,), counts, name) for b, name in enumerate(table.blocks)}


def _share(table: Table, group: tuple[int, ...], counts: Floats, name: str) -> Share:
    """What some blocks explain, with resampled draws for the interval."""
    weights, y = _weights(table), np.nan_to_num(table.answers)
    mean = np.einsum("km,krm,mb->rb", weights, y, counts)
    spread = np.einsum("km,krm,mb->rb", weights, y**2, counts) - mean**2
    variance = spread.sum(axis=0)
    mine = _numbers(table, group)
    between = np.zeros_like(mean)
    for value in np.unique(mine):
        inside = weights * (mine == value)[:, None]
        share = np.einsum("km,mb->b", inside, counts)
        given = np.einsum("km,krm,mb->rb", inside, y, counts) / np.where(share > 0, share, 1.0)
        between += share * (given - mean) ** 2
    first = between.sum(axis=0) / variance
    others = _numbers(table, tuple(b for b in range(len(table.blocks)) if b not in group))
    left = np.zeros_like(mean)
    for value in np.unique(others):
        rows = others == value
        inside = weights[rows]
        chance = inside.sum(axis=0)
        own = np.einsum("km,krm->rm", inside, y[rows]) / np.where(chance > 0, chance, 1.0)
        within = np.einsum("km,krm->rm", inside, y[rows] ** 2) - chance * own**2
        left += np.einsum("rm,mb->rb", within, counts)
    total = left.sum(axis=0) / variance
    return Share(_finding(name, first, counts), _finding(name, total, counts))


def _weights(table: Table) -> Floats:
    """[K, m] how likely each combination is in each draw."""
    chances = [zip(table.chances, numbers, strict=True) for numbers in table.combinations]
    return np.array([np.prod([chance[k] for chance, k in of], axis=0) for of in chances])


def _numbers(table: Table, group: tuple[int, ...]) -> Longs:
    """[K] a number for what some blocks are in each combination."""
    known: dict[tuple[int, ...], int] = {}
    found = [known.setdefault(tuple(numbers[b] for b in group), len(known)) for numbers in table.combinations]
    return np.array(found)


def _finding(name: str, values: Floats, counts: Floats) -> Finding:
    """A share, with the interval and the error that resampled draws give it."""
    value, again = float(values[0]), values[1:]
    low, high = (float(q) for q in np.quantile(again, [0.025, 0.975])) if np.isfinite(again).all() else (np.nan, np.nan)
    return Finding(name, value, low, high, len(counts), float(again.std()), INTERVAL, "", REFERENCE)
