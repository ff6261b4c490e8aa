"""What the page says of where things come from, and of names."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.forecast.claims import Verdict
from detente.model.fields import Citation
from detente.model.schema import Model
from detente.present.html.markup import Content, Html, join, tag
from detente.present.html.palette import VERDICTS
from detente.present.wording.numbers import words


def cited(model: Model, citations: Sequence[Citation]) -> Html:
    """Citations as links into the list of sources."""
    return join([_one(model, c) for c in citations], ", ")


def _one(model: Model, citation: Citation) -> Html:
    if citation.source in model.sources:
        return tag("a", words(str(citation)), href=f"#source-{citation.source}")
    return join([words(str(citation))])


def sourced(model: Model, citations: Sequence[Citation], before: str = " (", after: str = ")") -> Html:
    """Citations in brackets, or nothing."""
    return join([before, cited(model, citations), after]) if citations else Html("")


def assumption(name: str) -> Html:
    """The name of an assumption, linked to where it is explained."""
    quantity = name.partition(" seen by ")[0]
    return tag("a", words(name), href=f"#quantity-{quantity}")


def quoted(said: Content) -> Html:
    """Something in quotation marks."""
    return join(["“", said, "”"])


def asks_chance(text: str) -> bool:
    """Whether a question, such as `P(outcome is war)`, is answered by a probability."""
    from detente.language.expressions import Ask
    from detente.language.parsing import parse

    expression = parse(text)
    return isinstance(expression, Ask) and expression.what == "P"


def verdict_chip(verdict: Verdict) -> Html:
    """The verdict as a small badge."""
    return tag("span", verdict.words, class_=f"chip {VERDICTS.get(verdict.words, 'k3')}")
