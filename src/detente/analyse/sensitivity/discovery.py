"""Scenario discovery: in what region of the quantities an event is concentrated, told as a few limits.

The patient rule induction method (Friedman & Fisher 1999) as used for scenarios (Bryant & Lempert 2010): from the box
of all draws a thin slice is peeled off again and again, always the one whose loss leaves the largest share of draws
with the event; then limits are moved out again where that raises the share. *Coverage* is the share of all draws with
the event that lie in the box, *density* the share of draws in the box that have it. Among many quantities some would
be limited by chance. So the search is over those that the event has to do with at all, and limits that chance could
have set are dropped. Two tests say whether a limit means anything: its quasi-p value, and how often resamples of the
draws limit the same quantity.

Letters: n draws, d quantities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.claims import wilson
from detente.analyse.sensitivity.prim import Bounds, Move, quasi_p, search
from detente.arrays import Bools, Floats
from detente.display import Displayed
from detente.draws.sources import FEW
from detente.errors import QuestionError

FRIEDMAN = "Friedman & Fisher (1999), Bump hunting in high-dimensional data, Statistics and Computing 9, 123-143"
BRYANT = (
    "Bryant & Lempert (2010), Thinking inside the box: a participatory, computer-assisted approach to scenario "
    "discovery, Technological Forecasting and Social Change 77, 34-49"
)
KWAKKEL = (
    "Kwakkel & Jaxa-Rozen (2016), Improving scenario discovery for handling heterogeneous uncertainties and "
    "multinomial classified outcomes, Environmental Modelling & Software 79, 311-321"
)
LEFT_OUT = "the share in draws that are not in the resample that found the box"
FEWEST = 30  # draws with the event, and draws without it
RESAMPLES = 10
SEED = 1999


@dataclass(frozen=True)
class Restriction(Displayed):
    """One limit of a box: `low` or `high` is None where there is none on that side. Of a quantity that has only a few
    values `values` are those inside.

    `quasi_p` is the probability of a density as high as the box's if this limit made no difference; `frequency` the
    share of resamples whose box limits the same quantity on the same side.
    """

    quantity: str
    low: float | None
    high: float | None
    quasi_p: float
    frequency: float
    unit: str = ""
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Peeling(Displayed):
    """A point of the trajectory of peelings and pastings. `mass` is the share of all draws in the box."""

    step: int
    coverage: float
    density: float
    mass: float
    limited: int  # quantities with a limit
    moved: str  # what was peeled or pasted


@dataclass(frozen=True)
class Box(Displayed):
    """A scenario. `left_out` is its density in draws that took no part in finding it, over resamples."""

    limits: tuple[Restriction, ...]
    coverage: Finding
    density: Finding
    mass: float
    left_out: Finding
    chosen: int  # the point of the trajectory
    trajectory: tuple[Peeling, ...]


@dataclass(frozen=True)
class Discovery(Displayed):
    """The boxes in which an event is concentrated, the second among the draws outside of the first, and so on."""

    event: str
    words: str
    where: str
    share: Finding  # of draws with the event
    boxes: tuple[Box, ...]
    draws: int
    notes: tuple[str, ...]
    references: tuple[str, ...] = (FRIEDMAN, BRYANT, KWAKKEL)


def discover(
    event: Floats,
    quantities: Mapping[str, Floats],
    *,
    name: str = "event",
    words: str = "the event",
    where: str = "",
    units: Mapping[str, str] | None = None,
    boxes: int = 1,
    at: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Discovery:
    """Find boxes of quantities in which an event is concentrated.

    `event` is [n], 1 where it holds; draws in which it is nan are left out. `at`: the point of the (first) trajectory
    to take, in place of the one where coverage and density are best balanced (the largest harmonic mean). Raises
    QuestionError where the event is too rare or too common for this.
    """
    known = ~np.isnan(event)
    y = event[known] != 0
    varying = {k: v[known] for k, v in quantities.items() if len(y) and v[known].min() < v[known].max()}
    _enough(y, words, varying)
    names, x = list(varying), np.array(list(varying.values()))
    share, n = float(y.mean()), len(y)
    found: list[Box] = []
    left = np.ones(n, bool)
    while len(found) < boxes and y[left].sum() >= FEWEST and (~y[left]).sum() >= FEWEST:
        first = None if found else at
        box, inside = _box(x[:, left], y[left], names, units or {}, first, int(y.sum()), n, progress)
        if not box.limits or (found and box.density.low <= share):
            break
        found.append(box)
        left[np.flatnonzero(left)[inside]] = False
    notes = []
    if not found or not found[0].limits:
        notes.append("no region of the quantities holds more of the event than the draws as a whole")
    elif len(found) < boxes:
        notes.append(f"there is no box number {len(found) + 1}: outside of the others the event is not concentrated")
    if n < len(event):
        notes.append(f"{len(event) - n} draws are left out: it cannot be judged there")
    low, high = wilson(share, n)
    error = float(np.sqrt(share * (1 - share) / n))
    told = Finding(name, share, low, high, n, error, "95% Wilson interval of the share")
    return Discovery(name, words, where, told, tuple(found), n, tuple(notes))


def _enough(y: Bools, words: str, varying: Mapping[str, Floats]) -> None:
    count, n = int(y.sum()), len(y)
    if not varying:
        raise QuestionError("every quantity of this model is a number known exactly; there is no region to look for")
    if min(count, n - count) < FEWEST:
        rare = count < FEWEST
        few = count if rare else n - count
        wanted = f"about {int(np.ceil(1.3 * FEWEST * n / few / 1000) * 1000):,} draws" if few else "another threshold"
        raise QuestionError(
            f"{words.removeprefix('whether ')} in {count:,} of {n:,} draws, which is too "
            f"{'rare' if rare else 'common'} to look for a region where it is "
            f"({FEWEST} draws with it and {FEWEST} without are needed)\n"
            f"    ask for {wanted}, or choose an event that is {'less' if rare else 'more'} extreme"
        )


def _box(
    x: Floats, y: Bools, names: Sequence[str], units: Mapping[str, str], at: int | None, events: int, draws: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[Box, Bools]:  # fmt: skip
    """One box and the draws [n] inside of it. `events` and `draws` are those of the whole, before other boxes."""

    def point(step: int, bounds: Bounds, said: str) -> Peeling:
        mine = bounds.holds(x)
        return Peeling(
            step, float(y[mine].sum() / events), float(y[mine].mean()), float(mine.sum() / draws),
            len(bounds.limited), said,
        )  # fmt: skip

    path, chosen, bounds = search(x, y, at)
    points = [point(k, b, _said(b, move, names)) for k, (b, move) in enumerate(path)]
    if not bounds.same(path[chosen][0]):
        points.append(point(len(points), bounds, f"from {chosen}: without limits set by chance, the others moved out"))
        chosen = len(points) - 1
    inside = bounds.holds(x)
    others, outside = _resampled(x, y, progress)
    limits = []
    for k in bounds.limited:
        without = bounds.holds(x, but=k)
        p = float(quasi_p(y[inside], y[without].mean()))
        low = float(bounds.low[k]) if np.isfinite(bounds.low[k]) else None
        high = float(bounds.high[k]) if np.isfinite(bounds.high[k]) else None
        same = [
            (low is not None and np.isfinite(o.low[k])) or (high is not None and np.isfinite(o.high[k])) for o in others
        ]
        values = _few(x[k], bounds.low[k], bounds.high[k])
        limits.append(Restriction(names[k], low, high, p, float(np.mean(same)), units.get(names[k], ""), values))
    limits.sort(key=lambda limit: limit.quasi_p)
    count, held = int(inside.sum()), int((y & inside).sum())
    return Box(
        tuple(limits), _share("coverage", held, events), _share("density", held, count), count / draws,
        replace(Finding.of("density in draws left out", np.array(outside), LEFT_OUT), interval="90% of resamples"),
        chosen, tuple(points),
    ), inside  # fmt: skip


def _few(x: Floats, low: float, high: float) -> tuple[float, ...]:
    """The values of a quantity x [n] within limits, if it has only a few values."""
    values = np.unique(x)
    return tuple(float(v) for v in values if low <= v <= high) if len(values) <= FEW else ()


def _share(name: str, held: int, of: int) -> Finding:
    low, high = wilson(held / of, of)
    return Finding(name, held / of, low, high, of, 0.0, "95% Wilson interval of the share", "PRIM", FRIEDMAN)


def _resampled(x: Floats, y: Bools, progress: Callable[[int, int], None] | None) -> tuple[list[Bounds], list[float]]:
    """Boxes found in resamples of the draws, and the density of each in the draws that are not in the
    resample."""
    rng, n = np.random.default_rng(SEED), len(y)
    found, outside = [], []
    for r in range(RESAMPLES):
        pick = rng.integers(0, n, n)
        rest = np.ones(n, bool)
        rest[pick] = False
        bounds = search(x[:, pick], y[pick], None)[2]
        found.append(bounds)
        inside = bounds.holds(x[:, rest])
        if inside.any():
            outside.append(float(y[rest][inside].mean()))
        if progress:
            progress(r + 1, RESAMPLES)
    return found, outside


def _said(bounds: Bounds, move: Move | None, names: Sequence[str]) -> str:
    if move is None:
        return "all draws"
    k, upper = move
    limit = (bounds.high if upper else bounds.low)[k]
    if not np.isfinite(limit):
        return f"{names[k]} without its {'upper' if upper else 'lower'} limit"
    return f"{names[k]} {'at most' if upper else 'at least'} {limit:.3g}"
