"""Where experts disagree, and whose number it is that moves an answer away from that of the pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.counterfactual.coalitions import Coalition, Design
from detente.analyse.counterfactual.whatif import mean_of
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import rankable
from detente.arrays import Floats
from detente.display import Displayed


@dataclass(frozen=True)
class Share(Displayed):
    """What one number of an expert does to an answer, in place of the pooled one: on average over the orders in which
    the expert's numbers could be taken in, with the 95% interval of its mean over paired draws."""

    expert: str
    quantity: str
    effect: Finding


@dataclass(frozen=True)
class Gap(Displayed):
    """How far the answer under an expert's own numbers is from that under the pool. `parts`, the largest first, sum to
    `effect`. `unjudged`: draws in which it cannot be told, which are left out."""

    expert: str
    effect: Finding
    parts: tuple[Share, ...]
    unjudged: int = 0


def gap_of(expert: str, quantities: Sequence[str], design: Design, worth: Mapping[Coalition, Floats]) -> Gap:
    """The gap of one expert to the pool, shared out among the numbers that differ (Shapley's value).

    `worth`: [n] the answer by the coalition of quantities that are the expert's; none are the pool's own answer.
    """
    known = ~np.any([np.isnan(values) for values in worth.values()], axis=0)
    told = {some: values[known] for some, values in worth.items()}
    whole = mean_of("gap", told[frozenset(range(design.n))] - told[frozenset()])
    shares = [
        Share(expert, quantity, mean_of(quantity, share))
        for quantity, share in zip(quantities, design.shares(told), strict=True)
    ]
    shares.sort(key=lambda share: (-rankable(abs(share.effect.value)), share.quantity))
    return Gap(expert, whole, tuple(shares), int((~known).sum()))


def driver(gaps: Sequence[Gap]) -> Share | None:
    """The number that moves an answer farthest from the pool; None where nobody's does."""
    shares = [share for gap in gaps for share in gap.parts if share.effect.value]
    return max(shares, key=lambda share: rankable(abs(share.effect.value)), default=None)
