"""How the tree of a crisis is shown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.tree import Tree as Drawn

from detente.analyse.forecast.playtree import Branch, PlayTree
from detente.present.figures.forecast.course import course
from detente.present.html.markup import Content, table
from detente.present.terminal.console import console
from detente.present.view import Answer, Shown, view
from detente.present.wording.numbers import counted, number, percent, words

MOST = 40  # information sets in the table of a page


def text(found: PlayTree, shown: Shown) -> None:
    """What `detente tree` prints."""
    console.print(
        f"{counted(found.nodes, 'node')}, {counted(found.plays, 'play')}, "
        f"{counted(len(found.information_sets), 'information set')}, {counted(found.moves, 'move')}"
    )
    console.print(
        "[dim]After a step: how likely it is once play has come that far. After an outcome: how likely the whole path "
        f"to it is. Means of {counted(found.draws, 'draw')}.[/dim]\n"
    )
    root = Drawn(f"[bold]{escape(shown.model.title)}[/bold]")
    periods = shown.model.periods

    def grow(branches: Sequence[Branch], hidden: int, drawn: Drawn, before: int = 0) -> None:
        for b in branches:
            who = f"{b.actor} " if b.actor else ""
            when = f"[bold]{periods.named(b.period)}:[/bold] " if periods.steps > 1 and b.period != before else ""
            event, what = (escape(words(said)) for said in (who + b.event, b.what))
            label = f"{when}[dim]{event}[/dim] {what} [cyan]{percent(b.odds)}[/cyan]"
            if b.outcome:
                label += f" → [bold]{escape(words(b.outcome))}[/bold] [dim]{percent(b.reached)} of all play[/dim]"
            twig = drawn.add(label)
            grow(b.branches, b.hidden, twig, b.period)
            if b.more:
                twig.add("[dim]…[/dim]")
        if hidden:
            each = "" if hidden == 1 else "each "
            drawn.add(f"[dim]… {hidden} more, {each}in less than {number(100 * found.cut)}% of all play[/dim]")

    grow(found.branches, found.hidden, root)
    console.print(root)


def page(found: PlayTree, shown: Shown) -> Answer:
    """The course of events, and the information sets in a table."""
    study = shown.solved
    said = (
        f"The tree has {counted(found.nodes, 'node')}, {counted(found.plays, 'play')} and "
        f"{counted(len(found.information_sets), 'information set')}."
    )
    rows: list[list[Content]] = [
        [
            words(s.actor),
            words(s.name),
            percent(s.reached),
            ", ".join(f"{words(m)} {percent(p)}" for m, p in s.moves.items()),
        ]
        for s in sorted(found.information_sets, key=lambda s: -s.reached)[:MOST]
    ]
    caption = f"Where decisions are made: the {len(rows)} information sets that are reached most often."
    sets = table(caption, ["actor", "situation", "reached", "moves"], rows, (2,))
    return Answer("tree", "The tree, and how play flows through it", [said], [course(study)], (), (), sets)


view(PlayTree, text=text, page=page)
