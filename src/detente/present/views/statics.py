"""How comparative statics are shown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from detente.analyse.counterfactual import statics
from detente.analyse.counterfactual.statics import StaticResult
from detente.present.figures.counterfactual.statics import (
    effect_said,
    level_said,
    statics_picture,
    tally,
    unjudged_too,
    verdict,
)
from detente.present.terminal.console import console
from detente.present.view import Answer, Shown, view
from detente.present.wording.numbers import counted, percent, words

_MARKS = {
    "holds": "[green]holds[/green]",
    "holds on average only": "[yellow]holds on average only[/yellow]",
    "fails": "[red]fails[/red]",
    "cannot be judged": "[yellow]cannot be judged[/yellow]",
}


def text(results: Sequence[StaticResult], shown: Shown) -> None:
    """What `detente statics` prints."""
    model = shown.model
    for r in results:
        thread = f" [dim](mechanism: {escape(words(r.mechanism))})[/dim]" if r.mechanism else ""
        console.print(f"{_MARKS[verdict(r)]}  [bold]{escape(words(r.name))}[/bold]{thread}")
        console.print(f"       {escape(r.says)}", soft_wrap=True)
        if r.holds is None:
            number = f"a number in none of {counted(r.unjudged, 'draw')}"
            console.print(f"       [dim]{escape(words(r.change))}: {number}[/dim]", soft_wrap=True)
            continue
        effect, low, high = (effect_said(model, r, x) for x in (r.effect.value, r.effect.low, r.effect.high))
        console.print(
            f"       {level_said(model, r, r.before)} → {level_said(model, r, r.after)}: {effect} [dim](95%: {low} to "
            f"{high}; as expected in {percent(r.share)} of draws)[/dim]"
        )
        if r.unjudged:
            console.print(f"       [dim]{counted(r.unjudged, 'draw')} cannot be judged[/dim]")
        console.print(f"       [dim]{escape(words(r.change))}[/dim]", soft_wrap=True)
        if not r.holds:
            console.typed(f"       [dim]why: {escape(_why(r, shown))}[/dim]")
    draws = results[0].effect.draws + results[0].unjudged if results else 0
    console.print(f"\n{tally(results)} hold{unjudged_too(results)} ({counted(draws, 'paired draw')} each)")


def _why(result: StaticResult, shown: Shown) -> str:
    """The command that says why a static fails. What was set on the command line has to stand in a file for it."""
    if not shown.changed:
        return shown.command("why-change", "--static", result.name)
    return f"detente why-change FILE --static {result.name}, for a FILE that `extends:` this case with what was set"


def page(found: Sequence[StaticResult], shown: Shown) -> Answer:
    """The comparative statics of a model."""
    model = shown.model
    wrong = [words(r.name) for r in found if r.holds is False]
    judged = sum(r.holds is not None for r in found)
    said = f"{sum(r.holds is True for r in found)} of {judged:,} comparative statics hold"
    said += (f"; otherwise: {', '.join(wrong)}" if wrong else "") + unjudged_too(found) + "."
    pictures = [statics_picture(model, found)] if found else []
    return Answer("statics", "Comparative statics", [said], pictures, (), (f"Comparative statics: {statics.METHOD}",))


view(list[StaticResult], text=text, page=page, fails=lambda found: any(result.holds is not True for result in found))
