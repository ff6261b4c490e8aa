"""What is read off solved draws is read off the plays that count alone; the numbers are those of all histories."""

from __future__ import annotations

import numpy as np
import pytest

from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.outcomes import (
    mechanism_probabilities,
    mechanisms,
    outcome_probabilities,
    way_probabilities,
    ways,
)
from detente.engine.batch import Batch
from detente.engine.engine import Engine
from detente.game.compile import compile_model
from detente.model.ask import read_question
from detente.model.load import load
from detente.solve.certificate import certify
from tests.cases.editions import FIRST_KREMLIN

ASKED = [
    "P(posture is invade)", "P(posture is invade given voice is warn)", "E(alarm)", "E(alarm given posture is press)",
    "U(Russia)", "U(Russia given posture is invade)", "P(alarm > 0.3)", "P(alarm > 0.3 given alarm > 0.2)",
    "P(posture is invade and posture is stand_down and outcome is standoff)",
]  # fmt: skip


@pytest.fixture(scope="module")
def batch() -> Batch:
    model = load(FIRST_KREMLIN)
    blueprint = compile_model(model)
    return Engine(model.perception).solve_batch(blueprint, blueprint.sampler.draw(40, 1), {}).batch


def spread(batch: Batch, rows: tuple[int, ...], eyes: str | None) -> np.ndarray:
    """[terminals, n] rows of the tape for every whole play."""
    return batch.values_of(rows, eyes)


@pytest.mark.parametrize("text", ASKED)
def test_an_expectation_is_that_over_all_plays(batch: Batch, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def over_all(self, rows, endings, given=None, eyes=None):  # type: ignore[no-untyped-def]
        weight = endings if given is None else endings * (spread(self, given, eyes) != 0)
        total = (weight * spread(self, rows, eyes)).sum(axis=0)
        with np.errstate(invalid="ignore"):
            return total if given is None else total / weight.sum(axis=0)

    question = Question(batch.blueprint, read_question(batch.blueprint.model, text))
    found = question(batch)
    monkeypatch.setattr(Batch, "expectation", over_all)
    np.testing.assert_array_equal(found, question(batch))


def test_probabilities_by_group_are_sums_over_plays(batch: Batch) -> None:
    outcomes = [batch.blueprint.scene(int(x)).outcome for x in batch.tree.terminals]
    for name, p in outcome_probabilities(batch).items():
        np.testing.assert_allclose(p, batch.endings[[o == name for o in outcomes]].sum(axis=0), rtol=1e-14)
    for way, p in way_probabilities(batch).items():
        mine = [w == way for w in ways(batch.blueprint)]
        np.testing.assert_allclose(p, batch.endings[mine].sum(axis=0), rtol=1e-14)
    tags = mechanisms(batch.blueprint)
    for (tag, outcome), p in mechanism_probabilities(batch).items():
        mine = [tag in t and o == outcome for t, o in zip(tags, outcomes, strict=True)]
        np.testing.assert_allclose(p, batch.endings[mine].sum(axis=0), rtol=1e-14)
    total = sum(outcome_probabilities(batch).values())
    np.testing.assert_allclose(total, 1.0, atol=1e-12)


def test_the_certificate_is_the_same_whatever_the_threads(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certify, "_DRAWS_AT_ONCE", 100)  # so that there are several blocks of draws
    one, two = (certify.certify(batch.game, batch.behaviour, workers) for workers in (1, 3))
    for name in ("residual", "gain", "value"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
