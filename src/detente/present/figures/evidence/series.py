"""The picture of a forecast as evidence came: a line by day with its interval, what came as marks that say what they
are, and what others said of the same event beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from detente.analyse.evidence.outside import SMOOTHED
from detente.analyse.evidence.updating import AsKnown, Band
from detente.model.schema import Model
from detente.present.figures.drawing.axes import legend, rod
from detente.present.figures.drawing.svg import WIDTH, Picture, diamond, dot, fitted, label, line, path
from detente.present.html.markup import Content, Html, coordinate, table, tag
from detente.present.html.numbers import data
from detente.present.html.palette import colour
from detente.present.wording.answer import in_words
from detente.present.wording.numbers import day, percent, words
from detente.present.wording.updating import amount, between, came, main
from detente.study.questions.update import Said, Updated

LEFT, RIGHT, TOP, TALL, GROUP = 52.0, 20.0, 14.0, 230.0, 64.0
MARKS = (0.0, 0.25, 0.5, 0.75, 1.0)
SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
LABELS = 7  # days named along the axis


def series_picture(model: Model, found: Updated) -> Picture:
    """The answer by day, and each group of outcomes (or the outcomes) below it."""
    days = [found.before, *found.dates]
    said = [s for s in found.said if not s.base_rate or (s.asked and s.compared)]
    first = min([days[0].date, *(s.date for s in said if s.date)], default=days[0].date)
    first = max(first, days[0].date - 3 * (found.as_of - days[0].date) - dt.timedelta(days=7))
    span = max((found.as_of - first).days, 1)

    def across(when: dt.date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * max((when - first).days, 0) / span

    parts: list[Html] = []
    bottom = TOP + TALL
    parts += _rules(TOP, TALL, MARKS)
    parts += _line([(across(d.date), main(d, found.says)) for d in days], across(found.as_of), bottom, TALL, "k2",
                   in_words(model) or words(found.says))  # fmt: skip
    for name, rows in found.beside.items():
        points = [(across(row.date or days[0].date), replace(row.answer, low=np.nan)) for row in rows]
        parts += _line(points, across(found.as_of), bottom, TALL, "k4", name)
    parts += _beside(said, across, bottom, first)
    parts += _events(found.dates, across, bottom + 12)
    bottom += 24
    for name, class_ in below(model, found.before, found.dates[-1]):
        bands = [(across(d.date), band_of(d, name)) for d in days]
        parts += _rules(bottom + 8, GROUP - 14, (0.0, 1.0))
        parts += _line(bands, across(found.as_of), bottom + GROUP - 6, GROUP - 14, class_, words(name))
        parts.append(label(LEFT + 4, bottom + 20, fitted(words(name), 300), "bold", size=11))
        bottom += GROUP
    parts += _days(first, span, across, bottom + 14)
    signs = [(rod("curve sk2"), "this model, mean and 90% of draws"), (lambda x, y: dot(x, y, 4, "ink"), "what came")]
    signs += [(rod("curve sk4"), name) for name in found.beside]
    if any(_alike(s) and not s.base_rate for s in said):
        signs.append((lambda x, y: diamond(x, y, 5, "k3"), "forecasts of others"))
    if any(not _alike(s) for s in said):
        signs.append((lambda x, y: diamond(x, y, 5, "ring"), "forecasts of another event or time"))
    drawn, end = legend(signs, 8, bottom + 26)
    reading = (
        f"The forecast as known on each day, from {day(first)} to {day(found.as_of)}: the mean (line) and 90% of draws "
        "(band), as evidence came in (dots; point at one to read what it was)."
    )
    return Picture(
        "update", "The forecast as evidence came in", reading, [*parts, *drawn], end + 6, _behind(model, found), WIDTH
    )


def below(model: Model, before: AsKnown, now: AsKnown) -> list[tuple[str, str]]:
    """What is drawn below the answer, with the class of its colour: the groups of outcomes, else the outcomes that are
    most likely before any evidence or now."""
    if len(before.groups) > 1:
        return [(name, colour(model, model.groups[name][0])) for name in before.groups]
    last = now.outcomes
    names = sorted(last, key=lambda name: -max(last[name].mean, before.outcomes[name].mean))[:4]
    return [(name, colour(model, name)) for name in names]


def band_of(found: AsKnown, name: str) -> Band:
    """The probability of a group of outcomes, or of an outcome, as known on a day."""
    return found.groups[name] if name in found.groups else found.outcomes[name]


def _rules(top: float, tall: float, marks: Sequence[float]) -> list[Html]:
    parts = []
    for mark in marks:
        y = top + tall * (1 - mark)
        parts += [line(LEFT, y, WIDTH - RIGHT, y), label(LEFT - 6, y + 4, f"{mark:.0%}", "muted", "end", 10.5)]
    return parts


def _line(
    points: Sequence[tuple[float, Band]], end: float, bottom: float, tall: float, class_: str, name: str
) -> list[Html]:
    """A forecast that holds until the next: its mean, and the band about it."""
    known = [(x, b) for x, b in points if b.mean == b.mean]
    if not known:
        return []
    ends = [x for x, _ in known[1:]] + [max(end, known[-1][0] + 3)]

    def up(p: float) -> float:
        return bottom - tall * min(max(p, 0.0), 1.0)

    mean = [point for (x, b), to in zip(known, ends, strict=True) for point in ((x, up(b.mean)), (to, up(b.mean)))]
    above = [point for (x, b), to in zip(known, ends, strict=True) for point in ((x, up(b.high)), (to, up(b.high)))]
    below = [point for (x, b), to in zip(known, ends, strict=True) for point in ((x, up(b.low)), (to, up(b.low)))]
    ring = f"M{_through([*above, *reversed(below)])}Z"
    banded = all(b.low == b.low for _, b in known)
    hint = tag("title", f"{name}: mean")
    return [
        *([path(ring, class_, f"{name}: 90% of draws", 0.2)] if banded else []),
        tag("path", hint, d=f"M{_through(mean)}", class_=f"curve s{class_}"),
    ]


def _through(points: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points)


def _alike(s: Said) -> bool:
    """Whether it is of the event that the case asks about, by the same day."""
    return s.asked and s.compared


def _beside(said: Sequence[Said], across: Callable[[dt.date], float], bottom: float, first: dt.date) -> list[Html]:
    """What others said, at the day on which they did; base rates as a line all along."""
    parts: list[Html] = []
    for s in said:
        y = bottom - TALL * s.placed
        if s.base_rate:
            parts.append(line(LEFT, y, WIDTH - RIGHT, y, "mean"))
            note = f"base rate, {SMOOTHED}: {percent(s.placed, 0.005)}"
            parts.append(label(WIDTH - RIGHT - 4, y - 4, note, "muted", "end", 10.5))
        elif s.date is not None and s.date >= first:
            by = f", by {day(s.deadline)}" if s.deadline else ""
            hint = f"{s.who}, {day(s.date)}: {percent(s.p, 0.005)} ({s.event}{by})"
            if s.converted is not None:
                hint += f"; by the day of this model {percent(s.converted, 0.005)}"
            if not s.compared:
                hint += "; of another time, and not compared" if s.deadline else "; by no stated day, and not compared"
            elif not s.asked:
                hint += f"; of that event this model gave {percent(s.ours.mean, s.ours.error)}"
            parts.append(diamond(across(s.date), y, 5.5, "k3" if _alike(s) else "ring", hint))
    return parts


def _events(dates: Sequence[AsKnown], across: Callable[[dt.date], float], y: float) -> list[Html]:
    """What came, a dot for each day."""
    parts = []
    for found in dates:
        if found.evidence:
            hint = f"{day(found.date)}: " + "; ".join(came(told) for told in found.evidence)
            bears = any(told.used for told in found.evidence)
            parts.append(dot(across(found.date), y, 4.5, "ink" if bears else "ring", hint))
    return parts


def _days(first: dt.date, span: int, across: Callable[[dt.date], float], y: float) -> list[Html]:
    step = max(1, -(-span // LABELS))
    found = [first + dt.timedelta(days=k) for k in range(0, span + 1, step)]
    return [label(across(d), y, f"{d.day} {SHORT[d.month - 1]}", "muted", "middle", 10.5) for d in found]


def _behind(model: Model, found: Updated) -> Html:
    rows = [_row(model, found, found.before, "before any evidence")]
    rows += [_row(model, found, one, "; ".join(came(told) for told in one.evidence)) for one in found.dates]
    head = ["date", "what came", "answer" if model.answer else words(found.says), "90% of draws", "draws effective"]
    return table("The forecast as known on each day.", head, rows, (2, 3, 4))


def _row(model: Model, found: Updated, one: AsKnown, said: str) -> list[Content]:
    band = main(one, found.says)
    told = data(band.mean, amount(model, band, found.draws))
    return [day(one.date), said, told, between(model, band, found.draws), f"{one.ess:,.0f}"]
