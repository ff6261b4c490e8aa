"""What an actor must believe for a move to be its best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.perceptions.central import CentralDraw, Hinge
from detente.analyse.perceptions.portrait import (
    gap,
    worth_of_moves,
)
from detente.analyse.perceptions.required_beliefs import Conviction, Decision, View, convictions
from detente.arrays import Floats
from detente.display import Displayed


@dataclass(frozen=True)
class Need(Displayed):
    """What an actor must believe for a move to be its best, in both readings, at the median draw."""

    actor: str
    stage: str
    move: str
    axes: tuple[View, ...]
    view_distance: float  # of the view of the model from the truth, in prior standard deviations
    convictions: Mapping[str, tuple[Conviction, ...]]
    alike: tuple[str, ...] = ()  # other moves, `stage is move`, which answer the case's question as this one does

    def needless(self, reading: str) -> bool:
        """Whether nothing needs to be believed: the move is the best with correct beliefs, here or where first made."""
        lines = [c for c in self.convictions[reading] if c.way == "line" and c.decision.when != "last"]
        return all(c.found and c.s == 0 for c in lines)

    def leading(self, reading: str, way: str = "line") -> Conviction:
        """The one that a summary speaks of: what is found nearest at a first decision, or what comes nearest."""
        some = [c for c in self.convictions[reading] if c.decision.when != "last"]
        lines = [c for c in some if c.way == "line"]
        first = min(lines, key=lambda c: (not c.found, c.distance if c.found else -c.after))
        return next((c for c in some if c.way == way and c.decision == first.decision), first)


def need(
    middle: CentralDraw, actor: str, hinge: Hinge, decisions: Mapping[str, list[Decision]],
    watch: Callable[[int], None] | None = None,
) -> Need:  # fmt: skip
    """What an actor must believe for a move to be its best at some decisions, by reading of perception.

    `watch` is called with the number of views before they are solved; what it raises stops the search.
    """
    axes, player = middle.axes[actor], middle.blueprint.player(actor)
    told = {}
    for reading, looked in decisions.items():
        sets = [d.infoset for d in looked]

        def solve(points: Floats, reading: str = reading, sets: Sequence[int] = sets) -> tuple[Floats, Floats]:
            gaps: list[Floats] = []
            residual: list[Floats] = []
            if watch is not None:
                watch(points.shape[1])
            seen = {f"{axis.quantity} seen by {actor}": row for axis, row in zip(axes, points, strict=True)}
            for solved in middle.imagined(actor, reading, seen):
                actions = [middle.blueprint.tree.infosets[h].actions for h in sets]
                values = worth_of_moves(solved.batch, player, sets)
                gaps.append(np.array([gap(v, a.index(hinge.move)) for v, a in zip(values, actions, strict=True)]))
                residual.append(solved.certificate.residual)
            return np.concatenate(gaps, axis=1), np.concatenate(residual)

        told[reading] = tuple(convictions(axes, looked, solve))
    views = tuple(View.of(axis) for axis in axes)
    far = float(np.linalg.norm([view.score for view in views]))
    return Need(actor, hinge.stage, hinge.move, views, far, told, hinge.alike)
