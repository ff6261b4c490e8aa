"""Effects from points made for the purpose: a Sobol' design, which is solved."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated, Unpack

import numpy as np
from scipy import special

from detente.analyse.forecast.subject import Reading, reading
from detente.analyse.sensitivity import factors as grouping
from detente.analyse.sensitivity import sobol, variance
from detente.analyse.sensitivity.binning import varies
from detente.analyse.sensitivity.variance import Sensitivity
from detente.arrays import Bools, Floats
from detente.draws.sources import Sources
from detente.engine.solved import Solved, converged
from detente.engine.store.compiled import blueprint_of
from detente.errors import QuestionError
from detente.study.questions.sense import BY, OF, WHERE
from detente.study.registry import question
from detente.study.settings import Case, How, Settings

SPACE = (
    "points of a design are independent, and within a region quantities are not; use the draws that are solved "
    "(`detente sense`), or narrow the quantity itself with --set NAME='low to high'"
)


@question("design", topic="sensitivity", draws=20_000, counts="solutions", dossier=False)
def design(
    case: Case,
    of: Annotated[str, OF] = "outcome",
    *,
    where: Annotated[str, WHERE] = "",
    by: Annotated[str, BY] = grouping.QUANTITY,
    **settings: Unpack[Settings],
) -> Sensitivity:
    """Estimate first-order and total effects from a Sobol' design: points chosen and solved for the purpose.

    It solves at most `draws` points (16 x (k + 2) at least, for k quantities). `of` and `by` as in `sense`. Saltelli et
    al. (2010), Computer Physics Communications 181, 259-270; Jansen (1999), ibid. 117, 35-43. Raises ModelError,
    QuestionError.
    """
    if where:
        raise QuestionError(f"a design cannot be asked about the region {where!r}\n    {SPACE}")
    ready = How.of(settings).ready(case, least=1)
    blueprint = blueprint_of(ready.model, ready.store)
    asked, sources = reading(ready.model, of), Sources(blueprint.sampler)
    factors = grouping.factors(sources, by)
    n = sobol.base_points(ready.draws, len(factors))
    plan = sobol.design([f.rows for f in factors], len(sources.names), n, ready.seed)
    total = plan.points.shape[1]
    pieces: list[Floats] = []
    good: list[Bools] = []
    references: dict[str, None] = {}
    for answers, right, used_there in ready.engine.read(
        blueprint, sources.draws(special.ndtri(plan.points)), partial(_answered, asked)
    ):
        pieces.append(answers)
        good.append(right)
        references |= dict.fromkeys(used_there)
        if ready.progress:
            ready.progress(sum(p.shape[1] for p in pieces), total)
    values = np.concatenate(pieces, axis=1)
    judged = values[:, ~np.isnan(values).any(axis=0)]
    if not judged.size or not varies(judged).any():
        raise QuestionError(f"{asked.words}: the same at all {total:,} points, so that it depends on no quantity")
    try:
        effects = sobol.estimate(values, n, len(factors))
    except ValueError as error:
        raise QuestionError(f"{error}\n    {asked.words} conditions on what cannot happen there") from error
    joined = grouping.note(factors)
    used = (sobol.SALTELLI, sobol.JANSEN, sobol.OWEN, *([grouping.REFERENCE] if joined else []), *references)
    found = variance.designed(asked, effects, factors, total, used, [joined] if joined else [])
    return replace(found, converged=float(np.concatenate(good).mean()))


def _answered(asked: Reading, solved: Solved) -> tuple[Floats, Bools, tuple[str, ...]]:
    """[m, n] the answer in each draw of a batch, [n] whether it converged, and the references of its solution."""
    return asked(solved.batch), converged(solved), solved.solution.references
