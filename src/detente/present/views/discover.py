"""How the regions of an event are shown."""

from __future__ import annotations

from rich.markup import escape

from detente.analyse.sensitivity.discovery import Box, Discovery
from detente.model.schema import Model
from detente.present.figures.sensitivity.box import box_picture, choices, event_said, limit_said
from detente.present.html.markup import Content, say, tag
from detente.present.html.numbers import listed
from detente.present.terminal.console import console
from detente.present.terminal.tables import named, notes, plain_table, region
from detente.present.view import Answer, Shown, view
from detente.present.wording.names import assumed, certified_of
from detente.present.wording.numbers import MINUS, counted, number, percent, words

POINTS = 12  # of a trajectory that are shown


def text(found: Discovery, shown: Shown) -> None:
    """What `detente discover CASE EVENT` prints."""
    console.print(
        f"\nWhere the quantities stand when [bold]{escape(words(found.words.removeprefix('whether ')))}[/bold]"
        f"{region(found.where)}\n"
        f"{percent(found.share.value)} of {found.draws:,} draws"
    )
    for k, box in enumerate(found.boxes):
        title = f"\n[bold]{'Box ' + str(k + 1) if len(found.boxes) > 1 else 'The box'}[/bold] holds "
        console.print(
            f"{title}{percent(box.coverage.value)} of those draws in {percent(box.mass)} of all; inside it is so in "
            f"[bold]{percent(box.density.value)}[/bold] of draws [dim]({percent(box.left_out.value)} in draws that "
            "took no part in finding it)[/dim]"
        )
        _limits(shown.model, box)
        if shown.arguments.get("boxes", 1) == 1:
            _trajectory(box)
    console.print()
    notes(found.notes)
    console.print(
        "[dim]quasi-p: how likely so high a share is if this limit meant nothing; reproduced: the share of resamples "
        "whose box limits it too.[/dim]"
    )


def _limits(model: Model, box: Box) -> None:
    table = plain_table("quantity", "limit", "unit", "quasi-p", "reproduced", words=(0, 1, 2))
    for limit in box.limits:
        if limit.values:
            said = f"is {choices(limit.values)}"
        elif limit.low is not None and limit.high is not None:
            said = f"from {number(limit.low)} to {number(limit.high)}"
        else:
            said = f"above {number(limit.low)}" if limit.low is not None else f"below {number(limit.high or 0.0)}"
        p = f"{limit.quasi_p:.2g}" if limit.quasi_p >= 1e-4 else "<0.0001"
        table.add_row(named(model, limit.quantity), said, escape(limit.unit), p, f"{limit.frequency:.0%}")
    console.print(table)


def _trajectory(box: Box) -> None:
    console.print()
    table = plain_table("point", "coverage", "density", "of all draws", "limits", "moved", words=(5,))
    points = box.trajectory
    step = max(1, len(points) // POINTS)
    for p in points:
        if p.step % step == 0 or p.step == box.chosen or p.step == len(points) - 1:
            mark = "[bold]" if p.step == box.chosen else ""
            table.add_row(
                f"{mark}{p.step}",
                f"{p.coverage:.2f}",
                f"{p.density:.2f}",
                percent(p.mass),
                str(p.limited),
                escape(words(p.moved)).replace(" -", f" {MINUS}"),
            )
    console.print(table)
    console.print("[dim]another point of this list is taken with --point[/dim]")


def page(found: Discovery, shown: Shown) -> Answer:
    study = shown.solved
    """In what region of the quantities an event is at home."""
    boxes = [(k, one) for k, one in enumerate(found.boxes) if one.limits]
    said: list[Content] = []
    for _, one in boxes:
        told = [(assumed(limit.quantity), limit_said(study.model, limit)) for limit in one.limits]
        limits = [f"{name} is {limit.removeprefix('is ')}" for name, limit in told]
        said.append(say("It is so in {share} of draws, and in {density} of those where {limits}.",
                        share=percent(found.share.value), density=tag("b", percent(one.density.value)),
                        limits=listed(limits)))  # fmt: skip
    if not boxes:
        said.append(
            f"It is so in {percent(found.share.value)} of {counted(found.draws, 'draw')}, and nowhere more than "
            "elsewhere."
        )
    pictures = [box_picture(study.model, found, study.assumptions, k) for k, _ in boxes]
    title = f"Where {event_said(found)}"
    remarks = [*found.notes, certified_of(study).strip()]
    return Answer("discover", title, said, pictures, remarks, found.references)


view(Discovery, text=text, page=page)
