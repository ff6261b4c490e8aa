"""Who may talk to the workbench: whoever was given its link, from a page that it served itself.

A link holds a token that opens once, and is exchanged for a cookie (HttpOnly, SameSite=Strict). Every request must name
a host that is expected (against DNS rebinding); whatever is not a plain GET, and every socket, must come from the same
origin. Pages may run the scripts of the server and nothing else. Tokens and cookies are signed with one secret, so that
several workers agree without talking to each other; that a token was used is marked by a file, made exclusively.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
KEPT = 24 * 3600  # seconds for which a browser may show the cookie: it is worth nothing once the server has ended
_SECURE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
REFUSED = "This page opens with the link that `detente open` prints; it opens once. Start it again for a new one.\n"


def policy(nonce: str) -> str:
    """What a page may do: the content security policy. The nonce is for the style sheet of the editor alone."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@dataclass(frozen=True)
class Keys:
    """Signed tokens and cookies. `used`: the folder in which used tokens are marked."""

    secret: bytes
    used: Path

    def token(self) -> str:
        """A token for a link, which opens once."""
        return self._signed("link")

    def cookie(self) -> str:
        """What a browser shows from then on."""
        return self._signed("page")

    def opens(self, token: str) -> bool:
        """Whether a token opens the door; it does not a second time."""
        if not self._ours("link", token):
            return False
        mark = self.used / hashlib.sha256(token.encode()).hexdigest()
        try:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        return True

    def known(self, cookie: str) -> bool:
        """Whether a cookie is one of ours."""
        return self._ours("page", cookie)

    def _signed(self, kind: str) -> str:
        nonce = secrets.token_urlsafe(18)
        return f"{nonce}.{self._signature(kind, nonce)}"

    def _ours(self, kind: str, text: str) -> bool:
        nonce, _, signature = text.partition(".")
        return bool(nonce) and hmac.compare_digest(self._signature(kind, nonce).encode(), signature.encode())

    def _signature(self, kind: str, nonce: str) -> str:
        return hmac.new(self.secret, f"{kind} {nonce}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Guard:
    """The ASGI middleware that lets in whom it knows. `hosts`: what the Host header may be."""

    app: ASGIApp
    keys: Keys
    hosts: Collection[str]
    cookie: str = field(default="detente")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if refusal := self._stranger(scope, headers):
            await _refuse(scope, receive, send, 403, refusal)
        elif scope["type"] == "http" and scope["path"] == "/" and (token := _token(scope)):
            await self._open(token, headers, scope, receive, send)
        elif self.keys.known(_cookie(headers, self.cookie)):
            await self.app(scope, receive, _secured(send))
        else:
            await _refuse(scope, receive, send, 403, REFUSED)

    def _stranger(self, scope: Scope, headers: Headers) -> str:
        """Why a request is not let in whoever sends it; empty if nothing speaks against it."""
        host, origin, site = (headers.get(name, "") for name in ("host", "origin", "sec-fetch-site"))
        if host not in self.hosts:
            return "This address is not expected here.\n"
        safe = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        ours = origin.partition("://")[2] in self.hosts if origin else safe
        if not ours or (not safe and site not in ("", "same-origin")):
            return "This request comes from another page.\n"
        return ""

    async def _open(self, token: str, headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
        if self.keys.known(_cookie(headers, self.cookie)):  # a page that is open already needs no token
            response = RedirectResponse("/", 303)
        elif self.keys.opens(token):
            response = RedirectResponse("/", 303)
            signed = self.keys.cookie()
            response.set_cookie(self.cookie, signed, KEPT, httponly=True, samesite="strict", path="/")
        else:
            await _refuse(scope, receive, send, 403, REFUSED)
            return
        await response(scope, receive, _secured(send))


def _token(scope: Scope) -> str:
    found: Mapping[str, list[str]] = {}
    with suppress(ValueError):
        found = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=8)
    return found.get("token", [""])[0]


def _cookie(headers: Headers, name: str) -> str:
    jar: SimpleCookie = SimpleCookie()
    with suppress(CookieError):
        jar.load(headers.get("cookie", ""))
    return jar[name].value if name in jar else ""


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4403, "reason": why.strip()})
        return
    await PlainTextResponse(why, status)(scope, receive, _secured(send))


def _secured(send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _SECURE.items():
                headers[name] = value
            if "content-security-policy" not in headers:
                headers["content-security-policy"] = "default-src 'none'; frame-ancestors 'none'"
            if "cache-control" not in headers:
                headers["cache-control"] = "no-store"
        await send(message)

    return told
