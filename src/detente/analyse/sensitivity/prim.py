"""The patient rule induction method (Friedman & Fisher 1999): boxes of quantities peeled around an event, step by step.

Letters: n draws, d quantities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.arrays import Bools, Floats
from detente.errors import QuestionError

PEEL = 0.05  # the share of a box that one peeling takes
SMALLEST = 0.02  # the share of the draws below which no box is peeled
SIGNIFICANT = 0.05
ROUNDS = 3  # of search; each may add quantities that matter inside the box of the one before
Move = tuple[int, bool]
"""A limit that is moved: of which quantity, and whether its upper one."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """Limits of all quantities, [d] each; infinite where there are none."""

    low: Floats
    high: Floats

    @classmethod
    def none(cls, d: int) -> Bounds:
        return cls(np.full(d, -np.inf), np.full(d, np.inf))

    def moved(self, k: int, upper: bool, to: float) -> Bounds:
        low, high = self.low.copy(), self.high.copy()
        (high if upper else low)[k] = to
        return Bounds(low, high)

    def holds(self, x: Floats, but: int = -1) -> Bools:
        """[n] the draws inside, all limits of quantity `but` aside. `x` is [d, n]."""
        inside = np.ones(x.shape[1], bool)
        for k in self.limited:
            if k != but:
                inside &= (x[k] >= self.low[k]) & (x[k] <= self.high[k])
        return inside

    def same(self, other: Bounds) -> bool:
        return bool(np.array_equal(self.low, other.low) and np.array_equal(self.high, other.high))

    @property
    def limited(self) -> list[int]:
        return [int(k) for k in np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high))]


Step = tuple[Bounds, Move | None]
"""A box of a trajectory, and the limit that was moved to come to it."""


def search(x: Floats, y: Bools, at: int | None) -> tuple[list[Step], int, Bounds]:
    """A trajectory, the point taken, and the box made of it.

    The search begins with the quantities that the event has to do with, in all draws or inside of the box found so far,
    and is made again over those whose limits are no matter of chance.
    """
    kept, path = related(x, y), [_all(len(x))]
    for _ in range(ROUNDS):
        path = _path(x, y, kept)
        inside = path[balanced(path, x, y)][0].holds(x)
        more = [k for k in related(x[:, inside], y[inside]) if k not in kept]
        if not more:
            break
        kept = sorted({*kept, *more})
    for _ in range(ROUNDS):
        bounds = pruned(x, y, path[balanced(path, x, y)][0])
        if len(bounds.limited) in (0, len(kept)):
            break
        kept = bounds.limited
        path = _path(x, y, kept)
    if at is not None:
        if not 0 <= at < len(path):
            raise QuestionError(f"there is no point {at} on the trajectory; it has points 0 to {len(path) - 1}")
        return path, at, path[at][0]
    chosen = balanced(path, x, y)
    return path, chosen, pasted(x, y, pruned(x, y, path[chosen][0]))


def _path(x: Floats, y: Bools, kept: list[int]) -> list[Step]:
    """The peelings over some quantities, as boxes of all."""
    if not kept:
        return [_all(len(x))]
    return [(_spread(b, kept, len(x)), m and (kept[m[0]], m[1])) for b, m in peelings(x[kept], y)]


def _all(d: int) -> Step:
    return Bounds.none(d), None


def related(x: Floats, y: Bools) -> list[int]:
    """The quantities whose distribution differs between draws with and without the event.

    By Kolmogorov's and Smirnov's test of two samples, at 5% for all quantities together (Bonferroni).
    """
    d, n = x.shape
    events = int(y.sum())
    if min(events, n - events) < 5:
        return []
    order = np.argsort(x, axis=1, kind="stable")
    gap = np.cumsum(y[order] / events - ~y[order] / (n - events), axis=1)
    sorted_x = np.take_along_axis(x, order, axis=1)
    last = np.hstack([sorted_x[:, 1:] > sorted_x[:, :-1], np.ones((d, 1), bool)])  # of those that are equal
    apart = np.abs(np.where(last, gap, 0.0)).max(axis=1)
    from scipy import special  # here and below, because it loads slowly

    p = special.kolmogorov(apart * np.sqrt(events * (n - events) / n))
    return [int(k) for k in np.flatnonzero(p <= SIGNIFICANT / d)]


def _spread(bounds: Bounds, rows: Sequence[int], d: int) -> Bounds:
    """Limits of some quantities as limits of all d."""
    full = Bounds.none(d)
    full.low[rows], full.high[rows] = bounds.low, bounds.high
    return full


def balanced(path: Sequence[Step], x: Floats, y: Bools) -> int:
    """The point with the largest harmonic mean of coverage and density."""
    events, found = y.sum(), []
    for bounds, _ in path:
        inside = bounds.holds(x)
        found.append(2 * (y & inside).sum() / max(1, events + inside.sum()))
    return int(np.argmax(found))


def pruned(x: Floats, y: Bools, bounds: Bounds) -> Bounds:
    """The box without the limits whose quasi-p value is above 5%, the least certain dropped first."""
    while bounds.limited:
        sides = [(k, upper) for k in bounds.limited for upper in (False, True)]
        sides = [(k, upper) for k, upper in sides if np.isfinite((bounds.high if upper else bounds.low)[k])]
        broken = np.array([x[k] > bounds.high[k] if upper else x[k] < bounds.low[k] for k, upper in sides])
        count = broken.sum(axis=0)
        inside = count == 0
        without = count - broken == 0  # [sides, n]
        density = (without & y).sum(axis=1) / without.sum(axis=1)
        p = quasi_p(y[inside], density)
        worst = int(p.argmax())
        if p[worst] <= SIGNIFICANT:
            break
        k, upper = sides[worst]
        bounds = bounds.moved(k, upper, np.inf if upper else -np.inf)
    return bounds


def quasi_p(y: Bools, density: float | Floats) -> Floats:
    """[...] the probability of at least as many events as the draws of a box hold, y [n], if their density were that
    of the box without a limit, [...]."""
    from scipy import special

    events = y.sum()
    return np.asarray(special.betainc(events, len(y) - events + 1, density))


def peelings(x: Floats, y: Bools) -> list[Step]:
    """The boxes from all draws down to the smallest, each with the limit that was moved."""
    d, n = x.shape
    bounds = Bounds.none(d)
    path: list[Step] = [(bounds, None)]
    inside = np.arange(n)
    while len(inside) > max(SMALLEST * n, 10) and not y[inside].all() and y[inside].any():
        found = _peeling(x[:, inside], y[inside])
        if found is None:
            break
        k, upper, limit = found
        bounds = bounds.moved(k, upper, limit)
        row = x[k, inside]
        inside = inside[row <= limit] if upper else inside[row >= limit]
        path.append((bounds, (k, upper)))
    return path


def _peeling(x: Floats, y: Bools) -> tuple[int, bool, float] | None:
    """The peeling that gains most: (quantity, upper side?, new limit). None if nothing can be peeled.

    Equal values go together, so that a peeling of a quantity with few values takes more than others. What is gained in
    the share is therefore counted for each draw that is taken (Kwakkel & Jaxa-Rozen 2016): a patient search does not
    give up half of the draws at once because that alone gains more than a twentieth does. Among equal gains, the
    peeling that takes fewer draws.
    """
    d, m = x.shape
    take = max(1, int(PEEL * m))
    ordered = np.partition(x, (take, m - 1 - take), axis=1)
    best, share = (-np.inf, 0), float(y.mean())
    found: tuple[int, bool, float] | None = None
    held = y.astype(float)
    for upper in (False, True):
        edge = ordered[:, m - 1 - take] if upper else ordered[:, take]
        keep = x <= edge[:, None] if upper else x >= edge[:, None]
        stuck = keep.all(axis=1)  # the edge is tied with the end: peel all that is equal to it
        if stuck.any():
            end = x.max(axis=1) if upper else x.min(axis=1)
            keep[stuck] = x[stuck] != end[stuck, None]
        size = keep.sum(axis=1)
        mean = np.divide(keep @ held, size, out=np.full(d, -1.0), where=size > 0)
        taken = np.maximum(m - size, 1)
        gain = np.where(mean > share, (mean - share) / taken, (mean - share) * taken)
        gain[(size == m) | (size == 0)] = -np.inf
        k = int(np.lexsort((size, gain))[-1])
        if (float(gain[k]), int(size[k])) > best:
            best = (float(gain[k]), int(size[k]))
            rest = x[k, keep[k]]
            found = (k, upper, float(rest.max() if upper else rest.min()))
    return found


def pasted(x: Floats, y: Bools, bounds: Bounds) -> Bounds:
    """Limits moved out again by a twentieth of the box, as long as that raises the density."""
    while bounds.limited:
        inside = bounds.holds(x)
        add, best, wider = max(1, int(PEEL * inside.sum())), float(y[inside].mean()), bounds
        for k in bounds.limited:
            row = x[k, bounds.holds(x, but=k)]
            for upper in (False, True):
                limit, other = (bounds.high[k], bounds.low[k]) if upper else (bounds.low[k], bounds.high[k])
                if not np.isfinite(limit):
                    continue
                beyond = row[(row > limit) & (row >= other)] if upper else row[(row < limit) & (row <= other)]
                ends = np.sort(beyond) if upper else np.sort(beyond)[::-1]
                to = float(ends[add - 1]) if len(ends) > add else (np.inf if upper else -np.inf)
                moved = bounds.moved(k, upper, to)
                density = float(y[moved.holds(x)].mean())
                if len(ends) and density > best:
                    best, wider = density, moved
        if wider is bounds:
            break
        bounds = wider
    return bounds
