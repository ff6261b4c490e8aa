"""What an actor must believe for a move to be its best, and how far that is from correct beliefs.

The space searched is that of the quantities the actor sees its own way, each counted in the analyst's prior standard
deviations from its true value (differences of normal scores, `Sources.score`), all else at the median draw. Three
kinds of ways lead out of the truth: along each quantity alone, along the line from the truth to the view that the model
gives the actor (`s` from 0 to 1, and beyond as long as no quantity leaves what the analyst holds possible), and to the
nearest point of all. A belief may be mistaken about each quantity on its own: correlations of the prior play no part.

The gap between a move and the best other one need not be monotone (a move can be worth waiting for), so each way is
scanned first and the first crossing is then cut down, seventeen parts at a time; the equilibrium is solved at every
point used. The nearest point is looked for as breaking points are (`thresholds.design_point`, here with derivatives by
differences), and then challenged by random points that are nearer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from detente.analyse.thresholds.brackets import Bracket, narrow
from detente.analyse.thresholds.design_point import DesignPoint
from detente.analyse.thresholds.search import Probe, Steep
from detente.arrays import Floats, Longs
from detente.display import Displayed
from detente.draws.sources import Sources
from detente.language.distributions import BOUNDED_UNITS

REFERENCE = (
    "Rackwitz & Fiessler (1978), Structural reliability under combined random load sequences, "
    "Computers & Structures 9, 489-494"
)
FARTHEST = 6.0  # prior standard deviations
SINGLE, LINE = 121, 101  # points of a scan
PARTS, ROUNDS = 17, 5  # of a cut: 17^5 parts of a step of the scan
CHALLENGERS, BOUTS = 128, 3
BEYOND = 2.0  # how far the line is followed, in lengths of the way from truth to view

Solve = Callable[[Floats], tuple[Floats, Floats]]
"""From [Q, m] values as the actor sees them to [D, m] gaps in stakes, one for each decision, and [m] residuals."""


@dataclass(frozen=True)
class Axis:
    """A quantity that an actor sees its own way, at the median draw. Distances are differences of its scores."""

    quantity: str
    unit: str
    truth: float
    view: float  # as the model says it sees it
    sources: Sources

    @property
    def exact(self) -> bool:
        """Whether the analyst knows it exactly, so that distances are not numbers."""
        _, values = self.sources.table(self.quantity)
        return bool(values[0] == values[-1])

    @property
    def limits(self) -> tuple[float, float]:
        """What the analyst holds possible; of what is known exactly all that its unit allows."""
        if self.exact:
            return (0.0, 1.0) if self.unit in BOUNDED_UNITS else (-np.inf, np.inf)
        _, values = self.sources.table(self.quantity)
        return float(values.min()), float(values.max())

    def distance(self, values: Floats | float) -> Floats:
        """[m] prior standard deviations from the truth; 0 at the truth, however well it is known."""
        return self.sources.distance(self.quantity, self.truth, values)

    def moved(self, distance: Floats) -> Floats:
        """[m] what lies some prior standard deviations from the truth."""
        start = float(self.sources.score(self.quantity, np.array([self.truth]))[0])
        return np.asarray(np.interp(start + distance, *self.sources.table(self.quantity)))


@dataclass(frozen=True)
class Decision(Displayed):
    """One information set at which the move may be the best."""

    infoset: int
    where: str
    own: str  # the actor's own private types there, `aim is subjugate`
    when: str  # `first` or `last`: whether the stage was played before; `here`: asked about by itself
    share: float  # of the plays with these types in which it comes to such a decision here, with correct beliefs


@dataclass(frozen=True)
class Conviction(Displayed):
    """What must be believed on one way for the move to become the best at one decision.

    `way`: `line`, `nearest`, or the name of a quantity. If `found`, `beliefs` are the values at the point, `s` the
    share of the line (nan on other ways), `distance` that from the truth in prior standard deviations (nan if what was
    moved is known exactly, infinite if it lies outside of what the analyst holds possible), `before` and `after` the
    gaps in stakes a hair short of the point and at it, `until` where on the way the move stops being the best again
    (inf: not in the range searched; in `s` or in standard deviations). `scores`: how far each belief is from the truth.
    If not, the point is where the gap, `after`, came nearest to zero.
    """

    decision: Decision
    way: str
    found: bool
    beliefs: Mapping[str, float]
    scores: Mapping[str, float]
    factors: Mapping[str, float]
    s: float
    distance: float
    before: float
    after: float
    until: float
    residual: float
    searched: str


@dataclass(frozen=True)
class View(Displayed):
    """A quantity that an actor sees its own way, at the median draw: the truth, what the model says that it sees, and
    how far that is from the truth in prior standard deviations."""

    quantity: str
    unit: str
    truth: float
    view: float
    score: float

    @classmethod
    def of(cls, axis: Axis) -> View:
        return cls(axis.quantity, axis.unit, axis.truth, axis.view, float(axis.distance(axis.view)[0]))


@dataclass(frozen=True, eq=False)
class _Way:
    """A path t -> point, and the positions of its scan."""

    name: str
    at: Callable[[Floats], Floats]  # [m] -> [Q, m]
    scan: Floats


def convictions(axes: Sequence[Axis], decisions: Sequence[Decision], solve: Solve) -> list[Conviction]:
    """For every decision each way, in the order: the line, the nearest point, the quantities.

    Of decisions of one kind those reached more come first. The nearest point is looked for at the first of each kind,
    if more than one quantity is seen otherwise and none is known exactly. `solve` is called some dozens of times.
    """
    ways = [_line(axes), *(way for k in range(len(axes)) for way in _alone(axes, k))]
    gaps, _ = solve(np.concatenate([way.at(way.scan) for way in ways], axis=1))
    ends = np.cumsum([len(way.scan) for way in ways])
    rows = [gaps[:, end - len(way.scan) : end] for way, end in zip(ways, ends, strict=True)]
    found: list[Conviction] = []
    crossings: list[_Crossing] = []
    for d, decision in enumerate(decisions):
        for way, row in zip(ways, rows, strict=True):
            up = np.flatnonzero(row[d] >= 0)
            if not len(up):
                k = int(row[d].argmax())
                found.append(_told(axes, decision, way, float(way.scan[k]), float(row[d, k])))
            elif up[0] == 0:
                found.append(replace(_told(axes, decision, way, 0.0, float(row[d, 0])), found=True))
            else:
                down = up[0] + np.flatnonzero(row[d, up[0] :] < 0)
                for k, rising in ((up[0], True), *((k, False) for k in down[:1])):
                    crossings.append(_Crossing(len(found), d, way, way.scan[k - 1], way.scan[k], rising))
                found.append(_told(axes, decision, way, 0.0, 0.0))
    _cut(axes, decisions, solve, crossings, found)
    merged = _merged(axes, found, len(ways))
    if not any(axis.exact for axis in axes) and len(axes) > 1:
        tops = {(d.when, d.own): d for d in reversed(decisions)}  # of each kind the one that is reached most
        merged += _nearest(axes, decisions, list(tops.values()), solve, merged)
    order = {"line": -2, "nearest": -1, **{axis.quantity: k for k, axis in enumerate(axes)}}
    return sorted(merged, key=lambda c: (list(decisions).index(c.decision), order[c.way]))


def _line(axes: Sequence[Axis]) -> _Way:
    """From the truth to the view, and beyond as long as no quantity leaves what the analyst holds possible."""
    truth, view = np.array([a.truth for a in axes]), np.array([a.view for a in axes])
    most = BEYOND
    for axis in axes:
        if step := axis.view - axis.truth:
            most = min(most, max(1.0, (axis.limits[step > 0] - axis.truth) / step))
    scan = np.unique(np.concatenate([np.linspace(0, most, LINE), [1.0]]))

    def at(s: Floats) -> Floats:
        return np.asarray((1 - s) * truth[:, None] + s * view[:, None])

    return _Way("line", at, scan)


def _alone(axes: Sequence[Axis], k: int) -> list[_Way]:
    """One quantity alone, up and down; one that is known exactly only towards the view, in lengths of the way there."""
    axis = axes[k]

    def along(sign: float) -> Callable[[Floats], Floats]:
        def at(t: Floats) -> Floats:
            points = np.repeat([[a.truth] for a in axes], len(t), axis=1)
            points[k] = axis.truth + t * (axis.view - axis.truth) if axis.exact else axis.moved(sign * t)
            return points

        return at

    if axis.exact:
        return [_Way(axis.quantity, along(1.0), np.linspace(0, BEYOND, SINGLE))]
    scan = np.linspace(0, FARTHEST, SINGLE)
    return [_Way(axis.quantity, along(sign), scan) for sign in (1.0, -1.0)]


def _told(axes: Sequence[Axis], decision: Decision, way: _Way, t: float, after: float) -> Conviction:
    """A way that has not (yet) led anywhere, seen from the point t."""
    point = way.at(np.array([t]))[:, 0]
    far = f"up to {way.scan[-1]:.3g} " + ("of the way" if way.name == "line" else "prior standard deviations")
    if any(axis.exact for axis in axes if axis.quantity == way.name):
        far = f"up to {way.scan[-1]:.3g} times the way to the view"
    return _at(axes, decision, way.name, point, t if way.name == "line" else np.nan, after, far)


def _at(
    axes: Sequence[Axis], decision: Decision, way: str, point: Floats, s: float, after: float, searched: str
) -> Conviction:
    values = {axis.quantity: float(x) for axis, x in zip(axes, point, strict=True)}
    factors = {axis.quantity: values[axis.quantity] / axis.truth if axis.truth else np.nan for axis in axes}
    away = _scores(axes, point[:, None])[:, 0]
    scores = {axis.quantity: float(x) for axis, x in zip(axes, away, strict=True)}
    distance = float(np.linalg.norm(away))
    return Conviction(
        decision, way, False, values, scores, factors, s, distance, np.nan, after, np.nan, np.nan, searched
    )  # fmt: skip


def _scores(axes: Sequence[Axis], points: Floats) -> Floats:
    """[Q, m] prior standard deviations from the truth."""
    return np.array([axis.distance(x) for axis, x in zip(axes, points, strict=True)])


@dataclass(frozen=True)
class _Crossing:
    """A step of a scan between whose ends the move becomes the best (`rising`), or stops being so."""

    place: int  # of what is told
    d: int
    way: _Way
    low: float
    high: float
    rising: bool


def _cut(
    axes: Sequence[Axis],
    decisions: Sequence[Decision],
    solve: Solve,
    crossings: Sequence[_Crossing],
    found: list[Conviction],
) -> None:
    """Cut down all crossings at once, and tell what was found."""
    if not crossings:
        return

    def gaps(owners: Longs, at: Floats) -> tuple[Floats, Floats]:
        """[m] the gap that each point's crossing is about, and [m] residuals; the points of one stand side by side."""
        points = [crossings[j].way.at(at[owners == j]) for j in dict.fromkeys(owners.tolist())]
        rows, residual = solve(np.concatenate(points, axis=1))
        return rows[[crossings[j].d for j in owners], np.arange(len(owners))], residual

    wide = [Bracket(j, c.low, c.high, int(not c.rising), int(c.rising)) for j, c in enumerate(crossings)]
    ends = narrow(wide, lambda owners, at: (gaps(owners, at)[0] >= 0).astype(np.int64), ROUNDS, PARTS)
    first: dict[int, Bracket] = {}
    for b in ends:  # in the order of the crossings, the first turn of each
        if b.after == int(crossings[b.owner].rising):
            first.setdefault(b.owner, b)
    owners = np.repeat(list(first), 2)
    after, residual = gaps(owners, np.array([(b.low, b.high) for b in first.values()]).ravel())
    for j, (owner, b) in enumerate(first.items()):
        c = crossings[owner]
        if not c.rising:
            found[c.place] = replace(found[c.place], until=b.high)
            continue
        told = _told(axes, decisions[c.d], c.way, b.high, float(after[2 * j + 1]))
        before, worst = float(after[2 * j]), float(residual[2 * j : 2 * j + 2].max())
        found[c.place] = replace(told, found=True, before=before, until=np.inf, residual=worst)


def _merged(axes: Sequence[Axis], found: list[Conviction], count: int) -> list[Conviction]:
    """Of the two ways along a quantity the one that leads there, or the shorter one, or the one that came nearer."""
    merged = []
    for start in range(0, len(found), count):
        for name in ("line", *(axis.quantity for axis in axes)):
            some = [c for c in found[start : start + count] if c.way == name]
            merged.append(min(some, key=lambda c: (not c.found, c.distance if c.found else -c.after)))
    return merged


@dataclass(eq=False)
class _Quest:
    """The nearest point at which the move is the best at one decision: what is known of it so far."""

    decision: Decision
    d: int  # its number among all decisions
    starts: list[Floats]  # points in prior standard deviations, [Q] each, at which it is the best
    short: float  # the gap in truth
    best: Floats
    low: float = 0.0  # the length up to which the way to the best point has not turned
    tried: Floats | None = None  # the random point that came nearest, where none is enough
    gap: float = np.nan  # ... and its gap

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.best))


def _nearest(
    axes: Sequence[Axis], decisions: Sequence[Decision], tops: Sequence[Decision], solve: Solve, known: list[Conviction]
) -> list[Conviction]:
    """The nearest point of all at some decisions, from every way that led there, challenged by random nearer points."""

    def values(z: Floats) -> Floats:
        return np.array([axis.moved(row) for axis, row in zip(axes, z, strict=True)])

    def gaps(points: Sequence[Floats], quests: Sequence[_Quest]) -> list[Floats]:
        """[m] the gaps at each quest's own points, [Q, m]."""
        found, _ = solve(values(np.concatenate(points, axis=1)))
        parts = np.split(found, np.cumsum([part.shape[1] for part in points])[:-1], axis=1)
        return [part[quest.d] for part, quest in zip(parts, quests, strict=True)]

    quests = []
    for decision in tops:
        mine = [c for c in known if c.decision is decision]
        points = [_scores(axes, np.array(list(c.beliefs.values()))[:, None])[:, 0] for c in mine if c.found]
        starts = [z for z in points if np.isfinite(z).all()]
        far = np.full(len(axes), np.inf)
        quests.append(_Quest(decision, list(decisions).index(decision), starts, mine[0].after, far))
    going = [quest for quest in quests if all(np.any(z) for z in quest.starts)]
    rngs = {id(quest): np.random.default_rng(1) for quest in going}
    for _ in range(BOUTS):
        _descend(axes, [quest for quest in going if quest.starts], gaps)
        clouds = []
        for quest in going:
            rng = rngs[id(quest)]
            sides = rng.standard_normal((len(axes), CHALLENGERS))
            radius = min(quest.length, FARTHEST) * rng.uniform(0.3, 0.97, CHALLENGERS)
            clouds.append(sides / np.linalg.norm(sides, axis=0) * radius)
        better = []
        for quest, z, g in zip(going, clouds, gaps(clouds, going) if going else [], strict=True):
            quest.tried, quest.gap = z[:, int(g.argmax())], float(g.max())
            nearer = np.flatnonzero(g >= 0)
            quest.starts = [z[:, k] for k in nearer[np.argsort(np.linalg.norm(z[:, nearer], axis=0))[:3]]]
            better += [quest] if quest.starts else []
        going = better
    return [_reported(axes, quest, values, solve) for quest in quests]


def _descend(
    axes: Sequence[Axis], quests: Sequence[_Quest], gaps: Callable[[Sequence[Floats], Sequence[_Quest]], list[Floats]]
) -> None:
    """Search for the nearest point from the starts of each quest, side by side."""
    searches = [DesignPoint(len(axes), [], quest.starts) for quest in quests]
    while asked := [(k, points) for k, search in enumerate(searches) if (points := search.ask()) is not None]:
        wanted = [part.points if isinstance(part, Steep) else part for _, part in asked]
        for (k, _), gap in zip(asked, gaps(wanted, [quests[k] for k, _ in asked]), strict=True):
            searches[k].tell(Probe((gap >= 0).astype(np.int64), -gap))
    for quest, search in zip(quests, searches, strict=True):
        if search.found is not None and np.linalg.norm(search.found[0]) < min(quest.length, FARTHEST):
            quest.best, quest.low = search.found


def _reported(axes: Sequence[Axis], quest: _Quest, values: Callable[[Floats], Floats], solve: Solve) -> Conviction:
    searched = f"{CHALLENGERS} points at random within {FARTHEST:.3g} prior standard deviations"

    def told(z: Floats, gap: float) -> Conviction:
        return _at(axes, quest.decision, "nearest", values(z[:, None])[:, 0], np.nan, gap, searched)

    if any(not np.any(z) for z in quest.starts):
        truth = np.array([axis.truth for axis in axes])
        return replace(_at(axes, quest.decision, "nearest", truth, np.nan, quest.short, searched), found=True)
    if not np.isfinite(quest.best).all():
        assert quest.tried is not None
        return told(quest.tried, quest.gap)
    ends, residual = solve(values(np.stack([quest.best * (quest.low / quest.length), quest.best], axis=1)))
    found = told(quest.best, float(ends[quest.d, 1]))
    return replace(found, found=True, before=float(ends[quest.d, 0]), residual=float(residual[1]))
