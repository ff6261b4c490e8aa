"""The central draw, every source of uncertainty at its median, solved at many views of one actor at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from detente.analyse.perceptions.portrait import (
    coming,
    gap,
    worth_of_moves,
)
from detente.analyse.perceptions.required_beliefs import Axis, Decision
from detente.arrays import Floats
from detente.draws.sampler import Draws, Sampler
from detente.draws.sources import Sources
from detente.engine.batch import Batch
from detente.engine.engine import Solving
from detente.engine.solved import Solved
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint

SCAN = 101  # points of the way at the central draw
RARE = 0.05  # of the plays with its types in which an actor decides here; below it a set is left out


class CentralDraw:
    """The central draw: every source of uncertainty at its median. Solved at many views of one actor at once."""

    def __init__(self, blueprint: Blueprint, engine: Solving, seed: int) -> None:
        """`engine` solves the draws of the study, and `seed` is theirs."""
        self.blueprint, self.model = blueprint, blueprint.model
        self.engine = engine.bare
        self.sampler = Sampler(self.model, scores=lambda _: np.zeros(1))
        self.draw = self.sampler.draw(1, seed)
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
        return decisions_at(self.blueprint, actor, stage, self.ends([actor], reading))

    def telling(self, actor: str, reading: str) -> tuple[str, str]:
        """The stage and the move whose gap to the best other one the misperception closes most of, at first."""
        both, player = self.ends([actor], reading), self.blueprint.player(actor)
        best, chosen = -np.inf, ("", "")
        for stage, what in self.model.stages.items():
            if what.actor != actor:
                continue
            first = [d for d in decisions_at(self.blueprint, actor, stage, both) if d.when == "first"]
            for decision, values in zip(first, worth_of_moves(both, player, [d.infoset for d in first]), strict=True):
                for k, move in enumerate(self.blueprint.tree.infosets[decision.infoset].actions):
                    before, after = gap(values, k)
                    closed = (after - before) / -before if before < 0 else -np.inf
                    if closed > best:
                        best, chosen = closed, (stage, move)
        if not chosen[0]:
            raise QuestionError(f"{actor} has no choice to make in this model, whatever it believes")
        return chosen


def decisions_at(blueprint: Blueprint, actor: str, stage: str, batch: Batch) -> list[Decision]:
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
