"""The quantities by which rival structures are drawn, and those that have other values in some of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from detente.language.expressions import Apply, Expression, Name, Number, Uncertain
from detente.model.blocks import AS_WRITTEN, Block, Rivals, called, each, names_of, total_of, weight_of
from detente.model.fields import Formula
from detente.model.schema import Model, Perception, Quantity
from detente.model.structures import Alternative, Structure


def switches(union: Model, blocks: Sequence[Block]) -> dict[str, Quantity]:
    """How likely each structure is, which alternative of each block there is, and whether each structure is present."""
    found: dict[str, Quantity] = {}
    by_name = {name: structure for name, structure, _ in each(union.structures)}
    for name, structure in by_name.items():
        if structure.weight is not None:
            means = f"how likely it is that {structure.means or name + ' is so'}"
            found[weight_of(name)] = _quantity(structure.weight, "probability", means, structure)
    for group in union.structures.values():  # what the others leave
        for name, one in group.one_of.items():
            if one.weight is None:
                others = [Name(0, weight_of(other)) for other, a in group.one_of.items() if a.weight is not None]
                left = Apply(0, "-", (Number(0, 1.0), total_of(others))) if others else Number(0, 1.0)
                rest = Apply(0, "max", (Number(0, 0.0), left))
                means = f"how likely it is that {one.means or name + ' is so'}"
                found[weight_of(name)] = _quantity(Formula("otherwise", rest), "probability", means, one)
    for block in blocks:
        members = {name: by_name[name] for name in block.names}
        alone = len(block.alternatives) == 2 and block.alternatives == ((), (block.name,))
        if len(block.alternatives) > 2:
            drawn = Uncertain(0, "uniform", (Number(0, 0.0), Number(0, 1.0)))
            found[f"{block.name} drawn"] = _quantity(Formula("uniform(0, 1)", drawn), "", "which one is drawn", None)
        if len(block.alternatives) > 1:
            value: Expression = Uncertain(0, "bernoulli", (block.weights[1],)) if alone else block.which
            text = f"1 with probability {_said(members[block.name])}, else 0" if alone else "which of " + ", ".join(
                called(alternative) for alternative in block.alternatives
            )  # fmt: skip
            means = (members[block.name].means or "present") if alone else ""
            found[block.name] = _quantity(Formula(text, value), "", means, members.get(block.name))
        for name, structure in by_name.items():
            if name in members and name != block.name:
                there = [
                    Apply(0, "==", (Name(0, block.name), Number(0, float(k))))
                    for k, alternative in enumerate(block.alternatives)
                    if name in alternative
                ]
                value = total_of(there) if len(block.alternatives) > 1 else Number(0, 1.0)
                found[name] = _quantity(
                    Formula(f"1 where {name} is drawn, else 0", value), "", structure.means, structure
                )
            elif name in members and len(block.alternatives) == 1:
                found[name] = _quantity(Formula("1", Number(0, 1.0)), "", structure.means, structure)
    for name, structure in by_name.items():
        if name not in found:
            found[name] = _quantity(Formula("0", Number(0, 0.0)), "", structure.means, structure)
    return found


def _said(structure: Structure | Alternative) -> str:
    return str(structure.weight) if structure.weight else "otherwise"


def _quantity(value: Formula, unit: str, means: str, about: Structure | Alternative | None) -> Quantity:
    told = {} if about is None else {key: getattr(about, key) for key in ("source", "because", "mechanism")}
    return Quantity.model_validate({"value": value, "unit": unit, "means": means, **told})


def quantities_of(rivals: Rivals) -> dict[str, Quantity]:
    """The quantities of all combinations. One that structures change is drawn for each of its values by itself, and
    has the one that belongs to the combination of the draw."""
    found: dict[str, Quantity] = {}
    for name in dict.fromkeys(name for member in rivals.members for name in member.quantities):
        having = [k for k, member in enumerate(rivals.members) if name in member.quantities]
        variants: list[tuple[Quantity, list[int]]] = []
        for k in having:
            quantity = rivals.members[k].quantities[name]
            for known, where in variants:
                if known == quantity:
                    where.append(k)
                    break
            else:
                variants.append((quantity, [k]))
        if len(variants) == 1:
            found[name] = variants[0][0]
        else:
            found |= _varying(rivals, name, variants)
    return found


def _varying(rivals: Rivals, name: str, variants: Sequence[tuple[Quantity, list[int]]]) -> dict[str, Quantity]:
    """A quantity that has other values in other combinations; the first of its values is the one that is written."""
    found: dict[str, Quantity] = {}
    first = variants[0][0]
    value: Expression = Name(0, f"{name} {AS_WRITTEN}")
    views: dict[str, Expression] = {actor: view.value.expression for actor, view in first.seen_by.items()}
    told = [f"{first.value} {AS_WRITTEN}"]
    plain = first.model_copy(update={"seen_by": {}})
    plain._stream = name  # and so do the others: they are as far up or down in their ranges, and paired
    found[f"{name} {AS_WRITTEN}"] = plain
    for quantity, where in variants[1:]:
        condition, words = _condition(rivals, where)
        own = f"{name} in {words}"
        found[own] = quantity.model_copy(update={"seen_by": {}})
        found[own]._stream = name
        value = Apply(0, "if", (condition, Name(0, own), value))
        told.append(f"{quantity.value} in {words}")
        for actor in dict.fromkeys((*views, *quantity.seen_by)):
            here = quantity.seen_by[actor].value.expression if actor in quantity.seen_by else Name(0, name)
            before = views.get(actor, Name(0, name))
            views[actor] = before if before == here else Apply(0, "if", (condition, here, before))
    seen = {}
    for actor, view in views.items():
        written = next(q.seen_by[actor] for q, _ in variants if actor in q.seen_by)
        text = str(written.value) if view == written.value.expression else "as the structure says"
        fields = {key: getattr(written, key) for key in ("means", "source", "because", "mechanism")}
        seen[actor] = Perception.model_validate({"value": Formula(text, view), **fields})
    found[name] = first.model_copy(update={"value": Formula("; ".join(told), value), "seen_by": seen})
    return found


def _condition(rivals: Rivals, where: Sequence[int]) -> tuple[Expression, str]:
    """When the combination is one of these, and what to call them."""
    present = rivals.present
    for name in rivals.names:
        if [k for k, names in enumerate(present) if name in names] == list(where):
            return Name(0, name), name
    ways = []
    for k in where:
        parts = [
            Apply(0, "==", (Name(0, block.name), Number(0, float(number))))
            for block, number in zip(rivals.blocks, rivals.combinations[k], strict=True)
        ]
        ways.append(reduce(lambda a, b: Apply(0, "and", (a, b)), parts))
    return reduce(lambda a, b: Apply(0, "or", (a, b)), ways), "; ".join(called(present[k]) for k in where)


def structural(model: Model) -> set[str]:
    """The quantities that say which structures there are (not how likely each is)."""
    if model._rivals is None:
        return set()
    found = {name for name, _, _ in each(model.structures)}
    for block in model._rivals.blocks:
        found |= {block.name, f"{block.name} drawn"}
    return found


def inner(model: Model) -> set[str]:
    """The quantities that only serve to draw structures and what they change: nobody asks for them."""
    if model._rivals is None:
        return set()
    names = set(names_of(model))
    streams = {name for name, quantity in model.quantities.items() if quantity._stream}
    return streams | (structural(model) - names) | {weight_of(name) for name in names}


def told(model: Model) -> list[str]:
    """The quantities that a reader is told of, in the order of the file: all but those that only serve to draw."""
    hidden = inner(model) - {weight_of(name) for name in names_of(model)}
    return [name for name in model.quantities if name not in hidden]


def drawing(model: Model) -> dict[str, Block]:
    """The quantities by which each block of structures is drawn, the weights among them, and the block of each."""
    found = {}
    for block in model._rivals.blocks if model._rivals else ():
        for name in (block.name, f"{block.name} drawn", *map(weight_of, block.names)):
            found[name] = block
    return found
