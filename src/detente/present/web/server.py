"""The workbench as an ASGI application: one page, its assets, one socket, files to take away.

`application` makes it of what the command was told; `from_environment` of what the command passed on to its workers.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from detente.engine.store.store import Store
from detente.errors import DetenteError
from detente.present.figures.drawing.svg import stylesheet
from detente.present.html.markup import tag
from detente.present.web.files import Files
from detente.present.web.live import steps
from detente.present.web.memory import give_back
from detente.present.web.screens.registry import screens
from detente.present.web.security import Guard, Keys, policy
from detente.present.web.socket import Connection
from detente.present.web.state import State
from detente.present.web.workspace import Superseded, Work, Workspace

ENVIRONMENT = "DETENTE_WORKBENCH"
ASSETS = "detente.present.web.assets"
QUICK = 0.001  # seconds after which a thread that solves lets a slider have its turn
_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Plan:
    """What a server is told: `first` is the case that a page shows when it opens."""

    first: str
    files: Mapping[str, str]
    hosts: Sequence[str]
    secret: str
    used: str
    store: str | None = None
    workers: int = 0
    cookie: str = "detente"

    def written(self) -> str:
        """As it is passed on to workers."""
        return json.dumps(asdict(self))

    @property
    def keys(self) -> Keys:
        return Keys(bytes.fromhex(self.secret), Path(self.used))


def application(plan: Plan) -> Starlette:
    """The workbench."""
    files = {key: Path(path) for key, path in plan.files.items()}
    space = Workspace(files, Store(Path(plan.store)) if plan.store else None, plan.workers, Path(plan.used) / "plays")
    keys = plan.keys
    sys.setswitchinterval(QUICK)
    threading.Thread(target=_warm, args=(space, plan.first), daemon=True).start()

    async def page(_: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        return HTMLResponse(
            shell(plan.first, space.keys, nonce, files), headers={"content-security-policy": policy(nonce)}
        )

    async def link(_: Request) -> Response:
        return JSONResponse({"path": f"/?token={keys.token()}"})

    async def socket(websocket: WebSocket) -> None:
        await Connection(space, websocket).serve()

    routes = [
        Route("/", page), Route("/links", link, methods=["POST"]), Route("/assets/{name}", asset),
        *Files(space).routes, WebSocketRoute("/socket", socket),
    ]  # fmt: skip
    guard = Middleware(Guard, keys=keys, hosts=frozenset(plan.hosts), cookie=plan.cookie)
    return Starlette(routes=routes, middleware=[guard, Middleware(GZipMiddleware, minimum_size=1000)])


def _warm(space: Workspace, first: str) -> None:
    """Begin with the first case before a page asks for it."""
    with suppress(DetenteError, OSError, Superseded):
        screens()
        if first:
            next(steps(Work(space, lambda: False), State(case=first)), None)
    give_back()


def from_environment() -> Starlette:
    """The workbench as a worker makes it (`uvicorn --factory`)."""
    return application(Plan(**json.loads(os.environ[ENVIRONMENT])))


async def asset(request: Request) -> Response:
    """A file that belongs to the page. What changes has another address, so that browsers may keep it."""
    name = request.path_params["name"]
    if name not in assets():
        return PlainTextResponse("there is no such file\n", 404)
    kept = "public, max-age=31536000, immutable" if request.query_params.get("v") else "no-cache"
    return Response(assets()[name], media_type=_KINDS[Path(name).suffix], headers={"cache-control": kept})


@cache
def assets() -> Mapping[str, bytes]:
    """The files of the page by name; the style of pictures and reports stands before that of the page."""
    found = {
        item.name: item.read_bytes() for item in resources.files(ASSETS).iterdir() if Path(item.name).suffix in _KINDS
    }
    page = (resources.files("detente.present.html") / "page.css").read_bytes()
    return {**found, "app.css": b"\n".join([stylesheet().encode(), page, found["app.css"]])}


@cache
def version_of(name: str) -> str:
    """A short mark of what a file holds."""
    return hashlib.sha256(assets()[name]).hexdigest()[:12]


def shell(first: str, cases: Collection[str], nonce: str, files: Collection[str] = ()) -> str:
    """The page before anything is in it."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="detente-case", content=first),
        tag("meta", name="detente-cases", content=json.dumps(list(cases))),
        tag("meta", name="detente-nonce", content=nonce),
        tag("meta", name="detente-editor", content=f"/assets/editor.js?v={version_of('editor.js')}"),
        tag("meta", name="detente-files", content=json.dumps(list(files))),
        tag("title", "Detente"),
        tag("link", rel="icon", href="data:,"),
        tag("link", rel="stylesheet", href=f"/assets/app.css?v={version_of('app.css')}"),
        tag("script", "", src=f"/assets/app.js?v={version_of('app.js')}", type="module"),
    )
    body = tag("body", tag("div", tag("p", "Detente needs JavaScript for this page.", class_="loading"), id="app"))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"
