"""Formulas are worked out once for all histories that look the same to them; the rows are those of each play."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detente.game.compile import compile_model
from detente.language.expressions import Ask, Expression
from detente.language.lowering import lower
from detente.language.scenes import Reader, Scenes
from detente.model.load import define, load
from detente.model.schema import Model
from tests.cases.editions import one_large

MODELS = sorted((Path(__file__).parent.parent / "oracles" / "models").glob("*.yaml"))
LOOKS = [
    "ever(left is go)", "count(right is go) * period", "previous(alarm)", "first(left is go and right is stay)",
    "total(alarm * (left is go)) + right", "periods - period", "2 * (left is go) if B.kind is hard else alarm",
    "(outcome is over) * total(period)", "previous(ever(left is go))", "B.cost + count(left in [go, stay])",
]  # fmt: skip


def model_that_looks_at_everything() -> Model:
    """Periods, types, numeric types, states, offers, and terms that look at each of them in every way."""
    return define(
        title="Looks",
        actors={"A": "", "B": ""},
        periods={"count": 3},
        quantities={"x": {"value": "0.1 to 0.5", "means": "x"}},
        private={"B.kind": {"hard": 0.3, "soft": 0.7}, "B.cost": {"prior": {"1": 0.5, "2": 0.5}}},
        state={"alarm": {"start": "x", "next": "0.5 * alarm + x * (left is go)"}},
        stages={
            "left": {"actor": "A", "moves": ["go", "stay"]},
            "right": {"actor": "B", "offer": [0, 0.5], "once": True},
        },
        outcomes={"over": {"when": "right == 0.5 and count(left is go) > 1"}, "end": "otherwise"},
        payoffs={
            "A": {f"term_{k}": look.replace("right is go", "right > 0").replace("right is stay", "right == 0")
                  for k, look in enumerate(LOOKS)},
            "B": {"each": {"each_period": "alarm - x * (left is go)"}},
        },
    )  # fmt: skip


def expressions(model: Model) -> Iterator[Expression]:
    for terms in model.payoffs.values():
        for term in terms.values():
            yield from (f.expression for f in (term.value, term.each_period) if f is not None)
    for outcome in model.outcomes.values():
        if outcome.when is not None:
            yield outcome.when.expression
    for claim in model.claims.values():
        yield from (e.arg for e in claim.holds.expression.walk() if isinstance(e, Ask) and e.what == "P")


@pytest.mark.parametrize("source", ["everything", *one_large(), *MODELS], ids=lambda s: getattr(s, "stem", s))
def test_rows_are_those_of_each_play_by_itself(source: str | Path) -> None:
    model = model_that_looks_at_everything() if source == "everything" else load(source)
    blueprint = compile_model(model)
    tape, plays = blueprint.tape, blueprint.plays
    nodes = np.arange(0, blueprint.tree.n_nodes, max(1, blueprint.tree.n_nodes // 97))
    reader = Reader(tape, plays.subjects)
    for e in expressions(model):
        for over_all in (False, True):
            found = reader.all_rows(e, list(plays.by_period(nodes, over_all)))
            assert found.tolist() == [
                lower(e, replace(plays.scene(x), over_all=over_all), tape) for x in nodes.tolist()
            ]
        for t in range(model.periods.count):
            later = nodes[plays.period[nodes] >= t]
            found = reader.rows(e, Scenes(plays.subjects, plays.columns, later, t))
            assert found.tolist() == [lower(e, plays.scene(x).at(t), tape) for x in later.tolist()]
