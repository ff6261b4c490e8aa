"""How breaking points are shown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.padding import Padding

from detente.analyse.thresholds.breaking import REFERENCE as NEAREST
from detente.analyse.thresholds.breaking import Breaking
from detente.present.figures.thresholds.breaking import (
    beside_said,
    breaking_picture,
    distances_picture,
    nearness,
    switches_said,
)
from detente.present.html.markup import Content, say, tag
from detente.present.html.numbers import listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import named, plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.claims import smaller
from detente.present.wording.names import amount, assumed, deviations, means
from detente.present.wording.numbers import number, words

SHOWN, FEWEST = 6, 0.005
INDENT = 2


def text(found: Sequence[Breaking], shown: Shown) -> None:
    """What `detente breaking CASE` prints."""
    console.print("\nWhat it would take to flip each claim, from the median draw (all assumptions at their medians):")
    for b in found:
        now = {True: "holds", False: "fails", None: "cannot be judged"}[b.holds]
        what = means(shown.model, b.claim)
        said = f" [dim]({escape(what)})[/dim]" if what else ""
        there = f"\n[bold]{escape(words(b.claim))}[/bold]{said} {now} there"
        if b.holds is None:
            console.print(f"{there}: {escape(b.searched)}.", soft_wrap=True)
            continue
        if b.switches:
            there += f"; [bold]{escape(switches_said(b))}[/bold] flips it alone"
        if b.distance.value != b.distance.value:
            none = "no change of the others does" if b.switches else "nothing flips it"
            console.print(f"{there}; {none} ({escape(b.searched)}).", soft_wrap=True)
        else:
            far = f"[bold]{b.distance.value:.2f} prior sd[/bold]"
            console.print(f"{there}; the smallest joint change that flips it is {far}:")
            table = plain_table("assumption", "median", "to", "prior sd", "share", fold=True)
            for c in b.changes[:SHOWN]:
                cells = (number(c.median), number(c.value), deviations(c.score), f"{c.share:.0%}")
                table.add_row(named(shown.model, c.name), *cells)
            console.print(Padding(table, (0, 0, 0, INDENT)))
        if b.beside:
            console.print(f"  less is enough {escape(beside_said(b))}", soft_wrap=True)
        if b.singles:
            alone = "; ".join(
                f"{escape(assumed(s.change.name))} = {number(s.change.value)} ({deviations(s.change.score)} sd)"
                for s in b.singles[:3]
            )
            console.print(f"  alone: {alone}", soft_wrap=True)
        elif b.distance.value == b.distance.value:
            console.print("  no single assumption flips it alone within 4 prior sd")


TOLD = 3  # things named in a sentence


def page(found: Sequence[Breaking], shown: Shown) -> Answer:
    """The breaking point of each claim; of several also how near each is to turning."""
    model = shown.model
    pictures = [breaking_picture(model, b) for b in found if b.changes or b.singles]
    if len(found) > 1:
        pictures = [distances_picture(model, found), *pictures]
    near = [b for b in found if b.distance.value == b.distance.value]
    said: list[Content] = [
        f"“{words(b.claim)}” {'holds' if b.holds else 'fails'}; the choice {switches_said(b)} flips it alone."
        for b in found
        if b.switches
    ]
    if near:
        b = min(near, key=nearness)
        parts = [f"{assumed(c.name)} {amount(model, c.name, c.value)}" for c in b.changes[:TOLD]]
        said.append(say(
            "With every assumption at its median, “{claim}”{what} {holds}; the smallest joint change that flips it is "
            "{d} prior standard deviations: {parts}{more}{less}.",
            claim=words(b.claim), what=f" ({means(model, b.claim)})" if means(model, b.claim) else "",
            holds="holds" if b.holds else "fails", d=tag("b", f"{b.distance.value:.2f}"), parts=listed(parts),
            more=smaller(b.changes, TOLD), less=f". Less is enough {beside_said(b)}" if b.beside else "",
        ))  # fmt: skip
    for b in found:
        if b.holds is None:
            said.append(f"“{words(b.claim)}”: {b.searched}.")
        elif b not in near and not b.switches:
            said.append(f"“{words(b.claim)}” {'holds' if b.holds else 'fails'}; nothing flips it ({b.searched}).")
    return Answer("breaking", "What would flip it", said, pictures, (), (NEAREST,))


view(list[Breaking], text=text, page=page)
