"""Formulas of quantities on tapes of their own, with the sources of uncertainty in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from detente.arrays import Floats
from detente.language.distributions import BOUNDED_UNITS
from detente.language.expressions import Ask, Expression, Uncertain
from detente.language.lowering import Scene, Tape, lower

EMPTY = Scene(1)


@dataclass(frozen=True, eq=False)
class Leaf:
    """A source of uncertainty in a formula: input `#number` of its tape, drawn at the uniform numbers `u` [n]."""

    number: int
    source: str
    family: str
    weights: tuple[float, ...]
    args: tuple[int, ...]  # the rows of its parameters
    u: Floats
    unit: str


@dataclass(frozen=True, eq=False)
class Step:
    """How a quantity, or (`actor` not empty) an actor's view of it, came by its values; see `chain`."""

    actor: str
    name: str
    tape: Tape
    root: int
    inputs: Mapping[str, Floats]
    leaves: tuple[Leaf, ...]
    bounded: bool  # whether what came out was cut at 0 and 1


@dataclass(frozen=True, eq=False)
class Lowered:
    """A formula on a tape of its own. `leaves` are its sources of uncertainty in the order of their numbers, `u` empty;
    `order` puts each after those that its parameters are made of."""

    tape: Tape
    root: int
    leaves: tuple[Leaf, ...]
    order: tuple[int, ...]
    reads: tuple[str, ...]  # the quantities it is made of

    @classmethod
    def of(cls, whole: Expression, name: str, unit: str) -> Lowered:
        """A formula whose sources of uncertainty are called after `name`: `hazard`, or `hazard#0` where it is one of
        several parts."""
        tape, numbers = Tape(), count()
        leaves: list[Leaf] = []
        parts = whole.args if isinstance(whole, Uncertain) and whole.family == "mixture" else ()

        def leaf(e: Uncertain | Ask) -> int:
            assert isinstance(e, Uncertain)
            number = next(numbers)
            source = name if e is whole else f"{name}#{number}"
            here = unit if unit not in BOUNDED_UNITS or any(e is part for part in (whole, *parts)) else ""
            args = tuple(lower(part, EMPTY, tape, leaf) for part in e.args)
            leaves.append(Leaf(number, source, e.family, e.weights, args, np.zeros(0), here))
            return tape.input(f"#{number}")

        root = lower(whole, EMPTY, tape, leaf)
        reads = tuple(name for name in tape.names if name and name[0] != "#")
        ordered = sorted(leaves, key=lambda x: x.number)
        return cls(tape, root, tuple(ordered), tuple(x.number for x in leaves), reads)


def chosen(weights: tuple[float, ...], u: Floats) -> npt.NDArray[np.intp]:
    """[n] which part of a mixture or choice uniform numbers fall on."""
    return np.asarray(np.searchsorted(np.cumsum(weights), u, side="right").clip(0, len(weights) - 1))
