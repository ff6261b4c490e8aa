"""What several answers about a solved case say on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from detente.present.terminal.console import console
from detente.present.terminal.tables import Plain
from detente.present.wording.numbers import counted, percent, words
from detente.solve.base import Status, advice
from detente.study.study import Study

_COLOURS = {"holds": "green", "mostly holds": "green", "contested": "yellow", "mostly fails": "red", "fails": "red"}


def claims_table(study: Study, wanted: Sequence[str]) -> None:
    table = Plain()
    table.add_column("holds in", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("claim")
    for name in wanted:
        verdict = study.claims[name]
        cited = ", ".join(str(c) for c in study.model.claims[name].source)
        said = f"[bold]{escape(words(name))}[/bold]" + (f": {escape(verdict.says)}" if verdict.says else "")
        said += f" [dim]({escape(cited)})[/dim]" if cited else ""
        if verdict.unjudged:
            said += f" [dim]({counted(verdict.unjudged, 'draw')} cannot be judged)[/dim]"
        colour = _COLOURS.get(verdict.words, "white")
        table.add_row(percent(verdict.share.value, verdict.share.error), f"[{colour}]{verdict.words}[/{colour}]", said)
    console.print(table)


def certificate(study: Study) -> None:
    bad = int((~study.converged).sum())
    traced = int((study.status == Status.TRACED).sum())
    gains = ", ".join(f"{words(p)} {study.gain[k].max():.2g}" for k, p in enumerate(study.model.actors))
    console.print(
        f"[dim]{counted(study.n, 'draw')}, seed {study.draws.seed}, {study.seconds:.1f} s; {escape(study.method)} "
        f"({study.engine.perception} perception). Converged: {study.n - bad:,} ({traced:,} traced by arclength), "
        f"largest residual {study.residual.max():.1g}; largest gain from deviating, in stakes: {escape(gains)}.[/dim]"
    )
    if bad:
        console.print(f"[yellow]{counted(bad, 'draw')} did not converge: {advice(study.method)}.[/yellow]")
    if forked := int(study.forked.sum()):
        console.print(
            f"[yellow]In {counted(forked, 'draw')} the branch passed a fork: the game is symmetric, and beside the "
            "symmetric answer shown there are others in which one side gives way.[/yellow]"
        )
    if study.interrupted:
        console.print(f"[yellow]Interrupted: {study.n:,} of {study.asked:,} draws are done and shown.[/yellow]")
