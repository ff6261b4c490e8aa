"""What the forecast owes to each rival structure: the answers where it is present, and where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Finding
from detente.arrays import Bools, Floats, Longs
from detente.display import Displayed

RESAMPLED, SEED = 200, 1
HAYS = "Hays (1963), Statistics for psychologists, Holt, Rinehart & Winston: omega squared"


@dataclass(frozen=True)
class Presence(Displayed):
    """A structure: how likely it is, and what is forecast where it is present (`outcomes`, `answer`) and where it is
    not (`without`, `answer_without`), read off the draws that have it and those that do not."""

    means: str
    weight: Finding
    draws: int
    outcomes: Mapping[str, Finding]
    without: Mapping[str, Finding]
    answer: Finding | None
    answer_without: Finding | None


@dataclass(frozen=True)
class Combination(Displayed):
    """A combination of structures: the share of draws that have it, its tree, and what follows in it.

    `claims`: the share of its draws in which each holds, of those in which it can be judged.
    """

    share: float
    draws: int
    nodes: int
    answer: Finding | None
    outcomes: Mapping[str, Finding]
    claims: Mapping[str, float]


def presence(
    means: str, weight: Floats, there: Bools, outcomes: Mapping[str, Floats], answer: Floats | None
) -> Presence:
    """What is forecast with and without a structure, `there` [n] in some draws; all else [n] by draw."""
    with_it, without = (
        {name: Finding.of(name, values[some]) for name, values in outcomes.items()} for some in (there, ~there)
    )
    return Presence(
        means, Finding.of("weight", weight), int(there.sum()), with_it, without, _told(answer, there),
        _told(answer, ~there),
    )  # fmt: skip


def combination(
    there: Bools, nodes: int, outcomes: Mapping[str, Floats], claims: Mapping[str, Floats], answer: Floats | None
) -> Combination:
    """What follows in the draws that have a combination, `there` [n]; all else [n] by draw."""
    found = {name: Finding.of(name, values[there]) for name, values in outcomes.items()}
    shares = {}
    for name, values in claims.items():
        judged = values[there & ~np.isnan(values)]
        shares[name] = float((judged != 0).mean()) if len(judged) else np.nan
    return Combination(float(there.mean()), int(there.sum()), nodes, _told(answer, there), found, shares)


def share(which: Longs, values: Floats) -> Finding:
    """The share of the variance of an answer [n] that lies between combinations of structures, `which` [n].

    It is what knowing the structure alone would explain (the first-order effect), less what chance puts between groups
    of so few draws (omega squared; Hays 1963), with the 95% interval of resampled draws.
    """
    known = ~np.isnan(values)
    which, values = which[known], values[known]
    n, generator = len(values), np.random.default_rng(SEED)
    if n < 2 or not np.ptp(values):
        return Finding("structure", np.nan, np.nan, np.nan, n)
    again = [_between(which[some], values[some]) for some in generator.integers(0, n, (RESAMPLED, n))]
    value, error = _between(which, values), float(np.std(again))
    bias = float(np.mean(again)) - value  # draws that are drawn again differ more between groups
    low, high = (max(0.0, float(q) - bias) for q in np.quantile(again, [0.025, 0.975]))
    return Finding("structure", value, low, high, n, error, "95% of resampled draws", "", HAYS)


def _between(which: Longs, values: Floats) -> float:
    counts = np.bincount(which)
    there = counts > 0
    means = np.bincount(which, values)[there] / counts[there]
    total = float(((values - values.mean()) ** 2).sum())
    between = float((counts[there] * (means - values.mean()) ** 2).sum())
    groups, n = int(there.sum()), len(values)
    if n <= groups or not total:
        return 0.0
    noise = (total - between) / (n - groups)
    return max(0.0, (between - (groups - 1) * noise) / (total + noise))


def held_in(combinations: Mapping[str, Combination], claim: str) -> tuple[int, int]:
    """In how many combinations of structures a claim holds in most draws, and in how many it can be judged."""
    judged = [c.claims[claim] for c in combinations.values() if claim in c.claims and not np.isnan(c.claims[claim])]
    return sum(share > 0.5 for share in judged), len(judged)


def _told(answer: Floats | None, some: Bools) -> Finding | None:
    if answer is None:
        return None
    return Finding.of("answer", answer[some & ~np.isnan(answer)])
