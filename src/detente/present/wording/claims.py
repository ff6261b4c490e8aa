"""Verdicts on claims in words: the share of draws beside the means of both sides."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Comparison, Verdict
from detente.analyse.forecast.settled import STRUCTURE, Settled
from detente.present.wording.numbers import number, percent


def average(c: Comparison, f: Finding) -> str:
    """The mean of a side of a comparison with its 90% interval over the draws, as probabilities where they are."""
    shares = c.probabilities and min(f.low, f.value) >= 0 and max(f.high, f.value) <= 1
    value, low, high = (percent(x) if shares else number(x) for x in (f.value, f.low, f.high))
    return value if low == high else f"{value} ({low} to {high})"


def means(verdict: Verdict) -> Sequence[tuple[str, bool]]:
    """What the means of the sides of a claim say, a line for each comparison; and whether the draws say otherwise."""
    several = len(verdict.comparisons) > 1
    found = []
    for c in verdict.comparisons:
        if not c.draws:
            continue
        left, right = average(c, c.left.mean), average(c, c.right.mean)
        held = f"{'holds' if c.share > 0.5 else 'fails'} in {percent(max(c.share, 1 - c.share))} of draws"
        said = f"on average {left} against {right}"
        if c.at_odds:
            said = f"{held}, yet {said}"
        elif several:
            said = f"{held}, {said}"
        found.append((f"{c.says}: {said}" if several else said, c.at_odds))
    return found


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
        return f"restates inputs: the same in {percent(settled.alike)} of draws whatever anybody does"
    return ""
