"""What is worked out once of a tree or a compiled model, and forgotten with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

Of = TypeVar("Of")
Rest = ParamSpec("Rest")
Found = TypeVar("Found")


def remembered(
    work_out: Callable[Concatenate[Of, Rest], Found],
) -> Callable[Concatenate[Of, Rest], Found]:
    """A function whose answers about a thing are kept as long as that thing is, told apart by its other arguments.

    What it returns must not hold the thing itself: it would be kept for ever.
    """
    kept: WeakKeyDictionary[Any, dict[Any, Found]] = WeakKeyDictionary()

    @wraps(work_out)
    def asked(of: Of, /, *rest: Rest.args, **named: Rest.kwargs) -> Found:
        mine = kept.setdefault(of, {})
        key = (rest, *sorted(named.items()))
        if key not in mine:
            mine[key] = work_out(of, *rest, **named)
        return mine[key]

    return asked
