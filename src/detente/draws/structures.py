"""How likely each alternative of a block of rival structures is in each draw."""

from __future__ import annotations

import numpy as np

from detente.arrays import Floats
from detente.draws.sampler import EMPTY, Draws
from detente.language.lowering import Tape, lower
from detente.model.blocks import Block


def chances(draws: Draws, block: Block) -> Floats:
    """[alternatives, n] how likely each alternative of a block is, given the draw's own weights."""
    tape = Tape()
    weights = tape.evaluate([lower(weight, EMPTY, tape) for weight in block.weights], draws.truth, draws.n)
    return np.asarray(weights / weights.sum(axis=0))
