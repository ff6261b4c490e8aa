"""The pictures of a study by name, each a `Picture`; `figure_outcomes(study)` and its like give the text of an SVG
file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from detente.analyse.evidence.score import scores
from detente.analyse.forecast.rank import likeliest
from detente.errors import QuestionError
from detente.present.figures.drawing.svg import Picture
from detente.present.figures.forecast.bars import claims_picture, mechanisms_picture, outcomes_picture, when_picture
from detente.present.figures.forecast.contrasts import drivers_picture, forecasts_picture, why_picture
from detente.present.figures.forecast.course import course
from detente.study.questions.why import why
from detente.study.study import Study


def _drivers(study: Study, of: str | None = None) -> Picture:
    """Which assumptions a claim or an outcome depends on (default: the first claim, else the most likely outcome)."""
    name = of or _first(study)
    if not (found := study.drivers(name)):
        raise QuestionError(f"no assumption explains more of {name!r} than noise would; there is nothing to draw")
    return drivers_picture(study, name, found)


def _why(study: Study, who: str | None = None) -> Picture:
    """Why the most likely move is made where `who`, an actor or a stage, decides most often."""
    return why_picture(study, max(why(study, who), key=lambda w: w.reached.value))


def _claims(study: Study) -> Picture:
    return claims_picture(study)


def _forecasts(study: Study) -> Picture:
    return forecasts_picture(scores(study.model, study.ask))


def _first(study: Study) -> str:
    return next(iter(study.model.claims), likeliest(study.outcomes))


DRAWN: Mapping[str, tuple[Callable[..., Picture], Callable[[Study], object]]] = {
    "outcomes": (outcomes_picture, lambda study: True),  # noqa: ARG005
    "course": (course, lambda study: True),  # noqa: ARG005
    "when": (when_picture, lambda study: study.model.periods.count > 1),
    "mechanisms": (mechanisms_picture, lambda study: study.mechanisms),
    "claims": (_claims, lambda study: study.model.claims),
    "drivers": (_drivers, lambda study: study.drivers(_first(study))),
    "why": (_why, lambda study: True),  # noqa: ARG005
    "forecasts": (_forecasts, lambda study: study.model.forecasts),
}
"""What draws each picture of a Study, and whether a Study has it."""


def named(study: Study) -> list[str]:
    """The names of the pictures that a Study has."""
    return [name for name, (_, has) in DRAWN.items() if has(study)]


def figure_outcomes(study: Study) -> str:
    """How likely each outcome is."""
    return outcomes_picture(study).standalone()


def figure_course(study: Study) -> str:
    """The course of events, as a river of probability."""
    return course(study).standalone()


def figure_forecasts(study: Study) -> str:
    """What others expected, beside this model."""
    return _forecasts(study).standalone()


def pictures(study: Study) -> Mapping[str, str]:
    """Every picture a study has, by name, as the text of an SVG file."""
    return {name: DRAWN[name][0](study).standalone() for name in named(study)}
