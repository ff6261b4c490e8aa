"""The shape of a model: every key an analyst may write, once. `check.py` says what may be said with them.

Short forms (a list of moves, a bare number, a sentence in place of a mapping) are made long here, so that the
rest of the house knows one form only. Every field has a description: the reference is checked against them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr

from detente.display import Displayed
from detente.errors import Place
from detente.language.expressions import Number, Uncertain, label_of
from detente.model.fields import (
    LARGEST_GRID,
    NAMES,
    SCALAR,
    TEXT,
    Citations,
    Formula,
    FormulaField,
    Label,
    OneOrMore,
    Path,
    Probability,
    Short,
    Signals,
    Sourced,
    Text,
    ValueField,
    Written,
    _is_number,
    _labelled,
    _long,
    _moves,
    described,
    grid,
    placed,
    wrong,
)
from detente.model.periods import DAYS, LARGEST_PERIODS, PERIOD, Periods, rate
from detente.model.record import (
    REST,
    Answer,
    BaseRate,
    Claim,
    Correlation,
    Evidence,
    Forecast,
    Happened,
    Mechanism,
    Sign,
    Source,
    Static,
)
from detente.model.structures import Structures

DEFAULT_PRECISION = 5.0
VALUE = (SCALAR, {"type": "object", "required": ["mixture"]}, {"type": "object", "required": ["choice"]})
PRIOR = {"type": "object", "additionalProperties": SCALAR}
"""What stands for a perception, and for a private type, in its short form."""


def _offer(value: Any) -> Any:
    if isinstance(value, str):
        return grid(value)
    hint = "write grid(0, 1, 11), or a list of numbers"
    if not isinstance(value, (list, tuple)) or not value:
        raise wrong(f"found {described(value)} where an offer was expected", hint)
    for k, number in enumerate(value):
        if isinstance(number, bool) or not isinstance(number, (str, int, float)) or not _is_number(str(number)):
            raise wrong(f"found {described(number)} where a number was expected", hint, inside=(k,))
    return tuple(dict.fromkeys(label_of(float(number)) for number in value))


def _periods_played(value: Any) -> Any:
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+)\s*\.\.\s*(\d+)\s*", value, re.ASCII)):
        first, last = (int(end[:9]) for end in match.groups())
        if not first <= last <= LARGEST_PERIODS:
            raise wrong(f"there are no periods {value}", "write the first and the last period: 1..2")
        return tuple(range(first, last + 1))
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


def _prior(value: Any) -> Any:
    """A prior over types: labels or numbers with probabilities, a grid, or a distribution cut into slices."""
    if isinstance(value, str):
        labels = grid(value)
        return {label: 1 / len(labels) for label in labels}
    if not isinstance(value, Mapping):
        raise wrong(
            f"found {described(value)} where a prior was expected",
            "write {label: probability, ...} or grid(low, high, how many)",
        )
    if len(value) == 1:
        ((key, count),) = value.items()
        if isinstance(key, str) and "(" in key:
            return _sliced(key, count)
    return _labelled(value)


def _private(value: Any) -> Any:
    """A private type, or its prior alone."""
    if not isinstance(value, Mapping) or "prior" in value:
        return value if isinstance(value, Mapping) else {"prior": value}
    if isinstance(value.get("prefers"), Mapping):
        hint = "write `{prior: {label: probability, ...}, prefers: {label: condition}}`"
        raise wrong("`prefers` stands beside the prior, and there is no `prior`", hint, inside=("prefers",))
    return {"prior": value}


def _sliced(text: str, count: Any) -> dict[str, float]:
    from detente.language.distributions import DistributionError, check, slices

    source = Formula.read(text).expression
    if not isinstance(source, Uncertain) or not all(isinstance(a, Number) for a in source.args):
        raise wrong(f"{text!r} is not a distribution of numbers", "write for example {uniform(0, 1): 20}")
    if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= LARGEST_GRID:
        raise wrong(f"{text!r} is cut into {count!r} slices", f"write a whole number from 2 to {LARGEST_GRID}")
    params = [a.value for a in source.args if isinstance(a, Number)]
    try:
        check(source.family, params)
    except DistributionError as error:
        raise wrong(error.message, error.hint) from error
    prior: dict[str, float] = {}
    for v in slices(source.family, params, count):
        prior[label_of(float(v))] = prior.get(label_of(float(v)), 0.0) + 1 / count
    return prior


class Actor(Written):
    means: Text = Field("", description="who this is")
    discount: FormulaField = Field(Formula("1", Number(0, 1.0)), description="what a payoff one period later is worth")


def _perceived(value: Any) -> Any:
    """A perception in its short form, which is its value alone."""
    bare = not isinstance(value, Mapping) or value.keys() & {"mixture", "choice"}
    return {"value": value} if bare and not isinstance(value, Perception) else value


class Perception(Sourced):
    value: ValueField = Field(description="how the actor sees it; the quantity's own name is its true value")


SEEN_BY = " seen by "  # between a quantity and an actor, in the name of a perception


class Quantity(Sourced):
    value: ValueField = Field(description="a number, an interval `a to b`, a distribution, an expression in these")
    unit: Text = Field("", description="what it is counted in; `probability` and `share` keep it between 0 and 1")
    role: str = Field("", description="`precision`, or `precision of ACTOR`")
    seen_by: dict[str, Annotated[Perception, Short(_perceived, forms=VALUE)]] = Field(
        {}, description="how an actor sees it"
    )
    without: float | None = Field(
        None, description="its value where its mechanism is switched off (default: see ablate)"
    )

    _stream: str = PrivateAttr(default="")  # the source of uncertainty it draws from, if that is called otherwise


class PrivateType(Written):
    prior: Annotated[dict[str, Probability], Short(_prior, forms=(TEXT,))] = Field(
        min_length=1, description="what the others believe: {type: probability}, grid(...), or {distribution: slices}"
    )
    means: Text = Field("", description="what it is that only its owner knows")
    source: Citations = Field((), description="where it comes from")
    because: Text = Field("", description="the reasoning behind the prior")
    mechanism: str = Field("", description="the mechanism of the argument it belongs to")
    seen_as: Annotated[dict[str, Signals], BeforeValidator(_labelled)] = Field(
        {}, description="a noisy public signal of it: {type: {signal: probability}}"
    )
    prefers: Annotated[dict[str, FormulaField], BeforeValidator(_labelled)] = Field(
        {}, description="what a type's name means, a condition judged within the type: {type: condition}"
    )
    public: bool = Field(False, description="everybody sees it; chance still draws it from the prior")

    @property
    def numeric(self) -> bool:
        return all(_is_number(label) for label in self.prior)


class State(Written):
    start: FormulaField = Field(description="its value in the first period")
    next: FormulaField = Field(description="its value in the next period")
    means: Text = Field("", description="what it is")
    source: Citations = Field((), description="where it comes from")
    because: Text = Field("", description="the reasoning behind it")
    mechanism: str = Field("", description="the mechanism of the argument it belongs to")


class Move(Written):
    means: Text = Field("", description="what it is")
    when: FormulaField | None = Field(None, description="it is there only under this condition")
    unless: FormulaField | None = Field(None, description="it is there only without this condition")
    mechanism: str = Field("", description="the mechanism of the argument that this move follows")
    tendency: FormulaField | None = Field(
        None, description="how readily it is made without a reason, beside the other moves (default: 1)"
    )


class Result(Written):
    p: Probability = Field(None, description="its probability, an expression or `otherwise`")
    means: Text = Field("", description="what it is")
    mechanism: str = Field("", description="the mechanism of the argument that this result follows")


def _rate(value: Any) -> Any:
    """A rate in its short form: `pace per month`."""
    if isinstance(value, str):
        how_often, unit = rate(value)
        return {"rate": how_often, "per": unit}
    return {"rate": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value


class Rate(Written):
    rate: FormulaField = Field(description="how often, a formula in quantities")
    per: Text = Field("", description="in which unit of time (default: that of the quantity it names, or the period)")


class Stage(Sourced):
    actor: str = Field("", description="who chooses")
    moves: Annotated[dict[str, Annotated[Move, _long("means", str)]], Short(_moves, forms=(NAMES,))] = Field(
        {}, description="from what: a list, or {move: meaning}"
    )
    offer: Annotated[tuple[str, ...], Short(_offer, forms=(TEXT, NAMES))] = Field(
        (), description="numbers to choose from: grid(low, high, how many)"
    )
    chance: Annotated[dict[str, Annotated[Result, _long("p")]], Short(_moves, forms=(NAMES,))] = Field(
        {}, description="{result: probability}, instead of an actor"
    )
    when: FormulaField | None = Field(None, description="it is played only under this condition")
    unless: FormulaField | None = Field(None, description="it is played only without this condition")
    per: Text = Field("", description="the probabilities of `chance` are for that long: day, week, month, ...")
    continues: Label = Field("", description="the move that continues by itself as long as nobody reconsiders it")
    reconsidered: Annotated[Rate | None, Short(_rate, forms=(SCALAR,))] = Field(
        None, description="how often that is reconsidered: `0.5 to 2 per month`, or a quantity"
    )
    once: bool = Field(False, description="not asked again after it has been played once")
    periods: Annotated[tuple[int, ...], Short(_periods_played, forms=({"type": ["integer", "string"]},))] = Field(
        (), description="the periods it is played in: 2, 1..2 or a list"
    )
    hidden_from: Annotated[tuple[str, ...], OneOrMore] = Field((), description="actors who do not see what happened")
    together_with: str = Field("", description="an earlier stage of the same period whose result is not yet seen")
    seen_as: Annotated[dict[str, Signals], BeforeValidator(_labelled)] = Field(
        {}, description="the noisy signal that is seen instead: {move: {signal: probability}}"
    )
    without: Label = Field(
        "", description="what happens here where its mechanism is switched off (default: not played)"
    )

    @property
    def results(self) -> tuple[str, ...]:
        """The labels of what can happen at this stage."""
        return tuple(self.moves) or self.offer or tuple(self.chance)


def _going_on(value: Any) -> Any:
    if value is None or value == "repeated" or isinstance(value, Mapping):
        return value
    hint = "write `repeated`, or what it is worth to each: {Russia: 0.2, USA: 0}"
    raise wrong(f"found {described(value)} where a continuation was expected", hint)


class Outcome(Written):
    when: FormulaField | None = Field(None, description="the condition that ends the game")
    otherwise: bool = Field(False, description="what it is when the last period ends and nothing else holds")
    at: Literal["once", "period end", "end"] = Field("once", description="after every stage, every period, or at last")
    continuation: Annotated[Literal["repeated"] | dict[str, FormulaField] | None, BeforeValidator(_going_on)] = Field(
        None, description="what going on is worth: `repeated`, or {actor: formula}"
    )
    means: Text = Field("", description="what it is")
    source: Citations = Field((), description="where it comes from")
    mechanism: str = Field("", description="the mechanism of the argument that leads here")


def _outcome(value: Any) -> Any:
    short = {"otherwise": True} if value == "otherwise" else {"when": value}
    return short if isinstance(value, (str, int, float)) else value


def _each(unit: str) -> Any:
    return Field(None, alias=f"each {unit}", description=f"earned in every {unit}")


class Term(Sourced):
    value: FormulaField | None = Field(None, description="settled when the game ends")
    each_period: FormulaField | None = _each("period")
    each_day: FormulaField | None = _each("day")
    each_week: FormulaField | None = _each("week")
    each_fortnight: FormulaField | None = _each("fortnight")
    each_month: FormulaField | None = _each("month")
    each_quarter: FormulaField | None = _each("quarter")
    each_year: FormulaField | None = _each("year")

    @property
    def flows(self) -> dict[str, Formula]:
        """What is earned as time goes by, by the unit of time: one at most in a model that makes sense."""
        given = {unit: getattr(self, f"each_{unit}") for unit in (PERIOD, *DAYS)}
        return {unit: formula for unit, formula in given.items() if formula is not None}

    @property
    def written(self) -> tuple[str, ...]:
        """The fields in which it stands."""
        return (*["value"] * (self.value is not None), *(f"each_{unit}" for unit in self.flows))

    @property
    def formula(self) -> Formula | None:
        """What is written: what is settled when the game ends, or earned as time goes by."""
        return self.value or next(iter(self.flows.values()), None)


class Model(Written, Displayed):
    """A crisis as the analyst wrote it. Read one with `detente.load`, or build one with `detente.define`."""

    detente: Literal[1] = Field(1, description="the version of the language")
    title: Text = Field(description="what the crisis is, in a line")
    question: Text = Field("", description="what the reader wants to know")
    about: str = Field("", description="a paragraph for the report")
    as_of: dt.date | None = Field(None, description="the as-of date: the model uses nothing known later")
    stake: Text = Field("", description="what a payoff of 1 means")
    periods: Annotated[Periods, _long("count", int, float, str)] = Field(
        Periods.model_validate({}), description="how many times the stages are run through"
    )
    perception: Literal["common", "private"] = Field("common", description="how unequal perceptions are read")
    sources: dict[str, Annotated[Source, _long("title", str)]] = Field({}, description="what is cited")
    mechanisms: dict[str, Annotated[Mechanism, _long("says", str)]] = Field(
        {}, description="the causal mechanisms of the argument"
    )
    actors: dict[str, Annotated[Actor, _long("means", str)]] = Field(min_length=1, description="who decides")
    quantities: dict[str, Annotated[Quantity, _long("value")]] = Field(
        {}, description="named, sourced, uncertain numbers"
    )
    correlations: tuple[Correlation, ...] = Field((), description="rank correlations between quantities")
    private: dict[str, Annotated[PrivateType, Short(_private, forms=(SCALAR, PRIOR))]] = Field(
        {}, description="what only its owner knows: {Actor.name: prior}"
    )
    state: dict[str, State] = Field({}, description="public numbers that evolve")
    stages: dict[str, Stage] = Field(min_length=1, description="what happens, in order, in every period")
    outcomes: dict[str, Annotated[Outcome, Short(_outcome, forms=(SCALAR,))]] = Field(
        min_length=1, description="how it may end"
    )
    payoffs: dict[str, dict[str, Annotated[Term, _long("value")]]] = Field(
        description="what each actor wants, as named terms"
    )
    claims: dict[str, Annotated[Claim, _long("holds", str)]] = Field({}, description="what is asserted, as tests")
    statics: dict[str, Static] = Field({}, description="comparative statics the model must pass")
    answer: Annotated[Answer | None, _long("asks", str)] = Field(
        None, description="what answers the question, in words, and which outcomes belong together"
    )
    evidence: tuple[Evidence, ...] = Field((), description="what was seen, dated")
    signs: tuple[Sign, ...] = Field((), description="what may be seen yet, and how likely it would be")
    forecasts: tuple[Forecast, ...] = Field((), description="what others expected")
    base_rates: tuple[BaseRate, ...] = Field((), description="how often similar events happened before")
    happened: Happened | None = Field(None, description="what happened")
    structures: Structures = Field(
        {}, description="rival structures, each present with a probability: {name: {weight, changes}}"
    )

    _places: dict[Path, Place] = PrivateAttr(default_factory=dict)
    _name: str = PrivateAttr(default="")
    _files: tuple[FilePath, ...] = PrivateAttr(default=())
    _rivals: Any = PrivateAttr(default=None)  # rivals.Rivals, of a model that speaks of several structures
    _elsewhere: Any = PrivateAttr(default=None)  # that model, in the model of one combination of structures
    _present: tuple[str, ...] = PrivateAttr(default=())  # structures that are there for sure, where none are drawn
    _updated: Any = PrivateAttr(default=None)  # of a model that is asked as of a day, an `AsOf`

    @property
    def name(self) -> str:
        """The slug of the case: the name of its file, or of what it was built as."""
        return self._name

    @property
    def files(self) -> tuple[FilePath, ...]:
        """The files it was read from: what it extends, and last its own."""
        return self._files

    def place(self, *path: str | int) -> Place:
        """Where a part of the model is written, or the whole that it is a part of."""
        return placed(self._places, path)

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """The outcomes of each group that `answer` names, if there are any; `otherwise` is what no other has."""
        written = self.answer.groups if self.answer else {}
        there = {name: tuple(o for o in of if o in self.outcomes) for name, of in written.items()}
        rest = tuple(outcome for outcome in self.outcomes if not any(outcome in of for of in written.values()))
        return {name: rest if of == (REST,) else there[name] for name, of in written.items()}

    def precision_of(self, actor: str) -> str | None:
        """The name of the quantity that holds an actor's precision, or None where the default holds."""
        general = None
        for name, quantity in self.quantities.items():
            if quantity.role == f"precision of {actor}":
                return name
            if quantity.role == "precision":
                general = name
        return general
