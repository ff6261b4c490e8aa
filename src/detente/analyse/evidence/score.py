"""How the forecasts did, others' and this model's, on what happened.

A forecast speaks of an event by a deadline as of a day. Two are of one question where the case says that they are
nearest to the same event of the model (`like`; else where they have the same words) and their deadlines are the same;
only these are compared. A forecast can be judged where the model knows whether its event was part of what happened: it
was if it has probability 1, given the outcome that happened, in every draw; and it was not by a deadline that had
passed before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from detente.analyse.evidence.outside import Outside, asked_of, by_deadline, deadline_of, outside, squeezed
from detente.analyse.evidence.rules import COIN, brier, skill, surprise
from detente.analyse.finding import Finding
from detente.arrays import Floats
from detente.display import Displayed
from detente.model.fields import Citation
from detente.model.schema import Model

SURE = 1e-6
FORECAST, SHARE, RATE, PRIOR, UPDATED, TOSS = "forecast", "share", "base rate", "prior", "updated", "coin"
OURS = (PRIOR, UPDATED)
NAMES = {PRIOR: "This model, before any evidence", UPDATED: "This model, as updated", TOSS: "A coin"}
REFERENCES = ("base_rate", "others", "argument", "coin")
Key = tuple[str, dt.date | None]


@dataclass(frozen=True)
class Score(Displayed):
    """A forecast and how it did.

    `kind`: `forecast`, `share` (of those asked, no probability and never scored: `share` in place of `p`), `base rate`,
    `prior` and `updated` (this model's own, with `low` and `high` over its draws), or `coin`. `converted`: from another
    deadline, by the hazard that the case states. `brier` and `log` are missing where what happened is not known.
    `skill`: 1 - its Brier score over that of each reference of the same event and deadline, null where there is none:
    the base rates (of several the mean), what others said that stood on that day (their mean), the argument's own call,
    a coin. `came`: whether the event happened by the deadline.
    `ours`: of others' forecasts, this model's probability of the nearest event (`like`) within its own time, before any
    evidence. `later`: others', than the as-of date of the model; `built_later`: this model's own, of a day before that
    date. `date`: of a base rate, the as-of date.
    """

    who: str
    date: dt.date | None
    event: str
    deadline: dt.date | None
    p: float | None
    brier: float | None
    log: float | None
    came: bool | None
    kind: str = FORECAST
    skill: Mapping[str, float | None] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    share: float | None = None
    argument: bool = False
    converted: bool = False
    later: bool = False
    like: str = ""
    ours: Finding | None = None
    ours_brier: float | None = None
    ours_log: float | None = None
    ours_came: bool | None = None
    source: tuple[Citation, ...] = ()
    built_later: bool = False

    @property
    def question(self) -> Key:
        """What is forecast, and by when: only forecasts that agree in both are compared."""
        return squeezed(self.like) or self.event, self.deadline

    @property
    def base_rate(self) -> bool:
        """Whether it counts like cases, and foresees none."""
        return self.kind == RATE


Ask = Callable[[str], Floats]
"""The answer to a question in the language of claims, [n] by draw."""
Known = Mapping[str, Mapping[dt.date, tuple[float, float, float]]]
"""By event, what this model gave it as known on some days: mean, and the bounds of 90% of the draws."""


def scores(model: Model, ask: Ask) -> list[Score]:
    """What others said and the base rates, in the order of their dates, each beside this model's nearest event."""
    judge = _Judge(model, ask)
    found = [judge.said(said) for said in outside(model)]
    found += [
        Score(
            f.who, f.date, f.event, f.deadline, None, None, None, None, SHARE, share=f.share,
            later=bool(model.as_of and f.date > model.as_of), like=f.like.text if f.like else "", source=f.source,
        )
        for f in model.forecasts if f.share is not None
    ]  # fmt: skip
    return sorted(found, key=lambda s: s.date or dt.date.min)


def own_events(model: Model) -> list[str]:
    """The events of the model that its own forecasts are scored on: what answers the case, and those of which somebody
    else spoke by the same deadline, or with a stated hazard."""
    own = deadline_of(model)
    likes = [asked_of(model), *(said.like for said in outside(model) if by_deadline(said, own) is not None)]
    return list({squeezed(like): like for like in reversed(likes) if like}.values())[::-1]


def compared(model: Model, ask: Ask, known: Known) -> list[Score]:
    """All forecasts of all questions: others', base rates, this model's and a coin's, with skill against each other.

    By question, this model's own first; within each what this model gave before any evidence, then in the order of
    dates. A coin stands where it can be judged.
    """
    judge, rows = _Judge(model, ask), scores(model, ask)
    rows += [made for said in outside(model) if (made := judge.converted(said)) is not None]
    for event in own_events(model):
        rows += judge.own(event, known.get(event, {}))
    keys = list(dict.fromkeys(row.question for row in rows))
    own = squeezed(asked_of(model)), deadline_of(model)
    keys.sort(key=lambda key: (key != own, -sum(row.question == key for row in rows)))
    found = []
    for key in keys:
        mine = sorted((row for row in rows if row.question == key), key=_place)
        if (told := next((row for row in mine if row.came is not None), None)) is not None:
            mine.append(_toss(told))
        found += [replace(row, skill=_skills(row, mine)) for row in mine]
    return found


def _place(row: Score) -> tuple[bool, dt.date, bool]:
    return row.kind != PRIOR, row.date or dt.date.min, row.kind == UPDATED


class _Judge:
    """What happened of the events of a model, and what it gave each."""

    def __init__(self, model: Model, ask: Ask) -> None:
        self.model, self.ask = model, ask
        self.deadline = deadline_of(model)
        self._asked: dict[str, tuple[Finding, bool | None]] = {}

    def event(self, like: str) -> tuple[Finding | None, bool | None]:
        """This model's probability of an event, and whether it happened within the time of the model."""
        if not like:
            return None, None
        if like not in self._asked:
            self._asked[like] = Finding.of(like, self.ask(f"P({like})")), came(self.model, self.ask, like)
        return self._asked[like]

    def in_time(self, happened: bool | None, deadline: dt.date | None) -> bool | None:
        """Whether what happened did so by a deadline."""
        what = self.model.happened
        return False if happened and deadline and what and what.date and what.date > deadline else happened

    def said(self, said: Outside) -> Score:
        """What somebody else said. A base rate without a deadline is of the time of the model."""
        ours, happened = self.event(said.like)
        deadline = said.deadline or (self.deadline if said.base_rate else None)
        in_time = self.in_time(happened, deadline)
        return Score(
            said.who, said.date, said.event, deadline, said.p, *judged(said.p, in_time), in_time,
            RATE if said.base_rate else FORECAST, argument=said.argument, later=said.later, like=said.like, ours=ours,
            ours_brier=judged(ours.value if ours else None, happened)[0],
            ours_log=judged(ours.value if ours else None, happened)[1], ours_came=happened, source=said.source,
        )  # fmt: skip

    def converted(self, said: Outside) -> Score | None:
        """A forecast with a stated hazard, by the deadline of this model; None where there is nothing to convert."""
        made = by_deadline(said, self.deadline)
        if made is None or made is said:
            return None
        in_time = self.in_time(self.event(said.like)[1], made.deadline)
        scored = judged(made.p, in_time)
        return replace(
            self.said(said), p=made.p, deadline=made.deadline, brier=scored[0], log=scored[1], came=in_time,
            converted=True,
        )  # fmt: skip

    def own(self, event: str, known: Mapping[dt.date, tuple[float, float, float]]) -> list[Score]:
        """This model's own forecasts of an event: before any evidence, and as known on some days."""
        model = self.model
        ours, happened = self.event(event)
        assert ours is not None
        in_time = self.in_time(happened, self.deadline)
        says = model.answer.says if model.answer and squeezed(event) == squeezed(asked_of(model)) else ""
        made = [(PRIOR, model.as_of, ours.value, ours.low, ours.high)]
        made += [(UPDATED, day, *band) for day, band in sorted(known.items())]
        return [
            Score(
                NAMES[kind], day, says or event, self.deadline, p, *judged(p, in_time), in_time, kind, low=low,
                high=high, like=event, built_later=bool(day and model.as_of and day < model.as_of),
            )
            for kind, day, p, low, high in made if not np.isnan(p)
        ]  # fmt: skip


def _toss(row: Score) -> Score:
    """A coin's forecast of the question that a forecast is of."""
    scored = judged(COIN, row.came)
    return Score(NAMES[TOSS], None, row.event, row.deadline, COIN, *scored, row.came, TOSS, like=row.like)


def standing(rows: Iterable[Score], day: dt.date | None, but: str = "") -> list[Score]:
    """Others' forecasts that stood on a day, of each forecaster the last; the argument's own call is none of them."""
    found: dict[str, Score] = {}
    for row in sorted((r for r in rows if r.kind == FORECAST and r.date), key=lambda r: r.date or dt.date.min):
        if day is not None and row.date is not None and row.date <= day and not row.argument and row.who != but:
            found[row.who] = row
    return list(found.values())


def reference(rows: Sequence[Score], name: str, day: dt.date | None, but: str = "") -> float | None:
    """The probability that a reference gave to the question that some forecasts are of; None where there is none."""
    if name == "coin":
        return COIN
    chosen = (
        standing(rows, day, but) if name == "others"
        else [r for r in rows if (r.kind == RATE if name == "base_rate" else r.argument)]
    )  # fmt: skip
    given = [r.p for r in chosen if r.p is not None]
    return float(np.mean(given)) if given else None


def _skills(row: Score, rows: Sequence[Score]) -> dict[str, float | None]:
    """The skill of a forecast against each reference of its question; none against itself."""
    if row.kind == SHARE:
        return {}
    itself = {RATE: "base_rate", TOSS: "coin"}.get(row.kind, "argument" if row.argument else "")
    found: dict[str, float | None] = {}
    for name in REFERENCES:
        p = None if name == itself else reference(rows, name, row.date, row.who)
        found[name] = None if p is None or row.came is None else skill(row.brier, brier(p, row.came))
    return found


def judged(p: float | None, came: bool | None) -> tuple[float | None, float | None]:
    """The Brier and the log score, where both the probability and what happened are known."""
    return (None, None) if p is None or came is None else (brier(p, came), surprise(p, came))


def came(model: Model, ask: Ask, event: str) -> bool | None:
    """Whether an event of the model was part of what happened, as far as the outcome tells."""
    what = model.happened
    if what is None or not what.outcome:
        return None
    given = ask(f"P({event} given outcome is {what.outcome})")
    given = given[~np.isnan(given)]
    if not len(given):
        return None
    if float(given.min()) > 1 - SURE:
        return True
    return False if float(given.max()) < SURE else None
