"""What is asked about: the forecast, an outcome, a claim, a probability, a condition; read off solved draws.

`outcome` is the whole forecast, `answer` what answers the case's question. An outcome's name is its probability, a
claim's name its verdict, `likeliest is X` whether X is the most likely outcome; everything else is a question in the
language of claims.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.outcomes import outcome_probabilities
from detente.arrays import Floats
from detente.engine.batch import Batch
from detente.errors import QuestionError, nearest
from detente.game.blueprint import Blueprint
from detente.language.expressions import Apply, Ask, Expression, ExpressionError, Name, Number
from detente.language.parsing import parse
from detente.model.ask import read_question
from detente.model.schema import Model

FORECAST, PROBABILITY, YES_NO, NUMBER = "forecast", "probability", "yes or no", "number"
ANSWER = "answer"
_CONDITIONS = frozenset({"<", "<=", ">", ">=", "==", "!=", "and", "or", "not"})
_LIKELIEST = re.compile(r"likeliest\s+(?:outcome\s+)?is\s+(?P<negated>not\s+)?(?P<name>\S+)\Z")


@dataclass(frozen=True, eq=False)
class Reading:
    """A question made ready for all batches.

    `kind` is `forecast` (the probabilities of all outcomes), `probability`, `yes or no` or `number`. `rows` names the
    m numbers that each draw is read as; `expression` is the question, where there is one.
    """

    text: str
    kind: str
    words: str
    rows: tuple[str, ...]
    expression: Expression | None
    of_forecast: Callable[[Floats], Floats] | None = None  # where it is read off the probabilities of all outcomes
    of_batch: Callable[[Batch], Floats] | None = None

    def __call__(self, batch: Batch) -> Floats:
        """[m, n] the answer in each draw; nan where it conditions on what cannot happen."""
        if self.of_forecast is not None:
            return self.of_forecast(np.array(list(outcome_probabilities(batch).values())))
        assert self.of_batch is not None
        return self.of_batch(batch)


def reading(model: Model, text: str) -> Reading:
    """What a text asks about. Raises QuestionError, saying what can be asked."""
    text = " ".join(text.split())
    if text in ("outcome", "outcomes", "forecast"):
        return Reading("outcome", FORECAST, "the outcome", tuple(model.outcomes), None, np.asarray)
    if text == ANSWER and text not in (*model.outcomes, *model.claims):
        return _answer(model)
    if text in model.outcomes:
        expression = read_question(model, f"P(outcome is {text})")
        return _asked(text, PROBABILITY, f"the probability of {text}", expression)
    if match := _LIKELIEST.match(text):
        return _likeliest(model, text, match["name"], bool(match["negated"]))
    negated = text.removeprefix("not ").strip() if text.startswith("not ") else ""
    if text in model.claims or negated in model.claims:
        held = model.claims[negated or text].holds.expression
        expression = Apply(0, "not", (held,)) if negated else held
        words = f"whether the claim {negated or text} {'fails' if negated else 'holds'}"
        return _asked(text, YES_NO, words, expression)
    if re.fullmatch(r"[A-Za-z_]\w*", text):
        known = ["outcome", *[ANSWER] * bool(model.answer), *model.outcomes, *model.claims]
        raise QuestionError(
            f"there is no outcome and no claim {text!r}; {nearest(text, known)}\n"
            "    or ask in the language of claims, such as P(outcome is NAME) or P(stage is move) > 0.5"
        )
    expression = _question(model, text)
    kind = _kind(expression)
    return _asked(text, kind, f"whether {text}" if kind == YES_NO else text, expression)


def _kind(expression: Expression) -> str:
    """What a question is answered with: a yes or no, a probability or a number."""
    if isinstance(expression, Apply) and expression.op in _CONDITIONS:
        return YES_NO
    return PROBABILITY if isinstance(expression, Ask) and expression.what == "P" else NUMBER


def _answer(model: Model) -> Reading:
    """What the case's `answer:` asks."""
    if model.answer is None:
        raise QuestionError(
            "this case does not say what answers its question\n"
            "    write `answer: {asks: P(event)}` under `question:`, or ask P(event) here"
        )
    asks = model.answer.asks
    return _asked(asks.text, _kind(asks.expression), f"the answer ({model.answer.says or asks.text})", asks.expression)


def at_issue(model: Model) -> Reading:
    """What the question of a case is about: its `answer:`, else the outcome that happened, else the forecast."""
    if model.answer is not None:
        return _answer(model)
    if model.happened is not None and model.happened.outcome:
        return reading(model, model.happened.outcome)
    return reading(model, "outcome")


def event(model: Model, text: str) -> Reading:
    """A condition that holds in a draw or does not. Raises QuestionError for anything else, with how to make one."""
    found = reading(model, text)
    if found.kind == YES_NO:
        return found
    if found.kind == FORECAST:
        name = next(iter(model.outcomes))
        hint = f"write `likeliest is {name}` or `P(outcome is {name}) > 0.5`"
    elif text in model.outcomes:
        hint = f"write `likeliest is {text}` or `P(outcome is {text}) > 0.5`"
    else:
        hint = f"write `{found.text} > ...`, with a number"
    raise QuestionError(f"{text!r} has a value in every draw, and no draw is inside or outside of it\n    {hint}")


def _question(model: Model, text: str) -> Expression:
    """A question, or a condition on quantities alone."""
    try:
        expression = parse(text)
    except ExpressionError:
        return read_question(model, text)  # which says what is wrong, and where
    parts = list(expression.walk())
    names = [e.name for e in parts if isinstance(e, Name)]
    if names and all(isinstance(e, (Name, Number, Apply)) for e in parts) and set(names) <= set(model.quantities):
        return expression
    return read_question(model, text)


def _asked(text: str, kind: str, words: str, expression: Expression) -> Reading:
    questions: dict[Blueprint, Question] = {}  # made ready once for all batches

    def read(batch: Batch) -> Floats:
        if batch.blueprint not in questions:
            questions[batch.blueprint] = Question(batch.blueprint, expression)
        value = questions[batch.blueprint](batch)
        if kind == YES_NO:
            value = np.where(np.isnan(value), np.nan, (value != 0).astype(float))
        return value[None]

    return Reading(text, kind, words, (text,), expression, None, read)


def _likeliest(model: Model, text: str, name: str, negated: bool) -> Reading:
    if name not in model.outcomes:
        raise QuestionError(f"there is no outcome {name!r}; {nearest(name, model.outcomes)}")
    place = list(model.outcomes).index(name)

    def read(forecast: Floats) -> Floats:
        first = forecast.argmax(axis=0) == place
        return np.asarray(first != negated).astype(float)[None]

    words = f"whether {name} is {'not ' if negated else ''}the most likely outcome"
    return Reading(text, YES_NO, words, (text,), None, read)
