"""Every kind of mistake, and the message it brings forth: `mistakes/*.yaml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model.regenerate_mistakes import FILES, messages, split


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_message(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected, _ = split(text)
    assert expected, "a mistake without a message"
    assert messages(text, path) == expected, "if this is meant: uv run python tests/model/regenerate_mistakes.py"


def test_there_are_many() -> None:
    assert len(FILES) >= 60
