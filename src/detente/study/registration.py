"""Forecasts of open questions, written down before anybody knows: what was said, of which text, on which day.

A registration is a small file that is committed. It names the digest of the case as it stood, with all that it extends,
so that a later change of the case cannot pass for what was registered; whoever has the text can make its number again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from pydantic import TypeAdapter, ValidationError

from detente.analyse.evidence.outside import asked_of, deadline_of
from detente.analyse.evidence.rules import brier
from detente.analyse.evidence.score import came as came_to_pass
from detente.errors import QuestionError
from detente.model.catalogue import library
from detente.model.load import load
from detente.model.schema import Model
from detente.study.questions.score import as_known, within
from detente.study.run import DRAWS, run
from detente.study.settings import How, Settings

FEW = 20  # draws, to see whether what happened is the event: it is so in all of them, or in none


@dataclass(frozen=True)
class Registration:
    """A forecast as it was registered. `p`, `low`, `high`: the mean and 90% of the draws, as known on `as_of`."""

    case: str
    question: str
    event: str
    asks: str
    deadline: dt.date
    registered: dt.date
    as_of: dt.date
    p: float
    low: float
    high: float
    draws: int
    seed: int
    sha256: str


@dataclass(frozen=True)
class Standing:
    """How a registration stands: whether the case still reads as it did, whether its day is over, and its score where
    the case says what happened (`happened` and `brier` are missing before)."""

    registration: Registration
    unchanged: bool
    over: bool
    happened: bool | None
    brier: float | None


def digest(case: str, model: Model) -> str:
    """The SHA-256 of the text of a case and of all it extends, in the order in which they were read."""
    made = hashlib.sha256()
    for file in dict.fromkeys([*model.files, case]):
        path = Path(str(file))
        text = path.read_bytes() if path.is_file() else library().get(path.stem, "").encode()
        made.update(hashlib.sha256(text).digest() if text else b"")
    return made.hexdigest()


def register(case: str, today: dt.date, **settings: Unpack[Settings]) -> Registration:
    """The forecast of an open question as of its own day, to be written down. Raises ModelError, QuestionError."""
    how = How.of(settings)
    how = How(draws=how.draws or DRAWS, seed=how.seed, workers=how.workers, store=how.store, progress=how.progress)
    model = load(case)
    deadline = deadline_of(model)
    if model.answer is None or not asked_of(model):
        raise QuestionError("only the probability of an event can be registered: give it an `answer:` of that kind")
    if model.happened is not None:
        raise QuestionError("this case says what happened, so that does not existhing left to register")
    if deadline is None or deadline <= today:
        raise QuestionError(f"the deadline ({deadline or 'none'}) is not ahead; a registered question has one that is")
    if model.as_of is None or model.as_of > today:
        raise QuestionError(f"`as_of` ({model.as_of or 'none'}) has to be a day that is not ahead")
    answer = run(model, how=how).answer
    assert answer is not None
    band = (answer.mean, answer.low, answer.high)
    if days := within(model, [model.as_of]):
        (one,) = as_known(model, asked_of(model), days, how).values()
        if one.answer is not None:
            band = (one.answer.mean, one.answer.low, one.answer.high)
    return Registration(
        model.name, model.question, model.answer.says or asked_of(model), model.answer.asks.text, deadline, today,
        model.as_of, *band, how.draws or 0, how.seed, digest(case, model),
    )  # fmt: skip


def data(one: Registration | Standing) -> dict[str, Any]:
    """A registration, or how it stands, as JSON has it."""
    found: dict[str, Any] = TypeAdapter(type(one)).dump_python(one, mode="json")
    return found


def written(registration: Registration) -> str:
    """A registration as the text of its file."""
    return json.dumps(data(registration), indent=1, ensure_ascii=False) + "\n"


def read(file: Path) -> Registration:
    """A registration from its file. Raises QuestionError."""
    try:
        return TypeAdapter(Registration).validate_json(file.read_text("utf-8"))
    except (OSError, ValueError, ValidationError) as error:
        raise QuestionError(f"{file} is not a registration: {str(error).splitlines()[0]}") from None


def standing(registration: Registration, case: str, today: dt.date) -> Standing:
    """How a registration stands, with the case as it is now. Raises ModelError."""
    model = load(case)
    came: bool | None = None
    if model.happened is not None and model.happened.outcome:
        came = came_to_pass(model, run(model, draws=FEW).ask, asked_of(model))
    return Standing(
        registration, digest(case, model) == registration.sha256, registration.deadline < today, came,
        None if came is None else brier(registration.p, came),
    )  # fmt: skip
