"""What each step of play contributes to the difference between two forecasts of one tree: Shapley's value, exactly.

An expectation over plays is a polynomial of behaviour and chance, linear in what happens at each information set, at
each chance node and in what plays are worth. Take these as the players of a cooperative game whose coalitions play as
in the second forecast while all others play as in the first: the Shapley value of each is what it contributes on
average over all orders in which the first could be turned into the second. By Owen's multilinear extension it is

    integral from 0 to 1 of  sum over steps  arrival(t) * (after - before) * worth(t)  dt,

where at t all play t of the way from the first forecast to the second. The integrand is a polynomial in t of at most
the depth of the tree, which Gauss and Legendre's quadrature integrates without error; so contributions sum to the
difference but for rounding, and those of a stage, a period or an actor are sums of those of its information sets.
"""

from __future__ import annotations

import numpy as np

from detente.arrays import Floats, Longs
from detente.engine.batch import arrivals, expected, layers, story
from detente.errors import QuestionError
from detente.game.tree import DECISION, TERMINAL, Tree
from detente.language.lowering import Scene

METHOD = "Shapley's value of each step of play, by the multilinear extension, integrated exactly"
REFERENCES = (
    "Shapley (1953), A value for n-person games, Contributions to the Theory of Games II, 307-317",
    "Owen (1972), Multilinear extensions of games, Management Science 18, 64-79",
)


def contributions(
    tree: Tree, before: Floats, after: Floats, paid: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:  # fmt: skip
    """[N, n] what the steps that lead to each node contribute, and [n] what the worth of whole plays itself does.

    `before` and `after` [N, n]: the probability of each step; `paid` [terminals, n] each: what plays are worth, before
    and after. All sums to the difference of the two expectations.
    """
    moved, dearer = after - before, paid[1] - paid[0]
    total, own = np.zeros_like(before), np.zeros(before.shape[1])
    above = np.maximum(tree.parent, 0)  # nothing leads to the root, where the steps are alike
    points, weights = np.polynomial.legendre.leggauss(len(layers(tree)) // 2 + 1)
    for point, weight in zip(points, weights, strict=True):
        t = (point + 1) / 2
        steps = before + t * moved
        there = arrivals(tree, steps)
        total += weight / 2 * there[above] * moved * expected(tree, steps, paid[0] + t * dearer)
        own += weight / 2 * (there[tree.terminals] * dearer).sum(axis=0)
    return total, own


def lifted(host: Tree, guest: Tree) -> Longs | None:
    """[N] for each node of a tree that of another at which the same has happened, -1 where there is none.

    A move that is the only one there makes no node: a node of this tree and the one after that move are then the same
    of the other. None where the other has plays that are none of this tree's.
    """
    where = np.full(host.n_nodes, -1, np.int64)
    if host is guest:
        return np.arange(host.n_nodes)
    if host.players != guest.players:
        return None
    where[0] = 0
    for x in range(host.n_nodes):
        y = int(where[x])
        if y < 0:
            continue
        mine = {host.labels[c]: c for c in _children(host, x)}
        if host.kind[x] == guest.kind[y] and _event(host, x) == _event(guest, y):
            theirs = {guest.labels[c]: c for c in _children(guest, y)}
        else:
            theirs = dict.fromkeys(_only_move(host, x, guest, y), y)
            if not theirs:
                return None
        if theirs.keys() - mine.keys():
            return None
        for label, c in theirs.items():
            where[mine[label]] = c
    return where


def _only_move(host: Tree, x: int, guest: Tree, y: int) -> list[str]:
    """The move that was the only one there in another game where this one has a decision; else nothing."""
    event = host.tags[x]
    if host.kind[x] != DECISION or not isinstance(event, str):
        return []
    before = sum(happened == event for happened, _ in story(host, x))
    while guest.kind[y] != TERMINAL:
        y = int(guest.first_child[y])
    scene = guest.tags[y]
    assert isinstance(scene, Scene)
    return [record[event] for record in scene.records if event in record][before : before + 1]


def on_host(host: Tree, where: Longs, plain: Floats, guest: Floats) -> Floats:
    """[N, n] the steps of another game on this tree: none to where it has no such node, below those as in this game."""
    steps = plain.copy()
    known = where >= 0
    steps[known] = guest[where[known]]
    only = known & (where == where[np.maximum(host.parent, 0)])
    steps[only] = 1.0
    cut = ~known
    cut[cut] = where[host.parent[cut]] >= 0
    steps[cut] = 0.0
    return steps


def worth_on_host(host: Tree, guest: Tree, where: Longs, plain: Floats, other: Floats) -> Floats:
    """[terminals, n] what plays are worth in another game, on this tree: as in this game where it has no such play."""
    found = plain.copy()
    ends = where[host.terminals]
    place = np.full(guest.n_nodes, -1, np.int64)
    place[guest.terminals] = np.arange(len(guest.terminals))
    found[ends >= 0] = other[place[ends[ends >= 0]]]
    return found


def _children(tree: Tree, x: int) -> range:
    return range(int(tree.first_child[x]), int(tree.first_child[x]) + int(tree.children[x]))


def _event(tree: Tree, x: int) -> object:
    """What stands at a node, to be compared: the event, or all that happened and the outcome."""
    tag = tree.tags[x]
    if isinstance(tag, Scene):
        return tag.outcome, [dict(record) for record in tag.records], dict(tag.types)
    return tag


def common_ground(one: Tree, other: Tree) -> tuple[bool, Longs]:
    """Whether the first of two trees holds all histories of the other (else the other holds all of its), and where.

    Raises QuestionError where neither does.
    """
    for first, (host, guest) in ((True, (one, other)), (False, (other, one))):
        if (where := lifted(host, guest)) is not None:
            return first, where
    raise QuestionError(
        "the two are not played on one tree, so that the difference cannot be shared out among decisions: each has "
        "moves, stages or results that the other has not\n"
        "    `detente compare`, or `what-if`, says by how much they differ"
    )
