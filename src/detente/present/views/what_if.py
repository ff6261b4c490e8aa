"""How the effects of changes, and differences of models, are shown."""

from __future__ import annotations

import numpy as np
from rich.markup import escape

from detente.analyse.counterfactual import whatif
from detente.analyse.counterfactual.whatif import Difference, Step, WhatIf
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import moved, ranked, shift_picture, waterfall_picture
from detente.present.html.markup import say
from detente.present.html.numbers import listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import named, plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.names import certified
from detente.present.wording.numbers import beside_effect, counted, percent, points, prose, words

PLAIN = ("before", "after")
SHOWN = 6
TOLD = 3
FEWEST = 0.005  # a difference in the share of a claim worth a line


def text(found: WhatIf, shown: Shown) -> None:
    """What `detente what-if` and `detente compare` print."""
    title = " against ".join(found.sides) if found.sides != PLAIN else found.whole.change
    console.print(f"\n[bold]{escape(words(title))}[/bold]\n")
    _step(shown.model, found.whole)
    if len(found.steps) > 1:
        console.print("\nOne after another:")
        names = sorted(found.whole.outcomes, key=lambda name: -abs(found.whole.outcomes[name].effect.value))[:SHOWN]
        table = plain_table("change", *map(words, names), fold=True)
        for step in (*found.steps, found.whole):
            label = "all together" if step is found.whole else step.change
            table.add_row(
                escape(words(label)),
                *(_points(step.outcomes[name].effect.value, step.outcomes[name].effect.error) for name in names),
            )
        console.print(table)
    for note in found.notes:
        console.print(f"[dim]{escape(words(note))}[/dim]", soft_wrap=True)
    console.print(
        f"\n[dim]{counted(found.draws, 'paired draw')}; {percent(found.converged)} of all draws converged.[/dim]"
    )


def _points(x: float, error: float) -> str:
    """A difference of probabilities in points of a hundred, no finer than its error."""
    return "not defined" if x != x else f"{points(x, error)} pt"


def _step(model: Model, step: Step) -> None:
    table = plain_table("", "before", "after", "difference", "95% of the mean", "90% of draws", fold=True)
    for name, d in sorted(step.outcomes.items(), key=lambda item: -abs(item[1].effect.value)):
        table.add_row(named(model, name), *_cells(d))
    claims = [
        (n, d) for n, d in step.claims.items() if abs(d.effect.value) >= FEWEST or d.before.draws != d.after.draws
    ]
    if claims:
        table.add_row("[dim]claims that move[/dim]")
    for name, d in sorted(claims, key=lambda item: -abs(np.nan_to_num(item[1].effect.value, nan=2.0))):
        table.add_row(named(model, name, "not bold"), *_cells(d)[:4])
    console.print(table)


def _cells(d: Difference) -> list[str]:
    levels = [beside_effect(f.value, d.effect.error) for f in (d.before, d.after)]
    if not d.effect.draws:
        return [*levels, "", "", ""]
    fine = d.effect.error
    both = [f"{points(f.low, fine)} to {points(f.high, fine)} pt" for f in (d.effect, d.spread)]
    return [*levels, _points(d.effect.value, fine), *both]


def page(found: WhatIf, shown: Shown) -> Answer:
    """What changes do to the outcomes and claims; or what another model says."""
    model, judged = shown.model, " " + certified(found.converged)
    pictures = [shift_picture(model, found.whole, found.draws, found.sides, judged)]
    if len(found.steps) > 1:
        pictures = [waterfall_picture(model, found, judged), *pictures]
    first = [n for n in ranked(found.whole.outcomes) if found.whole.outcomes[n].effect.draws][:TOLD]
    each = [f"{words(n)} {moved(found.whole.outcomes[n])}" for n in first]
    one, other = found.sides
    compared = found.sides != PLAIN
    what = f"{other} beside {one}" if compared else f"With {listed(prose(found.whole.change).split(' and '))}"
    said = say("{what}: {each}, mean differences in points of a hundred (pt).", what=what, each=listed(each))
    key, title = ("compare", "Two models side by side") if compared else ("what-if", "What if")
    return Answer(key, title, [said], pictures, [words(n) for n in found.notes], (whatif.REFERENCE,))


view(WhatIf, text=text, page=page, converged=lambda found: found.converged)
