"""Each mechanism switched off in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Unpack

from detente.analyse.counterfactual.knockout import Ablation, Ablations, ablation, ranked
from detente.draws.variants import Variant
from detente.errors import ModelError, QuestionError
from detente.game.compile import compile_model
from detente.study.evaluate.evaluator import Bench
from detente.study.evaluate.variant import without
from detente.study.memo.findings import once
from detente.study.names import known
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Ready, Settings


@question("ablate", topic="counterfactual", draws=500, counts="mechanisms")
def ablate(
    case: Case,
    names: Annotated[Sequence[str], Option("Only these mechanisms.", flag="name", names="mechanisms")] = (),
    **settings: Unpack[Settings],
) -> Ablations:
    """Switch off each mechanism in turn: which part of the argument does the work, and which claims depend on it.

    In paired draws, ranked by the total variation distance between the mean forecasts with and without it. What of a
    mechanism could be switched off, and what is kept and why, is told. Raises ModelError, QuestionError.
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
    blueprint, plain = compile_model(ready.model), Variant.of(ready.model, ready.engine.perception)
    before = Bench.of(blueprint, ready)(plain.draw(ready.draws, ready.seed))
    found: list[Ablation] = []
    shares = {"": float(before.converged.mean())}
    for k, name in enumerate(wanted):
        try:
            knocked, other, _ = without(blueprint, plain, name)
            after = Bench.of(other, ready)(knocked.variant.draw(ready.draws, ready.seed)) if knocked.off else None
            off, kept = knocked.off, knocked.kept or (() if knocked.off else ("nothing that counts is tagged with it",))
        except ModelError as error:
            after, off, kept = None, (), (f"the model has no meaning without it: {error.problems[0].message}",)
        if after is not None:
            shares[name] = float(after.converged.mean())
        found.append(ablation(blueprint, name, off, kept, before, after))
        if ready.progress:
            ready.progress(k + 1, len(wanted))
    return ranked(found, ready.draws, shares)
