"""Sentences in the code are whole: a formatter that narrows a line leaves stumps, which nobody joins again."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "detente"
WIDTH = 120
ROOM = 45  # a sentence may be broken after a clause


def stumps(text: str) -> Iterator[int]:
    """The lines of a sentence that end long before their width, though it goes on."""
    before: tokenize.TokenInfo | None = None
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING:
            if before and before.end[0] < token.start[0] and before.string[-2:] == ' "' and token.string[-1] == '"':
                word = token.string.lstrip("f")[1:-1].split(" ")[0] + " "
                if "{" not in word and before.end[1] + len(word) <= WIDTH - ROOM:
                    yield before.start[0]
            before = token
        elif token.type not in (tokenize.NL, tokenize.COMMENT):
            before = None


def test_no_sentence_is_broken_where_its_line_had_room() -> None:
    found = [f"{path.relative_to(SOURCE)}:{n}" for path in SOURCE.rglob("*.py") for n in stumps(path.read_text())]
    assert found == []


def test_a_stump_is_seen() -> None:
    assert list(stumps('x = (\n    "one "\n    "two"\n)\n')) == [2]
    assert list(stumps(f'x = (\n    "{"a" * 70} "\n    "bbbbbb"\n)\n')) == []
