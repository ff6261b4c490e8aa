"""How long things last, as rows of the tape: hazards within a slice of time, and what is done without a reason.

With rate r, what continues by itself is done for a time t without a thought with probability exp(-r t), and each other
move by its share of 1 - exp(-r t). In a logit response from that default the hazard of a change is then, as slices
grow short, r exp(precision * (U(change) - V)): a limit that does not depend on how time is cut (Steiner, Stewart &
Matejka 2017, Econometrica 85, 521-553, for the response).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from detente.arrays import Bools, Floats
from detente.language.lowering import Scene, Tape, lower
from detente.model.implied import unit_of_rate
from detente.model.schema import Model, Stage

LEAST_LOG = -690.0
"""The logarithm of the weight of what is as good as never done, such as a change at a rate of zero."""
NO_WEIGHT = "how readily a move is made without a reason is not a number"
NEGATIVE = "a rate is not negative, and a tendency is above zero"


def weighed(logs: Floats, available: Bools | None) -> tuple[int, int] | None:
    """Make weights of their logarithms [A, n], in place; or the action and draw of one that is not a number."""
    if available is not None:
        logs[~available] = 0.0
    for action, draw in np.argwhere(np.isnan(logs) | (logs == np.inf))[:1].tolist():
        return action, draw
    np.exp(np.maximum(logs, LEAST_LOG, out=logs), out=logs)
    return None


def hazards(tape: Tape, length: float, *rows: int) -> list[int]:
    """The probabilities within a time, of events whose probabilities in a unit of it are given; `length` in that unit.

    Together they come with 1 - (1 - P)^length, P being their sum, and in proportion to what is given.
    """
    one, whole = tape.number(1), tape.total(rows)
    left = tape.apply("**", tape.apply("-", one, whole), tape.number(length))
    possible = tape.apply("<=", whole, one)  # beyond, it is left as it is, so that it is told
    share = tape.apply("if", possible, tape.apply("-", one, left), whole)
    if len(rows) == 1:
        return [share]
    some = tape.apply("!=", whole, tape.number(0))
    return [tape.apply("if", some, tape.apply("/", tape.apply("*", row, share), whole), row) for row in rows]


def log_defaults(tape: Tape, model: Model, stage: Stage, there: Mapping[str, int]) -> tuple[int, ...]:
    """Rows of the logarithm of the weight of each move that may be there (`there`: rows that say whether it is)."""
    bare = Scene(model.periods.count, slices=model.periods.slices)
    tendency = {}
    for label in there:
        written = stage.moves[label].tendency if stage.moves else None
        tendency[label] = lower(written.expression, bare, tape) if written else tape.number(1)
    if stage.reconsidered is None or stage.continues not in there:
        return tuple(tape.apply("log", row) for row in tendency.values())
    length = model.periods.length(unit_of_rate(model, stage))
    assert length is not None, "a rate without a unit of time is a mistake of the model"
    rate = lower(stage.reconsidered.rate.expression, bare, tape)
    stays = tape.apply("*", tape.number(-length), rate)
    thought = tape.apply("log", tape.apply("-", tape.number(1), tape.apply("exp", stays)))
    others = [label for label in there if label != stage.continues]
    whole = tape.total([_where(tape, there[label], tendency[label]) for label in others])
    return tuple(
        stays
        if label == stage.continues
        else tape.apply(
            "+", thought, tape.number(0) if row == whole else tape.apply("log", tape.apply("/", row, whole))
        )
        for label, row in tendency.items()
    )


def _where(tape: Tape, there: int, row: int) -> int:
    """A row where a move is there, and 0 elsewhere."""
    return row if tape.constant(there) else tape.apply("if", there, row, tape.number(0))
