"""The words of the language, as the editor tells them: what may be called in an expression, and what keys mean."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from detente.language.expressions import FAMILIES
from detente.model.editors import BEFORE, EXTENDS
from detente.model.fields import Formula, Path
from detente.model.schema import Model
from detente.model.validate import _inner, _stripped


@dataclass(frozen=True)
class Word:
    """Something that can be written: its form, and what it means."""

    form: str
    means: str


CALLS: Mapping[str, Word] = {
    "min": Word("min(x, y, ...)", "the smallest of some numbers"),
    "max": Word("max(x, y, ...)", "the largest of some numbers"),
    "exp": Word("exp(x)", "the exponential of a number"),
    "log": Word("log(x)", "the natural logarithm of a number"),
    "sqrt": Word("sqrt(x)", "the square root of a number"),
    "abs": Word("abs(x)", "a number without its sign"),
    "clip": Word("clip(x, low, high)", "a number, kept between two others"),
    "ever": Word("ever(c)", "whether a condition has held in any period so far"),
    "count": Word("count(c)", "in how many periods so far a condition has held"),
    "previous": Word("previous(x)", "what a number was in the period before; 0 in the first"),
    "first": Word("first(c)", "in which period a condition first held; 0 if it never did"),
    "total": Word("total(x)", "a number summed over the periods so far"),
    "P": Word("P(event given event)", "how likely something is in the solved game"),
    "E": Word("E(x given event)", "what is to be expected of an actor's payoff, of a term or of a number"),
    "U": Word("U(actor given event)", "what an actor expects, as it sees the game"),
    "do": Word("do(stage is move)", "the move is forced, everybody knows it, and the game is solved again"),
}
_FAMILIES = {
    "normal": "a normal distribution",
    "lognormal": "above zero, skewed to the right; its logarithm is normal",
    "uniform": "anything between two numbers, equally likely",
    "loguniform": "between two numbers above zero, equally likely on a logarithmic scale",
    "triangular": "between two numbers, most likely at a third, falling straight to both ends",
    "pert": "between two numbers, most likely at a third; a smooth hump",
    "beta": "between 0 and 1",
    "gamma": "above zero, skewed to the right",
    "exponential": "above zero, ever less likely further out",
    "student": "like a normal distribution with heavier tails",
    "bernoulli": "1 with a probability, else 0",
}
DISTRIBUTIONS: Mapping[str, Word] = {
    name: Word(f"{name}({', '.join(parameters)})", _FAMILIES[name]) for name, parameters in FAMILIES.items()
}
INTERVAL = Word("a to b", "an interval: the 5th and the 95th percentile of what is believed")
OPERATORS: Mapping[str, Word] = {
    "is": Word("stage is move", "what happened at a stage, how it ended, or of which type an actor is"),
    "in": Word("stage in [move, move]", "any of several things that may have happened"),
    "and": Word("c and d", "both conditions hold"),
    "or": Word("c or d", "one of the conditions holds, or both"),
    "not": Word("not c", "the condition does not hold"),
    "if": Word("x if c else y", "one number where a condition holds, and another where it does not"),
    "else": Word("x if c else y", "one number where a condition holds, and another where it does not"),
    "given": Word("P(event given event)", "conditioned on, by Bayes' rule"),
    "to": INTERVAL,
    "otherwise": Word("otherwise", "the rest: of a probability, or how it ends when nothing else has held"),
    "outcome": Word("outcome is name", "how the game ends"),
    "period": Word("period", "the number of the period, from 1"),
    "periods": Word("periods", "how many periods there are"),
}


def shape_at(path: Path) -> Any:
    """The shape of what stands under some keys: a pydantic model, or the type of a field; None where there is none."""
    shape: Any = Model
    for k, step in enumerate(path):
        if path[0] == "structures" and step == "changes":
            return shape_at(path[k + 1 :])
        shape = _inner(shape, step)
        if shape is None:
            return None
    return shape


def keys_at(path: Path) -> Mapping[str, str]:
    """The keys that may stand under some keys, with what they mean; none where names of one's own stand there."""
    shape = shape_at(path)
    if not (isinstance(shape, type) and issubclass(shape, BaseModel)):
        return {}
    found = {field.alias or name: field.description or "" for name, field in shape.model_fields.items()}
    if path == ():
        found = {"extends": EXTENDS, **found}
    if len(path) == 2 and path[0] == "stages":
        found["before"] = BEFORE
    return found


def is_formula(path: Path) -> bool:
    """Whether an expression stands under some keys."""
    shape = shape_at(path)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        shape = _stripped(_short(shape))
    return shape is Formula


def _short(shape: Any) -> Any:
    """What stands for a part in its short form: its value, its condition, its rate."""
    fields = getattr(shape, "model_fields", {})
    for name in ("value", "holds", "asks", "when", "p", "rate", "prior"):
        if name in fields:
            return fields[name].annotation
    return None


def literals_at(path: Path) -> list[str]:
    """The words that alone may stand under some keys."""
    shape = shape_at(path)
    if shape is bool:
        return ["true", "false"]
    return [str(word) for word in typing.get_args(shape) if isinstance(word, str)]
