"""The record: all cases whose outcome is known, scored as of fixed days, beside base rates, experts of the day and a
model that knows nothing of what anybody wants."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Unpack

import numpy as np

from detente.analyse.evidence.calibration import AREA, RELIABILITY
from detente.analyse.evidence.outside import asked_of, deadline_of, squeezed
from detente.analyse.evidence.rules import BRIER, LOG, brier
from detente.analyse.evidence.score import (
    PRIOR,
    Key,
    Score,
    compared,
    judged,
    reference,
    standing,
)
from detente.analyse.evidence.track_record import Dated, Said, TrackRecord, Variant, by_lead, by_precision, summed
from detente.draws.recut import sharp
from detente.errors import QuestionError
from detente.model.catalogue import library
from detente.model.load import changed, load
from detente.model.schema import DEFAULT_PRECISION, Model
from detente.study.memo.findings import once
from detente.study.questions.score import as_known, known_until, within
from detente.study.run import run
from detente.study.settings import Case, How, Settings
from detente.study.study import Study

DRAWS = 1000
LEADS = (30, 14, 7, 1)
TIMES = (0.5, 1.0, 2.0)
_EXTENDS = re.compile(r"^extends:\s*['\"]?([\w./-]+)", re.MULTILINE)
_HAPPENED = re.compile(r"^happened:(?!\s*remove\b)", re.MULTILINE)


def record(
    cases: Sequence[Case] = (), *, leads: Sequence[int] = LEADS, sensitivity: bool = False, **settings: Unpack[Settings]
) -> TrackRecord:
    """Score cases at fixed lead times, beside base rates, experts of the day and an uninformed model.

    `cases`: by default those of the library that are about a crisis and say what answers their question, one for each
    crisis: of cases that extend another and do not say themselves what happened, or whose name begins with that of
    another, the shortest name counts and the rest are variants. `leads`: days before what happened, or before the
    deadline. `sensitivity`: whether precision is varied and variants are solved as well, which takes several times as
    long. Settings as of any question. Raises ModelError, and QuestionError where there is no case.
    """
    how = How.of(settings)
    watch = how.progress
    how = replace(how, draws=how.draws or DRAWS, progress=None)
    if how.as_of is not None:
        raise QuestionError("the record follows the evidence by itself, and takes no as_of")
    if any(days < 0 for days in leads):
        raise QuestionError("lead times are days before what happened, from 0")
    names, variants, left_out = (list(cases), {}, {}) if cases else _of_library()
    rows: list[Dated] = []
    precision: list[tuple[float, float]] = []
    told: list[Variant] = []
    for done, case in enumerate(names):
        if watch:
            watch(done, len(names))
        model = how.model(case)
        if why := _unfit(model):
            left_out[_name(case, model)] = why
            continue
        mine, sharper = _case(model, _name(case, model), sorted({*leads}, reverse=True), how, sensitivity)
        rows += mine
        precision += sharper
        for other in variants.get(str(case), ()) if sensitivity else ():
            told += _variant(other, mine, (squeezed(asked_of(model)), deadline_of(model)), how, left_out)
    if watch:
        watch(len(names), len(names))
    if not rows:
        raise QuestionError(_nothing(left_out))
    rows.sort(key=lambda row: (_first(rows, row.case), row.case, row.lead_days is None, -(row.lead_days or 0)))
    own = [row for row in rows if row.fixed is None]
    summary = summed(own)
    references = (BRIER, LOG, *([RELIABILITY] if summary.n else []), *([AREA] if summary.discrimination else []))
    return TrackRecord(
        how.draws or 0, how.seed, rows, summary, by_lead(rows, leads), by_precision(precision), told,
        [row.case for row in own if row.happened is None], left_out, references,
    )  # fmt: skip


def _of_library() -> tuple[list[Case], dict[str, list[str]], dict[str, str]]:
    """The cases of the library, one for each crisis, and its variants."""
    texts = library()
    roots = {slug: _root(slug, texts) for slug in texts}
    names: list[Case] = [slug for slug in texts if roots[slug] == slug]
    return names, {str(n): [s for s in texts if roots[s] == n and s != n] for n in names}, {}


def _root(slug: str, texts: Mapping[str, str]) -> str:
    """The case that stands for the crisis that a case is about: what it extends, unless it says itself what happened
    and so is about another crisis; and of names that begin alike the shortest."""
    own = _HAPPENED.search(texts[slug])
    if not own and (found := _EXTENDS.search(texts[slug])) and found[1] in texts and found[1] != slug:
        return _root(found[1], texts)
    return min((other for other in texts if slug == other or slug.startswith(f"{other}-")), key=len)


def _name(case: Case, model: Model) -> str:
    return model.name or str(case)


def _unfit(model: Model) -> str:
    """Why a case cannot be used in the record; nothing where it can."""
    if model.answer is None:
        return "it has no `answer:`"
    if not asked_of(model):
        return f"its answer, {model.answer.asks.text}, is not the probability of an event"
    if model.happened is None and deadline_of(model) is None:
        return "it is about no dated crisis (no `happened:`, no deadline)"
    return ""


def _nothing(left_out: Mapping[str, str]) -> str:
    return "\n".join(["there is no case to score", *(f"    {case}: {why}" for case, why in left_out.items())])


def _first(rows: Sequence[Dated], case: str) -> dt.date:
    return min((row.as_of for row in rows if row.case == case and row.as_of), default=dt.date.max)


@dataclass(frozen=True)
class _Band:
    p: float
    low: float
    high: float


def _forecasts(model: Model, days: Sequence[dt.date], how: How) -> dict[dt.date | None, _Band]:
    """What a model gives its event as known on some days, and (under None) before any evidence."""
    answer = run(model, how=how).answer
    if answer is None:
        raise QuestionError("this case does not say what answers its question")
    found: dict[dt.date | None, _Band] = {None: _Band(answer.mean, answer.low, answer.high)}
    if known := within(model, days):
        for day, one in as_known(model, asked_of(model), known, how).items():
            if one.answer is not None:
                found[day] = _Band(one.answer.mean, one.answer.low, one.answer.high)
    return found


def _case(
    model: Model, name: str, leads: Sequence[int], how: How, sensitivity: bool
) -> tuple[list[Dated], list[tuple[float, float]]]:
    """A case on each day, and (times, Brier) as its precision is varied."""
    ended = model.happened.date if model.happened else None
    end = ended or deadline_of(model)
    asked: dict[int | None, dt.date | None] = {}
    if end is not None:
        asked |= {lead: end - dt.timedelta(days=lead) for lead in leads}
    asked[None] = model.as_of
    days = [day for day in asked.values() if day is not None]
    given = _forecasts(model, days, how)
    blind = _forecasts(sharp(model, 0.0), days, how)
    study = run(model, how=how)
    said = once(study.ready, list[Score], partial(_said, model, study), "record.said")
    mine = next(row for row in said if row.kind == PRIOR and row.like == asked_of(model))
    beside = [row for row in said if row.question == mine.question]
    made, last = [], known_until(model)
    for fixed, day in asked.items():
        known = day if day in given else None
        early = day is not None and model.as_of is not None and day < model.as_of
        if fixed is not None and day is not None and last is not None and day > last:
            continue  # the question is open, and that day lies ahead
        if fixed is not None and known is None and (early or model.as_of is None):
            continue  # the case was not built by then, and nothing was seen
        band = given[known]
        others = [Said(row.who, row.date, row.p) for row in standing(beside, day) if row.p is not None]
        lead = None if end is None or day is None else (end - day).days
        rate = reference(beside, "base_rate", day)
        made.append(Dated(
            name, mine.event, mine.deadline, fixed, day, lead, known is not None, band.p, band.low, band.high,
            mine.came, *judged(band.p, mine.came), rate, blind[known].p, others, early,
        ))  # fmt: skip
    sharper = []
    if sensitivity and mine.came is not None:
        for times in TIMES:
            band = _as_of(_sharpened(model, times, how), how)
            sharper.append((times, brier(band.p, mine.came)))
    return made, sharper


def _said(model: Model, study: Study) -> list[Score]:
    """What others, base rates and this model said before any evidence, and how it did; without sources."""
    return [replace(row, source=()) for row in compared(model, study.ask, {})]


def _as_of(model: Model, how: How) -> _Band:
    """What a model gives its event as of its own day."""
    found = _forecasts(model, [model.as_of] if model.as_of else [], how)
    return found.get(model.as_of, found[None])


def _sharpened(model: Model, times: float, how: How) -> Model:
    """The model in which each precision is its median times so much, in every draw."""
    names = [name for name, quantity in model.quantities.items() if quantity.role]
    if not names or any(model.precision_of(actor) is None for actor in model.actors):
        return sharp(model, DEFAULT_PRECISION * times)
    truth = run(model, how=how).draws.truth
    return changed(model, {name: float(np.median(truth[name])) * times for name in names})


def _variant(slug: str, of: Sequence[Dated], question: Key, how: How, left_out: dict[str, str]) -> list[Variant]:
    """Another model of the crisis of a case."""
    model = load(slug)
    if why := _unfit(model):
        left_out[slug] = why
        return []
    band, row = _as_of(model, how), next(row for row in of if row.fixed is None)
    event = model.answer.says or asked_of(model) if model.answer else ""
    same = (squeezed(asked_of(model)), deadline_of(model)) == question
    score = brier(band.p, row.happened) if same and row.happened is not None else None
    return [Variant(slug, row.case, event, model.as_of, band.p, band.low, band.high, score, same)]
