"""From a model to its tree: what a draw decides, and the chances that it gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detente.errors import ModelError
from detente.game.compile import compile_model
from detente.model.load import define
from tests.game.small import ACTORS, GATED, A, B, compiled, endings, game, gates, sizes


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
    from detente.model.fields import Formula  # `check` refuses a stage whose every move has a condition: go round it

    model = define(
        title="t",
        actors=ACTORS,
        quantities=GATED,
        stages={"s": {"actor": "A", "moves": {"x": "", "y": {"when": "q > 1"}, "z": ""}}},
        outcomes={"end": "otherwise"},
        payoffs={"A": {"p": 0}},
    )
    stage = model.stages["s"]
    moves = {label: move.model_copy(update={"when": Formula.read("q > 1")}) for label, move in stage.moves.items()}
    model = model.model_copy(update={"stages": {"s": stage.model_copy(update={"moves": moves})}})
    blueprint = compile_model(model)
    with pytest.raises(ModelError, match="there is no move left in draw"):
        game(blueprint)


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
