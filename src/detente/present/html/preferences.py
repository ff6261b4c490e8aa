"""What private types are said to prefer, as a part of the page."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.forecast.preferences import Preference
from detente.present.html.markup import Content, Html, join, table, tag
from detente.present.html.numbers import chance
from detente.present.wording.numbers import counted, sentence, words
from detente.present.wording.preferences import misnamed


def preferences(found: Sequence[Preference]) -> Html:
    """The table, after a warning where a type does not mean what it says; nothing where no type says anything."""
    if not found:
        return Html("")
    weak = [tag("p", sentence(warned), class_="warning") for p in found if (warned := misnamed(p))]
    rows: list[list[Content]] = []
    for p in found:
        unjudged = f" ({counted(p.unjudged_draws, 'draw')} cannot be judged)" if p.unjudged_draws else ""
        asked = tag("code", p.prefers, class_="test")
        rows.append([words(f"{p.type} is {p.label}"), asked, [chance(p.share), unjudged]])
    caption = "What a private type is said to prefer, judged within it: everything is conditioned on the type."
    shown = table(caption, ["type", "it prefers", "holds in"], rows, (2,), class_="claims")
    return join([tag("h3", "Whether types mean what they say"), *weak, shown])
