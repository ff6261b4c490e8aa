"""A picture in Python: it shows itself, and is written as SVG or PNG."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from detente.errors import QuestionError
from detente.output import write_whole
from detente.present.figures.drawing.svg import Picture
from detente.present.html.markup import tag
from detente.present.notebook.embedding import embedded, flat

GET = "`pip install 'detente[png]'` installs it; `.write(\"picture.svg\")` needs nothing"
KINDS = (".svg", ".png")


@dataclass(frozen=True, eq=False)
class Plot:
    """A picture of a result, by its name among the pictures of that result."""

    name: str
    picture: Picture = field(repr=False)

    def __repr__(self) -> str:
        width, height = self.picture.width, self.picture.height
        return f"<Plot {self.name}: {self.title}, {width:.0f} x {height:.0f}>"

    @property
    def title(self) -> str:
        return self.picture.title

    @property
    def reading(self) -> str:
        """How it is read."""
        return self.picture.reading

    @cached_property
    def svg(self) -> str:
        """The text of its SVG file, with its title and style, for light and dark ground."""
        return self.picture.standalone()

    def png(self, scale: float = 2.0) -> bytes:
        """As PNG, on light ground, `scale` pixels for each unit of the drawing.

        Raises QuestionError where what draws it is not installed, or there is no font to write with.
        """
        if not 0.1 <= scale <= 10:
            raise QuestionError(f"a scale of {scale:g} makes no picture; choose one from 0.1 to 10")
        return _rendered(flat(self.svg), scale)

    def write(self, path: str | Path) -> None:
        """Write it to a file whose name ends in `.svg` or `.png`. Raises OSError, QuestionError."""
        kind = Path(path).suffix.lower()
        if kind not in KINDS:
            raise QuestionError(
                f"{str(path)!r} ends in neither of {' and '.join(KINDS)}, so that nobody knows what to write"
            )
        write_whole(path, self.png() if kind == ".png" else self.svg.encode("utf-8", "replace"))

    def _repr_html_(self) -> str:
        return embedded(tag("div", self.picture.figure(), class_="plot"))

    def _mime_(self) -> tuple[str, str]:
        """For marimo, which takes one form."""
        return "text/html", self._repr_html_()

    def _repr_svg_(self) -> str:
        return flat(self.svg)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_(), "image/svg+xml": self._repr_svg_()}


def _rendered(svg: str, scale: float) -> bytes:
    try:
        from resvg_py import svg_to_bytes
    except ModuleNotFoundError as error:
        raise QuestionError(f"PNG needs resvg-py, which is not installed: {GET}") from error
    if not _writes():
        raise QuestionError(
            "no font was found, and a picture without words says nothing; install one, such as DejaVu Sans"
        )
    return bytes(svg_to_bytes(svg_string=svg, zoom=scale))


@cache
def _writes() -> bool:
    """Whether any text is drawn: without a font all of it is left out."""
    from resvg_py import svg_to_bytes

    def drawn(words: str) -> bytes:
        shown = tag("text", words, x=2, y=16, font_family="sans-serif", font_size=14)
        return bytes(
            svg_to_bytes(svg_string=tag("svg", shown, xmlns="http://www.w3.org/2000/svg", width=60, height=20))
        )

    return drawn("Text") != drawn(" ")
