"""How play flows through a tree, draw by draw: the probability of each step and of coming to each node, as it truly is
or as seen by an actor; of rival structures, in the tree of one combination."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detente.analyse.finding import HIGH, LOW
from detente.arrays import Floats, Longs
from detente.engine.batch import Batch, arrivals, edges, layers
from detente.engine.rivals import apart
from detente.game.blueprint import Blueprint

CELLS = 12_000_000  # nodes times draws that are held at most
Single = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


@dataclass(frozen=True, eq=False)
class Flow:
    """The flow through the tree of `blueprint` in n draws, whose numbers among those of the study are `where` [n].

    `reach` [N, n] is the probability of coming to each node, given what is known where something is; `steps` [N, n]
    that of the step to it, None where something is known. Both are in single precision: they are drawn, and read to a
    few digits. `mean` [N] and `odds` [N] are their means over the draws in double precision, as `detente tree` has
    them.
    """

    blueprint: Blueprint
    where: Longs
    reach: Single
    steps: Single | None
    mean: Floats
    odds: Floats

    @property
    def n(self) -> int:
        return len(self.where)

    def means(self, weights: Floats | None = None) -> Floats:
        """[N] the mean probability of coming to each node; `weights` [n] of the draws, if they do not count alike."""
        return self.mean if weights is None else np.asarray(self.reach @ _shares(weights))

    def likely(self, nodes: Longs, above: Longs, weights: Floats | None = None) -> Floats:
        """[m] the mean probability of coming from each node `above` to the node of `nodes` below it. Where something is
        known it is what is left of the step: the share of the one mean in the other."""
        means = self.means(weights)
        if self.steps is None:
            share = np.zeros(len(nodes))
            return np.asarray(np.divide(means[nodes], means[above], out=share, where=means[above] > 0))
        if weights is None and (self.blueprint.tree.parent[nodes] == above).all():
            return self.odds[nodes]
        steps, at = self.steps[nodes].astype(float), self.blueprint.tree.parent[nodes]
        while (between := at != above).any():
            steps[between] *= self.steps[at[between]]
            at = np.where(between, self.blueprint.tree.parent[at], at)
        return np.asarray(steps.mean(axis=1) if weights is None else steps @ _shares(weights))

    def interval(self, nodes: Longs, weights: Floats | None = None) -> tuple[Floats, Floats]:
        """[m] and [m] between which the probability of coming to each of some nodes lies in 90% of the draws."""
        rows = self.reach[nodes]
        if weights is None:
            low, high = np.quantile(rows, [LOW, HIGH], axis=1)
            return np.asarray(low, float), np.asarray(high, float)
        order = np.argsort(rows, axis=1)
        below = np.cumsum(_shares(weights)[order], axis=1)
        ends = [np.minimum((below < level).sum(axis=1), self.n - 1)[:, None] for level in (LOW, HIGH)]
        found = [np.take_along_axis(rows, np.take_along_axis(order, end, 1), 1)[:, 0] for end in ends]
        return np.asarray(found[0], float), np.asarray(found[1], float)

    @cached_property
    def plays(self) -> Longs:
        """[N] how many whole plays go through each node."""
        tree = self.blueprint.tree
        found = (tree.children == 0).astype(np.int64)
        for layer in reversed(layers(tree)[1:]):
            np.add.at(found, tree.parent[layer], found[layer])
        return np.asarray(found)


def _shares(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum())


def inside(batches: Iterable[Batch], member: int | None) -> Iterator[tuple[Longs, Batch]]:
    """The solved draws, with their numbers, each batch in the tree of its own combination of structures: those of the
    combination `member` alone, or all where structures have no rivals (None)."""
    start = 0
    for batch in batches:
        members = batch.blueprint.members
        if member is None or members is None:
            yield start + np.arange(batch.n), batch
        else:
            for where, own in apart(batch):
                if own.blueprint.tree is members.blueprints[member].tree:
                    yield start + where, own
        start += batch.n


def flow(batches: Iterable[Batch], member: int | None = None, eyes: str | None = None) -> Flow | None:
    """The flow through the tree, in truth or as seen by an actor; None where no draw has the combination.

    Only so many draws are held as `CELLS` allows.
    """
    where: list[Longs] = []
    reach: list[Single] = []
    steps: list[Single] = []
    total = odds = np.zeros(0)
    n, known, blueprint = 0, False, None
    for places, batch in inside(batches, member):
        tree, blueprint = batch.tree, batch.blueprint
        room = max(CELLS // tree.n_nodes - n, 0 if n else 2)
        if room < batch.n:
            places, batch = places[:room], batch.part(0, room)
        if not batch.n:
            break
        known = batch.known is not None
        if eyes is None:
            taken = edges(batch.game, batch.behaviour, tree.n_players)
            came = batch.coming
        else:
            player = tree.players.index(eyes)
            taken = edges(*batch.views[player], player)
            came = upwards(batch, batch.believed_endings(player)) if known else arrivals(tree, taken)
        total, odds = (a + b.sum(axis=1) if n else b.sum(axis=1) for a, b in ((total, came), (odds, taken)))
        where.append(places)
        reach.append(came.astype(np.float32))
        steps.append(taken.astype(np.float32))
        n += batch.n
    if blueprint is None:
        return None
    whole = None if known else np.concatenate(steps, axis=1)
    return Flow(blueprint, np.concatenate(where), np.concatenate(reach, axis=1), whole, total / n, odds / n)


def upwards(batch: Batch, endings: Floats) -> Floats:
    """[N, n] the probability of coming to each node, from that of each whole play, [terminals, n]; nan counts for 0."""
    tree = batch.tree
    found = np.zeros((tree.n_nodes, batch.n))
    found[tree.terminals] = np.nan_to_num(endings)
    levels = layers(tree)
    for above, level in zip(levels[-2::-1], levels[:0:-1], strict=True):
        inner = above[tree.children[above] > 0]
        found[inner] = np.add.reduceat(found[level], tree.first_child[inner] - level[0], axis=0)
    return found


def picked(weights: Floats) -> Longs:
    """[m] draws that stand for weighted ones: as many as these are worth, each as often as it weighs (systematic
    resampling; Kitagawa 1996, J. Comput. Graph. Stat. 5, 1-25)."""
    share = _shares(weights)
    m = max(2, round(float(1 / (share**2).sum())))
    return np.asarray(np.searchsorted(np.cumsum(share), (np.arange(m) + 0.5) / m).clip(0, len(share) - 1))


def sees_otherwise(batch: Batch, actor: str) -> bool:
    """Whether an actor takes the game, or what others do in it, to be otherwise than it is."""
    tree, player = batch.tree, batch.tree.players.index(actor)
    game, behaviour = batch.views[player]
    rows, truth = tree.chance_row[:, player], tree.chance_row[:, tree.n_players]
    if behaviour is not batch.behaviour and not np.array_equal(behaviour, batch.behaviour):
        return True
    if game is batch.game and np.array_equal(rows, truth):
        return False
    return not np.allclose(game.chance[rows], batch.game.chance[truth], rtol=0, atol=1e-12)
