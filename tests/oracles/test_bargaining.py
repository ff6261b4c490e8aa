"""Bargaining: Fearon 1995, Nash 1950, Rubinstein 1982. Precision is 1e6 in these models, so that only the grid errs.

An offer that leaves the other side exactly indifferent is accepted half the time, so where the best offer lies on the
grid the next one is made instead. Hence the tolerances: a step of the grid, or the width of a slice of types.
"""

import numpy as np
import pytest

from tests.oracles.closed import one, solved

TAKE_IT = [  # p, cost of A, lowest and highest cost of B, demand, P(war)
    pytest.param(0.5, 0.1, 0.0, 0.4, 0.65, 0.375, id="even"),
    pytest.param(0.4, 0.05, 0.1, 0.3, 0.525, 0.125, id="weaker"),
    pytest.param(0.3, 0.2, 0.1, 0.25, 0.4, 0.0, id="no war"),
]


@pytest.mark.parametrize(("p", "cost", "low", "high", "demand", "war"), TAKE_IT)
def test_take_it_or_leave_it(p: float, cost: float, low: float, high: float, demand: float, war: float) -> None:
    errors = []
    for slices, offers in ((7, 38), (14, 75), (28, 149)):
        swaps = {"uniform(0, 0.4): 40": f"uniform({low}, {high}): {slices}", "grid(0, 1, 201)": f"grid(0, 1, {offers})"}
        study = solved("take-it-or-leave-it", 1, swaps, set={"p": p, "cost_A": cost}, gain=1e-6)
        found = np.array([study.outcomes["war"].value, one(study, "E(demand)")])
        error = np.abs(found - [war, demand])
        assert error[0] <= 1 / slices  # half a slice from the slices, half from the grid of demands
        assert error[1] <= (high - low) / slices + 1 / (offers - 1)
        errors.append(error.max())
    assert errors[2] < 0.5 * errors[0]  # a grid four times as fine: half the error at the very least


def test_two_types_gamble_up_to_the_threshold() -> None:
    """q* = (h - l) / (h + c) = .625: below it A demands p + h and the tough fight, above it p + l, for peace."""
    for steps in (101, 401):
        study = solved("two-types", 200, {"grid(0, 1, 101)": f"grid(0, 1, {steps})"}, gain=1e-5)
        step = 1 / (steps - 1)
        tough, war, demand = study.draws.truth["tough"], study.outcome_draws("war"), study.ask("E(demand)")
        near = np.abs(tough - 0.625) < 3 * step  # a step less demanded moves the threshold by two and a half steps
        gamble = (tough < 0.625) & ~near
        peace = (tough > 0.625) & ~near
        assert gamble.sum() > 50
        assert peace.sum() > 30
        assert war[gamble] == pytest.approx(tough[gamble], abs=1e-6)
        assert war[peace] == pytest.approx(0.0, abs=1e-6)
        assert demand[gamble] == pytest.approx(0.8, abs=step + 1e-6)
        assert demand[peace] == pytest.approx(0.55, abs=step + 1e-6)


@pytest.mark.parametrize("method", [None, "backward"])
def test_bargaining_range(method: str | None) -> None:
    study = solved("bargaining-range", 500, method=method, gain=1e-5)
    q = study.draws.truth
    inside = (q["x"] > q["p"] - q["cost_A"]) & (q["x"] < q["p"] + q["cost_B"])
    edge = np.minimum(np.abs(q["x"] - q["p"] + q["cost_A"]), np.abs(q["x"] - q["p"] - q["cost_B"])) < 2e-5
    assert 50 < inside.sum() < 300
    # At precision 1e6 a stake of 2e-5 is twenty units, and exp(-20) is 2e-9; draws nearer than that are left out.
    assert study.outcome_draws("peace")[~edge] == pytest.approx(inside[~edge].astype(float), abs=1e-8)


@pytest.mark.parametrize("method", [None, "backward"])
def test_preventive_war(method: str | None) -> None:
    """B attacks iff delta p2 - p1 > c_B (1 - delta)^2; the second demand is rounded down by at most a step."""
    threshold = (0.3 + 0.5 * 0.1**2) / 0.9
    assert threshold == pytest.approx(0.338889, abs=1e-6)
    for steps in (13, 34):
        step = 1 / (steps - 1)
        study = solved("preventive-war", 60, {"grid(0, 1, 26)": f"grid(0, 1, {steps})"}, method=method, gain=1e-5)
        p2, attacked = study.draws.truth["p2"], study.outcome_draws("war_now") > 0.5
        assert not attacked[p2 < threshold].any()  # a demand rounded down makes B more patient, never less
        assert attacked[p2 > threshold + step].all()
        assert study.outcome_draws("war_later").max() < 1e-6


def test_preventive_war_has_its_threshold_on_both_sides() -> None:
    """With p2 + c_B (1 - delta) just above a point of the grid, rounding costs nothing and the threshold is sharp."""
    for p2, war in ((0.3385, 0.0), (0.3393, 1.0)):
        later = round(p2 + 0.05 - 1e-5, 5)  # what A can just demand in the second period
        swaps = {"grid(0, 1, 26)": f"[0, {later - 0.01}, {later}, {later + 0.01}, 1]"}
        study = solved("preventive-war", 1, swaps, set={"p2": p2}, gain=1e-5)
        assert study.outcomes["war_now"].value == pytest.approx(war, abs=1e-6)


def test_nash_bargain() -> None:
    """x_A = p - c_A + alpha (c_A + c_B); each offer is rounded by at most a step of the grid, to its maker's loss."""
    largest = []
    for steps in (51, 101, 201):
        study = solved("nash-bargain", 150, {"grid(0, 1, 101)": f"grid(0, 1, {steps})"}, gain=1e-5)
        q = study.draws.truth
        paper = q["p"] - q["cost_A"] + q["alpha"] * (q["cost_A"] + q["cost_B"])
        largest.append(np.abs(study.ask("E(A)") - paper).max())
        assert largest[-1] <= 1 / (steps - 1) + 1e-5
        assert study.outcome_draws("war").mean() < 0.01  # a draw may lie so near a tie that a few wars are fought
    assert largest[2] < 0.5 * largest[0]


def offers_around(*values: float, below: float) -> list[float]:
    """A grid of quarters, finer around some values: there two offers just below and two just above."""
    near = {round(value + side * below, 9) for value in values for side in (-3, -1, 1, 3)}
    return sorted({k / 4 for k in range(5)} | {offer for offer in near if 0 < offer < 1})


@pytest.mark.parametrize("method", [None, "backward"])
@pytest.mark.parametrize("below", [0.01, 0.001, 0.0001])
def test_rubinstein_with_three_rounds(method: str | None, below: float) -> None:
    """1 - .8 (1 - .9) = .92, less what A must leave to be better than indifference.

    A tie would be broken by a coin. So A asks for a little less than all in the third round; B offers a little more
    than .9 in the second, and leaves itself .1 - `below`; and in the first A's best offer is the one just below .92.
    1e-8 is what precision 1e6 leaves: `below` is worth at least a hundred units of it.
    """
    offers = offers_around(0.92, 0.9, 1.0, below=below)
    study = solved("rubinstein", 1, {"grid(0, 1, 11)": offers}, method=method, gain=1e-6)
    assert one(study, "E(A)") == pytest.approx(0.92 - below, abs=1e-8)
    assert one(study, "P(outcome is agreed)") == pytest.approx(1.0, abs=1e-9)


def test_rubinstein_with_ever_more_rounds() -> None:
    """Two rounds, with what comes after them put at their end, again and again: fifty rounds come to .7142857.

    Each turn takes 28% off the distance, and 25 turns leave 8e-5 of .2857. The grid is fine where the next proposer is
    just indifferent. A turn loses at most 1.8 times its fineness, what A leaves B and .8 of what B leaves A; all turns
    together 1.8 / .28 times.
    """
    limit = (1 - 0.8) / (1 - 0.9 * 0.8)
    assert limit == pytest.approx(0.7142857, abs=1e-7)
    errors = []
    for below in (0.01, 0.001):
        share, path = 1.0, []
        for _ in range(25):
            y = 0.9 * share
            offers = offers_around(y, 1 - 0.8 * (1 - y), below=below)
            swaps = {"count: 3": "count: 2", "[1, 3]": 1, "grid(0, 1, 11)": offers}
            study = solved("rubinstein", 1, swaps, set={"later_A": share, "later_B": 1 - share}, gain=1e-6)
            share = one(study, "E(A)")
            path.append(share)
        assert path[0] == pytest.approx(0.92, abs=2 * below)
        assert path[1] == pytest.approx(0.8624, abs=4 * below)
        errors.append(abs(share - limit))
        assert errors[-1] < 1.8 * below / 0.28 + 1e-4
    assert errors[0] > 4 * errors[1]
