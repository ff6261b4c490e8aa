"""What if: the same draws with and without a change, so that the difference has an interval.

Pairing takes the analyst's uncertainty out of the difference: what the two arms share cancels in every draw. Where
nothing is changed the difference is exactly zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from detente.analyse.finding import Z95, Finding
from detente.analyse.forecast.readout import Answers
from detente.arrays import Floats
from detente.display import Displayed

METHOD = "paired draws: the same draws in both arms; 95% interval of the mean difference"
SPREAD = "paired draws: 90% of the differences"
REFERENCE = "Law (2015), Simulation Modeling and Analysis, 5th ed., ch. 11.2 (common random numbers)"

Groups = Mapping[str, Sequence[str]]
"""Outcomes that belong together, by the name of the group."""


@dataclass(frozen=True)
class Difference(Displayed):
    """One number before and after. `effect` is the mean of the paired differences with the 95% interval of that mean.

    `spread` is the same mean with the interval that holds 90% of the draws. Draws in which a claim cannot be judged in
    either arm are left out; `unjudged` counts them.
    """

    name: str
    before: Finding
    after: Finding
    effect: Finding
    spread: Finding
    unjudged: int = 0


@dataclass(frozen=True)
class Step(Displayed):
    """One change, and what it adds to those before it.

    `answer`: what answers the case's question, where both sides ask for the same; `groups` of outcomes, as it makes
    them.
    """

    change: str
    outcomes: Mapping[str, Difference]
    claims: Mapping[str, Difference]
    answer: Difference | None = None
    groups: Mapping[str, Difference] = field(default_factory=dict)


@dataclass(frozen=True)
class WhatIf(Displayed):
    """Several changes made one after another. The effects of `steps` sum to that of `whole`, up to unjudged draws."""

    steps: tuple[Step, ...]
    whole: Step
    draws: int
    converged: float  # the share of all solved draws
    notes: tuple[str, ...] = ()
    sides: tuple[str, str] = ("before", "after")


def difference(name: str, before: Floats, after: Floats) -> Difference:
    """The paired difference of one number per draw, both [n]."""
    known = ~(np.isnan(before) | np.isnan(after))
    gap = (after - before)[known]
    spread = Finding.of(name, gap, SPREAD, REFERENCE)
    one, other = (Finding.of(name, values[~np.isnan(values)], METHOD) for values in (before, after))
    return Difference(name, one, other, mean_of(name, gap), spread, len(known) - len(gap))


def mean_of(name: str, gaps: Floats) -> Finding:
    """The mean of paired differences, [n], with the 95% interval of that mean."""
    n = len(gaps)
    mean = float(gaps.mean()) if n else np.nan
    error = float(gaps.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    return Finding(name, mean, mean - Z95 * error, mean + Z95 * error, n, error, "95% of the mean", METHOD, REFERENCE)


def step(change: str, before: Answers, after: Answers, groups: Groups | None = None) -> Step:
    """What a change does to the answer, the outcomes (and groups of them) and the claims that both arms have."""
    answer = next(iter(_both(before.answer, after.answer).values()), None)
    sums = [_summed(arm.outcomes, groups or {}) for arm in (before, after)]
    return Step(
        change, _both(before.outcomes, after.outcomes), _both(before.claims, after.claims), answer, _both(*sums)
    )


def _both(before: Mapping[str, Floats], after: Mapping[str, Floats]) -> dict[str, Difference]:
    return {name: difference(name, before[name], after[name]) for name in before if name in after}


def _summed(outcomes: Mapping[str, Floats], groups: Groups) -> dict[str, Floats]:
    """[n] the probability of each group whose outcomes are all there."""
    whole = {name: of for name, of in groups.items() if of and outcomes.keys() >= set(of)}
    return {name: np.sum([outcomes[o] for o in of], axis=0) for name, of in whole.items()}


def waterfall(
    arms: Sequence[Answers], changes: Sequence[str], notes: Sequence[str] = (), groups: Groups | None = None
) -> WhatIf:
    """The effect of changes made one after another: `arms[0]` without any, `arms[k]` with the first k of them.

    `groups`: the outcomes that belong together.
    """
    steps = [step(change, arms[k], arms[k + 1], groups) for k, change in enumerate(changes)]
    converged = float(np.concatenate([arm.converged for arm in arms]).mean())
    whole = step(" and ".join(changes), arms[0], arms[-1], groups)
    return WhatIf(tuple(steps), whole, arms[0].n, converged, tuple(notes))


def shift(found: Step) -> float:
    """How far the forecast moves: half the sum of the absolute mean differences of the outcomes (total variation)."""
    return float(sum(abs(d.effect.value) for d in found.outcomes.values()) / 2)
