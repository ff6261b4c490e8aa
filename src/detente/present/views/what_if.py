"""How the effects of changes are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.markup import escape

from detente.analyse.counterfactual import whatif
from detente.analyse.counterfactual.whatif import Difference, Step, WhatIf
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import (
    answers,
    led,
    moved,
    ranked,
    shift_picture,
    waterfall_picture,
)
from detente.present.html.markup import say, tag
from detente.present.html.numbers import listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import glossary, notes, plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.answer import change, groups_told, in_words
from detente.present.wording.names import certified
from detente.present.wording.numbers import beside_effect, counted, percent, points, prose, words

SHOWN = 6
TOLD = 3
FEWEST = 0.005  # a difference in the share of a claim worth a line


def text(found: WhatIf, shown: Shown) -> None:
    """What `detente what-if` prints."""
    model = shown.model
    console.print(f"\n[bold]{escape(words(found.whole.change))}[/bold]\n", soft_wrap=True)
    _answer(model, found.whole)
    _step(model, found.whole, found.sides)
    if len(found.steps) > 1:
        _steps(model, found)
    if found.notes:
        console.print()
    notes(found.notes)
    console.print(
        f"\n[dim]{counted(found.draws, 'paired draw')}; {percent(found.converged)} of all draws converged.[/dim]"
    )


def _answer(model: Model, step: Step) -> None:
    """The answer to the case's question, before and after, and the groups of outcomes."""
    if step.answer is None:
        return
    console.print(f"[bold]{escape(in_words(model))}[/bold]: {escape(change(model, step.answer))}", soft_wrap=True)
    for name in groups_told(model, step.groups):
        d = step.groups[name]
        sides = " → ".join(beside_effect(f.value, d.effect.error / 4) for f in (d.before, d.after))
        console.print(f"[dim]{escape(words(name))}: {sides}, {moved(d)}[/dim]")
    console.print()


def _step(model: Model, step: Step, sides: tuple[str, str]) -> None:
    """Every outcome, and below them the claims that move; then what they are."""
    told = ranked(step.outcomes)
    _table(step.outcomes, told, sides, "")
    claims = [
        n for n in ranked(step.claims)
        if abs(step.claims[n].effect.value) >= FEWEST or step.claims[n].before.draws != step.claims[n].after.draws
    ]  # fmt: skip
    if claims:
        console.print()
        _table(step.claims, claims, sides, "claims that move, in percent of draws")
    glossary(model, [*told, *claims])


def _table(parts: Mapping[str, Difference], names: Sequence[str], sides: tuple[str, str], title: str) -> None:
    heads = ["", *sides, "difference", "95% of the mean", *(["90% of draws"] if not title else [])]
    table = plain_table(*heads, title=title or None, fold=True)
    for name in names:
        table.add_row(f"[bold]{escape(words(name))}[/bold]", *_cells(parts[name])[: len(heads) - 1])
    console.print(table)


def _steps(model: Model, found: WhatIf) -> None:
    """What each change adds: to the answer, the outcomes it is about and those that move most."""
    console.print("\nOne after another:")
    parts = {step.change: answers(model, step) | dict(step.outcomes) for step in (*found.steps, found.whole)}
    names = led(model, found)
    names += [n for n in ranked(found.whole.outcomes) if n not in names][: max(SHOWN - len(names), 0)]
    table = plain_table("change", *map(words, names), fold=True)
    for step in (*found.steps, found.whole):
        label = "all together" if step is found.whole else step.change
        table.add_row(escape(words(label)), *(moved(parts[step.change][name]) for name in names))
    console.print(table)


def _cells(d: Difference) -> list[str]:
    if not d.effect.draws:
        return [*(percent(f.value, f.error) for f in (d.before, d.after)), "", "", ""]
    levels = [beside_effect(f.value, d.effect.error) for f in (d.before, d.after)]
    fine = d.effect.error / 4
    both = [f"{points(f.low, fine)} to {points(f.high, fine)}" for f in (d.effect, d.spread)]
    return [*levels, moved(d), *both]


def page(found: WhatIf, shown: Shown) -> Answer:
    """What changes do to the answer, the outcomes and claims."""
    model, judged = shown.model, " " + certified(found.converged)
    pictures = [shift_picture(model, found.whole, found.draws, found.sides, judged)]
    if len(found.steps) > 1:
        pictures = [waterfall_picture(model, found, judged), *pictures]
    first = [n for n in ranked(found.whole.outcomes) if found.whole.outcomes[n].effect.draws][:TOLD]
    each = [f"{words(n)} {moved(found.whole.outcomes[n])}" for n in first]
    what = f"With {listed(prose(found.whole.change).split(' and '))}"
    said = [say("{what}: {each}, mean differences in points of a hundred (pt).", what=what, each=listed(each))]
    if answer := found.whole.answer:
        said = [
            say("{what}: {event}, {change}.", what=what, event=tag("b", in_words(model)), change=change(model, answer)),
            say("Of the outcomes move most {each}; in points of a hundred (pt).", each=listed(each)),
        ]
    return Answer("what-if", "What if", said, pictures, [words(n) for n in found.notes], (whatif.REFERENCE,))


view(WhatIf, text=text, page=page, converged=lambda found: found.converged)
