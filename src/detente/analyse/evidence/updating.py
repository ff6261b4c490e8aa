"""Updating: what a model forecasts given what is known on each day, and what it owes to each item of evidence.

Bayes' rule over draws, structures and plays at once. A draw of the quantities (and with it a structure) is weighed by
the probability that it gives to what is known, summed over plays, and so over private types; within each draw the
forecast is that of the plays that are left, weighed alike. An event that was seen enters with the probability that the
solved game gives it, through the whole history so far; nothing that is dated later is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from detente.analyse.evidence.cloud import Cloud
from detente.analyse.evidence.known import Item, Known
from detente.analyse.evidence.pareto import effective, quantile, tail_shape
from detente.analyse.finding import HIGH, LOW
from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.outcomes import outcome_probabilities
from detente.arrays import Floats
from detente.display import Displayed
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.model.ask import read_question
from detente.model.blocks import names_of
from detente.model.schema import Model

LEAST = 50  # effective draws, for what an item did to be told


@dataclass(frozen=True)
class Band(Displayed):
    """A number as it is expected: its mean, the 5th and 95th percentile over the draws as they are weighed, and the
    standard error of the mean, which more draws would shrink."""

    mean: float
    low: float
    high: float
    error: float

    @classmethod
    def of(cls, values: Floats, weights: Floats) -> Band:
        """Of [n] values, those that are numbers, with [n] weights."""
        known = ~np.isnan(values) & (weights > 0)
        x, w = values[known], weights[known]
        if not len(x):
            return cls(np.nan, np.nan, np.nan, np.nan)
        share = w / w.sum()
        mean = float(share @ x)
        error = float(np.sqrt((share**2 * (x - mean) ** 2).sum())) if len(x) > 1 else np.nan
        return cls(mean, quantile(x, w, LOW), quantile(x, w, HIGH), error)


@dataclass(frozen=True)
class Told(Displayed):
    """An item of evidence: `kind` is `seen`, `not seen`, `signal` or `fact`. `likely`: how likely the model held it to
    be, given all that was known before (of a sign: its stated likelihood, averaged). `used`: whether it bears on the
    model at all."""

    date: dt.date
    says: str
    kind: str
    likely: float
    used: bool


@dataclass(frozen=True)
class Renewal(Displayed):
    """Draws that were renewed, since too few were left: how many were effective before, the steps of tempering and the
    sweeps of moves it took, and the share of proposals accepted in the last."""

    before: float
    steps: int
    sweeps: int
    accepted: float


@dataclass(frozen=True)
class AsKnown(Displayed):
    """What a model forecasts as known on a day.

    `period`: the period that has begun, from 1 (null: nothing says which). `ess` and `pareto_k`: how many draws are
    effective, and the shape of the tail of their weights, on which it hangs whether averages can be trusted (null where
    all weigh alike); `renewed` where draws were renewed on that day.
    """

    date: dt.date
    period: int | None
    evidence: Sequence[Told]
    answer: Band | None
    outcomes: Mapping[str, Band]
    groups: Mapping[str, Band]
    types: Mapping[str, Mapping[str, float]]
    structures: Mapping[str, float]
    quantities: Mapping[str, Band]
    ess: float
    pareto_k: float | None
    renewed: Renewal | None = None


@dataclass(frozen=True)
class Pull(Displayed):
    """What the forecast of a day owes to an item of evidence: the answer (else the most likely outcome) without it, and
    by how much it is above that with it."""

    date: dt.date
    says: str
    kind: str
    without: Band
    pull: float
    error: float
    ess: float


@dataclass(frozen=True)
class Left:
    """The forecast of a day without some items of evidence: the answer (else the most likely outcome), the outcomes and
    their groups; by how much the answer with them is above it, and the standard error of that; how many draws are
    effective without them, and whether these are `enough` for the numbers to be told."""

    main: Band
    outcomes: Mapping[str, Band]
    groups: Mapping[str, Band]
    pull: float
    error: float
    ess: float
    enough: bool


@dataclass(frozen=True)
class Sign(Displayed):
    """Something that may be seen next: how likely that is, and where the forecast goes if it is seen, and if it is not.

    `bits`: what it is expected to tell of the answer, the mutual information of both (of an answer that is no
    probability, null); `moves`: the expected size of the move of the answer. `decides`: it settles the answer alone.
    `cost`: what it takes to find out, where the case says so; such signs have no stage.
    """

    says: str
    stage: str
    label: str
    period: int
    by: dt.date | None
    p: float
    seen: Band
    unseen: Band
    bits: float
    moves: float
    decides: bool
    cost: float | None = None


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads what a model forecasts off draws, given what is known."""

    blueprint: Blueprint
    model: Model
    quantities: Sequence[str]
    _asked: dict[str, Question] = field(default_factory=dict)

    @property
    def asks(self) -> str:
        """What the pull of evidence is told of: the answer, in the language of claims; else nothing, the outcomes."""
        return self.model.answer.asks.text if self.model.answer else ""

    def ask(self, cloud: Cloud, known: Known, text: str) -> Floats:
        """[n] the answer to a question in each draw, given what is known."""
        if text not in self._asked:
            self._asked[text] = Question(self.blueprint, read_question(self.model, text))
        return np.concatenate([self._asked[text](batch) for batch in cloud.knowing(known)])

    def outcomes(self, cloud: Cloud, known: Known) -> dict[str, Floats]:
        """[n] the probability of each outcome in each draw, given what is known."""
        found = [outcome_probabilities(batch) for batch in cloud.knowing(known)]
        return {name: np.concatenate([part[name] for part in found]) for name in self.model.outcomes}

    def _grouped(self, outcomes: Mapping[str, Floats]) -> dict[str, Floats]:
        groups = self.model.groups.items()
        return {name: np.sum([outcomes[o] for o in members], axis=0) for name, members in groups if members}

    def main(self, cloud: Cloud, known: Known, outcome: str) -> Floats:
        """[n] what the pull of evidence is told of: the answer, or an outcome where the case has none."""
        return self.ask(cloud, known, self.asks or f"P(outcome is {outcome})")

    def day(
        self, cloud: Cloud, known: Known, day: dt.date, told: Sequence[Told], renewed: Renewal | None = None
    ) -> AsKnown:
        """The forecast as known on a day."""
        weights, model = cloud.weights(known), self.model
        outcomes = self.outcomes(cloud, known)
        groups = {name: Band.of(row, weights) for name, row in self._grouped(outcomes).items()}
        types = {
            name: {
                label: Band.of(self.ask(cloud, known, f"P({name} is {label})"), weights).mean for label in private.prior
            }
            for name, private in model.private.items()
        }
        drawn = [name for name in names_of(model) if name in model.quantities]  # and not there, or away, for sure
        structures = {name: Band.of(cloud.truth(name), weights).mean for name in drawn}
        quantities = {name: Band.of(cloud.truth(name), weights) for name in self.quantities}
        period = None if known.step is None else min(known.step // model.periods.slices + 1, model.periods.count)
        return AsKnown(
            day, period, told, Band.of(self.ask(cloud, known, self.asks), weights) if self.asks else None,
            {name: Band.of(values, weights) for name, values in outcomes.items()}, groups, types, structures,
            quantities, effective(weights), tail_shape(weights), renewed,
        )  # fmt: skip

    def told(self, cloud: Cloud, before: Known, items: Iterable[Item]) -> list[Told]:
        """Items that became known on a day, each with how likely it was, given what was known before it."""
        found, so_far = [], before
        for item in items:
            now = so_far.also([item])
            likely = np.nan if item.evidence.ratio else cloud.likely(now, so_far)
            found.append(Told(item.day, item.says, kind_of(item), likely, True))
            so_far = now
        return found

    def pulls(self, clouds: Sequence[Cloud], known: Known, outcome: str) -> list[Pull]:
        """What the forecast owes to each item of what is known, leaving it out; the largest first.

        `clouds`: all draws there are, the last those that the forecast is read off. Draws that were renewed given an
        item say little of what would be without it; each is read off those that are left most effective. Where they are
        too few it is not told (nan).
        """
        found = []
        for item in known.items:
            left = self.left_out(clouds, known, {item.place}, outcome)
            band = left.main if left.enough else Band(np.nan, np.nan, np.nan, np.nan)
            pull = left.pull if left.enough else np.nan
            found.append(Pull(item.day, item.says, kind_of(item), band, pull, left.error, left.ess))
        return sorted(found, key=lambda pull: -abs(np.nan_to_num(pull.pull)))

    def left_out(self, clouds: Sequence[Cloud], known: Known, places: Collection[int], outcome: str) -> Left:
        """The forecast without some items of what is known, by their numbers in the file, off the draws of `clouds`
        that are left most effective; the last of these is the one that the forecast itself is read off."""
        last, less = clouds[-1], known
        for place in places:
            less = less.without(place)
        every = [cloud.weights(less) for cloud in clouds]
        best = max(range(len(clouds)), key=lambda k: effective(every[k]))
        with_, weights = self.main(last, known, outcome), last.weights(known)
        whole, values = Band.of(with_, weights), self.main(clouds[best], less, outcome)
        band, many = Band.of(values, every[best]), effective(every[best])
        if clouds[best] is last:
            error = _apart(with_, weights, values, every[best])
        else:
            error = float(np.hypot(whole.error, band.error))
        rows = self.outcomes(clouds[best], less)
        outcomes = {name: Band.of(row, every[best]) for name, row in rows.items()}
        groups = {name: Band.of(row, every[best]) for name, row in self._grouped(rows).items()}
        enough = many >= min(LEAST, last.n / 2)
        return Left(band, outcomes, groups, whole.mean - band.mean, error, many, enough)

    def signs(
        self, cloud: Cloud, known: Known, outcome: str, candidates: Iterable[Item], costs: Mapping[int, float | None]
    ) -> list[Sign]:
        """What may be seen next, and what it would do: the most informative first, of what has a cost most for
        it. `costs`: of the signs that the case lists, by their places."""
        found, weights = [], cloud.weights(known)
        periods = self.model.periods
        p_answer = Band.of(self.main(cloud, known, outcome), weights).mean
        for item in candidates:
            seen = known.also([item])
            p = cloud.likely(seen, known)
            if not 1e-6 < p < 1 - 1e-6:
                continue
            yes = Band.of(self.main(cloud, seen, outcome), cloud.weights(seen))
            no = (p_answer - p * yes.mean) / (1 - p)
            moves = p * abs(yes.mean - p_answer) + (1 - p) * abs(no - p_answer)
            step = item.steps[-1] if item.steps else known.step or 0
            subject, _, label = ("", "", "") if item.place in costs else item.says.partition(" is ")
            by = None if periods.until is None or step >= periods.steps else _ends(self.model, step)
            found.append(Sign(
                item.says, subject, label, step // periods.slices + 1, by, p, yes,
                Band(no, np.nan, np.nan, np.nan), _bits(p, yes.mean, no, p_answer), moves,
                yes.mean in (0.0, 1.0) or yes.mean > 1 - 1e-9, costs.get(item.place),
            ))  # fmt: skip
        return sorted(found, key=lambda sign: (-np.nan_to_num(sign.bits) / (sign.cost or 1.0), -sign.moves))


def kind_of(item: Item) -> str:
    """What an item of evidence is."""
    return "seen" if item.evidence.seen else "not seen" if item.evidence.not_seen else "signal"


def _ends(model: Model, step: int) -> dt.date:
    """The last day of a slice."""
    period, slice_ = divmod(step, model.periods.slices)
    start, end = model.periods.begins(period), model.periods.begins(period + 1)
    return start + dt.timedelta(days=round((end - start).days * (slice_ + 1) / model.periods.slices) - 1)


def _apart(one: Floats, first: Floats, other: Floats, second: Floats) -> float:
    """The standard error of the difference of two means over the same draws, each with weights of its own."""
    parts = []
    for values, weights in ((one, first), (other, second)):
        share = np.where(np.isnan(values), 0.0, weights)
        if share.sum() <= 0:
            return float("nan")
        share = share / share.sum()
        x = np.nan_to_num(values)
        parts.append(share * (x - float(share @ x)))
    return float(np.sqrt(((parts[0] - parts[1]) ** 2).sum()))


def _bits(p: float, yes: float, no: float, both: float) -> float:
    """The mutual information, in bits, of a sign and an event that has these probabilities with it, without it, and in
    all."""
    if not all(-1e-9 <= x <= 1 + 1e-9 for x in (yes, no, both)):
        return float("nan")
    return max(0.0, _entropy(both) - p * _entropy(yes) - (1 - p) * _entropy(no))


def _entropy(p: float) -> float:
    p = min(max(p, 0.0), 1.0)
    return float(-sum(x * np.log2(x) for x in (p, 1 - p) if x > 0))


def possible(cloud: Cloud, known: Known, before: Known, model: Model) -> None:
    """Raise QuestionError where nothing is left of the model, naming the item that leaves nothing."""
    if cloud.weights(known).any():
        return
    so_far = Known(before.items, known.step)
    for item in known.items[len(before.items) :]:
        so_far = so_far.also([item])
        if not cloud.weights(so_far).any():
            when = f" in {model.periods.named(item.steps[-1] + 1)}" if item.steps and model.periods.steps > 1 else ""
            hint = "give it the `period:` in which it was made, or make it a `fact:`"
            if item.evidence.told:
                hint = "its likelihood is 0 wherever all else that is known can be"
            place = model.place("evidence", item.place)
            raise QuestionError(
                f"{place}: {item.day}: `{item.says}` cannot happen{when} in this model, given what was known before; "
                f"{hint}"
            )
    raise QuestionError(f"in this model the crisis is over before {model.periods.named((known.step or 0) + 1)} begins")
