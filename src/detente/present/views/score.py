"""How forecasts and their scores are shown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from detente.analyse.evidence.score import BRIER, LOG, Score
from detente.present.figures.forecast.contrasts import forecasts_picture
from detente.present.terminal.console import console
from detente.present.terminal.study import certificate
from detente.present.terminal.tables import plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.numbers import percent
from detente.present.wording.scores import dated, later_said, lead


def text(found: Sequence[Score], shown: Shown) -> None:
    """What `detente score` prints."""
    table = plain_table("who", "event", "said", "Brier", "this model", "Brier", words=(0, 1), fold=True)
    for s in found:
        ours = percent(s.ours.value) if s.ours else ""
        event = "" if s.base_rate else escape(s.event)
        table.add_row(
            f"[bold]{escape(s.who)}[/bold]\n[dim]{dated(s)}[/dim]", event, percent(s.p), _brier(s.brier), ours,
            _brier(s.ours_brier),
        )  # fmt: skip
    console.print(table)
    if rates := [s for s in found if s.base_rate]:
        console.print()
    for s in rates:
        console.print(f"[dim]{escape(s.who)}: {escape(s.event)}[/dim]", soft_wrap=True)
    console.print(
        "\n[dim]Brier score: the square of what was missed, 0 is best; empty where what came to pass is not known. Of "
        "this model: its mean probability of the nearest event. Unlike questions are never averaged.[/dim]"
    )
    if mark := later_said(shown.model, found):
        console.print(f"[dim]{escape(mark)}[/dim]")
    certificate(shown.solved)


def _brier(x: float | None) -> str:
    return "" if x is None else f"{x:.3f}"


def page(found: Sequence[Score], shown: Shown) -> Answer:
    """What others said beside this model."""
    said = lead(shown.model, found)
    if mark := later_said(shown.model, found):
        said.append(mark)
    return Answer("score", "What others expected", said, [forecasts_picture(found)], (), (BRIER, LOG))


view(list[Score], text=text, page=page)
