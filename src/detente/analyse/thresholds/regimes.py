"""A map over two quantities: which outcome is most likely where, whether a claim holds, and the nearest boundary.

Everything is read at the median draw, all other sources of uncertainty at their medians. Distance is counted in prior
standard deviations of the two quantities (normal scores, their correlation taken into account). A quantity that has
only a few values is no distance: the way across goes along the other one, and between two values there is no boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.readout import NOT_A_NUMBER, Answers, Ask, Subject
from detente.analyse.thresholds.brackets import Bracket, narrow, turns
from detente.analyse.thresholds.design_point import Firsts
from detente.analyse.thresholds.extent import Span
from detente.analyse.thresholds.search import Probe
from detente.analyse.thresholds.tipping import Progress, label_words, words
from detente.arrays import Floats, Longs
from detente.display import Displayed
from detente.draws.sources import Sources
from detente.game.blueprint import Blueprint

POINTS = 25
REACH = 4.0  # how far the way across is looked for, in prior standard deviations
ANGLES, STEPS = 48, 32
CHOICES = "between choices there is no distance"
ROUNDING = 1e-12  # of a unit vector
FINER = (0.6, 0.9, 0.97)  # where a finer fan begins to look, in lengths of the shortest way so far
METHOD = "rays from the median draw in the plane of two normal scores, the first turn on each narrowed by solving again"
REFERENCE = "Hasofer & Lind (1974), Exact and invariant second-moment code format, J. Eng. Mechanics 100, 111-121"


@dataclass(frozen=True)
class Border(Displayed):
    """A point of the boundary between two regimes."""

    x: float
    y: float
    before: str
    after: str


@dataclass(frozen=True)
class WayAcross(Displayed):
    """The nearest point, in prior standard deviations, at which a subject turns. `distance` is nan if there is none."""

    what: str
    here: str
    across: str
    at: tuple[float, float]
    scores: tuple[float, float]
    distance: Finding


@dataclass(frozen=True, eq=False)
class Map(Displayed):
    """One subject over the two quantities: `labels[j, i]` (a number in `legend`) at `grids[0][i]`, `grids[1][j]`."""

    what: str
    legend: tuple[str, ...]
    labels: Longs
    border: tuple[Border, ...]
    way: WayAcross


@dataclass(frozen=True, eq=False)
class Regimes(Displayed):
    """Maps over two quantities. `here` is the median draw."""

    quantities: tuple[str, str]
    grids: tuple[Floats, Floats]
    here: tuple[float, float]
    maps: tuple[Map, ...]
    solved: int
    converged: float
    scales: tuple[str, str] = ("linear", "linear")  # of the grids, as in Tipping
    answer: Floats | None = None  # what answers the case's question at each point of the grid, [points, points]
    answer_here: float | None = None  # and at the median draw


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
    """The maps of some subjects over two quantities, with their boundaries and the nearest of these."""
    solved: list[Floats] = []
    step = 0

    def seen(x: Floats, y: Floats) -> Answers:
        told(step)  # who has enough stops it here
        answers = ask(sources.centre({names[0]: x, names[1]: y}, len(x)))
        solved.append(answers.converged[answers.computed].astype(float))
        return answers

    def labels(x: Floats, y: Floats) -> Longs:
        return _labels(seen(x, y), of)

    def told(done: int) -> None:
        nonlocal step
        step = done
        if progress:
            progress(done, 3)

    gx, gy = (extent.grid(points) for extent in extents)
    x, y = (axis.ravel() for axis in np.meshgrid(gx, gy))
    here = [float(sources.value(name, np.zeros(1))[0]) for name in names]
    whole = seen(np.append(x, here[0]), np.append(y, here[1]))  # the last is the median draw
    cells = _labels(whole, of)[:, :-1].reshape(len(of), len(gy), len(gx))
    told(1)
    borders = [_border(blueprint, subject, k, cells[k], (gx, gy), extents, labels) for k, subject in enumerate(of)]
    told(2)
    ways = _ways(blueprint, sources, names, of, labels, extents)
    told(3)
    maps = []
    for k, subject in enumerate(of):
        kinds = sorted({int(v) for v in cells[k].ravel()})
        legend = tuple(label_words(blueprint, subject, kind) for kind in kinds)
        number = np.vectorize({kind: i for i, kind in enumerate(kinds)}.__getitem__, otypes=[np.int64])
        maps.append(Map(words(blueprint, subject), legend, number(cells[k]), borders[k], ways[k]))
    converged = np.concatenate(solved)
    scales = (extents[0].scale, extents[1].scale)
    found = Regimes(names, (gx, gy), (here[0], here[1]), tuple(maps), len(converged), float(converged.mean()), scales)
    for answer in whole.answer.values():
        found = replace(found, answer=answer[:-1].reshape(len(gy), len(gx)), answer_here=float(answer[-1]))
    return found


def _labels(answers: Answers, of: Sequence[Subject]) -> Longs:
    """[subjects, m] what stands first at each point."""
    return np.array([answers.labels(subject) for subject in of])


def _border(
    blueprint: Blueprint,
    subject: Subject,
    k: int,
    cells: Longs,
    grids: tuple[Floats, Floats],
    extents: tuple[Span, Span],
    labels: Callable[[Floats, Floats], Longs],
) -> tuple[Border, ...]:
    """The boundary of a map along the lines of its grid, to 1/16 of a cell; half-way between values that are few."""
    gx, gy = grids
    rows = [b for j in range(len(gy)) for b in turns(j, gx, cells[j])]
    columns = [b for i in range(len(gx)) for b in turns(len(gy) + i, gy, cells[:, i])]

    def label(owners: Longs, values: Floats) -> Longs:
        across = owners < len(gy)
        x = np.where(across, values, gx[(owners - len(gy)).clip(0)])
        y = np.where(across, gy[owners.clip(0, len(gy) - 1)], values)
        return np.asarray(labels(x, y)[k])

    found = []
    across = [line for line, extent in zip((rows, columns), extents, strict=True) if not extent.values]
    between = [b for line, extent in zip((rows, columns), extents, strict=True) if extent.values for b in line]
    for b in [*narrow([b for line in across for b in line], label, 1), *between]:
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
    extents: tuple[Span, Span],
) -> list[WayAcross]:
    """For each subject the shortest way to where it turns."""
    few = [bool(extent.values) for extent in extents]
    if all(few):
        return [
            _nowhere(blueprint, subject, row, CHOICES)
            for subject, row in zip(of, _here(sources, names, labels), strict=True)
        ]
    rho = 0.0 if any(few) else float(np.clip(sources.correlation(*names), -0.999, 0.999))
    mixing = np.array([[1.0, 0.0], [rho, np.sqrt(1 - rho * rho)]])

    def at(free: Floats) -> Longs:
        """[subjects, m] the labels at points of the plane of free scores, [2, m]."""
        z = mixing @ free
        return labels(sources.value(names[0], z[0]), sources.value(names[1], z[1]))

    fan = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    if any(few):
        fan = np.array([0.0, np.pi]) + (np.pi / 2 if few[0] else 0.0)
    searches = [Firsts(_rays(fan), np.linspace(0, REACH, STEPS + 1), 1) for _ in of]
    asked = searches[0].ask()  # all of them ask for the same fan first
    assert isinstance(asked, np.ndarray)
    cast = at(asked)
    for search, row in zip(searches, cast, strict=True):
        search.tell(_turned(row, int(row[0])))
    return [
        _way(blueprint, sources, names, subject, k, (fan, search, int(cast[k, 0])), at, mixing)
        for k, (subject, search) in enumerate(zip(of, searches, strict=True))
    ]


def _rays(angles: Floats) -> Floats:
    """[2, r] unit vectors. A quarter turn leaves nothing of the other score: one of a few values may jump at 0."""
    found = np.array([np.cos(angles), np.sin(angles)])
    return np.where(np.abs(found) < ROUNDING, 0.0, found)


def _turned(labels: Longs, start: int) -> Probe:
    """What is known where a label is, or is no longer, what it is at the median draw: there is no margin."""
    return Probe((labels != start).astype(np.int64), np.full(len(labels), np.nan))


def _way(
    blueprint: Blueprint,
    sources: Sources,
    names: tuple[str, str],
    subject: Subject,
    k: int,
    begun: tuple[Floats, Firsts, int],
    at: Callable[[Floats], Longs],
    mixing: Floats,
) -> WayAcross:
    """The shortest of the ways on a fan of rays, the fan made finer about it three times.

    `begun` are the angles of the fan, the search on it, and the label at the median draw.
    """
    fan, search, start = begun

    def first(angles: Floats, rays: Firsts) -> tuple[float, Bracket] | None:
        while (asked := rays.ask()) is not None:
            assert isinstance(asked, np.ndarray)
            rays.tell(_turned(at(asked)[k], start))
        return (float(angles[rays.found[0].owner]), rays.found[0]) if rays.found else None

    here = label_words(blueprint, subject, start)
    best = first(fan, search) if start != NOT_A_NUMBER else None
    if best is None:
        return _nowhere(blueprint, subject, start, f"searched to {REACH:g}")
    width = 2 * np.pi / ANGLES
    for least in FINER if len(fan) == ANGLES else ():
        angles = best[0] + width * np.linspace(-1, 1, 17)
        near = np.linspace(least * best[1].high, 1.02 * best[1].high, 8)
        better = first(angles, Firsts(_rays(angles), near, 2))
        if better is not None and better[1].high < best[1].high:
            best = better
        width /= 8
    along = np.linspace(0.98 * best[1].high, 1.001 * best[1].high, 9)
    angle, bracket = first(np.array([best[0]]), Firsts(_rays(np.array([best[0]])), along, 4)) or best
    free = _rays(np.array([angle])) * bracket.high
    z = (mixing @ free)[:, 0]
    across = label_words(blueprint, subject, int(at(free)[k, 0]))
    point = tuple(float(sources.value(name, np.array([score]))[0]) for name, score in zip(names, z, strict=True))
    distance = Finding(
        here, bracket.high, bracket.low, bracket.high, 1, bracket.high - bracket.low,
        "solved at both ends", METHOD, REFERENCE,
    )  # fmt: skip
    return WayAcross(
        words(blueprint, subject), here, across, (point[0], point[1]), (float(z[0]), float(z[1])), distance
    )


def _nowhere(blueprint: Blueprint, subject: Subject, start: int, searched: str) -> WayAcross:
    """That there is no way across, and what was searched."""
    here, nan = label_words(blueprint, subject, start), float("nan")
    nothing = Finding(here, nan, nan, nan, 1, nan, searched, METHOD, REFERENCE)
    return WayAcross(words(blueprint, subject), here, "", (nan, nan), (nan, nan), nothing)


def _here(sources: Sources, names: tuple[str, str], labels: Callable[[Floats, Floats], Longs]) -> list[int]:
    """The label of each subject at the median draw."""
    x, y = (sources.value(name, np.zeros(1)) for name in names)
    return [int(v) for v in labels(x, y)[:, 0]]
