"""The median draw, every source of uncertainty at its median, solved at many views of one actor at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.forecast.subject import Reading, at_issue
from detente.analyse.perceptions.portrait import coming, gap, worth_of_moves
from detente.analyse.perceptions.required_beliefs import Axis, Decision
from detente.arrays import Floats
from detente.draws.sampler import MEDIAN, Draws
from detente.draws.sources import Sources
from detente.engine.batch import Batch
from detente.engine.engine import Solving
from detente.engine.solved import Solved
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint

SCAN = 101  # points of the way at the median draw
TRIED = 12  # moves of a stage that are made in turn, to see what depends on them
LEAST = 1e-6  # by how much a move must raise what is asked about
ALIKE = 0.9  # of what the move that raises it most does: a move that does so much answers the question alike
RARE = 0.05  # of the plays with its types in which an actor decides here; below it a set is left out


@dataclass(frozen=True)
class Hinge:
    """The move on which what the case asks about hangs most, and the other moves that raise it alike."""

    stage: str
    move: str
    alike: tuple[str, ...] = ()  # each as `stage is move`


class CentralDraw:
    """The median draw: every source of uncertainty at its median. Solved at many views of one actor at once."""

    def __init__(self, blueprint: Blueprint, engine: Solving, seed: int) -> None:
        """`engine` solves the draws of the study, and `seed` is theirs."""
        self.blueprint, self.model = blueprint, blueprint.model
        self.engine = engine.bare
        self.sampler = replace(blueprint.sampler, scores=lambda _: MEDIAN)
        self.draw = self.sampler.draw(1, seed)
        sources, self.axes = Sources(blueprint.sampler), {}
        for actor in self.model.actors:
            self.axes[actor] = tuple(
                Axis(
                    name, q.unit, float(self.draw.truth[name][0]), float(self.draw.views[actor][name][0]),
                    sources,
                )
                for name, q in self.model.quantities.items() if actor in q.seen_by
            )  # fmt: skip

    def solved(self, reading: str, seen: Mapping[str, Floats]) -> Iterator[Solved]:
        """The batches at [m] views: `seen` holds `x seen by A`; all else is at the median draw."""
        return self.engine.seeing(reading).solve(self.blueprint, self._drawn(seen))

    def imagined(self, actor: str, reading: str, seen: Mapping[str, Floats]) -> Iterator[Solved]:
        """The same as far as one actor goes: with private perceptions only the game that it believes in is solved."""
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
        return decisions_at(self.blueprint, actor, stage, self.ends([actor], reading))

    def telling(self, actor: str, reading: str) -> Hinge:
        """The stage and the move that what the case asks about depends on most.

        Where that is one number (`answer:`, or the outcome that happened), the move which, made wherever it can be
        while all others act as they did, raises it most; of several that raise it alike the one that is the best first
        on the way from the truth to the view of the model. Else the stage whose moves, always made, lead to the
        forecasts that are furthest apart (total variation), and the move there that the misperception speaks for most:
        whose gap to the best other one it closes most of.
        Raises QuestionError for an actor that has no choice.
        """
        both = self.ends([actor], reading)
        stages = [s for s, what in self.model.stages.items() if what.actor == actor]
        first = {s: [d for d in decisions_at(self.blueprint, actor, s, both) if d.when == "first"] for s in stages}
        if not (open_ := [stage for stage in stages if first[stage]]):
            raise QuestionError(f"{actor} has no choice to make in this model, whatever it believes")
        asked = at_issue(self.model)
        tried = [(s, move) for s in open_ for move in _some(self._moves(first[s]))]
        if len(asked.rows) == 1:
            (free,) = self.engine.seeing(reading).solve(self.blueprint, self.draw)
            level = asked(free.batch)[0, 0]
            raised = {key: self._deviating(asked, free.batch, *key) - level for key in tried}
            if (most := max(raised.values())) > LEAST:
                alike = sorted((key for key in tried if raised[key] >= ALIKE * most), key=lambda key: -raised[key])
                key = self._believed_first(actor, reading, alike, first)
                return Hinge(*key, tuple(f"{s} is {move}" for s, move in alike if (s, move) != key))
        made = {(s, move): self._made(asked, reading, {s: move}) for s, move in tried}
        apart = {
            s: max(
                float(np.abs(a - b).sum()) for (x, _), a in made.items() for (y, _), b in made.items() if x == y == s
            )
            for s in open_
        }
        stage = max(open_, key=lambda s: apart[s])
        return Hinge(stage, self._spoken_for(actor, both, first[stage]))

    def _believed_first(
        self, actor: str, reading: str, alike: Sequence[tuple[str, str]], first: Mapping[str, Sequence[Decision]]
    ) -> tuple[str, str]:
        """Of some moves the one that is the best at a first decision with the least misperception on the way to the
        view of the model; the first of them where none is."""
        if len(alike) == 1:
            return alike[0]
        at, player = np.linspace(0, 1, SCAN), self.blueprint.player(actor)
        decisions = [d for stage in dict.fromkeys(stage for stage, _ in alike) for d in first[stage]]
        values: list[list[Floats]] = [[] for _ in decisions]
        for solved in self.solved(reading, self.along([actor], at)):
            worth = worth_of_moves(solved.batch, player, [d.infoset for d in decisions])
            for parts, part in zip(values, worth, strict=True):
                parts.append(part)
        found = {d.infoset: np.concatenate(parts, axis=1) for d, parts in zip(decisions, values, strict=True)}

        def needed(key: tuple[str, str]) -> float:
            stage, move = key
            shares = [np.inf]
            for d in first[stage]:
                if move in (actions := self.blueprint.tree.infosets[d.infoset].actions):
                    best = np.flatnonzero(gap(found[d.infoset], actions.index(move)) >= 0)
                    shares += [float(at[best[0]])] if len(best) else []
            return min(shares)

        return min(alike, key=needed)

    def _moves(self, decisions: Sequence[Decision]) -> list[str]:
        """The moves that are there at some decisions."""
        return list(dict.fromkeys(m for d in decisions for m in self.blueprint.tree.infosets[d.infoset].actions))

    def _made(self, asked: Reading, reading: str, forced: Mapping[str, str]) -> Floats:
        """[m] what is asked about at the median draw, where some moves are made wherever they are there."""
        (solved,) = self.engine.seeing(reading).solve(self.blueprint, self.draw, forced)
        return asked(solved.batch)[:, 0]

    def _deviating(self, asked: Reading, batch: Batch, stage: str, move: str) -> float:
        """What is asked about at a solved draw where a move is made wherever it is there, and nobody expects it;
        -inf where it is not a number."""
        tree, behaviour = self.blueprint.tree, batch.behaviour.copy()
        there = batch.game.available
        for h, info in enumerate(tree.infosets):
            if self.blueprint.stage_of(h) == stage and move in info.actions:
                start, k = int(tree.action_start[h]), info.actions.index(move)
                if there is None or there[start + k].all():
                    behaviour[start : start + len(info.actions)] = 0.0
                    behaviour[start + k] = 1.0
        return float(np.nan_to_num(asked(replace(batch, behaviour=behaviour))[0, 0], nan=-np.inf))

    def _spoken_for(self, actor: str, both: Batch, decisions: Sequence[Decision]) -> str:
        """The move at some decisions whose gap to the best other one is closed most from the first draw to the last."""
        best, chosen = -np.inf, self._moves(decisions)[0]
        player = self.blueprint.player(actor)
        for decision, values in zip(
            decisions, worth_of_moves(both, player, [d.infoset for d in decisions]), strict=True
        ):
            for k, move in enumerate(self.blueprint.tree.infosets[decision.infoset].actions):
                before, after = gap(values, k)
                closed = (after - before) / -before if before < 0 else -np.inf
                if closed > best:
                    best, chosen = closed, move
        return chosen


def _some(moves: Sequence[str]) -> list[str]:
    """The moves that are tried: all, or of a long offer some from the lowest to the highest."""
    return [moves[round(k)] for k in np.linspace(0, len(moves) - 1, min(len(moves), TRIED))]


def decisions_at(blueprint: Blueprint, actor: str, stage: str, batch: Batch) -> list[Decision]:
    """The sets at which an actor first decides at a stage, for each of its types, and the one at which it last does."""
    player, found = blueprint.player(actor), []
    groups: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for h, info in enumerate(blueprint.tree.infosets):
        if info.player != player or blueprint.stage_of(h) != stage or len(info.actions) < 2:
            continue
        own, seen = _known(blueprint, actor, h)
        times = sum((event.partition(":")[2] or event) == stage for event, _ in info.situation)
        groups.setdefault((own, times), []).append((h, seen))
    last = max((times for _, times in groups), default=0)
    for (own, times), sets in groups.items():
        if times not in (0, last):
            continue
        there = coming(batch, player, [h for h, _ in sets])[:, 0]
        share = there / max(float(there.sum()), 1e-300)
        some = [
            Decision(h, seen, own, "last" if times else "first", float(part))
            for (h, seen), part in zip(sets, share, strict=True)
            if part >= RARE or part == share.max()
        ]
        some.sort(key=lambda d: -d.share)
        found += some[:1] if times else some
    return sorted(found, key=lambda d: (d.when != "first", d.own))


def decision_here(blueprint: Blueprint, h: int) -> Decision:
    """One information set, whichever it is."""
    own, seen = _known(blueprint, blueprint.tree.players[blueprint.tree.infosets[h].player], h)
    return Decision(h, seen, own, "here", 1.0)


def _known(blueprint: Blueprint, actor: str, h: int) -> tuple[str, str]:
    """The private types of an actor at an information set, and the last things that it has seen before it."""
    events = [(event.partition(":")[2] or event, label) for event, label in blueprint.tree.infosets[h].situation]
    mine = [(e, v) for e, v in events if e in blueprint.model.private and e.startswith(f"{actor}.")]
    own = ", ".join(f"{event.partition('.')[2]} is {label}" for event, label in mine)
    seen = ", ".join(f"{event} {label}" for event, label in [e for e in events if e not in mine][-3:])
    return own, seen or "the start"
