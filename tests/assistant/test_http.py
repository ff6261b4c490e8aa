"""The server over HTTP: on this machine, to whoever shows the token, for its own host and no foreign page."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator

import anyio
import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.assistant.conversation import START, said

TOKEN = "a-token-for-these-tests-alone"
ASK = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    process = subprocess.Popen(
        [*START, "--http", "--json", "--seconds", "5"], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "DETENTE_MCP_TOKEN": TOKEN},
    )  # fmt: skip
    assert process.stdout is not None
    text = ""
    while not text.rstrip().endswith("}"):
        text += process.stdout.readline()
    told = json.loads(text)
    assert told["token"] == TOKEN
    for _ in range(300):
        try:
            httpx.get(told["url"], timeout=5)
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield told["url"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.stdout.close()


def headers(**more: str) -> dict[str, str]:
    return {"accept": "application/json, text/event-stream", "authorization": f"Bearer {TOKEN}", **more}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"host": "evil.example"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_strangers_are_refused(url: str, more: dict[str, str], status: int) -> None:
    answer = httpx.post(url, json=ASK, headers=headers(**more), timeout=30)
    assert answer.status_code == status
    assert TOKEN not in answer.text


def test_a_body_that_is_too_large_is_refused(url: str) -> None:
    answer = httpx.post(
        url, content=b" " * 2_000_000, headers=headers(**{"content-type": "application/json"}), timeout=30
    )
    assert answer.status_code == 413


async def asked(url: str, tool: str, **given: object) -> str:
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}, timeout=120) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        return said(await client.call_tool(tool, dict(given)))


def test_whoever_shows_the_token_is_answered(url: str) -> None:
    assert "how it ends" in anyio.run(lambda: asked(url, "run", case="crisis-signalling", draws=50))


def test_a_client_that_vanishes_is_forgotten_and_others_are_answered(url: str) -> None:
    async def vanish() -> None:
        with anyio.move_on_after(3):
            await asked(url, "redteam", case="ukraine-2022", draws=2000)

    anyio.run(vanish)
    anyio.run(vanish)
    assert "how it ends" in anyio.run(lambda: asked(url, "run", case="crisis-signalling", draws=50))
