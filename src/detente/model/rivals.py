"""Rival structures made ready: the model of each combination, and one model that speaks of them all.

A structure is a quantity that is 1 where it is present and 0 where it is not, with a source of uncertainty of its own;
so whatever is done with quantities can be done with structures. A combination of structures is a model of its own, the
file with what its structures change laid over it. The model that speaks of all has every name of every combination, and
the quantities that tell them apart; it is never compiled as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from detente.errors import Place
from detente.language.expressions import Number
from detente.model import yaml
from detente.model.blocks import Block, Present, Rivals, blocks_of, each, present_in
from detente.model.extends import _lengthened, _merge, _short, _under
from detente.model.fields import Path
from detente.model.structural import quantities_of, structural, switches
from detente.model.structures import ONE_OF
from detente.model.written import copied

if TYPE_CHECKING:
    from detente.model.schema import Model

Build = Callable[[yaml.Written, "Model | None"], "Model | None"]
"""Makes a model of data, and notes what is wrong with it; names of the other model may stand in it. None where there is
none."""


def expanded(written: yaml.Written, model: Model, build: Build, shape: Callable[[Any], Model | None]) -> Model | None:
    """The model that speaks of all combinations, or the only one there is; None where one of them is no model.

    `model`: the file as it is written, its shape checked; `build` makes the model of a combination, `shape` one that
    only has to have the shape of a model.
    """
    blocks = blocks_of(model)
    numbers = list(product(*(range(len(block.alternatives)) for block in blocks)))
    members, union = _laid_out(written, model, blocks, numbers, shape)
    made = [build(member, union) for member in members]
    good = tuple(member for member in made if member is not None)
    if union is None or len(good) < len(made):
        return None
    whole = joined(union, tuple(blocks), good)
    if len(good) > 1:
        return whole
    # what is there for sure, or not at all, may be spoken of as well
    good[0]._elsewhere = whole.model_copy(update={"quantities": {**union.quantities, **whole.quantities}})
    return _alone(good[0], model, present_in(blocks, numbers[0]))


def first(
    written: yaml.Written, model: Model, shape: Callable[[Any], Model | None]
) -> tuple[yaml.Written, Model | None]:
    """The first combination, as it would be written, and the model whose names may stand in it."""
    blocks = blocks_of(model)
    members, union = _laid_out(written, model, blocks, [(0,) * len(blocks)], shape)
    return members[0], union


def _laid_out(
    written: yaml.Written, model: Model, blocks: Sequence[Block], wanted: Sequence[tuple[int, ...]],
    shape: Callable[[Any], Model | None],
) -> tuple[list[yaml.Written], Model | None]:  # fmt: skip
    """Some combinations, each as it would be written, and a model that has the names of all there are."""
    changes = {name: (s.changes, _places(written, path)) for name, s, path in each(model.structures)}
    plain = {key: value for key, value in written.data.items() if key != "structures"}
    members = []
    for numbers in wanted:
        member = yaml.Written(copied(plain), dict(written.places), [], list(written.files))
        for name in present_in(blocks, numbers):
            data, places = changes[name]
            _merge(member, copied(data), places, ())
        members.append(member)
    whole = copied(plain)
    places = dict(written.places)
    for data, more in changes.values():
        _add(whole, copied(data))
        places |= {path: place for path, place in more.items() if path not in places}
    union = shape({**whole, "structures": model.structures})
    if union is not None:
        union._places = places
    return members, union


def _alone(member: Model, model: Model, present: Present) -> Model:
    """The model of the only combination there is, which still tells of structures."""
    made: Model = member.model_copy(update={"structures": model.structures})
    made._present = present
    return made


def _places(written: yaml.Written, path: Path) -> dict[Path, Place]:
    """Where each part of what a structure changes stands."""
    bare = path[1:3] == (ONE_OF, ONE_OF) and (*path[:2], *path[3:]) in written.places
    whole = (*path[:2], *path[3:], "changes") if bare else (*path, "changes")
    return {known[len(whole) :]: place for known, place in _under(written.places, whole)}


def _add(below: dict[str, Any], over: Mapping[str, Any], path: Path = ()) -> None:
    """Add to data what other data has beside it; nothing that is there is changed or taken away."""
    for key, value in over.items():
        here, old = (*path, key), below.get(key)
        if value == "remove":
            continue
        if old is not None and (short := _short(here)):
            old, value = _lengthened(short, old), _lengthened(short, value)
            below[key] = old
        if key == "moves" and isinstance(old, list):
            old = below[key] = dict.fromkeys(old)
        if isinstance(old, dict) and isinstance(value, (dict, list)):
            _add(old, value if isinstance(value, dict) else dict.fromkeys(value), here)
        elif key not in below:
            below[key] = value


def joined(union: Model, blocks: tuple[Block, ...], members: tuple[Model, ...]) -> Model:
    """The model that speaks of all combinations."""
    rivals = Rivals(tuple(block for block in blocks if len(block.alternatives) > 1), members)
    quantities = {**quantities_of(rivals), **switches(union, blocks)}
    model = union.model_copy(update={"quantities": quantities})
    model._places, model._name, model._files = dict(union._places), members[0]._name, members[0]._files
    model._rivals = rivals
    for member in members:
        member._elsewhere = model
    return model


def everywhere(model: Model, change: Callable[[Model], Model]) -> Model:
    """A model changed, and in the same way the model of every combination of structures."""
    made = change(model)
    if model._rivals is not None and made is not model:
        made._rivals = replace(model._rivals, members=tuple(change(member) for member in model._rivals.members))
    return made


def as_written(model: Model) -> Model:
    """The model without its rival structures, as the file has it; where one of them is there for sure, with it."""
    if model._rivals is None:
        return model
    plain: Model = model._rivals.members[0].model_copy()  # the first combination has the fewest
    plain._elsewhere = None
    return plain


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
    wanted = [present_in(blocks, numbers) for numbers in product(*(range(len(b.alternatives)) for b in blocks))]
    members = tuple(member for member, names in zip(rivals.members, rivals.present, strict=True) if names in wanted)
    if len(members) == 1:
        return _alone(members[0], model, wanted[0])
    quantities = {name: q for name, q in model.quantities.items() if name not in structural(model)}
    result = model.model_copy(update={"quantities": {**quantities, **switches(model, blocks)}})
    result._rivals = Rivals(tuple(block for block in blocks if len(block.alternatives) > 1), members)
    return result
