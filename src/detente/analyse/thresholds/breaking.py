"""Breaking points: the smallest change of assumptions that flips a claim, joint and of each single assumption.

Distance is counted in prior standard deviations from the median draw: the length of a point in the free normal scores
of the sources of uncertainty that can be moved by degrees (`draws.planes`), where correlated quantities that move
together are nearer than those that move against their correlation. The joint point is what structural engineers call
the design point. Sources that choose between values are no distances but *switches*, each tried alone at each value.

The search (`design_point`) is begun from every single source moved up and down, from the median draw, and from the
nearest solved draws in which the claim has turned, and follows exact gradients through the equilibrium. Beside a switch
it is begun from the same, but of single sources only from the two that flip the claim soonest where nothing is
switched. The point that is reported has been solved on both sides; a nearer one in some region that no start leads to
cannot be ruled out. All claims are searched side by side, in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.finding import Finding
from detente.analyse.forecast.readout import NOT_A_NUMBER, Answers
from detente.analyse.thresholds.brackets import Bracket
from detente.analyse.thresholds.design_point import TURNED, DesignPoint, Narrowed
from detente.analyse.thresholds.hlrf import REACH
from detente.analyse.thresholds.search import Points, Probe, Staged, Steep
from detente.arrays import Floats, Longs
from detente.display import Displayed
from detente.draws.planes import Plane
from detente.draws.sources import Sources
from detente.model.blocks import called
from detente.model.structural import drawing

ALONE = 4.0  # how far each source is moved alone
STEP = 0.25  # ... in steps of this
STARTS = 6  # solved draws that the search is begun from
BESIDE = 12  # searches beside a switch, of all claims together
LISTED = 6  # single changes worked out to the end, the nearest ones
METHOD = "design point in normal scores: Hasofer-Lind-Rackwitz-Fiessler from several starts, solved on both sides"
ALONE_METHOD = "one source moved, all others at their medians; bracketed in steps of 0.25 and narrowed by solving again"
REFERENCE = (
    "Rackwitz & Fiessler (1978), Structural reliability under combined random load sequences, Computers & "
    "Structures 9, 489-494; Zhang & Der Kiureghian (1995), Two improved algorithms for reliability analysis, "
    "Reliability and Optimization of Structural Systems, 297-304; Der Kiureghian (2005), First- and second-order "
    "reliability methods, CRC Handbook"
)
NOT_ASKED = "the claim cannot be judged at the median draw: what it conditions on does not happen there"
NO_GAME = (
    "what flips it cannot be worked out: with every quantity at its median the model is not a number (a division by "
    "zero, say), so there is no median draw to begin from"
)
Request = tuple[Sequence[str], Points]
"""Some claims, and the points in free scores, [S, m], at which they are asked; one claim, if derivatives are asked
for."""
Solve = Callable[[Sequence[Request]], list[Answers]]
"""Solves the points of all requests in one batch, and answers each."""


@dataclass(frozen=True)
class Moved(Displayed):
    """An assumption moved from its median. `score` is where it lies in its own prior, in standard deviations."""

    name: str
    value: float
    median: float
    score: float
    share: float = 1.0  # of the squared distance of the joint change
    says: str = ""  # what is switched, where numbers do not tell: of alternatives which one


@dataclass(frozen=True)
class Single(Displayed):
    """The smallest change of one assumption alone that flips the claim."""

    change: Moved
    distance: Finding


@dataclass(frozen=True)
class Beside(Displayed):
    """The smallest joint change that flips the claim once a choice is switched, which alone does not."""

    switch: Moved
    distance: Finding
    changes: tuple[Moved, ...]


@dataclass(frozen=True)
class Breaking(Displayed):
    """The breaking point of a claim. `distance.value` is nan where nothing within reach flips it.

    `switches` are the choices that flip it alone, from the value at the median to another; they have no score. `beside`
    is a joint change that is shorter than the smallest once another choice is switched.
    `holds` says what the claim does at the median draw (None: it cannot be judged there, and nothing is searched).
    `among` is the share of the solved draws in which it is the other way round.
    """

    claim: str
    holds: bool | None
    distance: Finding
    changes: tuple[Moved, ...]
    singles: tuple[Single, ...]
    among: float
    searched: str
    switches: tuple[Moved, ...] = ()
    beside: Beside | None = None


def breaking_points(
    sources: Sources,
    solve: Solve,
    drawn: Floats,
    held: Mapping[str, Floats],
    progress: Callable[[int, int], None] | None = None,
) -> list[Breaking]:
    """The breaking point of each claim.

    `drawn` is [S, n], the free scores of the draws that are solved; `held[claim]` is [n], what became of it there.
    """
    names, plane = list(held), Plane(sources)
    alone, others = _Alone(plane), plane.switched()
    lines = [plane.up(alone.points)] if alone.points.shape[1] else []
    origins = [np.array([other.origin for other in others]).T] if others else []
    middle, *known = solve([(names, points) for points in (plane.origin[:, None], *lines, *origins)])
    moved, switched = (known[0] if lines else None), (known[-1] if origins else None)
    start = {name: int(middle.labels(("claim", name))[0]) for name in names}
    flips = {name: _flipped(switched, name, start[name]) for name in names}
    searches = {
        (name, -1): _Search(plane, name, start[name], alone, moved, drawn, held[name], _switches(others, flips[name]))
        for name in names
    }
    wanted = [(name, j) for name in names for j in range(len(others)) if lines and start[name] >= 0]
    wanted = [(name, j) for name, j in wanted if j not in flips[name]][:BESIDE]
    for name, j in wanted:
        ways = searches[name, -1].ways
        searches[name, j] = _Search(others[j], name, start[name], alone, None, drawn, held[name], (), ways)
    _search_all(searches, {-1: plane, **dict(enumerate(others))}, start, solve, progress)
    return [_nearest(name, searches, others) for name in names]


def _search_all(
    searches: Mapping[tuple[str, int], _Search],
    planes: Mapping[int, Plane],
    start: Mapping[str, int],
    solve: Solve,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Go through all searches side by side; each is of a claim, in a plane."""
    while True:
        asked = {key: points for key, search in searches.items() if (points := search.ask()) is not None}
        if progress:
            progress(len(searches) - len(asked), len(searches))
        if not asked:
            return
        answers = solve([((name,), _up(planes[j], points)) for (name, j), points in asked.items()])
        for (name, j), answer in zip(asked, answers, strict=True):
            searches[name, j].tell(_down(planes[j], _probe(answer, name, start[name])))


def _nearest(name: str, searches: Mapping[tuple[str, int], _Search], others: Sequence[Plane]) -> Breaking:
    """The breaking point of a claim, with the one beside a switch if that is nearer."""
    found = searches[name, -1].found
    beside = [(j, search.found) for (claim, j), search in searches.items() if claim == name and j >= 0]
    near = [(b.distance.value, j, b) for j, b in beside if b.distance.value == b.distance.value]
    if near:
        length, j, best = min(near, key=lambda one: one[:2])
        if not length >= found.distance.value:
            (switch,) = _switches(others, [j])
            found = replace(found, beside=Beside(switch, best.distance, best.changes))
    return found


def _flipped(answers: Answers | None, claim: str, start: int) -> list[int]:
    """The switches, by number, that flip a claim alone. `answers` are those at the middles of their planes."""
    if answers is None or start < 0:
        return []
    return [int(k) for k in np.flatnonzero(_probe(answers, claim, start).labels == TURNED)]


def _switches(planes: Sequence[Plane], which: Sequence[int]) -> tuple[Moved, ...]:
    """What is switched in some planes."""
    found = []
    for j in which:
        (source,) = planes[j].standing
        name = source.partition("#")[0].removesuffix(" drawn")  # which of several structures there is
        values = [float(planes[j].sources.read(p.draws(np.zeros((len(p.rows), 1))), name)[0])
                  for p in (planes[j], Plane(planes[j].sources))]  # fmt: skip
        block = drawing(planes[j].sources.sampler.model).get(name)
        said = ""
        if block is not None and name not in block.names:  # its values number alternatives
            at, to = (called(block.alternatives[int(value)]) for value in (values[1], values[0]))
            said = f"{name}: {at} → {to}"
        found.append(Moved(name, values[0], values[1], float("nan"), says=said))
    return tuple(found)


def _probe(answers: Answers, name: str, start: int) -> Probe:
    labels, sign = answers.labels(("claim", name)), 1 if start else -1
    turned = np.where(labels < 0, -1, (labels == 1 - start).astype(np.int64))
    steep = answers.slopes.get(name)
    return Probe(turned, answers.margins[name] * sign, None if steep is None else steep * sign)


def _up(plane: Plane, points: Points) -> Points:
    """Points of the plane in free scores of all sources."""
    return Steep(plane.up(points.points)) if isinstance(points, Steep) else plane.up(points)


def _down(plane: Plane, probe: Probe) -> Probe:
    """What is known, with derivatives by the free scores of the plane."""
    return probe if probe.slopes is None else probe._replace(slopes=plane.down(probe.slopes))


class _Alone:
    """Every source moved alone, up and down: lines of free scores, [C, 2 C], one prior standard deviation long."""

    def __init__(self, plane: Plane) -> None:
        self.lines = np.hstack([plane.unmixing, -plane.unmixing])
        self.steps = np.arange(0, ALONE + STEP / 2, STEP)
        self.lengths = np.linalg.norm(self.lines, axis=0)

    @property
    def points(self) -> Floats:
        """[C, 2 C x steps] all points on the lines."""
        count = self.lines.shape[1] * (len(self.steps) - 1)
        return np.asarray((self.lines[:, :, None] * self.steps[1:]).reshape(len(self.lines), count))

    def turns(self, labels: Longs) -> list[Bracket]:
        """The first turn on each line that has one, nearest first. `labels` are those of `points`, 1 where turned."""
        found = []
        for owner, row in enumerate(labels.reshape(self.lines.shape[1], -1)):
            if len(turned := np.flatnonzero(row == TURNED)):
                k = int(turned[0])
                found.append(Bracket(owner, float(self.steps[k]), float(self.steps[k + 1]), 0, TURNED))
        return sorted(found, key=lambda b: b.high * float(self.lengths[b.owner]))


class _Search(Staged[Breaking]):
    """The search for the breaking point of one claim: single changes first, then the nearest joint one."""

    def __init__(
        self, plane: Plane, name: str, start: int, alone: _Alone, moved: Answers | None, drawn: Floats, held: Floats,
        switches: tuple[Moved, ...], ways: Sequence[Floats] | None = None,
    ) -> None:  # fmt: skip
        """`ways`: beside a switch, where no source is moved alone, points that may be worth going to."""
        super().__init__()
        self.ways: list[Floats] = []
        self.plane, self.name, self.start, self.alone, self.switches = plane, name, start, alone, switches
        (self.drawn, self.alike), self.held = plane.across(drawn), held
        self.nowhere = Finding(name, np.nan, np.nan, np.nan, 1, np.nan, "not found", METHOD, REFERENCE)
        if start < 0:
            said = NO_GAME if start == NOT_A_NUMBER else NOT_ASKED
            self.end(Breaking(name, None, self.nowhere, (), (), float("nan"), said))
            return
        self.singles: tuple[Single, ...] = ()
        if ways is not None:
            self._jointly(ways)
            return
        if moved is None:  # everything that is uncertain is a choice
            self._together(None)
            return
        self.brackets = alone.turns(_probe(moved, name, start).labels)
        self.ways = [alone.lines[:, b.owner] * b.high for b in self.brackets[:2]]
        self.run(Narrowed(alone.lines, self.brackets[:LISTED], 4, 8), self._alone)

    def _alone(self, exact: list[Bracket]) -> None:
        """The nearest changes of one source alone are worked out."""
        self.singles = _singles(self.plane, self.name, self.alone, exact)
        self._jointly(self.ways)

    def _jointly(self, ways: Sequence[Floats]) -> None:
        turned = np.flatnonzero((self.held == 1 - self.start) & self.alike)
        order = turned[np.argsort(np.linalg.norm(self.drawn[:, turned], axis=0), kind="stable")[:STARTS]]
        self.run(DesignPoint(len(self.drawn), ways, [self.drawn[:, j] for j in order]), self._together)

    def _together(self, best: tuple[Floats, float] | None) -> None:
        """The nearest joint change is found, or none."""
        judged = self.held[~np.isnan(self.held)]
        among = float((judged != self.start).mean()) if len(judged) else float("nan")
        drawn = f"{self.drawn.shape[1]:,} solved draw{'' if self.drawn.shape[1] == 1 else 's'}"
        searched = f"{drawn}, each assumption alone up to {ALONE:g} sd, all together up to {REACH:g}"
        if self.plane.switches:
            searched += ", each choice alone at all its values"
        if best is None:
            found = Breaking(
                self.name, bool(self.start), self.nowhere, (), self.singles, among, searched, self.switches
            )
            self.end(found)
            return
        point, low = best
        length = float(np.linalg.norm(point))
        distance = replace(
            self.nowhere, value=length, low=low, high=length, error=length - low, interval="solved at both ends"
        )
        changes = tuple(_changes(self.plane, point))
        self.end(Breaking(self.name, bool(self.start), distance, changes, self.singles, among, searched, self.switches))


def _singles(plane: Plane, name: str, alone: _Alone, exact: Sequence[Bracket]) -> tuple[Single, ...]:
    """Changes of one source alone, from their brackets."""
    turned = [b for b in exact if b.before == 0 and b.after == TURNED]
    kept = list({b.owner: b for b in reversed(turned)}.values())[::-1]  # the first turn of each, nearest first
    if not kept:
        return ()
    points = np.array([alone.lines[:, b.owner] * b.high for b in kept]).T
    found = []
    for b, change in zip(kept, _moved(plane, [b.owner % len(alone.lines) for b in kept], points), strict=True):
        length = float(alone.lengths[b.owner])
        distance = Finding(
            name, b.high * length, b.low * length, b.high * length, 1, (b.high - b.low) * length,
            "solved at both ends", ALONE_METHOD, REFERENCE,
        )  # fmt: skip
        found.append(Single(change, distance))
    return tuple(found)


def _changes(plane: Plane, point: Floats) -> Iterator[Moved]:
    """What is moved at a point, by what it adds to the squared distance."""
    scores = plane.mixing @ point
    shares = scores * (plane.unmixing.T @ point) / float(point @ point)
    which = [int(k) for k in np.argsort(-shares, kind="stable") if abs(scores[k]) > 1e-3]
    for k, change in zip(which, _moved(plane, which, np.repeat(point[:, None], len(which), axis=1)), strict=True):
        yield replace(change, share=float(shares[k]))


def _moved(plane: Plane, which: Sequence[int], points: Floats) -> Iterator[Moved]:
    """What the j-th of some sources comes to at the j-th of some points, [C, m]."""
    scores = plane.mixing @ points
    both = plane.draws(np.hstack([points, np.zeros((len(points), 1))]))
    for j, source in enumerate(which):
        name = plane.names[source].partition("#")[0]
        value = plane.sources.read(both, name)
        yield Moved(name, float(value[j]), float(value[-1]), float(scores[source, j]))
