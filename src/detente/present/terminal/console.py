"""The terminal: where text goes, and what is kept off it when nobody wants colours."""

from __future__ import annotations

import os
from typing import IO

from rich.console import Console


def screen(*, stderr: bool = False, file: IO[str] | None = None) -> Console:
    """A console for answers. With NO_COLOR in the environment (no-color.org) text is plain: neither bold nor dim."""
    if os.environ.get("NO_COLOR"):
        return Console(highlight=False, stderr=stderr, file=file, color_system=None)
    return Console(highlight=False, stderr=stderr, file=file)


console = screen()
