"""How a solved case is shown on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from detente.analyse.evidence.outside import REFERENCE, Answered
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import likeliest
from detente.analyse.sensitivity.main_effects import Driver
from detente.analyse.thresholds.breaking import Breaking
from detente.present.figures.evidence.prior import prior_picture
from detente.present.figures.forecast.bars import claims_picture, outcomes_picture
from detente.present.figures.forecast.contrasts import bound
from detente.present.figures.forecast.structures import structures_picture
from detente.present.figures.thresholds.breaking import beside_said, switches_said
from detente.present.terminal.console import console
from detente.present.terminal.study import certificate, claims_table
from detente.present.terminal.tables import Plain, named
from detente.present.view import Answer, Shown, view
from detente.present.views.variants import shown_beside
from detente.present.wording.answer import amount, basis, beside, event_named, grouped, spread, surprises
from detente.present.wording.claims import smaller
from detente.present.wording.names import assumed, certified_of
from detente.present.wording.numbers import number, percent, sentence, words
from detente.present.wording.structures import level, share_told, sides, subject, subject_words, trees_told
from detente.study.questions.variants import Variants
from detente.study.study import Study

BAR = 40
SMALLEST_WAY = 0.001
MOVED = 5  # assumptions of a joint change that are named


def show_study(
    study: Study, written: Sequence[Path] = (), turning: Sequence[Breaking] = (), varied: Sequence[Variants] = ()
) -> None:
    """What `detente run` prints."""
    model = study.model
    console.print(
        f"\n[bold]{escape(model.title)}[/bold]"
        + (f"  [dim]built as of {model.as_of}[/dim]" if model.as_of and model._updated is None else "")
    )
    if model.question:
        console.print(f"[italic]{escape(model.question)}[/italic]")
    if trees := trees_told(study):
        console.print(f"[dim]{trees}[/dim]")
    console.print()
    if study.answer:
        _answer(study, study.answer)
    _outcomes(study)
    if study.structures:
        _structures(study)
    if model.claims:
        console.print()
        claims_table(study, list(model.claims))
        _carries(study)
        for b in turning:
            _turn(b)
    for found in varied:
        console.print()
        shown_beside(found, model)
    console.print()
    certificate(study)
    for path in written:
        console.print(f"[dim]written:[/dim] {escape(str(path))}")


def _answer(study: Study, answer: Answered) -> None:
    console.print(
        f"[bold]{escape(answer.says)}: {amount(answer)}[/bold] ({spread(answer)}), {escape(basis(study))}.",
        highlight=False,
    )
    if answer.groups:
        console.print(f"{escape(sentence(grouped(answer)))}", highlight=False)
    for said in beside(study):
        console.print(escape(said), highlight=False)
    for said in surprises(study):
        console.print(f"[yellow]{escape(said)}[/yellow]", highlight=False)
    console.print()


def _outcomes(study: Study) -> None:
    table = Plain()
    table.add_column("how it ends")
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("90% of draws", justify="right", no_wrap=True)
    table.add_column("")
    for name, finding in sorted(study.outcomes.items(), key=lambda item: -item[1].value):
        bar = "█" * round(BAR * finding.value)
        shown = percent(finding.value, finding.error)
        table.add_row(named(study.model, name), shown, _interval(finding), f"[blue]{bar}[/blue]")
    console.print(table)
    console.print()
    for name, _ in sorted(study.outcomes.items(), key=lambda item: -item[1].value):
        if said := _ways(study, name):
            console.print(f"[dim]{escape(words(name))}:[/dim] {said}")


def _structures(study: Study) -> None:
    """What is forecast with each rival structure, and without it."""
    model, of = study.model, subject(study)
    console.print()
    table = Plain(f"{subject_words(model, of)}, by structure")
    table.add_column("structure")
    for column in ("in draws", "present", "absent"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, presence in study.structures.items():
        there, absent = sides(presence, of)
        share = percent(presence.draws / study.n)
        table.add_row(named(model, name), share, level(model, of, there), level(model, of, absent))
    console.print(table)
    if told := share_told(study):
        console.print(f"{told}.", highlight=False)


def _ways(study: Study, outcome: str) -> str:
    """How an outcome happens, the periods of one trigger together."""
    triggers: dict[str, list[tuple[int, float]]] = {}
    for way, finding in study.ways.items():
        if way.outcome == outcome and finding.value >= SMALLEST_WAY:
            triggers.setdefault(way.trigger, []).append((way.period, finding.value))
    parts = []
    for trigger, times in sorted(triggers.items(), key=lambda item: -sum(p for _, p in item[1])):
        by_period = ", ".join(
            f"{percent(p)} in {study.model.periods.word} {t}" if t else percent(p) for t, p in sorted(times)
        )
        parts.append(f"{escape(words(trigger))} ({by_period})")
    return "; ".join(parts)


def _interval(finding: Finding) -> str:
    return f"{percent(finding.low)} to {percent(finding.high)}"


def _carries(study: Study) -> None:
    name = next(iter(study.model.claims))
    found = study.drivers(name)
    if found:
        console.print(f"\nWhat [bold]{escape(words(name))}[/bold] depends on most: {_driver(study, found[0])}")


def _turn(b: Breaking) -> None:
    """The smallest joint change of assumptions that flips a claim."""
    if b.holds is None:
        console.print(f"{escape(b.searched[0].upper() + b.searched[1:])}.")
        return
    there = "holds" if b.holds else "fails"
    less = f" Less is enough {escape(beside_said(b))}." if b.beside else ""
    start = f"With all assumptions at their medians the claim [bold]“{escape(words(b.claim))}”[/bold] {there}"
    if b.switches:
        start += f"; [bold]{escape(switches_said(b))}[/bold] flips it alone"
    if b.distance.value != b.distance.value:
        none = "and no change of the others does" if b.switches else "and nothing flips it"
        console.print(f"{start}, {none} ({escape(b.searched)}).{less}")
        return
    moved = ", ".join(f"{escape(assumed(c.name))} {number(c.median)} → {number(c.value)}" for c in b.changes[:MOVED])
    console.print(
        f"{start}; the smallest joint change that flips it is [bold]{b.distance.value:.2f} prior sd[/bold]: "
        f"{moved}{smaller(b.changes, MOVED)}.{less}"
    )


def _driver(study: Study, d: Driver) -> str:
    bottom, top = bound(study, d, 0), bound(study, d, 1)
    return (
        f"{named(study.model, d.quantity)}. Where it is lowest ({bottom}) the claim holds in "
        f"{percent(d.low.value)} of draws, where it is highest ({top}) in {percent(d.high.value)}."
    )


def text(found: Study, shown: Shown) -> None:
    """The answers of a solved case."""
    show_study(found)


def page(found: Study, shown: Shown) -> Answer:
    """How it may end, and which claims hold; the whole report says more."""
    pictures = [outcomes_picture(found), *([structures_picture(found)] if found.structures else [])]
    if found.model.claims:
        pictures.append(claims_picture(found, None, certified_of(found)))
    pictures += [
        prior_picture(
            check, found.ask(f"P({check.event})"), f"Prior predictive check: {event_named(found.model, check.event)}"
        )
        for check in found.checks
        if check.said
    ]
    best = likeliest(found.outcomes)
    said = [f"Most likely is {words(best)}: {percent(found.outcomes[best].value)} on average."]
    if answer := found.answer:
        first = f"{answer.says}: {amount(answer)} ({spread(answer)}), {basis(found)}."
        said = [
            first,
            *([sentence(grouped(answer))] if answer.groups else []),
            *beside(found),
            *surprises(found),
            *said,
        ]
    references = (*found.references, *([REFERENCE] if found.checks else []))
    return Answer("run", "How it may end", said, pictures, (), references)


view(Study, text=text, page=page)
