"""One page's connection: what is asked last is answered, what cannot be read is said, and nothing brings it down."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from detente.present.web.screens import registry
from detente.present.web.screens.registry import Screen, screens
from detente.present.web.state import Reply, State
from detente.present.web.workspace import Work, Workspace
from detente.study.registry import declared
from tests.workbench.conftest import Replies, Running, in_process

STATE = {"case": "crisis-signalling", "draws": 60}


@pytest.fixture
def page(running: Running) -> Iterator[ClientConnection]:
    """A page, without a browser."""
    with httpx.Client(base_url=running.origin, trust_env=False) as client:
        client.get(running.link())
        cookie = {"Cookie": "; ".join(f"{k}={v}" for k, v in client.cookies.items())}
    address = f"ws://127.0.0.1:{running.port}/socket"
    with connect(address, additional_headers=cookie, origin=running.origin, proxy=None) as socket:  # type: ignore[arg-type]
        yield socket


def ask(page: ClientConnection, number: int, screen: str = "answer", **more: Any) -> None:
    page.send(json.dumps({"id": number, "screen": screen, "key": screen, "state": STATE, **more}))


def heard(page: ClientConnection, seconds: float = 60.0) -> dict[str, Any]:
    return dict(json.loads(page.recv(timeout=seconds)))


def last(page: ClientConnection) -> dict[str, Any]:
    """The final step of an answer."""
    while (reply := heard(page)).get("final") is False:
        continue
    return reply


def test_an_answer_comes(page: ClientConnection) -> None:
    ask(page, 7)
    reply = last(page)
    assert (reply["id"], reply["key"]) == (7, "answer")
    assert reply["about"]["draws"] == 60
    assert set(reply["html"]) == {"question", "sentence", "outcomes", "claims", "notes"}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "id"),
        ('{"id": 1}', "screen"),
        ('{"id": 1, "screen": "answr", "key": "a", "state": {"case": "x"}}', "did you mean 'answer'"),
        ('{"id": 1, "screen": "answer", "key": "a", "state": {"case": "crisis-signaling"}}', "crisis-signalling"),
        ('{"id": 1, "screen": "answer", "key": "a", "state": {"case": "/etc/passwd"}}', "there is no case"),
        ('{"id": 1, "screen": "answer", "key": "a", "state": {"case": "../x.yaml"}}', "there is no case"),
        ('{"id": 1, "screen": "answer", "key": "a", "state": {"case": "x", "draws": 1000000}}', "draws"),
        ('{"id": 1, "screen": "answer", "key": "a", "state": {"case": "x", "more": 1}}', "more"),
        ('{"id": 1, "screen": "answer", "key": "a", "state": {"case": "x", "suppose": {"a": NaN}}}', "suppose"),
        ("9" * 400, "id"),
    ],
)
def test_what_cannot_be_read_is_said(page: ClientConnection, sent: str, said: str) -> None:
    page.send(sent)
    reply = heard(page)
    assert said in json.dumps(reply["mistakes"])
    ask(page, 2)
    assert last(page)["id"] == 2, "the connection is as good as before"


def test_a_text_that_nobody_has_is_asked_for(page: ClientConnection) -> None:
    key = f"text:{'0' * 64}"
    page.send(json.dumps({"id": 1, "screen": "answer", "key": "a", "state": {"case": key}}))
    assert heard(page)["need"] == key


def test_a_text_is_a_case_and_may_read_no_file(page: ClientConnection) -> None:
    page.send(json.dumps({"put": "detente: 1\nextends: /etc/passwd\n", "name": "draft"}))
    key = heard(page)["data"]["case"]
    page.send(json.dumps({"id": 1, "screen": "answer", "key": "a", "state": {"case": key}}))
    told = json.dumps(heard(page)["mistakes"])
    assert "may not be read here" in told
    assert "root:" not in told


def test_whoever_asks_too_often_is_told(page: ClientConnection) -> None:
    for _ in range(400):
        page.send('{"cancel": "nothing"}')
    assert "too often" in json.dumps(heard(page)["mistakes"])


@in_process
def test_only_the_latest_question_of_a_key_is_answered(page: ClientConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty questions while the first is worked on: the first is stopped at its next step, the last is answered."""
    begun, gate, reached = [], threading.Event(), []

    def slow(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
        begun.append(options["k"])
        if options["k"] == 0:
            gate.wait(10)
        work.alive()
        reached.append(options["k"])
        yield Reply(data=options["k"])

    known = {**screens(), "slow": Screen("slow", slow)}
    monkeypatch.setattr("detente.present.web.answering.screens", lambda: known)
    ask(page, 1, "slow", options={"k": 0})
    while not begun:
        time.sleep(0.01)
    for k in range(1, 21):
        ask(page, 1 + k, "slow", options={"k": k})
    answers = [heard(page)]
    while answers[-1]["data"] != 20:
        answers.append(heard(page))
    gate.set()
    time.sleep(0.2)
    assert 0 not in reached
    assert all(reply["id"] == reply["data"] + 1 for reply in answers)
    with pytest.raises(TimeoutError):
        page.recv(timeout=0.3)


def test_a_screen_that_fails_tells_no_secret(replies: Replies, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Work, __: State, ___: Mapping[str, Any]) -> Iterator[Reply]:
        yield Reply(final=False)
        raise RuntimeError("a path and a secret")

    monkeypatch.setitem(registry._SCREENS, "broken", Screen("broken", broken))
    (_, reply) = replies("broken")
    assert "secret" not in reply.model_dump_json()
    assert "the workbench failed here" in reply.mistakes[0].message


def test_what_is_wrong_with_a_model_has_its_line(space: Workspace, replies: Replies) -> None:
    key = space.put("detente: 1\ntitle: X\nactors: {A: {}}\nstages: 3\n", "draft")
    (reply,) = replies("answer", key)
    assert {m.line for m in reply.mistakes} >= {4}


def test_every_question_is_offered_but_that_of_very_many_draws(replies: Replies) -> None:
    (reply,) = replies("questions")
    assert declared().keys() - {offer.name for offer in reply.data} == {"sweep"}


def test_things_made_are_made_once_and_the_oldest_goes(space: Workspace) -> None:
    made = []
    threads = [
        threading.Thread(target=lambda: space.once("one", lambda: made.append(time.sleep(0.05)))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    for k in range(100):
        space.once(("other", k), lambda: 1)
    assert len(space._made) <= 24
    assert not space._locks
