"""Answers on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table
from rich.tree import Tree as Branch

from detente.analyse.counterfactual.statics import StaticResult
from detente.analyse.finding import Finding
from detente.analyse.forecast.why import Why
from detente.analyse.sensitivity.main_effects import Driver
from detente.analyse.thresholds.breaking import Breaking
from detente.engine.batch import edges
from detente.errors import Problem
from detente.present.terminal.console import console
from detente.present.wording.words import UNNOTICED, counted, number, percent, share, signed
from detente.solve.base import Status, advice
from detente.study.study import Study

BAR = 40
SIZES = {
    "nodes": ("node",), "information_sets": ("information set",), "plays": ("play",),
    "quantities": ("quantity", "quantities"),
}  # fmt: skip
SMALLEST_WAY = 0.001


def show_study(study: Study, written: Sequence[Path], turning: Sequence[Breaking] = ()) -> None:
    """What `detente run` prints."""
    model = study.model
    console.print(
        f"\n[bold]{escape(model.title)}[/bold]" + (f"  [dim]as of {model.as_of}[/dim]" if model.as_of else "")
    )
    if model.question:
        console.print(f"[italic]{escape(model.question)}[/italic]")
    console.print()
    _outcomes(study)
    if model.claims:
        console.print()
        _claims(study, list(model.claims))
        _carries(study)
        for b in turning:
            _turn(b)
    console.print()
    _certificate(study)
    for path in written:
        console.print(f"[dim]written:[/dim] {escape(str(path))}")


def _outcomes(study: Study) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("how it ends", no_wrap=True)
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("90% of draws", justify="right", no_wrap=True)
    table.add_column("")
    for name, finding in sorted(study.outcomes.items(), key=lambda item: -item[1].value):
        bar = "█" * round(BAR * finding.value)
        table.add_row(f"[bold]{escape(name)}[/bold]", percent(finding.value), _interval(finding), f"[blue]{bar}[/blue]")
    console.print(table)
    console.print()
    for name, _ in sorted(study.outcomes.items(), key=lambda item: -item[1].value):
        if said := _ways(study, name):
            console.print(f"[dim]{escape(name)}:[/dim] {said}")


def _ways(study: Study, outcome: str) -> str:
    """How an outcome comes about, the periods of one trigger together."""
    triggers: dict[str, list[tuple[int, float]]] = {}
    for way, finding in study.ways.items():
        if way.outcome == outcome and finding.value >= SMALLEST_WAY:
            triggers.setdefault(way.trigger, []).append((way.period, finding.value))
    parts = []
    for trigger, times in sorted(triggers.items(), key=lambda item: -sum(p for _, p in item[1])):
        by_period = ", ".join(f"{percent(p)} in period {t}" if t else percent(p) for t, p in sorted(times))
        parts.append(f"{escape(trigger)} ({by_period})")
    return "; ".join(parts)


def _interval(finding: Finding) -> str:
    return f"{percent(finding.low)} to {percent(finding.high)}"


_COLOURS = {"holds": "green", "mostly holds": "green", "contested": "yellow", "mostly fails": "red", "fails": "red"}


def _claims(study: Study, wanted: Sequence[str]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("holds in", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("claim")
    for name in wanted:
        verdict = study.claims[name]
        cited = ", ".join(str(c) for c in study.model.claims[name].source)
        said = f"[bold]{escape(name)}[/bold]" + (f": {escape(verdict.says)}" if verdict.says else "")
        said += f" [dim]({escape(cited)})[/dim]" if cited else ""
        if verdict.unjudged:
            said += f" [dim]({counted(verdict.unjudged, 'draw')} cannot be judged)[/dim]"
        colour = _COLOURS.get(verdict.words, "white")
        table.add_row(share(verdict.share.value), f"[{colour}]{verdict.words}[/{colour}]", said)
    console.print(table)


def _carries(study: Study) -> None:
    name = next(iter(study.model.claims))
    found = study.drivers(name)
    if found and found[0].index.value > 0.01:
        console.print(f"\nWhat [bold]{escape(name)}[/bold] hangs on most: {_driver(found[0])}")


def _turn(b: Breaking) -> None:
    """The smallest joint change of assumptions that turns a claim."""
    if b.holds is None:
        return
    there = "holds" if b.holds else "fails"
    if b.distance.value != b.distance.value:
        console.print(f"With all assumptions at their medians it {there}, and nothing turns it ({escape(b.searched)}).")
        return
    moved = ", ".join(f"{escape(c.name)} {number(c.median)} → {number(c.value)}" for c in b.changes[:5])
    console.print(
        f"With all assumptions at their medians it {there}; the smallest joint change that turns it is "
        f"[bold]{b.distance.value:.2f} prior sd[/bold]: {moved}, and less of others."
    )


def _driver(d: Driver) -> str:
    bottom, top = d.bounds
    return (
        f"[bold]{escape(d.quantity)}[/bold]. Where it is lowest (below {number(bottom)}) the claim holds in "
        f"{share(d.low.value)} of draws, where it is highest (above {number(top)}) in {share(d.high.value)}."
    )


def _certificate(study: Study) -> None:
    bad = int((~study.converged).sum())
    traced = int((study.status == Status.TRACED).sum())
    gains = ", ".join(f"{p} {study.gain[k].max():.2g}" for k, p in enumerate(study.model.actors))
    console.print(
        f"[dim]{counted(study.n, 'draw')}, seed {study.draws.seed}, {study.seconds:.1f} s; {escape(study.method)} "
        f"({study.engine.perception} perception). Converged: {study.n - bad:,} ({traced:,} traced by arclength), "
        f"largest residual {study.residual.max():.1g}; largest gain from deviating, in stakes: {escape(gains)}.[/dim]"
    )
    if bad:
        console.print(f"[yellow]{counted(bad, 'draw')} did not converge: {advice(study.method)}.[/yellow]")
    if forked := int(study.forked.sum()):
        console.print(
            f"[yellow]In {counted(forked, 'draw')} the branch passed a fork: the game is symmetric, and beside the "
            "symmetric answer shown there are others in which one side gives way.[/yellow]"
        )
    if study.interrupted:
        console.print(f"[yellow]Interrupted: {study.n:,} of {study.asked:,} draws are done and shown.[/yellow]")


def show_claims(study: Study, wanted: Sequence[str]) -> None:
    """What `detente claims` prints."""
    if not study.model.claims:
        console.print("this model makes no claims")
        return
    _claims(study, wanted)
    console.print()
    table = Table(box=None, pad_edge=False, header_style="dim", title="what each claim hangs on", title_justify="left")
    for column in ("claim", "assumption", "index", "low fifth", "high fifth"):
        table.add_column(column, justify="left" if column in ("claim", "assumption") else "right")
    for name in wanted:
        for k, d in enumerate([d for d in study.drivers(name)[:3] if d.index.value > 0.005]):
            table.add_row(
                escape(name) if k == 0 else "",
                escape(d.quantity),
                f"{d.index.value:.2f}",
                share(d.low.value),
                share(d.high.value),
            )
    console.print(table)
    console.print()
    _certificate(study)


def show_check(case: str, problems: Sequence[Problem], size: Mapping[str, int]) -> None:
    """What `detente check` prints."""
    for problem in problems:
        colour = "yellow" if problem.warning else "red"
        console.print(
            f"[{colour}]{'warning' if problem.warning else 'error'}[/{colour}] {escape(str(problem))}", soft_wrap=True
        )
    wrong = sum(not p.warning for p in problems)
    if wrong:
        console.print(f"\n{escape(case)}: {counted(wrong, 'mistake')}")
    else:
        parts = ", ".join(counted(value, *SIZES[key]) for key, value in size.items())
        console.print(f"{escape(case)}: good ({parts})")


def show_statics(results: Sequence[StaticResult]) -> None:
    """What `detente statics` prints."""
    for r in results:
        mark = "[green]holds[/green]" if r.holds else "[red]fails[/red]"
        if r.holds and r.share < 0.5:
            mark = "[yellow]holds on average only[/yellow]"
        thread = f" [dim]{escape(r.mechanism)}[/dim]" if r.mechanism else ""
        console.print(f"{mark}  [bold]{escape(r.name)}[/bold]{thread}")
        console.print(f"       {escape(r.says)}", soft_wrap=True)
        console.print(
            f"       effect {signed(r.effect.value)} [dim](95%: {signed(r.effect.low)} to {signed(r.effect.high)}; "
            f"as expected in {share(r.share)} of draws)[/dim]"
        )
        console.print(f"       [dim]{escape(r.change)}[/dim]", soft_wrap=True)
    held = sum(r.holds for r in results)
    draws = results[0].effect.draws if results else 0
    console.print(f"\n{held} of {len(results)} hold ({counted(draws, 'paired draw')} each)")


def show_why(study: Study, reasons: Sequence[Why]) -> None:
    """What `detente why` prints."""
    for r in reasons:
        console.print(f"\n[bold]{escape(r.where)}[/bold]", soft_wrap=True)
        console.print(f"  [dim]{_place(r)} at this stage, reached in {percent(r.reached.value)} of play[/dim]")
        better = "better" if r.gap.value >= 0 else "worse"
        if max(abs(r.gap.value), abs(r.gap.low), abs(r.gap.high)) < UNNOTICED:
            console.print(
                f"  {escape(r.move)} ({percent(r.probability.value)}) and {escape(r.against)} come to the same there"
            )
            continue
        console.print(
            f"  {escape(r.move)} ({percent(r.probability.value)}) is {better} than {escape(r.against)} by "
            f"{signed(abs(r.gap.value)).removeprefix('+')} stakes "
            f"[dim](90% of draws: {signed(r.gap.low)} to {signed(r.gap.high)})[/dim]",
            soft_wrap=True,
        )
        widest = max((abs(t.value) for t in r.terms.values()), default=1.0) or 1.0
        table = Table(box=None, pad_edge=False, show_header=False)
        for name, term in sorted(r.terms.items(), key=lambda item: -abs(item[1].value)):
            if max(abs(term.value), abs(term.high), abs(term.low)) < UNNOTICED:
                continue
            bar = ("[green]" if term.value > 0 else "[red]") + "█" * round(16 * abs(term.value) / widest) + "[/]"
            table.add_row(
                "    ", escape(name), f"{term.value:+.3f}", f"[dim]{signed(term.low)} to {signed(term.high)}[/dim]", bar
            )
        console.print(table)
    if any(r.situations > 1 for r in reasons) and all(r.rank == 1 for r in reasons):
        console.print("\n[dim]Other situations: --all, or --period N, --given CONDITION.[/dim]")
    console.print()
    _certificate(study)


def _place(r: Why) -> str:
    return f"{r.rank} of {r.situations:,} situations" if r.situations > 1 else "the only situation"


def show_tree(study: Study, depth: int, cut: float) -> None:
    """What `detente tree` prints."""
    tree = study.blueprint.tree
    first = next(iter(study.batches()))
    chance = edges(first.game, first.behaviour, tree.n_players).mean(axis=1)
    coming = first.reach.mean(axis=1)
    console.print(
        f"{counted(tree.n_nodes, 'node')}, {counted(len(tree.terminals), 'play')}, "
        f"{counted(tree.n_infosets, 'information set')}, {counted(tree.n_actions, 'move')}"
    )
    console.print(
        "[dim]Behind a step: how likely it is once play has come so far. Behind an ending: how likely the whole way to "
        f"it is. Means of {counted(first.n, 'draw')}.[/dim]\n"
    )
    root = Branch(f"[bold]{escape(study.model.title)}[/bold]")

    def grow(node: int, branch: Branch, left: int) -> None:
        event = tree.tags[node]
        hidden = 0
        for child in range(int(tree.first_child[node]), int(tree.first_child[node] + tree.children[node])):
            if coming[child] < cut:
                hidden += 1
                continue
            if isinstance(event, str) and event.startswith("?"):
                grow(child, branch, left)
                continue
            actor = f"{tree.players[tree.owner[tree.infoset[node]]]} " if tree.infoset[node] >= 0 else ""
            odds = percent(float(chance[child]))
            label = f"[dim]{escape(actor + str(event))}[/dim] {escape(tree.labels[child])} [cyan]{odds}[/cyan]"
            if not tree.children[child]:
                outcome = escape(str(study.blueprint.scene(child).outcome))
                label += f" → [bold]{outcome}[/bold] [dim]{percent(float(coming[child]))} of all play[/dim]"
            twig = branch.add(label)
            if tree.children[child] and left > 1:
                grow(child, twig, left - 1)
            elif tree.children[child]:
                twig.add("[dim]…[/dim]")
        if hidden:
            branch.add(f"[dim]… {hidden} more, each in less than {percent(cut)} of all play[/dim]")

    grow(0, root, depth)
    console.print(root)


def show_cases(found: Sequence[Mapping[str, str]]) -> None:
    """What `detente cases` prints."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("case", "what it is", "as of"):
        table.add_column(column, no_wrap=column != "what it is")
    for item in found:
        table.add_row(f"[bold]{item['case']}[/bold]", escape(item["title"]), item["as_of"])
    console.print(table)
