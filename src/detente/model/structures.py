"""Rival structures as the analyst writes them: how likely each is to be present, and what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator

from detente.model.fields import Formula, OneOrMore, Sourced, Uncertainly, _uncertain, described, wrong

ONE_OF = "one_of"
WEIGHT = "write `weight: 0.5`, or an interval such as `weight: 0.3 to 0.8`"


def _weight(value: Any) -> Formula | None:
    """How likely a structure is: a probability, uncertain if need be, or `otherwise`, the rest."""
    return None if value == "otherwise" else _uncertain(value)


def _changes(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise wrong(f"found {described(value)} where changes of the model were expected", "write them as in a model")
    if "structures" in value or "extends" in value:
        key = "structures" if "structures" in value else "extends"
        raise wrong(f"a structure cannot change `{key}`", "write each structure by itself", inside=(key,))
    return dict(value)


class Alternative(Sourced):
    """One of several structures that exclude each other."""

    weight: Annotated[Formula | None, PlainValidator(_weight, json_schema_input_type=Uncertainly)] = Field(
        description="its probability, uncertain if need be, or `otherwise`: what the others leave"
    )
    changes: Annotated[dict[str, Any], BeforeValidator(_changes)] = Field(
        {}, description="what it changes, written as in a model that `extends` this one"
    )


def _alternatives(value: Any) -> Any:
    if not isinstance(value, Mapping) or not value:
        hint = "write {name: {weight: 0.3, changes: {...}}, other: {weight: 0.4, changes: {...}}}"
        raise wrong(f"found {described(value)} where alternatives were expected", hint)
    for name, entry in value.items():
        if not isinstance(entry, Mapping) or "weight" not in entry:
            hint = f"{WEIGHT}; `weight: otherwise` is what the others leave"
            raise wrong(f"{name!r} does not say how likely it is", hint, inside=(name,))
    return value


class Structure(Sourced):
    """A rival structure, which is present or not, or (`one_of`) several that exclude each other."""

    weight: Annotated[Formula | None, PlainValidator(_weight, json_schema_input_type=Uncertainly)] = Field(
        None, description="the probability that it is present, uncertain if need be"
    )
    changes: Annotated[dict[str, Any], BeforeValidator(_changes)] = Field(
        {}, description="what it changes, written as in a model that `extends` this one"
    )
    excludes: Annotated[tuple[str, ...], OneOrMore] = Field(
        (), description="structures that are never present together with it"
    )
    one_of: Annotated[dict[str, Alternative], BeforeValidator(_alternatives)] = Field(
        {}, description="alternatives of which one at most is present: {name: {weight, changes}}"
    )


def _structure(value: Any) -> Any:
    if isinstance(value, Structure):
        return value
    if not isinstance(value, Mapping):
        raise wrong(f"found {described(value)} where a structure was expected", WEIGHT)
    if ONE_OF in value:
        if extra := sorted(str(key) for key in value.keys() & {"weight", "changes", "excludes"}):
            hint = f"put {extra[0]} into each alternative"
            raise wrong(f"a group of alternatives has no {extra[0]} of its own", hint, inside=(extra[0],))
    elif "weight" not in value or value["weight"] == "otherwise":
        raise wrong("this structure does not say how likely it is", WEIGHT)
    return value


def _grouped(value: Any) -> Any:
    """Structures by name; a bare `one_of` is a group that is called so."""
    if not isinstance(value, Mapping):
        hint = "write {name: {weight: 0.5, changes: {...}}}"
        raise wrong(f"found {described(value)} where structures were expected", hint)
    bare = isinstance(value.get(ONE_OF), Mapping) and ONE_OF not in value[ONE_OF]
    return {**value, ONE_OF: {ONE_OF: value[ONE_OF]}} if bare else value


Structures = Annotated[dict[str, Annotated[Structure, BeforeValidator(_structure)]], BeforeValidator(_grouped)]
"""Rival structures by name, in the order in which what they change is laid over the model."""
