"""Each mechanism switched off in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Annotated, Unpack

import numpy as np

from detente.analyse.counterfactual.knockout import Ablation, Ablations, BothWays, ablation, both_ways, ranked
from detente.analyse.forecast.subject import at_issue
from detente.arrays import Floats
from detente.draws.knockout import IN, Knockout, uses
from detente.draws.variants import Variant
from detente.engine.store.compiled import blueprint_of
from detente.errors import ModelError, QuestionError
from detente.game.blueprint import Blueprint
from detente.study.evaluate.evaluator import Bench
from detente.study.evaluate.variant import without
from detente.study.memo.findings import once
from detente.study.names import known
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Ready, Settings

PARTED = 100  # draws in which the parts of a mechanism are switched off one by one


@question("ablate", topic="counterfactual", draws=500, counts="mechanisms")
def ablate(
    case: Case,
    names: Annotated[
        Sequence[str], Option("Only these mechanisms. [default: all]", flag="name", names="mechanisms")
    ] = (),
    **settings: Unpack[Settings],
) -> Ablations:
    """Ablate mechanisms: switch off each in turn, to see which part of the argument carries the conclusion.

    In paired draws, ranked by the total variation distance between the mean forecasts with and without it. What of a
    mechanism could be switched off, and what is kept and why, is told; and which of its parts, switched off one by one,
    push what the case asks about up and which down (`both_ways`). Raises ModelError, QuestionError.
    """
    ready = How.of(settings).ready(case)
    if not ready.model.mechanisms:
        raise QuestionError(
            "this model declares no mechanisms; write them under `mechanisms:` and tag its quantities, stages and "
            "terms with `mechanism:`"
        )
    wanted = known("mechanism", names, ready.model.mechanisms)
    return once(ready, Ablations, lambda: _ablated(ready, wanted), "ablate", tuple(wanted))


def _ablated(ready: Ready, wanted: Sequence[str]) -> Ablations:
    """Some mechanisms switched off in turn."""
    blueprint, plain = blueprint_of(ready.model, ready.store), Variant.of(ready.model, ready.engine.perception)
    before = Bench.of(blueprint, ready)(plain.draw(ready.draws, ready.seed))
    parts = _Parts(ready, blueprint, plain)
    found: list[Ablation] = []
    shares = {"": float(before.converged.mean())}
    for k, name in enumerate(wanted):
        torn = None
        try:
            knocked, other, keep = without(blueprint, plain, name)
            after = Bench.of(other, ready)(knocked.variant.draw(ready.draws, ready.seed)) if knocked.off else None
            off, kept = knocked.off, knocked.kept or (() if knocked.off else ("nothing that counts is tagged with it",))
            torn = parts.torn(knocked, keep)
        except ModelError as error:
            after, off, kept = None, (), (f"the model has no meaning without it: {error.problems[0].message}",)
        if after is not None:
            shares[name] = float(after.converged.mean())
        found.append(ablation(blueprint, name, off, kept, before, after, torn))
        if ready.progress:
            ready.progress(k + 1, len(wanted))
    return ranked(found, ready.draws, shares)


class _Parts:
    """The parts of mechanisms switched off one by one, in the first draws, and what the case asks about then."""

    def __init__(self, ready: Ready, blueprint: Blueprint, plain: Variant) -> None:
        self.ready, self.blueprint, self.plain = ready, blueprint, plain
        self.reading = at_issue(ready.model)
        self.names = [self.reading.words] if len(self.reading.rows) == 1 else self.reading.rows

    def torn(self, knocked: Knockout, keep: Mapping[str, str]) -> BothWays | None:
        """Whether the parts of a mechanism push in opposite directions, a quantity's uses being parts of their own."""
        parts = [part for whole in knocked.parts for part in self._apart(whole)]
        if len(parts) < 2:
            return None
        after = {}
        for part in parts:
            with suppress(ModelError):
                alone, other, _ = without(self.blueprint, self.plain, knocked.mechanism, part, keep)
                if alone.off:
                    after[part] = self._read(other, alone.variant)
        return both_ways(self.names, self._before, after)

    def _apart(self, part: str) -> list[str]:
        """A part, or the uses of a quantity that counts in several places."""
        kind, _, name = part.partition(" ")
        places = uses(self.plain.model, name) if kind == "quantity" else []
        return [f"{part}{IN}{place}" for place in places] if len(places) > 1 else [part]

    @cached_property
    def _before(self) -> Floats:
        return self._read(self.blueprint, self.plain)

    def _read(self, blueprint: Blueprint, variant: Variant) -> Floats:
        draws = variant.draw(min(PARTED, self.ready.draws), self.ready.seed)
        return np.concatenate([self.reading(s.batch) for s in self.ready.engine.solve(blueprint, draws)], axis=1)
