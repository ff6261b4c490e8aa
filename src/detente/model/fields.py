"""The kinds of fields that a case is made of, and how each is read."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError

from detente.errors import NOWHERE, Place
from detente.language.characters import composed, odd_in_name
from detente.language.expressions import WORDS, Expression, ExpressionError, Number, Uncertain, label_of
from detente.language.parsing import parse

LARGEST_GRID = 1001
SCALAR = {"type": ["string", "number"]}
NAMES = {"type": "array", "items": SCALAR}
TEXT = {"type": "string"}
"""Short forms, as JSON Schema."""
PARAGRAPHS = re.compile(r"(\d{1,6})(?:\s*(?:-|–|to)\s*(\d{1,6}))?\Z", re.ASCII)
NAME = re.compile(r"[A-Za-z_]\w*\Z")
Path = tuple[str | int, ...]


@dataclass(frozen=True, eq=False)  # forms have no hash, which types ask for
class Short(BeforeValidator):
    """What makes the short forms of a part long, and these forms as JSON Schema, for editors (`model.editors`)."""

    forms: tuple[Mapping[str, Any], ...] = ()

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        long = handler(core)
        if handler.mode == "serialization":
            return long
        return dict(SCALAR) if long == TEXT and SCALAR in self.forms else {"anyOf": [long, *map(dict, self.forms)]}


@dataclass(frozen=True)
class Formula:
    """An expression together with the text it was read from."""

    text: str
    expression: Expression

    def __str__(self) -> str:
        return self.text

    @classmethod
    def read(cls, value: Any) -> Formula:
        if isinstance(value, Formula):
            return value
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise wrong(f"found {described(value)} where a number or an expression was expected", formula=True)
        try:
            return cls(str(value), parse(value))
        except ExpressionError as error:
            raise wrong(error.message, error.hint, error.at, formula=True) from error


def wrong(
    message: str, hint: str = "", at: int | None = None, inside: Path = (), formula: bool = False
) -> PydanticCustomError:
    """A mistake as pydantic carries it; `load` gives it its place, `inside` the part that is being read."""
    told = {"message": message, "hint": hint, "at": at, "inside": inside, "formula": formula}
    return PydanticCustomError("mistake", "{message}", told)


def described(value: Any) -> str:
    """What a value is, for messages."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, (str, int, float)):
        return repr(value)
    if isinstance(value, Formula):
        return repr(value.text)
    return str(value) if isinstance(value, dt.date) else "something that no file can hold"


def _otherwise(value: Any) -> Formula | None:
    if value is None or (isinstance(value, str) and value.strip() == "otherwise"):
        return None
    return Formula.read(value)


def _uncertain(value: Any) -> Formula:
    """A quantity's value: an expression, or `{mixture: ...}` or `{choice: ...}`."""
    if not isinstance(value, Mapping):
        return Formula.read(value)
    kinds = ("mixture", "choice")
    if len(value) != 1 or next(iter(value)) not in kinds or not isinstance(next(iter(value.values())), Mapping):
        raise wrong(
            "this mapping is not a value",
            "write `{mixture: {0 to 1: 0.7, 2 to 5: 0.3}}` or `{choice: {0: 0.5, 1: 0.5}}`",
        )
    kind, parts = next(iter(value.items()))
    args, weights = [], []
    for part, weight in parts.items():
        try:
            args.append(parse(part))
        except ExpressionError as error:
            raise wrong(error.message, error.hint, error.at, (kind, part, "@key")) from error
        if kind == "choice" and not isinstance(args[-1], Number):
            hint = "write `{mixture: ...}` to mix uncertain values"
            raise wrong(f"a choice is between numbers, which {part!r} is not", hint, inside=(kind, part, "@key"))
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight <= 1:
            hint = "weights are numbers from 0 to 1"
            raise wrong(f"the weight of {part!r} is {described(weight)}", hint, inside=(kind, part))
        weights.append(float(weight))
    if not weights or abs(sum(weights) - 1) > 1e-6:
        raise wrong(f"the weights of the {kind} sum to {sum(weights):g}", "weights sum to 1", inside=(kind, "@key"))
    text = f"{kind} of " + ", ".join(f"{part} ({weight:g})" for part, weight in parts.items())
    return Formula(text, Uncertain(0, kind, tuple(args), tuple(weights)))


def _text(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return label_of(value)  # `published: 1994`, `unit: 1`
    return " ".join(value.split()) if isinstance(value, str) else value


def _long(key: str, *types: type) -> Short:
    """Make the short form of a mapping long: a bare value is the value of `key`."""

    def lengthen(value: Any) -> Any:
        if value is None:
            return {}
        return {key: value} if isinstance(value, types or (str, int, float)) and not isinstance(value, bool) else value

    kinds = {str: "string", int: "integer", float: "number"}
    return Short(lengthen, forms=({"type": [*(kinds[t] for t in types or (str, float)), "null"]},))


def _citations(value: Any) -> Any:
    items = value if isinstance(value, (list, tuple)) else [value]
    return [c if isinstance(c, Citation) else {"text": c} if not isinstance(c, Mapping) else c for c in items]


def _moves(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        labels = [_label(item, (k,)) for k, item in enumerate(value)]
        for k, label in enumerate(labels):
            if label in labels[:k]:
                raise wrong(f"{label!r} is listed twice", "each name once", inside=(k,))
        return dict.fromkeys(labels)
    return _labelled(value)


def _labelled(value: Any) -> Any:
    """A mapping whose keys are names or numbers, the numbers written as labels."""
    return {_label(k, (k, "@key")): v for k, v in value.items()} if isinstance(value, Mapping) else value


def _label_value(value: Any) -> Any:
    return label_of(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _label(value: Any, inside: Path = ()) -> str:
    value = composed(value) if isinstance(value, str) else value
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise wrong(
            f"found {described(value)} where a name was expected",
            "names are words of letters, digits and underscores; put a word like no or on between quotation marks",
            inside=inside,
        )
    if _is_number(str(value)):
        return label_of(float(value))
    if odd := odd_in_name(str(value)):
        raise wrong(odd.message, odd.hint, odd.at, inside=inside)
    if not NAME.match(str(value)):
        raise wrong(f"{value!r} is not a name", "names are words of letters, digits and underscores", inside=inside)
    if value in WORDS:
        raise wrong(f"{value!r} is a word of the language", "choose another name", inside=inside)
    return str(value)


_GRID = re.compile(r"grid\(\s*([^,()]+)\s*,\s*([^,()]+)\s*,\s*(\d+)\s*\)\Z", re.ASCII)


def grid(text: str) -> tuple[str, ...]:
    """The labels of `grid(low, high, how many)`."""
    match = _GRID.match(text.strip())
    if not match:
        raise wrong(f"{text!r} is not a grid", "write grid(low, high, how many), such as grid(0, 1, 11)")
    try:
        low, high, count = float(match[1].encode("ascii")), float(match[2].encode("ascii")), int(match[3])
    except ValueError:
        raise wrong(f"{text!r} is not a grid", "the ends of a grid are numbers: grid(0, 1, 11)") from None
    if not -math.inf < low < high < math.inf or not 2 <= count <= LARGEST_GRID:
        raise wrong(
            f"{text!r} is an impossible grid", f"the first number is the smaller one; from 2 to {LARGEST_GRID} points"
        )
    labels = tuple(label_of(low + (high - low) * k / (count - 1)) for k in range(count))
    if len(set(labels)) < count:
        raise wrong(f"the points of {text!r} are too close to be told apart", "numbers are distinguished to ten digits")
    return labels


def _listed(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) or value is None else [value]


_WEIGHTS = {"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}}
_PARTS = {"mixture": _WEIGHTS, "choice": _WEIGHTS}
Uncertainly = Annotated[
    Any, WithJsonSchema({"anyOf": [SCALAR, {"type": "object", "properties": _PARTS, "additionalProperties": False}]})
]
"""How an uncertain number is written: as a number or a formula, or as a mixture or a choice of others."""

FormulaField = Annotated[Formula, PlainValidator(Formula.read, json_schema_input_type=str | float)]
ValueField = Annotated[Formula, PlainValidator(_uncertain, json_schema_input_type=Uncertainly)]
Probability = Annotated[Formula | None, PlainValidator(_otherwise, json_schema_input_type=str | float | None)]
Text = Annotated[str, Short(_text, forms=(SCALAR,))]
Label = Annotated[str, Short(_label_value, forms=(SCALAR,))]
Signals = Annotated[dict[str, Probability], BeforeValidator(_labelled)]
OneOrMore = Short(_listed, forms=(TEXT,))


class Written(BaseModel):
    """What all parts of a model share: keys that nobody knows are mistakes, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True)


def spelled(model: BaseModel) -> str:
    """All that is written in a model, for whoever wants to know whether two are the same."""
    return BaseModel.__repr__(model)


def placed(places: Mapping[Path, Place], path: Path) -> Place:
    """Where a part is written. A step that a short form leaves out (`value` in `prize: 1`) is passed over."""
    at: Path = ()
    for step in path:
        if (*at, step) in places:
            at = (*at, step)
    return places[at] if at else NOWHERE


def numbers_of(text: str) -> tuple[int, ...]:
    """The numbers that `6` or `6-8` stands for; none of any other text."""
    found = PARAGRAPHS.match(text.strip())
    if not found:
        return ()
    first, last = int(found[1]), int(found[2] or found[1])
    return tuple(range(first, min(last, first + LARGEST_GRID) + 1))


class Citation(Written):
    """A source, and where in it."""

    text: Text = Field(description="a source and where in it, such as `article 6`")

    @property
    def source(self) -> str:
        return self.text.split(None, 1)[0] if self.text.strip() else ""

    @property
    def paragraph(self) -> str:
        return self.text.partition(" ")[2]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Paragraphs or sentences by number: of `article 6` the 6th, of `article 6-8` the 6th to 8th; none of other
        places."""
        return numbers_of(self.paragraph)

    def __str__(self) -> str:
        return self.text


Citations = Annotated[tuple[Citation, ...], Short(_citations, forms=(TEXT, NAMES))]


class Sourced(Written):
    means: Text = Field("", description="what it is, in words")
    source: Citations = Field((), description="where it comes from: a source and its paragraph, or a list")
    because: Text = Field("", description="the reasoning behind it")
    mechanism: str = Field("", description="the mechanism of the argument it belongs to")


def _is_number(label: str) -> bool:
    try:
        return label.isascii() and math.isfinite(float(label))
    except ValueError:
        return False
