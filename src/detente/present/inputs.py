"""What a question takes, as a form shows it and as an assistant is told; and what was filled in, read.

Whoever sends it is a stranger: cases are named, never paths, and what multiplies work is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from detente.analyse.forecast.subject import event, reading
from detente.errors import QuestionError, nearest
from detente.model.schema import Model
from detente.present.choices import choices
from detente.study.registry import Parameter, Question

Kind = Literal["text", "whole", "number", "switch", "choice", "list", "changes"]
_HEAVY = {"points": 61, "models": 256, "public_draws": 5000, "swept": 2000, "steps": 41}
"""How far strangers may go with parameters that multiply work."""
_SEQUENCES = (Sequence, list, tuple)


@dataclass(frozen=True)
class Input:
    """One thing that a question takes. `offered`: what it can be given, where that is known."""

    name: str
    kind: Kind
    help: str
    hint: str
    default: str
    required: bool
    offered: tuple[str, ...]
    low: float | None
    high: float | None


def inputs_of(
    question: Question, model: Model | None = None, cases: Sequence[str] = (), files: Sequence[str] = ()
) -> tuple[Input, ...]:
    """What a question takes beside the case; without a model nothing is offered that only a model knows."""
    return tuple(
        _input(p, model, {"cases": cases, "files": files})
        for p in question.parameters
        if p.option.help or p.option.kinds
    )


def _input(p: Parameter, model: Model | None, named: Mapping[str, Sequence[str]]) -> Input:
    option = p.option
    offered: Sequence[str] = option.choices
    if option.names in named:
        offered = named[option.names]
    elif option.names and model is not None:
        offered = choices(model, option.names)
    hint = option.metavar
    if option.kinds:
        hint = "; ".join(f"{name} {takes}: {says}" for name, (takes, says) in option.kinds.items())
    default = "" if p.required or p.default in (None, (), False) else str(p.default)
    return Input(
        p.name, _kind(p), option.help, hint, default, p.required, tuple(offered), option.low,
        _HEAVY.get(p.name, option.high),
    )  # fmt: skip


def _kind(p: Parameter) -> Kind:
    kinds = [k for k in (get_args(p.type) if get_origin(p.type) not in _SEQUENCES else ()) if k is not type(None)]
    plain = kinds[0] if len(kinds) == 1 else p.type
    if p.option.kinds:
        return "changes"
    if plain is bool:
        return "switch"
    if plain is int:
        return "whole"
    if plain is float:
        return "number"
    if p.option.choices:
        return "choice"
    return "list" if get_origin(plain) in _SEQUENCES else "text"


def read_inputs(
    question: Question, model: Model, given: Mapping[str, Any], case: Callable[[str], Model], file: Callable[[str], str]
) -> dict[str, Any]:
    """What the question is asked, from what was filled in; `case` opens another case by its name, and `file` says where
    a file lies.

    Raises QuestionError.
    """
    known = {p.name: p for p in question.parameters}
    if unknown := [str(name) for name in given if name not in known]:
        raise QuestionError(f"`{question.name}` takes no {unknown[0]!r}; {nearest(unknown[0], known)}")
    found = {}
    for name, p in known.items():
        value = given.get(name)
        if value in (None, "", [], False):
            if p.required:
                raise QuestionError(f"{name}: {p.option.help or 'this is required'}")
            continue
        found[name] = _read(p, value, model, {"cases": case, "files": file})
    return found


def _read(p: Parameter, value: Any, model: Model, named: Mapping[str, Callable[[str], Any]]) -> Any:
    kind = _kind(p)
    if kind in ("whole", "number"):
        low, high = p.option.low, _HEAVY.get(p.name, p.option.high)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise QuestionError(f"{p.name}: expected a number")
        if (low is not None and value < low) or (high is not None and value > high):
            raise QuestionError(f"{p.name}: expected a number from {low or 0:g} to {high:g}")
        return int(value) if kind == "whole" else float(value)
    if kind == "switch":
        return bool(value)
    texts = [str(v) for v in (value if isinstance(value, list) else [value])]
    if p.option.names in named:  # a stranger names cases of the workspace, or files beside the case, and never a path
        found = [named[p.option.names](text) for text in texts]
        return found if kind == "list" else found[0]
    if p.option.names in ("answers", "events") and not texts[0].isidentifier():
        (reading if p.option.names == "answers" else event)(model, texts[0])
    if p.option.choices and texts[0] not in p.option.choices:
        raise QuestionError(f"{p.name}: {nearest(texts[0], p.option.choices)}")
    return texts if kind in ("list", "changes") else texts[0]
