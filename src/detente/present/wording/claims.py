"""Verdicts on claims in words: the share of draws beside the means of both sides."""

from __future__ import annotations

import re
from collections.abc import Sequence

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Comparison, Verdict
from detente.analyse.forecast.settled import STRUCTURE, Settled
from detente.analyse.thresholds.breaking import Moved
from detente.language.tolerance import TOLERANCE
from detente.present.wording.numbers import counted, number, percent

_OFFSET = re.compile(r"\)\s*[-+]\s*[\w.]+\Z|\A[\w.]+\s*[-+]\s*[PEU]\(")  # `P(b) + 0.02`, `0.02 + P(b)`


def average(c: Comparison, f: Finding, interval: bool = True) -> str:
    """The mean of a side of a comparison with its 90% interval over the draws; in percent where both sides may be."""
    sides = (c.left.mean, c.right.mean)
    both = [x for side in sides for x in ((side.low, side.value, side.high) if interval else (side.value,))]
    shares = c.probabilities and min(both) >= -TOLERANCE and max(both) <= 1 + TOLERANCE

    def said(x: float) -> str:
        return percent(min(max(x, 0.0), 1.0)) if shares else number(x, digits=2)

    value, low, high = map(said, (f.value, f.low, f.high))
    return value if low == high or not interval else f"{value} ({low} to {high})"


def means(verdict: Verdict, intervals: bool = True) -> Sequence[tuple[str, bool]]:
    """What the means of the sides of a claim say, a line for each comparison; and whether the draws say otherwise."""
    several = len(verdict.comparisons) > 1
    found = []
    for c in verdict.comparisons:
        if not c.draws:
            continue
        left, right = (average(c, side.mean, intervals) for side in (c.left, c.right))
        held = f"{'holds' if c.share > 0.5 else 'fails'} in {percent(max(c.share, 1 - c.share))} of draws"
        said = f"on average {left}{_offset(c.left.says)} against {right}{_offset(c.right.says)}"
        if c.at_odds:
            said = f"{held}, yet {said}"
        elif several:
            said = f"{held}, {said}"
        found.append((f"{c.says}: {said}" if several else said, c.at_odds))
    return found


def _offset(says: str) -> str:
    """What is compared, where a side is a number asked of the game and something is added to it or taken from it."""
    return f" ({says})" if _OFFSET.search(says) else ""


def smaller(changes: Sequence[Moved], shown: int) -> str:
    """How a list of the largest changes of assumptions ends where there are more than are shown."""
    return f", and smaller changes of {counted(len(changes) - shown, 'other')}" if len(changes) > shown else ""


def label(settled: Settled | None) -> str:
    """What is added to the verdict on a claim that tests nothing."""
    if settled is None:
        return ""
    return "built in" if settled.built_in else "restates inputs" if settled.restates else ""


def ground(settled: Settled | None) -> str:
    """Why a claim tests nothing, as a sentence without its end; empty for others."""
    if settled is None:
        return ""
    if settled.built_in == STRUCTURE:
        return "built in: so by the structure of the game, whatever the numbers"
    if settled.built_in:
        return f"built in: the same in {percent(settled.widened)} of draws with every range doubled"
    if settled.restates:
        alike = f"{percent(settled.alike)} of {counted(settled.tries, 'try', 'tries')}"
        return f"restates inputs: the same in {alike} with behaviour drawn at random"
    return ""
