"""How an assistant reaches the server: over standard input and output, or over HTTP on this machine with a token."""

from __future__ import annotations

import hmac
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import uvicorn
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from detente.present.assistant.jobs import Jobs
from detente.present.assistant.server import server

PATH = "/mcp"
IDLE = 1800.0  # seconds after which a session that says nothing is forgotten
MOST_SESSIONS = 16


def over_standard_streams(jobs: Jobs) -> None:
    """Answer until the client closes standard input, or is gone."""
    anyio.run(_streams, jobs)


async def _streams(jobs: Jobs) -> None:
    made = server(jobs)
    async with stdio_server() as (reading, writing):
        await made.run(reading, writing, made.create_initialization_options())


def over_http(jobs: Jobs, bound: socket.socket, hosts: Sequence[str], token: str) -> None:
    """Answer whoever shows the token, until the process is asked to end."""
    security = TransportSecuritySettings(allowed_hosts=list(hosts), allowed_origins=[f"http://{h}" for h in hosts])
    app = server(jobs).streamable_http_app(
        streamable_http_path=PATH, transport_security=security, max_request_body_size=4 * jobs.budget.text,
        session_idle_timeout=IDLE, max_sessions=MOST_SESSIONS,
    )  # fmt: skip
    config = uvicorn.Config(
        Bearer(app, token), log_level="warning", access_log=False, server_header=False, ws="none",
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[bound])


@dataclass(frozen=True)
class Bearer:
    """The ASGI middleware that lets in whoever shows the token (RFC 6750)."""

    app: ASGIApp
    token: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            kind, _, shown = Headers(scope=scope).get("authorization", "").partition(" ")
            if kind.lower() != "bearer" or not hmac.compare_digest(shown.strip().encode(), self.token.encode()):
                told = "Show the token that `detente mcp --http` printed: Authorization: Bearer TOKEN\n"
                refused = PlainTextResponse(told, 401, {"www-authenticate": "Bearer"})
                await refused(scope, receive, send)
                return
        await self.app(scope, receive, send)
