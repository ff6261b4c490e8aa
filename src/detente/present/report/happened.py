"""What happened, and how the forecasts did on it, this model's and others'."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from detente.analyse.evidence.rules import brier, surprise
from detente.analyse.evidence.score import Score
from detente.model.schema import Model
from detente.present.figures.forecast.contrasts import bound, forecasts_picture
from detente.present.html.cite import assumption, quoted, sourced
from detente.present.html.markup import Content, Html, join, say, table, tag
from detente.present.html.numbers import chance, data, interval
from detente.present.wording.answer import event_named
from detente.present.wording.numbers import day, number, span, words
from detente.present.wording.scores import came_said, dated, later_said
from detente.study.study import Study

TELLING = 0.02
CAVEAT = (
    "Events, dates and deadlines differ from row to row, and the model’s event is only the nearest to theirs: read "
    "each row on its own; no average is taken. One crisis says little about who forecasts well."
)


def what_happened(study: Study, found: Sequence[Score]) -> Html:
    """The outcome that happened, the score of this model on it, and others' forecasts beside it."""
    what = study.model.happened
    if what is None or not what.outcome:
        return Html("")
    f = study.outcomes[what.outcome]
    means = what.means or study.model.outcomes[what.outcome].means
    rank = 1 + sum(other.value > f.value for other in study.outcomes.values())
    told = say(
        "{when}{what}{means} happened{source}. This model, on its own assumptions, had given it {p} ({interval}), "
        "{place}. For that one outcome the Brier score of the mean probability is {brier} (0 best, 1 worst) and the "
        "log score {log} (−ln of the probability; 0 best).{driver}",
        when=f"On {day(what.date)} " if what.date else "",
        what=tag("b", words(what.outcome)),
        means=f" ({means})" if means else "",
        source=sourced(study.model, what.source),
        p=tag("b", chance(f)),
        interval=interval(f),
        place="the most likely of its outcomes" if rank == 1 else f"{_ordinal(rank)} of {len(study.outcomes)} outcomes",
        brier=data(brier(f.value, True), number(brier(f.value, True))),
        log=data(surprise(f.value, True), number(surprise(f.value, True))),
        driver=_driver(study, what.outcome, rank > 1 and f.value < 0.5),
    )
    rated = [s for s in found if s.ours is not None]
    return join(
        [
            tag("h3", "What happened, and how the forecast did"),
            tag("p", told),
            _compared(study.model, rated),
            _scores(study.model, rated),
        ]
    )


def _driver(study: Study, outcome: str, low: bool) -> Content:
    found = study.drivers(outcome)
    if not found or found[0].index.value <= TELLING:
        return ""
    d = found[0]
    quantity = study.model.quantities.get(d.quantity.partition(" seen by ")[0])
    return say(
        " What {does} is first of all {it}{means}: in its lowest fifth ({bottom}) this outcome has {low}, in its "
        "highest ({top}) {high}.",
        does="keeps it low" if low else "carries it",
        it=assumption(d.quantity),
        means=f" ({quantity.means})" if quantity and quantity.means else "",
        bottom=bound(study, d, 0),
        low=chance(d.low),
        top=bound(study, d, 1),
        high=chance(d.high),
    )


def _ordinal(k: int) -> str:
    return f"{k}{'th' if 10 <= k % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(k % 10, 'th')}"


def given(p: float) -> str:
    """A probability as somebody gave it."""
    return f"{p:.0%}" if abs(round(p, 2) - p) < 1e-9 else f"{p:.1%}"


def said(s: Score) -> str:
    """What somebody said: a probability, or a share of those asked."""
    return f"{given(s.share)} of those asked" if s.share is not None else given(_p(s))


def _p(s: Score) -> float:
    """The probability of whoever gave one."""
    assert s.p is not None
    return s.p


def _compared(model: Model, rated: Sequence[Score]) -> Html:
    """The event that most forecasts were about, in a sentence."""
    forecasts = [s for s in rated if not s.base_rate]
    likes = [s.like for s in forecasts]
    mine = [s for s in forecasts if s.like == max(dict.fromkeys(likes), key=likes.count)]
    if len(mine) < 2 or mine[0].ours is None:
        return Html("")
    ours, came = mine[0].ours, mine[0].ours_came
    named = event_named(model, mine[0].like)
    low, high = min(mine, key=_p), max(mine, key=_p)
    told = say(
        "Most forecasts by others were about something nearest to {event}{judged}: they range from {low} to "
        "{high}, and this model gave it {p} ({interval}){brier}.",
        event=tag("code", mine[0].like) if named == mine[0].like else quoted(named),
        judged=came_said(came),
        low=f"{said(low)} ({low.who}, {dated(low)})",
        high=f"{said(high)} ({high.who}, {dated(high)})",
        p=tag("b", chance(ours)),
        interval=interval(ours),
        brier="" if came is None else f", a Brier score of {number(brier(ours.value, came))}",
    )
    return tag("p", told)


def _scores(model: Model, rated: Sequence[Score]) -> Html:
    if not rated:
        return Html("")
    behind = table(
        "Others’ forecasts and base rates, and this model’s probability of the event nearest to each; Brier and log "
        "scores: lower is better.",
        ["who, when", "event", "happened", "their p", "Brier", "log", "this model, nearest event", "Brier", "log"],
        [list(_row(s)) for s in rated],
        range(3, 9),
    )
    caveat = " ".join([CAVEAT, later_said(model, rated)]).strip()
    return join([forecasts_picture(rated, behind).figure(), tag("p", caveat, class_="small")])


def _row(s: Score) -> Iterator[Content]:
    assert s.ours is not None
    yield [tag("b", s.who), ", ", dated(s)]
    yield s.event + (f", by {day(s.deadline)}" if s.deadline else "")
    yield {True: "yes", False: "no", None: "not known here"}[s.came] + (
        " (too late)" if s.came is False and s.ours_came else ""
    )
    yield said(s)
    yield from _rated(_p(s), s.came)
    yield [chance(s.ours), " (", span(s.ours, True), ")"]
    yield from _rated(s.ours.value, s.ours_came)


def _rated(p: float, came: bool | None) -> Sequence[Content]:
    return ["", ""] if came is None else [number(brier(p, came)), number(surprise(p, came))]
