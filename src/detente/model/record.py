"""What a case says of what was seen and of what came to pass: evidence, forecasts of others, what happened."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from detente.model.fields import (
    Citations,
    FormulaField,
    Text,
    Written,
    _labelled,
)


def _percent(value: Any) -> Any:
    """`65%` as well as 0.65."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", value, re.ASCII)):
        return float(match[1]) / 100
    return value


class Evidence(Written):
    date: dt.date = Field(description="when it was seen")
    seen: FormulaField | None = Field(None, description="an event of the model that was seen")
    fact: Text = Field("", description="something a reader should know, in words; it speaks of no event of the model")
    signal: Text = Field("", description="something seen that the model has no event for")
    likelihood: dict[str, Annotated[dict[str, float], BeforeValidator(_labelled)]] = Field(
        {}, description="how likely the signal is: {private type or stage: {label: probability}}"
    )
    source: Citations = Field((), description="where it was reported")
    means: Text = Field("", description="what it says")


class Forecast(Written):
    who: Text = Field(description="whose forecast")
    date: dt.date = Field(description="when it was made")
    p: Annotated[float, BeforeValidator(_percent)] = Field(ge=0, le=1, description="the probability given")
    event: Text = Field(description="of what, exactly")
    deadline: dt.date | None = Field(None, description="by when")
    like: FormulaField | None = Field(None, description="the event of this model it is nearest to")
    source: Citations = Field((), description="where it was published")


class Happened(Written):
    date: dt.date | None = Field(None, description="when")
    outcome: str = Field("", description="the outcome of this model that came to pass")
    source: Citations = Field((), description="where it was reported")
    means: Text = Field("", description="what happened, in words")
