"""Quantal response and perceptions: Signorino 1999, Bennett 1977, and what no change of units may change."""

import numpy as np
import pytest

from detente.study.run import run
from tests.oracles.closed import model, one, solved


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("precision", ["loguniform(0.1, 20)", 0.5, 3, 50])
def test_strategic_logit(precision: object) -> None:
    """p4 and p2, for random payoffs: formulas without approximation, so only rounding is allowed for."""
    study = solved("strategic-logit", 300, set={"lambda": precision})
    q = study.draws.truth
    p4 = logistic(q["lambda"] * (q["U24"] - q["U23"]))
    p2 = logistic(q["lambda"] * ((1 - p4) * q["U13"] + p4 * q["U14"] - q["U11"]))
    assert study.ask("P(threat is make)") == pytest.approx(p2, abs=1e-12)
    assert study.outcome_draws("war") == pytest.approx(p2 * p4, abs=1e-12)
    assert study.ask("P(reply is fight given threat is make)") == pytest.approx(p4, abs=1e-9)


def test_strategic_logit_at_its_ends() -> None:
    blind = solved("strategic-logit", 50, set={"lambda": 0})
    assert blind.outcome_draws("status_quo") == pytest.approx(0.5, abs=1e-15)
    assert blind.outcome_draws("war") == pytest.approx(0.25, abs=1e-15)
    sharp = solved("strategic-logit", 200, set={"lambda": 1e6})
    backward = solved("strategic-logit", 200, method="backward", gain=1e-12)
    q = sharp.draws.truth
    fight = q["U24"] > q["U23"]
    make = np.where(fight, q["U14"], q["U13"]) > q["U11"]
    for study in (sharp, backward):  # the least of 400 differences of normals is some 1e-3, a thousand units
        assert study.outcome_draws("war") == pytest.approx((make & fight).astype(float), abs=1e-9)


def believed(study, actor: int, question: str) -> float:  # type: ignore[no-untyped-def]
    """The probability of an event as one actor expects it."""
    from detente.analyse.forecast.claims import Question
    from detente.model.ask import read_question

    batch = next(study.batches())
    game, behaviour = batch.views[actor]
    seen = type(batch)(batch.blueprint, batch.draws, game, behaviour, batch.views)
    return float(Question(study.blueprint, read_question(study.model, question))(seen)[0])


def test_hypergame() -> None:
    """All equilibria here are by dominance, and at precision 1000 a stake of 1 leaves an error of exp(-1000)."""
    study = solved("hypergame", gain=1e-9)
    sure = pytest.approx(1.0, abs=1e-12)
    assert study.outcomes["surprise"].value == sure  # what happens: (Hold, Attack)
    assert believed(study, 0, "P(outcome is calm)") == sure  # what A expects: (Hold, Refrain)
    assert believed(study, 1, "P(outcome is battle)") == sure  # in the true game: (Mobilise, Attack)
    assert one(study, "U(A, row is hold)") == pytest.approx(3.0, abs=1e-9)
    assert one(study, "E(A)") == pytest.approx(-10.0, abs=1e-9)


def knowing() -> dict[str, str]:
    return {", seen_by: {A: -3}": "", ", seen_by: {A: -5}": ""}


def test_knowing_is_worth_six() -> None:
    """-4 when A knows against -10 when it does not."""
    wise = solved("hypergame", 1, knowing(), gain=1e-9)
    assert wise.outcomes["battle"].value == pytest.approx(1.0, abs=1e-12)
    assert one(wise, "E(A)") - one(solved("hypergame"), "E(A)") == pytest.approx(6.0, abs=1e-9)


@pytest.mark.parametrize("precision", [0.3, 2, 1000])
def test_equal_perceptions_give_the_ordinary_solution(precision: float) -> None:
    same = {"{A: -3}": "{A: attack_on_holding}", "{A: -5}": "{A: attack_on_mobilised}"}
    ways = [
        solved("hypergame", 1, same, perception="private", set={"precision": precision}),
        solved("hypergame", 1, same, perception="common", set={"precision": precision}),
        solved("hypergame", 1, knowing(), perception="private", set={"precision": precision}),
        solved("hypergame", 1, knowing(), perception="common", set={"precision": precision}),
    ]
    for name in ways[0].outcomes:  # the same arithmetic four times, up to the tolerance of the solver
        values = [study.outcomes[name].value for study in ways]
        assert values == pytest.approx([values[0]] * 4, abs=1e-8)


def test_common_reading_of_a_disagreement() -> None:
    """Where both know that they disagree, A knows that B means to attack, foolish as A finds it, and mobilises."""
    study = solved("hypergame", perception="common", gain=1e-9)
    assert study.outcomes["battle"].value == pytest.approx(1.0, abs=1e-12)


def test_units_do_not_matter() -> None:
    """Another scale with precision in step, and another zero, in a game with private types on both sides."""
    study = solved("change-of-units", 200)
    plain = solved("change-of-units", 200, set={"scale_A": 1, "scale_B": 1, "shift_A": 0, "shift_B": 0})
    assert np.array_equal(study.draws.truth["shame"], plain.draws.truth["shame"])
    for name in study.outcomes:  # both are solved to 1e-8
        assert study.outcome_draws(name) == pytest.approx(plain.outcome_draws(name), abs=1e-7)
    scale = study.draws.truth["scale_A"]
    assert study.gain[0] == pytest.approx(scale * plain.gain[0], abs=1e-7)
    assert study.gain.min() >= 0
    # and without precision in step they do matter
    careless = run(model("change-of-units", {"6 / scale_A": "6", "6 / scale_B": "6"}), draws=200)
    assert np.abs(careless.outcome_draws("war") - plain.outcome_draws("war")).max() > 0.05
