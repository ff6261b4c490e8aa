"""The smallest change of assumptions that turns a claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from detente.analyse.finding import Finding
from detente.analyse.forecast.readout import Watch
from detente.analyse.thresholds.breaking import Breaking, Moved, Single, breaking_points
from detente.draws.sources import Sources
from detente.errors import QuestionError
from detente.study.evaluate.pool import Pool
from detente.study.memo.findings import Readings
from detente.study.study import Progress, Study

if TYPE_CHECKING:
    pass
from detente.study.settings import _claims


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
