"""The model as a text: what is wrong with it, what may be written, what its words mean, what is changed in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detente.errors import ModelError, Place, Problem, QuestionError
from detente.model.load import loads
from detente.model.yaml import LARGEST_FILE
from detente.present.web.editing.checking import Fix, Mark, marks
from detente.present.web.editing.completing import Choices, completed
from detente.present.web.editing.diff import diff
from detente.present.web.editing.hovering import hovered
from detente.present.web.editing.looking import digest, editing
from detente.present.web.editing.new_case import Form, as_text
from detente.present.web.editing.units import Units
from detente.present.web.screens.registry import screen
from detente.present.web.state import Reply, State, read
from detente.present.web.workspace import Superseded, Work
from detente.study.checking import check as check_whole

QUIET = 0.4  # seconds without a newer text, before what takes long is looked at
BUDGET = 30.0  # seconds, for what takes long


@dataclass(frozen=True)
class ModelText:
    """The text of a case. `name`: the case that it is, or is a draft of; `saved`: the text that case has on disk;
    `file`: whether that is a file that may be written to; `digest`: of the text, `saved_digest` of that on disk."""

    key: str
    name: str
    text: str
    digest: str
    saved: str
    saved_digest: str
    file: bool


@dataclass(frozen=True)
class Size:
    """How large a model is. `exact`: whether its tree was grown; else the number of nodes is an estimate."""

    nodes: float
    exact: bool
    information_sets: int = 0
    plays: int = 0
    quantities: int = 0
    structures: int = 0


@dataclass(frozen=True)
class Checked:
    """What is wrong with a text. `whole`: whether all was looked at; `size`: of what can be used."""

    marks: tuple[Mark, ...]
    whole: bool
    size: Size | None = None


@dataclass(frozen=True)
class Made:
    """A case made of a form, and what is wrong with it; `fields`: by the name of a field, what is wrong there."""

    text: str
    name: str
    marks: tuple[Mark, ...]
    fields: Mapping[str, str]


@screen("model", data=ModelText)
def model(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """The text of a case, and the text that it has on disk."""
    source = work.space.source(state.case)
    name = source.name or source.key
    saved = work.space.source(name) if name in work.space.keys else None
    text, old = source.text, saved.text if saved else ""
    file = saved is not None and saved.file is not None
    yield Reply(data=ModelText(source.key, name, text, digest(text), old, digest(old) if saved else "", file))


@screen("check", data=Checked)
def check(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What is wrong with a text: at first sight, and (once nobody types any more) all of it."""
    text, name = _text(options), str(options.get("name", "draft"))
    units, file = Units(text), work.space.called(name)
    looked = editing(work.space).looked(work.space, text, name)
    wrong = any(not p.warning for p in looked.problems)
    yield Reply(data=Checked(_marks(units, file, looked.problems), False), final=wrong and looked.whole)
    if wrong and looked.whole:
        return
    _wait(work, QUIET)
    limited = _limited(work, BUDGET)
    try:
        whole = loads(text, file, within=work.space.folders)
        limited.alive()
        nodes = limited.nodes(whole)
        yield Reply(data=Checked(_marks(units, file, looked.problems), False, Size(nodes, False)), final=False)
        found = check_whole(whole, limited.progress("draws"))
    except ModelError as error:
        yield Reply(data=Checked(_marks(units, file, error.problems), True))
        return
    except Superseded:
        work.alive()  # else nobody waits any more
        late = Problem(
            Place(file, 1, 1), f"checking took more than {BUDGET:.0f} seconds, and was stopped", warning=True
        )
        yield Reply(data=Checked(_marks(units, file, (*looked.problems, late)), False))
        return
    size = None
    if "nodes" in found.size:
        told = {key: found.size[key] for key in ("information_sets", "plays", "quantities")}
        size = Size(found.size["nodes"], True, **told, structures=found.size.get("structures", 0))
    yield Reply(data=Checked(_marks(units, file, found.problems), True, size))


@screen("complete", data=Choices)
def complete(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What may be written at a place of a text."""
    text, name = _text(options), str(options.get("name", "draft"))
    units = Units(text)
    there = editing(work.space).lately_read(work.space, text, name)
    found = completed(text, units.ours(_place(options)), there)
    yield Reply(data=replace(found, start=units.theirs(found.start), stop=units.theirs(found.stop)))


@screen("hover")
def hover(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What the word at a place of a text means."""
    text, name = _text(options), str(options.get("name", "draft"))
    there = editing(work.space).model(work.space, text, name)
    yield Reply(html={"word": hovered(text, Units(text).ours(_place(options)), there)})


@screen("diff")
def changed(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What a text has otherwise than the case that it is a draft of."""
    text, name = _text(options), str(options.get("name", "draft"))
    saved = work.space.source(name).text if name in work.space.keys else ""
    yield Reply(html={"diff": diff(saved, text, f"changes to {name}")})


@screen("new", data=Made)
def new(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """A case made of a form."""
    form: Form = read(Form, options.get("form"))
    made = as_text(form)
    file = f"{made.name}.yaml"
    problems: tuple[Problem, ...] = ()
    if not made.wrong:
        try:
            work.nodes(loads(made.text, file, within=[]))
        except ModelError as error:
            problems = error.problems
    yield Reply(data=Made(made.text, made.name, marks(made.text, file, problems), made.wrong))


# ------------------------------------------------------------------------------------------------------------ options


def _text(options: Mapping[str, Any]) -> str:
    text = options.get("text")
    if not isinstance(text, str):
        raise QuestionError("the page sent no text")
    if len(text) > LARGEST_FILE:
        raise QuestionError(f"the text has {len(text):,} characters; a model has at most {LARGEST_FILE:,}")
    return text


def _place(options: Mapping[str, Any]) -> int:
    place = options.get("offset")
    if not isinstance(place, int):
        raise QuestionError("the page named no place in the text")
    return place


def _marks(units: Units, file: str, problems: tuple[Problem, ...]) -> tuple[Mark, ...]:
    """Marks as the browser counts places."""

    def fix(one: Fix) -> Fix:
        return replace(one, start=units.theirs(one.start), stop=units.theirs(one.stop))

    return tuple(
        replace(m, start=units.theirs(m.start), stop=units.theirs(m.stop), fixes=tuple(map(fix, m.fixes)))
        for m in marks(units.text, file, problems)
    )


def _wait(work: Work, seconds: float) -> None:
    """Wait, unless the page has a newer text."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        work.alive()
        time.sleep(0.02)


def _limited(work: Work, seconds: float) -> Work:
    """The same request with a time budget of its own."""
    stale: Callable[[], bool] = work.stale
    until = time.monotonic() + seconds
    return replace(work, stale=lambda: stale() or time.monotonic() > until)
