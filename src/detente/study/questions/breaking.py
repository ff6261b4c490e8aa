"""Breaking points: the smallest change of assumptions that flips a claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Unpack

from detente.analyse.forecast.readout import Watch
from detente.analyse.thresholds.breaking import Breaking, breaking_points
from detente.draws.sources import Sources
from detente.errors import QuestionError
from detente.study.evaluate.pool import Pool
from detente.study.memo.findings import once
from detente.study.names import known
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import How, Settings

if TYPE_CHECKING:
    from detente.study.dossier import Dossier


def _conclusion(found: Dossier) -> list[dict[str, Any]]:
    """Of the conclusion, the first claim."""
    return [{"names": [found.conclusion] if found.conclusion else []}]


@question("breaking", topic="thresholds", draws=DRAWS, of_study=True, counts="claims", dossier=_conclusion)
def breaking(
    case: Asked,
    names: Annotated[Sequence[str], Option("Only these claims. [default: all]", flag="name", names="claims")] = (),
    **settings: Unpack[Settings],
) -> list[Breaking]:
    """Find breaking points: the smallest change of assumptions that flips each claim, joint and one at a time.

    In prior standard deviations from the median draw. Every point that is told was solved. Raises QuestionError where
    there is no claim, or nothing uncertain.
    """
    study = study_of(case, settings)
    if not study.model.claims:
        raise QuestionError("this model makes no claims; write what is asserted under `claims:`, with `holds:`")
    wanted = known("claim", names, study.model.claims)
    progress = How.of(settings).progress

    def ask() -> list[Breaking]:
        sources = Sources(study.blueprint.sampler)
        if not sources.names:
            raise QuestionError(
                "every quantity of this model is known exactly, so there is no assumption that could be moved"
            )
        drawn = sources.free(study.n, study.draws.seed)
        held = {name: study.claim_draws(name) for name in wanted}
        return breaking_points(sources, Pool(study, sources, Watch(study.blueprint, wanted)), drawn, held, progress)

    return once(study.ready, list[Breaking], ask, "breaking", tuple(wanted))
