"""The kernels of counterfactual regret minimisation (`regret.cpp`), and what they take.

Cells (see `sequences`) are laid out by sequence, once for each player, so that the derivative of a sequence is one run
through memory.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.solve.compiled.library import Kernel
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


_begin = Kernel("regret_begin", Field, State)
_iterate = Kernel("regret_iterate", Field, State, int, int, int)
_gains = Kernel("regret_gains", Field, Floats, Floats)


def begin(field: Field) -> State:
    """The state before the first iteration: every move that can be made is as likely as the others."""
    state = State(*(np.zeros(int(field.start[-1])) for _ in State._fields))
    _begin(field, state)
    return state


def iterate(field: Field, state: State, done: int, count: int, predictive: bool) -> None:
    """`count` iterations after the first `done`; in each all players learn in turn from what the others now do."""
    _iterate(field, state, done, count, predictive)


def gains(field: Field, plan: Floats) -> Floats:
    """[P] what each player would win by a best response to plans [Q]."""
    found = np.empty(len(field.start) - 1)
    _gains(field, plan, found)
    return found
