"""A Tree laid out for the sweeps of the quantal solver: plain integer arrays, duplicates merged.

What is iterated on. An owner who cannot tell the members of an information set apart weighs them by its belief. The
log-odds of member m against the first member are

    (strategy log-reach of m - that of the first)  +  (chance log-reach of m - that of the first, in the owner's eyes).

The second part does not change while a branch of equilibria is followed. In the first, moves common to both paths
cancel, so that members of quite different sets often share it. The unknowns of the fixed point are therefore the
distinct non-empty differences of moves: `plus[b]` and `minus[b]` are the histories whose log-reach differ by unknown b,
and `unknown[m]` says which one member m uses (-1: its log-odds are those of chance alone).

Given all unknowns, one backward sweep yields every strategy exactly, and one forward sweep yields the unknowns again.

Where information sets have no order in time, some are cut (see `Tree`). What those above a member of a cut set expect
from it depends on what is done there, which a sweep finds too late: the log-odds of its moves against the first are
unknowns, too. Such a member, as those above see it, is laid out like a chance node whose probabilities are guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from detente.arrays import Bools, Floats, Ints, Longs
from detente.game.default import log_default
from detente.game.tree import DECISION, TERMINAL, Game, Tree
from detente.remembered import remembered

LOG_ZERO = float(np.log(1e-300))
"""Stands for the logarithm of a probability that is exactly zero, in beliefs only: a tremble of 1e-300. A set that is
reached only through such moves or events then still has a finite belief, decided by how many trembles it takes."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Arrays only, so that compiled kernels can take it whole.

    Values are kept in rows: a row for each payoff slot (terminals that pay the same share one), then a row for each
    inner node, then a row for each member of a cut set as those above see it. Letters: M members of information sets,
    C children of inner nodes, Q chance nodes and guessed ones, R strategy histories (history 0 is the empty one),
    B unknowns.
    """

    items: Longs  # [I] h >= 0 an information set, -1 - q the q-th chance or guessed node; what is below comes after
    owner: Longs  # [H]
    member_start: Longs  # [H + 1]
    action_start: Longs  # [H + 1]
    member_row: Longs  # [M] row of values
    member_child: Longs  # [M] where its children start in `child_row`
    unknown: Longs  # [M] the unknown in the member's log-odds, -1 for none
    chance_row: Longs  # [Q] row of values
    chance_child: Longs  # [Q] where its children start in `child_row`
    chance_size: Longs  # [Q] number of children
    chance_edge: Longs  # [Q] its first row of `edge`
    chance_guess: Longs  # [Q] where its log-odds start in `guess`, -1 for chance
    guess: Longs  # [G] the unknown that is the log-odds of a move against the first of a cut set, -1 for the first
    edge: Longs  # [E + G, P] the row of chance probabilities of an edge in each player's eyes
    child_row: Longs  # [C] row of values of a child
    wanted: Bools  # [rows, P] whether anybody above the row cares for this player's value
    above: Longs  # [R - 1] the history that history r + 1 continues
    step: Longs  # [R - 1] the action that history r + 1 adds
    plus: Longs  # [B]
    minus: Longs  # [B]


class Layout(NamedTuple):
    """A Plan and what it takes to put numbers on it."""

    plan: Plan
    slots: Longs  # the payoff slots that some terminal node really pays
    events_above: Longs  # [G - 1] chance histories, numbered as the strategy histories are
    events_step: Longs  # [G - 1] the row of chance probabilities that chance history g + 1 adds
    member_events: Longs  # [M] the chance history of a member in its owner's eyes
    first_events: Longs  # [M] that of the first member of its set

    @property
    def n_unknowns(self) -> int:
        return len(self.plan.plus)


class Numbers(NamedTuple):
    """The numbers of a block of draws, ready for the kernels.

    Payoffs are shifted and scaled so that what moves pay counts in logits as `t * value`, with t rising from 0 to
    `target * scale`: a target of 1 is the precision the block was filled with. Since the largest payoff is 1, t is
    without unit, and the settings of the solvers mean the same for every game. Logits are `log_default + t * value`.
    """

    payoffs: Floats  # [S, P, n]
    chance: Floats  # [K, n]
    offset: Floats  # [M, n] log-odds of members by chance alone
    available: Bools  # [A, n], or [0, n] where every move is available
    scale: Floats  # [n]
    log_default: Floats  # [A, n] as in `game.default`, or [0, n] where all moves are alike


@remembered
def lay_out(tree: Tree) -> Layout:
    """The Layout of a tree, made once."""
    n_slots = int(tree.slot.max()) + 1
    inner = np.flatnonzero(tree.kind != TERMINAL)
    chance = np.sort(-1 - tree.order[tree.order < 0])
    row = tree.slot.astype(np.int64)
    row[inner] = n_slots + np.arange(len(inner))
    seen_row = row.copy()
    seen_row[tree.cut] = n_slots + len(inner) + np.arange(len(tree.cut))
    child_start = np.zeros(tree.n_nodes, np.int64)
    child_start[inner] = np.cumsum(tree.children[inner]) - tree.children[inner]
    number = {int(x): q for q, x in enumerate(chance)}

    sizes = np.diff(tree.member_start)
    first_member = np.repeat(tree.members[tree.member_start[:-1]], sizes)
    histories = _strategy_histories(tree)
    cut_sets, (firsts, guesses) = np.unique(tree.infoset[tree.cut]), _cut_moves(tree)
    unknown, pairs = _unknowns(
        histories, np.concatenate([tree.members, guesses]), np.concatenate([first_member, firsts])
    )
    unknown, guess = unknown[: len(tree.members)], unknown[len(tree.members) :]
    start = {int(h): int(s) for h, s in zip(cut_sets, np.flatnonzero(guess < 0), strict=True)}
    chance_guess = np.array([start.get(int(tree.infoset[x]), -1) for x in chance], np.int64)
    histories = histories.only(pairs.ravel())
    events = [_chance_histories(tree, p) for p in range(tree.n_players)]
    shift = np.cumsum([0] + [len(e.above) for e in events])
    owners = np.repeat(tree.owner, sizes)

    def events_of(nodes: Ints) -> Longs:
        """Chance histories numbered through all players, all of whom share the empty one."""
        own = np.array([events[p].of[x] for p, x in zip(owners, nodes, strict=True)], np.int64)
        return np.where(own > 0, own + shift[owners], 0)

    guessed_rows = np.repeat(_n_chance_rows(tree) + np.arange(len(guess)), tree.n_players).reshape(-1, tree.n_players)
    plan = Plan(
        items=np.array([i if i >= 0 else -1 - number[-1 - i] for i in tree.order.tolist()], np.int64),
        owner=tree.owner.astype(np.int64),
        member_start=tree.member_start.astype(np.int64),
        action_start=tree.action_start.astype(np.int64),
        member_row=row[tree.members],
        member_child=child_start[tree.members],
        unknown=unknown,
        chance_row=seen_row[chance],
        chance_child=child_start[chance],
        chance_size=tree.children[chance].astype(np.int64),
        chance_edge=np.where(chance_guess < 0, tree.chance_start[chance], len(tree.chance_row) + chance_guess),
        chance_guess=chance_guess,
        guess=guess,
        edge=np.concatenate([tree.chance_row[:, : tree.n_players], guessed_rows]).astype(np.int64),
        child_row=np.concatenate([seen_row[c : c + k] for c, k in zip(tree.first_child, tree.children, strict=True)]),
        wanted=_wanted(tree, row, seen_row),
        above=histories.above,
        step=histories.step,
        plus=histories.number[pairs[:, 0]],
        minus=histories.number[pairs[:, 1]],
    )
    return Layout(
        plan,
        np.unique(tree.slot[tree.terminals]).astype(np.int64),
        np.concatenate([np.where(e.above > 0, e.above + s, 0) for e, s in zip(events, shift, strict=False)]),
        np.concatenate([e.step for e in events]),
        events_of(tree.members),
        events_of(first_member),
    )


def fill(layout: Layout, game: Game, draws: slice) -> Numbers:
    """The numbers of some draws of a game."""
    used = np.ascontiguousarray(game.payoffs[:, :, draws][layout.slots])  # picked by number: a copy
    precision = game.precision[:, draws]
    low = used.min(axis=0)
    weight = precision * (used.max(axis=0) - low)
    scale = weight.max(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = np.where(scale > 0, precision / scale, 0.0)
    used -= low
    used *= unit
    payoffs, n_slots = used, layout.plan.wanted.shape[0] - _n_inner(layout.plan)
    if n_slots > len(used):
        payoffs = np.zeros((n_slots, *low.shape))
        payoffs[layout.slots] = used
    chance = np.ascontiguousarray(game.chance[:, draws])
    if len(layout.plan.guess):  # rows for the sweeps to fill
        guessed = np.zeros((len(layout.plan.guess), len(scale)))
        chance = np.concatenate([chance[: _n_chance_rows(game.tree)], guessed])
    log_chance = np.log(np.maximum(chance, np.exp(LOG_ZERO)))
    reach = np.zeros((len(layout.events_above) + 1, len(scale)))
    for g, (above, step) in enumerate(zip(layout.events_above, layout.events_step, strict=True)):
        reach[g + 1] = reach[above] + log_chance[step]
    if game.available is None:
        available = np.zeros((0, len(scale)), np.bool_)
    else:
        available = np.ascontiguousarray(game.available[:, draws])
    offset = reach[layout.member_events] - reach[layout.first_events]
    default = log_default(game, draws)
    if default is None:
        default = np.zeros((0, len(scale)))
    return Numbers(payoffs, chance, offset, available, scale, default)


def _n_chance_rows(tree: Tree) -> int:
    return int(tree.chance_row.max(initial=-1)) + 1


def unknowns(plan: Plan, behaviour: Floats) -> Floats:
    """[B, n] the unknowns that a behaviour [A, n] leads to; a move that is never made counts as one of 1e-300."""
    steps = np.log(np.maximum(behaviour, np.exp(LOG_ZERO)))
    reach = np.zeros((len(plan.step) + 1, behaviour.shape[1]))
    for r, (above, step) in enumerate(zip(plan.above.tolist(), plan.step.tolist(), strict=True)):
        np.add(reach[above], steps[step], out=reach[r + 1])
    return np.ascontiguousarray(reach[plan.plus] - reach[plan.minus])


def _n_inner(plan: Plan) -> int:
    return len(plan.member_row) + len(plan.chance_row)


class _Histories(NamedTuple):
    """Paths from the root with some of their steps left out; each history continues another by one step."""

    above: Longs  # [R - 1]
    step: Longs  # [R - 1]
    of: Longs  # [N] the history of a node
    number: Longs  # [R] new numbers, after `only`

    def steps(self, history: int) -> frozenset[int]:
        """Everything on a history, in no order (an information set is crossed at most once)."""
        found = []
        while history > 0:
            found.append(int(self.step[history - 1]))
            history = int(self.above[history - 1])
        return frozenset(found)

    def only(self, ends: Longs) -> _Histories:
        """The histories that lead to `ends`, numbered again."""
        kept = np.zeros(len(self.above) + 1, np.bool_)
        kept[ends] = True
        for r in range(len(self.above), 0, -1):
            kept[self.above[r - 1]] |= kept[r]
        kept[0] = True
        number = np.cumsum(kept) - 1
        inside = np.flatnonzero(kept[1:])
        return _Histories(number[self.above[inside]], self.step[inside], self.of, number)


def _histories(tree: Tree, step_to: Longs) -> _Histories:
    """Histories of the steps `step_to[x]` that lead to each node (-1: none)."""
    of = np.zeros(tree.n_nodes, np.int64)
    known: dict[tuple[int, int], int] = {}
    for x in range(1, tree.n_nodes):
        above, step = int(of[tree.parent[x]]), int(step_to[x])
        of[x] = above if step < 0 else known.setdefault((above, step), len(known) + 1)
    pairs = np.array(list(known), np.int64).reshape(-1, 2)
    return _Histories(pairs[:, 0], pairs[:, 1], of, np.arange(len(known) + 1))


def _strategy_histories(tree: Tree) -> _Histories:
    return _histories(tree, tree.edge_action.astype(np.int64))


def _chance_histories(tree: Tree, player: int) -> _Histories:
    edge = tree.edge_chance
    step = np.full(tree.n_nodes, -1, np.int64)
    step[edge >= 0] = tree.chance_row[edge[edge >= 0], player]
    return _histories(tree, step)


def _unknowns(histories: _Histories, members: Longs, first: Longs) -> tuple[Longs, Longs]:
    """The unknown of each member, and for each unknown a pair of histories that differ by it [B, 2]."""
    known: dict[tuple[frozenset[int], frozenset[int]], int] = {}
    pairs: list[tuple[int, int]] = []
    unknown = np.full(len(members), -1, np.int64)
    steps: dict[int, frozenset[int]] = {}
    for m, (x, y) in enumerate(zip(members, first, strict=True)):
        here, there = int(histories.of[x]), int(histories.of[y])
        if here == there:
            continue
        for history in (here, there):
            if history not in steps:
                steps[history] = histories.steps(history)
        difference = (steps[here] - steps[there], steps[there] - steps[here])
        if difference not in known:
            known[difference] = len(pairs)
            pairs.append((here, there))
        unknown[m] = known[difference]
    return unknown, np.array(pairs, np.int64).reshape(-1, 2)


def _cut_moves(tree: Tree) -> tuple[Longs, Longs]:
    """For each move of a cut set, where the first move of the set and where this one lead from the first member."""
    firsts: list[int] = []
    nodes: list[int] = []
    for h in np.unique(tree.infoset[tree.cut]).tolist():
        x = tree.members[tree.member_start[h]]
        nodes.extend(range(int(tree.first_child[x]), int(tree.first_child[x] + tree.children[x])))
        firsts.extend([int(tree.first_child[x])] * int(tree.children[x]))
    return np.array(firsts, np.int64), np.array(nodes, np.int64)


def _wanted(tree: Tree, row: Longs, seen_row: Longs) -> Bools:
    """[rows, P] whether a decision of the player lies above the row's node (payoff rows: no matter)."""
    wanted = np.zeros((int(seen_row.max()) + 1, tree.n_players), np.bool_)
    for x in range(1, tree.n_nodes):
        above = tree.parent[x]
        if tree.kind[x] != TERMINAL:
            wanted[row[x]] = wanted[row[above]]
            if tree.kind[above] == DECISION:
                wanted[row[x], tree.owner[tree.infoset[above]]] = True
    wanted[seen_row[tree.cut]] = wanted[row[tree.cut]]
    return wanted
