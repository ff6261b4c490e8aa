"""Tipping points: how the answer changes with one quantity, and where it turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Unpack

import numpy as np

from detente.analyse.forecast.why import reached
from detente.analyse.thresholds.extent import span
from detente.analyse.thresholds.tipping import POINTS, Tipping, along, subjects, telling_sets
from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.draws.sources import Sources
from detente.engine.engine import Solving
from detente.engine.store.compiled import blueprint_of
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.study.evaluate.evaluator import Bench
from detente.study.memo.findings import once
from detente.study.names import known
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Settings

MANY = 16  # draws that stand for the centre where it is no game

if TYPE_CHECKING:
    from detente.study.dossier import Dossier


def _carrying(found: Dossier) -> list[dict[str, Any]]:
    """Along the assumptions that carry the conclusion."""
    if not (names := found.carrying(2)):
        raise QuestionError("no assumption of this model moves the answer")
    return [{"quantity": name} for name in names]


@question("tip", topic="thresholds", draws=300, counts="points", dossier=_carrying)
def tip(
    case: Case,
    quantity: Annotated[str, Option("A quantity, or a perception: 'sanctions seen by Russia'.", names="quantities")],
    *,
    low: Annotated[float | None, Option("Where the range begins. [default: 5th percentile]", flag="from")] = None,
    high: Annotated[float | None, Option("Where it ends. [default: 95th percentile]", flag="to")] = None,
    claims: Annotated[
        Sequence[str], Option("Only these claims. [default: all]", flag="claim", names="claims", metavar="NAME")
    ] = (),
    points: Annotated[int, Option("Points of the grid.", low=3, high=201)] = POINTS,
    **settings: Unpack[Settings],
) -> Tipping:
    """Find tipping points: how the answer changes as a quantity varies, and the values at which it tips.

    `quantity`: its name, or that of a perception (`x seen by A`). `low` and `high`: the range, by default the 5th to
    the 95th percentile. `claims`: some of the claims, by default all. Draws are solved at each of `points` points; the
    exact values are those of the median draw. The settings are those of `run`. Raises ModelError, QuestionError.
    """
    ready = How.of(settings).ready(case)
    benches: list[Bench] = []

    def ask() -> Tipping:
        blueprint = blueprint_of(ready.model, ready.store)
        sources = Sources(blueprint.sampler)
        extent = span(sources, quantity, low, high)
        names = known("claim", claims, ready.model.claims)
        moves = telling_sets(blueprint, _coming(blueprint, ready.engine, sources))
        bench = Bench.of(blueprint, ready, names, moves)

        sampler = replace(blueprint.sampler, lenient=True)  # a pole at a point costs that point

        def spread(values: Floats | float) -> Draws:
            return sampler.draw(ready.draws, ready.seed, {quantity: values})

        of = subjects(blueprint, names, moves)
        benches.append(bench)
        return along(blueprint, sources, bench, quantity, extent, of, spread, points, ready.progress, bench.line)

    found = once(ready, Tipping, ask, "tip", quantity, low, high, tuple(claims), points)
    for bench in benches:
        bench.drop()
    return found


def _coming(blueprint: Blueprint, engine: Solving, sources: Sources) -> Floats:
    """[H] the probability of coming to each information set at the median draw; the mean over a few where that is no
    game."""
    centre = sources.centre()
    if not blueprint.computable(centre).all():
        centre = blueprint.sampler.draw(MANY, 0)
    solved = engine.solve_batch(blueprint, centre, {})
    return np.asarray(reached(solved.batch).mean(axis=1))
