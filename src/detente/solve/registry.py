"""Solvers by the names that people ask for.

A solver is one file: a frozen value with the line `@solver("name")` above it, in one of the folders beside this module.
Names are read from that line without importing anything, so that listing them costs nothing and a solver is imported
when it is first asked for. Elsewhere, in a script or a notebook, the same line enters a solver when it is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from detente.errors import QuestionError

if TYPE_CHECKING:
    from detente.solve.base import Solver

Kind = TypeVar("Kind", bound=type)

_DECLARED = re.compile(r'^@solver\("([^"\n]+)"\)\n(?:@.*\n)*class (\w+)', re.MULTILINE)
_entered: dict[str, type] = {}


def solver(name: str) -> Callable[[Kind], Kind]:
    """Enter a solver under a name, which `method` and `--method` then take; without arguments it must be ready to use.

    Raises QuestionError for a name that another solver has.
    """

    def enter(kind: Kind) -> Kind:
        place, known = f"{kind.__module__}:{kind.__qualname__}", METHODS.place(name)
        if known not in ("", place):
            raise QuestionError(f"there is a method {name!r} already, {known}")
        _entered[name] = kind
        return kind

    return enter


class Methods(Mapping[str, "Callable[[], Solver]"]):
    """What makes each solver, by its name."""

    def __getitem__(self, name: str) -> Callable[[], Solver]:
        if name not in _entered:
            module = _ours()[name].partition(":")[0]
            import_module(module)  # which enters it
        return _entered[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*_ours(), *_entered]))

    def __len__(self) -> int:
        return len({*_ours(), *_entered})

    def __contains__(self, name: object) -> bool:
        return name in _entered or name in _ours()

    def place(self, name: str) -> str:
        """Where a solver is, as `module:Class`; empty if there is none of this name."""
        kind = _entered.get(name)
        return f"{kind.__module__}:{kind.__qualname__}" if kind else _ours().get(name, "")


METHODS = Methods()


def alternatives() -> str:
    """The names of all solvers, for a sentence."""
    *names, last = METHODS
    return f"{', '.join(names)} or {last}"


def is_ours(method: str | Solver | None) -> bool:
    """Whether a solver comes with this package: then the version says what its code is."""
    place = METHODS.place(method) if isinstance(method, str) else type(method).__module__
    return method is None or place.startswith(f"{__package__}.")


@lru_cache(maxsize=1)
def _ours() -> dict[str, str]:
    """The solvers in this folder as `module:Class`, by name."""
    found = {}
    for file in Path(__file__).parent.glob("*/*.py"):
        for name, kind in _DECLARED.findall(file.read_text(encoding="utf-8")):
            found[name] = f"{__package__}.{file.parent.name}.{file.stem}:{kind}"
    return dict(sorted(found.items()))
