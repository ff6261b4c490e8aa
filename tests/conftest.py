"""What all tests share: a store of solved draws of their own, so that none touches the user's, and the same examples in
every run."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import settings

from tests.looking import browser as browser

# Workers are as many as processors: linear algebra that uses all of them as well mostly waits for itself.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# The same examples in every run: a failure in CI is one that anybody can see again.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

SKIPS = Path(__file__).with_name("skips.txt")
"""Reasons for which a test may be skipped, one a line. A skip for any other is a failure."""


@pytest.fixture(autouse=True)
def _own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETENTE_STORE", str(_folder(tmp_path_factory)))


def _folder(factory: pytest.TempPathFactory) -> Path:
    """An empty folder for each test: what one test solves, no other finds."""
    return factory.mktemp("store")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """No workers where single tests are named, so that a debugger and `-s` find them at once."""
    return 0 if config.args and all("::" in asked for asked in config.args) else None


def _skipped(config: pytest.Config) -> dict[str, list[str]]:
    """The tests that were skipped, by reason."""
    found: dict[str, list[str]] = defaultdict(list)
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    for report in terminal.stats.get("skipped", ()) if terminal else ():
        told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        found[told.removeprefix("Skipped: ")].append(report.nodeid)
    return found


def _unexpected(config: pytest.Config) -> set[str]:
    return set(_skipped(config)) - set(SKIPS.read_text(encoding="utf-8").splitlines())


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Whoever skips without a reason that is on the list fails."""
    if not hasattr(session.config, "workerinput") and _unexpected(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Skips are counted and named."""
    for reason, tests in _skipped(config).items():
        terminalreporter.section(f"{len(tests)} skipped: {reason}", sep="-")
        for test in sorted(tests):
            terminalreporter.line(f"  {test}")
    for reason in _unexpected(config):
        terminalreporter.line(f"FAILED: skipped for a reason that tests/skips.txt does not list: {reason}", red=True)
