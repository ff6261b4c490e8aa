"""Why one forecast is above another: which decisions changed, what each contributes, and the payoff terms behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from detente.analyse.counterfactual.attribution import common_ground, contributions, on_host, worth_on_host
from detente.analyse.counterfactual.whatif import Difference, difference, mean_of
from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Asked, Question
from detente.analyse.forecast.infosets import members
from detente.analyse.forecast.outcomes import outcome_probabilities
from detente.analyse.forecast.rank import rankable
from detente.analyse.forecast.why import METHOD, expected_terms, own_steps, own_terms
from detente.arrays import Floats, Longs
from detente.display import Displayed
from detente.engine.batch import Batch, arrivals, edges
from detente.game.blueprint import Blueprint
from detente.game.tree import DECISION, TERMINAL, Tree
from detente.game.walk import GATE
from detente.language.expressions import Expression

LEAST = 1e-12  # a contribution that is not rounding
COUNTED, CHANCE, TYPE, CONDITION, CHOICE = "what plays count", "chance", "type", "condition", "decision"


@dataclass(frozen=True)
class Reason(Displayed):
    """Why a decision changed: the gap between the move that gained most and the one that lost most, in one situation,
    as its owner sees it. `terms` are the changes of the payoff terms and sum to `change`.

    `worth` is the part of each that is there though everybody plays as before: the term itself is worth something else.
    The rest comes from what is played afterwards. It is empty where the two are not played on one tree, node by node.
    """

    infoset: int
    where: str
    move: str
    against: str
    before: Finding
    after: Finding
    change: Finding
    terms: Mapping[str, Finding]
    worth: Mapping[str, Finding]
    precision: tuple[Finding, Finding]  # of its owner, before and after


@dataclass(frozen=True)
class Contribution(Displayed):
    """What one decision, in one period, or one matter of chance contributes to the difference, on average.

    A decision whose moves changed may contribute nothing by itself, and yet be why others changed: they expect it.

    `kind`: `decision`, `chance`, `type`, `condition` (a stage's, that depends on quantities), or `what plays count`
    where what is asked about is itself another number for the same play. `moves`: how often each is made when it is
    asked, and `asked` how likely that is, before and after."""

    kind: str
    name: str
    actor: str
    period: int  # counted from 1; 0 for all of them
    effect: Finding
    asked: Difference | None
    moves: Mapping[str, Difference]
    reason: Reason | None

    @property
    def moved(self) -> float:
        """By how much the move that changed most is made more or less often, on average."""
        return max((abs(d.effect.value) for d in self.moves.values()), default=0.0)


@dataclass(frozen=True)
class WhyChange(Displayed):
    """Why one forecast is above another. The effects of `parts`, which stand in the order of play, sum to that of `of`.

    `forced`: stages whose move the change itself makes, on either side.
    """

    change: str
    of: Difference
    outcomes: Mapping[str, Difference]
    parts: tuple[Contribution, ...]
    draws: int
    converged: float
    forced: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sides: tuple[str, str] = ("before", "after")


Key = tuple[str, str, int]
"""What contributes: its kind, its name, and the period (0: all)."""


@dataclass(eq=False)
class Comparison:
    """Two games on one tree, and what was read of their draws, batch by batch."""

    one: Blueprint
    other: Blueprint
    asked: Expression
    values: dict[Key, list[Floats]] = field(default_factory=dict)
    reached: dict[Key, list[tuple[Floats, Floats]]] = field(default_factory=dict)
    made: dict[tuple[Key, str], list[tuple[Floats, Floats]]] = field(default_factory=dict)
    totals: list[tuple[Floats, Floats]] = field(default_factory=list)
    outcomes: dict[str, list[tuple[Floats, Floats]]] = field(default_factory=dict)
    gaps: dict[Key, list[tuple[Floats, Floats, Floats, Floats, Floats]]] = field(default_factory=dict)
    telling: dict[Key, tuple[int, int, str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.first, self.where = common_ground(self.one.tree, self.other.tree)
        self.host = self.one if self.first else self.other
        self.questions = [Question(side, self.asked).asked[0] for side in (self.one, self.other)]
        self.rows = _rows(self.host)

    @cached_property
    def alike(self) -> bool:
        """Whether both are played on one tree, node by node, so that one may be played as the other is."""
        return self.one.tree.n_nodes == self.other.tree.n_nodes and bool(
            (self.where == np.arange(len(self.where))).all()
        )

    def add(self, before: Batch, after: Batch) -> None:
        """Read two batches of the same draws."""
        tree, players = self.host.tree, self.host.tree.n_players
        steps = self._both(*(edges(batch.game, batch.behaviour, players) for batch in (before, after)))
        counted = [_counted(question, batch) for question, batch in zip(self.questions, (before, after), strict=True)]
        top, bottom = (self._paid(*(side[k] for side in counted)) for k in range(2))
        shared = contributions(tree, *steps, top)
        nothing = np.zeros_like(shared[0]), np.zeros_like(shared[1])
        given = any(question.given is not None for question in self.questions)
        shares, own, (level, other) = _ratio(
            [shared, contributions(tree, *steps, bottom) if given else nothing],
            [[_expectation(tree, s, p) for s, p in zip(steps, paid, strict=True)] for paid in (top, bottom)],
        )
        self.totals.append((level, other))
        self.values.setdefault((COUNTED, "", 0), []).append(own)
        there = [arrivals(tree, s) for s in steps]
        for key, rows in self.rows.items():
            self.values.setdefault(key, []).append(shares[rows].sum(axis=0))
            if key[0] == CHOICE:
                self._moves(key, rows, there)
        for name in self.one.model.outcomes:
            if name in self.other.model.outcomes:
                pair = tuple(outcome_probabilities(batch)[name] for batch in (before, after))
                self.outcomes.setdefault(name, []).append((pair[0], pair[1]))
        if not self.telling:
            self._choose(shares, np.abs(steps[1] - steps[0]) * there[0][tree.parent], before, after)
        for key, (h, g, move, against) in self.telling.items():
            self.gaps.setdefault(key, []).append(self._gap(before, after, h, g, move, against))

    def _both(self, before: Floats, after: Floats) -> tuple[Floats, Floats]:
        """The steps of both games on the tree that holds the plays of both."""
        tree = self.host.tree
        if self.first:
            return before, on_host(tree, self.where, before, after)
        return on_host(tree, self.where, after, before), after

    def _paid(self, before: Floats, after: Floats) -> tuple[Floats, Floats]:
        trees = (self.one.tree, self.other.tree)
        if self.first:
            return before, worth_on_host(trees[0], trees[1], self.where, before, after)
        return worth_on_host(trees[1], trees[0], self.where, after, before), after

    def _moves(self, key: Key, rows: Longs, there: Sequence[Floats]) -> None:
        """How often each move is made, and how likely it is to be asked, before and after."""
        tree = self.host.tree
        nodes = np.unique(tree.parent[rows])
        sides = [side[nodes].sum(axis=0) for side in there]
        self.reached.setdefault(key, []).append((sides[0], sides[1]))
        labels = np.array([tree.labels[x] for x in rows.tolist()])
        for move in dict.fromkeys(labels.tolist()):
            made = [side[rows[labels == move]].sum(axis=0) for side in there]
            self.made.setdefault((key, move), []).append((made[0], made[1]))

    def _choose(self, shares: Floats, moved: Floats, before: Batch, after: Batch) -> None:
        """For each decision the situation that contributes most (else, where most is played otherwise: `moved` [N, n]),
        and the moves that gain and lose most there."""
        tree = self.host.tree
        for key, rows in self.rows.items():
            if key[0] != CHOICE:
                continue
            sets = tree.infoset[tree.parent[rows]]
            weight = {}
            for h in np.unique(sets):
                mine = rows[sets == h]
                share = abs(float(np.nansum(shares[mine]))) / before.n
                weight[int(h)] = (share if share > LEAST else 0.0, float(moved[mine].sum()) / before.n)
            for h in sorted(weight, key=weight.__getitem__, reverse=True):
                if max(weight[h]) > LEAST and (found := self._turned(h, before, after)):
                    self.telling[key] = found
                    break

    def _turned(self, h: int, before: Batch, after: Batch) -> tuple[int, int, str, str] | None:
        """The number of a situation in either game, and the moves that gain and lose most there, if both have them."""
        tree = self.host.tree
        guest = (self.other if self.first else self.one).tree
        twins = self.where[members(tree, h)]
        if (twins < 0).any() or (there := int(guest.infoset[twins[0]])) < 0:
            return None
        if set(twins.tolist()) != set(members(guest, there).tolist()):  # more or less is known there
            return None
        mine, theirs = (h, there) if self.first else (there, h)
        names = [batch.tree.infosets[k].actions for batch, k in ((before, mine), (after, theirs))]
        both = [move for move in names[0] if move in names[1]]
        if len(both) < 2:
            return None
        rise = {move: rankable(_mean(after, theirs, move) - _mean(before, mine, move)) for move in both}
        return mine, theirs, max(both, key=rise.__getitem__), min(both, key=rise.__getitem__)

    def _gap(
        self, before: Batch, after: Batch, h: int, g: int, move: str, against: str
    ) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """[terms, n] the gap before and after, and after if all played as before; [n] the precisions."""

        def of(batch: Batch, k: int, steps: Floats) -> Floats:
            worth = expected_terms(batch.blueprint, k, steps, own_terms(batch, player))
            actions = batch.tree.infosets[k].actions
            gaps = worth[actions.index(move)] - worth[actions.index(against)]
            known = dict(zip(batch.blueprint.term_names[player], gaps, strict=True))
            return np.array([known.get(name, np.zeros(batch.n)) for name in self._terms(player)])

        player = int(before.tree.owner[h])
        old = own_steps(before, player)
        now, then = of(after, g, own_steps(after, player)), of(before, h, old)
        held = of(after, g, old) if self.alike else np.full_like(now, np.nan)
        return then, now, held, before.game.precision[player], after.game.precision[player]

    def _terms(self, player: int) -> tuple[str, ...]:
        """The payoff terms of a player on either side; one that is not there is worth nothing."""
        return tuple(dict.fromkeys((*self.one.term_names[player], *self.other.term_names[player])))

    # ------------------------------------------------------------------ what it came to

    def found(self, change: str, name: str, converged: float) -> WhyChange:
        """The answer. `change`: what was changed, `name`: what is asked about, in words."""
        parts = [self._part(key) for key in self.values]
        parts = [p for p in parts if not max(abs(p.effect.value), p.moved) <= LEAST]
        order = {stage: k for k, stage in enumerate(self.host.model.stages)}
        kinds = [COUNTED, TYPE, CONDITION, CHANCE, CHOICE]
        parts.sort(key=lambda p: (kinds.index(p.kind), p.period, order.get(p.name, -1)))
        before, after = (np.concatenate([t[k] for t in self.totals]) for k in range(2))
        outcomes = {name: _difference(name, rows) for name, rows in self.outcomes.items()}
        return WhyChange(change, difference(name, before, after), outcomes, tuple(parts), len(before), converged)

    def _part(self, key: Key) -> Contribution:
        kind, name, period = key
        values = np.concatenate(self.values[key])
        effect = mean_of(name or kind, values[~np.isnan(values)])
        if kind != CHOICE:
            return Contribution(kind, name, "", period, effect, None, {}, None)
        asked = _difference(name, self.reached[key])
        moves = {}
        for (of, move), rows in self.made.items():
            if of == key:
                shares = [
                    (_share(a, x), _share(b, y)) for (a, b), (x, y) in zip(rows, self.reached[key], strict=True)
                ]  # fmt: skip
                moves[move] = _difference(move, shares)
        actor = self.host.model.stages[name].actor
        return Contribution(kind, name, actor, period, effect, asked, moves, self._reason(key))

    def _reason(self, key: Key) -> Reason | None:
        if key not in self.telling:
            return None
        h, _, move, against = self.telling[key]
        then, now, held, slow, fast = (np.concatenate(rows, axis=-1) for rows in zip(*self.gaps[key], strict=True))
        info = self.one.tree.infosets[h]
        names = self._terms(info.player)
        worth = {}
        if self.alike:
            worth = {n: Finding.of(n, row, METHOD) for n, row in zip(names, held - then, strict=True)}
        return Reason(
            h, info.name, move, against,
            Finding.of("before", then.sum(axis=0), METHOD), Finding.of("after", now.sum(axis=0), METHOD),
            Finding.of("change", (now - then).sum(axis=0), METHOD),
            {n: Finding.of(n, row, METHOD) for n, row in zip(names, now - then, strict=True)}, worth,
            (Finding.of("precision before", slow), Finding.of("precision after", fast)),
        )  # fmt: skip


def _rows(blueprint: Blueprint) -> dict[Key, Longs]:
    """The nodes to which the steps of each thing that may contribute lead."""
    tree, found = blueprint.tree, dict[Key, list[int]]()
    for x in range(1, tree.n_nodes):
        found.setdefault(_key(blueprint, tree, int(tree.parent[x])), []).append(x)
    return {key: np.array(rows) for key, rows in found.items()}


def _key(blueprint: Blueprint, tree: Tree, node: int) -> Key:
    assert tree.kind[node] != TERMINAL
    if tree.kind[node] == DECISION:
        h = int(tree.infoset[node])
        return CHOICE, blueprint.stage_of(h), tree.infosets[h].period
    event = str(tree.tags[node])
    if event.startswith(GATE):
        return CONDITION, event.lstrip(GATE), 0
    return (TYPE if event in blueprint.model.private else CHANCE), event, 0


def _counted(asked: Asked, batch: Batch) -> tuple[Floats, Floats]:
    """[terminals, n] each: what plays count in what is asked, and whether they are among those it is asked of."""
    worth = batch.spread(asked.rows, None)
    if asked.given is None:
        return worth, np.ones_like(worth)
    inside = (batch.spread(asked.given, None) != 0).astype(float)
    return np.where(inside != 0, worth, 0.0), inside


def _expectation(tree: Tree, steps: Floats, paid: Floats) -> Floats:
    return np.asarray((arrivals(tree, steps)[tree.terminals] * paid).sum(axis=0))


def _ratio(
    parts: Sequence[tuple[Floats, Floats]], levels: Sequence[Sequence[Floats]]
) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
    """[N, n] the contributions to a ratio of expectations, those of what plays count [n], and the ratio on both sides.

    With r the ratio and D what it is given, r' - r = (N' - N - (r + r') / 2 (D' - D)) / ((D + D') / 2) exactly, so that
    contributions to numerator and denominator are made contributions to the ratio by the same weights.
    """
    (top, own), (bottom, own_bottom) = parts
    (n0, n1), (d0, d1) = levels
    before, after = (np.divide(n, d, out=np.full_like(n, np.nan), where=d > 0) for n, d in ((n0, d0), (n1, d1)))
    middle, mean = (before + after) / 2, (d0 + d1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        shares, rest = (top - middle * bottom) / mean, (own - middle * own_bottom) / mean
    return shares, rest, (before, after)


def _share(made: Floats, asked: Floats) -> Floats:
    return np.divide(made, asked, out=np.full_like(made, np.nan), where=asked > 0)


def _difference(name: str, rows: Sequence[tuple[Floats, Floats]]) -> Difference:
    before, after = (np.concatenate([row[k] for row in rows]) for k in range(2))
    return difference(name, before, after)


def _mean(batch: Batch, infoset: int, move: str) -> float:
    start = int(batch.tree.action_start[infoset])
    made = batch.behaviour[start + batch.tree.infosets[infoset].actions.index(move), batch.there(infoset)]
    return float(made.mean()) if made.size else np.nan
