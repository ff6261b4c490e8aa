"""Scores: how others' forecasts did, and how this model's probability of the same did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Unpack

from detente.analyse.evidence.averages import Average, Ranked, averages, ranking
from detente.analyse.evidence.known import Record
from detente.analyse.evidence.outside import asked_of, by_deadline, deadline_of, outside, squeezed
from detente.analyse.evidence.rules import BRIER, LOG, RANKED, SKILL
from detente.analyse.evidence.score import NAMES, PRIOR, UPDATED, Score, compared, own_events
from detente.analyse.evidence.updating import AsKnown
from detente.arrays import Floats
from detente.display import Displayed
from detente.errors import QuestionError
from detente.model.ask import read_question
from detente.model.fields import Formula
from detente.model.record import Answer, Evidence
from detente.model.schema import Model
from detente.study.memo.findings import once
from detente.study.questions.update import update
from detente.study.registry import question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import How, Settings
from detente.study.study import Study


@dataclass(frozen=True)
class Scores(Displayed):
    """Forecasts and how they did, by question (an event and its deadline), this model's own question first.

    `averages`: over the days that forecasts stood; `ranked`: of this model's forecast of the groups of outcomes.
    `deadline`: of this model's own question. `unread`: why this model was not updated on the evidence, where it has
    some.
    """

    as_of: dt.date | None
    deadline: dt.date | None
    happened: dt.date | None
    forecasts: Sequence[Score]
    averages: Sequence[Average]
    ranked: Sequence[Ranked]
    unread: str
    references: Sequence[str]


@question("score", topic="evidence", draws=DRAWS, of_study=True, without=("as_of",), dossier=False)
def score(case: Asked, **settings: Unpack[Settings]) -> Scores:
    """Score forecasts: this model's before and after the evidence, others', base rates, and a coin toss.

    Each has an event, a deadline and an as-of date; only those of the same event and deadline are compared, and shares
    of people asked are not scored. Brier and log scores where what happened is known, skill against base rates,
    forecasts of the day, the argument's own call and a coin; averages over the days; the ranked probability score of
    groups of outcomes. Raises ModelError, and QuestionError where there is nothing to score.
    """
    study = study_of(case, settings)
    model = study.model
    if model._updated is not None:
        raise QuestionError("scores follow the evidence by themselves: leave the day (`as_of`, `--as-of`) out")
    if not model.forecasts and not model.base_rates and not asked_of(model):
        raise QuestionError("this model lists no forecasts of others, and no `answer:` to score; write `forecasts:`")
    how = replace(study.how, draws=study.n)
    known: dict[str, dict[dt.date, tuple[float, float, float]]] = {}
    groups: list[tuple[str, dt.date | None, dict[str, float]]] = []
    unread = ""
    days = _days(model)
    try:
        for event in own_events(model) if days else ():
            told = as_known(model, event, days, how)
            known[event] = {day: (b.mean, b.low, b.high) for day, one in told.items() if (b := one.answer)}
            if event == asked_of(model):
                groups = [
                    (NAMES[UPDATED], day, {n: b.mean for n, b in one.groups.items()}) for day, one in told.items()
                ]
    except QuestionError as error:
        unread = str(error)
    rows = compared(model, partial(_asked, study), known)
    prior = {n: f.value for n, f in study.answer.groups.items()} if study.answer else {}
    of_groups = ranking(model, [(NAMES[PRIOR], model.as_of, prior), *groups[-1:]]) if prior else []
    references = (BRIER, LOG, SKILL, *([RANKED] if of_groups else []))
    happened = model.happened.date if model.happened else None
    listed = {squeezed(event): {*within(model, _told(model, event)), *days[-1:]} for event in own_events(model)}
    shown = [row for row in rows if row.kind != UPDATED or row.date in listed[squeezed(row.like)]]
    return Scores(
        model.as_of, deadline_of(model), happened, shown, averages(model, rows), of_groups, unread, references
    )  # fmt: skip


def _asked(study: Study, text: str) -> Floats:
    """[n] the answer to a question in each draw, which is kept: what happened is read off all draws."""
    return once(study.ready, Floats, partial(study.ask, text), "asked", text)


def _told(model: Model, event: str | None = None) -> set[dt.date]:
    """The days of others' forecasts, and the as-of date; where an event is given of those that are compared with it."""
    mine = deadline_of(model)
    found = {
        s.date for s in outside(model)
        if s.date and (event is None or (squeezed(s.like) == squeezed(event) and by_deadline(s, mine) is not None))
    }  # fmt: skip
    return found | ({model.as_of} if model.as_of else set())


def _days(model: Model) -> list[dt.date]:
    """The days as of which this model is asked: those of others' forecasts, its as-of date, those of evidence, and the
    first of each slice, on which it is known that the crisis went on."""
    evidence = {item.day for item in Record(model).items}
    return within(model, _told(model) | evidence | _begin(model))


def _begin(model: Model) -> set[dt.date]:
    """The first days of the slices of a model whose periods have dates."""
    periods = model.periods
    if periods.until is None:
        return set()
    days = [periods.begins(0) + dt.timedelta(days=k) for k in range((periods.until - periods.begins(0)).days)]
    steps = [periods.moment(day)[0] for day in days]
    return {day for day, step, before in zip(days, steps, [-1, *steps], strict=False) if step != before}


def within(model: Model, days: Iterable[dt.date]) -> list[dt.date]:
    """Those days, in order, on which a model can be asked what it forecasts given the evidence by then: from the first
    evidence that bears on it to its deadline, before what happened. Of an open question none that lies ahead of what
    is known: that nothing had come to pass by then would be a guess."""
    evidence = [item.day for item in Record(model).items]
    if not evidence:
        return []
    ended, deadline, last = model.happened.date if model.happened else None, deadline_of(model), known_until(model)
    return sorted(
        d for d in days
        if d >= min(evidence) and (ended is None or d < ended) and (deadline is None or d <= deadline)
        and (last is None or d <= last)
    )  # fmt: skip


def known_until(model: Model) -> dt.date | None:
    """The last day of which an open question knows anything: its own, or that of its last evidence or forecast of
    others. Missing where it is decided, and where the case has no day of its own."""
    if model.happened is not None or model.as_of is None:
        return None
    return max(model.as_of, *(item.day for item in Record(model).items), *_told(model))


def as_known(model: Model, event: str, days: Sequence[dt.date], how: How) -> Mapping[dt.date, AsKnown]:
    """What a model forecasts as known on each of some days (`within`), with an event as its answer.

    Raises QuestionError where the evidence cannot be, in this model.
    """
    text = f"P({event})"
    asks = Formula(text, read_question(model, text))
    answer = Answer.model_construct(**{**dict(model.answer or {}), "asks": asks})
    looked = tuple(Evidence.model_validate({"date": day, "fact": "what is known on this day"}) for day in days)
    asked = model.model_copy(update={"answer": answer, "evidence": (*model.evidence, *looked)})
    told = {one.date: one for one in update(asked, until=max(days), how=how).dates}
    return {day: told[day] for day in days if day in told}
