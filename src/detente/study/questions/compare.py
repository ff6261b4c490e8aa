"""Two models side by side, in draws paired by the names of their quantities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Unpack

from detente.analyse.counterfactual.whatif import WhatIf, waterfall
from detente.draws.sources import SEEN_BY
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
    what the two do not share, and what of the same name differs. Raises ModelError, QuestionError.
    """
    both = [How.of(settings).ready(one) for one in (case, other)]
    models = [ready.model for ready in both]
    if not any(name in models[1].outcomes for name in models[0].outcomes):
        first, second = (", ".join(model.outcomes) for model in models)
        raise QuestionError(f"the two have no outcome in common ({first}; {second}); name like endings alike")
    sides = (models[0].name or "the one", models[1].name or "the other")
    if sides[0] == sides[1]:
        sides = (f"{sides[0]} (first)", f"{sides[1]} (second)")

    def ask() -> WhatIf:
        found = []
        for k, ready in enumerate(both):
            found.append(Arm.plain(ready).answers())
            if ready.progress:
                ready.progress(k + 1, 2)
        alike = {name: of for name, of in models[0].groups.items() if set(models[1].groups.get(name, ())) == set(of)}
        whole = waterfall(found, [sides[1]], _differences(*models), sides, alike)
        return replace(whole, titles=(models[0].title, models[1].title))

    return once(both[0], WhatIf, ask, "compare", both[1].engine.perception, models=models)


def _differences(one: Model, other: Model) -> list[str]:
    """What two models do not share, in words."""
    asked = [model.answer.asks.text if model.answer else "nothing" for model in (one, other)]
    notes = [f"the answers ask for different things: {asked[0]} against {asked[1]}"] if asked[0] != asked[1] else []
    if one.periods != other.periods:
        notes.append(f"time: {one.periods.said} against {other.periods.said}")
    for section in ("outcomes", "claims", "quantities", "stages", "private"):
        a, b = getattr(one, section), getattr(other, section)
        for here, there, name in ((a, b, one.name), (b, a, other.name)):
            if only := [key for key in here if key not in there]:
                notes.append(f"{section} only in {name}: {', '.join(only)}")
    parts = _quantities(one, other)
    if parts:
        notes.append("quantities that differ: " + "; ".join(f"{key} ({how})" for key, how in parts.items()))
    for section in ("private", "stages", "state", "outcomes", "payoffs", "claims"):
        a, b = (_entries(model, section) for model in (one, other))
        if unlike := [key for key in a if key in b and a[key] != b[key]]:
            notes.append(f"{section} that differ: {', '.join(unlike)}")
    return notes


def _quantities(one: Model, other: Model) -> dict[str, str]:
    """The quantities that both have with other values, and the perceptions of them that differ, each with how."""
    found = {}
    for key in one.quantities.keys() & other.quantities.keys():
        x, y = one.quantities[key], other.quantities[key]
        if str(x.value) != str(y.value):
            found[key] = f"{x.value} against {y.value}"
        for actor in {**x.seen_by, **y.seen_by}:
            seen = [str(q.seen_by[actor].value) if actor in q.seen_by else "as it is" for q in (x, y)]
            if seen[0] != seen[1]:
                found[f"{key}{SEEN_BY}{actor}"] = f"{seen[0]} against {seen[1]}"
    return {name: found[name] for name in sorted(found, key=lambda name: _place(one, name))}


def _place(model: Model, name: str) -> tuple[int, str]:
    """Where a quantity stands in a model, its perceptions after it."""
    return list(model.quantities).index(name.partition(SEEN_BY)[0]), name


def _entries(model: Model, section: str) -> Mapping[str, object]:
    """What a section of a model holds, by name; terms of payoffs as `Actor.term`."""
    found = getattr(model, section)
    if section == "payoffs":
        return {f"{actor}.{name}": term for actor, terms in found.items() for name, term in terms.items()}
    return dict(found)
