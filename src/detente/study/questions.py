"""The questions that solve again: tipping points, what if, compare, ablate, breaking points.

Each walks the house as `study.run` does, and hands the analysis a function that solves draws. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.analyse.ablate import Ablation, Ablations, ablation, indispensable, ranked
from detente.analyse.answers import Answers, Watch
from detente.analyse.base import Finding
from detente.analyse.breaking import Breaking, Single, breaking_points
from detente.analyse.breaking import Change as Moved
from detente.analyse.regimes import Border, Crossing, Map, Regimes, regimes
from detente.analyse.tipping import POINTS, Tip, Tipping, along, span, subjects, telling_sets
from detente.analyse.whatif import Difference, Step, WhatIf, waterfall
from detente.analyse.why import reached
from detente.errors import ModelError, QuestionError, nearest
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.model.draws import Draws, Floats
from detente.model.knockout import Knockout, knock_out
from detente.model.load import changed, load
from detente.model.schema import Model
from detente.model.sources import Sources
from detente.model.variants import NEVER, Change, Variant, vary
from detente.solve.base import Solver
from detente.study.bench import Bench
from detente.study.pool import Pool
from detente.study.readings import Readings
from detente.study.solving import Engine
from detente.study.study import Progress, Study

if TYPE_CHECKING:
    from detente.study.store import Store

TIP_DRAWS = 300
WHATIF_DRAWS = 1000
ABLATE_DRAWS = 500
_WHAT_IF = (WhatIf, Step, Difference, Finding)  # what the findings are made of
STRUCTURE = ("stages", "private", "state", "outcomes", "actors", "periods")


# ---------------------------------------------------------------------- tipping points


def tip(
    case: str | Path | Model,
    quantity: str,
    *,
    low: float | None = None,
    high: float | None = None,
    claims: Sequence[str] = (),
    draws: int = TIP_DRAWS,
    seed: int = 1,
    points: int = POINTS,
    set: Mapping[str, Any] | None = None,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Tipping:
    """How the answer goes along a quantity (or perception, `x seen by A`), and the exact values at which it turns.

    `low` and `high`: the range, by default the 5th to the 95th percentile. `claims`: some of the claims, by default
    all. `draws`: at each of `points` points. The rest as for `run`. Raises ModelError, QuestionError.
    """
    model, engine = _ready(case, set, perception, method, workers, store)
    _enough(draws)

    def ask() -> Tipping:
        blueprint = compile_model(model)
        sources = Sources(blueprint.sampler)
        extent = span(sources, quantity, low, high)
        names = _claims(model, claims)
        moves = telling_sets(blueprint, _coming(blueprint, engine, sources))
        bench = Bench.of(blueprint, engine, names, moves)

        def spread(value: float) -> Draws:
            return blueprint.sampler.draw(draws, seed, {quantity: value})

        of = subjects(blueprint, names, moves)
        benches.append(bench)
        return along(blueprint, sources, bench, quantity, extent, of, spread, points, progress, bench.line)

    benches: list[Bench] = []
    where = Readings.of_question(engine, [model], seed, draws, "tip", quantity, low, high, tuple(claims), points)
    found = where.once(draws, [Tipping, Tip, Finding], ask)
    for bench in benches:
        bench.drop()
    return found


def tip_map(
    case: str | Path | Model,
    quantities: tuple[str, str],
    *,
    ranges: tuple[tuple[float | None, float | None], tuple[float | None, float | None]] = ((None, None), (None, None)),
    claim: str | None = None,
    points: int = 25,
    set: Mapping[str, Any] | None = None,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Regimes:
    """The regimes over two quantities at the central draw: the likeliest ending and a claim (by default the first).

    `ranges`: (low, high) of each, by default the 5th to the 95th percentile; `points`: the grid has as many each way.
    `maps` hold the regime of each point, [points, points], the boundary, and the shortest way across it in prior
    standard deviations. The rest as for `run`. Raises ModelError, QuestionError.
    """
    model, engine = _ready(case, set, perception, method, workers, store)
    if quantities[0] == quantities[1]:
        raise QuestionError(f"{quantities[0]!r} is asked for twice; a map needs two different quantities")

    def ask() -> Regimes:
        blueprint = compile_model(model)
        sources = Sources(blueprint.sampler)
        extents = tuple(span(sources, name, *ends) for name, ends in zip(quantities, ranges, strict=True))
        names = _claims(model, (claim,) if claim else ())[:1]
        bench = Bench.of(blueprint, engine, names)
        benches.append(bench)
        of = subjects(blueprint, names, ())
        return regimes(blueprint, sources, bench, quantities, (extents[0], extents[1]), of, points, progress)

    benches: list[Bench] = []
    where = Readings.of_question(engine, [model], 0, 1, "map", tuple(quantities), tuple(ranges), claim, points)
    found = where.once(1, [Regimes, Map, Border, Crossing, Finding], ask)
    for bench in benches:
        bench.drop()
    return found


# ---------------------------------------------------------------------- what if, compare


def what_if(
    case: str | Path | Model,
    changes: Sequence[Change | str],
    *,
    draws: int = WHATIF_DRAWS,
    seed: int = 1,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """What some changes, made one after another in this order, do to the outcomes and claims, in paired draws.

    `changes`: as the command line writes its options (`set hazard=0.02`, `shift cost=+0.1`, `force posture=invade`,
    `forbid answer=accept`, `delay posture=invade:2`, `reveal A.type`, `hide A.type`, `perception private`,
    `drop mechanism`), or `Change` values. `whole` is the effect of all of them, `steps` what each
    adds to those before it. Raises ModelError, QuestionError.
    """
    if not changes:
        raise QuestionError("nothing is changed; write for example --set hazard=0.02 or --forbid posture=invade")
    _enough(draws)
    model = case if isinstance(case, Model) else load(case)
    wanted = [Change.of(change) for change in changes]
    plain = Variant.of(model, perception)
    engine = Engine(plain.perception, method, workers, store)

    def ask() -> WhatIf:
        arm = _Arm.plain(compile_model(model), plain, engine)
        answers = [arm.answers(draws, seed)]
        notes: list[str] = []
        for k, change in enumerate(wanted):
            arm = arm.changed(change)
            answers.append(arm.answers(draws, seed))
            notes += arm.notes
            if progress:
                progress(k + 1, len(changes))
        return waterfall(answers, [str(change) for change in wanted], notes)

    where = Readings.of_question(engine, [model], seed, draws, "what if", tuple(wanted))
    return where.once(draws, _WHAT_IF, ask)


def compare(
    one: str | Path | Model,
    other: str | Path | Model,
    *,
    draws: int = WHATIF_DRAWS,
    seed: int = 1,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """What another model says of the outcomes and claims that both have, paired by the names of their quantities.

    `whole` has the difference (the other less the one), with the 95% interval of its mean and 90% of draws; `notes` say
    what the two do not share. Raises ModelError, QuestionError.
    """
    _enough(draws)
    models = [case if isinstance(case, Model) else load(case) for case in (one, other)]
    shared = [name for name in models[0].outcomes if name in models[1].outcomes]
    if not shared:
        first, second = (", ".join(model.outcomes) for model in models)
        raise QuestionError(f"the two have no outcome in common ({first}; {second}); name like endings alike")
    engines = [Engine(perception or model.perception, method, workers, store) for model in models]

    def ask() -> WhatIf:
        found = []
        for k, (model, engine) in enumerate(zip(models, engines, strict=True)):
            arm = _Arm.plain(compile_model(model), Variant.of(model, perception), engine)
            found.append(arm.answers(draws, seed))
            if progress:
                progress(k + 1, 2)
        return waterfall(found, [models[1].name or "the other"], _differences(*models))

    where = Readings.of_question(engines[0], models, seed, draws, "compare", engines[1].perception)
    return where.once(draws, _WHAT_IF, ask)


def _differences(one: Model, other: Model) -> list[str]:
    """What two models do not share, in words."""
    notes = []
    for section in ("outcomes", "claims", "quantities", "stages", "private"):
        a, b = getattr(one, section), getattr(other, section)
        for here, there, name in ((a, b, one.name), (b, a, other.name)):
            if only := [key for key in here if key not in there]:
                notes.append(f"{section} only in {name}: {', '.join(only)}")
    parts: dict[str, str] = {}
    for key in one.quantities:
        if key in other.quantities:
            x, y = one.quantities[key], other.quantities[key]
            if str(x.value) != str(y.value):
                parts[key] = f"{x.value} against {y.value}"
            elif {a: str(v) for a, v in x.seen_by.items()} != {a: str(v) for a, v in y.seen_by.items()}:
                parts[key] = "seen otherwise"
    if parts:
        notes.append("quantities that differ: " + "; ".join(f"{key} ({how})" for key, how in parts.items()))
    return notes


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


# ---------------------------------------------------------------------- ablate


def ablate(
    case: str | Path | Model,
    names: Sequence[str] = (),
    *,
    draws: int = ABLATE_DRAWS,
    seed: int = 1,
    set: Mapping[str, Any] | None = None,
    perception: str | None = None,
    method: str | Solver | None = None,
    workers: int = 0,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Ablations:
    """Each mechanism of a model, or some, switched off in turn, in paired draws.

    Ranked by the total variation distance between the mean forecasts with and without it. What of a mechanism could be
    switched off, and what is kept and why, is told. Raises ModelError, QuestionError.
    """
    _enough(draws)
    model, engine = _ready(case, set, perception, method, workers, store)
    if not model.mechanisms:
        raise QuestionError(
            "this model declares no mechanisms; write them under `mechanisms:` and tag its quantities, stages and "
            "terms with `mechanism:`"
        )
    for name in names:
        if name not in model.mechanisms:
            raise QuestionError(f"there is no mechanism {name!r}; {nearest(name, model.mechanisms)}")
    wanted = [name for name in model.mechanisms if not names or name in names]
    where = Readings.of_question(engine, [model], seed, draws, "ablate", tuple(wanted))
    ask = partial(_ablated, model, engine, wanted, draws, seed, progress)
    return where.once(draws, [Ablations, Ablation, *_WHAT_IF], ask)


def _ablated(
    model: Model, engine: Engine, wanted: Sequence[str], draws: int, seed: int, progress: Progress | None
) -> Ablations:
    """Some mechanisms switched off in turn."""
    blueprint, plain = compile_model(model), Variant.of(model, engine.perception)
    before = Bench.of(blueprint, engine)(plain.draw(draws, seed))
    found: list[Ablation] = []
    shares = {"": float(before.converged.mean())}
    for k, name in enumerate(wanted):
        try:
            knocked, other = _without(blueprint, plain, name)
            after = Bench.of(other, engine)(knocked.variant.draw(draws, seed)) if knocked.off else None
            off, kept = knocked.off, knocked.kept or (() if knocked.off else ("nothing that counts is tagged with it",))
        except ModelError as error:
            after, off, kept = None, (), (f"the model has no meaning without it: {error.problems[0].message}",)
        if after is not None:
            shares[name] = float(after.converged.mean())
        found.append(ablation(blueprint, name, off, kept, before, after))
        if progress:
            progress(k + 1, len(wanted))
    return ranked(found, draws, shares)


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


# ---------------------------------------------------------------------- breaking points


def breaking(study: Study, names: Sequence[str] = (), progress: Progress | None = None) -> list[Breaking]:
    """The breaking point of each claim of a solved crisis, or of some: the smallest joint change of assumptions, in
    prior standard deviations from the central draw, that turns it, and the smallest change of each alone.

    Every point that is told was solved. Raises QuestionError where there is no claim, or nothing uncertain.
    """
    model = study.model
    if not model.claims:
        raise QuestionError("this model makes no claims; write what is asserted under `claims:`, with `holds:`")
    wanted = _claims(model, names)

    def ask() -> list[Breaking]:
        sources = Sources(study.blueprint.sampler)
        if not sources.names:
            raise QuestionError(
                "every quantity of this model is known exactly, so there is no assumption that could be moved"
            )
        drawn = sources.free(study.n, study.draws.seed)
        held = {name: study.claim_draws(name) for name in wanted}
        return breaking_points(sources, Pool(study, sources, Watch(study.blueprint, wanted)), drawn, held, progress)

    where = Readings.of_question(study.engine, [model], study.draws.seed, study.n, "breaking", tuple(wanted))
    return where.once(study.n, [Breaking, Single, Moved, Finding], ask)


# ---------------------------------------------------------------------- shared


def _ready(
    case: str | Path | Model,
    changes: Mapping[str, Any] | None,
    perception: str | None,
    method: str | Solver | None,
    workers: int,
    store: Store | None,
) -> tuple[Model, Engine]:
    model = case if isinstance(case, Model) else load(case)
    model = changed(model, changes) if changes else model
    return model, Engine(perception or model.perception, method, workers, store)


def _enough(draws: int) -> None:
    if draws < 2:
        raise QuestionError(f"{draws} draws were asked for; an interval needs at least two")


def _claims(model: Model, names: Sequence[str]) -> list[str]:
    for name in names:
        if name not in model.claims:
            raise QuestionError(f"there is no claim {name!r}; {nearest(name, model.claims) or 'this model makes none'}")
    return [name for name in model.claims if not names or name in names]


def _coming(blueprint: Blueprint, engine: Engine, sources: Sources) -> Floats:
    """[H] the probability of coming to each information set at the central draw."""
    solved = engine.solve_batch(blueprint, sources.centre(), {})
    return np.asarray(reached(solved.batch)[:, 0])
