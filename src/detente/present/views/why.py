"""How reasons are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.markup import escape

from detente.analyse.forecast.why import METHOD as TERMS
from detente.analyse.forecast.why import Why
from detente.present.figures.drawing.svg import Picture
from detente.present.figures.forecast.contrasts import why_picture
from detente.present.html.markup import Content
from detente.present.terminal.console import console
from detente.present.terminal.study import certificate
from detente.present.terminal.tables import Plain
from detente.present.view import Answer, Shown, view
from detente.present.wording.names import certified_of
from detente.present.wording.numbers import UNNOTICED, fixed, percent, signed, words
from detente.study.study import Study


def text(reasons: Sequence[Why], shown: Shown) -> None:
    """What `detente why` prints."""
    study = shown.solved
    for r in reasons:
        move, against = (escape(words(name)) for name in (r.move, r.against))
        console.print(f"\n[bold]{escape(words(r.where))}[/bold]", soft_wrap=True)
        console.print(f"  [dim]{_place(r)} at this stage, reached in {percent(r.reached.value)} of play[/dim]")
        better = "better" if r.gap.value >= 0 else "worse"
        if max(abs(r.gap.value), abs(r.gap.low), abs(r.gap.high)) < UNNOTICED:
            console.print(f"  {move} ({percent(r.probability.value)}) and {against} are worth the same there")
            continue
        console.print(
            f"  {move} ({percent(r.probability.value)}) is {better} than {against} by "
            f"{signed(abs(r.gap.value)).removeprefix('+')} stakes "
            f"[dim](90% of draws: {signed(r.gap.low)} to {signed(r.gap.high)})[/dim]",
            soft_wrap=True,
        )
        widest = max((abs(t.value) for t in r.terms.values()), default=1.0) or 1.0
        table = Plain(heads=False)
        for name, term in sorted(r.terms.items(), key=lambda item: -abs(item[1].value)):
            if max(abs(term.value), abs(term.high), abs(term.low)) < UNNOTICED:
                continue
            bar = ("[green]" if term.value > 0 else "[red]") + "█" * round(16 * abs(term.value) / widest) + "[/]"
            table.add_row(
                "    ",
                escape(words(name)),
                fixed(term.value, 3, sign=True),
                f"[dim]{signed(term.low)} to {signed(term.high)}[/dim]",
                bar,
            )
        console.print(table)
    if any(r.situations > 1 for r in reasons) and all(r.rank == 1 for r in reasons):
        console.print("\n[dim]Other situations: --all, or --period N, --given CONDITION.[/dim]")
    console.print()
    certificate(study)


def _place(r: Why) -> str:
    return f"{r.rank} of {r.situations:,} situations" if r.situations > 1 else "the only situation"


def page(found: Sequence[Why], shown: Shown) -> Answer:
    """The payoff terms that make one move better than another."""
    study = shown.solved
    said: list[Content] = [
        "The terms of the payoff, as the actor sees things; the bars of a picture sum to its last one. A move that is "
        f"better by a gap g is made exp(λ g) times as often, at precision λ.{certified_of(study)}"
    ]
    return Answer(
        "why", "Why they act as they do", said, [_reasons(study, w) for w in found], (), (f"Reasons: {TERMS}",)
    )


def _reasons(study: Study, w: Why) -> Picture:
    """The reasons in one situation, under its full name: there may be several at a stage."""
    drawn = why_picture(study, w)
    coming = percent(w.reached.value, w.reached.error)
    return replace(drawn, title=words(w.where), reading=f"Reached in {coming} of play; {drawn.reading}")


view(list[Why], text=text, page=page)
