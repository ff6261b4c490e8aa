"""What a page is looking at. The page holds it, and sends it with everything it asks; the server remembers none of it.

So a page that has lost its server goes on with another, undo is the page's own, and a link is a state written down.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from detente.errors import QuestionError
from detente.model.yaml import LARGEST_FILE

Name = Annotated[str, Field(max_length=200)]
Number = Annotated[float, Field(allow_inf_nan=False)]
FEWEST, MOST = 50, 10_000


class State(BaseModel):
    """A case, and all that is set otherwise in it.

    `case`: a key of the workspace, or `text:` and the SHA-256 of a text that was sent before. `suppose`: best guesses
    moved (a number), chances of values (a number for each), weights of structures. `set`: quantities held to be known.
    `changes`: other changes, as `detente what-if` takes them (`forbid posture=invade`), in their order.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    case: Name
    suppose: dict[Name, Number | dict[Number, Number]] = Field(default={}, max_length=60)
    set: dict[Name, Number | Name] = Field(default={}, max_length=60)
    changes: tuple[Name, ...] = Field(default=(), max_length=12)
    as_of: dt.date | None = None
    draws: int = Field(default=2000, ge=FEWEST, le=MOST)
    seed: int = Field(default=1, ge=0, le=2**31)


class Asked(BaseModel):
    """What a page sends: a screen, under which key its answers are expected, and what else the screen wants to know.

    Of one key only the latest request is answered to its end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int = Field(ge=0)
    screen: Annotated[str, Field(max_length=40)]
    key: Annotated[str, Field(max_length=80)]
    state: State
    options: dict[Name, Any] = Field(default={}, max_length=40)


class Cancel(BaseModel):
    """What a page sends to have no more answers under a key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cancel: Annotated[str, Field(max_length=80)]


class Put(BaseModel):
    """What a page sends to have a text of its own at hand as a case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    put: Annotated[str, Field(max_length=LARGEST_FILE)]
    name: Name = "draft"


class About(BaseModel):
    """What the numbers of a reply rest on. `worth`: to how many draws the weights amount (None: no weights)."""

    draws: int = 0
    asked: int = 0
    how: Literal["solved", "weighted", "read"] = "read"
    worth: float | None = None
    converged: float | None = None
    seed: int = 1


class Mistake(BaseModel):
    """Something that is wrong with what was asked, or with the model, and the nearest fix. Lines count from 1."""

    message: str
    hint: str = ""
    line: int = 0
    column: int = 0
    path: str = ""
    warning: bool = False
    file: str = ""


class Reply(BaseModel):
    """What the server sends: markup by slot, and data, of one step of an answer.

    `final`: whether it is the last step; `stale`: whether the numbers are those of another state, shown meanwhile.
    """

    id: int = 0
    key: str = ""
    final: bool = True
    stale: bool = False
    html: Mapping[str, str] = {}
    data: Any = None
    about: About | None = None
    progress: tuple[int, int, str] | None = None
    mistakes: list[Mistake] = []
    need: str = ""
    milliseconds: float = 0.0


def read(kind: type[BaseModel], data: object) -> Any:
    """A message of a page. Raises QuestionError."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise QuestionError(f"the page asked for something that cannot be read: {where}: {first['msg']}") from None
