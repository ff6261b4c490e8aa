"""Scores of whole records: over the days that a forecast stood, and over the groups in which outcomes are ordered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detente.analyse.evidence.rules import by_day, ranked, skill
from detente.analyse.evidence.score import FORECAST, UPDATED, Score, reference
from detente.display import Displayed
from detente.model.schema import Model

SEVERAL = 2
CONSTANT = ("base_rate", "argument", "coin")  # references that say one thing on all days


@dataclass(frozen=True)
class Average(Displayed):
    """Several dated forecasts of one question by one forecaster, averaged over the days.

    Each forecast stands until the next, from the first of them to `until`: the day before the event happened, or
    the deadline. `days`: how many these are; `forecasts`: how many were made. `skill` as for a single forecast, against
    what said one thing on all days. Averages over unlike days are not compared. `built_later`: days before the as-of
    date of this model are among them.
    """

    who: str
    event: str
    deadline: dt.date | None
    since: dt.date
    until: dt.date
    days: int
    forecasts: int
    brier: float
    log: float
    skill: Mapping[str, float | None]
    converted: bool = False
    built_later: bool = False


@dataclass(frozen=True)
class Ranked(Displayed):
    """This model's forecast of the groups of outcomes, in the order of the case, as of a day: `score` is the ranked
    probability score, and `skill` that against equally likely groups."""

    who: str
    date: dt.date | None
    groups: Mapping[str, float]
    came: str
    score: float
    skill: float | None


def averages(model: Model, rows: Sequence[Score]) -> list[Average]:
    """The record of everybody who has several forecasts of one question that is decided, in the order of the rows."""
    found, what = [], model.happened
    series: dict[tuple[object, ...], list[Score]] = {}
    for row in rows:
        if row.kind in (FORECAST, UPDATED) and row.date is not None and row.came is not None:
            series.setdefault((row.who, row.converted, row.question), []).append(row)
    for mine in series.values():
        one, came = mine[0], bool(mine[0].came)
        ended = what.date - dt.timedelta(days=1) if what and what.date else None
        last = (ended or one.deadline) if came else (one.deadline or ended)
        if len(mine) < SEVERAL or last is None or one.date is None:
            continue
        scored = by_day([(r.date, r.p) for r in mine if r.date is not None and r.p is not None], last, came)
        if scored is None:
            continue
        beside = [row for row in rows if row.question == one.question]
        skills: dict[str, float | None] = {}
        for name in CONSTANT:
            p = reference(beside, name, None)
            skills[name] = None if p is None else skill(scored[0], (p - came) ** 2)
        found.append(Average(
            one.who, one.event, one.deadline, one.date, last, scored[2], len(mine), scored[0], scored[1], skills,
            one.converted, one.built_later,
        ))  # fmt: skip
    return found


def ranking(model: Model, forecasts: Sequence[tuple[str, dt.date | None, Mapping[str, float]]]) -> list[Ranked]:
    """The ranked probability score of forecasts of the groups (whose, as of when, the probability of each), where the
    case has two groups at least and knows what happened."""
    what, names = model.happened, [name for name, members in model.groups.items() if members]
    where = [k for k, name in enumerate(names) if what and what.outcome in model.groups[name]]
    if len(names) < SEVERAL or not where:
        return []
    level = ranked([1 / len(names)] * len(names), where[0])
    found = []
    for who, date, groups in forecasts:
        score = ranked([groups[name] for name in names], where[0])
        found.append(Ranked(who, date, {n: groups[n] for n in names}, names[where[0]], score, skill(score, level)))
    return found
