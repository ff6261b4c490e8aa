"""Very many draws: what `run` answers first, from draws of which none is kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Unpack

from detente.analyse.evidence.outside import Answered, questions
from detente.analyse.forecast.claims import Question, Verdict, beside
from detente.analyse.forecast.sketches import REFERENCE, Distribution
from detente.display import Displayed
from detente.engine.engine import Engine
from detente.engine.executors.local import Local, Piece, Trip
from detente.engine.recent import Recent
from detente.engine.solved import Solved
from detente.engine.store.compiled import blueprint_of, keep_blueprint
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.model.ask import read_question
from detente.model.schema import Model
from detente.solve.base import Status, advice
from detente.study.memo.parts import Part
from detente.study.memo.spans import Spans
from detente.study.memo.tally import ANSWER, GROUP, MECHANISM, OUTCOME, WAY, Tally
from detente.study.registry import question
from detente.study.settings import Case, How, Ready, Settings
from detente.study.summary import Certified

DRAWS = 100_000
BATCHES = 8  # in a span, which is drawn, solved and read by one process, and kept as one


@dataclass(frozen=True)
class Asked(Displayed):
    """The answer to the case's question, and the probability of each group of outcomes; `unjudged` are the draws in
    which the answer is no number."""

    asks: str
    says: str
    value: Distribution
    groups: Mapping[str, Distribution]
    unjudged: int

    @property
    def answered(self) -> Answered:
        """The same as `run` has it."""
        v, groups = self.value, {name: d.finding(name) for name, d in self.groups.items()}
        return Answered(self.asks, self.says, v.value, v.low, v.high, v.error, v.draws, groups, self.unjudged)


@dataclass(frozen=True)
class Took(Displayed):
    """How long a sweep took (s), and how many draws were solved in that time; the others were kept."""

    seconds: float
    solved: int

    @property
    def rate(self) -> float:
        """Draws that were solved in a second."""
        return self.solved / self.seconds if self.seconds > 0 else math.nan


@dataclass(frozen=True)
class Swept(Displayed):
    """What very many draws come to.

    `answer` is null where the case does not say what answers its question. `ways`: the mean probability of each way to
    each outcome; `mechanisms`: of each mechanism and the outcomes that come with it. `statuses`: how many draws were
    solved how.
    """

    asked: int
    draws: int
    answer: Asked | None
    outcomes: Mapping[str, Distribution]
    claims: Mapping[str, Verdict]
    ways: Mapping[str, Mapping[str, float]]
    mechanisms: Mapping[str, Mapping[str, float]]
    certificate: Certified
    statuses: Mapping[str, int]
    method: str
    perception: str
    references: tuple[str, ...]
    interrupted: bool

    took = Took(math.nan, 0)
    """No part of the answer, which is the same however long it takes."""

    @property
    def within(self) -> float:
        """So near each percentile of a probability is to that of the draws themselves."""
        return max(d.within for d in self.outcomes.values())


@question(
    "sweep", topic="forecast", draws=DRAWS, dossier=False, without=("as_of",),
    because="evidence bears on all draws together; `detente run --as-of` follows it, in memory",
)  # fmt: skip
def sweep(case: Case, **settings: Unpack[Settings]) -> Swept:
    """Solve very many draws in little memory: outcomes, their spread, and the claims, as `run` has them.

    Nothing is kept of a draw. Means and standard errors are sums; percentiles are read off counts on a fixed grid, and
    told with their error. Draws and seed are those of `run`, so that its means come out. Where there is a store, a
    sweep that was stopped goes on from there, and one of more draws begins with what is there. Interrupted (Ctrl-C), it
    returns what is done, with `interrupted` set. Raises ModelError, QuestionError.
    """
    ready = How.of(settings).ready(case)
    if ready.model._updated is not None:
        raise QuestionError(
            "this model is asked as of a day, and evidence bears on all draws together, so that they cannot be swept\n"
            "    ask `run` with as_of, or sweep the case before any evidence"
        )
    started = time.monotonic()
    blueprint = blueprint_of(ready.model, ready.store)
    reading = Reading.of(blueprint)
    keep_blueprint(blueprint, ready.store)
    spans = Spans(ready, BATCHES * ready.engine.batch_size(blueprint))
    spanned, interrupted, before = partial(tallied, ready.engine.bare, reading, ready.seed), False, _reused(ready)

    def told(at: int) -> None:
        if ready.progress:
            ready.progress(min(at, ready.draws), ready.draws)

    def work(start: int, stop: int) -> Piece[Tally]:
        return Piece(partial(spanned, start, stop, told), lambda: Trip(spanned, (start, stop), _itself))

    try:
        for tally in ready.engine.run(spans.pieces(work)):
            spans.add(tally)
            told(spans.reached)
    except KeyboardInterrupt:
        if not spans.done:
            raise
        interrupted = True
    found = swept(ready, spans.tally, interrupted)
    took = Took(time.monotonic() - started, spans.reached - (_reused(ready) - before))
    object.__setattr__(found, "took", took)
    return found


def _reused(ready: Ready) -> int:
    return ready.store.reused if ready.store else 0


def _itself(tally: Tally) -> Tally:
    return tally


@dataclass(frozen=True, eq=False)
class Reading:
    """What is read off each batch of a compiled model: what `run` reads."""

    blueprint: Blueprint
    claims: Mapping[str, Question]
    asked: Mapping[str, Question]

    @classmethod
    def of(cls, blueprint: Blueprint) -> Reading:
        """The claims of the model, and what it asks beside them."""
        model = blueprint.model
        held = {name: claim.holds for name, claim in model.claims.items()}
        claims = {name: Question(blueprint, holds.expression, beside(holds)) for name, holds in held.items()}
        return cls(
            blueprint, claims, {text: Question(blueprint, read_question(model, text)) for text in questions(model)}
        )

    def part(self, solved: Solved) -> Part:
        return Part.of(solved, self.claims, self.asked)

    def tally(self, solved: Solved) -> Tally:
        return Tally.of(self.part(solved), self.blueprint.model)


def tallied(
    engine: Engine, reading: Reading, seed: int, start: int, stop: int, told: Callable[[int], None] | None = None
) -> Tally:
    """The tally of a span of draws, which are drawn, solved and read here, batch by batch, and then gone."""
    draws = reading.blueprint.sampler.since(start).draw(stop - start, seed)
    alone = replace(engine, executor=Local(), recent=Recent())  # nothing is solved twice
    found: list[Tally] = []
    for tally in alone.read(reading.blueprint, draws, reading.tally):
        found.append(tally)
        if told:
            told(start + sum(t.draws for t in found))
    return Tally.merged(found)


def swept(ready: Ready, tally: Tally, interrupted: bool) -> Swept:
    """What a tally comes to."""
    model = ready.model
    return Swept(
        ready.draws, tally.draws, _answer(model, tally), tally.distributions(OUTCOME),
        {name: tally.verdict(model, name) for name in model.claims}, tally.means(WAY), tally.means(MECHANISM),
        _certified(model, tally), {Status(s).name.lower(): n for s, n in tally.statuses.items()}, tally.method,
        ready.engine.bare.perception, (*tally.references, REFERENCE), interrupted,
    )  # fmt: skip


def _answer(model: Model, tally: Tally) -> Asked | None:
    if model.answer is None:
        return None
    asks, value = model.answer.asks.text, tally.distribution(ANSWER)
    return Asked(
        asks, model.answer.says or asks, value, tally.distributions(GROUP), tally.draws - value.draws
    )  # fmt: skip


def _certified(model: Model, tally: Tally) -> Certified:
    lost, traced = tally.unconverged, tally.statuses.get(Status.TRACED, 0)
    gains = dict(zip(model.actors, tally.gain.tolist(), strict=True))
    what = advice(tally.method, bool(tally.stopped)) if lost else ""
    return Certified(1 - lost / tally.draws, tally.residual, gains, lost, traced, tally.forked, what)
