"""Other best guesses tried on solved draws, fast enough for a slider.

    supposing = Supposing.of(study)                 # once for each solved case
    supposing.sliders                               # what can be moved, from where to where
    found = supposing.at({"war_cost": 0.4})         # at once: reweighted, nothing is solved
    if found.share < LEAST:                         # too few draws are left to say: solve again, here or elsewhere
        supposing.solve(bench, {"war_cost": 0.4}, 200)
        found = supposing.at({"war_cost": 0.4})

Beliefs are a mapping from names to new best guesses (`draws.beliefs`). A set solved again serves its neighbours too: of
all sets the one is read that is worth most draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from detente.analyse.counterfactual.whatif import Difference, Step
from detente.analyse.evidence.pareto import effective
from detente.analyse.forecast.claims import Verdict
from detente.analyse.forecast.readout import Answers, Ask
from detente.analyse.sensitivity.reweighting import (
    LEAST,
    Points,
    Rows,
    Weighted,
    best,
    difference,
    gap_error,
    ranged,
    share_held,
)
from detente.arrays import Floats
from detente.display import Displayed
from detente.draws.beliefs import CHANCES, NUMBER, PLAIN, STRUCTURE, Belief, Beliefs, Moved, Priors
from detente.draws.sampler import Draws, Sampler
from detente.draws.sources import SEEN_BY, Sources
from detente.errors import QuestionError
from detente.model.blocks import weight_of
from detente.model.schema import Model
from detente.study.study import Study

__all__ = ["LEAST", "Chance", "Slider", "Supposed", "Supposing", "Supposition"]

RANGE = 2.3263478740408408  # the normal score of the 99th percentile
RE_WEIGHTED, SOLVED_ANEW = "re-weighted", "solved anew"


@dataclass(frozen=True)
class Chance(Displayed):
    """A value of a quantity that has a few, with its probability before and after."""

    value: float
    before: float
    after: float


@dataclass(frozen=True)
class Supposition(Displayed):
    """A belief that was moved. `kind`: `number`, `chances` or `structure`; `before` and `after`: the best guess, or how
    likely the structure is; `moved`: by how many prior standard deviations (null for what is not a number); `chances`:
    of a quantity with a few values the probabilities of these."""

    name: str
    kind: str
    before: float
    after: float
    moved: float
    chances: tuple[Chance, ...] = ()


@dataclass(frozen=True)
class Supposed(Displayed):
    """What is forecast where best guesses are moved.

    `whole`: the answer, outcomes, groups and claims before and after, with their differences; `spread` of a difference
    is null where draws were reweighted, since no draw is changed. `verdicts`: on each claim, after. `how`:
    `re-weighted`, or `solved anew` for these beliefs. `draws`: how many solved draws were read; `ess` and `share`: how
    many they are worth by their weights, and which share of them that is. `plain_share`: the same of the draws of the
    case as it is written, which decides whether it is solved again.
    """

    beliefs: tuple[Supposition, ...]
    whole: Step
    verdicts: Mapping[str, Verdict]
    how: str
    draws: int
    ess: float
    share: float
    plain_share: float
    converged: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slider:
    """What a slider is told of something that may be believed otherwise.

    `low` and `high`: the 1st and 99th percentile of what is believed (of a structure 0 and 1); `now`: the best guess,
    or how likely a structure is on average; `written`: the value as it stands in the case. `chances`: the values of a
    quantity that has a few, `before` and `after` alike.
    """

    name: str
    kind: str
    means: str
    unit: str
    sources: tuple[str, ...]
    because: str
    mechanism: str
    written: str
    low: float
    high: float
    now: float
    chances: tuple[Chance, ...] = ()


@dataclass(frozen=True, eq=False)
class _Set:
    """Solved draws: where they stand, and what was read off them."""

    points: Points
    rows: Rows
    converged: float


@dataclass(eq=False)
class Supposing:
    """Solved draws of a model, asked what they say where something else is believed. See the module.

    `written`: the same draws of the case as it is written, where this model has something changed beside beliefs; what
    is forecast is set beside those then, and beside its own plain draws otherwise.
    """

    priors: Priors
    seed: int
    base: _Set
    outcomes: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    asks: str
    claims: tuple[str, ...]
    written: _Set | None = None
    anew: list[_Set] = field(default_factory=list)

    @classmethod
    def of(cls, study: Study) -> Supposing:
        """What can be supposed of a solved case. Raises QuestionError for one without draws."""
        model = study.model
        asks = model.answer.asks.text if model.answer else ""
        answers = Answers(
            {name: study.outcome_draws(name) for name in model.outcomes},
            {name: _held(study.claim_draws(name)) for name in model.claims},
            {}, {}, study.converged, answer={asks: study.ask(asks)} if asks else {},
        )  # fmt: skip
        priors = Priors(Sources(Sampler(model)))
        scores = priors.scores(PLAIN, study.asked, study.draws.seed)[:, : study.n]
        return cls._over(priors, study.draws, scores, answers)

    @classmethod
    def read(cls, model: Model, draws: Draws, answers: Answers, written: Supposing | None = None) -> Supposing:
        """What can be supposed of a model, from what was read off draws of it; a claim that was not read cannot be
        judged. `written`: of a variant, the case as it is written, from as many draws of the same seed."""
        priors = Priors(Sources(Sampler(model)))
        scores = priors.scores(PLAIN, draws.n, draws.seed)
        made = cls._over(priors, draws, scores, answers)
        made.written = written.base if written else None
        return made

    @classmethod
    def _over(cls, priors: Priors, draws: Draws, scores: Floats, answers: Answers) -> Supposing:
        model = priors.sources.sampler.model
        groups = {name: of for name, of in model.groups.items() if of}
        made = cls(
            priors, draws.seed, _Set(Points(priors, draws, scores), Rows(np.zeros((0, 0)), 0), 0.0),
            tuple(answers.outcomes), groups, next(iter(answers.answer), ""), tuple(model.claims),
        )  # fmt: skip
        made.base = made._set(Points(priors, draws, scores), answers)
        return made

    @property
    def model(self) -> Model:
        return self.priors.sources.sampler.model

    # ------------------------------------------------------------------ what may be moved

    @cached_property
    def sliders(self) -> tuple[Slider, ...]:
        """What may be believed otherwise, in the order of the file."""
        return tuple(self.slider(name) for name in self.priors.kinds)

    def slider(self, name: str) -> Slider:
        """One of them. Raises QuestionError for what is none."""
        name = self.priors.name(name)
        kind, (quantity, _, actor) = self.priors.kinds[name], name.partition(SEEN_BY)
        whole = self.model.quantities[quantity]
        about = whole.seen_by[actor] if actor else whole
        low, now, high, few = 0.0, self._likely(name) if kind == STRUCTURE else 0.0, 1.0, tuple[Chance, ...]()
        if kind == CHANCES:
            few = tuple(Chance(v, p, p) for v, p in zip(*self.priors.levels(name), strict=True))
            low, now, high = (f(c.value for c in few) for f in (min, lambda _: _mean(few), max))
        elif kind == NUMBER:
            low, now, high = self._ends[name].tolist()
        text = str(about.value)
        if kind == STRUCTURE and weight_of(name) in self.model.quantities:
            text = str(self.model.quantities[weight_of(name)].value)
        unit = "probability" if kind == STRUCTURE else whole.unit
        cited = tuple(str(citation) for citation in about.source)
        means = about.means or whole.means
        return Slider(name, kind, means, unit, cited, about.because, about.mechanism, text, low, high, now, few)

    @cached_property
    def _ends(self) -> dict[str, Floats]:
        return self.priors.along(np.array([-RANGE, 0.0, RANGE]))

    def _likely(self, name: str) -> float:
        """How likely a structure is on average over the draws."""
        return float(self._mass(name).mean())

    def _mass(self, name: str) -> Floats:
        """[n] how likely a structure is by the weights of each draw."""
        if name not in self._masses:
            block = next(block for block in self.priors.blocks.values() if name in block.names)
            _, likely = self.base.points.alternatives(block.name)
            self._masses[name] = likely[[name in alternative for alternative in block.alternatives]].sum(axis=0)
        return self._masses[name]

    @cached_property
    def _masses(self) -> dict[str, Floats]:
        return {}

    # ------------------------------------------------------------------ what follows

    def ess(self, beliefs: Beliefs) -> float:
        """How many draws the best of the solved sets is worth under some beliefs. Raises QuestionError."""
        _, weights = best([one.points for one in self._sets], self.priors.moved(beliefs))
        return effective(weights)

    def standing(self, beliefs: Beliefs) -> tuple[Rows, Floats]:
        """What is read under some beliefs, and with which weights, for another to be set beside."""
        chosen, weights = best([one.points for one in self._sets], self.priors.moved(beliefs))
        return self._sets[chosen].rows, weights

    def at(self, beliefs: Beliefs, since: tuple[Rows, Floats] | None = None) -> Supposed:
        """What is forecast under some beliefs, from the solved draws that are worth most. `since`: what it is set
        beside, of the same draws (see `standing`), in place of the case as it is written. Raises QuestionError."""
        moved = self.priors.moved(beliefs)
        sets = self._sets
        chosen, weights = best([one.points for one in sets], moved)
        one = sets[chosen]
        n, worth = one.points.n, min(effective(weights), one.points.n)
        plain = worth / n if chosen == 0 else effective(self.base.points.weights(moved)) / self.base.points.n
        same = chosen > 0 and one.points.made == moved
        told = tuple(self._supposition(name, belief, moved) for name, belief in beliefs.items())
        paired = same or (self.written is not None and not beliefs)
        step, verdicts = self._read(_told(told), one, weights, paired and since is None, since)
        how, share = SOLVED_ANEW if same else RE_WEIGHTED, worth / n
        return Supposed(told, step, verdicts, how, n, worth, share, plain, one.converged, self._notes(beliefs, share))

    def draws(self, beliefs: Beliefs, n: int) -> Draws:
        """n draws under some beliefs, of the same random numbers, for somebody to solve. Raises QuestionError."""
        return self.priors.draws(self.priors.moved(beliefs), n, self.seed)

    def add(self, beliefs: Beliefs, draws: Draws, answers: Answers) -> None:
        """Take in a set that was solved under some beliefs; of two for the same the larger one stays."""
        moved = self.priors.moved(beliefs)
        scores = self.priors.scores(moved, draws.n, self.seed)
        made = self._set(Points(self.priors, draws, scores, moved), answers)
        kept = [one for one in self.anew if one.points.made != moved]
        larger = [one for one in self.anew if one.points.made == moved and one.points.n > draws.n]
        self.anew = [*kept, *(larger or [made])]

    def solve(self, ask: Ask, beliefs: Beliefs, n: int) -> None:
        """Solve n draws under some beliefs, by a `Bench` say, and take them in. Raises ModelError, QuestionError."""
        draws = self.draws(beliefs, n)
        self.add(beliefs, draws, ask(draws))

    @property
    def _sets(self) -> list[_Set]:
        return [self.base, *self.anew]

    def _set(self, points: Points, answers: Answers) -> _Set:
        """What is read off solved draws as rows: outcomes, groups, the answer, claims; nan for those not read."""
        unread = np.full(points.n, np.nan)
        rows = [answers.outcomes[name] for name in self.outcomes]
        rows += [np.sum([answers.outcomes[o] for o in of], axis=0) for of in self.groups.values()]
        rows += [answers.answer[self.asks]] if self.asks else []
        ranged = len(rows)
        rows += [_held(answers.claims.get(name, unread)) for name in self.claims]
        return _Set(points, Rows(np.array(rows), ranged), float(answers.converged.mean()))

    @cached_property
    def _plain(self) -> dict[int, Weighted]:
        return {}

    def _before(self, n: int) -> Weighted:
        """What the first n plain draws come to."""
        if n not in self._plain:
            self._plain[n] = self._beside.rows.first(n).weighted(np.full(n, 1 / n))
        return self._plain[n]

    @property
    def _beside(self) -> _Set:
        return self.written or self.base

    def _read(
        self, change: str, one: _Set, weights: Floats, same: bool, since: tuple[Rows, Floats] | None = None
    ) -> tuple[Step, dict[str, Verdict]]:
        """Everything before and after. A set of fewer draws is set beside as many of the plain ones."""
        n, rows = one.points.n, since[0] if since else self._beside.rows
        if (there := rows.values.shape[1]) < n:
            raise QuestionError(f"{n} draws were solved again, and only {there} as the case is written")
        plain, old = rows.first(n), since[1][:n] if since else None
        before = self._before(n) if old is None else plain.weighted(old / max(old.sum(), 1e-300))
        after = one.rows.weighted(weights)
        errors = gap_error(before, after)
        names = [*self.outcomes, *self.groups, *[self.asks] * bool(self.asks)]
        found: list[Difference] = []
        for k, name in enumerate(names):
            sides = (ranged(name, before, k), ranged(name, after, k))
            gaps = one.rows.values[k] - plain.values[k] if same else None
            found.append(difference(name, *sides, float(errors[k]), gaps))
        turned, verdicts = {}, {}
        for k, name in enumerate(self.claims, len(names)):
            shares = (share_held(name, before, k), share_held(name, after, k))
            turned[name] = difference(name, *shares, float(errors[k]), None)
            unjudged = n - int(after.draws[k])
            verdicts[name] = Verdict(name, self.model.claims[name].says, shares[1], unjudged)
        o, g = len(self.outcomes), len(self.groups)
        step = Step(
            change, dict(zip(self.outcomes, found[:o], strict=True)), turned, found[-1] if self.asks else None,
            dict(zip(self.groups, found[o : o + g], strict=True)),
        )  # fmt: skip
        return step, verdicts

    def _supposition(self, given: str, belief: Belief, moved: Moved) -> Supposition:
        name = self.priors.name(given)
        kind = self.priors.kinds[name]
        if isinstance(belief, Mapping):
            values, old = self.priors.levels(name)
            few = tuple(Chance(*row) for row in sorted(zip(values, old, moved.chances[name], strict=True)))
            return Supposition(name, kind, _mean(few), sum(c.value * c.after for c in few), float("nan"), few)
        if kind == STRUCTURE:
            return Supposition(name, kind, self._likely(name), float(belief), float("nan"))
        return Supposition(name, kind, self.priors.guess(name), float(belief), moved.shifts[name])

    def _notes(self, beliefs: Beliefs, share: float) -> tuple[str, ...]:
        """What is to be said of beliefs, and of weights that leave few draws."""
        names, found = [self.priors.name(name) for name in beliefs], list[str]()
        joined = dict.fromkeys(
            other for c in self.model.correlations for other in c.between
            if other not in names and set(names) & set(c.between)
        )  # fmt: skip
        if joined:
            found.append(f"correlated with what is moved, and left as it is: {', '.join(joined)}")
        if self.model._updated is not None:
            found.append("best guesses are those before the evidence, which is taken in as it was")
        for name in (name for name in names if self.priors.kinds[name] == STRUCTURE):
            if certain := int(((mass := self._mass(name)) <= 0).sum() + (mass >= 1).sum()):
                found.append(
                    f"by its own weight there is no doubt about {name} in {certain:,} draws; these cannot tell"
                )
        if share < LEAST:
            found.append("few draws are left by their weights; numbers and intervals may be off")
        return tuple(found)


def _held(values: Floats) -> Floats:
    """[n] 1 where a claim holds, 0 where it does not, nan where it cannot be judged."""
    return np.where(np.isnan(values), np.nan, (values != 0).astype(float))


def _mean(few: Sequence[Chance]) -> float:
    return sum(c.value * c.before for c in few)


def _told(beliefs: Sequence[Supposition]) -> str:
    """What is supposed, for a heading."""
    return " and ".join(_one(belief) for belief in beliefs) or "nothing moved"


def _one(belief: Supposition) -> str:
    if belief.kind == CHANCES:
        return f"{belief.name} {', '.join(f'{c.value:g} {c.after:.3g}' for c in belief.chances)}"
    return f"{belief.name} {'at ' if belief.kind == NUMBER else ''}{belief.after:.4g}"
