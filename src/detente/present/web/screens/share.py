"""What can be shared of what a page looks at: what is set otherwise, in words; the command for the same numbers; which
pictures there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detente.errors import QuestionError
from detente.present.web.editing.looking import digest
from detente.present.web.exports import Asked, drawn
from detente.present.web.otherwise import fitted
from detente.present.web.screens.registry import screen
from detente.present.web.state import Reply, State
from detente.present.web.workspace import TEXT, Work

TITLES = {
    "outcomes": "How it may end", "course": "The course of events", "when": "When it ends",
    "mechanisms": "By which mechanism", "claims": "The claims", "drivers": "What it depends on",
    "why": "Why the most likely move is made", "forecasts": "What others expected",
}  # fmt: skip


@dataclass(frozen=True)
class Share:
    """What can be shared. `digest`: of the text of the case; `otherwise`: what is set otherwise, in words; `unsaid`:
    what no model can say, so that reports and pictures cannot be had with it; `command`: for the same numbers;
    `in_file`: whether that needs the variant file; `pictures`: by name, their titles; None while they are drawn."""

    digest: str
    draft: bool
    otherwise: tuple[str, ...]
    unsaid: tuple[str, ...]
    command: str
    in_file: bool
    pictures: Mapping[str, str] | None = None


@dataclass(frozen=True)
class CaseMark:
    """What the text of a case is known by."""

    digest: str


@screen("share", data=Share)
def share(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """What can be shared of a state."""
    source = work.space.source(state.case)
    asked = Asked(work, state, source.name or source.key, source.file)
    made = asked.otherwise
    mark, draft, written = digest(source.text), state.case.startswith(TEXT), asked.command
    in_file = asked.variant in written
    told = Share(mark, draft, made.told, made.unsaid, written, in_file)
    yield Reply(data=told, final=bool(made.unsaid))
    if made.unsaid:
        return
    try:
        names = {name: TITLES.get(name, name) for name in drawn(asked)}
    except QuestionError:
        names = {}
    yield Reply(data=Share(mark, draft, made.told, made.unsaid, written, in_file, names))


@dataclass(frozen=True)
class Fit:
    """What of a state still applies to its case, and what was dropped, in words."""

    state: State
    dropped: tuple[str, ...]


@screen("fit", data=Fit)
def fit(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """What of a state still applies to a case whose text was changed."""
    yield Reply(data=Fit(*fitted(work.model(state.model_copy(update={"set": {}, "as_of": None})), state)))


@screen("mark", data=CaseMark)
def mark(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """What the text of a case is known by, for whoever comes by a link."""
    yield Reply(data=CaseMark(digest(work.space.source(state.case).text)))
