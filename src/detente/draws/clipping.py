"""Probabilities and shares that would leave their bounds, and in how many draws they are cut to them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from detente.draws.formulas import Step
from detente.draws.sampler import Sampler
from detente.errors import Problem
from detente.model.schema import Model

LEAST = 0.05  # of the draws: fewer are the tail of a distribution
_ROUNDING = 1e-9


def clipped(model: Model, n: int, seed: int) -> Iterator[Problem]:
    """A warning for each bounded quantity, in truth or as somebody sees it, that is cut in many of n draws.

    Raises ModelError where a value is not a number in some draw.
    """
    trail: list[Step] = []
    Sampler(model, trail=trail).draw(n, seed)
    told: set[tuple[str, str]] = set()
    for step in trail:
        if not step.bounded:
            continue
        raw = np.broadcast_to(step.tape.evaluate([step.root], step.inputs, n)[0], n)
        for outside, words in ((raw > 1 + _ROUNDING, "above 1"), (raw < -_ROUNDING, "below 0")):
            if (share := float(outside.mean())) < LEAST:
                continue
            problem = _told(model, step, share, words)
            if (problem.path, words) not in told:  # the same formula as seen by another is told once
                told.add((problem.path, words))
                yield problem


def _told(model: Model, step: Step, share: float, words: str) -> Problem:
    quantity = model.quantities[step.name]
    seen = step.actor in quantity.seen_by
    path = ("quantities", step.name, *(("seen_by", step.actor) if seen else ("value",)))
    what = f"{step.name!r} as {step.actor} sees it" if step.actor else f"{step.name!r}"
    return Problem(
        model.place(*path),
        f"{what} would lie {words} in {share:.0%} of draws, and is cut to its bound there",
        f"a {quantity.unit} lies between 0 and 1: write what stays within, or a distribution that does",
        ".".join(path),
        warning=True,
    )
