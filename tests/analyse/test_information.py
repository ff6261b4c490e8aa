"""The value of information: of a forecast against entropies on paper, to an actor against decision trees on paper."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import detente
from detente import Model, define
from detente.analyse.forecast.subject import Reading
from detente.analyse.information.evppi import Plans, blindly, of_quantity
from detente.analyse.information.forecast_value import learn
from detente.analyse.sensitivity.binning import Sums, cut, entropy
from detente.arrays import Floats
from detente.errors import QuestionError
from detente.present.view import Shown, view_of
from detente.study.registry import find
from tests.analyse.crises import argument, decision
from tests.analyse.test_sensitivity import invoke

EVENT = Reading("event", "probability", "an event", ("event",), None)
FORECAST = Reading("outcome", "forecast", "how it ends", ("a", "b", "c"), None)


def bits(p: float) -> float:
    return float(entropy(np.array([p, 1 - p])))


# ---------------------------------------------------------------------- of a forecast


def test_a_probability_that_is_the_quantity_itself() -> None:
    x = np.random.default_rng(1).random((2, 20_000))
    found = learn(EVENT, x[:1], {"x": x[0], "idle": x[1]}, {})
    first, idle = found.things
    assert first.name == "x"
    assert first.brier.low <= 1 / 12 <= first.brier.high
    known = 1 - 1 / (2 * np.log(2))  # one bit less the mean of h(x)
    assert first.entropy.low <= known <= first.entropy.high
    assert not idle.told
    assert abs(idle.entropy.value) < 1e-3
    assert found.everything.brier.value == pytest.approx(1 / 12, abs=1e-3)
    assert found.everything.entropy.value == pytest.approx(known, abs=3e-3)
    assert found.brier.value == pytest.approx(0.25, abs=1e-3)


def test_an_event_and_the_forecast_of_both_sides_agree() -> None:
    x = np.random.default_rng(2).random((1, 4000))
    one = learn(EVENT, x, {"x": x[0]}, {}).things[0]
    two = learn(FORECAST, np.vstack([x, 1 - x]), {"x": x[0]}, {}).things[0]
    assert two.brier.value == pytest.approx(2 * one.brier.value)
    assert two.entropy.value == pytest.approx(one.entropy.value)


def test_of_many_idle_quantities_none_is_advised_and_rounding_is_no_information() -> None:
    rng = np.random.default_rng(5)
    idle = {f"q{k}": rng.random(1000) for k in range(60)}
    x = rng.random(1000)
    found = learn(EVENT, (0.2 + 0.6 * x)[None], {"x": x, **idle}, {})
    assert [t.name for t in found.things if t.advised] == ["x"]
    rounding = learn(EVENT, 0.3 + 1e-16 * np.round(4 * x)[None], {"x": x}, {})
    assert not any(t.told for t in rounding.things)


def test_a_precision_moves_the_forecast_and_is_no_advice() -> None:
    study = detente.run(decision(0.6, quantities={"lam": {"value": "1 to 9", "role": "precision"}}), draws=400)
    assert [d.quantity for d in study.drivers("gone")] == ["lam"]
    (only,) = detente.learn(study).things
    assert (only.kind, only.told, only.advised) == ("precision", True, False)
    assert "a property of the behavioural model" in " ".join(detente.learn(study).notes)
    page = view_of(find("learn")).page(detente.learn(study), Shown(find("learn"), study.model, study))
    assert "find out first" not in str(page.content)


def test_information_is_freed_of_what_noise_would_show() -> None:
    rng = np.random.default_rng(3)
    raw, freed = [], []
    for _ in range(200):
        p = rng.dirichlet([0.5, 0.5, 0.5], 400).T
        sums = Sums.by_block(cut(rng.random(400), 20), p).whole()
        mean = sums.sums.sum(axis=-1) / 400
        raw.append(entropy(mean) - (sums.shares[0] * entropy(sums.means)).sum())
        freed.append(float(sums.information()))
    assert np.mean(raw) > 0.02
    assert abs(np.mean(freed)) < 0.1 * np.mean(raw)


def gamble(prior: Any = 0.3) -> Model:
    """A hit comes with 0.9 if the type is a, else 0.2; nobody can do anything about it."""
    return define(
        "gamble",
        title="A gamble",
        actors={"N": "knows", "A": "watches"},
        quantities={"p": prior},
        private={"N.kind": {"a": "p", "b": "otherwise"}},
        stages={
            "look": {"actor": "A", "moves": ["left", "right"]},
            "shot": {"chance": {"hit": "0.9 if N.kind is a else 0.2", "miss": "otherwise"}},
        },
        outcomes={"hit": "shot is hit", "miss": "shot is miss"},
        payoffs={"A": {"none": "0 * (outcome is hit)"}},
        claims={"likely": "P(outcome is hit) > 0.3"},
    )


def test_a_type_tells_what_its_posteriors_say() -> None:
    study = detente.run(gamble(), draws=200)
    for of, half in (("hit", 1.0), ("outcome", 2.0), ("P(shot is hit)", 1.0)):
        found = detente.learn(study, of)
        (kind,) = found.things
        assert kind.kind == "private type"
        assert kind.brier.value == pytest.approx(half * 0.3 * 0.7 * 0.7**2, abs=1e-9)
        assert kind.entropy.value == pytest.approx(bits(0.41) - 0.3 * bits(0.9) - 0.7 * bits(0.2), abs=1e-9)
        assert kind.entropy.error < 1e-12
    claim = detente.learn(detente.run(gamble("uniform(0, 1)"), draws=500), "likely")
    assert [t.name for t in claim.things] == ["p"]
    assert claim.things[0].brier.value == pytest.approx(claim.brier.value, rel=0.1)
    assert "keeps to itself" in claim.notes[0]


def test_what_cannot_be_forecast_teaches() -> None:
    study = detente.run(gamble(), draws=150)
    with pytest.raises(QuestionError, match="a number, not an event"):
        detente.learn(study, "E(A)")
    with pytest.raises(QuestionError, match="under a condition"):
        detente.learn(study, "P(shot is hit given look is left)")
    with pytest.raises(QuestionError, match="100 are needed"):
        detente.learn(detente.run(gamble(), draws=50))
    with pytest.raises(QuestionError, match="there is no actor 'B'"):
        detente.worth(study, "B")
    with pytest.raises(QuestionError, match="never decides"):
        detente.worth(study, "N")


# ---------------------------------------------------------------------- to an actor


def wildcatter() -> Model:
    """The oil wildcatter of Raiffa (1968): drilling costs 70 and finds nothing, 120 or 270."""
    return define(
        "wildcatter",
        title="The oil wildcatter",
        actors={"Earth": "hides oil", "Firm": "drills or not"},
        quantities={"lam": {"value": 0.5, "role": "precision"}},
        private={"Earth.oil": {"dry": 0.5, "wet": 0.3, "soaking": 0.2}},
        stages={"well": {"actor": "Firm", "moves": ["drill", "leave"]}},
        outcomes={"drilled": "well is drill", "left": "well is leave"},
        payoffs={
            "Firm": {
                "oil": "(120 if Earth.oil is wet else 270 if Earth.oil is soaking else 0) * (well is drill)",
                "cost": "-70 * (well is drill)",
            }
        },
    )


def test_the_wildcatter_gives_thirty_five_for_perfect_information() -> None:
    found = detente.worth(detente.run(wildcatter(), draws=20), "Firm")
    assert found.best.value == pytest.approx(20.0)
    (private,) = found.private
    assert private.value.value == pytest.approx(35.0)  # 0.3 x 50 + 0.2 x 200 - 20
    (public,) = found.public
    assert public.value.value == pytest.approx(35.0, abs=0.1)  # one decision maker: the same, but for small mistakes
    assert found.everything is None


def test_a_signal_of_two_types_leaves_less_to_learn() -> None:
    def worth(noise: float) -> float:
        model = define(
            "signal",
            title="A signal",
            actors={"N": "is strong or weak", "A": "attacks or not"},
            private={
                "N.kind": {
                    "prior": {"weak": 0.4, "strong": "otherwise"},
                    "seen_as": {
                        "weak": {"soft": 1 - noise, "hard": "otherwise"},
                        "strong": {"soft": noise, "hard": "otherwise"},
                    },
                }
            },
            stages={"move": {"actor": "A", "moves": ["attack", "wait"]}},
            outcomes={"war": "move is attack", "peace": "move is wait"},
            payoffs={"A": {"prize": "(1 if N.kind is weak else -1) * (move is attack)"}},
        )
        return detente.worth(detente.run(model, draws=3), "A", public_draws=0).private[0].value.value

    assert worth(0.5) == pytest.approx(0.4)  # nothing seen: 0.4 x 1 against staying away
    for noise in (0.1, 0.2):  # attack on a soft signal earns 0.4 (1 - noise) - 0.6 noise
        assert worth(noise) == pytest.approx(0.4 - (0.4 * (1 - noise) - 0.6 * noise))


def test_quantities_of_one_decision_are_worth_what_the_normal_law_says() -> None:
    model = decision(
        "normal(0, 1)", payoffs={"A": {"gain": "(x + y) * (move is go)"}}, quantities={"y": "normal(0, 0.5)"}
    )
    study = detente.run(model, draws=6000)
    found = detente.worth(study, "A")
    worth = {w.name: w.value for w in found.private}
    root = np.sqrt(2 * np.pi)
    assert found.blind is not None
    assert found.blind.value == pytest.approx(0.0, abs=0.03)
    for name, sd in (("x", 1.0), ("y", 0.5)):
        assert worth[name].low - 0.01 <= sd / root <= worth[name].high + 0.01
    assert found.everything is not None
    assert found.everything.value.low <= np.sqrt(1.25) / root <= found.everything.value.high
    assert not found.public


def test_the_newsvendor_pays_for_demand_and_not_for_what_it_cannot_use() -> None:
    model = define(
        "newsvendor",
        title="The newsvendor",
        actors={"A": "orders"},
        quantities={"demand": "uniform(0, 1)", "weather": "uniform(0, 1)"},
        stages={"order": {"actor": "A", "offer": "grid(0, 1, 21)"}},
        outcomes={"sold": "order >= 0.5", "short": "otherwise"},
        payoffs={"A": {"sales": "2 * min(order, demand)", "cost": "-order + 0.1 * weather"}},
    )
    found = detente.worth(detente.run(model, draws=3000), "A")
    worth = {w.name: w.value for w in found.private}
    assert found.blind is not None
    assert found.blind.value == pytest.approx(0.25 + 0.05, abs=0.02)
    assert worth["demand"].value == pytest.approx(0.25, abs=0.02)
    assert worth["weather"].high < 0.01
    assert found.everything is not None
    assert found.everything.value.value == pytest.approx(0.25, abs=0.02)


def test_chance_is_not_taken_for_skill() -> None:
    rng = np.random.default_rng(5)
    worths = []
    for _ in range(30):
        table = np.zeros((3, 400))
        table[1:] = rng.normal(size=(2, 400))
        plans = Plans(np.array([1, 2]), ((1, 3, 0),), 3)
        labels = rng.random(400)
        worths.append(of_quantity("noise", labels, table, plans, blindly(table, plans)).value)
    assert np.mean([w.low > 0 for w in worths]) < 0.1
    assert np.mean([w.value for w in worths]) < 0.03


def mutual_insurance() -> Model:
    """Two farmers, one of whom will be ruined by hail; before they know which, both gladly share (Hirshleifer 1971)."""
    half = {"moves": ["share", "keep"]}
    pay = "0.8 if outcome is pooled else (1 if Sky.hail is {} else 0)"
    return define(
        "insurance",
        title="Mutual insurance",
        actors={"Sky": "hails", "A": "farms", "B": "farms"},
        quantities={"lam": {"value": 100, "role": "precision"}},
        private={"Sky.hail": {"on_a": 0.5, "on_b": "otherwise"}},
        stages={"one": {"actor": "A", **half}, "two": {"actor": "B", "together_with": "one", **half}},
        outcomes={"pooled": "one is share and two is share", "alone": "otherwise"},
        payoffs={"A": {"crop": pay.format("on_b")}, "B": {"crop": pay.format("on_a")}},
    )


def test_information_can_hurt_in_public_and_never_in_private() -> None:
    found = detente.worth(detente.run(mutual_insurance(), draws=10), "A")
    (public,), (private,) = found.public, found.private
    assert found.best.value == pytest.approx(0.8, abs=0.01)
    assert private.value.value == pytest.approx(0.1, abs=0.01)  # keep what is whole, share what is ruined: 0.9
    assert public.value.value == pytest.approx(-0.3, abs=0.02)  # nobody shares any more: 0.5
    assert public.value.high < 0


def test_the_best_plan_is_the_one_of_the_certificate() -> None:
    for model in (argument(), decision()):
        study = detente.run(model, draws=200)
        for player, actor in enumerate(study.blueprint.tree.players):
            found = detente.worth(study, actor, public_draws=0)
            wanted = np.concatenate([part.value[player] + part.gain[player] for part in study.parts])
            assert found.best.value == pytest.approx(wanted.mean(), abs=1e-9)
            assert all(w.value.value >= 0 for w in found.private)


def brute(plans: Plans, weights: Floats) -> float:
    """The best plan by trying all."""
    best = -np.inf
    sets = list(reversed(plans.sets))
    for picks in np.ndindex(*(stop - start for start, stop, _ in sets)):
        follows = np.zeros(plans.size, bool)
        follows[0] = True
        for (start, _, before), k in zip(sets, picks, strict=True):
            follows[start + k] = follows[before]
        best = max(best, float(weights[follows].sum()))
    return best


def test_plans_are_the_best_of_all() -> None:
    study = detente.run(argument(), draws=2)
    for player in range(study.blueprint.tree.n_players):
        plans = Plans.of(study.blueprint.tree, player)
        if np.prod([stop - start for start, stop, _ in plans.sets]) > 5000:
            continue
        weights = np.random.default_rng(player).normal(size=(plans.size, 5))
        found, chosen = plans.best(weights), plans.plan(weights)
        for column in range(5):
            assert found[column] == pytest.approx(brute(plans, weights[:, column]))
            assert (chosen[:, column] * weights[:, column]).sum() == pytest.approx(found[column])


def test_moves_that_depend_on_quantities_are_refused() -> None:
    model = decision(stages={"move": {"actor": "A", "moves": {"go": {"when": "x > 0"}, "stay": {}}}})
    with pytest.raises(QuestionError, match="depends on quantities"):
        detente.worth(detente.run(model, draws=300), "A")


def test_the_commands_print_and_give_json() -> None:
    code, out, _ = invoke("learn", "crisis-signalling", "-n", "300")
    assert code == 0, out
    assert "Challenger’s resolve" in out
    assert "Brier" in out
    told = json.loads(invoke("learn", "crisis-signalling", "-n", "300", "--json")[1])
    assert set(told["things"][0]) == {"name", "kind", "brier", "entropy", "floor"}
    code, out, _ = invoke("learn", "crisis-signalling", "-n", "300", "--actor", "Defender")
    assert code == 0, out
    assert "In private" in out
    assert "In public" in out
    told = json.loads(invoke("learn", "crisis-signalling", "-n", "300", "--actor", "Defender", "--json")[1])
    assert {"private", "public", "best", "everything"} <= set(told)
    code, _, error = invoke("learn", "crisis-signalling", "--actor", "Defender", "--of", "war")
    assert code == 2
    assert "--of" in error  # another question: `detente worth CASE ACTOR`
