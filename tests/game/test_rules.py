# ruff: noqa: PT017 - what is caught may also not be raised
"""The rules of the theory, in small models, in the library's and in models drawn at random: nobody forgets, chances sum
to one, an information set is what was seen, and everything has a name and a place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from detente.engine.batch import reach
from detente.errors import ModelError
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.game.tree import DECISION, TERMINAL, Infoset, Node, Tree, forgetful
from detente.model.load import load, loads
from tests.cases.editions import one_large
from tests.game.small import A, B, compiled, game, uniform
from tests.strategies import models


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


@pytest.mark.parametrize("case", one_large())
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
    assert all(blueprint.edge_place(edge).line > 0 for edge in range(len(blueprint.tree.chance_row)))
    assert all(place.line > 0 for place in tree.places[1:])
    assert all(tree.labels[1:])
    for p in range(tree.n_players):
        assert len(blueprint.term_names[p]) == len(blueprint.payoff_terms[p])


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
