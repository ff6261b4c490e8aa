"""Which turns of the draws belong to which turn of the median draw.

A claim that holds between two values turns there and back, and may do so again: turns of one kind (the same subject,
from the same label to the same) are told apart. Where the median draw turns more than once between two points of the
grid, all draws are asked between the turns as well. A draw with as many turns of a kind as the median draw has them in
the same order; of any other draw each turn belongs to the nearest, and of several at one the nearest counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from detente.analyse.forecast.readout import Answers, Subject
from detente.analyse.thresholds import refine
from detente.analyse.thresholds.brackets import Bracket
from detente.analyse.thresholds.extent import Span
from detente.arrays import Bools, Floats, Longs

MOST = 40  # points between turns at which all draws are asked
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class InDraws:
    """Where the draws turn as the median draw does: all arrays [m].

    `draw`; `places`, along the scale, nan where the turn is `lost`; `central`, the number of the median draw's turn.
    """

    draw: Longs
    places: Floats
    lost: Bools
    central: Longs
    n: int

    def at(self, turn: int) -> tuple[Floats, int]:
        """The places at which draws turn as the median draw does at one of its turns; and how many are lost."""
        mine = self.central == turn
        known = mine & ~self.lost
        return self.places[known], len(np.setdiff1d(self.draw[mine & self.lost], self.draw[known]))


def between_turns(found: Sequence[Bracket], places: Floats) -> Floats:
    """Places at which draws are asked, too: between turns of a subject that have no place of the grid in the middle
    half of the way from one to the next. All from 0 to 1, ascending."""
    gaps = []
    for owner in {b.owner for b in found}:
        own = sorted((b for b in found if b.owner == owner), key=lambda b: b.low)
        gaps += [(a.high, b.low) for a, b in pairwise(own) if b.low > a.high]
    more: list[float] = []
    for low, high in sorted(gaps, key=lambda gap: gap[1]):
        near, far = low + (high - low) / 4, high - (high - low) / 4
        if not any(near <= place <= far for place in (*places, *more)) and len(more) < MOST:
            more.append((low + high) / 2)
    return np.array(sorted(more))


def in_draws(
    found: Sequence[Bracket],
    of: Sequence[Subject],
    rows: Sequence[Answers],
    extent: Span,
    places: Floats,
    each: refine.Look,
) -> InDraws:
    """Where each draw turns as the median draw does. `rows` are the answers at `places`, from 0 to 1."""
    kinds = sorted({(b.owner, b.before, b.after) for b in found})
    if not kinds:
        none = np.zeros(0, np.int64)
        return InDraws(none, np.zeros(0), np.zeros(0, np.bool_), none, rows[0].n)
    turned, sure = refine.found_on(rows, of, kinds, places)
    at, lost = np.where(sure, turned.high, np.nan), ~sure  # from one value to the next there is nothing between
    if not extent.values:
        at[sure], lost[sure] = refine.narrowed(turned.some(sure), of, each, extent.at)
    roughly = np.where(np.isnan(at), turned.high if extent.values else (turned.low + turned.high) / 2, at)
    central = np.full(turned.n, NOWHERE)
    for kind in kinds:
        own = [k for k, b in enumerate(found) if (b.owner, b.before, b.after) == kind]
        there = np.array([found[k].high if extent.values else found[k].middle for k in own])
        alike = (turned.subject == kind[0]) & (turned.before == kind[1]) & (turned.after == kind[2])
        alike &= lost | ~np.isnan(at)
        for draw in np.unique(turned.draw[alike]):
            mine = np.flatnonzero(alike & (turned.draw == draw))
            which = matched(roughly[mine], there)
            central[mine[which != NOWHERE]] = np.array(own)[which[which != NOWHERE]]
    return InDraws(turned.draw, at, lost, central, rows[0].n)


def matched(places: Floats, central: Floats) -> Longs:
    """[m] to which of the median draw's turns of a kind, [c], each of a draw's belongs; NOWHERE if to none."""
    which = np.full(len(places), NOWHERE)
    if len(places) == len(central):
        which[np.argsort(places, kind="stable")] = np.argsort(central, kind="stable")
        return which
    apart = np.abs(places[:, None] - central)
    nearest = apart.argmin(axis=1)
    for turn in np.unique(nearest):
        mine = np.flatnonzero(nearest == turn)
        which[mine[apart[mine, turn].argmin()]] = turn
    return which
