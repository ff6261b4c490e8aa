"""The screens of the workbench: each is declared once, and answers step by step.

    @screen("answer")
    def answer(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
        \"\"\"The answer to the case's question.\"\"\"

A screen is a file in this room. It runs in a thread of its own; what it yields is sent at once. Between its steps it is
stopped where the page wants something else by now; where a step takes long, `work.progress` stops it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.present.web.state import Reply, State

if TYPE_CHECKING:
    from detente.present.web.workspace import Work

Answer = Callable[["Work", State, Mapping[str, Any]], Iterator[Reply]]
_SCREENS: dict[str, Screen] = {}


@dataclass(frozen=True)
class Screen:
    """What a page can ask for by name."""

    name: str
    answer: Answer
    data: Any = None


def screen(name: str, data: Any = None) -> Callable[[Answer], Answer]:
    """Declare that a function answers what a page asks of a screen. `data`: the type of the data in its replies, of
    which the page has its own types made."""

    def declare(answer: Answer) -> Answer:
        _SCREENS[name] = Screen(name, answer, data)
        return answer

    return declare


@lru_cache(maxsize=1)
def screens() -> Mapping[str, Screen]:
    """Every screen there is, by name."""
    for file in sorted(Path(__file__).parent.glob("[!_]*.py")):
        import_module(f"{__package__}.{file.stem}")
    return _SCREENS
