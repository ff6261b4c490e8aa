"""The pictures of a study: `figure_outcomes(study)` and its like give the text of an SVG file, as in the report."""

from __future__ import annotations

from collections.abc import Mapping

from detente.analyse.evidence.score import scores
from detente.analyse.forecast.rank import likeliest
from detente.errors import QuestionError
from detente.present.figures.forecast.bars import claims_picture, mechanisms_picture, outcomes_picture, when_picture
from detente.present.figures.forecast.contrasts import drivers_picture, forecasts_picture, why_picture
from detente.present.figures.forecast.course import course
from detente.study.questions.why import why
from detente.study.study import Study


def figure_outcomes(study: Study) -> str:
    """How likely each outcome is."""
    return outcomes_picture(study).standalone()


def figure_course(study: Study) -> str:
    """The course of events, as a river of probability."""
    return course(study).standalone()


def figure_when(study: Study) -> str:
    """In which period each outcome comes."""
    return when_picture(study).standalone()


def figure_mechanisms(study: Study) -> str:
    """Through which mechanism each outcome comes."""
    return mechanisms_picture(study).standalone()


def figure_claims(study: Study) -> str:
    """In what share of the draws each claim holds."""
    return claims_picture(study).standalone()


def figure_drivers(study: Study, of: str | None = None) -> str:
    """Which assumptions a claim or an outcome depends on (default: the first claim, else the most likely outcome)."""
    name = of or next(iter(study.model.claims), likeliest(study.outcomes))
    if not (found := study.drivers(name)):
        raise QuestionError(
            f"no assumption explains more of {name!r} than noise would seem to; there is nothing to draw"
        )
    return drivers_picture(study, name, found).standalone()


def figure_why(study: Study, who: str | None = None) -> str:
    """Why the most likely move is made where `who`, an actor or a stage, decides most often."""
    return why_picture(study, max(why(study, who), key=lambda w: w.reached.value)).standalone()


def figure_forecasts(study: Study) -> str:
    """What others expected, beside this model."""
    return forecasts_picture(scores(study.model, study.ask)).standalone()


def pictures(study: Study) -> Mapping[str, str]:
    """Every picture a study has, by name, as the text of an SVG file."""
    made = {"outcomes": figure_outcomes(study), "course": figure_course(study)}
    if study.model.periods.count > 1:
        made["when"] = figure_when(study)
    if study.mechanisms:
        made["mechanisms"] = figure_mechanisms(study)
    if study.model.claims:
        made["claims"] = figure_claims(study)
    if study.drivers(next(iter(study.model.claims), likeliest(study.outcomes))):
        made["drivers"] = figure_drivers(study)
    made["why"] = figure_why(study)
    if study.model.forecasts:
        made["forecasts"] = figure_forecasts(study)
    return made
