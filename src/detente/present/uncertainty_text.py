"""The answers about what is not known, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from detente.analyse.finding import Finding
from detente.analyse.forecast.subject import FORECAST, NUMBER, PROBABILITY
from detente.analyse.information.evppi import Worth, Worths
from detente.analyse.information.forecast_value import Learning
from detente.analyse.sensitivity.discovery import Box, Discovery
from detente.analyse.sensitivity.local import Local, Pulls
from detente.analyse.sensitivity.variance import GIVEN, Effect, Sensitivity
from detente.present.terminal.console import console
from detente.present.wording.words import counted, number, percent, share

POINTS = 12  # of a trajectory that are shown


def _table(*columns: str, words: Sequence[int] = (0,), title: str | None = None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", title=title, title_justify="left")
    for k, column in enumerate(columns):
        table.add_column(column, justify="left" if k in words else "right", no_wrap=k == 0 or k not in words)
    return table


def _index(finding: Finding | None) -> str:
    return "" if finding is None else _spread(finding, 2)


def _spread(finding: Finding, digits: int) -> str:
    """An estimate with half of its 95% interval; what lies below zero is shown as zero."""
    half = (finding.high - finding.low) / 2
    return f"{max(0.0, finding.value):.{digits}f} [dim]±{half:.{digits}f}[/dim]"


def _notes(notes: Sequence[str]) -> None:
    for note in notes:
        console.print(f"[dim]· {escape(note)}[/dim]")


def show_sense(found: Sensitivity, top: int) -> None:
    """What `detente sense CASE` prints."""
    console.print(f"\nWhat moves [bold]{escape(found.words)}[/bold]" + _region(found.where))
    if found.kind != FORECAST:
        mean, low, high = found.mean.value, found.mean.low, found.mean.high
        said = number if found.kind == NUMBER else percent
        between = f" [dim](90% of draws: {said(low)} to {said(high)})[/dim]" if low == low else ""
        console.print(f"on average {said(mean)}{between}; standard deviation {number(found.spread)}")
    console.print()
    fifths = any(e.low is not None for e in found.effects)
    columns = ["assumption", "alone", "in all"]
    table = _table(*columns, *(["lowest fifth", "highest fifth"] if fifths else []))
    shown = [e for e in found.effects if e.told][:top]
    for e in shown:
        table.add_row(*_row(e, found, fifths))
    if shown:
        console.print(table)
    quiet = sum(not e.told for e in found.effects)
    told = len(found.effects) - quiet
    rest = [f"{told - len(shown)} more with --top {told}"] if told > len(shown) else []
    rest += [f"{quiet} explain next to nothing, or no more than noise would"] if quiet else []
    if rest:
        console.print(f"[dim]{'; '.join(rest)}[/dim]")
    if joint := [e for e in found.joint if e.told]:
        console.print()
        table = _table("known together", *columns[1:])
        for e in sorted(joint, key=lambda e: -e.first.value):
            table.add_row(escape(e.name), _index(e.first), _index(e.total))
        console.print(table)
    console.print()
    console.print(
        "[dim]alone: the share of the variance that knowing it would take away; in all: the share that would be left "
        "if everything else were known; ± half the 95% interval.[/dim]"
    )
    if found.explained is not None:
        console.print(
            f"[dim]The shares in all are read off a polynomial that explains {percent(found.explained)} of the "
            "variance of draws it has not seen; nobody is given the rest.[/dim]"
        )
    _notes(found.notes)
    if found.design == GIVEN:
        console.print(f"[dim]{counted(found.draws, 'draw')} solved already; nothing was solved again.[/dim]")
    else:
        console.print(
            f"[dim]A Sobol' design of {found.draws:,} base points for {len(found.effects)} factors: {found.solved:,} "
            f"solved. What needs no interaction: {percent(min(1.0, max(0.0, found.alone)))} of the variance.[/dim]"
        )


def _region(where: str) -> str:
    return f" where [bold]{escape(where)}[/bold]" if where else ""


def _row(e: Effect, found: Sensitivity, fifths: bool) -> list[str]:
    cells = [f"[bold]{escape(e.name)}[/bold]", _index(e.first), _index(e.total)]
    if fifths:
        said = number if found.kind == NUMBER else share
        cells += [said(f.value) if f else "" for f in (e.low, e.high)]
    return cells


def show_local(found: Local, top: int) -> None:
    """What `detente sense CASE --local` prints."""
    if len(found.answers) == 1:
        _one_local(found.answers[0], top)
    else:
        _all_local(found)
    console.print(
        "\n[dim]Exact derivatives through the equilibrium. slope: per unit; per sd: times the standard deviation of "
        "the assumption; per %: percent per percent (elasticity); at the central draw. mean: over the draws.[/dim]"
    )
    _notes(found.notes)
    console.print(f"[dim]{found.draws:,} draws that were solved already, and the central draw.[/dim]")


def _change(kind: str, x: float) -> str:
    """A change of an answer: of a probability in points."""
    if x != x:
        return "not defined"
    shown = 100 * x if kind == PROBABILITY else x
    return (f"{shown:+.2g}" if abs(shown) >= 1e-3 else "0") + (" pt" if kind == PROBABILITY else "")


def _one_local(answer: Pulls, top: int) -> None:
    console.print(f"\nWhat a small change does to [bold]{escape(answer.words)}[/bold]")
    level = percent if answer.kind == PROBABILITY else number
    console.print(f"at the central draw {level(answer.centre)}, on average {level(answer.value.value)}\n")
    table = _table("assumption", "slope", "per sd", "per %", "mean", "90% of draws")
    felt = [p for p in answer.pulls if max(abs(p.per_sd), abs(p.mean.value * p.spread)) > 1e-9]
    shown = felt[:top]
    for p in shown:
        low, high = (_change(answer.kind, x * p.spread) for x in (p.mean.low, p.mean.high))
        cells = [number(p.slope), _change(answer.kind, p.per_sd)]
        cells += ["" if p.elasticity != p.elasticity else f"{p.elasticity:+.2f}"]
        cells += [_change(answer.kind, p.mean.value * p.spread), f"{low.removesuffix(' pt')} to {high}"]
        table.add_row(f"[bold]{escape(p.name)}[/bold]", *cells)
    console.print(table)
    if len(felt) > len(shown):
        console.print(f"[dim]{len(felt) - len(shown)} more with --top {len(felt)}[/dim]")
    if answer.without:
        console.print(f"[dim]{answer.without:,} draws have no derivative, or no value, and are left out.[/dim]")


def _all_local(found: Local) -> None:
    console.print("\nWhat a small change does, per sd of the three strongest assumptions at the central draw\n")
    table = _table("answer", "at the centre", "moved by", words=(0, 2))
    for answer in found.answers:
        level = percent if answer.kind == PROBABILITY else number
        first = sorted((p for p in answer.pulls if abs(p.per_sd) > 1e-9), key=lambda p: -abs(p.per_sd))[:3]
        said = ", ".join(f"{escape(p.name)} {_change(answer.kind, p.per_sd)}" for p in first)
        table.add_row(f"[bold]{escape(answer.name)}[/bold]", level(answer.centre), said or "nothing")
    console.print(table)


def show_discover(found: Discovery, trajectory: bool) -> None:
    """What `detente sense CASE --discover EVENT` prints."""
    console.print(
        f"\nWhere the quantities stand when [bold]{escape(found.words.removeprefix('whether '))}[/bold]"
        f"{_region(found.where)}\n"
        f"{share(found.share.value)} of {found.draws:,} draws"
    )
    for k, box in enumerate(found.boxes):
        title = f"\n[bold]{'Box ' + str(k + 1) if len(found.boxes) > 1 else 'The box'}[/bold] holds "
        console.print(
            f"{title}{share(box.coverage.value)} of those draws in {share(box.mass)} of all; inside it is so in "
            f"[bold]{share(box.density.value)}[/bold] of draws [dim]({share(box.left_out.value)} in draws that took no "
            "part in finding it)[/dim]"
        )
        _limits(box)
        if trajectory:
            _trajectory(box)
    console.print()
    _notes(found.notes)
    console.print(
        "[dim]quasi-p: how likely so high a share is if this limit meant nothing; found again: the share of resamples "
        "whose box limits it too.[/dim]"
    )


def _limits(box: Box) -> None:
    table = _table("quantity", "limit", "unit", "quasi-p", "found again", words=(0, 1, 2))
    for limit in box.limits:
        if limit.low is not None and limit.high is not None:
            said = f"from {number(limit.low)} to {number(limit.high)}"
        else:
            said = f"above {number(limit.low)}" if limit.low is not None else f"below {number(limit.high or 0.0)}"
        p = f"{limit.quasi_p:.2g}" if limit.quasi_p >= 1e-4 else "<0.0001"
        table.add_row(f"[bold]{escape(limit.quantity)}[/bold]", said, escape(limit.unit), p, share(limit.frequency))
    console.print(table)


def _trajectory(box: Box) -> None:
    console.print()
    table = _table("point", "coverage", "density", "of all draws", "limits", "moved", words=(5,))
    points = box.trajectory
    step = max(1, len(points) // POINTS)
    for p in points:
        if p.step % step == 0 or p.step == box.chosen or p.step == len(points) - 1:
            mark = "[bold]" if p.step == box.chosen else ""
            table.add_row(
                f"{mark}{p.step}",
                f"{p.coverage:.2f}",
                f"{p.density:.2f}",
                share(p.mass),
                str(p.limited),
                escape(p.moved),
            )
    console.print(table)
    console.print("[dim]another point of this list is taken with --point[/dim]")


def show_learn(found: Learning, top: int) -> None:
    """What `detente learn CASE` prints."""
    console.print(f"\nWhat to find out, to foresee [bold]{escape(found.words)}[/bold]")
    console.print(
        f"as things stand the expected Brier score is {found.brier.value:.3f}, the uncertainty "
        f"{found.entropy.value:.2f} bits\n"
    )
    table = _table("once known", "", "Brier falls by", "of it", "bits", words=(0, 1))
    shown = [t for t in found.things if t.told][:top]
    for t in [*shown, found.everything]:
        name = "every quantity" if t is found.everything else t.name
        brier, bits = t.brier, t.entropy
        table.add_row(
            f"[bold]{escape(name)}[/bold]" if t is not found.everything else f"[dim]{name}[/dim]",
            f"[dim]{t.kind if t.kind != 'everything' else 'at most'}[/dim]",
            _spread(brier, 4),
            percent(min(1.0, max(0.0, brier.value / found.brier.value))) if found.brier.value > 0 else "",
            _spread(bits, 3),
        )  # fmt: skip
    console.print(table)
    quiet = sum(not t.told for t in found.things)
    told = len(found.things) - quiet
    rest = [f"{told - len(shown)} more with --top {told}"] if told > len(shown) else []
    rest += [f"{quiet} would change next to nothing, or no more than noise"] if quiet else []
    if rest:
        console.print(f"[dim]{'; '.join(rest)}[/dim]")
    console.print()
    _notes(found.notes)
    console.print(f"[dim]{counted(found.draws, 'draw')} solved already; averages over what may be found.[/dim]")


def show_worths(found: Worths, top: int) -> None:
    """What `detente learn CASE --actor NAME` prints."""
    console.print(f"\nWhat it would be worth to [bold]{escape(found.actor)}[/bold] to know, in stakes\n")
    console.print("[bold]In private[/bold]: only it learns, and nobody knows that it does")
    _worths([w for w in found.private if w.value.value > 5e-5], top, found.private)
    if found.everything is not None and found.blind is not None:
        console.print(
            f"[dim]The best single plan for all draws earns {found.blind.value:.3f}; knowing every quantity would add "
            f"{found.everything.value.value:.4f}.[/dim]"
        )
    if found.public:
        console.print(
            f"\n[bold]In public[/bold]: everybody learns, and plays anew "
            f"[dim]({counted(found.public_draws, 'draw')})[/dim]"
        )
        _worths(found.public, top, found.public)
    console.print()
    _notes(found.notes)
    console.print(f"[dim]{counted(found.draws, 'draw')}.[/dim]")


def _worths(shown: Sequence[Worth], top: int, of: Sequence[Worth]) -> None:
    table = _table("once known", "", "stakes", words=(0, 1))
    for w in shown[:top]:
        half = f"±{(w.value.high - w.value.low) / 2:.4f}"
        table.add_row(
            f"[bold]{escape(w.name)}[/bold]", f"[dim]{w.kind}[/dim]", f"{w.value.value:+.4f} [dim]{half}[/dim]"
        )
    if shown:
        console.print(table)
    if left := len(of) - len(shown):
        console.print(f"[dim]{left} would be worth less than a ten-thousandth of a stake[/dim]")
