"""Two models side by side, in draws paired by the names of their quantities."""

from __future__ import annotations

from typing import Annotated, Unpack

from detente.analyse.counterfactual.whatif import WhatIf, waterfall
from detente.errors import QuestionError
from detente.model.schema import Model
from detente.study.evaluate.variant import Arm
from detente.study.memo.findings import once
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Settings


@question("compare", topic="counterfactual", draws=1000, counts="models", without=("set",), dossier=False)
def compare(
    case: Case,
    other: Annotated[Case, Option("The case or file to compare it with.", names="cases")],
    **settings: Unpack[Settings],
) -> WhatIf:
    """Compare two models on the answer, outcomes and claims that both have, in draws paired by names of quantities.

    `whole` has the difference (the other less the one), with the 95% interval of its mean and 90% of draws; `notes` say
    what the two do not share. Raises ModelError, QuestionError.
    """
    both = [How.of(settings).ready(one) for one in (case, other)]
    models = [ready.model for ready in both]
    if not any(name in models[1].outcomes for name in models[0].outcomes):
        first, second = (", ".join(model.outcomes) for model in models)
        raise QuestionError(f"the two have no outcome in common ({first}; {second}); name like endings alike")
    sides = (models[0].name or "the one", models[1].name or "the other")

    def ask() -> WhatIf:
        found = []
        for k, ready in enumerate(both):
            found.append(Arm.plain(ready).answers())
            if ready.progress:
                ready.progress(k + 1, 2)
        alike = {name: of for name, of in models[0].groups.items() if set(models[1].groups.get(name, ())) == set(of)}
        return waterfall(found, [sides[1]], _differences(*models), sides, alike)

    return once(both[0], WhatIf, ask, "compare", both[1].engine.perception, models=models)


def _differences(one: Model, other: Model) -> list[str]:
    """What two models do not share, in words."""
    asked = [model.answer.asks.text if model.answer else "nothing" for model in (one, other)]
    notes = [f"the answers ask for different things: {asked[0]} against {asked[1]}"] if asked[0] != asked[1] else []
    for section in ("outcomes", "claims", "quantities", "stages", "private"):
        a, b = getattr(one, section), getattr(other, section)
        for here, there, name in ((a, b, one.name), (b, a, other.name)):
            if only := [key for key in here if key not in there]:
                notes.append(f"{section} only in {name}: {', '.join(only)}")
    parts: dict[str, str] = {}
    for key in one.quantities:
        if key in other.quantities:
            x, y = one.quantities[key], other.quantities[key]
            if str(x.value) != str(y.value):
                parts[key] = f"{x.value} against {y.value}"
            elif {a: str(v.value) for a, v in x.seen_by.items()} != {a: str(v.value) for a, v in y.seen_by.items()}:
                parts[key] = "seen otherwise"
    if parts:
        notes.append("quantities that differ: " + "; ".join(f"{key} ({how})" for key, how in parts.items()))
    return notes
