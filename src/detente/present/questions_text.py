"""The answers that solve again, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.markup import escape
from rich.table import Table

from detente.analyse.counterfactual.knockout import Ablations
from detente.analyse.counterfactual.whatif import Difference, Step, WhatIf
from detente.analyse.thresholds.breaking import Breaking
from detente.analyse.thresholds.regimes import Map, Regimes
from detente.analyse.thresholds.tipping import Tip, Tipping
from detente.present.terminal.console import console
from detente.present.wording.words import counted, number, percent

MARKS = "·#o+x%=*~&"
SHOWN, FEWEST = 6, 0.005


def _table(*columns: str, words: Sequence[int] = (0,), title: str | None = None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", title=title, title_justify="left")
    for k, column in enumerate(columns):
        table.add_column(column, justify="left" if k in words else "right", overflow="fold")
    return table


def _away(score: float) -> str:
    """A score as people say it."""
    if score != score:
        return ""
    return (
        "at its median" if abs(score) < 5e-3 else f"{abs(score):.2f} sd {'above' if score > 0 else 'below'} its median"
    )


def show_tipping(found: Tipping) -> None:
    """What `detente tip CASE Q` prints."""
    low, high = number(float(found.grid[0])), number(float(found.grid[-1]))
    console.print(f"\n[bold]{escape(found.quantity)}[/bold] from {low} to {high} (median {number(found.centre)})\n")
    curves = {name: [f.value for f in curve] for name, curve in found.outcomes.items()}
    widest = sorted(curves, key=lambda name: -(max(curves[name]) - min(curves[name])))[:SHOWN]
    names = [name for name in curves if name in widest]
    table = _table(found.quantity, *names, "likeliest at the centre", words=(len(names) + 1,))
    for k in range(0, len(found.grid), 2 if len(found.grid) > 12 else 1):
        cells = [percent(curves[name][k]) for name in names]
        table.add_row(number(float(found.grid[k])), *(escape(c) for c in cells), escape(found.likeliest[k]))
    console.print(table)
    moving = {name: [f.value for f in curve] for name, curve in found.claims.items()}
    moving = {name: v for name, v in moving.items() if np.ptp(np.nan_to_num(v)) >= FEWEST}
    if moving:
        console.print()
        table = _table("claim holds in", f"at {low}", f"at {high}", title="claims that move")
        for name, v in sorted(moving.items(), key=lambda item: -np.ptp(np.nan_to_num(item[1]))):
            table.add_row(escape(name), percent(v[0]), percent(v[-1]))
        console.print(table)
    console.print()
    if not found.tips:
        console.print("At the central draw nothing turns in this range: no likeliest ending, no move, no claim.")
    else:
        console.print("At the central draw, all else at its median:")
        for t in found.tips:
            console.print(f"  {_tip(found.quantity, t)}", soft_wrap=True)
    console.print(
        f"\n[dim]{counted(found.draws, 'paired draw')} at each of {len(found.grid)} points; "
        f"{percent(found.converged)} of all draws converged.[/dim]"
    )


def _tip(quantity: str, t: Tip) -> str:
    how = {"crosses": "", "jumps": f" at a jump of {percent(t.step)}", "between": ""}[t.how]
    place = f"{number(t.at.value)}" if t.how == "between" else f"{t.at.value:.6g}"
    many = (
        f"; {counted(t.at.draws, 'draw turns', 'draws turn')} so, 90% of them from {number(t.at.low)} to "
        f"{number(t.at.high)}"
        if t.at.draws
        else ""
    )
    away = f" ({_away(t.score)})" if t.score == t.score else ""
    return (
        f"[bold]{escape(quantity)} = {place}[/bold]{away}: {escape(t.what)} turns from {escape(t.before)} to "
        f"[bold]{escape(t.after)}[/bold]{how}[dim]{many}[/dim]"
    )


def show_regimes(found: Regimes) -> None:
    """What `detente tip CASE Q Q2` prints."""
    x, y = found.quantities
    for one in found.maps:
        console.print(f"\n[bold]{escape(one.what)}[/bold], all else at its median")
        console.print("  " + "   ".join(f"{MARKS[k % len(MARKS)]} {escape(v)}" for k, v in enumerate(one.legend)))
        _picture(found, one)
        way = one.way
        if way.distance.value != way.distance.value:
            console.print(f"No way across within {way.distance.interval.removeprefix('searched to ')} prior sd.")
            continue
        console.print(
            f"Here: {escape(way.here)}. The shortest way across, to {escape(way.across)}: "
            f"[bold]{way.distance.value:.2f} prior sd[/bold], at {escape(x)} = {number(way.at[0])} "
            f"({_away(way.scores[0])}) and {escape(y)} = {number(way.at[1])} ({_away(way.scores[1])}).",
            soft_wrap=True,
        )
    console.print(
        f"\n[dim]{counted(found.solved, 'point')} solved, {percent(found.converged)} of them converged.[/dim]"
    )


def _picture(found: Regimes, one: Map) -> None:
    gx, gy = found.grids
    i, j = (int(np.abs(grid - here).argmin()) for grid, here in zip(found.grids, found.here, strict=True))
    console.print(f"  [dim]{escape(found.quantities[1])}[/dim]")
    for row in reversed(range(len(gy))):
        line = "".join(MARKS[int(v) % len(MARKS)] + " " for v in one.labels[row])
        if row == j:
            line = f"{line[: 2 * i]}[bold]@[/bold]{line[2 * i + 1 :]}"
        console.print(f"  [dim]{number(float(gy[row])):>8}[/dim] {line}")
    ends = f"{number(float(gx[0]))} to {number(float(gx[-1]))}"
    console.print(f"  {'':8} [dim]{escape(found.quantities[0])}: {ends}; @ is the centre[/dim]")


def show_what_if(found: WhatIf, title: str = "") -> None:
    """What `detente what-if` and `detente compare` print."""
    console.print(f"\n[bold]{escape(title or found.whole.change)}[/bold]\n")
    _step(found.whole)
    if len(found.steps) > 1:
        console.print("\nOne after another:")
        names = sorted(found.whole.outcomes, key=lambda name: -abs(found.whole.outcomes[name].effect.value))[:SHOWN]
        table = _table("change", *names)
        for step in (*found.steps, found.whole):
            label = "all together" if step is found.whole else step.change
            table.add_row(escape(label), *(_points(step.outcomes[name].effect.value) for name in names))
        console.print(table)
    for note in found.notes:
        console.print(f"[dim]{escape(note)}[/dim]", soft_wrap=True)
    console.print(
        f"\n[dim]{counted(found.draws, 'paired draw')}; {percent(found.converged)} of all draws converged.[/dim]"
    )


def _points(effect: float) -> str:
    """A difference of probabilities in percentage points."""
    if effect != effect:
        return "not defined"
    points = 100 * effect
    digits = 0 if abs(points) >= 10 else 1 if abs(points) >= 1 else 2
    return "0" if abs(points) < 0.005 else f"{points:+.{digits}f} pt"


def _step(step: Step) -> None:
    table = _table("", "before", "after", "difference", "95% of the mean", "90% of draws")
    for name, d in sorted(step.outcomes.items(), key=lambda item: -abs(item[1].effect.value)):
        table.add_row(f"[bold]{escape(name)}[/bold]", *_cells(d))
    claims = [
        (n, d) for n, d in step.claims.items() if abs(d.effect.value) >= FEWEST or d.before.draws != d.after.draws
    ]
    if claims:
        table.add_row("[dim]claims that move[/dim]")
    for name, d in sorted(claims, key=lambda item: -abs(np.nan_to_num(item[1].effect.value, nan=2.0))):
        table.add_row(escape(name), *_cells(d)[:4])
    console.print(table)


def _cells(d: Difference) -> list[str]:
    if not d.effect.draws:
        return [percent(d.before.value), percent(d.after.value), "", "", ""]
    both = (
        f"{_points(d.effect.low).removesuffix(' pt')} to {_points(d.effect.high)}",
        f"{_points(d.spread.low).removesuffix(' pt')} to {_points(d.spread.high)}",
    )
    return [percent(d.before.value), percent(d.after.value), _points(d.effect.value), *both]


def show_ablations(found: Ablations) -> None:
    """What `detente ablate` prints."""
    for a in found.mechanisms:
        cited = f" [dim]({escape(a.source)})[/dim]" if a.source else ""
        if a.effect is None:
            console.print(f"   -   [bold]{escape(a.mechanism)}[/bold]{cited}: cannot be switched off")
            continue
        name, d = max(a.effect.outcomes.items(), key=lambda item: abs(item[1].effect.value))
        most = f"{escape(name)} {_points(d.effect.value)}"
        console.print(f"{percent(a.shift):>5}  without [bold]{escape(a.mechanism)}[/bold]{cited}: most moved {most}")
        if a.turned:
            console.print(f"       claims turned: {escape(', '.join(a.turned))}", soft_wrap=True)
        if a.lost:
            console.print(f"       [dim]not to be judged: {escape(', '.join(a.lost))}[/dim]", soft_wrap=True)
    for a in found.mechanisms:
        console.print(f"\n[bold]{escape(a.mechanism)}[/bold]")
        for off in a.off:
            console.print(f"  off:  {escape(off)}", soft_wrap=True)
        for kept in a.kept:
            console.print(f"  [yellow]kept: {escape(kept)}[/yellow]", soft_wrap=True)
    console.print(
        "\n[dim]shift: half the sum of the absolute changes of the mean probabilities of the endings. "
        f"{counted(found.draws, 'paired draw')}; at least {percent(found.converged)} of them converged in each.[/dim]"
    )


def show_breaking(found: Sequence[Breaking]) -> None:
    """What `detente claims --breaking` adds."""
    console.print("\nWhat it would take to turn each claim, from the central draw (all assumptions at their medians):")
    for b in found:
        now = {True: "holds", False: "fails", None: "cannot be judged"}[b.holds]
        console.print(f"\n[bold]{escape(b.claim)}[/bold] {now} there", end="")
        if b.holds is None:
            console.print(".")
            continue
        if b.distance.value != b.distance.value:
            console.print(f"; nothing turns it ({escape(b.searched)}).", soft_wrap=True)
        else:
            console.print(f"; the smallest joint change that turns it is [bold]{b.distance.value:.2f} prior sd[/bold]:")
            table = _table("  assumption", "median", "to", "prior sd", "share")
            for c in b.changes[:SHOWN]:
                cells = (number(c.median), number(c.value), f"{c.score:+.2f}", f"{c.share:.0%}")
                table.add_row(f"  {escape(c.name)}", *cells)
            console.print(table)
        if b.singles:
            alone = "; ".join(
                f"{escape(s.change.name)} = {number(s.change.value)} ({s.change.score:+.2f} sd)" for s in b.singles[:3]
            )
            console.print(f"  alone: {alone}", soft_wrap=True)
        elif b.distance.value == b.distance.value:
            console.print("  no single assumption turns it alone within 4 prior sd")
