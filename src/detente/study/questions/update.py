"""Updating: the forecast as evidence came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Unpack

import numpy as np

from detente.analyse.evidence.cloud import Cloud
from detente.analyse.evidence.known import Item, Known
from detente.analyse.evidence.outside import Outside, by_deadline, deadline_of, outside
from detente.analyse.evidence.updating import AsKnown, Band, Left, Pull, Reader, Sign, Told, possible
from detente.display import Displayed
from detente.errors import QuestionError
from detente.language.expressions import Is
from detente.model.ask import read_question
from detente.model.record import Evidence
from detente.model.schema import Model
from detente.model.structural import told
from detente.study.following import Followed, read_day, there_is
from detente.study.memo.findings import Readings
from detente.study.registry import Option, question
from detente.study.run import DRAWS
from detente.study.settings import Case, How, Ready, Settings

UNTIL = Option("Up to this day, such as 2022-02-16. [default: the last day of evidence before what happened]",
               metavar="DATE")  # fmt: skip

BESIDE = Option(
    "Another case to follow on its own evidence over the same days, such as a rival argument. Repeatable.",
    metavar="CASE", flag="beside", names="cases",
)  # fmt: skip
SURE = 1e-12
LISTED = -1_000_000  # the places of the signs that the case lists begin here, and go down


@dataclass(frozen=True)
class Beside(Displayed):
    """Another case on a day: its answer to the same question, where that can be asked of it, else to its own."""

    date: dt.date | None
    asks: str
    answer: Band


@dataclass(frozen=True)
class Said(Displayed):
    """What somebody else said of an event, or how often similar events happened, and what this model gave the event
    nearest to it (`like`), as known on that day. `asked`: that is the event that the case asks about.

    `compared`: both are by one deadline; `converted`: what theirs is by the model's, where the case states a hazard.
    """

    who: str
    date: dt.date | None
    p: float
    event: str
    deadline: dt.date | None
    like: str
    asked: bool
    base_rate: bool
    ours: Band
    compared: bool
    converted: float | None = None

    @property
    def placed(self) -> float:
        """What is set beside the model's: as it was given, or converted to the deadline of the model."""
        return self.p if self.converted is None else self.converted


@dataclass(frozen=True)
class Updated(Displayed):
    """The forecast day by day, as evidence came, up to a day: nothing that is dated later was read.

    `before`: the forecast before any evidence; `dates`: as known on each day on which something came, and on the last.
    On that last day: `pulls`, what the forecast owes to each item, leaving it out, and `signs`, what may be seen next.
    `later`: how many items are dated later. `converged`: the share of draws that converged. `beside`: other cases on
    the same days, the first before any evidence (its date is null). `said`: what others said by then, and base rates.
    `unheard`: how many events and signs fall after the last period.
    """

    as_of: dt.date
    says: str
    before: AsKnown
    dates: Sequence[AsKnown]
    pulls: Sequence[Pull]
    signs: Sequence[Sign]
    later: int
    draws: int
    converged: float
    interrupted: bool = False
    beside: Mapping[str, Sequence[Beside]] = field(default_factory=dict)
    said: Sequence[Said] = ()
    unheard: int = 0


@question("update", topic="evidence", draws=DRAWS, without=("as_of",), dossier=False)
def update(
    case: Case,
    *,
    until: Annotated[dt.date | str | None, UNTIL] = None,
    beside: Annotated[Sequence[Case], BESIDE] = (),
    **settings: Unpack[Settings],
) -> Updated:
    """Update the forecast on dated evidence: day by day, what each item did, and what would change it next.

    Draws of the quantities, structures, private types and plays are weighed together by Bayes' rule: an event that was
    seen by the probability that the solved game gives it, a sign by its stated likelihood, and what was not seen by a
    day by how likely that is. Where too few draws are left effective, they are renewed (sequential Monte Carlo).
    `until`: as known on that day; nothing dated later is read. `beside`: other cases, each followed on its own evidence
    over the same days. Interrupted (Ctrl-C), it returns the days that are done,
    with `interrupted` set. Raises ModelError, and QuestionError where there is no evidence, or nothing of the model
    agrees with it.
    """
    how = How.of(settings)
    ready = how.ready(case)
    others = [how.ready(other) for other in beside]
    day = last_day(ready.model, until)
    where = Readings.of_question(ready, [r.model for r in (ready, *others)], "update", day.isoformat())
    if (known := where.get(0, ready.draws, Updated)) is not None:
        told_before: Updated = known
        return told_before
    found = Updating(ready, day).all()
    for other in others:
        found = replace(found, beside={**found.beside, other.model.name: _beside(other, found, ready.model)})
    if not found.interrupted:
        where.put(0, ready.draws, found)
    return found


def _beside(ready: Ready, found: Updated, first: Model) -> list[Beside]:
    """Another case over the same days."""
    there_is(ready.model, found.as_of)
    record = Followed(ready.model, ready.engine, ready.store, ready.draws, ready.seed)
    asks = _asked_of(ready.model, first)
    reader = Reader(record.blueprint, ready.model, ())
    rows = []
    for day in (None, *(one.date for one in found.dates)):
        if day is not None:
            record.go(day)
        values = reader.ask(record.cloud, record.known, asks)
        rows.append(Beside(day, asks, Band.of(values, record.cloud.weights(record.known))))
    return rows


def _asked_of(model: Model, first: Model) -> str:
    """What is asked of another case: the question of the first, where it can be, else its own."""
    own = model.answer.asks.text if model.answer else ""
    asks = first.answer.asks.text if first.answer else own
    try:
        read_question(model, asks)
    except QuestionError:
        asks = own
    if not asks:
        raise QuestionError(f"{model.name or 'the other case'} does not say what answers its question: add `answer:`")
    return asks


def last_day(model: Model, until: dt.date | str | None) -> dt.date:
    """The day as of which is asked. Raises QuestionError."""
    if until is not None:
        return read_day(until)
    days = sorted(item.day for item in model.evidence)
    if not days:
        raise QuestionError("this model lists no evidence; write it under `evidence:`")
    ended = min((d for d in (model.happened and model.happened.date, model.periods.until) if d), default=None)
    before = [d for d in days if ended is None or d < ended]
    return (before or days)[-1]


@dataclass(frozen=True, eq=False)
class Stop:
    """A day of a record: the forecast on it, what was known, what others said since, and the draws it is read off (the
    last of them; the others are of earlier days)."""

    found: AsKnown
    known: Known
    said: Sequence[Said]
    clouds: Sequence[Cloud]


class Updating:
    """The days of a record worked through in order, and what is asked of each.

    `kept`: keep the draws of each day, so that every one of them can be asked again (`at`, `without`), and stop also on
    the days on which a period begins, so that the forecast of any day is that of the last stop before it. Raises
    ModelError, QuestionError.
    """

    def __init__(self, ready: Ready, day: dt.date, kept: bool = False) -> None:
        self.ready, self.day, self.model, self.kept = ready, day, ready.model, kept
        there_is(self.model, day)
        self.record = Followed(self.model, ready.engine, ready.store, ready.draws, ready.seed)
        self.reader = Reader(self.record.blueprint, self.model, told(self.model))
        self.days = self.record.days(day)
        if kept:
            self.days = sorted({*self.days, *self._begun()})
        record, first = self.record, min(self.model.periods.from_ or self.days[0], self.days[0])
        self.before = self.reader.day(record.cloud, record.known, first, ())
        self.likeliest = max(self.before.outcomes, key=lambda name: self.before.outcomes[name].mean)
        self.said_before = self._said(None, self.days[0])
        self.stops: list[Stop] = []

    def all(self) -> Updated:
        """Every day, and what is asked of the last."""
        pulls: list[Pull] = []
        signs: list[Sign] = []
        rates: list[Said] = []
        interrupted = False
        try:
            for k, _ in enumerate(self.walk()):
                self._progress(k + 1, len(self.days) + 1)
            pulls = self.reader.pulls(self.record.clouds, self.record.known, self.likeliest)
            signs = self._signs(self.record.cloud, self.record.known, self.day)
            rates = self.rates()
            self._progress(len(self.days) + 1, len(self.days) + 1)
        except KeyboardInterrupt:
            if not self.stops:
                raise
            interrupted = True
        return self._updated(self.stops, self.day, pulls, signs, rates, interrupted)

    def walk(self) -> Iterator[Stop]:
        """The days that are not worked through yet, one after another."""
        while len(self.stops) < len(self.days):
            k = len(self.stops)
            day, following = self.days[k], self.days[k + 1] if k + 1 < len(self.days) else None
            evidence = self._told(day)
            before = self.record.known
            renewal = self.record.go(day)
            known = self.record.known
            if self.stops and not any(one.used for one in evidence) and known.step == before.step:  # nothing was heard
                found = replace(self.stops[-1].found, date=day, evidence=evidence, renewed=None)
            else:
                found = self.reader.day(self.record.cloud, known, day, evidence, renewal)
            clouds = tuple(self.record.clouds) if self.kept else ()
            self.stops.append(Stop(found, known, self._said(day, following), clouds))
            yield self.stops[-1]

    def held(self, day: dt.date) -> Updated:
        """What was known on a day that was worked through, without what is asked of it: no pulls, no signs."""
        there_is(self.model, day)
        stops = self._until(day)
        last = stops[-1]
        return self._updated(stops, day, [], [], self._rates(last.clouds[-1], last.known))

    def at(self, day: dt.date) -> Updated:
        """What `update` finds as known on a day that was worked through: nothing that is dated later is read."""
        found, last = self.held(day), self._until(day)[-1]
        pulls = self.reader.pulls(last.clouds, last.known, self.likeliest)
        return replace(found, pulls=pulls, signs=self._signs(last.clouds[-1], last.known, day))

    def without(self, places: Collection[int]) -> Iterator[tuple[dt.date, Left]]:
        """The forecast of each day that was worked through without some items of evidence, by their numbers in the
        file: off the same draws, weighed by what is left."""
        for stop in self.stops:
            found = stop.found
            if any(item.place in places for item in stop.known.items):
                yield found.date, self.reader.left_out(stop.clouds, stop.known, places, self.likeliest)
            else:
                main = found.answer or found.outcomes[self.likeliest]
                yield found.date, Left(main, found.outcomes, found.groups, 0.0, 0.0, found.ess, True)

    def let_go(self) -> None:
        """Hold no more than is needed to ask any day again: what is read off the draws is worked out again then."""
        every = [*self.record.clouds, *(cloud for stop in self.stops for cloud in stop.clouds)]
        for cloud in {id(cloud): cloud for cloud in every}.values():
            cloud.let_go()

    def _until(self, day: dt.date) -> list[Stop]:
        """The stops up to a day, and that day."""
        stops = [stop for stop in self.stops if stop.found.date <= day]
        if (last := stops[-1]).found.date < day:  # nothing was heard since
            stops.append(replace(last, found=replace(last.found, date=day, evidence=(), renewed=None), said=()))
        return stops

    def _updated(
        self, stops: Sequence[Stop], day: dt.date, pulls: list[Pull], signs: list[Sign], rates: list[Said],
        interrupted: bool = False,
    ) -> Updated:  # fmt: skip
        answer = self.model.answer
        says = (answer.says or answer.asks.text) if answer else self.likeliest
        later = sum(item.day > day for item in self.model.evidence)
        said = [
            s for s in (*self.said_before, *(s for stop in stops for s in stop.said)) if not s.date or s.date <= day
        ]
        return Updated(
            day, says, self.before, [stop.found for stop in stops], pulls, signs, later, self.ready.draws,
            self.record.converged, interrupted, said=[*said, *rates], unheard=self._unheard(day),
        )  # fmt: skip

    def _begun(self) -> Iterator[dt.date]:
        """The days on which periods (or slices of them) begin, from the first day on which something came."""
        periods = self.model.periods
        if periods.until is None:
            return
        day = self.days[0]
        while day < self.day:
            day += dt.timedelta(days=1)
            if periods.moment(day)[0] != periods.moment(day - dt.timedelta(days=1))[0]:
                yield day

    def _unheard(self, day: dt.date) -> int:
        """How many events and signs by a day fall after the last period."""
        heard = {item.place for item in self.record.record.items}
        named = ((k, e) for k, e in enumerate(self.model.evidence) if e.day <= day)
        return sum(k not in heard and bool(e.seen or e.not_seen or e.told) for k, e in named)

    def _said(self, since: dt.date | None, until: dt.date | None) -> list[Said]:
        """What others said from a day up to another, beside what the model makes of it now."""
        here = (self.record.cloud, self.record.known)
        return [
            self._said_of(one, *here) for one in outside(self.model)
            if one.like and not one.base_rate
            and (since or dt.date.min) <= (one.date or dt.date.min) <= self.day
            and (until is None or (one.date or dt.date.min) < until)
        ]  # fmt: skip

    def rates(self) -> list[Said]:
        """The base rates, beside what the model makes of their events on the last day that was worked through."""
        return self._rates(self.record.cloud, self.record.known)

    def _rates(self, cloud: Cloud, known: Known) -> list[Said]:
        """The base rates, beside what the model makes of their events."""
        return [self._said_of(one, cloud, known) for one in outside(self.model) if one.like and one.base_rate]

    def _said_of(self, one: Outside, cloud: Cloud, known: Known) -> Said:
        """What somebody said of an event, beside what the model makes of it."""
        ours = Band.of(self.reader.ask(cloud, known, one.question), cloud.weights(known))
        asks = self.model.answer.asks.text if self.model.answer else ""
        same = one.question.replace(" ", "") == asks.replace(" ", "")
        now = by_deadline(one, deadline_of(self.model))
        converted = now.p if now is not None and now is not one else None
        return Said(
            one.who, one.date, one.p, one.event, one.deadline, one.like, same, one.base_rate, ours, now is not None,
            converted,
        )  # fmt: skip

    def _progress(self, done: int, of: int) -> None:
        if self.ready.progress:
            self.ready.progress(done, of)

    def _told(self, day: dt.date) -> list[Told]:
        """What came on a day, with how likely it was; and that the crisis went on, where a period has begun since."""
        found, cloud, before = [], self.record.cloud, self.record.known
        now, items = self.record.on(day)
        possible(cloud, now, before, self.model)
        if now.step is not None and now.step > (before.step or 0):
            going = Known(before.items, now.step, before._found)
            said = f"the crisis is not over: {self.model.periods.named(now.step + 1)} has begun"
            if now.step >= self.model.periods.steps:
                said = "the time is over, and nothing has ended the crisis"
            likely = cloud.likely(going, before)
            if likely < 1 - SURE:
                found.append(Told(day, said, "goes on", likely, True))
            before = going
        found += self.reader.told(cloud, before, items)
        used = {item.place for item in items}
        found += [
            Told(day, evidence.says, "fact", np.nan, False)
            for k, evidence in enumerate(self.model.evidence)
            if evidence.day == day and k not in used
        ]
        return found

    def _signs(self, cloud: Cloud, known: Known, day: dt.date) -> list[Sign]:
        """What may be seen next: moves and results of the model, and the signs that the case lists."""
        listed = {LISTED - k: sign for k, sign in enumerate(self.model.signs)}
        found = [self.record.record.item(place, sign.seen_on(day)) for place, sign in listed.items()]
        every = [*(item for item in found if item is not None), *self._next(known, day)]
        costs = {place: sign.cost for place, sign in listed.items()}
        return self.reader.signs(cloud, known, self.likeliest, every, costs)

    def _next(self, known: Known, day: dt.date) -> Iterator[Item]:
        """What may be seen next: every move and result in the slice that has begun, and in the next."""
        steps = self.model.periods.steps
        now = known.step if known.step is not None else max((max(i.steps, default=0) for i in known.items), default=0)
        for step in range(now, min(now + 2, steps)):
            for name, stage in self.model.stages.items():
                if stage.periods and step // self.model.periods.slices + 1 not in stage.periods:
                    continue
                for label in stage.results:
                    event = Is(0, name, (label,), 0)
                    item = Evidence.model_validate({"date": day, "seen": f"{name} is {label}"})
                    place = -1 - (list(self.model.stages).index(name) * 1000 + list(stage.results).index(label))
                    yield Item(place, item, event, (step,), 1.0)
