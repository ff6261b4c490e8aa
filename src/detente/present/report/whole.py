"""The sections that the whole report has beside those of a plain one: everything that was asked of the study."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from detente.draws.variants import Change
from detente.present.html.markup import Content, Html, join, tag, verbatim
from detente.present.html.section import Section
from detente.present.view import Answer, Shown, view_of
from detente.present.wording.numbers import prose
from detente.study.dossier import Dossier, Part
from detente.study.registry import TOPICS, Parameter, find

APART = ("breaking", "statics", "variants")  # stand with the conclusion, the mechanisms, and the certificate


Answers = dict[Part, Answer]
"""Parts of a dossier, and what they come to on the page."""


def answers(found: Dossier, known: Answers) -> list[tuple[Part, Answer]]:
    """What was found, as parts of the page. Those that are `known` are not made again, and the others are added."""
    for part in found.parts:
        if part not in known:
            question = find(part.question)
            shown = Shown(question, found.study.model, found.study, part.arguments)
            known[part] = view_of(question).page(part.answer, shown)
    return [(part, known[part]) for part in found.parts]


def sections(found: Dossier, made: Sequence[tuple[Part, Answer]], options: str, topics: Sequence[str]) -> list[Section]:
    """A section for each topic of which something was asked; `made`: the answers."""
    shown = []
    for topic in topics:
        parts = [(p, a) for p, a in made if find(p.question).topic == topic and p.question not in APART]
        content: list[Content] = []
        for k, (part, a) in enumerate(parts):
            last = k + 1 == len(parts) or parts[k + 1][0].question != part.question
            alone = _alone(found, part, options) if last else ""
            content += [tag("h3", a.title, id=f"answer-{a.key}"), a.content, alone]
        if parts:
            shown.append(Section(f"on-{topic}", TOPICS[topic], content))
    return shown


def apart(found: Dossier, made: Sequence[tuple[Part, Answer]], question: str, options: str) -> Html:
    """The picture of an answer whose words stand in a section of the plain report, and how to ask it alone."""
    for part, a in made:
        if part.question == question:
            return join([*(p.figure() for p in a.pictures), _alone(found, part, options)])
    return Html("")


def within(made: Sequence[tuple[Part, Answer]], question: str) -> Html:
    """The answers to a question as parts of a section of the plain report."""
    return join([join([tag("h3", a.title), a.content]) for part, a in made if part.question == question])


def missing(found: Dossier) -> Html:
    """What was not asked, or could not be, and why."""
    if not found.left_out:
        return Html("")
    told = [
        tag("li", tag("b", tag("code", f"detente {name}")), f": {prose(why)}") for name, why in found.left_out.items()
    ]
    return join([tag("h3", "What this page does not answer"), tag("ul", told, class_="small")])


def command(found: Dossier, part: Part, options: str = "") -> str:
    """The command that asks a part alone; empty where there is none that gives the same numbers."""
    question, name = find(part.question), found.study.model.name
    changes = [kind for p in question.parameters for kind in p.option.kinds or ()]
    if not name or any(f"--{kind}" in options.split() for kind in (*question.without, *changes)):
        return ""
    words = ["detente", question.name, name]
    for parameter in question.parameters:
        if parameter.name in part.arguments:
            words += _written(parameter, part.arguments[parameter.name])
    if question.of_study and found.study.n != question.draws:
        words += ["--draws", str(found.study.n)]
    if found.study.draws.seed != 1 and "seed" not in question.without:
        words += ["--seed", str(found.study.draws.seed)]
    return " ".join(filter(None, [shlex.join(words), options]))


def _written(parameter: Parameter, value: Any) -> list[str]:
    """An argument as it is written on the command line."""
    if parameter.option.kinds is not None:
        return [word for change in value if isinstance(change, Change) for word in _change(change)]
    several = [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)]
    if parameter.positional:
        return several
    return [word for one in several for word in (f"--{parameter.option.flag or parameter.name}", one)]


def _change(change: Change) -> list[str]:
    flags: Mapping[str, str] = {"drop": "drop-mechanism"}
    return [
        f"--{flags.get(change.kind, change.kind)}",
        f"{change.what}={change.value}" if change.value else change.what,
    ]


def _alone(found: Dossier, part: Part, options: str) -> Content:
    asked = command(found, part, options)
    return tag("p", "This alone: ", tag("code", verbatim(asked)), class_="small") if asked else ""
