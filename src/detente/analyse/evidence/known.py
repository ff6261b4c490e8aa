"""What is known on a day: the items of evidence by then, and how likely each whole play makes them.

A play is known by what it leads to, but it is seen as it stands: an event that was *seen* on a day had happened in the
period of that day. One that was *not seen* by a day had not happened in the periods before, and not in as much of its
own as was over; when within a period something happens no model says, and each day of it counts alike. And a crisis of
which nothing else is known goes on: plays that would be over are not this one.

Signs enter with the likelihood that somebody stated. Of n reports of one thing each counts as 1 / (1 + (n - 1) / 2) of
one, the design effect of reports that are correlated by half (Kish 1965, Survey Sampling, section 5.4).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from detente.arrays import Bools, Floats, Ints
from detente.engine.batch import Batch
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.game.history import going_on, stood, unresolved, whole
from detente.language.expressions import Expression
from detente.model.likelihoods import bare
from detente.model.record import Evidence
from detente.model.schema import Model

ALIKE = 0.5  # the correlation of reports of one thing
_Read = tuple[list[int], Floats | None]
"""The rows of a tape on whole plays, or [terminals, 1] their values, where no draw decides."""
KISH = "Kish (1965), Survey Sampling, section 5.4"


@dataclass(frozen=True, eq=False)
class Item:
    """An item of evidence that bears on the model: when it was known, and the formula of its likelihood on a play.

    `steps`: the slices in which it holds or holds not, by number from 0; none where that may be any. `over`: how much
    of the last of them was over. `place` is its number in the file.
    """

    place: int
    evidence: Evidence
    formula: Expression
    steps: tuple[int, ...]
    over: float

    @property
    def day(self) -> dt.date:
        return self.evidence.day

    @property
    def says(self) -> str:
        return self.evidence.says


@dataclass(frozen=True, eq=False)
class Record:
    """The evidence of a model, in the order in which it became known."""

    model: Model

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What bears on the model; facts in words, and what falls after its last period, do not."""
        found = (self.item(k, evidence) for k, evidence in enumerate(self.model.evidence))
        return tuple(sorted((item for item in found if item is not None), key=lambda item: (item.day, item.place)))

    def by(self, day: dt.date) -> tuple[Item, ...]:
        """What was known on a day."""
        return tuple(item for item in self.items if item.day <= day)

    def item(self, place: int, evidence: Evidence) -> Item | None:
        """An item of evidence; None where it does not bear on the model."""
        event = evidence.seen or evidence.not_seen
        if event is None and not evidence.told:
            return None
        formula = event.expression if event is not None else evidence.told.expression(self.model)
        periods = self.model.periods
        if evidence.escalation:  # whenever it comes to that
            return Item(place, evidence, formula, (), 1.0)
        if evidence.period is not None:
            last = evidence.period * periods.slices
            return Item(place, evidence, formula, tuple(range(last - periods.slices, last)), 1.0)
        if periods.until is None:
            steps = (0,) if periods.steps == 1 else ()
            return Item(place, evidence, formula, steps, 1.0)
        step, over = periods.moment(evidence.day)
        if step < periods.steps:
            return Item(place, evidence, formula, (step,), over)
        if evidence.not_seen is not None:
            return Item(place, evidence, formula, (periods.steps - 1,), 1.0)
        return None


@dataclass(frozen=True, eq=False)
class Known:
    """What is known: some items, and the slice that has begun, by number from 0 (None: nothing says which)."""

    items: tuple[Item, ...]
    step: int | None = None
    _found: WeakKeyDictionary[Blueprint, dict[tuple[int, int | None], _Read]] = field(default_factory=WeakKeyDictionary)

    @cached_property
    def _whole(self) -> WeakKeyDictionary[Blueprint, Floats]:
        """The likelihood on each whole play, where no draw decides."""
        return WeakKeyDictionary()

    @classmethod
    def on(cls, record: Record, day: dt.date) -> Known:
        """What was known on a day."""
        periods = record.model.periods
        step = None if periods.until is None else periods.moment(day)[0]
        return cls(record.by(day), step)

    def without(self, place: int) -> Known:
        """The same but for one item, by its number in the file."""
        return Known(tuple(item for item in self.items if item.place != place), self.step, self._found)

    def also(self, items: Iterable[Item]) -> Known:
        """The same and more."""
        return Known((*self.items, *items), self.step, self._found)

    def __call__(self, batch: Batch) -> Floats:
        """[terminals, n], or [terminals, 1] where no draw matters: how likely what is known is on each whole play; but
        for what was `measured`."""
        blueprint = batch.blueprint
        if blueprint not in self._whole:
            found = self._likelihood(batch)
            if found.shape[1] > 1:  # a draw decides
                return found
            self._whole[blueprint] = found
        return self._whole[blueprint]

    def _likelihood(self, batch: Batch) -> Floats:
        blueprint = batch.blueprint
        seen = np.ones((len(blueprint.tree.terminals), 1))
        for item in self.items:
            if item.evidence.seen is not None:
                seen = seen * self._seen(batch, item)
        seen = seen * self._unseen(batch)
        goes_on = self._goes_on(blueprint)[:, None]
        if (seen * goes_on).any() or not self._ended(blueprint, seen):
            seen = seen * goes_on
        for item, counts in zip(self.items, self._counting, strict=True):
            if item.evidence.told:
                seen = seen * self._sign(batch, item) ** counts
        return seen

    def measured(self, batch: Batch) -> Floats:
        """[n] the logarithm of the likelihood of what was measured: the same on all histories."""
        total = np.zeros(batch.n)
        for item, counts in zip(self.items, self._counting, strict=True):
            for name, one in item.evidence.told.measured.items():
                total = total + one.log(batch.draws.truth[bare(name)]) * counts
        return total

    def _goes_on(self, blueprint: Blueprint) -> Bools:
        """[terminals] whether each whole play is not over before the slice that has begun."""
        if not self.step:
            return np.ones(len(blueprint.tree.terminals), bool)
        if self.step < blueprint.model.periods.steps:
            return going_on(blueprint, self.step)
        return unresolved(blueprint)

    def _ended(self, blueprint: Blueprint, seen: Floats) -> bool:
        """Whether what was seen ends the game: of the plays that have it none goes on."""
        last = max((max(i.steps, default=0) for i in self.items if i.evidence.seen is not None), default=None)
        if last is None or not seen.any():
            return False
        there = (seen > 0).any(axis=1)
        return not bool((there & going_on(blueprint, last + 1)).any())

    @cached_property
    def _counting(self) -> list[float]:
        """As how much of a report of its own each item counts."""
        signs = [frozenset(item.evidence.with_) if item.evidence.told else frozenset() for item in self.items]
        alike = [sum(bool(mine & other) for other in signs) for mine in signs]
        return [1.0 / (1.0 + max(n - 1, 0) * ALIKE) for n in alike]

    def _unseen(self, batch: Batch) -> Floats:
        """[terminals, 1] or [terminals, n] how likely it is that nothing was seen of what was not seen.

        What several items say of one period counts once: it is the least that any of them says.
        """
        total = np.ones((len(batch.blueprint.tree.terminals), 1))
        waited: dict[int, Floats] = {}
        for item in self.items:
            if item.evidence.not_seen is None:
                continue
            if not item.steps:
                total = total * (self._event(batch, item, None) == 0)
                continue
            last = item.steps[-1]
            if any(other.evidence.seen is not None and other.day <= item.day and other.formula == item.formula
                   for other in self.items):  # fmt: skip
                return total * 0.0  # it was seen by then
            for step in range(last + 1):
                happened = self._event(batch, item, step) != 0
                left = np.where(happened, 1.0 - item.over if step == last else 0.0, 1.0)
                waited[step] = np.minimum(waited[step], left) if step in waited else left
        for left in waited.values():
            total = total * left
        return total

    def _seen(self, batch: Batch, item: Item) -> Bools:
        """Whether each whole play has an event in the time in which it was seen."""
        steps: Sequence[int | None] = item.steps or (None,)
        there = self._event(batch, item, steps[0]) != 0
        for step in steps[1:]:
            there = there | (self._event(batch, item, step) != 0)
        return np.asarray(there)

    def _sign(self, batch: Batch, item: Item) -> Floats:
        """How likely a sign is on each whole play."""
        found = self._event(batch, item, item.steps[-1] if item.steps else None)
        if not bool((np.isfinite(found) & (found >= 0)).all()):
            lost = int((~np.isfinite(found) | (found < 0)).any(axis=0).sum())
            many = f"in {lost:,} of {batch.n:,} draws" if found.shape[1] > 1 else "on some histories"
            place = _place(batch, item)
            raise QuestionError(
                f"{place}: {item.day}: the likelihood of `{item.says}` is below 0, or no number, {many}; "
                "write a formula that is never below 0, such as max(0, ...)"
            )
        return found

    def _event(self, batch: Batch, item: Item, step: int | None) -> Floats:
        """[terminals, 1] or [terminals, n] an event or number on each whole play, as it stood at the end of a slice."""
        blueprint = batch.blueprint
        mine, key = self._found.setdefault(blueprint, {}), (item.place, step)
        if key not in mine:
            formula = item.formula
            rows = whole(blueprint, formula) if step is None else stood(blueprint, formula, step)
            mine[key] = _read(blueprint, rows)
        found, values = mine[key]
        return batch.spread(found, None) if values is None else values


def _place(batch: Batch, item: Item) -> str:
    """Where an item is written."""
    return str(batch.blueprint.model.place("evidence", item.place))


def _read(blueprint: Blueprint, rows: Ints) -> _Read:
    """Rows of the tape, and [terminals, 1] their values; None where a draw decides."""
    unique, places = np.unique(rows, return_inverse=True)
    values = [blueprint.tape.constant(int(row)) for row in unique]
    if any(value is None for value in values):
        return rows.tolist(), None
    return [], np.array(values, float)[places][:, None]
