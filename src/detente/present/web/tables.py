"""Plays that go on: what the server keeps of them, since no player may hold the log of a play that is not over.

A table is a folder of its own, in a folder that nobody else may read, and each state of it a file, `3.json` after three
changes. A state is written beside its place and linked to it, which fails where the file is there already: of two
workers that change the same state one is refused, and looks again. What was before it is emptied. So several workers
share the tables, none of them holds a lock, and a table outlives the worker that it was begun with.

Whoever is at a seat shows the seat's key; the table has its digest alone. A seat for somebody else has an invitation,
which is exchanged for a key once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from detente.errors import QuestionError
from detente.study.seats import Log, read_log

MOST = 200  # tables; the one that nobody has touched for longest is dropped first
LARGEST = 2_000_000  # bytes of a table
_TRIES = 100
_ID, _KEY = re.compile(r"[0-9a-f]{24}"), re.compile(r"[0-9A-Za-z_-]{32,128}")


@dataclass(frozen=True)
class Seat:
    """The digests of what opens a seat: its key, empty until somebody sits there, and an invitation to it."""

    key: str = ""
    invitation: str = ""


@dataclass(frozen=True)
class Table:
    """A play with its seats, and the case that is played: a key of the workspace, the text behind it where a page sent
    it, and what is held to be known in it."""

    case: str
    name: str
    text: str
    set: Mapping[str, float | str]
    log: Log
    seats: Mapping[str, Seat]
    id: str = field(default="", compare=False)

    def seat_of(self, key: str) -> str:
        """Who is played by whoever has a key. Raises QuestionError."""
        for actor, seat in self.seats.items():
            if seat.key and hmac.compare_digest(seat.key, digest(key)):
                return actor
        raise QuestionError("this is not the key of a seat at this table")

    def taken(self, invitation: str, key: str) -> Table:
        """The same with somebody at the seat of an invitation; again with the same key, it stays as it is. Raises
        QuestionError for an invitation that is none, or was used."""
        for actor, seat in self.seats.items():
            if seat.invitation and hmac.compare_digest(seat.invitation, digest(invitation)):
                if seat.key and not hmac.compare_digest(seat.key, digest(key)):
                    raise QuestionError(f"this link was used already: somebody else plays {actor}")
                return replace(self, seats={**self.seats, actor: replace(seat, key=digest(key))})
        raise QuestionError("this link opens no seat at this table")


@dataclass(frozen=True)
class Tables:
    """All tables of a server, in a private folder."""

    folder: Path

    def add(self, table: Table) -> Table:
        """Begin a table. Raises QuestionError for one that is too large."""
        made = replace(table, id=secrets.token_hex(12))
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._drop()
        (self.folder / made.id).mkdir(mode=0o700)
        self._put(made, 0)
        return made

    def read(self, number: str) -> Table:
        """The table as it stands. Raises QuestionError for one that is not there."""
        return self._read(number)[0]

    def change(self, number: str, change: Callable[[Table], Table]) -> Table:
        """Change a table; where somebody else changed it meanwhile, change what it is by then. Raises QuestionError,
        and what `change` raises."""
        for _ in range(_TRIES):
            table, state = self._read(number)
            made = change(table)
            if made == table:
                return table
            with suppress(FileExistsError):
                self._put(made, state + 1)
                return made
        raise QuestionError("this table is changed too often; try again")

    def _read(self, number: str) -> tuple[Table, int]:
        if not _ID.fullmatch(number):
            raise QuestionError("this is not the number of a table")
        place = self.folder / number
        for _ in range(_TRIES):  # a state may be followed by another between being listed and being read
            state = max((int(file.stem) for file in place.glob("*.json")), default=-1)
            if state < 0:
                break
            with suppress(FileNotFoundError):
                if text := (place / f"{state}.json").read_text("utf-8"):
                    return _written(text, number), state
        raise QuestionError(f"this play is not here any more; a server keeps the last {MOST}, until it is closed")

    def _put(self, table: Table, state: int) -> None:
        """Write a state of a table. Raises FileExistsError where there is one already."""
        data = asdict(table)
        del data["id"]
        content = json.dumps(data).encode()
        if len(content) > LARGEST:
            raise QuestionError("this play, with its case, is too large to be kept")
        place = self.folder / table.id
        aside = place / f".{secrets.token_hex(6)}"
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(aside, place / f"{state}.json")
        except FileNotFoundError:  # dropped meanwhile
            raise QuestionError("this play is not here any more") from None
        finally:
            aside.unlink(missing_ok=True)
        if state > 0:  # emptied, not removed: who is late must find the place taken
            os.truncate(place / f"{state - 1}.json", 0)

    def _drop(self) -> None:
        """Make room for one more."""
        ages: list[tuple[float, Path]] = []
        for place in self.folder.iterdir():
            with suppress(FileNotFoundError):
                ages.append((place.stat().st_mtime, place))
        for _, place in sorted(ages, reverse=True)[MOST - 1 :]:
            shutil.rmtree(place, ignore_errors=True)


def digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def checked(key: object) -> str:
    """A key that a page made, if it is one. Raises QuestionError."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise QuestionError("a key of a seat has 32 to 128 letters and digits")
    return key


def _written(text: str, number: str) -> Table:
    data: dict[str, Any] = json.loads(text)
    log = read_log(json.dumps(data.pop("log")))
    seats = {actor: Seat(**seat) for actor, seat in data.pop("seats").items()}
    return Table(**data, log=log, seats=seats, id=number)
