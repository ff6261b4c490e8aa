"""The gallery shows every picture there is, each by the command that stands beside it, as it is drawn now."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from detente.study.registry import declared

DOCS = Path(__file__).parents[2] / "docs"
MAKE: dict[str, Any] = runpy.run_path(str(DOCS / "make_gallery.py"))
AGAIN = "uv run python docs/make_gallery.py"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def test_every_question_is_asked() -> None:
    by_files = {"elicit", "pool"}  # what they show stands on docs/elicitation.md, with the files of its experts
    assert set(declared()) - by_files <= {command.split()[1] for command in MAKE["COMMANDS"]}


@pytest.mark.no_cover  # whatever is drawn has tests of its own
def test_every_function_that_draws_is_there_and_the_page_is_what_is_drawn_now() -> None:
    drawn, drew = MAKE["draw"]()
    there, elsewhere = set(MAKE["drawing"]()), set(MAKE["ELSEWHERE"])
    assert len(there) > 30
    assert elsewhere <= there
    assert there - drew <= elsewhere, "give it a command in docs/make_gallery.py"
    assert (DOCS / "gallery.md").read_text(encoding="utf-8") == MAKE["page"](drawn), AGAIN
    files = {file.stem: file.read_text(encoding="utf-8") for file in (DOCS / MAKE["PICTURES"]).glob("*.svg")}
    assert list(files.keys() ^ {d.name for d in drawn}) == [], AGAIN
    assert len(drawn) == len(files)
    for d in drawn:
        assert alike(files[d.name], d.picture.standalone()), f"{d.name}: {AGAIN}"


def alike(one: str, other: str) -> bool:
    """Whether two pictures are the same but for a last digit or a pixel: other machines round otherwise."""
    numbers = [[float(n) for n in NUMBER.findall(text)] for text in (one, other)]
    return NUMBER.sub("#", one) == NUMBER.sub("#", other) and all(
        abs(a - b) <= max(1.01, 0.01 * abs(a)) for a, b in zip(*numbers, strict=True)
    )


def test_the_comparison_of_pictures_can_fail() -> None:
    assert alike('<text x="10.5">35%</text>', '<text x="10.6">35%</text>')
    assert not alike('<text x="10.5">35%</text>', '<text x="10.5">37%</text>')
    assert not alike('<text x="10.5">war</text>', '<text x="10.5">peace</text>')
