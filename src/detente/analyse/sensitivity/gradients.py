"""Derivatives of readings of solved draws by everything they were made of, for all readings and quantities at once.

A reading is taken apart from the end: its own arithmetic, the expectations over plays in it, the probabilities of the
steps that plays are made of, the equilibrium they come from (`solve.gradient`), the formulas that put numbers on the
game, and the distributions that quantities are drawn from. What is exact in each is exact in the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detente.analyse.forecast.claims import Asked, Question
from detente.arrays import Bools, Floats, Longs
from detente.draws.derivatives import Chain, Seen, Slopes
from detente.engine.batch import Batch, edges, layers, reach, truth
from detente.engine.rivals import apart
from detente.game.derivatives import Slope
from detente.game.tree import Game
from detente.language.derivatives import pull
from detente.language.expressions import Forced
from detente.solve.derivatives.implicit import derivatives

_NUMBERS_AT_ONCE = 4_000_000  # of one array over the nodes of a tree and the readings


@dataclass(frozen=True, eq=False)
class Gradients:
    """m readings of n draws and their derivatives; nan where a draw or a reading has none.

    `unsettled` and `singular` as in `solve.gradient.Derivatives`.
    """

    values: Floats  # [m, n]
    slopes: Slopes
    unsettled: Bools  # [n]
    singular: Bools  # [n]


class _View(NamedTuple):
    """A game that somebody solved, and the actor as which it is put on the tree (None: each player as itself)."""

    game: Game
    behaviour: Floats
    eyes: str | None


def gradients(
    questions: Sequence[Question], batch: Batch, chain: Chain, workers: int = 1, which: Longs | None = None
) -> Gradients:
    """The derivatives of some questions in solved draws; `chain` is how those draws came to be.

    With `which` [n] each draw is asked one of the questions only, and there is one reading. Raises QuestionError where
    precision is without limit.
    """
    if batch.blueprint.members is not None:
        return _apart(questions, batch, chain, workers, which)
    size = max(1, _NUMBERS_AT_ONCE // (batch.tree.n_nodes * (len(questions) if which is None else 1)))
    starts = range(0, batch.n, size)
    pieces = [
        _piece(
            questions,
            batch.part(first, first + size),
            chain.part(first, first + size),
            workers,
            None if which is None else which[first : first + size],
        )
        for first in starts
    ]
    names = dict.fromkeys(name for piece in pieces for name in piece.slopes.quantities)
    blank = [np.zeros_like(piece.values) for piece in pieces]
    slopes = Slopes(
        {
            name: np.concatenate(
                [p.slopes.quantities.get(name, no) for p, no in zip(pieces, blank, strict=True)], axis=1
            )
            for name in names
        },
        np.concatenate([piece.slopes.scores for piece in pieces], axis=2),
        np.concatenate([piece.slopes.kinked for piece in pieces]),
    )
    return Gradients(
        np.concatenate([piece.values for piece in pieces], axis=1),
        slopes,
        np.concatenate([piece.unsettled for piece in pieces]),
        np.concatenate([piece.singular for piece in pieces]),
    )


def _apart(questions: Sequence[Question], batch: Batch, chain: Chain, workers: int, which: Longs | None) -> Gradients:
    """The same over rival structures, each draw in the game of its own."""
    m, n = len(questions) if which is None else 1, batch.n
    values, names = np.full((m, n), np.nan), dict[str, Floats]()
    scores = np.zeros((len(chain.sources.names), m, n))
    kinked, unsettled, singular = np.zeros((3, n), np.bool_)
    for where, inside in apart(batch):
        asked = [Question(inside.blueprint, question.expression) for question in questions]
        mine = None if which is None else which[where]
        found = gradients(asked, inside, chain.taken(where), workers, mine)
        values[:, where], scores[..., where] = found.values, found.slopes.scores
        kinked[where], unsettled[where], singular[where] = found.slopes.kinked, found.unsettled, found.singular
        for name, slope in found.slopes.quantities.items():
            names.setdefault(name, np.zeros((m, n)))[:, where] = slope
    return Gradients(values, Slopes(names, scores, kinked), unsettled, singular)


def _piece(questions: Sequence[Question], batch: Batch, chain: Chain, workers: int, which: Longs | None) -> Gradients:
    m, n = len(questions) if which is None else 1, batch.n
    values, kinked, steep = np.full((m, n), np.nan), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    # what is played freely, and under each intervention that is asked about
    worlds: dict[Forced, _World] = {(): _World(batch, chain, m)}
    way = worlds[()].way
    for k, question in enumerate(questions):
        i, asked_here = (k, np.ones(n, np.bool_)) if which is None else (0, np.asarray(which == k))
        if not asked_here.any():
            continue
        inputs = question.inputs(batch)
        values[i, asked_here] = question(batch)[asked_here]
        known = asked_here & ~np.isnan(values[i])
        found, kinks = pull(question.tape, [question.root], np.where(known, 1.0, 0.0)[None, None], inputs)
        kinked |= kinks & known
        for name, slope in found.items():
            endless = known & ~np.isfinite(slope[0])  # a logarithm of nothing, say
            steep |= endless
            slope = np.where(known & ~endless, slope[0], 0.0)
            if not name.startswith("?"):
                way.by_quantity(None, name, _row(slope, i, m))
                continue
            asked = question.asked[int(name[1:])]
            if asked.do not in worlds:
                worlds[asked.do] = _World(batch.under(asked.do).batch, chain, m)
            worlds[asked.do].expectation(asked, np.where(known, inputs[name], 0.0), slope, i)
    unsettled, singular = np.zeros((2, n), np.bool_)
    for world in worlds.values():
        world.through_play(workers, unsettled, singular)
    quantities, kinks = way.through_tape()
    for world in list(worlds.values())[1:]:
        others, more = world.way.through_tape()
        quantities = _added(quantities, others)
        kinks |= more
    slopes = chain.pull(quantities, m)
    lost = np.isnan(values) | unsettled | singular | steep
    for array in (*slopes.quantities.values(), *slopes.scores):
        array[lost] = np.nan
    return Gradients(
        values, Slopes(slopes.quantities, slopes.scores, kinked | kinks | slopes.kinked), unsettled, singular
    )


class _World:
    """Solved draws, and the derivatives of m readings that are on their way through the game solved there.

    `endings`: by who sees them, the derivatives by the plays' probabilities, [terminals, m, n].
    """

    def __init__(self, batch: Batch, chain: Chain, m: int) -> None:
        self.batch, self.way = batch, Slope(batch.blueprint, chain, m)
        self.endings: dict[int | None, Floats] = {}

    def expectation(self, asked: Asked, value: Floats, slope: Floats, i: int) -> None:
        """Take in the derivative [n] of the i-th reading by an expectation, whose value is given."""
        shape = (len(self.batch.tree.terminals), self.way.m, self.batch.n)
        here = self.endings.setdefault(asked.player, np.zeros(shape))
        _expectation(asked.among(self.batch.blueprint), self.batch, value, slope, i, here, self.way)

    def through_play(self, workers: int, unsettled: Bools, singular: Bools) -> None:
        """From plays through behaviour to the numbers of the game; draws without derivatives are marked."""
        batch, way = self.batch, self.way
        if batch.known is not None and batch.known(batch).shape[1] > 1:
            unsettled |= True  # what is known depends on quantities by itself: no derivative is told
        views, mine = _views(batch)
        seeds = [np.zeros((batch.tree.n_actions, way.m, batch.n)) for _ in views]
        for player, by in self.endings.items():
            _plays(batch, player, by, views, mine, seeds, way)
        for view, seed in zip(views, seeds, strict=True):
            if seed.any():
                found = derivatives(view.game, view.behaviour, np.ascontiguousarray(seed.transpose(1, 0, 2)), workers)
                unsettled |= found.unsettled
                singular |= found.singular
                way.by_game(found.payoffs, found.chance, found.precision, found.log_default, view.eyes)


def _added(one: Mapping[Seen, Floats], other: Mapping[Seen, Floats]) -> dict[Seen, Floats]:
    """Derivatives by the same quantities, added up."""
    either = {**one, **other}
    return {key: one[key] + other[key] if key in one and key in other else either[key] for key in either}


def _row(slope: Floats, i: int, m: int) -> Floats:
    """[m, n] a derivative of the i-th of m readings."""
    found = np.zeros((m, len(slope)))
    found[i] = slope
    return found


def _expectation(asked: Asked, batch: Batch, value: Floats, slope: Floats, i: int, by: Floats, way: Slope) -> None:
    """From the derivative [n] of the i-th reading by an expectation to those by the probabilities of histories, added
    to `by`, and by the rows of the tape that the expectation is of."""
    eyes = None if asked.player is None else batch.tree.players[asked.player]
    endings = batch.plain if asked.player is None else batch.plainly_believed(asked.player)
    worth = batch.spread(asked.rows, eyes)
    weight = np.broadcast_to(slope, endings.shape)
    if asked.given is not None or batch.known is not None:
        inside = np.ones(endings.shape) if asked.given is None else truth(batch.spread(asked.given, eyes))
        inside[endings == 0] = np.nan_to_num(inside[endings == 0])
        inside = inside if batch.known is None else inside * batch.known(batch)
        mass = (endings * inside).sum(axis=0)
        weight = inside * np.divide(slope, mass, out=np.zeros_like(slope), where=mass > 0)
        worth = worth - value
    by[:, i] += weight * worth
    tape = batch.blueprint.tape
    for row in dict.fromkeys(asked.rows):
        if tape.constant(row) is None:
            where = [k for k, r in enumerate(asked.rows) if r == row]
            way.by_row(eyes, row, _row((weight[where] * endings[where]).sum(axis=0), i, way.m))


def _views(batch: Batch) -> tuple[list[_View], list[int]]:
    """The different games that were solved, and for each player which of them it plays."""
    if all(game is batch.game for game, _ in batch.views):
        return [_View(batch.game, batch.behaviour, None)], [0] * batch.tree.n_players
    views: list[_View] = []
    known: dict[int, int] = {}
    mine = []
    for player, (game, behaviour) in zip(batch.tree.players, batch.views, strict=True):
        if id(game) not in known:
            known[id(game)] = len(views)
            views.append(_View(game, behaviour, player if batch.draws.views.get(player) else ""))
        mine.append(known[id(game)])
    return views, mine


def _plays(
    batch: Batch, player: int | None, by: Floats, views: Sequence[_View], mine: Sequence[int], seeds: Sequence[Floats],
    way: Slope,
) -> None:  # fmt: skip
    """From derivatives by the plays' probabilities to those by behaviour, added to `seeds`, and by chance."""
    tree = batch.tree
    if player is None:
        moves, chance = _steps(batch.game, batch.behaviour, tree.n_players, by)
        for p, which in enumerate(mine):
            own = tree.owner[tree.action_infoset] == p
            seeds[which][own] += moves[own]
        way.by_chance(chance.transpose(1, 0, 2))
        return
    view = views[mine[player]]
    moves, chance = _steps(view.game, view.behaviour, player, by)
    seeds[mine[player]][:] += moves
    way.by_chance(chance.transpose(1, 0, 2), view.eyes)


def _steps(game: Game, behaviour: Floats, view: int, by: Floats) -> tuple[Floats, Floats]:
    """Derivatives by behaviour [A, m, n] and chance [K, m, n], from those by the plays' probabilities."""
    tree, steps, coming = game.tree, edges(game, behaviour, view), reach(game, behaviour, view)
    worth = np.zeros((tree.n_nodes, *by.shape[1:]))
    worth[tree.terminals] = by
    for layer in reversed(layers(tree)[1:]):
        above = tree.parent[layer]
        first = np.flatnonzero(np.diff(above, prepend=-1))
        worth[above[first]] = np.add.reduceat(steps[layer, None] * worth[layer], first)
    slope = worth
    slope[1:] *= coming[tree.parent[1:], None]
    moves = np.zeros((tree.n_actions, *by.shape[1:]))
    for actions, nodes in _grouped(tree.edge_action):
        moves[actions] = np.add.reduceat(slope[nodes], np.flatnonzero(np.diff(tree.edge_action[nodes], prepend=-1)))
    chance = np.zeros((len(game.chance), *by.shape[1:]))
    rows = np.full(tree.n_nodes, -1)
    rows[tree.edge_chance >= 0] = tree.chance_row[tree.edge_chance[tree.edge_chance >= 0], view]
    for row, nodes in _grouped(rows):
        chance[row] = np.add.reduceat(slope[nodes], np.flatnonzero(np.diff(rows[nodes], prepend=-1)))
    return moves, chance


def _grouped(of: npt.NDArray[np.integer[Any]]) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[np.intp]]]:
    """The different numbers in `of` from 0 on, and the places of all that have one, those of a number side by side."""
    nodes = np.flatnonzero(of >= 0)
    if len(nodes):
        yield np.unique(of[nodes]), nodes[np.argsort(of[nodes], kind="stable")]
