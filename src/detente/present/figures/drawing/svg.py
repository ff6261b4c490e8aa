"""Pictures as SVG, drawn by hand: no fonts, no scripts, no dates, so that equal studies give equal bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

from detente.present.html.markup import Content, Html, coordinate, join, scrolled, tag, text

WIDTH = 680.0
FONT = 12.0
BOLD = 1.12  # bold letters are so much wider
_NARROW, _WIDE = "iljtfrI.,:;'|!()[] ", "mwMW%@…→"


@dataclass(frozen=True)
class Picture:
    """A picture with its title, how to read it (units and all), and the table behind it."""

    key: str
    title: str
    reading: str
    parts: Sequence[Html] = field(repr=False)
    height: float
    table: Html = field(default=Html(""), repr=False)
    width: float = WIDTH
    printed: bool = False  # whether the table goes to paper although it is folded
    says: str = ""  # what it shows, for those who cannot see it

    def inline(self) -> Html:
        """As a part of a page, which brings the style."""
        return self._svg(self.width, self.height, self.parts)

    def standalone(self) -> str:
        """As a file of its own, with its title drawn and its style inside."""
        titles, lines = wrap(self.title, self.width / BOLD, 15.0), wrap(self.reading, self.width - 16, 11.0)
        under = 28.0 + 18 * (len(titles) - 1)
        top = under + 6 + 15 * len(lines)
        style = tag("style", Html(stylesheet()))
        width, height = self.width + 32, self.height + top + 24
        ground = tag("rect", x=0, y=0, width=width, height=height, class_="paper")
        heading = [label(16, 28 + 18 * k, line, "bold", size=15) for k, line in enumerate(titles)]
        reading = [label(16, under + 18 + 15 * k, line, "muted", size=11) for k, line in enumerate(lines)]
        moved = tag("g", *self.parts, transform=f"translate(16 {coordinate(top + 12)})")
        return self._svg(width, height, [style, ground, *heading, *reading, moved], "http://www.w3.org/2000/svg") + "\n"

    def figure(self, under: str = "") -> Html:
        """As a figure of a page, with its caption, and its table after it; `under` a heading it does not repeat it."""
        title = "" if self.title == under else tag("b", self.title)
        caption = tag("figcaption", title, " ", tag("span", self.reading, class_="reading"))
        folded: Content = ""
        if self.table:
            folded = tag(
                "details",
                tag("summary", "The table behind this picture"),
                self.table,
                class_="printed" if self.printed else None,
            )
        drawn = scrolled(self.inline(), self.title)
        return join([tag("figure", caption, drawn, id=f"figure-{self.key}"), folded])

    def _svg(self, width: float, height: float, parts: Sequence[Html], namespace: str | None = None) -> Html:
        name = f"{self.key}-title"
        says = tag("desc", self.says or self.reading, id=f"{self.key}-desc")
        box = f"0 0 {coordinate(width)} {coordinate(height)}"
        return tag(
            "svg", tag("title", self.title, id=name), says, join(parts), xmlns=namespace, viewBox=box, class_="picture",
            width=width, height=height, role="img", aria_labelledby=f"{name} {self.key}-desc",
        )  # fmt: skip


@cache
def stylesheet() -> str:
    """The style of all pictures."""
    return (resources.files("detente.present.figures.drawing") / "picture.css").read_text("utf-8")


@lru_cache(4096)
def measure(words: str, size: float = FONT) -> float:
    """About how wide a text is, rather too wide than too narrow."""
    total = 0.0
    for letter in words:
        if letter in _NARROW:
            total += 0.36
        elif letter in _WIDE:
            total += 0.96
        elif letter.isupper():
            total += 0.72
        else:
            total += 0.63
    return total * size


def fitted(words: str, width: float, size: float = FONT) -> str:
    """A text cut with `…` where it would be wider than `width`."""
    if measure(words, size) <= width:
        return words
    while words and measure(words + "…", size) > width:
        words = words[:-1]
    return words.rstrip() + "…"


def wrap(words: str, width: float, size: float = FONT) -> list[str]:
    """A text in lines no wider than `width`."""
    lines: list[str] = []
    for word in words.split():
        if lines and measure(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def label(x: float, y: float, words: Content, class_: str = "", anchor: str = "start", size: float = FONT) -> Html:
    """A line of text; `y` is its base line."""
    return tag(
        "text",
        words,
        x=x,
        y=y,
        class_=class_ or None,
        font_size=size,
        text_anchor=None if anchor == "start" else anchor,
    )


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    class_: str,
    hint: str = "",
    round_: float = 0,
    opacity: float | None = None,
) -> Html:
    """A rectangle, with a hint for those who point at it."""
    inner = tag("title", hint) if hint else ""
    return tag(
        "rect",
        inner,
        x=x,
        y=y,
        width=max(width, 0),
        height=height,
        rx=round_ or None,
        class_=class_,
        fill_opacity=opacity,
    )


def line(x0: float, y0: float, x1: float, y1: float, class_: str = "rule") -> Html:
    """A straight line."""
    return tag("line", x1=x0, y1=y0, x2=x1, y2=y1, class_=class_)


def path(d: str, class_: str, hint: str = "", opacity: float | None = None) -> Html:
    """A path."""
    return tag("path", tag("title", hint) if hint else "", d=d, class_=class_, fill_opacity=opacity)


def dot(x: float, y: float, radius: float, class_: str, hint: str = "") -> Html:
    """A disc."""
    return tag("circle", tag("title", hint) if hint else "", cx=x, cy=y, r=radius, class_=class_)


def diamond(x: float, y: float, radius: float, class_: str, hint: str = "") -> Html:
    """A square on its tip."""
    r = radius
    return path(f"M{x - r:.2f} {y:.2f}L{x:.2f} {y - r:.2f}L{x + r:.2f} {y:.2f}L{x:.2f} {y + r:.2f}Z", class_, hint)


def whisker(x0: float, x1: float, y: float, cap: float = 4.0) -> list[Html]:
    """An interval with caps at its ends."""
    return [
        line(x0, y, x1, y, "whisker"),
        line(x0, y - cap, x0, y + cap, "whisker"),
        line(x1, y - cap, x1, y + cap, "whisker"),
    ]


def ticks(top: float) -> list[float]:
    """Round marks from 0 to at least `top`."""
    step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if top <= 4.0001 * s), 0.25)
    count = max(1, -int(-(top - 1e-9) // step))
    return [step * k for k in range(count + 1)]


def spread(low: float, high: float) -> list[float]:
    """Round marks from at most `low` to at least `high`."""
    width = max(high - low, 1e-9)
    step = 1e-9
    for power in range(-6, 7):
        for base in (1.0, 2.0, 5.0):
            if base * 10.0**power >= width / 5:
                step = base * 10.0**power
                first, last = int(low // step), -int(-high // step)
                return [step * k for k in range(first, last + 1)]
    return [low, low + step]


def plain(words: str) -> Html:
    """Escaped text."""
    return text(words)
