"""The blueprint of a model that differs from a compiled one in values alone."""

from __future__ import annotations

from detente.draws.sampler import Sampler
from detente.draws.variants import NEVER
from detente.game.blueprint import Blueprint
from detente.model.continuation import going_on
from detente.model.schema import Model

STRUCTURE = ("stages", "private", "state", "outcomes", "actors", "periods")


def revalued(base: Blueprint, model: Model) -> Blueprint | None:
    """The blueprint of a model whose tree is that of the base: other values of quantities, terms that are worth
    nothing. None where something else differs, or may."""
    if not _alike(base.model, model) or Sampler(model).perceived != base.sampler.perceived:
        return None  # who sees what otherwise is a part of the tree
    return base.revalued(model, lambda actor, term: model.payoffs[actor][term].formula is NEVER)


def _alike(base: Model, model: Model) -> bool:
    """Whether two models have one structure, and the models of their rival structures as well."""
    if not all(getattr(model, part) is getattr(base, part) for part in STRUCTURE):
        return False
    terms = [
        (term, base.payoffs.get(actor, {}).get(name))
        for actor, mine in model.payoffs.items()
        for name, term in mine.items()
    ]
    if not all(term is known or term.formula is NEVER for term, known in terms):
        return False
    going = going_on(model)
    if going and going[1][1] == "repeated" and any(term is not known for term, known in terms):
        return False  # what is earned for ever is made of the terms that are left
    units = [{key: q.unit for key, q in one.quantities.items()} for one in (model, base)]
    names = [{actor: tuple(mine) for actor, mine in one.payoffs.items()} for one in (model, base)]
    if units[0] != units[1] or names[0] != names[1]:
        return False
    one, other = base._rivals, model._rivals
    if one is None or other is None:
        return one is other
    return one.blocks == other.blocks and all(map(_alike, one.members, other.members))
