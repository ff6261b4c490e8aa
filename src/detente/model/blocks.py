"""Which combinations of rival structures there are, and how likely each is.

Structures that exclude each other share one source of uncertainty, which draws one of their *alternatives*: a `Block`.
A combination takes one alternative of each block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations, product
from typing import TYPE_CHECKING

from detente.language.expressions import Apply, Expression, Name, Number, Uncertain
from detente.model.fields import Formula, Path
from detente.model.structures import ONE_OF, Alternative, Structure

if TYPE_CHECKING:
    from detente.model.schema import Model

AS_WRITTEN = "as written"
MOST = 64  # combinations
Present = tuple[str, ...]
"""The names of the structures that are present, in the order of the file."""


@dataclass(frozen=True)
class Block:
    """Structures drawn together. The quantity called `name` says which of the alternatives there is, from 0.

    `place`: its number among all `many` blocks of the file, which stay what they are where some are settled.
    """

    name: str
    alternatives: tuple[Present, ...]
    weights: tuple[Expression, ...]  # of the alternatives, in proportion
    place: int = 0
    many: int = 1

    def only(self, given: Mapping[str, bool]) -> Block:
        """The block where some structures are present, and others are not."""
        mine = {name: on for name, on in given.items() if name in self.names}
        kept = [k for k, a in enumerate(self.alternatives) if all((s in a) == on for s, on in mine.items())]
        return replace(
            self, alternatives=tuple(self.alternatives[k] for k in kept), weights=tuple(self.weights[k] for k in kept)
        )

    @property
    def names(self) -> Present:
        """The structures of the block."""
        return tuple(dict.fromkeys(s for alternative in self.alternatives for s in alternative))

    @property
    def which(self) -> Expression:
        """The number of the alternative, drawn in proportion to the weights."""
        total = total_of(self.weights)
        drawn = Uncertain(0, "uniform", (Number(0, 0.0), Number(0, 1.0)))
        steps = [total_of(self.weights[: k + 1]) for k in range(len(self.weights) - 1)]
        at = Apply(0, "*", (drawn, total))
        if len(steps) == 1:
            return Apply(0, ">=", (at, steps[0]))
        # one source, looked at several times, is one number
        return total_of([Apply(0, ">=", (Apply(0, "*", (Name(0, f"{self.name} drawn"), total)), s)) for s in steps])


@dataclass(frozen=True, eq=False)
class Rivals:
    """The combinations of structures that there are, each with its model, in the order of the file."""

    blocks: tuple[Block, ...]
    members: tuple[Model, ...]  # of `combinations`, in their order

    @property
    def combinations(self) -> list[tuple[int, ...]]:
        """The number of the alternative of each block."""
        return list(product(*(range(len(block.alternatives)) for block in self.blocks)))

    @property
    def present(self) -> list[Present]:
        """The structures that are present in each combination."""
        return [present_in(self.blocks, numbers) for numbers in self.combinations]

    @property
    def names(self) -> Present:
        """The structures that are present in some combinations and not in others."""
        return tuple(name for block in self.blocks for name in block.names)


def called(present: Present) -> str:
    """A combination in words."""
    return " and ".join(present) or AS_WRITTEN


def present_in(blocks: Sequence[Block], numbers: Sequence[int]) -> Present:
    return tuple(name for block, k in zip(blocks, numbers, strict=True) for name in block.alternatives[k])


def total_of(parts: Sequence[Expression]) -> Expression:
    return reduce(lambda a, b: Apply(0, "+", (a, b)), parts)


def each(structures: Mapping[str, Structure]) -> Iterator[tuple[str, Structure | Alternative, Path]]:
    """All structures by name, those of groups among them, and where each is written."""
    for name, structure in structures.items():
        if structure.one_of:
            for one, alternative in structure.one_of.items():
                yield one, alternative, ("structures", name, ONE_OF, one)
        else:
            yield name, structure, ("structures", name)


def blocks_of(model: Model) -> list[Block]:
    """What is drawn together: a structure by itself, a group, or structures of which some exclude each other."""
    found, done = [], set()
    for name, structure in model.structures.items():
        if name in done:
            continue
        if structure.one_of:
            found.append(_group(name, structure))
            continue
        joined = _excluding(model.structures, name)
        done |= set(joined)
        found.append(_switches(model.structures, joined))
    open_ = [block for block in found if len(block.alternatives) > 1]
    place = {block.name: k for k, block in enumerate(open_)}
    return [replace(block, place=place.get(block.name, 0), many=len(open_)) for block in found]


def _weight(name: str, written: Formula | None) -> Expression:
    """How likely a structure is: its number, or the quantity that holds it."""
    known = written.expression if written else None
    return known if isinstance(known, Number) and known.value in (0.0, 1.0) else Name(0, weight_of(name))


def weight_of(name: str) -> str:
    """The quantity that says how likely a structure is."""
    return f"{name}.weight"


def _group(name: str, group: Structure) -> Block:
    """Alternatives, and what is left for the model as it is written."""
    ones = [(one, a) for one, a in group.one_of.items() if a.weight is None or not _is(a.weight, 0.0)]
    said = [_weight(one, a.weight) for one, a in ones if a.weight is not None]
    left: Expression = Apply(0, "max", (Number(0, 0.0), Apply(0, "-", (Number(0, 1.0), total_of(said))))) if said else (
        Number(0, 1.0)
    )  # fmt: skip
    alternatives: list[Present] = [(one,) for one, _ in ones]
    weights = [left if a.weight is None else _weight(one, a.weight) for one, a in ones]
    numbers = [a.weight.expression.value for _, a in ones if a.weight and isinstance(a.weight.expression, Number)]
    full = len(numbers) == len(ones) and sum(numbers) > 1 - 1e-9
    if not full and all(a.weight is not None for _, a in ones):
        alternatives, weights = [(), *alternatives], [left, *weights]
    return Block(name, tuple(alternatives), tuple(weights))


def _is(formula: Formula, value: float) -> bool:
    return isinstance(formula.expression, Number) and formula.expression.value == value


def _excluding(structures: Mapping[str, Structure], first: str) -> list[str]:
    """A structure and all that exclude it or each other, in the order of the file."""
    joined, waiting = {first}, [first]
    while waiting:
        name = waiting.pop()
        others = {other for other, s in structures.items() if name in s.excludes} | set(structures[name].excludes)
        new = {other for other in others if other in structures and not structures[other].one_of} - joined
        joined |= new
        waiting += new
    return [name for name in structures if name in joined]


def _switches(structures: Mapping[str, Structure], names: Sequence[str]) -> Block:
    """Structures that are present or not, by the combinations that are not excluded."""
    apart = {frozenset((name, other)) for name in names for other in structures[name].excludes}
    alternatives, weights = [], []
    for size in range(len(names) + 1):
        for chosen in combinations(names, size):
            if any(pair <= set(chosen) for pair in apart):
                continue
            factors = [
                w if s in chosen else Apply(0, "-", (Number(0, 1.0), w))
                for s in names
                for w in [_weight(s, structures[s].weight)]
            ]
            fixed = {s: w.value for s in names if isinstance(w := _weight(s, structures[s].weight), Number)}
            if any((s in chosen) != bool(on) for s, on in fixed.items()):
                continue
            alternatives.append(chosen)
            weights.append(reduce(lambda a, b: Apply(0, "*", (a, b)), factors))
    return Block("_or_".join(names), tuple(alternatives), tuple(weights))


def names_of(model: Model) -> Present:
    """All structures of a model by name."""
    return tuple(name for name, _, _ in each(model.structures))
