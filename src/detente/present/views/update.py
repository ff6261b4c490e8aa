"""How a forecast as evidence came is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from rich.markup import escape

from detente.analyse.evidence.known import KISH
from detente.analyse.evidence.pareto import ESS, PSIS
from detente.analyse.evidence.renewal import PCN, SMC
from detente.model.schema import Model
from detente.present.figures.evidence.series import SHORT, series_picture
from detente.present.html.markup import Content, Html, join, table
from detente.present.html.numbers import data
from detente.present.terminal.console import console
from detente.present.terminal.tables import TOP, Plain
from detente.present.view import Answer, Shown, view
from detente.present.wording.numbers import day, percent, prose, sentence
from detente.present.wording.updating import (
    amount,
    between,
    came,
    certified,
    deciding,
    groups,
    headline,
    learned,
    main,
    next_signs,
    others,
    pull_said,
    sign_said,
    when,
)
from detente.study.questions.update import Updated


def text(found: Updated, shown: Shown, *, top: Annotated[int, TOP] = 6) -> None:
    """What `detente update CASE` prints."""
    model = shown.model
    console.print(f"\n[bold]{escape(model.title)}[/bold]")
    console.print(f"[bold]{escape(headline(model, found))}[/bold]", highlight=False)
    if found.before.groups:
        console.print(escape(sentence(groups(found))), highlight=False)
    for said in others(model, found):
        console.print(f"[dim]{escape(said)}[/dim]", highlight=False, soft_wrap=True)
    console.print()
    _days(found, shown)
    for said in learned(model, found):
        console.print(f"[dim]·[/dim] {escape(said)}", highlight=False)
    _pulls(found, shown, top)
    _signs(found, shown, top)
    console.print()
    for said in certified(found):
        console.print(f"[dim]{escape(said)}[/dim]", soft_wrap=True)
    if found.interrupted:
        console.print(f"[yellow]Interrupted: done up to {day(found.dates[-1].date)}.[/yellow]")


def _days(found: Updated, shown: Shown) -> None:
    """A line for each day: the answer, and what came."""
    model, grid = shown.model, Plain()
    grid.add_column("date", no_wrap=True)
    grid.add_column("answer" if model.answer else escape(prose(found.says)), justify="right", no_wrap=True)
    grid.add_column("90% of draws", justify="right", no_wrap=True)
    for name in found.beside:
        grid.add_column(escape(name), justify="right", no_wrap=True)
    grid.add_column("what came")
    rivals = {name: {row.date: row.answer for row in rows} for name, rows in found.beside.items()}
    heard = [one for one in found.dates if any(told.used for told in one.evidence)]
    for one in [found.before, *heard, *(found.dates[-1:] if found.dates[-1] not in heard else ())]:
        band = main(one, found.says)
        first = one is found.before
        each = [escape(came(told)) for told in one.evidence if told.used]
        said = "[dim]before any evidence[/dim]" if first else "\n".join(each)
        when = "" if first else f"{one.date.day} {SHORT[one.date.month - 1]} {one.date.year}"
        rows_of = [amount(model, rows[None if first else one.date], found.draws) for rows in rivals.values()]
        grid.add_row(when, amount(model, band, found.draws), between(model, band, found.draws), *rows_of, said)
    console.print(grid)
    if deaf := sum(not told.used for one in found.dates for told in one.evidence):
        what = (
            "fact that the model has no event for moves" if deaf == 1 else "facts that the model has no event for move"
        )
        console.print(f"[dim]{deaf} {what} nothing; the page (--report) and --json list them.[/dim]", soft_wrap=True)
    console.print()


def _pulls(found: Updated, shown: Shown, top: int) -> None:
    """What the forecast owes to each item."""
    if not found.pulls:
        return
    console.print(f"\nWhat the answer of {day(found.as_of)} owes to each item (the answer without it)")
    grid = Plain(heads=False)
    grid.add_column("", justify="right", no_wrap=True)
    grid.add_column("", justify="right", no_wrap=True)
    grid.add_column("")
    for pull in found.pulls[:top]:
        fine = replace(pull.without, error=pull.error)
        without = f"({amount(shown.model, fine, found.draws)})" if pull.pull == pull.pull else ""
        grid.add_row(pull_said(shown.model, pull), without, f"{escape(pull.says)} [dim]{day(pull.date)}[/dim]")
    console.print(grid)
    if len(found.pulls) > top:
        console.print(f"[dim]{len(found.pulls) - top} more with --top {len(found.pulls)}[/dim]")


def _signs(found: Updated, shown: Shown, top: int) -> None:
    """What would change the forecast next."""
    telling = next_signs(found.signs, top)
    if telling:
        console.print("\nWhat would change it next: the answer if it is seen in that time, and if not")
        grid = Plain()
        grid.add_column("when", no_wrap=True)
        for name in ("likely", "seen", "not"):
            grid.add_column(name, justify="right", no_wrap=True)
        grid.add_column("")
        for sign in telling:
            grid.add_row(
                when(shown.model, sign), percent(sign.p, 0.005), amount(shown.model, sign.seen, found.draws),
                amount(shown.model, sign.unseen, found.draws), escape(sign.says),
            )  # fmt: skip
        console.print(grid)
    if settled := deciding(found.signs):
        each = [
            f"{s.says} in {when(shown.model, s)} ({percent(s.p, 0.005)}; "
            f"then {amount(shown.model, s.seen, found.draws)})"
            for s in settled
        ]
        console.print(f"[dim]Settled at once by {escape(', or '.join(each))}.[/dim]", soft_wrap=True)


def page(found: Updated, shown: Shown) -> Answer:
    """The forecast as evidence came in."""
    model = shown.model
    said: list[Content] = [headline(model, found), *others(model, found)]
    if told := learned(model, found):
        said.append("; ".join(told) + ".")
    references = (ESS, PSIS, *((SMC, PCN) if any(d.renewed for d in found.dates) else ()), KISH)
    return Answer(
        "update", "The forecast as evidence came in", said,
        [series_picture(model, found)], certified(found), references,
        after=join([pull_table(model, found), sign_table(model, found)]),
    )  # fmt: skip


def pull_table(model: Model, found: Updated) -> Html:
    """What the answer owes to each item."""
    rows: list[list[Content]] = [
        [day(p.date), p.says, data(p.pull, pull_said(model, p)), amount(model, p.without, found.draws)]
        for p in found.pulls
    ]
    caption = "What the answer owes to each item, leaving it out."
    return table(caption, ["date", "what came", "pull", "answer without it"], rows, (2, 3)) if rows else Html("")


def sign_table(model: Model, found: Updated) -> Html:
    """What may be seen next, and what it would do."""
    rows: list[list[Content]] = [
        [
            sign_said(model, s), when(model, s), data(s.p, percent(s.p, 0.005)),
            amount(model, s.seen, found.draws), amount(model, s.unseen, found.draws),
            "" if s.bits != s.bits else data(s.bits, f"{s.bits:.3f}"),
        ]
        for s in found.signs
    ]  # fmt: skip
    head = ["sign", "when", "likely", "answer if seen", "if not", "bits"]
    caption = "What may be seen next, and what it would do; the most informative first."
    return table(caption, head, rows, (2, 3, 4, 5)) if rows else Html("")


def _converged(found: Updated) -> float:
    return found.converged


def _interrupted(found: Updated) -> bool:
    return found.interrupted


view(Updated, text=text, page=page, converged=_converged, interrupted=_interrupted)
