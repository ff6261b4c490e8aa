"""The point nearest to the median draw at which a yes/no answer turns, in a space of independent normal scores.

Walkers go down along the boundary by exact gradients (`hlrf`), from the median draw, from single sources moved alone,
and from where the ways to solved draws that have turned cross it. What they find is tried on the ray from the median
draw, on which the first turn is taken. Where the answer jumps and the gradient is no guide, or no walker has settled,
the way goes along rays from one turned point to the next, and single scores are taken back instead.

Everything here is a `Search`: it is asked for points in free scores, [S, m] (`Steep` where derivatives are wanted), and
told what is there, so that many searches are solved in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.analyse.thresholds.brackets import PARTS, Bracket, Narrowing, turns
from detente.analyse.thresholds.hlrf import FARTHER, REACH, Gradient, Margins, Walker, Walkers
from detente.analyse.thresholds.search import Probe, Staged
from detente.arrays import Floats

ITERATIONS = 25
ENOUGH = 5e-4  # an iteration that shortens the way by a smaller part is the last
WORTH = 0.99  # ... and one score is taken back only to shorten it to this part
SQUARE = 0.98  # the cosine of the angle between the way and the gradient at which a point counts as settled
TURNED = 1
TRIED = 3  # points found by walkers that are tried on their rays
SHRUNK = (
    2  # turned points that are shrunk where no walker is of use, or where the nearest point known to have turned is
)
FAR = 4.0  # ... as far as this
_MIXED = (1.0, 0.6, 0.3, 0.1)  # how far a new direction goes towards that of the iteration
_LENGTHS = np.array([0.0, 0.25, 0.5, 0.7, 0.85, 0.93, 0.97, 0.99, 1.0])


class DesignPoint(Staged[tuple[Floats, float] | None]):
    """The nearest turned point, and the length up to which the way there has not turned; None if none is in reach.

    `ways` and `turned` are points, [S] each: worth going to, and known to have turned.
    """

    def __init__(self, size: int, ways: Sequence[Floats], turned: Sequence[Floats]) -> None:
        super().__init__()
        self.size, self.ways, self.turned = size, ways, turned
        self.far = False
        self.rays = np.zeros((size, 0))
        self.left: list[Floats] = []
        self.best: Floats | None = None
        self.run(Along([*ways, *turned], 9, 0), self._crossed)

    def _crossed(self, crossings: list[Floats]) -> None:
        """Where the ways known cross the boundary."""
        self.crossings = crossings
        self.far = bool(self.turned) and (not crossings or bool(np.linalg.norm(crossings[0]) > FAR))
        if self.far:
            self.run(Rough(self.ways, self.turned, crossings), self._walk)
        else:
            self._walk(crossings)

    def _walk(self, crossings: list[Floats]) -> None:
        self.crossings = crossings
        reach = min([REACH, *(FARTHER * float(np.linalg.norm(point)) for point in crossings)])
        self.run(Walkers([np.zeros(self.size), *crossings], reach), self._walked)

    def _walked(self, walkers: list[Walker]) -> None:
        """What walkers have found is tried on its ray."""
        settled = [w.point for w in walkers if w.settled and w.length > 0][:TRIED]
        if not settled:
            self._begin_descents()
            return
        self.rays = np.array([point / np.linalg.norm(point) for point in settled]).T
        longest = max(float(np.linalg.norm(point)) for point in settled)
        self.run(Firsts(self.rays, np.linspace(0, min(REACH, 1.02 * longest), 21), 4, most=1), self._tried)

    def _tried(self, found: list[Bracket]) -> None:
        if found:
            self._nearest_on_rays(found)
        else:
            self._begin_descents()

    def _nearest_on_rays(self, found: list[Bracket]) -> None:
        self.end((self.rays[:, found[0].owner] * found[0].high, found[0].low) if found else None)

    def _begin_descents(self) -> None:
        """Where walkers are of no use."""
        if self.far:
            self._descend(self.crossings)
        else:
            self.run(Rough(self.ways, self.turned, self.crossings), self._descend)

    def _descend(self, starts: list[Floats]) -> None:
        """From one start after another, until one ends where the boundary is at right angles to the way."""
        self.left = list(starts)
        if self.left:
            self.run(Descent(self.left.pop(0)), self._descended)
        else:
            self.end(None)

    def _descended(self, found: tuple[Floats, bool]) -> None:
        point, right = found
        if self.best is None or np.linalg.norm(point) < np.linalg.norm(self.best):
            self.best = point
        if self.left and not right:
            self.run(Descent(self.left.pop(0)), self._descended)
            return
        length = float(np.linalg.norm(self.best))
        self.rays = (self.best / length)[:, None]
        self.run(Firsts(self.rays, np.linspace(0, 1.02 * length, 26), 4), self._exactly)

    def _exactly(self, found: list[Bracket]) -> None:
        if found:
            self._nearest_on_rays(found)
        else:
            self.run(Firsts(self.rays, np.linspace(0, REACH, 129), 4), self._nearest_on_rays)


class Rough(Staged[list[Floats]]):
    """Turned points to begin from where the gradient alone has led nowhere, the two nearest."""

    def __init__(self, ways: Sequence[Floats], turned: Sequence[Floats], crossings: Sequence[Floats]) -> None:
        super().__init__()
        self.tried, self.left = [*ways, *crossings], list(turned[:SHRUNK])
        self._shrink()

    def _shrink(self) -> None:
        if self.left:
            self.run(shrunk(self.left.pop(0)), self._shrunk)
        else:
            self.run(Along(self.tried, 33, 2), lambda found: self.end(found[:2]))

    def _shrunk(self, point: Floats) -> None:
        self.tried.append(point)
        self._shrink()


class Narrowed:
    """Brackets of lengths on rays, [S, r], narrowed."""

    def __init__(self, rays: Floats, brackets: Sequence[Bracket], rounds: int, parts: int = PARTS) -> None:
        self.rays, self.narrowing = rays, Narrowing(brackets, rounds, parts)

    @property
    def found(self) -> list[Bracket]:
        return self.narrowing.found

    def ask(self) -> Floats | None:
        asked = self.narrowing.ask()
        return None if asked is None else np.asarray(self.rays[:, asked[0]] * asked[1])

    def tell(self, probe: Probe) -> None:
        self.narrowing.tell(probe.labels)


class Firsts(Staged[list[Bracket]]):
    """The first turn on each of some rays, [S, r], that have one, nearest first; lengths in those of the rays.

    Only the `most` nearest are worked out.
    """

    def __init__(self, rays: Floats, grid: Floats, rounds: int, parts: int = PARTS, most: int | None = None) -> None:
        super().__init__()
        self.rays, self.grid, self.rounds, self.parts, self.most = rays, grid, rounds, parts, most
        self.norms = np.linalg.norm(rays, axis=0)
        owners, lengths = np.repeat(np.arange(rays.shape[1]), len(grid)), np.tile(grid, rays.shape[1])
        self.probe(rays[:, owners] * lengths, self._roughly)

    def _roughly(self, probe: Probe) -> None:
        rows = probe.labels.reshape(-1, len(self.grid))
        rough = self._first([b for i, row in enumerate(rows) for b in turns(i, self.grid, row)])
        self.run(
            Narrowed(self.rays, rough[: self.most], self.rounds, self.parts), lambda found: self.end(self._first(found))
        )

    def _first(self, found: Sequence[Bracket]) -> list[Bracket]:
        one = {b.owner: b for b in reversed([b for b in found if b.after == TURNED])}
        return sorted(one.values(), key=lambda b: b.high * float(self.norms[b.owner]))


class Along(Staged[list[Floats]]):
    """The first turned points on the ways from the median draw to some points, nearest first."""

    def __init__(self, points: Sequence[Floats], steps: int, rounds: int) -> None:
        super().__init__()
        ways = [point for point in points if np.isfinite(point).all() and np.any(point)]
        if not ways:
            self.end([])
            return
        self.lines = np.array(ways).T
        self.run(Firsts(self.lines, np.linspace(0, 1, steps), rounds), self._crossed)

    def _crossed(self, found: list[Bracket]) -> None:
        self.end([self.lines[:, b.owner] * b.high for b in found])


class Descent(Staged[tuple[Floats, bool]]):
    """The boundary followed from one of its points to where it comes nearest to the median draw.

    Also whether the boundary is at right angles to the way there, as it is where no near point is nearer.
    """

    def __init__(self, point: Floats) -> None:
        super().__init__()
        self.best, self.settled, self.left = point, False, ITERATIONS
        self._look()

    def _look(self) -> None:
        if self.left:
            self.left -= 1
            self.length = float(np.linalg.norm(self.best))
            self.run(Gradient(self.best[:, None]), self._turn)
        else:
            self._stop()

    def _stop(self) -> None:
        self.end((self.best, self.settled))

    def _turn(self, at: Margins) -> None:
        """Look along directions between here and the point nearest on the linearisation."""
        value, slope = float(at.values[0]), at.slopes[:, 0]
        square = float(slope @ slope)
        if not np.isfinite(square) or square == 0:
            self._stop()
            return
        self.settled = bool(-slope @ self.best > SQUARE * self.length * np.sqrt(square))
        target = (slope @ self.best - value) / square * slope
        mixed = np.array([(1 - a) * self.best + a * target for a in _MIXED]).T
        lengths = np.linalg.norm(mixed, axis=0)
        self.rays = (mixed / np.where(lengths > 0, lengths, 1.0))[:, lengths > 0]
        self.run(Firsts(self.rays, self.length * _LENGTHS, 1, most=1), self._step)

    def _step(self, nearer: list[Bracket]) -> None:
        if nearer and nearer[0].high <= self.length * (1 - ENOUGH):
            self.best = self.rays[:, nearer[0].owner] * nearer[0].high
            self._look()
        elif self.settled:
            self._stop()
        else:
            self.run(pared(self.best), self._pared)

    def _pared(self, point: Floats) -> None:
        if np.linalg.norm(point) > WORTH * self.length:
            self._stop()
            return
        self.best = point
        self._look()


class Shortest(Staged[Floats]):
    """The turned point, of [S, m], that is nearest to the median draw; `otherwise` if there is none."""

    def __init__(self, points: Floats, otherwise: Floats) -> None:
        super().__init__()
        self.points, self.otherwise = points, otherwise
        if points.shape[1]:
            self.probe(points, self._judge)
        else:
            self.end(otherwise)

    def _judge(self, probe: Probe) -> None:
        lengths = np.where(probe.labels == TURNED, np.linalg.norm(self.points, axis=0), np.inf)
        best = int(lengths.argmin())
        self.end(np.asarray(self.points[:, best] if np.isfinite(lengths[best]) else self.otherwise))


def shrunk(point: Floats) -> Shortest:
    """A turned point with as many of its smallest scores at zero as keep it turned, or at least one of them."""
    size, order = len(point), np.argsort(np.abs(point))
    points = np.repeat(point[:, None], 2 * size, axis=1)
    for k in range(size):
        points[order[:k], k] = 0.0
        points[k, size + k] = 0.0
    return Shortest(points, point)


def pared(point: Floats) -> Shortest:
    """A turned point with the one score put to zero or halved that brings it nearest, of those that bring it nearer by
    one part in a hundred."""
    large = np.flatnonzero(point**2 > (1 - WORTH**2) * (point @ point))
    scales, which = np.ones((len(point), 2 * len(large))), np.arange(len(large))
    scales[large, which], scales[large, len(large) + which] = 0.0, 0.5
    return Shortest(point[:, None] * scales, point)
