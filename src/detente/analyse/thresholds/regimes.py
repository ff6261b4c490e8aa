"""A map over two quantities: which ending is likeliest where, whether a claim holds, and the shortest way across.

Everything is read at the central draw, all other sources of uncertainty at their medians. Distance is counted in prior
standard deviations of the two quantities (normal scores, their correlation taken into account).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.readout import Ask, Subject
from detente.analyse.thresholds.brackets import Bracket, narrow, turns
from detente.analyse.thresholds.tipping import Progress, Span, label_words, words
from detente.arrays import Floats, Longs
from detente.draws.sources import Sources
from detente.game.blueprint import Blueprint

POINTS = 25
REACH = 4.0  # how far the way across is looked for, in prior standard deviations
ANGLES, STEPS = 48, 32
NEAREST = 6  # rays of a fan that are followed to the end
METHOD = "rays from the centre in the plane of two normal scores, the first turn on each narrowed by solving again"
REFERENCE = "Hasofer & Lind (1974), Exact and invariant second-moment code format, J. Eng. Mechanics 100, 111-121"


@dataclass(frozen=True)
class Border:
    """A point of the boundary between two regimes."""

    x: float
    y: float
    before: str
    after: str


@dataclass(frozen=True)
class Crossing:
    """The nearest point, in prior standard deviations, at which a subject turns. `distance` is nan if there is none."""

    what: str
    here: str
    across: str
    at: tuple[float, float]
    scores: tuple[float, float]
    distance: Finding


@dataclass(frozen=True, eq=False)
class Map:
    """One subject over the two quantities: `labels[j, i]` (a number in `legend`) at `grids[0][i]`, `grids[1][j]`."""

    what: str
    legend: tuple[str, ...]
    labels: Longs
    border: tuple[Border, ...]
    way: Crossing


@dataclass(frozen=True, eq=False)
class Regimes:
    """Maps over two quantities. `here` is the central draw."""

    quantities: tuple[str, str]
    grids: tuple[Floats, Floats]
    here: tuple[float, float]
    maps: tuple[Map, ...]
    solved: int
    converged: float


def regimes(
    blueprint: Blueprint,
    sources: Sources,
    ask: Ask,
    names: tuple[str, str],
    extents: tuple[Span, Span],
    of: Sequence[Subject],
    points: int = POINTS,
    progress: Progress | None = None,
) -> Regimes:
    """The maps of some subjects over two quantities, with their boundaries and the shortest way across."""
    solved: list[Floats] = []

    def labels(x: Floats, y: Floats) -> Longs:
        answers = ask(sources.centre({names[0]: x, names[1]: y}, len(x)))
        solved.append(answers.converged.astype(float))
        return np.array([answers.labels(subject) for subject in of])

    def told(done: int) -> None:
        if progress:
            progress(done, 3)

    gx, gy = (extent.grid(points) for extent in extents)
    x, y = (axis.ravel() for axis in np.meshgrid(gx, gy))
    cells = labels(x, y).reshape(len(of), len(gy), len(gx))
    told(1)
    borders = [_border(blueprint, subject, k, cells[k], (gx, gy), labels) for k, subject in enumerate(of)]
    told(2)
    ways = _ways(blueprint, sources, names, of, labels)
    told(3)
    maps = []
    for k, subject in enumerate(of):
        kinds = sorted({int(v) for v in cells[k].ravel()})
        legend = tuple(label_words(blueprint, subject, kind) for kind in kinds)
        number = np.vectorize({kind: i for i, kind in enumerate(kinds)}.__getitem__, otypes=[np.int64])
        maps.append(Map(words(blueprint, subject), legend, number(cells[k]), borders[k], ways[k]))
    here = tuple(float(sources.value(name, np.zeros(1))[0]) for name in names)
    converged = np.concatenate(solved)
    return Regimes(names, (gx, gy), (here[0], here[1]), tuple(maps), len(converged), float(converged.mean()))


def _border(
    blueprint: Blueprint,
    subject: Subject,
    k: int,
    cells: Longs,
    grids: tuple[Floats, Floats],
    labels: Callable[[Floats, Floats], Longs],
) -> tuple[Border, ...]:
    """The boundary of a map along the lines of its grid, to 1/16 of a cell."""
    gx, gy = grids
    rows = [b for j in range(len(gy)) for b in turns(j, gx, cells[j])]
    columns = [b for i in range(len(gx)) for b in turns(len(gy) + i, gy, cells[:, i])]

    def label(owners: Longs, values: Floats) -> Longs:
        across = owners < len(gy)
        x = np.where(across, values, gx[(owners - len(gy)).clip(0)])
        y = np.where(across, gy[owners.clip(0, len(gy) - 1)], values)
        return np.asarray(labels(x, y)[k])

    found = []
    for b in narrow([*rows, *columns], label, 1):
        x, y = (b.middle, gy[b.owner]) if b.owner < len(gy) else (gx[b.owner - len(gy)], b.middle)
        before, after = (label_words(blueprint, subject, v) for v in (b.before, b.after))
        found.append(Border(float(x), float(y), before, after))
    return tuple(found)


def _ways(
    blueprint: Blueprint,
    sources: Sources,
    names: tuple[str, str],
    of: Sequence[Subject],
    labels: Callable[[Floats, Floats], Longs],
) -> list[Crossing]:
    """For each subject the shortest way to where it turns."""
    rho = float(np.clip(sources.correlation(*names), -0.999, 0.999))

    def scores(angles: Floats, lengths: Floats) -> Floats:
        """[2, m] the scores of points given in polar coordinates of the plane of free scores."""
        u, v = lengths * np.cos(angles), lengths * np.sin(angles)
        return np.array([u, rho * u + np.sqrt(1 - rho * rho) * v])

    def at(angles: Floats, lengths: Floats) -> Longs:
        z = scores(angles, lengths)
        return labels(sources.value(names[0], z[0]), sources.value(names[1], z[1]))

    fan = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    steps = np.linspace(0, REACH, STEPS + 1)
    cast = at(np.repeat(fan, STEPS + 1), np.tile(steps, ANGLES)).reshape(len(of), ANGLES, STEPS + 1)
    look = (fan, steps)
    return [_way(blueprint, sources, names, subject, k, look, cast[k], at, scores) for k, subject in enumerate(of)]


def _way(
    blueprint: Blueprint,
    sources: Sources,
    names: tuple[str, str],
    subject: Subject,
    k: int,
    look: tuple[Floats, Floats],
    cast: Longs,
    at: Callable[[Floats, Floats], Longs],
    scores: Callable[[Floats, Floats], Floats],
) -> Crossing:
    """The shortest of the ways on a fan of rays, the fan made finer about it three times."""
    fan, steps = look

    def first(angles: Floats, found: list[Bracket]) -> tuple[float, Bracket] | None:
        label = lambda owners, lengths: np.asarray(at(angles[owners], lengths)[k])  # noqa: E731
        nearest = narrow(sorted(found, key=lambda b: b.high)[:NEAREST], label, 4)
        best = min(nearest, key=lambda b: b.high, default=None)
        return None if best is None else (float(angles[best.owner]), best)

    start = label_words(blueprint, subject, int(cast[0, 0]))
    best = first(fan, [turning[0] for i in range(len(fan)) if (turning := turns(i, steps, cast[i]))])
    if best is None:
        searched = Finding(start, np.nan, np.nan, np.nan, 1, np.nan, f"searched to {REACH:g}", METHOD, REFERENCE)
        nan = float("nan")
        return Crossing(words(blueprint, subject), start, "", (nan, nan), (nan, nan), searched)
    width = 2 * np.pi / ANGLES
    for _ in range(3):
        angles = best[0] + width * np.linspace(-1, 1, 17)
        near = np.linspace(0.6 * best[1].high, 1.02 * best[1].high, 8)
        rays = at(np.repeat(angles, 8), np.tile(near, 17))[k].reshape(17, 8)
        better = first(angles, [turning[0] for i in range(17) if (turning := turns(i, near, rays[i]))])
        if better is not None and better[1].high < best[1].high:
            best = better
        width /= 8
    angle, bracket = best
    z = scores(np.array([angle]), np.array([bracket.high]))[:, 0]
    point = tuple(float(sources.value(name, np.array([score]))[0]) for name, score in zip(names, z, strict=True))
    distance = Finding(
        start, bracket.high, bracket.low, bracket.high, 1, bracket.high - bracket.low,
        "solved at both ends", METHOD, REFERENCE,
    )  # fmt: skip
    return Crossing(
        words(blueprint, subject), start, label_words(blueprint, subject, bracket.after),
        (point[0], point[1]), (float(z[0]), float(z[1])), distance,
    )  # fmt: skip
