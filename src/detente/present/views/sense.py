"""How sensitivities are shown."""

from __future__ import annotations

from typing import Annotated

from rich.markup import escape

from detente.analyse.finding import Finding
from detente.analyse.forecast.subject import FORECAST, NUMBER
from detente.analyse.sensitivity.main_effects import LEAST
from detente.analyse.sensitivity.variance import GIVEN, Effect, Sensitivity
from detente.model.schema import Model
from detente.present.figures.sensitivity.variance import factor_row, sense_picture
from detente.present.html.markup import Content, join, say
from detente.present.html.numbers import listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import TOP, named, notes, plain_table, region, spread
from detente.present.view import Answer, Shown, view
from detente.present.wording.names import certified, key_of
from detente.present.wording.numbers import counted, number, percent, words


def _index(finding: Finding | None) -> str:
    return "" if finding is None else spread(finding, 2)


def text(found: Sensitivity, shown: Shown, *, top: Annotated[int, TOP] = 12) -> None:
    """What `detente sense CASE` prints."""
    console.print(f"\nWhat moves [bold]{escape(words(found.words))}[/bold]" + region(found.where))
    if found.kind != FORECAST:
        mean, low, high = found.mean.value, found.mean.low, found.mean.high
        said = number if found.kind == NUMBER else percent
        between = f" [dim](90% of draws: {said(low)} to {said(high)})[/dim]" if low == low else ""
        console.print(f"on average {said(mean)}{between}; standard deviation {number(found.spread)}")
    console.print()
    fifths = any(e.low is not None for e in found.effects)
    columns = ["assumption", "first-order", "total"]
    table = plain_table(*columns, *(["lowest fifth", "highest fifth"] if fifths else []))
    rows = [e for e in found.effects if e.told][:top]
    if found.structure:
        whole = (found.structure.first, found.structure.total)
        table.add_row("[bold]structure[/bold], as a whole", *map(_index, whole), *([""] * 2 if fifths else []))
    for e in rows:
        table.add_row(*_row(shown.model, e, found, fifths))
    if rows or found.structure:
        console.print(table)
    quiet = sum(not e.told for e in found.effects)
    told = len(found.effects) - quiet
    rest = [f"{told - len(rows)} more with --top {told}"] if told > len(rows) else []
    rest += [f"{quiet} {'explains' if quiet == 1 else 'explain'} no more than noise would"] if quiet else []
    if rest:
        console.print(f"[dim]{'; '.join(rest)}[/dim]")
    if joint := [e for e in found.joint if e.told]:
        console.print()
        table = plain_table("known together", *columns[1:])
        for e in sorted(joint, key=lambda e: -e.first.value):
            table.add_row(named(shown.model, e.name, "not bold"), _index(e.first), _index(e.total))
        console.print(table)
    _shared(shown.model, found, top)
    console.print()
    console.print(
        "[dim]first-order: the share of the variance that knowing it would remove; total: the share that would remain "
        "if everything else were known; ± half the 95% interval.[/dim]"
    )
    if any(e.shapley for e in found.effects):
        console.print(
            "[dim]Shapley: Shapley effects. They sum to what is explained; what correlated quantities have in "
            "common, and interactions, are shared among those that take part.[/dim]"
        )
    if found.explained is not None:
        console.print(
            f"[dim]Total effects are read off a polynomial that explains {percent(found.explained)} of the "
            "variance of draws it has not seen; the rest is attributed to nothing.[/dim]"
        )
    notes(found.notes)
    if found.design == GIVEN:
        again = "nothing was solved again"
        if found.structure:
            again = f"{found.solved:,} solved for the share of structure, the same under every combination"
        console.print(f"[dim]{counted(found.draws, 'draw')} solved already; {again}.[/dim]")
    else:
        console.print(
            f"[dim]A Sobol' design of {found.draws:,} base points for {len(found.effects)} factors: {found.solved:,} "
            f"solved. What needs no interaction: {percent(min(1.0, max(0.0, found.alone)))} of the variance.[/dim]"
        )


def _shared(model: Model, found: Sensitivity, top: int) -> None:
    """What falls to each of the correlated quantities when the variance is shared out."""
    mine = {member for e in found.joint for member in e.members}
    rows = [e for e in found.effects if e.name in mine and e.shapley and e.shapley.low > 0 and e.shapley.value > LEAST]
    if not rows:
        return
    console.print()
    table = plain_table("correlated", "Shapley")
    for e in sorted(rows, key=lambda e: -(e.shapley.value if e.shapley else 0.0))[:top]:
        table.add_row(named(model, e.name), _index(e.shapley))
    console.print(table)


def _row(model: Model, e: Effect, found: Sensitivity, fifths: bool) -> list[str]:
    cells = [named(model, e.name), _index(e.first), _index(e.total)]
    if fifths:
        said = number if found.kind == NUMBER else percent
        cells += [said(f.value) if f else "" for f in (e.low, e.high)]
    return cells


TOLD = 3  # things named in a sentence


def page(found: Sensitivity, shown: Shown) -> Answer:
    model = shown.model
    """What share of the variance of an answer each assumption explains."""
    told = [e for e in found.effects if e.told][:TOLD]
    each = [f"{factor_row(model, e.name).name} {percent(max(0.0, e.first.value), e.first.error)}" for e in told]
    said: Content = "No single assumption is distinguishable from noise."
    if each:
        said = say("The largest first-order effects, as shares of the variance: {each}.", each=listed(each))
    if found.structure:
        f = found.structure
        both = [percent(max(0.0, one.value), one.error) for one in (f.first, f.total)]
        rival = f"Rival structures explain {both[0]} of the variance by themselves, {both[1]} with interactions. "
        said = join([rival, said])
    key = key_of("sense", found.of)
    title = f"What moves {words(found.words)}"
    judged = f" {certified(found.converged)}"
    return Answer(key, title, [said], [sense_picture(model, found, judged)], found.notes, found.references)


view(Sensitivity, text=text, page=page, converged=lambda found: found.converged)
