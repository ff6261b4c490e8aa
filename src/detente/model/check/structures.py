"""What may be said of rival structures: names, how likely they are, what excludes what, and how many they make."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from detente.errors import listed, nearest
from detente.language.expressions import Expression, Number, Uncertain
from detente.model.blocks import MOST, blocks_of, each, weight_of
from detente.model.check import numbers
from detente.model.check.grammar import Grammar
from detente.model.fields import NAME
from detente.model.schema import Quantity

NAMED = ("actors", "quantities", "private", "state", "stages", "outcomes")


def structures(grammar: Grammar) -> None:
    """Tell what is wrong with the structures of a file as it is written; what they change is told of each model."""
    model = grammar.model
    taken = {name: section for section in NAMED for name in getattr(model, section)}
    for name, _, path in each(model.structures):
        if not NAME.match(name):
            hint = "names are words of letters, digits and underscores, and begin with a letter of A to Z"
            grammar.tell(path, f"{name!r} is not a name", hint, key=True)
        elif name in taken:
            told = f"{name!r} is already a name among the {taken[name]}"
            grammar.tell(path, told, "a name is used for one thing only", key=True)
        taken.setdefault(name, "structures")
    taken |= dict.fromkeys((name for name, one in model.structures.items() if one.one_of), "structures")
    for name, structure in model.structures.items():
        for other in structure.excludes:
            known = [s for s, one in model.structures.items() if not one.one_of and s != name]
            if other not in known:
                path = ("structures", name, "excludes")
                if other in taken and taken[other] == "structures" and other != name:
                    hint = "write it into the same `one_of` instead"
                    grammar.tell(path, f"{other!r} is one of several, or a group of them, and cannot be excluded", hint)
                else:
                    hint = nearest(other, known) or "there is no other"
                    grammar.tell(path, f"there is no structure {other!r}", hint)
    _weights(grammar)
    _groups(grammar)
    for block in blocks_of(model):
        if not block.alternatives:
            told = f"all alternatives of {block.name!r} have the weight 0"
            grammar.tell(("structures", block.name), told, "give one of them a weight above 0", key=True)
    if (count := prod(len(block.alternatives) for block in blocks_of(model))) > MOST:
        hint = "let some exclude each other (`excludes:`), or put them into one `one_of:`"
        grammar.tell(("structures",), f"the structures make {count} models, at most {MOST}", hint, key=True)


def _weights(grammar: Grammar) -> None:
    """Weights are numbers like any other, and probabilities."""
    model, places = grammar.model, dict(grammar.places)
    quantities, written = dict(model.quantities), {}
    for name, structure, path in each(model.structures):
        if structure.weight is not None:
            own = weight_of(name)
            quantities[own] = Quantity.model_validate({"value": structure.weight, "unit": "probability"})
            written[f"quantities.{own}.value"] = path
            place = model.place(*path, "weight")
            places.setdefault(("quantities",), place)  # a file may have none of its own
            places |= {("quantities", own): place, ("quantities", own, "value"): place}
    inner = Grammar(model.model_copy(update={"quantities": quantities}), places)
    numbers.quantities(inner)
    told = [p for p in inner.problems if p.path in written and "'?'" not in p.message]  # what could not be read
    grammar.problems += [replace(p, path=".".join(map(str, (*written[p.path], "weight")))) for p in told]


def _groups(grammar: Grammar) -> None:
    """Alternatives share one probability."""
    for name, group in grammar.model.structures.items():
        rest = [one for one, a in group.one_of.items() if a.weight is None]
        if len(rest) > 1:
            hint = "what the others leave goes to one of them"
            grammar.tell(("structures", name), f"{listed(rest)} are all `otherwise`", hint, key=True)
        least = sum(_least(a.weight.expression) for a in group.one_of.values() if a.weight)
        if least > 1 + 1e-9:
            told = f"the weights of {name!r} come to {least:g} at least, and they share 1"
            grammar.tell(
                ("structures", name), told, "make them smaller: what they leave is the file as written", key=True
            )


def _least(weight: Expression) -> float:
    """The lowest that a weight is meant to be: a number, or the lower end of an interval; else 0."""
    if isinstance(weight, Uncertain) and weight.family in ("interval", "uniform"):
        weight = weight.args[0]
    return weight.value if isinstance(weight, Number) else 0.0
