"""What the timeline of a page is sent: items of evidence, forecasts by day with their intervals, what others said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from detente.analyse.evidence.outside import Outside, outside
from detente.analyse.evidence.updating import AsKnown, Band, Left, Pull
from detente.model.likelihoods import Likelihood
from detente.model.record import Evidence
from detente.model.schema import Model
from detente.present.figures.evidence.series import band_of, below
from detente.present.web.citing import Cite, cites
from detente.present.wording.answer import converted_from, drawn, in_words
from detente.present.wording.numbers import day as day_of
from detente.present.wording.numbers import percent, readable, sentence, words
from detente.present.wording.updating import KINDS, amount, between, main, passed, pull_said
from detente.study.questions.update import Said, Updating


@dataclass(frozen=True)
class Level:
    """A number as known on a day: its mean with 90% of draws (null where it is not defined), and both in words."""

    mean: float | None
    low: float | None
    high: float | None
    said: str
    span: str


@dataclass(frozen=True)
class Stop:
    """A day: the answer and each group, in the order of `Timeline.groups`. `ess`: how many draws are effective.
    `passed`: where time that passes without the event moves the forecast on this day, that it does, in words."""

    date: dt.date
    answer: Level
    groups: tuple[Level, ...]
    ess: float
    passed: str = ""


@dataclass(frozen=True)
class Item:
    """An item of evidence. `place`: its number in the file; `used`: whether it bears on the model; `telling`: how
    likely the case holds a sign to be; `held`: how likely the model held it on the day, where it can say."""

    place: int
    date: dt.date
    kind: str
    says: str
    why: str
    telling: str
    cites: tuple[Cite, ...]
    used: bool
    held: str = ""


@dataclass(frozen=True)
class Other:
    """What somebody else said of an event, or a base rate (no date). `asked`: that is the event the case asks about, by
    the same day (`p`: converted to it, where the case states a hazard); `ours`: what this model gave that event then,
    where it is another one by the same day, once that is known."""

    who: str
    date: dt.date | None
    p: float
    said: str
    event: str
    asked: bool
    base_rate: bool
    ours: str = ""


@dataclass(frozen=True)
class Came:
    """What happened, and when."""

    date: dt.date
    said: str


@dataclass(frozen=True)
class Group:
    """A group of outcomes (or an outcome) whose probability is followed, with the class of its colour."""

    name: str
    colour: str


@dataclass(frozen=True)
class Timeline:
    """The record of a case. `first` and `last`: between which days the cursor moves; `known`: the last day up to which
    evidence is read; `stops`: the days that are worked through so far, before any evidence first, of `days`; `sealed`:
    nothing that is dated after `last` was sent."""

    says: str
    probability: bool
    first: dt.date
    last: dt.date
    known: dt.date
    sealed: bool
    items: tuple[Item, ...]
    others: tuple[Other, ...]
    happened: Came | None
    groups: tuple[Group, ...] = ()
    stops: tuple[Stop, ...] = ()
    days: int = 0


@dataclass(frozen=True)
class Pulled:
    """What the answer of a day owes to an item: `value` above what it would be without it, null where too few draws
    are left to say."""

    place: int
    value: float | None
    said: str
    without: str


@dataclass(frozen=True)
class Day:
    """A day asked again: what its answer owes to each item that was known, once that is worked out (`complete`)."""

    date: dt.date
    pulls: tuple[Pulled, ...]
    complete: bool


@dataclass(frozen=True)
class Without:
    """The forecast of each day without some items. `pull`: how far the answer of the last day with them is above that;
    `error`: the standard error of that difference; `anew`: whether it was solved without them, not weighed; `enough`:
    whether enough draws are left by their weights."""

    out: tuple[int, ...]
    stops: tuple[Stop, ...]
    pull: float | None
    error: float | None
    said: str
    anew: bool
    enough: bool


def read(model: Model, known: dt.date, sealed: bool) -> Timeline:
    """The record before anything is solved: up to a day, or (not `sealed`) up to what happened."""
    what = model.happened
    last = known if sealed or what is None or what.date is None else max(known, what.date)
    items = [_item(model, k, e) for k, e in enumerate(model.evidence) if e.day <= last]
    said = [o for o in outside(model) if o.like and (o.base_rate or (o.date is not None and o.date <= last))]
    days = [item.date for item in items] + [o.date for o in said if o.date and not o.base_rate]
    came = None
    if what and what.date and what.date <= last:
        outcome = model.outcomes.get(what.outcome)
        came = Came(what.date, what.means or (outcome.means if outcome else "") or words(what.outcome))
    return Timeline(
        in_words(model), model.answer is None or drawn(model), min(days, default=last), last, known, sealed,
        tuple(sorted(items, key=lambda item: (item.date, item.place))), tuple(_other(o) for o in said), came,
    )  # fmt: skip


def followed(model: Model, updating: Updating, known: dt.date, sealed: bool) -> Timeline:
    """The record with the forecasts of the days that are worked through so far."""
    plain = read(model, known, sealed)
    found = [updating.before, *(stop.found for stop in updating.stops)]
    groups = _groups(model, updating)
    held = {
        (told.date, readable(told.says)): percent(told.likely, 0.005)
        for one in found for told in one.evidence if told.kind in ("seen", "not seen") and told.likely == told.likely
    }  # fmt: skip
    items = tuple(replace(item, held=held.get((item.date, item.says), "")) for item in plain.items)
    ours = [*updating.said_before, *(s for stop in updating.stops for s in stop.said)]
    rates = updating.rates() if len(updating.stops) == len(updating.days) else []
    gave = {(s.who, s.date, s.event): s for s in (*ours, *rates)}
    others = tuple(_beside(o, gave.get((o.who, o.date, o.event))) for o in outside(model) if _shown(o, plain.last))
    names = [name for name, _ in groups]
    return replace(
        plain, items=items, others=others, groups=tuple(Group(words(n), c) for n, c in groups),
        stops=tuple(_stop(model, updating, one, names) for one in found), days=len(updating.days),
    )  # fmt: skip


def _groups(model: Model, updating: Updating) -> list[tuple[str, str]]:
    """The groups (else outcomes) that are followed, with the classes of their colours."""
    return below(model, updating.before, updating.stops[-1].found if updating.stops else updating.before)


def _shown(o: Outside, last: dt.date) -> bool:
    return bool(o.like) and (o.base_rate or (o.date is not None and o.date <= last))


def _stop(model: Model, updating: Updating, one: AsKnown, names: Sequence[str]) -> Stop:
    draws = updating.ready.draws
    answer = level(model, main(one, updating.likeliest), draws)
    waited = "; ".join(passed(told) for told in one.evidence if told.kind == "goes on")
    return Stop(one.date, answer, tuple(_share(band_of(one, name)) for name in names), one.ess, waited)


def level(model: Model, band: Band, draws: int) -> Level:
    """The answer on a day."""
    if band.mean != band.mean:
        return Level(None, None, None, "not defined", "")
    return Level(band.mean, band.low, band.high, amount(model, band, draws), between(model, band, draws))


def _share(band: Band) -> Level:
    if band.mean != band.mean:
        return Level(None, None, None, "not defined", "")
    span = f"{percent(band.low, band.error)} to {percent(band.high, band.error)}"
    return Level(band.mean, band.low, band.high, percent(band.mean, band.error), span)


def _item(model: Model, place: int, e: Evidence) -> Item:
    kind = "seen" if e.seen else "not seen" if e.not_seen else "signal" if e.told else "fact"
    why = sentence(e.means) if e.means and e.means != e.says else ""
    says, why, telling = (readable(said) for said in (e.says, why, _telling(e.told)))
    return Item(place, e.day, KINDS[kind], says, why, telling, cites(model, e.source), kind != "fact")


def _telling(told: Likelihood) -> str:
    """How likely a sign is said to be, under each value of what it speaks of."""
    if told.formula is not None:
        return told.formula.text
    parts = [
        f"{words(name)}: " + ", ".join(f"{words(label)} {share.says}" for label, share in shares.items())
        for name, shares in told.shares.items()
    ]  # fmt: skip
    return "; ".join([*parts, *(f"{words(name)}: {measured.says}" for name, measured in told.measured.items())])


def _other(o: Outside) -> Other:
    by = "" if o.base_rate else ", by no stated day"
    event = readable(f"{o.event}, by {day_of(o.deadline)}" if o.deadline else f"{o.event}{by}")
    return Other(readable(o.who), None if o.base_rate else o.date, o.p, percent(o.p, 0.005), event, False, o.base_rate)


def _beside(o: Outside, said: Said | None) -> Other:
    plain = _other(o)
    if said is None:
        return plain
    if not said.compared:
        return plain
    if said.converted is not None:
        event = readable(f"{o.event}, {converted_from(o.p, o.deadline)}")
        plain = replace(plain, p=said.placed, said=percent(said.placed, 0.005), event=event)
    return replace(plain, asked=said.asked, ours="" if said.asked else percent(said.ours.mean, said.ours.error))


def pulled(model: Model, places: Mapping[tuple[dt.date, str], int], pulls: Iterable[Pull], draws: int) -> list[Pulled]:
    """What the answer owes to each item, by its number in the file."""
    found = []
    for pull in pulls:
        known = pull.pull == pull.pull
        band = replace(pull.without, error=pull.error)
        without = amount(model, band, draws) if known else ""
        place = places[pull.date, pull.says]
        found.append(Pulled(place, pull.pull if known else None, pull_said(model, pull), without))
    return found


def weighed(
    model: Model, updating: Updating, out: Sequence[int], rows: Sequence[tuple[dt.date, Left]], enough: bool
) -> Without:
    """The forecast without some items, off the draws there are."""
    draws, names = updating.ready.draws, [name for name, _ in _groups(model, updating)]
    stops = [_stop(model, updating, updating.before, names)]
    for date, left in rows:
        shares = {**left.groups, **left.outcomes}
        stops.append(Stop(date, level(model, left.main, draws), tuple(_share(shares[n]) for n in names), left.ess))
    last = rows[-1][1]
    told = Pull(rows[-1][0], "", "", last.main, last.pull, last.error, last.ess)
    return Without(tuple(out), tuple(stops), last.pull, last.error, pull_said(model, told), False, enough)


def anew(model: Model, whole: Updating, less: Updating, out: Sequence[int]) -> Without:
    """The forecast without some items, solved without them."""
    found = [less.before, *(stop.found for stop in less.stops)]
    names = [name for name, _ in _groups(model, whole)]
    one, other = main(whole.stops[-1].found, whole.likeliest), main(found[-1], less.likeliest)
    pull, error = one.mean - other.mean, (one.error**2 + other.error**2) ** 0.5
    told = Pull(found[-1].date, "", "", other, pull, error, found[-1].ess)
    stops = tuple(_stop(model, less, f, names) for f in found)
    return Without(tuple(out), stops, pull, error, pull_said(model, told), True, True)
