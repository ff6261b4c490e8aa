"""Several experts' numbers pooled, what is forecast under each expert's own, and whose number drives the gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Unpack

import numpy as np

from detente.analyse.counterfactual.coalitions import EXACTLY, SAMPLED, Design
from detente.analyse.evidence.disagreement import Gap, Share, driver, gap_of
from detente.analyse.evidence.experts import CUTOFF, FEW, Record, records, weights
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import rankable
from detente.analyse.forecast.readout import Answers
from detente.arrays import Floats
from detente.display import Displayed
from detente.errors import QuestionError
from detente.language.expressions import Expression
from detente.language.pools import PERCENTILES, Unpoolable, linear, logarithmic, quantiles, value_of
from detente.language.writing import written
from detente.model.elicitation import Expert, read_calibration, read_experts
from detente.model.load import changed
from detente.model.schema import Model
from detente.study.evaluate.variant import Arm
from detente.study.memo.findings import once
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Ready, Settings

LINEAR, LOGARITHMIC = "linear", "logarithmic"
EQUAL, PERFORMANCE = "equal", "performance"
MODELS = 32  # that are solved for one expert
THE_ANSWER = "answer"
FILES = Option("Files of answers, one for each expert.", metavar="ANSWER...", names="files")
WEIGHT = Option(
    "The weight of an expert; all together count as 1. Repeatable, once for everybody. [default: as --weights says]",
    metavar="NAME=X", flag="weight",
)  # fmt: skip


@dataclass(frozen=True)
class Held(Displayed):
    """What an expert believes about a quantity, and with which weight it entered the pool."""

    expert: str
    weight: float
    low: float
    middle: float
    high: float
    because: str
    source: str


@dataclass(frozen=True)
class Pooled(Displayed):
    """A quantity as it is pooled: `parts` by weight, in the words of the language (one is not mixed at all); its 5th,
    50th and 95th percentiles, and those of the experts who answered."""

    quantity: str
    unit: str
    parts: Mapping[str, float]
    low: float
    middle: float
    high: float
    held: tuple[Held, ...]

    @property
    def value(self) -> str | dict[str, dict[str, float]]:
        """As a file has it."""
        return {"mixture": dict(self.parts)} if len(self.parts) > 1 else next(iter(self.parts))


@dataclass(frozen=True)
class Side(Displayed):
    """What is forecast under one expert's own numbers, under the pool or by the case as it is written."""

    who: str
    outcomes: Mapping[str, Finding]
    answer: Finding | None


@dataclass(frozen=True)
class Pool(Displayed):
    """Several experts' numbers as one case, and their disagreement.

    `records`: how each did with the calibration questions. `quantities`: as pooled. `case`, `pool` and `experts`: what
    is forecast by the case as it is written, under the pool, and under each expert's own numbers, all in the same
    draws. `asks`: what the gaps are about, the answer of the case, or the outcome on which experts differ most. `gaps`:
    each expert's answer less the pool's, shared out among that expert's numbers. `driver`: the one that does most.
    """

    rule: str
    weights: Mapping[str, float]
    records: tuple[Record, ...]
    quantities: tuple[Pooled, ...]
    case: Side
    pool: Side
    experts: tuple[Side, ...]
    asks: str
    gaps: tuple[Gap, ...]
    driver: Share | None
    method: str
    solved: int
    draws: int
    converged: float
    notes: tuple[str, ...] = ()


@question(
    "pool", topic="evidence", draws=1000, counts="models", dossier=False, without=("as_of",),
    because="what experts believe is pooled before any evidence; write the pool to a file, and ask that as of a day",
)  # fmt: skip
def pool(
    case: Case,
    answers: Annotated[Sequence[str | Path], FILES] = (),
    *,
    calibration: Annotated[
        str | None, Option("The file of calibration questions. [default: none]", metavar="FILE", names="files")
    ] = None,
    rule: Annotated[
        str, Option("The mean of the distributions, or of their logarithms.", choices=(LINEAR, LOGARITHMIC))
    ] = LINEAR,
    weigh: Annotated[
        str,
        Option("All experts alike, or by the calibration questions.", choices=(EQUAL, PERFORMANCE), flag="weights"),
    ] = EQUAL,
    weight: Annotated[Sequence[str], WEIGHT] = (),
    cutoff: Annotated[
        float, Option("By performance, who is calibrated worse than this has no weight.", low=0, high=1)
    ] = CUTOFF,
    models: Annotated[int, Option("The largest number of models to solve for one expert.", low=2, high=4096)] = MODELS,
    **settings: Unpack[Settings],
) -> Pool:
    """Pool the numbers of several experts, and show where they disagree and whose number drives the gap.

    `answers`: files that `elicit` wrote and experts filled in. A quantity is pooled over those who answered it, by
    weight; one that nobody answered stays as the case has it. The linear pool is the mean of the distributions (Stone
    1961), the logarithmic pool that of their logarithms (Genest & Zidek 1986), where the language has a word for it.
    Weights are equal, as given (`weight`, such as `Anna=2`), or by performance: Cooke's calibration times information
    in the classical model (Cooke 1991), 0 below the `cutoff`. Under each expert's own numbers and under the pool the
    case is solved in the same draws; each expert's gap to the pool is shared out among that expert's numbers, Shapley's
    value over quantities, exactly where at most `models` models tell it. Raises ModelError, with what is wrong in any
    file; QuestionError.
    """
    if not answers:
        raise QuestionError("give the files that experts filled in; `detente elicit CASE --for NAME` writes one")
    ready = How.of(settings).ready(case)
    if ready.model._updated is not None:
        raise QuestionError("experts are pooled before any evidence: ask without a day")
    known = read_calibration(calibration) if calibration else {}
    experts = read_experts([str(file) for file in answers], ready.model, known)
    scored = tuple(records(experts, known, cutoff))
    given = _given(weight)
    share = weights(experts, scored, weigh, given)
    beliefs = _beliefs(ready.model, experts)
    quantities = tuple(_pooled(ready.model, name, beliefs[name], share, rule) for name in beliefs)
    _can_be_pooled(ready.model, quantities, beliefs, rule)
    of = "as given" if given else weigh

    def ask() -> Pool:
        return _Table(ready, share, beliefs, _values(ready.model, beliefs, share, rule), models).pool(
            f"{rule} pool, weights {of}", scored, quantities, _notes(experts, scored, known, beliefs, share)
        )

    own = tuple((e.name, tuple((q, written(b.expression), b.because, b.source) for q, b in e.quantities.items()))
                for e in experts)  # fmt: skip
    told = tuple((r.expert, *(repr(a) for a in r.answers)) for r in scored)
    return once(ready, Pool, ask, "pool", rule, of, tuple(share.items()), own, told, cutoff, models)


Beliefs = Mapping[str, Mapping[str, Any]]
"""By quantity, and then by expert, what is believed."""


def _given(texts: Sequence[str]) -> dict[str, float]:
    """`NAME=X`, read. Raises QuestionError."""
    found: dict[str, float] = {}
    for text in texts:
        name, equals, number = (part.strip() for part in text.rpartition("="))
        try:
            found[name] = float(number)
        except ValueError:
            found[name] = np.nan
        if not equals or not name or not 0 <= found[name] < np.inf:
            raise QuestionError(f"--weight {text}: write --weight NAME=X, X a number that is not negative")
    return found


def _beliefs(model: Model, experts: Sequence[Expert]) -> Beliefs:
    named = {name: {e.name: e.quantities[name] for e in experts if name in e.quantities} for name in model.quantities}
    return {name: held for name, held in named.items() if held}


def _shares(held: Mapping[str, Any], share: Mapping[str, float]) -> dict[str, float]:
    """The weights of those who answered, all for one; alike where none of them has any."""
    total = sum(share[expert] for expert in held)
    return {expert: share[expert] / total if total > 0 else 1 / len(held) for expert in held}


def _pool(model: Model, name: str, held: Mapping[str, Any], share: Mapping[str, float], rule: str) -> Expression:
    mine = _shares(held, share)
    given = [held[expert].expression for expert in mine]
    if rule == LINEAR:
        return linear(given, list(mine.values()))
    try:
        return logarithmic(given, list(mine.values()), model.quantities[name].unit)
    except Unpoolable as error:
        raise QuestionError(f"{name}: {error}; pool linearly, or ask for the same kind of range") from error


def _values(model: Model, beliefs: Beliefs, share: Mapping[str, float], rule: str) -> dict[str, Expression]:
    return {name: _pool(model, name, held, share, rule) for name, held in beliefs.items()}


def _pooled(
    model: Model, name: str, held: Mapping[str, Any], share: Mapping[str, float], rule: str
) -> Pooled:  # fmt: skip
    e, unit = _pool(model, name, held, share, rule), model.quantities[name].unit
    value = value_of(e)
    parts = {value: 1.0} if isinstance(value, str) else next(iter(value.values()))
    mine = _shares(held, share)
    rows = tuple(Held(x, mine[x], b.low, b.middle, b.high, b.because, b.source) for x, b in held.items())
    low, middle, high = quantiles(e, PERCENTILES, unit)
    return Pooled(name, unit, parts, low, middle, high, rows)


def _can_be_pooled(
    model: Model, quantities: Sequence[Pooled], beliefs: Beliefs, rule: str
) -> None:  # fmt: skip
    """Raise QuestionError where a correlated quantity would be a mixture, which cannot be correlated."""
    correlated = {name for c in model.correlations for name in c.between}
    values = {
        p.quantity: [p.value, *(value_of(b.expression) for b in beliefs[p.quantity].values())] for p in quantities
    }
    mixed = [name for name, some in values.items() if name in correlated and any(isinstance(v, dict) for v in some)]
    if mixed:
        other = "" if rule == LOGARITHMIC else ", and pool logarithmically"
        raise QuestionError(
            f"{', '.join(mixed)}: the case correlates {'it' if len(mixed) == 1 else 'them'} with others, and a mixture "
            f"cannot be correlated; give ranges as `p5` and `p95` alone or as one distribution{other}, or take the "
            "correlation out of the case"
        )


def _notes(
    experts: Sequence[Expert], scored: Sequence[Record], known: Mapping[str, Any], beliefs: Beliefs,
    share: Mapping[str, float],
) -> tuple[str, ...]:  # fmt: skip
    notes = [
        f"{name}: answered by {', '.join(held)} alone" for name, held in beliefs.items() if len(held) < len(experts)
    ]
    notes += [f"{name}: nobody who answered it has any weight, so that all who did count alike"
              for name, held in beliefs.items() if not sum(share[x] for x in held)]  # fmt: skip
    if known and min(r.questions for r in scored) < FEW:
        few = min(r.questions for r in scored)
        notes.append(f"with {few} calibration questions experts are hardly told apart; {FEW} or more are usual")
    if any(r.questions and r.score is None for r in scored):
        notes.append("interval scores of several units are averaged only where each question has a `scale`")
    return tuple(notes)


@dataclass(eq=False)
class _Table:
    """Solves the case with each combination of the experts' and the pooled numbers that is asked for, once each."""

    ready: Ready
    share: Mapping[str, float]
    beliefs: Beliefs
    values: Mapping[str, Expression]
    models: int
    found: dict[tuple[tuple[str, str], ...], Answers] = field(default_factory=dict)

    def answers(self, values: Mapping[str, Expression]) -> Answers:
        key = tuple(sorted((name, written_of(e)) for name, e in values.items()))
        if key not in self.found:
            arm = Arm.plain(self.ready)
            if values:
                spelled = {name: value_of(e) for name, e in values.items()}
                arm = arm.edited(lambda variant: replace(variant, model=changed(variant.model, spelled)))
            self.found[key] = arm.answers(arm.bench([]))
            if self.ready.progress:
                self.ready.progress(len(self.found), max(len(self.found), self.planned))
        return self.found[key]

    @property
    def experts(self) -> list[str]:
        return list(self.share)

    def own(self, expert: str) -> dict[str, Expression]:
        """The pool with an expert's own numbers wherever there are any."""
        mine = {name: held[expert].expression for name, held in self.beliefs.items() if expert in held}
        return {**self.values, **mine}

    def differing(self, expert: str) -> list[str]:
        """The quantities of which an expert believes something else than the pool."""
        own = self.own(expert)
        return [name for name, e in self.values.items() if written_of(own[name]) != written_of(e)]

    def design(self, expert: str) -> Design:
        return Design.of(len(self.differing(expert)), self.models, self.ready.seed)

    @property
    def planned(self) -> int:
        """How many models are solved at most."""
        return 2 + sum(len(self.design(expert).coalitions) - 1 for expert in self.experts)

    def gap(self, expert: str, asks: str) -> Gap:
        design, names, own = self.design(expert), self.differing(expert), self.own(expert)
        worth = {}
        for some in design.coalitions:
            mixed = {**self.values, **{names[k]: own[names[k]] for k in some}}
            worth[some] = _asked(self.answers(mixed), asks)
        return gap_of(expert, names, design, worth)

    def pool(
        self, rule: str, scored: tuple[Record, ...], quantities: tuple[Pooled, ...], notes: tuple[str, ...]
    ) -> Pool:  # fmt: skip
        plain, pooled = self.answers({}), self.answers(self.values)
        alone = {expert: self.answers(self.own(expert)) for expert in self.experts}
        asks = THE_ANSWER if plain.answer else _most_disputed(alone)
        gaps = tuple(self.gap(expert, asks) for expert in self.experts)
        exact = all(self.design(expert).exact for expert in self.experts)
        converged = float(np.concatenate([a.converged for a in self.found.values()]).mean())
        method = (EXACTLY if exact else SAMPLED).replace("blocks", "quantities").replace("mixtures", "combinations")
        return Pool(
            rule, dict(self.share), scored, quantities, _side("the case", plain), _side("the pool", pooled),
            tuple(_side(expert, a) for expert, a in alone.items()), asks, gaps, driver(gaps), method, len(self.found),
            self.ready.draws, converged, notes,
        )  # fmt: skip


def written_of(e: Expression) -> str:
    """A value as text, mixtures with their weights."""
    return str(value_of(e))


def _asked(found: Answers, asks: str) -> Floats:
    return next(iter(found.answer.values())) if asks == THE_ANSWER else found.outcomes[asks]


def _most_disputed(alone: Mapping[str, Answers]) -> str:
    """The outcome on which experts differ most."""
    names = next(iter(alone.values())).outcomes

    def apart(name: str) -> float:
        means = [float(np.nanmean(found.outcomes[name])) for found in alone.values()]
        return rankable(max(means) - min(means))

    return max(names, key=apart)


def _side(who: str, found: Answers) -> Side:
    known = found.computed
    outcomes = {name: Finding.of(name, values[known]) for name, values in found.outcomes.items()}
    answer = None
    for asks, values in found.answer.items():
        answer = Finding.of(asks, values[~np.isnan(values)])
    return Side(who, outcomes, answer)
