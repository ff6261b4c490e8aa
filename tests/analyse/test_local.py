"""Local sensitivity: against closed forms, and against differences of solved crises."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import detente
from detente import QuestionError, define, run
from detente.analyse.forecast.claims import Question
from detente.analyse.sensitivity.gradients import gradients
from detente.arrays import Floats
from detente.draws.derivatives import Chain
from detente.draws.sources import Sources
from detente.engine.engine import Engine
from detente.game.compile import compile_model
from detente.language.margins import margin
from detente.model.ask import read_question
from detente.model.schema import Model
from detente.present.cli.app import app
from detente.present.figures.sensitivity.local import slopes_pictures
from detente.present.form import form
from detente.solve.quantal.quantal import Quantal
from detente.study.questions.gradients import gradients as local
from detente.study.registry import find
from tests.analyse.crises import argument, decision, deterrence

H = 1e-4


def differences(f: Callable[[Floats], Floats], free: Floats) -> Floats:
    """[S, m, n] derivatives of f [m, n] by each free score, by central differences of the fourth order."""
    size, n = free.shape

    def moved(k: int) -> Floats:
        points = free[:, None, :] + k * H * np.eye(size)[:, :, None]
        values = f(points.reshape(size, -1))
        return values.reshape(len(values), size, n).transpose(1, 0, 2)

    return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * H)


def compare(model: Model, asked: list[str], perception: str, n: int = 5) -> None:
    """The derivatives of questions by all scores, at some points."""
    blueprint = compile_model(model)
    sources, engine = Sources(blueprint.sampler), Engine(perception, Quantal(tolerance=1e-13), 1)
    questions = [Question(blueprint, read_question(model, text)) for text in asked]
    questions += [Question(blueprint, margin(claim.holds.expression)) for claim in model.claims.values()]
    free = 0.7 * sources.free(n, 3)
    chain = Chain.at(sources, free)
    found = gradients(questions, engine.solve_batch(blueprint, chain.draws, {}).batch, chain)

    def read(points: Floats) -> Floats:
        batch = engine.solve_batch(blueprint, sources.draws(points), {}).batch
        return np.array([question(batch) for question in questions])

    exact = differences(read, free)
    scale = np.abs(exact).max()
    assert scale > 0.01
    assert found.slopes.scores == pytest.approx(exact, rel=1e-6, abs=1e-8 * scale)
    which = np.arange(n) % len(questions)
    one = gradients(questions, engine.solve_batch(blueprint, chain.draws, {}).batch, chain, which=which)
    assert one.slopes.scores[:, 0] == pytest.approx(found.slopes.scores[:, which, np.arange(n)], rel=1e-9, abs=1e-12)


def misjudged() -> Model:
    """Two actors who see a cost, a hazard and a precision otherwise, in a game with a type and hidden moves."""
    return define(
        "misjudged",
        title="Misjudged",
        actors={"A": "threatens", "B": "replies"},
        quantities={
            "lam": {"value": "2 to 5", "role": "precision", "seen_by": {"B": "lam * (0.8 to 1.2)"}},
            "cost": {"value": "0.3 to 1.2", "seen_by": {"A": "cost * (0.4 to 0.9)", "B": "cost + normal(0, 0.1)"}},
            "hazard": {"value": "0.05 to 0.3", "unit": "probability", "seen_by": {"B": "2 * hazard"}},
            "odds": {"value": "uniform(0.2, 0.8)", "unit": "probability"},
        },
        private={"A.kind": {"prior": {"hard": "odds", "soft": "otherwise"}}},
        stages={
            "threat": {"actor": "A", "moves": ["threaten", "wait"]},
            "reply": {"actor": "B", "moves": ["resist", "yield"]},
            "spark": {
                "chance": {"war": "hazard", "calm": "otherwise"},
                "when": "threat is threaten and reply is resist",
            },
        },
        outcomes={"war": "spark is war", "won": "threat is threaten and reply is yield", "quiet": "otherwise"},
        payoffs={
            "A": {"prize": "1.0 * (outcome is won)", "war": "-cost * (outcome is war) * (2 if A.kind is soft else 1)"},
            "B": {"loss": "-0.6 * (outcome is won) - cost * (outcome is war)"},
        },
        claims={
            "calm": "P(outcome is war) < 0.1 and U(B) > -0.5",
            "telling": "E(A given threat is threaten) > cost / 4",
        },
    )  # fmt: skip


ASKED = ["P(outcome is war)", "U(B)", "U(A given threat is threaten)", "P(A.kind is hard given threat is threaten)"]


@pytest.mark.parametrize("perception", ["common", "private"])
def test_both_readings_of_perception_against_differences(perception: str) -> None:
    compare(misjudged(), ASKED, perception)


def test_perfect_information_and_correlations_against_differences() -> None:
    correlated = deterrence(correlations=[{"between": ["w", "cost"], "rank": 0.5}])
    compare(correlated, ["P(outcome is war)", "E(A)"], "common")


def test_states_and_mechanisms_against_differences() -> None:
    compare(argument(), ["P(outcome is deal)", "E(A given press is push)"], "common")


def test_one_decision_by_hand() -> None:
    """P(go) = expit(l (x - 0.3)): its derivative is l p (1 - p) by x, and (x - 0.3) p (1 - p) by l."""
    model = decision("normal(0.5, 0.2)", quantities={"lam": {"value": "3 to 5", "role": "precision"}})
    study = run(model, draws=200)
    (found,) = local(study, "gone").answers
    lam, x = np.sqrt(15), 0.5
    p = 1 / (1 + np.exp(-lam * (x - 0.3)))
    by = {pull.name: pull for pull in found.pulls}
    assert found.centre == pytest.approx(p, rel=1e-12)
    assert by["x"].slope == pytest.approx(lam * p * (1 - p), rel=1e-10)
    assert by["x"].elasticity == pytest.approx(lam * (1 - p) * x, rel=1e-10)
    assert by["lam"].slope == pytest.approx((x - 0.3) * p * (1 - p), rel=1e-10)
    drawn, precise = study.draws.truth["x"], study.draws.truth["lam"]
    each = study.outcome_draws("gone")
    slopes = precise * each * (1 - each)
    assert by["x"].mean.value == pytest.approx(slopes.mean(), rel=1e-9)
    assert by["x"].mean.low == pytest.approx(np.quantile(slopes, 0.05), rel=1e-9)
    assert by["x"].mean.draws == 200
    assert by["x"].per_sd == pytest.approx(by["x"].slope * drawn.std(ddof=1))
    assert detente.gradients(study, "gone").answers[0].pulls == found.pulls
    margins = local(study, "often").answers[0]
    assert margins.kind == "margin"
    assert margins.centre == pytest.approx(p - 0.7, rel=1e-10)
    assert {pull.name: pull.slope for pull in margins.pulls} == {pull.name: pull.slope for pull in found.pulls}


def test_probabilities_of_all_outcomes_move_by_nothing_in_all() -> None:
    answers = local(run(misjudged(), draws=60)).answers
    assert [answer.name for answer in answers] == ["war", "won", "quiet"]
    for name in ("cost", "cost seen by A", "lam", "odds"):
        slopes = [next(p for p in answer.pulls if p.name == name).slope for answer in answers]
        assert sum(slopes) == pytest.approx(0, abs=1e-12)
        assert max(slopes) > 1e-4


def test_the_numbers_do_not_depend_on_workers() -> None:
    one, two = (local(run(misjudged(), draws=90, workers=k), "war").answers[0] for k in (1, 2))
    assert one.pulls == two.pulls


def _chicken() -> Model:
    """Two who stay or swerve at once, alike but for nothing: a fork on the way to any high precision."""
    pay = "({0} is stay) * (1.0 * ({1} is swerve) - 5.0 * ({1} is stay)) - 1.0 * ({0} is swerve and {1} is stay)"
    return define(
        "chicken",
        title="Chicken",
        actors={"A": "drives", "B": "drives"},
        quantities={"lam": {"value": "uniform(0.2, 4)", "role": "precision"}},
        stages={
            "a": {"actor": "A", "moves": ["stay", "swerve"]},
            "b": {"actor": "B", "moves": ["stay", "swerve"], "together_with": "a"},
        },
        outcomes={"crash": "a is stay and b is stay", "alive": "otherwise"},
        payoffs={"A": {"all": pay.format("a", "b")}, "B": {"all": pay.format("b", "a")}},
    )


def test_draws_beyond_a_fork_are_left_out_and_told() -> None:
    study = run(_chicken(), draws=100)
    found = local(study, "crash")
    assert study.forked.any()
    assert 0 < found.singular < 100
    assert found.answers[0].without >= found.singular
    assert found.answers[0].pulls[0].mean.draws == 100 - found.answers[0].without
    assert "bifurcation" in " ".join(found.notes)


def test_draws_that_were_not_solved_are_left_out_and_told() -> None:
    study = run(misjudged(), draws=40)
    parts = tuple(replace(part, residual=np.where(np.arange(part.n) < 7, 1.0, part.residual)) for part in study.parts)
    found = local(replace(study, parts=parts), "war")
    assert found.unsettled == 7
    assert found.answers[0].pulls[0].mean.draws == 33
    assert "left out" in found.notes[0]


def test_what_moves_in_steps_is_named() -> None:
    model = decision(0.5, quantities={"x": {"value": {"choice": {0.2: 0.5, 0.9: 0.5}}}})
    found = local(run(model, draws=30), "gone")
    assert found.stepwise == ("x",)
    told = form(find("gradients"), found, {})["notes"]  # in words, as on the terminal
    assert told == ["moved in steps, so that nothing can be said of a small change: x"]


def test_what_has_a_few_values_has_no_slope() -> None:
    quantities = {
        "k": {"value": {"choice": {1: 0.4, 5: 0.6}}},
        "twice": "2 * k",
        "sure": {"value": "bernoulli(0.3)"},
        "two": {"value": {"mixture": {"normal(0, 1)": 0.5, "normal(3, 1)": 0.5}}},
    }
    gain = "(x + (twice - 5 - sure + two) / 20) * (move is go)"
    model = decision(quantities=quantities, payoffs={"A": {"gain": gain}})
    found = local(run(model, draws=30), "gone")
    assert set(found.stepwise) == {"k", "twice", "sure"}
    by = {pull.name: pull for pull in found.answers[0].pulls}
    assert by["two"].slope == pytest.approx(by["x"].slope / 20)  # a mixture of what has any value can be moved a little
    told = {pull["name"]: pull for pull in form(find("gradients"), found, {})["answers"][0]["pulls"]}
    for name in found.stepwise:
        assert told[name]["slope"] is told[name]["elasticity"] is None
        assert told[name]["mean"]["value"] is None
    (picture,) = slopes_pictures(model, found)
    assert "twice" not in str(picture.table)
    assert "1 more assumption" in picture.reading  # the precision, which is known


def test_bad_questions_are_told() -> None:
    study = run(decision(), draws=20)
    with pytest.raises(QuestionError, match="has no derivative"):
        local(study, "likeliest is gone")
    with pytest.raises(QuestionError, match="makes no claims"):
        local(run(decision(claims={}), draws=10), "claims")
    with pytest.raises(QuestionError, match="finite precision"):
        local(run(decision(), draws=10, method="backward"))


def test_all_draws_are_taken_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    study = run(decision(), draws=2300)
    whole = local(study, "gone")
    assert whole.draws == 2300
    assert local(study, "gone", most=100).draws == 100
    monkeypatch.setattr("detente.engine.engine.LARGEST_BATCH", 700)
    parts = local(run(decision(), draws=2300), "gone")
    assert parts.answers[0].pulls[0].mean.value == pytest.approx(whole.answers[0].pulls[0].mean.value, rel=1e-12)


def test_it_is_written_as_a_page(tmp_path: Path) -> None:
    for of in ("war", "outcome", "claims"):
        page = tmp_path / f"{of}.html"
        args = ["sense", "crisis-signalling", "--local", "-n", "50", "--of", of, "--report", str(page)]
        assert CliRunner().invoke(app, args).exit_code == 0
        text = page.read_text(encoding="utf-8")
        assert "One standard deviation up" in text
        assert "The table behind this picture" in text


def test_on_the_command_line() -> None:
    assert CliRunner().invoke(app, ["sense", "crisis-signalling", "--local", "-n", "50"]).exit_code == 0
    args = ["sense", "crisis-signalling", "--local", "-n", "50", "--of", "claims", "--json"]
    done = CliRunner().invoke(app, args)
    told = json.loads(done.output)
    assert done.exit_code == 0
    assert len(told["answers"]) == 5
    assert {"name", "slope", "spread", "elasticity", "mean"} <= told["answers"][0]["pulls"][0].keys()
    refused = CliRunner().invoke(app, ["sense", "crisis-signalling", "--local", "--design", "sobol"])
    assert refused.exit_code == 2
