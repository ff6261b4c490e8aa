"""Forecasts and their scores in words: whose they are, when they were given, and which this model is beside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from detente.analyse.evidence.outside import asked_of, deadline_of
from detente.analyse.evidence.score import FORECAST, OURS, RATE, SHARE, TOSS, Score
from detente.model.schema import Model
from detente.present.wording.answer import event_named, is_asked
from detente.present.wording.numbers import counted, day, fixed, names_day, number, percent, span
from detente.study.questions.score import Scores

BUILT_LATER = "built later"
LATER = "later"  # than the as-of date
BRIEFLY = (
    "Brier score: the squared error; log score: −ln of the probability given to what happened; 0 is best. "
    "Skill: 1 − the Brier score over that of the reference; 1 is perfect, 0 as good, below 0 worse."
)


def dated(s: Score) -> str:
    """When a forecast was given; marked where that was after the as-of date, and where a model is asked of a day before
    it was built."""
    return day(s.date) + (f" ({LATER})" if s.later else f" ({BUILT_LATER})" if s.built_later else "")


def later_said(model: Model, found: Sequence[Score]) -> str:
    """What the mark at later forecasts means; nothing where there is none."""
    if not any(s.later for s in found):
        return ""
    return (
        f"What is marked {LATER} was given after {day(model.as_of)}, the date as of which this model is built: its "
        "authors may have seen what the model knows nothing of."
    )


def foremost(model: Model, rated: Sequence[Score]) -> Score | None:
    """A row on the event that matters most: what the case asks, else what most forecasts are about."""
    near = [s for s in rated if s.ours is not None and not s.converted]
    likes = [s.like for s in near if not s.base_rate] or [s.like for s in near]
    most = max(dict.fromkeys(likes), key=likes.count, default="")
    return next((s for s in near if is_asked(model, s.like)), next((s for s in near if s.like == most), None))


def event_said(model: Model, s: Score) -> str:
    """The model's event nearest to a forecast, in words where it has some, else as it is written."""
    named = event_named(model, s.like)
    return f"`{named}`" if named == s.like else f"“{named}”"


def came_said(came: bool | None) -> str:
    """Whether an event happened, as a clause that follows it."""
    return {True: ", which happened", False: ", which did not happen", None: ""}[came]


def lead(model: Model, found: Sequence[Score]) -> list[str]:
    """How this model did on what matters most; then who else said what, a sentence each."""
    told = []
    if (first := foremost(model, found)) is not None and first.ours is not None:
        score = "" if first.ours_brier is None else f": a Brier score of {number(first.ours_brier)}"
        told.append(
            f"This model gave {event_said(model, first)}{came_said(first.ours_came)}, "
            f"{percent(first.ours.value, first.ours.error)} ({span(first.ours)} in 90% of draws){score}."
        )
    found = said_by_others(found)
    forecasts = [s for s in found if s.kind == FORECAST]
    late = sum(s.later for s in forecasts)
    said = f"Beside it: {counted(len(forecasts), 'forecast')} by others"
    if late:
        said += f" ({'all' if late == len(forecasts) else late} {LATER} than {day(model.as_of)}, the as-of date)"
    if rates := sum(s.kind == RATE for s in found):
        said += f", and {counted(rates, 'base rate')}"
    told.append(f"{said}.")
    if len(judged := [s for s in forecasts if s.brier is not None and not s.later]) > 1:
        best, worst = min(judged, key=_missed), max(judged, key=_missed)
        by = " by that date" if late else ""
        told.append(f"Of the forecasts{by} {_one(best)} came nearest to what happened, {_one(worst)} was furthest off.")
    return told


def said_by_others(found: Iterable[Score]) -> list[Score]:
    """What others said as they said it, and the base rates: no forecast of this model, of a coin, or converted."""
    return [s for s in found if s.kind in (FORECAST, SHARE, RATE) and not s.converted]


def whose(s: Score) -> str:
    """Whose forecast it is, with what else is to be known of it."""
    marks = ["converted"] * s.converted + ["the argument’s own call"] * s.argument
    return s.who + (f" ({', '.join(marks)})" if marks else "")


def asked_by(model: Model, rows: Sequence[Score]) -> str:
    """A question in words: the event, its deadline, and whether it happened."""
    first = next((s for s in rows if s.kind in OURS), rows[0])
    events = dict.fromkeys(s.event for s in rows if s.kind not in (RATE, TOSS))
    event = first.event if first.kind in OURS or len(events) == 1 else event_named(model, first.like) or first.event
    if first.kind not in OURS and len(events) != 1 and first.like:
        event = f"nearest to {event_said(model, first)}"
    by = f" (by {day(first.deadline)})" if first.deadline else " (no deadline)"
    if first.deadline and names_day(event, first.deadline):
        by = ""
    told = next((s.came for s in rows if s.came is not None), None)
    return f"{event}{by}{came_said(told) or ': not decided here'}"


def questions(found: Scores) -> list[list[Score]]:
    """The forecasts by question, in their order, without the coins."""
    by: dict[object, list[Score]] = {}
    for s in found.forecasts:
        if s.kind not in (TOSS, SHARE):
            by.setdefault(s.question, []).append(s)
    return list(by.values())


def skilled(x: float | None) -> str:
    """A skill score."""
    return "" if x is None else fixed(x, 2, sign=True)


def refusals(model: Model, found: Scores) -> list[str]:
    """What is not compared or not scored, and why: each reason once."""
    own, deadline = asked_of(model), deadline_of(model)
    others = [s for s in said_by_others(found.forecasts) if s.kind != SHARE]
    told = []
    converted = {(s.who, s.date) for s in found.forecasts if s.converted}
    if deadline is not None:
        late = [s for s in others if s.deadline not in (None, deadline) and (s.who, s.date) not in converted]
        if late:
            told.append(
                f"By a deadline other than this model’s own ({day(deadline)}), and not compared with it: "
                f"{_names(late)}. A case that holds the hazard to be constant says so (`hazard: constant`)."
            )
        if open_ := [s for s in others if s.deadline is None]:
            told.append(f"Without a deadline, and not compared with what has one: {_names(open_)}.")
    elif dated_ := [s for s in others if s.deadline is not None]:
        told.append(
            "This model has no deadline of its own (`answer: deadline:`), and is not compared with what has one: "
            f"{_names(dated_)}."
        )
    if own and (unlike := [s for s in others if s.deadline == deadline and s.question[0] != "".join(own.split())]):
        told.append(f"Of an event other than the one this case asks about: {_names(unlike)}.")
    if shares := [s for s in found.forecasts if s.kind == SHARE]:
        listed = "; ".join(f"{s.who} {percent(s.share or 0.0, 0.005)}" for s in shares)
        told.append(f"Shares of those asked are not probabilities, and are not scored: {listed}.")
    if found.unread:
        told.append(f"This model could not be updated on its evidence: {found.unread}")
    return told


def before_built(model: Model, found: Scores) -> str:
    """That a model is asked about days before it was built, where it is."""
    if not (any(s.built_later for s in found.forecasts) or any(a.built_later for a in found.averages)):
        return ""
    return (
        f"What this model gives as of days before {day(model.as_of)} ({BUILT_LATER}) uses the evidence by then; its "
        "ranges and its structure are of that later date."
    )


def _names(rows: Sequence[Score]) -> str:
    listed = dict.fromkeys(f"{s.who} ({day(s.deadline)})" if s.deadline else s.who for s in rows)
    return ", ".join(listed)


def _missed(s: Score) -> float:
    return s.brier or 0.0


def _one(s: Score) -> str:
    return f"that of {s.who} ({s.event}: {percent(s.p or 0.0, 0.005)})"
