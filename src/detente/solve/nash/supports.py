"""Equilibria of any number of players, by what each of them might do with positive probability.

A support says, for every information set that its owner's plan leads to, which moves are made. Given all supports, the
moves of a set must pay alike: polynomial equations in the probabilities, linear in those of each set (McKelvey &
McLennan 1996, Computation of equilibria in finite games, Handbook of Computational Economics 1, 87-142). Their isolated
solutions are all found (`multilinear`). Where nobody else's moves lead to a set, its owner's equations are empty,
and whole families of equilibria differ only in what is threatened there; of these one is sought and listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations, product
from math import prod
from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.solve.nash.multilinear import roots, survivors
from detente.solve.sequence_form.sequences import Sequences

Support = dict[int, tuple[int, ...]]
"""The actions that are taken at each information set its owner's plan leads to."""


class Found(NamedTuple):
    """Realisation plans of all players; `isolated` is False where the equilibrium is one of a family."""

    plans: list[Floats]
    isolated: bool


def support_count(form: Sequences, player: int, available: Bools | None) -> int:
    """How many supports a player has."""
    follow = _following(form, player)

    def count(sequence: int) -> int:
        below = ([count(int(form.number[a])) for a in _moves(form, h, available)] for h in follow.get(sequence, ()))
        return prod(prod(1 + n for n in moves) - 1 for moves in below)

    return count(0)


def supports(form: Sequences, player: int, available: Bools | None) -> Iterator[Support]:
    """All supports of a player."""
    follow = _following(form, player)

    def after(sequence: int) -> list[Support]:
        choices = []
        for h in follow.get(sequence, ()):
            moves = _moves(form, h, available)
            ways: list[Support] = []
            for size in range(1, len(moves) + 1):
                for taken in combinations(moves, size):
                    after_each = product(*(after(int(form.number[a])) for a in taken))
                    ways.extend(_merged(({h: taken}, *below)) for below in after_each)
            choices.append(ways)
        return [_merged(parts) for parts in product(*choices)]

    yield from after(0)


def _merged(parts: Iterable[Support]) -> Support:
    return {h: actions for part in parts for h, actions in part.items()}


def equilibria(
    form: Sequences, weights: Floats, available: Bools | None, tolerance: Floats, budget: int
) -> tuple[list[Found], bool]:
    """Equilibria with any supports, and whether all isolated ones are sure to be among them.

    Nobody gains more than `tolerance` [P] by deviating. `budget`: boxes that may be looked at for each support.
    """
    found: list[Found] = []
    complete = True
    each = [list(supports(form, p, available)) for p in range(form.tree.n_players)]
    profiles = [_merged(parts) for parts in product(*each)]
    for support in sorted(profiles, key=lambda s: sum(map(len, s.values()))):
        problem = _Problem.pose(form, weights, support, available)
        if problem is None:
            continue
        n = len(problem.variables)
        if len(problem.equations) == n:
            here = roots(problem.equations, problem.limits, problem.groups, budget)
            complete &= here.complete
            points, isolated = here.points, True
        else:
            allowed = _allowed(form, support)
            if any(np.array_equal(allowed, _meetings(form, other.plans) > 0) for other in found) and allowed.sum() == 1:
                continue  # the same play for sure, with other threats
            points, isolated = _one_of_a_family(form, weights, problem, available), False
        for point in points:
            plans = problem.plans(form, point)
            if plans is None or np.any(form.gains(weights, plans, available) > tolerance):
                continue
            meets = _meetings(form, plans)
            known = (_meetings(form, other.plans) for other in found) if not isolated else ()
            if not any(np.abs(meets - other).max() < 1e-7 for other in known):
                found.append(Found(plans, isolated))
    return found, complete


class _Problem(NamedTuple):
    """What must hold for a support. A variable is the probability of an action; the last of each set is what is left.

    Polynomials are arrays of 2**n coefficients, as `multilinear` wants them, scaled by the payoffs of their player.
    """

    support: Support
    variables: dict[int, int]  # by action
    groups: list[list[int]]  # variables by set
    equations: Floats  # [equations, 2, ..., 2] moves of one set pay alike
    limits: Floats  # [any, 2, ..., 2] and no less than the other moves, whatever is played after those

    @classmethod
    def pose(cls, form: Sequences, weights: Floats, support: Support, available: Bools | None) -> _Problem | None:
        """None where an equation or a limit cannot hold whatever the variables."""
        variables: dict[int, int] = {}
        groups = []
        for actions in support.values():
            if len(actions) > 1:
                groups.append(list(range(len(variables), len(variables) + len(actions) - 1)))
                variables |= {a: groups[-1][k] for k, a in enumerate(actions[:-1])}
        plan = [_plan_polynomials(form, p, support, variables) for p in range(form.tree.n_players)]
        pay = [_payoffs(weights, plan, form.cells, p) for p in range(form.tree.n_players)]
        equations, limits = [], []
        for h, actions in support.items():
            player = int(form.tree.owner[h])
            first = _along(pay[player], _played_on(form, player, support, actions[0]))
            for a in _moves(form, h, available):
                if a in actions[1:]:
                    equation = _minus(_along(pay[player], _played_on(form, player, support, a)), first)
                    if set(equation) == {0}:
                        return None
                    if equation:  # else nobody leads there
                        equations.append(equation)
                elif a != actions[0]:
                    for ways in _all_ways(form, player, a, available):
                        limit = _minus(first, _along(pay[player], ways))
                        if sum(v for bits, v in limit.items() if v > 0 or bits == 0) < -1e-12:
                            return None
                        if limit:
                            limits.append(limit)
        n, pairs = len(variables), [group[0] for group in groups if len(group) == 1]
        return cls(support, variables, groups, _arrays(equations, n, pairs), _arrays(limits, n, pairs))

    def plans(self, form: Sequences, point: Floats) -> list[Floats] | None:
        """The realisation plans at a point; None where a probability is not positive."""
        behaviour = np.zeros(form.tree.n_actions)
        for actions in self.support.values():
            taken = [point[self.variables[a]] for a in actions[:-1]]
            taken.append(1.0 - sum(taken))
            if len(taken) > 1 and min(taken) < 1e-9:
                return None  # on the edge: an equilibrium of a smaller support, and found there
            behaviour[list(actions)] = taken
        return form.plans(behaviour)


Polynomial = dict[int, float]
"""Coefficients by the variables of a term, as bits. No variable comes twice in a term."""


def _plan_polynomials(
    form: Sequences, player: int, support: Support, variables: dict[int, int]
) -> dict[int, Polynomial]:
    """A polynomial for the realisation of each sequence that the support allows."""
    found: dict[int, Polynomial] = {0: {0: 1.0}}
    for h in form.sets[player].tolist():
        if h in support:
            left = {0: 1.0} | {1 << variables[a]: -1.0 for a in support[h][:-1]}
            for a in support[h]:
                step = {1 << variables[a]: 1.0} if a in variables else left
                found[int(form.number[a])] = _times(found[int(form.before[h])], step)
    return found


def _payoffs(weights: Floats, plan: list[dict[int, Polynomial]], cells: Longs, player: int) -> dict[int, Polynomial]:
    """For each of a player's sequences, what it pays as a polynomial of what the others do; the largest weight is 1."""
    found: dict[int, Polynomial] = {}
    scale = float(np.abs(weights[:, player]).max(initial=0.0)) or 1.0
    for cell, weight in zip(cells.tolist(), (weights[:, player] / scale).tolist(), strict=True):
        term: Polynomial = {0: weight} if weight else {}
        for q, s in enumerate(cell):
            if q != player:
                term = _times(term, plan[q].get(s, {}))
        total = found.setdefault(cell[player], {})
        for bits, value in term.items():
            total[bits] = total.get(bits, 0.0) + value
    return found


def _times(first: Polynomial, second: Polynomial) -> Polynomial:
    found: Polynomial = {}
    for x, a in first.items():
        for y, b in second.items():
            found[x | y] = found.get(x | y, 0.0) + a * b
    return found


def _along(pay: dict[int, Polynomial], sequences: Iterable[int]) -> Polynomial:
    found: Polynomial = {}
    for s in sequences:
        for bits, value in pay.get(s, {}).items():
            found[bits] = found.get(bits, 0.0) + value
    return found


def _minus(first: Polynomial, second: Polynomial) -> Polynomial:
    """The difference, without terms that are nothing but rounding."""
    found = {bits: first.get(bits, 0.0) - second.get(bits, 0.0) for bits in first.keys() | second.keys()}
    return {bits: value for bits, value in found.items() if abs(value) > 1e-13}


def _arrays(polynomials: list[Polynomial], n: int, pairs: list[int]) -> Floats:
    """Polynomials as arrays of coefficients, divided by factors that are positive wherever the support is as it says.

    Those are the probabilities of moves that lead to a set: variables z, and 1 - z for those in `pairs`, whose set
    has two moves.
    """
    found = np.zeros((len(polynomials), *[2] * n))
    for k, polynomial in enumerate(polynomials):
        for bits, value in polynomial.items():
            found[(k, *((bits >> i) & 1 for i in range(n)))] = value
        for i in range(n):
            by_power = np.moveaxis(found[k], i, 0)  # a view
            if not by_power[0].any():
                by_power[0], by_power[1] = by_power[1], 0.0
            elif i in pairs and np.abs(by_power.sum(axis=0)).max() <= 1e-13:
                by_power[1] = 0.0
    return found


def _played_on(form: Sequences, player: int, support: Support, action: int) -> list[int]:
    """An action and its owner's first supported moves after it, as sequences."""
    follow = _following(form, player)
    found, waiting = [], [int(form.number[action])]
    while waiting:
        sequence = waiting.pop()
        found.append(sequence)
        waiting.extend(int(form.number[support[h][0]]) for h in follow.get(sequence, ()))
    return found


def _all_ways(form: Sequences, player: int, action: int, available: Bools | None) -> list[tuple[int, ...]]:
    """An action and every way in which its owner may play on after it, as sequences."""
    follow = _following(form, player)

    def after(sequence: int) -> list[tuple[int, ...]]:
        choices = [
            [way for a in _moves(form, h, available) for way in after(int(form.number[a]))]
            for h in follow.get(sequence, ())
        ]
        return [(sequence, *sum(parts, ())) for parts in product(*choices)]

    return after(int(form.number[action]))


def _one_of_a_family(form: Sequences, weights: Floats, problem: _Problem, available: Bools | None) -> list[Floats]:
    """A point of a support with fewer equations than variables at which nobody gains, if a few tries find one."""
    from scipy.optimize import least_squares

    starts = survivors(problem.equations, problem.limits, problem.groups, 64)
    scale = np.abs(weights).max(axis=0, initial=1e-300)

    def wrong(point: Floats) -> Floats:
        behaviour = np.zeros(form.tree.n_actions)
        lack = []
        for actions in problem.support.values():
            taken = [point[problem.variables[a]] for a in actions[:-1]]
            taken.append(1.0 - sum(taken))
            behaviour[list(actions)] = taken
            lack.append(min(taken[-1] - 1e-3, 0.0))
        return np.concatenate([form.gains(weights, form.plans(behaviour), available) / scale, lack])

    for start in starts[:: max(1, len(starts) // 4)]:
        if np.abs(wrong(start)).max() < 1e-12:
            return [start]
        point = least_squares(wrong, start, bounds=(1e-3, 1), xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=40).x
        if np.abs(wrong(point)).max() < 1e-12:
            return [point]
    return []


def _meetings(form: Sequences, plans: list[Floats]) -> Floats:
    """[K] how likely the players' moves lead to each cell."""
    meets = np.ones(len(form.cells))
    for q, plan in enumerate(plans):
        meets *= plan[form.cells[:, q]]
    return meets


def _allowed(form: Sequences, support: Support) -> Bools:
    """[K] whether the supports lead to each cell."""
    taken = [np.zeros(size, np.bool_) for size in form.sizes]
    for p, own in enumerate(taken):
        own[0] = True
        for h in form.sets[p].tolist():
            if h in support:
                own[form.number[list(support[h])]] = True
    return np.asarray(np.all([own[form.cells[:, p]] for p, own in enumerate(taken)], axis=0))


@lru_cache(maxsize=64)
def _following(form: Sequences, player: int) -> dict[int, list[int]]:
    """The player's sets that come next after each of its sequences."""
    follow: dict[int, list[int]] = {}
    for h in form.sets[player].tolist():
        follow.setdefault(int(form.before[h]), []).append(h)
    return follow


def _moves(form: Sequences, h: int, available: Bools | None) -> list[int]:
    """The actions that can be taken at a set."""
    actions = range(int(form.tree.action_start[h]), int(form.tree.action_start[h + 1]))
    return [a for a in actions if available is None or available[a]]
