"""The record of many cases: what was forecast of each as of which day, and what it comes to.

A case counts once in a summary, however many days it is asked about: days of one crisis are no independent cases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.evidence.calibration import (
    SMALL,
    Area,
    Bin,
    Difference,
    calibration,
    discrimination,
    needed,
    paired,
    spread,
    told_apart,
)
from detente.analyse.evidence.rules import COIN, brier
from detente.display import Displayed


@dataclass(frozen=True)
class Said(Displayed):
    """What somebody else gave the same event by the same deadline, the last that stood on the day."""

    who: str
    date: dt.date | None
    p: float


@dataclass(frozen=True)
class Dated(Displayed):
    """The forecast of a case as known on a day, `lead_days` before what happened (or the deadline), and how it did.

    `fixed`: the lead time that was asked for; missing for the day at which the case stands itself, on which it counts
    in the summary. `evidence`: whether evidence was known by then; else it is the forecast before any. `p`, `low`,
    `high`: the mean and 90% of the draws. `base_rate`: of the same event and deadline, of several the mean.
    `uninformed`: the same model, as known on the same day, if all moves that are there are equally likely. `happened`
    is missing where the case does not say it: the question is registered and has no score. `built_later`: the ranges
    and the structure of the case are of a later day than this.
    """

    case: str
    event: str
    deadline: dt.date | None
    fixed: int | None
    as_of: dt.date | None
    lead_days: int | None
    evidence: bool
    p: float
    low: float
    high: float
    happened: bool | None
    brier: float | None
    log: float | None
    base_rate: float | None
    uninformed: float
    others: Sequence[Said]
    built_later: bool


@dataclass(frozen=True)
class LeftOut(Displayed):
    """The mean Brier score without a case."""

    case: str
    brier: float


@dataclass(frozen=True)
class Lead(Displayed):
    """The scores of the cases of which something was known so many days before the end."""

    days: int
    n: int
    brier: float
    uninformed_brier: float
    base_rate_brier: float | None
    base_rates: int


@dataclass(frozen=True)
class Sharper(Displayed):
    """The scores as of each case's own day where everybody's precision is its median times so much, always."""

    times: float
    n: int
    brier: float


@dataclass(frozen=True)
class Variant(Displayed):
    """Another model of the same crisis, as of its own day; it counts in no summary. `same`: of the same event and
    deadline, so that the difference is one of structure."""

    case: str
    of: str
    event: str
    as_of: dt.date | None
    p: float
    low: float
    high: float
    brier: float | None
    same: bool


@dataclass(frozen=True)
class Summary(Displayed):
    """The record in numbers, over the n cases whose outcome is known, each as of its own day.

    `against`: paired differences of Brier scores with each reference, over the cases that have it. `spread`: the
    standard deviation of paired differences (with the uninformed model; of fewer than five cases 0.2, which is that of
    forecasts 20 points apart); by it the n cases tell a difference of `told_apart` (one case none), and it takes
    `needed` cases to tell one of 0.05.
    """

    n: int
    happened: int
    brier: float | None
    log: float | None
    base_rate_brier: float | None
    uninformed_brier: float | None
    others_brier: float | None
    against: Mapping[str, Difference]
    calibration: Sequence[Bin]
    discrimination: Area | None
    spread: float
    told_apart: float | None
    needed: int
    without: Sequence[LeftOut]


@dataclass(frozen=True)
class TrackRecord(Displayed):
    """The record. `registered`: cases whose question is open, without a score; `left_out`: cases and why."""

    draws: int
    seed: int
    cases: Sequence[Dated]
    summary: Summary
    leads: Sequence[Lead]
    precision: Sequence[Sharper]
    variants: Sequence[Variant]
    registered: Sequence[str]
    left_out: Mapping[str, str]
    references: Sequence[str]


def summed(rows: Sequence[Dated]) -> Summary:
    """The record of cases, each as of one day."""
    known = [row for row in rows if row.happened is not None and row.brier is not None]
    p, came = [row.p for row in known], [bool(row.happened) for row in known]
    ours = {row.case: row.brier or 0.0 for row in known}
    references: dict[str, dict[str, float | None]] = {
        "base_rate": {r.case: r.base_rate for r in known}, "uninformed": {r.case: r.uninformed for r in known},
        "others": {r.case: float(np.mean([s.p for s in r.others])) if r.others else None for r in known},
        "coin": {r.case: COIN for r in known},
    }  # fmt: skip
    happened = {row.case: bool(row.happened) for row in known}
    against = {}
    for name, given in references.items():
        scored = {case: brier(q, happened[case]) for case, q in given.items() if q is not None}
        if found := paired([ours[case] for case in scored], list(scored.values())):
            against[name] = found
    gap = spread(list(ours.values()), [brier(r.uninformed, bool(r.happened)) for r in known])
    n = len(known)
    mean = {name: found.theirs for name, found in against.items()}
    without = [
        LeftOut(case, float(np.mean([b for other, b in ours.items() if other != case]))) for case in ours if n > 1
    ]
    return Summary(
        n, sum(came), float(np.mean(list(ours.values()))) if n else None,
        float(np.mean([row.log for row in known])) if n else None, mean.get("base_rate"), mean.get("uninformed"),
        mean.get("others"), against, calibration(p, came), discrimination(p, came), gap,
        told_apart(n, gap) if n > 1 else None, needed(SMALL, gap), without,
    )  # fmt: skip


def by_lead(rows: Sequence[Dated], leads: Sequence[int]) -> list[Lead]:
    """The scores of decided cases so many days before the end."""
    found = []
    for days in sorted({*leads}, reverse=True):
        mine = [row for row in rows if row.fixed == days and row.brier is not None]
        if not mine:
            continue
        came = [bool(row.happened) for row in mine]
        rated = [brier(row.base_rate, bool(row.happened)) for row in mine if row.base_rate is not None]
        found.append(Lead(
            days, len(mine), float(np.mean([row.brier for row in mine])),
            float(np.mean([brier(row.uninformed, c) for row, c in zip(mine, came, strict=True)])),
            float(np.mean(rated)) if rated else None, len(rated),
        ))  # fmt: skip
    return found


def by_precision(found: Sequence[tuple[float, float]]) -> list[Sharper]:
    """The mean scores of (times, Brier) of cases, by how many times the median precision is."""
    by = {times: [score for t, score in found if t == times] for times in dict.fromkeys(t for t, _ in found)}
    return [Sharper(times, len(mine), float(np.mean(mine))) for times, mine in by.items()]
