"""The reduced normal form of a game, from its sequence form: plans that never say what to do where they never lead.

Small games only: the number of plans grows exponentially with the number of information sets.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import lcm, prod

import numpy as np
import numpy.typing as npt

from detente.arrays import Bools, Longs
from detente.game.tree import Game
from detente.solve.sequence_form.sequences import Sequences

Exact = npt.NDArray[np.object_]
"""Arrays of Python integers, which never overflow."""

_PLAIN = 10_000  # denominators up to this are believed
_BITS = 40  # other numbers are rounded to this many binary places below the largest


def plan_count(form: Sequences, player: int, available: Bools | None = None) -> int:
    """How many reduced plans a player has."""
    return _counts(form, player, available)[0]


def plans(form: Sequences, player: int, available: Bools | None = None) -> Longs:
    """[m, Q(p)] all reduced plans of a player as realisation plans of zeros and ones."""

    def after(sequence: int) -> list[tuple[int, ...]]:
        """The ways of playing on after a sequence, each as the sequences it adds."""
        choices = []
        for h in following.get(sequence, ()):
            ways: list[tuple[int, ...]] = []
            for move in _moves(form, h, available):
                ways.extend((move, *way) for way in after(move))
            choices.append(ways)
        return [sum(combination, ()) for combination in product(*choices)]

    following = _following(form, player)
    found = after(0)
    table = np.zeros((len(found), form.sizes[player]), np.int64)
    table[:, 0] = 1
    for row, way in zip(table, found, strict=True):
        row[list(way)] = 1
    return table


def exact_payoffs(form: Sequences, game: Game, draw: int) -> list[Exact]:
    """The payoff matrices [Q(0), Q(1)] of two players over their sequences, in whole numbers.

    Payoffs are multiplied and shifted so that every outcome pays at least 1, which changes no equilibrium. Numbers that
    are simple fractions but for their last digits are taken to be those fractions, so that ties are ties.
    """
    found = []
    for player in range(2):
        cells = _exact_weights(form, game, draw, player)
        scale = lcm(*(w.denominator for w in cells))
        payoff = np.zeros(form.sizes, object)
        for (i, j), weight in zip(form.cells.tolist(), cells, strict=True):
            payoff[i, j] += int(weight * scale)
        found.append(payoff)
    return found


def _following(form: Sequences, player: int) -> dict[int, list[int]]:
    following: dict[int, list[int]] = {}
    for h in form.sets[player].tolist():
        following.setdefault(int(form.before[h]), []).append(h)
    return following


def _moves(form: Sequences, h: int, available: Bools | None) -> list[int]:
    """The sequences that end with a move of a set."""
    actions = np.arange(form.tree.action_start[h], form.tree.action_start[h + 1])
    if available is not None:
        actions = actions[available[actions]]
    return [int(s) for s in form.number[actions]]


def _counts(form: Sequences, player: int, available: Bools | None) -> list[int]:
    """[Q(p)] in how many ways play can go on after each sequence."""
    following = _following(form, player)
    counts = [1] * form.sizes[player]
    for sequence in range(form.sizes[player] - 1, -1, -1):
        sets = following.get(sequence, ())
        counts[sequence] = prod(sum(counts[move] for move in _moves(form, h, available)) for h in sets)
    return counts


def _exact_weights(form: Sequences, game: Game, draw: int, player: int) -> list[Fraction]:
    """[K] payoffs of cells weighted by chance, as fractions; shifted so that every outcome pays at least 1."""
    tree = form.tree
    paid = game.payoffs[:, player, draw]
    used = np.unique(tree.slot[tree.terminals])
    largest = float(np.abs(paid[used]).max(initial=0.0)) or 1.0
    payoff = {int(s): simple(float(paid[s]), largest) for s in used}
    least = min(payoff.values())
    share = _shares(form, game, draw, player)
    weight = [Fraction(1)] * tree.n_nodes
    total = [Fraction(0)] * len(form.cells)
    for x in range(1, tree.n_nodes):
        row = int(form.edge_rows[x, player])
        weight[x] = weight[int(tree.parent[x])] * (share[x] if row >= 0 else 1)
    for x, cell in zip(tree.terminals.tolist(), form.cell.tolist(), strict=True):
        total[cell] += weight[x] * (payoff[int(tree.slot[x])] - least + 1)
    return total


def _shares(form: Sequences, game: Game, draw: int, player: int) -> dict[int, Fraction]:
    """The probability of every step that chance takes, adding up to exactly one at each of its nodes."""
    tree = form.tree
    share: dict[int, Fraction] = {}
    for x in np.flatnonzero(tree.chance_start >= 0).tolist():
        children = range(int(tree.first_child[x]), int(tree.first_child[x] + tree.children[x]))
        exact = [simple(float(game.chance[form.edge_rows[y, player], draw]), 1.0) for y in children]
        total = sum(exact)
        share |= {y: e / total for y, e in zip(children, exact, strict=True)}
    return share


def simple(number: float, scale: float) -> Fraction:
    """A number as a fraction: a plain one if there is one within 1e-13 of `scale`, else rounded in binary."""
    plain = Fraction(number).limit_denominator(_PLAIN)
    if abs(float(plain) - number) <= 1e-13 * scale:
        return plain
    unit = Fraction(2) ** (int(np.floor(np.log2(scale))) - _BITS)
    return round(Fraction(number) / unit) * unit
