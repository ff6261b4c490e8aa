"""Forecasts and their scores in words: whose they are, when they were given, and which this model is beside."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.evidence.score import Score
from detente.model.schema import Model
from detente.present.wording.answer import event_named, is_asked
from detente.present.wording.numbers import counted, day, number, percent, span

LATER = "later"  # than the as-of date


def dated(s: Score) -> str:
    """When a forecast was given; marked where that was after the as-of date."""
    return day(s.date) + (f" ({LATER})" if s.later else "")


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
    near = [s for s in rated if s.ours is not None]
    likes = [s.like for s in near if not s.base_rate] or [s.like for s in near]
    most = max(dict.fromkeys(likes), key=likes.count, default="")
    return next((s for s in near if is_asked(model, s.like)), next((s for s in near if s.like == most), None))


def event_said(model: Model, s: Score) -> str:
    """The model's event nearest to a forecast, in words where it has some, else as it is written."""
    named = event_named(model, s.like)
    return f"`{named}`" if named == s.like else f"“{named}”"


def came_said(came: bool | None) -> str:
    """Whether an event came to pass, as a clause that follows it."""
    return {True: ", which came to pass", False: ", which did not come to pass", None: ""}[came]


def lead(model: Model, found: Sequence[Score]) -> list[str]:
    """How this model did on what matters most; then who else said what, a sentence each."""
    told = []
    if (first := foremost(model, found)) is not None and first.ours is not None:
        score = "" if first.ours_brier is None else f": a Brier score of {number(first.ours_brier)}"
        told.append(
            f"This model gave {event_said(model, first)}{came_said(first.ours_came)}, "
            f"{percent(first.ours.value, first.ours.error)} ({span(first.ours)} in 90% of draws){score}."
        )
    forecasts = [s for s in found if not s.base_rate]
    late = sum(s.later for s in forecasts)
    said = f"Beside it: {counted(len(forecasts), 'forecast')} by others"
    if late:
        said += f" ({'all' if late == len(forecasts) else late} {LATER} than {day(model.as_of)}, the as-of date)"
    if rates := len(found) - len(forecasts):
        said += f", and {counted(rates, 'base rate')}"
    told.append(f"{said}.")
    if len(judged := [s for s in forecasts if s.brier is not None and not s.later]) > 1:
        best, worst = min(judged, key=_missed), max(judged, key=_missed)
        by = " by that date" if late else ""
        told.append(f"Of the forecasts{by} {_one(best)} came nearest to what happened, {_one(worst)} least near.")
    return told


def _missed(s: Score) -> float:
    return s.brier or 0.0


def _one(s: Score) -> str:
    return f"that of {s.who} ({s.event}: {percent(s.p, 0.005)})"
