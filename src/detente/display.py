"""What shows itself: in a notebook as a part of a page, anywhere else as one line.

A result knows what it is; how it is drawn is known to the room that draws pages, which lies far above. So a result is
`Displayed`, and `painter` names the module that draws it, which is imported when something is first shown. The package
itself, which knows all rooms, says which it is.

Nothing is imported here that the command line would have to wait for.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike
    from typing import Any, Protocol

    class Plot(Protocol):
        """A picture that shows itself: what it is called, how it is read, and the text of its SVG file."""

        name: str
        title: str
        reading: str
        svg: str

        def png(self, scale: float = 2.0) -> bytes:
            """The picture as PNG, `scale` pixels for each unit of the drawing. Raises QuestionError."""
            ...

        def write(self, path: str | PathLike[str]) -> None:
            """Write it to a `.svg` or `.png` file. Raises OSError, QuestionError."""
            ...

    class Explorer(Protocol):
        """A widget, see `present.notebook.widget`: `study` and `supposed` are a `Study` and a `Supposed`."""

        changes: dict[str, Any]
        command: str
        finding: Any
        supposed: Any
        study: Any


painter = ""
"""The module that draws: `html(result)`, `plots(result)`, `plot(result, name)` and `explore(result)`."""
LONGEST = 160  # letters of the line that says what a result is


class Displayed:
    """A result. Its fields are those of the class that it is a base of."""

    if TYPE_CHECKING:
        context: Any
        """What it is the answer to (`study.asking.Context`); None where nobody asked for it by itself."""
    else:
        context = None  # without its type, which would make it a field of a model

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        if "__repr__" not in vars(cls):  # before a dataclass writes one of all its fields
            cls.__repr__ = Displayed.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        return line(self)

    def __getstate__(self) -> object:
        """What is kept of it elsewhere: not what it is the answer to, which may be a whole case with its draws."""
        state = super().__getstate__()
        return {k: v for k, v in state.items() if k != "context"} if isinstance(state, dict) else state

    def _repr_html_(self) -> str:
        """As a part of a page, with its style, for a notebook."""
        return str(import_module(painter).html(self))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def _mime_(self) -> tuple[str, str]:
        """For marimo, which would show a list as data."""
        return "text/html", self._repr_html_()

    def _said(self) -> Iterable[str]:
        """What its line says of it: its fields in short, those with something in them."""
        for name in getattr(self, "__dataclass_fields__", ()) or getattr(type(self), "model_fields", ()):
            if name != "detente" and not name.startswith("_") and (told := short(getattr(self, name, None))):
                yield f"{name} {told}"

    @property
    def plots(self) -> tuple[str, ...]:
        """The names of its pictures."""
        return tuple(import_module(painter).plots(self))

    def plot(self, name: str = "", **options: Any) -> Plot:
        """One of its pictures: the first, or the one of a name in `plots`.

        It shows itself in a notebook; `.svg` is the text of its file, `.write("a.svg")` and `.write("a.png")` write it.
        `options`: of some pictures of a Study, what they are about: `plot("drivers", of="war")`. Raises QuestionError
        for a picture that does not exist.
        """
        found: Plot = import_module(painter).plot(self, name, **options)
        return found


class Explorable(Displayed):
    """A result that can be moved in a notebook."""

    def explore(self) -> Explorer:
        """In a notebook, a widget: sliders of what the answer depends on most, and what follows from them, at once.

        What is set in it can be read: `w = study.explore()`, then `w.changes`, `w.finding`, `w.supposed`, `w.command`.
        It needs `pip install 'detente[notebook]'`, and 50 to 10,000 draws. Raises QuestionError.
        """
        found: Explorer = import_module(painter).explore(self)
        return found


class Several(list, Displayed):  # type: ignore[type-arg]
    """Results of one kind: a list that shows itself."""

    __repr__ = Displayed.__repr__


def line(result: Displayed) -> str:
    """What a result is, in one line: its class, the case it was asked of, and its fields in short."""
    model = getattr(result.context or result, "model", result)
    case = getattr(model, "name", "") if hasattr(model, "files") else ""  # of a Model; others have names, too
    of = [f"of {case}"] if case and model is not result else [case] if case else []
    if isinstance(result, Several):
        kinds = dict.fromkeys(type(one).__name__ for one in result)
        return f"<{' '.join([str(len(result)), ' or '.join(kinds) or 'results', *of])}>"
    named = " ".join([type(result).__name__, *of])
    return _cut(named, result._said())


def short(value: Any) -> str:
    """A value in a few letters; nothing of what is empty."""
    if value is None or (isinstance(value, (str, tuple, list, dict)) and not value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return "" if value != value else f"{value:.4g}" if isinstance(value, float) else f"{value:,}"
    if isinstance(value, str):
        value = " ".join(value.split())
        return f"'{value}'" if len(value) <= 40 else f"'{value[:39]}…'"
    if (shape := getattr(value, "shape", None)) is not None:
        return f"[{' x '.join(map(str, shape))}]"
    if isinstance(value, Displayed) and (number := getattr(value, "value", None)) is not None:
        return short(number)
    if isinstance(value, (tuple, list, dict)):
        return f"({len(value)})"
    return ""


def _cut(head: str, parts: Iterable[str]) -> str:
    """The parts behind the head, as many as there is room for."""
    said = head
    for k, part in enumerate(parts):
        longer = f"{said}{', ' if k else ': '}{part}"
        if len(longer) > LONGEST - 4:
            return f"<{said}, …>"
        said = longer
    return f"<{said}>"
