"""What an actor is shown while it is played, and what everybody is told when play is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from detente.analyse.forecast.infosets import members
from detente.analyse.playing.one_draw import OneDraw, decides
from detente.analyse.playing.reviews import Belief, Decision, Prospect, beliefs_at, prospects
from detente.analyse.playing.sight import Seen
from detente.engine.inputs import needed
from detente.model.schema import Model
from detente.study.seats import Log

SAME = 1e-12  # values of a state that differ by no more are told as one


@dataclass(frozen=True)
class OpenMove:
    """A move that can be made now, and what it means."""

    move: str
    means: str


@dataclass(frozen=True)
class Moment:
    """When something is decided: the slice, counted from 1 (0: the model has one period only), what it is called, and
    the day on which its period begins, where periods have dates."""

    step: int = 0
    name: str = ""
    begins: dt.date | None = None


@dataclass(frozen=True)
class Level:
    """A public number of the model, as an actor sees it: where it stands now, or what it is all along."""

    name: str
    means: str
    unit: str
    value: float


@dataclass(frozen=True)
class Wish:
    """A payoff term of an actor: its formula, as it is written, and the reason for it."""

    term: str
    formula: str
    means: str
    because: str


@dataclass(frozen=True)
class Briefing:
    """What an actor knows before play begins, and all through it: who is there, what it wants, in stakes (`stake` says
    what one is), and the quantities that the game depends on, as it sees them."""

    title: str
    question: str
    stake: str
    lasting: str
    actor: str
    actors: Mapping[str, str]
    wants: tuple[Wish, ...]
    quantities: tuple[Level, ...]


@dataclass(frozen=True)
class View:
    """What an actor knows at a point of play, and nothing else.

    `phase`: its own `turn`, `waiting` for somebody else, or `over`. At its turn: `stage`, `about` and `moves` say what
    it decides, `beliefs` what it believes of all that it does not see, `levels` where the public states stand that it
    can know, `prospects` what may come of it, in stakes as it sees them. While it waits: `waiting_for`, where it can
    know whom for, and `when`, where it can know that. `seen`: what it has seen, its own types and moves included, in
    order. When it is over: the outcome. `feedback`: its last decision, where the play is coached, as far as it depends
    on what the actor knew."""

    actor: str
    means: str
    phase: Literal["turn", "waiting", "over"]
    when: Moment
    seen: tuple[Seen, ...]
    stage: str = ""
    about: str = ""
    moves: tuple[OpenMove, ...] = ()
    beliefs: tuple[Belief, ...] = ()
    levels: tuple[Level, ...] = ()
    prospects: tuple[Prospect, ...] = ()
    waiting_for: str = ""
    outcome: str = ""
    outcome_means: str = ""
    feedback: Decision | None = None


@dataclass(frozen=True)
class Paid:
    """What an actor got, in stakes: `total` and `terms` as the actor sees the game, `true_total` as it truly is;
    `expected`: what it expected as the actor sees the game when play began, knowing its own types; `regret`: of all its
    decisions of
    this play."""

    total: float
    terms: Mapping[str, float]
    true_total: float
    expected: float
    regret: float


@dataclass(frozen=True)
class Debrief:
    """A play that is over: all that happened, in order; what each actor got; every decision with what equilibrium play
    would have been. `structures`: the rival structures that this world has; `converged`: whether it is solved to the
    accuracy that a certificate asks for; `mistaken`: the actors
    that see a quantity otherwise than it is, or expect others to play otherwise than they do.
    """

    case: str
    seed: int
    world: int | str
    seats: tuple[str, ...]
    structures: tuple[str, ...]
    converged: bool
    mistaken: tuple[str, ...]
    outcome: str
    outcome_means: str
    course: tuple[Seen, ...]
    paid: Mapping[str, Paid]
    decisions: tuple[Decision, ...]

    def of(self, actor: str) -> tuple[Decision, ...]:
        """The decisions of an actor."""
        return tuple(decision for decision in self.decisions if decision.actor == actor)


def turn(one: OneDraw, node: int, before: Sequence[Belief], feedback: Decision | None) -> View:
    """The view of the actor that decides at a node; all of it is the same at each node of its information set."""
    tree, model, h = one.tree, one.sight.model, int(one.tree.infoset[node])
    info, stage = tree.infosets[h], one.sight.stages[h]
    actor = tree.players[info.player]
    there = one.there(h)
    return View(
        actor, model.actors[actor].means, "turn", moment(model, info.step), one.sight.seen(node, info.player), stage,
        model.stages[stage].means,
        tuple(
            OpenMove(move, one.sight.means(stage, move))
            for move, here in zip(info.actions, there, strict=True) if here
        ),
        beliefs_at(one, h, before), levels(one, h), prospects(one, h), feedback=feedback,
    )  # fmt: skip


def levels(one: OneDraw, infoset: int) -> tuple[Level, ...]:
    """The public states at an information set, as its owner sees them: those that are the same wherever it may be."""
    tree, plays, model, found = one.tree, one.blueprint.plays, one.sight.model, []
    nodes = members(tree, infoset)
    actor, at = tree.players[int(tree.owner[infoset])], int(plays.period[nodes[0]])
    for name, state in model.state.items():
        column = plays.columns.get((name, at))
        rows = [] if column is None else np.unique(column[nodes]).tolist()
        values = one.batch.values_of(rows, actor)[:, 0] if rows and min(rows) >= 0 else np.zeros(0)
        if len(values) and np.ptp(values) <= SAME:
            found.append(Level(name, state.means, "", float(values[0])))
    return tuple(found)


def briefing(one: OneDraw, actor: str) -> Briefing:
    """What an actor knows of its world all through play."""
    model, seen = one.sight.model, one.batch.draws.seen_by(actor)
    wants = [
        Wish(name, term.formula.text if term.formula else "", term.means, term.because)
        for name, term in model.payoffs.get(actor, {}).items()
    ]
    quantities = [
        Level(name, model.quantities[name].means, model.quantities[name].unit, float(seen[name][0]))
        for name in model.quantities
        if name in needed(one.blueprint)
    ]
    actors = {name: other.means for name, other in model.actors.items()}
    return Briefing(
        model.title, model.question, model.stake, model.periods.said, actor, actors, tuple(wants), tuple(quantities)
    )


def waiting(one: OneDraw, node: int, player: int, others: Sequence[int], feedback: Decision | None) -> View:
    """The view of an actor while one of some others decides. Whom it waits for, and since when, is told where it is
    the same at all nodes that the actor cannot tell apart."""
    tree, model = one.tree, one.sight.model
    alike = [int(x) for x in one.sight.alike(node, player) if decides(tree, int(x)) in others]
    whom = {decides(tree, x) for x in alike}
    steps = {tree.infosets[int(tree.infoset[x])].step for x in alike}
    return View(
        tree.players[player], model.actors[tree.players[player]].means, "waiting",
        moment(model, steps.pop()) if len(steps) == 1 else Moment(), one.sight.seen(node, player),
        waiting_for=tree.players[whom.pop()] if len(whom) == 1 else "", feedback=feedback,
    )  # fmt: skip


def over(one: OneDraw, node: int, player: int, feedback: Decision | None) -> View:
    """The view of an actor when play is over."""
    model, actor = one.sight.model, one.tree.players[player]
    (outcome,) = one.blueprint.plays.endings([node])  # type: ignore[arg-type]
    return View(
        actor, model.actors[actor].means, "over", Moment(), one.sight.seen(node, player), outcome=outcome,
        outcome_means=model.outcomes[outcome].means, feedback=feedback,
    )  # fmt: skip


def debriefed(log: Log, one: OneDraw, node: int, decisions: Sequence[Decision], structures: tuple[str, ...]) -> Debrief:
    """What everybody is told when play is over at a node."""
    tree, model = one.tree, one.sight.model
    (outcome,) = one.blueprint.plays.endings([node])  # type: ignore[arg-type]
    paid = {}
    for player, actor in enumerate(tree.players):
        terms = one.paid(player)[node]
        names = one.blueprint.term_names[player]
        paid[actor] = Paid(
            float(terms.sum()), dict(zip(names, terms.tolist(), strict=True)),
            float(one.paid(player, truly=True)[node].sum()), one.expectation(player, node),
            sum(decision.regret for decision in decisions if decision.actor == actor),
        )  # fmt: skip
    mistaken = tuple(actor for actor, alike in zip(tree.players, one.alike, strict=True) if not alike)
    return Debrief(
        log.case, log.seed, log.world, log.seats, structures, one.converged, mistaken, outcome,
        model.outcomes[outcome].means, one.sight.happened(node), paid, tuple(decisions),
    )  # fmt: skip


def moment(model: Model, step: int) -> Moment:
    """A slice by its number, from 1, as it is called."""
    periods = model.periods
    if not step:
        return Moment()
    dated = periods.from_ is not None and periods.days is not None
    return Moment(step, periods.named(step), periods.begins((step - 1) // periods.slices) if dated else None)
