"""Tipping points: how the answer changes with one quantity, and the exact values at which it turns.

Two readings side by side. Over the draws: at each point of a grid the quantity is given that value in every draw, all
else as drawn, so that the points are paired. At the median draw (every other source of uncertainty at its median): the
values at which the most likely outcome, the preferred move of an actor or a claim flips, bracketed on a fine grid and
narrowed. In each draw that turns so between two points of the grid its own value is narrowed, too (`refine`), and
belongs to one turn of the median draw (`matching`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from detente.analyse.counterfactual.whatif import Difference, difference
from detente.analyse.finding import HIGH, LOW, Finding
from detente.analyse.forecast.readout import NOT_A_NUMBER, NOT_JUDGED, Answers, Ask, Subject
from detente.analyse.thresholds import refine
from detente.analyse.thresholds.brackets import Bracket, narrow, turns
from detente.analyse.thresholds.extent import Span
from detente.analyse.thresholds.matching import InDraws, between_turns, in_draws
from detente.arrays import Floats, Longs
from detente.display import Displayed
from detente.draws.sampler import Draws
from detente.draws.sources import Sources
from detente.game.blueprint import Blueprint

POINTS = 21
FINE = 201  # points of the grid at the median draw
ROUNDS = 5  # 16 parts each: the bracket ends below 5e-9 of the range
MANY = 0.1  # of the draws: a turn that so many make is told though the median draw does not
JUMP = 1e-3  # a probability that changes by more within the last bracket jumps
METHOD = (
    "bracketed on 201 points at the median draw, narrowed to 5e-9 of the range by solving again; over the draws "
    f"{refine.METHOD}"
)
BAND = "paired draws: the same draws at every point of the grid"
REFERENCE = (
    "Saltelli et al. (2008), Global Sensitivity Analysis: The Primer, ch. 5 (mapping outputs back to inputs); "
    f"{refine.REFERENCE}"
)
NEAREST: Literal["inverted_cdf"] = "inverted_cdf"  # a quantile of few values is one of them
Progress = Callable[[int, int], None]
AskLine = Callable[[Sequence[Draws], Progress], list[Answers]]
"""Solves the same draws at neighbouring points, and returns the answers at each."""


@dataclass(frozen=True)
class Tip(Displayed):
    """A value of the quantity at which something changes.

    `at.value` is exact at the median draw; `at.low` to `at.high` hold 90% of the draws that turn the same way, each at
    its own exact value (`matching` says which turn of a draw belongs here, where the median draw turns so more than
    once), and `at.draws` counts them. `never` counts those that do not turn so between any two points that were looked
    at, or not at once (something else stands between), `lost` those whose value could not be narrowed, since a point
    between was not solved or could not be judged. `how` is `crosses`,
    `jumps` (a probability changes by `step` at once) or `between` (a quantity with few values: it changes from one of
    them to the next, which is `at.value`).
    """

    kind: str  # outcome, move or claim
    what: str
    before: str
    after: str
    at: Finding
    how: str
    step: float
    score: float  # of the value, in prior standard deviations from the median of the quantity; nan if it has few values
    never: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Aside(Displayed):
    """What turns in some draws between points of the grid, and does not at the median draw: how many draws."""

    kind: str
    what: str
    before: str
    after: str
    draws: int


@dataclass(frozen=True, eq=False)
class Tipping(Displayed):
    """How the answer changes with a quantity. Curves hold one Finding for each point of `grid`, which goes in equal
    steps
    (`scale` linear), in equal ratios (log), or through all the values that there are (values). Each counts the draws
    that are numbers at its point."""

    quantity: str
    grid: Floats
    centre: float  # the median of the quantity, where the analyst stands
    outcomes: Mapping[str, tuple[Finding, ...]]
    moves: Mapping[str, Mapping[str, tuple[Finding, ...]]]  # by information set
    claims: Mapping[str, tuple[Finding, ...]]
    likeliest: tuple[str, ...]  # the most likely outcome at the median draw, at each point
    tips: tuple[Tip, ...]
    draws: int
    converged: float  # the share of all solved draws
    scale: str = "linear"
    asides: tuple[Aside, ...] = ()
    answer: tuple[Finding, ...] = ()  # what answers the case's question, where the case says so
    change: Difference | None = None  # of the answer, from the first point to the last, in paired draws


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
    """What may tip: the most likely outcome, the moves at some sets, and claims."""
    found: list[Subject] = [("outcome", "")] if len(blueprint.model.outcomes) > 1 else []
    return [*found, *(("move", h) for h in moves), *(("claim", name) for name in claims)]


def words(blueprint: Blueprint, subject: Subject) -> str:
    """A subject as people name it."""
    kind, which = subject
    if kind == "outcome":
        return "the most likely outcome"
    return blueprint.tree.infosets[int(which)].name if kind == "move" else str(which)


def label_words(blueprint: Blueprint, subject: Subject, label: int) -> str:
    """A label of a subject in words: the outcome, the move, or what becomes of the claim."""
    kind, which = subject
    if label == NOT_A_NUMBER:
        return "not a number"
    if kind == "outcome":
        return list(blueprint.model.outcomes)[label]
    if kind == "move":
        return blueprint.tree.infosets[int(which)].actions[label]
    return {1: "holds", 0: "fails", NOT_JUDGED: "cannot be judged"}[label]


def along(
    blueprint: Blueprint,
    sources: Sources,
    ask: Ask,
    name: str,
    extent: Span,
    of: Sequence[Subject],
    spread: Callable[[Floats | float], Draws],
    points: int = POINTS,
    progress: Progress | None = None,
    line: AskLine | None = None,
) -> Tipping:
    """How the answer changes with a quantity or perception, and where it turns.

    `of`: what is looked at (`subjects`), and `ask` must watch. `spread(values)` gives the draws with the quantity at a
    value, or at one of its own in each; `line` asks at all points of the grid at once, where that is cheaper
    than one after another.
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
    if not any(row.computed.any() for row in rows):
        blueprint.game(spread(float(grid[0])))  # says what is wrong
    seen: list[Answers] = []

    def central(values: Floats) -> Answers:
        found = ask(sources.centre({name: values}, len(values)))
        seen.append(found)
        return found

    def each(draws: Longs, values: Floats) -> Answers:
        found = ask(_own_draws(spread, rows[0].n, draws, values))
        seen.append(found)
        return found

    fine = grid if extent.values else np.unique(np.concatenate([grid, extent.grid(FINE)]))
    middle = central(fine)
    labels = np.array([middle.labels(subject) for subject in of]).reshape(len(of), len(fine))
    places = extent.parts(fine)
    found = [b for k in range(len(of)) for b in turns(k, places, labels[k])]
    if not extent.values:
        found = narrow(found, lambda owners, parts: _own(central(extent.at(parts)), of, owners), ROUNDS)
    more = between_turns(found, extent.parts(grid)) if not extent.values else np.zeros(0)
    asked = [ask(spread(float(value))) for value in extent.at(more)]
    seen += asked
    order = np.argsort(parts := np.concatenate([extent.parts(grid), more]), kind="stable")
    own = in_draws(found, of, [(*rows, *asked)[k] for k in order], extent, parts[order], each)
    tips = list(_tips(blueprint, sources, name, found, of, own, extent, central))
    if progress:
        progress(len(grid) + 1, len(grid) + 1)
    outcomes = list(blueprint.model.outcomes)
    modal = middle.labels(("outcome", ""))[np.searchsorted(fine, grid).clip(0, len(fine) - 1)]
    claims = [str(which) for kind, which in of if kind == "claim"]
    converged = np.concatenate([a.converged[a.computed] for a in (*rows, *seen)])
    return Tipping(
        name, grid, float(sources.value(name, np.zeros(1))[0]),
        {o: tuple(Finding.of(o, _known(row.outcomes[o]), BAND) for row in rows) for o in outcomes},
        {words(blueprint, s): _moves(blueprint, int(s[1]), rows) for s in of if s[0] == "move"},
        {c: tuple(Finding.of(c, _known(row.claims[c]), BAND) for row in rows) for c in claims},
        tuple(label_words(blueprint, ("outcome", ""), int(k)) for k in modal),
        tuple(sorted(tips, key=lambda tip: tip.at.value)),
        rows[0].n, float(converged.mean()), extent.scale, tuple(_asides(blueprint, found, of, rows)),
        *_answered(rows),
    )  # fmt: skip


def _answered(rows: Sequence[Answers]) -> tuple[tuple[Finding, ...], Difference | None]:
    """What answers the case's question at each point, and what becomes of it from the first to the last."""
    if not rows[0].answer:
        return (), None
    ((asks, first),) = rows[0].answer.items()
    curve = tuple(Finding.of(asks, _known(row.answer[asks]), BAND) for row in rows)
    return curve, difference(asks, first, rows[-1].answer[asks])


def _own(answers: Answers, of: Sequence[Subject], owners: Longs) -> Longs:
    """[m] the label of each point's own subject."""
    labels = np.array([answers.labels(subject) for subject in of])
    return np.asarray(labels[owners, np.arange(len(owners))])


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _moves(blueprint: Blueprint, infoset: int, rows: Sequence[Answers]) -> dict[str, tuple[Finding, ...]]:
    actions = blueprint.tree.infosets[infoset].actions
    return {a: tuple(Finding.of(a, _known(row.moves[infoset][k]), BAND) for row in rows) for k, a in enumerate(actions)}


def _own_draws(spread: Callable[[Floats | float], Draws], n: int, draws: Longs, values: Floats) -> Draws:
    """[m] some of n draws, each with the quantity at a value of its own; a draw may be asked for more than once."""
    order = np.argsort(draws, kind="stable")
    again = np.empty(len(draws), np.int64)  # how often a draw was asked for before
    again[order] = np.arange(len(draws)) - np.searchsorted(draws[order], draws[order], "left")
    parts, places = [], []
    for layer in range(int(again.max()) + 1):
        mine = np.flatnonzero(again == layer)
        at = np.full(n, values[mine[0]])
        at[draws[mine]] = values[mine]
        parts.append(spread(at).taken(draws[mine]))
        places.append(mine)
    return Draws.joined(parts).taken(np.argsort(np.concatenate(places), kind="stable"))


def _asides(
    blueprint: Blueprint, found: Sequence[Bracket], of: Sequence[Subject], rows: Sequence[Answers]
) -> list[Aside]:
    """The turns of the outcome and of claims that a tenth of the draws make and the median draw does not."""
    known = {(b.owner, b.before, b.after) for b in found}
    asides = []
    for k, subject in enumerate(of):
        labels = np.array([row.labels(subject) for row in rows if row.computed.any()])
        kinds = {(int(a), int(b)) for a, b in zip(labels[:-1].ravel(), labels[1:].ravel(), strict=True) if a != b}
        for before, after in sorted(kinds):
            many = int(((labels[:-1] == before) & (labels[1:] == after)).any(axis=0).sum())
            if subject[0] != "move" and (k, before, after) not in known and many >= MANY * rows[0].n:
                a, b = (label_words(blueprint, subject, label) for label in (before, after))
                asides.append(Aside(subject[0], words(blueprint, subject), a, b, many))
    return sorted(asides, key=lambda aside: -aside.draws)


def _tips(
    blueprint: Blueprint,
    sources: Sources,
    name: str,
    found: Sequence[Bracket],
    of: Sequence[Subject],
    own: InDraws,
    extent: Span,
    central: Callable[[Floats], Answers],
) -> Iterator[Tip]:
    if not found:
        return
    few = bool(extent.values)
    ends = central(extent.at(np.array([(b.low, b.high) for b in found]).ravel()))
    values = extent.at(np.array([b.high if few else b.middle for b in found]))
    wide = np.array([np.ptp(extent.at(np.array([b.low, b.high]))) for b in found])
    values = values if few else np.where(np.abs(values) <= wide, 0.0, values)  # it cannot be told from zero
    scores = np.full(len(found), np.nan) if few else sources.score(name, values)
    for k, b in enumerate(found):
        subject = of[b.owner]
        likely = ends.probabilities(subject)[:, 2 * k : 2 * k + 2]
        step = float(np.abs(likely[:, 1] - likely[:, 0]).max())
        how = "between" if few else "jumps" if step > JUMP else "crosses"
        places, lost = own.at(k)
        where, count = extent.known(places), len(places)
        low, high = np.quantile(where, [LOW, HIGH], method=NEAREST if few else "linear") if count else (np.nan, np.nan)
        at = Finding(
            words(blueprint, subject), float(values[k]), float(low), float(high), count,
            float(wide[k]) / 2,
            f"90% of the {count} of {own.n} draws that change so, each at its own value", METHOD, REFERENCE,
        )  # fmt: skip
        before, after = (label_words(blueprint, subject, label) for label in (b.before, b.after))
        never = own.n - count - lost
        yield Tip(subject[0], words(blueprint, subject), before, after, at, how, step, float(scores[k]), never, lost)
