"""Which case and which Study a question is being asked of, so that its answer can be shown by itself later.

Whoever reads a case or solves it for a question says so (`of_model`, `of_study`); what was said while a question was
answered goes with the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from detente.display import Displayed, Several

if TYPE_CHECKING:
    from detente.model.schema import Model
    from detente.study.study import Study

A = TypeVar("A")


@dataclass(eq=False)
class Context:
    """A question by its name at the doors, what it was asked beside the case, the case, and the Study if any."""

    question: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    model: Model | None = None
    study: Study | None = None


_NOW: ContextVar[Context | None] = ContextVar("asking", default=None)


@contextmanager
def asking(question: str, arguments: Mapping[str, Any]) -> Iterator[Context]:
    """While a question is answered."""
    context = Context(question, arguments)
    token = _NOW.set(context)
    try:
        yield context
    finally:
        _NOW.reset(token)


def of_model(model: Model) -> None:
    """Say which model is asked about; of several the first is the case."""
    if (now := _NOW.get()) is not None and now.model is None:
        now.model = model


def of_study(study: Study) -> None:
    """Say which solved case is asked about."""
    if (now := _NOW.get()) is not None and now.study is None:
        now.study, now.model = study, study.model


def answering(answer: A, context: Context) -> A:
    """The answer, which knows what it is the answer to. A list becomes one that shows itself, as its items do."""
    if type(answer) is list:
        several = Several(answering(one, context) for one in cast("list[Any]", answer))
        several.context = context
        return cast("A", several)
    if isinstance(answer, Displayed):
        object.__setattr__(answer, "context", context)
    return answer
