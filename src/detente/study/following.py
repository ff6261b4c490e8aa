"""A record of evidence followed day by day: solved draws, weighed by what is known, and renewed where few are left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from detente.analyse.evidence.cloud import Cloud
from detente.analyse.evidence.known import Item, Known, Record
from detente.analyse.evidence.pareto import LEAST as ENOUGH
from detente.analyse.evidence.pareto import ONE_IN, effective, too_few
from detente.analyse.evidence.renewal import MOVED, Renewed, renewed
from detente.analyse.evidence.updating import Renewal, possible
from detente.arrays import Floats
from detente.draws.sampler import Draws, Sampler
from detente.draws.sources import Sources
from detente.engine.batch import Batch
from detente.engine.engine import Solving
from detente.engine.rivals import held_apart
from detente.engine.solved import computable, converged
from detente.engine.store.codec import decode, encode
from detente.engine.store.compiled import blueprint_of
from detente.engine.store.store import Store
from detente.engine.surroundings import code, digest, surroundings
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.language.normal import normal_cdf
from detente.model.fields import spelled
from detente.model.schema import Model
from detente.solve.registry import is_ours

FEWEST, LEAST = ONE_IN, ENOUGH  # draws are renewed where fewer are left effective
CLIP, ROUNDING = 1e-12, 1e-9


class Followed:
    """A record followed: n draws of a model, as they are weighed by what is known.

    Draws are solved once, and again where they are renewed; what was known on one day is built on the next. Raises
    ModelError, and QuestionError where nothing of the model agrees with what is known.
    """

    def __init__(self, model: Model, engine: Solving, store: Store | None, n: int, seed: int) -> None:
        self.model, self.engine, self.n, self.seed = model, engine, n, seed
        self.record, self.known = Record(model), Known(())
        self.blueprint: Blueprint = blueprint_of(model, store)
        self.sources = Sources(Sampler(model))
        self.good: list[Floats] = []
        self.cloud = Cloud(list(self._kept(self.engine, self.sources.sampler.draw(n, seed))))
        self.clouds = [self.cloud]

    @property
    def converged(self) -> float:
        """The share of draws that converged."""
        return float(np.concatenate(self.good).mean())

    def on(self, day: dt.date) -> tuple[Known, list[Item]]:
        """What is known on a day, and what of it came on that day."""
        now = Known.on(self.record, day)
        now = Known(now.items, now.step, self.known._found)
        return now, [item for item in now.items if item.day == day]

    def go(self, day: dt.date) -> Renewal | None:
        """Take in all that is known on a day. Draws are renewed where too few are left effective."""
        now, _ = self.on(day)
        possible(self.cloud, now, self.known, self.model)
        renewal = self._renewed(day, now)
        self.known = now
        return renewal

    def days(self, until: dt.date) -> list[dt.date]:
        """The days on which something came, up to a day, and that day."""
        return sorted({*(item.day for item in self.model.evidence if item.day <= until), until})

    def free(self) -> Floats:
        """[S, n] the draws as points in free scores."""
        return self.cloud.free if self.cloud.free is not None else self.sources.free(self.n, self.seed)

    def _renewed(self, day: dt.date, now: Known) -> Renewal | None:
        weights = self.cloud.weights(now)
        if not too_few(weights, FEWEST, LEAST) or not self.sources.names:
            return None
        made = self.redrawn(now, np.random.default_rng([self.seed, day.toordinal()]))
        batches = list(self._kept(self.engine.bare, self.sources.draws(made.free)))
        self.cloud = Cloud(batches, now, made.free)
        self.clouds = [*self.clouds[:1], self.cloud]  # those of the prior, and the last
        return Renewal(effective(weights), made.steps, made.sweeps, made.accepted)

    def redrawn(self, now: Known, rng: np.random.Generator, wanted: float = MOVED) -> Renewed:
        """Draws from what is known, all of equal weight: `wanted` is how many moves each is given on average."""
        given = self.cloud.given or Known(())

        def evaluate(points: Floats) -> tuple[Floats, Floats]:
            draws = self.sources.draws(points)
            good = computable(self.blueprint, self.engine.perception, draws)
            before, after = np.full(draws.n, -np.inf), np.full(draws.n, -np.inf)
            if good.any():
                some = draws if good.all() else draws.taken(np.flatnonzero(good))
                tried = Cloud([solved.batch for solved in self.engine.bare.solve(self.blueprint, some)])
                before[good], after[good] = tried.log(given), tried.log(now)
            return before, after

        old, new = self.cloud.log(given), self.cloud.log(now)
        return renewed(self.free(), old, new, evaluate, rng, wanted)

    def _kept(self, engine: Solving, draws: Draws) -> Iterator[Batch]:
        """Solved draws that are weighed from now on; it is noted which converged."""
        self.good = []
        for solved in engine.solve(self.blueprint, draws):
            self.good.append(converged(solved).astype(float))
            yield held_apart(solved.batch)


@dataclass(frozen=True, eq=False)
class AsOf:
    """A model as of a day: what was known on it, and draws of its quantities given that, all of equal weight.

    Draws are those of the record followed up to the day, resampled by weight and moved, so that whatever is asked of
    draws is asked of the posterior.
    """

    model: Model
    engine: Solving
    store: Store | None
    day: dt.date
    _drawn: dict[tuple[int, int], dict[str, Floats]] = field(default_factory=dict)

    @cached_property
    def known(self) -> Known:
        """What was known on the day."""
        return Known.on(Record(self.model), self.day)

    @property
    def items(self) -> int:
        """How many items of evidence were known that bear on the model."""
        return len(self.known.items)

    def stream(self, name: str, n: int, seed: int) -> Floats | None:
        """[n] the uniform numbers of a source of uncertainty given what is known; None for one the model has not."""
        if (n, seed) not in self._drawn:
            self._drawn[n, seed] = self._once(n, seed)
        return self._drawn[n, seed].get(name)

    def _once(self, n: int, seed: int) -> dict[str, Floats]:
        """The uniform numbers of all sources, [n] each, from the store if they are there."""
        where = self._address(n, seed) if self.store else None
        if self.store is None or where is None:
            return self._posterior(n, seed)
        found = self.store.answers(where, n, lambda raw: _sound(decode(raw, (), dict[str, Floats]), n))
        if found is None:
            found = self._posterior(n, seed)
            about = self.store.about(self.engine, self.model, seed)
            self.store.keep_answers(where, n, encode(found), about)
        return found

    def _address(self, n: int, seed: int) -> str | None:
        method = self.engine.method
        if not is_ours(method):
            return None
        parts = (spelled(self.model), self.day.isoformat(), self.engine.perception, repr(method), f"{seed} {n} as of")
        return digest("\n".join((*parts, surroundings(), code())).encode())

    def _posterior(self, n: int, seed: int) -> dict[str, Floats]:
        followed = Followed(self.model, self.engine, self.store, n, seed)
        for day in followed.days(self.day):
            followed.go(day)
        rng = np.random.default_rng([seed, self.day.toordinal(), 1])
        if not followed.sources.names:
            return {}
        free = followed.redrawn(followed.known, rng).free
        free = free + ROUNDING * rng.standard_normal(free.shape)  # none is quite the same as another
        uniform = [np.clip(normal_cdf(row), CLIP, 1 - CLIP) for row in free]
        return dict(zip(followed.sources.names, uniform, strict=True))


def _sound(found: dict[str, Floats], n: int) -> dict[str, Floats]:
    """Uniform numbers as they were kept. Raises ValueError for what is none."""
    if any(row.shape != (n,) or not ((row > 0) & (row < 1)).all() for row in found.values()):
        raise ValueError("the file holds no uniform numbers")
    return found


def as_of(model: Model, engine: Solving, store: Store | None, day: dt.date | str) -> Model:
    """A model that is asked as of a day. Raises QuestionError for what is not a date, or has no evidence by then."""
    when = read_day(day)
    if model._updated is not None and model._updated.day == when:
        return model
    if not model.evidence:
        there_is(model, when)
    made: Model = model.model_copy()
    made._updated = AsOf(model, engine, store, when)
    return made


def read_day(day: dt.date | str) -> dt.date:
    """A day as it is written. Raises QuestionError."""
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day.strip())
    except ValueError:
        raise QuestionError(f"{day!r} is not a date; write it as 2022-02-16") from None


def there_is(model: Model, day: dt.date) -> None:
    """Raise QuestionError where a model lists no evidence by a day."""
    if any(item.day <= day for item in model.evidence):
        return
    first = min((item.day for item in model.evidence), default=None)
    there = f"its first is of {first}" if first else "write it under `evidence:`"
    raise QuestionError(f"this model lists no evidence by {day}; {there}")
