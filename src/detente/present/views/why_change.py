"""How it is shown why one forecast is above another."""

from __future__ import annotations

from dataclasses import replace

from rich.markup import escape

from detente.analyse.counterfactual import attribution
from detente.analyse.counterfactual.why_change import WhyChange
from detente.analyse.finding import Finding
from detente.present.figures.counterfactual.attribution import path_picture, reason_picture
from detente.present.html.markup import Content, say
from detente.present.terminal.console import console
from detente.present.terminal.tables import notes, plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.changes import level, moves_said, part_name, reason_said, shift, told_apart
from detente.present.wording.names import asked, certified, key_of
from detente.present.wording.numbers import UNNOTICED, beside_effect, counted, percent, points, words

SHOWN = 6  # outcomes


def text(found: WhyChange, shown: Shown) -> None:
    """What `detente why-change` prints."""
    of = found.of
    console.print(f"\n[bold]{escape(_title(found))}[/bold]\n", soft_wrap=True)
    sides = f"{level(found, of.before)} → {level(found, of.after)}"
    moved = f"[bold]{shift(found, of.effect)}[/bold] [dim](95%: {_ends(found)})[/dim]"
    console.print(f"{escape(asked(of.name))}: {sides}, {moved}", soft_wrap=True)
    if of.unjudged:
        console.print(f"[dim]{counted(of.unjudged, 'draw')} in which it is undefined are left out[/dim]")
    table = plain_table("", *found.sides, "difference")
    for name, d in sorted(found.outcomes.items(), key=lambda item: -abs(item[1].effect.value))[:SHOWN]:
        both = [beside_effect(f.value, d.effect.error) for f in (d.before, d.after)]
        table.add_row(escape(words(name)), *both, f"{points(d.effect.value, d.effect.error)} pt")
    console.print()
    console.print(table)
    parts, rest, others = told_apart(found)
    comes = "[bold]Where it comes from, in the order of play[/bold]" if parts else "Nothing contributes to it."
    console.print(f"\n{comes}")
    for p in parts:
        console.print(f"{shift(found, p.effect):>9}  {escape(part_name(shown.model, p))}", soft_wrap=True)
        if p.moves:
            console.print(f"[dim]{'':11}{escape(moves_said(p))}[/dim]", soft_wrap=True)
        if p.name in found.forced:
            console.print(f"{'':11}[dim]made by the change itself[/dim]")
        elif p.reason:
            console.print(f"{'':11}{escape(reason_said(p.reason))}", soft_wrap=True)
            console.print(f"{'':11}[dim]{escape(words(p.reason.where))}[/dim]", soft_wrap=True)
    if others:
        console.print(f"{shift(found, _summed(found, rest)):>9}  {counted(others, 'other part')} together")
    notes(found.notes)
    console.print(
        "\n[dim]The parts sum to the difference (Shapley's value of each step of play). A decision that contributes "
        "nothing by itself may be why others changed: they expect it. Gaps and payoff terms as the actor sees them. "
        f"{counted(found.draws, 'paired draw')}; {percent(found.converged)} of all draws converged.[/dim]"
    )


def _title(found: WhyChange) -> str:
    x = found.of.effect.value
    way = "rises" if x > UNNOTICED else "falls" if x < -UNNOTICED else "stays"
    return f"Why {asked(found.of.name)} {way}: {words(found.change)}"


def _ends(found: WhyChange) -> str:
    f = found.of.effect
    return " to ".join(shift(found, replace(f, value=v)) for v in (f.low, f.high))


def _summed(found: WhyChange, value: float) -> Finding:
    return replace(found.of.effect, value=value)


def page(found: WhyChange, shown: Shown) -> Answer:
    """Why one forecast is above another: the path of changed behaviour, and the payoff terms behind it."""
    parts, _, _ = told_apart(found)
    of = found.of
    said: list[Content] = [
        say(
            "{what}: from {before} to {after}, {shift} (95% of the mean: {ends}).",
            what=asked(of.name),
            before=level(found, of.before),
            after=level(found, of.after),
            shift=shift(found, of.effect),
            ends=_ends(found),
        )
    ]
    top = sorted(parts, key=lambda p: -abs(p.effect.value))[:2]
    for p in top:
        why = f"; {reason_said(p.reason)}" if p.reason and p.name not in found.forced else ""
        said.append(f"{part_name(shown.model, p)} contributes {shift(found, p.effect)}: {moves_said(p)}{why}.")
    pictures = [path_picture(shown.model, found, certified(found.converged))]
    pictures += [
        reason_picture(shown.model, p, found) for p in top if p.reason and p.name not in found.forced and p.reason.terms
    ]
    key = key_of("why-change", found.of.name, found.change)
    return Answer(key, _title(found), said, pictures, found.notes, attribution.REFERENCES)


view(WhyChange, text=text, page=page, converged=lambda found: found.converged)
