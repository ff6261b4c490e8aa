"""The point nearest to the centre at which a yes/no answer turns, in a space of independent normal scores.

Walkers go down along the boundary by exact gradients (`descent`), from the centre, from single sources moved alone, and
from where the ways to solved draws that have turned cross it. What they find is tried on the ray from the centre, on
which the first turn is taken. Where the answer jumps and the gradient is no guide, or no walker has settled, the way
goes along rays from one turned point to the next, and single scores are taken back instead.

Everything here is a series of questions: a generator yields points, [S, m] (`Steep` where slopes are wanted), and
is sent a `Probe` of them, so that many searches are solved in one batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.analyse.thresholds.brackets import PARTS, Bracket, narrowing, turns
from detente.analyse.thresholds.hlrf import FARTHER, REACH, Steps, slopes, walk
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


def nearest(size: int, ways: Sequence[Floats], turned: Sequence[Floats]) -> Steps[tuple[Floats, float] | None]:
    """The nearest turned point, and the length up to which the way there has not turned; None if none is in reach.

    `ways` and `turned` are points, [S] each: worth going to, and known to have turned.
    """
    crossings = yield from _along([*ways, *turned], 9, 0)
    if far := turned and (not crossings or np.linalg.norm(crossings[0]) > FAR):
        crossings = yield from _rough(ways, turned, crossings)
    reach = min([REACH, *(FARTHER * float(np.linalg.norm(point)) for point in crossings)])
    walkers = yield from walk([np.zeros(size), *crossings], reach)
    if settled := [w.point for w in walkers if w.settled and w.length > 0][:TRIED]:
        rays = np.array([point / np.linalg.norm(point) for point in settled]).T
        longest = max(float(np.linalg.norm(point)) for point in settled)
        found = yield from firsts(rays, np.linspace(0, min(REACH, 1.02 * longest), 21), 4, most=1)
        if found:
            return rays[:, found[0].owner] * found[0].high, found[0].low
    best: Floats | None = None
    starts = crossings if far else (yield from _rough(ways, turned, crossings))
    for start in starts:
        point, right = yield from _descend(start)
        best = point if best is None or np.linalg.norm(point) < np.linalg.norm(best) else best
        if right:
            break
    if best is None:
        return None
    length = float(np.linalg.norm(best))
    ray = (best / length)[:, None]
    exact = yield from firsts(ray, np.linspace(0, 1.02 * length, 26), 4)
    if not exact:
        exact = yield from firsts(ray, np.linspace(0, REACH, 129), 4)
    return (ray[:, 0] * exact[0].high, exact[0].low) if exact else None


def _rough(ways: Sequence[Floats], turned: Sequence[Floats], crossings: Sequence[Floats]) -> Steps[list[Floats]]:
    """Turned points to begin from where the gradient alone has led nowhere, the two nearest."""
    tried = [*ways, *crossings]
    for point in turned[:SHRUNK]:
        tried += [(yield from _shrunk(point))]
    return (yield from _along(tried, 33, 2))[:2]


def firsts(
    rays: Floats, grid: Floats, rounds: int, parts: int = PARTS, most: int | None = None
) -> Steps[list[Bracket]]:
    """The first turn on each of some rays, [S, r], that have one, nearest first; lengths in those of the rays.

    Only the `most` nearest are worked out.
    """
    owners, lengths = np.repeat(np.arange(rays.shape[1]), len(grid)), np.tile(grid, rays.shape[1])
    probe = yield rays[:, owners] * lengths
    norms = np.linalg.norm(rays, axis=0)

    def first(found: Sequence[Bracket]) -> list[Bracket]:
        one = {b.owner: b for b in reversed([b for b in found if b.after == TURNED])}
        return sorted(one.values(), key=lambda b: b.high * float(norms[b.owner]))

    rough = first([b for i, row in enumerate(probe.labels.reshape(-1, len(grid))) for b in turns(i, grid, row)])
    exact = yield from narrowed(rays, rough[:most], rounds, parts)
    return first(exact)


def narrowed(rays: Floats, brackets: Sequence[Bracket], rounds: int, parts: int = PARTS) -> Steps[list[Bracket]]:
    """Brackets of lengths on rays, [S, r], narrowed."""
    steps = narrowing(brackets, rounds, parts)
    try:
        owners, lengths = next(steps)
        while True:
            probe = yield rays[:, owners] * lengths
            owners, lengths = steps.send(probe.labels)
    except StopIteration as done:
        found: list[Bracket] = done.value
        return found


def _along(points: Sequence[Floats], steps: int, rounds: int) -> Steps[list[Floats]]:
    """The first turned points on the ways from the centre to some points, nearest first."""
    ways = [point for point in points if np.isfinite(point).all() and np.any(point)]
    if not ways:
        return []
    lines = np.array(ways).T
    found = yield from firsts(lines, np.linspace(0, 1, steps), rounds)
    return [lines[:, b.owner] * b.high for b in found]


def _descend(point: Floats) -> Steps[tuple[Floats, bool]]:
    """Follow the boundary from one of its points to where it comes nearest to the centre.

    Also whether the boundary is at right angles to the way there, as it is where no near point is nearer.
    """
    best, settled = point, False
    for _ in range(ITERATIONS):
        length = float(np.linalg.norm(best))
        values, steep, _ = yield from slopes(best[:, None])
        value, slope = float(values[0]), steep[:, 0]
        square = float(slope @ slope)
        if not np.isfinite(square) or square == 0:
            break
        settled = bool(-slope @ best > SQUARE * length * np.sqrt(square))
        target = (slope @ best - value) / square * slope
        mixed = np.array([(1 - a) * best + a * target for a in _MIXED]).T
        lengths = np.linalg.norm(mixed, axis=0)
        rays = (mixed / np.where(lengths > 0, lengths, 1.0))[:, lengths > 0]
        nearer = yield from firsts(rays, length * _LENGTHS, 1, most=1)
        if nearer and nearer[0].high <= length * (1 - ENOUGH):
            best = rays[:, nearer[0].owner] * nearer[0].high
            continue
        if settled:
            break
        pared = yield from _pared(best)
        if np.linalg.norm(pared) > WORTH * length:
            break
        best = pared
    return best, settled


def _shrunk(point: Floats) -> Steps[Floats]:
    """A turned point with as many of its smallest scores at zero as keep it turned, or at least one of them."""
    size, order = len(point), np.argsort(np.abs(point))
    points = np.repeat(point[:, None], 2 * size, axis=1)
    for k in range(size):
        points[order[:k], k] = 0.0
        points[k, size + k] = 0.0
    return (yield from _shortest(points, point))


def _pared(point: Floats) -> Steps[Floats]:
    """A turned point with the one score put to zero or halved that brings it nearest, of those that bring it nearer by
    one part in a hundred."""
    large = np.flatnonzero(point**2 > (1 - WORTH**2) * (point @ point))
    if not len(large):
        return point
    scales, which = np.ones((len(point), 2 * len(large))), np.arange(len(large))
    scales[large, which], scales[large, len(large) + which] = 0.0, 0.5
    return (yield from _shortest(point[:, None] * scales, point))


def _shortest(points: Floats, otherwise: Floats) -> Steps[Floats]:
    """The turned point, of [S, m], that is nearest to the centre."""
    probe = yield points
    lengths = np.where(probe.labels == TURNED, np.linalg.norm(points, axis=0), np.inf)
    best = int(lengths.argmin())
    return np.asarray(points[:, best] if np.isfinite(lengths[best]) else otherwise)
