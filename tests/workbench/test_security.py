"""Who may talk to the workbench: hosts, origins, tokens that open once, cookies, and what its pages may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import typer
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from detente.present.cli import open as opening
from detente.present.web.security import Keys, policy
from tests.workbench.conftest import Running, free_port


@pytest.fixture
def client(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.origin, trust_env=False) as made:
        yield made


def let_in(client: httpx.Client, running: Running) -> httpx.Client:
    answer = client.get(running.link(), follow_redirects=True)
    assert answer.status_code == 200
    return client


def test_nothing_is_served_without_a_link(client: httpx.Client) -> None:
    for path in ("/", "/assets/app.js", "/assets/app.css", "/socket", "/anything"):
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert "detente open" in answer.text


def test_a_link_opens_once_and_leaves_a_strict_cookie(client: httpx.Client, running: Running) -> None:
    link = running.link()
    answer = client.get(link)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "max-age=86400" in cookie  # a browser that was closed comes back
    assert client.get("/").status_code == 200
    with httpx.Client(base_url=running.origin, trust_env=False) as other:
        assert other.get(link).status_code == 403
        assert other.get("/").status_code == 403


def test_a_page_that_is_open_may_use_an_old_link(client: httpx.Client, running: Running) -> None:
    let_in(client, running)
    assert client.get("/?token=long-gone").status_code == 303


@pytest.mark.parametrize("token", ["", "x", "x.y", "a" * 5000, "%00.%ff", "é.é"])
def test_forged_tokens_open_nothing(client: httpx.Client, token: str) -> None:
    assert client.get("/", params={"token": token}).status_code == 403


def test_a_cookie_is_no_token_and_a_token_no_cookie(tmp_path: Path) -> None:
    keys = Keys(b"secret", tmp_path)
    assert not keys.opens(keys.cookie())
    assert not keys.known(keys.token())
    assert keys.known(keys.cookie())
    assert not Keys(b"other", tmp_path).known(keys.cookie())


def test_two_workers_agree_on_what_was_used(tmp_path: Path) -> None:
    one, other = Keys(b"secret", tmp_path), Keys(b"secret", tmp_path)
    token = one.token()
    assert other.opens(token)
    assert not one.opens(token)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", ""])
def test_other_hosts_are_refused(client: httpx.Client, running: Running, host: str) -> None:
    """A name that is made to point here (DNS rebinding) is not the name of this page."""
    let_in(client, running)
    assert client.get("/", headers={"host": host}).status_code in (400, 403)


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"origin": "null"}, {}, {"sec-fetch-site": "cross-site"}],
)
def test_other_pages_can_post_nothing(client: httpx.Client, running: Running, headers: dict[str, str]) -> None:
    let_in(client, running)
    if "sec-fetch-site" in headers:
        headers = {**headers, "origin": running.origin}
    assert client.post("/links", headers=headers).status_code == 403


def test_our_own_page_gets_another_link(client: httpx.Client, running: Running) -> None:
    let_in(client, running)
    answer = client.post("/links", headers={"origin": running.origin, "sec-fetch-site": "same-origin"})
    with httpx.Client(base_url=running.origin, trust_env=False) as other:
        assert other.get(answer.json()["path"]).status_code == 303


@pytest.mark.parametrize("origin", ["http://evil.example", None, "null"])
def test_other_pages_get_no_socket(client: httpx.Client, running: Running, origin: str | None) -> None:
    let_in(client, running)
    cookie = {"Cookie": "; ".join(f"{k}={v}" for k, v in client.cookies.items())}
    address = f"ws://127.0.0.1:{running.port}/socket"
    with (
        pytest.raises((InvalidStatus, ConnectionClosed)),
        connect(address, additional_headers=cookie, origin=origin, proxy=None) as socket,  # type: ignore[arg-type]
    ):
        socket.recv(timeout=2)


def test_nobody_gets_a_socket_without_a_cookie(running: Running) -> None:
    address = f"ws://127.0.0.1:{running.port}/socket"
    with (
        pytest.raises((InvalidStatus, ConnectionClosed)),
        connect(address, origin=running.origin, proxy=None) as socket,  # type: ignore[arg-type]
    ):
        socket.recv(timeout=2)


def test_pages_may_run_what_the_server_has_and_nothing_else(client: httpx.Client, running: Running) -> None:
    let_in(client, running)
    answer = client.get("/")
    told = answer.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([^']+)'", told)
    assert nonce
    assert told == policy(nonce[1])
    assert "unsafe" not in told
    assert "script-src 'self';" in told
    assert nonce[1] not in client.get("/").headers["content-security-policy"], "a nonce is for one page"
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "http://" not in answer.text
    assert "https://" not in answer.text


def test_files_are_those_of_the_page(client: httpx.Client, running: Running) -> None:
    let_in(client, running)
    assert client.get("/assets/app.js").headers["content-type"].startswith("text/javascript")
    for name in ("../server.py", "..%2fserver.py", "app.py", "%2e%2e/%2e%2e/security.py"):
        assert client.get(f"/assets/{name}").status_code == 404, name


def test_the_usual_port_is_taken_or_a_free_one_and_one_that_was_asked_for_is_not_exchanged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(opening, "USUAL", free_port())
    with opening.bound_to(None) as first, opening.bound_to(None) as second:
        assert first.getsockname() == ("127.0.0.1", opening.USUAL)
        assert second.getsockname()[1] not in (0, opening.USUAL)
        with pytest.raises(typer.Exit):
            opening.bound_to(opening.USUAL)
    assert f"port {opening.USUAL} cannot be used" in capsys.readouterr().err
