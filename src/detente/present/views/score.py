"""How forecasts and their scores are shown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from detente.analyse.evidence.averages import Average
from detente.analyse.evidence.score import FORECAST, RATE, REFERENCES, Score
from detente.present.figures.forecast.contrasts import forecasts_picture
from detente.present.html.markup import Content, Html, join, table
from detente.present.html.numbers import data
from detente.present.terminal.console import console
from detente.present.terminal.study import certificate
from detente.present.terminal.tables import notes, plain_table
from detente.present.view import Answer, Shown, view
from detente.present.wording.numbers import counted, day, fixed, percent, sentence, words
from detente.present.wording.scores import (
    BRIEFLY,
    BUILT_LATER,
    asked_by,
    before_built,
    dated,
    later_said,
    lead,
    questions,
    refusals,
    said_by_others,
    skilled,
    whose,
)
from detente.study.questions.score import Scores

AGAINST = {"base_rate": "base rate", "others": "others", "argument": "argument", "coin": "coin"}
RANKS = "Ranked probability score of the groups of outcomes, in the order of the case"


def text(found: Scores, shown: Shown) -> None:
    """What `detente score` prints."""
    for rows in questions(found):
        console.print(f"[bold]{escape(sentence(asked_by(shown.model, rows)))}[/bold]", highlight=False)
        _forecasts(rows)
        console.print()
    _averages(found.averages)
    _ranked(found)
    console.print(f"[dim]{BRIEFLY}[/dim]")
    notes(_remarks(found, shown))
    certificate(shown.solved)


def _forecasts(rows: Sequence[Score]) -> None:
    """Who said what of one question, and how it did; skill against what there is."""
    judged = any(s.brier is not None for s in rows)
    against = [name for name in REFERENCES if any(s.skill.get(name) is not None for s in rows)]
    scored = ["Brier", "log", *(f"vs {AGAINST[name]}" for name in against)] if judged else []
    grid = plain_table("who", "as of", "said", *scored, words=(0, 1), fold=True)
    for s in rows:
        numbers = [_decimals(s.brier), _decimals(s.log), *(skilled(s.skill.get(name)) for name in against)]
        grid.add_row(
            f"[bold]{escape(whose(s))}[/bold]", dated(s), percent(s.p or 0.0, 0.005),
            *(numbers if judged else ()),
        )  # fmt: skip
    console.print(grid)
    for s in rows:
        if s.kind == RATE:
            console.print(f"[dim]{escape(s.who)}: {escape(s.event)}[/dim]", soft_wrap=True)


def _averages(found: Sequence[Average]) -> None:
    if not found:
        return
    console.print("[bold]Over the days, each forecast standing until the next[/bold]", highlight=False)
    against = [name for name in REFERENCES if any(a.skill.get(name) is not None for a in found)]
    heads = ["who", "from", "to", "days", "Brier", "log", *(f"vs {AGAINST[name]}" for name in against)]
    grid = plain_table(*heads, words=(0, 1, 2), fold=True)
    for a in found:
        grid.add_row(
            f"[bold]{escape(a.who)}[/bold] [dim]{counted(a.forecasts, 'forecast')} of “{escape(a.event)}”[/dim]",
            _since(a), day(a.until), f"{a.days:,}", _decimals(a.brier), _decimals(a.log),
            *(skilled(a.skill.get(name)) for name in against),
        )  # fmt: skip
    console.print(grid)
    console.print()


def _since(a: Average) -> str:
    """From when; marked where this model is asked of days before it was built."""
    return day(a.since) + (f" ({BUILT_LATER})" if a.built_later else "")


def _ranked(found: Scores) -> None:
    if not found.ranked:
        return
    names = list(found.ranked[0].groups)
    console.print(f"[bold]{RANKS}; {words(found.ranked[0].came)} happened[/bold]", highlight=False)
    grid = plain_table("who", "as of", *(escape(words(n)) for n in names), "score", "vs equal", words=(0, 1), fold=True)
    for r in found.ranked:
        given = [percent(r.groups[n], 0.005) for n in names]
        grid.add_row(f"[bold]{r.who}[/bold]", day(r.date), *given, _decimals(r.score), skilled(r.skill))
    console.print(grid)
    console.print()


def _decimals(x: float | None) -> str:
    return "" if x is None else fixed(x, 3) if x != float("inf") else "∞"


def _remarks(found: Scores, shown: Shown) -> list[str]:
    told = [*refusals(shown.model, found), before_built(shown.model, found), later_said(shown.model, found.forecasts)]
    return [said for said in told if said]


def page(found: Scores, shown: Shown) -> Answer:
    """What others said beside this model, and how all of it did."""
    said: list[Content] = list(lead(shown.model, found.forecasts))
    listed = [s for s in said_by_others(found.forecasts) if s.kind in (FORECAST, RATE)]
    tables = [_table(rows, shown) for rows in questions(found)]
    return Answer(
        "score", "What others expected", said, [forecasts_picture(listed)] if listed else [],
        [BRIEFLY, *_remarks(found, shown)], tuple(found.references), after=join([*tables, *_record(found)]),
    )  # fmt: skip


def _table(rows: Sequence[Score], shown: Shown) -> Html:
    head = ["who", "as of", "probability", "Brier", "log", *(f"skill against {AGAINST[n]}" for n in REFERENCES)]
    body: list[list[Content]] = [
        [
            whose(s) + (f": {s.event}" if s.kind == RATE else ""), dated(s),
            data(s.p, percent(s.p or 0.0, 0.005)) if s.p is not None else "", _cell(s.brier), _cell(s.log),
            *(_skill(s.skill.get(n)) for n in REFERENCES),
        ]
        for s in rows
    ]  # fmt: skip
    return table(sentence(asked_by(shown.model, rows)), head, body, range(2, 9))


def _record(found: Scores) -> list[Html]:
    """Averages and ranked scores as tables."""
    made = []
    if found.averages:
        rows: list[list[Content]] = [
            [
                f"{a.who}: {a.event}", _since(a), day(a.until), f"{a.days:,}", _cell(a.brier), _cell(a.log),
                _skill(a.skill.get("coin")),
            ]
            for a in found.averages
        ]  # fmt: skip
        head = ["who", "from", "to", "days", "Brier", "log", "skill against coin"]
        made.append(table("Over the days, each forecast standing until the next.", head, rows, range(3, 7)))
    if found.ranked:
        names = list(found.ranked[0].groups)
        ranks: list[list[Content]] = [
            [r.who, day(r.date), *(data(r.groups[n], percent(r.groups[n], 0.005)) for n in names), _cell(r.score),
             _skill(r.skill)]
            for r in found.ranked
        ]  # fmt: skip
        head = ["who", "as of", *(words(n) for n in names), "score", "skill against equal"]
        made.append(table(f"{RANKS}.", head, ranks, range(2, 4 + len(names))))
    return made


def _cell(x: float | None) -> Content:
    return "" if x is None else data(x, _decimals(x))


def _skill(x: float | None) -> Content:
    return "" if x is None else data(x, skilled(x))


view(Scores, text=text, page=page)
