"""How likely a sign is: stated for each type, move, structure or value that it may tell apart.

    likelihood: {Russia.aim: {subjugate: 0.5, bargain: 0.15}}            # a private type
    likelihood: {posture: {invade: very likely, otherwise: unlikely}}    # a move, made in secret or not
    likelihood: {structure.limited_option: {present: 0.4 to 0.8, absent: 0.2}}
    likelihood: {holding_cost: {"> 0.3": 0.6, otherwise: 0.2}}           # a threshold of a quantity
    likelihood: {holding_cost: 0.2 to 0.4}                               # a quantity as somebody measured it
    likelihood: 0.5 if Russia.aim is subjugate and alarm > 0.5 else 0.2  # or any formula

All but a measurement come to one formula (`Likelihood.expression`), whose value on a play, in a draw, is how likely the
sign was there.
Only relative sizes matter: what multiplies all of them falls out of Bayes' rule.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import PlainValidator

from detente.arrays import Floats
from detente.errors import nearest
from detente.language.distributions import Z90
from detente.language.expressions import Apply, Expression, ExpressionError, Is, Name, Number
from detente.language.parsing import parse
from detente.model.blocks import names_of
from detente.model.fields import Formula, described, wrong

if TYPE_CHECKING:
    from detente.model.schema import Model

REST = "otherwise"
STRUCTURE = "structure."
PRESENT, ABSENT = "present", "absent"
WORDS: Mapping[str, tuple[float, float]] = {
    "almost no chance": (0.01, 0.05), "remote": (0.01, 0.05), "very unlikely": (0.05, 0.20),
    "highly improbable": (0.05, 0.20), "unlikely": (0.20, 0.45), "improbable": (0.20, 0.45),
    "roughly even chance": (0.45, 0.55), "even chance": (0.45, 0.55), "likely": (0.55, 0.80),
    "probable": (0.55, 0.80), "very likely": (0.80, 0.95), "highly probable": (0.80, 0.95),
    "almost certain": (0.95, 0.99), "nearly certain": (0.95, 0.99),
}  # fmt: skip
"""Words for probabilities, as Intelligence Community Directive 203 (2015, Analytic Standards) sets them."""
_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)"
_ONE = re.compile(rf"\s*{_NUMBER}\s*\Z", re.ASCII)
_RANGE = re.compile(rf"\s*{_NUMBER}\s+to\s+{_NUMBER}\s*\Z", re.ASCII)
_SIGNED = re.compile(r"\s*(-?[\d.]+(?:e-?\d+)?)\s+to\s+(-?[\d.]+(?:e-?\d+)?)\s*\Z", re.ASCII | re.IGNORECASE)
_THRESHOLD = re.compile(r"\s*(<=|>=|<|>|==)")
_HINT = "write a probability (0.3, 30%), a range (0.2 to 0.5), or words: " + ", ".join(dict.fromkeys(WORDS))


@dataclass(frozen=True)
class Share:
    """How likely a sign is in one case, as it was written, and from where to where.

    A range is uncertainty about this number itself. It does not depend on what is uncertain in the model, and enters
    the likelihood once; so by the law of total probability its mean is what counts, the middle of the range.
    """

    says: str
    low: float
    high: float

    @property
    def value(self) -> float:
        return (self.low + self.high) / 2

    @classmethod
    def read(cls, value: Any, inside: tuple[str, ...]) -> Share:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return cls(f"{value:g}", float(value), float(value))
        if isinstance(value, str):
            text = " ".join(value.split())
            if text.lower() in WORDS:
                return cls(text, *WORDS[text.lower()])
            if one := _ONE.match(text):
                return cls(text, *[_number(one[1], one[2])] * 2)
            if ends := _RANGE.match(text):
                low, high = _number(ends[1], ends[2]), _number(ends[3], ends[4])
                if low > high:
                    raise wrong(f"{text!r} goes down", f"write {ends[3]}{ends[4]} to {ends[1]}{ends[2]}", inside=inside)
                return cls(text, low, high)
            close = nearest(text.lower(), WORDS)
            hint = close if close.startswith("did") else _HINT
            raise wrong(f"{text!r} is not a likelihood", hint, inside=inside)
        raise wrong(f"found {described(value)} where a likelihood was expected", _HINT, inside=inside)


def _number(digits: str, percent: str) -> float:
    return float(digits) / (100 if percent else 1)


@dataclass(frozen=True)
class Measured:
    """A quantity as somebody has measured it: the 5th and 95th percentile of what it may be by that measurement alone.

    Its likelihood is that of a measurement with a normal error; with an error in proportion (lognormal), where both
    ends are above zero.
    """

    says: str
    low: float
    high: float

    @property
    def scaled(self) -> bool:
        """Whether the error is in proportion."""
        return self.low > 0

    def log(self, values: Floats) -> Floats:
        """[n] the logarithm of the likelihood of values of the quantity, 0 at its highest."""
        low, high = (math.log(self.low), math.log(self.high)) if self.scaled else (self.low, self.high)
        middle, error = (low + high) / 2, (high - low) / (2 * Z90)
        with np.errstate(divide="ignore", invalid="ignore"):
            away = ((np.log(values) if self.scaled else values) - middle) / error
        return np.where(np.isfinite(away), -0.5 * away**2, -np.inf)


@dataclass(frozen=True)
class Likelihood:
    """How likely a sign is: `formula`, or the product over what it tells apart, by subject and label, in `shares`, and
    over quantities that were `measured`."""

    formula: Formula | None = None
    shares: Mapping[str, Mapping[str, Share]] = field(default_factory=dict)
    measured: Mapping[str, Measured] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.formula is not None or bool(self.shares) or bool(self.measured)

    @property
    def subjects(self) -> tuple[str, ...]:
        """What is told apart, where it is not a formula."""
        return (*self.shares, *self.measured)

    @property
    def uncertain(self) -> bool:
        """Whether any likelihood is a range."""
        return any(s.low < s.high for shares in self.shares.values() for s in shares.values())

    @classmethod
    def read(cls, value: Any) -> Likelihood:
        if isinstance(value, Likelihood):
            return value
        if value is None:
            return cls()
        if not isinstance(value, Mapping):
            return cls(Formula.read(value))
        shares: dict[str, Mapping[str, Share]] = {}
        measured: dict[str, Measured] = {}
        for subject, told in value.items():
            if not isinstance(subject, str):
                hint = "write {private type, stage, structure or quantity: {label: probability}}"
                raise wrong(f"found {described(subject)} where a subject was expected", hint, inside=(str(subject),))
            if isinstance(told, Mapping):
                shares[subject] = {
                    _label(label): Share.read(share, (subject, _label(label))) for label, share in told.items()
                }
                if not told:
                    raise wrong(f"nothing is said of {subject!r}", "write {label: probability}", inside=(subject,))
            else:
                measured[subject] = _measured(told, subject)
        return cls(None, shares, measured)

    def expression(self, model: Model) -> Expression:
        """The likelihood on a play, as a formula of what a play is; but for quantities that were measured."""
        if self.formula is not None:
            return self.formula.expression
        parts = [_told(subject, shares, model) for subject, shares in self.shares.items()]
        return reduce(lambda a, b: Apply(0, "*", (a, b)), parts) if parts else Number(0, 1.0)


def bare(subject: str) -> str:
    """A subject without the word that says what it is: of `structure.limited_option` the name."""
    return subject.removeprefix(STRUCTURE)


def _label(label: Any) -> str:
    return label if isinstance(label, str) else f"{label:g}" if isinstance(label, float) else str(label)


def _measured(told: Any, subject: str) -> Measured:
    ends = _SIGNED.match(told) if isinstance(told, str) else None
    if ends is None:
        hint = "write {label: probability}, or of a quantity the range in which somebody found it: 0.2 to 0.4"
        raise wrong(f"found {described(told)} where likelihoods were expected", hint, inside=(subject,))
    low, high = float(ends[1]), float(ends[2])
    if not low < high:
        raise wrong(f"{told!r} is not a range", "the first number is the smaller one", inside=(subject,))
    return Measured(" ".join(told.split()), low, high)


def _told(subject: str, shares: Mapping[str, Share], model: Model) -> Expression:
    """The likelihood of a play by what happened of one subject. Where a stage is not played, a sign of what was done at
    it says nothing, and counts as it does on average."""
    name = bare(subject)
    listed = [share.value for share in shares.values()]
    rest: Expression = Number(0, shares[REST].value if REST in shares else sum(listed) / len(listed))
    for label, share in reversed(list(shares.items())):
        if label != REST:
            rest = Apply(0, "if", (condition(name, label, model), Number(0, share.value), rest))
    return rest


def condition(subject: str, label: str, model: Model) -> Expression:
    """The condition that a label of a subject stands for. Raises ExpressionError for a threshold that is none."""
    if subject in model.private or subject in model.stages:
        return Is(0, subject, (label,), 0)
    if label in (PRESENT, ABSENT) or label in names_of(model):
        there = Name(0, subject if label in (PRESENT, ABSENT) else label)
        return Apply(0, "==" if label == ABSENT else "!=", (there, Number(0, 0.0)))
    if not _THRESHOLD.match(label):
        raise ExpressionError(f"{label!r} is not a threshold", 0, "write a comparison: `> 0.3`")
    return parse(f"{subject} {label}")


LikelihoodField = Annotated[
    Likelihood, PlainValidator(Likelihood.read, json_schema_input_type=str | float | dict[str, Any])
]
