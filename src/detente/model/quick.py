"""What is wrong with a text, soon enough to be told while somebody types: `load` without what takes long.

Of a model with rival structures only the first combination is looked at here, mostly the file as it is written; what
is wrong with the others is for `load.loads` to say, a moment later.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace

from detente.errors import ModelError, Problem
from detente.language.remembered import Memory, remembering
from detente.model import rivals
from detente.model.check.check import check, check_structures
from detente.model.extends import _extended
from detente.model.find import Found, Within
from detente.model.implied import lift
from detente.model.load import _follows, _mended, _put_in_order, _shape_of, _steering
from detente.model.schema import Model


@dataclass(frozen=True)
class Looked:
    """What was found at first sight. `model`: of the first combination of structures, with a shape at least; it is
    there to be asked what its parts mean, and not to be solved. `whole`: whether nothing was left out."""

    problems: tuple[Problem, ...]
    model: Model | None
    whole: bool = True


def quick(text: str, file: str = "<text>", *, within: Within = None, memory: Memory | None = None) -> Looked:
    """What is wrong with a text, warnings among it. Nothing is raised for a wrong one. `within` as for `loads`."""
    with remembering(memory) if memory is not None else nullcontext():
        return _looked(text, file, within)


def _looked(text: str, file: str, within: Within) -> Looked:
    written = _extended(Found(text, file), within)
    _put_in_order(written)
    raw = replace(written, places=dict(written.places), problems=[])
    lift(written)
    problems = [*written.problems, *_steering(written.data, written.places, ())]
    if not isinstance(written.data, dict):
        return _told(problems, None)
    model, found, lost = _mended(written.data, written.places)
    told = {p.place for p in written.problems}
    problems += [p for p in found if p.place not in told]
    if model is None:
        return _told(problems, None)
    model._places = written.places
    if not model.structures:
        return _told([*problems, *(p for p in check(model) if not _follows(p, lost))], model)
    problems += check_structures(model)
    if any(not p.warning for p in problems):
        return _told(problems, model, whole=False)
    member, union = rivals.first(raw, model, _shape_of)
    _put_in_order(member)
    lift(member)
    made, found, lost = _mended(member.data, member.places)
    if made is None:
        return _told([*problems, *found], model, whole=False)
    made._places, made._elsewhere = member.places, union
    problems += [*found, *(p for p in check(made) if not p.warning and not _follows(p, lost))]
    return _told(problems, made, whole=False)


def _told(problems: list[Problem], model: Model | None, whole: bool = True) -> Looked:
    return Looked(ModelError(dict.fromkeys(problems)).problems, model, whole)
