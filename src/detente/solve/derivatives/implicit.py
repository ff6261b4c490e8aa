"""Derivatives of solved games by their numbers, by the implicit function theorem.

A solved draw is a fixed point y = G(y, theta) of the unknowns of `plan`, and a reading r of its behaviour changes with
the numbers theta of the game (payoffs, chance, precisions, the default) by

    dr/dtheta = r_theta + l' G_theta,    where (I - G_y)' l = r_y:

one linear system for each reading, whatever the number of thetas. G_y and the products with it come from the sweep
taken backwards (`adjoint`). The system is solved densely where unknowns are few, and by GMRES where they are many.
With perfect information there are no unknowns, and one pass is all.

The derivatives are those of the branch that the draw lies on. Where I - G_y is singular, or its determinant below zero
(the branch turns back there, or another crosses it), there is none to be had, and that is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from detente.arrays import Bools, Floats
from detente.errors import QuestionError
from detente.game.tree import Game, Tree
from detente.solve.compiled.threads import each
from detente.solve.derivatives.adjoint import adjoints, belief_jacobians, images
from detente.solve.quantal.layout import Layout, Numbers, fill, lay_out, unknowns

IMPLICIT = (
    "Griewank & Walther (2008), Evaluating Derivatives, 2nd ed., SIAM, ch. 15: adjoints of fixed points "
    "by the implicit function theorem"
)
DENSE = 32  # most unknowns for which the system is solved densely: beyond, GMRES costs less
WORST = 1e10  # the condition number beyond which a system counts as singular
UNSETTLED = 1e-4  # the residual, in log-odds, of behaviour that is no equilibrium at the precision of the game
SETTLED = 1e-12
STEEPEST = 1e100  # a derivative beyond this is none: belief turns on an event of probability zero
_NUMBERS_AT_ONCE = 1_000_000  # in the arrays of the draws whose systems are set up at once; no result depends on it


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Derivatives of m readings by the numbers of n draws; nan in draws that have none.

    `unsettled` are draws whose behaviour is no equilibrium at their precision, `singular` those at a fold or
    bifurcation of the branch, or beyond one."""

    payoffs: Floats  # [m, S, P, n]
    chance: Floats  # [m, K, n]
    precision: Floats  # [m, P, n]
    log_default: Floats  # [m, A, n] by the logarithm of each weight of the default, whether or not the game has one
    unsettled: Bools  # [n]
    singular: Bools  # [n]


def derivatives(
    game: Game, behaviour: Floats, readings: Floats, workers: int = 1, dense: int | None = None
) -> Derivatives:
    """Derivatives of readings through the equilibrium of every draw.

    `behaviour` [A, n] is the equilibrium; `readings` [m, A, n] are the derivatives of each reading by behaviour. What
    a reading owes to payoffs and chance directly is not in the result. `dense`: the most unknowns for which systems
    are solved densely. A draw that has nan in a reading has nan for its derivatives. Raises QuestionError for a
    precision without limit.
    """
    if np.isposinf(game.precision).any():
        raise QuestionError(
            "derivatives need a finite precision: without limit, behaviour jumps from one move to another"
        )
    m, n, tree = len(readings), game.n_draws, game.tree
    found = Derivatives(
        np.zeros((m, len(game.payoffs), tree.n_players, n)),
        np.zeros((m, len(game.chance), n)),
        np.zeros((m, tree.n_players, n)),
        np.zeros((m, tree.n_actions, n)),
        np.zeros(n, np.bool_),
        np.zeros(n, np.bool_),
    )
    known: Bools = ~np.asarray(np.isnan(readings).any(axis=1))
    layout, limit, asked = lay_out(tree), DENSE if dense is None else dense, np.nan_to_num(readings)
    size = max(1, min(_draws_at_once(layout, game, m, limit), -(-n // workers)))
    blocks = [slice(first, min(first + size, n)) for first in range(0, n, size)]
    each(lambda block: _block(layout, game, behaviour, asked, limit, found, block), blocks, workers)
    for array in (found.payoffs, found.chance, found.precision, found.log_default):
        array[..., found.unsettled | found.singular] = np.nan
        for k in range(m):
            array[k][..., ~known[k]] = np.nan
    return found


def _draws_at_once(layout: Layout, game: Game, m: int, dense: int) -> int:
    """How many draws with m readings make a block: each call of a kernel takes its time, however few there are."""
    square = layout.n_unknowns**2 if layout.n_unknowns <= dense else 0
    readings = game.payoffs[..., 0].size + len(game.chance) + len(layout.plan.unknown) + game.tree.n_actions
    return _NUMBERS_AT_ONCE // max(1, square + m * readings)


def _block(
    layout: Layout, game: Game, behaviour: Floats, readings: Floats, dense: int, found: Derivatives, block: slice
) -> None:
    """Enter the derivatives of some draws in `found`."""
    plan, inverse = layout.plan, None
    numbers = fill(layout, game, block)
    raw = game.payoffs[layout.slots][:, :, block]
    numbers = numbers._replace(payoffs=numbers.payoffs * numbers.scale)  # so that logits are values at t = 1
    y = unknowns(plan, behaviour[:, block])
    if layout.n_unknowns:
        y = images(plan, numbers, y)
        if layout.n_unknowns <= dense:
            inverse = _inverse(layout, numbers, y, found, block)
        else:
            found.unsettled[block] = _residual(y, images(plan, numbers, y)) > UNSETTLED
    pulled = adjoints(plan, numbers, y, np.ascontiguousarray(readings[:, :, block]), inverse)
    found.singular[block] |= pulled.failed.any(axis=0)
    paid = pulled.payoffs[:, layout.slots]
    found.precision[..., block] = (paid * (raw - raw.min(axis=0))).sum(axis=1)
    found.log_default[..., block] = pulled.logits
    found.payoffs[:, layout.slots, :, block] = paid * game.precision[:, block]
    chance, log_chance = pulled.chance[:, : len(game.chance)], _events(game.tree, len(game.chance)) @ pulled.offset
    with np.errstate(invalid="ignore", over="ignore"):
        chance += log_chance / np.maximum(numbers.chance[: len(game.chance)], 1e-300)
    found.chance[..., block] = chance
    found.singular[block] |= ~(np.abs(chance) < STEEPEST).all(axis=(0, 1))


def _residual(y: Floats, image: Floats) -> Floats:
    """[n] how far the unknowns y [B, n] are from what they lead to."""
    return np.asarray(np.abs(image - y).max(axis=0, initial=0.0))


def _inverse(layout: Layout, numbers: Numbers, y: Floats, found: Derivatives, block: slice) -> Floats:
    """[n, B, B] the inverse of I - G_y in each draw, after y has been settled by Newton's method where it needs to be.

    What is unsettled or singular is entered in `found`, and has the identity.
    """
    for _ in range(3):
        matrix, image = belief_jacobians(layout.plan, numbers, y)
        residual = _residual(y, image)
        found.unsettled[block] = ~(residual <= UNSETTLED)
        sign, _ = np.linalg.slogdet(matrix)
        regular = (sign > 0) & ~found.unsettled[block]
        matrix[~regular] = np.eye(layout.n_unknowns)
        inverse = np.linalg.inv(matrix)
        condition = np.abs(matrix).sum(axis=1).max(axis=1) * np.abs(inverse).sum(axis=1).max(axis=1)
        found.singular[block] = ~found.unsettled[block] & ~(regular & (condition <= WORST))
        loose = regular & (residual > SETTLED * (1.0 + np.abs(y).max(axis=0)))
        if not loose.any():
            break
        y[:, loose] += np.einsum("jbc,cj->bj", inverse[loose], (image - y)[:, loose])
    return np.asarray(inverse)


@lru_cache(maxsize=16)
def _events(tree: Tree, n_rows: int) -> Floats:
    """[K, M] how often each row of chance probabilities counts in the log-odds of each member by chance."""
    layout = lay_out(tree)
    reach = np.zeros((len(layout.events_above) + 1, n_rows))
    for g, (above, step) in enumerate(zip(layout.events_above, layout.events_step, strict=True)):
        reach[g + 1] = reach[above]
        reach[g + 1, step] += 1.0
    return np.asarray((reach[layout.member_events] - reach[layout.first_events]).T)
