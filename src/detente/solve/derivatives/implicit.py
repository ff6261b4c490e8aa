"""Derivatives of solved games by their numbers, by the implicit function theorem.

A solved draw is a fixed point y = G(y, theta) of the unknowns of `plan`, and a reading r of its behaviour changes with
the numbers theta of the game (payoffs, chance, precisions) by

    dr/dtheta = r_theta + l' G_theta,    where (I - G_y)' l = r_y:

one linear system for each reading, whatever the number of thetas. G_y and the products with it come from the sweep
taken backwards (`adjoint`). The system is solved densely where unknowns are few, and by GMRES where they are many.
With perfect information there are no unknowns, and one pass is all.

The derivatives are those of the branch that the draw lies on. Where I - G_y is singular, or its determinant below zero
(the branch turns back there, or another crosses it), there is none to be had, and that is told.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from detente.arrays import Bools, Floats
from detente.errors import QuestionError
from detente.game.tree import Game, Tree
from detente.solve.compiled import warmup as ready
from detente.solve.compiled import warmup_game as rehearsal
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
_BLOCK = 64  # draws whose systems are set up at once; no result depends on it


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Derivatives of m readings by the numbers of n draws; nan in draws that have none.

    `unsettled` are draws whose behaviour is no equilibrium at their precision, `singular` those at a fold or fork of
    the branch, or beyond one.
    """

    payoffs: Floats  # [m, S, P, n]
    chance: Floats  # [m, K, n]
    precision: Floats  # [m, P, n]
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
        np.zeros(n, np.bool_),
        np.zeros(n, np.bool_),
    )
    known: Bools = ~np.asarray(np.isnan(readings).any(axis=1))
    step = max(1, min(_BLOCK, -(-n // workers)))
    blocks = [slice(first, min(first + step, n)) for first in range(0, n, step)]
    layout, limit = lay_out(tree), DENSE if dense is None else dense
    work = [(layout, game, behaviour, np.nan_to_num(readings), limit, found, block) for block in blocks]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda arguments: _block(*arguments), work))
    for array in (found.payoffs, found.chance, found.precision):
        array[..., found.unsettled | found.singular] = np.nan
        for k in range(m):
            array[k][..., ~known[k]] = np.nan
    return found


def _block(
    layout: Layout, game: Game, behaviour: Floats, readings: Floats, dense: int, found: Derivatives, block: slice
) -> None:
    """Enter the derivatives of some draws in `found`."""
    from detente.solve.derivatives import adjoint_solve as transposed
    from detente.solve.derivatives import adjoint_sweep as adjoint
    from detente.solve.quantal import sweep as kernels  # here, because numba takes a second to import

    ready.wait("slopes")
    plan, n_unknowns = layout.plan, layout.n_unknowns
    numbers = fill(layout, game, block)
    raw = game.payoffs[layout.slots][:, :, block]
    numbers = numbers._replace(payoffs=numbers.payoffs * numbers.scale)  # so that logits are values at t = 1
    lanes, scratch = kernels.new_lanes(plan, numbers), adjoint.new_pull(plan, numbers)
    n = block.stop - block.start
    y = np.empty((n_unknowns, n))
    adjoint.images(plan, numbers, unknowns(plan, behaviour[:, block]), lanes, scratch, y)
    inverse = np.zeros((0, 0, 0))
    if 0 < n_unknowns <= dense:
        inverse = _inverse(layout, numbers, y, found, block)
    else:
        found.unsettled[block] = _residual(layout, numbers, y) > UNSETTLED
    by = np.ascontiguousarray(readings[:, :, block])
    m = len(by)
    directions = transposed.new_krylov(n_unknowns if not len(inverse) else 0)
    payoffs = np.zeros((m, len(numbers.payoffs), game.tree.n_players, n))
    chance, offset = np.zeros((m, len(game.chance), n)), np.zeros((m, len(plan.unknown), n))
    failed = np.zeros((m, n), np.bool_)
    transposed.adjoints(plan, numbers, y, by, inverse, lanes, scratch, directions, payoffs, chance, offset, failed)
    found.singular[block] |= failed.any(axis=0)
    paid = payoffs[:, layout.slots]
    found.precision[..., block] = (paid * (raw - raw.min(axis=0))).sum(axis=1)
    found.payoffs[:, layout.slots, :, block] = paid * game.precision[:, block]
    log_chance = np.einsum("kM,mMn->mkn", _events(game.tree, len(game.chance)), offset, optimize=True)
    with np.errstate(invalid="ignore", over="ignore"):
        chance += log_chance / np.maximum(numbers.chance[: len(game.chance)], 1e-300)
    found.chance[..., block] = chance
    found.singular[block] |= ~(np.abs(chance) < STEEPEST).all(axis=(0, 1))


def _residual(layout: Layout, numbers: Numbers, y: Floats) -> Floats:
    """[n] how far the unknowns y [B, n] are from what they lead to."""
    from detente.solve.derivatives import adjoint_sweep as adjoint
    from detente.solve.quantal import sweep as kernels

    image = np.empty_like(y)
    lanes, scratch = kernels.new_lanes(layout.plan, numbers), adjoint.new_pull(layout.plan, numbers)
    adjoint.images(layout.plan, numbers, y, lanes, scratch, image)
    return np.asarray(np.abs(image - y).max(axis=0, initial=0.0))


def _inverse(layout: Layout, numbers: Numbers, y: Floats, found: Derivatives, block: slice) -> Floats:
    """[n, B, B] the inverse of I - G_y in each draw, after y has been settled by Newton's method where it needs to be.

    What is unsettled or singular is entered in `found`, and has the identity.
    """
    from detente.solve.derivatives import adjoint_sweep as adjoint
    from detente.solve.quantal import sweep as kernels

    n_unknowns, n = y.shape
    lanes, scratch = kernels.new_lanes(layout.plan, numbers), adjoint.new_pull(layout.plan, numbers)
    matrix, image = np.empty((n, n_unknowns, n_unknowns)), np.empty_like(y)
    for _ in range(3):
        adjoint.jacobian(layout.plan, numbers, y, lanes, scratch, matrix)
        adjoint.images(layout.plan, numbers, y, lanes, scratch, image)
        residual = np.abs(image - y).max(axis=0, initial=0.0)
        found.unsettled[block] = ~(residual <= UNSETTLED)
        sign, _ = np.linalg.slogdet(matrix)
        regular = (sign > 0) & ~found.unsettled[block]
        matrix[~regular] = np.eye(n_unknowns)
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


def rehearse() -> None:
    """Have all of it compiled (see `ready`), with systems solved by GMRES and densely."""
    game = rehearsal.game()
    behaviour = np.full((game.tree.n_actions, 1), 0.5)
    for dense in (0, DENSE):
        derivatives(game, behaviour, behaviour[None], dense=dense)
