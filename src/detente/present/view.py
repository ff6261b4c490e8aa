"""How an answer is shown: one view for each type of answer, with text for the terminal and a part of a page.

    view(Tipping, text=show, page=part)       # in present/views/tip.py; its JSON is derived from the type (`form`)

Whatever else a view wants to be told is a parameter of its `text` after the star, and becomes an option of the command.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from detente.model.schema import Model
from detente.present.figures.drawing.svg import Picture
from detente.present.html.markup import Content, Html, join, tag
from detente.present.html.section import Section
from detente.present.wording.numbers import prose
from detente.study.registry import Question
from detente.study.study import Study


@dataclass(frozen=True)
class Answer:
    """What a question came to, as a part of a page: a sentence or two, pictures with their tables, remarks, and the
    methods used."""

    key: str
    title: str
    said: Sequence[Content]
    pictures: Sequence[Picture]
    remarks: Sequence[str] = ()
    references: tuple[str, ...] = ()
    after: Content = ""

    @property
    def content(self) -> Html:
        """The answer without its heading."""
        remarks = tag("ul", [tag("li", prose(r)) for r in self.remarks], class_="small") if self.remarks else ""
        return join(
            [*(tag("p", s) for s in self.said), *(p.figure(self.title) for p in self.pictures), self.after, remarks]
        )

    def section(self) -> Section:
        return Section(self.key, self.title, self.content)


@dataclass(frozen=True)
class Shown:
    """What was asked, for those who show the answer. `study`: of questions that are asked of a solved case.

    `typed`: the case as it was typed at a door; `changed`: whether anything of it was set otherwise there.
    """

    question: Question
    model: Model
    study: Study | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    typed: str = ""
    changed: bool = False

    def command(self, name: str, *options: str) -> str:
        """Another command about the same case, as it is to be typed."""
        return f"detente {name} {self.typed or shlex.quote(self.model.name or 'CASE')} {shlex.join(options)}"

    @property
    def solved(self) -> Study:
        """The solved case. Raises ValueError for a question that is asked of none."""
        if self.study is None:
            raise ValueError(f"`{self.question.name}` is asked of no solved case")
        return self.study


@dataclass(frozen=True)
class View:
    """How one type of answer is shown. `converged`: the share of its draws that converged, or None to ask the Study.

    `fails`: whether the answer is that something which should hold does not. `interrupted`: whether it is only a
    part of the answer, somebody having stopped the solving.
    """

    text: Callable[..., None]
    page: Callable[[Any, Shown], Answer]
    converged: Callable[[Any], float] | None = None
    fails: Callable[[Any], bool] | None = None
    interrupted: Callable[[Any], bool] | None = None


_VIEWS: dict[Any, View] = {}
ROOM = "detente.present.views"


def view(
    answer: Any, *, text: Callable[..., None], page: Callable[[Any, Shown], Answer],
    converged: Callable[[Any], float] | None = None, fails: Callable[[Any], bool] | None = None,
    interrupted: Callable[[Any], bool] | None = None,
) -> None:  # fmt: skip
    """Say how answers of a type are shown."""
    _VIEWS[answer] = View(text, page, converged, fails, interrupted)


def view_of(question: Question) -> View:
    """The view of the answers to a question: in a file called as that of the question, or in one that it shares."""
    own = question.ask.__module__.rpartition(".")[2]
    for folder in import_module(ROOM).__path__:
        for file in sorted(Path(folder).glob("[!_]*.py"), key=lambda file: (file.stem != own, file.stem)):
            if question.answer in _VIEWS:
                break
            import_module(f"{ROOM}.{file.stem}")
    return _VIEWS[question.answer]
