"""How claims are shown."""

from __future__ import annotations

from rich.markup import escape

from detente.analyse.forecast.claims import WILSON
from detente.analyse.sensitivity.main_effects import FLOOR_REFERENCE
from detente.analyse.sensitivity.main_effects import REFERENCE as DRIVERS
from detente.present.figures.forecast.bars import claims_picture
from detente.present.terminal.console import console
from detente.present.terminal.study import certificate, claims_table
from detente.present.terminal.tables import Plain
from detente.present.view import Answer, Shown, view
from detente.present.wording.names import certified_of
from detente.present.wording.numbers import counted, percent
from detente.study.questions.claims import Claims


def text(found: Claims, shown: Shown) -> None:
    """What `detente claims` prints."""
    study = shown.solved
    if not study.model.claims:
        console.print("this model makes no claims")
        return
    claims_table(study, list(found.claims))
    console.print()
    table = Plain("what each claim hangs on")
    for column in ("claim", "assumption", "index", "low fifth", "high fifth"):
        table.add_column(column, justify="left" if column in ("claim", "assumption") else "right")
    for name, judged in found.claims.items():
        for k, d in enumerate(judged.drivers[:3]):
            table.add_row(
                escape(name) if k == 0 else "",
                escape(d.quantity),
                f"{d.index.value:.2f}",
                percent(d.low.value),
                percent(d.high.value),
            )
    console.print(table)
    console.print()
    certificate(study)


def page(found: Claims, shown: Shown) -> Answer:
    """In what share of draws some claims hold."""
    study = shown.solved
    if not study.model.claims:
        return Answer("claims", "Claims and verdicts", ["This model makes no claims."], [])
    verdicts = [judged.verdict for judged in found.claims.values()]
    counts = {w: verdicts.count(w) for w in dict.fromkeys(verdicts)}
    said = f"Of {counted(len(verdicts), 'claim')}, " + ", ".join(f"{k} {w}" for w, k in counts.items()) + "."
    picture = claims_picture(study, list(found.claims), certified_of(study))
    return Answer("claims", "Claims and verdicts", [said], [picture], (), (WILSON, DRIVERS, FLOOR_REFERENCE))


view(Claims, text=text, page=page)
