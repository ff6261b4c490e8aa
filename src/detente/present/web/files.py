"""Files that come from the workbench, and the one that it writes: a case, where it was opened.

Both are asked for by a page of this server (`security.Guard` sees to that), and never by anything else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from detente.errors import DetenteError, ModelError, QuestionError
from detente.model.yaml import LARGEST_FILE
from detente.output import write_whole
from detente.present.web.editing.looking import digest
from detente.present.web.exports import File, export
from detente.present.web.state import Mistake, Name, State, read
from detente.present.web.workspace import Superseded, Unknown, Work, Workspace, problems

LARGEST = 4 * LARGEST_FILE  # bytes of what a page sends
AT_ONCE = 2  # exports that are made
LONGEST = 300.0  # seconds, for one
log = logging.getLogger("detente.web")


class Export(BaseModel):
    """What a page wants to take away: of which state, and what its text is known by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: Name
    state: State
    digest: Name
    picture: Name = ""


class Save(BaseModel):
    """What a page sends to have a file written: the text, and what the file held when the page read it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    text: Annotated[str, Field(max_length=LARGEST_FILE)]
    digest: Name


class Refused(DetenteError):
    """Something that is not done, with a status that says why: 409 where what was seen is not there any more; `now`
    is then the digest of what is there."""

    def __init__(self, status: int, message: str, now: str = "") -> None:
        super().__init__(message)
        self.status, self.now = status, now


@dataclass(eq=False)
class Files:
    """The routes of a workspace's files."""

    space: Workspace
    busy: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    saving: Lock = field(default_factory=Lock)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/exports", self.exported, methods=["POST"]), Route("/files", self.saved, methods=["POST"])
        ]  # fmt: skip

    async def exported(self, request: Request) -> Response:
        """A file of what a page looks at."""
        try:
            wanted: Export = read(Export, await _sent(request))
            if self.busy.locked():
                raise Refused(429, "as many files are being made as can be at once; wait a moment")
            async with self.busy:
                found = await self._made(request, wanted)
        except Exception as error:
            return _refusal(error)
        return attached(found)

    async def _made(self, request: Request, wanted: Export) -> File:
        """A file made in a thread, as long as somebody waits for it."""
        until, gone = time.monotonic() + LONGEST, [False]

        def stale() -> bool:
            return gone[0] or time.monotonic() > until

        def make() -> File:
            return export(Work(self.space, stale), wanted.state, wanted.what, wanted.digest, wanted.picture)

        job = asyncio.ensure_future(asyncio.to_thread(_held, make))
        while not job.done():
            await asyncio.wait({job}, timeout=0.5)
            gone[0] = gone[0] or await request.is_disconnected()
        found, error = job.result()
        if error is not None:
            raise error
        assert found is not None
        return found

    async def saved(self, request: Request) -> Response:
        """A case written to the file that it was opened from."""
        try:
            wanted: Save = read(Save, await _sent(request))
            known = await asyncio.to_thread(self.save, wanted)
        except Exception as error:
            return _refusal(error)
        return JSONResponse({"digest": known})

    def save(self, wanted: Save) -> str:
        """Write a case to its file; what the file is known by then. Raises Refused, OSError."""
        file = self.space.files.get(wanted.name)
        if file is None:
            raise Refused(403, "only a case that was opened from a file can be saved; download this one as a file")
        with self.saving:
            raw = file.read_bytes()
            if (now := digest(_lines(raw))) != wanted.digest:
                told = "it was changed on disk by somebody else since this page read it, and is left as it is"
                raise Refused(409, f"{file.name} is not written: {told}", now)
            ends = "\r\n" if b"\r\n" in raw else "\n"
            write_whole(file, wanted.text.replace("\n", ends).encode("utf-8"))
        return digest(wanted.text)


def _held(make: Callable[[], File]) -> tuple[File | None, Exception | None]:
    """What was made, or why it was not; nothing is raised from a thread that may be left alone."""
    try:
        return make(), None
    except Superseded:
        return None, QuestionError(f"this took more than {LONGEST:.0f} seconds, and was stopped")
    except Exception as error:
        return None, error


def _lines(raw: bytes) -> str:
    return raw.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


async def _sent(request: Request) -> Any:
    """What a page sent. Raises Refused."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise Refused(413, "this is too large for the workbench")
    try:
        return json.loads(body)
    except ValueError:
        raise Refused(400, "this is not JSON") from None


def attached(file: File) -> Response:
    """A file to be kept, and not to be opened on this page."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in file.name)
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return Response(file.content, media_type=file.kind, headers={"content-disposition": named})


def _refusal(error: Exception) -> Response:
    """Why a page has no file, in words."""
    if isinstance(error, Unknown):
        return JSONResponse({"need": str(error.args[0])}, 409)
    if isinstance(error, Refused):
        said: dict[str, Any] = {"mistakes": [Mistake(message=str(error)).model_dump()]}
        return JSONResponse(said | ({"now": error.now} if error.now else {}), error.status)
    if isinstance(error, ModelError):
        return JSONResponse({"mistakes": [m.model_dump() for m in problems(error)]}, 422)
    if isinstance(error, (DetenteError, OSError, UnicodeError)):
        return JSONResponse({"mistakes": [Mistake(message=str(error)).model_dump()]}, 422)
    if isinstance(error, ClientDisconnect):
        return Response(status_code=499)
    log.error("a file could not be made", exc_info=error)
    told = "the workbench failed here; the terminal that it runs in shows where"
    return JSONResponse({"mistakes": [Mistake(message=told).model_dump()]}, 500)
