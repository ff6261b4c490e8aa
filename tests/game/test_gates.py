"""From a model to its tree: what a draw decides, and the chances that it gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detente.engine.engine import Engine
from detente.errors import ModelError
from tests.game.small import GATED, A, B, compiled, endings, game, gates, sizes, stories


def test_a_stage_whose_condition_depends_on_the_draw() -> None:
    blueprint = compiled(
        {"s": A, "t": {**B, "when": "q > 1"}, "u": {"actor": "C", "moves": ["l", "r"]}}, quantities=GATED
    )
    g, ends = endings(blueprint, 200)
    gates(blueprint, g)
    q = blueprint.sampler.draw(200, 1).truth["q"]
    played = [any("t" in r for r in blueprint.scene(int(x)).records) for x in blueprint.tree.terminals]
    assert ends[played].sum(axis=0) == pytest.approx((q > 1).astype(float))
    assert sizes(blueprint, "u") == [1] * 6, "whether t was played is seen, and what was done"


def test_a_condition_is_decided_once() -> None:
    """The same condition twice is one gate; its opposite is another, and never contradicts it."""
    blueprint = compiled(
        {
            "s": {**A, "when": "q > 1"},
            "t": {**B, "when": "q > 1"},
            "u": {"actor": "C", "moves": ["l", "r"], "unless": "q > 1"},
        },
        quantities=GATED,
    )
    g, ends = endings(blueprint, 200)
    gates(blueprint, g)
    for k, x in enumerate(blueprint.tree.terminals):
        record = blueprint.scene(int(x)).records[0]
        assert ("s" in record) == ("t" in record)
        if ("s" in record) == ("u" in record):
            assert (ends[k] == 0).all()


def test_an_outcome_that_the_draw_decides() -> None:
    blueprint = compiled({"s": A, "t": B}, {"war": "s is a and q > 1", "peace": "otherwise"}, quantities=GATED)
    g, ends = endings(blueprint, 200)
    gates(blueprint, g)
    q = blueprint.sampler.draw(200, 1).truth["q"]
    war = [blueprint.scene(int(x)).outcome == "war" for x in blueprint.tree.terminals]
    assert ends[war].sum(axis=0) == pytest.approx(0.5 * (q > 1))


def test_gates_give_nothing_away() -> None:
    """A gate that stands only after a hidden move must not tell of it."""
    hidden = {"s": {**A, "hidden_from": ["B"]}, "t": B}
    ends = compiled(hidden, {"war": "s is a and q > 1", "peace": "otherwise"}, quantities=GATED)
    assert sizes(ends, "t") == [2], "after `a` survived, and after `b`"
    stage = {"u": {"actor": "C", "moves": ["l", "r"], "when": "s is a and q > 1", "hidden_from": ["B"]}}
    blueprint = compiled({"s": hidden["s"], **stage, "t": B}, quantities=GATED)
    assert sizes(blueprint, "t") == [4]
    private = compiled(
        {"t": B},
        {"war": "A.kind is hard and q > 1", "peace": "otherwise"},
        quantities=GATED,
        private={"A.kind": {"hard": 0.5, "soft": 0.5}},
    )
    assert sizes(private, "t") == [2]


def test_a_move_that_the_draw_takes_away() -> None:
    blueprint = compiled(
        {"s": A, "t": {"actor": "B", "moves": {"x": "", "y": {"when": "q > 1"}, "z": {"when": "q > 1 and s is a"}}}},
        quantities=GATED,
    )
    g = game(blueprint, 100)
    q = blueprint.sampler.draw(100, 1).truth["q"]
    assert g.available is not None
    there = {
        info.situation: g.available[g.tree.action_start[h] : g.tree.action_start[h + 1]]
        for h, info in enumerate(g.tree.infosets)
    }
    assert (there[("s", "a"),] == np.array([np.ones(100, bool), q > 1, q > 1])).all()
    assert (there[("s", "b"),] == np.array([np.ones(100, bool), q > 1])).all()


def test_no_move_left_in_some_draw() -> None:
    moves = {label: {"when": "q > 1"} for label in ("x", "y", "z")}
    blueprint = compiled({"s": {"actor": "A", "moves": moves}}, quantities=GATED)
    with pytest.raises(ModelError, match=r"there is no move left in draw \d+ \(where q = 0\.\d+\) at A: s"):
        game(blueprint)


def rule(**conditions: str) -> dict[str, Any]:
    """A stage of B whose every move has a condition."""
    return {"actor": "B", "moves": {label: {"when": condition} for label, condition in conditions.items()}}


def test_a_player_who_follows_a_rule() -> None:
    """What B does follows from what A did, and from the draw; it decides nothing."""
    blueprint = compiled({"s": A, "t": rule(x="s is a", y="s is b")})
    assert set(stories(blueprint)) == {("a",), ("b",)}
    assert [blueprint.scene(int(x)).records[0]["t"] for x in blueprint.tree.terminals] == ["x", "y"]
    drawn = compiled({"s": A, "t": rule(x="s is a and q > 1", y="not (s is a and q > 1)")}, quantities=GATED)
    g, q = game(drawn, 100), drawn.sampler.draw(100, 1).truth["q"]
    assert g.available is not None
    (h,) = (h for h, info in enumerate(g.tree.infosets) if info.situation == (("s", "a"),))
    first = int(g.tree.action_start[h])
    assert (g.available[first : first + 2] == [q > 1, q <= 1]).all()


def test_a_rule_that_says_nothing_somewhere_is_told_with_the_situation() -> None:
    with pytest.raises(ModelError, match=r"no move left at 't' \(after s b\)"):
        compiled({"s": A, "t": rule(x="s is a", y="s is a and q > 1")}, quantities=GATED)
    with pytest.raises(ModelError, match=r"no move left at 't' \(where B.kind is low, after s a\)"):
        compiled(
            {"s": A, "t": rule(x="s is b", y="B.kind is high")}, private={"B.kind": {"low": 0.5, "high": "otherwise"}}
        )
    alone = compiled({"s": A, "t": rule(x="s is a and q > 1", y="s is b")}, quantities=GATED)
    with pytest.raises(ModelError, match=r"no move left in draw \d+ \(where q = 0\.\d+\) at B: t after s a"):
        game(alone, 100)


@pytest.mark.parametrize("perception", ["common", "private"])
def test_a_rule_need_not_cover_what_a_closed_gate_keeps_away(perception: str) -> None:
    gated = {**rule(x="q > 1 and s is a", y="q > 1.5", z="q > 1 and s is b"), "when": "q > 1"}
    blueprint = compiled({"s": A, "t": gated}, quantities=GATED, payoffs={"A": {"p": "t is x"}, "B": {"p": "t is y"}})
    solved = Engine(perception).solve_batch(blueprint, blueprint.sampler.draw(100, 1), {})
    assert solved.certificate.residual.max() < 1e-8
    q, endings = solved.batch.draws.truth["q"], solved.batch.endings
    records = [blueprint.scene(int(x)).records[0] for x in blueprint.tree.terminals]
    played = {label: endings[[r.get("t") == label for r in records]].sum(axis=0) for label in ("x", "y", "z")}
    assert sum(played.values()) == pytest.approx((q > 1).astype(float))
    assert (played["y"][q <= 1.5] == 0).all()
    assert (played["y"][q > 1.5] > 0.1).all()


def test_the_tree_is_the_same_for_all_draws() -> None:
    blueprint = compiled(
        {"s": {**A, "when": "q > 1"}, "t": {"chance": {"x": "p", "y": "otherwise"}}, "u": B}, quantities=GATED
    )
    one, other = game(blueprint, 5, 1), game(blueprint, 50, 2)
    assert one.tree is other.tree
    assert one.chance.shape[0] == other.chance.shape[0]


def test_chance_in_the_eyes_of_an_actor() -> None:
    quantities = {
        "p": {"value": "0.2 to 0.4", "unit": "probability", "seen_by": {"B": "p / 2"}},
        "r": {"value": 0.5, "unit": "probability"},
    }
    blueprint = compiled(
        {"s": {"chance": {"x": "p", "y": "otherwise"}}, "c": {"chance": {"x": "r", "y": "otherwise"}}, "t": B},
        quantities=quantities,
    )
    g, tree = game(blueprint, 10), blueprint.tree
    first = int(tree.chance_start[0])
    a, b, c, truth = (g.chance[tree.chance_row[first, v]] for v in range(4))
    assert (a == truth).all()
    assert (c == truth).all()
    assert b == pytest.approx(truth / 2)
    assert len(set(tree.chance_row[first].tolist())) == 2
    second = int(tree.chance_start[int(tree.first_child[0])])
    assert len(set(tree.chance_row[second].tolist())) == 1, "nobody sees this one otherwise"
    own = blueprint.game(blueprint.sampler.draw(10, 1), "B")
    assert own.chance[tree.chance_row[first, 3]] == pytest.approx(truth / 2)


@pytest.mark.parametrize(
    ("chance", "message"),
    [
        ({"x": "q", "y": "otherwise"}, "the probability is 1.* in draw .* q = 1"),
        ({"x": "q - 1", "y": "otherwise"}, "the probability is -"),
        ({"x": "log(1 - q)", "y": "otherwise"}, "the probability is nan"),
        ({"x": "0.4 * p", "y": 0.5}, "the probabilities sum to 0"),
    ],
)
def test_probabilities_that_are_none(chance: dict[str, Any], message: str) -> None:
    blueprint = compiled({"s": {"chance": chance}, "t": B}, quantities=GATED)
    with pytest.raises(ModelError, match=message):
        game(blueprint, 200)
