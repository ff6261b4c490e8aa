"""`detente perceptions`: what actors believe, expect and lose by it; what makes a move the best in their eyes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.present.options import (
    INTERRUPTED,
    OK,
    UNCONVERGED,
    AsJson,
    AsPage,
    Case,
    Draws,
    Keep,
    Method,
    Perception,
    Seed,
    Set,
    Workers,
    as_page,
    changes,
    kept,
    print_json,
    progress,
    told,
)

if TYPE_CHECKING:
    from detente.analyse.finding import Finding
    from detente.analyse.perceptions.portrait import Portrait
    from detente.analyse.perceptions.required_beliefs import Conviction
    from detente.study.questions.perceptions import Need, Perceptions, Sweep

TELLING = 0.005  # a difference in probability worth a line
COLUMNS = 6  # of the sweep shown


def perceptions(
    case: Case,
    actor: Annotated[str | None, typer.Argument(help="An actor [default: all of them].", show_default=False)] = None,
    move: Annotated[
        str | None,
        typer.Option(
            metavar="'STAGE is MOVE'",
            help="The move that is to be the best one [default: the one that misperception speaks for most].",
        ),
    ] = None,
    sweep: Annotated[int, typer.Option(min=16, help="Draws of each step of the sweep.")] = 300,
    steps: Annotated[int, typer.Option(min=2, max=101, help="Steps from shared truth to full misperception.")] = 11,
    draws: Draws = 2000,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    report: AsPage = None,
    as_json: AsJson = False,
) -> None:
    """What actors believe beside what is true, what that costs them, and what they must believe to make a move best."""
    from detente.study.questions.perceptions import perceptions as look

    kept_draws = kept(store)
    with told(), progress("draws", kept_draws) as advance:
        found = look(
            case, actor, draws, seed, move=move, swept=sweep, steps=steps, set=changes(set_), workers=workers,
            perception=perception.value if perception else None, method=method, store=kept_draws, progress=advance,
        )  # fmt: skip
    if as_json:
        print_json(form(found))
    else:
        show(found)
    as_page(report, lambda: found.study.model, lambda _: _pages(found))
    if found.study.interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(OK if found.study.converged.mean() >= 0.99 else UNCONVERGED)


def _pages(found: Perceptions) -> list[Any]:
    from detente.present import answers

    return [answers.seen(found)]


# ---------------------------------------------------------------------- in words


def said(need: Need, reading: str) -> str:
    """The answer to what an actor must have believed, in a paragraph."""
    from detente.present.wording.words import number

    line = need.leading(reading)
    some = [c for c in need.convictions[reading] if c.decision == line.decision]
    near = next((c for c in some if c.way == "nearest"), None)
    point = near if near is not None and near.found and (not line.found or near.distance < line.distance) else line
    words = [f"For {need.stage} is {need.move} to be the best first move of {need.actor}{_of(line)}, "]
    if not point.found:
        words.append(
            f"no view that was looked at is enough; on the way to the view of this model it is {_short(line)}."
        )
    elif point.distance == 0:
        words.append("it need not misperceive anything: it is so where all is seen as it is.")
    else:
        words.append(
            f"it must see {_values(need, point)}: {_away(point).removesuffix(' away')}"
            + (" from the truth" if math.isfinite(point.distance) else "")
        )
        held = math.isinf(need.view_distance)
        view = "one that the analyst holds impossible" if held else f"{number(need.view_distance)} away"
        words.append(f", where the view of this model is {view}. ")
        if line.found:
            words.append(f"On the way from the truth to that view this is so from {line.s:.1%} of it on")
            words.append(f" ({number(line.distance)} away)" if math.isfinite(line.distance) else "")
            words.append(f", until {line.until:.1%}, where another move is better again." if _ends(line) else ".")
        else:
            words.append(f"On the way from the truth to that view it never is, {_short(line)}.")
    alone = [c for c in some if c.way not in ("line", "nearest")]
    enough = [c for c in alone if c.found]
    if enough:
        each = "; ".join(f"{c.way} at {number(c.beliefs[c.way])} ({_away(c)})" for c in enough)
        words.append(f" Alone, all else seen truly, it takes {each}.")
    elif alone:
        best = max(alone, key=lambda c: c.after)
        words.append(
            f" No single misperception is enough, {best.searched}; {best.way} comes nearest, {_short(best, True)}."
        )
    last = [c for c in need.convictions[reading] if c.way == "line" and c.decision.when == "last" and c.found]
    words += [
        f" At the last such decision of {need.actor}{_of(c)} it is so from {c.s:.1%} of the way on ({_away(c)})."
        for c in last
    ]
    return "".join(words)


def _of(c: Conviction) -> str:
    own = f" whose {c.decision.own}" if c.decision.own else ""
    return f"{own} (after {c.decision.where})"


def _values(need: Need, c: Conviction) -> str:
    from detente.present.wording.words import number

    return ", ".join(
        f"{axis.quantity} at {number(c.beliefs[axis.quantity])} (truth {number(axis.truth)})" for axis in need.axes
    )


def _short(c: Conviction, plain: bool = False) -> str:
    at = f" at {c.s:.0%} of the way" if c.way == "line" and not plain else ""
    return f"short by {-c.after:.2g} stakes{at or ' at best'}"


def _ends(c: Conviction) -> bool:
    return math.isfinite(c.until)


def _away(c: Conviction) -> str:
    from detente.present.wording.words import number

    if math.isinf(c.distance):
        return "what the analyst holds impossible"
    return f"{number(c.distance)} prior standard deviations away" if math.isfinite(c.distance) else "known exactly"


def show(found: Perceptions) -> None:
    """What `detente perceptions` prints."""
    from rich.markup import escape

    from detente.present.terminal.console import console
    from detente.present.wording.words import counted

    study = found.study
    console.print(f"\n[bold]{escape(study.model.title)}[/bold]  [dim]({study.engine.perception} perception)[/dim]")
    for portrait in found.portraits.values():
        _portrait(portrait)
    _payoffs(list(found.portraits.values()))
    for sweep in found.sweeps.values():
        _sweep(sweep, found.moved)
    for need in found.needs:
        _need(need)
    console.print(
        f"\n[dim]{counted(study.n, 'draw')}, seed {study.draws.seed}, {escape(study.method)}; "
        f"converged {study.converged.mean():.1%}. "
        "What must be believed is solved at the central draw, every other quantity at its median.[/dim]"
    )


def _table(title: str, columns: Sequence[str], words: int = 1) -> Any:
    from rich.table import Table

    from detente.present.terminal.console import console

    console.print(f"[bold]{title}[/bold]", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for k, column in enumerate(columns):
        table.add_column(column, justify="left" if k < words else "right", no_wrap=k >= words or k == 0)
    return table


def _range(f: Finding) -> str:
    from detente.present.wording.words import number

    return f"{number(f.value)} ({number(f.low)} to {number(f.high)})"


def _portrait(portrait: Portrait) -> None:
    from detente.present.terminal.console import console
    from detente.present.wording.words import number, percent

    console.print()
    if portrait.beliefs:
        table = _table(f"What {portrait.actor} believes", ("quantity", "true", "seen", "seen/true", "prior sd"))
        for b in portrait.beliefs:
            factor = number(b.factor.value) if b.factor else ""
            far = f"{b.distance:+.2f}" if not math.isnan(b.distance) else ""
            table.add_row(b.quantity, _range(b.truth), _range(b.seen), factor, far)
        console.print(table)
    rows = [e for e in (*portrait.outcomes, *portrait.own, *portrait.others)
            if abs(e.expected.value - e.real.value) >= TELLING]  # fmt: skip
    if not rows:
        views = "expects of itself and the others" if portrait.beliefs else "sees everything as it is, and expects"
        console.print(
            f"{portrait.actor} {views} {'' if portrait.beliefs else 'of itself and the others '}what follows."
        )
        return
    table = _table(f"What {portrait.actor} expects, where it is otherwise", ("", "expected", "real"))
    for e in rows:
        what = f"{e.owner}: {e.what}" if e.owner else f"outcome {e.what}"
        table.add_row(what, percent(e.expected.value), percent(e.real.value))
    console.print(table)


def _payoffs(portraits: Sequence[Portrait]) -> None:
    from detente.present.terminal.console import console

    console.print()
    columns = ("", "it\nexpects", "it\ngets", "seeing\ntruly", "cost\n(90% of draws)", "best\nresponse\nadds")
    table = _table("What misperception costs, in stakes", columns)
    for p in portraits:
        c = p.payoff
        table.add_row(
            p.actor, f"{c.hoped.value:+.3f}", f"{c.real.value:+.3f}", f"{c.seeing.value:+.3f}",
            f"{c.cost.value:.3f} ({c.cost.low:.3f} to {c.cost.high:.3f})".replace("-0.000", "0.000"),
            f"{c.best.value - c.cost.value:.3f}",
        )  # fmt: skip
    console.print(table)
    console.print(
        "[dim]Seeing truly: the actor alone, answering the same others with the same precision (quantal response). The "
        "best response adds what precision without limit would.[/dim]"
    )


def _sweep(sweep: Sweep, moved: Sequence[str]) -> None:
    from detente.present.terminal.console import console
    from detente.present.wording.words import percent

    console.print()
    shown = sorted({round(k * (len(sweep.s) - 1) / (COLUMNS - 1)) for k in range(COLUMNS)})
    title = f"From shared truth (0) to the view of {' and '.join(moved)} (1): {sweep.reading} perception"
    table = _table(title, ("", *(f"{sweep.s[k]:.2g}" for k in shown)))
    for name, values in sweep.outcomes.items():
        table.add_row(name, *(percent(values[k].value) for k in shown))
    for name, values in sweep.payoffs.items():
        table.add_row(f"[dim]what {name} gets[/dim]", *(f"{values[k].value:+.2f}" for k in shown))
    for name, values in sweep.claims.items():
        if (values[0].value > 0.5) != (values[-1].value > 0.5):
            table.add_row(f"[dim]claim {name} holds in[/dim]", *(percent(values[k].value) for k in shown))
    console.print(table)
    for turn in sweep.turns:
        console.print(f"  at {turn.s:.3f} of the way ({turn.of}): {turn.what}: {turn.before} → {turn.after}")
    if not sweep.turns:
        console.print("  [dim]the likeliest outcome and the best first moves stay what they are all the way[/dim]")


def _need(need: Need) -> None:
    from rich.markup import escape

    from detente.present.terminal.console import console
    from detente.present.wording.words import number

    console.print(f"\n[bold]What {need.actor} must believe for {need.stage} is {need.move} to be its best[/bold]")
    for reading in need.convictions:
        console.print(f"[italic]{reading}[/italic]: {escape(said(need, reading))}", soft_wrap=True)
    for reading, convictions in need.convictions.items():
        console.print(f"[bold]By decision, {reading} perception[/bold]")
        decision = None
        for c in convictions:
            if c.way != "line" and not c.found:
                continue
            view = ", ".join(f"{name} {number(x)}" for name, x in c.beliefs.items()) if c.found else _short(c)
            way = f"{c.s:.3f} of the way" if c.way == "line" and c.found else "the way" if c.way == "line" else c.way
            far = f"{c.distance:.2f}" if c.found and math.isfinite(c.distance) else "not found" if not c.found else ""
            if c.decision != decision:
                decision = c.decision
                own = f", {decision.own}" if decision.own else ""
                console.print(f"  {escape(f'{decision.when} decision{own}, after {decision.where}')}", soft_wrap=True)
            far = far if far == "not found" or not far else f"{far} prior sd"
            console.print(f"    {escape(f'{way}: {view}')}" + (f" [dim]({far})[/dim]" if far else ""), soft_wrap=True)


# ---------------------------------------------------------------------- JSON


def form(found: Perceptions) -> dict[str, Any]:
    """`detente perceptions --json`, documented in docs/perceptions.md."""
    study = found.study
    return {
        "case": study.model.name, "draws": study.n, "seed": study.draws.seed, "perception": study.engine.perception,
        "actors": {name: _portrait_form(portrait) for name, portrait in found.portraits.items()},
        "sweep": {"of": list(found.moved), **{reading: _sweep_form(s) for reading, s in found.sweeps.items()}},
        "must_believe": [_need_form(need) for need in found.needs],
        "certificate": {"converged": float(study.converged.mean()), "max_residual": float(study.residual.max())},
        "interrupted": study.interrupted,
    }  # fmt: skip


def _portrait_form(p: Portrait) -> dict[str, Any]:
    def middle(f: Finding) -> dict[str, float]:
        return {"median": f.value, "low": f.low, "high": f.high}

    def pairs(some: Sequence[Any]) -> dict[str, Any]:
        return {e.what: {"expected": e.expected.as_dict(), "real": e.real.as_dict()} for e in some}

    return {
        "believes": {
            b.quantity: {
                "unit": b.unit, "true": middle(b.truth), "seen": middle(b.seen),
                "factor": middle(b.factor) if b.factor else None, "prior_sd": _finite(b.distance),
            } for b in p.beliefs
        },
        "outcomes": pairs(p.outcomes), "own_moves": pairs(p.own), "others_moves": pairs(p.others),
        "payoff": {
            "hoped": p.payoff.hoped.as_dict(), "real": p.payoff.real.as_dict(),
            "seeing_truly": p.payoff.seeing.as_dict(), "cost": p.payoff.cost.as_dict(),
            "cost_error": p.payoff.cost.error, "best_response": p.payoff.best.as_dict(),
        },
    }  # fmt: skip


def _sweep_form(s: Sweep) -> dict[str, Any]:
    return {
        "s": list(s.s), "draws": s.draws, "converged": s.converged,
        "outcomes": {name: [f.as_dict() for f in values] for name, values in s.outcomes.items()},
        "claims": {name: [f.value for f in values] for name, values in s.claims.items()},
        "payoffs": {name: [f.as_dict() for f in values] for name, values in s.payoffs.items()},
        "best": [{"when": d.when, "types": d.own, "after": d.where, "share": list(v)} for d, v in s.best.items()],
        "turns": [{"what": t.what, "s": t.s, "before": t.before, "after": t.after, "of": t.of} for t in s.turns],
    }  # fmt: skip


def _need_form(need: Need) -> dict[str, Any]:
    return {
        "actor": need.actor, "move": f"{need.stage} is {need.move}", "view_prior_sd": _finite(need.view_distance),
        "truth": {a.quantity: a.truth for a in need.axes}, "view": {a.quantity: a.view for a in need.axes},
        "says": {reading: said(need, reading) for reading in need.convictions},
        "found": {
            reading: [
                {
                    "when": c.decision.when, "types": c.decision.own, "after": c.decision.where,
                    "reached": c.decision.share, "way": c.way, "found": c.found, "beliefs": dict(c.beliefs),
                    "factors": {name: _finite(x) for name, x in c.factors.items()}, "s": _finite(c.s),
                    "prior_sd": _finite(c.distance), "gap_before": _finite(c.before), "gap": _finite(c.after),
                    "until": _finite(c.until), "residual": _finite(c.residual), "searched": c.searched,
                } for c in convictions
            ] for reading, convictions in need.convictions.items()
        },
    }  # fmt: skip


def _finite(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None
