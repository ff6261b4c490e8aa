"""Where the quantities stand when an event is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.analyse.forecast.subject import event
from detente.analyse.sensitivity import discovery
from detente.analyse.sensitivity import variance as sensitivity
from detente.analyse.sensitivity.discovery import Discovery
from detente.study.study import Study

if TYPE_CHECKING:
    pass
from detente.study.questions.sense import Progress, answers


def discover(
    study: Study,
    what: str,
    *,
    where: str = "",
    boxes: int = 1,
    at: int | None = None,
    progress: Progress | None = None,
) -> Discovery:
    """Boxes of quantities in which an event is concentrated: a claim, `likeliest is X`, or a condition.

    `where`: only draws in which this condition holds count. `boxes`: how many at most; `at`: the point of the
    trajectory to take in place of the best balanced. The patient rule induction method (Friedman & Fisher 1999,
    Statistics and Computing 9, 123-143). Raises QuestionError.
    """
    asked = event(study.model, what)
    units = {name: q.unit for name, q in study.model.quantities.items()}
    units |= {name: units[name.partition(" seen by ")[0]] for name in study.assumptions if name not in units}
    happened, quantities = answers(study, asked), study.assumptions
    if where:
        kept = sensitivity.region(happened, answers(study, event(study.model, where))[0], where)
        happened, quantities = happened[:, kept], {name: x[kept] for name, x in quantities.items()}
    return discovery.discover(
        happened[0], quantities, name=asked.text, words=asked.words, where=where, units=units,
        boxes=boxes, at=at, progress=progress,
    )  # fmt: skip
