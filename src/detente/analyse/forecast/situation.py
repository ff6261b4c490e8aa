"""One situation in which somebody decides: what it knows, what it believes of what it does not know, what each move is
worth to it, and how far its beliefs would have to move for another move to be as good.

Beliefs are Bayes' rule with the owner's own view of chance and of what others do, as in `why`. A break-even belief
holds what everybody does afterwards where it is: it says what the owner would have to believe *here*, all else being
as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import HIGH, LOW, Finding
from detente.analyse.forecast import infosets
from detente.analyse.forecast.flow import picked
from detente.analyse.forecast.why import METHOD, Why, expected_terms, explain, own_steps, own_terms
from detente.arrays import Bools, Floats, Longs
from detente.engine.batch import Batch
from detente.game.blueprint import Blueprint
from detente.game.walk import GATE

Event = tuple[str, str]
"""What happened, and how it went: `("Russia.aim", "bargain")`, `("2:voice", "warn")` in the second slice of several."""


def course_of(blueprint: Blueprint, node: int) -> list[Event]:
    """What happened on the way to a node, in order; gates, which nobody sees, are left out."""
    return [(event, blueprint.tree.labels[x]) for x, event in steps_to(blueprint, node)]


def steps_to(blueprint: Blueprint, node: int) -> list[tuple[int, str]]:
    """The nodes on the way to a node, each with the event that led to it."""
    tree, found = blueprint.tree, []
    for x in tree.path(node):
        above = int(tree.parent[x])
        event = str(tree.tags[above])
        if not event.startswith(GATE):
            found.append((x, dated(blueprint, above, event)))
    return found


def dated(blueprint: Blueprint, node: int, event: str) -> str:
    """An event with the slice in which it happens at a node, as information sets tell it."""
    whole = event in blueprint.plays.subjects.whole or blueprint.model.periods.steps == 1
    return event if whole else f"{int(blueprint.plays.period[node]) + 1}:{event}"


@dataclass(frozen=True)
class Member:
    """A history that the owner cannot tell from the others of its set: what happened in it that it has not seen, and
    how likely it takes it to be."""

    node: int
    unseen: tuple[Event, ...]
    belief: Finding


@dataclass(frozen=True)
class Breakeven:
    """The belief that `event` is `label` at which two moves are equally good. `share`: of the draws in which there is
    one between 0 and 1; `at`: the median and 90% of these; `above`: whether a stronger belief speaks for the move that
    is not made."""

    event: str
    label: str
    now: Finding
    at: Finding
    share: float
    above: bool


@dataclass(frozen=True)
class Situation:
    """An information set in solved draws. `beliefs`: over each event that the owner has not seen, label by label."""

    actor: str
    name: str
    seen: tuple[Event, ...]
    members: tuple[Member, ...]
    beliefs: Mapping[str, Mapping[str, Finding]]
    moves: Mapping[str, tuple[Finding, Finding]]  # how likely each is, and what the owner expects of it, in stakes
    why: Why | None  # None where there is one move
    breakeven: tuple[Breakeven, ...]


@dataclass(frozen=True, eq=False)
class _Read:
    """What is read of one batch: [members, n], [members, actions, n], [actions, terms, n], [actions, n] and [n]."""

    belief: Floats
    worth: Floats
    terms: Floats
    chosen: Floats
    came: Floats


def _read(batch: Batch, infoset: int) -> _Read:
    tree, player = batch.tree, int(batch.tree.owner[infoset])
    members = infosets.members(tree, infoset)
    steps, terms = own_steps(batch, player), own_terms(batch, player)
    belief = infosets.beliefs(infosets.logarithms_of(tree, steps, members))
    first, last = int(tree.action_start[infoset]), int(tree.action_start[infoset + 1])
    paid = terms.sum(axis=0)
    below = tree.first_child[members][:, None] + np.arange(last - first)
    worth = np.array([[_worth(batch, x, steps, paid) for x in row] for row in below.tolist()])
    came = batch.coming[members].sum(axis=0)
    return _Read(
        belief, worth, expected_terms(batch.blueprint, infoset, steps, terms), batch.behaviour[first:last], came
    )


def _worth(batch: Batch, node: int, steps: Floats, paid: Floats) -> Floats:
    """[n] what is expected from a node on, given the steps [N, n] and what each payoff slot pays, [S, n]."""
    tree = batch.tree
    if not tree.children[node]:
        return np.asarray(paid[tree.slot[node]])
    below = range(int(tree.first_child[node]), int(tree.first_child[node] + tree.children[node]))
    return np.asarray(sum(steps[x] * _worth(batch, x, steps, paid) for x in below))


def situation(
    pieces: Iterable[tuple[Longs, Batch]],
    infoset: int,
    move: str | None = None,
    against: str | None = None,
    weights: Floats | None = None,
) -> Situation:
    """A situation, from solved draws in whose tree it stands (see `flow.inside`); `weights` of all draws of the study,
    if they do not count alike."""
    reads: list[_Read] = []
    places: list[Longs] = []
    blueprint: Blueprint | None = None
    for where, batch in pieces:
        places.append(where)
        blueprint = batch.blueprint
        reads.append(_read(batch, infoset))
    assert blueprint is not None, "no draw has this situation"
    belief, worth, terms, chosen, came = (
        np.concatenate([getattr(r, name) for r in reads], axis=-1) for name in _Read.__dataclass_fields__
    )
    if weights is not None:
        some = picked(weights[np.concatenate(places)])
        belief, worth, terms, chosen, came = (x[..., some] for x in (belief, worth, terms, chosen, came))
    tree = blueprint.tree
    info, members = tree.infosets[infoset], infosets.members(tree, infoset).tolist()
    stories = [course_of(blueprint, x) for x in members]
    common = set.intersection(*(set(s) for s in stories))
    unseen = [tuple(e for e in s if e not in common) for s in stories]
    whole = (belief[:, None] * worth).sum(axis=0)
    moves = {
        label: (Finding.of(label, chosen[k]), Finding.of(label, whole[k], METHOD))
        for k, label in enumerate(info.actions)
    }
    why = explain(blueprint, infoset, terms, chosen, came, move, against) if len(info.actions) > 1 else None
    labels: dict[str, dict[str, Floats]] = {}
    for k, events in enumerate(unseen):
        for event, label in events:
            found = labels.setdefault(event, {})
            found[label] = found.get(label, np.zeros(belief.shape[1])) + belief[k]
    beliefs = {
        event: {label: Finding.of(label, values, "Bayes' rule") for label, values in found.items()}
        for event, found in labels.items()
    }
    turns: list[Breakeven] = []
    if why is not None:
        one, other = (info.actions.index(name) for name in (why.move, why.against))
        for event, found in labels.items():
            for label in list(found)[: 1 if len(found) == 2 else None]:
                has = np.array([(event, label) in events for events in unseen])
                turns += _breakeven(event, label, belief, worth[:, one] - worth[:, other], has)
    return Situation(
        tree.players[info.player], info.name, info.situation,
        tuple(
            Member(x, events, Finding.of("belief", belief[k], "Bayes' rule"))
            for k, (x, events) in enumerate(zip(members, unseen, strict=True))
        ),
        beliefs, moves, why, tuple(turns),
    )  # fmt: skip


def _breakeven(event: str, label: str, belief: Floats, gap: Floats, has: Bools) -> list[Breakeven]:
    """Where the gap between two moves, [members, n], comes to nothing as the belief in some members moves, the beliefs
    among these, and among the others, staying as they are."""
    if has.all() or not has.any():
        return []
    inside, outside = belief[has].sum(axis=0), belief[~has].sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        with_, without = (belief[has] * gap[has]).sum(axis=0) / inside, (belief[~has] * gap[~has]).sum(axis=0) / outside
        at = without / (without - with_)
    there = np.isfinite(at) & (at > 0) & (at < 1)
    if not there.any():
        return []
    low, middle, high = (float(x) for x in np.quantile(at[there], [LOW, 0.5, HIGH]))
    found = Finding(label, middle, low, high, int(there.sum()), method="belief at which the two moves are equally good")
    above = bool(np.median((with_ - without)[there]) < 0)
    return [Breakeven(event, label, Finding.of(label, inside), found, float(there.mean()), above)]
