"""How local sensitivities are shown."""

from __future__ import annotations

from typing import Annotated

from rich.markup import escape

from detente.analyse.forecast.subject import PROBABILITY
from detente.analyse.sensitivity.local import Local, Pulls
from detente.model.schema import Model
from detente.present.figures.sensitivity.local import slopes_pictures, strongest
from detente.present.html.markup import Content, say
from detente.present.html.numbers import listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import TOP, named, notes, plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.names import assumed, key_of
from detente.present.wording.numbers import fixed, number, percent, signed, words


def text(found: Local, shown: Shown, *, top: Annotated[int, TOP] = 12) -> None:
    """What `detente gradients CASE` prints."""
    if len(found.answers) == 1:
        _one_local(shown.model, found.answers[0], top)
    else:
        _all_local(found)
    console.print(
        "\n[dim]Exact derivatives through the equilibrium. derivative: per unit; per sd: times the standard deviation "
        "of the assumption; per %: percent per percent (elasticity); at the median draw. mean: over the draws.[/dim]"
    )
    notes(found.notes)
    console.print(f"[dim]{found.draws:,} draws that were solved already, and the median draw.[/dim]")


def _change(kind: str, x: float) -> str:
    """A change of an answer: of a probability in points."""
    if x != x:
        return "not defined"
    shown = 100 * x if kind == PROBABILITY else x
    return (signed(shown, digits=2) if abs(shown) >= 1e-3 else "0") + (" pt" if kind == PROBABILITY else "")


def _one_local(model: Model, answer: Pulls, top: int) -> None:
    console.print(f"\nWhat a small change does to [bold]{escape(words(answer.words))}[/bold]")
    level = percent if answer.kind == PROBABILITY else number
    console.print(f"at the median draw {level(answer.centre)}, on average {level(answer.value.value)}\n")
    table = plain_table("assumption", "derivative", "per sd", "per %", "mean", "90% of draws")
    felt = [p for p in answer.pulls if max(abs(p.per_sd), abs(p.mean.value * p.spread)) > 1e-9]
    shown = felt[:top]
    for p in shown:
        low, high = (_change(answer.kind, x * p.spread) for x in (p.mean.low, p.mean.high))
        cells = [number(p.slope), _change(answer.kind, p.per_sd)]
        cells += ["" if p.elasticity != p.elasticity else fixed(p.elasticity, 2, sign=True)]
        cells += [_change(answer.kind, p.mean.value * p.spread), f"{low.removesuffix(' pt')} to {high}"]
        table.add_row(named(model, p.name), *cells)
    console.print(table)
    if len(felt) > len(shown):
        console.print(f"[dim]{len(felt) - len(shown)} more with --top {len(felt)}[/dim]")
    if answer.without:
        console.print(f"[dim]{answer.without:,} draws have no derivative, or no value, and are left out.[/dim]")


def _all_local(found: Local) -> None:
    console.print("\nWhat a small change does, per sd of the three strongest assumptions at the median draw\n")
    table = plain_table("answer", "at the median draw", "moved by", words=(0, 2))
    for answer in found.answers:
        level = percent if answer.kind == PROBABILITY else number
        first = sorted((p for p in answer.pulls if abs(p.per_sd) > 1e-9), key=lambda p: -abs(p.per_sd))[:3]
        said = ", ".join(f"{escape(assumed(p.name))} {_change(answer.kind, p.per_sd)}" for p in first)
        table.add_row(f"[bold]{escape(words(answer.name))}[/bold]", level(answer.centre), said or "nothing")
    console.print(table)


TOLD = 3  # things named in a sentence


def page(found: Local, shown: Shown) -> Answer:
    model = shown.model
    """What a small change of each assumption does to an answer, or to several."""
    each = [(a, strongest(a, TOLD if len(found.answers) == 1 else 1)) for a in found.answers]
    moved_by = [
        (f"{words(a.name)} by " if len(found.answers) > 1 else "") + ", ".join(names) for a, names in each if names
    ]
    said: Content = "At the median draw a small change of any assumption moves nothing."
    if moved_by:
        said = say("One standard deviation up, by the derivative at the median draw: {each}.", each=listed(moved_by))
    of = found.answers[0].words if len(found.answers) == 1 else "each outcome" if found.of == "outcome" else found.of
    title = f"What a small change does to {words(of)}"
    return Answer(key_of("slopes", found.of), title, [said], slopes_pictures(model, found), found.notes,
                  found.references)  # fmt: skip


view(Local, text=text, page=page)
