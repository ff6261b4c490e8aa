"""Every question of the registry, without a word about any of them: a form of what it takes, and its answer as the
report has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin

from detente.analyse.forecast.subject import event, reading
from detente.errors import QuestionError, nearest
from detente.model.schema import Model
from detente.present.choices import choices
from detente.present.view import Shown, view_of
from detente.present.web.screens.registry import screen
from detente.present.web.state import About, Reply, State
from detente.present.web.workspace import Work
from detente.study.registry import TOPICS, Parameter, Question, answered, declared, find
from detente.study.settings import How
from detente.study.study import Study

Kind = Literal["text", "whole", "number", "switch", "choice", "list", "changes"]
MOST_DRAWS = 10_000
_HEAVY = {"points": 61, "models": 256, "public_draws": 5000, "swept": 2000, "steps": 41}
"""How far a page may go with parameters that multiply work."""


@dataclass(frozen=True)
class Input:
    """One thing that a question takes. `offered`: what it can be given, where that is known."""

    name: str
    kind: Kind
    help: str
    hint: str
    default: str
    required: bool
    offered: tuple[str, ...]
    low: float | None
    high: float | None


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
        yield Reply(data=[_offer(find(known), model, work) for known in declared()])
        return
    question = find(name)
    given = options.get("given", {})
    arguments = _arguments(question, model, work, given if isinstance(given, Mapping) else {})
    draws = _draws(question, state, options.get("draws"))
    yield from _answer(question, arguments, work, state, draws)


def _answer(
    question: Question, arguments: dict[str, Any], work: Work, state: State, draws: int | None
) -> Iterator[Reply]:
    study: Study | None = None
    model = work.model(state)
    how = How(workers=work.space.workers, store=work.space.store, progress=work.progress(question.counts))
    if question.of_study:
        assert draws is not None
        study = work.study(state, draws)
        found = answered(question, study, arguments, How(progress=work.progress(question.counts)))
    else:
        asked = model
        if "as_of" in question.without and state.as_of is not None:
            asked = work.model(state.model_copy(update={"as_of": None}))
        seed = 1 if "seed" in question.without else state.seed
        found = answered(question, asked, arguments, replace(how, draws=draws, seed=seed))
    if isinstance(found, Study):
        study = found
    part = view_of(question).page(found, Shown(question, model, study, arguments))
    converged = float(study.converged.mean()) if study else None
    about = About(draws=(study.n if study else draws) or 0, asked=draws or 0, how="solved", seed=state.seed)
    yield Reply(
        html={"title": part.title, "answer": part.content},
        about=about.model_copy(update={"converged": converged}),
    )


def _draws(question: Question, state: State, wanted: object) -> int | None:
    if "draws" in question.without:
        return None
    if wanted in (None, ""):
        return min(question.draws or state.draws, MOST_DRAWS)
    if not isinstance(wanted, (int, float)) or not 2 <= wanted <= MOST_DRAWS:
        raise QuestionError(f"draws: expected a whole number from 2 to {MOST_DRAWS:,}")
    return int(wanted)


def _offer(question: Question, model: Model, work: Work) -> Offer:
    inputs = tuple(_input(p, model, work) for p in question.parameters if p.option.help or p.option.kinds)
    return Offer(
        question.name, TOPICS[question.topic], question.summary, question.details, question.draws, inputs
    )  # fmt: skip


def _input(p: Parameter, model: Model, work: Work) -> Input:
    option, kind = p.option, _kind(p)
    offered: Sequence[str] = option.choices
    if option.names == "cases":
        offered = work.space.keys
    elif option.names == "files":
        offered = [file.name for file in work.space.beside(model)]
    elif option.names:
        offered = choices(model, option.names)
    hint = option.metavar
    if option.kinds:
        hint = "; ".join(f"{name} {takes}: {says}" for name, (takes, says) in option.kinds.items())
    default = "" if p.required or p.default in (None, (), False) else str(p.default)
    return Input(
        p.name, kind, option.help, hint, default, p.required, tuple(offered), option.low,
        _HEAVY.get(p.name, option.high),
    )  # fmt: skip


def _kind(p: Parameter) -> Kind:
    kinds = [k for k in (get_args(p.type) if get_origin(p.type) not in _SEQUENCES else ()) if k is not type(None)]
    plain = kinds[0] if len(kinds) == 1 else p.type
    if p.option.kinds:
        return "changes"
    if plain is bool:
        return "switch"
    if plain is int:
        return "whole"
    if plain is float:
        return "number"
    if p.option.choices:
        return "choice"
    return "list" if get_origin(plain) in _SEQUENCES else "text"


_SEQUENCES = (Sequence, list, tuple)


def _arguments(question: Question, model: Model, work: Work, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the question is asked, from what the page says. Raises QuestionError."""
    known = {p.name: p for p in question.parameters}
    if unknown := [str(name) for name in given if name not in known]:
        raise QuestionError(f"`{question.name}` takes no {unknown[0]!r}; {nearest(unknown[0], known)}")
    found = {}
    for name, p in known.items():
        value = given.get(name)
        if value in (None, "", [], False):
            if p.required:
                raise QuestionError(f"{name}: {p.option.help or 'this is required'}")
            continue
        found[name] = _read(p, value, model, work)
    return found


def _read(p: Parameter, value: Any, model: Model, work: Work) -> Any:
    kind = _kind(p)
    if kind in ("whole", "number"):
        low, high = p.option.low, _HEAVY.get(p.name, p.option.high)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise QuestionError(f"{p.name}: expected a number")
        if (low is not None and value < low) or (high is not None and value > high):
            raise QuestionError(f"{p.name}: expected a number from {low or 0:g} to {high:g}")
        return int(value) if kind == "whole" else float(value)
    if kind == "switch":
        return bool(value)
    texts = [str(v) for v in (value if isinstance(value, list) else [value])]
    if p.option.names == "cases":  # a page names cases of the workspace, and never a path
        cases = [work.space.model(text) for text in texts]
        return cases if kind == "list" else cases[0]
    if p.option.names == "files":  # and plain files only as they stand beside the case, by their names
        files = [work.space.file_beside(model, text) for text in texts]
        return files if kind == "list" else files[0]
    if p.option.names in ("answers", "events") and not texts[0].isidentifier():
        (reading if p.option.names == "answers" else event)(model, texts[0])
    if p.option.choices and texts[0] not in p.option.choices:
        raise QuestionError(f"{p.name}: {nearest(texts[0], p.option.choices)}")
    return texts if kind in ("list", "changes") else texts[0]
