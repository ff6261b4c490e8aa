"""Descent along a boundary by exact gradients: many walkers abreast, each to a point where the boundary comes nearest.

Each walker iterates as Hasofer, Lind, Rackwitz and Fiessler do: it goes towards the point nearest to the median draw on
the margin's linearisation. Zhang & Der Kiureghian's merit function guards the step, which is halved where that does not
fall. Where the margin has a non-differentiable point (`or` among what must fail) a plain step leaps to and fro across
it; the points that were refused then tell of the other side, and the next step goes to the nearest point at which all
their linearisations have turned, a quadratic programme in a few inequalities (Lawson & Hanson's least distance)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from detente.analyse.thresholds.search import Probe, Staged, Steep
from detente.arrays import Floats

REACH = 8.0  # how far is looked, in prior standard deviations
ROUNDS = 30
PATIENT = 12  # rounds after which a walker goes on only if it is near the boundary
NEAR = 0.1  # ... by this share of its distance from the median draw, and does not lead away
FARTHER = 1.5  # by this factor: from the best that has settled, or from any point known to have turned
FEW = 2  # walkers, where derivatives are differences and dear
LEAP = 3.0  # longest step
HALVINGS = 6
ARRIVED = 2e-4  # of a distance from the median draw: a step that is shorter is the last
SAME = 0.02  # of a distance: walkers that are nearer to each other go to the same place
_H = 1e-3


@dataclass(eq=False)
class Walker:
    """One way down. `length` is the distance of the point from the median draw."""

    point: Floats
    reach: float = REACH
    margin: float = np.inf
    slope: Floats = field(default_factory=lambda: np.zeros(0))
    settled: bool = False
    penalty: float = 0.0
    refused: list[tuple[Floats, float, Floats]] = field(default_factory=list)
    share: float = 1.0
    stopped: bool = False

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.point))

    @property
    def off(self) -> float:
        """How far the boundary is, by the linearisation."""
        return abs(self.margin) / float(np.linalg.norm(self.slope))

    @property
    def target(self) -> Floats:
        """The point nearest to the median draw at which the linearisation has turned."""
        square = float(self.slope @ self.slope)
        return np.asarray((self.slope @ self.point - self.margin) / square * self.slope)

    @property
    def corner(self) -> Floats | None:
        """The point nearest to the median draw at which the linearisations here and at the points refused have
        turned."""
        return least([(self.point, self.margin, self.slope), *self.refused])

    def merit(self, point: Floats, margin: float) -> float:
        return float(point @ point) / 2 + self.penalty * abs(margin)

    def arrive(self, point: Floats, margin: float, slope: Floats) -> None:
        """Take a point, and see whether it is the last."""
        self.point, self.margin, self.slope = point, margin, slope
        self.refused, self.share = [], 1.0
        steep = float(np.linalg.norm(slope))
        if not (np.isfinite(steep) and steep > 0 and np.isfinite(margin)):
            self.stopped = True
            return
        self.settled = self.stopped = self.close(self.target)
        self.penalty = max(self.penalty, 2 * self.length / steep)
        if abs(margin) > ARRIVED * steep:  # far from the boundary, to come nearer to it is worth the way there
            way = min(float(np.linalg.norm(self.target)), REACH)
            self.penalty = max(self.penalty, way * way / abs(margin))

    def close(self, to: Floats) -> bool:
        return float(np.linalg.norm(to - self.point)) <= ARRIVED * max(self.length, 1e-3)

    def tries(self) -> list[Floats]:
        """Where to look next."""
        step = self.target - self.point
        far = float(np.linalg.norm(step))
        if self.length > 0.99 * self.reach and float(np.linalg.norm(self.target)) > self.reach:
            return []  # it leads out of reach
        found = [self.point + self.share * min(1.0, LEAP / far) * step] if far > 0 else []
        if self.refused:
            corner = self.corner
            if corner is not None and np.linalg.norm(corner - self.point) <= LEAP:
                found.append(corner)
        return [point * min(1.0, self.reach / max(float(np.linalg.norm(point)), 1e-300)) for point in found]

    def choose(self, points: Sequence[Floats], margins: Floats, slopes: Floats) -> None:
        """Go to the best of the points tried, if it is better than the last; else shorten the step."""
        steep = np.linalg.norm(slopes, axis=0)  # on a plateau there is no way on: it is not gone to
        good = [k for k in range(len(points)) if np.isfinite(margins[k]) and 0 < steep[k] < np.inf]
        if not good:
            self.share /= 2
            self.stopped = self.share < 2.0**-HALVINGS or not points
            return
        best = min(good, key=lambda k: self.merit(points[k], float(margins[k])))
        now = self.merit(self.point, self.margin)
        if self.merit(points[best], float(margins[best])) < now * (1 - 1e-9):
            self.arrive(points[best], float(margins[best]), slopes[:, best])
            return
        self.refused = [*self.refused, *((points[k], float(margins[k]), slopes[:, k]) for k in good)][-4:]
        self.share /= 2
        if self.share < 2.0**-HALVINGS:
            corner = self.corner
            self.stopped, self.settled = True, corner is not None and self.close(corner)


def least(lines: Sequence[tuple[Floats, float, Floats]]) -> Floats | None:
    """The point nearest to the median draw at which some linearisations (point, margin, derivative) are all at zero or
    below.

    None if there is no such point. Lawson & Hanson (1974), Solving least squares problems, ch. 23.
    """
    from scipy import optimize  # here, because it loads slowly and answers are shown without it

    g = -np.array([slope for _, _, slope in lines])
    h = np.array([margin - slope @ point for point, margin, slope in lines])
    size = g.shape[1]
    target = np.zeros(size + 1)
    target[size] = 1.0
    try:
        u, _ = optimize.nnls(np.vstack([g.T, h]), target)
    except RuntimeError:  # it found no end
        return None
    rest = np.append(g.T @ u, h @ u) - target
    if abs(rest[size]) < 1e-12:
        return None
    return np.asarray(-rest[:size] / rest[size])


class Margins(NamedTuple):
    """The margins [m] at some points, their derivatives [S, m], and whether exact derivatives are to be had at all."""

    values: Floats
    slopes: Floats
    exact: bool


class Gradient(Staged[Margins]):
    """The margins at some points, [S, m], and their derivatives: exact, or by differences where those are lost."""

    def __init__(self, points: Floats) -> None:
        super().__init__()
        self.points = points
        self.probe(Steep(points), self._exactly)

    def _exactly(self, probe: Probe) -> None:
        size, m = self.points.shape
        slopes = np.full((size, m), np.nan) if probe.slopes is None else probe.slopes
        self.known = Margins(probe.margins, slopes, probe.slopes is not None)
        self.lost = np.flatnonzero(np.isfinite(probe.margins) & ~np.isfinite(slopes).all(axis=0))
        if not len(self.lost):
            self.end(self.known)
            return
        steps = np.concatenate([np.zeros((size, 1)), _H * np.eye(size)], axis=1)
        self.probe((self.points[:, self.lost, None] + steps[:, None, :]).reshape(size, -1), self._by_differences)

    def _by_differences(self, probe: Probe) -> None:
        near = probe.margins.reshape(len(self.lost), len(self.points) + 1)
        values, slopes = self.known.values.copy(), self.known.slopes.copy()
        values[self.lost], slopes[:, self.lost] = near[:, 0], ((near[:, 1:] - near[:, :1]) / _H).T
        self.end(Margins(values, slopes, self.known.exact))


class Walkers(Staged[list[Walker]]):
    """Walkers from some points, the nearest of those that have settled first; of several in one place, one.

    None of them goes farther from the median draw than `reach`.
    """

    def __init__(self, starts: Sequence[Floats], reach: float = REACH) -> None:
        super().__init__()
        self.walkers = [Walker(start, reach) for start in starts]
        self.rounds = 0
        self.tried: list[tuple[Walker, list[Floats]]] = []
        if self.walkers:
            self.run(Gradient(np.array(starts).T), self._begin)
        else:
            self.end([])

    def _begin(self, at: Margins) -> None:
        for k, walker in enumerate(self.walkers):
            walker.arrive(walker.point, float(at.values[k]), at.slopes[:, k])
        if not at.exact:
            self.walkers = self.walkers[:FEW]
        self._look()

    def _look(self) -> None:
        """Ask what is where the walkers would go next."""
        best = min((walker.length for walker in self.walkers if walker.settled), default=np.inf)
        going = [walker for walker in self.walkers if not walker.stopped]
        if self.rounds >= PATIENT:
            going = [w for w in going if w.off <= NEAR * w.length and np.linalg.norm(w.target) <= FARTHER * best]
        self.tried = [(walker, walker.tries()) for walker in going] if self.rounds < ROUNDS else []
        points = [point for _, tried in self.tried for point in tried]
        if points:
            self.run(Gradient(np.array(points).T), self._move)
        else:
            self.end(apart(self.walkers))

    def _move(self, at: Margins) -> None:
        first = 0
        for walker, points in self.tried:
            last = first + len(points)
            walker.choose(points, at.values[first:last], at.slopes[:, first:last])
            first = last
        self.walkers = apart(self.walkers)
        self.rounds += 1
        self._look()


def apart(walkers: Sequence[Walker]) -> list[Walker]:
    """Those that have settled before the others, the nearest first, without any that is where another one is."""
    kept: list[Walker] = []
    for walker in sorted(walkers, key=lambda w: (not w.settled, w.length)):
        if all(np.linalg.norm(walker.point - other.point) > SAME * other.length for other in kept):
            kept.append(walker)
    return kept
