"""The questions of the registry as tools: what each takes, and its answer as the terminal or `--json` has it.

Nothing about any one of them stands here: a question that is declared is a tool.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from detente.errors import QuestionError
from detente.language.characters import plain_json
from detente.present.assistant.jobs import Budget
from detente.present.form import certified, form
from detente.present.inputs import Input, inputs_of, read_inputs
from detente.present.terminal.console import console
from detente.present.view import view_of
from detente.present.web.screens.questions import asked
from detente.present.web.state import State, read
from detente.present.web.workspace import Work
from detente.study.registry import Question

SHORT = 400  # characters of an argument
SEVERAL = 12  # entries of a list
_KINDS = {"text": "string", "choice": "string", "whole": "integer", "number": "number", "switch": "boolean"}
_SETTINGS = ("case", "text", "name", "draws", "seed", "set", "as_of", "form")


def case_schema(budget: Budget) -> dict[str, Any]:
    """How a case is named: one that is there, or its text."""
    return {
        "case": {
            "type": "string", "maxLength": 200,
            "description": "A case: its name in the library (read detente://cases), or the key that `check` gave for a "
            "text. Either this or `text`.",
        },
        "text": {
            "type": "string", "maxLength": budget.text,
            "description": "The whole text of a model, in YAML, in place of `case`.",
        },
        "name": {"type": "string", "maxLength": 60, "description": "What the model in `text` is called."},
    }  # fmt: skip


def question_schema(question: Question, budget: Budget) -> dict[str, Any]:
    """The JSON Schema of what a question takes."""
    inputs = inputs_of(question)
    found = case_schema(budget)
    found |= {one.name: _property(one) for one in inputs}
    if "draws" not in question.without:
        default = min(question.draws or budget.draws, budget.draws)
        found["draws"] = {
            "type": "integer", "minimum": 2, "maximum": budget.draws, "default": default,
            "description": "How many draws of the uncertain quantities; intervals are narrower with more.",
        }  # fmt: skip
    if "seed" not in question.without:
        found["seed"] = {"type": "integer", "minimum": 0, "maximum": 2**31, "default": 1,
                         "description": "The same seed gives the same numbers."}  # fmt: skip
    if "set" not in question.without:
        found["set"] = {
            "type": "object", "maxProperties": SEVERAL, "additionalProperties": {"type": ["number", "string"]},
            "description": "Quantities given other values, as in a file: {hazard: 0.02} or {hazard: 0.01 to 0.1}.",
        }  # fmt: skip
    if "as_of" not in question.without:
        found["as_of"] = {"type": "string", "format": "date", "maxLength": 10,
                          "description": "Given the evidence up to this day, such as 2022-02-16."}  # fmt: skip
    found["form"] = {"enum": ["text", "json"], "default": "text",
                     "description": "The answer in words and tables, or as data."}  # fmt: skip
    required = [one.name for one in inputs if one.required]
    return {"type": "object", "properties": found, "required": required, "additionalProperties": False}


def _property(one: Input) -> dict[str, Any]:
    said = one.help + (f" ({one.hint})" if one.hint and one.hint not in one.help else "")
    found: dict[str, Any] = {"description": said}
    if one.kind in ("list", "changes"):
        items = {"type": "string", "maxLength": SHORT}
        return {"type": "array", "items": items, "maxItems": SEVERAL, **found}
    found["type"] = _KINDS[one.kind]
    if found["type"] == "string":
        found["maxLength"] = SHORT
    if one.offered:
        found["enum"] = list(one.offered)
    found |= {"minimum": one.low} if one.low is not None else {}
    found |= {"maximum": one.high} if one.high is not None else {}
    return found


def opened(work: Work, given: Mapping[str, Any]) -> str:
    """Under which key the case of a question is at hand. Raises QuestionError."""
    case, text = str(given.get("case", "")), given.get("text")
    if bool(case) == bool(text):
        raise QuestionError("give a case: either its name as `case`, or its whole text as `text`")
    return work.space.put(str(text), _named(given)) if text else case


def _named(given: Mapping[str, Any]) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in str(given.get("name") or "draft"))


def _no_file(name: str) -> str:
    raise QuestionError(f"an assistant reads no files, and {name[:60]!r} would be one")


def answer(
    question: Question, work: Work, given: Mapping[str, Any], budget: Budget
) -> tuple[str, dict[str, Any] | None]:
    """The answer to a question, in words or as JSON with the data. Raises ModelError, QuestionError."""
    told = {"case": opened(work, given)} | {key: given[key] for key in ("set", "seed", "as_of") if key in given}
    state: State = read(State, told)
    model = work.model(state)
    arguments = {key: value for key, value in given.items() if key not in _SETTINGS}
    arguments = read_inputs(question, model, arguments, lambda key: work.model(State(case=key)), _no_file)
    draws = None
    if "draws" not in question.without:
        draws = int(given.get("draws") or min(question.draws or budget.draws, budget.draws))
    found, shown = asked(question, arguments, work, state, draws)
    if given.get("form") == "json":
        head = {"case": model.name} | ({} if "seed" in question.without else {"seed": state.seed})
        data = form(question, found, head | certified(shown.study))
        return plain_json(json.dumps(data, ensure_ascii=False)), data
    with console.capture() as captured:
        view_of(question).text(found, shown)
    return captured.get(), None
