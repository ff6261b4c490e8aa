"""The extreme rays of a polyhedral cone, exactly, by the double description method.

Motzkin, Raiffa, Thompson & Thrall (1953), The double description method, Contributions to the Theory of Games II,
51-73; Fukuda & Prodon (1996), Double description method revisited, Lecture Notes in Computer Science 1120, 91-111.

Whole numbers throughout, so that degenerate polytopes, which games in extensive form nearly always have, do no harm.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detente.arrays import Longs
from detente.errors import QuestionError
from detente.solve.nash.reduced_form import Exact

Masks = npt.NDArray[np.uint64]


def extreme_rays(equal: Exact, rows: Exact, most: int) -> tuple[Exact, list[int]]:
    """The extreme rays of {x in R^d: x >= 0, equal @ x = 0, rows @ x >= 0}, for whole numbers [any, d].

    Returns them in whole numbers [R, d] without common factors, and for each the inequalities that hold with equality,
    as bits: bit i for x[i] = 0 and bit d + j for rows[j] @ x = 0. Raises QuestionError when there come to be more
    than `most` rays at once.
    """
    d = rows.shape[1]
    n_bits = d + len(rows)
    rays = np.zeros((d, d), object)
    rays[np.arange(d), np.arange(d)] = 1
    tight = [((1 << d) - 1) & ~(1 << i) for i in range(d)]
    dimension = d
    for row in equal:
        side = rays @ row
        above, below, on = _sides(side)
        pairs = _adjacent(tight, above, below, n_bits, dimension - 2)
        rays = np.concatenate([rays[on], _between(rays, side, pairs)])
        tight = [tight[k] for k in on] + [tight[a] & tight[b] for a, b in pairs.tolist()]
        dimension -= bool(len(above) or len(below))
    for j, row in enumerate(rows):
        side, bit = rays @ row, 1 << (d + j)
        above, below, on = _sides(side)
        pairs = _adjacent(tight, above, below, n_bits, dimension - 2)
        rays = np.concatenate([rays[above], rays[on], _between(rays, side, pairs)])
        tight = [
            *(tight[k] for k in above),
            *(tight[k] | bit for k in on),
            *((tight[a] & tight[b]) | bit for a, b in pairs.tolist()),
        ]
        if len(rays) > most:
            raise QuestionError(
                f"the game has too many equilibria to list, or too many corners to look at: more than {most:,}; "
                "ask for 'limit' or 'regret' instead"
            )
    return rays, tight


def words(masks: list[int], n_bits: int) -> Masks:
    """Bit masks as rows of 64-bit words."""
    n_words = -(-n_bits // 64)
    full = (1 << 64) - 1
    split = [[(mask >> (64 * w)) & full for w in range(n_words)] for mask in masks]
    return np.array(split, np.uint64).reshape(len(masks), n_words)


def _sides(side: Exact) -> tuple[Longs, Longs, Longs]:
    """Which rays lie above, below and on a hyperplane."""
    sign = np.array([(value > 0) - (value < 0) for value in side], np.int64)
    return np.flatnonzero(sign > 0), np.flatnonzero(sign < 0), np.flatnonzero(sign == 0)


def _between(rays: Exact, side: Exact, pairs: Longs) -> Exact:
    """Where the faces that pairs of rays span meet the hyperplane, without common factors."""
    above, below = pairs.T
    new = rays[below] * side[above, None] - rays[above] * side[below, None]
    return np.asarray(new // np.gcd.reduce(new, axis=1)[:, None] if len(new) else new)


def _adjacent(tight: list[int], above: Longs, below: Longs, n_bits: int, least: int) -> Longs:
    """[pairs, 2] rays, one above and one below, that span a face of two dimensions.

    They are those whose common equalities, of which there are at least `least`, no third ray satisfies.
    """
    masks = words(tight, n_bits)
    pairs = []
    for a in above.tolist():
        common = masks[a] & masks[below]
        enough = np.bitwise_count(common).sum(axis=1) >= least
        for b, shared in zip(below[enough].tolist(), common[enough], strict=True):
            if ((masks & shared) == shared).all(axis=1).sum() == 2:
                pairs.append((a, b))
    return np.array(pairs, np.int64).reshape(-1, 2)
