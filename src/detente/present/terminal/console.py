"""The terminal: where text goes, and what is kept off it when nobody wants colours."""

from __future__ import annotations

import os
import re
from typing import IO, Any

from rich.cells import cell_len
from rich.console import Console, ConsoleDimensions
from rich.text import Text

from detente.language.characters import plain


class Screen(Console):
    """A console that breaks lines between words alone: a name, a number or a path is never cut.

    What is printed with `soft_wrap` stays in one line where nobody watches, so that it can be searched. Characters that
    would steer the terminal are shown as what they are, wherever a text comes from.
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        if "width" not in how:
            self._width = None  # asked again each time: COLUMNS may change

    @property
    def size(self) -> ConsoleDimensions:
        """Columns and lines; COLUMNS in the environment goes before what the terminal says."""
        known, columns = super().size, os.environ.get("COLUMNS", "")
        given = self._width is None and columns.isdigit() and int(columns) > 0
        return ConsoleDimensions(int(columns), known.height) if given else known

    @size.setter
    def size(self, new: tuple[int, int]) -> None:
        self._width, self._height = new

    def typed(self, text: str) -> None:
        """Print a line that is there to be copied: it is never broken."""
        super().print(self.render_str(text), soft_wrap=True)

    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str(plain(text), **how)

    def print(self, *objects: Any, **how: Any) -> None:
        watched = self.is_terminal or "COLUMNS" in os.environ
        if len(objects) == 1 and isinstance(objects[0], str) and (watched or not how.get("soft_wrap")):
            objects, how = (self._broken(self.render_str(objects[0])),), {**how, "soft_wrap": True}
        super().print(*objects, **how)

    def _broken(self, text: Text) -> Text:
        """A text with its lines broken between words; what follows is indented as the line it belongs to."""
        made: list[Text] = []
        for line in text.split("\n", allow_blank=True):
            indent = len(line.plain) - len(line.plain.lstrip(" "))
            at, breaks = indent, []
            for word in re.finditer(r"\S+\s*", line.plain):
                if at > indent and at + cell_len(word[0].rstrip()) > self.width:
                    breaks.append(word.start())
                    at = indent
                at += cell_len(word[0])
            for k, part in enumerate(line.divide(breaks)):
                part.rstrip()
                made.append(Text(" " * indent).append_text(part) if k else part)
        return Text("\n").join(made)


def screen(*, stderr: bool = False, file: IO[str] | None = None) -> Screen:
    """A console for answers. With NO_COLOR in the environment (no-color.org) text is plain: neither bold nor dim."""
    if os.environ.get("NO_COLOR"):
        return Screen(highlight=False, stderr=stderr, file=file, color_system=None)
    return Screen(highlight=False, stderr=stderr, file=file)


console = screen()
