"""Models that tests of the machinery rest on: they stay as they are when cases of the library change."""

from __future__ import annotations

from pathlib import Path

from detente.model.catalogue import library

FIRST_EDITION = str(Path(__file__).with_name("first_edition.yaml"))
"""The case `ukraine-2022` as it first was: one tree of 2,187 nodes, no rival structures."""
FIRST_KREMLIN = str(Path(__file__).with_name("first_edition_kremlin.yaml"))
"""The same with perceptions."""
LARGE = ("ukraine-2022", "ukraine-2022-kremlin", "ukraine-2022-compellence", "ukraine-2021")
"""Cases of thousands of nodes; the first stands for the others where every node is looked at."""


def one_large() -> list[str]:
    """The library with one of the large cases."""
    return [case for case in library() if case not in LARGE[1:]]
