"""What the tests of the workbench share: screens asked without a page, and a page in a browser before a server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from detente.engine.store.store import Store
from detente.present.web.answering import LARGEST, Job, answered
from detente.present.web.server import ENVIRONMENT, Plan, application
from detente.present.web.state import Asked, Reply, State
from detente.present.web.workspace import Workspace
from tests.looking import axe
from tests.looking import needs_browser as needs_browser
from tests.workbench.crisis import CRISIS

Replies = Callable[..., list[Reply]]


@pytest.fixture(scope="session")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with the library, and an empty store."""
    return Workspace({}, Store(tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="session")
def replies(space: Workspace) -> Replies:
    """What a screen answers: all its steps, without those that tell of progress."""

    def ask(screen: str, case: str = "crisis-signalling", **given: Any) -> list[Reply]:
        options = given.pop("options", {})
        asked = Asked(id=1, screen=screen, key=screen, state=State(case=case, **given), options=options)
        return list(answered(space, Job(asked), lambda _: None))

    return ask


WORKERS = int(os.environ.get("DETENTE_TEST_WORKERS", "1"))
"""With more than one, the same tests run against a server of so many processes."""
in_process = pytest.mark.skipif(WORKERS > 1, reason="what several processes do cannot be changed from here")


@dataclass(eq=False)
class Running:
    """A server, in a thread of this process or in processes of its own; `link()` opens it, once each."""

    plan: Plan
    port: int
    end: Callable[[], None] = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def link(self) -> str:
        return f"{self.origin}/?token={self.plan.keys.token()}"

    def start(self) -> None:
        if WORKERS > 1:
            self._start_several()
            return
        config = uvicorn.Config(
            application(self.plan), host="127.0.0.1", port=self.port, log_level="error", lifespan="off",
            ws_max_size=LARGEST, ws_per_message_deflate=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()

        def end() -> None:
            server.should_exit = True
            thread.join(10)

        self.end = end
        self._answers()

    def _start_several(self) -> None:
        command = [
            sys.executable, "-m", "uvicorn", "--factory", "detente.present.web.server:from_environment",
            "--port", str(self.port), "--workers", str(WORKERS), "--log-level", "error", "--lifespan", "off",
            "--ws-max-size", str(LARGEST), "--timeout-graceful-shutdown", "1",
        ]  # fmt: skip
        process = subprocess.Popen(command, env={**os.environ, ENVIRONMENT: self.plan.written()})

        def end() -> None:
            process.terminate()
            process.wait(10)

        self.end = end
        self._answers()

    def _answers(self) -> None:
        """Wait until somebody answers."""
        for _ in range(2000):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)

    def stop(self) -> None:
        self.end()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def plan(folder: Path, port: int, files: dict[str, str] | None = None, first: str = "crisis-signalling") -> Plan:
    (folder / "used").mkdir(exist_ok=True)
    hosts = [f"127.0.0.1:{port}", f"localhost:{port}"]
    return Plan(first, files or {}, hosts, os.urandom(32).hex(), str(folder / "used"), str(folder / "store"))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of the library."""
    port = free_port()
    server = Running(plan(tmp_path_factory.mktemp("workbench"), port), port)
    yield server
    server.stop()


@dataclass(eq=False)
class Seen:
    """A page, and what went wrong in it: errors, refusals of its policy, requests to anybody else."""

    page: Any
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def opened(cls, browser: Any, running: Running, width: int = 1280, **how: Any) -> Seen:
        seen = cls(browser.new_context(viewport={"width": width, "height": 900}, **how).new_page())
        seen.page.on("pageerror", lambda error: seen.wrong.append(f"error: {error}"))
        seen.page.on("console", lambda m: m.type == "error" and seen.wrong.append(f"console: {m.text}"))
        seen.page.on(
            "request", lambda r: r.url.startswith((running.origin, "data:", "blob:")) or seen.wrong.append(r.url)
        )
        seen.page.goto(running.link())
        return seen

    def go(self, screen: str) -> Any:
        """Go to a screen by its link in the navigation, and wait until it has answered."""
        self.page.click(f"nav a[href^='#/{screen}']")
        self.settled()
        return self.page

    def settled(self) -> None:
        from playwright.sync_api import expect

        self.page.wait_for_selector(".pane")
        expect(self.page.locator(".pane[aria-busy=true]")).to_have_count(0, timeout=120_000)

    def axe(self) -> list[tuple[str, str]]:
        """What axe finds."""
        return axe(self.page)


@pytest.fixture
def seen(browser: Any, running: Running) -> Iterator[Seen]:
    """The page of the workbench, in the browser."""
    opened = Seen.opened(browser, running)
    yield opened
    opened.page.context.close()
    assert opened.wrong == []


@pytest.fixture(scope="module")
def at_sea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of the crisis at sea (`tests.workbench.crisis`)."""
    folder: Path = tmp_path_factory.mktemp("sea")
    (folder / "sea.yaml").write_text(CRISIS, "utf-8")
    port = free_port()
    server = Running(plan(folder, port, {"sea": str(folder / "sea.yaml")}, "sea"), port)
    yield server
    server.stop()


@pytest.fixture
def page(browser: Any, at_sea: Running) -> Iterator[Seen]:
    opened = Seen.opened(browser, at_sea)
    yield opened
    opened.page.context.close()
    assert opened.wrong == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at pages is marked, so that CI runs it where there is a browser, and the rest where there is none."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
