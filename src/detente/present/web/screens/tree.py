"""The tree: how play flows, as it truly does or as an actor sees it; of rival structures, one tree for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detente.analyse.forecast.flow import Flow, flow, inside, sees_otherwise
from detente.analyse.forecast.histories import MOST, Histories, History
from detente.analyse.forecast.rank import rankable
from detente.analyse.forecast.situation import dated
from detente.arrays import Floats, Longs
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.game.walk import GATE
from detente.present.figures.forecast.situations import event_words, when
from detente.present.html.palette import colour
from detente.present.web.recast import omitted, studies, uncertain_beliefs
from detente.present.web.screens.registry import screen
from detente.present.web.state import Reply, State
from detente.present.web.tree_data import (
    CHANCE,
    ENDING,
    FOLD,
    GATED,
    Column,
    End,
    Eyes,
    Otherwise,
    Structure,
    TreeData,
    TreeNode,
)
from detente.present.web.weighing import solved_as, weighing
from detente.present.web.workspace import MOST_NODES, Work
from detente.present.wording.names import outcome_means
from detente.present.wording.numbers import words
from detente.study.study import Study

LEAST = 0.05  # of all play: what is rarer is folded, unless the page asks otherwise
APART, RARE, TOLD = 0.01, 1e-4, 8  # of steps seen otherwise: by how much, how rare they may be, how many are told
OPENED = 400  # nodes that a page may have opened one by one


@dataclass(frozen=True)
class Wish:
    """What the page wants to see."""

    structure: int | None = None
    view: str = ""
    least: float = LEAST
    opened: frozenset[int] = field(default=frozenset())

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Wish:
        """Read from what a page sent. Raises QuestionError."""
        structure, view, least = (options.get(name) for name in ("structure", "view", "least"))
        opened = options.get("opened") or []
        number = LEAST if least is None else least
        if not isinstance(number, int | float) or not 0 <= number <= 1:
            raise QuestionError(f"a tree is cut at a probability between 0 and 1, not at {least!r}")
        if not (structure is None or (isinstance(structure, int) and structure >= 0)) or not isinstance(
            view or "", str
        ):
            raise QuestionError("the page asked for a tree that does not exist")
        if not isinstance(opened, list) or len(opened) > OPENED or not all(isinstance(x, int) for x in opened):
            raise QuestionError(f"at most {OPENED} nodes can be opened one by one")
        return cls(structure, view or "", float(number), frozenset(opened))


@screen("tree", data=TreeData)
def tree(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """How play flows through the tree of the case, node by node."""
    wish = Wish.of(options)
    note = omitted(work, state, "this tree", weighed=True)
    state = uncertain_beliefs(work, state)
    for study in studies(work, state):
        last = study.n == state.draws
        if not last and rare(study, wish.structure):
            continue  # all draws may have some
        weighed = weighing(work, state, study)
        found = drawn(work, state, study, wish, weighed.weights)
        about = weighed.about(state, study, found.draws)
        yield Reply(data=found, final=last, stale=weighed.too_few(study), html={"note": note}, about=about)


def rare(study: Study, structure: int | None) -> bool:
    """Whether no draw has the combination of structures that is asked for."""
    members = study.blueprint.members
    if members is None or structure is None:
        return False
    return not (members.which(study.blueprint.tape, study.draws) == structure).any()


def chosen(study: Study, structure: int | None, weights: Floats | None = None) -> tuple[int | None, Longs]:
    """The number of the combination of structures that is looked at (None: structures have no rivals), and [n] that of
    each draw. By default the one of most weight. Raises QuestionError where no draw has it."""
    members = study.blueprint.members
    if members is None:
        return None, np.zeros(study.n, np.int64)
    which = members.which(study.blueprint.tape, study.draws)
    share = np.bincount(which, weights, minlength=len(members.names))
    k = int(share.argmax()) if structure is None else structure
    if k >= len(share) or not share[k]:
        raise QuestionError("no draw has this combination of structures; take another one, or more draws")
    return k, which


def flowing(work: Work, state: State, study: Study, member: int | None, eyes: str | None) -> Flow:
    """The flow through one tree, made once."""
    if study.blueprint.tree.n_nodes > MOST_NODES:
        raise QuestionError(f"a tree of {study.blueprint.tree.n_nodes:,} nodes is too large for this page")

    def make() -> Flow:
        found = flow(watched(work, study), member, eyes)
        assert found is not None
        return found

    return work.space.once(("flow", member, eyes, *solved_as(work, state, study)), make)


def watched(work: Work, study: Study) -> Iterator[Any]:
    """The batches of a study, as long as somebody waits for them."""
    for batch in study.batches():
        work.alive()
        yield batch


def drawn(work: Work, state: State, study: Study, wish: Wish, weight: Floats | None) -> TreeData:
    """The tree as it is drawn."""
    member, which = chosen(study, wish.structure, weight)
    true = flowing(work, state, study, member, None)
    blueprint, model = true.blueprint, study.model
    eyes = _eyes(work, state, study, member, blueprint)
    if wish.view and wish.view not in {e.name for e in eyes}:
        raise QuestionError(f"there is no actor {wish.view!r} in this tree")
    seen = flowing(work, state, study, member, wish.view) if wish.view else true
    own = None if weight is None else weight[true.where]
    truth, mean = true.means(own), seen.means(own)
    histories = Histories(true, np.maximum(truth, mean))
    listed = histories.drawn(wish.least, MOST, wish.opened)
    outcomes = list(model.outcomes)
    nodes = _nodes(study, histories, listed, (seen, true if wish.view else None), own)
    columns, nodes = _columns(study, blueprint, listed, nodes)
    terminals = blueprint.tree.terminals
    came = dict.fromkeys(outcomes, 0.0)
    for name, p in zip(blueprint.plays.endings(terminals), mean[terminals], strict=True):
        came[name] += float(p)
    ends = tuple(End(o, words(o), outcome_means(model, o), colour(model, o), _round(came[o])) for o in outcomes)
    names = study.blueprint.members.names if study.blueprint.members is not None else ()
    counts, weighed = np.bincount(which, minlength=len(names)), np.bincount(which, weight, len(names))
    shares = weighed / weighed.sum()
    structures = tuple(Structure(name, words(name), float(shares[k]), int(counts[k])) for k, name in enumerate(names))
    return TreeData(
        tuple(nodes), tuple(columns), eyes, ends, structures, member or 0, wish.view, wish.least,
        blueprint.tree.n_nodes, len(terminals), MOST, true.n,
        tuple(otherwise(blueprint, mean, truth, nodes)) if wish.view else (),
    )  # fmt: skip


def otherwise(blueprint: Blueprint, seen: Floats, truth: Floats, nodes: Sequence[TreeNode]) -> Iterator[Otherwise]:
    """The steps that are not held to be as likely as they are, those first that are seen furthest from the truth.

    `seen` and `truth` [N]: how likely play is to come to each node; what hardly ever comes up is passed over.
    """
    tree = blueprint.tree
    drawn_at = {n.id for n in nodes}
    sums: dict[tuple[str, str], np.ndarray[Any, Any]] = {}
    best: dict[tuple[str, str], int] = {}
    for x in range(1, tree.n_nodes):
        above = int(tree.parent[x])
        key = dated(blueprint, above, str(tree.tags[above])), tree.labels[x]
        sums[key] = sums.get(key, np.zeros(4)) + np.array([seen[x], seen[above], truth[x], truth[above]])
        if x in drawn_at and (key not in best or seen[x] > seen[best[key]]):
            best[key] = x
    found = []
    for (event, label), (a, b, c, d) in sums.items():
        if min(b, d) >= RARE and abs(a / b - c / d) >= APART and not event.startswith(GATE):
            name = event_words(blueprint.model, event)
            found.append(Otherwise(name, words(label), float(a / b), float(c / d), best.get((event, label), -1)))
    yield from sorted(found, key=lambda o: -rankable(abs(o.seen - o.truth)))[:TOLD]


def _eyes(work: Work, state: State, study: Study, member: int | None, blueprint: Blueprint) -> tuple[Eyes, ...]:
    """The actors of the case, and which of them see the tree otherwise."""

    def make() -> tuple[Eyes, ...]:
        _, batch = next(inside(study.batches(), member))
        there = blueprint.tree.players
        return tuple(
            Eyes(name, words(name), name in there and sees_otherwise(batch, name)) for name in study.model.actors
        )

    return work.space.once(("eyes", member, *solved_as(work, state, study)), make)


def _nodes(
    study: Study, histories: Histories, listed: Sequence[History], flows: tuple[Flow, Flow | None],
    weight: Floats | None,
) -> list[TreeNode]:  # fmt: skip
    seen, true = flows
    mean, truth = seen.means(weight), None if true is None else true.means(weight)
    blueprint, tree = seen.blueprint, seen.blueprint.tree
    outcomes, actors = list(study.model.outcomes), list(study.model.actors)
    places = [k for k, h in enumerate(listed) if h.node >= 0]
    at = np.array([listed[k].node for k in places], np.int64)
    above = np.array([listed[listed[k].parent].node if listed[k].parent >= 0 else listed[k].node for k in places])
    odds = seen.likely(at, above.astype(np.int64), weight)
    truly = None if true is None else true.likely(at, above.astype(np.int64), weight)
    low, high = seen.interval(at, weight)
    row = {k: i for i, k in enumerate(places)}
    found = []
    for k, h in enumerate(listed):
        if h.node < 0:
            reach = float(mean[list(h.left)].sum())
            over = float(mean[listed[h.parent].node])
            was = None if truth is None else _round(float(truth[list(h.left)].sum()))
            found.append(TreeNode(
                -1 - listed[h.parent].node, h.parent, "", "", FOLD, 0, _round(reach / over if over > 0 else 0.0),
                _round(reach), None, None, was, plays=h.plays, branches=h.branches, folded=True,
                ends=_ends(histories, h.left, mean, outcomes),
            ))  # fmt: skip
            continue
        i, x = row[k], h.node
        who, root = _who(blueprint, x, actors), h.parent < 0
        ends = _ends(histories, (x,), mean, outcomes) if h.folded else ()
        label, told = ("", "") if root else _label(blueprint, h.top)
        info = int(tree.infoset[x])
        outcome = outcomes.index(str(blueprint.scene(x).outcome)) if who == ENDING else -1
        likely = 1.0 if root else float(odds[i])
        came, bottom, top = (_round(float(v)) for v in (mean[x], low[i], high[i]))
        was = None if truth is None else _round(float(truth[x]))
        so = None if truly is None or root else _round(float(truly[i]))
        kin = int(tree.member_start[info + 1] - tree.member_start[info]) if info >= 0 else 1
        branches = len(histories.below(x)) if h.folded else 0
        found.append(TreeNode(
            x, h.parent, label, told, who, 0, _round(likely), came, bottom, top, was, so, info, kin, outcome, h.plays,
            branches, h.folded, ends,
        ))  # fmt: skip
    return found


def _ends(
    histories: Histories, nodes: tuple[int, ...], mean: Floats, outcomes: Sequence[str]
) -> tuple[tuple[int, float], ...]:
    found = histories.endings(nodes, mean)
    return tuple((outcomes.index(name), _round(p)) for name, p in found.items() if p > 0)


def _round(x: float) -> float:
    """As many digits as anybody can see."""
    return float(f"{x:.7g}")


def _who(blueprint: Blueprint, node: int, actors: Sequence[str]) -> int:
    tree = blueprint.tree
    if not tree.children[node]:
        return ENDING
    if tree.infoset[node] >= 0:
        return actors.index(tree.players[int(tree.owner[tree.infoset[node]])])
    return GATED if str(tree.tags[node]).startswith(GATE) else CHANCE


def _label(blueprint: Blueprint, top: int) -> tuple[str, str]:
    """What leads to a node, in words, and what the model says that it is."""
    tree, model = blueprint.tree, blueprint.model
    label, event = tree.labels[top], str(tree.tags[int(tree.parent[top])])
    stage = model.stages.get(event)
    if stage is None:
        return words(label), ""
    made = stage.moves.get(label) or stage.chance.get(label)
    return words(label), made.means if made is not None else ""


def _columns(
    study: Study, blueprint: Blueprint, listed: Sequence[History], nodes: list[TreeNode]
) -> tuple[list[Column], list[TreeNode]]:
    """A column for each stage of each period that is drawn, in the order of time; what ends or is folded stands in the
    one after. Where stages have no such order, a column for each step."""
    tree, model = blueprint.tree, blueprint.model
    actors = list(study.model.actors)
    order = {name: k for k, name in enumerate([*model.private, *model.stages])}
    keys: dict[int, tuple[int, int, str]] = {}
    for k, h in enumerate(listed):
        if h.node >= 0 and tree.children[h.node]:
            event = str(tree.tags[h.node])
            step = 0 if event in blueprint.plays.subjects.whole else int(blueprint.plays.period[h.node]) + 1
            keys[k] = (step, order.get(event.removeprefix(GATE), -1), event)
    places = {key: k for k, key in enumerate(sorted(set(keys.values())))}
    at = [places[keys[k]] if k in keys else -1 for k in range(len(listed))]
    inner = [k for k in keys if listed[k].parent >= 0]
    if any(at[k] <= at[listed[k].parent] for k in inner):
        at = [-1] * len(listed)
        for k in keys:  # those above come first
            at[k] = at[listed[k].parent] + 1 if listed[k].parent >= 0 else 0
        places = {}
    found = [Column(when(model, step), *_stage(blueprint, event, actors)) for step, _, event in places] or [
        Column("", CHANCE, "", f"step {k + 1}") for k in range(max(at, default=0) + 1)
    ]
    placed = []
    for k, node in enumerate(nodes):
        column = at[k] if at[k] >= 0 else at[node.parent] + 1
        placed.append(TreeNode(**{**node.__dict__, "column": column}))
    return found, placed


def _stage(blueprint: Blueprint, event: str, actors: Sequence[str]) -> tuple[int, str, str, str]:
    """Who acts, under which name, what it is about, and what the model says of it."""
    model = blueprint.model
    if event.startswith(GATE):
        return GATED, "It depends", words(event.removeprefix(GATE)), "what differs from draw to draw decides this"
    stage = model.stages.get(event)
    if stage is not None and stage.actor:
        return actors.index(stage.actor), words(stage.actor), words(event), ""
    if event in model.private:
        owner, _, name = event.partition(".")
        private = model.private[event]
        seen = "everybody sees it" if private.public else f"only {words(owner)} knows"
        return CHANCE, seen, words(event), private.means or f"{words(name)} of {words(owner)}"
    return CHANCE, "Chance", words(event), ""
