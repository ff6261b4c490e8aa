"""How a form for an expert is shown."""

from __future__ import annotations

from detente.language.characters import plain
from detente.present.html.markup import tag, verbatim
from detente.present.view import Answer, Shown, view
from detente.present.wording.numbers import counted
from detente.study.questions.elicit import Form


def text(found: Form, shown: Shown) -> None:
    """What `detente elicit` prints: the form itself, which can be put into a file."""
    print(plain(found.text), end="")


def page(found: Form, shown: Shown) -> Answer:
    """The form as a text to be copied."""
    many = counted(len(found.quantities), "quantity", "quantities")
    also = f" and {counted(len(found.calibration), 'calibration question')}" if found.calibration else ""
    said = f"A form for {found.expert}, with {many}{also}. Put it into a file, have it filled in, and pool the answers."
    form = tag(
        "pre", tag("code", verbatim(found.text)), class_="scroll", tabindex="0", role="group", aria_label="the form"
    )
    return Answer("elicit", "A form for an expert", [said], [], after=form)


view(Form, text=text, page=page)
