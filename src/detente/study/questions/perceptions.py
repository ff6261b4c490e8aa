"""Perceptions, conducted: what each actor believes and loses by it, the way from shared truth to full misperception,
and what an actor would have to believe for a move to be its best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Unpack

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import Question, judge
from detente.analyse.forecast.outcomes import outcome_probabilities
from detente.analyse.perceptions.portrait import (
    Portrait,
    Turn,
    coming,
    gap,
    glance,
    portrait,
    turns,
    worth_of_moves,
)
from detente.analyse.perceptions.required_beliefs import Axis, Conviction, Decision, View, convictions
from detente.arrays import Floats
from detente.draws.sampler import Draws, Sampler
from detente.draws.sources import Sources
from detente.engine.batch import Batch
from detente.engine.solved import Solved, converged
from detente.errors import QuestionError, nearest
from detente.game.blueprint import Blueprint
from detente.language.expressions import ExpressionError, Is, parse
from detente.model.schema import Model
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, study_of
from detente.study.settings import Settings
from detente.study.study import Study

READINGS = ("common", "private")
SWEPT = 300  # draws of the sweep
STEPS = 11
SCAN = 101  # points of the way at the central draw
RARE = 0.05  # of the plays with its types in which an actor decides here; below it a set is left out


@dataclass(frozen=True)
class Sweep:
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


@dataclass(frozen=True)
class Need:
    """What an actor must believe for a move to be its best, in both readings, at the central draw."""

    actor: str
    stage: str
    move: str
    axes: tuple[View, ...]
    view_distance: float  # of the view of the model from the truth, in prior standard deviations
    convictions: Mapping[str, tuple[Conviction, ...]]

    def leading(self, reading: str, way: str = "line") -> Conviction:
        """The one that a summary speaks of: what is found nearest at a first decision, or what comes nearest."""
        some = [c for c in self.convictions[reading] if c.decision.when == "first"]
        lines = [c for c in some if c.way == "line"]
        first = min(lines, key=lambda c: (not c.found, c.distance if c.found else -c.after))
        return next((c for c in some if c.way == way and c.decision == first.decision), first)


@dataclass(frozen=True)
class Perceptions:
    """The answer of `detente perceptions`."""

    portraits: Mapping[str, Portrait]
    moved: tuple[str, ...]  # the actors whose views the sweep changes
    sweeps: Mapping[str, Sweep]
    needs: tuple[Need, ...]


@question("perceptions", topic="perceptions", draws=DRAWS, of_study=True)
def perceptions(
    case: Asked,
    actor: Annotated[str | None, Option("An actor [default: all of them].", names="actors")] = None,
    *,
    move: Annotated[
        str | None,
        Option(
            "The move that is to be the best one [default: the one that misperception speaks for most].",
            metavar="'STAGE is MOVE'",
        ),
    ] = None,
    swept: Annotated[int, Option("Draws of each step of the sweep.", flag="sweep", low=16)] = SWEPT,
    steps: Annotated[int, Option("Steps from shared truth to full misperception.", low=2, high=101)] = STEPS,
    **settings: Unpack[Settings],
) -> Perceptions:
    """Show what actors believe beside what is true, what that costs them, and what they must believe to act.

    `actor`: only this one (default: all). `move`: the move that is to be the best, `posture is invade` (default: the
    one that the misperception speaks for most). `swept`: draws of each of the `steps` of the sweep. Views that others
    do not know of make a hypergame (Bennett 1977, Omega 5, 749-751).
    Raises ModelError, and QuestionError where nobody sees anything otherwise than it is.
    """
    if steps < 2:
        raise QuestionError(f"a sweep of {steps} steps goes nowhere; take at least 2 (0 and 1)")
    study = study_of(case, settings)
    blueprint, model = study.blueprint, study.model
    seeing = [name for name in model.actors if study.draws.views.get(name)]
    wanted = _asked(model, seeing, actor, move)
    glances: dict[str, list[Any]] = {name: [] for name in ([actor] if actor else model.actors)}
    for batch in study.batches():
        for name, parts in glances.items():
            parts.append(glance(batch, blueprint.player(name), study.unlimited))
    portraits = {
        name: portrait(blueprint, study.draws, blueprint.player(name), parts) for name, parts in glances.items()
    }
    moved = (actor,) if actor in seeing else tuple(seeing)
    middle = _Middle(study)
    own = study.engine.perception
    asked = {
        name: wanted if wanted and model.stages[wanted[0]].actor == name else middle.telling(name, own)
        for name in moved
    }
    looked = {r: {name: (*asked[name], middle.decisions(name, asked[name][0], r)) for name in moved} for r in READINGS}
    questions = {name: Question(blueprint, claim.holds.expression) for name, claim in model.claims.items()}
    at = np.linspace(0, 1, steps)
    sweeps = {r: _sweep(study, middle, r, moved, looked[r], min(swept, study.n), at, questions) for r in READINGS}
    needs = [_need(study, middle, name, *asked[name], {r: looked[r][name][2] for r in READINGS}) for name in moved]
    return Perceptions(portraits, moved, sweeps, tuple(needs))


def _asked(model: Model, seeing: Sequence[str], actor: str | None, move: str | None) -> tuple[str, str] | None:
    """The stage and the move asked about. Raises QuestionError, saying what can be asked."""
    if actor is not None and actor not in model.actors:
        raise QuestionError(f"there is no actor {actor!r}; {nearest(actor, model.actors)}")
    if not seeing:
        raise QuestionError(
            f"in {model.name} everybody sees every quantity as it is, so there is no misperception to look into. Give "
            "an actor a view of its own in a quantity, such as `seen_by: {Russia: cost * (0.3 to 0.9)}`, or take a "
            "case that has one (ukraine-2022-kremlin)"
        )
    if move is None:
        return None
    try:
        event = parse(move)
    except ExpressionError as error:
        raise QuestionError(f"{move!r} is no move: {error.message}; write `stage is move`") from error
    if not isinstance(event, Is) or len(event.labels) != 1:
        raise QuestionError(f"{move!r} is not one move; write `stage is move`, such as `posture is invade`")
    deciding = [name for name, stage in model.stages.items() if stage.actor]
    if event.subject not in deciding:
        raise QuestionError(f"nobody decides at {event.subject!r}; {nearest(event.subject, deciding)}")
    stage = model.stages[event.subject]
    if event.labels[0] not in stage.results:
        raise QuestionError(
            f"{event.subject} has no move {event.labels[0]!r}; {nearest(event.labels[0], stage.results)}"
        )
    if stage.actor not in seeing or (actor is not None and stage.actor != actor):
        told = f"{stage.actor} sees every quantity as it is" if stage.actor not in seeing else f"{actor} does not"
        raise QuestionError(
            f"{stage.actor} decides at {event.subject}, and {told}; ask about a move of "
            + " or ".join(name for name in seeing if actor in (None, name))
        )
    return event.subject, event.labels[0]


class _Middle:
    """The central draw: every source of uncertainty at its median. Solved at many views of one actor at once."""

    def __init__(self, study: Study) -> None:
        self.blueprint, self.model = study.blueprint, study.model
        self.engine = study.engine.bare
        self.sampler = Sampler(self.model, scores=lambda _: np.zeros(1))
        self.draw = self.sampler.draw(1, study.draws.seed)
        sources, self.axes = Sources(Sampler(self.model)), {}
        for actor in self.model.actors:
            self.axes[actor] = tuple(
                Axis(
                    name, q.unit, float(self.draw.truth[name][0]), float(self.draw.views[actor][name][0]),
                    sources,
                )
                for name, q in self.model.quantities.items() if actor in q.seen_by
            )  # fmt: skip

    def solved(self, reading: str, seen: Mapping[str, Floats]) -> Iterator[Solved]:
        """The batches at [m] views: `seen` holds `x seen by A`; all else is at the central draw."""
        return self.engine.seeing(reading).solve(self.blueprint, self._drawn(seen))

    def imagined(self, actor: str, reading: str, seen: Mapping[str, Floats]) -> Iterator[Solved]:
        """The same as far as one actor goes: in the private reading only the game that it believes in is solved."""
        draws = self._drawn(seen)
        if reading == "private":
            draws = replace(draws, truth=draws.seen_by(actor), views={})
        return self.engine.seeing("common").solve(self.blueprint, draws)

    def _drawn(self, seen: Mapping[str, Floats]) -> Draws:
        return self.sampler.draw(len(next(iter(seen.values()))), self.draw.seed, seen)

    def along(self, actors: Sequence[str], s: Floats) -> dict[str, Floats]:
        """The views of some actors at [m] shares of the way from the truth."""
        return {
            f"{axis.quantity} seen by {actor}": (1 - s) * axis.truth + s * axis.view
            for actor in actors for axis in self.axes[actor]
        }  # fmt: skip

    def ends(self, actors: Sequence[str], reading: str) -> Batch:
        """Two draws: these actors see all as it is; and they see it as the model says."""
        return next(self.solved(reading, self.along(actors, np.array([0.0, 1.0])))).batch

    def decisions(self, actor: str, stage: str, reading: str) -> list[Decision]:
        """The information sets at which a move at a stage is looked at."""
        return _decisions(self.blueprint, actor, stage, self.ends([actor], reading))

    def telling(self, actor: str, reading: str) -> tuple[str, str]:
        """The stage and the move whose gap to the best other one the misperception closes most of, at first."""
        both, player = self.ends([actor], reading), self.blueprint.player(actor)
        best, chosen = -np.inf, ("", "")
        for stage, what in self.model.stages.items():
            if what.actor != actor:
                continue
            first = [d for d in _decisions(self.blueprint, actor, stage, both) if d.when == "first"]
            for decision, values in zip(first, worth_of_moves(both, player, [d.infoset for d in first]), strict=True):
                for k, move in enumerate(self.blueprint.tree.infosets[decision.infoset].actions):
                    before, after = gap(values, k)
                    closed = (after - before) / -before if before < 0 else -np.inf
                    if closed > best:
                        best, chosen = closed, (stage, move)
        if not chosen[0]:
            raise QuestionError(f"{actor} has no choice to make in this model, whatever it believes")
        return chosen


def _decisions(blueprint: Blueprint, actor: str, stage: str, batch: Batch) -> list[Decision]:
    """The sets at which an actor first decides at a stage, for each of its types, and the one at which it last does."""
    player, found = blueprint.player(actor), []
    groups: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for h, info in enumerate(blueprint.tree.infosets):
        if info.player != player or blueprint.stage_of(h) != stage or len(info.actions) < 2:
            continue
        events = [(event.partition(":")[2] or event, label) for event, label in info.situation]
        mine = [(e, v) for e, v in events if e in blueprint.model.private and e.startswith(f"{actor}.")]
        own = ", ".join(f"{event.partition('.')[2]} is {label}" for event, label in mine)
        seen = ", ".join(f"{event} {label}" for event, label in [e for e in events if e not in mine][-3:])
        groups.setdefault((own, sum(event == stage for event, _ in events)), []).append((h, seen))
    last = max((times for _, times in groups), default=0)
    for (own, times), sets in groups.items():
        if times not in (0, last):
            continue
        there = coming(batch, player, [h for h, _ in sets])[:, 0]
        share = there / max(float(there.sum()), 1e-300)
        some = [
            Decision(h, seen or "the start", own, "last" if times else "first", float(part))
            for (h, seen), part in zip(sets, share, strict=True)
            if part >= RARE or part == share.max()
        ]
        some.sort(key=lambda d: -d.share)
        found += some[:1] if times else some
    return sorted(found, key=lambda d: (d.when != "first", d.own))


def _sweep(
    study: Study,
    middle: _Middle,
    reading: str,
    moved: Sequence[str],
    found: Mapping[str, tuple[str, str, list[Decision]]],
    n: int,
    at: Floats,
    questions: Mapping[str, Question],
) -> Sweep:
    blueprint, model = study.blueprint, study.model
    engine = study.engine.seeing(reading)
    base = study.draws.part(0, n)
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
    """Where the likeliest outcome of the mean forecast changes, interpolated between two steps."""
    names, found = list(outcomes), []
    means = np.array([[f.value for f in outcomes[name]] for name in names])
    top = means.argmax(axis=0)
    for k in np.flatnonzero(top[1:] != top[:-1]):
        a, b = top[k], top[k + 1]
        lead, lag = means[a, k] - means[b, k], means[b, k + 1] - means[a, k + 1]
        s = float(at[k] + (at[k + 1] - at[k]) * lead / (lead + lag))
        found.append(Turn("the likeliest outcome", s, names[a], names[b], "mean of the draws"))
    return found


def _middle_turns(middle: _Middle, reading: str, moved: Sequence[str]) -> list[Turn]:
    """Where the likeliest outcome and the best moves at first decisions change at the central draw."""
    blueprint, model = middle.blueprint, middle.model
    both = middle.ends(moved, reading)
    watched: list[tuple[int, Decision, str]] = []
    for stage, what in model.stages.items():
        if what.actor:
            first = [d for d in _decisions(blueprint, what.actor, stage, both) if d.when == "first"]
            tops = {d.own: d for d in reversed(first)}  # of each type the one that is reached most
            watched += [(blueprint.player(what.actor), d, stage) for d in tops.values()]

    def read(s: Floats) -> dict[str, list[str]]:
        labels: dict[str, list[str]] = {}
        for solved in middle.solved(reading, middle.along(moved, s)):
            p = outcome_probabilities(solved.batch)
            names = list(p)
            labels.setdefault("the likeliest outcome", []).extend(
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


def _need(
    study: Study, middle: _Middle, actor: str, stage: str, move: str, decisions: Mapping[str, list[Decision]]
) -> Need:
    axes, player = middle.axes[actor], study.blueprint.player(actor)
    told = {}
    for reading, looked in decisions.items():
        sets = [d.infoset for d in looked]

        def solve(points: Floats, reading: str = reading, sets: Sequence[int] = sets) -> tuple[Floats, Floats]:
            gaps: list[Floats] = []
            residual: list[Floats] = []
            seen = {f"{axis.quantity} seen by {actor}": row for axis, row in zip(axes, points, strict=True)}
            for solved in middle.imagined(actor, reading, seen):
                actions = [study.blueprint.tree.infosets[h].actions for h in sets]
                values = worth_of_moves(solved.batch, player, sets)
                gaps.append(np.array([gap(v, a.index(move)) for v, a in zip(values, actions, strict=True)]))
                residual.append(solved.certificate.residual)
            return np.concatenate(gaps, axis=1), np.concatenate(residual)

        told[reading] = tuple(convictions(axes, looked, solve))
    views = tuple(View.of(axis) for axis in axes)
    return Need(actor, stage, move, views, float(np.linalg.norm([view.score for view in views])), told)
