"""Models that tests of the machinery rest on: they stay as they are when cases of the library change."""

from __future__ import annotations

from pathlib import Path

FIRST_EDITION = str(Path(__file__).with_name("first_edition.yaml"))
"""The case `ukraine-2022` as it first was: one tree of 2,187 nodes, periods and types, no rival structures."""
FIRST_KREMLIN = str(Path(__file__).with_name("first_edition_kremlin.yaml"))
"""The same with perceptions."""
