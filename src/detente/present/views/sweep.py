"""How a sweep is shown: first what it says of the case, as a run does, and then what it took."""

from __future__ import annotations

from rich.markup import escape

from detente.analyse.forecast.claims import WILSON
from detente.analyse.forecast.rank import likeliest, rankable
from detente.analyse.forecast.sketches import Distribution
from detente.model.schema import Model
from detente.present.figures.drawing.svg import Picture
from detente.present.figures.forecast.bars import Bar, bars, verdicts_picture
from detente.present.html.markup import table, tag
from detente.present.html.numbers import data
from detente.present.html.palette import colour
from detente.present.terminal.console import console
from detente.present.terminal.study import verdicts_table
from detente.present.terminal.tables import Plain, named
from detente.present.view import Answer, Shown, view
from detente.present.wording.answer import amount, grouped, spread
from detente.present.wording.evidence import known_when
from detente.present.wording.names import certified, outcome_means
from detente.present.wording.numbers import beside_effect, counted, number, percent, sentence, words
from detente.study.questions.sweep import Swept

SMALLEST_WAY = 0.001
COLUMNS = ("mean", "standard error", "5%", "median", "95%")


def text(found: Swept, shown: Shown) -> None:
    """What `detente sweep` prints."""
    model = shown.model
    console.print(f"\n[bold]{escape(model.title)}[/bold]")
    if model.question:
        console.print(f"[italic]{escape(model.question)}[/italic]")
    console.print()
    for k, said in enumerate(_answer(found, model)):
        console.print(escape(said) if k else f"[bold]{escape(said)}[/bold]", highlight=False)
    console.print()
    rows = Plain()
    rows.add_column("how it ends")
    for column in COLUMNS:
        rows.add_column(column, justify="right", no_wrap=True)
    for name, d in _ranked(found):
        rows.add_row(named(model, name), *_numbers(d))
    console.print(rows)
    console.print(f"[dim]{_reading(found)}[/dim]")
    console.print()
    for name, _ in _ranked(found):
        if said := _ways(found, name):
            console.print(f"[dim]{escape(words(name))}:[/dim] {escape(said)}")
    if model.claims:
        console.print()
        verdicts_table(model, found.claims, {}, {})
    console.print()
    _took(found)


def _answer(found: Swept, model: Model) -> list[str]:
    """The answer to the case's question, and the groups of outcomes."""
    if found.answer is None:
        return []
    answer = found.answer.answered
    first = f"{answer.says}: {amount(answer)} ({spread(answer)}), {known_when(model)}."
    return [first, *([sentence(grouped(answer))] if answer.groups else [])]


def _ranked(found: Swept) -> list[tuple[str, Distribution]]:
    return sorted(found.outcomes.items(), key=lambda item: -rankable(item[1].value))


def _numbers(d: Distribution) -> list[str]:
    """The columns of a probability, with the digits that they deserve."""
    rough = max(d.within, 2 * d.error)
    percentiles = (beside_effect(p, rough) for p in (d.low, d.median, d.high))
    return [beside_effect(d.value, d.error), f"{number(100 * d.error, digits=1)} pt", *percentiles]


def _reading(found: Swept) -> str:
    near = f", each within {number(100 * found.within, digits=1)} pt" if found.within else ""
    return (
        f"Mean of {counted(found.draws, 'draw')}, with its Monte Carlo standard error, which more draws shrink; then "
        f"percentiles over the draws, the analyst's uncertainty, which they do not{near}."
    )


def _ways(found: Swept, outcome: str) -> str:
    """How an outcome happens, the most likely way first."""
    ways = sorted(found.ways.get(outcome, {}).items(), key=lambda item: -item[1])
    return "; ".join(f"{words(way)} {percent(p)}" for way, p in ways if p >= SMALLEST_WAY)


def _took(found: Swept) -> None:
    """How many draws, how they were solved, how fast and in how much memory."""
    c, took = found.certificate, found.took
    kept = found.draws - took.solved
    told = [f"{counted(kept, 'draw')} kept from before"] if kept else []
    if took.solved:
        told.append(f"{counted(took.solved, 'draw')} solved in {took.seconds:.1f} s ({took.rate:,.0f} a second)")
    gains = ", ".join(f"{words(p)} {gain:.2g}" for p, gain in c.max_gain.items())
    console.print(
        f"[dim]{counted(found.draws, 'draw')}; {escape(found.method)} ({found.perception} perception). Converged: "
        f"{found.draws - c.unconverged_draws:,} ({c.traced_draws:,} traced by arclength), largest residual "
        f"{c.max_residual:.1g}; largest regret, in stakes: {escape(gains)}.[/dim]"
    )
    console.print(f"[dim]{'; '.join([*told, _memory()]).removesuffix('; ')}.[/dim]")
    if c.unconverged_draws:
        console.print(f"[yellow]{counted(c.unconverged_draws, 'draw')} did not converge: {c.advice}.[/yellow]")
    if found.interrupted:
        console.print(f"[yellow]Interrupted: {found.draws:,} of {found.asked:,} draws are done and shown.[/yellow]")


def _memory() -> str:
    """The most memory that this process has held, where the platform tells."""
    try:
        import resource
    except ImportError:  # on Windows
        return ""
    import sys

    unit = 1 if sys.platform == "darwin" else 1024
    return f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6:,.0f} MB of memory"


def page(found: Swept, shown: Shown) -> Answer:
    """How it may end, over very many draws, and which claims hold."""
    model, told = shown.model, f" {certified(found.certificate.converged)}"
    best = likeliest({name: d.finding(name) for name, d in found.outcomes.items()})
    said = [*_answer(found, model), f"Most likely is {words(best)}: {percent(found.outcomes[best].value)} on average."]
    pictures = [_picture(found, model, told)]
    if found.claims:
        pictures.append(verdicts_picture(found.draws, found.claims, told))
    stopped = [f"Interrupted: {found.draws:,} of {found.asked:,} draws are done."] if found.interrupted else []
    references = (*found.references, *([WILSON] if found.claims else []))
    return Answer("sweep", "How it may end, over very many draws", said, pictures, stopped, references)


def _picture(found: Swept, model: Model, told: str) -> Picture:
    rows = [Bar(name, outcome_means(model, name), d.finding(name), colour(model, name)) for name, d in _ranked(found)]
    behind = table(
        _reading(found),
        ["outcome", "what it is", *COLUMNS],
        [
            [
                tag("b", words(name)),
                outcome_means(model, name),
                *map(data, (d.value, d.error, d.low, d.median, d.high), _numbers(d)),
            ]
            for name, d in _ranked(found)
        ],
        (2, 3, 4, 5, 6),
    )
    reading = (
        f"Probability in percent: bar, the mean of {counted(found.draws, 'draw')}; line, the 90% interval over the "
        f"draws.{told}"
    )
    return bars("swept", "How likely each outcome is", reading, rows, behind)


view(
    Swept,
    text=text,
    page=page,
    converged=lambda found: found.certificate.converged,
    interrupted=lambda found: found.interrupted,
)
