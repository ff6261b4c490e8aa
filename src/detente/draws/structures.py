"""How likely each alternative of a block of rival structures is in each draw, or were if a structure were more
likely."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from detente.arrays import Bools, Floats, Longs
from detente.draws.formulas import EMPTY
from detente.draws.sampler import Draws
from detente.language.lowering import Tape, lower
from detente.model.blocks import Block, each
from detente.model.schema import Model

ROUNDS, CLOSE = 500, 1e-9  # of proportional fitting


def tagged(model: Model, mechanism: str) -> list[str]:
    """The rival structures that belong to a mechanism: switched off they stay, each with the reason."""
    return [
        f"structure {name}: it is present or not, as drawn; `--without {name}` asks about the crisis without it"
        for name, structure, _ in each(model.structures) if structure.mechanism == mechanism
    ]  # fmt: skip


def chances(draws: Draws, block: Block) -> Floats:
    """[alternatives, n] how likely each alternative of a block is, given the draw's own weights."""
    tape = Tape()
    weights = tape.evaluate([lower(weight, EMPTY, tape) for weight in block.weights], draws.truth, draws.n)
    return np.asarray(weights / weights.sum(axis=0))


def numbered(likely: Floats, u: Floats) -> Longs:
    """[n] which of several alternatives, [K] or [K, n] likely, uniform numbers fall on."""
    ends = np.cumsum(likely / likely.sum(axis=0), axis=0)[:-1]
    return np.asarray((u >= (ends[:, None] if ends.ndim == 1 else ends)).sum(axis=0))


def fit(likely: Floats, block: Block, wanted: Mapping[str, float]) -> Floats:
    """[alternatives, n] the probabilities nearest to some in which structures are as likely as wanted.

    Alternatives with a structure keep their proportions, and so do those without it; where several are wanted, by
    proportional fitting (Deming & Stephan 1940, Annals of Mathematical Statistics 11, 427-444).
    """
    found = np.array(likely, float)
    for _ in range(ROUNDS if len(wanted) > 1 else 1):
        for name, weight in wanted.items():
            inside = _having(block, name)
            for rows, share in ((inside, weight), (~inside, 1 - weight)):
                total = found[rows].sum(axis=0)
                found[rows] *= share / np.where(total > 0, total, 1.0)
        if all(np.abs(mass(found, block, name) - weight).max() < CLOSE for name, weight in wanted.items()):
            break
    return found


def _having(block: Block, name: str) -> Bools:
    """[alternatives] whether a structure is present in each."""
    return np.array([name in alternative for alternative in block.alternatives])


def mass(likely: Floats, block: Block, name: str) -> Floats:
    """[n] how likely a structure is, of [alternatives, n] how likely each alternative is."""
    return np.asarray(likely[_having(block, name)].sum(axis=0))
