"""Curves of logit equilibria of one small game: the principal branch, its bifurcations, and the bifurcating branches
that part there.

By pseudo-arclength with dense linear algebra (Keller 1977; Allgower & Georg 1990). Points are x = (y, t) with
F(x) = y - G(y, t) = 0, as in `arclength`; D is the derivative of F, and bordered by the tangent it is singular at
bifurcations and nowhere else. A bifurcation is found where its determinant changes sign however short the step is, or
where its smallest singular value comes down to zero, as it does where several pairs of bifurcating branches part at
once. Near a bifurcation, bifurcating branches are sought by Newton's method at a small distance from it in the null
space, from several directions: the projections of the axes, in which lie the bifurcating branches on which one of
several interchangeable players stands alone (by the equivariant branching lemma), their sums and differences, and
random ones. Bifurcating branches are followed like the branch, and bifurcate in turn. Unknowns that agree along a curve
are held to agree on it, so that rounding does not leave it for one of its own bifurcating branches.

For one draw at a time, in whichever unknowns (`systems`); `arclength` follows many abreast and forms no matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.solve.quantal.systems import System

_BUDGET = 4_000, 20_000, 1e8  # derivatives for all curves together: least, most, and that times unknowns times nodes
_VERTICES = 3000  # of one curve
_TINY = 1e-6  # a step as short as this (or this share of t) which changes the sign has met a bifurcation
_CLOSE = 1e-3  # corrections shorter than this need not shrink
_SINGULAR = 1e-4  # singular values below this are zero at a bifurcation
_EQUAL = 1e-11  # unknowns that agree so closely at two points agree all along
_RADII = (0.05, 0.2, 0.01)  # of what surrounds a bifurcation
_AT_RANDOM = 16  # directions tried at a bifurcation beside the projections
_PRONGS = 100  # most branches of one bifurcation


@dataclass(frozen=True, eq=False)
class Vertex:
    """A point of a curve."""

    x: Floats  # [B + 1]
    way: Floats  # [B + 1] the tangent
    sign: float  # of the determinant of D bordered by the tangent
    least: float  # its smallest singular value
    highest: float  # the largest t on the way here


@dataclass(frozen=True, eq=False)
class Crossing:
    x: Floats
    place: float  # how far along the curve, in vertices
    highest: float


@dataclass(eq=False)
class Curve:
    vertices: list[Vertex]
    parent: int = -1
    parted: float = 0.0  # where on the parent, in vertices
    forks: list[tuple[float, Floats, Floats]] = field(default_factory=list)  # place, x, tangent


class Search:
    """The branch of one draw and what parts from it, followed to t = top. `nodes`: of the game, for the budget."""

    def __init__(self, system: System, top: float, nodes: int) -> None:
        self.system, self.n, self.top = system, system.n, top
        least, most, work = _BUDGET
        self.taken, self.budget = 0, min(max(work / (self.n * nodes), least), most)
        self.curves: list[Curve] = []
        self.met: list[Floats] = []  # bifurcations
        self.cut: set[int] = set()  # curves which were not followed to their end, or their bifurcations not to theirs

    def branch(self) -> Curve:
        """Follow the principal branch alone."""
        x, up = np.append(self.system.start, 0.0), np.eye(self.n + 1)[-1]
        start = self.correct(x, up, np.inf)
        assert start is not None
        first = self.vertex(start[0], start[1], up, 0.0)
        self.curves.append(Curve([first]))
        self.follow(0, hold_from=0.5)
        return self.curves[0]

    def run(self) -> Search:
        """Follow the branch, and the branches of all bifurcations on the way."""
        self.branch()
        k = 0
        while k < len(self.curves):
            for place, x, way in self.curves[k].forks:
                if all(np.linalg.norm(x - other) > 1e-3 for other in self.met):
                    self.met.append(x)
                    for vertex in self.prongs(k, x, way):
                        if self.taken > self.budget:
                            self.cut.add(k)
                            break
                        self.curves.append(Curve([vertex], k, place))
                        self.follow(len(self.curves) - 1)
            k += 1
        return self

    def derivative(self, x: Floats) -> tuple[Floats, Floats]:
        """F [B] and D [B, B + 1] at x."""
        self.taken += 1
        return self.system.derivative(x)

    def correct(
        self, x: Floats, across: Floats, longest: float, same: _Same | None = None, shrinks: float = 0.7
    ) -> tuple[Floats, Floats, float] | None:
        """The point of the curve in the hyperplane across, D there, and the length of the first correction."""
        x, first, last = x.copy(), 0.0, np.inf
        for k in range(10):
            value, by = self.derivative(x)
            step = _solved(np.vstack([by, across]), np.append(-value, 0.0))
            if step is None:
                return None
            x, size = x + step, float(np.linalg.norm(step))
            if same is not None:
                x = same.hold(x)
            if k == 0:
                first = size
            good = 1e-9 * max(1.0, abs(x[-1]))
            if size <= good:
                return x, by, first
            if not size <= (longest if k == 0 else shrinks * last) and not size <= _CLOSE:
                return None
            last = size
        return None

    def vertex(self, x: Floats, by: Floats, along: Floats, highest: float, same: _Same | None = None) -> Vertex:
        """A point with its tangent, which points `along`."""
        way = _solved(np.vstack([by, along]), np.append(np.zeros(self.n), 1.0))
        if way is None or not np.linalg.norm(way) < 1e9:  # within a fork: what is left of where it came from
            rows = np.linalg.svd(by, full_matrices=True)[2][-2:]
            way = rows.T @ (rows @ along)
        way = way / np.linalg.norm(way)
        if same is not None:
            way = same.hold(way)
        bordered = np.vstack([by, way])
        sign = float(np.linalg.slogdet(bordered)[0])
        return Vertex(x, way, sign, _least(bordered), max(highest, float(x[-1])))

    def follow(self, which: int, hold_from: float = -np.inf) -> None:
        """Follow a curve from its first vertex to the top, or as far as it can be followed."""
        curve = self.curves[which]
        same: _Same | None = None
        here, length = curve.vertices[0], 0.05
        while here.x[-1] < self.top and here.x[-1] > -1e-6:
            if self.taken > self.budget or len(curve.vertices) > _VERTICES or length < 1e-10:
                self.cut.add(which)
                return
            if same is None and len(curve.vertices) > 2 and here.x[-1] >= hold_from:
                same = self.agreeing(curve.vertices[-2].x, here.x)
            guess = here.x + length * here.way
            if len(curve.vertices) > 1:  # bent as the last two tangents tell
                before = curve.vertices[-2]
                gap = float(np.linalg.norm(here.x - before.x))
                if gap > 0.1 * length:
                    guess += 0.5 * length**2 / gap * (here.way - before.way)
            if same is not None:
                guess = same.hold(guess)
            point = self.correct(guess, here.way, 0.3 * length, same)
            if point is None:
                length *= 0.4
                continue
            there = self.vertex(point[0], point[1], here.way, here.highest, same)
            straight = float(there.way @ here.way)
            short = length <= _TINY * max(1.0, here.x[-1])
            if straight < 0.97 or (there.sign != here.sign and not short):
                length *= 0.4
                continue
            if there.sign != here.sign:
                curve.forks.append((len(curve.vertices) - 0.5, 0.5 * (here.x + there.x), here.way))
            elif here.way[-1] * there.way[-1] < 0 and (turn := self.turn(here, there)) is not None:
                curve.vertices.append(turn)
                there = replace(there, highest=max(turn.highest, there.highest))
            curve.vertices.append(there)
            self.look(curve)
            here = there
            easy = point[2] < 0.02 * length and straight > 0.999
            factor = 3.0 if easy and length < 0.01 else 1.6 if point[2] < 0.1 * length and straight > 0.99 else 1.0
            length = min(factor * length, self.system.longest(here.x))

    def agreeing(self, one: Floats, two: Floats) -> _Same:
        """What agrees at two points of a curve by symmetry: of what agrees there, that which a sweep leaves agreeing
        wherever it does. Other unknowns agree for lack of influence, and may come apart further on."""
        points, rng = [one, two], np.random.default_rng(0)
        for _ in range(self.n):
            same = _Same.at(points)
            x = same.hold(two + np.append(0.5 * rng.standard_normal(self.n), 1.0))
            swept = x.copy()
            swept[:-1] -= self.derivative(x)[0]
            if np.all(np.abs(swept - same.hold(swept)) <= 1e-10 * max(1.0, abs(x[-1]))):
                return same
            points.append(swept)
        return _Same(np.arange(self.n), np.ones(self.n))

    def between(self, one: Vertex, two: Vertex, share: float) -> Vertex | None:
        """The point of the curve a share of the way from one vertex to the next."""
        chord = two.x - one.x
        if share <= 0 or share >= 1 or not chord.any():
            return one if share <= 0 else two
        length = float(np.linalg.norm(chord))
        point = self.correct(one.x + share * chord, chord / length, 0.5 * length, shrinks=1.5)
        if point is not None:
            return self.vertex(point[0], point[1], chord, one.highest)
        if length > 10 * _TINY * max(1.0, one.x[-1]):
            return None
        return replace(one, x=one.x + share * chord)  # at a bifurcation, where the chord is as good as the curve

    def turn(self, one: Vertex, two: Vertex) -> Vertex | None:
        """The fold between two vertices."""
        low, high, found = 0.0, 1.0, None
        for _ in range(30):
            middle = self.between(one, two, 0.5 * (low + high))
            if middle is None:
                return found
            found = middle
            if middle.way[-1] * one.way[-1] > 0:
                low = 0.5 * (low + high)
            else:
                high = 0.5 * (low + high)
        return found

    def look(self, curve: Curve) -> None:
        """Look for a bifurcation that leaves the sign as it is, where the smallest singular value was lowest."""
        if len(curve.vertices) < 3:
            return
        one, two, three = curve.vertices[-3:]
        if not (two.least < 0.5 and two.least < one.least and two.least <= three.least):
            return
        if any(np.linalg.norm(two.x - x) < 1e-3 for _, x, _ in curve.forks):
            return
        best, spot, step = two, 1.0, 0.5
        while step > 1e-8:
            for side in (-step, step):
                at = spot + side
                point = None
                if 0 < at < 2:
                    point = self.between(one, two, at) if at < 1 else self.between(two, three, at - 1)
                if point is not None and point.least < best.least:
                    best, spot = point, at
                    break
            else:
                step *= 0.5
                if best.least > 0.5 * two.least and step < 0.02:
                    return
        if best.least < 0.1 * _SINGULAR:
            curve.forks.append((len(curve.vertices) - 3 + spot, best.x, two.way))

    def prongs(self, which: int, x: Floats, way: Floats) -> Iterator[Vertex]:
        """The first points of the branches of a bifurcation, each with its tangent away from it."""
        _, by = self.derivative(x)
        _, sizes, rows = np.linalg.svd(np.vstack([by, way]))
        null = rows[sizes < max(_SINGULAR, 2 * sizes[-1])]  # [k, B + 1]
        highest = max((v.highest for v in self.curves[which].vertices if v.highest <= x[-1]), default=float(x[-1]))
        met: list[Floats] = []
        for radius in _RADII:
            for direction in _directions(null):
                point = self.around(x, null, radius, direction)
                if point is None:
                    continue
                out = null @ (point - x) / radius
                if any(out @ other > 0.99 for other in met):
                    continue
                if len(met) == _PRONGS or self.taken > self.budget:
                    self.cut.add(which)
                    return
                met.append(out)
                yield self.vertex(point, self.derivative(point)[1], point - x, highest)
            if met:
                return

    def around(self, centre: Floats, null: Floats, radius: float, direction: Floats) -> Floats | None:
        """A point on a curve whose share in the null space of a bifurcation is so long, near a direction."""
        x = centre + radius * direction
        for _ in range(20):
            value, by = self.derivative(x)
            out = null.T @ (null @ (x - centre))
            step = _solved(np.vstack([by, out]), np.append(-value, 0.5 * (radius**2 - out @ out)))
            if step is None or not (size := float(np.linalg.norm(step))) < 1e2 * radius:
                return None
            x = x + step
            if size < 1e-11 * max(1.0, abs(x[-1])):
                return x
        return None

    def crossings(self, curve: Curve, target: float) -> list[Crossing]:
        """Where a curve meets t = target."""
        from scipy.optimize import brentq  # here, because it loads slowly and one point of a branch needs none

        found = []
        for k, (one, two) in enumerate(zip(curve.vertices, curve.vertices[1:], strict=False)):
            if not (one.x[-1] < target <= two.x[-1] or one.x[-1] > target >= two.x[-1]):
                continue

            def height(share: float, one: Vertex = one, two: Vertex = two) -> float:
                point = self.between(one, two, share)
                return float((one.x + share * (two.x - one.x) if point is None else point.x)[-1] - target)

            share = float(brentq(height, 0.0, 1.0, xtol=1e-13)) if two.x[-1] != target else 1.0
            near = self.between(one, two, share)
            if near is None and all(abs(x[-1] - target) > 1e-5 * target for _, x, _ in curve.forks):
                continue
            x = near.x.copy() if near is not None else one.x + share * (two.x - one.x)  # at a bifurcation
            x[-1] = target
            point = self.correct(x, np.eye(self.n + 1)[-1], 1e-3)
            x = x if point is None else point[0]
            found.append(Crossing(x, k + share, max(one.highest, target)))
        return found


@dataclass(frozen=True, eq=False)
class _Same:
    """Unknowns that agree all along a curve, or are opposite, or zero."""

    row: Longs  # [B]
    sign: Floats  # [B]

    @classmethod
    def at(cls, points: list[Floats]) -> _Same:
        """What agrees at all of some points."""
        pair = np.stack(points)[:, :-1]  # [points, B]
        close = _EQUAL * np.maximum(1.0, np.abs(pair[:, :, None]))
        equal: Bools = np.all(np.abs(pair[:, :, None] - pair[:, None, :]) <= close, axis=0)
        opposite: Bools = np.all(np.abs(pair[:, :, None] + pair[:, None, :]) <= close, axis=0)
        row = np.argmax(equal | opposite, axis=1)
        sign = np.where(equal[np.arange(len(row)), row], 1.0, -1.0)
        sign[np.all(np.abs(pair) <= _EQUAL, axis=0)] = 0.0
        return cls(row, sign)

    def hold(self, x: Floats) -> Floats:
        return np.append(self.sign * x[self.row], x[-1])


def _solved(matrix: Floats, right: Floats) -> Floats | None:
    """The solution of a linear system, None where there is none."""
    try:
        return np.asarray(np.linalg.solve(matrix, right))
    except np.linalg.LinAlgError:
        return None


def _least(matrix: Floats) -> float:
    """The smallest singular value, or little more: a power iteration, which takes a tenth of all singular values."""
    inverse = _solved(matrix, np.eye(len(matrix)))
    if inverse is None:
        return 0.0
    vector, size = np.random.default_rng(0).standard_normal(len(matrix)), 1.0
    for _ in range(8):
        vector = inverse.T @ (inverse @ (vector / np.linalg.norm(vector)))
        size = float(np.linalg.norm(vector))
    return float(size**-0.5)


def _directions(null: Floats) -> Iterator[Floats]:
    """Unit vectors in the null space at a bifurcation [k, B + 1], both signs of each."""
    if len(null) == 1:
        raw = null
    else:
        axes = null.T @ null  # the projections of the axes
        n = len(axes)
        pairs = [axes[i] + s * axes[j] for i in range(n) for j in range(i) for s in (1, -1)] if n <= 20 else []
        drawn = np.random.default_rng(0).standard_normal((_AT_RANDOM, len(null))) @ null
        raw = np.vstack([axes, *pairs, drawn])
    sizes = np.linalg.norm(raw, axis=1)
    seen: list[Floats] = []
    for direction in raw[sizes > 1e-6] / sizes[sizes > 1e-6, None]:
        if all(abs(direction @ other) < 0.995 for other in seen):
            seen.append(direction)
            yield direction
            yield -direction
