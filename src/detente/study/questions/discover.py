"""Scenario discovery: where the quantities stand when an event is so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Unpack

from detente.analyse.forecast.subject import event
from detente.analyse.sensitivity import discovery, variance
from detente.analyse.sensitivity.discovery import Discovery
from detente.errors import QuestionError
from detente.study.questions.sense import WHERE
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import How, Settings

if TYPE_CHECKING:
    from detente.study.dossier import Dossier


def _failing(found: Dossier) -> list[dict[str, Any]]:
    """Where the conclusion fails; or where it holds, if it fails in most draws."""
    if not (first := found.conclusion):
        raise QuestionError("this model makes no claims, so that there is no conclusion to see fail")
    return [{"what": f"not {first}" if found.study.claims[first].holds else first}]


@question("discover", topic="sensitivity", draws=DRAWS, of_study=True, counts="resamples", dossier=_failing)
def discover(
    case: Asked,
    what: Annotated[
        str,
        Option(
            "A claim, 'not CLAIM', 'likeliest is NAME', or a condition such as 'P(posture is invade) > 0.1'.",
            metavar="EVENT",
            names="events",
        ),
    ],
    *,
    where: Annotated[str, WHERE] = "",
    boxes: Annotated[int, Option("The largest number of boxes.", low=1, high=5)] = 1,
    at: Annotated[
        int | None, Option("The point of the trajectory to take. [default: the best balanced]", flag="point", low=0)
    ] = None,
    **settings: Unpack[Settings],
) -> Discovery:
    """Discover scenarios: ranges of a few quantities (boxes) in which an event is concentrated.

    `what`: a claim, `likeliest is X`, or a condition. `where`: only draws in which this condition holds count. `boxes`:
    how many at most; `at`: the point of the trajectory to take in place of the best balanced. The patient rule
    induction method (Friedman & Fisher 1999, Statistics and Computing 9, 123-143). Raises ModelError, QuestionError.
    """
    study, progress = study_of(case, settings), How.of(settings).progress
    asked = event(study.model, what)
    units = {name: q.unit for name, q in study.model.quantities.items()}
    units |= {name: units[name.partition(" seen by ")[0]] for name in study.assumptions if name not in units}
    happened, quantities = study.reading(asked), study.assumptions
    if where:
        kept = variance.region(happened, study.reading(event(study.model, where))[0], where)
        happened, quantities = happened[:, kept], {name: x[kept] for name, x in quantities.items()}
    return discovery.discover(
        happened[0], quantities, name=asked.text, words=asked.words, where=where, units=units,
        boxes=boxes, at=at, progress=progress,
    )  # fmt: skip
