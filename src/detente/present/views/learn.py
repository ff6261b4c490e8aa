"""How what is worth finding out is shown."""

from __future__ import annotations

from typing import Annotated

from rich.markup import escape

from detente.analyse.information.forecast_value import Learning
from detente.present.figures.information.learning import learn_picture
from detente.present.figures.sensitivity.variance import factor_row
from detente.present.html.markup import Content, say
from detente.present.html.numbers import listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import TOP, named, notes, plain_table, spread
from detente.present.view import Answer, Shown, view
from detente.present.wording.names import certified_of
from detente.present.wording.numbers import counted, fixed, percent, words


def text(found: Learning, shown: Shown, *, top: Annotated[int, TOP] = 12) -> None:
    """What `detente learn CASE` prints."""
    console.print(f"\nWhat to find out to forecast [bold]{escape(words(found.words))}[/bold]")
    console.print(
        f"as things stand the expected Brier score is {found.brier.value:.3f}, the uncertainty "
        f"{found.entropy.value:.2f} bits\n"
    )
    table = plain_table("once known", "", "Brier falls by", "of it", "bits", words=(0, 1))
    rows = [t for t in found.things if t.advised][:top]
    for t in [*rows, found.everything]:
        name = "every quantity" if t is found.everything else t.name
        brier, bits = t.brier, t.entropy
        table.add_row(
            named(shown.model, name) if t is not found.everything else f"[dim]{name}[/dim]",
            f"[dim]{t.kind if t.kind != 'everything' else 'at most'}[/dim]",
            spread(brier, 4),
            percent(min(1.0, max(0.0, brier.value / found.brier.value))) if found.brier.value > 0 else "",
            spread(bits, 3),
        )  # fmt: skip
    console.print(table)
    quiet = sum(not t.told for t in found.things)
    told = sum(t.advised for t in found.things)
    rest = [f"{told - len(rows)} more with --top {told}"] if told > len(rows) else []
    rest += [f"{quiet} would change no more than noise does"] if quiet else []
    if rest:
        console.print(f"[dim]{'; '.join(rest)}[/dim]")
    console.print()
    notes(found.notes)
    console.print(f"[dim]{counted(found.draws, 'draw')} solved already; averages over what may be found.[/dim]")


TOLD = 3  # things named in a sentence


def page(found: Learning, shown: Shown) -> Answer:
    study = shown.solved
    """What to find out."""
    told = [t for t in found.things if t.advised][:TOLD]
    each = [
        f"{factor_row(study.model, t.name).name} (Brier score {fixed(-t.brier.value, 3)}, {t.entropy.value:.2f} bits)"
        for t in told
    ]
    said: Content = "Nothing is distinguishable from noise: no single thing is worth finding out for this."
    if each:
        said = say("Most worth finding out: {each}.", each=listed(each))
    picture = learn_picture(study.model, found, certified_of(study))
    return Answer("learn", "What to find out", [said], [picture], found.notes, found.references)


view(Learning, text=text, page=page)
