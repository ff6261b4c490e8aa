"""From behaviour near a Nash equilibrium to the equilibrium itself, to machine precision, for many draws at once.

What is near zero is taken to be zero, and what is left must pay alike: equations in the probabilities of the moves that
are mixed (McKelvey & McLennan 1996, section 3). In the sequence form they are linear in each probability by itself, so
that the change of an equation when a probability is raised by one is its derivative, exactly. Newton's method with
steps of least length solves them also where they are too few, as they are at sets that others never lead to, or too
many. Nothing is believed that leaves anybody anything to gain.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.game.tree import Game
from detente.solve.sequence_form.sequences import Sequences, sequences

READINGS = ((1e-3, 1e-3), (1e-3, 1e-9), (3e-2, 3e-2), (3e-2, 1e-9), (1e-5, 1e-5), (1e-1, 1e-1), (1e-1, 1e-4))
"""How behaviour is read, one way after another: probabilities above the first number are positive, those above the
second must at least pay alike."""

_TREMBLE = 1e-12
_STEPS = 12
_MOST = 60  # probabilities mixed at once
_FLOATS_AT_ONCE = 4_000_000


def polish(game: Game, near: Floats, tolerance: float, reach: float) -> tuple[Floats, Bools]:
    """Equilibria [A, n] and where [n] they were found: nobody gains more than `tolerance`, as a share of the spread of
    its payoffs, and no probability is further than `reach` from `near` [A, n].

    Sets that their owner's own plan does not lead to are left as they are, and moves that come to nothing keep one
    part in 10**12 of their probability, as trembles that tell what to believe. The game has perfect recall.
    """
    form, n = sequences(game.tree), game.n_draws
    polished, found = near.copy(), np.zeros(n, np.bool_)
    size = max(1, _FLOATS_AT_ONCE // (game.tree.n_nodes * game.tree.n_players))
    for first in range(0, n, size):
        draws = slice(first, min(first + size, n))
        numbers = _Numbers.cut(form, game, draws)
        for positive, alike in READINGS:
            left = np.flatnonzero(~found[draws])
            if not len(left):
                break
            some = numbers.only(left)
            start = near[:, draws][:, left]
            there = _solve(form, some, start, positive, alike)
            there += np.where(there == 0, _TREMBLE * start, 0.0)
            there /= np.add.reduceat(there, game.tree.action_start[:-1], axis=0)[game.tree.action_infoset]
            moved = np.abs(there - start).max(axis=0, initial=0.0)
            with np.errstate(invalid="ignore"):
                good = (_gains(form, some, there) <= tolerance * some.spread).all(axis=0) & (moved <= reach)
            polished[:, first + left[good]] = there[:, good]
            found[first + left[good]] = True
    return polished, found


class _Numbers(NamedTuple):
    """The numbers of some draws."""

    weights: Floats  # [K, P, n] payoffs of cells, weighted by chance
    spread: Floats  # [P, n]
    can: Bools  # [A, n]

    @classmethod
    def cut(cls, form: Sequences, game: Game, draws: slice) -> _Numbers:
        tree, n = game.tree, draws.stop - draws.start
        chance = np.ones((tree.n_nodes, tree.n_players, n))
        drawn = form.edge_rows[:, 0] >= 0
        chance[drawn] = game.chance[form.edge_rows[drawn], draws]
        for level in form.levels[1:]:
            chance[level] *= chance[tree.parent[level]]
        paid = game.payoffs[tree.slot[tree.terminals]][:, :, draws]
        weights = np.zeros((len(form.cells), tree.n_players, n))
        np.add.at(weights, form.cell, chance[tree.terminals] * paid)
        can = np.ones((tree.n_actions, n), np.bool_) if game.available is None else game.available[:, draws]
        return cls(weights, np.maximum(np.ptp(paid, axis=0), 1e-300), can)

    def only(self, draws: Longs) -> _Numbers:
        return _Numbers(self.weights[..., draws], self.spread[:, draws], self.can[:, draws])


def _solve(form: Sequences, numbers: _Numbers, near: Floats, positive: float, alike: float) -> Floats:
    """Behaviour [A, n] after Newton's method, from one reading of behaviour nearby; not a number where that fails."""
    starts, belongs = form.tree.action_start[:-1], form.tree.action_infoset
    top = _best(form, near)  # [A, n] the most likely move of each set
    taken = (near > positive) | top
    tied = (near > alike) | taken
    behaviour = np.where(taken, near, 0.0)
    behaviour /= np.add.reduceat(behaviour, starts, axis=0)[belongs]
    reached = _reached(form, behaviour)[belongs]
    behaviour = np.where(reached, behaviour, near)
    free, rows, found = taken & ~top & reached, tied & ~top & reached, behaviour.copy()
    counts = np.stack([free.sum(axis=0), rows.sum(axis=0)])
    for size in np.unique(counts, axis=1).T.tolist():
        some = np.flatnonzero((counts == np.array(size)[:, None]).all(axis=0))
        if 0 < size[0] <= _MOST:
            which = _listed(free[:, some]), _listed(rows[:, some])
            found[:, some] = _newton(form, numbers.only(some), behaviour[:, some], *which, top[:, some])
        elif size[0]:
            found[:, some] = np.nan
    return found


def _newton(form: Sequences, numbers: _Numbers, behaviour: Floats, free: Longs, rows: Longs, top: Bools) -> Floats:
    """Newton's method for `free` [V, n] probabilities, so that the moves `rows` [E, n] pay as much as the most likely
    of their set, which is `top` [A, n]."""
    draw, belongs = np.arange(behaviour.shape[1]), form.tree.action_infoset
    likeliest = _position(form, top)  # [H, n]
    rest, base = likeliest[belongs[free], draw], likeliest[belongs[rows], draw]
    scale = numbers.spread[form.tree.owner[belongs[rows]], draw]
    for _ in range(_STEPS):
        follow = _follow(form, numbers, behaviour, likeliest)

        def unequal(there: Floats, follow: Longs = follow) -> Floats:
            worth = _worth(form, numbers, there, follow)
            return np.asarray((worth[rows, draw] - worth[base, draw]) / scale)

        now = unequal(behaviour)
        slope = np.empty((len(draw), len(rows), len(free)))
        for v in range(len(free)):
            raised = behaviour.copy()
            raised[free[v], draw] += 1.0
            raised[rest[v], draw] -= 1.0
            slope[:, :, v] = (unequal(raised) - now).T
        step = (np.linalg.pinv(slope, rcond=1e-9) @ now.T[:, :, None])[:, :, 0].T  # [V, n]
        step[:, np.abs(step).max(axis=0) > 10] = 0.0  # lost: what is left to gain will tell
        for v in range(len(free)):
            behaviour[free[v], draw] -= step[v]
            behaviour[rest[v], draw] += step[v]
        if np.abs(step).max() <= 1e-15:
            break
    behaviour[:, (behaviour < -1e-12).any(axis=0)] = np.nan
    return np.maximum(behaviour, 0.0)


def _worth(form: Sequences, numbers: _Numbers, behaviour: Floats, follow: Longs | None) -> Floats:
    """[A, n] what each move adds to its owner's payoff, played on with the moves `follow` [H, n], or the best ones.

    Weighted by how likely the others and chance lead there.
    """
    tree, plans = form.tree, _plans(form, behaviour)
    found = np.empty_like(behaviour)
    for p in range(tree.n_players):
        worth = _slope(form, numbers, plans, p)
        for actions in reversed(form.layers[p]):
            sets = np.unique(tree.action_infoset[actions])
            if follow is None:
                own = np.where(numbers.can[actions], worth[form.number[actions]], -np.inf)
                value = np.maximum.reduceat(own, np.flatnonzero(np.diff(tree.action_infoset[actions], prepend=-1)))
            else:
                value = np.take_along_axis(worth, form.number[follow[sets]], axis=0)
            for h, more in zip(sets, value, strict=True):
                worth[form.before[h]] += more
        found[form.actions[p]] = worth[1:]
    return found


def _slope(form: Sequences, numbers: _Numbers, plans: list[Floats], player: int) -> Floats:
    """[Q(p), n] what each sequence adds to its owner's expected payoff."""
    order, ends, starts = _by_sequence(form)[player]
    product = numbers.weights[order, player]
    for q, plan in enumerate(plans):
        if q != player:
            product = product * plan[form.cells[order, q]]
    slope = np.zeros((form.sizes[player], product.shape[1]))
    slope[ends] = np.add.reduceat(product, starts, axis=0)
    return slope


@lru_cache(maxsize=16)
def _by_sequence(form: Sequences) -> list[tuple[Longs, Longs, Longs]]:
    """For each player: the cells in the order of its sequences, those that have any, and where their cells start."""
    orders = [np.argsort(form.cells[:, p], kind="stable") for p in range(form.tree.n_players)]
    runs = [np.unique(form.cells[order, p], return_index=True) for p, order in enumerate(orders)]
    return [(order, *run) for order, run in zip(orders, runs, strict=True)]


def _plans(form: Sequences, behaviour: Floats) -> list[Floats]:
    """The realisation plans [Q(p), n] of all players."""
    plans = []
    for p in range(form.tree.n_players):
        plan = np.ones((form.sizes[p], behaviour.shape[1]))
        for actions in form.layers[p]:
            plan[form.number[actions]] = plan[form.before[form.tree.action_infoset[actions]]] * behaviour[actions]
        plans.append(plan)
    return plans


def _reached(form: Sequences, behaviour: Floats) -> Bools:
    """[H, n] whether its owner's own plan leads to a set."""
    plans = _plans(form, behaviour)
    reached = np.empty((form.tree.n_infosets, behaviour.shape[1]), np.bool_)
    for p, sets in enumerate(form.sets):
        reached[sets] = plans[p][form.before[sets]] > 0
    return reached


def _follow(form: Sequences, numbers: _Numbers, behaviour: Floats, likeliest: Longs) -> Longs:
    """[H, n] the most likely move where the owner's own plan leads, and elsewhere the best one."""
    worth = np.where(numbers.can, _worth(form, numbers, behaviour, None), -np.inf)
    return np.where(_reached(form, behaviour), likeliest, _position(form, _best(form, worth)))


def _gains(form: Sequences, numbers: _Numbers, behaviour: Floats) -> Floats:
    """[P, n] what each player would win by its best response."""
    plans, gains = _plans(form, behaviour), []
    worth = _worth(form, numbers, behaviour, None)
    for p, plan in enumerate(plans):
        slope = _slope(form, numbers, plans, p)
        best = slope[0].copy()
        for h in form.sets[p][form.before[form.sets[p]] == 0]:
            own = slice(int(form.tree.action_start[h]), int(form.tree.action_start[h + 1]))
            best += np.where(numbers.can[own], worth[own], -np.inf).max(axis=0)
        gains.append(best - (slope * plan).sum(axis=0))
    return np.array(gains)


def _best(form: Sequences, score: Floats) -> Bools:
    """[A, n] the first of the moves of each set with the highest score."""
    starts, belongs = form.tree.action_start[:-1], form.tree.action_infoset
    high = score >= np.maximum.reduceat(score, starts, axis=0)[belongs]
    before = np.cumsum(high, axis=0)
    return np.asarray(high & (before - (before[starts] - high[starts])[belongs] == 1))


def _position(form: Sequences, marked: Bools) -> Longs:
    """[H, n] the move of each set that is marked."""
    numbered = marked * np.arange(len(marked))[:, None]
    return np.asarray(np.add.reduceat(numbered, form.tree.action_start[:-1], axis=0))


def _listed(marked: Bools) -> Longs:
    """[any, n] the moves that are marked, as many in every draw."""
    return np.nonzero(marked.T)[1].reshape(marked.shape[1], -1).T
