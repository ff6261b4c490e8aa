"""Names that a question was given, looked up in the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from detente.errors import QuestionError, nearest


def known(kind: str, wanted: Sequence[str], names: Iterable[str]) -> list[str]:
    """The names that are wanted, or all of them where none are, in the order of the model. Raises QuestionError."""
    there = list(names)
    for name in wanted:
        if name not in there:
            raise QuestionError(f"there is no {kind} {name!r}; {nearest(name, there) or 'this model has none'}")
    return [name for name in there if not wanted or name in wanted]
