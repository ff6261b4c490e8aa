"""Every question of the registry, without a word about any of them: a form of what it takes, and its answer as the
report has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detente.errors import QuestionError
from detente.model.schema import Model
from detente.present.inputs import Input, inputs_of, read_inputs
from detente.present.view import Shown, view_of
from detente.present.web.screens.registry import screen
from detente.present.web.state import About, Reply, State
from detente.present.web.workspace import Work
from detente.study.registry import TOPICS, Question, answered, declared, find
from detente.study.settings import How
from detente.study.study import Study

MOST_DRAWS = 10_000
MUCH_MORE = 10
"""A question that by itself takes so many times as many is none for a page."""


@dataclass(frozen=True)
class Offer:
    """A question as the page offers it. `draws`: how many it takes by itself; none where draws play no part."""

    name: str
    topic: str
    says: str
    details: str
    draws: int | None
    inputs: tuple[Input, ...]


@screen("questions", data=list[Offer])
def questions(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What can be asked (no `question` in the options), or the answer to a question."""
    name = str(options.get("question", ""))
    model = work.model(state)
    if not name:
        most = MUCH_MORE * MOST_DRAWS
        yield Reply(data=[_offer(q, model, work) for q in map(find, declared()) if (q.draws or 0) < most])
        return
    question = find(name)
    given = options.get("given", {})
    space, filled = work.space, given if isinstance(given, Mapping) else {}
    arguments = read_inputs(question, model, filled, space.model, lambda file: space.file_beside(model, file))
    draws = _draws(question, state, options.get("draws"))
    yield from _answer(question, arguments, work, state, draws)


def _answer(
    question: Question, arguments: dict[str, Any], work: Work, state: State, draws: int | None
) -> Iterator[Reply]:
    found, shown = asked(question, arguments, work, state, draws)
    part, study = view_of(question).page(found, shown), shown.study
    converged = float(study.converged.mean()) if study else None
    about = About(draws=(study.n if study else draws) or 0, asked=draws or 0, how="solved", seed=state.seed)
    yield Reply(
        html={"title": part.title, "answer": part.content},
        about=about.model_copy(update={"converged": converged}),
    )


def asked(
    question: Question, arguments: Mapping[str, Any], work: Work, state: State, draws: int | None
) -> tuple[Any, Shown]:
    """The answer to a question about a state, and what those who show it are told. Raises ModelError, QuestionError."""
    study: Study | None = None
    model = work.model(state)
    how = How(workers=work.space.workers, store=work.space.store, progress=work.progress(question.counts))
    if question.of_study:
        assert draws is not None
        study = work.study(state, draws)
        found = answered(question, study, arguments, How(progress=work.progress(question.counts)))
    else:
        case = model
        if "as_of" in question.without and state.as_of is not None:
            case = work.model(state.model_copy(update={"as_of": None}))
        seed = 1 if "seed" in question.without else state.seed
        found = answered(question, case, arguments, replace(how, draws=draws, seed=seed))
    if isinstance(found, Study):
        study = found
    return found, Shown(question, model, study, arguments)


def _draws(question: Question, state: State, wanted: object) -> int | None:
    if "draws" in question.without:
        return None
    if wanted in (None, ""):
        return min(question.draws or state.draws, MOST_DRAWS)
    if not isinstance(wanted, (int, float)) or not 2 <= wanted <= MOST_DRAWS:
        raise QuestionError(f"draws: expected a whole number from 2 to {MOST_DRAWS:,}")
    return int(wanted)


def _offer(question: Question, model: Model, work: Work) -> Offer:
    inputs = inputs_of(question, model, work.space.keys, [file.name for file in work.space.beside(model)])
    return Offer(
        question.name, TOPICS[question.topic], question.summary, question.details, question.draws, inputs
    )  # fmt: skip
