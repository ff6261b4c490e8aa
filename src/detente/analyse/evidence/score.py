"""How the forecasts did, others' and this model's, on what came to pass.

A forecast can be judged where the model has an event like it (`like`) and knows whether that event was part of what
happened: it was if it has probability 1, given the outcome that came to pass, in every draw; and it was not by a
deadline that had passed before.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detente.analyse.evidence.outside import Outside, outside
from detente.analyse.finding import Finding
from detente.arrays import Floats
from detente.model.fields import Citation
from detente.model.schema import Model

SURE = 1e-6
BRIER = "Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1-3"
LOG = "Good (1952), Rational decisions, Journal of the Royal Statistical Society B 14, 107-114"


@dataclass(frozen=True)
class Score:
    """A forecast by somebody else, this model's probability of the event nearest to it, and how both did."""

    who: str
    date: dt.date | None  # of a base rate, the date at which the analyst stands, if the case has one
    event: str
    deadline: dt.date | None
    p: float
    ours: Finding | None
    like: str
    brier: float | None  # of what they said; None where what came to pass is not known
    log_score: float | None
    ours_brier: float | None  # of the mean of ours, on the nearest event
    ours_log_score: float | None
    came: bool | None  # whether the event came to pass by the deadline; None: not known here
    ours_came: bool | None  # whether the nearest event did, within the time of the model
    source: tuple[Citation, ...]
    base_rate: bool = False  # it counts like cases, and foresees none
    later: bool = False  # than the as-of date of the model


def brier(p: float, came: bool) -> float:
    """(p - 1)^2 or p^2: 0 is best, 1 is worst.

    Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1-3.
    """
    return (p - came) ** 2


def surprise(p: float, came: bool) -> float:
    """The log score, -ln of the probability given to what came to pass: 0 is best.

    Good (1952), Rational decisions, Journal of the Royal Statistical Society B 14, 107-114.
    """
    chance = p if came else 1 - p
    return -math.log(chance) if chance > 0 else math.inf


def scores(model: Model, ask: Callable[[str], Floats]) -> list[Score]:
    """The forecasts of others and the base rates, in the order of their dates.

    `ask` answers a question in the language of claims, [n] by draw.
    """
    asked: dict[str, tuple[Finding, bool | None]] = {}
    found = []
    for said in outside(model):
        if said.like and said.like not in asked:
            asked[said.like] = (Finding.of(said.like, ask(said.question)), came(model, ask, said.like))
        found.append(_score(model, said, *asked.get(said.like, (None, None))))
    return found


def _score(model: Model, said: Outside, ours: Finding | None, happened: bool | None) -> Score:
    in_time, what = happened, model.happened
    if happened and said.deadline and what and what.date and what.date > said.deadline:
        in_time = False
    return Score(
        said.who, said.date, said.event, said.deadline, said.p, ours, said.like, *_judged(said.p, in_time),
        *_judged(ours.value if ours else None, happened), in_time, happened, said.source, said.base_rate,
        said.later,
    )  # fmt: skip


def _judged(p: float | None, came: bool | None) -> tuple[float | None, float | None]:
    """The Brier and the log score, where both the probability and what came to pass are known."""
    return (None, None) if p is None or came is None else (brier(p, came), surprise(p, came))


def came(model: Model, ask: Callable[[str], Floats], event: str) -> bool | None:
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
