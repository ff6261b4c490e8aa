"""What every answer is read from: a `Batch` of solved draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache, partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detente.arrays import Bools, Floats, Longs
from detente.draws.sampler import Draws
from detente.game.blueprint import Blueprint
from detente.game.tree import CHANCE, DECISION, Game, Tree, levels
from detente.language.expressions import Forced
from detente.language.lowering import Tape
from detente.remembered import remembered


@dataclass(frozen=True, eq=False)
class World:
    """The same draws, solved with some moves and results forced, and [n] whether each converged."""

    batch: Batch
    converged: Bools

    def part(self, start: int, stop: int) -> World:
        """The draws from `start` up to `stop`."""
        return World(self.batch.part(start, stop), self.converged[start:stop])


@dataclass(frozen=True, eq=False)
class Batch:
    """Solved draws, with all that is needed to answer a question about them.

    `behaviour` [A, n] is what the actors do. `views[p]` is the game and the behaviour of everybody as player p believes
    them to be: the same for all with common perceptions (`seen` is None then), its own with private ones.
    `worlds` solves the same draws under an intervention. `inner`: of rival structures, the draws of each combination,
    by number, in its own game, where they are at hand (`engine.rivals.apart`). `known`: what is known of how it went,
    as the likelihood of each whole play, [terminals, n]; plays are then weighed by it, and what is asked is asked given
    it. `bare` is then the same batch, nothing being known.
    """

    blueprint: Blueprint
    draws: Draws
    made: Game | Callable[[], Game]
    behaviour: Floats
    seen: Sequence[tuple[Game, Floats]] | Callable[[], Sequence[tuple[Game, Floats]]] | None
    worlds: Callable[[Forced], World] | None = None
    inner: Sequence[tuple[Longs, Batch]] | None = None
    known: Callable[[Batch], Floats] | None = None
    bare: Batch | None = None

    def __post_init__(self) -> None:
        """A model that is asked as of a day brings what was known on it."""
        updated = self.blueprint.model._updated
        if updated is not None and self.known is None:
            inner = self.inner and [(where, inside.knowing(updated.known)) for where, inside in self.inner]
            object.__setattr__(self, "known", updated.known)
            object.__setattr__(self, "inner", inner)

    @cached_property
    def game(self) -> Game:
        """The game that is played; of rival structures, joined, it is made when it is first needed."""
        if self.bare is not None:
            return self.bare.game
        return self.made() if callable(self.made) else self.made

    @cached_property
    def views(self) -> Sequence[tuple[Game, Floats]]:
        """[P] the game and the behaviour of everybody as each player believes them to be."""
        if self.bare is not None:
            return self.bare.views
        if self.seen is None:
            return [(self.game, self.behaviour)] * self.tree.n_players
        return self.seen() if callable(self.seen) else self.seen

    def under(self, do: Forced) -> World:
        """The same draws with these moves and results forced, as everybody knows; solved when it is first asked for."""
        if do not in self._under:
            assert self.worlds is not None, "who solved this batch did not say how to solve it again"
            self._under[do] = self.worlds(do)
        return self._under[do]

    @cached_property
    def _under(self) -> dict[Forced, World]:
        return {}

    @cached_property
    def pieces(self) -> dict[Forced, list[tuple[Longs, Batch]]]:
        """As `inner`, where that had to be made (`engine.rivals.apart`), by what is forced."""
        return {}

    @property
    def tree(self) -> Tree:
        return self.blueprint.tree

    @property
    def n(self) -> int:
        return self.draws.n

    def part(self, start: int, stop: int) -> Batch:
        """The draws from `start` up to `stop`."""
        behaviour = self.behaviour[:, start:stop]
        made = cache(lambda: self.game.part(start, stop))

        def seen() -> Sequence[tuple[Game, Floats]]:
            games, behaviours = {id(self.game): made()}, {id(self.behaviour): behaviour}
            for game, b in self.views:  # what several share stays one
                if id(game) not in games:
                    games[id(game)] = game.part(start, stop)
                if id(b) not in behaviours:
                    behaviours[id(b)] = b[:, start:stop]
            return [(games[id(game)], behaviours[id(b)]) for game, b in self.views]

        worlds = self.worlds and partial(self._part_under, start, stop)
        inner = None if self.inner is None else _between(self.inner, start, stop)
        draws, believed = self.draws.part(start, stop), None if self.seen is None else seen
        cut = Batch(self.blueprint, draws, made, behaviour, believed, worlds, inner)
        return cut if cut.known is not None else cut.knowing(self.known)

    def _part_under(self, start: int, stop: int, do: Forced) -> World:
        return self.under(do).part(start, stop)

    def there(self, infoset: int) -> Bools:
        """[n] whether an information set is there: it stands in the structure that the draw has. Elsewhere what is said
        to be done at it means nothing."""
        members = self.blueprint.members
        if members is None:
            return np.ones(self.n, bool)
        return np.asarray(self._which == members.of_infoset(self.tree, infoset))

    @cached_property
    def _which(self) -> Longs:
        """[n] the combination of structures of each draw."""
        assert self.blueprint.members is not None
        return self.blueprint.members.which(self.blueprint.tape, self.draws)

    @cached_property
    def reach(self) -> Floats:
        """[N, n] the probability of coming to each node, as it truly is."""
        if self.bare is not None:
            return self.bare.reach
        if self.inner is None or (members := self.blueprint.members) is None:
            return reach(self.game, self.behaviour, self.tree.n_players)
        found = np.zeros((self.tree.n_nodes, self.n))
        found[0] = 1.0
        for where, inside in self.inner:  # the game of the whole is not needed for it
            found[np.ix_(members.nodes[members.blueprints.index(inside.blueprint)], where)] = inside.reach
        return found

    @cached_property
    def coming(self) -> Floats:
        """[N, n] the probability of coming to each node, given what is known; 0 where that cannot be."""
        if self.known is None:
            return self.reach
        found = np.zeros_like(self.reach)
        found[self.tree.terminals] = np.nan_to_num(self.endings)
        levels = layers(self.tree)
        for above, level in zip(levels[-2::-1], levels[:0:-1], strict=True):
            inner = above[self.tree.children[above] > 0]
            found[inner] = np.add.reduceat(found[level], self.tree.first_child[inner] - level[0], axis=0)
        return found

    @cached_property
    def plain(self) -> Floats:
        """[terminals, n] the probability of each whole play, whatever is known of it."""
        return self.bare.plain if self.bare is not None else self.reach[self.tree.terminals]

    @cached_property
    def endings(self) -> Floats:
        """[terminals, n] the probability of each whole play, given what is known; nan where that cannot be."""
        if self.known is None:
            return self.plain
        weighed, total = self._weighed, self.likely
        return np.asarray(np.divide(weighed, total, out=np.full_like(weighed, np.nan), where=total > 0))

    @cached_property
    def likely(self) -> Floats:
        """[n] the probability of what is known."""
        return np.asarray(self._weighed.sum(axis=0))

    @cached_property
    def _weighed(self) -> Floats:
        """[terminals, n] the probability of each whole play and of what is known."""
        return self.plain if self.known is None else np.asarray(self.plain * self.known(self))

    def knowing(self, known: Callable[[Batch], Floats] | None) -> Batch:
        """The same draws, what is known of how it went being this, and nothing else."""
        if known is None:
            return self
        bare = self.bare or self
        inner = None if bare.inner is None else [(where, inside.knowing(known)) for where, inside in bare.inner]

        def world(do: Forced) -> World:
            found = bare.under(do)
            return World(found.batch.knowing(known), found.converged)

        return replace(bare, known=known, inner=inner, worlds=bare.worlds and world, bare=bare)

    def believed_endings(self, player: int) -> Floats:
        """[terminals, n] the probability of each whole play as seen by a player, given what is known."""
        if player not in self._believed:
            believed = self.plainly_believed(player)
            if self.known is not None and believed is not self.plain:
                believed = believed * self.known(self)
                total = believed.sum(axis=0)
                believed = np.divide(believed, total, out=np.full_like(believed, np.nan), where=total > 0)
            elif self.known is not None:
                believed = self.endings
            self._believed[player] = believed
        return self._believed[player]

    def plainly_believed(self, player: int) -> Floats:
        """[terminals, n] the same whatever is known."""
        if self.bare is not None:
            return self.bare.plainly_believed(player)
        if player not in self._plainly:
            game, behaviour = self.views[player]
            rows, truth = self.tree.chance_row[:, player], self.tree.chance_row[:, self.tree.n_players]
            if game is self.game and behaviour is self.behaviour and np.array_equal(rows, truth):
                self._plainly[player] = self.plain
            else:
                self._plainly[player] = reach(game, behaviour, player)[self.tree.terminals]
        return self._plainly[player]

    @cached_property
    def _plainly(self) -> dict[int, Floats]:
        return {}

    @cached_property
    def _believed(self) -> dict[int, Floats]:
        return {}

    def values_of(self, rows: Sequence[int], eyes: str | None = None) -> Floats:
        """[len(rows), n] rows of the tape for these draws, in truth or in an actor's eyes."""
        known = self._rows.setdefault(eyes, {})
        return self.blueprint.tape.evaluate(rows, self.draws.seen_by(eyes), self.n, known)

    @cached_property
    def _rows(self) -> dict[str | None, dict[int, Floats]]:
        """[n] each: rows of the tape that were asked for, as seen by each: claims ask for the same ones."""
        return {}

    def expectation(
        self, rows: Sequence[int], endings: Floats, given: Sequence[int] | None = None, eyes: str | None = None
    ) -> Floats:
        """[n] the expectation over plays of one row of the tape per terminal node, given an event if there is one.

        It is not a number (nan) in draws in which the event cannot happen, or in which the row of a play that can
        happen, or whether it is given, is not a number. Plays that count for nothing in any draw are passed over.
        """
        plan = _plan(self.blueprint.tape, tuple(rows), None if given is None else tuple(given))
        weight = endings if plan.chosen is None else endings[plan.chosen]
        if plan.given is not None:
            weight = weighed(weight, truth(self._read(plan.given, eyes)))
        mass = None if given is None else weight.sum(axis=0)
        if plan.inside is not None:
            weight = weight[plan.inside]
        total = np.asarray(weight.sum(axis=0) if plan.paid is None else self._weighted(weight, plan.paid, eyes))
        return total if mass is None else np.divide(total, mass, out=np.full(self.n, np.nan), where=mass > 0)

    def _weighted(self, weight: Floats, paid: _Rows, eyes: str | None) -> Floats:
        """[n] the sum over some histories of their weights, [m, n], times their rows of the tape."""
        values = self._read(paid, eyes)
        total = np.asarray((weight * values).sum(axis=0))
        return total if not np.isnan(total).any() else np.asarray(weighed(weight, values).sum(axis=0))

    def spread(self, rows: Sequence[int], eyes: str | None) -> Floats:
        """[len(rows), n] the same as `values_of`, for rows most of which stand many times."""
        return self._read(_rows(rows), eyes)

    def _read(self, rows: _Rows, eyes: str | None) -> Floats:
        return self.values_of(rows.unique, eyes)[rows.places]


def _between(inner: Sequence[tuple[Longs, Batch]], start: int, stop: int) -> list[tuple[Longs, Batch]]:
    """Of the draws of each combination of structures those from `start` up to `stop`, numbered from there."""
    found = []
    for where, batch in inner:
        first, last = np.searchsorted(where, [start, stop]).tolist()
        if first < last:
            found.append((where[first:last] - start, batch.part(first, last)))
    return found


class _Rows(NamedTuple):
    """Rows of a tape, [m], most of which stand many times."""

    unique: tuple[int, ...]
    places: Longs  # [m] where each stands among them


def _rows(rows: Iterable[int]) -> _Rows:
    index: dict[int, int] = {}
    found = np.array([index.setdefault(row, len(index)) for row in rows], np.int64)
    return _Rows(tuple(index), found)


class _Plan(NamedTuple):
    """How an expectation over plays is taken; all that does not depend on draws."""

    chosen: Longs | None  # the plays that count in some draw; None for all
    given: _Rows | None  # whether the event happens in each of these; None where that is sure, or not asked
    inside: Longs | None  # which of these pay anything in some draw; None for all
    paid: _Rows | None  # what these pay; None for 1 each


@lru_cache(maxsize=1024)
def _plan(tape: Tape, rows: tuple[int, ...], given: tuple[int, ...] | None) -> _Plan:
    chosen, sure = _counting(tape, rows if given is None else given)
    paid, inside = [rows[k] for k in chosen], None
    event = None if given is None or sure else _rows(given[k] for k in chosen)
    if given is not None:
        some, _ = _counting(tape, paid)
        inside = None if len(some) == len(paid) else some
        paid = [paid[k] for k in some]
    ones = all(tape.constant(row) == 1 for row in set(paid))
    return _Plan(None if len(chosen) == len(rows) else chosen, event, inside, None if ones else _rows(paid))


def _counting(tape: Tape, rows: Sequence[int]) -> tuple[Longs, bool]:
    """The places at which a row is not zero in every draw, and whether all of those are the same in every draw."""
    known = {row: tape.constant(row) for row in set(rows)}
    chosen = np.array([k for k, row in enumerate(rows) if known[row] != 0], np.int64)
    return chosen, all(value is not None and value == value for value in known.values())


def truth(values: Floats) -> Floats:
    """1 where a condition holds, 0 where it does not, nan where it is not a number."""
    return np.where(np.isnan(values), np.nan, values != 0)


def weighed(weight: Floats, values: Floats) -> Floats:
    """Weights times values; what has no weight is nothing, even where its value is not a number."""
    return np.where(weight == 0, 0.0, weight * values)


def edges(game: Game, behaviour: Floats, view: int) -> Floats:
    """[N, n] the probability of the step that leads to each node; chance as player `view` sees it (P: the truth)."""
    tree = game.tree
    steps = np.empty((tree.n_nodes, behaviour.shape[1]))
    steps[0] = 1.0  # no step leads to the root
    moved, drawn = tree.edge_action >= 0, tree.edge_chance >= 0
    steps[moved] = behaviour[tree.edge_action[moved]]
    steps[drawn] = game.chance[tree.chance_row[tree.edge_chance[drawn], view]]
    return steps


def reach(game: Game, behaviour: Floats, view: int) -> Floats:
    """[N, n] the probability of coming to each node; chance as player `view` sees it (P: the truth)."""
    return _arrive(game.tree, edges(game, behaviour, view))


def arrivals(tree: Tree, steps: Floats) -> Floats:
    """[N, n] the probability of coming to each node, given that of the step to each, [N, n]."""
    return _arrive(tree, steps.copy())


def _arrive(tree: Tree, steps: Floats) -> Floats:
    """The same, in place of the steps."""
    for layer in layers(tree)[1:]:
        steps[layer] *= steps[tree.parent[layer]]
    return steps


def expected(tree: Tree, steps: Floats, paid: Floats) -> Floats:
    """[N, n] what is expected at each node, given the steps [N, n] and what terminal nodes pay, [terminals, n]."""
    worth = np.empty_like(steps)
    worth[tree.terminals] = paid
    levels = layers(tree)
    for above, level in zip(levels[-2::-1], levels[:0:-1], strict=True):
        inner = above[tree.children[above] > 0]
        worth[inner] = np.add.reduceat(steps[level] * worth[level], tree.first_child[inner] - level[0], axis=0)
    return worth


@remembered
def layers(tree: Tree) -> list[npt.NDArray[np.intp]]:
    """The nodes of each depth, the root first."""
    return [np.arange(start, stop) for start, stop in levels(tree.parent)]


def story(tree: Tree, node: int) -> list[tuple[str, str]]:
    """What happened on the way to a node, as (event, label) pairs; gates, which nobody sees, are left out."""
    steps = []
    for x in tree.path(node):
        above = int(tree.parent[x])
        event = tree.tags[above]
        if tree.kind[above] in (DECISION, CHANCE) and isinstance(event, str) and not event.startswith("?"):
            steps.append((event, tree.labels[x]))
    return steps
