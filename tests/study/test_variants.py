"""Variants in time, precision and length: against models that are written so, and what cannot be solved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import detente
from detente.model.schema import Model
from detente.present.cli.app import app
from detente.study.questions.variants import Failed, Row, Variants, variants

TEXT = """
title: Holding
periods: {count: 2, unit: fortnight}
actors: {A: holds}
quantities: {cost: 0.02 to 0.1, lam: {value: 4, role: precision}}
stages:
  call: {actor: A, moves: [louder, softer], periods: 2}
  posture: {actor: A, moves: [press, stop], continues: press, reconsidered: 1 to 3 per month}
  luck: {chance: {war: 0.02, none: otherwise}, when: posture is press}
outcomes: {down: posture is stop, war: luck is war, open: otherwise}
payoffs: {A: {all: -0.3 * (outcome is down) - 2 * (outcome is war), hold: {each week: -cost * (posture is press)}}}
answer: P(outcome is down)
"""


def written(**change: str) -> Model:
    text = TEXT
    for old, new in change.items():
        text = text.replace({"periods": "count: 2", "lam": "value: 4", "slices": "unit: fortnight"}[old], new)
    return detente.loads(text)


def one(found: Variants, **variant: float) -> Row:
    [row] = [row for row in found.solved if row.variant == variant]
    return row


def test_each_variant_is_the_model_that_is_written_so() -> None:
    found = variants(written(), slices=(1, 2), precisions="4,9", periods=[2, 3, 1], draws=30)
    kinds = [dict(row.variant) for row in found.variants]
    assert kinds == [{}, {"slices": 2}, {"precision": 4}, {"precision": 9}, {"periods": 3}, {"periods": 1}]
    same = {
        "": written(), "slices": written(slices="unit: fortnight, slices: 2"), "precision": written(lam="value: 9"),
        "periods": written(periods="count: 3"),
    }  # fmt: skip
    rows = [one(found), one(found, slices=2), one(found, precision=9), one(found, periods=3)]
    for row, model in zip(rows, same.values(), strict=True):
        study = detente.run(model, draws=30)
        assert row.outcomes == study.outcomes
        assert row.nodes == study.blueprint.tree.n_nodes
    first, other = rows[0], rows[1]
    assert other.changes["down"].value == pytest.approx(other.outcomes["down"].value - first.outcomes["down"].value)
    assert other.answer is not None
    assert other.changes["answer"] == other.changes["down"].__class__(
        **{**vars(other.changes["down"]), "name": "answer"}
    )
    assert one(found, precision=4).changes["down"].value == 0
    assert (first.asked_more_often, other.asked_more_often) == ([], ["call", "luck"])
    assert one(found, periods=1).notes == ["call: not played in so short a game"]
    assert one(found, periods=3).notes == ["call: only in the periods that are written"]


def test_what_cannot_be_solved_is_told_and_loses_nothing() -> None:
    found = variants(written(), slices=(60, 2, 99), draws=3)
    assert [isinstance(row, Failed) for row in found.variants] == [False, True, False, True]
    assert "the tree would have" in found.variants[1].problem  # type: ignore[union-attr]
    for wrong, told in (
        ((), "nothing is varied"),
        ("1,x", "write numbers"),
        ((1.5,), "not a whole number"),
        ((0,), "above zero"),
    ):
        with pytest.raises(detente.QuestionError, match=told):
            variants(written(), slices=wrong, draws=3)  # type: ignore[arg-type]


def test_run_shows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("holding.yaml").write_text(TEXT)

    def said(*arguments: str) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--draws", "20", "--no-store"])
        assert result.exit_code == 0, result.output
        return result.stdout

    both = json.loads(said("run", "holding.yaml", "--slice", "1,2", "--json"))
    plain = json.loads(said("run", "holding.yaml", "--json"))
    assert [row["variant"] for row in both["variants"]] == [{}, {"slices": 2}]
    assert {key: both["variants"][0][key] for key in plain if key != "references"} == {
        key: plain[key] for key in plain if key != "references"
    }
    shown = said("run", "holding.yaml", "--slice", "2", "--report", "page.html")
    assert "2 slices" in shown
    assert "call, luck asked in every slice" in " ".join(shown.split())
    page = Path("page.html").read_text()
    assert page.index('id="certificate"') < page.index("2 slices")
