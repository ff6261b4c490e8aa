"""Where each draw turns: brackets on a line, narrowed to a millionth of it, the brackets of all draws in one batch.

The points come from the ITP method (interpolate, truncate, project), which needs about as many as a secant where the
answer crosses and one more than bisection, at most, where it jumps. What is believed of a point is the label there; the
gaps between the two leading answers only propose where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from detente.analyse.forecast.readout import NOT_A_NUMBER, Answers, Subject
from detente.analyse.thresholds.extent import CLOSE
from detente.arrays import Bools, Floats, Longs

BESIDE = 0.6180339887  # how far along a bracket the point lies that is tried after a pole was hit
SHIFT = 0.2  # of the paper's k1, times the width at the beginning; k2 is 2, n0 is 1
METHOD = "each draw's turn narrowed to 1e-6 of the range by solving again (ITP)"
REFERENCE = (
    "Oliveira & Takahashi (2020), An enhancement of the bisection method average performance preserving minmax "
    "optimality, ACM Trans. Math. Softw. 47(1), 5"
)
Look = Callable[[Longs, Floats], Answers]
"""The answers in some draws, [m], with the quantity at some values, [m]."""


@dataclass(frozen=True, eq=False)
class Turns:
    """m brackets between points of a line where a subject of a draw turns `before` into `after`. All arrays are [m].

    `low`, `high`: where, from 0 to 1 along the scale; `below`, `above`: the gaps at both ends (`gaps`).
    """

    subject: Longs
    draw: Longs
    before: Longs
    after: Longs
    low: Floats
    high: Floats
    below: Floats
    above: Floats

    @property
    def n(self) -> int:
        return len(self.draw)

    def some(self, which: Bools) -> Turns:
        """Those of the brackets."""
        return Turns(*(getattr(self, f.name)[which] for f in fields(self)))


def gaps(answers: Answers, subject: Subject, before: int, after: int, which: Longs) -> Floats:
    """[m] by how much `after` is ahead of `before` in some draws: in probability, or by the margin of a claim.

    nan where a claim cannot be judged on one side, and no gap is known.
    """
    if subject[0] == "claim":
        margins = answers.margins[str(subject[1])][which]
        return margins * np.sign(after - before) if min(before, after) >= 0 else np.full(len(which), np.nan)
    likely = answers.probabilities(subject)[:, which]
    return np.asarray(likely[after] - likely[before])


def found_on(rows: Sequence[Answers], subjects: Sequence[Subject], wanted: Sequence[tuple[int, int, int]],
             places: Floats) -> tuple[Turns, Bools]:  # fmt: skip
    """The turns of some kinds between points of a line, and [m] whether both ends converged.

    `wanted`: subject, label before and after; `rows` are the answers at `places`, from 0 to 1. A place at which no draw
    is a number is passed over.
    """
    there = [k for k, row in enumerate(rows) if row.computed.any()]
    rows, places = [rows[k] for k in there], places[there]
    parts: list[tuple[Longs | Floats | Bools, ...]] = []
    for k, before, after in wanted:
        labels = np.array([row.labels(subjects[k]) for row in rows])
        for i, j in enumerate(range(1, len(rows))):
            which = np.flatnonzero((labels[i] == before) & (labels[j] == after))
            below, above = (gaps(rows[p], subjects[k], before, after, which) for p in (i, j))
            sure = rows[i].converged[which] & rows[j].converged[which]
            alike = [np.full(len(which), v) for v in (k, before, after, places[i], places[j])]
            parts.append((alike[0], which, *alike[1:], below, above, sure))
    whole = [np.concatenate(column) for column in zip(*parts, strict=True)]
    subject, draw, before_, after_, low, high, below, above, sure = whole
    kinds = [x.astype(np.int64) for x in (subject, draw, before_, after_)]
    return Turns(kinds[0], kinds[1], kinds[2], kinds[3], low, high, below, above), sure.astype(bool)


def narrowed(
    turns: Turns, subjects: Sequence[Subject], look: Look, at: Callable[[Floats], Floats]
) -> tuple[Floats, Bools]:
    """[m] where each turns, from 0 to 1, and [m] which were lost: a point between did not converge or was not judged.

    The place is nan for those, and where something else comes to stand between the two. `at` gives values of places.
    """
    a, b, ya, yb = turns.low.copy(), turns.high.copy(), turns.below.copy(), turns.above.copy()
    first, gone, lost = b - a, np.zeros(turns.n, bool), np.zeros(turns.n, bool)
    most = np.ceil(np.log2(np.maximum(first / CLOSE, 1.0))) + 1
    done, missed = 0, np.zeros(turns.n, bool)
    while len(left := np.flatnonzero(~gone & (b - a > CLOSE))):
        x = _between(a[left], b[left], ya[left], yb[left], first[left], most[left] - done)
        x = np.where(missed[left], a[left] + BESIDE * (b[left] - a[left]), x)
        pairs, back = np.unique(np.array([turns.draw[left], x]), axis=1, return_inverse=True)
        found, back = look(pairs[0].astype(np.int64), at(pairs[1])), back.ravel()
        labels, y = _told(turns, left, subjects, found, back)
        down, up = labels == turns.before[left], labels == turns.after[left]
        pole = (labels == NOT_A_NUMBER) & ~missed[left]  # the point was one: the next is beside it
        lost[left] = (~found.converged[back] | (labels < 0)) & ~pole
        gone[left], missed[left] = lost[left] | ~(down | up | pole), pole
        a[left], ya[left] = np.where(down, x, a[left]), np.where(down, y, ya[left])
        b[left], yb[left] = np.where(up, x, b[left]), np.where(up, y, yb[left])
        done += 1
    return np.where(gone, np.nan, (a + b) / 2), lost


def _told(turns: Turns, left: Longs, subjects: Sequence[Subject], found: Answers, back: Longs) -> tuple[Longs, Floats]:
    """[l] the label and [l] the gap of each bracket that is left, at its own point."""
    labels, y = np.empty(len(left), np.int64), np.empty(len(left))
    kinds = np.array([turns.subject[left], turns.before[left], turns.after[left]])
    for k, before, after in np.unique(kinds, axis=1).T:
        mine = np.flatnonzero((kinds == np.array([[k], [before], [after]])).all(axis=0))
        labels[mine] = found.labels(subjects[k])[back[mine]]
        y[mine] = gaps(found, subjects[k], int(before), int(after), back[mine])
    return labels, y


def _between(a: Floats, b: Floats, ya: Floats, yb: Floats, first: Floats, left: Floats) -> Floats:
    """[l] a point inside each bracket: that of ITP, or the middle where the gaps do not say on which side is more.

    `first`: how wide the brackets were at the beginning; `left`: how many steps bisection with one to spare has.
    """
    middle = (a + b) / 2
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        secant = (yb * a - ya * b) / (yb - ya)
        toward = np.sign(middle - secant)
        shift = SHIFT / first * (b - a) ** 2
        cut = np.where(shift <= np.abs(middle - secant), secant + toward * shift, middle)
        radius = np.maximum(CLOSE / 2 * 2.0**left - (b - a) / 2, 0.0)
        point = np.where(np.abs(cut - middle) <= radius, cut, middle - toward * radius)
    good = (ya < 0) & (yb > 0) & np.isfinite(point) & (point > a) & (point < b)
    return np.asarray(np.where(good, point, middle))
