"""One answer as a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from detente.model.schema import Model
from detente.output import write_whole
from detente.present.html.markup import Content, Html, join, tag, typed
from detente.present.html.section import Section
from detente.present.report.closing import sources
from detente.present.report.frame import page, version
from detente.present.view import Answer
from detente.present.wording.numbers import day


def write_answer(path: Path, model: Model, answers: Sequence[Answer], command: str = "") -> None:
    """Write answers about a model to `path`, as one HTML file that needs nothing else. Equal answers give equal bytes.

    `answers`: from the views, `view_of(question).page(answer, shown)`. `command`: the command line that made
    them. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, answer(model, answers, command).encode("utf-8", "replace"))


def answer(model: Model, answers: Sequence[Answer], command: str = "") -> str:
    """The text of the page."""
    facts: list[tuple[str, Content]] = [
        ("Case", [tag("code", model.name or "built in Python"), f", {model.title.replace(' - ', ' – ')}"])
    ]
    if model.as_of:
        facts.append(("Built as of", day(model.as_of)))
    if model._updated is not None:
        facts.append(("As known on", day(model._updated.day)))
    if model.stake:
        facts.append(("One stake", model.stake))
    title = answers[0].title if len(answers) == 1 else model.title
    head = [
        tag("p", "Detente · answer", class_="eyebrow"),
        tag("h1", title),
        tag("p", model.question, class_="question") if model.question else "",
        tag("dl", [[tag("dt", name), tag("dd", value)] for name, value in facts], class_="meta"),
    ]
    sections = [a.section() if len(answers) > 1 else Section(a.key, "The answer", a.content) for a in answers]
    sections.append(Section("references", "References, and how to reproduce this", again(model, answers, command)))
    return page(title, head, sections, f"Made by Detente {version()}. This page loads nothing and runs nothing.")


def again(model: Model, answers: Sequence[Answer], command: str) -> Html:
    """Methods, sources, and the command."""
    methods = dict.fromkeys(r for a in answers for r in a.references)
    parts: list[Content] = []
    if methods:
        parts += [tag("h3", "Methods used here"), tag("ul", [tag("li", m) for m in methods], class_="methods")]
    if model.sources:
        parts += [tag("h3", "Sources of the argument"), sources(model)]
    if command:
        parts += [tag("h3", "To reproduce this"), typed(command)]
    return join(
        [*parts, tag("p", f"Detente {version()}. The same command gives the same numbers, on any number of cores.")]
    )
