"""Structural edits, against games on paper and against models that are written with the edit."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from detente import QuestionError, define, redteam, run
from detente.analyse.counterfactual.redteam import Edited, RedTeam
from detente.draws.edits import KINDS, edits
from detente.model.schema import Model
from tests.analyse.crises import decision

DRAWS = 30
STEEP = 3.0  # precision of the games on paper


def logit(gap: float, precision: float = STEEP) -> float:
    return 1 / (1 + math.exp(-precision * gap))


def edited(found: RedTeam, kind: str, what: str) -> Edited:
    (one,) = (e for e in found.edits if (e.kind, e.what) == (kind, what))
    return one


def entry(**more: Any) -> Model:
    """An entrant comes in or stays out; an incumbent fights (nobody gains) or shares, and sees what it does."""
    parts: dict[str, Any] = {
        "title": "Entry",
        "answer": "P(entry is come)",
        "actors": {"New": "enters", "Old": "holds the market"},
        "quantities": {"lam": {"value": STEEP, "role": "precision"}},
        "stages": {
            "entry": {"actor": "New", "moves": ["come", "stay"]},
            "reply": {"actor": "Old", "moves": ["fight", "share"]},
        },
        "outcomes": {
            "war": {"when": "entry is come and reply is fight", "at": "period end"},
            "shared": {"when": "entry is come", "at": "period end"},
            "alone": "otherwise",
        },
        "payoffs": {
            "New": {"gain": "1 * (outcome is shared) - 1 * (outcome is war)"},
            "Old": {"share": "1 * (outcome is shared)", "all": "2 * (outcome is alone)"},
        },
        "claims": {"comes": "P(entry is come) > 0.5", "seldom_fights": "P(reply is fight) < 0.4"},
    }
    return define("entry", **{**parts, **more})


def test_entry_as_it_stands_in_the_other_order_and_unseen() -> None:
    found = redteam(entry(), draws=2)
    fights = logit(-1)  # once the entrant has come
    assert found.answer.mean == pytest.approx(logit(1 - 2 * fights), abs=1e-8)
    assert (found.asks, found.says) == ("P(entry is come)", "P(entry is come)")

    after_fight, after_share = logit(-1), logit(1)
    first = logit(2 * (1 - after_fight) - (after_share + 2 * (1 - after_share)))  # to have said that one fights pays
    swapped = edited(found, "swap-stages", "reply entry")
    assert swapped.answer_after is not None
    assert swapped.answer_after.mean == pytest.approx(first * after_fight + (1 - first) * after_share, abs=1e-8)
    assert swapped.flips == ("the answer crosses one half", "likeliest is alone, not shared", "comes fails")
    assert swapped.claims_flipped == ("comes", "seldom_fights")
    assert swapped.difference is not None
    assert swapped.difference.value == pytest.approx(swapped.answer_after.mean - found.answer.mean)

    low, high = 0.0, 1.0  # who does not see it fights as often as it expects
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if logit(1 - 2 * logit(-middle)) > middle else (low, middle)
    unseen = edited(found, "hide-stage", "entry seen by Old")
    assert unseen.answer_after is not None
    assert unseen.answer_after.mean == pytest.approx(low, abs=1e-8)


def test_a_move_taken_out_flips_a_claim_as_on_paper() -> None:
    model = decision(
        0.4,
        answer="P(move is go)",
        stages={"move": {"actor": "A", "moves": ["go", "stay", "idle"]}},
        outcomes={"gone": "move is go", "still": "move is stay", "asleep": "move is idle"},
        payoffs={"A": {"gain": "x * (move is go)", "rest": "0.3 * (move in [stay, idle])"}},
        claims={"goes": "P(move is go) > 0.5"},
    )
    found = redteam(model, draws=2, kinds=["drop-move"])
    assert found.answer.mean == pytest.approx(1 / (1 + 2 * math.exp(-0.4)), abs=1e-9)
    fewer = edited(found, "drop-move", "move.idle")
    assert fewer.edit == "A cannot choose idle at move"
    assert fewer.answer_after is not None
    assert fewer.answer_after.mean == pytest.approx(logit(0.1, 4), abs=1e-9)
    assert fewer.flips == ("the answer crosses one half", "goes holds")
    assert fewer.claims_flipped == ("goes",)
    assert fewer.distance == pytest.approx(1 / (2 + math.exp(0.4)), abs=1e-9)  # what went to sleep does something else
    gone = edited(found, "drop-move", "move.go")
    assert gone.decided
    assert gone.flips == ("likeliest is still, not gone",)
    assert [e.what for e in found.edits] == ["move.go", "move.stay", "move.idle"]
    assert found.turning[-1].what == "move.go"  # what leaves nothing to ask is told last


def test_types_known_to_all_give_the_games_of_complete_information() -> None:
    signals = redteam("crisis-signalling", draws=40, kinds=["reveal-type"])
    truth = run("crisis-signalling", draws=40).draws.truth
    known = edited(signals, "reveal-type", "Challenger.resolve")
    assert known.answer_after is not None
    expected = float(np.mean(truth["resolute_p"] * truth["resolute_r"]))  # only two that are resolute fight
    assert known.answer_after.mean == pytest.approx(expected, abs=0.005)


def test_a_bargain_with_a_private_cost_as_on_paper() -> None:
    """War comes with probability (h - c_A) / (2 h), h = 0.4 and c_A = 0.1."""
    kinds = ["reveal-type", "drop-term", "drop-move", "swap-stages"]
    bargain = redteam("take-it-or-leave-it", draws=2, kinds=kinds)
    assert bargain.answer.mean == pytest.approx(0.375, abs=0.005)
    after = {e.what: e.answer_after.mean for e in bargain.edits if e.answer_after}
    assert after["B.cost"] < 0.005  # who knows what the other can bear asks for no more
    assert after["A.blood"] == pytest.approx(0.5, abs=0.005)  # c_A = 0
    assert after["B.blood"] == pytest.approx(0.25, abs=0.005)  # at best 0.5, half of the time, which half fight
    best = edited(bargain, "drop-move", "x.0.65")  # 0.6 and 0.7 are as good as each other: a quarter or a half fight
    assert after["x.0.65"] == pytest.approx((0.25 + 0.5) / 2, abs=0.005)
    assert not best.same
    assert edited(bargain, "drop-move", "x.0.9").same
    assert "x would never be played" in edited(bargain, "swap-stages", "answer x").not_possible


def test_an_offer_of_which_one_is_left_is_no_choice_any_more() -> None:
    model = decision(
        stages={"ask": {"actor": "A", "offer": [0.2, 0.6]}, "move": {"actor": "A", "moves": ["go", "stay"]}},
        payoffs={"A": {"gain": "ask * (move is go)"}},
        claims={"asks_much": "P(ask is 0.6) > 0.9"},
        answer="P(move is go)",
    )
    less = edited(redteam(model, draws=2), "drop-move", "ask.0.6")
    assert less.answer_after is not None
    assert less.answer_after.mean == pytest.approx(logit(0.2, 4), abs=1e-9)


def test_perceptions_taken_away() -> None:
    model = decision({"value": "uniform(-1, 2)", "seen_by": {"A": "x * 0.5"}}, answer="P(move is go)")
    found = redteam(model, draws=DRAWS, kinds=["perception"])
    x = run(model, draws=DRAWS).draws.truth["x"]
    truly = edited(found, "perception", "truth")
    assert truly.answer_after is not None
    assert found.answer.mean == pytest.approx(np.mean(1 / (1 + np.exp(-4 * (0.5 * x - 0.3)))), abs=1e-9)
    assert truly.answer_after.mean == pytest.approx(np.mean(1 / (1 + np.exp(-4 * (x - 0.3)))), abs=1e-9)
    assert edited(found, "perception", "private").same  # of one actor's mind nobody else thinks


# ---------------------------------------------------------------------- against models that are written so

PUSH = {"actor": "A", "moves": ["go", "wait"]}
ANSWER = {"actor": "B", "moves": ["fight", "yield"], "together_with": "push"}
PEEK = {"actor": "A", "moves": ["up", "down", "side"], "periods": 2, "hidden_from": ["B"]}
LUCK = {"chance": {"bang": "0.1 + 0.5 * heat", "dud": 0.3, "calm": "otherwise"}, "periods": [1, 2]}
NOD = {"actor": "B", "moves": ["nod", "shake"], "periods": 2}
STAGES: dict[str, Any] = {"push": PUSH, "answer": ANSWER, "luck": LUCK, "peek": PEEK, "nod": NOD}
PAYOFFS: dict[str, Any] = {
    "A": {
        "gain": "x * (outcome is deal)",
        "blood": "-cost * (outcome is war)",
        "look": "0.3 * (peek is up) * (1 if A.mood is grim else -1) + 0.2 * (peek is up) * (nod is nod)",
    },
    "B": {
        "loss": "-0.8 * (outcome is deal) - (0.2 if B.nerve is firm else 2) * cost * (outcome is war)",
        "bang": "-0.5 * (outcome is bang) + 0.3 * (luck is dud) * (nod is nod)",
        "guess": "0.5 * ((peek is up) == (nod is nod))",
    },
}
COST = {"value": "0.3 to 0.9", "seen_by": {"B": "cost * 1.8"}}
QUANTITIES: dict[str, Any] = {"lam": {"value": 4, "role": "precision"}, "x": "0.2 to 1.0", "cost": COST}
NERVE, MOOD = {"firm": 0.4, "soft": "otherwise"}, {"grim": 0.5, "fair": "otherwise"}
HEAT = {"start": 0.1, "next": "heat + 0.3 * (push is wait)"}


def crisis(**more: Any) -> Model:
    """A crisis with a part of every kind that can be edited."""
    parts: dict[str, Any] = {
        "title": "A crisis",
        "answer": "P(outcome is war)",
        "periods": 2,
        "actors": {"A": "pushes", "B": "answers"},
        "quantities": QUANTITIES,
        "private": {"B.nerve": NERVE, "A.mood": {"prior": MOOD, "public": True}},
        "state": {"heat": HEAT},
        "stages": STAGES,
        "outcomes": {
            "war": "push is go and answer is fight",
            "deal": "push is go and answer is yield",
            "bang": "luck is bang",
            "rest": "otherwise",
        },
        "payoffs": PAYOFFS,
    }
    return define("crisis", **{**parts, **more})


def staged(*order: str, without: str = "", **more: Any) -> dict[str, Any]:
    """The stages in an order (default: as they are), without one, and with others in place of some."""
    stages = {**STAGES, **more}
    return {"stages": {name: stages[name] for name in (order or stages) if name != without}}


def but(part: dict[str, Any], *gone: str, **more: Any) -> dict[str, Any]:
    return {key: value for key, value in {**part, **more}.items() if key not in gone}


WRITTEN: dict[tuple[str, str], dict[str, Any]] = {
    ("drop-stage", "luck"): {
        **staged(without="luck"),
        "outcomes": {
            "war": "push is go and answer is fight",
            "deal": "push is go and answer is yield",
            "bang": "period > 9",
            "rest": "otherwise",
        },
        "payoffs": {**PAYOFFS, "B": but(PAYOFFS["B"], bang="0")},
    },
    ("drop-move", "peek.side"): staged(peek=but(PEEK, moves=["up", "down"])),
    ("drop-result", "luck.dud"): {
        **staged(luck=but(LUCK, chance={"bang": "(0.1 + 0.5 * heat) / 0.7", "calm": "otherwise"})),
        "payoffs": {**PAYOFFS, "B": but(PAYOFFS["B"], bang="-0.5 * (outcome is bang)")},
    },
    ("show-stage", "peek seen by B"): staged(peek=but(PEEK, "hidden_from")),
    ("hide-stage", "luck seen by B"): staged(luck=but(LUCK, hidden_from=["B"])),
    ("in-turn", "push answer"): staged(answer=but(ANSWER, "together_with")),
    ("in-turn", "answer push"): staged(
        "answer", "push", "luck", "peek", "nod", answer=but(ANSWER, "together_with")
    ),
    ("swap-stages", "nod peek"): staged("push", "answer", "luck", "nod", "peek"),
    ("reveal-type", "B.nerve"): {
        "private": {"B.nerve": {"prior": NERVE, "public": True}, "A.mood": {"prior": MOOD, "public": True}}
    },
    ("hide-type", "A.mood"): {"private": {"B.nerve": NERVE, "A.mood": MOOD}},
    ("periods", "3"): {"periods": 3, **staged(luck=but(LUCK, periods=[1, 2, 3]))},
    ("periods", "1"): {
        "periods": 1,
        **staged("push", "answer", "luck", luck=but(LUCK, "periods")),
        "payoffs": {"A": but(PAYOFFS["A"], "look"), "B": but(PAYOFFS["B"], "guess", bang="-0.5 * (outcome is bang)")},
    },
    ("drop-term", "B.loss"): {"payoffs": {**PAYOFFS, "B": but(PAYOFFS["B"], "loss")}},
    ("freeze-state", "heat"): {"state": {"heat": but(HEAT, next="heat")}},
    ("perception", "private"): {"perception": "private"},
    ("perception", "truth"): {"quantities": but(QUANTITIES, cost=COST["value"])},
}  # fmt: skip


@cache
def found() -> RedTeam:
    return redteam(crisis(), draws=DRAWS)


@pytest.mark.parametrize("edit", WRITTEN, ids=" ".join)
def test_an_edit_is_the_model_that_is_written_so(edit: tuple[str, str]) -> None:
    one, study = edited(found(), *edit), run(crisis(**WRITTEN[edit]), draws=DRAWS)
    assert not one.not_possible
    assert one.outcomes == pytest.approx({name: f.value for name, f in study.outcomes.items()}, abs=1e-7)
    assert study.answer is not None
    assert one.answer_after is not None
    assert (one.answer_after.low, one.answer_after.high) == pytest.approx(
        (study.answer.low, study.answer.high), abs=1e-7
    )
    assert not one.same
    assert one.cost == 1
    assert one.converged == 1


def test_every_kind_is_tried_and_none_is_hidden() -> None:
    assert {kind for kind, _ in WRITTEN} == {*KINDS} - {"structure"}  # which tests/study/test_structures.py looks at
    offered = edits(crisis())
    assert len({(e.kind, e.what) for e in offered}) == len(offered)
    assert {(e.kind, e.what) for e in offered} == {(e.kind, e.what) for e in found().edits}
    assert found().possible + found().not_possible == len(offered)
    far = [abs(e.difference.value) for e in found().edits if e.difference]
    assert far == sorted(far, reverse=True)
    assert len(far) == found().possible  # those that are not possible come last
    assert found().converged == 1


def test_what_is_no_game_is_told_with_the_reason() -> None:
    game = redteam("crisis-signalling", draws=2)
    assert "no outcome holds" in edited(game, "drop-stage", "deed").not_possible
    assert "nobody ever decides anything" in edited(game, "drop-move", "demand.threaten").not_possible
    assert "'demand' is played after 'reply'" in edited(game, "swap-stages", "reply demand").not_possible
    states = redteam(crisis(), draws=2, kinds=["hide-stage"])
    assert "states are public" in edited(states, "hide-stage", "push seen by B").not_possible
    lottery = {"shot": {"chance": {"hit": 0.4, "miss": "otherwise"}, "when": "move is go"}}
    model = decision(
        stages={"move": {"actor": "A", "moves": ["go", "stay"]}, **lottery},
        outcomes={"hit": "shot is hit", "missed": "shot is miss", "still": "otherwise"},
        claims={},
    )
    reason = edited(redteam(model, draws=2), "drop-stage", "shot").not_possible
    assert reason == "without it the game could only end in still"


def test_what_nothing_depends_on_is_told() -> None:
    game = redteam("crisis-signalling", draws=20)
    unseen = edited(game, "hide-stage", "demand seen by Defender")  # who is asked for a reply knows of the threat
    assert unseen.same
    assert unseen.difference is not None
    assert (unseen.difference.value, unseen.difference.low, unseen.difference.high) == (0, 0, 0)
    assert not unseen.flips
    assert game.same == sum(e.same for e in game.edits) == 4


def test_a_case_without_an_answer_is_asked_for_its_likeliest_ending() -> None:
    model = decision(1.0)
    assert model.answer is None
    asked = redteam(model, draws=2)
    assert asked.asks == "P(outcome is gone)"
    assert asked.answer.mean == pytest.approx(logit(0.7, 4), abs=1e-9)
    gain = edited(asked, "drop-term", "A.gain")
    assert gain.answer_after is not None
    assert gain.answer_after.mean == pytest.approx(logit(-0.3, 4), abs=1e-9)
    assert gain.flips[:2] == ("the answer crosses one half", "likeliest is still, not gone")


def test_kinds_are_chosen_and_others_are_refused() -> None:
    some = redteam(crisis(), draws=2, kinds=["periods", "freeze-state"])
    assert {e.kind for e in some.edits} == {"periods", "freeze-state"}
    with pytest.raises(QuestionError, match="did you mean 'drop-move'"):
        redteam(crisis(), draws=2, kinds=["drop-moves"])
