"""Sensitivity: what share of the variance of an answer each assumption explains, from the draws of a solved case."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Unpack

from detente.analyse.forecast.subject import event, reading
from detente.analyse.sensitivity import factors as grouping
from detente.analyse.sensitivity import variance
from detente.analyse.sensitivity.structures import shares
from detente.analyse.sensitivity.variance import Sensitivity
from detente.draws.sampler import Sampler
from detente.draws.sources import Sources
from detente.errors import listed
from detente.study.evaluate.structures import under_all
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import Settings

if TYPE_CHECKING:
    from detente.study.dossier import Dossier

OF = Option(
    "outcome (the whole forecast), answer (to the case's question), the name of an outcome or claim, "
    "'likeliest is NAME', or a question such as 'P(posture is invade)'.",
    metavar="QUESTION", names="answers", argument=False,
)  # fmt: skip
WHERE = Option(
    "Only draws in which this holds, such as 'P(outcome is war) > 0.5'. [default: all draws]",
    metavar="CONDITION",
    names="events",
)
BY = Option(
    "Report one effect for each quantity, mechanism or source paragraph.", flag="groups", choices=grouping.GROUPINGS
)


def _both(found: Dossier) -> list[dict[str, Any]]:
    """Of the whole forecast, and of the conclusion."""
    return [{"of": of} for of in ("outcome", found.conclusion) if of]


@question("sense", topic="sensitivity", draws=DRAWS, of_study=True, dossier=_both, alias="sensitivity")
def sense(
    case: Asked,
    of: Annotated[str, OF] = "outcome",
    *,
    where: Annotated[str, WHERE] = "",
    by: Annotated[str, BY] = grouping.QUANTITY,
    **settings: Unpack[Settings],
) -> Sensitivity:
    """Analyse sensitivity: the share of an answer's variance that each assumption explains, from the solved draws.

    `of`: `outcome` (the whole forecast), `answer` (what answers the case's question), the name of an outcome or claim,
    `likeliest is X`, or a question in the language of claims. `where`: a condition; only draws in which it holds count.
    `by`: `quantity`, `mechanism` or `source` (the paragraph cited first). First-order effects are read off the draws
    (Plischke, Borgonovo & Smith 2013, European Journal of Operational Research 226, 536-550). Of rival structures,
    together and each by itself, they are exact but for the draws: these are solved under every combination. Raises
    ModelError, QuestionError.
    """
    study = study_of(case, settings)
    asked = reading(study.model, of)
    inside = study.reading(event(study.model, where))[0] if where else None
    sources = Sources(Sampler(study.model))
    factors = grouping.factors(sources, by)
    grouped = by != grouping.QUANTITY
    scores = sources.free(study.n, study.draws.seed)
    found = variance.given(
        asked, study.reading(asked), study.assumptions, scores, factors, grouped=grouped, inside=inside, where=where,
        mixing=sources.mixing,
    )  # fmt: skip
    joined = grouping.note(factors)
    notes = (*found.notes, joined) if joined and not where else found.notes
    if varying := sorted({q._stream for q in study.model.quantities.values() if q._stream}):
        notes = (*notes, f"structures give other values to {listed(varying)}: to know one tells of the structure, too")
    if study.structures and inside is None:
        table = under_all(study, asked)
        found = variance.structured(found, *shares(table), table.answers.shape[0] * table.answers.shape[2])
    return replace(found, notes=notes, converged=float(study.converged.mean()))
