"""One solved draw, played once: how it continues by itself, what each actor believes in it, and what moves are
worth."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

import numpy as np

from detente.analyse.forecast import infosets
from detente.analyse.forecast.why import own_steps
from detente.analyse.playing.sight import Sight
from detente.arrays import Bools, Floats, Ints, Longs
from detente.engine.batch import Batch, arrivals, edges, expected
from detente.game.blueprint import Blueprint
from detente.game.tree import DECISION, TERMINAL, Tree

Array = TypeVar("Array", Floats, Bools)


@dataclass(frozen=True, eq=False)
class OneDraw:
    """One solved draw of a model of a single structure, and what is read off it again and again.

    `player` None stands for the truth: the play that takes place, with payoffs, chance and behaviour as they are.
    """

    batch: Batch  # n == 1
    converged: bool
    sight: Sight
    _known: dict[Hashable, object] = field(default_factory=dict, repr=False)

    @property
    def blueprint(self) -> Blueprint:
        return self.batch.blueprint

    @property
    def tree(self) -> Tree:
        return self.batch.tree

    # ------------------------------------------------------------------ how it goes on

    def there(self, infoset: int) -> Bools:
        """[actions] whether each move of a set can be made, as its owner has it."""
        game, _ = self.batch.views[int(self.tree.owner[infoset])]
        start, stop = self.tree.action_start[infoset : infoset + 2]
        return np.ones(stop - start, np.bool_) if game.available is None else game.available[start:stop, 0]

    def chances(self, node: int) -> Floats:
        """[children] the true probability of each step from a node: what the actor there does, or chance."""
        first = int(self.tree.first_child[node])
        found = self._steps(None)[first : first + int(self.tree.children[node]), 0]
        if (h := int(self.tree.infoset[node])) >= 0:  # a solver may leave something on what cannot be done
            found = np.where(self.there(h), found, 0.0)
        return np.asarray(found / found.sum())

    # ------------------------------------------------------------------ what is believed

    def weights(self, player: int, nodes: Longs | Ints) -> Floats:
        """[nodes] the belief of a player that play is at each of some nodes, by Bayes' rule, given that it is at one.

        Where the player holds all of them impossible, those are believed that take the fewest surprises.
        """
        logs = self._once(("logs", player), lambda: infosets.logarithms(self.tree, self._steps(player)))
        return infosets.beliefs(logs[nodes])[:, 0]

    def true_weights(self, nodes: Longs | Ints) -> Floats:
        """[nodes] the same as the draw truly is, by who knows all but at which of them play is."""
        logs = self._once(("logs", None), lambda: infosets.logarithms(self.tree, self._steps(None)))
        return infosets.beliefs(logs[nodes])[:, 0]

    def possible(self, player: int) -> Bools:
        """[N] whether a player holds it possible that play comes to a node, whatever anybody may do."""
        return self._once(("possible", player), lambda: self._possible(player))

    # ------------------------------------------------------------------ what is expected

    def worth(self, player: int, truly: bool = False) -> Floats:
        """[N, terms] what a player expects at each node, by term, as everybody plays on as solved: as the actor sees
        the game, or as it truly is."""
        return self._once(("worth", player, truly), lambda: self._worth(player, truly))

    def paid(self, player: int, truly: bool = False) -> Floats:
        """[N, terms] the payoff terms of a player at terminal nodes, 0 elsewhere."""
        return self._once(("paid", player, truly), lambda: self._paid(player, truly))

    def expectation(self, player: int, node: int) -> float:
        """What a player of the types that it has in a play expected as the actor sees the game when play began."""
        tree, ends = self.tree, self.tree.terminals
        alike = np.ones(len(ends), np.bool_)
        for event in self.sight.events:
            if event.name in self.sight.model.private and self.sight.owner(event.name) == tree.players[player]:
                alike &= event.column[ends] == event.column[node]
        coming = arrivals(tree, self._steps(player))[ends[alike], 0]
        total = coming.sum()
        paid = self.paid(player)[ends[alike]].sum(axis=1)
        return float(coming @ paid / total) if total > 0 else float("nan")

    @cached_property
    def alike(self) -> Bools:
        """[P] whether what each player takes the game for, and expects of the others, is what is so."""
        game, players = self.batch.game, range(self.tree.n_players)
        truth = self._steps(None)
        return np.array(
            [
                self.batch.views[p][0] is game
                and np.array_equal(self._steps(p), truth)
                and np.array_equal(self.paid(p), self.paid(p, truly=True))
                for p in players
            ],
            np.bool_,
        )

    def _steps(self, player: int | None) -> Floats:
        """[N, 1] the probability of the step to each node, as seen by a player or in truth."""

        def steps() -> Floats:
            if player is not None:
                return own_steps(self.batch, player)
            return edges(self.batch.game, self.batch.behaviour, self.tree.n_players)

        return self._once(("steps", player), steps)

    def _possible(self, player: int) -> Bools:
        tree, (game, _) = self.tree, self.batch.views[player]
        steps = self._steps(player)[:, 0] > 0
        moved = tree.edge_action >= 0
        steps[moved] = True if game.available is None else game.available[tree.edge_action[moved], 0]
        return arrivals(tree, steps[:, None].astype(float))[:, 0] > 0

    def _paid(self, player: int, truly: bool) -> Floats:
        tree = self.tree
        terms = self.blueprint.terms(player, self.batch.draws, None if truly else tree.players[player])[..., 0]
        found = np.zeros((tree.n_nodes, len(terms)))
        found[tree.terminals] = terms[:, tree.slot[tree.terminals]].T
        return found

    def _worth(self, player: int, truly: bool) -> Floats:
        paid = self.paid(player, truly)[self.tree.terminals]
        steps = self._steps(None if truly else player)
        return expected(self.tree, np.repeat(steps, paid.shape[1], axis=1), paid)

    def _once(self, key: Hashable, find: Callable[[], Array]) -> Array:
        """What is worked out when it is first asked for."""
        if key not in self._known:
            self._known[key] = find()
        return cast("Array", self._known[key])


def is_over(tree: Tree, node: int) -> bool:
    return bool(tree.kind[node] == TERMINAL)


def decides(tree: Tree, node: int) -> int:
    """The player who decides at a node; -1 where none does."""
    return int(tree.owner[tree.infoset[node]]) if tree.kind[node] == DECISION else -1
