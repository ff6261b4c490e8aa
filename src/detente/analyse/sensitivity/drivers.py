"""Which assumption carries an answer: how an answer differs between the draws in which a quantity is low and high.

Given-data: it reads the draws that are solved and solves nothing again. Main effects are first-order indices from a
partition of the draws into slices of equal size (Plischke, Borgonovo & Smith 2013), freed of the share that slicing
pure noise would give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Finding
from detente.arrays import Floats

REFERENCE = (
    "Plischke, Borgonovo & Smith (2013), Global sensitivity measures from given data, "
    "European Journal of Operational Research 226, 536-550"
)
SLICES = 20
NOISE = 3.0  # standard deviations above the noise at which an index counts
FEWEST = 100


@dataclass(frozen=True)
class Driver:
    """What an answer owes to one quantity."""

    quantity: str
    index: Finding  # the share of the answer's variance that knowing the quantity would explain
    low: Finding  # the answer where the quantity is in its lowest fifth
    high: Finding  # ... in its highest fifth
    bounds: tuple[float, float]  # where those fifths end and begin


def drivers(answer: Floats, quantities: Mapping[str, Floats]) -> list[Driver]:
    """Quantities in the order of what the answer owes to them.

    `answer` and each of the quantities are [n]; draws in which the answer is nan are left out.
    """
    known = ~np.isnan(answer)
    y = answer[known]
    found = []
    for name, values in quantities.items():
        x = values[known]
        if len(y) < FEWEST or x.min() == x.max() or y.min() == y.max():
            continue
        bottom, top = (float(b) for b in np.quantile(x, [0.2, 0.8]))
        found.append(
            Driver(
                name,
                _index(name, x, y),
                Finding.of("low", y[x <= bottom]),
                Finding.of("high", y[x >= top]),
                (bottom, top),
            )
        )
    return sorted(found, key=lambda d: -d.index.value)


def _index(name: str, x: Floats, y: Floats) -> Finding:
    """The first-order index, with a 90% interval from batches of the draws."""
    order = np.argsort(x, kind="stable")
    value = _share(y[order])
    n = len(y)
    parts = np.array([_share(y[order][k::10], 5) for k in range(10)]) if n >= 1000 else np.array([value])
    error = float(parts.std(ddof=1) / np.sqrt(len(parts))) if len(parts) > 1 else np.nan
    return Finding(
        name,
        value,
        max(0.0, value - 1.645 * error),
        min(1.0, value + 1.645 * error),
        n,
        error,
        "90% of the estimate",
        "given-data first-order index",
        REFERENCE,
    )


def _share(y: Floats, slices: int = SLICES) -> float:
    """The share of the variance of y between consecutive slices of it, freed of what noise alone would give."""
    parts = np.array_split(y, slices)
    n, mean = len(y), y.mean()
    between = sum(len(part) * (part.mean() - mean) ** 2 for part in parts) / n
    total = y.var()
    if total == 0:
        return 0.0
    raw = between / total
    noise = (slices - 1) / (n - 1)
    if raw < noise + NOISE * np.sqrt(2 * (slices - 1)) / (n - 1):
        return 0.0  # no more than slices of pure noise would show
    return float(np.clip((raw - noise) / (1 - noise), 0.0, 1.0))
