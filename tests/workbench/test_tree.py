"""The tree of the workbench: its numbers are those of `detente tree` and `why`, and one can walk it by keyboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import detente
from detente.analyse.forecast import infosets
from detente.analyse.forecast.flow import flow, inside
from detente.analyse.forecast.histories import Histories
from detente.analyse.forecast.playtree import Branch
from detente.analyse.forecast.situation import situation
from detente.analyse.forecast.why import own_steps
from detente.analyse.perceptions.central import CentralDraw, Hinge, decision_here
from detente.analyse.perceptions.needs import need
from detente.engine.batch import reach
from detente.engine.rivals import apart
from detente.model.load import loads
from detente.present.html.markup import tag
from detente.present.web.screens.tree import TreeData
from detente.present.web.tree_data import FOLD, TreeNode
from detente.present.web.workspace import Workspace
from detente.present.wording.numbers import prose, words
from detente.present.wording.perceptions import said
from detente.study.study import Study
from detente.study.supposing import Supposing
from tests.study.structures import CRISIS, RIVAL
from tests.workbench.conftest import Replies
from tests.workbench.crisis import CRISIS as SEA

DRAWS = 200
SEES = CRISIS.replace("unit: stake,", "unit: stake, seen_by: {B: 3 * cost},") + "perception: private\n"


@pytest.fixture(scope="module")
def study() -> Study:
    return detente.run("crisis-signalling", draws=DRAWS)


@pytest.fixture(scope="module")
def rival() -> Study:
    return detente.run(loads(CRISIS + RIVAL, "rival.yaml"), draws=DRAWS)


def last(found: Sequence[Any]) -> TreeData:
    assert not found[-1].mistakes
    data: TreeData = found[-1].data
    return data


def history(nodes: Sequence[TreeNode], node: TreeNode) -> tuple[str, ...]:
    steps: list[str] = []
    while node.parent >= 0:
        steps.append(node.label)
        node = nodes[node.parent]
    return tuple(reversed(steps))


def walked(branches: Sequence[Branch], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Branch]]:
    for b in branches:
        steps = (*before, words(b.what))
        yield steps, b
        yield from walked(b.branches, steps)


def whole(data: TreeData) -> None:
    """Whatever is folded: what comes to a node goes on below it, and every history of the tree is in one leaf."""
    below: dict[int, list[TreeNode]] = {}
    for node in data.nodes:
        below.setdefault(node.parent, []).append(node)
    assert sum(n.plays for k, n in enumerate(data.nodes) if k not in below) == data.plays
    for k, node in enumerate(data.nodes):
        if k in below:
            assert sum(n.reach for n in below[k]) == pytest.approx(node.reach, abs=1e-5)
            assert sum(n.plays for n in below[k]) == node.plays
        elif node.folded:
            assert sum(p for _, p in node.ends) == pytest.approx(node.reach, abs=1e-5)


# ---------------------------------------------------------------------- numbers


def test_every_step_and_way_is_that_of_the_command(replies: Replies, study: Study) -> None:
    data = last(replies("tree", draws=DRAWS, options={"least": 0}))
    expected = dict(walked(detente.tree(study, depth=100, cut=0.0).branches))
    assert len(data.nodes) == 31 == len(expected) + 1
    for node in data.nodes[1:]:
        branch = expected[history(data.nodes, node)]
        assert node.odds == pytest.approx(branch.odds, rel=1e-5)
        assert node.reach == pytest.approx(branch.reached, rel=1e-5)
        if branch.outcome:
            assert data.outcomes[node.outcome].name == branch.outcome
    for end in data.outcomes:
        assert end.reach == pytest.approx(study.outcomes[end.name].value, rel=1e-5)


def test_intervals_hold_nine_tenths_of_the_draws(replies: Replies, study: Study) -> None:
    data = last(replies("tree", draws=DRAWS, options={"least": 0}))
    coming = np.concatenate([batch.coming for batch in study.batches()], axis=1)
    for node in data.nodes:
        low, high = np.quantile(coming[node.id], [0.05, 0.95])
        assert (node.low, node.high) == pytest.approx((low, high), rel=1e-5, abs=1e-12)


def test_columns_are_stages_in_the_order_of_time(replies: Replies) -> None:
    data = last(replies("tree", draws=DRAWS))
    told = [(c.who, c.what) for c in data.columns]
    assert told == [(-1, "Challenger’s resolve"), (-1, "Defender’s resolve"), (0, "demand"), (1, "reply"), (0, "deed")]
    assert all(n.column > data.nodes[n.parent].column for n in data.nodes if n.parent >= 0)


def test_each_combination_of_structures_has_its_own_tree(replies: Replies, space: Workspace, rival: Study) -> None:
    case = space.put(CRISIS + RIVAL, "rival")
    members = rival.blueprint.members
    assert members is not None
    which = members.which(rival.blueprint.tape, rival.draws)
    for k, name in enumerate(members.names):
        data = last(replies("tree", case, draws=DRAWS, options={"least": 0, "structure": k}))
        assert data.structures[k].name == name
        assert data.structures[k].share == pytest.approx((which == k).mean())
        assert data.structures[k].draws == data.draws == (which == k).sum()
        own = [b for b in rival.batches() for _, b in apart(b) if b.blueprint.tree is members.blueprints[k].tree]
        coming = np.concatenate([b.coming for b in own], axis=1).mean(axis=1)
        assert len(data.nodes) == members.blueprints[k].tree.n_nodes
        assert [n.reach for n in data.nodes] == pytest.approx([coming[n.id] for n in data.nodes], rel=1e-5, abs=1e-12)
        assert ("seize" in {n.label for n in data.nodes}) == ("seizing" in name)


def test_the_tree_that_is_shown_first_is_that_of_most_weight(replies: Replies, space: Workspace) -> None:
    """Also where weights are moved, and a node is looked at in the same one."""
    case = space.put(SEA, "sea")
    plain = last(replies("tree", case, draws=DRAWS))
    assert [s.words for s in plain.structures] == ["as written", "bold"]
    assert plain.structure == 0
    bold = last(replies("tree", case, draws=DRAWS, suppose={"bold": 1.0}))
    assert bold.structure == 1
    assert bold.structures[1].share == pytest.approx(1.0)
    node = next(n for n in bold.nodes if n.label == "show")
    (told,) = replies("node", case, draws=DRAWS, suppose={"bold": 1.0}, options={"node": node.id})
    assert f'comes here in <b><data value="{node.reach:.5g}' in told.html["where"]


def test_a_rare_structure_can_be_chosen_before_all_is_solved(space: Workspace, replies: Replies) -> None:
    """None of the first draws has it, which are solved first; all draws have some."""
    case = space.put(SEA.replace("weight: 0.3", "weight: 0.004"), "sea")
    told = replies("tree", case, draws=1000, options={"structure": 1})
    assert not told[-1].mistakes
    data = last(told)
    assert data.structure == 1
    assert 0 < data.draws < 20
    node = data.nodes[1].id
    assert replies("node", case, draws=1000, options={"structure": 1, "node": node})[-1].data.id == node


def test_an_actors_tree_is_the_game_that_it_believes_in(replies: Replies, space: Workspace) -> None:
    solved = detente.run(loads(SEES, "sees.yaml"), draws=DRAWS)
    (batch,) = solved.batches()
    player = batch.tree.players.index("B")
    believed = reach(*batch.views[player], player).mean(axis=1)
    data = last(replies("tree", space.put(SEES, "sees"), draws=DRAWS, options={"least": 0, "view": "B"}))
    assert [e.otherwise for e in data.actors] == [True, True]  # A takes B to see what it sees
    coming = batch.coming.mean(axis=1)
    for node in data.nodes:
        assert node.reach == pytest.approx(believed[node.id], rel=1e-5, abs=1e-12)
        assert node.truth == pytest.approx(coming[node.id], rel=1e-5, abs=1e-12)
    demand = next(o for o in data.otherwise if (o.event, o.result) == ("demand", "demand"))
    tree = batch.tree
    at = [x for x in range(1, tree.n_nodes) if tree.labels[x] == "demand"]
    seen, true = (sum(p[x] for x in at) / sum(p[tree.parent[x]] for x in at) for p in (believed, coming))
    assert (demand.seen, demand.truth) == pytest.approx((seen, true), rel=1e-5)
    assert abs(seen - true) > 0.02


# ---------------------------------------------------------------------- folds


@pytest.mark.parametrize("least", [0.0, 0.01, 0.1])
def test_nothing_is_lost_in_folds(replies: Replies, space: Workspace, least: float) -> None:
    case = space.put(CRISIS + RIVAL, "rival")
    whole(last(replies("tree", case, draws=DRAWS, options={"least": least})))
    whole(last(replies("tree", draws=DRAWS, options={"least": least})))


def test_above_a_thousand_nodes_whole_information_sets_are_folded(replies: Replies) -> None:
    data = last(replies("tree", "take-it-or-leave-it", draws=60, set={"precision": 0.5}, options={"least": 0}))
    assert data.size == 1361
    assert 900 < len(data.nodes) <= 1000
    whole(data)
    units: dict[int, set[bool]] = {}
    for node in data.nodes:
        if node.set >= 0:
            units.setdefault(node.set, set()).add(node.folded)
    assert all(len(kinds) == 1 for kinds in units.values())
    assert {kinds.copy().pop() for kinds in units.values()} == {True, False}
    folded = next(n for n in data.nodes if n.folded and n.who != FOLD)
    assert (folded.plays, folded.branches) == (2, 2)
    more = last(replies(
        "tree", "take-it-or-leave-it", draws=60, set={"precision": 0.5}, options={"least": 0, "opened": [folded.id]}
    ))  # fmt: skip
    opened = next(k for k, n in enumerate(more.nodes) if n.id == folded.id)
    assert [n.label for n in more.nodes if n.parent == opened] == ["accept", "fight"]
    whole(more)


def test_members_of_a_set_are_opened_together_whatever_is_least() -> None:
    solved = detente.run("crisis-signalling", draws=DRAWS)
    found = flow(solved.batches())
    assert found is not None
    histories = Histories(found, found.mean)
    for most in range(1, 32):
        drawn = histories.drawn(0.0, most)
        assert len(drawn) <= most
        state: dict[int, set[bool]] = {}
        for h in drawn:
            if found.blueprint.tree.infoset[h.node] >= 0:
                state.setdefault(histories.unit(h.node), set()).add(h.folded)
        assert all(len(kinds) == 1 for kinds in state.values())


def test_weights_count_draws_more_or_less() -> None:
    """Two draws in three doubled are the same as those draws taken twice."""
    solved = detente.run("crisis-signalling", draws=90)
    found = flow(solved.batches())
    assert found is not None
    weight = np.where(np.arange(90) % 3 == 0, 1.0, 2.0)
    twice = np.concatenate([found.reach, found.reach[:, weight == 2]], axis=1).astype(float)
    np.testing.assert_allclose(found.means(weight), twice.mean(axis=1), rtol=1e-5)
    nodes = np.arange(31)
    low, high = found.interval(nodes, weight)
    for got, level in ((low, 0.05), (high, 0.95)):
        np.testing.assert_allclose(got, np.quantile(twice, level, axis=1, method="inverted_cdf"), rtol=1e-5)


# ---------------------------------------------------------------------- a node


def reply_set(study: Study) -> int:
    names = [i.name for i in study.blueprint.tree.infosets]
    return names.index("Defender (resolve irresolute): reply")


def test_beliefs_and_reasons_are_those_of_why(study: Study) -> None:
    h = reply_set(study)
    found = situation(inside(study.batches(), None), h)
    (why,) = detente.why(study, infoset=h)
    assert found.why == why
    (batch,) = study.batches()
    tree, player = batch.tree, int(batch.tree.owner[h])
    nodes = infosets.members(tree, h)
    beliefs = infosets.beliefs(infosets.logarithms_of(tree, own_steps(batch, player), nodes))
    assert [m.belief.value for m in found.members] == pytest.approx(beliefs.mean(axis=1).tolist())
    said = study.ask("P(Challenger.resolve is resolute given demand is threaten)")
    assert found.beliefs["Challenger.resolve"]["resolute"].value == pytest.approx(said.mean(), abs=1e-9)
    worth = {name: pair[1].value for name, pair in found.moves.items()}
    assert worth["resist"] - worth["give_way"] == pytest.approx(why.gap.value)


def test_the_break_even_belief_is_that_of_the_paper(study: Study) -> None:
    """An irresolute defender is indifferent where P(resolute) = 1 / (1 + c): war costs it c, a bluff brings it 1."""
    (turn,) = situation(inside(study.batches(), None), reply_set(study)).breakeven
    assert (turn.event, turn.label, turn.above) == ("Challenger.resolve", "resolute", True)
    assert turn.share == 1.0
    assert turn.at.value == pytest.approx(np.median(1 / (1 + study.draws.truth["fear_of_war"])), abs=1e-3)


def test_a_node_says_who_knows_what(replies: Replies) -> None:
    nodes = last(replies("tree", draws=DRAWS, options={"least": 0})).nodes
    node = next(n for n in nodes if history(nodes, n) == ("irresolute", "irresolute", "threaten"))
    (found,) = replies("node", draws=DRAWS, options={"node": node.id})
    assert found.data.title == "Defender: reply"
    assert "Defender’s resolve: <b>irresolute</b>" in found.html["knows"]
    assert "demand: <b>threaten</b>" in found.html["knows"]
    assert "Challenger’s resolve" in found.html["believes"]
    assert "is resolute is above" in found.html["turn"]
    assert "The better of two moves is made more often, not always" in found.html["does"]
    (other,) = replies("node", draws=DRAWS, options={"node": node.id, "move": "give_way", "against": "resist"})
    assert (other.data.move, other.data.against) == ("give_way", "resist")
    assert other.data.moves == (("give_way", "give way"), ("resist", "resist"))
    (end,) = replies("node", draws=DRAWS, options={"node": next(n.id for n in nodes if n.outcome == 2)})
    assert end.data.title == "war"
    assert "What this is worth" in end.html["does"]


def test_what_an_actor_would_have_to_misperceive(replies: Replies, space: Workspace) -> None:
    case = space.put(SEES, "sees")
    nodes = last(replies("tree", case, draws=DRAWS, options={"least": 0})).nodes
    node = next(n for n in nodes if history(nodes, n) == ("soft", "demand"))
    asked = {"node": node.id, "move": "give_in", "against": "resist", "needs": True}
    found = replies("node", case, draws=DRAWS, options=asked)[-1]
    assert found.data is None or found.data.sees
    asked["against"] = "give_in"
    (other,) = replies("node", case, draws=DRAWS, options={**asked, "move": "resist"})[-1:]
    solved = detente.run(loads(SEES, "sees.yaml"), draws=DRAWS)
    middle, tree = CentralDraw(solved.blueprint, solved.engine, 1), solved.blueprint.tree
    here = {"private": [decision_here(solved.blueprint, int(tree.infoset[node.id]))]}
    for html, move in ((found.html["needs"], "resist"), (other.html["needs"], "give_in")):
        asked_of = need(middle, "B", Hinge("reply", move), here)
        assert tag("p", prose(said(asked_of, "private"))) in html
    assert "already the best move" in found.html["needs"]
    assert "soft (after demand demand)" in found.html["needs"]
    assert "no view that was examined is enough" in other.html["needs"]


def test_other_best_guesses_weigh_the_draws(replies: Replies) -> None:
    """The outcomes at the ends of the tree are those that the answer has under the same beliefs."""
    beliefs = {"fear_of_war": 0.75, "resolute_p": 0.25}
    data = last(found := replies("tree", draws=400, suppose=beliefs, options={"least": 0}))
    weighed = Supposing.of(detente.run("crisis-signalling", draws=400)).at(beliefs)
    for end in data.outcomes:
        assert end.reach == pytest.approx(weighed.whole.outcomes[end.name].after.value, rel=1e-5)
    about = found[-1].about
    assert (about.how, about.worth) == ("weighted", pytest.approx(weighed.ess))
    assert abs(data.outcomes[2].reach - detente.run("crisis-signalling", draws=400).outcomes["war"].value) > 0.005
    whole(data)
    node = next(n for n in data.nodes if history(data.nodes, n) == ("irresolute", "irresolute", "threaten"))
    (told,) = replies("node", draws=400, suppose=beliefs, options={"node": node.id})
    assert f'comes here in <b><data value="{node.reach:.5g}' in told.html["where"]


@pytest.mark.parametrize(
    ("screen", "options", "message"),
    [
        ("tree", {"view": "Nobody"}, "there is no actor 'Nobody' in this tree"),
        ("tree", {"least": 2}, "between 0 and 1"),
        ("tree", {"opened": ["x"]}, "opened one by one"),
        ("node", {"node": 999}, "the tree has no node 999; it has 31"),
        ("node", {"node": 7, "move": "attack"}, "there is no move 'attack' at this node"),
        ("node", {}, "a node that does not exist"),
    ],
)
def test_what_cannot_be_asked_is_told(replies: Replies, screen: str, options: dict[str, Any], message: str) -> None:
    (mistake,) = replies(screen, draws=DRAWS, options=options)[-1].mistakes
    assert message in mistake.message
