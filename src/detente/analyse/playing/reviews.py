"""What an actor believes where it decides, what its moves were worth there, and what the others believed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.forecast.infosets import members
from detente.analyse.playing.one_draw import OneDraw
from detente.analyse.playing.sight import NOTHING, Event
from detente.arrays import Floats, Ints, Longs
from detente.engine.batch import layers


@dataclass(frozen=True)
class Belief:
    """What an actor believes of something that it does not see: the probability of each label, `""` that it did not
    happen. `about`: a private type or a stage; `actor`: whose it is, empty for chance; `step` as in `Seen`.

    `before`: the same where it was asked last, None where it was not; `truth`: what it is, None where that is not told.
    """

    about: str
    actor: str
    means: str
    step: int
    shares: Mapping[str, float]
    before: Mapping[str, float] | None = None
    truth: str | None = None


@dataclass(frozen=True)
class Option:
    """A move that was open. `probability`: of equilibrium play; `value`: what the actor could expect of it, in its own
    eyes, if everybody (itself, too) then plays as solved; `terms`: the same by payoff term.

    `true_value`: the same as the draw truly is; `known_value`: had it known, too, at which node of its set it was. Both
    are None before play is over.
    """

    move: str
    means: str
    probability: float
    value: float
    terms: Mapping[str, float]
    true_value: float | None = None
    known_value: float | None = None


@dataclass(frozen=True)
class Opinion:
    """What another actor believed of something that the one who decides keeps to itself, at its decision and after it.

    It is the belief given what the other had seen then, and that this decision stood at this moment.
    """

    actor: str
    about: str
    step: int
    before: Mapping[str, float]
    after: Mapping[str, float]
    truth: str


@dataclass(frozen=True)
class Decision:
    """A decision of a play. `where`: the information set by its name; `best`: the move with the highest value;
    `regret`: that value less the value of the move made, never negative; `equilibrium`: what the mixture of equilibrium
    play is worth. All in stakes, as the actor sees the game at that moment (the instantaneous regret of its set).
    """

    actor: str
    seated: bool
    stage: str
    step: int
    where: str
    move: str
    options: tuple[Option, ...]
    best: str
    regret: float
    equilibrium: float
    beliefs: tuple[Belief, ...]
    opinions: tuple[Opinion, ...] = ()

    @property
    def probability(self) -> float:
        """The probability of the move made in equilibrium play."""
        return next(option.probability for option in self.options if option.move == self.move)


@dataclass(frozen=True)
class Prospect:
    """An outcome that may still come, and the least and most that it would be worth to an actor, as it knows and sees
    it: in stakes."""

    outcome: str
    means: str
    low: float
    high: float


def beliefs_at(
    one: OneDraw, infoset: int, before: Sequence[Belief] = (), node: int | None = None
) -> tuple[Belief, ...]:
    """What the owner of an information set believes there of all that it does not see.

    `before`: its beliefs where it was asked last; `node`: where play truly is, if the truth is to be told.
    """
    sight, nodes = one.sight, members(one.tree, infoset)
    player, found = int(one.tree.owner[infoset]), []
    weights = one.weights(player, nodes)
    at = int(one.blueprint.plays.period[nodes[0]])
    earlier = {(belief.about, belief.step): belief.shares for belief in before}
    for event in sight.unseen(player, sight.stages[infoset], at):
        private = event.name in sight.model.private
        codes = event.column[nodes]
        if not private and not codes.any():
            continue
        step, labels = sight.step(event.at), event.labels if private else _met(event, codes)
        truth = None if node is None else _label(event, node)
        found.append(
            Belief(
                event.name, sight.owner(event.name), sight.means(event.name, "") if private else "", step,
                _shares(event, codes, weights, labels), earlier.get((event.name, step)), truth,
            )
        )  # fmt: skip
    return tuple(found)


def options_at(one: OneDraw, infoset: int, node: int | None = None) -> tuple[Option, ...]:
    """The moves that are there at an information set, with what they are worth to its owner.

    `node`: where play truly is, if what was truly to be expected is to be told.
    """
    tree, info = one.tree, one.tree.infosets[infoset]
    player, nodes, start = info.player, members(one.tree, infoset), int(one.tree.action_start[infoset])
    names, there = one.blueprint.term_names[player], one.there(infoset)
    stage, weights, worth = one.sight.stages[infoset], one.weights(player, nodes), one.worth(player)
    chosen = np.where(there, one.batch.behaviour[start : start + len(there), 0], 0.0)
    chosen = chosen / chosen.sum()
    found = []
    for k, move in enumerate(info.actions):
        if not there[k]:
            continue
        below = tree.first_child[nodes] + k
        terms = weights @ worth[below]
        true_value = known_value = None
        if node is not None:
            truly = one.worth(player, truly=True).sum(axis=1)
            true_value = float(one.true_weights(nodes) @ truly[below])
            known_value = float(truly[tree.first_child[node] + k])
        told = dict(zip(names, terms.tolist(), strict=True))
        found.append(
            Option(
                move, one.sight.means(stage, move), float(chosen[k]), float(terms.sum()), told, true_value, known_value
            )
        )
    return tuple(found)


def review(
    one: OneDraw, node: int, move: str, seated: bool, before: Sequence[Belief] = (), told: bool = False
) -> Decision:
    """A decision, made at a node. `told`: whether play is over, so that the truth and the beliefs of the others may be
    told; else all of it depends on what the actor knew alone."""
    tree, h = one.tree, int(one.tree.infoset[node])
    info, where = tree.infosets[h], node if told else None
    options = options_at(one, h, where)
    made = next(option for option in options if option.move == move)
    best = max(options, key=lambda option: option.value)
    return Decision(
        actor=tree.players[info.player],
        seated=seated,
        stage=one.sight.stages[h],
        step=info.step,
        where=info.name,
        move=move,
        options=options,
        best=made.move if made.value >= best.value else best.move,
        regret=max(0.0, best.value - made.value),
        equilibrium=sum(option.probability * option.value for option in options),
        beliefs=beliefs_at(one, h, before, where),
        opinions=opinions(one, node, move) if told else (),
    )


def opinions(one: OneDraw, node: int, move: str) -> tuple[Opinion, ...]:
    """What each other actor believed, when a move was made at a node, of what its owner keeps to itself: before and
    after it."""
    tree, sight, plays, found = one.tree, one.sight, one.blueprint.plays, []
    h, at = int(tree.infoset[node]), int(one.blueprint.plays.period[node])
    owner, stage = int(tree.owner[h]), sight.stages[h]
    sets = np.array([k for k, other in enumerate(sight.stages) if other == stage and tree.owner[k] == owner])
    nodes: Longs = np.flatnonzero(np.isin(tree.infoset, sets) & (plays.period == at))
    child = int(tree.first_child[node]) + tree.infosets[h].actions.index(move)
    below = np.flatnonzero(np.isin(tree.parent, nodes))
    group = sight.groups.get(stage, frozenset())
    last = not group or stage == [name for name in sight.model.stages if name in group][-1]
    for player, actor in enumerate(tree.players):
        kept = [e for e in sight.unseen(player, "", at) if sight.owner(e.name) == tree.players[owner]]
        if player == owner or not kept:
            continue
        pending = frozenset(name for name in group if sight.owner(name) != actor)
        now = _alike(one, nodes, node, player, pending, at)
        then = _alike(one, below, child, player, frozenset() if last else pending, at)
        for event in kept:
            if event.name in sight.model.private or event.column[then].any():
                labels = event.labels if event.name in sight.model.private else (NOTHING, *event.labels)
                before, after = (
                    _shares(event, event.column[some], one.weights(player, some), labels) for some in (now, then)
                )
                found.append(Opinion(actor, event.name, sight.step(event.at), before, after, _label(event, child)))
    return tuple(found)


def prospects(one: OneDraw, infoset: int) -> tuple[Prospect, ...]:
    """The outcomes that may still come at an information set, with what they would be worth to its owner."""
    tree, plays, model = one.tree, one.blueprint.plays, one.sight.model
    player = int(tree.owner[infoset])
    below = np.zeros(tree.n_nodes, np.bool_)
    below[members(tree, infoset)] = True
    for layer in layers(tree)[1:]:
        below[layer] |= below[tree.parent[layer]]
    ends = tree.terminals[below[tree.terminals] & one.possible(player)[tree.terminals]]
    names, paid = np.array(plays.endings(ends)), one.paid(player)[ends].sum(axis=1)
    return tuple(
        Prospect(name, outcome.means, float(paid[names == name].min()), float(paid[names == name].max()))
        for name, outcome in model.outcomes.items()
        if (names == name).any()
    )


def _alike(one: OneDraw, nodes: Longs, node: int, player: int, pending: frozenset[str], at: int) -> Longs:
    """Those of some nodes that a player cannot tell from one of them."""
    rows = one.sight.rows(nodes, player, pending, at)
    return np.asarray(nodes[(rows == rows[np.searchsorted(nodes, node)]).all(axis=1)])


def _met(event: Event, codes: Longs | Ints) -> tuple[str, ...]:
    """The labels of an event that are met among some codes."""
    return tuple(NOTHING if code == 0 else event.labels[code - 1] for code in np.unique(codes).tolist())


def _label(event: Event, node: int) -> str:
    """What an event came to on the way to a node."""
    code = int(event.column[node])
    return event.labels[code - 1] if code else NOTHING


def _shares(event: Event, codes: Longs | Ints, weights: Floats, labels: Sequence[str]) -> dict[str, float]:
    """The probability of each label."""
    total = np.bincount(codes, weights, len(event.labels) + 1)
    code = {NOTHING: 0} | {label: k + 1 for k, label in enumerate(event.labels)}
    return {label: float(total[code[label]]) for label in labels}
