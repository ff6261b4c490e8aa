"""A map over two quantities: which outcome comes first where, and how near another regime is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Unpack

from detente.analyse.thresholds.extent import span
from detente.analyse.thresholds.regimes import Regimes, regimes
from detente.analyse.thresholds.tipping import subjects
from detente.draws.sources import Sources
from detente.engine.store.compiled import blueprint_of
from detente.errors import QuestionError
from detente.study.evaluate.evaluator import Bench
from detente.study.memo.findings import once
from detente.study.names import known
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Settings

if TYPE_CHECKING:
    from detente.study.dossier import Dossier

POINTS = 25


def _carrying(found: Dossier) -> list[dict[str, Any]]:
    """Over the two assumptions that carry the conclusion."""
    names = found.carrying(2)
    if len(names) < 2:
        raise QuestionError("a map needs two assumptions that move the answer")
    return [{"quantity": names[0], "other": names[1]}]


@question("map", topic="thresholds", draws=1, counts="parts of the map", without=("draws", "seed"), dossier=_carrying)
def tip_map(
    case: Case,
    quantity: Annotated[str, Option("A quantity or perception, on the horizontal axis.", names="quantities")],
    other: Annotated[str, Option("Another, on the vertical axis.", names="quantities")],
    *,
    low: Annotated[
        float | None, Option("Where the horizontal axis begins. [default: 5th percentile]", flag="from")
    ] = None,
    high: Annotated[
        float | None, Option("Where the horizontal axis ends. [default: 95th percentile]", flag="to")
    ] = None,
    other_low: Annotated[
        float | None, Option("Where the vertical axis begins. [default: 5th percentile]", flag="other-from")
    ] = None,
    other_high: Annotated[
        float | None, Option("Where the vertical axis ends. [default: 95th percentile]", flag="other-to")
    ] = None,
    claim: Annotated[str | None, Option("The claim to map. [default: the first]", names="claims")] = None,
    points: Annotated[int, Option("Points of the grid in each direction.", low=3, high=201)] = POINTS,
    **settings: Unpack[Settings],
) -> Regimes:
    """Map two quantities: where each outcome is the most likely one and where a claim holds, at the median draw.

    `low`, `high` and `other_low`, `other_high`: the ranges, by default the 5th to the 95th percentile. The grid has
    `points` points each way. `maps` hold the regime of each point, [points, points], the boundary, and the shortest way
    across it in prior standard deviations. The settings are those of `run`, but for draws and seed. Raises ModelError,
    QuestionError.
    """
    ready = How.of({**settings, "draws": 1, "seed": 0}).ready(case, least=1)
    if quantity == other:
        raise QuestionError(f"{quantity!r} is asked for twice; a map needs two different quantities")
    benches: list[Bench] = []

    def ask() -> Regimes:
        blueprint = blueprint_of(ready.model, ready.store)
        sources = Sources(blueprint.sampler)
        extents = (span(sources, quantity, low, high), span(sources, other, other_low, other_high))
        names = known("claim", (claim,) if claim else (), ready.model.claims)[:1]
        bench = Bench.of(blueprint, ready, names)
        benches.append(bench)
        of = subjects(blueprint, names, ())
        return regimes(blueprint, sources, bench, (quantity, other), extents, of, points, ready.progress)

    asked = ("map", quantity, other, low, high, other_low, other_high, claim, points)
    found = once(ready, Regimes, ask, *asked)
    for bench in benches:
        bench.drop()
    return found
