"""A claim that conditions on a choice, and the same with the choice forced, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import verdict
from detente.analyse.forecast.conditioning import Conditioned
from detente.present.wording.numbers import number, percent

CLEARLY = 0.1  # of the draws: less is told, and not warned of


def turned(c: Conditioned) -> bool:
    """Whether the verdict is clearly another one where the choice is forced."""
    if c.share is None:
        return False
    one, other = c.plain.value, c.share.value
    return verdict(one) != verdict(other) and not abs(one - other) < CLEARLY


def judged_both_ways(c: Conditioned) -> str:
    """In what share of draws the claim holds, as it is written and with the choice forced."""
    plain = f"holds in {percent(c.plain.value)} of draws"
    if c.share is None:
        return f"{plain}; what is given is not a list of moves, and cannot be forced: write what is compared with do()"
    return f"{plain}; with do() in {percent(c.share.value)}"


def means_both_ways(c: Conditioned) -> str:
    """The means of what is compared: `conditioning: 38% → 61%; do(): 44% → 44.7%`."""
    given, done = (" → ".join(_means(c, which)) for which in ("given", "done"))
    return f"conditioning: {given}; do(): {done}"


def _means(c: Conditioned, which: str) -> Iterable[str]:
    for contrast in c.contrasts:
        yield mean(contrast.conditioned, getattr(contrast, which))


def mean(asked: str, found: Finding) -> str:
    """The mean answer to a question, a probability or a number. Both sides are asked in the same draws, so that their
    difference is known better than either."""
    if math.isnan(found.value):
        return "not defined"
    return f"{found.value:.1%}" if asked.startswith("P(") else number(found.value)
