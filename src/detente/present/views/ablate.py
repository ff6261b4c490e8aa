"""How knock-outs are shown."""

from __future__ import annotations

from rich.markup import escape

from detente.analyse.counterfactual import whatif
from detente.analyse.counterfactual.knockout import Ablations
from detente.present.figures.counterfactual.knockout import ablation_picture
from detente.present.html.markup import Content, say, tag
from detente.present.html.numbers import listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import named
from detente.present.view import Answer, Shown, view
from detente.present.wording.mechanisms import torn
from detente.present.wording.numbers import counted, percent, points, prose, words

TOLD = 3


def text(found: Ablations, shown: Shown) -> None:
    """What `detente ablate` prints."""
    for a in found.mechanisms:
        cited = f" [dim]({escape(words(a.source))})[/dim]" if a.source else ""
        what = f"[bold]{escape(words(a.mechanism))}[/bold]"
        if a.effect is None:
            console.print(f"   -   {what}{cited}: cannot be switched off")
            continue
        name, d = max(a.effect.outcomes.items(), key=lambda item: abs(item[1].effect.value))
        most = f"{escape(words(name))} {points(d.effect.value, d.effect.error)} pt"
        console.print(f"{percent(a.shift):>5}  {what} off{cited}: most moved {most}")
        if a.turned:
            console.print(f"       claims turned: {escape(', '.join(map(words, a.turned)))}", soft_wrap=True)
        if a.lost:
            console.print(
                f"       [dim]not to be judged: {escape(', '.join(map(words, a.lost)))}[/dim]", soft_wrap=True
            )
    for a in found.mechanisms:
        console.print(f"\n{named(shown.model, a.mechanism)}", soft_wrap=True)
        for off in a.off:
            console.print(f"  off:  {escape(prose(off))}", soft_wrap=True)
        for kept in a.kept:
            console.print(f"  [yellow]kept: {escape(prose(kept))}[/yellow]", soft_wrap=True)
        if a.both_ways:
            console.print(f"  [yellow]note: {escape(torn(a.both_ways))}[/yellow]", soft_wrap=True)
    console.print(
        "\n[dim]shift: half the sum of the absolute changes of the mean probabilities of the endings. "
        f"{counted(found.draws, 'paired draw')}; at least {percent(found.converged)} of them converged in each.[/dim]"
    )


def page(found: Ablations, shown: Shown) -> Answer:
    """Each mechanism switched off in turn."""
    model = shown.model
    made = [a for a in found.mechanisms if a.effect is not None]
    parts = [
        say(
            "{what}{cited} ({shift}{turned})",
            what=tag("b", words(a.mechanism)),
            cited=f", {words(a.source)}" if a.source else "",
            shift=percent(a.shift),
            turned=f", {counted(len(a.turned), 'claim')} turned" if a.turned else "",
        )
        for a in made[:TOLD]
    ]
    said: Content = "No mechanism of this model can be switched off."
    if made:
        said = say("What does the work: without it the forecast shifts most for {parts}.", parts=listed(parts))
    warned = [
        say("{what}: {torn}", what=tag("b", words(a.mechanism)), torn=torn(a.both_ways))
        for a in found.mechanisms
        if a.both_ways
    ]
    pictures = [ablation_picture(model, found)]
    return Answer("ablate", "Which mechanism does the work", [said, *warned], pictures, (), (whatif.REFERENCE,))


view(Ablations, text=text, page=page, converged=lambda found: found.converged)
