"""What a case asks, asserts and cites, and what is known beside it: the answer, claims, comparative statics, sources,
correlations, evidence, forecasts of others, base rates, what came."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from detente.language.expressions import Apply, ExpressionError, Number
from detente.language.parsing import parse
from detente.model.escalation import kinds
from detente.model.fields import (
    NAMES,
    TEXT,
    Citations,
    Formula,
    FormulaField,
    Label,
    OneOrMore,
    Short,
    Text,
    Written,
    _listed,
    described,
    numbers_of,
    wrong,
)
from detente.model.likelihoods import Likelihood, LikelihoodField

REST = "otherwise"


def _percent(value: Any) -> Any:
    """`65%` as well as 0.65."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", value, re.ASCII)):
        return float(match[1]) / 100
    return value


GROUPS = {"type": "object", "additionalProperties": {"anyOf": [TEXT, NAMES]}}


def _groups(value: Any) -> Any:
    """`{war: [a, b], peace: otherwise}`: the outcomes of each group."""
    if not isinstance(value, Mapping):
        raise wrong(
            f"found {described(value)} where groups of outcomes were expected",
            "write {war: [outcome, outcome], peace: otherwise}",
        )
    return {name: _listed(outcomes) for name, outcomes in value.items()}


class Answer(Written):
    """What answers the case's question, and how its outcomes are grouped."""

    asks: FormulaField = Field(description="the probability or number that answers the question: P(event)")
    says: Text = Field("", description="the event in words, as a sentence without its full stop")
    deadline: dt.date | None = Field(
        None, description="by when it is judged (default: the last day of the last period, where periods have dates)"
    )
    groups: Annotated[dict[str, tuple[str, ...]], Short(_groups, forms=(GROUPS,))] = Field(
        {}, description="outcomes that belong together: {war: [outcome, ...], peace: otherwise}"
    )


def _numbered(value: Any) -> Any:
    """`{3: background, 7-9: another crisis}`: numbers, or ranges of them, each with a reason."""
    if not isinstance(value, Mapping):
        hint = "write {3: background, 7-9: another crisis}"
        raise wrong(f"found {described(value)} where numbers with reasons were expected", hint)
    for key in value:
        if isinstance(key, bool) or not numbers_of(str(key)):
            hint = "write a number, or the first and the last of several: 7-9"
            raise wrong(f"{key!r} is not the number of a sentence or paragraph", hint, inside=(key, "@key"))
    return {str(key): why for key, why in value.items()}


class Source(Written):
    title: Text = Field("", description="its title")
    author: Text = Field("", description="who wrote it")
    published: dt.date | Text | None = Field(None, description="when it appeared")
    kind: Text = Field("", description="opinion, report, poll, data, ...")
    url: Text = Field("", description="where it is to be found")
    paragraphs: int | None = Field(None, ge=1, description="how many paragraphs it has, where they are cited by number")
    note: Text = Field("", description="anything a reader should know of it")
    sentences: int | None = Field(None, ge=1, description="how many sentences it has, where they are cited by number")
    uncovered: Annotated[dict[str, Text], BeforeValidator(_numbered)] = Field(
        {}, description="what is taken up by nothing, and why: {3: background, 7-9: another crisis}"
    )
    unconfirmed: bool = Field(
        False, description="what cites it is a judgement that a person has yet to confirm: an assistant's, for example"
    )

    @property
    def unit(self) -> str:
        """What its numbers count: sentences, or paragraphs."""
        return "sentence" if self.sentences is not None else "paragraph"

    @property
    def numbers(self) -> int | None:
        """How many sentences or paragraphs it has, where that is stated."""
        return self.paragraphs if self.sentences is None else self.sentences

    @property
    def set_aside(self) -> dict[int, str]:
        """Why a sentence or paragraph is taken up by nothing, by its number."""
        return {n: why for text, why in self.uncovered.items() for n in numbers_of(text)}


class Mechanism(Written):
    says: Text = Field("", description="how it works, in a sentence")
    source: Citations = Field((), description="where the argument is made")


class Correlation(Written):
    between: tuple[str, ...] = Field(min_length=2, description="the quantities")
    rank: float = Field(ge=-1, le=1, description="Spearman's correlation between each two of them")


def _then(value: Any) -> Any:
    if isinstance(value, str):
        words = value.rsplit(None, 1)
        if len(words) == 2 and words[1] in ("rises", "falls", "stays"):
            return {"what": words[0], "effect": words[1]}
        raise wrong("this does not say what happens", "end it with rises, falls or stays: `P(outcome is war) rises`")
    return value


class Claim(Written):
    says: Text = Field("", description="what is asserted, in words")
    source: Citations = Field((), description="where")
    holds: FormulaField = Field(description="the condition under which it is true")
    mechanism: str = Field("", description="the mechanism of the argument it belongs to")


class Then(Written):
    what: FormulaField = Field(description="the probability or expectation")
    effect: Literal["rises", "falls", "stays"] = Field(description="what happens to it")


class Static(Written):
    says: Text = Field("", description="what is asserted, in words")
    mechanism: str = Field("", description="the mechanism of the argument it tests")
    raise_: Annotated[tuple[str, ...], OneOrMore] = Field(
        (), alias="raise", description="quantities that go from their 10th to their 90th percentile"
    )
    lower: Annotated[tuple[str, ...], OneOrMore] = Field(
        (), description="quantities that go from their 90th to their 10th percentile"
    )
    from_: float | None = Field(None, alias="from", description="the value to start from instead")
    to: float | None = Field(None, description="the value to go to instead")
    force: dict[str, Label] = Field({}, description="moves that are made, {stage: move}")
    instead_of: dict[str, Label] = Field(
        {}, description="moves that are made in the comparison; else all is free there"
    )
    then: Annotated[Then, Short(_then, forms=(TEXT,))] = Field(description="P(...) rises, falls or stays")
    within: float = Field(0.005, gt=0, description="how much may change and still be called `stays`")
    source: Citations = Field((), description="where it comes from")


class Evidence(Written):
    """What was seen on a day, or not seen by then: an event of the model, a sign with its likelihood, or a fact."""

    date: dt.date | None = Field(None, description="when it was seen")
    by: dt.date | None = Field(None, description="until the end of which day it was `not seen`")
    seen: FormulaField | None = Field(None, description="an event of the model that was seen")
    not_seen: FormulaField | None = Field(
        None, alias="not seen", description="an event of the model that had not been seen `by` a day"
    )
    period: int | None = Field(
        None, ge=1, description="the period in which it was made, where that is not the one its date falls in"
    )
    fact: Text = Field("", description="something a reader should know, in words; it speaks of no event of the model")
    signal: Text = Field("", description="something seen that the model has no event for")
    likelihood: LikelihoodField = Field(
        Likelihood(), description="how likely the sign is: {private type, stage, structure or quantity: {label: share}}"
    )
    ratio: LikelihoodField = Field(
        Likelihood(), description="the same in proportion: {Russia.aim: {subjugate: 3, bargain: 1}}"
    )
    escalation: dict[str, FormulaField] = Field(
        {}, description="a kind of event, and what it may escalate to: {mobilization: posture is invade}"
    )
    with_: Annotated[tuple[Text, ...], OneOrMore] = Field(
        (), alias="with", description="of what it is a report: reports of one thing share a discount"
    )
    source: Citations = Field((), description="where it was reported")
    means: Text = Field("", description="what it says")

    @property
    def day(self) -> dt.date:
        """The day on which it was known."""
        return self.date or self.by or dt.date.min

    @property
    def told(self) -> Likelihood:
        """How likely it is: in shares, in proportion, or as its kind came before violence in past crises."""
        if not self.escalation:
            return self.likelihood or self.ratio
        (kind, event), *_ = self.escalation.items()
        violent, calm = kinds()[kind].shares if kind in kinds() else (1.0, 1.0)
        shares = Number(0, violent), Number(0, calm)
        return Likelihood(Formula(f"{kind}, to {event}", Apply(0, "if", (event.expression, *shares))))

    @property
    def says(self) -> str:
        """What was seen, in words where it has some."""
        event = self.seen or self.not_seen
        plain = "" if event is None else event.text
        return self.signal or self.fact or self.means or plain


Share = Annotated[float | None, Short(_percent, forms=({"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*%\s*$"},))]
Hazard = Literal["constant"] | None


class Sign(Written):
    """Something that may be seen yet: what to look for."""

    sign: Text = Field(description="what may be seen")
    likelihood: LikelihoodField = Field(
        Likelihood(), description="how likely it is: {private type, stage, structure or quantity: {label: share}}"
    )
    escalation: dict[str, FormulaField] = Field(
        {}, description="a kind of event, and what it may escalate to: {mobilization: posture is invade}"
    )
    with_: Annotated[tuple[Text, ...], OneOrMore] = Field((), alias="with", description="of what it would be a report")
    cost: float | None = Field(None, gt=0, description="what it takes to find out, in days or whatever is counted")
    source: Citations = Field((), description="who says so")

    def seen_on(self, day: dt.date) -> Evidence:
        """The sign as evidence of a day."""
        return Evidence.model_validate({
            "date": day, "signal": self.sign, "likelihood": self.likelihood, "escalation": self.escalation,
            "with": self.with_,
        })  # fmt: skip


class Forecast(Written):
    """What somebody expected: a probability, or the share of those asked who said yes, which is none."""

    who: Text = Field(description="whose forecast")
    date: dt.date = Field(description="when it was made")
    p: Share = Field(None, ge=0, le=1, description="the probability given")
    share: Share = Field(
        None, ge=0, le=1, description="instead: the share of those asked who said yes; it is listed, and never scored"
    )
    event: Text = Field(description="of what, exactly")
    deadline: dt.date | None = Field(None, description="by when")
    like: FormulaField | None = Field(None, description="the event of this model it is nearest to")
    hazard: Hazard = Field(
        None, description="`constant`: from its date to its deadline it is as likely on one day as on another"
    )
    argument: bool = Field(False, description="it is the call of the argument that this case sets out")
    source: Citations = Field((), description="where it was published")


def _condition(value: Any) -> Any:
    """A condition on the columns of a table of cases, kept as it is written: no table is at hand here."""
    if isinstance(value, Formula):  # stands for a condition that cannot be read
        return value.text
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"found {described(value)} where a condition on a table was expected", CONDITION, formula=True)
    try:
        parse(value, quoted=True)
    except ExpressionError as error:
        raise wrong(error.message, error.hint or CONDITION, error.at, formula=True) from error
    return value


CONDITION = 'write columns and their values: `trigger is "Political act" and trigger_year >= 1946`'
TableCondition = Annotated[Text, BeforeValidator(_condition)]


class BaseRate(Written):
    """How often something like it happened in cases like this one."""

    class_: Text = Field(alias="class", description="which cases are counted, and as what")
    count: int = Field(ge=0, description="in how many of them it happened")
    of: int = Field(gt=0, description="how many cases there are")
    deadline: dt.date | None = Field(None, description="by when it would have to happen here")
    where: TableCondition = Field("", description="which rows of a table of cases they are, for `detente base-rate`")
    happened: TableCondition = Field("", description="in which of these rows it happened")
    like: FormulaField | None = Field(None, description="the event of this model it is nearest to (default: `answer`)")
    hazard: Hazard = Field(None, description="`constant`: until the deadline it is as likely on one day as on another")
    source: Citations = Field((), description="where they were counted")

    @field_validator("of")
    @classmethod
    def _a_share(cls, of: int, info: ValidationInfo) -> int:
        if (count := info.data.get("count", 0)) > of:
            raise wrong(f"{count} of {of} is not a share", "`count` is at most `of`")
        return of


class Happened(Written):
    date: dt.date | None = Field(None, description="when")
    outcome: str = Field("", description="the outcome of this model that happened")
    source: Citations = Field((), description="where it was reported")
    means: Text = Field("", description="what happened, in words")
