"""How claims are shown."""

from __future__ import annotations

from rich.markup import escape

from detente.analyse.forecast.claims import WILSON
from detente.analyse.forecast.conditioning import REFERENCE as CAUSALITY
from detente.analyse.forecast.settled import Settled
from detente.analyse.sensitivity.main_effects import FLOOR_REFERENCE
from detente.analyse.sensitivity.main_effects import REFERENCE as DRIVERS
from detente.present.figures.forecast.bars import claims_picture
from detente.present.html.conditioning import conditioned
from detente.present.html.markup import join
from detente.present.html.preferences import preferences
from detente.present.terminal.console import console
from detente.present.terminal.study import certificate, claims_table, types_table
from detente.present.terminal.tables import Plain
from detente.present.view import Answer, Shown, view
from detente.present.wording.conditioning import judged_both_ways, means_both_ways, turned
from detente.present.wording.names import assumed, certified_of
from detente.present.wording.numbers import counted, percent, words
from detente.study.questions.claims import Claims


def text(found: Claims, shown: Shown) -> None:
    """What `detente claims` prints."""
    study = shown.solved
    if not study.model.claims:
        console.print("this model makes no claims")
        types_table(found.preferences)
        return
    claims_table(study, list(found.claims), _settled(found), details=True)
    _drivers(found)
    _conditioned(found)
    types_table(found.preferences)
    console.print()
    certificate(study)


def _drivers(found: Claims) -> None:
    """What each claim depends on, where anything moves one."""
    if not any(judged.drivers for judged in found.claims.values()):
        return
    console.print()
    table = Plain("what each claim depends on")
    for column in ("claim", "assumption", "index", "low fifth", "high fifth"):
        table.add_column(column, justify="left" if column in ("claim", "assumption") else "right")
    for name, judged in found.claims.items():
        for k, d in enumerate(judged.drivers[:3]):
            table.add_row(
                escape(words(name)) if k == 0 else "",
                escape(assumed(d.quantity)),
                f"{d.index.value:.2f}",
                percent(d.low.value),
                percent(d.high.value),
            )
    console.print(table)


def _conditioned(found: Claims) -> None:
    """The claims that condition on a choice, beside what the choice changes."""
    beside = {name: judged.conditioned for name, judged in found.claims.items() if judged.conditioned}
    if not beside:
        return
    draws = max(c.plain.draws for c in beside.values())
    console.print("\nClaims that condition on a choice, which also tells why it was made; `do()` forces it instead")
    console.print(f"[dim](in {counted(draws, 'draw')})[/dim]")
    for name, c in beside.items():
        colour = "yellow" if turned(c) else "dim"
        console.print(
            f"[bold]{escape(words(name))}[/bold]  [{colour}]{escape(judged_both_ways(c))}[/{colour}]", soft_wrap=True
        )
        if c.contrasts:
            console.print(f"  {escape(means_both_ways(c))}", soft_wrap=True)
        for side in c.contrasts:
            console.print(f"  [dim]{escape(side.forced)}[/dim]", soft_wrap=True)


def _settled(found: Claims) -> dict[str, Settled]:
    return {name: judged.settled for name, judged in found.claims.items() if judged.settled}


def page(found: Claims, shown: Shown) -> Answer:
    """In what share of draws some claims hold."""
    study = shown.solved
    if not study.model.claims:
        nothing = "This model makes no claims."
        return Answer("claims", "Claims and verdicts", [nothing], [], after=preferences(found.preferences))
    verdicts = [judged.verdict for judged in found.claims.values()]
    counts = {w: verdicts.count(w) for w in dict.fromkeys(verdicts)}
    said = f"Of {counted(len(verdicts), 'claim')}, " + ", ".join(f"{k} {w}" for w, k in counts.items()) + "."
    odd = [words(name) for name, judged in found.claims.items() if judged.at_odds]
    if odd:
        said += f" Of {' and '.join(odd)} the means say otherwise than most draws."
    built = [words(name) for name, judged in found.claims.items() if judged.built_in]
    if built:
        said += f" Built in, and so no test of the model: {', '.join(built)}."
    picture = claims_picture(study, list(found.claims), certified_of(study), _settled(found))
    forced = {name: judged.conditioned for name, judged in found.claims.items() if judged.conditioned}
    after = join([conditioned(forced), preferences(found.preferences)])
    references = (WILSON, DRIVERS, FLOOR_REFERENCE, *[CAUSALITY] * bool(forced))
    return Answer("claims", "Claims and verdicts", [said], [picture], (), references, after)


view(Claims, text=text, page=page)
