"""The way from shared truth to full misperception, the same draws at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Question, judge
from detente.analyse.forecast.outcomes import outcome_probabilities
from detente.analyse.forecast.subject import Reading
from detente.analyse.perceptions.central import SCAN, CentralDraw, decisions_at
from detente.analyse.perceptions.portrait import (
    Turn,
    gap,
    turns,
    worth_of_moves,
)
from detente.analyse.perceptions.required_beliefs import Decision
from detente.arrays import Floats
from detente.display import Displayed
from detente.draws.sampler import Draws
from detente.engine.batch import Batch
from detente.engine.engine import Solving
from detente.engine.solved import converged
from detente.model.schema import Model


@dataclass(frozen=True)
class Sweep(Displayed):
    """From shared truth (s = 0) to the views of the model (1), the same draws at each step.

    Everything is listed by step. `best`: the share of draws in which the move asked about is the best one at a
    decision, in its maker's eyes. `turns`: where the most likely outcome, or the best move at an actor's first
    decisions, becomes another one.
    """

    reading: str
    s: tuple[float, ...]
    draws: int
    outcomes: Mapping[str, tuple[Finding, ...]]
    claims: Mapping[str, tuple[Finding, ...]]
    payoffs: Mapping[str, tuple[Finding, ...]]  # true ones
    best: tuple[tuple[Decision, tuple[float, ...]], ...]
    turns: tuple[Turn, ...]
    converged: float  # share of the draws of all steps
    answer: tuple[Finding, ...] = ()  # what the case asks about, where that is one number


def sweep(
    engine: Solving,
    base: Draws,
    middle: CentralDraw,
    reading: str,
    moved: Sequence[str],
    found: Mapping[str, tuple[str, str, list[Decision]]],
    at: Floats,
    questions: Mapping[str, Question],
    asked: Reading,
) -> Sweep:
    """What becomes of some draws as the views of some actors go from the truth to what the model says.

    `found`: by actor the stage, the move and the decisions that are looked at; `at` [m]: the shares of the way;
    `questions`: the claims; `asked`: what the case asks about. `middle` finds where the most likely outcome and the
    best first moves change.
    """
    blueprint, model, n = middle.blueprint, middle.model, base.n
    engine = engine.seeing(reading)
    columns: dict[tuple[str, Any], list[Any]] = {}
    good = []
    for s in at:
        read: dict[tuple[str, Any], list[Floats]] = {}
        for solved in engine.solve(
            blueprint, blueprint.sampler.draw(n, base.seed, _views(model, base, moved, float(s)))
        ):
            batch = solved.batch
            good.append(converged(solved).mean())
            for name, p in outcome_probabilities(batch).items():
                read.setdefault(("outcomes", name), []).append(p)
            for name, claim in questions.items():
                read.setdefault(("claims", name), []).append(claim(batch))
            if len(asked.rows) == 1:
                read.setdefault(("answer", asked.text), []).append(asked(batch)[0])
            for player, name in enumerate(blueprint.tree.players):
                read.setdefault(("payoffs", name), []).append(_true_payoff(batch, player))
            for name, (_, move, decisions) in found.items():
                sets = [d.infoset for d in decisions]
                for d, values in zip(decisions, worth_of_moves(batch, blueprint.player(name), sets), strict=True):
                    k = blueprint.tree.infosets[d.infoset].actions.index(move)
                    read.setdefault(("best", d), []).append((gap(values, k) >= 0).astype(float))
        for key, parts in read.items():
            columns.setdefault(key, []).append(np.concatenate(parts))

    def told(kind: str) -> dict[str, tuple[Finding, ...]]:
        return {name: tuple(Finding.of(name, v) for v in rows) for (k, name), rows in columns.items() if k == kind}

    claims = {
        name: tuple(judge(name, "", v).share for v in rows)
        for (kind, name), rows in columns.items()
        if kind == "claims"
    }
    best = tuple((d, tuple(float(v.mean()) for v in rows)) for (kind, d), rows in columns.items() if kind == "best")
    outcomes = told("outcomes")
    return Sweep(
        reading, tuple(at.tolist()), n, outcomes, claims, told("payoffs"), best,
        (*_mean_turns(at, outcomes), *_middle_turns(middle, reading, moved)), float(np.mean(good)),
        told("answer").get(asked.text, ()),
    )  # fmt: skip


def _views(model: Model, base: Draws, moved: Sequence[str], s: float) -> dict[str, Floats]:
    """[n] each: what the actors see for themselves, at a share of the way from the truth to their views."""
    return {
        f"{name} seen by {actor}": (1 - s) * base.truth[name] + s * base.views[actor][name]
        for actor in moved for name, quantity in model.quantities.items() if actor in quantity.seen_by
    }  # fmt: skip


def _true_payoff(batch: Batch, player: int) -> Floats:
    paid = batch.blueprint.paid(player, batch.draws, None)
    return np.asarray((batch.endings * paid[batch.tree.slot[batch.tree.terminals]]).sum(axis=0))


def _mean_turns(at: Floats, outcomes: Mapping[str, tuple[Finding, ...]]) -> list[Turn]:
    """Where the most likely outcome of the mean forecast changes, interpolated between two steps."""
    names, found = list(outcomes), []
    means = np.array([[f.value for f in outcomes[name]] for name in names])
    top = means.argmax(axis=0)
    for k in np.flatnonzero(top[1:] != top[:-1]):
        a, b = top[k], top[k + 1]
        lead, lag = means[a, k] - means[b, k], means[b, k + 1] - means[a, k + 1]
        s = float(at[k] + (at[k + 1] - at[k]) * lead / (lead + lag))
        found.append(Turn("the most likely outcome", s, names[a], names[b], "mean of the draws"))
    return found


def _middle_turns(middle: CentralDraw, reading: str, moved: Sequence[str]) -> list[Turn]:
    """Where the most likely outcome and the best moves at first decisions change at the median draw."""
    blueprint, model = middle.blueprint, middle.model
    both = middle.ends(moved, reading)
    watched: list[tuple[int, Decision, str]] = []
    for stage, what in model.stages.items():
        if what.actor:
            first = [d for d in decisions_at(blueprint, what.actor, stage, both) if d.when == "first"]
            tops = {d.own: d for d in reversed(first)}  # of each type the one that is reached most
            watched += [(blueprint.player(what.actor), d, stage) for d in tops.values()]

    def read(s: Floats) -> dict[str, list[str]]:
        labels: dict[str, list[str]] = {}
        for solved in middle.solved(reading, middle.along(moved, s)):
            p = outcome_probabilities(solved.batch)
            names = list(p)
            labels.setdefault("the most likely outcome", []).extend(
                names[k] for k in np.array(list(p.values())).argmax(axis=0)
            )
            for player in range(blueprint.tree.n_players):
                mine = [(d, stage) for owner, d, stage in watched if owner == player]
                values = worth_of_moves(solved.batch, player, [d.infoset for d, _ in mine])
                for (d, stage), worth in zip(mine, values, strict=True):
                    actions = blueprint.tree.infosets[d.infoset].actions
                    what = f"{blueprint.tree.players[player]}'s best {stage}" + (f", {d.own}" if d.own else "")
                    labels.setdefault(f"{what}, after {d.where}", []).extend(actions[k] for k in worth.argmax(axis=0))
        return labels

    return turns(read, np.linspace(0, 1, SCAN))
