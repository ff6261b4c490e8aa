"""Mechanisms switched off on the screen of the argument: the tree, the timeline and the maps show the game that the
answer solves, and say what they leave out of account."""

from __future__ import annotations

from typing import Any

import pytest

from detente.present.web.live import over
from detente.present.web.recast import recast
from detente.present.web.state import State
from detente.present.web.workspace import Work, Workspace
from tests.workbench.conftest import Replies
from tests.workbench.crisis import CRISIS

DRAWS = 200
# a mechanism of which one part is a quantity, and another stands in a rival structure alone
SEA = CRISIS.replace("idle: {", "nerve: {says: the bold strike, source: wire}\n  idle: {").replace(
    'bold: "boldness * (outcome is hit)"', 'bold: {value: "boldness * (outcome is hit)", mechanism: nerve}'
)


@pytest.fixture(scope="module")
def sea(space: Workspace) -> str:
    return space.put(SEA, "sea")


def answered(space: Workspace, **given: Any) -> dict[str, float]:
    """How likely each outcome is, as the screen of the answer has it."""
    state = State(draws=DRAWS, **given)
    found = over(Work(space, lambda: False), state, DRAWS).at(state.suppose)
    return {name: d.after.value for name, d in found.whole.outcomes.items()}


@pytest.mark.parametrize("changes", [("drop appetite",), ("drop nerve",), ("drop appetite", "forbid sign=show")])
def test_the_tree_is_that_of_the_game_without_the_mechanism(
    replies: Replies, space: Workspace, sea: str, changes: tuple[str, ...]
) -> None:
    wanted = answered(space, case=sea, changes=changes)
    assert abs(wanted["hit"] - answered(space, case=sea)["hit"]) > 0.002
    found = {"hit": 0.0, "calm": 0.0}
    for structure in (0, 1):
        told = replies("tree", sea, draws=DRAWS, changes=changes, options={"structure": structure})
        assert not told[-1].stale
        assert told[-1].html["note"] == ""
        for end in told[-1].data.outcomes:
            found[end.name] += end.reach * told[-1].data.structures[structure].share
    assert found == pytest.approx(wanted, rel=1e-5)


def test_a_node_is_looked_at_in_the_game_without_the_mechanism(replies: Replies, sea: str) -> None:
    tree = replies("tree", sea, draws=DRAWS, changes=("drop appetite",), options={"least": 0})[-1].data
    node = next(n for n in tree.nodes if n.label == "hit")
    told = replies("node", sea, draws=DRAWS, changes=("drop appetite",), options={"node": node.id})[-1]
    assert not told.stale
    assert f'comes here in <b><data value="{node.reach:.5g}' in told.html["where"]


def test_best_guesses_weigh_the_draws_of_the_changed_game(replies: Replies, space: Workspace, sea: str) -> None:
    beliefs, changes = {"cost": 1.1, "worth": 1.0}, ("drop appetite",)  # which leaves `worth` at a neutral value
    wanted = answered(space, case=sea, changes=changes, suppose={"cost": 1.1})
    found = dict.fromkeys(wanted, 0.0)
    for structure in (0, 1):
        told = replies("tree", sea, draws=DRAWS, changes=changes, suppose=beliefs, options={"structure": structure})[-1]
        assert told.about.how == "weighted"
        for end in told.data.outcomes:
            found[end.name] += end.reach * told.data.structures[structure].share
    assert found == pytest.approx(wanted, rel=1e-5)


def test_the_line_begins_where_the_answer_without_the_mechanism_is(
    replies: Replies, space: Workspace, sea: str
) -> None:
    told = replies("timeline", sea, draws=DRAWS, changes=("drop appetite",))
    assert told[0].html["left"] == ""
    assert told[-1].data.stops[0].answer.mean == pytest.approx(
        answered(space, case=sea, changes=("drop appetite",))["hit"], rel=1e-6
    )
    day = replies("day", sea, draws=DRAWS, changes=("drop appetite",), options={"day": "2024-01-20"})[-1]
    assert day.data.complete


def test_a_tipping_line_is_that_of_the_game_without_the_mechanism(replies: Replies, sea: str) -> None:
    plain, less = (
        replies("maps", sea, draws=DRAWS, changes=changes, options={"across": "cost", "fine": False})
        for changes in ((), ("drop appetite",))
    )
    assert less[0].html["left"] == plain[0].html["left"] == ""
    assert less[-1].html["picture0"] != plain[-1].html["picture0"]
    assert "worth" in {q.name for q in plain[-1].data.quantities}
    assert "worth" not in {q.name for q in less[-1].data.quantities}


@pytest.mark.parametrize("screen", ["tree", "timeline", "maps"])
def test_what_is_left_out_of_account_is_said_at_once(replies: Replies, sea: str, screen: str) -> None:
    given: dict[str, Any] = {"changes": ("force act=hit",), "suppose": {"cost": 1.1}}
    first = replies(screen, sea, draws=DRAWS, **given)[0]
    said = first.html["note" if screen == "tree" else "left"]
    assert "act is always hit (no model can say that; the screen Answer has it)" in said
    assert ("best guesses that were moved (cost)" in said) == (screen != "tree")  # there they are weighed in


def test_nothing_is_recast_without_changes(space: Workspace, sea: str) -> None:
    work = Work(space, lambda: False)
    state = State(case=sea, draws=DRAWS)
    assert recast(work, state).model is work.model(state)
    assert recast(work, state.model_copy(update={"changes": ("force act=hit",)})).changes == ()
