"""The record on the terminal."""

from __future__ import annotations

from rich.markup import escape

from detente.analyse.evidence.track_record import TrackRecord
from detente.present.terminal.console import console
from detente.present.terminal.tables import plain_table
from detente.present.wording.record import (
    HAPPENED,
    LEAD_HEADS,
    VARIANT_HEADS,
    before,
    binned,
    bounds,
    chance,
    headline,
    lead,
    others,
    remarks,
    score,
    variant,
)


def show_record(found: TrackRecord) -> None:
    """What `detente record` prints."""
    console.print(escape(headline(found)), highlight=False)
    for case in dict.fromkeys(row.case for row in found.cases):
        mine = [row for row in found.cases if row.case == case]
        happened = HAPPENED[mine[0].happened]
        told = {"yes": "happened", "no": "did not happen"}.get(happened, "open")
        console.print(f"\n[bold]{escape(case)}[/bold]: {escape(mine[0].event)} ({told})", highlight=False)
        heads = ["as known", "forecast", "90% of draws", "Brier", "log", "base rate", "uninformed", "others"]
        table = plain_table(*heads, fold=True)
        for row in mine:
            table.add_row(
                before(row), f"[bold]{chance(row.p)}[/bold]", bounds(row), score(row.brier), score(row.log),
                chance(row.base_rate), chance(row.uninformed), chance(others(row)),
            )  # fmt: skip
        console.print(table)
    if found.leads:
        table = plain_table(*LEAD_HEADS, words=(), title=None)
        for one in found.leads:
            table.add_row(*lead(one))
        console.print("\n[bold]At fixed lead times[/bold]")
        console.print(table)
    if found.summary.calibration:
        table = plain_table("forecast", "mean", "happened", "95%")
        for one_bin in found.summary.calibration:
            table.add_row(*binned(one_bin))
        console.print("\n[bold]Calibration[/bold]")
        console.print(table)
    if found.variants:
        table = plain_table(*VARIANT_HEADS, words=(0, 1, 2), fold=True)
        for other in found.variants:
            table.add_row(*map(escape, variant(other)))
        console.print("\n[bold]Other models of the same crises[/bold] [dim](they count in no summary)[/dim]")
        console.print(table)
    console.print()
    for remark in remarks(found):
        console.print(f"[dim]· {escape(remark)}[/dim]", highlight=False)
    console.print(f"[dim]{found.draws:,} draws, seed {found.seed}.[/dim]")
