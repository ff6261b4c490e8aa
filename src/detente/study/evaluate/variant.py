"""A model and its variants, compiled, as arms of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from detente.analyse.counterfactual.knockout import indispensable
from detente.analyse.forecast.readout import Answers, Watch
from detente.draws.knockout import Knockout, knock_out
from detente.draws.variants import Change, Variant, vary
from detente.engine.store.compiled import blueprint_of
from detente.engine.store.fingerprint import meaning
from detente.errors import ModelError, QuestionError
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.game.revalued import revalued
from detente.language.expressions import Ask
from detente.model.schema import Model
from detente.study.evaluate.evaluator import Bench
from detente.study.settings import Ready


@dataclass(frozen=True, eq=False)
class Arm:
    """One side of a comparison: a variant, compiled."""

    base: Blueprint
    variant: Variant
    blueprint: Blueprint
    ready: Ready  # of the base
    notes: tuple[str, ...] = ()

    @classmethod
    def plain(cls, ready: Ready) -> Arm:
        base = blueprint_of(ready.model, ready.store)
        return cls(base, Variant.of(ready.model, ready.engine.perception), base, ready)

    def bench(self, claims: Sequence[str] | None = None) -> Bench:
        """What solves its draws, and reads some of the claims off them (None: all)."""
        engine = self.ready.engine.seeing(self.variant.perception)
        return Bench(self.blueprint, engine, self.ready.store, Watch(self.blueprint, claims), self.variant.forced)

    def between(self) -> Answers:
        """The answers of a model between two, but for claims that ask of interventions: each is a game of its own."""
        return self.answers(self.bench(of_the_game(self.blueprint.model)))

    def answers(self, bench: Bench | None = None) -> Answers:
        return (bench or self.bench())(self.variant.draw(self.ready.draws, self.ready.seed))

    def changed(self, change: Change) -> Arm:
        if change.kind == "drop":
            knocked, blueprint, _ = without(self.blueprint, self.variant, change.what)
            if not knocked.off:
                raise QuestionError(f"the mechanism {change.what!r} cannot be switched off: {'; '.join(knocked.kept)}")
            notes = tuple(f"{change.what}: {kept}" for kept in knocked.kept)
            return Arm(self.base, knocked.variant, blueprint, self.ready, notes)
        return self.edited(lambda variant: vary(variant, change))

    def plays_as(self, other: Arm) -> bool:
        """Whether nothing that is asked could differ: the same game, called the same, with the same numbers."""
        mine, theirs = self.variant, other.variant
        numbers = mine.model.quantities is theirs.model.quantities and mine.perception == theirs.perception
        changed = [(v.fixed, v.shifts, v.forced) for v in (mine, theirs)]
        return (
            numbers
            and changed[0] == changed[1]
            and self.blueprint.tree.labels == other.blueprint.tree.labels
            and meaning(self.blueprint) == meaning(other.blueprint)
        )

    def edited(self, edit: Callable[[Variant], Variant]) -> Arm:
        """The side with an edit of its variant. Raises ModelError, QuestionError where that is no game."""
        variant = edit(self.variant)
        return Arm(self.base, variant, compiled(self.blueprint, variant.model), self.ready)


def of_the_game(model: Model) -> list[str]:
    """The claims that ask of no intervention, so that nothing but the game itself has to be solved for them."""
    held = {name: claim.holds.expression for name, claim in model.claims.items()}
    return [n for n, e in held.items() if not any(isinstance(a, Ask) and a.forced for a in e.walk())]


def compiled(base: Blueprint, model: Model) -> Blueprint:
    """The blueprint of a variant; that of its base, with other numbers, where the tree is the same."""
    return base if model is base.model else revalued(base, model) or compile_model(model, base)


def without(
    blueprint: Blueprint,
    variant: Variant,
    mechanism: str,
    only: str | None = None,
    keep: Mapping[str, str] | None = None,
) -> tuple[Knockout, Blueprint, dict[str, str]]:
    """A mechanism (or one part of it, `only`) switched off as far as it can be, the blueprint of what is left, and what
    had to be kept beside `keep`, with the reasons.

    Raises ModelError where the model has no meaning without it, whatever is kept.
    """
    kept = dict(keep or {})
    while True:
        knocked = knock_out(variant, mechanism, kept, only)
        try:
            other = compiled(blueprint, knocked.variant.model)
        except ModelError as error:
            kept |= _saving(blueprint, knocked, variant, kept, error)
            continue
        needed = indispensable(blueprint, other, knocked.stages) if knocked.stages else {}
        if not needed.keys() - kept.keys():
            return knocked, other, kept
        kept |= needed


def _saving(
    blueprint: Blueprint, knocked: Knockout, variant: Variant, kept: Mapping[str, str], error: ModelError
) -> dict[str, str]:
    """The stage, move or result that must stay for the model to have a meaning: one that is enough, else the first."""
    left = [name for name in knocked.stages if name not in kept]
    if not left:
        raise error
    reason = f"without it {error.problems[0].message}"
    for name in left:
        with suppress(ModelError):
            tried = knock_out(variant, knocked.mechanism, {**kept, name: reason})
            compiled(blueprint, tried.variant.model)
            return {name: reason}
    return {left[0]: reason}
