"""Under which address solved draws are kept: whatever changes a number changes it, and words do not."""

from __future__ import annotations

import pytest

import detente
from detente.analyse.forecast.claims import Question
from detente.engine.engine import Engine
from detente.engine.store.fingerprint import address, meaning
from detente.model.ask import read_question
from detente.solve.quantal.quantal import Quantal
from tests.engine.demand import MODEL


def key(model: detente.Model, engine: Engine | None = None, seed: int = 1) -> str | None:
    blueprint = detente.compile_model(model)
    return address(engine or Engine(), blueprint, blueprint.sampler.draw(16, seed), {})


CHANGES = {
    "cost: {value: 0.3 to 1.2": "cost: {value: 0.3 to 1.3",
    "(0.3 to 0.9)": "(0.3 to 0.8)",
    "value: 2 to 12": "value: 2 to 11",
    "firm: 0.4": "firm: 0.5",
    "0.7 * (outcome": "0.8 * (outcome",
    "periods: 2": "periods: 1",
    "unit: probability": "unit: ratio",
    "moves: [hold, yield]": "moves: [hold, yield, flee]",
    "hazard, none": "2 * hazard, none",
    "{firm: 0.4, soft: otherwise}": "{prior: {firm: 0.4, soft: otherwise}, public: true}",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_the_game_changes_the_address(model: detente.Model, change: str) -> None:
    assert change in MODEL
    assert key(detente.loads(MODEL.replace(change, CHANGES[change]))) != key(model)


WORDS = {
    "title: A demand": "title: An ultimatum",
    "Moscow: demands": "Moscow: asks",
    "title: Agency reports": "title: Rumours",
    "says: an invasion is unlikely, holds: P(outcome is occupied) < 0.5": "holds: P(outcome is occupied) < 0.1",
    "incident: {chance": "incident: {because: it happens, chance",
    "hold, yield": "hold_out, yield",
    "\nperiods": "\n# a comment\nperiods",
    "hazard: {value": "unasked: {value: 1 to 2}\n  hazard: {value",
}


@pytest.mark.parametrize("change", WORDS)
def test_what_leaves_the_game_alone_leaves_the_address_alone(model: detente.Model, change: str) -> None:
    assert change in MODEL
    assert key(detente.loads(MODEL.replace(change, WORDS[change]))) == key(model)


def test_the_address_depends_on_how_it_is_solved(model: detente.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    engines = [Engine(), Engine("private"), Engine(method="quantal"), Engine(method="limit"),
               Engine(method=Quantal()), Engine(method=Quantal(budget=7))]  # fmt: skip
    found = [key(model, engine) for engine in engines] + [key(model, seed=2)]
    assert len(set(found)) == len(found)
    assert key(model, Engine(workers=3)) == key(model)

    class Odd:  # a solver whose settings cannot be read
        name = "odd"

    assert key(model, Engine(method=Odd())) is None  # type: ignore[arg-type]
    monkeypatch.setattr("detente.engine.store.fingerprint.surroundings", lambda: "another version")
    assert key(model) != found[0]


def test_questions_asked_before_do_not_change_the_address(model: detente.Model) -> None:
    asked = detente.compile_model(model)
    before = meaning(asked)
    detente.run(model, draws=20).ask("P(outcome is occupied) * hazard")
    Question(asked, read_question(model, "E(hazard * cost * 7 + (outcome is standoff))"))
    meaning.cache_clear()
    assert meaning(asked) == before
