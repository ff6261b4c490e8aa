"""Evidence and forecasts by date: the forecast of each day from what was known on it, and each day asked again.

A page is sent all days up to what happened, and hides what lies after its cursor by itself: moving it is at once,
and the forecast of a day reads nothing that is dated later, so that no number has to be hidden. What must not be sent
at all is asked for `as_of` a day: then nothing that is dated later leaves the server.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from detente.analyse.evidence.updating import Left
from detente.errors import QuestionError
from detente.model.schema import Model
from detente.present.html.markup import Content, Html, join, table, tag
from detente.present.html.numbers import data
from detente.present.views.update import sign_table
from detente.present.web.dated import Day, Timeline, Without, anew, followed, pulled, read, weighed
from detente.present.web.memory import give_back
from detente.present.web.recast import omitted, recast
from detente.present.web.screens.registry import screen
from detente.present.web.state import About, Reply, State
from detente.present.web.workspace import Work
from detente.present.wording.numbers import day as day_of
from detente.present.wording.numbers import percent, sentence
from detente.present.wording.updating import (
    amount,
    certified,
    deciding,
    groups,
    headline,
    learned,
    next_signs,
    others,
    sign_said,
    when,
)
from detente.study.questions.update import Updated, Updating, last_day

OFTEN = 0.8  # seconds between two steps of an answer
MOST_OUT = 40  # items that are left out at once
FOREMOST = 6  # signs that are told in words


@dataclass(eq=False)
class Followed:
    """A record that is being followed, by one at a time."""

    updating: Updating
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def held(self, work: Work) -> Iterator[Updating]:
        """The record, when nobody else is at it. Raises Superseded where the page wants something else by then."""
        while not self.lock.acquire(timeout=0.1):
            work.alive()
        try:
            yield self.updating
        finally:
            self.lock.release()

    @contextmanager
    def asked(self) -> Iterator[None]:
        """While a page is answered; afterwards what was worked out of the draws is let go, unless somebody else is at
        them, who lets it go in turn."""
        try:
            yield
        finally:
            if self.lock.acquire(blocking=False):
                try:
                    self.updating.let_go()
                finally:
                    self.lock.release()
                give_back()

    def walk(self, work: Work) -> Iterator[None]:
        """Work through the days that are left, a step for each."""
        told, total = work.progress("days"), len(self.updating.days)
        with self.held(work) as updating:
            for _ in updating.walk():
                told(len(updating.stops), total)
                yield


@screen("timeline", data=Timeline)
def timeline(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """The record: at once what came, then the forecast of each day, as the days are worked through."""
    model, known = _asked(work, state)
    sealed = state.as_of is not None
    left = {"left": omitted(work, _undated(state), "this line")}
    yield Reply(data=read(model, known, sealed), html=left, final=False)
    record = _followed(work, state, model, known)
    with record.asked():
        yield from _days(work, state, record, (model, known, sealed))


def _days(work: Work, state: State, record: Followed, of: tuple[Model, dt.date, bool]) -> Iterator[Reply]:
    """The forecast of each day, as the days are worked through."""
    sent = 0.0
    for _step in record.walk(work):
        if time.monotonic() - sent > OFTEN:
            sent = time.monotonic()
            now = followed(of[0], record.updating, *of[1:])
            yield Reply(data=now, about=_about(state, record), final=False)
    with record.held(work) as updating:
        whole = followed(of[0], updating, *of[1:])
    yield Reply(data=whole, about=_about(state, record))


@screen("day", data=Day)
def day(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What was known on a day (`day`): the forecast in words, what it owes to each item, and what would change it."""
    model, known = _asked(work, state)
    try:
        on = min(dt.date.fromisoformat(str(options.get("day", ""))), known)
    except ValueError:
        raise QuestionError(f"{str(options.get('day', ''))[:20]!r} is not a day; write it as 2022-02-16") from None
    record = _followed(work, state, model, known)
    key = ("day", _mark(work, state, known), on)
    found: Updated | None = work.space.peek(key)
    if found is None:
        with record.asked():
            for _ in record.walk(work):
                pass
            with record.held(work) as updating:
                known_then = updating.held(on)
            about = _about(state, record)
            yield Reply(html={"said": _said(model, known_then)}, data=Day(on, (), False), about=about, final=False)
            with record.held(work) as updating:
                work.alive()
                made = updating.at(on)
        found = work.space.once(key, lambda: made)
    places = {(item.day, item.says): item.place for item in record.updating.record.record.items}
    pulls = tuple(pulled(model, places, found.pulls, found.draws))
    html = {"said": _said(model, found), "signs": _signs(model, found), "certified": _trust(found)}
    yield Reply(html=html, data=Day(on, pulls, True), about=_about(state, record))


@screen("without", data=Without)
def left_out(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """The forecast of each day without some items (`out`: their numbers in the file): off the same draws, weighed by
    what is left; solved again where that leaves too few."""
    model, known = _asked(work, state)
    out = _places(model, options)
    record = _followed(work, state, model, known)
    rows: list[tuple[dt.date, Left]] = []
    with record.asked():
        for _ in record.walk(work):
            pass
        with record.held(work) as updating:
            for row in updating.without(out):
                rows.append(row)
                work.alive()
    enough = all(left.enough for _, left in rows)
    yield Reply(
        data=weighed(model, updating, out, rows, enough), about=_about(state, record), stale=not enough, final=enough
    )
    if not enough:
        less = _followed(work, state, _less(model, out, known), known, out)
        with less.asked():
            for _ in less.walk(work):
                pass
        yield Reply(data=anew(model, updating, less.updating, out), about=_about(state, less))


def _asked(work: Work, state: State) -> tuple[Model, dt.date]:
    """The case with what is held to be known and what is changed, and the day up to which is asked. Raises ModelError,
    QuestionError."""
    model = recast(work, _undated(state)).model
    return model, last_day(model, state.as_of)


def _undated(state: State) -> State:
    """The state of the whole record, whatever the day."""
    return state.model_copy(update={"as_of": None})


def _mark(work: Work, state: State, known: dt.date) -> tuple[object, ...]:
    return work.mark(_undated(state)), state.draws, known


def _followed(work: Work, state: State, model: Model, known: dt.date, out: Sequence[int] = ()) -> Followed:
    key = ("followed", _mark(work, state, known), tuple(out))
    ready = recast(work, _undated(state)).how(work.how(state)).ready(model)
    work.alive()
    return work.space.once(key, lambda: Followed(Updating(ready, known, kept=True)))


def _about(state: State, record: Followed) -> About:
    converged = record.updating.record.converged
    return About(draws=record.updating.ready.draws, asked=state.draws, how="read", converged=converged, seed=state.seed)


def _less(model: Model, out: Sequence[int], known: dt.date) -> Model:
    """The case without some items of evidence."""
    left = tuple(item for k, item in enumerate(model.evidence) if k not in out)
    if not any(item.day <= known for item in left):
        raise QuestionError("nothing would be left to follow; leave at least one item in")
    less: Model = model.model_copy(update={"evidence": left})
    return less


def _places(model: Model, options: Mapping[str, Any]) -> tuple[int, ...]:
    asked, known = options.get("out", []), range(len(model.evidence))
    if not isinstance(asked, list) or len(asked) > MOST_OUT or any(type(k) is not int or k not in known for k in asked):
        raise QuestionError(f"up to {MOST_OUT} items can be left out, by their numbers in the file")
    return tuple(sorted(set(asked)))


# ------------------------------------------------------------------------------------------------------ in words


def _said(model: Model, found: Updated) -> Html:
    """What was known on a day."""
    lines: list[Content] = [sentence(groups(found))] if found.before.groups else []
    lines += others(model, found)
    if told := learned(model, found):
        lines.append(sentence("; ".join(told)))
    return join([tag("p", headline(model, found)), *(tag("p", line, class_="small") for line in lines)])


def _trust(found: Updated) -> Html:
    return tag("ul", [tag("li", said) for said in certified(found)], class_="small")


def _signs(model: Model, found: Updated) -> Html:
    """What may be seen next and tells most of the answer, in words; what settles it alone; then all of it."""
    if not found.signs:
        return tag("p", "No event of the model can still be seen.", class_="small")
    told = [(sign, sign_said(model, sign)) for sign in next_signs(found.signs, FOREMOST)]
    rows: list[list[Content]] = [
        [said, when(model, s), data(s.p, percent(s.p, 0.005)), amount(model, s.seen, found.draws),
         amount(model, s.unseen, found.draws)]
        for s, said in told
    ]  # fmt: skip
    caption = f"Signs to look for after {day_of(found.as_of)}; the most informative first."
    first = table(caption, ["sign", "when", "likely", "answer if seen", "if not"], rows, (2, 3, 4)) if rows else ""
    settling: list[Content] = [
        tag("li", f"{sign_said(model, s)}, in {when(model, s)} ({percent(s.p, 0.005)} likely): then "
            f"{amount(model, s.seen, found.draws)}") for s in deciding(found.signs)
    ]  # fmt: skip
    settled = join([tag("p", "It would be settled at once by:"), tag("ul", settling)]) if settling else ""
    whole = tag("details", tag("summary", f"All {len(found.signs)} signs of the model"), sign_table(model, found))
    return join([first, settled, whole])
