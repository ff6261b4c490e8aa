"""What an analyst's best guesses are, and draws of a model in which some of them are others.

The best guess of a quantity that is one source of uncertainty is its median, the value at the normal score 0. To move
it is to shift that score by d: the distribution keeps its family and, in its scores, its width; every other quantity
keeps its own distribution, and the normal copula stays what it is. Of a quantity with a few values (a choice, a
bernoulli) the probabilities of its values are believed, of a rival structure how likely it is to be present.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from detente.arrays import Floats
from detente.draws.sampler import Draws, Sampler
from detente.draws.sources import FARTHEST, SEEN_BY, Sources
from detente.draws.structures import chances, fit, mass, numbered
from detente.errors import QuestionError, listed, nearest
from detente.language.expressions import Expression, Name, Number, Uncertain
from detente.language.normal import normal_cdf
from detente.model.blocks import Block, names_of, weight_of
from detente.model.schema import Model
from detente.model.structural import inner

NUMBER, CHANCES, STRUCTURE = "number", "chances", "structure"
KINDS = (NUMBER, CHANCES, STRUCTURE)
Belief = float | Mapping[float, float]
"""A new best guess, the weight of a structure, or the probability of each of a few values."""
Beliefs = Mapping[str, Belief]
"""New best guesses by name: of a quantity, a perception (`x seen by A`), a rival structure."""
FORMS = "write a new best guess, war_cost=0.4, or for a few values their probabilities, winter=0:0.7,1:0.3"
CLOSE = 1e-9  # of a sum of probabilities


@dataclass(frozen=True)
class Moved:
    """Beliefs as they act on the sources of a model: the plain prior where all is empty.

    `shifts`: by how much the normal score of a source is shifted; `chances`: the probability of each level of a source
    with a few, in the order of `Priors.levels`; `weights`: of each block of rival structures, how likely some are.
    """

    shifts: Mapping[str, float] = field(default_factory=dict)
    chances: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


PLAIN = Moved()


@dataclass(frozen=True, eq=False)
class Priors:
    """What is believed of each source of a model, and what could be believed instead."""

    sources: Sources

    # ------------------------------------------------------------------ what can be believed

    @cached_property
    def kinds(self) -> dict[str, str]:
        """What can be believed otherwise, in the order of the file, each with what it is (one of KINDS)."""
        model = self.sources.sampler.model
        hidden, found = inner(model), dict[str, str]()
        structures = {name for block in self.blocks.values() for name in block.names}
        for name, quantity in model.quantities.items():
            if name in structures:
                found[name] = STRUCTURE
            elif name not in hidden and (kind := self._kind(name)):
                found[name] = kind
            for actor in quantity.seen_by:
                if kind := self._kind(seen := f"{name}{SEEN_BY}{actor}"):
                    found[seen] = kind
        return found

    def _kind(self, name: str) -> str:
        """What a quantity or perception is where it is one source of uncertainty; else nothing."""
        whole = self._expression(name)
        if variants := self._variants(name):  # one source with another range in each structure
            quantities = self.sources.sampler.model.quantities
            depends = {e.name for e in whole.walk() if isinstance(e, Name)} - {*variants}
            settled = all(isinstance(quantities[other].value.expression, Number) for other in depends)
            return NUMBER if settled and all(isinstance(self._expression(v), Uncertain) for v in variants) else ""
        if not isinstance(whole, Uncertain) or whole.family == "mixture" or name not in self.sources.names:
            return ""
        if any(isinstance(part, Uncertain) for part in list(whole.walk())[1:]):
            return ""
        if whole.family in ("choice", "bernoulli"):
            return CHANCES if len(self.levels(name)[0]) > 1 else ""
        return NUMBER

    def _variants(self, name: str) -> list[str]:
        """The values of a quantity that has others in some structures, by name; all are drawn from one source."""
        return [other for other, q in self.sources.sampler.model.quantities.items() if q._stream == name]

    def _expression(self, name: str) -> Expression:
        quantity, _, actor = name.partition(SEEN_BY)
        written = self.sources.sampler.model.quantities[quantity]
        return (written.seen_by[actor] if actor else written).value.expression

    def levels(self, name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The values of a quantity that has a few, from the lowest score up, and their probabilities; none where these
        are formulas."""
        whole = self._expression(name)
        assert isinstance(whole, Uncertain)
        numbers = [part.value for part in whole.args if isinstance(part, Number)]
        if len(numbers) != len(whole.args):
            return (), ()
        weights: Sequence[float] = whole.weights
        if whole.family == "bernoulli":
            numbers, weights = [0.0, 1.0], [1 - numbers[0], numbers[0]]
        total: dict[float, float] = {}
        for value, weight in zip(numbers, weights, strict=True):
            total[value] = total.get(value, 0.0) + weight
        there = [value for value, weight in total.items() if weight > 0]
        values = tuple(sorted(there) if name in self.sources.sampler.copula[0] else there)
        return values, tuple(total[value] for value in values)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """The blocks of rival structures that are drawn, by name."""
        rivals = self.sources.sampler.model._rivals
        return {block.name: block for block in rivals.blocks if len(block.alternatives) > 1} if rivals else {}

    def guess(self, name: str) -> float:
        """The best guess of a quantity or perception that is a number: its median, all else at its median."""
        if name not in self._guesses:
            self._guesses[name] = float(self.sources.value(name, np.zeros(1))[0])
        return self._guesses[name]

    @cached_property
    def _guesses(self) -> dict[str, float]:
        return {}

    def along(self, scores: Floats) -> dict[str, Floats]:
        """[m] by name the values of all that is a number at [m] scores of its own, all else at its median; at once."""
        names, m = [name for name, kind in self.kinds.items() if kind == NUMBER], len(scores)
        place = {name: slice(k * m, (k + 1) * m) for k, name in enumerate(names)}
        known = {}
        for source in self.sources.names:
            known[source] = np.zeros(len(names) * m)
            if source in place:
                known[source][place[source]] = scores
        lenient = replace(self.sources.sampler, scores=known.__getitem__, lenient=True)
        drawn = lenient.draw(len(names) * m, 0)
        return {name: self.sources.read(drawn, name)[at] for name, at in place.items()}

    # ------------------------------------------------------------------ beliefs as they act on the sources

    def moved(self, beliefs: Beliefs) -> Moved:
        """Beliefs as shifts, probabilities and weights. Raises QuestionError for what cannot be believed."""
        shifts: dict[str, float] = {}
        few: dict[str, tuple[float, ...]] = {}
        weights: dict[str, dict[str, float]] = {}
        for given, belief in beliefs.items():
            name = self.name(given)
            kind = self.kinds[name]
            if kind == CHANCES:
                few[name] = self._few(name, belief)
                continue
            if isinstance(belief, Mapping):
                raise QuestionError(f"{name!r} has no few values to give probabilities to; write {name}=0.4, say")
            if kind == STRUCTURE:
                if not 0 <= belief <= 1:
                    raise QuestionError(f"{name!r} is a structure: {belief:g} is not a probability that it is present")
                block = next(block for block in self.blocks.values() if name in block.names)
                weights.setdefault(block.name, {})[name] = float(belief)
            else:
                shifts[name] = self._shift(name, belief)
        self._possible(shifts, few, weights)
        return Moved(shifts, few, weights)

    def name(self, given: str) -> str:
        """The name of what a belief is about; that of a structure for its weight. Raises QuestionError."""
        model = self.sources.sampler.model
        if given in self.kinds:
            return given
        for structure in names_of(model):
            if given == weight_of(structure) and structure in self.kinds:
                return structure
        perceptions = self.sources.perceptions
        if given in names_of(model):
            raise QuestionError(
                f"whether there is the structure {given!r} is settled, so that it has no weight to move; settle it "
                "otherwise with --only or --without"
            )
        if given not in perceptions and (given not in model.quantities or given in inner(model)):
            raise QuestionError(f"there is no quantity {given!r}; {nearest(given, [*self.kinds, *perceptions])}")
        raise QuestionError(f"{given!r} {self._why(given)}")

    def _why(self, name: str) -> str:
        """Why the best guess of a quantity or perception cannot be moved, and what could be done instead."""
        whole = self._expression(name)
        if self._variants(name):
            return "has other values in rival structures; settle these with --only or --without first"
        made = self._made_of(name)
        own = any(isinstance(part, Uncertain) for part in whole.walk())
        if not made and not own:
            return "is known exactly; give it another value with --set"
        if made and not own:
            return f"is made of several sources of uncertainty; suppose one of these instead: {listed(made)}"
        given = f", or one of {listed(made)}" if made else ""
        return f"is not one source of uncertainty but a formula around some; give the uncertain part a name{given}"

    def _made_of(self, name: str) -> list[str]:
        """The sources that a formula is made of, as far as they have names, in the order of the file."""
        model, seen, waiting = self.sources.sampler.model, set[str](), [name]
        while waiting:
            at = waiting.pop()
            names = {e.name for e in self._expression(at).walk() if isinstance(e, Name)}
            new = (names & model.quantities.keys()) - seen - {name}
            seen |= new
            waiting += [other for other in new if other not in self.kinds]
        return [other for other in self.kinds if other in seen]

    def _shift(self, name: str, value: float) -> float:
        """By how much the score of a source is shifted, for its median to be a value."""
        if not math.isfinite(value):
            raise QuestionError(f"{value!r} is not a best guess of {name!r}; {FORMS}")
        if value == self.guess(name):
            return 0.0
        shift = float(self.sources.score(name, np.array([value]))[0])
        if math.isnan(shift):
            raise QuestionError(f"{name!r} is known exactly; give it another value with --set")
        if math.isinf(shift):
            low, high = sorted(float(x) for x in self.sources.value(name, np.array([-FARTHEST, FARTHEST])))
            raise QuestionError(
                f"{value:g} lies outside of the possible range of {name!r} ({low:.4g} to {high:.4g}); stay inside, "
                "or give it another distribution with --set"
            )
        return shift

    def _few(self, name: str, belief: Belief) -> tuple[float, ...]:
        """The probabilities of the values of a source, in order; those not told share the rest as they did."""
        values, known = self.levels(name)
        told = f"{name}={','.join(f'{v:g}:{p:.2g}' for v, p in zip(values, known, strict=True))}"
        if not isinstance(belief, Mapping):
            raise QuestionError(f"{name!r} has only a few values; write how likely they are, {told}")
        if other := [value for value in belief if value not in values]:
            raise QuestionError(f"{other[0]:g} is none of the values of {name!r}; it is now {told}")
        total, rest = sum(belief.values()), sum(p for v, p in zip(values, known, strict=True) if v not in belief)
        if not all(0 <= p <= 1 for p in belief.values()) or total > 1 + CLOSE or (not rest and total < 1 - CLOSE):
            raise QuestionError(f"the probabilities of {name!r} sum to {total:g}; it is now {told}")
        left = max(0.0, 1 - total) / rest if rest else 0.0
        found = [belief.get(v, p * left) for v, p in zip(values, known, strict=True)]
        return tuple(p / sum(found) for p in found)

    def _possible(
        self, shifts: Mapping[str, float], few: Mapping[str, object], weights: Mapping[str, Mapping[str, float]]
    ) -> None:
        """Raise QuestionError for beliefs that cannot be held together."""
        correlated = self.sources.sampler.copula[0]
        if len(joint := [name for name in few if name in correlated]) > 1:
            raise QuestionError(f"{listed(joint)} are correlated choices; suppose one of them at a time")
        mean = self.vector(shifts)
        if np.abs(self.correlations @ (self.precision @ mean) - mean).max(initial=0.0) > 1e-6:
            told = [name for name in shifts if name in correlated]
            raise QuestionError(f"{listed(told)} cannot be moved by itself: it is perfectly correlated with another")
        for name, wanted in weights.items():
            block = self.blocks[name]
            fitted = fit(np.ones((len(block.alternatives), 1)), block, wanted)
            if max(abs(float(mass(fitted, block, s)[0]) - w) for s, w in wanted.items()) > 1e-6:
                told = [f"{s} {w:g}" for s, w in wanted.items()]
                raise QuestionError(f"these structures exclude each other and cannot be so likely: {listed(told)}")

    # ------------------------------------------------------------------ scores and draws

    def row(self, source: str) -> int:
        """The number of a source among all."""
        return self._rows[source]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: k for k, name in enumerate(self.sources.names)}

    def vector(self, shifts: Mapping[str, float]) -> Floats:
        """[S] the shift of the score of every source."""
        found = np.zeros(len(self.sources.names))
        for name, shift in shifts.items():
            found[self.row(name)] = shift
        return found

    @cached_property
    def correlations(self) -> Floats:
        """[S, S] the correlations of the scores."""
        return np.asarray(self.sources.mixing @ self.sources.mixing.T)

    @cached_property
    def precision(self) -> Floats:
        """[S, S] their inverse; the shortest way back where some are perfectly correlated."""
        found = np.eye(len(self.sources.names))
        rows = [self.row(name) for name in self.sources.sampler.copula[0]]
        if rows:
            found[np.ix_(rows, rows)] = np.linalg.pinv(self.correlations[np.ix_(rows, rows)])
        return found

    def scores(self, moved: Moved, n: int, seed: int) -> Floats:
        """[S, n] the scores of the sources in n draws, from the same random numbers whatever is believed."""
        return np.asarray(self.sources.mixing @ self.sources.free(n, seed) + self.vector(moved.shifts)[:, None])

    def draws(self, moved: Moved, n: int, seed: int) -> Draws:
        """n draws of a model in which something else is believed, paired with `sampler.draw(n, seed)`.

        Raises QuestionError for a model asked as of a day, whose draws are given evidence.
        """
        sampler = self.sources.sampler
        if sampler.model._updated is not None:
            raise QuestionError(
                "a model asked as of a day is not drawn again for another best guess: its draws are given the "
                "evidence; write the number into the case, or suppose it before the evidence"
            )
        scores = dict(zip(self.sources.names, self.scores(moved, n, seed), strict=True))
        lenient = replace(sampler, scores=scores.__getitem__, lenient=True)
        fixed: dict[str, Floats | float] = {}
        for name, few in moved.chances.items():
            fixed[name] = np.array(self.levels(name)[0])[numbered(np.array(few), normal_cdf(scores[name]))]
        if not moved.weights:
            return lenient.draw(n, seed, fixed)
        plain = lenient.draw(n, seed, fixed)
        for name, wanted in moved.weights.items():
            block = self.blocks[name]
            drawn = next(s for s in (name, f"{name} drawn", f"{name}#0") if s in scores)
            likely = fit(chances(plain, block), block, wanted)
            fixed[name] = numbered(likely, normal_cdf(scores[drawn])).astype(float)
        return lenient.draw(n, seed, fixed)


# ---------------------------------------------------------------------- as they are written


def read(texts: Iterable[str]) -> dict[str, Belief]:
    """Beliefs as the command line writes them: `war_cost=0.4`, `odds=40%`, `winter=0:0.7,1:0.3`. Raises
    QuestionError."""
    found: dict[str, Belief] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not name or not equals or not value:
            raise QuestionError(f"{text!r} does not say what to believe about what; {FORMS}")
        if name in found:
            raise QuestionError(f"{name!r} is given two best guesses")
        if ":" not in value:
            found[name] = _number(value, text)
            continue
        pairs = [part.partition(":") for part in value.split(",")]
        few = [(_number(one, text), _number(p, text)) for one, _, p in pairs]
        if len(dict(few)) < len(few):
            raise QuestionError(f"{text!r} gives one value two probabilities")
        found[name] = dict(few)
    return found


def believed(model: Model, texts: Iterable[str]) -> dict[str, Belief]:
    """Beliefs about a model, from texts. Raises QuestionError, also for what this model has not or cannot be."""
    found = read(texts)
    Priors(Sources(Sampler(model))).moved(found)
    return found


def written(beliefs: Beliefs) -> tuple[str, ...]:
    """Beliefs as the command line writes them, so that equal ones are written alike."""

    def one(belief: Belief) -> str:
        if isinstance(belief, Mapping):
            return ",".join(f"{value!r}:{p!r}" for value, p in sorted(belief.items()))
        return repr(float(belief))

    return tuple(f"{name}={one(belief)}" for name, belief in sorted(beliefs.items()))


def _number(text: str, whole: str) -> float:
    bare = text.strip()
    percent = bare.endswith("%")
    try:
        value = float(bare.rstrip("%"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise QuestionError(f"{whole!r}: {bare!r} is not a number; {FORMS}")
    return value / 100 if percent else value
