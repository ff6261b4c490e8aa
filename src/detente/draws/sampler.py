"""The second currency of the model room: `Draws`, joint samples of all quantities, as they are and as they are seen.

Every source of uncertainty has its own stream of uniform numbers, named after it and the seed. So the first draws do
not depend on how many follow, a variant of a model keeps the draws of everything it leaves alone, and two arms of a
comparison are paired.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import TopologicalSorter
from itertools import count

import numpy as np
import numpy.typing as npt

from detente.arrays import Floats, Longs
from detente.errors import ModelError, Problem
from detente.language.distributions import BOUNDED_UNITS, DistributionError, check, quantile
from detente.language.expressions import Ask, Name, Uncertain
from detente.language.lowering import Scene, Tape, lower
from detente.language.normal import normal_cdf, normal_quantile
from detente.language.ranks import ascending, latent, levels
from detente.model.fields import Formula
from detente.model.schema import Model

EMPTY = Scene(1)


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
class Leaf:
    """A source of uncertainty in a formula: input `#number` of its tape, drawn at the uniform numbers `u` [n]."""

    number: int
    source: str
    family: str
    weights: tuple[float, ...]
    args: tuple[int, ...]  # the rows of its parameters
    u: Floats
    unit: str


@dataclass(frozen=True, eq=False)
class Step:
    """How a quantity, or (`actor` not empty) an actor's view of it, came by its values; see `chain`."""

    actor: str
    name: str
    tape: Tape
    root: int
    inputs: Mapping[str, Floats]
    leaves: tuple[Leaf, ...]
    bounded: bool  # whether what came out was cut at 0 and 1


@dataclass(frozen=True, eq=False)
class Sampler:
    """Draws the quantities of a model.

    `scores` gives the normal score of every source of uncertainty by its name, in place of a drawn one. What is done
    is noted in `trail`, in order, if there is one. `lenient`: what is not a number is left as it is, and not told.
    """

    model: Model
    scores: Callable[[str], Floats] | None = None
    trail: list[Step] | None = None
    lenient: bool = False

    def draw(self, n: int, seed: int, fixed: Mapping[str, Floats | float] | None = None) -> Draws:
        """n joint samples. `fixed` holds quantities, and perceptions as `x seen by A`, at given values.

        Raises ModelError where a value is not a number in some draw, naming the first such draw.
        """
        truth: dict[str, Floats] = {}
        views: dict[str, dict[str, Floats]] = {actor: {} for actor in self.model.actors}
        problems: list[Problem] = []
        for name in self.order:
            quantity = self.model.quantities[name]
            path = ("quantities", name, "value")
            if fixed is not None and name in fixed:
                truth[name] = np.broadcast_to(np.asarray(fixed[name], float), n).copy()
            else:
                truth[name] = self._value(
                    quantity.value, name, quantity.unit, truth, n, seed, path, problems, ("", name)
                )
                self._finite(name, truth[name], path, problems)
            for actor, seen in views.items():
                if actor in quantity.seen_by:
                    view = quantity.seen_by[actor]
                    known = {**truth, **{k: v for k, v in seen.items() if k != name}}
                    where = ("quantities", name, "seen_by", actor, "value")
                    given = (fixed or {}).get(f"{name} seen by {actor}")
                    if given is not None:
                        seen[name] = np.broadcast_to(np.asarray(given, float), n).copy()
                        continue
                    source = f"{name} seen by {actor}"
                    value = self._value(view.value, source, "", known, n, seed, where, problems, (actor, name))
                    if quantity.unit in BOUNDED_UNITS:
                        value = np.clip(value, 0.0, 1.0)
                    self._finite(name, value, where, problems)
                    seen[name] = value
                elif seen.keys() & self._below[name] and not (fixed is not None and name in fixed):
                    known = {**truth, **seen}
                    of = (actor, name)
                    seen[name] = self._value(quantity.value, name, quantity.unit, known, n, seed, path, problems, of)
        for name in (name for name, quantity in self.model.quantities.items() if quantity.role):
            self._proper(name, truth.get(name), ("quantities", name, "value"), problems)
            for actor, seen in views.items():
                if name in seen:
                    self._proper(name, seen[name], ("quantities", name, "seen_by", actor), problems, f" to {actor}")
        if problems:
            raise ModelError(problems)
        return Draws(seed, truth, views, n)

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
            for view in quantity.seen_by.values():
                named = {e.name for e in view.value.expression.walk() if isinstance(e, Name)}
                needed[name] |= named & quantities.keys() - {name}
        return list(TopologicalSorter(needed).static_order())

    @cached_property
    def _below(self) -> dict[str, set[str]]:
        known = set(self.model.quantities)
        return {
            name: {e.name for e in q.value.expression.walk() if isinstance(e, Name)} & known
            for name, q in self.model.quantities.items()
        }

    @cached_property
    def copula(self) -> tuple[list[str], Floats]:
        """The correlated quantities, and the factor that correlates their normal scores (a normal copula)."""
        names = list(dict.fromkeys(name for c in self.model.correlations for name in c.between))
        matrix = np.eye(len(names))
        for c in self.model.correlations:
            for a in c.between:
                for b in c.between:
                    if a != b:
                        p, q = (levels(self.model.quantities[x].value.expression) for x in (a, b))
                        matrix[names.index(a), names.index(b)] = latent(c.rank, p, q)
        values, vectors = np.linalg.eigh(matrix) if names else (np.zeros(0), np.zeros((0, 0)))
        return names, vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T

    def _uniform(self, name: str, n: int, seed: int) -> Floats:
        """[n] the uniform numbers behind a source of uncertainty."""
        if self.scores is not None:
            from scipy import special  # here, because it loads slowly and plain draws have no scores

            scores = np.asarray(special.ndtr(self.scores(name)), float)
            return np.asarray(np.clip(np.broadcast_to(scores, n), 1e-12, 1 - 1e-12), float)
        names, factor = self.copula
        if name not in names:
            return stream(name, n, seed)
        scores = normal_quantile(np.array([stream(other, n, seed) for other in names]))
        mixed = np.zeros(n)
        for weight, score in zip(factor[names.index(name)], scores, strict=True):
            mixed += weight * score
        return normal_cdf(mixed)

    def _value(
        self,
        formula: Formula,
        name: str,
        unit: str,
        known: Mapping[str, Floats],
        n: int,
        seed: int,
        path: tuple[str, ...],
        problems: list[Problem],
        of: tuple[str, str],
    ) -> Floats:
        """[n] the value of a quantity or a perception, its own sources of uncertainty drawn; `of` names both."""
        tape = Tape()
        inputs: dict[str, Floats] = dict(known)
        whole = formula.expression
        if isinstance(whole, Uncertain) and whole.family == "choice" and name in self.copula[0]:
            whole = ascending(whole)
        parts = whole.args if isinstance(whole, Uncertain) and whole.family == "mixture" else ()
        numbers = count()
        leaves: list[Leaf] = []

        def leaf(e: Uncertain | Ask) -> int:
            assert isinstance(e, Uncertain)
            number = next(numbers)
            source = name if e is whole else f"{name}#{number}"
            u = self._uniform(source, n, seed)
            here = unit if unit not in BOUNDED_UNITS or any(e is part for part in (whole, *parts)) else ""
            args = tuple(lower(part, EMPTY, tape, leaf) for part in e.args)
            params = tape.evaluate(args, inputs, n)
            inputs[f"#{number}"] = self._sample(e, params, u, here, n, path, problems)
            leaves.append(Leaf(number, source, e.family, e.weights, args, u, here))
            return tape.input(f"#{number}")

        root = lower(whole, EMPTY, tape, leaf)
        value = tape.evaluate([root], inputs, n)[0]
        if self.trail is not None:
            bounded = self.model.quantities[of[1]].unit in BOUNDED_UNITS
            read = {name: inputs[name] for name in tape.names if name}
            self.trail.append(Step(*of, tape, root, read, tuple(sorted(leaves, key=lambda x: x.number)), bounded))
        return np.asarray(np.clip(value, 0.0, 1.0), float) if unit in BOUNDED_UNITS else value

    def _sample(
        self, e: Uncertain, params: Floats, u: Floats, unit: str, n: int, path: tuple[str, ...], problems: list[Problem]
    ) -> Floats:
        if e.family in ("mixture", "choice"):
            return np.asarray(params[chosen(e.weights, u), np.arange(n)])
        try:
            check(e.family, list(params), unit)
        except DistributionError as error:
            where = "" if error.draw is None else f" in draw {error.draw}"
            problems.append(self._told(path, error.message + where, error.hint))
            return np.zeros(n)
        return np.broadcast_to(quantile(e.family, list(params), u, unit), n)

    def _finite(self, name: str, value: Floats, path: tuple[str, ...], problems: list[Problem]) -> None:
        bad = np.flatnonzero(~np.isfinite(value))
        if len(bad) and not self.lenient:
            problems.append(
                self._told(
                    path,
                    f"{name!r} is not a number in {len(bad)} of {len(value)} draws, first in draw {bad[0]}",
                    "look for a logarithm or root of something negative, or a division by zero",
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
            told = f"the precision {name!r} is {value[draw]:g}{whom} in draw {draw}"
            problems.append(self._told(path, told, "a precision is a finite number that is not negative"))

    def _told(self, path: tuple[str, ...], message: str, hint: str = "") -> Problem:
        return Problem(self.model.place(*path), message, hint, ".".join(path))


def chosen(weights: tuple[float, ...], u: Floats) -> npt.NDArray[np.intp]:
    """[n] which part of a mixture or choice uniform numbers fall on."""
    return np.asarray(np.searchsorted(np.cumsum(weights), u, side="right").clip(0, len(weights) - 1))


def stream(name: str, n: int, seed: int) -> Floats:
    """[n] uniform numbers strictly between 0 and 1 that depend on the seed and the name alone."""
    key = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=16).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))
    return np.clip(generator.random(n), 1e-12, 1 - 1e-12)
