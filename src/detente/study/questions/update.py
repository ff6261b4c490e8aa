"""Updating: the forecast as evidence came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Unpack

import numpy as np

from detente.analyse.evidence.known import Item, Known, Record
from detente.analyse.evidence.pareto import effective, reliable, tail_shape
from detente.analyse.evidence.renewal import renewed
from detente.analyse.evidence.updating import (
    AsKnown,
    Cloud,
    Pull,
    Reader,
    Renewal,
    Sign,
    Told,
    possible,
)
from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.draws.sources import Sources
from detente.engine.batch import Batch
from detente.engine.solved import converged
from detente.engine.store.compiled import blueprint_of
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.language.expressions import Is
from detente.model.record import Evidence
from detente.model.schema import Model
from detente.model.structural import told
from detente.study.evaluate.evaluator import computable
from detente.study.memo.findings import Readings
from detente.study.registry import Option, question
from detente.study.run import DRAWS
from detente.study.settings import Case, How, Ready, Settings

UNTIL = Option("As known on this day, such as 2022-02-16 (default: the last day of evidence before what happened).",
               metavar="DATE")  # fmt: skip
FEWEST = 10  # draws are renewed where fewer than one in so many is effective


@dataclass(frozen=True)
class Updated:
    """The forecast day by day, as evidence came, up to a day: nothing that is dated later was read.

    `before`: the forecast before any evidence; `dates`: as known on each day on which something came, and on the last.
    On that last day: `pulls`, what the forecast owes to each item, leaving it out, and `signs`, what may be seen next.
    `later`: how many items are dated later. `converged`: the share of draws that converged.
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


@question("update", topic="evidence", draws=DRAWS, dossier=False)
def update(
    case: Case, *, until: Annotated[dt.date | str | None, UNTIL] = None, **settings: Unpack[Settings]
) -> Updated:
    """Update the forecast on dated evidence: day by day, what each item did, and what would change it next.

    Draws of the quantities, structures, private types and plays are weighed together by Bayes' rule: an event that was
    seen by the probability that the solved game gives it, a sign by its stated likelihood, and what was not seen by a
    day by how likely that is. Where too few draws are left effective, they are renewed (sequential Monte Carlo).
    `until`: as known on that day; nothing dated later is read. Interrupted (Ctrl-C), it returns the days that are done,
    with `interrupted` set. Raises ModelError, and QuestionError where there is no evidence, or nothing of the model
    agrees with it.
    """
    ready = How.of(settings).ready(case)
    day = last_day(ready.model, until)

    where = Readings.of_question(ready, [ready.model], "update", day.isoformat())
    if (known := where.get(0, ready.draws, Updated)) is not None:
        told_before: Updated = known
        return told_before
    found = _Updating(ready, day).all()
    if not found.interrupted:
        where.put(0, ready.draws, found)
    return found


def last_day(model: Model, until: dt.date | str | None) -> dt.date:
    """The day as of which is asked. Raises QuestionError."""
    days = sorted(item.day for item in model.evidence)
    if isinstance(until, str):
        try:
            return dt.date.fromisoformat(until.strip())
        except ValueError:
            raise QuestionError(f"{until!r} is no day; write it as 2022-02-16") from None
    if until is not None:
        return until
    if not days:
        raise QuestionError("this model lists no evidence; write it under `evidence:`")
    ended = model.happened.date if model.happened else None
    before = [d for d in days if ended is None or d < ended]
    return (before or days)[-1]


class _Updating:
    """The days of a record worked through in order. Draws are solved once, and anew where they are renewed."""

    def __init__(self, ready: Ready, day: dt.date) -> None:
        self.ready, self.day, self.model = ready, day, ready.model
        self.record = Record(self.model)
        if not any(item.day <= day for item in self.model.evidence):
            first = min((item.day for item in self.model.evidence), default=None)
            there = f"its first is of {first}" if first else "write it under `evidence:`"
            raise QuestionError(f"this model lists no evidence by {day}; {there}")
        self.blueprint: Blueprint = blueprint_of(self.model, ready.store)
        self.reader = Reader(self.blueprint, self.model, told(self.model))
        self.good: list[Floats] = []
        self.sources = Sources(self.blueprint.sampler)
        draws = self.blueprint.sampler.draw(ready.draws, ready.seed)
        self.cloud = Cloud(list(self._solved(draws, keep=True)))

    def all(self) -> Updated:
        """Every day, and what is asked of the last."""
        first = self.model.periods.from_ or self.days[0]
        before = self.reader.day(self.cloud, Known(()), min(first, self.days[0]), ())
        likeliest = max(before.outcomes, key=lambda name: before.outcomes[name].mean)
        found: list[AsKnown] = []
        pulls: list[Pull] = []
        signs: list[Sign] = []
        interrupted, known = False, Known(())
        try:
            for k, day in enumerate(self.days):
                now, items = self._on(day, known)
                found.append(self._day(day, known, now, items))
                known = now
                if self.ready.progress:
                    self.ready.progress(k + 1, len(self.days) + 1)
            pulls = self.reader.pulls(self.cloud, known, likeliest)
            signs = self.reader.signs(self.cloud, known, likeliest, self._next(known))
            if self.ready.progress:
                self.ready.progress(len(self.days) + 1, len(self.days) + 1)
        except KeyboardInterrupt:
            if not found:
                raise
            interrupted = True
        answer = self.model.answer
        says = (answer.says or answer.asks.text) if answer else likeliest
        later = sum(item.day > self.day for item in self.model.evidence)
        share = float(np.concatenate(self.good).mean())
        return Updated(self.day, says, before, found, pulls, signs, later, self.ready.draws, share, interrupted)

    @property
    def days(self) -> list[dt.date]:
        """The days on which something came, and the last."""
        return sorted({*(item.day for item in self.model.evidence if item.day <= self.day), self.day})

    def _on(self, day: dt.date, before: Known) -> tuple[Known, list[Item]]:
        """What is known on a day, and what of it came on that day."""
        now = Known.on(self.record, day)
        now = Known(now.items, now.step, before._found)
        new = [item for item in now.items if item.day == day]
        return now, new

    def _day(self, day: dt.date, before: Known, now: Known, items: Sequence[Item]) -> AsKnown:
        """The forecast as known on a day."""
        possible(self.cloud, now, before, self.model)
        evidence = self._told(day, before, now, items)
        self.cloud, renewal = self._renewed(day, now)
        return self.reader.day(self.cloud, now, day, evidence, renewal)

    def _told(self, day: dt.date, before: Known, now: Known, items: Sequence[Item]) -> list[Told]:
        """What came on a day, with how likely it was; and that the crisis went on, where a period has begun since."""
        found = []
        if now.step is not None and now.step > (before.step or 0):
            going = Known(before.items, now.step, before._found)
            old, new = float(self.cloud.weights(before).sum()), float(self.cloud.weights(going).sum())
            said = f"the crisis is not over: {self.model.periods.named(now.step + 1)} has begun"
            if now.step >= self.model.periods.steps:
                said = "the time is over, and nothing has ended the crisis"
            found.append(Told(day, said, "goes on", new / old if old > 0 else np.nan, True))
            before = going
        found += self.reader.told(self.cloud, before, items)
        used = {item.place for item in items}
        for k, evidence in enumerate(self.model.evidence):
            if evidence.day == day and k not in used:
                found.append(Told(day, evidence.says, "fact", np.nan, False))
        return found

    def _renewed(self, day: dt.date, now: Known) -> tuple[Cloud, Renewal | None]:
        """Draws anew, where too few are left effective."""
        cloud, n = self.cloud, self.ready.draws
        weights = cloud.weights(now)
        left, shape = effective(weights), tail_shape(weights)
        few = left < max(n / FEWEST, min(n, 50)) or (shape is not None and shape > reliable(n) and left < n / 2)
        if not few or not self.sources.names:
            return cloud, None
        free = cloud.free if cloud.free is not None else self.sources.free(n, self.ready.seed)
        given = cloud.given or Known(())

        def evaluate(points: Floats) -> tuple[Floats, Floats]:
            draws = self.sources.draws(points)
            good = computable(self.blueprint, self.ready.engine, draws)
            before, after = np.full(draws.n, -np.inf), np.full(draws.n, -np.inf)
            if good.any():
                some = draws if good.all() else draws.taken(np.flatnonzero(good))
                tried = Cloud(list(self._solved(some)))
                with np.errstate(divide="ignore"):
                    before[good], after[good] = np.log(tried.mass(given)), np.log(tried.mass(now))
            return before, after

        with np.errstate(divide="ignore"):
            old, new = np.log(cloud.mass(given)), np.log(cloud.mass(now))
        rng = np.random.default_rng([self.ready.seed, day.toordinal()])
        made = renewed(free, old, new, evaluate, rng)
        batches = list(self._solved(self.sources.draws(made.free), keep=True))
        return Cloud(batches, now, made.free), Renewal(left, made.steps, made.sweeps, made.accepted)

    def _solved(self, draws: Draws, keep: bool = False) -> Iterator[Batch]:
        """Solved draws; `keep`: these count for what converged."""
        engine = self.ready.engine if keep and self.cloud_is_prior else self.ready.engine.bare
        if keep:
            self.good = []
        for solved in engine.solve(self.blueprint, draws):
            if keep:
                self.good.append(converged(solved).astype(float))
            yield solved.batch

    @property
    def cloud_is_prior(self) -> bool:
        """Whether no draws are solved yet: those of the prior are kept in the store like those of `run`."""
        return not hasattr(self, "cloud")

    def _next(self, known: Known) -> Iterator[Item]:
        """What may be seen next: every move and result in the slice that has begun, and in the next."""
        steps = self.model.periods.steps
        now = known.step if known.step is not None else max((max(i.steps, default=0) for i in known.items), default=0)
        for step in range(now, min(now + 2, steps)):
            for name, stage in self.model.stages.items():
                if stage.periods and step // self.model.periods.slices + 1 not in stage.periods:
                    continue
                for label in stage.results:
                    event = Is(0, name, (label,), 0)
                    item = Evidence.model_validate({"date": self.day, "seen": f"{name} is {label}"})
                    place = -1 - (list(self.model.stages).index(name) * 1000 + list(stage.results).index(label))
                    yield Item(place, item, event, (step,), 1.0)
