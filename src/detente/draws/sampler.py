"""The second currency of the model room: `Draws`, joint samples of all quantities, as they are and as they are seen.

Every source of uncertainty has its own stream of uniform numbers, named after it and the seed. So the first draws do
not depend on how many follow, a variant of a model keeps the draws of everything it leaves alone, and two arms of a
comparison are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from graphlib import TopologicalSorter

import numpy as np

from detente.arrays import Floats, Longs
from detente.draws.formulas import Leaf, Lowered, Step, chosen
from detente.draws.memory import Memory
from detente.draws.streams import spread, stream
from detente.errors import ModelError, Problem
from detente.language.distributions import BOUNDED_UNITS, DistributionError, check, quantile
from detente.language.expressions import Expression, Name, Uncertain
from detente.language.normal import normal_cdf, normal_quantile
from detente.language.ranks import ascending, latent, levels
from detente.model.blocks import Block
from detente.model.fields import Formula
from detente.model.schema import Model, Quantity

MEDIAN = np.zeros(1)  # the normal score of a source at its median


@dataclass(frozen=True, eq=False)
class Draws:
    """n joint samples. `truth[name]` is [n]; `views[actor][name]` is [n] for quantities the actor sees otherwise."""

    seed: int
    truth: Mapping[str, Floats]
    views: Mapping[str, Mapping[str, Floats]]
    n: int

    def seen_by(self, actor: str | None) -> Mapping[str, Floats]:
        """All quantities as an actor sees them (None: as they are)."""
        if actor is None or not self.views.get(actor):
            return self.truth
        return {**self.truth, **self.views[actor]}

    def part(self, start: int, stop: int) -> Draws:
        """The draws from `start` up to `stop`."""

        def cut(values: Mapping[str, Floats]) -> dict[str, Floats]:
            return {name: value[start:stop] for name, value in values.items()}

        return replace(
            self,
            truth=cut(self.truth),
            views={a: cut(v) for a, v in self.views.items()},
            n=len(range(self.n)[start:stop]),
        )

    def taken(self, which: Longs) -> Draws:
        """[m] of the draws, by number, in that order."""
        truth = {name: value[which] for name, value in self.truth.items()}
        views = {actor: {name: value[which] for name, value in seen.items()} for actor, seen in self.views.items()}
        return replace(self, truth=truth, views=views, n=len(which))

    @classmethod
    def joined(cls, parts: Sequence[Draws]) -> Draws:
        """Draws of one model after each other."""
        first = parts[0]
        truth = {name: np.concatenate([part.truth[name] for part in parts]) for name in first.truth}
        views = {
            actor: {name: np.concatenate([part.views[actor][name] for part in parts]) for name in seen}
            for actor, seen in first.views.items()
        }
        return replace(first, truth=truth, views=views, n=sum(part.n for part in parts))


@dataclass(frozen=True, eq=False)
class Sampler:
    """Draws the quantities of a model.

    `scores` gives the normal score of every source of uncertainty by its name, in place of a drawn one. What is done
    is noted in `trail`, in order, if there is one. `lenient`: what is not a number is left as it is, and not told.

    Formulas are lowered once, and of drawn numbers only those are drawn again that depend on something else than at the
    last draw of as many with the same seed: `memory`, which samplers of variants of a model may share. `start`: the
    number of the first draw; see `since`.
    """

    model: Model
    scores: Callable[[str], Floats] | None = None
    trail: list[Step] | None = None
    lenient: bool = False
    memory: Memory = field(default_factory=Memory, repr=False)
    start: int = 0

    def draw(self, n: int, seed: int, fixed: Mapping[str, Floats | float] | None = None) -> Draws:
        """n joint samples. `fixed` holds quantities, and perceptions as `x seen by A`, at given values.

        Raises ModelError where a value is not a number in some draw, naming the first such draw.
        """
        fixed = fixed or {}
        truth: dict[str, Floats] = {}
        views: dict[str, dict[str, Floats]] = {actor: {} for actor in self.model.actors}
        problems: list[Problem] = []
        value = partial(self._value, n, seed, problems)
        for name in self.order:
            quantity = self.model.quantities[name]
            path = ("quantities", name, "value")
            if name in fixed:
                truth[name] = np.broadcast_to(np.asarray(fixed[name], float), n).copy()
            else:
                source = quantity._stream or name
                truth[name] = value(quantity.value, source, quantity.unit, (truth,), path, ("", name))
                self._finite(name, truth[name], path, problems)
            for actor, seen in views.items():
                if actor in quantity.seen_by:
                    source = f"{name} seen by {actor}"
                    where = ("quantities", name, "seen_by", actor, "value")
                    if (given := fixed.get(source)) is not None:
                        seen[name] = np.broadcast_to(np.asarray(given, float), n).copy()
                        continue
                    seen[name] = value(quantity.seen_by[actor].value, source, "", (seen, truth), where, (actor, name))
                    self._finite(name, seen[name], where, problems)
                elif name not in fixed and seen.keys() & self._below[name]:
                    seen[name] = value(quantity.value, name, quantity.unit, (seen, truth), path, (actor, name))
        for name in (name for name, quantity in self.model.quantities.items() if quantity.role):
            self._proper(name, truth.get(name), ("quantities", name, "value"), problems)
            for actor, seen in views.items():
                if name in seen:
                    self._proper(name, seen[name], ("quantities", name, "seen_by", actor), problems, f" to {actor}")
        if problems:
            raise ModelError(problems)
        return Draws(seed, truth, views, n)

    def since(self, start: int) -> Sampler:
        """What draws from a number of the stream on: `since(k).draw(n, seed)` are the last n of `draw(k + n, seed)`, to
        the bit. Formulas that are lowered are shared, drawn numbers are not.

        Not for a model that is asked as of a day, where what was known on it leads to all draws together.
        """
        return replace(self, start=start, memory=Memory(self.memory.known))

    @property
    def prior(self) -> Sampler:
        """The same before any evidence."""
        if self.model._updated is None:
            return self
        plain: Model = self.model.model_copy()
        plain._updated = None
        return Sampler(plain)

    @cached_property
    def perceived(self) -> dict[str, set[str]]:
        """For each actor the quantities it does not see as they are, by a perception or by what they are made of."""
        result: dict[str, set[str]] = {}
        for actor in self.model.actors:
            seen: set[str] = set()
            for name in self.order:
                if actor in self.model.quantities[name].seen_by or seen & self._below[name]:
                    seen.add(name)
            result[actor] = seen
        return result

    @cached_property
    def order(self) -> list[str]:
        """The quantities, each after those that its value or a view of it is made of."""
        quantities = self.model.quantities
        needed = {name: set(self._below[name]) for name in quantities}
        for name, quantity in quantities.items():
            for actor, view in quantity.seen_by.items():
                named = self._named(f"{name} seen by {actor}", view.value)
                needed[name] |= named & quantities.keys() - {name}
        listed = {name: [other for other in quantities if other in below] for name, below in needed.items()}
        return list(TopologicalSorter(listed).static_order())

    @cached_property
    def _below(self) -> dict[str, set[str]]:
        quantities = self.model.quantities
        return {name: self._named(name, q.value) & quantities.keys() for name, q in quantities.items()}

    def _named(self, of: str, formula: Formula) -> set[str]:
        """The names in the formula of a quantity or perception."""
        whole = formula.expression
        return self.memory.value(("names", of), (whole,), lambda: {e.name for e in whole.walk() if isinstance(e, Name)})

    @cached_property
    def copula(self) -> tuple[list[str], Floats]:
        """The correlated quantities, and the factor that correlates their normal scores (a normal copula)."""
        correlated = self.model.correlations
        names = list(dict.fromkeys(name for c in correlated for name in c.between))
        return self.memory.value("copula", (*correlated, *map(self._source, names)), lambda: self._copula(names))

    def _source(self, name: str) -> Expression:
        """The value of a quantity as it is written."""
        return (self._streams.get(name) or self.model.quantities[name]).value.expression

    @cached_property
    def _streams(self) -> dict[str, Quantity]:  # by the source of another name that is theirs: of several, the first
        return {q._stream: q for q in reversed(self.model.quantities.values()) if q._stream}

    def _copula(self, names: list[str]) -> tuple[list[str], Floats]:
        matrix = np.eye(len(names))
        for c in self.model.correlations:
            for a in c.between:
                for b in c.between:
                    if a != b:
                        p, q = (levels(self._source(x)) for x in (a, b))
                        matrix[names.index(a), names.index(b)] = latent(c.rank, p, q)
        values, vectors = np.linalg.eigh(matrix) if names else (np.zeros(0), np.zeros((0, 0)))
        return names, vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T

    def _uniform(self, name: str, n: int, seed: int) -> Floats:
        """[n] the uniform numbers behind a source of uncertainty."""
        known, key = self._known(n, seed), ("uniform", name)
        if self.scores is not None:
            scores = self.scores(name)
            return known.value(key, (scores,), lambda: _of_scores(scores, n))
        if name not in self.copula[0]:
            return known.value(key, (), lambda: self.stream(name, n, seed))
        return known.value(key, (self.copula,), lambda: self._correlated(name, n, seed))

    def stream(self, name: str, n: int, seed: int) -> Floats:
        """[n] the uniform numbers of a source of uncertainty, uncorrelated; those of structures are spread evenly. Of a
        model that is asked as of a day they are drawn given what was known on it."""
        if (updated := self.model._updated) is not None and (given := updated.stream(name, n, seed)) is not None:
            return np.asarray(given, float)
        if (block := self._structures.get(name)) is None:
            return stream(name, n, seed, self.start)
        return spread(name, n, seed, block.place, block.many, self.start)

    @cached_property
    def _structures(self) -> dict[str, Block]:
        """The sources that draw structures, each with its block."""
        found = {}
        for block in self.model._rivals.blocks if self.model._rivals else ():
            name = f"{block.name} drawn" if len(block.alternatives) > 2 else f"{block.name}#0"
            found[block.name if self._plain(block.name) else name] = block
        return found

    def _plain(self, name: str) -> bool:
        """Whether a quantity is one source of uncertainty, called as it is."""
        return isinstance(self.model.quantities[name].value.expression, Uncertain)

    def _known(self, n: int, seed: int) -> Memory:
        """What is remembered of draws like these."""
        return self.memory.part((n, seed, self.scores is None))

    def _correlated(self, name: str, n: int, seed: int) -> Floats:
        names, factor = self.copula
        scores = normal_quantile(np.array([self.stream(other, n, seed) for other in names]))
        mixed = np.zeros(n)
        for weight, score in zip(factor[names.index(name)], scores, strict=True):
            mixed += weight * score
        return normal_cdf(mixed)

    def _value(
        self, n: int, seed: int, problems: list[Problem], formula: Formula, name: str, unit: str,
        known: tuple[Mapping[str, Floats], ...], path: tuple[str, ...], of: tuple[str, str],
    ) -> Floats:  # fmt: skip
        """[n] the value of a quantity or a perception, its own sources of uncertainty drawn; `of` names both. What it
        is made of is looked up in the first of `known` that has it."""
        lowered = self._lowered(formula, name, unit)
        there = {key: found for values in reversed(known) for key, found in values.items()}
        inputs = {read: there[read] for read in lowered.reads}
        uniform = [self._uniform(leaf.source, n, seed) for leaf in lowered.leaves]
        bounded = self.model.quantities[of[1]].unit in BOUNDED_UNITS
        worked_out = partial(self._worked_out, lowered, uniform, inputs, bounded, n, path, problems, of)
        if self.trail is not None:
            return worked_out()
        wrong = len(problems)
        return self._known(n, seed).value(
            of, (lowered, bounded, *inputs.values(), *uniform), worked_out,
            lambda found: len(problems) == wrong and bool(np.isfinite(found).all()),
        )  # fmt: skip

    def _lowered(self, formula: Formula, name: str, unit: str) -> Lowered:
        whole = formula.expression
        mixed = isinstance(whole, Uncertain) and whole.family == "choice" and name in self.copula[0]

        def made() -> Lowered:
            return Lowered.of(ascending(whole) if mixed and isinstance(whole, Uncertain) else whole, name, unit)

        return self.memory.value(("lowered", name, unit, mixed), (whole,), made)

    def _worked_out(
        self, lowered: Lowered, uniform: Sequence[Floats], inputs: dict[str, Floats], bounded: bool, n: int,
        path: tuple[str, ...], problems: list[Problem], of: tuple[str, str],
    ) -> Floats:  # fmt: skip
        tape = lowered.tape
        for number in lowered.order:
            leaf = lowered.leaves[number]
            params = tape.evaluate(leaf.args, inputs, n)
            inputs[f"#{number}"] = self._sample(leaf, params, uniform[number], n, path, problems)
        value = tape.evaluate([lowered.root], inputs, n)[0]
        if self.trail is not None:
            leaves = tuple(replace(leaf, u=u) for leaf, u in zip(lowered.leaves, uniform, strict=True))
            self.trail.append(Step(*of, tape, lowered.root, inputs, leaves, bounded))
        return np.asarray(np.clip(value, 0.0, 1.0), float) if bounded else value

    def _sample(
        self, leaf: Leaf, params: Floats, u: Floats, n: int, path: tuple[str, ...], problems: list[Problem]
    ) -> Floats:
        if leaf.family in ("mixture", "choice"):
            return np.asarray(params[chosen(leaf.weights, u), np.arange(n)])
        try:
            check(leaf.family, list(params), leaf.unit)
        except DistributionError as error:
            where = "" if error.draw is None else f" in draw {self.start + error.draw}"
            problems.append(self._told(path, error.message + where, error.hint))
            return np.zeros(n)
        return np.broadcast_to(quantile(leaf.family, list(params), u, leaf.unit), n)

    def _finite(self, name: str, value: Floats, path: tuple[str, ...], problems: list[Problem]) -> None:
        bad = np.flatnonzero(~np.isfinite(value))
        if len(bad) and not self.lenient:
            problems.append(
                self._told(
                    path,
                    f"{name!r} is not a number in {len(bad)} of {len(value)} draws, first in draw "
                    f"{self.start + bad[0]}",
                    "check for a logarithm or root of something negative, or a division by zero",
                )
            )

    def _proper(
        self, name: str, value: Floats | None, path: tuple[str, ...], problems: list[Problem], whom: str = ""
    ) -> None:
        """Tell of a precision that nobody can play at, unless it is told of already."""
        if value is None or any(problem.path == ".".join(path) for problem in problems):
            return
        if (wrong := ~((value >= 0) & (value < np.inf))).any():
            draw = int(np.flatnonzero(wrong)[0])
            told = f"the precision {name!r} is {value[draw]:g}{whom} in draw {self.start + draw}"
            problems.append(self._told(path, told, "a precision is a finite number that is not negative"))

    def _told(self, path: tuple[str, ...], message: str, hint: str = "") -> Problem:
        return Problem(self.model.place(*path), message, hint, ".".join(path))


def _of_scores(scores: Floats, n: int) -> Floats:
    uniform = normal_cdf(np.atleast_1d(np.asarray(scores, float)))
    return np.asarray(np.clip(np.broadcast_to(uniform, n), 1e-12, 1 - 1e-12), float)
