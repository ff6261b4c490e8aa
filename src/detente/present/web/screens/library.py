"""The library: which cases there are, each with its question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detente.errors import ModelError
from detente.model.schema import Model
from detente.present.web.screens.registry import screen
from detente.present.web.state import Reply, State
from detente.present.web.workspace import Work


@dataclass(frozen=True)
class Card:
    """A case as the library shows it. `mistake`: why it cannot be opened."""

    key: str
    title: str
    question: str
    as_of: str
    happened: str
    actors: tuple[str, ...]
    mistake: str = ""


@screen("library", data=list[Card])
def library(work: Work, _: State, __: Mapping[str, Any]) -> Iterator[Reply]:
    """The cases that can be opened."""
    cards: list[Card] = []
    for key in work.space.keys:
        work.alive()
        try:
            cards.append(_card(key, work.space.model(key)))
        except ModelError as error:
            cards.append(Card(key, key, "", "", "", (), str(error.problems[0])))
    yield Reply(data=cards)


def _card(key: str, model: Model) -> Card:
    came = model.happened.outcome if model.happened else ""
    return Card(
        key, model.title or key, model.question, str(model.as_of or ""),
        (model.outcomes[came].means or came) if came else "", tuple(model.actors),
    )  # fmt: skip
