"""The answer to the case's question, and what others say of the same: dated forecasts and base rates.

A prior predictive check (Box 1980; Gelman et al. 2013, section 6.3) asks where what is known from elsewhere falls in
what a model expects by itself. Here each probability given by others has its place among the model's own probabilities
of the same event, one per draw: where most of them lie beyond nearly all draws, the ranges are too narrow, or the
structure leaves out what the others had in mind. Of each forecaster the last forecast by the as-of date counts.

Only probabilities by one deadline are set against each other (`by_deadline`): those by another one are converted where
the case states a constant hazard, and are else told apart, with their own day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.evidence.rules import over
from detente.analyse.finding import Finding
from detente.arrays import Floats
from detente.display import Displayed
from detente.language.expressions import Ask
from detente.language.parsing import parse
from detente.model.fields import Citation
from detente.model.schema import Model

REFERENCE = (
    "Box (1980), Sampling and Bayes' inference in scientific modelling and robustness, "
    "Journal of the Royal Statistical Society A 143, 383-430"
)
FEWEST = 100  # draws, for a tail to be told from chance
TAIL = 0.05  # beyond so small a share of the draws, what others say is a surprise to the model
ALIKE = 1e-12
SMOOTHED = "smoothed (Jeffreys)"
"""What a base rate of k in n is told to be: (k + 1/2) / (n + 1), the mean under Jeffreys' prior."""


@dataclass(frozen=True)
class Outside:
    """What somebody said of an event, or how often similar events happened: `like` is the event of the model, if
    any."""

    who: str
    date: dt.date | None
    p: float
    event: str
    deadline: dt.date | None
    like: str
    source: tuple[Citation, ...]
    base_rate: bool
    later: bool  # than the as-of date: its author may have seen what the model does not know
    argument: bool = False  # the call of the argument that the case sets out
    constant: bool = False  # until its deadline the hazard is the same on every day, as the case states

    @property
    def question(self) -> str:
        """The probability of that event, in the language of claims."""
        return f"P({self.like})"


@dataclass(frozen=True)
class Placed(Displayed):
    """A probability given by others, and the share of draws in which the model's is below it (ties count half).

    `deadline`: by when, as they gave it; `given`: what they gave by then, where `p` is converted from it to the
    deadline of the model.
    """

    who: str
    date: dt.date | None
    event: str
    p: float
    below: float
    base_rate: bool
    deadline: dt.date | None = None
    given: float | None = None

    @property
    def surprising(self) -> bool:
        """Whether it lies beyond all but 5% of the draws on one side."""
        return not TAIL <= self.below <= 1 - TAIL


@dataclass(frozen=True)
class Apart(Displayed):
    """A probability given by others that is compared with nothing here: by a deadline other than the model's, or by
    none (null)."""

    who: str
    date: dt.date | None
    event: str
    p: float
    base_rate: bool
    deadline: dt.date | None


@dataclass(frozen=True)
class PriorCheck(Displayed):
    """Where what others said by the as-of date falls in the model's own distribution of an event, lowest first.
    `apart`: what cannot be placed there, since it is of another time."""

    event: str
    ours: Finding
    said: tuple[Placed, ...]
    apart: tuple[Apart, ...] = ()

    @property
    def surprising(self) -> bool:
        """Whether most forecasts lie beyond all but 5% of the draws, on the same side; never for few draws."""
        if self.ours.draws < FEWEST:
            return False
        forecasts = [p for p in self.said if not p.base_rate]
        high, low = (sum(p.below > 1 - TAIL for p in forecasts), sum(p.below < TAIL for p in forecasts))
        return max(high, low) > len(forecasts) / 2


@dataclass(frozen=True)
class Answered(Displayed):
    """The answer to the case's question: the event in words, its probability, and that of each group of outcomes.

    `mean`, `low`, `high`, `error` and `draws` are those of a `Finding` over the draws in which it is a number;
    `unjudged` counts the others.
    """

    asks: str
    says: str
    mean: float
    low: float
    high: float
    error: float
    draws: int
    groups: Mapping[str, Finding]
    unjudged: int = 0

    @property
    def value(self) -> Finding:
        """The answer as a Finding."""
        return Finding(self.says, self.mean, self.low, self.high, self.draws, self.error)


def outside(model: Model) -> list[Outside]:
    """The probabilities that others gave and the base rates, in the order of their dates; shares are none.

    A base rate of k in n is (k + 1/2) / (n + 1), the mean under Jeffreys' prior, so that none is ever sure.
    """
    answer = asked_of(model)
    said = [
        Outside(
            f.who, f.date, f.p, f.event, f.deadline, f.like.text if f.like else "", f.source, False,
            bool(f.date and model.as_of and f.date > model.as_of), f.argument, f.hazard == "constant",
        )
        for f in model.forecasts if f.p is not None
    ]  # fmt: skip
    said += [
        Outside(
            f"Base rate: {b.count:,} of {b.of:,}, {SMOOTHED}", model.as_of, (b.count + 0.5) / (b.of + 1), b.class_,
            b.deadline, b.like.text if b.like else answer, b.source, True, False,
            constant=b.hazard == "constant",
        )
        for b in model.base_rates
    ]  # fmt: skip
    return sorted(said, key=lambda s: s.date or dt.date.min)


def evidence_listed(model: Model) -> tuple[int, int]:
    """How many items of evidence a model lists, and how many of them are later than its as-of date."""
    late = sum(model.as_of is not None and e.day > model.as_of for e in model.evidence)
    return len(model.evidence), late


def questions(model: Model) -> list[str]:
    """What is asked of a solved case beside its claims, in the language of claims."""
    asked = [model.answer.asks.text] if model.answer else []
    asked += [s.question for s in outside(model) if s.like]
    return list(dict.fromkeys(asked))


def answered(model: Model, ask: Callable[[str], Floats], outcomes: Mapping[str, Floats]) -> Answered | None:
    """The answer to the case's question, where it declares one. `outcomes`: [n] the probability of each by draw."""
    if model.answer is None:
        return None
    asks = model.answer.asks.text
    says = model.answer.says or asks
    groups = {
        name: Finding.of(name, np.sum([outcomes[o] for o in members], axis=0))
        for name, members in model.groups.items()
        if members
    }
    values = ask(asks)
    known = values[~np.isnan(values)]
    found, unjudged = Finding.of(says, known), len(values) - len(known)
    return Answered(asks, says, found.value, found.low, found.high, found.error, found.draws, groups, unjudged)


def checks(model: Model, ask: Callable[[str], Floats]) -> list[PriorCheck]:
    """The prior predictive check of each event that others spoke of by the as-of date; the answer's own comes first."""
    timely = [s for s in outside(model) if s.like and not s.later]
    answer, mine = asked_of(model), deadline_of(model)
    events = sorted(dict.fromkeys(s.like for s in timely), key=lambda like: squeezed(like) != squeezed(answer))
    return [_check(ask(f"P({like})"), like, [s for s in timely if s.like == like], mine) for like in events]


def _check(ours: Floats, like: str, timely: Sequence[Outside], mine: dt.date | None) -> PriorCheck:
    """Of each forecaster the last that is of the time of the model; and the last by each other deadline."""
    known = ours[~np.isnan(ours)]
    both = {s.who: (s, now) for s in timely if (now := by_deadline(s, mine)) is not None}
    placed = [
        Placed(
            s.who, s.date, s.event, now.p, _below(known, now.p), s.base_rate, s.deadline, None if now is s else s.p
        )
        for s, now in sorted(both.values(), key=lambda pair: pair[1].p)
    ]  # fmt: skip
    others = {(s.who, s.deadline): s for s in timely if by_deadline(s, mine) is None}
    apart = [
        Apart(s.who, s.date, s.event, s.p, s.base_rate, s.deadline) for s in sorted(others.values(), key=lambda s: s.p)
    ]
    return PriorCheck(like, Finding.of(like, known), tuple(placed), tuple(apart))


def deadline_of(model: Model) -> dt.date | None:
    """By when this model's own answer is judged: as it says, else the last day of its last period, if that is dated."""
    if model.answer and model.answer.deadline:
        return model.answer.deadline
    return model.periods.last


def over_by(model: Model) -> dt.date | None:
    """The day by which play is over, as it is told: the last day of the last period, or the deadline of the answer
    where that is the day on which the period is over; None where periods have no dates."""
    last, named = model.periods.last, model.answer.deadline if model.answer else None
    return named if last is not None and named == model.periods.until else last


def asked_of(model: Model) -> str:
    """The event whose probability answers the case's question; nothing where the answer is none."""
    return event_of(model.answer.asks.text) if model.answer else ""


def by_deadline(said: Outside, mine: dt.date | None) -> Outside | None:
    """What others said as a probability by the deadline of a model: as it is where theirs is the same (a base rate that
    has none is of the time of the model), converted by the constant hazard that the case states; else None, and the
    two are not compared."""
    theirs, made = said.deadline, said.date
    if theirs == mine or (said.base_rate and theirs is None):
        return said
    if not said.constant or mine is None or theirs is None or made is None or mine <= made:
        return None
    return replace(said, p=over(said.p, (theirs - made).days, (mine - made).days), deadline=mine)


def _below(ours: Floats, p: float) -> float:
    """The share of draws below a probability; those that equal it count half."""
    if not len(ours):
        return np.nan
    return float((ours < p - ALIKE).mean() + (np.abs(ours - p) <= ALIKE).mean() / 2)


def event_of(question: str) -> str:
    """The event of a plain `P(event)`, that gives and forces nothing; nothing of any other question."""
    asked = parse(question)
    if not isinstance(asked, Ask) or asked.given is not None or asked.do:
        return ""
    text = question.strip()
    depth, inner = 0, text[2:-1]
    if not (text.startswith("P(") and text.endswith(")")):
        return ""
    for c in inner:
        depth += (c == "(") - (c == ")")
        if depth < 0:
            return ""
    return inner


def squeezed(text: str) -> str:
    """A formula without its blanks, so that two spellings of one event are alike."""
    return "".join(text.split())
