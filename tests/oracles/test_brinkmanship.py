"""Risks run on purpose: Schelling's threats, Powell's auction of risk, accidents, critical risk."""

import numpy as np
import pytest

from detente.language.parsing import parse
from tests.oracles.closed import Moves, Situation, model, one, played, solved


def test_least_risk_that_moves_the_soft() -> None:
    """q_min = .2 and P(war) = pi q_min = .04; the soft toss a coin at q_min itself, so a step more is chosen."""
    errors = []
    for steps in (11, 21, 41, 81):
        step = 1 / (steps - 1)
        study = solved("threat-of-chance", 1, {"grid(0, 1, 21)": f"grid(0, 1, {steps})"}, gain=1e-6)
        assert one(study, "E(risk)") == pytest.approx(0.2 + step, abs=1e-9)
        errors.append(study.outcomes["war"].value - 0.04)
        assert errors[-1] == pytest.approx(0.2 * step, abs=1e-9)
    ratios = np.array(errors[:-1]) / errors[1:]
    assert ratios == pytest.approx(2.0, abs=1e-6)  # first order: half the step, half the error


def test_credible_and_worth_making() -> None:
    """Complied with from q_min = .2 on, made up to q_max = .8. Precision is 1e6: only coin tosses lie between."""
    study = solved("threat-or-not", 400, gain=1e-5)
    risk, made = study.draws.truth["risk"], study.ask("P(threat is make)")
    complied = study.ask("P(reply is comply given Target.kind is soft and threat is make)")
    sure = np.minimum(np.abs(risk - 0.2), np.abs(risk - 0.8)) > 1e-4
    assert made[sure] == pytest.approx(((risk > 0.2) & (risk < 0.8))[sure].astype(float), abs=1e-6)
    known = sure & ~np.isnan(complied)
    assert complied[known] == pytest.approx((risk > 0.2)[known].astype(float), abs=1e-6)
    assert known[risk < 0.8].sum() > 200


def test_feasible_only_while_the_hard_are_few() -> None:
    """At q_min the threat pays while pi < pi* = .5: there q_min = q_max."""
    study = solved("threat-or-not", 300, set={"risk": 0.2001, "hard": "uniform(0.01, 0.99)"}, gain=1e-5)
    hard = study.draws.truth["hard"]
    sure = np.abs(hard - 0.5) > 1e-3  # risk is .0001 above q_min
    assert study.ask("P(threat is make)")[sure] == pytest.approx((hard < 0.5)[sure].astype(float), abs=1e-6)


def bid(worth: float, disaster: float) -> float:
    return float(1 - ((1 - worth) * np.exp(worth)) ** (1 / disaster))


def test_auction_of_risk_solved() -> None:
    """P(disaster) -> 11 - 4e as precision grows. Six values and thirteen bids leave an error of about .002."""
    paper = 11 - 4 * np.e
    assert paper == pytest.approx(0.126873, abs=1e-6)
    swaps = {"uniform(0, 1): 5": "uniform(0, 1): 6", "grid(0, 0.95, 11)": "grid(0, 0.95, 13)"}
    errors = []
    for precision in (30, 200):
        study = solved("auction-of-risk", 1, swaps, set={"precision": precision}, gain=0.6 / precision)
        disaster = one(study, "E(min(A_risk, B_risk))")
        # This equilibrium is the symmetric one; one side bidding nothing is another, in which there is no disaster.
        assert one(study, "E(A_risk)") == pytest.approx(one(study, "E(B_risk)"), abs=1e-6)
        errors.append(abs(disaster - paper))
    assert errors[1] < 0.2 * errors[0]
    assert errors[1] < 0.006


@pytest.mark.parametrize("disaster", [1.0, 2.0])
def test_auction_of_risk_certified(disaster: float) -> None:
    """The closed form, cut into slices, leaves less and less to gain; P(disaster) tends to what the formula gives."""
    gains, errors = [], []
    worths = (np.arange(200_000) + 0.5) / 200_000
    paper = np.mean(2 * (1 - worths) * (1 - ((1 - worths) * np.exp(worths)) ** (1 / disaster)))
    if disaster == 1:
        assert paper == pytest.approx(11 - 4 * np.e, abs=1e-6)
    lower = parse("min(A_risk, B_risk)")
    for slices in (2, 4, 7):
        edges = [round(bid(k / (2 * slices), disaster), 6) for k in range(2 * slices)]
        swaps = {"uniform(0, 1): 5": f"uniform(0, 1): {slices}", "grid(0, 0.95, 11)": edges}
        made = model("auction-of-risk", swaps)

        def rule(stage: str, seen: Situation, moves: Moves) -> dict[str, float]:
            worth = float(seen[f"{stage[0]}.worth"])
            return {min(moves, key=lambda move: abs(float(move) - bid(worth, disaster))): 1.0}

        found = played(made, rule, {"disaster": disaster})
        gains.append(found.certificate.gain.max())
        risk = found.batch.expectation(found.batch.blueprint.event(lower), found.batch.endings)[0]
        errors.append(abs(risk - paper))
    assert gains[0] > gains[1] > gains[2] > 0
    assert gains[2] < 0.2 * gains[0]  # slices three and a half times as narrow: better than first order, which were .29
    assert gains[2] < 0.005
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.02


@pytest.mark.parametrize("periods", [1, 3, 6])
def test_accident_under_pressure(periods: int) -> None:
    """1 - exp(-lambda T), into however many periods T is cut: exact, so only rounding is allowed for."""
    study = solved("accident", 100, {"count: 6": f"count: {periods}"}, gain=1e-9)
    assert study.outcome_draws("war") == pytest.approx(1 - np.exp(-3 * study.draws.truth["hazard"]), abs=1e-12)


def test_critical_risk() -> None:
    """Firm iff P(rival firm) <= (win - lose) / (win - war) = .2; a stake of 1e-4 is 500 units of precision."""
    study = solved("critical-risk", 400, gain=1e-5)
    firmness = study.draws.truth["firmness"]
    sure = np.abs(firmness - 0.2) > 1e-4
    assert study.ask("P(stance is firm)")[sure] == pytest.approx((firmness < 0.2)[sure].astype(float), abs=1e-9)
