"""Questions asked of a model from outside its file, in the language of claims."""

from __future__ import annotations

from detente.errors import Place, Problem, QuestionError
from detente.model.check import check_question
from detente.model.expressions import Expression, ExpressionError, parse
from detente.model.schema import Model


def read_question(model: Model, text: str) -> Expression:
    """An expression such as `P(outcome is war given posture is press)`. Raises QuestionError, saying what is wrong."""
    place = Place("question", 1, 1)
    try:
        expression = parse(text)
    except ExpressionError as error:
        raise QuestionError(str(Problem(place.shifted(error.at), error.message, error.hint))) from error
    problems = check_question(model, expression, place)
    if problems:
        raise QuestionError("\n".join(str(problem) for problem in problems))
    return expression
