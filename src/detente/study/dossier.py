"""Everything that can be asked of a solved crisis, one question after another: what the whole report is made from.

`dossier` asks every question that declares to be a part of it, with the draws of its command, so that each number can
be had again by itself. What is asked can depend on what was found before: the conclusion is the first claim, and what
flips it first is looked at along tipping points, on a map, and as changes made one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from detente.analyse.forecast.rank import likeliest
from detente.display import Displayed
from detente.engine.progress import part as part_of
from detente.errors import DetenteError, QuestionError, nearest
from detente.study.registry import Question, declared, find
from detente.study.study import Study

Progress = Callable[[str, int, int], None]
"""Told the question that is asked, and how many hundredths of how many are done."""


@dataclass(frozen=True, eq=False)
class Part:
    """A question, what it was asked beside the case, and the answer."""

    question: str
    arguments: Mapping[str, Any]
    answer: Any


@dataclass(frozen=True, eq=False)
class Dossier(Displayed):
    """The answers found so far. `left_out` says of each question that was not answered why it was not."""

    study: Study
    parts: tuple[Part, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False

    def of(self, question: str) -> list[Any]:
        """The answers to a question."""
        return [part.answer for part in self.parts if part.question == question]

    @property
    def conclusion(self) -> str:
        """The first claim, if there is any."""
        return next(iter(self.study.model.claims), "")

    @property
    def turning(self) -> list[Any]:
        """The breaking points that were found."""
        return [b for found in self.of("breaking") for b in found]

    def carrying(self, count: int) -> list[str]:
        """The assumptions to look along: those moved most at the breaking point of the conclusion, then its drivers,
        then those of the most likely outcome."""
        study = self.study
        names = [change.name.partition("#")[0] for b in self.turning for change in (*b.switches, *b.changes)]
        best = likeliest(study.outcomes)
        for of in filter(None, [self.conclusion, best]):
            names += [driver.quantity for driver in study.drivers(of)]
        return list(dict.fromkeys(names))[:count]


def asked_for() -> list[str]:
    """The questions that are asked, in their order."""
    return [name for name in declared() if find(name).plan is not None]


def dossier(
    study: Study,
    parts: Sequence[str] = (),
    *,
    against: Any = None,
    beside: Sequence[Part] = (),
    progress: Progress | None = None,
    keep: Callable[[Dossier], None] | None = None,
) -> Dossier:
    """Ask a solved crisis everything, or some questions (`parts`).

    `against`: another case or model to compare with. `beside`: what was asked already. `keep` is called with what is
    found after each question. Interrupted (Ctrl-C), it returns what is done. A question that cannot be asked of this
    model is left out, with the reason. Raises QuestionError for an unknown question.
    """
    for name in parts:
        if name != "compare" and not (name in declared() and find(name).plan):
            raise QuestionError(f"there is no part {name!r}; {nearest(name, [*asked_for(), 'compare'])}")
    wanted = [name for name in declared() if name in parts and name != "compare"] if parts else asked_for()
    if against is not None or "compare" in parts:
        wanted.append("compare")
    found = Dossier(study, tuple(beside))
    for k, name in enumerate(wanted):

        def inner(done: int, total: int, name: str = name, k: int = k) -> None:
            if progress:
                progress(name, 100 * k + 100 * done // max(total, 1), 100 * len(wanted))

        inner(0, 1)
        question = find(name)
        try:
            if name == "compare" and against is None:
                raise QuestionError("name a case to compare with")
            plans = [{"other": against}] if name == "compare" else list(question.plan(found) if question.plan else ())
            for number, arguments in enumerate(plans):
                found = _asked(found, question, arguments, part_of(inner, number, len(plans)), len(plans) == 1)
        except DetenteError as error:
            found = replace(found, left_out={**found.left_out, name: str(error)})
        except KeyboardInterrupt:
            missing = dict.fromkeys(wanted[k:], "not asked: interrupted")
            found = replace(found, interrupted=True, left_out={**found.left_out, **missing})
        if keep:
            keep(found)
        if found.interrupted:
            break
    return found


def _asked(found: Dossier, question: Question, arguments: Mapping[str, Any], progress: Any, alone: bool) -> Dossier:
    """With one more answer. Where a question is asked several times, one that cannot be answered is passed over."""
    study = found.study
    how = {key: value for key, value in study.how.given().items() if key not in question.without}
    try:
        if question.of_study:
            answer = question.ask(study, **arguments, progress=progress)
        else:
            answer = question.ask(study.model, **arguments, progress=progress, **how)
    except QuestionError:
        if alone:
            raise
        return found
    return replace(found, parts=(*found.parts, Part(question.name, dict(arguments), answer)))
