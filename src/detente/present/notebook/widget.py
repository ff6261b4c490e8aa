"""`study.explore()`: the pieces of the workbench in a notebook, by anywidget.

What the page asks by its socket the widget asks by the notebook's own connection, in the same words (`web.state`); what
answers is the same (`web.answering`), in threads, so that other cells can run meanwhile. The widget's part of the page
lies in a shadow tree: its style reaches nothing around it, and no style of the notebook reaches it.
"""

from __future__ import annotations

import json
import re
import traceback
from functools import cache
from importlib import resources
from typing import Any

import anywidget
import traitlets

from detente.analyse.finding import Finding
from detente.errors import DetenteError
from detente.present.notebook.embedding import DARK, LIGHT, colours
from detente.present.notebook.exploring import Exploring
from detente.present.web.answering import Answering
from detente.present.web.state import Asked
from detente.study.study import Study
from detente.study.supposing import Supposed

ASSETS = "detente.present.web.assets"
SHOWN = "answer"  # the screen that is told what is looked at
HEARD = "."  # what is sent at once for every message, so that a kernel that is busy is known from one that is gone
_NARROW = re.compile(r"@media ?\(max-width")
_WHOLE = re.compile(r"(?<![\w.#-])(?:html|body)(?=\s*\{)")


class Explorer(anywidget.AnyWidget):
    """A Study that can be moved: sliders of what the answer depends on, and what follows, in a cell's output.

    `changes`: what is set otherwise, as `{"set": {...}, "suppose": (...)}`. `supposed`: everything that is forecast
    then; `finding`: the answer alone; `study`: the case solved with what is held to be known. `command`: the command
    line that gives the same numbers. All of them speak of what is looked at now.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _look = traitlets.Unicode().tag(sync=True)
    _kept = traitlets.Unicode().tag(sync=True)  # scenarios with their past, for a view that comes later
    _basis = traitlets.Unicode().tag(sync=True)
    _fallback = traitlets.Unicode().tag(sync=True)  # what is shown where no kernel answers

    def __init__(self, study: Study) -> None:
        self._exploring = Exploring(study)
        self._page = _Page(self)
        self.trouble = ""
        first = self._exploring.first
        super().__init__(
            _esm=script(), _look=look(), _fallback=study._repr_html_(),
            _basis=json.dumps({"draws": first.draws, "seed": first.seed, "title": study.model.title}),
        )  # fmt: skip
        self.on_msg(self._heard)

    def _heard(self, _: object, text: object, __: object) -> None:
        """A message of a view."""
        self.send(HEARD)
        self._page.take(text if isinstance(text, str) else "")

    def close(self) -> None:
        """Answer nothing any more, and leave the notebook."""
        if hasattr(self, "_page"):
            self._page.stop()
        super().close()

    # ------------------------------------------------------------------ what is looked at

    @property
    def changes(self) -> dict[str, Any]:
        """What is set otherwise: `set`, as settings take it, and `suppose`, as `detente.suppose` takes it."""
        return self._exploring.changes

    @property
    def command(self) -> str:
        """The command line that gives the same numbers. Raises QuestionError where no command can."""
        return self._exploring.command

    @property
    def supposed(self) -> Supposed:
        """Everything that is forecast as things are set, beside the case as it is written; it waits where that has to
        be solved. Raises ModelError, QuestionError."""
        return self._exploring.supposed

    @property
    def finding(self) -> Finding:
        """The answer to the case's question, else the most likely outcome, as things are set."""
        return self._exploring.finding

    @property
    def study(self) -> Study:
        """The case solved with what is held to be known; best guesses that were moved are not in it."""
        return self._exploring.solved

    # ------------------------------------------------------------------ without a page

    def __repr__(self) -> str:
        study, state = self._exploring.study, self._exploring.state
        moved = len(state.set) + len(state.suppose)
        told = f"{moved} changed" if moved else "as written"
        return f"<Explorer of {study.model.name}: {study.n:,} draws, {told}>"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a widget belongs to its notebook and cannot be pickled; keep its `changes`, or its Study")

    def _repr_mimebundle_(self, **given: Any) -> Any:
        """The widget; and what it says now as a part of a page, for whoever looks at the notebook without a kernel."""
        made = super()._repr_mimebundle_(**given)
        if made is None:
            return None
        data, about = made if isinstance(made, tuple) else (made, {})
        return {**data, "text/plain": repr(self), "text/html": self._plain()}, about

    def _plain(self) -> str:
        moved = self._exploring.state != self._exploring.first
        try:
            return (self.supposed if moved else self._exploring.study)._repr_html_()
        except DetenteError:
            return self._exploring.study._repr_html_()


class _Page(Answering):
    """The views of a widget, whose messages come by the notebook's connection."""

    def __init__(self, widget: Explorer) -> None:
        super().__init__(widget._exploring.space)
        self.widget = widget

    def post(self, text: str) -> None:
        self.widget.send(text)

    def looked_at(self, asked: Asked) -> None:
        if asked.screen == SHOWN:
            self.widget._exploring.state = asked.state

    def failed(self, screen: str) -> str:
        self.widget.trouble = traceback.format_exc()
        return f"this failed inside Detente (the part {screen!r}); the widget's `trouble` says where"


@cache
def script() -> str:
    """The pieces, as the module that anywidget asks for."""
    return (resources.files(ASSETS) / "widget.js").read_text("utf-8")


@cache
def look() -> str:
    """As JSON: the style inside the shadow tree, and by what the pages of notebooks say which theme they have."""
    page = (resources.files("detente.present.html") / "page.css").read_text("utf-8")
    own = (resources.files(ASSETS) / "widget.css").read_text("utf-8")
    light, dark, pictures = colours()
    themed = [
        f":host {{{light}}}", f"@media (prefers-color-scheme: dark) {{ :host {{{dark}}} }}",
        f":host([data-theme=light]) {{{light}}}", f":host([data-theme=dark]) {{{dark}}}",
        f"@media print {{ :host {{{light}}} }}",
    ]  # fmt: skip
    rules = _NARROW.sub("@container (max-width", "\n".join([pictures, page, own]))
    style = "\n".join([*themed, _WHOLE.sub(".bench", rules)])
    return json.dumps({"style": style, "light": ", ".join(LIGHT), "dark": ", ".join(DARK)})
