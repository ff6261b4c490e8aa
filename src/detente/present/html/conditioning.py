"""Claims that condition on a choice, beside the same with the choice forced, as a table of the page."""

from __future__ import annotations

from collections.abc import Mapping

from detente.analyse.forecast.conditioning import Conditioned
from detente.present.html.markup import Content, Html, join, table, tag
from detente.present.wording.conditioning import judged_both_ways, mean, turned
from detente.present.wording.numbers import counted, words


def conditioned(found: Mapping[str, Conditioned]) -> Html:
    """The table, or nothing where no claim conditions on a choice."""
    if not found:
        return Html("")
    draws = counted(max(c.plain.draws for c in found.values()), "draw")
    said = (
        "These claims condition on a choice: they look at the histories in which it was made, and whoever makes it may "
        "be of another kind, or know something. What the choice itself changes is another question, do(): the move is "
        f"forced, as everybody knows, and the game is solved again in the same draws ({draws})."
    )
    rows: list[list[Content]] = []
    for name, c in found.items():
        both = judged_both_ways(c)
        head = join([tag("b", words(name)), ": ", tag("strong", both) if turned(c) else both])
        for k, side in enumerate(c.contrasts):
            asked = join(
                [
                    head if k == 0 else "",
                    tag("code", side.conditioned, class_="test"),
                    tag("code", side.forced, class_="test"),
                ]
            )
            rows.append([asked, mean(side.conditioned, side.given), mean(side.conditioned, side.done)])
        if not c.contrasts:
            rows.append([head, "", ""])
    other = [
        tag("p", f"“{words(name)}” {judged_both_ways(c)}.", class_="warning") for name, c in found.items() if turned(c)
    ]
    caption = "What is conditioned on, and what is forced instead: mean over the draws."
    return join(
        [
            tag("h3", "Conditioning, and causing"),
            tag("p", said),
            *other,
            table(caption, ["claim and questions", "conditioning", "do()"], rows, (1, 2), class_="claims"),
        ]
    )
