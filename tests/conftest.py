"""What all tests share: a store of solved draws of their own, so that none touches the user's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings


@pytest.fixture(autouse=True)
def _own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETENTE_STORE", str(_folder(tmp_path_factory)))


def _folder(factory: pytest.TempPathFactory) -> Path:
    """An empty folder for each test: what one test solves, no other finds."""
    return factory.mktemp("store")


# The same examples in every run: a failure in CI is one that anybody can see again.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")
