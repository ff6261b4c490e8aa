# ruff: noqa: PT017 - what is caught may also not be raised
"""From a model to its tree: small models whose trees are known."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.engine.batch import reach
from detente.errors import ModelError
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.game.tree import CHANCE, DECISION, TERMINAL, Game, Infoset, Node, Tree, forgetful
from detente.model.load import define, library, load, loads

ACTORS = {"A": "", "B": "", "C": ""}


def compiled(
    stages: dict[str, Any], outcomes: dict[str, Any] | None = None, payoffs: dict[str, Any] | None = None, **more: Any
) -> Blueprint:
    deciding = {stage["actor"] for stage in stages.values() if "actor" in stage}
    parts = {
        "title": "Small",
        "actors": ACTORS,
        "stages": stages,
        "outcomes": outcomes or {"end": "otherwise"},
        "payoffs": payoffs or {actor: {"nothing": 0} for actor in deciding},
    }
    return compile_model(define(**{**parts, **more}))


def situations(blueprint: Blueprint, stage: str) -> list[tuple[tuple[str, str], ...]]:
    """What is known at each information set of a stage, in order."""
    return [info.situation for h, info in enumerate(blueprint.tree.infosets) if blueprint.stage_of(h) == stage]


def sizes(blueprint: Blueprint, stage: str) -> list[int]:
    """How many nodes each information set of a stage has."""
    tree = blueprint.tree
    counts = np.diff(tree.member_start)
    return [int(counts[h]) for h in range(tree.n_infosets) if blueprint.stage_of(h) == stage]


def stories(blueprint: Blueprint) -> dict[tuple[str, ...], str]:
    """Each whole play as a tuple of labels, and its outcome."""
    tree = blueprint.tree
    found = {}
    for x in tree.terminals:
        play = tuple(tree.labels[y] for y in tree.path(int(x)))
        assert play not in found
        found[play] = blueprint.scene(int(x)).outcome or ""
    return found


def game(blueprint: Blueprint, n: int = 20, seed: int = 1) -> Game:
    return blueprint.game(blueprint.sampler.draw(n, seed))


def uniform(g: Game) -> np.ndarray:
    tree = g.tree
    there = np.ones((tree.n_actions, g.n_draws)) if g.available is None else g.available.astype(float)
    total = np.add.reduceat(there, tree.action_start[:-1], axis=0)
    return there / total[tree.action_infoset]


def endings(blueprint: Blueprint, n: int = 20) -> tuple[Game, np.ndarray]:
    g = game(blueprint, n)
    return g, reach(g, uniform(g), g.tree.n_players)[g.tree.terminals]


def payoff(blueprint: Blueprint, play: tuple[str, ...], actor: str = "A", n: int = 1) -> float:
    """What an actor gets from the play with these labels, gates left out."""
    tree, g = blueprint.tree, game(blueprint, n)
    for x in tree.terminals:
        if tuple(tree.labels[y] for y in tree.path(int(x)) if tree.labels[y] not in ("yes", "no")) == play:
            return float(g.payoffs[tree.slot[x], tree.players.index(actor), 0])
    raise AssertionError(play)


A = {"actor": "A", "moves": ["a", "b"]}
B = {"actor": "B", "moves": ["x", "y"]}


# ---------------------------------------------------------------- trees and information


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


NOISY = {"a": {"noise": 0.8, "calm": "otherwise"}, "b": {"noise": 0.1, "calm": "otherwise"}}


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


# ---------------------------------------------------------------- what a draw decides

GATED = {"q": "0.5 to 2", "p": {"value": "0.1 to 0.9", "unit": "probability"}}


def gates(blueprint: Blueprint, g: Game) -> None:
    """At each gate exactly one branch has probability one in each draw."""
    tree = blueprint.tree
    found = 0
    for x in np.flatnonzero(tree.kind == CHANCE):
        if str(tree.tags[x]).startswith("?"):
            found += 1
            first = int(tree.chance_start[x])
            for viewer in range(tree.n_players + 1):
                rows = tree.chance_row[first : first + 2, viewer]
                assert set(np.unique(g.chance[rows])) <= {0.0, 1.0}
                assert (g.chance[rows].sum(axis=0) == 1).all()
    assert found


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


# ---------------------------------------------------------------- outcomes and payoffs


def test_outcomes_are_tried_in_order() -> None:
    blueprint = compiled({"s": A}, {"first": "s is a", "second": "s in [a, b]", "third": "s is b", "rest": "otherwise"})
    assert stories(blueprint) == {("a",): "first", ("b",): "second"}
    assert [w.message for w in blueprint.warnings] == ["the outcome 'third' can never be reached"]


def test_when_outcomes_are_tried() -> None:
    stages = {"s": A, "t": B}
    at = {"once": 2, "period end": 4, "end": 4}
    for moment, plays in at.items():
        blueprint = compiled(stages, {"war": {"when": "s is a", "at": moment}, "peace": "otherwise"})
        wars = [play for play, outcome in stories(blueprint).items() if outcome == "war"]
        assert len(stories(blueprint)) == (3 if plays == 2 else 4)
        assert all(play[0] == "a" for play in wars)
    two = compiled(stages, {"war": {"when": "s is a", "at": "period end"}, "peace": "otherwise"}, periods=2)
    assert {len(play) for play, outcome in stories(two).items() if outcome == "war"} == {2, 4}
    end = compiled(stages, {"war": {"when": "ever(s is a)", "at": "end"}, "peace": "otherwise"}, periods=2)
    assert {len(play) for play in stories(end)} == {4}
    assert sum(outcome == "peace" for outcome in stories(end).values()) == 4


def test_states_evolve_at_the_end_of_a_period() -> None:
    state = {"alarm": {"start": 1, "next": "alarm + (s is a)"}, "echo": {"start": 0, "next": "alarm"}}
    payoffs = {"A": {"alarm": "alarm", "echo": "100 * echo", "flow": {"each period": "10000 * alarm"}}}
    blueprint = compiled({"s": A}, state=state, periods=3, payoffs=payoffs)
    assert payoff(blueprint, ("a", "a", "a")) == 3 + 100 * 2 + 10000 * (1 + 2 + 3)
    assert payoff(blueprint, ("b", "a", "b")) == 2 + 100 * 1 + 10000 * (1 + 1 + 2)
    early = compiled({"s": A, "t": B}, {"high": "alarm > 1", "end": "otherwise"}, state=state, periods=2)
    assert ("a", "x", "b") in stories(early), "in the second period it is tried once something has happened"


def test_outcomes_tried_when_a_period_is_over_see_states_as_it_leaves_them() -> None:
    state = {"alarm": {"start": 0, "next": "alarm + (s is a)"}}

    def ended(condition: str, at: str) -> dict[tuple[str, ...], str]:
        outcomes = {"high": {"when": condition, "at": at}, "rest": "otherwise"}
        return stories(compiled({"s": A, "t": B}, outcomes, state=state, periods=2))

    assert {len(p) for p, o in ended("alarm >= 1", "once").items() if o == "high"} == {3}, "a period and a step later"
    assert {p[::2] for p, o in ended("alarm >= 1", "period end").items() if o == "high"} == {("a",), ("b", "a")}
    assert {p[::2] for p, o in ended("alarm >= 2", "end").items() if o == "high"} == {("a", "a")}, "the last update"
    assert {p[::2] for p, o in ended("alarm - previous(alarm) == 2", "end").items() if o == "high"} == {("a", "a")}
    assert "high" not in ended("ever(alarm >= 2)", "end").values(), "inside ever a period counts as it began"
    paid = compiled(
        {"s": A}, {"high": {"when": "alarm > 0", "at": "end"}, "rest": "otherwise"}, state=state,
        payoffs={"A": {"alarm": "alarm"}},
    )  # fmt: skip
    assert payoff(paid, ("a",)) == 0, "payoffs read the value with which the period began"


def test_a_state_that_depends_on_a_draw() -> None:
    state = {"alarm": {"start": "q", "next": "alarm * q"}}
    blueprint = compiled(
        {"s": A},
        {"high": "alarm > 1", "end": "otherwise"},
        state=state,
        periods=2,
        quantities=GATED,
        payoffs={"A": {"p": "alarm"}},
    )
    g, ends = endings(blueprint, 100)
    gates(blueprint, g)
    q = blueprint.sampler.draw(100, 1).truth["q"]
    high = [blueprint.scene(int(x)).outcome == "high" for x in blueprint.tree.terminals]
    assert ends[high].sum(axis=0) == pytest.approx((q > 1).astype(float))
    values = g.payoffs[g.tree.slot[g.tree.terminals], 0]
    mean = (ends * values).sum(axis=0)
    assert mean == pytest.approx(np.where(q > 1, q, q**2))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("s is a", {"aab": 0, "bba": 1}),
        ("ever(s is a)", {"aab": 1, "bbb": 0}),
        ("count(s is a)", {"aab": 2, "aba": 2, "bbb": 0}),
        ("previous(s is a)", {"aab": 1, "bba": 0}),
        ("first(s is a)", {"aab": 1, "bba": 3, "bbb": 0}),
        ("period", {"aab": 3}),
        ("total(period * (s is a))", {"aab": 3, "bba": 3}),
        ({"each period": "s is a"}, {"aab": 2, "bbb": 0}),
        ({"each period": "previous(s is a)"}, {"aab": 2, "aaa": 2, "abb": 1}),
        ({"each period": "ever(s is a)"}, {"aab": 3, "bab": 2}),
        ({"each period": "period"}, {"aab": 6}),
    ],
)
def test_terms(term: Any, expected: dict[str, float]) -> None:
    blueprint = compiled({"s": A}, periods=3, payoffs={"A": {"p": term}})
    for play, number in expected.items():
        assert payoff(blueprint, tuple(play)) == number, play


def test_discounting() -> None:
    actors = {"A": {"discount": "d"}, "B": {"discount": 0.25}}
    payoffs = {"A": {"end": "s is a", "flow": {"each period": "10 * (s is a)"}}, "B": {"end": 1}}
    blueprint = compiled(
        {"s": A, "t": B},
        {"war": "s is b", "end": "otherwise"},
        periods=3,
        actors=actors,
        quantities={"d": 0.5},
        payoffs=payoffs,
    )
    assert payoff(blueprint, ("a", "x", "a", "x", "a", "x")) == 0.25 + 10 * (1 + 0.5 + 0.25)
    assert payoff(blueprint, ("a", "x", "b")) == 10, "earned in the periods that were begun"
    assert payoff(blueprint, ("a", "x", "b"), "B") == 0.25
    assert payoff(blueprint, ("b",), "B") == 1


def test_payoffs_in_the_eyes_of_their_owner() -> None:
    quantities = {"q": {"value": "1 to 2", "seen_by": {"A": "q + 10"}}}
    blueprint = compiled({"s": A, "t": B}, quantities=quantities, payoffs={"A": {"p": "q"}, "B": {"p": "q"}})
    draws = blueprint.sampler.draw(10, 1)
    g = blueprint.game(draws)
    assert g.payoffs[0, 0] == pytest.approx(draws.truth["q"] + 10)
    assert g.payoffs[0, 1] == pytest.approx(draws.truth["q"])
    assert blueprint.game(draws, "A").payoffs[0, 1] == pytest.approx(draws.truth["q"] + 10), "all in A's eyes"


def test_precisions() -> None:
    quantities = {"all": {"value": 3, "role": "precision"}, "own": {"value": 7, "role": "precision of B"}}
    assert game(compiled({"s": A, "t": B}, quantities=quantities)).precision[:, 0].tolist() == [3, 7, 3]
    assert game(compiled({"s": A})).precision[:, 0].tolist() == [5, 5, 5]


def test_a_payoff_that_is_no_number() -> None:
    blueprint = compiled(
        {"s": A, "t": B}, quantities=GATED, payoffs={"A": {"good": 1, "bad": "log(q - 1) * (s is a)"}, "B": {"p": 0}}
    )
    with pytest.raises(ModelError, match="the payoff is not a number in draw"):
        game(blueprint)
    infinite = compiled({"s": A}, quantities=GATED, payoffs={"A": {"p": "exp(10000 * q)"}})
    with pytest.raises(ModelError, match="the payoff is infinite in draw"):
        game(infinite)


def test_forced_moves() -> None:
    blueprint = compiled({"s": A, "t": {"actor": "B", "moves": {"x": "", "y": {"when": "q > 1"}}}}, quantities=GATED)
    g = game(blueprint, 50)
    forced = blueprint.forced(g, {"t": "y"})
    assert forced.available is not None
    for h in range(1, 3):
        first = int(g.tree.action_start[h])
        assert (forced.available[first] == ~forced.available[first + 1]).all(), "where it is not there, choice is free"


# ---------------------------------------------------------------- the rules of the theory


def test_imperfect_recall_is_found() -> None:
    """A moves twice and does not know at the second set what it did at the first."""

    def drawing(key_of: Any) -> Tree:
        ends = iter(range(4))
        seconds = [
            Node(DECISION, [Node(TERMINAL, label=last, slot=next(ends)) for last in "cd"], label=m, key=key_of(m))
            for m in "ab"
        ]
        root = Node(DECISION, seconds, key="first")
        keys = {
            "first": Infoset(0, "first", ("a", "b")),
            **{key_of(m): Infoset(0, f"second {key_of(m)}", ("c", "d")) for m in "ab"},
        }
        return Tree.grow(root, ["A"], keys)

    assert forgetful(drawing(str)) == []
    assert forgetful(drawing({"a": "one", "b": "one"}.get)) == [(1, "what it did or knew before")]


def test_forgetting_what_was_seen_between_is_told() -> None:
    stages = {"s": A, "m": {"actor": "B", "moves": ["k", "l"]}, "t": {**B, "together_with": "s"}}
    with pytest.raises(ModelError, match="forgotten"):
        compiled(stages)


@pytest.mark.parametrize("case", library())
def test_every_index_leads_back_to_a_name_and_a_place(case: str) -> None:
    blueprint = compile_model(load(case))
    leads_back(blueprint)
    assert forgetful(blueprint.tree) == []


def leads_back(blueprint: Blueprint) -> None:
    tree, model = blueprint.tree, blueprint.model
    for h, info in enumerate(tree.infosets):
        stage = blueprint.stage_of(h)
        assert info.name
        assert info.place.line > 0
        assert info.place == model.place("stages", stage)
        assert set(info.actions) <= set(model.stages[stage].results)
        assert model.stages[stage].actor == tree.players[info.player]
    assert len({(info.player, info.number) for info in tree.infosets}) == tree.n_infosets
    assert len(blueprint.edge_places) == len(tree.chance_row)
    assert all(place.line > 0 for place in blueprint.edge_places)
    assert all(place.line > 0 for place in tree.places[1:])
    assert all(tree.labels[1:])
    for p in range(tree.n_players):
        assert len(blueprint.term_names[p]) == len(blueprint.payoff_terms[p])


MOVES = ("a", "b", "c")


@st.composite
def models(draw: st.DrawFn) -> str:
    """The text of a small random model with all kinds of stages."""
    names = ["s", "t", "u", "v"][: draw(st.integers(1, 4))]
    lines = []
    types = draw(st.booleans())
    for k, name in enumerate(names):
        actor = draw(st.sampled_from(["A", "B", "C", "chance"] if k else ["A", "B"]))
        number = draw(st.integers(2, 3))
        parts = []
        moves = MOVES[:number]
        if actor == "chance":
            shares = draw(
                st.sampled_from(["{a: p, b: otherwise}", "{a: 0.5, b: 0.25, c: otherwise}", "{a: p * r, b: 1 - p * r}"])
            )
            parts.append(f"chance: {shares}")
        elif draw(st.integers(0, 5)) == 0:
            parts.append(f"actor: {actor}, offer: grid(0, 1, {number})")
        else:
            parts.append(f"actor: {actor}, moves: [{', '.join(moves)}]")
        if k:
            before = names[draw(st.integers(0, k - 1))]
            condition = draw(
                st.sampled_from(
                    [
                        "",
                        "",
                        "q > 1",
                        f"{before} is LABEL",
                        f"{before} is LABEL and q > 1",
                        "period == 1",
                        "not ever(s is LABEL)",
                    ]
                )
            )
            if condition:
                parts.append(f"when: {condition}")
        hidden = draw(st.sampled_from(["", "", "A", "B", "A, B"]))
        hidden = ", ".join(h for h in hidden.split(", ") if h and h != actor)
        if hidden:
            parts.append(f"hidden_from: [{hidden}]")
        if draw(st.integers(0, 5)) == 0:
            parts.append("once: true")
        lines.append(f"  {name}: {{{', '.join(parts)}}}")
    text = "\n".join(lines)
    for name in names:
        label = (
            "0" if f"  {name}: {{actor: " in text and "offer" in text.split(f"  {name}: ")[1].split("\n")[0] else "a"
        )
        text = text.replace(f"{name} is LABEL", f"{name} is {label}")
    private = "private: {A.kind: {hard: p, soft: otherwise}}\n" if types else ""
    kind = " + (A.kind is hard)" if types else ""
    end = draw(
        st.sampled_from(
            ["", "  early: {when: ALL}\n", "  early: {when: ALL and q > 1}\n", "  early: {when: ALL, at: period end}\n"]
        )
    )
    label = "0" if "offer" in text.split("\n")[0] else "a"
    return (
        f"title: random\nactors: {{A: '', B: '', C: ''}}\nperiods: {draw(st.integers(1, 2))}\n"
        "quantities:\n  q: 0.5 to 2\n  p: {value: 0.1 to 0.6, unit: probability, seen_by: {B: p / 2}}\n"
        "  r: {value: 0.2 to 0.8, unit: share}\n"
        f"{private}stages:\n{text}\noutcomes:\n{end.replace('ALL', f's is {label}')}  last: otherwise\n"
        f"payoffs:\n  A: {{x: q{kind}}}\n  B: {{x: {{each period: 's is {label}'}}}}\n  C: {{x: 0}}\n"
    )


@settings(derandomize=True, max_examples=150, deadline=None)
@given(models())
def test_random_models(text: str) -> None:
    """Reach probabilities sum to one in everybody's eyes; nobody forgets; everything has a name and a place."""
    try:
        blueprint = compile_model(loads(text))
    except ModelError as error:
        assert "offer" in text or "depend on" in str(error) or "nobody" in str(error), error
        return
    tree = blueprint.tree
    g = game(blueprint, 12)
    for viewer in range(tree.n_players + 1):
        flow = reach(g, uniform(g), viewer)
        assert flow[tree.terminals].sum(axis=0) == pytest.approx(1)
        assert (flow >= 0).all()
    assert forgetful(tree) == []
    leads_back(blueprint)
    for h, info in enumerate(tree.infosets):
        for x in tree.members[tree.member_start[h] : tree.member_start[h + 1]]:
            first, number = int(tree.first_child[x]), int(tree.children[x])
            assert tree.labels[first : first + number] == info.actions


@settings(derandomize=True, max_examples=60, deadline=None)
@given(models())
def test_information_is_what_was_seen(text: str) -> None:
    """Two nodes are in one information set exactly when their owner saw the same: checked from the plays alone."""
    try:
        blueprint = compile_model(loads(text))
    except ModelError:
        return
    tree, model = blueprint.tree, blueprint.model
    several = model.periods.count > 1
    seen: dict[tuple[int, str, Any], int] = {}
    for h in range(tree.n_infosets):
        stage, owner = blueprint.stage_of(h), tree.players[tree.owner[h]]
        for x in tree.members[tree.member_start[h] : tree.member_start[h + 1]]:
            known: list[tuple[str, str]] = []
            period, order = 1, list(model.stages)
            last = -1
            for y in tree.path(int(x)):
                event = str(tree.tags[int(tree.parent[y])])
                if event.startswith("?"):
                    continue
                if event in model.private:
                    if event.startswith(f"{owner}."):
                        known.append((event, tree.labels[y]))
                    continue
                if order.index(event) <= last:
                    period += 1
                last = order.index(event)
                if owner not in model.stages[event].hidden_from:
                    known.append((f"{period}:{event}" if several else event, tree.labels[y]))
            told = list(tree.infosets[h].situation)
            if "once" not in text and "when" not in text:  # then no period is passed over, and every play can be dated
                assert known == told
            else:
                assert [(e.partition(":")[2] or e, v) for e, v in known] == [
                    (e.partition(":")[2] or e, v) for e, v in told
                ]
            key = (int(tree.owner[h]), stage, tuple(told))
            assert seen.setdefault(key, h) == h or several
