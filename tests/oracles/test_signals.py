"""What is told by what is paid and by who stays: Fearon 1997 and 1994; and what always holds (Banks 1990)."""

import numpy as np
import pytest

from tests.oracles.closed import Moves, Situation, model, one, played, solved


@pytest.mark.parametrize("slices", [10, 40])
def test_sunk_cost_signal(slices: int) -> None:
    """m* = c / p = .4: at that price only those pay who would fight; they are left alone, and no war follows.

    At a lower price some who would not fight pay too. The dearest slice of bluffers ends half a slice below .4.
    There is another equilibrium, in which nobody pays and paying means nothing; see the model.
    """
    study = solved("sunk-cost-signal", 120, {"uniform(0, 1): 10": f"uniform(0, 1): {slices}"}, gain=0.01)
    price = study.draws.truth["payment"]
    bluffs = study.ask("P(signal is pay given Defender.worth < 0.4)")
    width = 1 / slices
    dear, cheap = price > 0.4, (price > 0.15) & (price < 0.4 - 0.5 * width - 0.01)
    assert dear.sum() > 40
    assert cheap.sum() > 15
    assert bluffs[dear].max() < 1e-3
    assert bluffs[cheap].min() > 0.99 * width / 0.4  # at least the dearest slice of those who would not fight
    dear &= price < 0.68  # beyond, even the most resolved would rather fight than pay: .2 + .48 * .975
    assert study.ask("P(challenge is challenge given signal is pay)")[dear].max() < 1e-3
    assert study.ask("P(response is fight given signal is pay)")[dear].max() < 1e-3
    # Those pay who have v - m > p v - c, or v > (m - c) / (1 - p); and of those who fight, all when m = c / p.
    paid = 1 - (price[dear] - 0.2) / 0.5
    assert study.ask("P(signal is pay)")[dear] == pytest.approx(paid, abs=0.5 * width + 0.01)


def separation(price: float, threshold: float = 0.4) -> float:
    """What somebody gains by leaving the separating equilibrium at a price, which is an exact one without `edge`."""

    def rule(stage: str, seen: Situation, _: Moves) -> dict[str, float]:
        if stage == "challenge":
            return {"let_be" if seen["signal"] == "pay" else "challenge": 1.0}
        resolved = float(seen["Defender.worth"]) > threshold
        if stage == "response":
            return {"fight" if resolved else "give_way": 1.0}
        return {"pay" if resolved else "nothing": 1.0}

    found = played(model("sunk-cost-signal"), rule, {"edge": 0, "payment": price})
    assert found.outcomes["war"] == 0
    return float(found.certificate.gain.max())


def test_separation_certified() -> None:
    """The highest of those who would not fight is worth .35: it bluffs at a lower price, and gains its share of .1."""
    assert separation(0.4) == pytest.approx(0.0, abs=1e-12)
    assert separation(0.36) == pytest.approx(0.0, abs=1e-12)
    assert separation(0.30) == pytest.approx(0.1 * 0.05, abs=1e-12)
    assert separation(0.20) == pytest.approx(0.1 * (0.15 + 0.05), abs=1e-12)
    assert separation(0.50) == pytest.approx(0.1 * (0.5 - 0.2 - 0.5 * 0.45) + 0.1 * (0.3 - 0.5 * 0.55), abs=1e-12)


def test_talk_without_use_is_noise_on_the_principal_branch() -> None:
    """Without `edge` all types gain the same by paying, -m: each pays with probability L(-lambda m)."""
    study = solved("sunk-cost-signal", 20, set={"edge": 0, "precision": 4})
    paid = 1 / (1 + np.exp(4 * study.draws.truth["payment"]))
    for worth in (0.05, 0.55, 0.95):
        assert study.ask(f"P(signal is pay given Defender.worth == {worth})") == pytest.approx(paid, abs=1e-8)


# v, a of A and B, c of A and B, P(war)
AUDIENCE = [
    pytest.param(1, 1, 1, 1, 1, 0.381966, id="alike"),
    pytest.param(1, 1, 2, 1, 1, 0.267949, id="B more exposed"),
    pytest.param(2, 1, 3, 1, 2, 0.417424, id="B more exposed and weaker"),
]


def costs(actor: str, highest: float, slices: int) -> dict[str, object]:
    """The swap that gives an actor's private cost another range and other slices."""
    text = "{}.cost:\n    prior:\n      uniform(0, {}): {}"
    return {text.format(actor, 1, 5): text.format(actor, highest, slices)}


def horizon(v: float, a: tuple[float, float], c: tuple[float, float]) -> float:
    product = a[0] * a[1]
    return float(min((-a[i] * v + np.sqrt(a[i] ** 2 * v**2 + 4 * product * v * c[i])) / (2 * product) for i in (0, 1)))


@pytest.mark.parametrize(("v", "a_A", "a_B", "c_A", "c_B", "war"), AUDIENCE)
def test_audience_costs_solved(v: float, a_A: float, a_B: float, c_A: float, c_B: float, war: float) -> None:
    """Five slices of types, six periods: P(war) comes nearer as precision grows.

    At a precision of 40 the noise in a choice is 1/40 of the prize and a period a fourth of t*; .06 allows for both.
    Finer grids need a higher precision before they are better, and there the branch cannot always be followed yet.
    """
    step = horizon(v, (a_A, a_B), (c_A, c_B)) / 4.5
    swaps = costs("A", c_A, 5) | costs("B", c_B, 5)
    errors = []
    for precision in (10, 20, 40):
        values = {"prize": v, "audience_A": a_A, "audience_B": a_B, "step": step, "precision": precision}
        study = solved("audience-costs", 1, swaps, set=values)
        errors.append(abs(study.outcomes["attack"].value + study.outcomes["clash"].value - war))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.06


@pytest.mark.parametrize(("v", "a_A", "a_B", "c_A", "c_B", "war"), AUDIENCE)
def test_audience_costs_certified(v: float, a_A: float, a_B: float, c_A: float, c_B: float, war: float) -> None:
    """Fearon's equilibrium, cut into slices and periods, leaves less and less to gain from any deviation, even attack.

    At time t side i is still there with probability P_i(0) v / (v + a_j t), where P_i(0) makes it a_i t* / c_i at t*.
    The types to whom war is dearest leave first.
    """
    a, c = {"A": a_A, "B": a_B}, {"A": c_A, "B": c_B}
    last = horizon(v, (a_A, a_B), (c_A, c_B))
    there_at_last = {i: a[i] * last / c[i] for i in "AB"}
    assert there_at_last["A"] * there_at_last["B"] == pytest.approx(war, abs=1e-6)

    def there(i: str, t: float) -> float:
        other = a["B" if i == "A" else "A"]
        return there_at_last[i] * (v + other * last) / (v + other * min(t, last))

    gains, errors = [], []
    for n in (3, 6, 9):
        periods = n + 2
        step = last / n
        swaps = {"count: 6": f"count: {periods}"} | costs("A", c_A, n) | costs("B", c_B, n)

        def rule(stage: str, seen: Situation, _: Moves, n: int = n, step: float = step) -> dict[str, float]:
            i, period = stage[0], int(seen["period"])
            slice_from = round(float(seen[f"{i}.cost"]) / c[i] * n - 0.5) / n  # types up to this share are tougher

            def stays(t: float) -> float:
                return float(np.clip((there(i, t) - slice_from) * n, 0, 1))

            before = stays((period - 2) * step) if period > 1 else 1.0
            now = stays((period - 1) * step)
            return {"wait": now / before, "quit": 1 - now / before} if before > 0 else {"quit": 1.0}

        quantities = {"prize": v, "audience_A": a_A, "audience_B": a_B, "step": step}
        found = played(model("audience-costs", swaps), rule, quantities)
        gains.append(found.certificate.gain.max())
        errors.append(abs(found.outcomes["attack"] + found.outcomes["clash"] - there_at_last["A"] * there_at_last["B"]))
    assert max(errors) < 1e-12  # the slices are mixed within, so that the share that is left is exactly the formula's
    assert gains[0] > gains[1] > gains[2] > 0
    assert gains[2] < 0.5 * gains[0]  # a grid three times as fine; first order would be a third


def test_what_holds_in_every_crisis_with_one_sided_information() -> None:
    """Banks: P(war) and payoff rise with the value of war; the payoff is convex, with P(war) between its slopes.

    Each type could play another's part, so these hold up to what B gains by deviating, divided by the prior of a type.
    """
    study = solved("two-demands")
    costs = [0.5, 0.4, 0.3, 0.2, 0.1, 0]
    war = np.array([one(study, f"P(outcome is war given B.cost == {cost})") for cost in costs])
    payoff = np.array([one(study, f"E(B given B.cost == {cost})") for cost in costs])
    value = -np.array(costs)
    slack = study.gain[1, 0] * len(costs)
    assert 0 < slack < 1e-3  # precision 200
    slopes = np.diff(payoff) / np.diff(value)
    assert np.all(np.diff(war) >= 0)
    assert war[0] < 0.1 < 0.9 < war[-1]
    assert np.all(np.diff(payoff) >= -slack)
    assert np.all(slopes >= war[:-1] - slack / 0.1)
    assert np.all(slopes <= war[1:] + slack / 0.1)
    assert np.all(np.diff(slopes) >= -2 * slack / 0.1)
