"""Tipping points: how the answer goes along one quantity, and the exact values at which it turns.

Two readings side by side. Over the draws: at each point of a grid the quantity is given that value in every draw, all
else as drawn, so that the points are paired. At the central draw (every other source of uncertainty at its median): the
values at which the likeliest ending, the preferred move of an actor or a claim turns, bracketed on a fine grid and
narrowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.analyse.finding import Z90, Finding
from detente.analyse.forecast.readout import Answers, Ask, Subject
from detente.analyse.thresholds.brackets import Bracket, narrow, turns
from detente.arrays import Floats, Longs
from detente.draws.sampler import Draws
from detente.draws.sources import FARTHEST, SEEN_BY, Sources
from detente.errors import QuestionError
from detente.game.blueprint import Blueprint
from detente.language.distributions import BOUNDED_UNITS

POINTS = 21
FINE = 201  # points of the grid at the central draw
ROUNDS = 5  # 16 parts each: the bracket ends below 5e-9 of the range
JUMP = 1e-3  # a probability that changes by more within the last bracket jumps
RANGE = (0.05, 0.95)
METHOD = "bracketed on 201 points at the central draw, narrowed to 5e-9 of the range by solving again"
BAND = "paired draws: the same draws at every point of the grid"
REFERENCE = "Saltelli et al. (2008), Global Sensitivity Analysis: The Primer, ch. 5 (mapping outputs back to inputs)"
Progress = Callable[[int, int], None]
AskLine = Callable[[Sequence[Draws], Progress], list[Answers]]
"""Solves the same draws at neighbouring points, and returns the answers at each."""


@dataclass(frozen=True)
class Tip:
    """A value of the quantity at which something turns.

    `at.value` is exact at the central draw; `at.low` to `at.high` hold 90% of the draws that turn the same way between
    two points of the grid, and `at.draws` counts them. `how` is `crosses`, `jumps` (a probability changes by `step` at
    once) or `between` (a quantity with few values: it turns from one of them to the next).
    """

    kind: str  # outcome, move or claim
    what: str
    before: str
    after: str
    at: Finding
    how: str
    step: float
    score: float  # of the value, in prior standard deviations from the median of the quantity


@dataclass(frozen=True, eq=False)
class Tipping:
    """How the answer goes along a quantity. Curves hold one Finding for each point of `grid`."""

    quantity: str
    grid: Floats
    centre: float  # the median of the quantity, where the analyst stands
    outcomes: Mapping[str, tuple[Finding, ...]]
    moves: Mapping[str, Mapping[str, tuple[Finding, ...]]]  # by information set
    claims: Mapping[str, tuple[Finding, ...]]
    likeliest: tuple[str, ...]  # the likeliest ending at the central draw, at each point
    tips: tuple[Tip, ...]
    draws: int
    converged: float  # the share of all solved draws


@dataclass(frozen=True)
class Span:
    """A range of a quantity, and its values where it has only a few."""

    low: float
    high: float
    values: tuple[float, ...] = ()

    def grid(self, points: int) -> Floats:
        return np.array(self.values) if self.values else np.linspace(self.low, self.high, points)


def span(sources: Sources, name: str, low: float | None = None, high: float | None = None) -> Span:
    """The range asked for, or the 5th to the 95th percentile. Raises QuestionError for a range that cannot be."""
    sources.known(name)
    model = sources.sampler.model
    floor, bottom, median, top, ceiling = (
        float(v) for v in sources.value(name, np.array([-FARTHEST, -Z90, 0.0, Z90, FARTHEST]))
    )
    quantity = model.quantities[name.partition(SEEN_BY)[0]]
    if floor == ceiling:
        if low is None or high is None:
            raise QuestionError(
                f"{name!r} is known exactly ({median:g}), so it has no range of its own; give one with --from and --to"
            )
        floor, ceiling = (0.0, 1.0) if quantity.unit in BOUNDED_UNITS else (-np.inf, np.inf)
        floor = max(floor, 0.0) if quantity.role else floor
    first, last = bottom if low is None else low, top if high is None else high
    if not first < last:
        raise QuestionError(f"the range from {first:g} to {last:g} is empty; --from is the smaller one")
    slack = 1e-9 * (last - first)
    if first < floor - slack or last > ceiling + slack:
        raise QuestionError(
            f"the range from {first:g} to {last:g} leaves what is held possible of {name!r} ({floor:.4g} to "
            f"{ceiling:.4g}); stay inside, or widen the quantity with --set"
        )
    few = np.unique(sources.value(name, np.linspace(-3, 3, 121)))
    if 1 < len(few) <= POINTS:
        inside = few[(few >= first - slack) & (few <= last + slack)] if low is not None or high is not None else few
        if len(inside) < 2:
            known = ", ".join(f"{v:g}" for v in few)
            raise QuestionError(f"{name!r} has only the values {known}; a range holds at least two of them")
        return Span(float(inside[0]), float(inside[-1]), tuple(float(v) for v in inside))
    return Span(first, last)


def telling_sets(blueprint: Blueprint, coming: Floats) -> list[int]:
    """For each actor, stage and own named type the information set that is reached most often. `coming` is [H]."""
    tree, private = blueprint.tree, blueprint.model.private
    best: dict[tuple[object, ...], int] = {}
    for h in np.argsort(-coming, kind="stable"):
        info = tree.infosets[h]
        own = tuple(entry for entry in info.situation if entry[0] in private and not private[entry[0]].numeric)
        if coming[h] > 0:
            best.setdefault((info.player, blueprint.stage_of(int(h)), own), int(h))
    order = list(blueprint.model.stages)
    return sorted(best.values(), key=lambda h: (order.index(blueprint.stage_of(h)), h))


def subjects(blueprint: Blueprint, claims: Sequence[str], moves: Sequence[int]) -> list[Subject]:
    """What may tip: the likeliest ending, the moves at some sets, and claims."""
    found: list[Subject] = [("outcome", "")] if len(blueprint.model.outcomes) > 1 else []
    return [*found, *(("move", h) for h in moves), *(("claim", name) for name in claims)]


def words(blueprint: Blueprint, subject: Subject) -> str:
    """A subject as people name it."""
    kind, which = subject
    if kind == "outcome":
        return "the likeliest ending"
    return blueprint.tree.infosets[int(which)].name if kind == "move" else str(which)


def label_words(blueprint: Blueprint, subject: Subject, label: int) -> str:
    """A label of a subject in words: the outcome, the move, or what becomes of the claim."""
    kind, which = subject
    if kind == "outcome":
        return list(blueprint.model.outcomes)[label]
    if kind == "move":
        return blueprint.tree.infosets[int(which)].actions[label]
    return {1: "holds", 0: "fails", -1: "cannot be judged"}[label]


def along(
    blueprint: Blueprint,
    sources: Sources,
    ask: Ask,
    name: str,
    extent: Span,
    of: Sequence[Subject],
    spread: Callable[[float], Draws],
    points: int = POINTS,
    progress: Progress | None = None,
    line: AskLine | None = None,
) -> Tipping:
    """How the answer goes along a quantity or perception, and where it turns.

    `of`: what is looked at (`subjects`), and `ask` must watch. `spread(value)` gives the draws with the quantity there;
    `line` asks at all points of the grid at once, where that is cheaper than one after another.
    """
    grid = extent.grid(points)

    def told(done: int, total: int) -> None:
        if progress:
            progress(done * len(grid) // total, len(grid) + 1)

    rows: list[Answers] = []
    if line is not None:
        rows = line([spread(float(value)) for value in grid], told)
    else:
        for k, value in enumerate(grid):
            rows.append(ask(spread(float(value))))
            told(k + 1, len(grid))
    fine = grid if extent.values else np.unique(np.concatenate([grid, np.linspace(extent.low, extent.high, FINE)]))
    seen: list[Answers] = []

    def central(values: Floats) -> Answers:
        found = ask(sources.centre({name: values}, len(values)))
        seen.append(found)
        return found

    middle = central(fine)
    labels = np.array([middle.labels(subject) for subject in of]).reshape(len(of), len(fine))
    found = [b for k in range(len(of)) for b in turns(k, fine, labels[k])]
    if not extent.values:
        found = narrow(found, lambda owners, values: _own(central(values), of, owners), ROUNDS)
    tips = list(_tips(blueprint, sources, name, found, of, rows, grid, central, bool(extent.values)))
    if progress:
        progress(len(grid) + 1, len(grid) + 1)
    outcomes = list(blueprint.model.outcomes)
    modal = middle.labels(("outcome", ""))[np.searchsorted(fine, grid).clip(0, len(fine) - 1)]
    claims = [str(which) for kind, which in of if kind == "claim"]
    converged = np.concatenate([a.converged for a in (*rows, *seen)])
    return Tipping(
        name, grid, float(sources.value(name, np.zeros(1))[0]),
        {o: tuple(Finding.of(o, row.outcomes[o], BAND) for row in rows) for o in outcomes},
        {words(blueprint, s): _moves(blueprint, int(s[1]), rows) for s in of if s[0] == "move"},
        {c: tuple(Finding.of(c, _known(row.claims[c]), BAND) for row in rows) for c in claims},
        tuple(outcomes[k] for k in modal), tuple(sorted(tips, key=lambda tip: tip.at.value)),
        rows[0].n, float(converged.mean()),
    )  # fmt: skip


def _own(answers: Answers, of: Sequence[Subject], owners: Longs) -> Longs:
    """[m] the label of each point's own subject."""
    labels = np.array([answers.labels(subject) for subject in of])
    return np.asarray(labels[owners, np.arange(len(owners))])


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _moves(blueprint: Blueprint, infoset: int, rows: Sequence[Answers]) -> dict[str, tuple[Finding, ...]]:
    actions = blueprint.tree.infosets[infoset].actions
    return {a: tuple(Finding.of(a, row.moves[infoset][k], BAND) for row in rows) for k, a in enumerate(actions)}


def _tips(
    blueprint: Blueprint,
    sources: Sources,
    name: str,
    found: Sequence[Bracket],
    of: Sequence[Subject],
    rows: Sequence[Answers],
    grid: Floats,
    central: Callable[[Floats], Answers],
    few: bool,
) -> Iterator[Tip]:
    if not found:
        return
    ends = central(np.array([(b.low, b.high) for b in found]).ravel())
    values = np.array([b.high if few else b.middle for b in found])
    scores = sources.score(name, values)
    for k, b in enumerate(found):
        subject = of[b.owner]
        likely = ends.probabilities(subject)[:, 2 * k : 2 * k + 2]
        step = float(np.abs(likely[:, 1] - likely[:, 0]).max())
        how = "between" if few else "jumps" if step > JUMP else "crosses"
        low, high, count = _among(subject, b, rows, grid)
        at = Finding(
            words(blueprint, subject), float(values[k]), low, high, count, abs(b.high - b.low) / 2,
            f"90% of the {count} of {rows[0].n} draws that turn so between points of the grid", METHOD, REFERENCE,
        )  # fmt: skip
        before, after = (label_words(blueprint, subject, label) for label in (b.before, b.after))
        yield Tip(subject[0], words(blueprint, subject), before, after, at, how, step, float(scores[k]))


def _among(subject: Subject, b: Bracket, rows: Sequence[Answers], grid: Floats) -> tuple[float, float, int]:
    """Where, nearest to a bracket, and in how many draws a subject turns in the same way between points of the grid."""
    labels = np.array([row.labels(subject) for row in rows])
    turned = (labels[:-1] == b.before) & (labels[1:] == b.after)
    middles = (grid[:-1] + grid[1:]) / 2
    away = np.where(turned, np.abs(middles - b.middle)[:, None], np.inf)
    where = middles[away.argmin(axis=0)][turned.any(axis=0)]
    if not len(where):
        return float("nan"), float("nan"), 0
    low, high = np.quantile(where, RANGE)
    return float(low), float(high), len(where)
