"""How what knowledge is worth to an actor is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from rich.markup import escape

from detente.analyse.information.evppi import Worth, Worths
from detente.model.schema import Model
from detente.present.figures.information.learning import worth_picture
from detente.present.figures.sensitivity.variance import factor_row
from detente.present.terminal.console import console
from detente.present.terminal.tables import TOP, named, notes, plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.names import certified_of
from detente.present.wording.numbers import counted, fixed, words


def text(found: Worths, shown: Shown, *, top: Annotated[int, TOP] = 12) -> None:
    """What `detente worth CASE ACTOR` prints."""
    console.print(f"\nWhat it would be worth to [bold]{escape(words(found.actor))}[/bold] to know, in stakes\n")
    console.print("[bold]In private[/bold]: only it learns, and nobody knows that it does")
    _worths(shown.model, [w for w in found.private if w.told and w.value.value > 5e-5], top, found.private)
    if found.everything is not None and found.blind is not None:
        console.print(
            f"[dim]The best single strategy for all draws earns {fixed(found.blind.value, 3)}; knowing every "
            f"quantity would add {fixed(found.everything.value.value, 4)}.[/dim]"
        )
    if found.public:
        console.print(
            f"\n[bold]In public[/bold]: everybody learns, and plays again "
            f"[dim]({counted(found.public_draws, 'draw')})[/dim]"
        )
        _worths(shown.model, found.public, top, found.public)
    console.print()
    notes(found.notes)
    console.print(f"[dim]{counted(found.draws, 'draw')}.[/dim]")


def _worths(model: Model, shown: Sequence[Worth], top: int, of: Sequence[Worth]) -> None:
    table = plain_table("once known", "", "stakes", words=(0, 1))
    for w in shown[:top]:
        half = f"±{(w.value.high - w.value.low) / 2:.4f}"
        table.add_row(
            named(model, w.name),
            f"[dim]{w.kind}[/dim]",
            f"{fixed(w.value.value, 4, sign=True)} [dim]{half}[/dim]",
        )
    if shown:
        console.print(table)
    if left := len(of) - len(shown):
        console.print(
            f"[dim]{left} would be worth less than a ten-thousandth of a stake, or no more than noise would show[/dim]"
        )


def page(found: Worths, shown: Shown) -> Answer:
    study = shown.solved
    """What knowing things is worth to an actor."""
    fixed_by = {name for name, q in study.model.quantities.items() if q.role}  # precisions are no facts to learn
    known = [w for w in (*found.private, *found.public) if w.told and w.name not in fixed_by]
    best = max(known, key=lambda w: w.value.value, default=None)
    worst = min(found.public, key=lambda w: w.value.value, default=None)
    said = f"Nothing that {words(found.actor)} could learn is worth a ten-thousandth of a stake to it."
    if best is not None and best.value.value > 5e-5:
        how = "in private" if best in found.private else "if everybody knew it"
        name = factor_row(study.model, best.name).name
        said = f"Worth most to {words(found.actor)}: {name}, {fixed(best.value.value, 4, sign=True)} stakes {how}."
    if worst is not None and worst.value.high < 0:
        said += f" It would lose {fixed(-worst.value.value, 4)} stakes if {words(worst.name)} were known to all."
    picture = worth_picture(study.model, found, certified_of(study))
    title = f"What knowing more would be worth to {words(found.actor)}"
    return Answer(f"worth-{found.actor}", title, [said], [picture], found.notes, found.references)


view(Worths, text=text, page=page)
