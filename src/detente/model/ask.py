"""Questions asked of a model from outside its file, in the language of claims."""

from __future__ import annotations

from collections.abc import Callable

from detente.errors import Place, Problem, QuestionError
from detente.language.expressions import Ask, Expression, ExpressionError
from detente.language.parsing import parse
from detente.model.check.check import check_question
from detente.model.schema import Model


def read_question(model: Model, text: str) -> Expression:
    """An expression such as `P(outcome is war given posture is press)`. Raises QuestionError, saying what is wrong."""
    return _checked(model, text, Place("question", 1, 1), lambda asked: asked)


def read_condition(model: Model, text: str) -> Expression:
    """A condition on a play, as it may stand in P(...): `voice is warn and Russia.aim is bargain`."""
    asked = _checked(model, text, Place("condition", 1, 1), lambda condition: Ask(condition.at, "P", condition))
    assert isinstance(asked, Ask)
    return asked.arg


def _checked(model: Model, text: str, place: Place, asking: Callable[[Expression], Expression]) -> Expression:
    try:
        expression = asking(parse(text))
    except ExpressionError as error:
        raise QuestionError(str(Problem(place.shifted(error.at), error.message, error.hint))) from error
    problems = check_question(model, expression, place)
    if problems:
        raise QuestionError("\n".join(str(problem) for problem in problems))
    return expression
