"""How ablations are shown."""

from __future__ import annotations

from rich.markup import escape

from detente.analyse.counterfactual import whatif
from detente.analyse.counterfactual.knockout import Ablation, Ablations
from detente.present.figures.counterfactual.knockout import ablation_picture, first_answer, turned
from detente.present.figures.counterfactual.shifts import moved, ranked
from detente.present.html.markup import Content, say, tag
from detente.present.html.numbers import listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import named
from detente.present.view import Answer, Shown, view
from detente.present.wording.answer import change, in_words, level, moved_to
from detente.present.wording.mechanisms import torn
from detente.present.wording.numbers import counted, percent, prose, words

TOLD = 3


def text(found: Ablations, shown: Shown) -> None:
    """What `detente ablate` prints."""
    if answer := first_answer(found):
        said = f"{in_words(shown.model)}: {level(shown.model, answer.before)}"
        console.print(f"\n[bold]{escape(said)}[/bold] with every mechanism\n", soft_wrap=True)
    for a in found.mechanisms:
        cited = f" [dim]({escape(words(a.source))})[/dim]" if a.source else ""
        what = f"[bold]{escape(words(a.mechanism))}[/bold]"
        if a.effect is None:
            console.print(f"   -   {what}{cited}: cannot be switched off")
            continue
        console.print(f"{percent(a.shift):>5}  {what} off{cited}")
        if a.effect.answer:
            console.print(f"       the answer: {escape(change(shown.model, a.effect.answer))}", soft_wrap=True)
        most = ranked(a.effect.outcomes)[0]
        console.print(f"       most moved: {escape(words(most))} {moved(a.effect.outcomes[most])}")
        if a.turned:
            console.print(f"       claims flipped: {escape(', '.join(turned(a)))}", soft_wrap=True)
        if a.lost:
            lost = ", ".join(map(words, a.lost))
            console.print(f"       [dim]not to be judged: {escape(lost)}[/dim]", soft_wrap=True)
    for a in found.mechanisms:
        console.print(f"\n{named(shown.model, a.mechanism)}", soft_wrap=True)
        for off in a.off:
            console.print(f"  off:  {escape(prose(off))}", soft_wrap=True)
        for kept in a.kept:
            console.print(f"  [yellow]kept: {escape(prose(kept))}[/yellow]", soft_wrap=True)
        if a.both_ways:
            console.print(f"  [yellow]note: {escape(torn(a.both_ways))}[/yellow]", soft_wrap=True)
    console.print(
        "\n[dim]shift: half the sum of the absolute changes of the mean probabilities of the outcomes. "
        f"{counted(found.draws, 'paired draw')}; {_converged(found)}[/dim]"
    )


def _converged(found: Ablations) -> str:
    """What the certificate says of them."""
    if found.converged == 1:
        return "all of them converged, with and without each."
    return f"at least {percent(found.converged)} of them converged in each."


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
            turned=f", {counted(len(a.turned), 'claim')} flipped" if a.turned else "",
        )
        for a in made[:TOLD]
    ]
    said: Content = "No mechanism of this model can be switched off."
    if made:
        said = say("What does the work: without it the forecast shifts most for {parts}.", parts=listed(parts))
    first = first_answer(found)
    answers: list[Content] = []
    if first:
        without = [
            say("{what} {to}", what=tag("b", words(a.mechanism)), to=moved_to(model, a.effect.answer))
            for a in sorted(made, key=_by_answer, reverse=True)
            if a.effect and a.effect.answer
        ]
        answers.append(
            say(
                "{event}: {level} as the model is; without {parts}.",
                event=tag("b", in_words(model)),
                level=level(model, first.before),
                parts=listed(without[:TOLD]),
            )
        )
    warned = [
        say("{what}: {torn}", what=tag("b", words(a.mechanism)), torn=torn(a.both_ways))
        for a in found.mechanisms
        if a.both_ways
    ]
    pictures = [ablation_picture(model, found)]
    return Answer(
        "ablate", "Which mechanism does the work", [*answers, said, *warned], pictures, (), (whatif.REFERENCE,)
    )


def _by_answer(a: Ablation) -> float:
    """How far the answer moves without a mechanism."""
    answer = a.effect.answer if a.effect else None
    return abs(answer.effect.value) if answer and answer.effect.draws else -1.0


view(Ablations, text=text, page=page, converged=lambda found: found.converged)
