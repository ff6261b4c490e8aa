"""What a player would do at information sets that its own plan never leads to.

A Nash equilibrium says nothing about such sets: nothing that is done there can change a payoff, whoever else deviates.
What is filled in here is a best response to players whose hands tremble a little, so that a listing shows sensible
moves; it makes no equilibrium of what is none, and unmakes none.
"""

from __future__ import annotations

import numpy as np

from detente.arrays import Bools, Floats
from detente.solve.sequence_form.sequences import Sequences

_TREMBLE = 1e-4
_ROUNDS = 30


def fill_unreached(
    form: Sequences, weights: Floats, behaviour: Floats, reached: Bools, available: Bools | None = None
) -> Floats:
    """A behaviour [A] with the sets that are not `reached` [H] by their owner's plan filled by best responses.

    All others tremble, uniformly and with probability 1e-4. Sets are filled all at once, again and again until nothing
    changes, since what is best at one may depend on what is done at another; moves equally good are equally likely.
    """
    free = ~reached[form.tree.action_infoset]
    if not free.any():
        return behaviour
    can = np.ones(len(free)) if available is None else available.astype(np.float64)
    starts, belongs = form.tree.action_start[:-1], form.tree.action_infoset
    uniform = can / np.add.reduceat(can, starts)[belongs]
    slack = 1e-9 * np.abs(weights).max(axis=0, initial=0.0)
    behaviour = behaviour.copy()
    for _ in range(_ROUNDS):
        trembling = form.plans((1 - _TREMBLE) * behaviour + _TREMBLE * uniform)
        filled = behaviour.copy()
        for p, actions in enumerate(form.actions):
            worth = form.worth(form.slope(weights, trembling, p), p, available)
            best = np.full(len(free), -np.inf)
            best[actions] = np.where(can[actions] > 0, worth[form.number[actions]], -np.inf)
            close = slack[p] * _scale(form, trembling, p, best)
            ties = (best >= np.maximum.reduceat(best, starts)[belongs] - close) * can
            mine = free & (form.tree.owner[belongs] == p)
            filled[mine] = (ties / np.add.reduceat(ties, starts)[belongs])[mine]
        if np.array_equal(filled, behaviour):
            break
        behaviour = filled
    return behaviour


def _scale(form: Sequences, plans: list[Floats], player: int, like: Floats) -> Floats:
    """[A] how likely the others and chance make an action's set at least: ties are judged in proportion to it."""
    product = np.ones(len(form.cells))
    for q, plan in enumerate(plans):
        if q != player:
            product *= plan[form.cells[:, q]]
    chance = np.bincount(form.cells[:, player], product, form.sizes[player])
    for actions in reversed(form.layers[player]):
        sets = form.tree.action_infoset[actions]
        starts = np.flatnonzero(np.diff(sets, prepend=-1))
        np.add.at(chance, form.before[sets[starts]], np.maximum.reduceat(chance[form.number[actions]], starts))
    scale = np.zeros(len(like))
    scale[form.actions[player]] = chance[form.number[form.actions[player]]]
    if len(scale):
        scale = np.maximum.reduceat(scale, form.tree.action_start[:-1])[form.tree.action_infoset]
    return scale
