"""Which outcome comes first, and in what share of draws."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from detente.analyse.finding import Finding
from detente.arrays import Floats


def likeliest(outcomes: Mapping[str, Finding]) -> str:
    """The outcome with the largest mean probability."""
    return max(outcomes, key=lambda name: outcomes[name].value)


def firsts(outcomes: Mapping[str, Floats]) -> dict[str, float]:
    """The share of draws in which each outcome, [n] probabilities, is the most likely of all."""
    best = np.array(list(outcomes.values())).argmax(axis=0)
    return {name: float((best == k).mean()) for k, name in enumerate(outcomes)}


def share_error(p: float, n: int) -> float:
    """The standard error of a share p of n draws, never zero."""
    return float(np.sqrt(max(p * (1 - p), 0.25 / n) / n))
