"""The cases that come with Detente."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

CASES: list[Traversable] = [resources.files("detente") / "cases"]
"""The folders in which the cases of the library lie, each a file whose name is its slug."""


def library() -> dict[str, str]:
    """The cases that come with Detente: slug to the text of the file."""
    found = {item.name.removesuffix(".yaml"): item for folder in CASES for item in folder.iterdir()
             if item.name.endswith(".yaml")}  # fmt: skip
    return {slug: found[slug].read_text(encoding="utf-8") for slug in sorted(found)}
