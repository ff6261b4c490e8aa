"""Compiled sweeps of counterfactual regret minimisation in the sequence form.

The tree itself is not walked. The counterfactual value of a move is the slope of its owner's payoff along the sequence
that ends with the move, plus what the sets that follow it are worth; the slope is a sum over the cells (see `sequence`)
in which the sequence takes part. Cells are laid out by sequence, once for each player, so that a sum is one run
through memory. This is the same algorithm as a walk over histories, to the last regret.

This module imports numba; it is imported when a solver is at work and not before.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.solve.compiled.kept import njit
from detente.solve.compiled.lanes import KERNEL
from detente.solve.sequence_form.sequences import Sequences


class Field(NamedTuple):
    """Sequences of all players one after another: Q in all, with the empty sequence of player p at `start[p]`.

    Sets are in the order of their players, each after those above it; the moves of set i are the sequences
    `first[i]:first[i + 1]`, or up to the next player's empty sequence. E entries: the cells, once for each player.
    """

    start: Longs  # [P + 1]
    set_start: Longs  # [P + 1]
    first: Longs  # [H] first sequence of a set
    stop: Longs  # [H] one past its last sequence
    before: Longs  # [H] the sequence that leads to it
    entry: Longs  # [Q + 1] where the entries of a sequence start
    others: Longs  # [E, P - 1] the sequences of the other players that it meets there
    weight: Floats  # [E] its owner's payoff there, weighted by chance as the owner sees it
    can: Floats  # [Q] 1 where a move can be made, else 0


class State(NamedTuple):
    """What an iteration reads and leaves behind, all [Q]."""

    regret: Floats  # never negative
    strategy: Floats  # probability of the last move of a sequence at its set
    plan: Floats
    total: Floats  # weighted sum of the plans so far
    slope: Floats
    worth: Floats
    guess: Floats  # what a sequence is predicted to be worth


def lay_out(form: Sequences, weights: Floats, can: Bools) -> Field:
    """The Field of a draw: `weights` [K, P] as from `Sequences.weights`, `can` [A]."""
    n_players = len(form.sizes)
    start = np.concatenate([[0], np.cumsum(form.sizes)]).astype(np.int64)
    sets = np.concatenate(form.sets).astype(np.int64)
    owner = form.tree.owner[sets]
    action = form.tree.action_start.astype(np.int64)
    glob = form.cells + start[:-1]
    entry, others, weight = [np.zeros(1, np.int64)], [], []
    for p in range(n_players):
        rest = np.delete(glob, p, axis=1)
        order = np.lexsort((*rest.T[::-1], form.cells[:, p]))
        entry.append(entry[-1][-1] + np.cumsum(np.bincount(form.cells[:, p], minlength=form.sizes[p])))
        others.append(rest[order])
        weight.append(weights[order, p])
    open_moves = np.ones(start[-1])
    open_moves[form.number + start[form.tree.owner[form.tree.action_infoset]]] = can
    first = form.number[action[sets]] + start[owner]
    return Field(
        start=start,
        set_start=np.concatenate([[0], np.cumsum([len(own) for own in form.sets])]).astype(np.int64),
        first=first,
        stop=first + np.diff(action)[sets],
        before=form.before[sets] + start[owner],
        entry=np.concatenate(entry),
        others=np.ascontiguousarray(np.concatenate(others)),
        weight=np.concatenate(weight),
        can=open_moves,
    )


def begin(field: Field) -> State:
    """The state before the first iteration: every move that can be made is as likely as the others."""
    state = State(*(np.zeros(int(field.start[-1])) for _ in State._fields))
    for p in range(len(field.start) - 1):
        match(field, state, p)
        spread(field, state, p, 0.0)
    return state


@njit(**KERNEL)
def slopes(field: Field, plan: Floats, p: int, slope: Floats) -> None:
    """Fill the slopes of player p's sequences."""
    width = field.others.shape[1]
    for s in range(field.start[p], field.start[p + 1]):
        total = 0.0
        if width == 1:
            for k in range(field.entry[s], field.entry[s + 1]):
                total += field.weight[k] * plan[field.others[k, 0]]
        elif width == 2:
            for k in range(field.entry[s], field.entry[s + 1]):
                total += field.weight[k] * plan[field.others[k, 0]] * plan[field.others[k, 1]]
        else:
            for k in range(field.entry[s], field.entry[s + 1]):
                product = field.weight[k]
                for q in range(width):
                    product *= plan[field.others[k, q]]
                total += product
        slope[s] = total


@njit(**KERNEL)
def match(field: Field, state: State, p: int) -> None:
    """Regret matching: moves in proportion to their regrets (Hart & Mas-Colell 2000)."""
    for i in range(field.set_start[p], field.set_start[p + 1]):
        total, count = 0.0, 0.0
        for s in range(field.first[i], field.stop[i]):
            total += state.regret[s]
            count += field.can[s]
        for s in range(field.first[i], field.stop[i]):
            state.strategy[s] = state.regret[s] / total if total > 0.0 else field.can[s] / count


@njit(**KERNEL)
def spread(field: Field, state: State, p: int, weight: float) -> None:
    """The plan of player p's strategy, added to its sum with a weight."""
    plan, total = state.plan, state.total
    plan[field.start[p]] = 1.0
    total[field.start[p]] += weight
    for i in range(field.set_start[p], field.set_start[p + 1]):
        above = plan[field.before[i]]
        for s in range(field.first[i], field.stop[i]):
            plan[s] = above * state.strategy[s]
            total[s] += weight * plan[s]


@njit(**KERNEL)
def learn(field: Field, state: State, p: int, predictive: bool) -> None:
    """Take in the slopes: regrets, and the strategy that they (and, if predictive, the prediction) lead to.

    The prediction is that the slopes will stay as they are (Farina, Kroer & Sandholm 2021, algorithm 3 and section 6).
    """
    worth, guess, regret, strategy = state.worth, state.guess, state.regret, state.strategy
    for s in range(field.start[p], field.start[p + 1]):
        worth[s] = state.slope[s]
        guess[s] = state.slope[s]
    for i in range(field.set_start[p + 1] - 1, field.set_start[p] - 1, -1):
        value, before = 0.0, 0.0
        for s in range(field.first[i], field.stop[i]):
            value += strategy[s] * worth[s]
            before += strategy[s] * guess[s]
        worth[field.before[i]] += value
        total, count, after = 0.0, 0.0, 0.0
        for s in range(field.first[i], field.stop[i]):
            regret[s] = max(regret[s] + worth[s] - value, 0.0) * field.can[s]
            strategy[s] = max(regret[s] + guess[s] - before, 0.0) * field.can[s] if predictive else regret[s]
            total += strategy[s]
            count += field.can[s]
        for s in range(field.first[i], field.stop[i]):
            strategy[s] = strategy[s] / total if total > 0.0 else field.can[s] / count
            after += strategy[s] * guess[s]
        guess[field.before[i]] += after


@njit(**KERNEL)
def iterate(field: Field, state: State, done: int, count: int, predictive: bool) -> None:
    """`count` iterations after the first `done`; in each all players learn in turn from what the others now do.

    Plans are averaged with weights that grow like the number of the iteration (its square, if predictive).
    """
    for t in range(done + 1, done + count + 1):
        weight = float(t) * float(t) if predictive else float(t)
        for p in range(len(field.start) - 1):
            slopes(field, state.plan, p, state.slope)
            learn(field, state, p, predictive)
            spread(field, state, p, weight)


@njit(**KERNEL)
def gains(field: Field, plan: Floats, slope: Floats, worth: Floats) -> Floats:
    """[P] what each player would win by a best response to plans [Q]; the last two arrays are overwritten."""
    n_players = len(field.start) - 1
    found = np.zeros(n_players)
    for p in range(n_players):
        slopes(field, plan, p, slope)
        for s in range(field.start[p], field.start[p + 1]):
            worth[s] = slope[s]
            found[p] -= slope[s] * plan[s]
        for i in range(field.set_start[p + 1] - 1, field.set_start[p] - 1, -1):
            best = -np.inf
            for s in range(field.first[i], field.stop[i]):
                if field.can[s] > 0.0:
                    best = max(best, worth[s])
            worth[field.before[i]] += best
        found[p] += worth[field.start[p]]
    return found
