"""How an actor sees a crisis, what it expects of it, what really follows, and what seeing it otherwise costs.

Three games meet here (Bennett 1977): the one an actor believes to be played, with the behaviour it expects; the play as
it truly goes; and the one it would play if it alone saw truly. The last defines the cost of a misperception: the actor
answers *the same others*, whose behaviour is held where it is, with the logit response of its own precision to the true
payoffs and probabilities, and the cost is what it truly expects then less what it truly expects now. The noise of
quantal response is in both, so that an actor that sees the truth and foresees the others rightly loses nothing by this
measure. What the best response would add besides is given beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from detente.analyse.finding import HIGH, LOW, Finding
from detente.analyse.forecast import infosets
from detente.analyse.thresholds import brackets
from detente.arrays import Bools, Floats, Longs
from detente.display import Displayed
from detente.draws.sampler import Draws
from detente.draws.sources import Sources
from detente.engine.batch import Batch, edges, expected, reach
from detente.game.blueprint import Blueprint
from detente.game.default import log_default

REFERENCE = "Bennett (1977), Toward a theory of hypergames, Omega 5, 749-751"
COST = "what it truly expects of its logit response to the same others in the true game, less what it truly expects now"
TIE = 1e-9  # of the spread of payoffs, within which moves are equally good


@dataclass(frozen=True)
class Belief(Displayed):
    """A quantity as an actor sees it beside the truth: medians, with the 5th and 95th percentile of draws.

    `factor`: seen over true, draw by draw (None where it has no one sign). `distance`: from the true to the seen
    median, in prior standard deviations (`Sources.score`): nan for what is known exactly, infinite for what the
    analyst considers impossible.
    """

    quantity: str
    unit: str
    truth: Finding
    seen: Finding
    factor: Finding | None
    distance: float


@dataclass(frozen=True)
class Expectation(Displayed):
    """The probability of something in an actor's eyes, and as it truly is.

    That of a move is conditional on its owner being asked at least once: draws in which it never is are left out.
    """

    what: str
    owner: str  # whose move it is; empty for an outcome
    expected: Finding
    real: Finding


@dataclass(frozen=True)
class Cost(Displayed):
    """What an actor expects, in stakes: as the actor sees the game (`hoped`), truly (`real`), and truly if it alone saw
    truly.

    `cost` is `seeing` less `real`, draw by draw, and `best` the same for its best response.
    """

    hoped: Finding
    real: Finding
    seeing: Finding
    cost: Finding
    best: Finding


@dataclass(frozen=True)
class Portrait(Displayed):
    """One actor: what it believes, expects, does, and loses by it."""

    actor: str
    beliefs: tuple[Belief, ...]
    outcomes: tuple[Expectation, ...]
    others: tuple[Expectation, ...]
    own: tuple[Expectation, ...]
    asked: tuple[Expectation, ...]  # for each deciding stage, by its name, that its owner is asked at all
    payoff: Cost


def median(name: str, values: Floats) -> Finding:
    """The median of one number per draw, with its 90% interval over the draws."""
    middle, low, high = (float(x) for x in np.quantile(values, [0.5, LOW, HIGH]))
    return Finding(name, middle, low, high, len(values), method="median over draws")


def beliefs(blueprint: Blueprint, draws: Draws, actor: str) -> tuple[Belief, ...]:
    """The quantities that an actor does not see as they are; those made of such are among them."""
    found, sources = [], Sources(blueprint.sampler)
    for name, seen in draws.views.get(actor, {}).items():
        truth, unit = draws.truth[name], blueprint.model.quantities[name].unit
        one_sign = (truth > 0).all() or (truth < 0).all()
        distance = float(sources.distance(name, np.median(truth), np.median(seen))[0])
        factor = median("factor", seen / truth) if one_sign else None
        found.append(Belief(name, unit, median(name, truth), median(name, seen), factor, distance))
    return tuple(found)


Mask = Bools


@lru_cache(maxsize=8)
def events(blueprint: Blueprint) -> tuple[dict[str, Mask], dict[tuple[str, str], Mask], dict[str, Mask]]:
    """[terminals] each: the plays that end so, by outcome; those in which a move is made, by (stage, move); and those
    in which somebody is asked for one, by stage."""
    scenes = [blueprint.scene(int(x)) for x in blueprint.tree.terminals]
    outcomes = {name: np.array([scene.outcome == name for scene in scenes]) for name in blueprint.model.outcomes}
    moves, asked = {}, {}
    for name, stage in blueprint.model.stages.items():
        if not stage.actor:
            continue
        asked[name] = np.array([any(name in r for r in scene.records) for scene in scenes])
        for move in stage.results:
            moves[name, move] = np.array([any(r.get(name) == move for r in scene.records) for scene in scenes])
    return outcomes, moves, asked


@dataclass(frozen=True, eq=False)
class Glance:
    """What is read of one batch for one actor; [n] each, expected and real side by side."""

    outcomes: Mapping[str, tuple[Floats, Floats]]
    moves: Mapping[tuple[str, str], tuple[Floats, Floats]]  # when it is asked; nan where it never is
    asked: Mapping[str, tuple[Floats, Floats]]
    payoffs: tuple[Floats, Floats, Floats, Floats]  # hoped, real, correct beliefs, best


def glance(batch: Batch, player: int, unlimited: bool = False) -> Glance:
    """What a player expects of a batch, and what is true. `unlimited`: precision played no part in solving it."""
    believed, real = batch.believed_endings(player), batch.endings
    slots = batch.tree.slot[batch.tree.terminals]
    in_truth = batch.blueprint.paid(player, batch.draws, None)
    in_eyes = batch.views[player][0].payoffs[:, player]
    precision = batch.game.precision[player]
    endless = np.full_like(precision, np.inf)
    payoffs = (
        (believed * in_eyes[slots]).sum(axis=0),
        (real * in_truth[slots]).sum(axis=0),
        answered(batch, player, in_truth, endless if unlimited else precision),
        answered(batch, player, in_truth, endless),
    )

    def both(mask: Mask) -> tuple[Floats, Floats]:
        return believed[mask].sum(axis=0), real[mask].sum(axis=0)

    outcomes, moves, stages = events(batch.blueprint)
    asked = {stage: both(mask) for stage, mask in stages.items()}
    made = {(stage, move): _given(both(mask), asked[stage]) for (stage, move), mask in moves.items()}
    return Glance({name: both(mask) for name, mask in outcomes.items()}, made, asked, payoffs)


def _given(made: tuple[Floats, Floats], asked: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """[n] each: how often a move is made when it is asked, expected and real; nan where it never is."""
    one, other = (
        np.divide(p, q, out=np.full_like(p, np.nan), where=q > 0) for p, q in zip(made, asked, strict=True)
    )  # fmt: skip
    return one, other


def portrait(blueprint: Blueprint, draws: Draws, player: int, glances: Sequence[Glance]) -> Portrait:
    """An actor from what was read of all batches."""
    actor = blueprint.tree.players[player]

    def pair(what: str, owner: str, parts: Sequence[tuple[Floats, Floats]]) -> Expectation:
        expected, real = (np.concatenate([part[k] for part in parts]) for k in range(2))
        known = [Finding.of(what, values[~np.isnan(values)]) for values in (expected, real)]
        return Expectation(what, owner, *known)

    moves = [
        pair(f"{stage} is {move}", blueprint.model.stages[stage].actor, [g.moves[stage, move] for g in glances])
        for stage, move in glances[0].moves
    ]
    hoped, real, seeing, best = (np.concatenate([g.payoffs[k] for g in glances]) for k in range(4))
    return Portrait(
        actor,
        beliefs(blueprint, draws, actor),
        tuple(pair(name, "", [g.outcomes[name] for g in glances]) for name in glances[0].outcomes),
        tuple(m for m in moves if m.owner != actor),
        tuple(m for m in moves if m.owner == actor),
        tuple(
            pair(stage, blueprint.model.stages[stage].actor, [g.asked[stage] for g in glances])
            for stage in glances[0].asked
        ),
        Cost(
            Finding.of("hoped", hoped), Finding.of("real", real), Finding.of("correct beliefs", seeing, COST),
            Finding.of("cost", seeing - real, COST, REFERENCE), Finding.of("best", best - real),
        ),
    )  # fmt: skip


def answered(batch: Batch, player: int, payoffs: Floats, precision: Floats) -> Floats:
    """[n] what a player truly expects if it answers the others, as they behave, seeing all as it is.

    `payoffs` [S, n] are its true ones; `precision` [n], infinite for the best response. By perfect recall the members
    of one of its sets differ in nothing that it did itself: its sets can be settled one by one, the last first.
    """
    game, tree = batch.game, batch.tree
    steps = edges(game, batch.behaviour, tree.n_players)
    behaviour = batch.behaviour.copy()
    moved = tree.edge_action >= 0
    moved[moved] = tree.owner[tree.action_infoset[tree.edge_action[moved]]] == player
    logs = infosets.logarithms(tree, steps, moved)
    worth = np.empty_like(steps)
    worth[tree.terminals] = payoffs[tree.slot[tree.terminals]]
    spread, log_defaults = np.ptp(payoffs, axis=0), log_default(game, slice(None))
    for item in tree.order[::-1].tolist():
        if item < 0:
            first = int(tree.first_child[-1 - item])
            children = slice(first, first + int(tree.children[-1 - item]))
            worth[-1 - item] = (steps[children] * worth[children]).sum(axis=0)
            continue
        members = infosets.members(tree, item)
        actions = slice(int(tree.action_start[item]), int(tree.action_start[item + 1]))
        below = tree.first_child[members][:, None] + np.arange(actions.stop - actions.start)
        if tree.owner[item] == player:
            pay = (infosets.beliefs(logs[members])[:, None] * worth[below]).sum(axis=0)
            there = None if game.available is None else game.available[actions]
            preferred = None if log_defaults is None else log_defaults[actions]
            behaviour[actions] = _logit(pay, there, preferred, precision, spread)
        worth[members] = (behaviour[actions] * worth[below]).sum(axis=1)
    return np.asarray(worth[0])


def _logit(pay: Floats, there: Bools | None, preferred: Floats | None, precision: Floats, spread: Floats) -> Floats:
    """[k, n] the logit response to what moves are worth, from the logarithms of a default; the best move, ties shared,
    where precision is infinite."""
    if there is not None:
        pay = np.where(there, pay, -np.inf)
    behind = pay.max(axis=0) - pay
    endless = np.isposinf(precision)
    with np.errstate(invalid="ignore"):
        logit = -np.where(endless, 0.0, precision) * behind
        if preferred is not None:
            logit += preferred
            logit -= (logit if there is None else np.where(there, logit, -np.inf)).max(axis=0)
        odds = np.where(endless, behind <= TIE * spread, np.exp(logit))
    if there is not None:
        odds = odds * there
    return np.asarray(odds / odds.sum(axis=0))


def worth_of_moves(batch: Batch, player: int, sets: Sequence[int]) -> list[Floats]:
    """[moves, n] for each of some sets of a player: what it expects of each move there, as it sees the game."""
    tree, (game, behaviour) = batch.tree, batch.views[player]
    steps = edges(game, behaviour, player)
    worth = expected(tree, steps, game.payoffs[tree.slot[tree.terminals], player])
    logs = infosets.logarithms(tree, steps)
    found = []
    for h in sets:
        members = infosets.members(tree, h)
        count = int(tree.action_start[h + 1] - tree.action_start[h])
        below = tree.first_child[members][:, None] + np.arange(count)
        found.append((infosets.beliefs(logs[members])[:, None] * worth[below]).sum(axis=0))
    return found


def gap(values: Floats, move: int) -> Floats:
    """[n] how much better a move is than the best of the others, from [moves, n]."""
    return np.asarray(values[move] - np.delete(values, move, axis=0).max(axis=0))


def coming(batch: Batch, player: int, sets: Sequence[int]) -> Floats:
    """[sets, n] the probability of coming to some sets of a player, as it sees the game."""
    game, behaviour = batch.views[player]
    return infosets.coming(batch.tree, reach(game, behaviour, player))[list(sets)]


@dataclass(frozen=True)
class Turn(Displayed):
    """Where on the way from shared truth (0) to full misperception (1) something becomes something else."""

    what: str
    s: float
    before: str
    after: str
    of: str  # `median draw`, or `mean of the draws`


def turns(read: Callable[[Floats], Mapping[str, Sequence[str]]], scan: Floats, rounds: int = 4) -> list[Turn]:
    """Where labels change along the way, each change between two points of the scan cut down seventeen parts at a time.

    `read` gives the label of each thing watched at [m] positions.
    """
    first = read(scan)
    things = list(first)
    known: dict[str, int] = {}

    def numbered(labels: Sequence[str]) -> Longs:
        return np.array([known.setdefault(label, len(known)) for label in labels])

    def label(owners: Longs, at: Floats) -> Longs:
        rows = read(at)
        return numbered([rows[things[owner]][k] for k, owner in enumerate(owners)])

    found = [b for k, what in enumerate(things) for b in brackets.turns(k, scan, numbered(first[what]))]
    narrow = brackets.narrow(found, label, rounds, 17)
    names = list(known)
    ends = [Turn(things[b.owner], b.high, names[b.before], names[b.after], "median draw") for b in narrow]
    return sorted(ends, key=lambda t: t.s)
