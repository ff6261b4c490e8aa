"""Which outcome comes first, in what share of draws, and which ones answer what the case asks."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from detente.analyse.finding import Finding
from detente.arrays import Floats
from detente.model.schema import Model


def rankable(x: float) -> float:
    """A number to rank by, to nine digits: what is equal but for rounding keeps the order in which it was given.

    One of two moves is made as much more often as the other is made less. Which change is the larger by a last bit is
    not the same on every processor.
    """
    return round(x, 9) if abs(x) < 1 else float(f"{x:.9g}")


def likeliest(outcomes: Mapping[str, Finding]) -> str:
    """The outcome with the largest mean probability."""
    return max(outcomes, key=lambda name: rankable(outcomes[name].value))


def firsts(outcomes: Mapping[str, Floats]) -> dict[str, float]:
    """The share of draws in which each outcome, [n] probabilities, is the most likely of all."""
    best = np.array(list(outcomes.values())).argmax(axis=0)
    return {name: float((best == k).mean()) for k, name in enumerate(outcomes)}


def share_error(p: float, n: int) -> float:
    """The standard error of a share p of n draws, never zero."""
    return float(np.sqrt(max(p * (1 - p), 0.25 / n) / n))


def telling(model: Model) -> tuple[str, ...]:
    """The outcomes that no picture may hide: what happened first, then what the case's question is about.

    That is what the case's `answer` asks for, or the first of the groups it makes; where it has none, what its first
    claim, the conclusion, speaks of.
    """
    asked = [model.happened.outcome] if model.happened and model.happened.outcome else []
    if model.answer is not None:
        asked += _named(model, model.answer.asks.text)
        asked += next(iter(model.groups.values()), ())
    elif model.claims:
        asked += _named(model, next(iter(model.claims.values())).holds.text)
    return tuple(dict.fromkeys(asked))


def _named(model: Model, text: str) -> list[str]:
    """The outcomes that a question names, in the order of the model."""
    names = set(re.findall(r"\w+", text))
    return [name for name in model.outcomes if name in names]
