"""From a model to its tree: who moves when and knows what, in small models whose trees are known."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from detente import load
from detente.draws.edits import edits
from detente.draws.variants import Variant, forbidden, passed_over, with_stage
from detente.engine.store.fingerprint import meaning
from detente.errors import ModelError
from detente.game.compile import compile_model
from detente.model.load import loads
from tests.cases.editions import FIRST_EDITION
from tests.game.small import NOISY, A, B, compiled, endings, payoff, situations, sizes, stories
from tests.study.structures import CRISIS, RIVAL


def test_one_after_the_other() -> None:
    blueprint = compiled({"s": A, "t": B})
    assert blueprint.tree.n_nodes == 7
    assert set(stories(blueprint)) == set(itertools.product("ab", "xy"))
    assert situations(blueprint, "t") == [(("s", "a"),), (("s", "b"),)]
    assert blueprint.tree.perfect_information
    assert [info.name for info in blueprint.tree.infosets] == ["A: s", "B: t after s a", "B: t after s b"]


def test_hidden_moves() -> None:
    blueprint = compiled({"s": {**A, "hidden_from": ["B"]}, "t": B, "u": {"actor": "C", "moves": ["l", "r"]}, "v": A})
    assert sizes(blueprint, "t") == [2]
    assert situations(blueprint, "t") == [()]
    assert sizes(blueprint, "u") == [1] * 4, "C sees both"
    assert sizes(blueprint, "v") == [1] * 8, "A remembers what it did"


def test_simultaneous_moves() -> None:
    blueprint = compiled({"s": A, "t": {**B, "together_with": "s"}, "u": {"actor": "C", "moves": ["l", "r"]}})
    assert sizes(blueprint, "t") == [2]
    assert sizes(blueprint, "u") == [1] * 4, "afterwards all is seen"
    again = compiled({"s": A, "t": {**B, "together_with": "s"}}, periods=2)
    assert sizes(again, "s") == [1] * 5, "in the second period the first is seen"
    assert sizes(again, "t") == [2] * 5


def test_three_move_at_once() -> None:
    third = {"actor": "C", "moves": ["l", "r"]}
    for other in ("s", "t"):
        blueprint = compiled({"s": A, "t": {**B, "together_with": "s"}, "u": {**third, "together_with": other}})
        assert sizes(blueprint, "t") == [2]
        assert sizes(blueprint, "u") == [4]


def test_the_game_does_not_end_between_simultaneous_moves() -> None:
    """Were the outcome tried after the first of two simultaneous moves, being asked would tell the second of it."""
    outcomes = {"war": "s is a", "peace": "otherwise"}
    blueprint = compiled({"s": A, "t": {**B, "together_with": "s"}}, outcomes)
    assert stories(blueprint) == {("a", "x"): "war", ("a", "y"): "war", ("b", "x"): "peace", ("b", "y"): "peace"}
    assert sizes(blueprint, "t") == [2]
    one_by_one = compiled({"s": A, "t": B}, outcomes)
    assert stories(one_by_one) == {("a",): "war", ("b", "x"): "peace", ("b", "y"): "peace"}


def test_private_types() -> None:
    blueprint = compiled({"s": A, "t": B}, private={"A.kind": {"hard": 0.3, "soft": "otherwise"}})
    assert situations(blueprint, "s") == [(("A.kind", "hard"),), (("A.kind", "soft"),)]
    assert sizes(blueprint, "t") == [2, 2], "B sees the move and not the type"
    g, ends = endings(blueprint)
    hard = [k for k, x in enumerate(g.tree.terminals) if blueprint.scene(int(x)).types["A.kind"] == "hard"]
    assert ends[hard].sum(axis=0) == pytest.approx(0.3)


def test_correlated_types() -> None:
    private = {
        "A.kind": {"hard": 0.4, "soft": "otherwise"},
        "B.kind": {"hard": "0.9 if A.kind is hard else 0.1", "soft": "otherwise"},
    }
    blueprint = compiled({"s": A, "t": B}, private=private)
    g, ends = endings(blueprint)
    both = [k for k, x in enumerate(g.tree.terminals) if set(blueprint.scene(int(x)).types.values()) == {"hard"}]
    assert ends[both].sum(axis=0) == pytest.approx(0.36)
    assert sizes(blueprint, "t") == [2] * 4, "its own type and the move of A"


def test_signals_of_a_type() -> None:
    private = {
        "A.kind": {
            "prior": {"hard": 0.5, "soft": 0.5},
            "seen_as": {"hard": {"loud": 0.8, "quiet": "otherwise"}, "soft": {"loud": 0.2, "quiet": "otherwise"}},
        }
    }
    blueprint = compiled({"t": B}, private=private, payoffs={"B": {"p": "A.kind.seen is loud"}})
    assert situations(blueprint, "t") == [(("A.kind.seen", "loud"),), (("A.kind.seen", "quiet"),)]
    assert sizes(blueprint, "t") == [2, 2]
    assert payoff(blueprint, ("hard", "loud", "x"), "B") == 1
    assert payoff(blueprint, ("hard", "quiet", "x"), "B") == 0


def test_signals_of_a_move() -> None:
    blueprint = compiled(
        {"s": {**A, "seen_as": NOISY}, "t": B, "u": {"actor": "A", "moves": ["l", "r"], "when": "s.seen is noise"}}
    )
    assert situations(blueprint, "t") == [(("s.seen", "noise"),), (("s.seen", "calm"),)]
    assert sizes(blueprint, "t") == [2, 2]
    assert situations(blueprint, "u")[0] == (("s", "a"), ("s.seen", "noise"), ("t", "x"))
    assert sizes(blueprint, "u") == [1] * 4, "A knows its own move"


def test_signals_for_some() -> None:
    blueprint = compiled(
        {"s": {**A, "seen_as": NOISY, "hidden_from": ["B"]}, "t": B, "u": {"actor": "C", "moves": ["l", "r"]}}
    )
    assert sizes(blueprint, "t") == [2, 2]
    assert sizes(blueprint, "u") == [1] * 8, "C is not among those it is hidden from"


def test_signals_in_simultaneous_moves() -> None:
    blueprint = compiled(
        {"s": {**A, "seen_as": NOISY}, "t": {**B, "together_with": "s"}, "u": {"actor": "B", "moves": ["l", "r"]}}
    )
    assert sizes(blueprint, "t") == [4], "neither the move nor its signal is seen yet"
    assert len(situations(blueprint, "u")) == 4, "the signal and its own move"


def test_a_simultaneous_mover_sees_nothing_of_the_other_until_it_has_moved() -> None:
    """Neither the signal, nor whom it is hidden from, nor that somebody else moves with both makes a difference."""
    c = {"actor": "C", "moves": ["k", "m"]}
    for seen in ({"seen_as": NOISY}, {"seen_as": NOISY, "hidden_from": ["B"]}):
        stages = {"s": {**A, **seen}, "t": {**B, "together_with": "s"}, "v": {**c, "together_with": "t"}}
        blueprint = compiled({**stages, "u": {"actor": "B", "moves": ["l", "r"]}}, periods=2)
        known = [dict(situation).keys() for situation in situations(blueprint, "t")]
        assert all("2:s" not in events and "2:s.seen" not in events and "2:v" not in events for events in known)
        assert {"1:s.seen", "1:t", "1:v", "1:u"} in known, "in the next period the signal of the last one is known"
        assert not any("1:s" in events for events in known), "what was hidden stays hidden"
        assert all({"1:s.seen", "1:t", "1:v"} <= dict(s).keys() for s in situations(blueprint, "u"))


def test_once() -> None:
    blueprint = compiled({"s": {**A, "once": True}, "t": B}, periods=3)
    assert len(stories(blueprint)) == 2 * 2**3


def test_stages_of_some_periods() -> None:
    assert len(stories(compiled({"s": {**A, "periods": 2}, "t": B}, periods=3))) == 2 * 2**3
    assert len(stories(compiled({"s": {**A, "periods": "1..2"}, "t": B}, periods=3))) == 4 * 2**3
    assert len(stories(compiled({"s": {**A, "periods": [1, 3]}, "t": B}, periods=3))) == 4 * 2**3


def test_conditions() -> None:
    blueprint = compiled(
        {"s": A, "t": {**B, "when": "s is a"}, "u": {"actor": "C", "moves": ["l", "r"], "unless": "t is x"}}
    )
    assert set(stories(blueprint)) == {("a", "x"), ("a", "y", "l"), ("a", "y", "r"), ("b", "l"), ("b", "r")}
    both = compiled({"s": A, "t": {**B, "when": "s is a", "unless": "s is a"}})
    assert [w.message for w in both.warnings] == ["the stage 't' is never played"]


def test_conditions_on_moves() -> None:
    moves = {"x": "", "y": {"when": "s is a"}, "z": {"unless": "s is a"}}
    blueprint = compiled({"s": A, "t": {"actor": "B", "moves": moves}})
    assert set(stories(blueprint)) == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "z")}


def test_the_only_move_left_is_made() -> None:
    blueprint = compiled(
        {"s": A, "t": {"actor": "B", "moves": {"x": "", "y": {"when": "s is a"}}}},
        payoffs={"A": {"p": "t is x"}, "B": {"p": 0}},
    )
    assert set(stories(blueprint)) == {("a", "x"), ("a", "y"), ("b",)}
    assert payoff(blueprint, ("b",)) == 1


@pytest.mark.parametrize(
    "moves",
    [
        {"x": "", "y": {"when": "s is a"}},
        {"x": "", "y": {"when": "s is a"}, "z": ""},
        {"x": "", "y": {"when": "s is a and q > 1"}, "z": ""},
    ],
)
@pytest.mark.parametrize("stage", [{**A, "hidden_from": ["B"]}, {**A, "seen_as": NOISY}])
def test_moves_may_not_depend_on_what_is_not_seen(moves: dict[str, Any], stage: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="the moves of B at 't' depend on what it has not seen"):
        compiled({"s": stage, "t": {"actor": "B", "moves": moves}}, quantities={"q": "0.5 to 2"})


def test_moves_may_depend_on_what_is_seen_otherwise() -> None:
    """The move is hidden; that the next stage was played gives it away."""
    stages = {
        "s": {**A, "hidden_from": ["B"]},
        "u": {"actor": "C", "moves": ["l", "r"], "when": "s is a"},
        "t": {"actor": "B", "moves": {"x": "", "y": {"when": "s is a"}, "z": ""}},
    }
    assert sizes(compiled(stages), "t") == [1, 1, 1]


def test_offers() -> None:
    blueprint = compiled(
        {"s": {"actor": "A", "offer": "grid(0, 1, 5)"}, "t": {**B, "when": "s > 0.3"}},
        payoffs={"A": {"p": "s"}, "B": {"p": "1 - s"}},
    )
    assert set(stories(blueprint)) == {("0",), ("0.25",)} | set(itertools.product(["0.5", "0.75", "1"], "xy"))
    assert payoff(blueprint, ("0.25",)) == 0.25
    assert payoff(blueprint, ("0.75", "x"), "B") == 0.25


def test_an_offer_not_made_is_0() -> None:
    blueprint = compiled(
        {"s": A, "t": {"actor": "B", "offer": [2, 3], "when": "s is a"}}, payoffs={"A": {"p": "t"}, "B": {"p": 0}}
    )
    assert payoff(blueprint, ("b",)) == 0
    assert payoff(blueprint, ("a", "3")) == 3


STRUCTURES = "rival structures"


@pytest.mark.parametrize("case", [FIRST_EDITION, STRUCTURES], ids=["plain", "rivals"])
def test_an_edit_of_a_compiled_model_is_compiled_as_if_it_stood_alone(case: str) -> None:
    """What is taken from the model of which it is an edit changes no node and no formula."""
    base = compile_model(loads(CRISIS + RIVAL, "rival.yaml") if case == STRUCTURES else load(case))
    variant, last = Variant.of(base.model), {edit.kind: edit for edit in edits(base.model)}
    tried = [last[kind](variant).model for kind in ("drop-move", "drop-term", "reveal-type", "periods")]
    for model in tried:
        assert meaning(compile_model(model, base)) == meaning(compile_model(model))


def test_rival_structures_that_are_not_edited_keep_their_trees() -> None:
    base = compile_model(loads(CRISIS + RIVAL, "rival.yaml"))
    members = base.model._rivals.members
    model = with_stage(base.model, "reply", base.model.stages["reply"])
    one = with_stage(members[0], "fight", passed_over(members[0].stages["fight"]))
    one = with_stage(one, "reply", forbidden(one.stages["reply"], "resist", "reply"))
    model._rivals = replace(base.model._rivals, members=(one, *members[1:]))
    edited = compile_model(model, base)
    assert base.members is not None
    assert edited.members is not None
    same = [a is b for a, b in zip(base.members.blueprints, edited.members.blueprints, strict=True)]
    assert same == [False, *[True] * (len(members) - 1)]
    assert meaning(edited) == meaning(compile_model(model))
