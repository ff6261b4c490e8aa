"""How perceptions are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from detente.analyse.finding import Finding
from detente.analyse.perceptions import portrait as perceptions
from detente.analyse.perceptions import required_beliefs as conviction
from detente.analyse.perceptions.needs import Need
from detente.analyse.perceptions.portrait import Portrait
from detente.analyse.perceptions.sweep import Sweep
from detente.present.figures.perceptions.beliefs import (
    beliefs_picture,
    beliefs_table,
    cost_picture,
    need_picture,
)
from detente.present.figures.perceptions.sweep import sweep_picture
from detente.present.view import Answer, Shown, view
from detente.present.wording.names import certified_of
from detente.present.wording.numbers import counted, fixed, signed, words
from detente.present.wording.perceptions import headline, needless_row, often, said, surprises, way_said
from detente.study.questions.perceptions import Perceptions

COLUMNS = 6  # of the sweep shown


def text(found: Perceptions, shown: Shown) -> None:
    """What `detente perceptions` prints."""
    from rich.markup import escape

    from detente.present.terminal.console import console
    from detente.present.wording.numbers import counted

    study = shown.solved
    console.print(f"\n[bold]{escape(study.model.title)}[/bold]  [dim]({study.engine.perception} perception)[/dim]")
    console.print(f"\n{escape(headline(found, study.model, study.engine.perception))}", soft_wrap=True)
    for portrait in found.portraits.values():
        _portrait(portrait)
    _payoffs(list(found.portraits.values()))
    for sweep in found.sweeps.values():
        _sweep(sweep, found.moved)
    for need in found.needs:
        _need(need)
    console.print(
        f"\n[dim]{counted(study.n, 'draw')}, seed {study.draws.seed}, {escape(study.method)}; "
        f"converged {study.converged.mean():.1%}. What must be believed is solved at the median draw, every other "
        "quantity at its median.[/dim]"
    )


def _table(title: str, columns: Sequence[str], words: int = 1) -> Any:
    from detente.present.terminal.console import console
    from detente.present.terminal.tables import Plain

    console.print(f"[bold]{title}[/bold]", soft_wrap=True)
    table = Plain()
    for k, column in enumerate(columns):
        table.add_column(column, justify="left" if k < words else "right", no_wrap=k >= words or k == 0)
    return table


def _range(f: Finding) -> str:
    from detente.present.wording.numbers import number

    return f"{number(f.value)} ({number(f.low)} to {number(f.high)})"


def _portrait(portrait: Portrait) -> None:
    from detente.present.terminal.console import console
    from detente.present.wording.numbers import number

    who = words(portrait.actor)
    console.print()
    if portrait.beliefs:
        table = _table(f"What {who} believes", ("quantity", "true", "seen", "seen/true", "prior sd"))
        for b in portrait.beliefs:
            factor = number(b.factor.value) if b.factor else ""
            far = fixed(b.distance, 2, sign=True) if math.isfinite(b.distance) else ""
            far = signed(b.distance) if math.isinf(b.distance) else far
            table.add_row(words(b.quantity), _range(b.truth), _range(b.seen), factor, far)
        console.print(table)
    rows = surprises(portrait)
    if not rows:
        views = "expects of itself and the others" if portrait.beliefs else "sees everything as it is, and expects"
        console.print(f"{who} {views} {'' if portrait.beliefs else 'of itself and the others '}what follows.")
        return
    table = _table(f"What {who} expects, where it is mistaken", ("", "expected", "real"))
    for what, e in rows:
        table.add_row(words(what), often(e.expected), often(e.real))
    console.print(table)


def _payoffs(portraits: Sequence[Portrait]) -> None:
    from detente.present.terminal.console import console

    console.print()
    columns = ("", "it\nexpects", "it\ngets", "seeing\ntruly", "cost\n(90% of draws)", "best\nresponse\nadds")
    table = _table("What misperception costs, in stakes", columns)
    for p in portraits:
        c = p.payoff
        table.add_row(
            words(p.actor), *(fixed(f.value, 3, sign=True) for f in (c.hoped, c.real, c.seeing)),
            f"{fixed(c.cost.value, 3)} ({fixed(c.cost.low, 3)} to {fixed(c.cost.high, 3)})",
            fixed(c.best.value - c.cost.value, 3),
        )  # fmt: skip
    console.print(table)
    console.print(
        "[dim]Correct beliefs: the actor alone, answering the same others with the same precision (quantal response). "
        "The best response adds what precision without limit would.[/dim]"
    )


def _sweep(sweep: Sweep, moved: Sequence[str]) -> None:
    from detente.present.terminal.console import console
    from detente.present.wording.numbers import percent

    console.print()
    shown = sorted({round(k * (len(sweep.s) - 1) / (COLUMNS - 1)) for k in range(COLUMNS)})
    title = f"From shared truth (0) to the view of {' and '.join(map(words, moved))} (1): {sweep.reading} perceptions"
    table = _table(title, ("", *(f"{sweep.s[k]:.2g}" for k in shown)))
    if sweep.answer:
        table.add_row("[bold]what the case asks about[/bold]", *(percent(sweep.answer[k].value) for k in shown))
    for name, values in sweep.outcomes.items():
        table.add_row(words(name), *(percent(values[k].value) for k in shown))
    for name, values in sweep.payoffs.items():
        table.add_row(f"[dim]what {words(name)} gets[/dim]", *(fixed(values[k].value, 2, sign=True) for k in shown))
    for name, values in sweep.claims.items():
        if (values[0].value > 0.5) != (values[-1].value > 0.5):
            table.add_row(f"[dim]claim {words(name)} holds in[/dim]", *(percent(values[k].value) for k in shown))
    console.print(table)
    for turn in sweep.turns:
        turned = f"{words(turn.what)}: {words(turn.before)} → {words(turn.after)}"
        console.print(f"  at {turn.s:.3f} of the way ({turn.of}): {turned}")
    if not sweep.turns:
        console.print("  [dim]the most likely outcome and the best first moves stay what they are all the way[/dim]")


def _need(need: Need) -> None:
    from rich.markup import escape

    from detente.present.terminal.console import console

    asked = words(f"What {need.actor} must believe for {need.stage} is {need.move} to be its best")
    console.print(f"\n[bold]{escape(asked)}[/bold]")
    for reading in need.convictions:
        console.print(f"[italic]{reading}[/italic]: {escape(words(said(need, reading)))}", soft_wrap=True)
    for reading, convictions in need.convictions.items():
        if need.needless(reading):
            continue
        console.print(f"[bold]By decision, {reading} perceptions[/bold]")
        decision = None
        for c in convictions:
            if needless_row(need, c):
                continue
            if c.decision != decision:
                decision = c.decision
                own = f", {decision.own}" if decision.own else ""
                where = words(f"{decision.when} decision{own}, after {decision.where}")
                console.print(f"  {escape(where)}", soft_wrap=True)
            far = f" [dim]({c.distance:.2f} prior sd)[/dim]" if c.found and 0 < c.distance < math.inf else ""
            line = ": ".join(part for part in way_said(c) if part)
            console.print(f"    {escape(line)}{far}", soft_wrap=True)


def page(found: Perceptions, shown: Shown) -> Answer:
    """What actors believe, what it costs them, and what they must believe for a move to be their best."""
    study, model = shown.solved, shown.model
    portraits = list(found.portraits.values())
    pictures = [beliefs_picture(model, p, study.n) for p in portraits if p.beliefs]
    pictures.append(cost_picture(portraits, study.n))
    if found.sweeps:
        pictures.append(sweep_picture(model, found.sweeps, found.moved))
    remarks: list[str] = []
    for need in found.needs:
        remarks += [f"{reading} perceptions: {said(need, reading)}" for reading in need.convictions]
        if not all(need.needless(reading) for reading in need.convictions):
            pictures.append(need_picture(model, need))
    told = [p for p in portraits if not p.beliefs and surprises(p)]
    after = [beliefs_table(model, p) for p in told]
    references = (perceptions.REFERENCE, conviction.REFERENCE)
    remarks.append(f"{counted(study.n, 'draw')}, {study.engine.perception} perception.{certified_of(study)}")
    first = headline(found, model, study.engine.perception)
    return Answer("perceptions", "What they believe, and what it costs", [first], pictures, remarks, references, after)


view(Perceptions, text=text, page=page)
