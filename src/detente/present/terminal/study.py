"""What several answers about a solved case say on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.markup import escape

from detente.analyse.forecast.claims import Verdict
from detente.analyse.forecast.preferences import Preference
from detente.analyse.forecast.settled import Settled
from detente.analyse.forecast.structures import held_in
from detente.model.schema import Model
from detente.present.terminal.console import console
from detente.present.terminal.tables import Plain
from detente.present.wording.claims import ground, label, means
from detente.present.wording.numbers import counted, percent, words
from detente.present.wording.preferences import misnamed
from detente.present.wording.structures import held
from detente.solve.base import Status
from detente.study.study import Study

_COLOURS = {"holds": "green", "mostly holds": "green", "contested": "yellow", "mostly fails": "red", "fails": "red"}


def claims_table(
    study: Study, wanted: Sequence[str], settled: Mapping[str, Settled] | None = None, details: bool = False
) -> None:
    """The verdicts on some claims; `settled` if it is known already which of them test nothing.

    `details`: with the intervals of the means, and why a claim tests nothing.
    """
    settled = study.settled if settled is None else settled
    where = {name: told for name in wanted if (told := held(held_in(study.combinations, name)))}
    verdicts_table(study.model, {name: study.claims[name] for name in wanted}, settled, where, details)


def verdicts_table(
    model: Model, verdicts: Mapping[str, Verdict], settled: Mapping[str, Settled], where: Mapping[str, str],
    details: bool = False,
) -> None:  # fmt: skip
    """Verdicts on claims; `settled`: which test nothing; `where`: in which structures they hold, in words."""
    table = Plain()
    table.add_column("holds in", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("claim")
    for name, verdict in verdicts.items():
        cited = ", ".join(words(str(c)) for c in model.claims[name].source)
        said = f"[bold]{escape(words(name))}[/bold]" + (f": {escape(verdict.says)}" if verdict.says else "")
        said += f" [dim]({escape(cited)})[/dim]" if cited else ""
        if verdict.unjudged:
            said += f" [dim]({counted(verdict.unjudged, 'draw')} cannot be judged)[/dim]"
        for line, odd in means(verdict, details):
            said += f"\n[{'yellow' if odd else 'dim'}]{escape(line)}[/]"
        if details and (why := ground(settled.get(name))):
            said += f"\n[dim]{escape(why)}[/dim]"
        colour, more = _COLOURS.get(verdict.words, "white"), label(settled.get(name))
        word = f"[{colour}]{verdict.words}[/{colour}]" + (f"\n[dim]{more}[/dim]" if more else "")
        if name in where:
            word += f"\n[dim]{where[name]}[/dim]"
        table.add_row(percent(verdict.share.value, verdict.share.error), word, said)
    console.print(table)


def types_table(found: Sequence[Preference]) -> None:
    """In what share of draws private types prefer what they say; nothing where none says anything."""
    if not found:
        return
    console.print()
    table = Plain("what types prefer")
    table.add_column("holds in", justify="right", no_wrap=True)
    table.add_column("type")
    for p in found:
        said = f"[bold]{escape(words(f'{p.type} is {p.label}'))}[/bold]: {escape(p.prefers)}"
        if p.unjudged_draws:
            said += f" [dim]({counted(p.unjudged_draws, 'draw')} cannot be judged)[/dim]"
        table.add_row(percent(p.share.value, p.share.error), said)
    console.print(table)
    for p in found:
        if warned := misnamed(p):
            console.print(f"[yellow]warning[/yellow] {escape(warned)}", soft_wrap=True)


def certificate(study: Study) -> None:
    bad = int((~study.converged).sum())
    traced = int((study.status == Status.TRACED).sum())
    gains = ", ".join(f"{words(p)} {study.gain[k].max():.2g}" for k, p in enumerate(study.model.actors))
    console.print(
        f"[dim]{counted(study.n, 'draw')}, seed {study.draws.seed}, {study.seconds:.1f} s; {escape(study.method)} "
        f"({study.engine.perception} perception). Converged: {study.n - bad:,} ({traced:,} traced by arclength), "
        f"largest residual {study.residual.max():.1g}; largest regret, in stakes: {escape(gains)}.[/dim]"
    )
    if bad:
        console.print(f"[yellow]{counted(bad, 'draw')} did not converge: {study.advice}.[/yellow]")
    if forked := int(study.forked.sum()):
        console.print(
            f"[yellow]In {counted(forked, 'draw')} the principal branch passed a pitchfork bifurcation: other branches "
            "leave it there, whose equilibria at the same precision are as good as those shown.[/yellow]"
        )
    if study.interrupted:
        console.print(f"[yellow]Interrupted: {study.n:,} of {study.asked:,} draws are done and shown.[/yellow]")
