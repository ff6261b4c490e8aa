"""Variants of a model: quantities set or shifted, moves forced, forbidden or delayed, secrets revealed or kept.

A variant keeps the draws of everything it leaves alone, because every source of uncertainty has a stream of its own;
so the draws of a model and of its variants are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

import numpy as np

from detente.arrays import Floats
from detente.draws.memory import Memory
from detente.draws.sampler import Draws, Sampler
from detente.draws.sources import SEEN_BY, Sources
from detente.errors import QuestionError, nearest
from detente.language.distributions import BOUNDED_UNITS
from detente.language.expressions import Apply, Expression, ExpressionError, Name, Number
from detente.language.parsing import parse
from detente.model.fields import Formula
from detente.model.load import changed
from detente.model.schema import Model, Result, Stage, State, Term
from detente.model.structural import structural

KINDS = ("set", "shift", "force", "forbid", "delay", "reveal", "hide", "perception", "drop")
NEVER = Formula("0", Number(0, 0.0))


@dataclass(frozen=True)
class Change:
    """One change. `kind` is one of KINDS, `what` a quantity, perception, stage, type or mechanism, `value` as written.

    `set` x to a number or a value of the language · `shift` x by `+0.1`, `-0.1` or `*1.5` · `force` and `forbid` a move
    or result of a stage · `delay` a move, `move:2` for the second period · `reveal` and `hide` a private type ·
    `perception` common or private · `drop` a mechanism.
    """

    kind: str
    what: str
    value: str = ""

    @classmethod
    def read(cls, kind: str, text: str) -> Change:
        """A change as the command line writes it: `hazard=0.02`, `USA.resolve`. Raises QuestionError."""
        what, equals, value = (part.strip() for part in text.partition("="))
        if kind in ("set", "shift", "force", "forbid", "delay") and (not equals or not what or not value):
            forms = {"set": "hazard=0.02", "shift": "hazard=+0.01", "delay": "posture=invade:2"}
            raise QuestionError(f"--{kind} {text}: write --{kind} {forms.get(kind, 'posture=invade')}")
        return cls(kind, what, value)

    @classmethod
    def of(cls, change: Change | str) -> Change:
        """A change from its text, its kind first: `set hazard=0.02`. Raises QuestionError."""
        if isinstance(change, Change):
            return change
        kind, _, rest = change.strip().partition(" ")
        if kind not in KINDS:
            raise QuestionError(f"a change begins with its kind, such as `set hazard=0.02`; {nearest(kind, KINDS)}")
        return cls.read(kind, rest)

    def __str__(self) -> str:
        match self.kind:
            case "set":
                return f"{self.what} set to {self.value}"
            case "shift":
                return f"{self.what} {'times ' + self.value[1:] if self.value[0] in '*x' else self.value}"
            case "force" | "forbid":
                return f"{self.what} {'is always' if self.kind == 'force' else 'is never'} {self.value}"
            case "delay":
                move, _, period = self.value.partition(":")
                return f"{self.what} is not {move} before period {period}"
            case "reveal" | "hide":
                return f"{self.what} {'known to all' if self.kind == 'reveal' else 'a secret'}"
            case "perception":
                return f"{self.what} perception"
        return f"without {self.what}"


@dataclass(frozen=True, eq=False)
class Variant:
    """A model with what is changed on its draws: quantities and perceptions at given values, shifts, forced moves."""

    model: Model
    perception: str
    fixed: Mapping[str, float] = field(default_factory=dict)
    shifts: Mapping[str, Callable[[Floats], Floats]] = field(default_factory=dict)
    forced: Mapping[str, str] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory, repr=False)  # of draws, shared with the variants made of it

    @classmethod
    def of(cls, model: Model, perception: str | None = None) -> Variant:
        """The model itself."""
        return cls(model, perception or model.perception)

    def draw(self, n: int, seed: int) -> Draws:
        """n joint samples, paired with those of the model. A shift moves a quantity from what it would have been."""
        sampler = Sampler(self.model, memory=self.memory)
        plain = sampler.draw(n, seed, self.fixed)
        if not self.shifts:
            return plain
        moved: dict[str, Any] = dict(self.fixed)
        for name, shift in self.shifts.items():
            value = shift(Sources.read(plain, name))
            bounded = self.model.quantities[name.partition(SEEN_BY)[0]].unit in BOUNDED_UNITS
            moved[name] = np.clip(value, 0.0, 1.0) if bounded else value
        return sampler.draw(n, seed, moved)


def vary(variant: Variant, change: Change) -> Variant:
    """The variant with one more change, made in every combination of rival structures in which it can be made.

    Raises QuestionError for what cannot be changed so.
    """
    made, rivals = _varied(variant, change), variant.model._rivals
    if rivals is None or made.model is variant.model or change.kind == "set":
        return made
    members = tuple(_varied(Variant.of(m), change).model if _concerns(change, m) else m for m in rivals.members)
    made.model._rivals = replace(rivals, members=members)
    return made


def _concerns(change: Change, model: Model) -> bool:
    """Whether what a change speaks of is there in a combination of structures."""
    if change.kind in ("reveal", "hide"):
        return change.what in model.private
    return change.what in model.stages and change.value.partition(":")[0] in model.stages[change.what].results


def _varied(variant: Variant, change: Change) -> Variant:
    model = variant.model
    match change.kind:
        case "set":
            return _set(variant, change)
        case "shift":
            Sources(Sampler(model)).known(change.what)
            shifts = {**variant.shifts, change.what: _shift(change)}
            return replace(variant, shifts=shifts)
        case "force" | "forbid" | "delay":
            stage = _stage(model, change.what)
            move, _, period = change.value.partition(":")
            _result(stage, change.what, move)
            if change.kind == "delay":
                made = _delayed(model, change, stage, move, period)
                return replace(variant, model=with_stage(model, change.what, made))
            if change.kind == "force" and stage.actor:
                return replace(variant, forced={**variant.forced, change.what: move})
            made = forced(stage, move) if change.kind == "force" else forbidden(stage, move, change.what)
            return replace(variant, model=with_stage(model, change.what, made))
        case "reveal" | "hide":
            return replace(variant, model=_known(model, change.what, change.kind == "reveal"))
        case "perception":
            if change.what not in ("common", "private"):
                raise QuestionError(f"there is no perception {change.what!r}; it is common or private")
            return replace(variant, perception=change.what)
    raise QuestionError(f"there is no change {change.kind!r}; {nearest(change.kind, KINDS)}")


# ---------------------------------------------------------------------- quantities


def _set(variant: Variant, change: Change) -> Variant:
    model, name = variant.model, change.what
    sources = Sources(Sampler(model))
    quantity, _, actor = name.partition(SEEN_BY)
    if not actor:
        sources.known(name)
    elif quantity not in model.quantities:
        raise QuestionError(f"there is no quantity {quantity!r}; {nearest(quantity, model.quantities)}")
    elif actor not in model.actors:
        raise QuestionError(f"there is no actor {actor!r}; {nearest(actor, model.actors)}")
    try:
        expression = parse(change.value)
    except ExpressionError as error:
        raise QuestionError(f"--set {name}={change.value}: {error.message}; {error.hint}") from error
    rest = {key: value for key, value in variant.fixed.items() if key != name}
    if name in structural(model):
        return replace(variant, fixed=rest, model=changed(model, {name: change.value}))
    if isinstance(expression, Number) and (not actor or name in sources.perceptions):
        unit, number = model.quantities[quantity].unit, expression.value
        if unit in BOUNDED_UNITS and not 0 <= number <= 1:
            raise QuestionError(f"{quantity!r} is a {unit}: {number:g} is not between 0 and 1")
        if model.quantities[quantity].role and not 0 <= number < inf:
            raise QuestionError(f"{quantity!r} is a precision, a finite number that is not negative")
        return replace(variant, fixed={**rest, name: number})
    return replace(variant, fixed=rest, model=changed(model, {name: change.value}))


def _shift(change: Change) -> Callable[[Floats], Floats]:
    sign, text = change.value[0], change.value[1:].strip()
    by = None
    if sign in "+-*x":
        try:
            by = float(text)
        except ValueError:
            by = None
    if by is None:
        hint = "a shift begins with + or - (so much more or less) or * (times)"
        raise QuestionError(f"--shift {change.what}={change.value}: {hint}; to give it a value, use --set")
    if sign in "*x":
        return lambda value: value * by
    step = by if sign == "+" else -by
    return lambda value: value + step


# ---------------------------------------------------------------------- stages


def _stage(model: Model, name: str) -> Stage:
    if name not in model.stages:
        raise QuestionError(f"there is no stage {name!r}; {nearest(name, model.stages)}")
    return model.stages[name]


def _result(stage: Stage, name: str, label: str) -> None:
    if label not in stage.results:
        raise QuestionError(f"there is no move or result {label!r} at {name!r}; {nearest(label, stage.results)}")


def with_stage(model: Model, name: str, stage: Stage) -> Model:
    """The model with another stage of that name."""
    return model.model_copy(update={"stages": {**model.stages, name: stage}})


def _expression(formula: Formula | None, otherwise: float) -> Expression:
    return Number(0, otherwise) if formula is None else formula.expression


def _limited(stage: Stage, label: str, never: Expression) -> dict[str, Any]:
    """The moves of a stage with one of them not there where `never` holds."""
    move = stage.moves[label]
    unless = Apply(0, "or", (_expression(move.unless, 0.0), never))
    return {**stage.moves, label: move.model_copy(update={"unless": Formula(f"{label} is ruled out", unless)})}


def forbidden(stage: Stage, label: str, name: str) -> Stage:
    """The stage without a move, or without a result, whose probability goes to the others in proportion.

    Raises QuestionError where nothing would be left.
    """
    if len(stage.results) == 1 or (stage.moves and not _spare(stage, label)):
        raise QuestionError(f"nothing would be left at {name!r} without {label!r}; forbid what leads there instead")
    if stage.offer:
        left_over = tuple(x for x in stage.offer if x != label)
        return stage.model_copy(update={"offer": left_over, "seen_as": _fewer(stage, label)})
    if stage.moves:
        return stage.model_copy(update={"moves": _limited(stage, label, Number(0, 1.0))})
    given = stage.chance[label].p
    left: Expression = Apply(0, "-", (Number(0, 1.0), _expression(given, 0.0)))
    if given is None:
        left = Number(0, 0.0)
        for key, result in stage.chance.items():
            left = Apply(0, "+", (left, _expression(result.p, 0.0))) if key != label else left
    chance: dict[str, Result] = {}
    for key, result in stage.chance.items():
        p = result.p and Formula(f"({result.p}) rescaled", Apply(0, "/", (result.p.expression, left)))
        chance[key] = result.model_copy(update={"p": NEVER if key == label else p})
    return stage.model_copy(update={"chance": chance})


def _spare(stage: Stage, label: str) -> bool:
    return any(m.when is None and m.unless is None for key, m in stage.moves.items() if key != label)


def _fewer(stage: Stage, *labels: str) -> dict[str, Any]:
    return {key: value for key, value in stage.seen_as.items() if key not in labels}


def forced(stage: Stage, label: str) -> Stage:
    """The stage at which a move is made wherever it is there, or a result always comes."""
    others = [key for key in stage.results if key != label]
    if stage.offer:
        return stage.model_copy(update={"offer": (label,), "seen_as": _fewer(stage, *others)})
    if stage.chance:
        steps = stage.chance.items()
        chance = {key: result.model_copy(update={"p": None if key == label else NEVER}) for key, result in steps}
        return stage.model_copy(update={"chance": chance})
    move = stage.moves[label]
    there = Apply(0, "and", (_expression(move.when, 1.0), Apply(0, "not", (_expression(move.unless, 0.0),))))
    moves: dict[str, Any] = dict(stage.moves)
    for key in others:
        moves[key] = _limited(stage, key, there)[key]
    return stage.model_copy(update={"moves": moves})


def _delayed(model: Model, change: Change, stage: Stage, label: str, period: str) -> Stage:
    if not period.isdigit() or not 1 < int(period) <= model.periods.count:
        last = model.periods.count
        hint = f"write a period from 2 to {last}, such as {label}:{last}" if last > 1 else "there is only one period"
        raise QuestionError(f"--delay {change.what}={change.value}: {hint}")
    if not stage.moves:
        raise QuestionError(f"{change.what!r} has no moves that could be delayed")
    if not _spare(stage, label):
        raise QuestionError(f"nothing would be left at {change.what!r} until {label!r} is there")
    early = Apply(0, "<", (Name(0, "period"), Number(0, float(period))))
    return stage.model_copy(update={"moves": _limited(stage, label, early)})


# ---------------------------------------------------------------------- who knows what


def _known(model: Model, name: str, public: bool) -> Model:
    if name not in model.private:
        hint = nearest(name, model.private) or "it has none"
        raise QuestionError(f"there is no private type {name!r} in this model; {hint}")
    if model.private[name].public == public:
        raise QuestionError(f"{name!r} is {'public' if public else 'a secret of its owner'} already")
    private = model.private[name].model_copy(update={"public": public})
    return model.model_copy(update={"private": {**model.private, name: private}})


# ---------------------------------------------------------------------- what counts no more


def worthless(term: Term) -> Term:
    """The payoff term, worth nothing however the game goes."""
    return term.model_copy(update=dict.fromkeys(term.written, NEVER))


def passed_over(stage: Stage) -> Stage:
    """The stage, never played."""
    return stage.model_copy(update={"when": NEVER, "unless": None})


def unchanging(name: str, state: State) -> State:
    """The state of that name, staying as it starts."""
    return state.model_copy(update={"next": Formula(name, Name(0, name))})
