"""How tipping points are shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.markup import escape

from detente.analyse.thresholds.tipping import REFERENCE as MAPPING
from detente.analyse.thresholds.tipping import Tip, Tipping
from detente.model.schema import Model
from detente.present.figures.thresholds.tipping import draws_said, ends_said, tip_said, tipping_picture
from detente.present.html.markup import Content, say, tag
from detente.present.terminal.console import console
from detente.present.terminal.tables import named, plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.answer import THE_ANSWER, change, in_words, level
from detente.present.wording.names import amount, assumed, away, key_of, telling
from detente.present.wording.numbers import counted, number, percent, words


def text(found: Tipping, shown: Shown) -> None:
    """What `detente tip CASE Q` prints."""
    low, high = number(float(found.grid[0])), number(float(found.grid[-1]))
    console.print(f"\n{named(shown.model, found.quantity)}, from {low} to {high} (median {number(found.centre)})\n")
    if found.change:
        event, told = in_words(shown.model), change(shown.model, found.change)
        console.print(f"[bold]{escape(event)}[/bold], from {low} to {high}: {escape(told)}\n", soft_wrap=True)
    names = [*[THE_ANSWER] * bool(found.answer), *telling(shown.model, found.outcomes)]
    for start in range(0, len(names), SHOWN):
        _curves(shown.model, found, names[start : start + SHOWN], last=start + SHOWN >= len(names))
    if lost := [x for x, f in zip(found.grid, next(iter(found.outcomes.values())), strict=True) if not f.draws]:
        where = ", ".join(number(float(x)) for x in lost)
        console.print(f"\nAt {escape(assumed(found.quantity))} = {where} the model is not a number in any draw.")
    moving = {name: [f.value for f in curve] for name, curve in found.claims.items()}
    moving = {name: v for name, v in moving.items() if np.ptp(np.nan_to_num(v)) >= FEWEST}
    if moving:
        console.print()
        table = plain_table("claim holds in", f"at {low}", f"at {high}", title="claims that move", fold=True)
        for name, v in sorted(moving.items(), key=lambda item: -np.ptp(np.nan_to_num(item[1]))):
            table.add_row(escape(words(name)), percent(v[0]), percent(v[-1]))
        console.print(table)
    console.print()
    if not found.tips:
        console.print("At the median draw nothing changes in this range: no most likely outcome, no move, no claim.")
    else:
        console.print("At the median draw, all else at its median:")
        for t in found.tips:
            console.print(f"  {_tip(found.quantity, t)}", soft_wrap=True)
    if found.asides:
        console.print("\nNot at the median draw, but in many others:")
        for a in found.asides:
            console.print(
                f"  {escape(words(a.what))} changes from {escape(words(a.before))} to "
                f"[bold]{escape(words(a.after))}[/bold] in "
                f"{percent(a.draws / found.draws)} of draws",
                soft_wrap=True,
            )
    console.print(
        f"\n[dim]{counted(found.draws, 'paired draw')} at each of {len(found.grid)} points; "
        f"{percent(found.converged)} of all draws converged.[/dim]"
    )


def _curves(model: Model, found: Tipping, names: Sequence[str], last: bool) -> None:
    """The answer and some outcomes along the grid; with the last of them what is most likely at the medians."""
    more = ("most likely at the medians",) if last else ()
    table = plain_table(assumed(found.quantity), *map(words, names), *more, words=(len(names) + 1,), fold=True)
    for k in range(0, len(found.grid), 2 if len(found.grid) > 12 and found.scale != "values" else 1):
        cells = [
            level(model, found.answer[k]) if n == THE_ANSWER else percent(found.outcomes[n][k].value) for n in names
        ]
        likeliest = escape(words(found.likeliest[k]))
        table.add_row(number(float(found.grid[k])), *map(escape, cells), *((likeliest,) if last else ()))
    console.print(table)


def _tip(quantity: str, t: Tip) -> str:
    how = {"crosses": "", "jumps": f" at a jump of {percent(t.step)}", "between": ""}[t.how]
    place = f"{number(t.at.value)}" if t.how == "between" else f"{t.at.value:.6g}"
    ends = ends_said(t)
    place_ = ends if ends.startswith("at") else f"from {ends}"
    many = f"; {draws_said(t)}" + (f", 90% of them {place_}" if t.at.draws else "")
    many += f"; in {counted(t.lost, 'draw')} more the value could not be narrowed" if t.lost else ""
    score = f" ({away(t.score)})" if t.score == t.score else ""
    return (
        f"[bold]{escape(assumed(quantity))} = {place}[/bold]{score}: {escape(words(t.what))} changes from "
        f"{escape(words(t.before))} to [bold]{escape(words(t.after))}[/bold]{how}[dim]{many}[/dim]"
    )


SHOWN, FEWEST = 6, 0.005  # outcomes in a table; the range of a claim worth one
TOLD = 3  # things named in a sentence


def page(found: Tipping, shown: Shown) -> Answer:
    """How the answer changes with a quantity, and where it turns."""
    model = shown.model
    ends = " to ".join(amount(model, found.quantity, float(v)) for v in (found.grid[0], found.grid[-1]))
    start = f"{assumed(found.quantity)} from {ends} (median {amount(model, found.quantity, found.centre)})"
    nearest = sorted(found.tips, key=lambda t: abs(t.score) if t.score == t.score else 9.0)[:TOLD]
    turned = [
        f"{words(t.what)} from {words(t.before)} to {words(t.after)} {tip_said(model, found.quantity, t)}"
        for t in nearest
    ]
    what = (
        f" What changes nearest to the median: {'. '.join(turned)}."
        if turned
        else " Nothing changes at the median draw."
    )
    beside = [f"{words(a.what)} to {words(a.after)} ({percent(a.draws / found.draws)} of draws)" for a in found.asides]
    what += f" Not at the median draw, but in many draws: {'; '.join(beside[:TOLD])}." if beside else ""
    key = key_of("tip", found.quantity)
    title = f"Along {assumed(found.quantity)}"
    said: list[Content] = [start[0].upper() + start[1:] + "." + what]
    if found.change:
        told = change(model, found.change)
        said.insert(
            0,
            say(
                "{event}, {ends}: {told}.",
                event=tag("b", in_words(model)),
                ends=f"along {assumed(found.quantity)} from {ends}",
                told=told,
            ),
        )
    return Answer(key, title, said, [tipping_picture(model, found)], (), (MAPPING,))


view(Tipping, text=text, page=page, converged=lambda found: found.converged)
