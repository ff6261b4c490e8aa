"""Questions are found by several threads at once, as a server does."""

from __future__ import annotations

import ast
import threading
import time
from types import SimpleNamespace

import pytest

from detente.study import registry


def test_only_one_thread_parses_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11 may fail where two do: AST constructor recursion depth mismatch."""
    inside, most = 0, 0

    def parse(text: str) -> ast.Module:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.001)
        inside -= 1
        return ast.parse(text)

    monkeypatch.setattr(registry, "ast", SimpleNamespace(**{**vars(ast), "parse": parse}))
    registry._read.cache_clear()
    threads = [threading.Thread(target=registry.known, args=("no-such-question",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
