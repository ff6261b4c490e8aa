"""What is wrong with a text, soon enough to be told while somebody types: `load` without what takes long.

Of a model with rival structures only the first combination is looked at here, mostly the file as it is written; what
is wrong with the others is for `load.loads` to say, a moment later.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace

from detente.errors import ModelError, Problem
from detente.language.remembered import Memory, remembering
from detente.model import rivals, yaml
from detente.model.check.check import check, check_structures
from detente.model.extends import _extended
from detente.model.find import Found, Within
from detente.model.implied import lift
from detente.model.load import ROUNDS, _mended, _put_in_order, _shape_of, _steering, unnamed
from detente.model.lost import gathered
from detente.model.schema import Model
from detente.model.spelling import misdeclared


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
    for _ in range(ROUNDS):
        problems, model, whole = _seen(replace(written, places=dict(written.places), problems=list(written.problems)))
        slip = misdeclared(written, problems)
        if slip is None:
            break
        written = slip
    return Looked(ModelError(gathered(problems)).problems, model, whole)


def _seen(written: yaml.Written) -> tuple[list[Problem], Model | None, bool]:
    """The problems of data, the model that was looked at, and whether nothing was left out."""
    _put_in_order(written)
    raw = replace(written, places=dict(written.places), problems=[])
    lift(written)
    problems = [*written.problems, *_steering(written.data, written.places, ())]
    if not isinstance(written.data, dict):
        return problems, None, True
    model, found, lost = _mended(written.data, written.places)
    told = {p.place for p in written.problems}
    problems += [p for p in found if p.place not in told]
    if model is None:
        return problems, None, True
    model._places = written.places
    if not model.structures:
        problems += lost.leave(check(model))
        return lost.said(problems), model, True
    problems += lost.leave(check_structures(model))
    if unnamed(model, problems):
        return lost.said(problems), model, False
    member, union = rivals.first(raw, model, _shape_of)
    _put_in_order(member)
    lift(member)
    made, found, gone = _mended(member.data, member.places)
    if made is None:
        return lost.said([*problems, *found]), model, False
    made._places, made._elsewhere = member.places, union
    problems += [*found, *lost.leave(gone.leave(p for p in check(made) if not p.warning))]
    return lost.said(gone.said(problems)), made, False
