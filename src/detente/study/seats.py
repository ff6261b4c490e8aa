"""The log of a play: all that it takes to play it again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from detente.errors import QuestionError

CENTRAL: Literal["central"] = "central"
"""The world in which every source of uncertainty is at its median."""
LARGEST_WORLD = 9_999
MOST_MOVES = 10_000


@dataclass(frozen=True)
class Made:
    """A move that somebody in a seat made: who, at which stage, in which slice (from 1; 0 where there is one only)."""

    actor: str
    stage: str
    step: Annotated[int, Field(ge=0)]
    move: str


@dataclass(frozen=True)
class Log:
    """A play, as far as it has come: the state of play is worked out from it alone.

    `hash`: a digest of the case and of how it is solved; `world`: the number of a draw, from 0, or `central`; `seed`:
    that of the draws, and of what chance and the actors without a seat do; `seats`: the actors that are played;
    `coached`: whether each move is reviewed at once, and not only when play is over.
    """

    case: str
    hash: str
    seed: int
    world: Annotated[int, Field(ge=0, le=LARGEST_WORLD)] | Literal["central"]
    seats: tuple[str, ...]
    coached: bool = False
    moves: Annotated[tuple[Made, ...], Field(max_length=MOST_MOVES)] = ()

    def to_json(self) -> str:
        """The log as a JSON text."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


_LOG: TypeAdapter[Log] = TypeAdapter(Log)


def read_log(text: str | bytes, name: str = "this") -> Log:
    """The log in a JSON text. Raises QuestionError for what is none."""
    try:
        data = json.loads(text)
        odd = sorted(data.keys() - {f.name for f in fields(Log)}) if isinstance(data, dict) else []
        if odd:
            raise QuestionError(f"{name} is not a log of a play: it has {odd[0]!r}, which no log has")
        return _LOG.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where, said = ".".join(map(str, first["loc"])), first["msg"]
        told = f"{where}: {said}" if where else said
    except (ValueError, RecursionError):
        told = "it is not JSON"
    raise QuestionError(f"{name} is not a log of a play: {told}\n    `detente play CASE --log FILE` writes one")
