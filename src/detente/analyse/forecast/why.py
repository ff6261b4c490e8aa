"""Why a move is made: the payoff terms that make it better or worse than another, summing exactly to the gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast import infosets
from detente.analyse.forecast.rank import rankable
from detente.arrays import Floats, Ints, Longs
from detente.display import Displayed
from detente.engine.batch import Batch, edges, layers
from detente.engine.rivals import apart
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.game.history import so_far
from detente.language.expressions import Expression

METHOD = "difference of the actor's conditional expectations, term by term, as the actor sees the game"


@dataclass(frozen=True)
class Why(Displayed):
    """One move against another at an information set. `terms` sum to `gap`, in every draw and on average."""

    infoset: int
    actor: str
    where: str
    move: str
    against: str
    gap: Finding
    terms: Mapping[str, Finding]
    probability: Finding  # of the move, at this set
    reached: Finding  # the probability of coming to this set
    stage: str = ""
    period: int = 0  # counted from 1; 0 where there is one only
    rank: int = 1  # of the situations that were asked about at this stage, by how often they are reached
    situations: int = 1  # how many those are


def reached(batch: Batch) -> Floats:
    """[H, n] the probability of coming to each information set, as it truly is."""
    if batch.blueprint.members is not None:
        whole = np.zeros((batch.tree.n_infosets, batch.n))
        for where, inside in apart(batch):
            whole[np.ix_(_sets(batch, inside.blueprint), where)] = reached(inside)
        return whole
    return infosets.coming(batch.tree, batch.coming)


def term_values(batch: Batch, sets: Sequence[int]) -> dict[int, Floats]:
    """[actions, terms, n] what the owner of each of some information sets expects of each move there, term by term.

    Conditional on being there, by Bayes with the owner's own view of chance, as everybody plays on afterwards. What the
    sets of one owner share is worked out once.
    """
    found: dict[int, Floats] = {}
    for player in dict.fromkeys(int(batch.tree.owner[h]) for h in sets):
        steps, terms = own_steps(batch, player), own_terms(batch, player)
        mine = [h for h in sets if batch.tree.owner[h] == player]
        found |= {h: expected_terms(batch.blueprint, h, steps, terms) for h in mine}
    return found


def own_steps(batch: Batch, player: int) -> Floats:
    """[N, n] the probability of each step as a player sees it."""
    return edges(*batch.views[player], player)


def own_terms(batch: Batch, player: int) -> Floats:
    """[terms, S, n] the payoff terms of a player as it sees them."""
    return batch.blueprint.terms(player, batch.draws, batch.tree.players[player])


def expected_terms(blueprint: Blueprint, infoset: int, steps: Floats, terms: Floats) -> Floats:
    """[actions, terms, n] what each move of a set brings, term by term, given the steps [N, n] and terms [terms, S, n].

    Conditional on being there, by Bayes.
    """
    tree = blueprint.tree
    members = infosets.members(tree, infoset)
    below = _below(blueprint, members)
    value: dict[int, Floats] = {}
    own = set(members.tolist())
    for x in reversed(below):  # children have larger numbers than their parents
        if tree.slot[x] >= 0:
            value[x] = terms[:, tree.slot[x]]
        elif x not in own:
            first = int(tree.first_child[x])
            total = np.zeros_like(terms[:, 0])
            for child in range(first, first + int(tree.children[x])):
                total += steps[child] * value.pop(child)
            value[x] = total
    weight = infosets.beliefs(infosets.logarithms_of(tree, steps, members))
    count = int(tree.action_start[infoset + 1] - tree.action_start[infoset])
    result = np.zeros((count, *terms[:, 0].shape))
    for share, x in zip(weight, members, strict=True):
        for k in range(count):
            result[k] += share * value[int(tree.first_child[x]) + k]
    return result


def _below(blueprint: Blueprint, members: Ints) -> list[int]:
    """The members and all nodes below them, in order of number."""
    tree = blueprint.tree
    inside = np.zeros(tree.n_nodes, bool)
    inside[members] = True
    for layer in layers(tree)[1:]:
        inside[layer] |= inside[tree.parent[layer]]
    return [int(x) for x in np.flatnonzero(inside)]


def compare(batch: Batch, sets: Sequence[int]) -> dict[int, tuple[Floats, Floats]]:
    """What `explain` needs of one batch: [actions, terms, n] values, and [actions, n] probabilities, of each set, in
    the draws in which it is there."""
    at, blueprint = batch.tree.action_start, batch.blueprint
    if blueprint.members is None:
        return {h: (values, batch.behaviour[at[h] : at[h + 1]]) for h, values in term_values(batch, sets).items()}
    names, found = blueprint.term_names, {}
    for h in sets:
        shape = (int(at[h + 1] - at[h]), len(names[batch.tree.owner[h]]), 0)
        found[h] = np.zeros(shape), np.zeros((shape[0], 0))
    for _, inside in apart(batch):
        number = {h: own for own, h in enumerate(_sets(batch, inside.blueprint).tolist()) if h in found}
        read = compare(inside, list(number.values()))
        for h, own in number.items():
            values, made = read[own]
            wanted, known = names[batch.tree.owner[h]], inside.blueprint.term_names[inside.tree.owner[own]]
            whole = np.zeros((len(values), len(wanted), inside.n))  # a term that a combination lacks is 0
            for k, term in enumerate(known):
                if term in wanted:
                    whole[:, wanted.index(term)] = values[:, k]
            found[h] = whole, made
    return found


def _sets(batch: Batch, member: Blueprint) -> Longs:
    """The numbers of the information sets of a combination of structures among all."""
    members = batch.blueprint.members
    assert members is not None
    actions = members.actions[members.blueprints.index(member)]
    return batch.tree.action_infoset[actions[member.tree.action_start[:-1]]].astype(np.int64)


def explain(
    blueprint: Blueprint,
    infoset: int,
    values: Floats,
    chosen: Floats,
    coming: Floats,
    move: str | None = None,
    against: str | None = None,
    rank: tuple[int, int] = (1, 1),
) -> Why:
    """The reasons for `move` (by default the most likely) against another (by default the one that comes nearest)."""
    tree = blueprint.tree
    info = tree.infosets[infoset]
    mean = chosen.mean(axis=1)
    one = info.actions.index(move) if move else int(mean.argmax())
    others = [k for k in range(len(info.actions)) if k != one]
    other = info.actions.index(against) if against else max(others, key=lambda k: rankable(float(mean[k])))
    gaps = values[one] - values[other]
    names = blueprint.term_names[info.player]
    return Why(
        infoset, tree.players[info.player], info.name, info.actions[one], info.actions[other],
        Finding.of("gap", gaps.sum(axis=0), METHOD),
        {name: Finding.of(name, gap, METHOD) for name, gap in zip(names, gaps, strict=True)},
        Finding.of(info.actions[one], chosen[one]), Finding.of("reached", coming),
        blueprint.stage_of(infoset), info.period, *rank,
    )  # fmt: skip


def situations(
    blueprint: Blueprint,
    actor: str | None = None,
    stage: str | None = None,
    period: int | None = None,
    given: Expression | None = None,
) -> list[int]:
    """The information sets of an actor, at a stage, in a period (counted from 1), at which `given` is known to hold.

    A condition is known where it holds in every play that comes to the set. A set at which a rule leaves one move is
    left out: nothing is chosen there. Raises QuestionError for one that depends on
    quantities.
    """
    tree = blueprint.tree
    found = [
        h
        for h, info in enumerate(tree.infosets)
        if len(info.actions) > 1
        and actor in (None, tree.players[info.player])
        and stage in (None, blueprint.stage_of(h))
        and period in (None, info.period or 1)
    ]
    if given is None:
        return found
    holds = so_far(blueprint, given, tree.members)
    if None in holds:
        raise QuestionError("what is given depends on quantities; ask for what has been seen: moves, results and types")
    return [h for h in found if all(holds[tree.member_start[h] : tree.member_start[h + 1]])]


def telling(
    blueprint: Blueprint, coming: Floats, among: Sequence[int], every: bool = False
) -> dict[int, tuple[int, int]]:
    """The information sets worth explaining, in the order of the stages, each with (its rank by reach, of how many).

    For each actor and stage the one reached most often, or with `every` all of them. `coming` is [H], the mean
    probability of coming to each set; ranks count from 1.
    """
    tree = blueprint.tree
    groups: dict[tuple[int, str], list[int]] = {}
    for h in sorted(among, key=lambda h: -coming[h]):
        groups.setdefault((tree.infosets[h].player, blueprint.stage_of(h)), []).append(h)
    order = {name: k for k, name in enumerate(blueprint.model.stages)}
    ranked = sorted(groups.items(), key=lambda item: order[item[0][1]])
    return {h: (k + 1, len(sets)) for _, sets in ranked for k, h in enumerate(sets) if every or k == 0}
