"""Rival structures made ready: which combinations there are, the model of each, and one model that speaks of them all.

A structure is a quantity that is 1 where it is present and 0 where it is not, with a source of uncertainty of its own;
so whatever is done with quantities can be done with structures. Structures that exclude each other share one source,
which draws one of their *alternatives*: a `Block`. A combination takes one alternative of each block. It is a model of
its own, the file with what its structures change laid over it. The model that speaks of all has every name of every
combination, and the quantities that tell them apart; it is never compiled as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from detente.errors import Place, Problem, nearest
from detente.language.expressions import Apply, Expression, Name, Number, Uncertain
from detente.model import yaml
from detente.model.extends import _merge
from detente.model.fields import Formula, Path, placed
from detente.model.structures import ONE_OF, Alternative, Structure

if TYPE_CHECKING:
    from detente.model.schema import Model, Quantity

AS_WRITTEN = "as written"
MOST = 64  # combinations
Present = tuple[str, ...]
"""The names of the structures that are present, in the order of the file."""


@dataclass(frozen=True)
class Block:
    """Structures drawn together. The quantity called `name` says which of the alternatives there is, from 0."""

    name: str
    alternatives: tuple[Present, ...]
    weights: tuple[Expression, ...]  # of the alternatives, in proportion

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
        total = _total(self.weights)
        drawn = Uncertain(0, "uniform", (Number(0, 0.0), Number(0, 1.0)))
        steps = [_total(self.weights[: k + 1]) for k in range(len(self.weights) - 1)]
        at = Apply(0, "*", (drawn, total))
        if len(steps) == 1:
            return Apply(0, ">=", (at, steps[0]))
        # one source, looked at several times, is one number
        return _total([Apply(0, ">=", (Apply(0, "*", (Name(0, f"{self.name} drawn"), total)), s)) for s in steps])


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
        return [_present(self.blocks, numbers) for numbers in self.combinations]

    @property
    def names(self) -> Present:
        """The structures that are present in some combinations and not in others."""
        return tuple(name for block in self.blocks for name in block.names)


def called(present: Present) -> str:
    """A combination in words."""
    return " and ".join(present) or AS_WRITTEN


def _present(blocks: Sequence[Block], numbers: Sequence[int]) -> Present:
    return tuple(name for block, k in zip(blocks, numbers, strict=True) for name in block.alternatives[k])


def _total(parts: Sequence[Expression]) -> Expression:
    return reduce(lambda a, b: Apply(0, "+", (a, b)), parts)


# ---------------------------------------------------------------------- what the file says


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
    return found


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
    left: Expression = Apply(0, "max", (Number(0, 0.0), Apply(0, "-", (Number(0, 1.0), _total(said))))) if said else (
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


# ---------------------------------------------------------------------- the models


def problems_of(model: Model) -> list[Problem]:
    """What is wrong with the names of structures, and with how many combinations they make."""
    found: list[Problem] = []
    taken = {
        name: section
        for section in ("actors", "quantities", "private", "state", "stages", "outcomes")
        for name in getattr(model, section)
    }
    for name, _, path in each(model.structures):
        place = model.place(*path, "@key")
        if name in taken:
            told = f"the structure {name!r} has the name of something else, among the {taken[name]}"
            found.append(Problem(place, told, "a name is used for one thing only", ".".join(map(str, path))))
        taken.setdefault(name, "structures")
    for name, structure in model.structures.items():
        for other in structure.excludes:
            if other not in model.structures or model.structures[other].one_of:
                known = [s for s, one in model.structures.items() if not one.one_of and s != name]
                where = model.place("structures", name, "excludes")
                found.append(Problem(where, f"there is no structure {other!r}", nearest(other, known)))
    count = 1
    for block in blocks_of(model) if not found else []:
        count *= max(1, len(block.alternatives))
        if not block.alternatives:
            found.append(Problem(model.place("structures"), f"nothing is left of {block.name!r}", "look at its weights"))
    if count > MOST:
        hint = "let some exclude each other (`excludes:`), or put them into one `one_of:`"
        found.append(Problem(model.place("structures", "@key"), f"the structures make {count} models, at most {MOST}", hint))
    return found


Build = Callable[[yaml.Written, "Model | None"], "Model | None"]
"""Makes a model of data, and notes what is wrong with it; names of the other model may stand in it. None where there is
none."""


def expanded(
    written: yaml.Written, model: Model, build: Build, shape: Callable[[Any], Model | None]
) -> Model | None:
    """The model that speaks of all combinations, or the only one there is; None where one of them is no model.

    `model`: the file as it is written, its shape checked; `build` makes the model of a combination, `shape` one that
    only has to have the shape of a model.
    """
    blocks = blocks_of(model)
    changes = {name: _changes(written, path) for name, _, path in each(model.structures)}
    plain = {key: value for key, value in written.data.items() if key != "structures"}
    members = []
    for numbers in product(*(range(len(block.alternatives)) for block in blocks)):
        member = yaml.Written(deepcopy(plain), dict(written.places), [], list(written.files))
        for name in _present(blocks, numbers):
            data, places = changes[name]
            _merge(member, deepcopy(data), places, ())
        members.append(member)
    whole = deepcopy(plain)
    places = dict(written.places)
    for data, more in changes.values():
        _add(whole, deepcopy(data))
        places |= {path: place for path, place in more.items() if path not in places}
    union = shape({**whole, "structures": written.data["structures"]})
    if union is not None:
        union._places = places
    made = [build(member, union if len(members) > 1 else None) for member in members]
    good = tuple(member for member in made if member is not None)
    if union is None or len(good) < len(made):
        return None
    return _alone(good[0], model) if len(good) == 1 else joined(union, tuple(blocks), good)


def _alone(member: Model, model: Model) -> Model:
    """The model of the only combination there is, which still tells of structures."""
    return member.model_copy(update={"structures": model.structures})


def _changes(written: yaml.Written, path: Path) -> tuple[dict[str, Any], dict[Path, Place]]:
    """What a structure changes, as data, and where each part of it stands."""
    whole = (*path, "changes")
    data: Any = written.data
    for step in whole:
        data = data.get(step, {}) if isinstance(data, Mapping) else {}
    if path[:1] == ("structures",) and not data and path[1] == ONE_OF:  # a bare group
        data = written.data["structures"][ONE_OF].get(path[3], {}).get("changes", {})
        whole = ("structures", ONE_OF, path[3], "changes")
    places = {known[len(whole) :]: place for known, place in written.places.items() if known[: len(whole)] == whole}
    return dict(data), places


def _add(below: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Add to data what other data has beside it; nothing that is there is changed or taken away."""
    for key, value in over.items():
        if value == "remove":
            continue
        old = below.get(key)
        if key == "moves" and isinstance(value, list):
            value = dict.fromkeys(value)
        if key == "moves" and isinstance(old, list):
            old = below[key] = dict.fromkeys(old)
        if isinstance(old, dict) and isinstance(value, dict):
            _add(old, value)
        elif old is None and not (key in below and key == "value"):
            below[key] = value


def joined(union: Model, blocks: tuple[Block, ...], members: tuple[Model, ...]) -> Model:
    """The model that speaks of all combinations."""
    open_ = tuple(block for block in blocks if len(block.alternatives) > 1)
    rivals = Rivals(open_, members)
    quantities = {**_quantities(rivals), **_structural(union, blocks)}
    model = union.model_copy(update={"quantities": quantities})
    model._places, model._name, model._files = dict(union._places), members[0]._name, members[0]._files
    model._rivals = rivals
    for member in members:
        member._elsewhere = model
    return model


def _structural(union: Model, blocks: Sequence[Block]) -> dict[str, Quantity]:
    """How likely each structure is, which alternative of each block there is, and whether each structure is present."""
    found: dict[str, Quantity] = {}
    by_name = {name: structure for name, structure, _ in each(union.structures)}
    for name, structure in by_name.items():
        if structure.weight is not None:
            means = f"how likely it is that {structure.means or name + ' is so'}"
            found[weight_of(name)] = _quantity(structure.weight, "probability", means, structure)
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
                value = _total(there) if len(block.alternatives) > 1 else Number(0, 1.0)
                found[name] = _quantity(Formula(f"1 where {name} is drawn, else 0", value), "", structure.means, structure)
            elif name in members and len(block.alternatives) == 1:
                found[name] = _quantity(Formula("1", Number(0, 1.0)), "", structure.means, structure)
    for name, structure in by_name.items():
        if name not in found:
            found[name] = _quantity(Formula("0", Number(0, 0.0)), "", structure.means, structure)
    return found


def _said(structure: Structure | Alternative) -> str:
    return str(structure.weight) if structure.weight else "otherwise"


def _quantity(value: Formula, unit: str, means: str, about: Structure | Alternative | None) -> Quantity:
    from detente.model.schema import Quantity

    told = {} if about is None else {"source": about.source, "because": about.because, "mechanism": about.mechanism}
    return Quantity(value=value, unit=unit, means=means, **told)


def _quantities(rivals: Rivals) -> dict[str, Quantity]:
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
    from detente.model.schema import Perception

    seen = {}
    for actor, view in views.items():
        written = next(q.seen_by[actor] for q, _ in variants if actor in q.seen_by)
        text = str(written.value) if view == written.value.expression else "as the structure says"
        fields = {key: getattr(written, key) for key in ("means", "source", "because", "mechanism")}
        seen[actor] = Perception(value=Formula(text, view), **fields)
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


def names_of(model: Model) -> Present:
    """All structures of a model by name."""
    return tuple(name for name, _, _ in each(model.structures))


def possible(model: Model, given: Mapping[str, bool]) -> bool:
    """Whether there is a combination in which some structures are present, and others are not."""
    rivals = model._rivals
    constant = {name: q.value.expression for name, q in model.quantities.items() if name in given}
    fixed = all(not isinstance(e, Number) or bool(e.value) == given[name] for name, e in constant.items())
    return fixed and rivals is not None and all(block.only(given).alternatives for block in rivals.blocks)


def restricted(model: Model, given: Mapping[str, bool]) -> Model:
    """The model in which some structures are present for sure, and others are not; of one combination, its model."""
    rivals = model._rivals
    assert rivals is not None
    blocks = tuple(block.only(given) for block in rivals.blocks)
    wanted = [_present(blocks, numbers) for numbers in product(*(range(len(b.alternatives)) for b in blocks))]
    members = tuple(
        member for member, names in zip(rivals.members, rivals.present, strict=True) if names in wanted
    )
    if len(members) == 1:
        return _alone(members[0], model)
    quantities = {name: q for name, q in model.quantities.items() if name not in structural(model)}
    result = model.model_copy(update={"quantities": {**quantities, **_structural(model, blocks)}})
    result._rivals = Rivals(tuple(block for block in blocks if len(block.alternatives) > 1), members)
    return result


def structural(model: Model) -> set[str]:
    """The quantities that say which structures there are (not how likely each is)."""
    if model._rivals is None:
        return set()
    found = {name for name, _, _ in each(model.structures)}
    for block in model._rivals.blocks:
        found |= {block.name, f"{block.name} drawn"}
    return found


def place_of(model: Model, name: str) -> Place:
    """Where a structure is written."""
    path = next(path for one, _, path in each(model.structures) if one == name)
    return placed(model._places, (*path, "@key"))
