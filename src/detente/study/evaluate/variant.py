"""A model and its variants, compiled, as arms of a comparison."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detente.analyse.counterfactual.knockout import indispensable
from detente.analyse.forecast.readout import Answers, Watch
from detente.draws.knockout import Knockout, knock_out
from detente.draws.variants import NEVER, Change, Variant, vary
from detente.engine.engine import Engine
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.model.schema import Model
from detente.study.evaluate.evaluator import Bench

if TYPE_CHECKING:
    pass
STRUCTURE = ("stages", "private", "state", "outcomes", "actors", "periods")


@dataclass(frozen=True, eq=False)
class _Arm:
    """One side of a comparison: a variant, compiled."""

    base: Blueprint
    variant: Variant
    blueprint: Blueprint
    engine: Engine  # of the base
    notes: tuple[str, ...] = ()

    @classmethod
    def plain(cls, base: Blueprint, variant: Variant, engine: Engine) -> _Arm:
        return cls(base, variant, base, engine)

    def answers(self, draws: int, seed: int) -> Answers:
        engine = replace(self.engine, perception=self.variant.perception)
        bench = Bench(self.blueprint, engine, Watch(self.blueprint), self.variant.forced)
        return bench(self.variant.draw(draws, seed))

    def changed(self, change: Change) -> _Arm:
        if change.kind == "drop":
            knocked, blueprint = _without(self.blueprint, self.variant, change.what)
            if not knocked.off:
                raise QuestionError(f"the mechanism {change.what!r} cannot be switched off: {'; '.join(knocked.kept)}")
            notes = tuple(f"{change.what}: {kept}" for kept in knocked.kept)
            return _Arm(self.base, knocked.variant, blueprint, self.engine, notes)
        variant = vary(self.variant, change)
        return _Arm(self.base, variant, _compiled(self.blueprint, variant.model), self.engine)


def _compiled(base: Blueprint, model: Model) -> Blueprint:
    """The blueprint of a variant; that of its base, with other numbers, where the tree is the same."""
    if model is base.model:
        return base
    same = all(getattr(model, part) is getattr(base.model, part) for part in STRUCTURE)
    eyes = {key: tuple(q.seen_by) for key, q in model.quantities.items()}
    if not same or eyes != {key: tuple(q.seen_by) for key, q in base.model.quantities.items()}:
        return compile_model(model)
    return base.revalued(model, lambda actor, term: model.payoffs[actor][term].value is NEVER)


def _without(blueprint: Blueprint, variant: Variant, mechanism: str) -> tuple[Knockout, Blueprint]:
    """A mechanism switched off as far as it can be, and the blueprint of what is left."""
    keep: dict[str, str] = {}
    while True:
        knocked = knock_out(variant, mechanism, keep)
        other = _compiled(blueprint, knocked.variant.model)
        needed = indispensable(blueprint, other, knocked.stages) if knocked.stages else {}
        if not needed.keys() - keep.keys():
            return knocked, other
        keep |= needed
