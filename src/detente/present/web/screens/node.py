"""A node of the tree: who knows what there, what is believed, what is done and why, and what would have to be believed
for something else to be done."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast import infosets
from detente.analyse.forecast.flow import Flow, inside, picked
from detente.analyse.forecast.situation import Situation, dated, situation, steps_to
from detente.analyse.perceptions.central import CentralDraw, Hinge, decision_here
from detente.analyse.perceptions.needs import need
from detente.arrays import Floats, Ints, Longs
from detente.engine.batch import Batch, edges
from detente.errors import QuestionError, nearest
from detente.game.walk import GATE
from detente.present.figures.forecast.situations import (
    believed,
    event_words,
    known,
    moves_table,
    reasons,
    turned,
    when,
    whose,
)
from detente.present.figures.perceptions.beliefs import need_picture
from detente.present.html.markup import Content, Html, join, table, tag
from detente.present.html.numbers import chance, data, interval
from detente.present.web.recast import studies, uncertain_beliefs
from detente.present.web.screens.registry import screen
from detente.present.web.screens.tree import chosen, flowing, rare, watched
from detente.present.web.state import Reply, State
from detente.present.web.weighing import solved_as, weighing
from detente.present.web.workspace import Work
from detente.present.wording.names import outcome_means
from detente.present.wording.numbers import counted, percent, prose, signed, words
from detente.present.wording.perceptions import said
from detente.study.study import Study

PARTS = ("where", "knows", "believes", "does", "why", "turn", "needs")


@dataclass(frozen=True)
class NodeData:
    """What can be asked at a node. `moves`: what there is to do, under the names and in the words of the model; `move`
    and `against`: the two that are compared; `sees`: whether its actor sees some quantity otherwise than it is."""

    id: int
    title: str
    actor: str
    stage: str
    moves: tuple[tuple[str, str], ...] = ()
    move: str = ""
    against: str = ""
    sees: bool = False


@dataclass(frozen=True)
class Wanted:
    """The node that the page asks about, and the moves to be compared there."""

    node: int
    structure: int | None
    move: str | None
    against: str | None
    needs: bool

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Wanted:
        """Read from what a page sent. Raises QuestionError."""
        node, structure = options.get("node"), options.get("structure")
        names = [options.get(name) or None for name in ("move", "against")]
        right = isinstance(node, int) and node >= 0 and (structure is None or isinstance(structure, int))
        if not right or not all(name is None or isinstance(name, str) for name in names):
            raise QuestionError("the page asked for a node that does not exist")
        return cls(int(node or 0), structure, names[0], names[1], options.get("needs") is True)


@screen("node", data=NodeData)
def node(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What is to be said of a node of the tree."""
    wanted = Wanted.of(options)
    state = uncertain_beliefs(work, state)
    for study in studies(work, state):
        last = study.n == state.draws
        if not last and rare(study, wanted.structure):
            continue
        weighed = weighing(work, state, study)
        member, which = chosen(study, wanted.structure, weighed.weights)
        flow = flowing(work, state, study, member, None)
        if wanted.node >= flow.blueprint.tree.n_nodes:
            raise QuestionError(f"the tree has no node {wanted.node}; it has {flow.blueprint.tree.n_nodes:,}")
        at = At(work, state, study, member, flow, weighed.weights)
        about = weighed.about(state, study, int((which == (member or 0)).sum()))
        stale = weighed.too_few(study)
        html, found = _told(at, wanted)
        yield Reply(
            html=dict.fromkeys(PARTS, "") | html, data=found, about=about, final=last and not wanted.needs, stale=stale
        )
        if last and wanted.needs:
            yield Reply(html={"needs": _needs(at, found)}, about=about, stale=stale)


@dataclass(frozen=True, eq=False)
class At:
    """Where a node is looked at: the solved case, the combination of structures, the flow through its tree, and the
    weights of the draws of the case."""

    work: Work
    state: State
    study: Study
    member: int | None
    flow: Flow
    weights: Floats | None

    @property
    def own(self) -> Floats | None:
        """The weights of the draws of the flow."""
        return None if self.weights is None else self.weights[self.flow.where]

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What is read here is known by."""
        told = self.state.model_dump_json(include={"suppose"})
        return self.member, told, *solved_as(self.work, self.state, self.study)

    def pieces(self) -> Iterator[tuple[Longs, Batch]]:
        """The solved draws in the tree of the flow, as long as somebody waits for them."""
        return inside(watched(self.work, self.study), self.member)

    def read(self, of: Callable[[Batch], Floats]) -> Floats:
        """[k, n] numbers in all these draws, or in those that stand for them where they do not count alike."""
        where, parts = zip(*((where, of(batch)) for where, batch in self.pieces()), strict=True)
        whole = np.concatenate(parts, axis=1)
        return whole if self.weights is None else whole[:, picked(self.weights[np.concatenate(where)])]


def _told(at: At, wanted: Wanted) -> tuple[dict[str, Html], NodeData]:
    blueprint, x = at.flow.blueprint, wanted.node
    tree, model = blueprint.tree, blueprint.model
    event = str(tree.tags[x]) if tree.children[x] else ""
    if tree.infoset[x] >= 0:
        return _decision(at, wanted)
    html = {"where": join([_reached(at, x), _way(at, x)])}
    if not tree.children[x]:
        outcome = str(blueprint.scene(x).outcome)
        means = outcome_means(model, outcome)
        html["knows"] = tag("p", means) if means else Html("")
        html["does"] = _payoffs(at, x)
        return html, NodeData(x, words(outcome), "", "")
    if event.startswith(GATE):
        html["knows"] = tag("p", "Nobody decides this, and nobody sees it: it differs from draw to draw.")
        return html, NodeData(x, f"It depends: {words(event.removeprefix(GATE))}", "", "")
    html["does"] = _chances(at, x)
    owner, _, name = event.partition(".")
    title = f"Chance: {words(event)}" if event in model.stages else f"{words(name)} of {words(owner)}"
    if event in model.private:
        html["knows"] = tag("p", model.private[event].means or "")
    step = 0 if event in blueprint.plays.subjects.whole else int(blueprint.plays.period[x]) + 1
    return html, NodeData(x, f"{title} ({dates})" if (dates := when(model, step)) else title, "", "")


def _decision(at: At, wanted: Wanted) -> tuple[dict[str, Html], NodeData]:
    blueprint, x = at.flow.blueprint, wanted.node
    tree, model, h = blueprint.tree, blueprint.model, int(blueprint.tree.infoset[x])
    actions = tree.infosets[h].actions
    for name in (wanted.move, wanted.against):
        if name is not None and name not in actions:
            raise QuestionError(f"there is no move {name!r} at this node; {nearest(name, actions)}")
    against = None if wanted.against == wanted.move else wanted.against

    def make() -> Situation:
        return situation(at.pieces(), h, wanted.move, against, at.weights)

    found = at.work.space.once(("situation", h, wanted.move, against, *at.key), make)
    stage, who = blueprint.stage_of(h), words(found.actor)
    why = found.why
    html = {
        "where": join([_reached(at, x), _way(at, x)]),
        "knows": known(model, found, who),
        "believes": believed(model, found, who),
        "does": moves_table(model, stage, found, who),
        "why": reasons(found, who),
        "turn": turned(model, found, who),
    }
    step = int(blueprint.plays.period[x]) + 1
    title = f"{who}: {words(stage)}" + (f" ({dates})" if (dates := when(model, step)) else "")
    return html, NodeData(
        x, title, found.actor, stage, tuple((a, words(a)) for a in actions), why.move if why else "",
        why.against if why else "", bool(at.study.draws.views.get(found.actor)),
    )  # fmt: skip


# ---------------------------------------------------------------------- the way there


def _reached(at: At, x: int) -> Html:
    """How likely it is to come here."""
    flow, tree = at.flow, at.flow.blueprint.tree

    def came(nodes: Ints | Longs) -> Finding:
        rows = flow.reach[nodes].astype(float).sum(axis=0)
        found = Finding.of("reached", rows if at.own is None else rows[picked(at.own)])
        return replace(found, value=float(flow.means(at.own)[nodes].sum()))

    f = came(np.array([x]))
    told = ["Play comes here in ", tag("b", chance(f)), " of all cases (90% of draws: ", interval(f), ")."]
    h = int(tree.infoset[x])
    if h >= 0 and len(members := infosets.members(tree, h)) > 1:
        told += [" To a situation that looks like this one to whoever decides: ", chance(came(members)), "."]
    return tag("p", told)


def _way(at: At, x: int) -> Html:
    """What happened on the way, step by step."""
    blueprint = at.flow.blueprint
    steps = steps_to(blueprint, x)
    if not steps:
        return tag("p", "Everything begins here.", class_="small")
    nodes = np.array([y for y, _ in steps], np.int64)
    odds = at.flow.likely(nodes, blueprint.tree.parent[nodes].astype(np.int64), at.own)
    rows = [
        tag("li", whose(blueprint.model, event), tag("b", words(blueprint.tree.labels[y])), f" ({percent(float(p))})")
        for (y, event), p in zip(steps, odds, strict=True)
    ]
    return tag(
        "details", tag("summary", f"How it came to this, in {counted(len(rows), 'step')}"), tag("ol", rows),
        class_="way",
    )  # fmt: skip


# ---------------------------------------------------------------------- beliefs about quantities


def _needs(at: At, found: NodeData) -> Html:
    """What an actor that sees quantities its own way must believe for another move to be its best in this situation."""
    if not found.sees:
        return tag(
            "p", f"{words(found.actor)} sees every quantity as it is in this case. On the screen of maps stands how "
            "far a quantity itself would have to move.",
        )  # fmt: skip
    blueprint, study = at.flow.blueprint, at.study
    reading = study.engine.perception
    middle = CentralDraw(blueprint, study.engine, study.draws.seed)
    solved, told = 0, at.work.progress("views solved so far")

    def watch(views: int) -> None:
        nonlocal solved
        told(solved, solved + views)
        solved += views

    decisions = {reading: [decision_here(blueprint, int(blueprint.tree.infoset[found.id]))]}
    asked = need(middle, found.actor, Hinge(found.stage, found.against), decisions, watch)
    first = tag("p", prose(said(asked, reading)))
    note = tag("p", "Solved at the median draw, every other quantity at its median.", class_="small")
    if asked.needless(reading):
        return join([first, note])
    return join([first, need_picture(blueprint.model, asked).figure(), note])


# ---------------------------------------------------------------------- chance and endings


def _chances(at: At, x: int) -> Html:
    """How likely each result of chance is, in truth and to each actor that sees it otherwise."""
    tree, model = at.flow.blueprint.tree, at.flow.blueprint.model
    first, last = int(tree.first_child[x]), int(tree.first_child[x] + tree.children[x])

    def rows(batch: Batch) -> Floats:
        true = edges(batch.game, batch.behaviour, tree.n_players)[first:last]
        seen = [edges(*batch.views[p], p)[first:last] for p in range(tree.n_players)]
        return np.concatenate([true, *seen])

    def make() -> dict[str, list[Finding]]:
        parts = dict(zip(("", *tree.players), np.split(at.read(rows), tree.n_players + 1), strict=True))
        kept = {k: v for k, v in parts.items() if not k or not np.allclose(v, parts[""], rtol=0, atol=1e-9)}
        return {k: [Finding.of("", row) for row in v] for k, v in kept.items()}

    found = at.work.space.once(("chances", x, *at.key), make)
    stage = model.stages.get(str(tree.tags[x]))
    told: list[list[Content]] = []
    for k in range(last - first):
        label = tree.labels[first + k]
        made = stage.chance.get(label) if stage is not None else None
        means = join([tag("b", words(label)), f": {made.means}" if made and made.means else ""])
        told.append([means, *(join([chance(f[k]), " (", interval(f[k]), ")"]) for f in found.values())])
    heads = ["result", *(f"as {words(name)} sees it" if name else "in truth" for name in found)]
    what = event_words(model, dated(at.flow.blueprint, x, str(tree.tags[x])))
    return table(f"What chance decides: {what}; in brackets 90% of draws.", heads, told, range(1, len(heads)))


def _payoffs(at: At, x: int) -> Html:
    """What an outcome is worth to each actor."""
    slot, players = int(at.flow.blueprint.tree.slot[x]), at.flow.blueprint.tree.players

    def make() -> list[Finding]:
        rows = at.read(lambda batch: batch.game.payoffs[slot])
        return [Finding.of(name, row) for name, row in zip(players, rows, strict=True)]

    found = at.work.space.once(("payoffs", slot, *at.key), make)
    rows: list[list[Content]] = [
        [tag("b", words(f.name)), data(f.value, signed(f.value, f.error)), f"{signed(f.low)} to {signed(f.high)}"]
        for f in found
    ]
    return table("What this is worth, in stakes.", ["to", "worth", "90% of draws"], rows, (1, 2))
