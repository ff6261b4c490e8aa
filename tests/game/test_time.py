"""Rates, hazards, flows and slices, held against closed forms: what they come to does not depend on how time is cut."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detente import define, load, run
from detente.draws.knockout import knock_out
from detente.draws.recut import sharp
from detente.draws.variants import Variant
from detente.engine.store.codec import decode, encode
from detente.game.compile import compile_model
from detente.game.packed import Packed
from detente.model.check.check import check
from detente.model.periods import days, per
from detente.model.schema import Model
from detente.study.evaluate.variant import compiled
from detente.study.questions.gradients import gradients

LAST = 1e-10
HOLD: dict[str, Any] = {"actor": "A", "moves": ["press", "stand_down"], "continues": "press"}


def holding(
    rate: Any = "0.5 per fortnight", slices: int = 1, stage: dict[str, Any] | None = None, **more: Any
) -> Model:
    """One actor who may stop holding, and pays as long as it does not."""
    parts: dict[str, Any] = {
        "title": "Holding",
        "periods": {"count": 3, "unit": "fortnight", "slices": slices},
        "actors": {"A": "holds"},
        "quantities": {"lam": {"value": 6, "role": "precision"}},
        "stages": {"posture": {**HOLD, "reconsidered": rate, **(stage or {})}},
        "outcomes": {"down": "posture is stand_down", "standoff": {"otherwise": True}},
        "payoffs": {
            "A": {"down": "-0.3 * (outcome is down)", "hold": {"each fortnight": "-0.05 * (posture is press)"}}
        },
    }
    return define(**{**parts, **more})


def p(model: Model, outcome: str = "down") -> float:
    study = run(model, draws=1)
    assert study.converged.all()
    return study.outcomes[outcome].value


@pytest.mark.parametrize(
    ("slices", "value"), [(1, 0.490422), (2, 0.457109), (4, 0.439044), (16, 0.424920)]
)  # the last step of a recursion by hand, from the horizon backwards
def test_short_slices_have_a_limit(slices: int, value: float) -> None:
    assert p(holding(slices=slices)) == pytest.approx(value, abs=1e-6)


def test_the_limit_is_that_of_the_hazard() -> None:
    """As slices grow short, the hazard is r exp(precision (U - V)): backwards from the end, by hand."""

    def by_hand(slices: int) -> float:
        stay, ahead, cost, lam = math.exp(-1 / slices), 0.0, 0.02 / slices, 3.0
        gone = 0.0
        for _ in range(3 * slices):  # from the end: holding is worth what is ahead less its cost
            worth, down = ahead - cost, -0.1
            go, on = (1 - stay) * math.exp(lam * down), stay * math.exp(lam * worth)
            sigma = go / (go + on)
            gone = sigma + (1 - sigma) * gone
            ahead = sigma * down + (1 - sigma) * worth
        return gone

    more: dict[str, Any] = {
        "quantities": {"lam": {"value": 3, "role": "precision"}},
        "payoffs": {
            "A": {"down": "-0.1 * (outcome is down)", "hold": {"each fortnight": "-0.02 * (posture is press)"}}
        },
    }
    values = [p(holding("1 per fortnight", k, **more)) for k in (1, 16)]
    assert values == pytest.approx([by_hand(1), by_hand(16)], abs=LAST)
    assert values[0] == pytest.approx(0.942551, abs=1e-6)
    assert by_hand(4096) == pytest.approx(0.940616, abs=1e-5)


def test_units_of_time_are_converted() -> None:
    assert [days(unit) for unit in ("week", "7 days", "two weeks", "a fortnight", "four days")] == [7, 7, 14, 14, 4]
    assert [days(unit) for unit in ("round", "period", "", "0 days", "some weeks", "month of May")] == [None] * 6
    assert days("year") == pytest.approx(12 * (days("month") or 0))
    assert [per(unit) for unit in ("per month", "1/month", "1 / two weeks", "stake", "month")] == [
        "month", "month", "two weeks", "", "",
    ]  # fmt: skip
    same = [
        p(holding(rate)) for rate in ("0.5 per fortnight", "0.25 per week", "0.25 per 7 days", "0.5 per period", 0.5)
    ]
    assert same == pytest.approx([same[0]] * 5, abs=LAST)
    assert p(holding("0.3 per month")) == pytest.approx(p(holding("3.6 per year")), abs=LAST)
    weeks = holding("0.25 per week", periods={"count": 3, "unit": "14 days"})
    assert p(weeks) == pytest.approx(same[0], abs=LAST)


def test_a_quantity_says_for_which_time_it_is() -> None:
    pace = {"lam": {"value": 6, "role": "precision"}, "pace": {"value": 0.25, "unit": "1/week"}}
    for rate in ("pace", "pace per week"):
        assert p(holding(rate, quantities=pace)) == pytest.approx(p(holding()), abs=LAST)


def test_a_move_that_is_split_in_two_changes_nothing_else() -> None:
    plain: dict[str, Any]
    halves: dict[str, Any]
    plain, halves = (
        {"invade": {}, "wait": {}},
        {"by_day": {"tendency": 0.5}, "by_night": {"tendency": 0.5}, "wait": {}},
    )

    def solved(moves: dict[str, Any], **stage: Any) -> dict[str, float]:
        wars = "posture in [by_day, by_night]" if "by_day" in moves else "posture is invade"
        model = define(
            title="Split",
            actors={"A": "", "B": ""},
            quantities={"prize": "0.1 to 0.6"},
            periods=2,
            stages={
                "posture": {"actor": "A", "moves": {**moves, "go_home": {"tendency": "2 * prize"}}, **stage},
                "answer": {"actor": "B", "moves": ["fight", "yield"], "when": wars},
            },
            outcomes={"war": "answer is fight", "won": "answer is yield", "peace": "otherwise"},
            payoffs={
                "A": {"w": "prize * (outcome is won) - 0.4 * (outcome is war)"},
                "B": {"w": "-0.2 * (outcome is won)"},
            },
        )
        return {name: finding.value for name, finding in run(model, draws=5).outcomes.items()}

    for stage in ({}, {"continues": "wait", "reconsidered": 0.7}):
        assert solved(halves, **stage) == pytest.approx(solved(plain, **stage), abs=LAST)


def test_moves_that_are_not_there_leave_their_share_to_the_others() -> None:
    moves = {
        "press": {},
        "invade": {"when": "period == 2"},
        "stand_down": {"tendency": 3},
        "never": {"when": "lam < 0"},
    }
    model = holding(stage={"moves": moves}, payoffs={"A": {"nothing": 0}})
    blueprint = compile_model(model)
    game = blueprint.game(blueprint.sampler.draw(1, 1))
    assert game.default is not None
    leaves = 1 - math.exp(-0.5)
    shares = {label: float(game.default[a, 0]) for h, info in enumerate(blueprint.tree.infosets) if info.period == 2
              for a, label in enumerate(info.actions, int(blueprint.tree.action_start[h]))}  # fmt: skip
    assert shares["press"] == pytest.approx(math.exp(-0.5), abs=LAST)
    assert (shares["invade"], shares["stand_down"]) == pytest.approx((leaves / 4, leaves * 3 / 4), abs=LAST)


def test_an_actor_goes_by_the_rate_as_it_sees_it() -> None:
    seen = {"value": "0.5 per fortnight", "seen_by": {"A": "posture.reconsidered * 2"}}
    assert p(holding(seen)) == pytest.approx(p(holding("1 per fortnight")), abs=LAST)


def test_an_uncertain_rate_is_a_quantity_like_any_other() -> None:
    model = holding({"value": "0.2 to 2 per month", "because": "a guess"})
    quantity = model.quantities["posture.reconsidered"]
    assert (quantity.unit, quantity.because, str(quantity.value)) == ("per month", "a guess", "0.2 to 2")
    study = run(model, draws=20)
    assert len(set(study.draws.truth["posture.reconsidered"])) == 20
    low, high = (run(model, draws=1, set={"posture.reconsidered": rate}).outcomes["down"].value for rate in (0.2, 2))
    assert low < study.outcomes["down"].value < high


def test_slopes_by_a_rate_and_a_tendency_are_exact() -> None:
    quantities = {"lam": {"value": 6, "role": "precision"}, "ready": 0.7}
    moves = {"press": {}, "stand_down": {"tendency": "ready"}, "talk": {"when": "ready > 0.1"}}

    def chance(**values: float) -> float:
        model = holding("0.4 per fortnight", stage={"moves": moves}, quantities=quantities)
        return run(model, draws=1, set=values).outcomes["down"].value

    model = holding("0.4 per fortnight", stage={"moves": moves}, quantities=quantities)
    found = {pull.name: pull.slope for pull in gradients(model, "down", draws=1).answers[0].pulls}
    h = 1e-4
    for name, at in (("posture.reconsidered", 0.4), ("ready", 0.7)):
        about = (chance(**{name: at + h}) - chance(**{name: at - h})) / (2 * h)
        assert found[name] == pytest.approx(about, rel=1e-6)


HAZARD: dict[str, Any] = {
    "title": "Hazard",
    "actors": {"A": "waits"},
    "stages": {
        "wait": {"actor": "A", "moves": ["sit", "stand"]},
        "incident": {"chance": {"war": 0.1, "coup": 0.3, "none": "otherwise"}, "per": "month"},
    },
    "outcomes": {"war": "incident is war", "coup": "incident is coup", "calm": "otherwise"},
    "payoffs": {"A": {"nothing": 0}},
}


@pytest.mark.parametrize(("unit", "slices"), [("month", 1), ("month", 3), ("month", 7), ("quarter", 3), ("10 days", 1)])
def test_a_hazard_is_the_same_however_time_is_cut(unit: str, slices: int) -> None:
    months = 2 * (days(unit) or 0) / (days("month") or 1)
    stages = {**HAZARD["stages"], "wait": {**HAZARD["stages"]["wait"], "once": True}}
    model = define(**{**HAZARD, "stages": stages, "periods": {"count": 2, "unit": unit, "slices": slices}})
    gone = 1 - 0.6**months
    assert (p(model, "war"), p(model, "coup")) == pytest.approx((gone / 4, gone * 3 / 4), abs=LAST)


def test_what_flows_and_is_discounted_adds_up() -> None:
    """A flow of 1 a week for two months, at 0.9 a month, and what goes on for ever; in slices."""
    for slices in (1, 4):
        model = define(
            title="Flow",
            periods={"count": 2, "unit": "month", "slices": slices},
            actors={"A": {"discount": 0.9}},
            stages={"wait": {"actor": "A", "moves": ["sit", "stand"], "once": True}},
            outcomes={"on": {"otherwise": True, "continuation": "repeated"}},
            payoffs={"A": {"pay": {"each week": 1}, "end": 1}},
        )
        study = run(model, draws=1)
        weeks, d = (days("month") or 0) / 7 / slices, 0.9 ** (1 / slices)
        n = 2 * slices
        assert study.ask("E(A.pay)")[0] == pytest.approx(weeks * (1 - d**n) / (1 - d))
        assert study.ask("E(A.continuation)")[0] == pytest.approx(weeks * d**n / (1 - d))  # the rest of the same series
        assert study.ask("E(A.end)")[0] == pytest.approx(d ** (n - 1))


def test_going_on_may_be_worth_a_number() -> None:
    outcomes = {"down": "posture is stand_down", "standoff": {"otherwise": True, "continuation": {"A": "-lam / 100"}}}
    plain = holding(payoffs={"A": {"down": "-0.3 * (outcome is down)", "late": "-0.06 * (outcome is standoff)"}})
    worth = holding(outcomes=outcomes, payoffs={"A": {"down": "-0.3 * (outcome is down)"}})
    assert p(worth) == pytest.approx(p(plain), abs=LAST)
    assert compile_model(worth).term_names == (("down", "continuation"),)


def test_knock_outs_know_rates_and_what_goes_on() -> None:
    """What is earned for ever goes with the term that earned it; a tagged rate has no neutral value, and stays."""
    model = define(
        title="Knocked out",
        periods={"count": 2, "unit": "month"},
        mechanisms={"upkeep": "holding costs", "pace": "it is reconsidered"},
        actors={"A": {"discount": 0.9}},
        quantities={"rate": {"value": 0.7, "mechanism": "pace"}, "cost": {"value": 0.1, "mechanism": "pace"}},
        stages={"posture": {**HOLD, "reconsidered": "rate per month"}},
        outcomes={"down": "posture is stand_down", "on": {"otherwise": True, "continuation": "repeated"}},
        payoffs={"A": {"hold": {"each month": "-cost", "mechanism": "upkeep"}, "out": "-0.3 * (outcome is down)"}},
    )
    base = compile_model(model)
    for mechanism, kept in (("upkeep", ()), ("pace", ("quantity rate: how readily something is done",))):
        knocked = knock_out(Variant.of(model), mechanism)
        assert [told.startswith(part) for told, part in zip(knocked.kept, kept, strict=True)] == [True] * len(kept)
        study = run(knocked.variant.model, draws=1, set={"cost": 0} if mechanism == "pace" else None)
        for term in ("hold", "continuation"):
            assert study.ask(f"E(A.{term})")[0] == 0
        other = compiled(base, knocked.variant.model)
        draws = other.sampler.draw(1, 1, knocked.variant.fixed)
        assert float(other.terms(0, draws, None)[-1].sum()) == 0  # the continuation, which stands last
    assert run(model, draws=1).ask("E(A.continuation)")[0] < 0


def test_a_variant_may_change_a_rate_alone(tmp_path: Path) -> None:
    text = """
title: Base
periods: {count: 2, unit: month}
actors: {A: holds}
stages: {posture: {actor: A, moves: [press, stop], continues: press, reconsidered: 1 to 2 per month}}
outcomes: {down: posture is stop, still: otherwise}
payoffs: {A: {x: -0.3 * (outcome is down)}}
"""
    (tmp_path / "base.yaml").write_text(text)
    (tmp_path / "other.yaml").write_text("extends: base.yaml\nstages: {posture: {reconsidered: {because: a guess}}}")
    (tmp_path / "third.yaml").write_text("extends: base.yaml\nstages: {posture: {reconsidered: 3 per week}}")
    other, third = (load(tmp_path / name).quantities["posture.reconsidered"] for name in ("other.yaml", "third.yaml"))
    assert (str(other.value), other.unit, other.because) == ("1 to 2", "per month", "a guess")
    assert (str(third.value), third.unit) == ("3", "per week")


def test_states_and_looks_back_speak_of_periods() -> None:
    """With x' = 1 - x a period cut in K leaves 1 - (1 - 1/K)^K of the way; what is counted is counted in periods."""
    for slices in (1, 2, 5):
        model = define(
            title="Looks",
            periods={"count": 2, "unit": "month", "slices": slices},
            actors={"A": ""},
            state={"x": {"start": 0, "next": 1}},
            stages={
                "wait": {"actor": "A", "moves": ["sit", "stand"], "once": True},
                "second": {"chance": {"yes": 1, "no": "otherwise"}, "periods": 2},
            },
            outcomes={"on": "otherwise"},
            payoffs={"A": {
                "counted": "count(second is yes)", "total": "total(period)", "first": "first(second is yes)",
                "period": "period", "of": "periods", "x": "x", "once": "count(wait in [sit, stand])",
            }},
        )  # fmt: skip
        study = run(model, draws=1)
        found = {name: float(study.ask(f"E(A.{name})")[0]) for name in model.payoffs["A"]}
        left = (1 - 1 / slices) ** (2 * slices - 1)
        assert found == pytest.approx(
            {"counted": 1, "total": 3, "first": 2, "period": 2, "of": 2, "x": 1 - left, "once": 1 / slices}
        )


def test_slices_are_periods_where_nothing_speaks_of_time() -> None:
    """Secrets, hidden and simultaneous moves and signals go through slices as through periods."""

    def solved(**periods: Any) -> dict[str, float]:
        model = define(
            title="Alike",
            periods=periods,
            actors={"A": "", "B": ""},
            quantities={"cost": "0.1 to 0.6"},
            private={"A.mood": {"angry": 0.3, "calm": "otherwise"}},
            stages={
                "arm": {"actor": "A", "moves": ["arms", "talks"], "seen_as": {
                    "arms": {"loud": 0.7, "quiet": "otherwise"}, "talks": {"loud": 0.2, "quiet": "otherwise"}}},
                "raise_": {"actor": "A", "moves": ["up", "down"]},
                "answer": {"actor": "B", "moves": ["yes_", "no_"], "together_with": "raise_"},
                "strike": {"actor": "A", "moves": ["hit", "wait"], "when": "previous(arm is arms)", "hidden_from": "B"},
            },
            outcomes={
                "war": {"when": "ever(strike is hit)", "at": "period end"}, "deal": "answer is yes_ and raise_ is down",
                "open": "otherwise",
            },
            payoffs={
                "A": {"x": "0.5 * (outcome is deal) + (0.6 if A.mood is angry else -cost) * (outcome is war)"},
                "B": {"x": "0.4 * (outcome is deal) - (outcome is war) - cost * ever(answer is yes_)"},
            },
        )  # fmt: skip
        return {name: finding.value for name, finding in run(model, draws=3).outcomes.items()}

    assert solved(count=1, unit="month", slices=2) == pytest.approx(solved(count=2), abs=1e-12)


def test_slices_have_names_and_are_kept() -> None:
    blueprint = compile_model(holding(slices=2))
    names = [info.name for info in blueprint.tree.infosets]
    assert names[0] == "A: posture in period 1, slice 1 of 2"
    assert names[1] == "A: posture in period 1, slice 2 of 2 after posture press (period 1, slice 1 of 2)"
    assert [(info.period, info.step) for info in blueprint.tree.infosets] == [
        (1, 1),
        (1, 2),
        (2, 3),
        (2, 4),
        (3, 5),
        (3, 6),
    ]
    kept = decode(encode(Packed.of(blueprint)), (Packed,), Packed).unpacked(blueprint.model)
    draws = blueprint.sampler.draw(2, 1)
    one, other = blueprint.game(draws).default, kept.game(draws).default
    assert one is not None
    assert other is not None
    assert np.array_equal(one, other)
    assert kept.tree.infosets == blueprint.tree.infosets


def test_a_rate_of_a_stage_that_is_asked_once_is_cut_with_its_slice_and_is_warned_of() -> None:
    """Without a reason either way it is left with 1 - exp(-r), and with 1 - exp(-r / K) of a stage asked once; asked
    in each slice of its period it keeps the whole of it."""
    once = {"periods": [1], "once": True}
    alone = {"periods": [1]}
    for slices in (1, 2, 4):
        for stage, left in ((once, 1 - math.exp(-0.5 / slices)), (alone, 1 - math.exp(-0.5))):
            model = holding(slices=slices, stage=stage)
            blind = sharp(model, 0.0)
            assert p(blind) == pytest.approx(left, abs=1e-9), (slices, stage)
            told = [x for x in check(model) if "is asked once, in the first slice" in x.message]
            assert len(told) == ("once" in stage)
            if told:
                assert told[0].warning
                assert "`periods: 1`" in told[0].hint
